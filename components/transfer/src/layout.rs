//! How a table stands in a file: a line of names, then a line a row, cells joined and not quoted, except for the one cell of
//! a predict table that has commas in it; as the node's own downloads look. Not for: how a value becomes text (`text`).

use parcae_sdk::{
    Result, input_error,
    tables::{Meaning, Page, Schema},
};
use serde_json::{Map, Value};

use crate::text::cell;

/// The column of a predict table that holds the scores of all classes.
const DETAIL: &str = "predict_detail";

/// How a table is laid out.
#[derive(Debug)]
pub struct Layout {
    /// Columns of the table in the order of the file.
    columns: Vec<usize>,
    /// Place of the cell that is quoted.
    quoted: Option<usize>,
    /// What joins the cells.
    delimiter: String,
    /// What joins the cells of stored lines, when that is something else.
    stored: Option<String>,
    /// Names of the file's columns.
    pub header: Vec<String>,
}

impl Layout {
    /// The layout of a table: key, match id, label and weight first, whatever the order in the table. `first` is the stored
    /// line of the first row, for tables without names; `delimiter` is the wanted one.
    pub fn of(schema: &Schema, first: Option<&str>, delimiter: Option<&str>) -> Layout {
        let extra: Map<String, Value> = serde_json::from_str(&schema.extra).unwrap_or_default();
        let mut columns: Vec<usize> = (0..schema.columns.len()).collect();
        columns.sort_by_key(|at| match schema.columns[*at].meaning {
            Meaning::Id => 0,
            Meaning::MatchId => 1,
            Meaning::Label => 2,
            Meaning::Weight => 3,
            Meaning::Feature | Meaning::Raw | Meaning::Other => 4,
        });
        let quoted = columns.iter().position(|at| schema.columns[*at].name == DETAIL);
        let is_raw = raw_column(schema).is_some();
        let known = extra.get("id_delimiter").and_then(Value::as_str).filter(|text| is_raw && !text.is_empty());
        let known = known.unwrap_or(",");
        let delimiter = delimiter.unwrap_or(known).to_owned();
        let header = match is_raw {
            true => raw_header(schema, &extra, first, known),
            false => columns.iter().map(|at| schema.columns[*at].name.clone()).collect(),
        };
        let stored = (is_raw && delimiter != known).then(|| known.to_owned());
        Layout { columns, quoted, delimiter, stored, header }
    }

    /// Adds the line of names.
    pub fn push_header(&self, out: &mut String) {
        out.push_str(&self.header.join(&self.delimiter));
        out.push('\n');
    }

    /// Adds the line of a row of a page that has all columns.
    pub fn push_row(&self, page: &Page, row: usize, out: &mut String) -> Result<()> {
        let start = out.len();
        for (place, at) in self.columns.iter().enumerate() {
            if place > 0 {
                out.push_str(&self.delimiter);
            }
            let Some(column) = page.columns.get(*at) else { continue };
            let value = cell(column, row);
            match &self.stored {
                _ if self.quoted == Some(place) => push_detail(out, &value),
                None => out.push_str(&value),
                // The key is one cell, whatever stands in it.
                Some(_) if place == 0 => self.push_cell(out, &value, start)?,
                Some(stored) => {
                    for (i, part) in value.split(stored.as_str()).enumerate() {
                        if i > 0 {
                            out.push_str(&self.delimiter);
                        }
                        self.push_cell(out, part, start)?;
                    }
                }
            }
        }
        out.push('\n');
        Ok(())
    }

    /// A cell of a line that gets another delimiter, which must not stand in it.
    fn push_cell(&self, out: &mut String, cell: &str, start: usize) -> Result<()> {
        if cell.contains(&self.delimiter) {
            let line: String = out[start..].chars().take(80).collect();
            return Err(input_error(format!(
                "the cell {cell:?} behind {line:?} contains the delimiter {:?}: choose another one",
                self.delimiter
            )));
        }
        out.push_str(cell);
        Ok(())
    }
}

/// Place of the column that holds whole lines.
pub fn raw_column(schema: &Schema) -> Option<usize> {
    schema.columns.iter().position(|column| column.meaning == Meaning::Raw)
}

/// Scores of classes as FATE's client cuts them out again: one pair of double quotes around, single ones within.
fn push_detail(out: &mut String, cell: &str) {
    let inner = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell);
    out.push('"');
    out.extend(inner.chars().map(|c| if c == '"' { '\'' } else { c }));
    out.push('"');
}

/// Names of the key and of the cells of a stored line; made up where the file had none.
fn raw_header(schema: &Schema, extra: &Map<String, Value>, first: Option<&str>, delimiter: &str) -> Vec<String> {
    let sid = schema.columns.first().map_or("", |column| column.name.as_str());
    let mut header = vec![if sid.is_empty() { "id" } else { sid }.to_owned()];
    let names = stored_names(extra, delimiter);
    match names.is_empty() {
        true => {
            let cells = first.map_or(0, |line| line.split(delimiter).count());
            header.extend((0..cells).map(|i| format!("x{i}")));
        }
        false => header.extend(names),
    }
    header
}

/// Names of the cells of a stored line, in the order of the file: with meta, label and match ids are recorded apart.
fn stored_names(extra: &Map<String, Value>, delimiter: &str) -> Vec<String> {
    let texts = |name: &str| -> Vec<String> {
        match extra.get(name) {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(all)) => all.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect(),
            _ => Vec::new(),
        }
    };
    let header = match extra.get("header") {
        Some(Value::String(line)) if line.is_empty() => return Vec::new(),
        Some(Value::String(line)) => return line.split(delimiter).map(str::to_owned).collect(),
        _ => texts("header"),
    };
    let Some(indexes) = extra.get("original_index_info").filter(|indexes| indexes.is_object()) else { return header };
    let places = |name: &str| -> Vec<u64> {
        match &indexes[name] {
            Value::Array(all) => all.iter().filter_map(Value::as_u64).collect(),
            one => one.as_u64().into_iter().collect(),
        }
    };
    let features = places("header_index").into_iter().zip(header);
    let labels = places("label_index").into_iter().zip(texts("label_name"));
    let ids = places("match_id_index").into_iter().zip(texts("match_id_name"));
    let mut all: Vec<(u64, String)> = features.chain(labels).chain(ids).collect();
    all.sort();
    all.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
