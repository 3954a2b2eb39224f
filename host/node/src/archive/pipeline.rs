//! FATE's description of a model: the protobuf message `Pipeline`, whose fields of bytes hold JSON, and its JSON form.
//! Not for: where it stands in an archive (`layout`).

use base64::{Engine, engine::general_purpose::STANDARD};
use prost::Message;
use serde_json::{Value, json};

use crate::model_info::{Initiator, ModelInfo};

/// As it is written.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Pipeline {
    #[prost(bytes = "vec", tag = "1")]
    inference_dsl: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    train_dsl: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    train_runtime_conf: Vec<u8>,
    #[prost(string, tag = "4")]
    fate_version: String,
    #[prost(string, tag = "5")]
    model_id: String,
    #[prost(string, tag = "6")]
    model_version: String,
    #[prost(bool, tag = "7")]
    parent: bool,
    #[prost(int32, tag = "8")]
    loaded_times: i32,
    #[prost(bytes = "vec", tag = "9")]
    roles: Vec<u8>,
    #[prost(int32, tag = "10")]
    work_mode: i32,
    #[prost(string, tag = "11")]
    initiator_role: String,
    #[prost(int32, tag = "12")]
    initiator_party_id: i32,
    #[prost(bytes = "vec", tag = "13")]
    runtime_conf_on_party: Vec<u8>,
    #[prost(bytes = "vec", tag = "14")]
    parent_info: Vec<u8>,
}

/// As it is read: the fields that are not in one of the others as well.
#[derive(Clone, PartialEq, Message)]
struct Found {
    #[prost(bytes = "vec", tag = "1")]
    inference_dsl: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    train_dsl: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    train_runtime_conf: Vec<u8>,
    #[prost(string, tag = "4")]
    fate_version: String,
    #[prost(bool, tag = "7")]
    parent: bool,
    #[prost(bytes = "vec", tag = "9")]
    roles: Vec<u8>,
    #[prost(bytes = "vec", tag = "13")]
    runtime_conf_on_party: Vec<u8>,
    #[prost(bytes = "vec", tag = "14")]
    parent_info: Vec<u8>,
}

impl Pipeline {
    /// What FATE would say of a model.
    pub(crate) fn of(info: &ModelInfo, model_id: &str, model_version: &str) -> Pipeline {
        let bytes = |value: &Value| value.to_string().into_bytes();
        Pipeline {
            inference_dsl: bytes(&info.inference_dsl),
            train_dsl: bytes(&info.train_dsl),
            train_runtime_conf: bytes(&info.train_runtime_conf),
            fate_version: info.fate_version.clone(),
            model_id: model_id.to_owned(),
            model_version: model_version.to_owned(),
            parent: info.parent.unwrap_or(false),
            loaded_times: i32::try_from(info.loaded_times).unwrap_or(i32::MAX),
            roles: bytes(&json!(info.roles)),
            work_mode: 0,
            initiator_role: info.initiator.role.to_string(),
            initiator_party_id: i32::try_from(info.initiator.party_id).unwrap_or(i32::MAX),
            runtime_conf_on_party: bytes(&info.runtime_conf_on_party),
            parent_info: bytes(&Value::Object(info.parent_info.clone())),
        }
    }

    /// In protobuf's JSON mapping, defaults included.
    pub(crate) fn to_json(&self) -> Value {
        let bytes = |field: &[u8]| STANDARD.encode(field);
        json!({
            "inferenceDsl": bytes(&self.inference_dsl),
            "trainDsl": bytes(&self.train_dsl),
            "trainRuntimeConf": bytes(&self.train_runtime_conf),
            "fateVersion": self.fate_version,
            "modelId": self.model_id,
            "modelVersion": self.model_version,
            "parent": self.parent,
            "loadedTimes": self.loaded_times,
            "roles": bytes(&self.roles),
            "workMode": self.work_mode,
            "initiatorRole": self.initiator_role,
            "initiatorPartyId": self.initiator_party_id,
            "runtimeConfOnParty": bytes(&self.runtime_conf_on_party),
            "parentInfo": bytes(&self.parent_info),
        })
    }
}

/// What FATE says of a model; a fault in words otherwise.
pub(crate) fn read(bytes: &[u8]) -> Result<ModelInfo, String> {
    let found = Found::decode(bytes).map_err(|e| format!("it is no message of FATE: {e}"))?;
    let json = |what: &str, bytes: &[u8]| -> Result<Value, String> {
        if bytes.is_empty() {
            return Ok(json!({}));
        }
        let value: Value = serde_json::from_slice(bytes).map_err(|e| format!("its {what} is no JSON: {e}"))?;
        if value.is_object() { Ok(value) } else { Err(format!("its {what} is no JSON object")) }
    };
    let conf = json("train_runtime_conf", &found.train_runtime_conf)?;
    let roles = Some(json("roles", &found.roles)?).filter(|roles| roles != &json!({}));
    let roles = roles.or_else(|| conf.get("role").cloned()).unwrap_or_default();
    let initiator = conf.get("initiator").cloned().unwrap_or_default();
    Ok(ModelInfo {
        roles: serde_json::from_value(roles).map_err(|e| format!("its roles cannot be read: {e}"))?,
        initiator: serde_json::from_value::<Initiator>(initiator)
            .map_err(|e| format!("the initiator of its train_runtime_conf cannot be read: {e}"))?,
        // FATE writes false for a deployed model, and reads none from it.
        parent: found.parent.then_some(true),
        parent_info: json("parent_info", &found.parent_info)?.as_object().cloned().unwrap_or_default(),
        train_dsl: json("train_dsl", &found.train_dsl)?,
        runtime_conf: conf.clone(),
        train_runtime_conf: conf,
        runtime_conf_on_party: json("runtime_conf_on_party", &found.runtime_conf_on_party)?,
        inference_dsl: json("inference_dsl", &found.inference_dsl)?,
        fate_version: found.fate_version,
        ..ModelInfo::default()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use parcae_domain::party::{Party, Role};

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let conf = json!({"initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]}});
        let info = ModelInfo {
            roles: BTreeMap::from([(Role::Guest, vec![9999]), (Role::Host, vec![10000])]),
            initiator: Party::new(Role::Guest, 9999).into(),
            parent: None,
            train_dsl: json!({"components": {}}),
            train_runtime_conf: conf.clone(),
            runtime_conf: conf,
            runtime_conf_on_party: json!({"a": 1}),
            inference_dsl: json!({"components": {"lr": {"module": "HeteroLR"}}}),
            fate_version: "1.11.2".into(),
            ..ModelInfo::default()
        };
        let pipeline = Pipeline::of(&info, "guest-9999#host-10000#model", "202601010000000000000");
        assert_eq!(read(&pipeline.encode_to_vec()).unwrap(), info);
        assert_eq!(pipeline.to_json()["roles"], STANDARD.encode(r#"{"guest":[9999],"host":[10000]}"#));
        assert!(read(b"\xff\xff\xff").is_err());
        let broken = Pipeline { train_dsl: b"x".to_vec(), ..pipeline };
        assert!(read(&broken.encode_to_vec()).unwrap_err().contains("train_dsl"));
    }
}
