//! Prediction tables of a few rows, also for the tests of `evaluate`.

use parcae_sdk::texts;

use super::*;

fn text_column(name: &str, meaning: Meaning, values: &[&str]) -> Column {
    Column::new(name, meaning, Values::Text(texts(values.iter().copied())))
}

/// A prediction table: labels, results, scores, details, types.
pub fn table(label: Values, result: &[i64], score: &[f64], detail: &[String], kind: &[&str]) -> Frame {
    let keys: Vec<String> = (0..score.len()).map(|row| format!("k{row}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let detail: Vec<&str> = detail.iter().map(String::as_str).collect();
    Frame::new(vec![
        text_column("id", Meaning::Id, &keys),
        Column::new("label", Meaning::Label, label),
        Column::new("predict_result", Meaning::Other, Values::Int64(result.to_vec())),
        Column::new("predict_score", Meaning::Other, Values::Float64(score.to_vec())),
        text_column("predict_detail", Meaning::Other, &detail),
        text_column("type", Meaning::Other, kind),
    ])
}

/// A binary prediction table with details.
pub fn binary_table(labels: &[i64], scores: &[f64], kind: &[&str]) -> Frame {
    let results: Vec<i64> = scores.iter().map(|score| i64::from(*score > 0.5)).collect();
    let details: Vec<String> = scores.iter().map(|score| format!("{{'0': {}, '1': {score}}}", 1.0 - score)).collect();
    table(Values::Int64(labels.to_vec()), &results, scores, &details, kind)
}

#[test]
fn rows_are_parted_by_type() {
    let frame = binary_table(&[0, 1, 1], &[0.25, 0.5, 0.75], &["train", "validate", "train"]);
    let parts = Predictions::new(&frame, "lr").unwrap().parts();
    assert_eq!(parts, [("train".to_owned(), vec![0, 2]), ("validate".to_owned(), vec![1])]);
}

#[test]
fn the_positive_label_brings_its_own_score() {
    let frame = binary_table(&[0, 1, 1], &[0.25, 0.5, 0.75], &["train"; 3]);
    let predictions = Predictions::new(&frame, "lr").unwrap();
    let one = predictions.positives(&[0, 1, 2], &Positive::Number(1.0)).unwrap();
    assert_eq!(one, (vec![false, true, true], vec![0.25, 0.5, 0.75]));
    let zero = predictions.positives(&[0, 1, 2], &Positive::from_json(&"0".into())).unwrap();
    assert_eq!(zero, (vec![true, false, false], vec![0.75, 0.5, 0.25]));
}

#[test]
fn labels_may_be_of_any_type() {
    let details = vec!["{'0': 0.5, '1': 0.5}".to_owned(); 2];
    for label in [Values::Float64(vec![2.0, 1.0]), Values::Text(texts(["2.0", "1"])), Values::Int64(vec![2, 1])] {
        let frame = table(label, &[0, 1], &[0.5, 0.5], &details, &["train"; 2]);
        let predictions = Predictions::new(&frame, "lr").unwrap();
        // Class 2 is not in the details: predict_score counts.
        assert_eq!(
            predictions.positives(&[0, 1], &Positive::Number(2.0)).unwrap(),
            (vec![true, false], vec![0.5, 0.5])
        );
        assert_eq!(predictions.classes(&[0, 1]).unwrap().0, ["2", "1"]);
        assert_eq!(predictions.numbers(&[0, 1]).unwrap().0, [2.0, 1.0]);
    }
    let frame = table(Values::Text(texts(["good", "bad"])), &[0, 1], &[0.5, 0.5], &details, &["train"; 2]);
    let predictions = Predictions::new(&frame, "lr").unwrap();
    let (labels, _) = predictions.positives(&[0, 1], &Positive::from_json(&"good".into())).unwrap();
    assert_eq!(labels, [true, false]);
}

#[test]
fn classes_are_unfolded() {
    let details = ["{'0': 0.5, '1': 0.25, '2': 0.25}".to_owned(), "{'1': 0.5, '0': 0.25, '2': 0.75}".to_owned()];
    let frame = table(Values::Int64(vec![0, 2]), &[0, 2], &[0.5, 0.75], &details, &["train"; 2]);
    let all = Predictions::new(&frame, "lr").unwrap().one_vs_rest(&[0, 1]).unwrap();
    let shown: Vec<_> = all.iter().map(|one| (one.class.as_str(), one.labels.clone(), one.scores.clone())).collect();
    assert_eq!(shown[0], ("0", vec![true, false], vec![0.5, 0.25]));
    assert_eq!(shown[1], ("1", vec![false, false], vec![0.25, 0.5]));
    assert_eq!(shown[2], ("2", vec![false, true], vec![0.25, 0.75]));
}

#[test]
fn errors_name_table_row_and_column() {
    let mut frame = binary_table(&[0, 1], &[0.25, f64::NAN], &["train"; 2]);
    let message = |frame: &Frame| {
        let predictions = Predictions::new(frame, "hetero_lr_0");
        predictions.and_then(|p| p.positives(&[0, 1], &Positive::Number(1.0))).err().map(|failure| failure.message)
    };
    let text = message(&frame).unwrap();
    assert!(text.contains("hetero_lr_0") && text.contains("row k1") && text.contains("predict_score"), "{text}");
    frame.columns[1].valid = Some(vec![false, true]);
    assert!(message(&frame).unwrap().contains("row k0, column label"));
    frame.columns.remove(3);
    assert!(message(&frame).unwrap().contains("not a prediction table"));
}

#[test]
fn details_that_do_not_fit_are_refused() {
    let details = ["{'0': 0.5, '1': 0.5}".to_owned(), "{'0': 0.5}".to_owned()];
    let frame = table(Values::Int64(vec![0, 1]), &[0, 1], &[0.5, 0.5], &details, &["train"; 2]);
    assert!(Predictions::new(&frame, "lr").unwrap().one_vs_rest(&[0, 1]).is_err());
}
