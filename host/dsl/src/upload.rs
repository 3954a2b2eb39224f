//! The job that an upload is: its DSL and its conf, out of the flat config of `data/upload`. Texts count as numbers and
//! switches, as the config may have come through a form. Not for: the file, which the node keeps and the job reads.

use serde_json::{Value, json};

use crate::{
    fault::{Collector, Fault, Faults},
    read::{Object, expect_object, found, party_id},
};

const COMPONENT: &str = "upload_0";
/// Most slices of a table.
const MAX_PARTITIONS: u64 = 1_023;
/// Goes into the parameters of the job as it is.
const JOB: [&str; 5] = ["eggroll_run", "spark_run", "computing_engine", "storage_engine", "federation_engine"];

/// The DSL and the conf of the job that uploads.
///
/// # Errors
///
/// What is missing (`table_name`, `namespace`, `head`, `partition`) and what is not of its type, all at once.
pub fn upload_job(config: &Value) -> Result<(Value, Value), Faults> {
    let mut faults = Collector::default();
    let Some(config) = expect_object(config, "config", None, &mut faults) else { return Err(faults.into_faults()) };
    let parameters = parameters(config, &mut faults);
    let party = match given(config, "party_id") {
        None => Some(0),
        Some(value) => or_fault("party_id", value, "party id, a whole number", party_id(value), &mut faults),
    };
    let common = job_parameters(config, &mut faults);
    faults.finish()?;
    let party = party.unwrap_or_default();
    let dsl = json!({"components": {"upload_0": {"module": "Upload"}}});
    let conf = json!({
        "dsl_version": 2,
        "initiator": {"role": "local", "party_id": party},
        "role": {"local": [party]},
        "job_parameters": {"common": common},
        "component_parameters": {"role": {"local": {"0": {"upload_0": parameters}}}}
    });
    Ok((dsl, conf))
}

fn parameters(config: &Object, faults: &mut Collector) -> Object {
    let mut made = Object::new();
    for key in ["file", "id_delimiter"] {
        if let Some(value) = given(config, key) {
            let text = or_fault(key, value, "text", value.as_str(), faults);
            made.extend(text.map(|text| (key.to_owned(), text.into())));
        }
    }
    if let Some(value) = needed(config, "head", "0 or 1", faults) {
        let head = or_fault("head", value, "0 or 1", switch(value), faults);
        made.extend(head.map(|head| ("head".to_owned(), u8::from(head).into())));
    }
    let range = format!("integer, 1 to {MAX_PARTITIONS}");
    if let Some(value) = needed(config, "partition", &range, faults) {
        let partition = whole(value).filter(|n| (1..=MAX_PARTITIONS).contains(n));
        let partition = or_fault("partition", value, &range, partition, faults);
        made.extend(partition.map(|partition| ("partition".to_owned(), partition.into())));
    }
    let name =
        if given(config, "table_name").is_none() && given(config, "name").is_some() { "name" } else { "table_name" };
    for (key, parameter) in [(name, "name"), ("namespace", "namespace")] {
        let Some(value) = needed(config, key, "text", faults) else { continue };
        let text = value.as_str().filter(|text| !text.is_empty());
        let text = or_fault(key, value, "text, not empty", text, faults);
        made.extend(text.map(|text| (parameter.to_owned(), text.into())));
    }
    for (key, parameter) in [
        ("destroy", "destroy"),
        ("drop", "destroy"),
        ("extend_sid", "extend_sid"),
        ("auto_increasing_sid", "auto_increasing_sid"),
        ("with_meta", "with_meta"),
    ] {
        if let Some(value) = given(config, key) {
            let on = or_fault(key, value, "true or false, or 1 or 0", switch(value), faults);
            made.extend(on.map(|on| (parameter.to_owned(), on.into())));
        }
    }
    for key in ["meta", "schema"] {
        if let Some(value) = given(config, key) {
            let object = or_fault(key, value, "object", as_object(value), faults);
            made.extend(object.map(|object| (key.to_owned(), Value::Object(object))));
        }
    }
    made
}

fn job_parameters(config: &Object, faults: &mut Collector) -> Object {
    let mut common = Object::new();
    common.insert("federated_mode".into(), "SINGLE".into());
    if let Some(value) = given(config, "task_cores") {
        let cores = or_fault("task_cores", value, "integer", whole(value), faults);
        common.extend(cores.map(|cores| ("task_cores".to_owned(), cores.into())));
    }
    for key in JOB {
        common.extend(given(config, key).map(|value| (key.to_owned(), value.clone())));
    }
    common
}

fn given<'a>(config: &'a Object, key: &str) -> Option<&'a Value> {
    config.get(key).filter(|value| !value.is_null())
}

fn needed<'a>(config: &'a Object, key: &str, expected: &str, faults: &mut Collector) -> Option<&'a Value> {
    let value = given(config, key);
    if value.is_none() {
        faults.add(Some(COMPONENT), key, format!("missing: expected {expected}"));
    }
    value
}

fn or_fault<T>(key: &str, value: &Value, expected: &str, read: Option<T>, faults: &mut Collector) -> Option<T> {
    if read.is_none() {
        faults.push(Fault::new(Some(COMPONENT), key, format!("expected {expected}, found {}", found(value))));
    }
    read
}

fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_u64(),
    }
}

fn switch(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(on) => Some(*on),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        other => match whole(other)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
    }
}

/// An object, or a text of one.
fn as_object(value: &Value) -> Option<Object> {
    match value {
        Value::Object(object) => Some(object.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}
