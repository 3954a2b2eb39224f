//! The board's pages over HTTP: who looks at one and how, what they ask the node, and what goes wrong. Each group of pages
//! has a module of its own. Not for: what pages look like (`board`), who may see them (`api::pages`, `gate`).

use std::time::Duration;

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use parcae_api::retcode;
use parcae_board::{Frame, Lang, Theme, View, Who, entry, parts::encoded};
use parcae_node::{NodeError, Tenant};

use crate::{
    answer::Refusal,
    audited::Said,
    caller::Caller,
    router::Route,
    sessions::cookie,
    state::{App, Shared},
};

mod compare;
mod components;
mod data;
pub(crate) mod fate_board;
mod form;
mod home;
mod job;
mod jobs;
mod logs;
mod models;
mod outputs;
mod report;
mod site;
mod submit;
mod task;

pub(crate) use form::{Form, SmallForm};

/// What pages may load, and from where: from this node alone, and nothing that stands in a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// How often it is looked whether who opened a stream may still have it.
const LOOK: Duration = Duration::from_secs(5);

/// All pages.
pub(crate) fn routes() -> impl Iterator<Item = Route> {
    let about_one = [job::routes(), task::routes(), outputs::routes(), logs::routes(), report::routes()];
    let about_jobs = about_one.into_iter().chain([jobs::routes(), compare::routes()]);
    let about_things = [submit::routes(), components::routes(), data::routes(), models::routes()];
    let about_the_site = [home::routes(), site::routes(), fate_board::routes()];
    about_jobs.chain(about_things).chain(about_the_site).flatten()
}

/// Somebody looks at a page: what it may show them, and how.
pub(crate) struct Visit {
    pub(crate) app: App,
    pub(crate) view: View,
}

/// What a handler of a page gives.
pub(crate) type Shown = Result<Response, Oops>;

/// Why there is no such page, or why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Oops {
    pub(crate) status: u16,
    pub(crate) words: String,
}

impl Oops {
    /// With an HTTP status.
    pub(crate) fn new(status: u16, words: impl Into<String>) -> Oops {
        Oops { status, words: words.into() }
    }

    /// There is nothing of that name.
    pub(crate) fn not_found(words: impl Into<String>) -> Oops {
        Oops::new(404, words)
    }

    /// The address leads nowhere.
    pub(crate) fn no_page() -> Oops {
        Oops::not_found("there is no page at this address")
    }
}

impl From<NodeError> for Oops {
    fn from(error: NodeError) -> Oops {
        match error {
            NodeError::NotFound(words) => Oops::new(404, words),
            NodeError::Invalid(words) => Oops::new(400, words),
            NodeError::Exists(words) => Oops::new(409, words),
            NodeError::Internal(why) => Refusal::internal(&why).into(),
        }
    }
}

impl From<Refusal> for Oops {
    fn from(refusal: Refusal) -> Oops {
        let (code, words) = refusal.said();
        let status = match code {
            retcode::AUTHENTICATION_ERROR => 401,
            retcode::PERMISSION_ERROR => 403,
            retcode::DATA_ERROR => 404,
            400..=499 => u16::try_from(code).unwrap_or(400),
            retcode::EXCEPTION_ERROR => 503,
            _ => 400,
        };
        Oops { status, words }
    }
}

impl IntoResponse for Oops {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, self.words.clone()).into_response();
        response.extensions_mut().insert(Said::words(i32::from(self.status), &self.words));
        response.extensions_mut().insert(self);
        response
    }
}

impl FromRequestParts<Shared> for Visit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Visit, Refusal> {
        let app = App::from_request_parts(parts, shared).await?;
        let view = view_of(&parts.headers, here(&parts.method, &parts.uri, &parts.headers), Some(&app.caller), shared);
        Ok(Visit { app, view })
    }
}

/// The address of the page that one is at. What was posted cannot be opened again: there it is the page that sent it.
fn here(method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
    let sender = || headers.get(header::REFERER)?.to_str().ok()?.parse::<Uri>().ok();
    let sent_from = if method == Method::GET { None } else { sender() };
    let at = sent_from.as_ref().unwrap_or(uri).path_and_query();
    at.map_or_else(|| "/".to_owned(), ToString::to_string)
}

/// How pages are to look for who sends a request.
fn view_of(headers: &HeaderMap, here: String, caller: Option<&Caller>, shared: &Shared) -> View {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let lang = cookie(headers, "parcae_lang").and_then(Lang::of);
    let lang = lang.or_else(|| accepted.split(',').find_map(|word| Lang::of(word.split(';').next()?.trim())));
    let who = caller.map(|caller| Who {
        tenant: caller.tenant.to_string(),
        scope: caller.scope,
        name: caller.name.clone(),
        can_log_out: shared.gate.has_session(headers),
    });
    let theme = cookie(headers, "parcae_theme").and_then(Theme::of).unwrap_or_default();
    View { lang: lang.unwrap_or_default(), theme, who, here }
}

impl Visit {
    /// Asks the node on a thread that may block.
    pub(crate) async fn ask<T, F>(&self, question: F) -> Result<T, Oops>
    where
        T: Send + 'static,
        F: FnOnce(&Tenant<'_>) -> Result<T, Oops> + Send + 'static,
    {
        self.app.ask(move |node| Ok(question(node))).await?
    }

    /// The same for what may read much: models, metrics, logs that are searched.
    pub(crate) async fn ask_large<T, F>(&self, question: F) -> Result<T, Oops>
    where
        T: Send + 'static,
        F: FnOnce(&Tenant<'_>) -> Result<T, Oops> + Send + 'static,
    {
        self.app.ask_large(move |node| Ok(question(node))).await?
    }

    /// A page.
    pub(crate) fn show(&self, frame: &Frame) -> Shown {
        Ok(Html(frame.document(&self.view).into_string()).into_response())
    }

    /// A page with a status: a form that was filled in wrongly.
    pub(crate) fn show_as(&self, status: u16, frame: &Frame) -> Shown {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        Ok((status, Html(frame.document(&self.view).into_string())).into_response())
    }
}

/// Done once what let a request in does so no more: somebody logged out, or the key was revoked. Streams end then.
pub(crate) async fn let_out(app: App, headers: HeaderMap) {
    loop {
        tokio::time::sleep(LOOK).await;
        if app.gate.holds(&headers, &app.caller).await.is_err() {
            return;
        }
    }
}

/// Goes on at another page, after something was done.
pub(crate) fn go(path: &str) -> Shown {
    Ok(Redirect::to(path).into_response())
}

/// Bytes to keep: never shown as a page, whatever is in them.
pub(crate) fn download(name: &str, media: &'static str, body: impl Into<axum::body::Body>) -> Response {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect();
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", encoded(name));
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    response
}

/// Whether a browser asks, which wants a page.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepts.contains("text/html")
}

/// Somebody may not see a page. `dress` makes a page of it, or leads to the one to log in at.
pub(crate) fn denied(refusal: Refusal, is_get: bool) -> Response {
    let oops = Oops::from(refusal);
    let to_login = oops.status == 401 && is_get;
    let mut response = oops.into_response();
    if to_login {
        response.extensions_mut().insert(ToLogin);
    }
    response
}

/// Mark of answers to who has to log in first.
#[derive(Clone, Copy)]
struct ToLogin;

/// Wraps every handler: what went wrong becomes a page, and pages may load nothing from elsewhere.
pub(crate) async fn dress(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let here = here(request.method(), request.uri(), &headers);
    let response = next.run(request).await;
    let caller = response.extensions().get::<Caller>().cloned();
    let mut response = match response.extensions().get::<Oops>().cloned() {
        None => response,
        Some(_) if response.extensions().get::<ToLogin>().is_some() && wants_page(&headers) => {
            let mut answer = Redirect::to(&format!("/login?next={}", encoded(&here))).into_response();
            answer.extensions_mut().extend(response.extensions().clone());
            answer
        }
        Some(Oops { status, words }) => {
            let view = view_of(&headers, here, caller.as_ref(), &shared);
            let page = entry::trouble(&view, status, &words).document(&view).into_string();
            let mut answer = (response.status(), Html(page)).into_response();
            answer.extensions_mut().extend(response.extensions().clone());
            answer
        }
    };
    let media = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let (is_page, is_stream) = (media.starts_with(b"text/html"), media.starts_with(b"text/event-stream"));
    let headers = response.headers_mut();
    if is_stream {
        // nginx keeps answers back until it has a few kilobytes.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if is_page {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    }
    // What a browser keeps outlives the session that it was got with.
    if is_page || !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_have_a_status_of_their_own() {
        let status = |refusal: Refusal| Oops::from(refusal).status;
        assert_eq!(status(Refusal::code(retcode::AUTHENTICATION_ERROR, "x")), 401);
        assert_eq!(status(Refusal::code(retcode::PERMISSION_ERROR, "x")), 403);
        assert_eq!(status(Refusal::code(retcode::ARGUMENT_ERROR, "x")), 400);
        assert_eq!(status(Refusal::status(413, "x")), 413);
        assert_eq!(Oops::from(NodeError::NotFound("x".into())), Oops::not_found("x"));
    }

    #[test]
    fn a_page_that_was_posted_leads_to_the_one_that_sent_it() {
        let mut headers = HeaderMap::new();
        let uri = Uri::from_static("/jobs/1/stop?a=b");
        let at = |method: Method, headers: &HeaderMap| here(&method, &uri, headers);
        assert_eq!(at(Method::POST, &headers), "/jobs/1/stop?a=b");
        headers.insert(header::REFERER, HeaderValue::from_static("https://node.example/jobs?page=2"));
        assert_eq!(at(Method::POST, &headers), "/jobs?page=2");
        assert_eq!(at(Method::GET, &headers), "/jobs/1/stop?a=b");
    }

    #[test]
    fn files_are_kept_and_not_shown() {
        let response = download("a\"b\r\n/模型.csv", "text/csv", "x");
        let named = response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().to_owned();
        assert!(
            named.starts_with("attachment; filename=\"a_b____") && named.contains("filename*=UTF-8''a%22b%0D%0A%2F"),
            "{named}"
        );
        assert!(response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("sandbox"));
    }
}
