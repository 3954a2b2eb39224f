//! Models as our HeteroLR and as FATE write them.

use parcae_domain::{party::Party, port::Scalar};
use parcae_node::view::ModelPartView;
use serde_json::json;

use super::*;

fn shown(role: Role, param: Value, metrics: &[Series], summary: &Value, chosen: &[(&str, &str)]) -> Option<String> {
    let part = |name: &str, json: Value| ModelPartView { alias: "model".into(), name: name.into(), json, bytes: 9 };
    let meta = json!({"penalty": "L2", "alpha": 0.01, "sqn": {}});
    let model = [part("HeteroLogisticRegressionMeta", meta), part("HeteroLogisticRegressionParam", param)];
    let chosen: Vec<(String, String)> = chosen.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
    let outputs = Outputs {
        module: "HeteroLR",
        party: Party::new(role, 9999),
        metrics,
        model: &model,
        summary: Some(summary),
        path: "/p",
        chosen: &chosen,
    };
    show(&View::default(), &outputs).map(Markup::into_string)
}

fn param() -> Value {
    json!({
        "bestIteration": -1, "encryptedWeight": {}, "header": ["x1", "<x0>"], "intercept": 0.125, "isConverged": true,
        "iters": 30, "lossHistory": [0.69, 0.5], "needOneVsRest": false, "weight": {"<x0>": -2.5, "x1": 1.25},
    })
}

#[test]
fn weights_loss_and_validation_are_shown() {
    let summary = json!({"validation_metrics": {"train": {"auc": [0.5, 0.75]}, "validate": {"auc": [0.5, 0.625]}}});
    let shown = shown(Role::Guest, param(), &[], &summary, &[]).unwrap();
    for part in [
        "<dt>Iterations</dt><dd>30</dd>",
        "<dt>Converged</dt><dd>yes</dd>",
        "<th scope=\"row\">&lt;x0&gt;</th><td class=\"num\">-2.5</td>",
        "<th scope=\"row\">Intercept</th><td class=\"num\">0.125</td>",
        "class=\"below\" x=\"1\"",
        "data-points=\"0 0.69 1 0.5\"",
        "data-points=\"1 0.5 2 0.625\"",
        "<dt>penalty</dt><dd>L2</dd>",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(shown.find(">x1<") < shown.find(">&lt;x0&gt;<"), "in the order of the header");
    assert!(!shown.contains("Final model"), "-1 is no iteration");
}

#[test]
fn a_host_has_no_intercept_and_an_arbiter_its_loss() {
    let mut host = param();
    host["intercept"] = json!(0.0);
    host["lossHistory"] = json!([]);
    let host = shown(Role::Host, host, &[], &json!({}), &[]).unwrap();
    assert!(!host.contains("Intercept") && host.contains("The arbiter knows the loss"), "{host}");
    let point = |x: f64| (Scalar::Number(x), Scalar::Number(0.5 - x / 8.0));
    let loss = Series {
        namespace: "train".into(),
        name: "loss".into(),
        metric_type: "LOSS".into(),
        extra: Map::new(),
        points: [0.0, 1.0].map(point).to_vec(),
    };
    let empty = json!({"weight": {}, "lossHistory": [0.5, 0.375], "iters": 2, "isConverged": false});
    let shown = shown(Role::Arbiter, empty, &[loss], &json!({}), &[]).unwrap();
    assert_eq!(shown.matches("<figure").count(), 1, "{shown}");
    assert!(shown.contains("data-points=\"0 0.5 1 0.375\"") && shown.contains("<dd>no</dd>"), "{shown}");
}

#[test]
fn a_model_for_each_class_is_chosen() {
    let single = |weight: f64| json!({"weight": {"x0": weight}, "iters": 3, "header": ["x0"]});
    let several = json!({
        "needOneVsRest": true,
        "oneVsRestResult": {"completedModels": [single(0.25), single(0.75)], "oneVsRestClasses": ["0", "7"]},
    });
    let first = shown(Role::Guest, several.clone(), &[], &json!({}), &[]).unwrap();
    assert!(first.contains("0.25") && !first.contains("0.75") && first.contains("<option value=\"7\""), "{first}");
    assert!(shown(Role::Guest, several, &[], &json!({}), &[("class", "7")]).unwrap().contains("0.75"));
}

#[test]
fn odd_models_do_not_matter() {
    for odd in [
        json!(null),
        json!([1]),
        json!({"weight": [1], "iters": {}, "header": 7, "oneVsRestResult": {"completedModels": [3, null]}}),
        json!({"weight": {"a": "x", "b": null, "c": 1e308}, "intercept": "nan", "lossHistory": [null, "2", {}]}),
    ] {
        let shown = shown(Role::Guest, odd, &[], &json!({"validation_metrics": [1, {"train": 3}]}), &[("class", "9")]);
        let shown = shown.unwrap_or_default();
        assert!(!shown.contains("width=\"NaN\"") && !shown.contains("\"inf"), "{shown}");
    }
}
