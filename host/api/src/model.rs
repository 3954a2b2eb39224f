//! Arguments and answers about models: which there are, deploying them, what predicts with them. Not for: archives and
//! tags of models, models of a job's components (`tracking`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    arguments::Arguments,
    loose::{AnyOf, LooseId},
};

/// Arguments of `model/deploy`. Without a list of components and without a DSL all components are deployed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct DeployRequest {
    /// Name of the trained model.
    #[serde(default)]
    #[schema(required = true)]
    pub model_id: String,
    /// Its version.
    #[serde(default)]
    #[schema(required = true)]
    pub model_version: LooseId,
    /// The components that are to predict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpn_list: Option<Value>,
    /// The predict DSL, as an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predict_dsl: Option<Value>,
    /// The predict DSL, as JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dsl: Option<Value>,
    /// Checkpoints that take the place of models: `{"step_index": 3}` or `{"step_name": "..."}` by component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub components_checkpoint: Option<Value>,
}

impl Arguments for DeployRequest {
    const REQUIRED: &'static [&'static str] = &["model_id", "model_version"];
}

impl DeployRequest {
    /// The listed components: a list of names, or one text with commas between them; empty when none are given.
    pub fn components(&self) -> Vec<String> {
        let name = |text: &str| text.trim().to_owned();
        match &self.cpn_list {
            Some(Value::Array(items)) => {
                items.iter().map(|item| item.as_str().map_or(item.to_string(), name)).collect()
            }
            Some(Value::String(text)) => text.split(',').map(name).filter(|name| !name.is_empty()).collect(),
            _ => Vec::new(),
        }
    }

    /// The predict DSL, whichever way it came.
    pub fn inference_dsl(&self) -> Option<Value> {
        let has_content = |value: &&Value| match value {
            Value::String(text) => !text.trim().is_empty(),
            Value::Object(object) => !object.is_empty(),
            other => !other.is_null(),
        };
        [&self.dsl, &self.predict_dsl].into_iter().flatten().find(has_content).cloned()
    }

    /// The checkpoints by component; anything but an object means none.
    pub fn checkpoints(&self) -> Map<String, Value> {
        self.components_checkpoint.as_ref().and_then(Value::as_object).cloned().unwrap_or_default()
    }
}

/// A model that was deployed. Beside these keys there is one for each role: return codes by party.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DeployData {
    /// Name of the model.
    pub model_id: String,
    /// The version that predicts.
    pub model_version: String,
    /// What happened at each party, by role and party id.
    pub detail: BTreeMap<String, BTreeMap<String, PartyResult>>,
    /// Return code of each party, by role and party id.
    #[serde(flatten)]
    pub codes: BTreeMap<String, BTreeMap<String, i32>>,
}

/// What happened at a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartyResult {
    /// 0 = all is well.
    pub retcode: i32,
    /// In words.
    pub retmsg: String,
}

/// Arguments of `model/get/predict/dsl` and `model/get/predict/conf`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct PredictRequest {
    /// Name of the model.
    #[serde(default)]
    #[schema(required = true)]
    pub model_id: String,
    /// Its version.
    #[serde(default)]
    #[schema(required = true)]
    pub model_version: LooseId,
    /// When given, the answer is a file of this name rather than an envelope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
}

impl Arguments for PredictRequest {
    const REQUIRED: &'static [&'static str] = &["model_id", "model_version"];
}

/// Arguments of `model/query`: any column of a row without its `f_` filters, too.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ModelQuery {
    /// Names of models.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_id: Option<AnyOf>,
    /// Versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_version: Option<AnyOf>,
    /// Roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<AnyOf>,
    /// Parties.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_id: Option<AnyOf>,
    /// Columns of the answer, without `f_`; all of them when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_filters: Option<Vec<String>>,
}

/// The model of one party; columns as FATE-Flow 1.11 keeps them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelRow {
    /// Where the archive came from that it was in.
    pub f_archive_from_ip: Option<String>,
    /// SHA-256 of that archive.
    pub f_archive_sha256: Option<String>,
    /// Saved first, local time.
    pub f_create_date: String,
    /// Saved first, ms.
    pub f_create_time: i64,
    /// FATE's version.
    pub f_fate_version: String,
    /// 1 when it came out of an archive.
    pub f_imported: u8,
    /// What predicts with it.
    pub f_inference_dsl: Value,
    /// Who led the training.
    pub f_initiator_party_id: String,
    /// In which role.
    pub f_initiator_role: String,
    /// The job that trained it, else its version.
    pub f_job_id: String,
    /// How often it was loaded by a serving system.
    pub f_loaded_times: u64,
    /// Its name.
    pub f_model_id: String,
    /// Its version.
    pub f_model_version: String,
    /// True for a trained model, null for a deployed one.
    pub f_parent: Option<bool>,
    /// What a deployed model comes from: `parent_model_id`, `parent_model_version`.
    pub f_parent_info: Map<String, Value>,
    /// The party.
    pub f_party_id: String,
    /// Its role.
    pub f_role: String,
    /// Role to list of party ids.
    pub f_roles: Value,
    /// Conf of the training.
    pub f_runtime_conf: Value,
    /// Conf of the training at this party.
    pub f_runtime_conf_on_party: Value,
    /// Kilobytes of what its components saved.
    pub f_size: u64,
    /// DSL of the training.
    pub f_train_dsl: Value,
    /// Conf of the training.
    pub f_train_runtime_conf: Value,
    /// Last changed, local time.
    pub f_update_date: String,
    /// Last changed, ms.
    pub f_update_time: i64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::arguments::read;

    #[test]
    fn what_is_to_be_deployed_comes_in_many_ways() {
        let request = |more: Value| {
            let mut body = json!({"model_id": "m", "model_version": "1"});
            for (key, value) in more.as_object().into_iter().flatten() {
                body[key] = value.clone();
            }
            read::<DeployRequest>(body).unwrap()
        };
        assert_eq!(request(json!({"cpn_list": ["a", "b"]})).components(), ["a", "b"]);
        assert_eq!(request(json!({"cpn_list": "a, b,"})).components(), ["a", "b"]);
        let none = request(json!({"cpn_list": [], "predict_dsl": {}, "dsl": " ", "components_checkpoint": 3}));
        assert!(none.components().is_empty() && none.inference_dsl().is_none() && none.checkpoints().is_empty());
        assert_eq!(request(json!({"dsl": "{}", "predict_dsl": {"a": 1}})).inference_dsl(), Some(json!("{}")));
        assert_eq!(request(json!({"predict_dsl": {"a": 1}})).inference_dsl(), Some(json!({"a": 1})));
    }

    #[test]
    fn deployments_look_as_fates() {
        let golden = json!({
            "model_id": "m", "model_version": "2", "guest": {"9999": 0}, "host": {"10000": 0},
            "detail": {"guest": {"9999": {"retcode": 0, "retmsg": "deploy model of role guest 9999 success"}}}
        });
        let data: DeployData = serde_json::from_value(golden.clone()).unwrap();
        assert_eq!(data.codes["host"]["10000"], 0);
        assert_eq!(serde_json::to_value(data).unwrap(), golden);
    }
}
