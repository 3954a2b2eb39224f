//! Whole tables, from columns to FATE's names.

use parcae_sdk::{tables::Values, texts};
use serde_json::{Map, Value};

use super::*;
use crate::{
    params::Params,
    predictions::tests::{binary_table, table as prediction_table},
    ranked::tests::rows,
};

fn evaluate(json: &str, frame: &Frame) -> Result<Report> {
    let settings = serde_json::from_str::<Params>(json).unwrap().settings()?;
    let mut report = Report::default();
    table(&mut report, &settings, "hetero_lr_0", frame)?;
    Ok(report)
}

/// The extra metas of a series.
fn extra<'a>(report: &'a Report, namespace: &str, name: &str) -> Option<&'a Map<String, Value>> {
    report.series.iter().find(|series| series.namespace == namespace && series.name == name).map(|series| &series.extra)
}

/// The rows of the golden figures, as train data, and some more as validate data.
fn golden() -> Frame {
    let (train, train_scores) = rows(250, 37, 53, 101, 97);
    let (validate, validate_scores) = rows(120, 41, 29, 89, 83);
    let labels: Vec<i64> = train.iter().chain(&validate).map(|label| i64::from(*label)).collect();
    let kinds: Vec<&str> = (0..370).map(|row| if row < 250 { "train" } else { "validate" }).collect();
    binary_table(&labels, &[train_scores, validate_scores].concat(), &kinds)
}

#[test]
fn everything_binary_has_fates_name_and_type() {
    let report = evaluate("{}", &golden()).unwrap();
    let of = |namespace: &str| -> Vec<(String, String)> {
        let all = report.series.iter().filter(|series| series.namespace == namespace);
        all.map(|series| (series.name.replace("hetero_lr_0", ""), series.metric_type.clone())).collect()
    };
    let expected = [
        ("", "EVALUATION_SUMMARY"),
        ("_ks_fpr", "KS_EVALUATION"),
        ("_ks_tpr", "KS_EVALUATION"),
        ("_lift", "LIFT_EVALUATION"),
        ("_gain", "GAIN_EVALUATION"),
        ("_accuracy", "ACCURACY_EVALUATION"),
        ("_precision", "PRECISION_BINARY_EVALUATION"),
        ("_recall", "RECALL_BINARY_EVALUATION"),
        ("_roc", "ROC_EVALUATION"),
        ("_confusion_mat", "CONFUSION_MAT"),
        ("_f1_score", "F1_SCORE"),
        ("_quantile_pr", "QUANTILE_PR"),
    ];
    let mut expected: Vec<(String, String)> =
        expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(of("train"), expected);
    expected.push(("_psi".to_owned(), "PSI".to_owned()));
    assert_eq!(of("validate"), expected);
    assert!(report.warnings.is_empty());
}

#[test]
fn the_summary_has_the_golden_figures() {
    let summary = evaluate("{}", &golden()).unwrap().summary();
    assert_eq!(summary["hetero_lr_0"]["train"], json!({"auc": 0.782258, "ks": 0.447005, "ks_exact": 0.447005}));
    assert!(summary["hetero_lr_0"]["validate"]["auc"].is_number());
}

#[test]
fn curves_say_what_they_are() {
    let report = evaluate("{}", &golden()).unwrap();
    let ks = extra(&report, "train", "hetero_lr_0_ks_tpr").unwrap();
    assert_eq!((&ks["curve_name"], &ks["pair_type"]), (&json!("hetero_lr_0_tpr"), &json!("hetero_lr_0")));
    assert_eq!(ks["thresholds"].as_array().unwrap().len(), 100);
    let roc = extra(&report, "train", "hetero_lr_0_roc").unwrap();
    assert_eq!((&roc["unit_name"], &roc["ordinate_name"]), (&json!("fpr"), &json!("tpr")));
    let psi = extra(&report, "validate", "hetero_lr_0_psi").unwrap();
    assert_eq!((&psi["total_psi"], &psi["intervals"][0]), (&json!(0.0443), &json!("[0.0, 0.039604)")));
    assert_eq!(psi["expected_interval"][1], json!(14));
    let table = extra(&report, "train", "hetero_lr_0_quantile_pr").unwrap();
    assert_eq!((&table["p_scores"][10], &table["r_scores"][10]), (&json!([0.0, 0.715447]), &json!([0.0, 0.698413])));
}

#[test]
fn the_other_label_mirrors_the_figures() {
    let one = evaluate(r#"{"metrics": ["auc"]}"#, &golden()).unwrap().summary();
    let zero = evaluate(r#"{"metrics": ["auc"], "pos_label": 0}"#, &golden()).unwrap().summary();
    assert_eq!(one, zero);
}

#[test]
fn one_class_alone_is_warned_about() {
    let report = evaluate("{}", &binary_table(&[1, 1], &[0.25, 0.75], &["train"; 2])).unwrap();
    assert_eq!(report.series.len(), 2);
    assert!(report.warnings[0].contains("2 positive and 0 negative rows"));
}

#[test]
fn several_classes_and_each_against_the_rest() {
    let details: Vec<String> = (0..4).map(|i| format!("{{'0': 0.{i}, '1': 0.5, '2': 0.{}}}", 9 - i)).collect();
    let scores = [0.5, 0.5, 0.5, 0.5];
    let frame = prediction_table(Values::Int64(vec![0, 1, 2, 2]), &[0, 1, 2, 1], &scores, &details, &["train"; 4]);
    let report = evaluate(r#"{"eval_type": "multi", "unfold_multi_result": true}"#, &frame).unwrap();
    let summary = report.summary();
    assert_eq!(summary["hetero_lr_0"]["train"], json!({"accuracy": 0.75, "precision": 0.833333, "recall": 0.833333}));
    assert_eq!(summary["hetero_lr_0_class_1"]["train"]["auc"], json!(0.5));
    assert_eq!(summary["hetero_lr_0_class_0"]["train"]["auc"], json!(0.0));
    assert!(extra(&report, "train", "hetero_lr_0_class_2_ks_fpr").is_some());
    let bars = report.series.iter().find(|series| series.name == "hetero_lr_0_recall").unwrap();
    assert_eq!((bars.points.len(), bars.metric_type.as_str()), (3, "RECALL_MULTI_EVALUATION"));
}

#[test]
fn numbers_are_measured_and_the_log_error_needs_them_above_0() {
    let details = vec!["{'label': 0.0}".to_owned(); 2];
    let labels = Values::Float64(vec![1.0, -1.0]);
    let frame = prediction_table(labels, &[0, 0], &[1.5, -1.0], &details, &["predict"; 2]);
    let report = evaluate(r#"{"eval_type": "regression"}"#, &frame).unwrap();
    assert_eq!(report.summary()["hetero_lr_0"]["predict"]["mean_absolute_error"], json!(0.25));
    assert_eq!(report.series[0].points.len(), 6);
    let failure = evaluate(r#"{"eval_type": "regression", "metrics": ["msle"]}"#, &frame).unwrap_err();
    assert!(failure.message.contains("mean_squared_log_error"));
}

#[test]
fn texts_are_labels_too() {
    let details = vec!["{'good': 0.75, 'bad': 0.25}".to_owned(), "{'good': 0.25, 'bad': 0.75}".to_owned()];
    let labels = Values::Text(texts(["good", "bad"]));
    let frame = prediction_table(labels, &[1, 0], &[0.5, 0.5], &details, &["train"; 2]);
    let report = evaluate(r#"{"pos_label": "good", "metrics": "auc"}"#, &frame).unwrap();
    assert_eq!(report.summary()["hetero_lr_0"]["train"]["auc"], json!(1.0));
}
