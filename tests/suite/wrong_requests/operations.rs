//! Every operation of the OpenAPI document, what to send it that is right, and what holds for every answer. Not for:
//! what is wrong with a request (the tests).

use std::collections::BTreeMap;

use parcae_tests::http::{Raw, Served};
use serde_json::{Map, Value, json};

use super::World;

/// Words that only a programmer understands.
const DEBUG: [&str; 10] =
    ["Os {", "RecvError", "called `", "panicked", "Err(", "Some(", "Custom {", "Error {", "Error(", ".rs:"];
/// What a node says when it failed itself, which nobody may bring about.
const FAILED: &str = "its log says why";

/// A method at a path, as the document describes it.
pub struct Operation {
    /// `GET`, `POST` or `DELETE`.
    pub method: String,
    /// With names in braces where a name stands.
    pub path: String,
    /// Keys of its arguments.
    pub keys: Vec<String>,
    /// Those that must be there.
    pub required: Vec<String>,
    /// The arguments come as JSON.
    pub is_json: bool,
    /// Media types of answers by HTTP status.
    answers: BTreeMap<u16, Vec<String>>,
}

/// All operations that a node says it has.
pub fn operations(served: &Served) -> Vec<Operation> {
    let document = served.get("/openapi.json").json();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, about) in item.as_object().unwrap() {
            all.push(Operation::read(&document, method.to_uppercase(), path, about));
        }
    }
    assert!(all.len() > 110, "{} operations", all.len());
    // What takes away what others need comes last.
    all.sort_by_key(Operation::takes_away);
    all
}

impl Operation {
    fn read(document: &Value, method: String, path: &str, about: &Value) -> Operation {
        let content = &about["requestBody"]["content"];
        let mut shape = &content["application/json"]["schema"];
        if let Some(reference) = shape["$ref"].as_str() {
            shape = document.pointer(reference.trim_start_matches('#')).unwrap();
        }
        let keys = shape["properties"].as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default();
        let required = shape["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let answers = about["responses"].as_object().unwrap().iter().map(|(status, answer)| {
            let media = answer["content"].as_object().unwrap().keys().cloned().collect();
            (status.parse().unwrap(), media)
        });
        Operation {
            method,
            path: path.to_owned(),
            keys,
            required: required.map(str::to_owned).collect(),
            is_json: content["application/json"].is_object(),
            answers: answers.collect(),
        }
    }

    /// Takes away what others need.
    pub fn takes_away(&self) -> bool {
        ["delete", "clean", "destroy", "disable", "rerun"].iter().any(|word| self.path.contains(word))
    }

    /// The path with other words for the names in it.
    pub fn path_of(&self, word: &str) -> String {
        let part = |part: &str| if part.starts_with('{') { word.to_owned() } else { part.to_owned() };
        self.path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    /// Right arguments.
    pub fn arguments(&self, world: &World) -> Map<String, Value> {
        self.keys.iter().filter_map(|key| Some((key.clone(), right(&self.path, key, world)?))).collect()
    }

    /// Sends a body to this operation; the answer must be one that the document knows.
    pub fn send(&self, served: &Served, body: &[u8]) -> Raw {
        let raw = served.send(&self.method, &self.path_of("x"), &[("Content-Type", "application/json")], body);
        self.judge(served, body, &raw);
        raw
    }

    /// What holds for every answer.
    pub fn judge(&self, served: &Served, sent: &[u8], raw: &Raw) {
        let sent = String::from_utf8_lossy(&sent[..sent.len().min(300)]).into_owned();
        let answered = String::from_utf8_lossy(&raw.bytes[..raw.bytes.len().min(600)]).into_owned();
        let about = || format!("{} {} with {sent}: HTTP {}: {answered}", self.method, self.path, raw.status);
        let media = self.answers.get(&raw.status).unwrap_or_else(|| panic!("undeclared status: {}", about()));
        assert!(media.contains(&raw.content_type), "undeclared type {:?}: {}", raw.content_type, about());
        let is_file = raw.content_type != "application/json" || !raw.disposition.is_empty();
        if is_file || matches!(self.path.as_str(), "/healthz" | "/openapi.json") {
            return;
        }
        let (_, answer) = raw.answer();
        for text in [&answer["retmsg"], &answer["data"]["message"]].into_iter().filter_map(Value::as_str) {
            assert!(!text.trim().is_empty(), "no words: {}", about());
            assert!(!text.contains(FAILED), "the node failed: {}", about());
            let debug = DEBUG.iter().find(|word| text.contains(**word));
            assert!(debug.is_none(), "words for programmers, {debug:?}: {}", about());
            let folder = served.site.folder().display().to_string();
            assert!(!text.contains(&folder), "a path of the server: {}", about());
        }
    }
}

/// True when an envelope refuses what was asked for.
pub fn is_refusal(raw: &Raw) -> bool {
    if raw.content_type != "application/json" || !raw.disposition.is_empty() {
        return false;
    }
    let answer = raw.json();
    answer["retcode"] != 0 || answer["data"]["code"].as_i64().is_some_and(|code| code != 0)
}

/// A right value of an argument; none where it is better left out.
fn right(path: &str, key: &str, world: &World) -> Option<Value> {
    let parties = json!({"guest": [9999], "host": [10000]});
    Some(match key {
        "role" if path.ends_with("/migrate") => parties,
        "execute_party" => parties,
        "migrate_role" => json!({"guest": [99], "host": [100]}),
        "migrate_initiator" => json!({"role": "guest", "party_id": 99}),
        "unify_model_version" => json!("moved"),
        "job_parameters" | "connector_info" | "component_parameters" => json!({}),
        "role" => json!("guest"),
        "party_id" => json!(9999),
        "job_id" | "model_version" => json!(world.job),
        "model_id" => json!(world.model),
        "component_name" => json!("data_transform_0"),
        "component_module_name" => json!("DataTransform"),
        "namespace" => json!("experiment"),
        "table_name" => json!("breast_hetero_guest"),
        "name" if path.ends_with("/bind") || path.ends_with("/add") => json!("bound"),
        "name" | "output_name" | "connector_name" | "tag_name" | "service_name" => json!("other"),
        "output_namespace" => json!("others"),
        "engine" => json!("PATH"),
        "address" => json!({"path": "absent.csv"}),
        "file" => json!("absent.csv"),
        "path" => json!("/no/such/folder"),
        "output_path" => json!("wrong_requests.csv"),
        "log_type" => json!("partyInfo"),
        "metric_namespace" => json!("train"),
        "metric_name" => json!("loss"),
        "version" => json!("2"),
        "module" => json!("Probe"),
        "grants" => json!([]),
        // Refused: once there is a key, the node answers nobody without one.
        "scope" => json!("none"),
        "quotas" | "limits" => json!({}),
        "train_dsl" => world.dsl.clone(),
        "cpn_str" => json!("data_transform_0"),
        "key" => json!("no key"),
        "head" | "partition" | "limit" | "page" | "step_index" => json!(1),
        "use_local_data" => json!(0),
        // A job that is refused, for there is no such table: others show that jobs run.
        "job_dsl" => json!({"components": {"reader_0": {"module": "Reader", "output": {"data": ["data"]}}}}),
        "job_runtime_conf" => json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999},
            "role": {"guest": [9999]}, "job_parameters": {"common": {}}, "component_parameters": {}}),
        _ => return None,
    })
}
