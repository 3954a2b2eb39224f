//! Tests of models as JSON. Not for: what is in them.

use super::*;

fn model(classes: &[i64]) -> Learned {
    let single = Single {
        weights: vec![0.1, -2.5e-7],
        intercept: 1.0 / 3.0,
        epochs: 7,
        losses: vec![0.7, 0.6],
        converged: true,
        best: Some(4),
        validation: Value::Null,
    };
    let header = vec!["x1".to_owned(), "x0".to_owned()];
    Learned { header, classes: classes.to_vec(), singles: vec![single; classes.len().max(1)] }
}

#[test]
fn json_reads_back_the_same() {
    for classes in [&[][..], &[-1, 0, 5]] {
        let learned = model(classes);
        assert_eq!(Learned::from_param(&learned.param().to_string(), "m").unwrap(), learned);
    }
}

#[test]
fn names_are_those_of_fates_messages() {
    let param = model(&[]).param();
    assert_eq!(param["weight"], json!({"x1": 0.1, "x0": -2.5e-7}));
    assert_eq!((&param["iters"], &param["bestIteration"]), (&json!(7), &json!(4)));
    assert_eq!((&param["isConverged"], &param["needOneVsRest"]), (&json!(true), &json!(false)));
    assert!(param.get("oneVsRestResult").is_none() && param["encryptedWeight"] == json!({}));
    let several = model(&[0, 1, 2]).param();
    assert_eq!(several["oneVsRestResult"]["oneVsRestClasses"], json!(["0", "1", "2"]));
    assert_eq!(several["oneVsRestResult"]["completedModels"][2]["lossHistory"], json!([0.7, 0.6]));
    assert_eq!((&several["weight"], &several["iters"]), (&json!({}), &json!(0)));
    let settings = Settings::parse("{}", "hetero_lr_0").unwrap();
    assert_eq!(
        (&meta(&settings, false)["batchSize"], &meta(&settings, false)["maxIter"]),
        (&json!("-1"), &json!("100"))
    );
}

#[test]
fn broken_models_are_refused() {
    let message = |text: &str| Learned::from_param(text, "m").unwrap_err().message;
    assert!(message("{").contains(PARAM));
    assert!(message(r#"{"header": ["x0"], "weight": {}}"#).contains("column x0 has no weight"));
    let two = r#"{"oneVsRestResult": {"completedModels": [], "oneVsRestClasses": ["0", "1", "2"]}}"#;
    assert!(message(two).contains("3 classes and 0 models"));
}

#[test]
fn a_warm_start_goes_by_column_name() {
    let learned = model(&[]).for_header(&["x0".to_owned(), "x1".to_owned()], "m").unwrap();
    assert_eq!(learned.singles[0].weights, [-2.5e-7, 0.1]);
    assert!(model(&[]).for_header(&["x2".to_owned()], "m").unwrap_err().message.contains("column x2"));
}

#[test]
fn summaries() {
    let summary = model(&[]).summary();
    assert_eq!(summary["coef"]["x1"], json!(0.1));
    assert!(summary.get("validation_metrics").is_none());
    assert_eq!(model(&[0, 1, 2]).summary()["1"]["best_iteration"], json!(4));
    assert_eq!(model(&[]).loss_summary()["loss_history"], json!([0.7, 0.6]));
}
