//! What a reader tells of a table: sample values, meaning and anonymous name of its columns. Not for: reading it.
//!
//! Anonymous names are known only for tables whose columns have a meaning (uploaded with meta, or parsed): in a file without
//! meta nobody knows yet which column is the label, and the later names must not differ from these.

use parcae_sdk::{
    Text,
    tables::{Column, Meaning, Page, Schema, Values},
};
use serde_json::{Map, Value, json};

/// Rows from which samples are taken.
pub const SAMPLED_ROWS: usize = 100;
/// Different values a column that are shown.
const SAMPLES: usize = 5;

/// What is told; each a JSON object by column.
#[derive(Debug, Default, PartialEq)]
pub struct Info {
    /// Up to 5 different values, joined by commas.
    pub samples: Map<String, Value>,
    /// Anonymous name.
    pub anonymous: Map<String, Value>,
    /// `feature`, `label` or `match_id`.
    pub attributes: Map<String, Value>,
}

/// Indexes of the columns that samples are taken from: the stored line of a table that is not parsed, else all but the key.
pub fn columns_to_read(schema: &Schema) -> Vec<u32> {
    let of = |wanted: fn(Meaning) -> bool| -> Vec<u32> {
        let all = schema.columns.iter().enumerate();
        all.filter(|(_, c)| wanted(c.meaning)).map(|(i, _)| i as u32).collect()
    };
    let raw = of(|meaning| meaning == Meaning::Raw);
    match raw.is_empty() {
        true => of(|meaning| meaning != Meaning::Id),
        false => raw,
    }
}

impl Info {
    /// Looks at the first rows of a page that has the columns `read`. `prefix` is role and party: `guest_9999`.
    pub fn of(schema: &Schema, read: &[u32], page: &Page, prefix: &str, rows: usize) -> Info {
        let extra: Map<String, Value> = serde_json::from_str(&schema.extra).unwrap_or_default();
        let rows = rows.min(page.rows as usize);
        let raw = schema.columns.iter().any(|c| c.meaning == Meaning::Raw);
        let mut info = Info::default();
        match (raw, page.columns.first()) {
            (true, Some(Column { values: Values::Text(lines), .. })) => {
                let names = stored_names(&extra);
                let delimiter = delimiter(&extra);
                let mut samples = vec![Vec::new(); names.len()];
                for row in 0..rows {
                    lines.at(row).split(delimiter).zip(&mut samples).for_each(|(cell, all)| note(all, cell));
                }
                info.samples = names.into_iter().zip(samples).map(|(name, all)| (name, json!(all.join(",")))).collect();
            }
            _ => {
                for (index, column) in read.iter().zip(&page.columns) {
                    let Some(definition) = schema.columns.get(*index as usize) else { continue };
                    let mut all = Vec::new();
                    (0..rows).for_each(|row| note(&mut all, &cell(column, row)));
                    info.samples.insert(definition.name.clone(), json!(all.join(",")));
                    info.attributes.insert(definition.name.clone(), json!(attribute(definition.meaning)));
                }
            }
        }
        info.name(&extra, prefix);
        info
    }

    fn name(&mut self, extra: &Map<String, Value>, prefix: &str) {
        let full = |name: &str| match name.starts_with(prefix) {
            true => json!(name),
            false => json!(format!("{prefix}_{name}")),
        };
        for (name, anonymous) in texts_of(extra, "header").into_iter().zip(texts_of(extra, "anonymous_header")) {
            self.anonymous.insert(name.clone(), full(&anonymous));
            self.attributes.insert(name, json!("feature"));
        }
        if self.anonymous.is_empty() {
            return;
        }
        if let Some(label) = extra.get("label_name").and_then(Value::as_str) {
            self.anonymous.insert(label.to_owned(), full("y"));
            self.attributes.insert(label.to_owned(), json!("label"));
        }
        for name in texts_of(extra, "match_id_name") {
            self.attributes.insert(name, json!("match_id"));
        }
    }
}

/// Adds a value unless it is there or there are enough.
fn note(all: &mut Vec<String>, value: &str) {
    if all.len() < SAMPLES && all.iter().all(|known| known != value) {
        all.push(value.to_owned());
    }
}

fn cell(column: &Column, row: usize) -> String {
    if column.validity.as_ref().is_some_and(|bits| bits.get(row / 8).is_none_or(|byte| byte >> (row % 8) & 1 == 0)) {
        return String::new();
    }
    match &column.values {
        Values::Text(all) => all.at(row).to_owned(),
        Values::Float64(all) => all[row].to_string(),
        Values::Int64(all) => all[row].to_string(),
        Values::Boolean(all) => all[row].to_string(),
    }
}

fn attribute(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Id => "id",
        Meaning::MatchId => "match_id",
        Meaning::Label => "label",
        Meaning::Weight => "weight",
        Meaning::Feature => "feature",
        Meaning::Raw => "raw",
        Meaning::Other => "other",
    }
}

/// A text, or the texts of a list.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

fn texts_of(extra: &Map<String, Value>, name: &str) -> Vec<String> {
    extra.get(name).map(texts).unwrap_or_default()
}

fn delimiter(extra: &Map<String, Value>) -> &str {
    let of_meta = extra.get("meta").and_then(|meta| meta.get("delimiter")).and_then(Value::as_str);
    of_meta.or_else(|| extra.get("id_delimiter").and_then(Value::as_str)).filter(|d| !d.is_empty()).unwrap_or(",")
}

/// Names of the cells of a stored line, in the order of the file.
fn stored_names(extra: &Map<String, Value>) -> Vec<String> {
    let header = match extra.get("header") {
        Some(Value::String(line)) if line.is_empty() => return Vec::new(),
        Some(Value::String(line)) => return line.split(delimiter(extra)).map(|name| name.trim().to_owned()).collect(),
        Some(list) => texts(list),
        None => return Vec::new(),
    };
    let Some(indexes) = extra.get("original_index_info").filter(|indexes| indexes.is_object()) else { return header };
    let places = |name: &str| -> Vec<usize> {
        let place = |value: &Value| value.as_u64().map(|n| n as usize);
        match &indexes[name] {
            Value::Array(all) => all.iter().filter_map(place).collect(),
            one => place(one).into_iter().collect(),
        }
    };
    let features = places("header_index").into_iter().zip(header);
    let labels = places("label_index").into_iter().zip(texts_of(extra, "label_name"));
    let ids = places("match_id_index").into_iter().zip(texts_of(extra, "match_id_name"));
    let mut all: Vec<(usize, String)> = features.chain(labels).chain(ids).collect();
    all.sort();
    all.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use parcae_sdk::{
        tables::{ColumnDefinition, DataType},
        texts as column_of,
    };

    use super::*;

    fn raw(extra: Value, lines: &[&str]) -> Info {
        let column = |name: &str, meaning| ColumnDefinition { name: name.into(), data_type: DataType::Text, meaning };
        let columns = vec![column("id", Meaning::Id), column("raw", Meaning::Raw)];
        let schema = Schema { columns, extra: extra.to_string() };
        let read = columns_to_read(&schema);
        assert_eq!(read, [1]);
        let values = Values::Text(column_of(lines.iter().copied()));
        let page = Page { rows: lines.len() as u32, columns: vec![Column { validity: None, values }] };
        Info::of(&schema, &read, &page, "guest_9999", SAMPLED_ROWS)
    }

    #[test]
    fn samples_of_a_file_without_meta() {
        let extra = json!({ "sid": "id", "header": "y,x0", "meta": {}, "id_delimiter": "," });
        let info = raw(extra, &["0,1.5", "1,1.5", "0,2", "1,3", "1,4", "0,5", "0,6"]);
        assert_eq!(Value::Object(info.samples), json!({ "y": "0,1", "x0": "1.5,2,3,4,5" }));
        assert!(info.anonymous.is_empty() && info.attributes.is_empty());
    }

    #[test]
    fn names_of_a_file_with_meta() {
        let extra = json!({
            "sid": "id", "header": ["x0", "x1"], "label_name": "y", "meta": { "delimiter": "|" },
            "anonymous_header": ["x0", "x1"], "anonymous_label": "y",
            "original_index_info": { "header_index": [0, 2], "label_index": 1 },
        });
        let info = raw(extra, &["7|1|8", "9|0|10"]);
        assert_eq!(Value::Object(info.samples), json!({ "x0": "7,9", "y": "1,0", "x1": "8,10" }));
        let names = json!({ "x0": "guest_9999_x0", "x1": "guest_9999_x1", "y": "guest_9999_y" });
        assert_eq!(Value::Object(info.anonymous), names);
        assert_eq!(Value::Object(info.attributes), json!({ "x0": "feature", "x1": "feature", "y": "label" }));
    }

    #[test]
    fn a_file_without_header_has_no_samples() {
        let info = raw(json!({ "sid": "", "header": "", "meta": {} }), &["a;b"]);
        assert_eq!(info, Info::default());
    }

    #[test]
    fn parsed_tables() {
        let column = |name: &str, data_type, meaning| ColumnDefinition { name: name.into(), data_type, meaning };
        let columns = vec![
            column("id", DataType::Text, Meaning::Id),
            column("y", DataType::Int64, Meaning::Label),
            column("x0", DataType::Float64, Meaning::Feature),
        ];
        let schema = Schema { columns, extra: "{}".into() };
        let read = columns_to_read(&schema);
        let labels = Column { validity: None, values: Values::Int64(vec![1, 0, 1]) };
        let numbers = Column { validity: Some(vec![0b011]), values: Values::Float64(vec![0.5, 2.0, 0.0]) };
        let page = Page { rows: 3, columns: vec![labels, numbers] };
        let info = Info::of(&schema, &read, &page, "host_1", SAMPLED_ROWS);
        assert_eq!(Value::Object(info.samples), json!({ "y": "1,0", "x0": "0.5,2," }));
        assert_eq!(Value::Object(info.attributes), json!({ "y": "label", "x0": "feature" }));
    }
}
