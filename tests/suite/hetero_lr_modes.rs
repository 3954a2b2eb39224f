//! The ways of HeteroLR beyond a full-batch training, each as a whole job through the sandbox with real Paillier.

use parcae_domain::{
    party::{Party, Role},
    port::Scalar,
};
use parcae_tests::{Site, breast, merge};
use serde_json::{Value, json};

const GUEST: Party = Party { role: Role::Guest, id: 9999 };

fn site() -> Site {
    let site = Site::new();
    breast::upload(&site);
    site
}

/// The example's job with other parameters of hetero_lr_0; quick ones unless they say otherwise.
fn job(parameters: Value) -> (Value, Value) {
    let (dsl, mut conf) = breast::job();
    let common = &mut conf["component_parameters"]["common"]["hetero_lr_0"];
    merge(common, json!({"max_iter": 3}));
    merge(common, parameters);
    (dsl, conf)
}

/// A single value of the evaluation of `namespace`.
fn metric(site: &Site, job: &str, namespace: &str, name: &str) -> f64 {
    let series = site.node.default_tenant().metrics(job, "evaluation_0", GUEST).unwrap();
    let single = |s: &&parcae_node::view::Series| s.metric_type == "EVALUATION_SUMMARY" && s.namespace == namespace;
    let summary = series.iter().find(single).unwrap_or_else(|| panic!("no figures of {namespace}"));
    let point = summary.points.iter().find(|(key, _)| *key == Scalar::Text(name.into())).unwrap();
    let Scalar::Number(value) = point.1 else { panic!("{name} is no number") };
    value
}

fn between(value: f64, least: f64, most: f64) {
    assert!((least..=most).contains(&value), "{value} is not from {least} to {most}");
}

/// FATE's `normal` example: batches of 320, shuffled, with decoys. The batches are really random, and with rmsprop the AUC after
/// a few epochs is, too (0.94 to 0.99); plain gradient descent hardly depends on how they fall.
#[test]
fn masked_batches() {
    let site = site();
    let (dsl, conf) = job(json!({"batch_size": 320, "max_iter": 6, "optimizer": "sgd"}));
    let done = site.succeed(&dsl, &conf);
    between(metric(&site, &done, "train", "auc"), 0.97, 1.0);
}

#[test]
fn random_batches_and_the_other_optimizers_and_penalties() {
    let site = site();
    for parameters in [
        json!({"batch_size": 320, "batch_strategy": "random", "optimizer": "sgd"}),
        json!({"optimizer": "adam"}),
        json!({"optimizer": "adagrad", "penalty": "L1"}),
        json!({"optimizer": "nesterov_momentum_sgd", "penalty": null}),
        json!({"optimizer": "sgd", "decay": 0.5, "decay_sqrt": false, "early_stop": "abs"}),
    ] {
        let (dsl, conf) = job(parameters);
        let done = site.succeed(&dsl, &conf);
        between(metric(&site, &done, "train", "auc"), 0.9, 1.0);
    }
}

#[test]
fn several_hosts() {
    let site = site();
    let (dsl, mut conf) = job(json!({"early_stop": "weight_diff", "optimizer": "nesterov_momentum_sgd"}));
    conf["role"]["host"] = json!([10000, 10001]);
    let host = conf["component_parameters"]["role"]["host"]["0"].take();
    conf["component_parameters"]["role"]["host"] = json!({"0|1": host});
    let done = site.succeed(&dsl, &conf);
    between(metric(&site, &done, "train", "auc"), 0.95, 1.0);
    // Without a loss nobody can tell when it has stopped falling.
    conf["component_parameters"]["common"]["hetero_lr_0"]["early_stop"] = json!("diff");
    let view = site.run(&dsl, &conf);
    assert_eq!(view.status.as_str(), "failed");
    assert!(site.errors(&view.job.0).contains("weight_diff"), "{}", site.errors(&view.job.0));
}

#[test]
fn validation_and_early_stopping() {
    let site = site();
    let (mut dsl, conf) = job(json!({
        "max_iter": 20, "optimizer": "sgd", "learning_rate": 3.0,
        "callback_param": {"callbacks": ["EarlyStopping"], "validation_freqs": 1, "early_stopping_rounds": 1}
    }));
    dsl["components"]["hetero_lr_0"]["input"]["data"]["validate_data"] = json!(["intersection_0.data"]);
    let done = site.succeed(&dsl, &conf);
    let summary = site.node.default_tenant().summary(&done, "hetero_lr_0", GUEST).unwrap().unwrap();
    assert!(summary["best_iteration"].as_i64().unwrap() >= 0, "{summary}");
    between(metric(&site, &done, "validate", "auc"), 0.9, 1.0);
}

#[test]
fn cross_validation() {
    let site = site();
    let (mut dsl, conf) =
        job(json!({"cv_param": {"need_cv": true, "n_splits": 3, "shuffle": false, "random_seed": 103}}));
    dsl["components"].as_object_mut().unwrap().remove("evaluation_0");
    let (_, mut conf) = (dsl.clone(), conf);
    conf["component_parameters"]["common"].as_object_mut().unwrap().remove("evaluation_0");
    let done = site.succeed(&dsl, &conf);
    let series = site.node.default_tenant().metrics(&done, "hetero_lr_0", GUEST).unwrap();
    for fold in 0..3 {
        let of_fold =
            |s: &&parcae_node::view::Series| s.namespace == "validate" && s.name.ends_with(&format!(".{fold}"));
        assert!(series.iter().any(|s| of_fold(&s)), "no figures of fold {fold}");
    }
    assert!(
        site.node.default_tenant().model(&done, "hetero_lr_0", GUEST).unwrap().is_empty(),
        "a cross-validation exports no model"
    );
}

/// Three classes: cut from the row number, learned one against the rest.
#[test]
fn one_against_the_rest() {
    let site = Site::new();
    let guest = breast::file("breast_hetero_guest.csv");
    let class = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let x0: f64 = cells[2].parse().unwrap();
        let y = if cells[1] == "1" { 0 } else { 1 + i32::from(x0 > 1.0) };
        format!("{},{y},{}\n", cells[0], cells[2..].join(","))
    };
    let (head, rows) = guest.split_once('\n').unwrap();
    site.upload("breast_hetero_guest", &format!("{head}\n{}", rows.lines().map(class).collect::<String>()));
    site.upload("breast_hetero_host", &breast::file("breast_hetero_host.csv"));
    let (dsl, mut conf) = job(json!({"max_iter": 5, "optimizer": "sgd"}));
    conf["component_parameters"]["common"]["evaluation_0"] = json!({"eval_type": "multi"});
    let done = site.succeed(&dsl, &conf);
    between(metric(&site, &done, "train", "accuracy"), 0.7, 1.0);
    let model = site.node.default_tenant().model(&done, "hetero_lr_0", GUEST).unwrap();
    let param = model.iter().find(|p| p.name.ends_with("Param")).unwrap();
    assert_eq!(param.json["needOneVsRest"], true);
    assert_eq!(param.json["oneVsRestResult"]["completedModels"].as_array().unwrap().len(), 3);
}

/// The model of one component predicts with another, within one job.
#[test]
fn prediction_with_a_trained_model() {
    let site = site();
    let (mut dsl, mut conf) = job(json!({"max_iter": 5}));
    dsl["components"]["hetero_lr_1"] = json!({
        "module": "HeteroLR",
        "input": {"data": {"test_data": ["intersection_0.data"]}, "model": ["hetero_lr_0.model"]},
        "output": {"data": ["data"]}
    });
    dsl["components"]["evaluation_0"]["input"]["data"]["data"] = json!(["hetero_lr_1.data"]);
    let first = conf["component_parameters"]["common"]["hetero_lr_0"].clone();
    conf["component_parameters"]["common"]["hetero_lr_1"] = first;
    let done = site.succeed(&dsl, &conf);
    between(metric(&site, &done, "predict", "auc"), 0.975185, 0.975187);
}
