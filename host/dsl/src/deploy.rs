//! The deploy rule: the DSL that predicts with some components of a trained job. Not for: checking the result, which
//! `check` does once its readers are in place.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::{
    fault::{Collector, Fault, Faults},
    graph,
    read::Object,
};

/// Which data a component predicts from: the first of these that it has, under the second name.
const RENAMED: [(&str, &str); 4] =
    [("data", "data"), ("train_data", "test_data"), ("validate_data", "test_data"), ("test_data", "test_data")];
/// Which data of a component that is left out stands for what it made: the first of these that it has.
const PASSED: [&str; 4] = ["train_data", "eval_data", "test_data", "data"];

/// The DSL that predicts with the given components of a trained job: models come from the trained one, components that
/// are left out are bridged, inputs whose source is left out are dropped for the caller to fill in.
///
/// # Errors
///
/// Components that the trained DSL does not have, and a DSL that has none or has a cycle.
pub fn predict_dsl(train_dsl: &Value, components: &[String]) -> Result<Value, Faults> {
    let mut faults = Collector::default();
    let none = Object::new();
    let all = train_dsl.get("components").and_then(Value::as_object).unwrap_or(&none);
    if all.is_empty() {
        faults.add(None, "components", "missing: expected object with at least one component");
    }
    for name in components.iter().filter(|name| !all.contains_key(name.as_str())) {
        let fault = Fault::new(None, "components", format!("unknown component {name:?}"));
        faults.unknown(fault, name, all.keys().map(String::as_str));
    }
    let order = graph::order(&upstream(all));
    if order.is_err() {
        faults.add(None, "components", "expected no cycle, found one");
    }
    let Ok(order) = order else { return Err(faults.into_faults()) };
    faults.finish()?;
    let listed: HashSet<&str> = components.iter().map(String::as_str).collect();
    let named: Vec<(&String, &Value)> = all.iter().collect();
    let mut made = Object::new();
    for (name, spec) in order.order.into_iter().map(|place| named[place]) {
        if listed.contains(name.as_str()) {
            made.insert(name.clone(), deployed(name, spec, &listed, all));
        }
    }
    let mut dsl = Object::new();
    dsl.insert("components".into(), Value::Object(made));
    Ok(Value::Object(dsl))
}

/// One component of the predict DSL.
fn deployed(name: &str, spec: &Value, listed: &HashSet<&str>, all: &Object) -> Value {
    let mut made = Object::new();
    made.insert("module".into(), spec.get("module").cloned().unwrap_or_default());
    let mut input = Object::new();
    if let Some(data) = data(spec, listed, all) {
        input.insert("data".into(), data);
    }
    let models = texts(spec.pointer("/output/model")).map(|alias| format!("pipeline.{name}.{alias}"));
    let models: Vec<String> = models.collect();
    if !models.is_empty() {
        input.insert("model".into(), models.into());
    }
    let caches = texts(spec.pointer("/input/cache")).filter(|text| is_from(text, listed));
    let caches: Vec<&str> = caches.collect();
    if !caches.is_empty() {
        input.insert("cache".into(), caches.into());
    }
    if !input.is_empty() {
        made.insert("input".into(), Value::Object(input));
    }
    let output = spec.get("output").and_then(Value::as_object);
    let output: Object = output
        .into_iter()
        .flatten()
        .filter(|(kind, _)| *kind != "model")
        .map(|(kind, names)| (kind.clone(), names.clone()))
        .collect();
    if !output.is_empty() {
        made.insert("output".into(), Value::Object(output));
    }
    Value::Object(made)
}

/// `input.data` of a component: one port, with what is left of its references.
fn data(spec: &Value, listed: &HashSet<&str>, all: &Object) -> Option<Value> {
    let data = spec.pointer("/input/data")?.as_object()?;
    let (key, renamed) = RENAMED.into_iter().find(|(key, _)| data.contains_key(*key))?;
    let references: Vec<&str> = texts(data.get(key)).filter_map(|text| bridged(text, listed, all)).collect();
    if references.is_empty() {
        return None;
    }
    let mut made = Object::new();
    made.insert(renamed.into(), references.into());
    Some(Value::Object(made))
}

/// The reference itself if its component is listed, else that of what the component was fed with; none at a source.
fn bridged<'a>(reference: &'a str, listed: &HashSet<&str>, all: &'a Object) -> Option<&'a str> {
    let mut reference = reference;
    // A way without a cycle passes each component once.
    for _ in 0..=all.len() {
        if is_from(reference, listed) {
            return Some(reference);
        }
        let (component, _) = reference.split_once('.')?;
        let data = all.get(component)?.pointer("/input/data")?;
        let passed = PASSED.into_iter().find_map(|key| data.get(key))?;
        reference = texts(Some(passed)).next()?;
    }
    None
}

fn is_from(reference: &str, listed: &HashSet<&str>) -> bool {
    reference.split_once('.').is_some_and(|(component, _)| listed.contains(component))
}

/// The places of the components that each one refers to.
fn upstream(all: &Object) -> Vec<Vec<usize>> {
    let places: HashMap<&str, usize> = all.keys().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
    let of = |spec: &Value| {
        let data = spec.pointer("/input/data").and_then(Value::as_object);
        let data = data.into_iter().flatten().map(|(_, value)| value);
        let kinds = ["model", "isometric_model", "cache"].into_iter().filter_map(|kind| spec.get("input")?.get(kind));
        let mut upstream: Vec<usize> = data
            .chain(kinds)
            .flat_map(|value| texts(Some(value)))
            .filter_map(|text| places.get(text.split_once('.')?.0).copied())
            .collect();
        upstream.sort_unstable();
        upstream.dedup();
        upstream
    };
    all.values().map(of).collect()
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
