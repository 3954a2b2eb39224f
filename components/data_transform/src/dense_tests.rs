//! Tests of dense rows. Not for: single values to fill in, see `imputer`.

use serde_json::{Value, json};

use super::*;
use crate::{model, prepared::tests::run};

fn extra(header: &str) -> Value {
    json!({ "sid": "id", "header": header, "meta": {}, "id_delimiter": "," })
}

fn with_label() -> Parameters {
    Parameters { with_label: true, ..Parameters::default() }
}

fn message(parameters: &Parameters, header: &str, text: &[(&str, &str)], model: Option<&Model>) -> String {
    run(parameters, extra(header), text, model).err().map(|e| e.message).unwrap_or_default()
}

#[test]
fn label_and_features() {
    let text = [("a", "1.5,1, 2e1"), ("b", "-3,0,nan"), ("c", ",1,NA")];
    let (prepared, rows) = run(&with_label(), extra("x0,y,x1"), &text, None).unwrap();
    assert_eq!(prepared.header, ["x0", "x1"]);
    assert_eq!(rows, [vec!["a", "1", "1.5", "20"], vec!["b", "0", "-3", "?"], vec!["c", "1", "?", "?"]]);
}

#[test]
fn label_types() {
    let typed = |label_type: &str| Parameters { label_type: label_type.into(), ..with_label() };
    let text = [("a", "2.5,1")];
    assert_eq!(run(&typed("float"), extra("y,x0"), &text, None).unwrap().1, [vec!["a", "2.5", "1"]]);
    assert_eq!(run(&typed("str"), extra("y,x0"), &text, None).unwrap().1, [vec!["a", "2.5", "1"]]);
    let text = message(&typed("int"), "y,x0", &text, None);
    assert!(text.contains("column y of row a is \"2.5\", not a whole number"), "{text}");
}

#[test]
fn errors_name_row_and_column() {
    let text = message(&Parameters::default(), "x0,x1", &[("a", "1,2"), ("b", "1,abc")], None);
    assert!(text.starts_with("data_transform_0: column x1 of row b is \"abc\", not a number; "), "{text}");
    let text = message(&Parameters::default(), "x0,x1", &[("a", "1,2,3")], None);
    assert!(text.contains("row a has 3 cells behind its key, the header has 2"), "{text}");
    assert!(message(&Parameters::default(), "x0,x0", &[("a", "1,2")], None).contains("the name of another column"));
}

#[test]
fn types_of_single_columns() {
    let types = [("X1".to_owned(), "str".to_owned()), ("x2".to_owned(), "int".to_owned())];
    let parameters = Parameters { exclusive_data_type: Some(types.into()), ..Parameters::default() };
    let (prepared, rows) = run(&parameters, extra("x0,x1,x2"), &[("a", "1.5,red,3")], None).unwrap();
    assert_eq!(rows, [vec!["a", "1.5", "red", "3"]]);
    assert_eq!(prepared.shape.features[1], ("x1".to_owned(), Kind::Text));
    assert!(
        message(&parameters, "x0,x1,x2", &[("a", "1,b,2.5")], None)
            .contains("column x2 of row a is \"2.5\", not a whole number")
    );
}

#[test]
fn filling_and_replacing() {
    let parameters = Parameters {
        missing_fill: true,
        missing_fill_method: Some("mean".into()),
        outlier_replace: true,
        outlier_replace_method: Some("designated".into()),
        outlier_impute: Some(vec![json!(99)]),
        outlier_replace_value: json!([7, 8]),
        ..Parameters::default()
    };
    let text = [("a", "1,"), ("b", "99,4"), ("c", ",6"), ("d", "2,99")];
    let (prepared, rows) = run(&parameters, extra("x0,x1"), &text, None).unwrap();
    // Means over values that are not missing: 102 / 3 = 34 and 109 / 3.
    assert_eq!(rows[0], ["a", "1", &(109.0_f64 / 3.0).to_string()]);
    assert_eq!(rows[1..], [vec!["b", "7", "4"], vec!["c", "34", "6"], vec!["d", "2", "8"]]);
    let missing = prepared.missing.unwrap();
    assert_eq!((missing.texts[0].as_str(), missing.ratios), ("34.0", vec![0.25, 0.25]));
    assert_eq!(prepared.outlier.unwrap().texts, ["7", "8"]);
}

#[test]
fn a_value_filled_in_is_replaced_when_it_is_an_outlier() {
    let parameters = Parameters {
        missing_fill: true,
        outlier_replace: true,
        outlier_replace_method: Some("designated".into()),
        outlier_impute: Some(vec![json!(0)]),
        outlier_replace_value: json!(5),
        ..Parameters::default()
    };
    let (_, rows) = run(&parameters, extra("x0"), &[("a", ""), ("b", "0"), ("c", "1")], None).unwrap();
    assert_eq!(rows, [vec!["a", "5"], vec!["b", "5"], vec!["c", "1"]]);
}

#[test]
fn a_model_aligns_the_header_and_fills_in_its_values() {
    let parameters = Parameters { missing_fill: true, missing_fill_method: Some("max".into()), ..with_label() };
    let (prepared, _) = run(&parameters, extra("y,x0,x1"), &[("a", "1,2,3"), ("b", "0,4,")], None).unwrap();
    let model = model::save(&parameters, &prepared, None);
    let model = Model::parse("data_transform_0", &model.meta_json(), &model.param_json()).unwrap();
    let (applied, rows) = run(&Parameters::default(), extra("x1,extra,x0"), &[("c", ",9,")], Some(&model)).unwrap();
    assert_eq!(
        (applied.header.clone(), rows),
        (vec!["x0".to_owned(), "x1".to_owned()], vec![vec!["c".to_owned(), "4".into(), "3".into()]])
    );
    assert_eq!(applied.anonymous_header, ["guest_9999_x0", "guest_9999_x1"]);
    let labelled = run(&Parameters::default(), extra("x1,x0,y"), &[("c", "1,2,0")], Some(&model)).unwrap().1;
    assert_eq!(labelled, [vec!["c", "0", "2", "1"]]);
    assert!(message(&Parameters::default(), "x1,y", &[("c", "1,0")], Some(&model)).contains("1 columns: x0"));
}

#[test]
fn match_ids_and_recorded_meta() {
    let extra = json!({
        "sid": "extend_sid", "header": ["x0"], "label_name": "y", "match_id_name": ["cid"],
        "meta": { "delimiter": ",", "input_format": "dense", "data_type": "float64", "with_label": true, "label_name": "y", "label_type": "int", "with_match_id": true },
        "original_index_info": { "header_index": [2], "label_index": 1, "match_id_index": [0] },
    });
    let (prepared, rows) = run(&Parameters::default(), extra, &[("k0", "77,1,0.5")], None).unwrap();
    assert_eq!(rows, [vec!["k0", "77", "1", "0.5"]]);
    assert_eq!(prepared.shape.match_id.as_deref(), Some("cid"));
}

#[test]
fn sparse_output_drops_small_values() {
    let parameters = Parameters { output_format: "sparse".into(), ..Parameters::default() };
    let (_, rows) = run(&parameters, extra("x0,x1"), &[("a", "1e-9,-2")], None).unwrap();
    assert_eq!(rows, [vec!["a", "0", "-2"]]);
}

#[test]
fn tables_of_keys_only() {
    let (prepared, rows) = run(&Parameters::default(), extra(""), &[("a", ""), ("b", "")], None).unwrap();
    assert!(prepared.header.is_empty());
    assert_eq!(rows, [["a"], ["b"]]);
    assert!(message(&Parameters::default(), "", &[("a", "1")], None).contains("the header has 0"));
}
