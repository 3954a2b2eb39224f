//! FATE-Board's envelope, `{code, msg, data}` with HTTP status 200, around what handlers answer in FATE-Flow's. A few
//! addresses are FATE-Flow's as well: who comes to these with a session of the board, and with nothing that FATE's
//! clients send, is FATE-Board's front end. Not for: what is in the answers (the handlers).

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use parcae_api::{Envelope, fate_board::code, retcode, signature::SIGNATURE};
use serde_json::{Value, json};

use crate::{answer::Refusal, audited::Said, bearer, sessions};

/// How much of FATE-Flow's envelope goes into `data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Its data.
    Inner,
    /// Its data, as a text that the front end reads as JSON.
    Text,
    /// All of it.
    Whole,
}

/// Addresses that are FATE-Board's alone.
const OWN: &[(&str, Shape)] = &[
    ("/user/getKey", Shape::Inner),
    ("/user/login", Shape::Inner),
    ("/user/logout", Shape::Inner),
    ("/job/query/status", Shape::Inner),
    ("/job/query/{job}/{role}/{party}", Shape::Inner),
    ("/job/query/page/new", Shape::Inner),
    ("/job/query/fields", Shape::Inner),
    ("/job/update", Shape::Whole),
    ("/job/v1/pipeline/job/stop", Shape::Whole),
    ("/job/v1/rerun", Shape::Inner),
    ("/job/componentCommand", Shape::Inner),
    ("/job/download", Shape::Inner),
    ("/job/tracking/job/data_view", Shape::Inner),
    ("/v1/pipeline/dag/dependencies", Shape::Inner),
    ("/v1/tracking/component/metric_data/batch", Shape::Inner),
    ("/websocket/progress/{job}/{role}/{party}", Shape::Inner),
    ("/log/new/{job}/{role}/{party}/{component}", Shape::Inner),
];

/// Addresses that are FATE-Flow's, too.
const SHARED: &[(&str, Shape)] = &[
    ("/v1/server/fateflow/info", Shape::Inner),
    ("/v1/tracking/component/parameters", Shape::Text),
    ("/v1/tracking/component/metrics", Shape::Inner),
    ("/v1/tracking/component/metric_data", Shape::Whole),
    ("/v1/tracking/component/output/model", Shape::Whole),
    ("/v1/tracking/component/output/data", Shape::Whole),
];

/// Wraps every handler, and what keeps others out.
pub(crate) async fn reshape(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let shape = path.and_then(|path| shape_of(path.as_str(), request.headers()));
    let response = next.run(request).await;
    match shape {
        Some(shape) if is_json(&response) => wrapped(shape, response).await,
        _ => response,
    }
}

fn shape_of(path: &str, headers: &HeaderMap) -> Option<Shape> {
    let path = path.trim_end_matches('/');
    let of = |table: &[(&str, Shape)]| table.iter().find(|(its_path, _)| *its_path == path).map(|(_, shape)| *shape);
    // A session that has ended counts: the front end has to hear that.
    let is_front_end =
        || sessions::has_cookie(headers) && bearer::token(headers).is_none() && !headers.contains_key(SIGNATURE);
    of(OWN).or_else(|| of(SHARED).filter(|_| is_front_end()))
}

fn is_json(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|media| media == "application/json")
}

/// FATE-Board's envelope around FATE-Flow's; what is no envelope stays as it is.
async fn wrapped(shape: Shape, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = match to_bytes(body, usize::MAX).await {
        Ok(bytes) => bytes,
        Err(error) => return Refusal::internal(&format!("an answer broke off: {error}")).into_response(),
    };
    let Ok(envelope) = serde_json::from_slice::<Envelope>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    parts.status = StatusCode::OK;
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Response::from_parts(parts, Body::from(shaped(shape, envelope).to_string()))
}

fn shaped(shape: Shape, envelope: Envelope) -> Value {
    let msg = envelope.retmsg.clone();
    if envelope.retcode != retcode::SUCCESS {
        return said(code_of(envelope.retcode), &msg, Value::Null);
    }
    let data = match shape {
        Shape::Inner => envelope.data.unwrap_or_default(),
        Shape::Text => Value::String(envelope.data.unwrap_or_default().to_string()),
        Shape::Whole => whole(&envelope),
    };
    said(retcode::SUCCESS, &msg, data)
}

/// FATE-Flow's envelope as data.
pub(super) fn whole(envelope: &Envelope) -> Value {
    serde_json::to_value(envelope).unwrap_or_default()
}

fn said(code: i32, msg: &str, data: Value) -> Value {
    json!({"code": code, "msg": msg, "data": data})
}

fn code_of(code: i32) -> i32 {
    if matches!(code, retcode::AUTHENTICATION_ERROR | 401) { code::LOG_IN } else { code }
}

/// Somebody may not: who is not known is led to the page to log in at.
pub(crate) fn denied(refusal: &Refusal) -> Response {
    let (code, words) = refusal.said();
    let mut response = Json(said(code_of(code), &words, Value::Null)).into_response();
    response.extensions_mut().insert(Said::words(code, &words));
    response
}

#[cfg(test)]
mod tests {
    use parcae_api::{pages::pages, scopes::Denial};

    use super::*;

    #[test]
    fn all_calls_have_a_shape() {
        let all: Vec<&str> = pages().filter(|page| page.denial == Denial::Board).map(|page| page.path).collect();
        for path in &all {
            assert!(shape_of(path, &HeaderMap::new()).is_some(), "{path} is not wrapped");
        }
        assert!(OWN.iter().all(|(path, _)| all.contains(path)));
    }

    #[test]
    fn clients_of_fate_flow_hear_what_they_always_did() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs.iter().map(|(name, text)| (name.parse().unwrap(), text.parse().unwrap()));
            pairs.collect::<HeaderMap>()
        };
        let shape = |pairs: &[(&'static str, &'static str)]| {
            shape_of("/v1/tracking/component/parameters/", &headers(pairs)).is_some()
        };
        let session = ("cookie", "a=1; parcae_session=x");
        assert!(shape(&[session]) && !shape(&[]) && !shape(&[("cookie", "a=1")]));
        assert!(!shape(&[session, ("authorization", "Bearer x")]) && !shape(&[session, (SIGNATURE, "x")]));
        assert_eq!(shape_of("/v1/job/submit", &headers(&[session])), None);
    }

    #[test]
    fn envelopes_are_fate_boards() {
        let good = || Envelope::success().with_data(json!({"a": null})).with_meta(json!({"b": 1}));
        assert_eq!(shaped(Shape::Inner, good()), json!({"code": 0, "msg": "success", "data": {"a": null}}));
        assert_eq!(shaped(Shape::Text, good())["data"], "{\"a\":null}");
        let whole = json!({"retcode": 0, "retmsg": "success", "data": {"a": null}, "meta": {"b": 1}});
        assert_eq!(shaped(Shape::Whole, good())["data"], whole);
        let nothing = shaped(Shape::Inner, Envelope::success().with_message("no data"));
        assert_eq!(nothing, json!({"code": 0, "msg": "no data", "data": null}));
        let refused = |code| shaped(Shape::Whole, Envelope::failure(code, "no"));
        assert_eq!(refused(retcode::AUTHENTICATION_ERROR), json!({"code": 10015, "msg": "no", "data": null}));
        assert_eq!(refused(retcode::PERMISSION_ERROR)["code"], 108);
    }
}
