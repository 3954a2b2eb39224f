//! Downloads of raw, parsed and predict tables, as FATE's client reads them.

use parcae_domain::{
    page::{Column, Page, Values},
    schema::{ColumnDef, DataType},
};
use serde_json::json;

use super::*;

/// A table of one page.
struct Memory {
    schema: Schema,
    page: Page,
}

impl Table for Memory {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn rows(&self) -> u64 {
        u64::from(self.page.rows)
    }

    fn pages(&self) -> u32 {
        1
    }

    fn partitions(&self) -> u32 {
        1
    }

    fn read_page(&self, _index: u32, _columns: &[u32]) -> Result<Page, PortError> {
        Ok(self.page.clone())
    }

    fn file(&self) -> &str {
        "memory"
    }
}

fn table(columns: Vec<(&str, Meaning, Values)>, extra: Value) -> Memory {
    let rows = columns.iter().map(|(.., values)| len(values)).max().unwrap_or(0);
    let def = |(name, meaning, values): &(&str, Meaning, Values)| ColumnDef {
        name: (*name).to_owned(),
        data_type: values.data_type(),
        meaning: *meaning,
    };
    let schema =
        Schema { columns: columns.iter().map(def).collect(), extra: extra.as_object().cloned().unwrap_or_default() };
    schema.check().unwrap();
    let columns = columns.into_iter().map(|(.., values)| Column { validity: None, values }).collect();
    Memory { schema, page: Page { rows: u32::try_from(rows).unwrap(), columns } }
}

fn len(values: &Values) -> usize {
    match values {
        Values::Text { offsets, .. } => offsets.len() - 1,
        Values::F64(values) => values.len(),
        Values::I64(values) => values.len(),
        Values::Bool(values) => values.len(),
    }
}

fn csv(table: &Memory, limit: Option<u64>) -> String {
    let mut out = Vec::new();
    Layout::of(table).unwrap().write(table, limit, true, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn raw_tables_are_written_as_they_came() {
    let ids = || ("id", Meaning::Id, Values::text(["0", "1"]));
    let raw = |rows: [&str; 2]| ("line", Meaning::Raw, Values::text(rows));
    let uploaded = table(vec![ids(), raw(["1,0.5,-1", "0,0.25,"])], json!({"header": "y,x0,x1", "meta": {}}));
    assert_eq!(csv(&uploaded, None), "id,y,x0,x1\n0,1,0.5,-1\n1,0,0.25,\n");
    assert_eq!(csv(&uploaded, Some(1)), "id,y,x0,x1\n0,1,0.5,-1\n");
    assert_eq!(Layout::of(&uploaded).unwrap().meta(), r#"{"header":["id","y","x0","x1"]}"#);
    // With meta the header is a list; commas stand for another delimiter.
    let list = table(vec![ids(), raw(["1;a b", "2;c"])], json!({"header": ["y", "x0"], "id_delimiter": ";"}));
    assert_eq!(csv(&list, None), "id,y,x0\n0,1,a b\n1,2,c\n");
}

#[test]
fn files_for_people_read_back_whatever_is_in_the_cells() {
    let ids = ("id", Meaning::Id, Values::text(["a,b", "c"]));
    let texts = ("x,0", Meaning::Feature, Values::text(["say \"hi\"", "1\n2"]));
    let odd = table(vec![ids, texts], json!({}));
    let mut out = Vec::new();
    Layout::of(&odd).unwrap().quoting().write(&odd, None, true, &mut out).unwrap();
    let want = "id,\"x,0\"\n\"a,b\",\"say \"\"hi\"\"\"\nc,\"1\n2\"\n";
    assert_eq!(String::from_utf8(out).unwrap(), want);
    assert!(csv(&odd, None).starts_with("id,x,0\na,b,say"), "FATE's client gets what it cuts");
    let ids = ("id", Meaning::Id, Values::text(["0"]));
    let line = ("line", Meaning::Raw, Values::text(["1;a,b"]));
    let raw = table(vec![ids, line], json!({"header": "y;x0", "id_delimiter": ";"}));
    let mut out = Vec::new();
    Layout::of(&raw).unwrap().quoting().write(&raw, None, true, &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "id,y,x0\n0,1,\"a,b\"\n");
}

#[test]
fn names_of_a_table_with_meta_stand_where_they_stood() {
    let extra = json!({"header": ["x0", "x1"], "label_name": "y", "id_delimiter": ",",
        "original_index_info": {"header_index": [0, 2], "label_index": 1}});
    let columns = vec![("id", Meaning::Id, Values::text(["a"])), ("line", Meaning::Raw, Values::text(["0.5,1,-1"]))];
    let uploaded = table(columns, extra);
    assert_eq!(csv(&uploaded, None), "id,x0,y,x1\na,0.5,1,-1\n");
    let cells = Layout::of(&uploaded).unwrap().rows(&uploaded, 10).unwrap();
    assert_eq!(cells, [["a", "0.5", "1", "-1"]]);
}

#[test]
fn a_file_without_a_header_gets_one() {
    let ids = ("", Meaning::Id, Values::text(["7"]));
    let bare = table(vec![ids, ("line", Meaning::Raw, Values::text(["1,0.5"]))], json!({"header": "", "sid": ""}));
    assert_eq!(csv(&bare, None), "id,x0,x1\n7,1,0.5\n");
}

#[test]
fn label_comes_before_features_and_floats_look_as_in_python() {
    let parsed = table(
        vec![
            ("id", Meaning::Id, Values::text(["a", "b"])),
            ("x0", Meaning::Feature, Values::F64(vec![1.0, 1e-7])),
            ("y", Meaning::Label, Values::I64(vec![1, 0])),
        ],
        // Only a raw table keeps its delimiter: FATE's client splits on commas.
        json!({"id_delimiter": ";"}),
    );
    assert_eq!(csv(&parsed, None), "id,y,x0\na,1,1.0\nb,0,1e-07\n");
}

#[test]
fn details_of_a_prediction_are_quoted_once() {
    let predict = |detail: &str| {
        table(
            vec![
                ("id", Meaning::Id, Values::text(["0"])),
                ("label", Meaning::Label, Values::I64(vec![0])),
                ("predict_result", Meaning::Other, Values::I64(vec![1])),
                ("predict_score", Meaning::Other, Values::F64(vec![0.999_993_276_299_569_8])),
                ("predict_detail", Meaning::Other, Values::text([detail])),
                ("type", Meaning::Other, Values::text(["train"])),
            ],
            json!({"content_type": "predict_result"}),
        )
    };
    // First lines of a FATE-Flow 1.11 server's download of `hetero_lr_0`.
    let golden = "id,label,predict_result,predict_score,predict_detail,type\n\
                  0,0,1,0.9999932762995698,\"{'0': 6.723700430200097e-06, '1': 0.9999932762995698}\",train\n";
    for detail in [
        r#"{"0": 6.723700430200097e-06, "1": 0.9999932762995698}"#,
        "{'0': 6.723700430200097e-06, '1': 0.9999932762995698}",
        "\"{'0': 6.723700430200097e-06, '1': 0.9999932762995698}\"",
    ] {
        assert_eq!(csv(&predict(detail), None), golden);
    }
    assert_eq!(predict("").schema.columns[1].data_type, DataType::I64);
}
