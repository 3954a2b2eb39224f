//! What every request goes through: web pages of others are turned away, a panic becomes an answer, bodies are read to
//! their end, and a line goes to the access log. Not for: who the user is.

use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use parcae_api::retcode;

use crate::{answer::Refusal, drain, hosts::Hosts};

/// Wraps every handler.
pub(crate) async fn guard(State(hosts): State<Arc<Hosts>>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let begun = Instant::now();
    let (request, rest) = drain::watch(request);
    let response = match refused(&hosts, request.headers()) {
        Some(refusal) => {
            drop(request);
            refusal.into_response()
        }
        None => match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(response) => response,
            Err(panic) => Refusal::internal(&format!("a handler panicked: {}", words(&*panic))).into_response(),
        },
    };
    rest.skip().await;
    let (status, ms) = (response.status().as_u16(), begun.elapsed().as_secs_f64() * 1e3);
    tracing::info!(target: "parcae::access", %method, path, status, ms = format_args!("{ms:.1}"), "request");
    response
}

/// Why a request is turned away before anybody looks at it.
fn refused(hosts: &Hosts, headers: &HeaderMap) -> Option<Refusal> {
    let text = if is_foreign_page(headers) || is_part_of_foreign_page(headers) {
        "a web page of another site may not call this node; use a client, or this node's own pages"
    } else if !hosts.has(headers) {
        "this node does not go by the name that stands in the header Host: use its address, or localhost; the node's \
         operator can give it a name with `public_url` in the node's configuration"
    } else {
        return None;
    };
    Some(Refusal::code(retcode::PERMISSION_ERROR, text))
}

/// A browser says which site a page came from. Bodies count as JSON whatever their content type, so that without this
/// any page that a user looks at could submit jobs to a node on the same machine.
fn is_foreign_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let Some(origin) = text(header::ORIGIN) else { return false };
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    !text(header::HOST).is_some_and(|host| host.eq_ignore_ascii_case(authority))
}

/// A page of another site may lead here by a link, but may not put anything of this node into itself: it could not read
/// it, but it could tell what is there by how long it takes, and keep the node busy.
fn is_part_of_foreign_page(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_foreign = matches!(text("sec-fetch-site"), "cross-site" | "same-site");
    is_foreign && (text("sec-fetch-mode"), text("sec-fetch-dest")) != ("navigate", "document")
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_other_sites_are_turned_away() {
        let foreign = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "127.0.0.1:9380".parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            is_foreign_page(&headers)
        };
        assert!(!foreign(None));
        assert!(!foreign(Some("http://127.0.0.1:9380")));
        assert!(foreign(Some("http://127.0.0.1:8000")));
        assert!(foreign(Some("https://evil.example")));
        assert!(foreign(Some("null")));
    }

    #[test]
    fn other_sites_may_link_to_pages_and_not_show_them() {
        let foreign = |site: &'static str, mode: &'static str, dest: &'static str| {
            let fields = [("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)];
            let fields =
                fields.map(|(name, text)| (name.parse::<header::HeaderName>().unwrap(), text.parse().unwrap()));
            is_part_of_foreign_page(&HeaderMap::from_iter(fields))
        };
        assert!(!foreign("same-origin", "cors", "empty") && !foreign("none", "navigate", "document"));
        assert!(!foreign("cross-site", "navigate", "document"), "a link");
        for (mode, dest) in [("no-cors", "image"), ("navigate", "iframe"), ("cors", "empty"), ("websocket", "empty")] {
            assert!(foreign("cross-site", mode, dest) && foreign("same-site", mode, dest), "{mode} {dest}");
        }
        assert!(!is_part_of_foreign_page(&HeaderMap::new()), "no browser");
    }
}
