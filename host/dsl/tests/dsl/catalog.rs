//! Modules with small schemas, and the shortest way to a submission.

use std::sync::Arc;

use parcae_domain::{
    descriptor::{Module, Port, PortKind},
    image::Origin,
    party::Role::{self, Arbiter, Guest, Host, Local},
    port::Offer,
};
use parcae_dsl::{Faults, JobPlan, Modules, Submission};
use serde_json::{Value, json};

/// Checks a submission against the catalog.
pub fn check(dsl: &Value, conf: &Value) -> Result<JobPlan, Faults> {
    let modules = modules();
    let find = |name: &str, _: Option<&str>| {
        let same = |text: &str| text.eq_ignore_ascii_case(name);
        let module = modules.iter().find(|m| same(&m.name) || m.aliases.iter().any(|a| same(a)))?;
        Some(offer("built_in", "0.1.0", Module::clone(module)))
    };
    let names: Vec<String> = modules.iter().map(|module| module.name.clone()).collect();
    let modules = Modules { find: &find, names: &names, providers: &|_| Vec::new() };
    parcae_dsl::check(&Submission { dsl, conf }, &modules)
}

/// A module of a component; the name of its image is made of the component's name and version.
pub fn offer(component: &str, version: &str, module: Module) -> Offer {
    let image = format!("{component}-{version}");
    Offer { image, component: component.into(), version: version.into(), origin: Origin::BuiltIn, module }
}

/// The plan, or the faults as the text of a panic.
pub fn plan(dsl: &Value, conf: &Value) -> JobPlan {
    check(dsl, conf).unwrap_or_else(|faults| panic!("{faults}"))
}

/// The faults as text.
pub fn faults(dsl: &Value, conf: &Value) -> String {
    match check(dsl, conf) {
        Ok(_) => String::new(),
        Err(faults) => faults.to_string(),
    }
}

/// A conf of one guest, two hosts and an arbiter, with a table for reader_0 and for reader_1 of each.
pub fn conf() -> Value {
    let tables = json!({"reader_0": {"table": {"name": "a", "namespace": "e"}},
        "reader_1": {"table": {"name": "b", "namespace": "e"}}});
    json!({
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999], "host": [10000, 10001], "arbiter": [10002]},
        "component_parameters": {"role": {"guest": {"0": tables}, "host": {"all": tables}}}
    })
}

/// The DSL of the deploy vectors: two readers, transformation, intersection, binning, selection, training, evaluation.
pub fn train_dsl() -> Value {
    json!({"components": {
        "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
        "reader_1": {"module": "Reader", "output": {"data": ["data"]}},
        "dt_0": {"module": "DataTransform", "input": {"data": {"data": ["reader_0.data"]}},
            "output": {"data": ["data"], "model": ["model"]}},
        "dt_1": {"module": "DataTransform", "input": {"data": {"data": ["reader_1.data"]}, "model": ["dt_0.model"]},
            "output": {"data": ["data"]}},
        "int_0": {"module": "Intersection", "input": {"data": {"data": ["dt_0.data"]}},
            "output": {"data": ["data"], "cache": ["cache"]}},
        "int_1": {"module": "Intersection", "input": {"data": {"data": ["dt_1.data"]}}, "output": {"data": ["data"]}},
        "bin_0": {"module": "HeteroFeatureBinning", "input": {"data": {"data": ["int_0.data"]}},
            "output": {"data": ["data"], "model": ["model"]}},
        "sel_0": {"module": "HeteroFeatureSelection",
            "input": {"data": {"data": ["bin_0.data"]}, "isometric_model": ["bin_0.model"]},
            "output": {"data": ["data"], "model": ["model"]}},
        "lr_0": {"module": "HeteroLR", "provider": "fate",
            "input": {"data": {"train_data": ["sel_0.data"], "validate_data": ["int_1.data"]}},
            "output": {"data": ["data"], "model": ["model"]}},
        "ev_0": {"module": "Evaluation", "input": {"data": {"data": ["lr_0.data"]}}, "output": {"data": ["data"]}}
    }})
}

fn modules() -> Vec<Arc<Module>> {
    vec![
        module("Reader", &[Guest, Host], &[], &[DATA], reader_schema()),
        module("DataTransform", &[Guest, Host], &[DATA, MODEL_IN], &[DATA, MODEL], transform_schema()),
        module("Intersection", &[Guest, Host], &[DATA, CACHE_IN], &[DATA, CACHE], json!({"type": "object"})),
        module("HeteroFeatureBinning", &[Guest, Host], &[DATA, MODEL_IN], &[DATA, MODEL], json!({})),
        module(
            "HeteroFeatureSelection",
            &[Guest, Host],
            &[DATA, MODEL_IN, ("isometric_model", PortKind::IsometricModel, true, true)],
            &[DATA, MODEL],
            Value::Null,
        ),
        module("HeteroLR", &[Guest, Host, Arbiter], &TRAINING, &[DATA, MODEL], lr_schema()),
        module(
            "HomoNN",
            &[Guest, Host, Arbiter],
            &[TRAINING.as_slice(), EXTRA.as_slice()].concat(),
            &[DATA, MODEL],
            json!({}),
        ),
        module(
            "Evaluation",
            &[Guest, Host, Arbiter],
            &[("data", PortKind::Data, false, true)],
            &[DATA],
            json!({"type": "object", "additionalProperties": false}),
        ),
        module("Union", &[Guest, Host], &[("data", PortKind::Data, true, true)], &[DATA], json!({})),
        module(
            "HomoDataSplit",
            &[Guest, Host],
            &[DATA],
            &[("train", PortKind::Data, true, false), ("validate", PortKind::Data, true, false)],
            json!({}),
        ),
        module("SecureAddExample", &[Guest, Host], &[], &[], toy_schema()),
        module("Upload", &[Local], &[], &[DATA], json!({"type": "object"})),
    ]
}

type PortSpec = (&'static str, PortKind, bool, bool);

const DATA: PortSpec = ("data", PortKind::Data, false, false);
const MODEL: PortSpec = ("model", PortKind::Model, false, false);
const MODEL_IN: PortSpec = ("model", PortKind::Model, true, false);
const CACHE: PortSpec = ("cache", PortKind::Cache, true, false);
const CACHE_IN: PortSpec = CACHE;
const TRAINING: [PortSpec; 4] = [
    ("train_data", PortKind::Data, true, false),
    ("validate_data", PortKind::Data, true, false),
    ("test_data", PortKind::Data, true, false),
    MODEL_IN,
];
const EXTRA: [PortSpec; 2] = [("data", PortKind::Data, true, false), ("eval_data", PortKind::Data, true, false)];

fn module(name: &str, roles: &[Role], inputs: &[PortSpec], outputs: &[PortSpec], parameters: Value) -> Arc<Module> {
    let ports = |specs: &[PortSpec]| {
        let port = |(name, kind, optional, many): &PortSpec| Port {
            name: (*name).to_owned(),
            kind: *kind,
            optional: *optional,
            many: *many,
            help: String::new(),
        };
        specs.iter().map(port).collect::<Vec<_>>()
    };
    let aliases = if name == "DataTransform" { vec!["DataIO".to_owned()] } else { Vec::new() };
    Arc::new(Module {
        name: name.to_owned(),
        aliases,
        summary: String::new(),
        roles: roles.to_vec(),
        needs: if name == "HeteroLR" { roles.to_vec() } else { Vec::new() },
        inputs: ports(inputs),
        outputs: ports(outputs),
        parameters,
        grants: Vec::new(),
    })
}

fn reader_schema() -> Value {
    json!({"type": "object", "additionalProperties": false, "required": ["table"], "properties": {
        "table": {"type": "object", "additionalProperties": false, "required": ["name", "namespace"], "properties": {
            "name": {"type": "string"}, "namespace": {"type": "string"}}}}})
}

fn transform_schema() -> Value {
    json!({"type": "object", "additionalProperties": false, "properties": {
        "with_label": {"type": "boolean", "default": false},
        "output_format": {"enum": ["dense", "sparse"], "default": "dense"},
        "missing_fill_method": {"type": ["string", "null"], "default": null},
        "outlier_replace_value": {"anyOf": [
            {"type": "number"}, {"type": "array", "items": {"type": "number"}}], "default": 0},
        "need_run": {"type": "boolean", "default": true}}})
}

fn lr_schema() -> Value {
    json!({"type": "object", "additionalProperties": false, "properties": {
        "penalty": {"enum": ["L1", "L2", "NONE"], "default": "L2"},
        "max_iter": {"type": "integer", "minimum": 1, "default": 100},
        "alpha": {"type": "number", "minimum": 0, "default": 1.0},
        "learning_rate": {"type": "number", "exclusiveMinimum": 0, "default": 0.01},
        "early_stopping_rounds": {"type": ["integer", "null"], "minimum": 1, "default": null},
        "metrics": {"type": "array", "items": {"type": "string"}, "default": ["auc", "ks"]},
        "cv_param": {"$ref": "#/$defs/cv"},
        "callback_param": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/callback"}], "default": null}},
        "$defs": {
            "cv": {"type": "object", "additionalProperties": false, "properties": {
                "n_splits": {"type": "integer", "exclusiveMinimum": 1, "default": 5},
                "shuffle": {"type": "boolean", "default": true},
                "need_cv": {"type": "boolean", "default": false}}},
            "callback": {"type": "object", "additionalProperties": false, "properties": {
                "callbacks": {"type": "array", "items": {"enum": ["EarlyStopping", "ModelCheckpoint"]}},
                "save_freq": {"type": "integer", "minimum": 1}}}}})
}

fn toy_schema() -> Value {
    json!({"type": "object", "additionalProperties": false, "properties": {
        "seed": {"type": ["integer", "null"], "default": null},
        "partition": {"type": "integer", "default": 1},
        "data_num": {"type": "integer", "default": 1000}}})
}
