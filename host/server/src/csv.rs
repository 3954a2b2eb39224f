//! Tables as FATE's downloads show them: a line of names, then a line a row, cells joined and not quoted, except for
//! the one cell of a predict table that has commas in it. Not for: how a value becomes text (`parcae_tables::text`),
//! packing (`archive`).

use std::io::{self, Write};

use parcae_domain::{
    port::{PortError, Table},
    schema::{Meaning, Schema},
};
use parcae_tables::rows_as_text;
use serde_json::{Map, Value};

/// The column of a predict table that holds the scores of all classes.
const DETAIL: &str = "predict_detail";

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CsvError {
    /// It cannot be read.
    #[error(transparent)]
    Table(#[from] PortError),
    /// There is no room for it.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// How a table is laid out.
pub(crate) struct Layout {
    /// Columns of the table in the order of the file.
    pub(crate) columns: Vec<usize>,
    /// Place of the cell that is quoted.
    quoted: Option<usize>,
    /// What cuts a stored line into cells.
    pub(crate) delimiter: String,
    /// Column of the table that holds whole lines, if it is not parsed.
    pub(crate) raw: Option<usize>,
    /// Cells with commas, quotes or line ends in them are quoted, as spreadsheets want it and FATE's client does not.
    quotes: bool,
    /// Names of the file's columns.
    pub(crate) header: Vec<String>,
}

impl Layout {
    /// The layout of a table: key, match id, label and weight first, whatever the order in the table.
    pub(crate) fn of(table: &dyn Table) -> Result<Layout, PortError> {
        let schema = table.schema();
        let mut columns: Vec<usize> = (0..schema.columns.len()).collect();
        columns.sort_by_key(|at| match schema.columns[*at].meaning {
            Meaning::Id => 0,
            Meaning::MatchId => 1,
            Meaning::Label => 2,
            Meaning::Weight => 3,
            Meaning::Feature | Meaning::Raw | Meaning::Other => 4,
        });
        let quoted = columns.iter().position(|at| schema.columns[*at].name == DETAIL);
        let raw = schema.columns.iter().position(|column| column.meaning == Meaning::Raw);
        let is_raw = raw.is_some();
        let delimiter =
            schema.extra.get("id_delimiter").and_then(Value::as_str).filter(|text| is_raw && !text.is_empty());
        let delimiter = delimiter.unwrap_or(",").to_owned();
        let header = match is_raw {
            true => raw_header(table, &delimiter)?,
            false => columns.iter().map(|at| schema.columns[*at].name.clone()).collect(),
        };
        Ok(Layout { columns, quoted, delimiter, raw, quotes: false, header })
    }

    /// The same as a file for people: any program reads it, whatever is in the cells.
    pub(crate) fn quoting(self) -> Layout {
        Layout { quotes: true, ..self }
    }

    /// The file's description: `{"header": [...]}`.
    pub(crate) fn meta(&self) -> String {
        serde_json::json!({ "header": self.header }).to_string()
    }

    /// The first rows as cells, at most `limit` of them: those of a stored line each for itself.
    pub(crate) fn rows(&self, table: &dyn Table, limit: u64) -> Result<Vec<Vec<String>>, PortError> {
        let mut rows = Vec::new();
        rows_as_text::<PortError>(table, Some(limit), &mut |cells| {
            let mut row = Vec::with_capacity(self.header.len());
            for at in &self.columns {
                let cell = cells.get(*at).map_or("", |cell| &**cell);
                if self.raw == Some(*at) {
                    row.extend(cell.split(self.delimiter.as_str()).map(str::to_owned));
                } else {
                    row.push(cell.to_owned());
                }
            }
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Writes the table, at most `limit` rows (`None` = all), with the line of names or without.
    pub(crate) fn write(
        &self,
        table: &dyn Table,
        limit: Option<u64>,
        with_names: bool,
        out: &mut dyn Write,
    ) -> Result<(), CsvError> {
        if with_names {
            let mut names = String::new();
            for (place, name) in self.header.iter().enumerate() {
                if place > 0 {
                    names.push(',');
                }
                self.push(&mut names, name);
            }
            writeln!(out, "{names}")?;
        }
        let mut line = String::new();
        rows_as_text::<CsvError>(table, limit, &mut |cells| {
            line.clear();
            for (place, at) in self.columns.iter().enumerate() {
                if place > 0 {
                    line.push(',');
                }
                let cell = cells.get(*at).map_or("", |cell| &**cell);
                if self.quoted == Some(place) {
                    push_detail(&mut line, cell);
                } else if self.raw == Some(*at) {
                    self.push_line(&mut line, cell);
                } else {
                    self.push(&mut line, cell);
                }
            }
            line.push('\n');
            Ok(out.write_all(line.as_bytes())?)
        })
    }

    /// Appends a stored line. FATE's client cuts at commas, whatever cut the file that was uploaded.
    fn push_line(&self, line: &mut String, stored: &str) {
        if self.delimiter == "," {
            line.push_str(stored);
            return;
        }
        for (place, cell) in stored.split(self.delimiter.as_str()).enumerate() {
            if place > 0 {
                line.push(',');
            }
            self.push(line, cell);
        }
    }

    /// Appends a cell, quoted if need be.
    fn push(&self, line: &mut String, cell: &str) {
        if self.quotes && cell.contains([',', '"', '\n', '\r']) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(cell);
        }
    }
}

/// Scores of classes as FATE's client cuts them out again: one pair of double quotes around, single ones within.
fn push_detail(line: &mut String, cell: &str) {
    let inner = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"')).unwrap_or(cell);
    line.push('"');
    line.extend(inner.chars().map(|c| if c == '"' { '\'' } else { c }));
    line.push('"');
}

/// Names of an uploaded table's columns: the key's, and those of the line that was the file's header. FATE's client
/// always drops the first line, so that a file without a header gets one here.
fn raw_header(table: &dyn Table, delimiter: &str) -> Result<Vec<String>, PortError> {
    let schema = table.schema();
    let rest = names(schema, delimiter);
    if !rest.is_empty() {
        return Ok(std::iter::once(schema.sid().to_owned()).chain(rest).collect());
    }
    let raw = schema.columns.iter().position(|column| column.meaning == Meaning::Raw);
    let mut cells = 0;
    rows_as_text::<PortError>(table, Some(1), &mut |row| {
        cells = raw.and_then(|at| row.get(at)).map_or(0, |text| text.split(delimiter).count());
        Ok(())
    })?;
    let sid = if schema.sid().is_empty() { "id" } else { schema.sid() };
    Ok(std::iter::once(sid.to_owned()).chain((0..cells).map(|i| format!("x{i}"))).collect())
}

/// `extra.header`: a text as it stood in the file, or a list.
fn names(schema: &Schema, delimiter: &str) -> Vec<String> {
    match schema.extra.get("header") {
        Some(Value::String(text)) if !text.is_empty() => text.split(delimiter).map(str::to_owned).collect(),
        Some(Value::Array(_)) => in_place(&schema.extra),
        _ => Vec::new(),
    }
}

/// Names of a table with meta, whose label and match ids are recorded apart from the rest, in the order of the file.
fn in_place(extra: &Map<String, Value>) -> Vec<String> {
    let names = |key: &str| -> Vec<String> {
        match extra.get(key) {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    };
    let Some(Value::Object(indexes)) = extra.get("original_index_info") else { return names("header") };
    let places = |key: &str| -> Vec<u64> {
        match indexes.get(key) {
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_u64).collect(),
            one => one.and_then(Value::as_u64).into_iter().collect(),
        }
    };
    let features = places("header_index").into_iter().zip(names("header"));
    let labels = places("label_index").into_iter().zip(names("label_name"));
    let ids = places("match_id_index").into_iter().zip(names("match_id_name"));
    let mut all: Vec<(u64, String)> = features.chain(labels).chain(ids).collect();
    all.sort();
    all.into_iter().map(|(_, name)| name).collect()
}

#[cfg(test)]
#[path = "csv_tests.rs"]
mod tests;
