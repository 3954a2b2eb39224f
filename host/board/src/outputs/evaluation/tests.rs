//! Metrics as our Evaluation and as FATE write them.

use parcae_domain::{
    party::{Party, Role},
    port::Scalar,
};
use serde_json::{Value, json};

use super::*;

fn series(namespace: &str, name: &str, metric_type: &str, extra: &Value, points: Vec<(Scalar, Scalar)>) -> Series {
    Series {
        namespace: namespace.into(),
        name: name.into(),
        metric_type: metric_type.into(),
        extra: extra.as_object().cloned().unwrap_or_default(),
        points,
    }
}

fn numbers(points: &[(f64, f64)]) -> Vec<(Scalar, Scalar)> {
    points.iter().map(|(x, y)| (Scalar::Number(*x), Scalar::Number(*y))).collect()
}

fn texts(points: &[(&str, f64)]) -> Vec<(Scalar, Scalar)> {
    points.iter().map(|(x, y)| (Scalar::Text((*x).to_owned()), Scalar::Number(*y))).collect()
}

fn shown(metrics: &[Series], chosen: &[(&str, &str)]) -> Option<String> {
    let party = Party::new(Role::Guest, 9999);
    let chosen: Vec<(String, String)> = chosen.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
    let outputs =
        Outputs { module: "Evaluation", party, metrics, model: &[], summary: None, path: "/p", chosen: &chosen };
    show(&View::default(), &outputs).map(Markup::into_string)
}

fn binary() -> Vec<Series> {
    let none = json!({});
    let matrix =
        json!({"tp": [4, 3, 0], "fp": [6, 1, 0], "fn": [0, 1, 4], "tn": [0, 5, 6], "thresholds": [0.0, 0.5, 0.99]});
    let f1 = json!({"f1_scores": [0.571, 0.75, 0.0], "thresholds": [0.0, 0.5, 0.99]});
    let quantile = json!({"p_scores": [[0, 0.4], [0, 0.75], [0, 1]], "r_scores": [[0, 1], [0, 0.625], [0, 0]],
        "thresholds": [0.1, 0.45, 0.9]});
    let psi = json!({"psi_scores": [0.03, 0.02], "total_psi": 0.05, "intervals": ["[0.0, 0.5)", "[0.5, 1.0]"],
        "expected_percentage": [0.5, 0.5], "actual_percentage": [0.6, 0.4]});
    vec![
        series("train", "lr", "EVALUATION_SUMMARY", &none, texts(&[("auc", 0.975), ("ks", 0.9)])),
        series("validate", "lr", "EVALUATION_SUMMARY", &none, texts(&[("auc", 0.95)])),
        series("train", "lr_roc", "ROC_EVALUATION", &none, numbers(&[(0.0, 0.0), (0.0, 0.5), (1.0, 1.0)])),
        series("validate", "lr_roc", "ROC_EVALUATION", &none, numbers(&[(0.0, 0.0), (1.0, 1.0)])),
        series("train", "lr_lift", "LIFT_EVALUATION", &none, numbers(&[(0.1, 2.0), (1.0, 1.0)])),
        series("train", "lr_confusion_mat", "CONFUSION_MAT", &matrix, vec![]),
        series("train", "lr_f1_score", "F1_SCORE", &f1, vec![]),
        series("train", "lr_quantile_pr", "QUANTILE_PR", &quantile, vec![]),
        series("validate", "lr_psi", "PSI", &psi, vec![]),
    ]
}

#[test]
fn scores_curves_and_tables_are_shown() {
    let shown = shown(&binary(), &[("tab", "output")]).unwrap();
    for part in [
        "<dd>0.975</dd>",
        "data-name=\"train (AUC 0.975)\"",
        "data-name=\"validate (AUC 0.95)\"",
        "/p?tab=output&amp;curve=lift#curves",
        "PSI in all</dt><dd>0.05</dd>",
        "hardly moved",
        "<td class=\"num\">0.45</td><td class=\"num\">0.75</td><td class=\"num\">0.625</td>",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(!shown.contains("curve-lift"), "one kind at a time: {shown}");
}

#[test]
fn curves_and_thresholds_are_chosen() {
    let lift = shown(&binary(), &[("curve", "lift")]).unwrap();
    assert!(lift.contains("curve-lift") && !lift.contains("curve-roc"), "{lift}");
    let all = shown(&binary(), &[("curve", "all")]).unwrap();
    assert!(all.contains("curve-lift") && all.contains("curve-roc"));
    let cell = |name: &str, text: &str| format!("<span data-cell=\"{name}\">{text}</span>");
    let usual = shown(&binary(), &[]).unwrap();
    assert!(usual.contains(&cell("tp", "3")) && usual.contains(&cell("f1", "0.75")), "{usual}");
    let none = shown(&binary(), &[("threshold", "0.99")]).unwrap();
    assert!(none.contains(&cell("tp", "0")) && none.contains(&cell("fn", "4")) && none.contains(&cell("f1", "0")));
    assert!(none.contains(&cell("fn-share", "100 %")) && none.contains("class=\"shade s10\""), "{none}");
}

#[test]
fn several_classes_and_clusters_are_shown() {
    let none = json!({});
    let matrix = json!({"result_table": [[5, 1], [0, 7]], "true_labels": ["a", "<b>"], "predicted_labels": [0, 1]});
    let all = [
        series("train", "lr", "EVALUATION_SUMMARY", &none, texts(&[("accuracy", 0.75)])),
        series("train", "lr_precision", "PRECISION_MULTI_EVALUATION", &none, numbers(&[(0.0, 0.5), (1.0, 0.625)])),
        series("train", "lr_recall", "RECALL_MULTI_EVALUATION", &none, numbers(&[(0.0, 0.25), (1.0, 0.875)])),
        series("train", "lr_class_1", "EVALUATION_SUMMARY", &none, texts(&[("auc", 0.6875)])),
        series("train", "lr_class_1_ks_tpr", "KS_EVALUATION", &none, numbers(&[(0.0, 0.0), (1.0, 1.0)])),
        series("train", "km", "CLUSTERING_EVALUATION_SUMMARY", &none, texts(&[("davies_bouldin_index", 0.3125)])),
        series("train", "km_contingency_matrix", "CONTINGENCY_MATRIX", &matrix, vec![]),
        series("train", "km_distance_measure", "DISTANCE_MEASURE", &json!({"radius": [0.5, 1.5]}), vec![]),
    ];
    let shown = shown(&all, &[]).unwrap();
    for part in ["0\nPrecision: 0.5", "1\nRecall: 0.875", "0.6875", "class-ks", "Davies", "&lt;b&gt; · 1: 7", "1.5"] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
}

#[test]
fn odd_metrics_do_not_matter() {
    assert_eq!(shown(&[], &[]), None);
    let odd = [json!({}), json!({"tp": 3, "thresholds": [null, "x"], "p_scores": [[]], "intervals": {}})];
    for extra in &odd {
        for kind in ["CONFUSION_MAT", "F1_SCORE", "QUANTILE_PR", "PSI", "CONTINGENCY_MATRIX", "DISTANCE_MEASURE"] {
            let points = vec![(Scalar::Text("a".into()), Scalar::Text("b".into()))];
            let _ = shown(&[series("train", "x", kind, extra, points)], &[("threshold", "-1")]);
        }
    }
    let nan = json!({"tp": [null], "fp": [1], "fn": [1], "tn": [1], "thresholds": [0.5]});
    assert_eq!(shown(&[series("train", "x", "CONFUSION_MAT", &nan, vec![])], &[]), None);
    let points = numbers(&[(f64::NAN, 1.0), (0.5, f64::INFINITY)]);
    let roc = shown(&[series("train", "x_roc", "ROC_EVALUATION", &odd[0], points)], &[]).unwrap();
    assert!(roc.contains("no values"), "{roc}");
}
