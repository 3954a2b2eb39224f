//! The deploy rule against FATE's vectors.

use parcae_dsl::predict_dsl;
use serde_json::{Value, json};

use crate::catalog::train_dsl;

fn deploy(components: &[&str]) -> Value {
    let components: Vec<String> = components.iter().map(|name| (*name).to_owned()).collect();
    predict_dsl(&train_dsl(), &components).unwrap_or_else(|faults| panic!("{faults}"))["components"].clone()
}

#[test]
fn components_that_are_left_out_are_bridged() {
    assert_eq!(
        deploy(&["dt_0", "int_0", "lr_0"]),
        json!({
            "dt_0": {"module": "DataTransform", "input": {"model": ["pipeline.dt_0.model"]}, "output": {"data": ["data"]}},
            "int_0": {"module": "Intersection", "input": {"data": {"data": ["dt_0.data"]}},
                "output": {"data": ["data"], "cache": ["cache"]}},
            "lr_0": {"module": "HeteroLR",
                "input": {"model": ["pipeline.lr_0.model"], "data": {"test_data": ["int_0.data"]}},
                "output": {"data": ["data"]}}
        })
    );
}

#[test]
fn without_a_source_there_is_no_data() {
    assert_eq!(
        deploy(&["lr_0"]),
        json!({"lr_0": {"module": "HeteroLR", "input": {"model": ["pipeline.lr_0.model"]}, "output": {"data": ["data"]}}})
    );
    assert_eq!(
        deploy(&["int_0"]),
        json!({"int_0": {"module": "Intersection", "output": {"data": ["data"], "cache": ["cache"]}}})
    );
}

#[test]
fn a_listed_reader_is_kept() {
    let made = deploy(&["reader_0", "dt_0", "int_0", "lr_0"]);
    assert_eq!(made["reader_0"], json!({"module": "Reader", "output": {"data": ["data"]}}));
    assert_eq!(made["dt_0"]["input"], json!({"data": {"data": ["reader_0.data"]}, "model": ["pipeline.dt_0.model"]}));
    assert_eq!(made["lr_0"]["input"]["data"], json!({"test_data": ["int_0.data"]}));
}

#[test]
fn models_of_others_are_dropped() {
    let made = deploy(&["int_0", "sel_0", "dt_1"]);
    assert_eq!(made["sel_0"]["input"], json!({"data": {"data": ["int_0.data"]}, "model": ["pipeline.sel_0.model"]}));
    assert_eq!(made["dt_1"], json!({"module": "DataTransform", "output": {"data": ["data"]}}));
}

#[test]
fn components_come_in_their_order() {
    let made = deploy(&["lr_0", "int_0", "dt_0"]);
    assert_eq!(made.as_object().unwrap().keys().collect::<Vec<_>>(), ["dt_0", "int_0", "lr_0"]);
}

#[test]
fn caches_stay() {
    let mut dsl = train_dsl();
    dsl["components"]["int_1"]["input"]["cache"] = json!(["int_0.cache"]);
    let listed = ["int_0".to_owned(), "int_1".to_owned()];
    let made = predict_dsl(&dsl, &listed).unwrap();
    assert_eq!(made["components"]["int_1"]["input"], json!({"cache": ["int_0.cache"]}));
}

#[test]
fn what_cannot_be_deployed_is_named() {
    let listed = ["dt_0".to_owned(), "lr_1".to_owned(), "gone".to_owned()];
    assert_eq!(
        predict_dsl(&train_dsl(), &listed).unwrap_err().to_string(),
        "1. components: unknown component \"lr_1\"; did you mean \"lr_0\"?\n\
         2. components: unknown component \"gone\"; known: reader_0, reader_1, dt_0, dt_1, int_0, int_1, bin_0, sel_0, \
         lr_0, ev_0"
    );
    assert_eq!(
        predict_dsl(&json!({}), &[]).unwrap_err().to_string(),
        "1. components: missing: expected object with at least one component"
    );
    let cycle =
        json!({"components": {"a": {"input": {"model": ["b.m"]}}, "b": {"input": {"data": {"data": ["a.d"]}}}}});
    assert_eq!(predict_dsl(&cycle, &[]).unwrap_err().to_string(), "1. components: expected no cycle, found one");
}
