//! Files of raw, parsed and predict tables.

use parcae_sdk::{
    tables::{Column, ColumnDefinition, DataType, Values},
    texts,
};
use serde_json::json;

use super::*;

fn column(name: &str, data_type: DataType, meaning: Meaning) -> ColumnDefinition {
    ColumnDefinition { name: name.into(), data_type, meaning }
}

fn raw(extra: Value) -> Schema {
    let columns = vec![column("id", DataType::Text, Meaning::Id), column("raw", DataType::Text, Meaning::Raw)];
    Schema { columns, extra: extra.to_string() }
}

fn values(values: Values) -> Column {
    Column { validity: None, values }
}

fn file(layout: &Layout, page: &Page) -> Result<String> {
    let mut out = String::new();
    layout.push_header(&mut out);
    (0..page.rows as usize).try_for_each(|row| layout.push_row(page, row, &mut out))?;
    Ok(out)
}

fn two(keys: [&str; 2], lines: [&str; 2]) -> Page {
    Page { rows: 2, columns: [keys, lines].map(|all| values(Values::Text(texts(all)))).to_vec() }
}

#[test]
fn raw_tables_are_written_as_they_came() {
    let schema = raw(json!({ "header": "y,x0", "meta": {}, "id_delimiter": "," }));
    let page = two(["0", "1"], ["1,0.5", "0,"]);
    assert_eq!(file(&Layout::of(&schema, Some("1,0.5"), None), &page).unwrap(), "id,y,x0\n0,1,0.5\n1,0,\n");
    // With another delimiter every cell moves.
    assert_eq!(file(&Layout::of(&schema, None, Some("|")), &page).unwrap(), "id|y|x0\n0|1|0.5\n1|0|\n");
    let bare = raw(json!({ "header": "", "meta": {} }));
    assert_eq!(file(&Layout::of(&bare, Some("1,0.5"), None), &page).unwrap(), "id,x0,x1\n0,1,0.5\n1,0,\n");
}

#[test]
fn a_delimiter_that_stands_in_a_cell_is_refused() {
    let schema = raw(json!({ "header": "y;x0", "id_delimiter": ";" }));
    let layout = Layout::of(&schema, None, Some(","));
    let message = |keys, lines| file(&layout, &two(keys, lines)).unwrap_err().message;
    assert!(message(["0", "1"], ["1;2", "3;4,5"]).contains("\"4,5\" behind \"1,3,\" contains the delimiter"));
    assert!(message(["0,1", "2"], ["1;2", "3;4"]).contains("\"0,1\""));
}

#[test]
fn names_of_a_file_with_meta_stand_where_they_stood() {
    let schema = raw(json!({
        "header": ["x0", "x1"], "label_name": "y", "id_delimiter": ",",
        "original_index_info": { "header_index": [0, 2], "label_index": 1 },
    }));
    assert_eq!(Layout::of(&schema, None, None).header, ["id", "x0", "y", "x1"]);
}

#[test]
fn label_comes_before_features_and_details_are_quoted_once() {
    let columns = vec![
        column("id", DataType::Text, Meaning::Id),
        column("x0", DataType::Float64, Meaning::Feature),
        column("label", DataType::Int64, Meaning::Label),
        column("predict_detail", DataType::Text, Meaning::Other),
    ];
    let schema = Schema { columns, extra: json!({ "id_delimiter": ";" }).to_string() };
    let page = Page {
        rows: 1,
        columns: vec![
            values(Values::Text(texts(["a"]))),
            values(Values::Float64(vec![1e-7])),
            values(Values::Int64(vec![1])),
            values(Values::Text(texts(["{\"0\": 0.5, \"1\": 0.5}"]))),
        ],
    };
    let want = "id,label,x0,predict_detail\na,1,1e-07,\"{'0': 0.5, '1': 0.5}\"\n";
    assert_eq!(file(&Layout::of(&schema, None, None), &page).unwrap(), want);
}
