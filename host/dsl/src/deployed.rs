//! What a deployed model keeps of its DSL: a predict DSL that a user made is checked against the training, each party's
//! copy names the code that it runs. Not for: making a predict DSL (`deploy`), checking it as a job's (`check`).

use std::collections::BTreeSet;

use parcae_domain::{id::is_component_name, party::Role};
use serde_json::Value;

use crate::{
    components::RESERVED,
    fault::{Collector, Fault, Faults},
    read::{Object, found},
};

/// Where models are referred to.
const MODELS: [&str; 2] = ["model", "isometric_model"];

/// Checks a predict DSL that did not come from [`crate::predict_dsl`]: every component runs a known module, and every
/// model that it uses is one that the training makes, or another component of it does. `all_modules` names the modules
/// for hints.
///
/// # Errors
///
/// Everything that is wrong with it, at once.
pub fn check_predict_dsl(
    dsl: &Value,
    train_dsl: &Value,
    is_module: &dyn Fn(&str) -> bool,
    all_modules: &[String],
) -> Result<(), Faults> {
    let mut faults = Collector::default();
    let none = Object::new();
    let train = train_dsl.get("components").and_then(Value::as_object).unwrap_or(&none);
    match dsl.get("components") {
        Some(Value::Object(components)) if !components.is_empty() => {
            let mut check = Check { train, components, is_module, all_modules, faults: &mut faults };
            components.iter().for_each(|(name, spec)| check.component(name, spec));
        }
        _ => faults.add(None, "components", "missing: expected object with at least one component"),
    }
    faults.finish().map(|_| ())
}

struct Check<'a> {
    train: &'a Object,
    components: &'a Object,
    is_module: &'a dyn Fn(&str) -> bool,
    all_modules: &'a [String],
    faults: &'a mut Collector,
}

impl Check<'_> {
    fn component(&mut self, name: &str, spec: &Value) {
        let path = format!("components.{name}");
        if !is_component_name(name) || name == RESERVED {
            let message = format!("illegal name {name:?}: expected 1 to 100 letters, digits, _ and -, not {RESERVED}");
            self.faults.add(Some(name), &path, message);
        }
        if !spec.is_object() {
            self.faults.add(Some(name), path, format!("expected object, found {}", found(spec)));
            return;
        }
        match spec.get("module") {
            Some(Value::String(module)) if (self.is_module)(module) => {}
            Some(Value::String(module)) => {
                let fault = Fault::new(Some(name), format!("{path}.module"), format!("unknown module {module:?}"));
                self.faults.unknown(fault, module, self.all_modules.iter().map(String::as_str));
            }
            _ => self.faults.add(Some(name), format!("{path}.module"), "missing: expected name of a module"),
        }
        for kind in MODELS {
            for text in references(spec, kind) {
                self.model(name, &format!("{path}.input.{kind}"), text);
            }
        }
    }

    fn model(&mut self, name: &str, path: &str, text: &str) {
        let Some((component, alias)) = of_pipeline(text) else {
            let own = text.split_once('.').is_some_and(|(component, _)| self.components.contains_key(component));
            if !own {
                let message = format!("expected {RESERVED}.component.model of the deployed model, found {text:?}");
                self.faults.add(Some(name), path, message);
            }
            return;
        };
        let Some(spec) = self.train.get(component) else {
            let message = format!("unknown component {component:?} in {text:?}: the model was not trained with it");
            let fault = Fault::new(Some(name), path, message);
            self.faults.unknown(fault, component, self.train.keys().map(String::as_str));
            return;
        };
        let declared = aliases(spec);
        if !declared.contains(&alias) {
            let message = format!("{component} of the training declares no model output {alias:?}");
            self.faults.unknown(Fault::new(Some(name), path, message), alias, declared);
        }
    }
}

/// The models of the training that a predict DSL uses: component and name of its output, once each.
pub fn used_models(dsl: &Value) -> BTreeSet<(String, String)> {
    let components = dsl.get("components").and_then(Value::as_object).into_iter().flatten();
    let texts = components.flat_map(|(_, spec)| MODELS.into_iter().flat_map(move |kind| references(spec, kind)));
    let owned = |(component, alias): (&str, &str)| (component.to_owned(), alias.to_owned());
    texts.filter_map(of_pipeline).map(owned).collect()
}

/// The DSL with the code that a party of this role runs of each component, as FATE names it: `HeteroLRGuest`.
pub fn with_code_paths(dsl: &Value, role: Role) -> Value {
    let mut made = dsl.clone();
    let components = made.get_mut("components").and_then(Value::as_object_mut);
    for spec in components.into_iter().flat_map(Object::values_mut).filter_map(Value::as_object_mut) {
        if let Some(module) = spec.get("module").and_then(Value::as_str) {
            let code = code_path(module, role);
            spec.insert("CodePath".into(), code.into());
        }
    }
    made
}

/// The class that runs a module at a role, as FATE names it; nothing here loads it.
fn code_path(module: &str, role: Role) -> String {
    match module {
        "Reader" | "DataTransform" | "DataIO" | "Evaluation" => module.to_owned(),
        "Intersection" => format!("Intersect{}", capitalised(role)),
        _ => format!("{module}{}", capitalised(role)),
    }
}

fn capitalised(role: Role) -> &'static str {
    match role {
        Role::Guest => "Guest",
        Role::Host => "Host",
        Role::Arbiter => "Arbiter",
        Role::Local => "Local",
    }
}

/// `pipeline.component.model` as component and model.
fn of_pipeline(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(RESERVED)?.strip_prefix('.')?.split_once('.')
}

/// Names of the models that a component declares; FATE's name for one that it does not name.
fn aliases(spec: &Value) -> Vec<&str> {
    let named: Vec<&str> = texts(spec.pointer("/output/model")).collect();
    if named.is_empty() { vec!["default"] } else { named }
}

fn references<'a>(spec: &'a Value, kind: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    texts(spec.get("input").and_then(|input| input.get(kind)))
}

fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn faults(dsl: &Value) -> String {
        let train = json!({"components": {
            "lr_0": {"module": "HeteroLR", "output": {"data": ["data"], "model": ["model"]}},
            "bin_0": {"module": "HeteroFeatureBinning"}
        }});
        let modules = ["Reader".to_owned(), "HeteroLR".to_owned()];
        let made = check_predict_dsl(dsl, &train, &|name| modules.iter().any(|m| m == name), &modules);
        made.err().map(|faults| faults.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_reader_may_stand_beside_what_was_trained() {
        let dsl = json!({"components": {
            "reader_9": {"module": "Reader", "output": {"data": ["data"]}},
            "lr_9": {"module": "HeteroLR", "CodePath": "HeteroLRGuest",
                "input": {"data": {"test_data": ["reader_9.data"]}, "model": ["pipeline.lr_0.model"]}},
            "lr_8": {"module": "HeteroLR", "input": {"model": ["pipeline.bin_0.default", "lr_9.model"]}}
        }});
        assert_eq!(faults(&dsl), "");
        let used = used_models(&dsl);
        assert_eq!(
            used.into_iter().collect::<Vec<_>>(),
            [("bin_0".to_owned(), "default".to_owned()), ("lr_0".to_owned(), "model".to_owned())]
        );
        let host = with_code_paths(&dsl, Role::Host);
        assert_eq!(host["components"]["lr_9"]["CodePath"], "HeteroLRHost");
    }

    #[test]
    fn faults_name_the_component_and_the_cure() {
        let dsl = json!({"components": {
            "a": 7,
            "b": {"module": "HeteroLr", "input": {"model": ["pipeline.lr_1.model", "lr_0.model"]}},
            "c": {"module": "Reader", "input": {"model": ["pipeline.lr_0.mode"]}},
            "d": {}
        }});
        let found = faults(&dsl);
        let lines: Vec<&str> = found.lines().collect();
        assert_eq!(lines.len(), 6, "{found}");
        assert!(lines[0].contains("components.a: expected object, found 7"), "{found}");
        assert!(lines[1].contains("b: components.b.module: unknown module \"HeteroLr\"; did you mean"), "{found}");
        assert!(lines[2].contains("unknown component \"lr_1\""), "{found}");
        assert!(lines[3].contains("expected pipeline.component.model"), "{found}");
        assert!(lines[4].contains("declares no model output \"mode\""), "{found}");
        assert!(lines[5].contains("d: components.d.module: missing"), "{found}");
        for nothing in [json!({}), json!(null), json!({"components": []}), json!({"components": {}})] {
            assert!(faults(&nothing).contains("components: missing"), "{nothing}");
        }
    }
}
