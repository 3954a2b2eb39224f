//! Tests of tables in memory. Not for: reading them from the node.

use super::*;
use parcae_sdk::FailureKind;

fn frame(ids: &[&str], x: Vec<f64>) -> Frame {
    let labels = Values::Int64((0..ids.len() as i64).collect());
    Frame::new(vec![
        Column::new("id", Meaning::Id, Values::Text(texts(ids.iter().copied()))),
        Column::new("y", Meaning::Label, labels),
        Column::new("x0", Meaning::Feature, Values::Float64(x.clone())),
        Column::new("x1", Meaning::Feature, Values::Float64(x.iter().map(|v| -v).collect())),
    ])
}

#[test]
fn rows_are_sorted_by_id_as_text() {
    let rows = Rows::new(&frame(&["2", "10", "1"], vec![2.0, 10.0, 1.0]), "t").unwrap();
    let ids: Vec<&str> = (0..3).map(|row| rows.ids().at(row)).collect();
    assert_eq!(ids, ["1", "10", "2"]);
    assert_eq!(rows.features.scores(&[1.0, 0.0]), [1.0, 10.0, 2.0]);
    assert_eq!(rows.labels().unwrap(), [2, 1, 0]);
    assert_eq!(rows.take(&[2]).labels().unwrap(), [0]);
}

#[test]
fn bad_tables_are_refused_by_row_and_column() {
    let message = |frame: Frame| Rows::new(&frame, "t").unwrap_err().message;
    assert!(message(frame(&["a", "b"], vec![1.0, f64::NAN])).contains("column x0 of id b has no value"));
    assert!(message(frame(&["a", "b"], vec![2e8, 1.0])).contains("column x0 of id a is 200000000"));
    assert!(message(frame(&["a", "a"], vec![2.0, 1.0])).contains("id a occurs twice"));
    assert!(message(frame(&[], vec![])).contains("no rows"));
    let mut bare = frame(&["a"], vec![1.0]);
    bare.columns.truncate(2);
    assert!(message(bare).contains("no feature columns"));
}

#[test]
fn another_partys_ids_are_found() {
    let rows = Rows::new(&frame(&["a", "b", "c"], vec![1.0, 2.0, 3.0]), "t").unwrap();
    assert_eq!(rows.positions(&texts(["a", "c"])).unwrap(), [0, 2]);
    assert!(rows.positions(&texts(["a", "d"])).unwrap_err().message.contains("1 of the 2 ids"));
    assert_eq!(rows.positions(&texts(["c", "a"])).unwrap_err().kind, FailureKind::Peer);
}

#[test]
fn columns_follow_the_model() {
    let rows = Rows::new(&frame(&["a"], vec![1.0]), "t").unwrap();
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<String>>();
    assert_eq!(rows.ordered(&names(&["x1", "x0"])).unwrap().scores(&[1.0, 0.0]), [-1.0]);
    assert_eq!(rows.ordered(&names(&["x1"])).unwrap().columns(), 1);
    assert!(rows.ordered(&names(&["x2"])).unwrap_err().message.contains("column x2"));
}

#[test]
fn sample_weights_have_mean_one() {
    let mut table = frame(&["a", "b"], vec![1.0, 2.0]);
    table.columns.push(Column::new("w", Meaning::Weight, Values::Float64(vec![1.0, 3.0])));
    assert_eq!(Rows::new(&table, "t").unwrap().sample_weights().unwrap(), Some(vec![0.5, 1.5]));
    table.columns[4].values = Values::Float64(vec![-1.0, 3.0]);
    assert!(Rows::new(&table, "t").unwrap().sample_weights().unwrap_err().message.contains("id a is -1"));
}
