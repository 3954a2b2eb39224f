//! The tables that come out. Pure. Not for: deciding which rows are in common.

use parcae_sdk::{
    Column, Frame, Text,
    tables::{Texts, Values},
    texts,
};
use serde_json::json;

/// The key column alone; what the schema says of other columns goes with them.
pub fn keys_only(mut frame: Frame) -> Frame {
    frame.columns.truncate(1);
    for name in ["header", "anonymous_header"] {
        if let Some(value) = frame.extra.get_mut(name) {
            *value = if value.is_array() { json!([]) } else { json!("") };
        }
    }
    frame
}

/// Rows of a table under other keys, in the order given; a row that is not there has no values.
pub fn gather(frame: &Frame, rows: &[Option<usize>], keys: Texts) -> Frame {
    let mut columns: Vec<Column> = frame.columns.iter().map(|column| gather_column(column, rows)).collect();
    if let Some(key) = columns.first_mut() {
        key.values = Values::Text(keys);
        key.valid = None;
    }
    Frame { columns, extra: frame.extra.clone(), partitions: frame.partitions }
}

fn gather_column(column: &Column, rows: &[Option<usize>]) -> Column {
    let values = match &column.values {
        Values::Text(all) => Values::Text(texts(rows.iter().map(|row| row.map_or("", |row| all.at(row))))),
        Values::Float64(all) => Values::Float64(rows.iter().map(|row| row.map_or(0.0, |row| all[row])).collect()),
        Values::Int64(all) => Values::Int64(rows.iter().map(|row| row.map_or(0, |row| all[row])).collect()),
        Values::Boolean(all) => Values::Boolean(rows.iter().map(|row| row.map_or(0, |row| all[row])).collect()),
    };
    let gaps = column.valid.is_some() || rows.contains(&None);
    let valid = gaps.then(|| rows.iter().map(|row| row.is_some_and(|row| column.is_valid(row))).collect());
    Column { definition: column.definition.clone(), valid, values }
}

/// A table in the order of its keys as text.
pub fn by_key(frame: &Frame) -> Frame {
    frame.take(&frame.sorted_rows())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::tests::table;

    #[test]
    fn rows_that_are_not_there_have_no_values() {
        let frame = table(&["a", "b"], Some(&[Some("m"), None]));
        let got = by_key(&gather(&frame, &[Some(1), None, Some(0), Some(0)], texts(["4", "3", "2", "1"])));
        assert_eq!(got.ids(), &texts(["1", "2", "3", "4"]));
        assert_eq!(got.columns[0].valid.as_ref().map(|v| v.contains(&false)), None);
        assert_eq!(got.columns[1].valid, Some(vec![true, true, false, false]));
        assert_eq!(got.columns[2].values, Values::Float64(vec![0.0, 0.0, 0.0, 1.0]));
        assert_eq!(got.columns[2].valid, Some(vec![true, true, false, true]));
    }

    #[test]
    fn a_full_column_stays_full() {
        let got = gather(&table(&["a", "b"], None), &[Some(1), Some(0)], texts(["x", "y"]));
        assert_eq!(got.columns[1].valid, None);
        assert_eq!(got.columns[1].values, Values::Float64(vec![1.0, 0.0]));
    }

    #[test]
    fn keys_alone_have_no_header() {
        let mut frame = table(&["a"], None);
        frame.extra.insert("header".to_owned(), json!(["x"]));
        let got = keys_only(frame.clone());
        assert_eq!((got.columns.len(), &got.extra["header"]), (1, &json!([])));
        frame.extra.insert("header".to_owned(), json!("x"));
        assert_eq!(keys_only(frame).extra["header"], json!(""));
    }
}
