//! Small tables of text: CSV files of the examples, and what a node puts out. Not for: quotes and commas in cells.

use std::collections::BTreeMap;

use parcae_tests::example;

/// A table whose first column is its key.
pub struct Sheet {
    /// Names of the columns, the key's first.
    pub names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    /// A file of `examples/`.
    pub fn example(path: &str) -> Sheet {
        Sheet::of(&std::fs::read_to_string(example(path)).unwrap())
    }

    /// A text: a line of names, then a line a row.
    pub fn of(text: &str) -> Sheet {
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut lines = text.lines().map(cells);
        let (names, rows) = (lines.next().unwrap(), lines.collect::<Vec<_>>());
        for row in &rows {
            assert_eq!(row.len(), names.len(), "cells of {row:?}, and of {names:?}");
        }
        Sheet { names, rows }
    }

    /// Keys in their order.
    pub fn keys(&self) -> Vec<&str> {
        self.rows.iter().map(|row| row[0].as_str()).collect()
    }

    /// All columns but the key.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.names.iter().skip(1).map(String::as_str)
    }

    /// A column by key.
    pub fn texts(&self, name: &str) -> BTreeMap<&str, &str> {
        let at = self.names.iter().position(|other| other == name);
        let at = at.unwrap_or_else(|| panic!("no column {name}; there are {:?}", self.names));
        let column: BTreeMap<&str, &str> = self.rows.iter().map(|row| (row[0].as_str(), row[at].as_str())).collect();
        assert_eq!(column.len(), self.rows.len(), "a key stands there twice");
        column
    }

    /// A column of numbers by key.
    pub fn numbers(&self, name: &str) -> BTreeMap<&str, f64> {
        let number = |cell: &str| cell.parse::<f64>().unwrap_or_else(|e| panic!("{name}: {cell:?}: {e}"));
        self.texts(name).into_iter().map(|(key, cell)| (key, number(cell))).collect()
    }
}
