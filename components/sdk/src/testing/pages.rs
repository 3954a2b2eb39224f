//! Checks of schemas and pages, as a node makes them, in its words. Not for: storing (`tables`).

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    Error,
    tables::{Column, DataType, Meaning, Page, Schema, Texts, Values},
};

/// Most partitions of a table.
const PARTITIONS: u32 = 1023;
/// Longest name of a column, bytes.
const NAME_BYTES: usize = 1024;

/// Checks what a component says of a table that it begins.
pub(super) fn check_new(schema: &Schema, partitions: u32) -> Result<(), Error> {
    if !(1..=PARTITIONS).contains(&partitions) {
        return Err(Error::Invalid(format!("{partitions} partitions; 1 to {PARTITIONS} are allowed")));
    }
    if !schema.extra.is_empty() && !is_object(&schema.extra) {
        return Err(Error::Invalid("extra of the schema is not a JSON object".into()));
    }
    check_columns(schema).map_err(|why| Error::Invalid(format!("schema: {why}")))
}

/// True for the text of a JSON object.
pub(super) fn is_object(text: &str) -> bool {
    matches!(serde_json::from_str(text), Ok(Value::Object(_)))
}

fn check_columns(schema: &Schema) -> Result<(), String> {
    let ids = schema.columns.iter().filter(|column| column.meaning == Meaning::Id).count();
    match schema.columns.first() {
        Some(key) if ids == 1 && key.meaning == Meaning::Id && key.data_type == DataType::Text => {}
        _ => return Err("the first column must be the only one that means id, and be text".into()),
    }
    let mut seen = HashSet::new();
    for (i, column) in schema.columns.iter().enumerate() {
        let name = &column.name;
        // A file without a header has a key without a name.
        let empty = name.is_empty() && i > 0;
        if empty || name.len() > NAME_BYTES || name.chars().any(char::is_control) {
            return Err(format!(
                "column {i} has a name that is empty, longer than {NAME_BYTES} bytes or not printable: {name:?}"
            ));
        }
        if !seen.insert(name) {
            return Err(format!("two columns are named {name:?}"));
        }
    }
    Ok(())
}

/// Checks a page against the schema of its table.
pub(super) fn check_page(page: &Page, schema: &Schema) -> Result<(), Error> {
    let (got, want) = (page.columns.len(), schema.columns.len());
    if got != want {
        return Err(Error::Invalid(format!("page has {got} columns where the schema has {want}")));
    }
    for (i, (column, definition)) in page.columns.iter().zip(&schema.columns).enumerate() {
        let (holds, says) = (data_type(&column.values), definition.data_type);
        let checked = if holds == says {
            check_column(column, page.rows as usize)
        } else {
            Err(format!("it holds {} where the schema says {}", word(holds), word(says)))
        };
        checked.map_err(|why| Error::Invalid(format!("column {i} {:?}: {why}", definition.name)))?;
    }
    Ok(())
}

/// A type's name in the contract.
fn word(data_type: DataType) -> &'static str {
    match data_type {
        DataType::Text => "text",
        DataType::Float64 => "float64",
        DataType::Int64 => "int64",
        DataType::Boolean => "boolean",
    }
}

/// Checks lengths, offsets and bytes without a schema.
pub(super) fn check_shape(page: &Page) -> Result<(), Error> {
    let rows = page.rows as usize;
    let mut columns = page.columns.iter().enumerate();
    columns.try_for_each(|(i, column)| {
        check_column(column, rows).map_err(|why| Error::Invalid(format!("column {i}: {why}")))
    })
}

/// How values are stored.
pub(super) fn data_type(values: &Values) -> DataType {
    match values {
        Values::Text(_) => DataType::Text,
        Values::Float64(_) => DataType::Float64,
        Values::Int64(_) => DataType::Int64,
        Values::Boolean(_) => DataType::Boolean,
    }
}

fn check_column(column: &Column, rows: usize) -> Result<(), String> {
    if column.validity.as_ref().is_some_and(|bits| bits.len() != rows.div_ceil(8)) {
        return Err(format!("the length of its validity does not fit {rows} rows"));
    }
    let len = match &column.values {
        Values::Text(all) => return check_texts(all, rows),
        Values::Float64(values) => values.len(),
        Values::Int64(values) => values.len(),
        Values::Boolean(values) => {
            if let Some(row) = values.iter().position(|byte| *byte > 1) {
                return Err(format!("row {row} is neither 0 nor 1"));
            }
            values.len()
        }
    };
    if len == rows { Ok(()) } else { Err(format!("the length of its values does not fit {rows} rows")) }
}

/// Checks offsets and bytes of some texts.
pub(super) fn check_texts(all: &Texts, rows: usize) -> Result<(), String> {
    let (offsets, bytes) = (&all.offsets, &all.bytes);
    if offsets.len() != rows + 1 || offsets[0] != 0 || offsets[rows] as usize != bytes.len() {
        return Err(format!("the length of its offsets does not fit {rows} rows"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|e| format!("not UTF-8 at byte {}, or a value begins inside a character", e.valid_up_to()))?;
    for (i, pair) in offsets.windows(2).enumerate() {
        if pair[0] > pair[1] || pair[1] as usize > bytes.len() {
            return Err(format!("offset {} goes back or beyond the bytes", i + 1));
        }
        if !text.is_char_boundary(pair[1] as usize) {
            return Err(format!("not UTF-8 at byte {}, or a value begins inside a character", pair[1]));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::ColumnDefinition;

    #[test]
    fn a_column_that_does_not_fit_is_named() {
        let definition = |name: &str, data_type, meaning| ColumnDefinition { name: name.into(), data_type, meaning };
        let (id, x) = (DataType::Text, DataType::Float64);
        let columns = vec![definition("id", id, Meaning::Id), definition("x", x, Meaning::Feature)];
        let schema = Schema { columns, extra: String::new() };
        let said = |values: Values| {
            let ids = Values::Text(Texts { offsets: vec![0, 1], bytes: b"a".to_vec() });
            let columns = [ids, values].map(|values| Column { validity: None, values }).into();
            match check_page(&Page { rows: 1, columns }, &schema) {
                Err(Error::Invalid(why)) => why,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(said(Values::Int64(vec![1])), "column 1 \"x\": it holds int64 where the schema says float64");
        assert_eq!(said(Values::Float64(vec![])), "column 1 \"x\": the length of its values does not fit 1 rows");
    }
}
