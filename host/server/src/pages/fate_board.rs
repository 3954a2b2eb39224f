//! FATE-Board's calls and sockets in its own shapes, for front ends that were made for it. Not for: our own pages.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{answer::Refusal, router::Route};

pub(crate) fn routes() -> Vec<Route> {
    Vec::new()
}

/// Somebody may not: its front end goes to the page to log in at.
pub(crate) fn denied(refusal: &Refusal) -> Response {
    let (_, words) = refusal.said();
    Json(json!({"code": 10015, "msg": words, "data": null})).into_response()
}
