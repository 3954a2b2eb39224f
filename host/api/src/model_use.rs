//! Arguments of what others do with models: FATE-Serving, KFServing, databases. Not for: answers, which say only why a
//! node does not do it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{arguments::Arguments, loose::LooseId};

/// Arguments of `model/load` and `model/bind`: either the version of a deployed model as `job_id`, or the model in
/// `job_parameters`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ServingRequest {
    /// Version of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<LooseId>,
    /// `model_id` and `model_version`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub job_parameters: Map<String, Value>,
    /// Name of the service; only to bind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_id: Option<LooseId>,
}

impl Arguments for ServingRequest {
    const REQUIRED: &'static [&'static str] = &[];
}

/// Arguments of what a node does not offer; none matters.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct UnofferedRequest {
    /// Id of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_id: Option<Value>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_version: Option<Value>,
}

impl Arguments for UnofferedRequest {
    const REQUIRED: &'static [&'static str] = &[];
}
