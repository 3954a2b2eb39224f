//! The way in: logging in and out, language and theme, assets, news for live pages, and old links. Not for: checking keys
//! (`gate`).

use std::{collections::BTreeSet, convert::Infallible, time::Duration};

use axum::{
    extract::{Path, RawQuery, State},
    http::{HeaderMap, HeaderValue, Uri, header},
    response::{
        Html, IntoResponse, Redirect, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
};
use futures_util::{StreamExt, stream};
use parcae_board::{Lang, Theme, assets, entry, parts::encoded};
use serde_json::json;
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, sleep_until},
};

use crate::{
    pages::{Form, Oops, Shown, SmallForm, Visit, go, let_out, view_of},
    router::Route,
    sessions::set_cookie,
    state::Shared,
};

/// How long one stream of news lasts; browsers open the next one, for which the key is looked at again.
const STREAM: Duration = Duration::from_secs(300);
/// News that come within this are told together.
const TOGETHER: Duration = Duration::from_millis(150);

pub(crate) fn routes() -> Vec<Route> {
    vec![
        ("/", get(home)),
        ("/index.html", get(old_link)),
        ("/assets/{name}", get(asset)),
        ("/login", get(login_page).post(login)),
        ("/logout", post(logout)),
        ("/preferences", post(preferences)),
        ("/live", get(live)),
    ]
}

async fn home(_visit: Visit) -> Shown {
    go("/running")
}

async fn asset(Path(name): Path<String>) -> Shown {
    let asset = assets::asset(&name).ok_or_else(Oops::no_page)?;
    let mut response = asset.text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media));
    // Its address changes with what is in it.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(response)
}

async fn old_link(State(shared): State<Shared>, headers: HeaderMap, uri: Uri) -> Response {
    let view = view_of(&headers, uri.to_string(), None, &shared);
    Html(entry::old_link(&view).document(&view).into_string()).into_response()
}

/// A path of this node; anything else is the first page.
pub(super) fn inner(next: Option<&str>) -> &str {
    let is_inner = |next: &&str| {
        let is_plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        next.starts_with('/') && !next.starts_with("//") && is_plain
    };
    next.filter(is_inner).unwrap_or("/")
}

async fn login_page(State(shared): State<Shared>, headers: HeaderMap, uri: Uri, RawQuery(query): RawQuery) -> Response {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let view = view_of(&headers, uri.to_string(), None, &shared);
    Html(entry::login(&view, inner(query.get("next")), None).document(&view).into_string()).into_response()
}

async fn login(State(shared): State<Shared>, headers: HeaderMap, SmallForm(form): SmallForm) -> Response {
    let next = inner(form.get("next"));
    match shared.gate.log_in(&headers, form.get("key").unwrap_or_default().trim()).await {
        Ok((id, caller)) => {
            let mut response = Redirect::to(next).into_response();
            let kept = set_cookie(Some(&id), shared.options.tls.is_some());
            response.headers_mut().insert(header::SET_COOKIE, kept);
            response.extensions_mut().insert(caller);
            response
        }
        Err(refusal) => {
            let Oops { words, status } = refusal.into();
            // Another language or theme leads back to a page, and not to what was posted.
            let here = format!("/login?next={}", encoded(next));
            let view = view_of(&headers, here, None, &shared);
            let page = entry::login(&view, next, Some(&words)).document(&view).into_string();
            let mut response = (axum::http::StatusCode::UNAUTHORIZED, Html(page)).into_response();
            response.extensions_mut().insert(crate::audited::Said::words(i32::from(status), &words));
            response
        }
    }
}

async fn logout(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    shared.gate.log_out(&headers);
    let mut response = Redirect::to("/login").into_response();
    response.headers_mut().insert(header::SET_COOKIE, set_cookie(None, shared.options.tls.is_some()));
    response
}

/// Language and theme are the browser's: they stand in cookies.
async fn preferences(SmallForm(form): SmallForm) -> Response {
    let mut response = Redirect::to(inner(form.get("next"))).into_response();
    let lang = form.get("lang").and_then(Lang::of).map(|lang| ("parcae_lang", lang.as_str()));
    let theme = form.get("theme").and_then(Theme::of).map(|theme| ("parcae_theme", theme.as_str()));
    for (name, value) in lang.into_iter().chain(theme) {
        let text = format!("{name}={value}; Path=/; SameSite=Lax; HttpOnly; Max-Age=31536000");
        if let Ok(text) = HeaderValue::from_str(&text) {
            response.headers_mut().append(header::SET_COOKIE, text);
        }
    }
    response
}

/// News of the tenant's jobs, or of one: an event `changed` with the ids of those that changed.
async fn live(visit: Visit, headers: HeaderMap, RawQuery(query): RawQuery) -> Result<impl IntoResponse, Oops> {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let job = query.get("job").map(str::to_owned);
    let job = match job {
        Some(job) => Some(visit.ask(move |node| Ok(node.own_job(&job)?)).await?),
        None => None,
    };
    let tenant = visit.app.caller.tenant.clone();
    let (live, changes) = (visit.app.live.clone(), visit.app.live.changes());
    let place = live.place(&tenant);
    let place = place.ok_or_else(|| Oops::new(503, "too many pages are open that show news: close some first"))?;
    let end = Instant::now() + STREAM;
    let events = stream::unfold((changes, place), move |(mut changes, place)| {
        let (live, tenant, job) = (live.clone(), tenant.clone(), job.clone());
        async move {
            let (mut jobs, mut told) = (BTreeSet::new(), end);
            // The first is waited for, those after it for a fixed time: a busy job has news without a pause.
            loop {
                let next = tokio::select! {
                    next = changes.recv() => next,
                    () = live.closed() => return None,
                    () = sleep_until(told) => break,
                };
                let is_first = jobs.is_empty();
                match next {
                    Ok(change) if change.tenant == tenant && job.as_ref().is_none_or(|job| change.job == *job) => {
                        jobs.insert(change.job.to_string());
                    }
                    Ok(_) => {}
                    // Some were missed: the page is asked for anew in any case.
                    Err(RecvError::Lagged(_)) => {
                        jobs.insert(String::new());
                    }
                    Err(RecvError::Closed) => return None,
                }
                if is_first && !jobs.is_empty() {
                    told = Instant::now() + TOGETHER;
                }
            }
            if jobs.is_empty() {
                return None;
            }
            let jobs: Vec<String> = jobs.into_iter().filter(|job| !job.is_empty()).collect();
            let event = Event::default().event("changed").data(json!({"jobs": jobs}).to_string());
            Some((Ok::<_, Infallible>(event), (changes, place)))
        }
    });
    let events = events.take_until(let_out(visit.app, headers));
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_led_to_pages_of_this_node_only() {
        let led = ["/jobs?page=2", "//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nb"]
            .map(|next| inner(Some(next)));
        assert_eq!(led, ["/jobs?page=2", "/", "/", "/", "/"]);
        assert_eq!(inner(None), "/");
    }
}
