//! What the component says of itself. Not for: what parameters mean once they are given (`params`).

use parcae_sdk::{
    Description, Module, Port, PortKind, Role,
    parameters::{any, boolean, object},
};
use serde_json::{Value, json};

/// The description.
pub fn description() -> Description {
    Description {
        name: "evaluation".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        licence: "Apache-2.0".to_owned(),
        summary: "Measures how good predictions are.".to_owned(),
        modules: vec![Module {
            name: "Evaluation".to_owned(),
            aliases: Vec::new(),
            summary: "Metrics, curves and tables of predictions: binary, multi-class and regression.".to_owned(),
            roles: vec![Role::Guest, Role::Host, Role::Arbiter],
            needs: vec![Role::Guest],
            inputs: vec![Port {
                name: "data".to_owned(),
                kind: PortKind::Data,
                optional: false,
                many: true,
                help: "prediction tables; the guest needs at least one".to_owned(),
            }],
            outputs: vec![Port {
                name: "data".to_owned(),
                kind: PortKind::Data,
                optional: true,
                many: false,
                help: "never made: results are metrics".to_owned(),
            }],
            parameters: parameters().to_string(),
            grants: Vec::new(),
        }],
    }
}

/// JSON Schema of the parameters.
pub fn parameters() -> Value {
    let types = ["binary", "multi", "regression", "BINARY", "MULTI", "REGRESSION"];
    let label = json!({ "type": ["integer", "number", "string", "boolean"] });
    let names = json!({ "anyOf": [
        { "type": "null" },
        { "type": "string" },
        { "type": "array", "items": { "type": "string" } },
    ] });
    object([
        ("eval_type", any(json!({ "enum": types }), "binary".into(), "what was predicted")),
        ("pos_label", any(label, 1.into(), "the label that counts as positive in binary evaluation")),
        ("metrics", any(names, Value::Null, "names of metrics; null = all of eval_type except mean_squared_log_error")),
        ("unfold_multi_result", boolean(false, "multi: auc and ks of each class against the rest, too")),
        ("run_clustering_arbiter_metric", boolean(false, "ignored: clustering is not offered")),
        ("need_run", boolean(true, "false: do nothing")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_fate() {
        let schema = parameters();
        assert_eq!(schema["properties"]["eval_type"]["default"], "binary");
        assert_eq!(schema["properties"]["pos_label"]["default"], 1);
        assert_eq!(schema["properties"]["metrics"]["default"], Value::Null);
    }
}
