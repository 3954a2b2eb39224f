//! What there is to know of the node: versions, the API itself, whether it is there. Not for: jobs, components
//! (`registry`).

use axum::Json;
use parcae_api::node::{Health, VersionRequest, Versions, version_of, versions};
use serde_json::Value;

use crate::{
    answer::{Answer, Handled, Refusal, to_value},
    body::Asked,
};

/// The version of one module, FATE's unless told otherwise.
pub(crate) async fn version(Asked(request): Asked<VersionRequest>) -> Handled {
    Answer::data(one_version(request.module.as_deref().unwrap_or("FATE"))?)
}

/// All versions, or that of one module.
pub(crate) async fn server_version(Asked(request): Asked<VersionRequest>) -> Handled {
    match request.module {
        Some(module) => Answer::data(one_version(&module)?),
        None => Answer::data(versions()),
    }
}

fn one_version(module: &str) -> Result<Versions, Refusal> {
    version_of(module).ok_or_else(|| {
        let known: Vec<String> = versions().into_keys().collect();
        Refusal::status(404, &format!("no module {module:?}; there are {}", known.join(", ")))
    })
}

/// The OpenAPI document.
pub(crate) async fn openapi() -> Result<Json<Value>, Refusal> {
    Ok(Json(to_value(parcae_api::openapi())?))
}

/// The node is there.
pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: "ok".into(), version: env!("CARGO_PKG_VERSION").into() })
}
