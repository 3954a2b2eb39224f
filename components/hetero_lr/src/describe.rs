//! What the component says of itself: module, ports, parameters with FATE's names and defaults. Not for: what parameters mean
//! together ([`crate::settings`]).

use parcae_sdk::{
    Description, Module, Port, PortKind, Role,
    parameters::{any, boolean, group, integer, number, object, one_of, or_null, text},
};
use serde_json::{Value, json};

/// Name of the module.
pub const MODULE: &str = "HeteroLR";

/// Most epochs.
const EPOCHS: i64 = 1_000_000;
/// Most rows of a batch, and the largest of numbers without a natural bound.
const MANY: i64 = 4_000_000_000;
/// The largest of factors without a natural bound.
const LARGE: f64 = 1e12;

/// Describes the component.
pub fn description() -> Description {
    Description {
        name: "hetero_lr".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        licence: "Apache-2.0".to_owned(),
        summary: "Logistic regression on features that several parties hold of the same rows".to_owned(),
        modules: vec![module()],
    }
}

fn module() -> Module {
    let port = |name: &str, kind: PortKind, optional: bool, help: &str| Port {
        name: name.to_owned(),
        kind,
        optional,
        many: false,
        help: help.to_owned(),
    };
    Module {
        name: MODULE.to_owned(),
        aliases: vec!["hetero_lr".to_owned()],
        summary: "Vertical logistic regression with Paillier encryption and an arbiter".to_owned(),
        roles: vec![Role::Guest, Role::Host, Role::Arbiter],
        needs: vec![Role::Guest, Role::Host, Role::Arbiter],
        inputs: vec![
            port("train_data", PortKind::Data, true, "rows to learn from, intersected; the guest's with a label"),
            port("validate_data", PortKind::Data, true, "rows to validate on while training"),
            port("test_data", PortKind::Data, true, "rows to predict with the model"),
            port("eval_data", PortKind::Data, true, "validate_data of a training, otherwise test_data"),
            port("model", PortKind::Model, true, "a model of HeteroLR to predict with, or to go on training"),
            port("isometric_model", PortKind::IsometricModel, true, "accepted and not used"),
        ],
        outputs: vec![
            port("data", PortKind::Data, false, "predictions of the guest; rows of a cross-validation"),
            port("model", PortKind::Model, false, "weights of this party's columns; the arbiter's has the loss"),
        ],
        parameters: parameters().to_string(),
        grants: Vec::new(),
    }
}

fn parameters() -> Value {
    let penalties = json!({ "enum": ["L2", "L1", "None", "NONE", "l2", "l1", "none", null] });
    let optimizers = ["rmsprop", "sgd", "adam", "adagrad", "nesterov_momentum_sgd"];
    let bits = json!({ "anyOf": [{ "type": "integer", "minimum": 0, "maximum": 64 }, { "type": "null" }] });
    object([
        ("penalty", any(penalties, json!("L2"), "kind of regularisation")),
        ("tol", number(0.0, LARGE, 1e-4, "tolerance of convergence")),
        ("alpha", number(0.0, LARGE, 1.0, "strength of regularisation")),
        ("optimizer", one_of(&optimizers, "rmsprop", "how gradients become steps")),
        ("batch_size", batch_size()),
        ("shuffle", boolean(true, "draw new batches in each epoch")),
        (
            "batch_strategy",
            one_of(&["full", "random"], "full", "every row once an epoch, or one random batch an epoch"),
        ),
        (
            "masked_rate",
            number(
                0.0,
                LARGE,
                5.0,
                "decoys for each row of a batch that hosts compute without knowing; only with batch_size",
            ),
        ),
        ("learning_rate", number(0.0, LARGE, 0.01, "factor of steps")),
        ("init_param", start()),
        ("max_iter", integer(1, EPOCHS, 100, "epochs at most, those before a warm start included")),
        (
            "early_stop",
            one_of(
                &["diff", "abs", "weight_diff", "DIFF", "ABS", "WEIGHT_DIFF"],
                "diff",
                "what is compared with tol: change of the loss, loss, or length of all steps of an epoch; with several \
                 hosts only weight_diff",
            ),
        ),
        ("encrypt_param", encryption()),
        (
            "predict_param",
            group([("threshold", number(0.0, 1.0, 0.5, "predict 1 above this probability"))], "prediction"),
        ),
        ("cv_param", folds()),
        ("decay", number(0.0, LARGE, 1.0, "how fast the learning rate falls with epochs")),
        (
            "decay_sqrt",
            boolean(true, "divide the learning rate by the root of 1 + decay * epoch, not by the number itself"),
        ),
        ("sqn_param", quasi_newton()),
        ("multi_class", one_of(&["ovr"], "ovr", "one model for each class when there are more than two")),
        (
            "metrics",
            any(
                json!({ "type": ["array", "null"], "items": { "type": "string" } }),
                json!(["auc", "ks"]),
                "deprecated: callback_param.metrics",
            ),
        ),
        ("validation_freqs", frequency("deprecated: callback_param.validation_freqs")),
        ("early_stopping_rounds", or_null(integer(1, EPOCHS, 1, "deprecated: callback_param.early_stopping_rounds"))),
        ("use_first_metric_only", boolean(false, "deprecated: callback_param.use_first_metric_only")),
        (
            "floating_point_precision",
            any(bits, json!(23), "bits behind the point of features in ciphertext products; null for all 53"),
        ),
        ("encrypted_mode_calculator_param", modes()),
        ("stepwise_param", stepwise()),
        ("callback_param", callbacks()),
    ])
}

fn seed(default: Value, help: &str) -> Value {
    any(
        json!({ "anyOf": [{ "type": "integer", "minimum": 0, "maximum": u32::MAX }, { "type": "null" }] }),
        default,
        help,
    )
}

fn frequency(help: &str) -> Value {
    let epoch = |least: u32| json!({ "type": "integer", "minimum": least, "maximum": u32::MAX });
    let schema = json!({ "anyOf": [epoch(1), { "type": "array", "items": epoch(0) }, { "type": "null" }] });
    any(schema, Value::Null, help)
}

fn start() -> Value {
    let methods = ["random_uniform", "random_normal", "ones", "zeros", "const"];
    group(
        [
            ("init_method", one_of(&methods, "random_uniform", "how weights start")),
            ("init_const", number(-LARGE, LARGE, 1.0, "the start of init_method const")),
            ("fit_intercept", boolean(true, "give the guest's model an intercept")),
            ("random_seed", seed(Value::Null, "seed of random starts; null for secret ones")),
        ],
        "start of the weights",
    )
}

fn encryption() -> Value {
    let methods = ["Paillier", "paillier", "PAILLIER", "IPCL", "ipcl"];
    let length = any(
        json!({ "type": "integer", "minimum": 1024, "maximum": 4096, "multipleOf": 256 }),
        json!(1024),
        "bits of the modulus; 2048 and more for data that must stay secret for years",
    );
    group([("method", one_of(&methods, "Paillier", "encryption")), ("key_length", length)], "encryption")
}

fn folds() -> Value {
    group(
        [
            ("need_cv", boolean(false, "cross-validate instead of making a model")),
            ("n_splits", integer(2, 10_000, 5, "number of folds")),
            ("shuffle", boolean(true, "shuffle rows before they are cut")),
            ("random_seed", seed(json!(1), "seed of the shuffle, as in scikit-learn; null for a secret one")),
            ("output_fold_history", boolean(true, "write a table of all folds")),
            ("history_value_type", one_of(&["score", "instance"], "score", "what that table holds")),
            ("mode", text("hetero", "ignored")),
            ("role", text("guest", "ignored")),
        ],
        "cross-validation",
    )
}

/// -1 or at least ten rows.
fn batch_size() -> Value {
    let sizes = json!({ "anyOf": [{ "const": -1 }, { "type": "integer", "minimum": 10, "maximum": MANY }] });
    any(sizes, (-1).into(), "rows of a batch: -1 for all, otherwise at least 10")
}

fn quasi_newton() -> Value {
    group(
        [
            ("update_interval_L", integer(1, MANY, 3, "ignored")),
            ("memory_M", integer(1, MANY, 5, "ignored")),
            ("sample_size", integer(1, MANY, 5000, "ignored")),
            ("random_seed", seed(Value::Null, "ignored")),
        ],
        "parameters of optimizer sqn, for which sgd runs",
    )
}

fn modes() -> Value {
    let modes = ["strict", "fast", "balance", "confusion_opt", "confusion_opt_balance"];
    let help = "ignored: every value is encrypted afresh";
    let rate = any(json!({ "type": "number" }), json!(1), help);
    group([("mode", one_of(&modes, "strict", help)), ("re_encrypted_rate", rate)], help)
}

fn stepwise() -> Value {
    group(
        [
            ("need_stepwise", boolean(false, "refused: select features with HeteroFeatureSelection")),
            ("score_name", text("AIC", "ignored")),
            ("mode", text("hetero", "ignored")),
            ("role", text("guest", "ignored")),
            ("direction", text("both", "ignored")),
            ("max_step", integer(1, MANY, 10, "ignored")),
            ("nvmin", integer(1, MANY, 2, "ignored")),
            ("nvmax", or_null(integer(1, MANY, 2, "ignored"))),
        ],
        "stepwise selection, which is not offered",
    )
}

fn callbacks() -> Value {
    let names =
        json!({ "type": "array", "items": { "enum": ["EarlyStopping", "PerformanceEvaluate", "ModelCheckpoint"] } });
    group(
        [
            ("callbacks", any(names, json!([]), "what happens at the end of epochs")),
            ("validation_freqs", frequency("validate every so many epochs, or at the end of these (from 0)")),
            (
                "early_stopping_rounds",
                or_null(integer(1, EPOCHS, 1, "stop when a metric has not grown for so many validations")),
            ),
            (
                "metrics",
                any(
                    json!({ "type": "array", "items": { "type": "string" } }),
                    json!([]),
                    "auc, ks, accuracy, precision, recall; empty for auc and ks",
                ),
            ),
            ("use_first_metric_only", boolean(false, "only the first metric stops training")),
            ("save_freq", integer(1, EPOCHS, 1, "keep a checkpoint at the first of every so many epochs")),
        ],
        "validation, early stopping and checkpoints while training",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn defaults_of_the_schema_are_the_defaults_of_the_code() {
        let schema = parameters();
        let Some(properties) = schema["properties"].as_object() else { panic!("no properties") };
        let given: serde_json::Map<String, Value> =
            properties.iter().map(|(name, schema)| (name.clone(), schema["default"].clone())).collect();
        let filled = Settings::parse(&Value::Object(given).to_string(), "hetero_lr_0").unwrap();
        let empty = Settings::parse("{}", "hetero_lr_0").unwrap();
        assert_eq!(format!("{filled:?}"), format!("{empty:?}"));
    }

    #[test]
    fn groups_have_the_same_defaults_inside() {
        let schema = parameters();
        let callbacks = &schema["properties"]["callback_param"]["properties"];
        assert_eq!(callbacks["validation_freqs"]["default"], Value::Null);
        assert_eq!(schema["properties"]["cv_param"]["properties"]["random_seed"]["default"], 1);
        assert_eq!(schema["properties"]["encrypt_param"]["properties"]["key_length"]["default"], 1024);
        assert_eq!(schema["additionalProperties"], false);
    }

    #[test]
    fn ports_are_fates() {
        let module = module();
        let names: Vec<&str> = module.inputs.iter().map(|port| port.name.as_str()).collect();
        assert_eq!(names, ["train_data", "validate_data", "test_data", "eval_data", "model", "isometric_model"]);
        assert_eq!(module.outputs.len(), 2);
    }
}
