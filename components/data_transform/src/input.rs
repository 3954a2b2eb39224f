//! Rows of the input table as cells of text: stored lines are split, parsed columns are printed. Not for: what cells mean.

use memchr::memchr_iter;
use parcae_sdk::{
    Result, Text, failed,
    tables::{Column, Page, Texts, Values},
};

use crate::number;

/// A table that can be read page by page, more than once.
pub trait Input {
    /// Number of pages.
    fn pages(&self) -> u32;
    /// Reads a page.
    fn read(&self, index: u32) -> Result<Block>;
}

/// A block of rows.
pub struct Block {
    keys: Texts,
    body: Body,
}

enum Body {
    Lines(Texts),
    Columns(Vec<Texts>),
}

impl Block {
    /// A page whose first column is the key; with `raw` the second is the stored line.
    pub fn of(page: Page, raw: bool) -> Result<Block> {
        let rows = page.rows as usize;
        let mut columns = page.columns.into_iter().map(|column| printed(column, rows));
        let Some(keys) = columns.next() else { return Err(failed("a page without a key column")) };
        let body = match raw {
            true => match columns.next() {
                Some(lines) => Body::Lines(lines),
                None => return Err(failed("a page without the stored lines")),
            },
            false => Body::Columns(columns.collect()),
        };
        Ok(Block { keys, body })
    }

    /// Appends the cells of a row to `cells`.
    fn cells<'b>(&'b self, row: usize, delimiter: &str, cells: &mut Vec<&'b str>) {
        match &self.body {
            Body::Lines(lines) => split(lines.at(row), delimiter, cells),
            Body::Columns(columns) => cells.extend(columns.iter().map(|column| column.at(row))),
        }
    }
}

/// Splits a line; like Python's `split` the empty line has one empty cell.
fn split<'l>(line: &'l str, delimiter: &str, cells: &mut Vec<&'l str>) {
    let [byte] = delimiter.as_bytes() else {
        cells.extend(line.split(delimiter));
        return;
    };
    let mut from = 0;
    for at in memchr_iter(*byte, line.as_bytes()) {
        cells.push(&line[from..at]);
        from = at + 1;
    }
    cells.push(&line[from..]);
}

/// The values of a column as texts; a missing value is empty.
fn printed(column: Column, rows: usize) -> Texts {
    let Column { validity, values } = column;
    let valid = |row: usize| {
        let byte = validity.as_ref().map(|bits| bits.get(row / 8).copied().unwrap_or(0));
        byte.is_none_or(|byte| byte >> (row % 8) & 1 == 1)
    };
    let print = |value: &dyn Fn(usize) -> String| {
        let mut all = Texts { offsets: vec![0], bytes: Vec::new() };
        for row in 0..rows {
            if valid(row) {
                all.bytes.extend_from_slice(value(row).as_bytes());
            }
            all.offsets.push(all.bytes.len() as u32);
        }
        all
    };
    match values {
        Values::Text(all) if validity.is_none() => all,
        Values::Text(all) => print(&|row| all.at(row).to_owned()),
        Values::Float64(all) => print(&|row| number::repr(all[row])),
        Values::Int64(all) => print(&|row| all[row].to_string()),
        Values::Boolean(all) => print(&|row| all[row].to_string()),
    }
}

/// Hands key and cells of every row to `handle`.
pub fn each_row(input: &dyn Input, delimiter: &str, handle: &mut dyn FnMut(&str, &[&str]) -> Result<()>) -> Result<()> {
    for index in 0..input.pages() {
        let block = input.read(index)?;
        let mut cells = Vec::new();
        for row in 0..block.keys.count() {
            cells.clear();
            block.cells(row, delimiter, &mut cells);
            handle(block.keys.at(row), &cells)?;
        }
    }
    Ok(())
}

#[cfg(test)]
pub mod tests {
    use parcae_sdk::texts;

    use super::*;

    /// Stored lines in memory, `page_rows` a page.
    pub struct Memory {
        rows: Vec<(String, String)>,
        page_rows: usize,
    }

    impl Memory {
        /// Keys and lines.
        pub fn of(rows: &[(&str, &str)]) -> Memory {
            Memory { rows: rows.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(), page_rows: 2 }
        }
    }

    impl Input for Memory {
        fn pages(&self) -> u32 {
            self.rows.len().div_ceil(self.page_rows) as u32
        }
        fn read(&self, index: u32) -> Result<Block> {
            let from = index as usize * self.page_rows;
            let rows = &self.rows[from..(from + self.page_rows).min(self.rows.len())];
            let column = |values| Column { validity: None, values: Values::Text(values) };
            let keys = column(texts(rows.iter().map(|(k, _)| k.as_str())));
            let lines = column(texts(rows.iter().map(|(_, v)| v.as_str())));
            Block::of(Page { rows: rows.len() as u32, columns: vec![keys, lines] }, true)
        }
    }

    #[test]
    fn lines_are_split_plainly() {
        for (delimiter, line, expected) in [
            (",", "a,,\"b,c\",", vec!["a", "", "\"b", "c\"", ""]),
            ("||", "é||b|c", vec!["é", "b|c"]),
            (" ", "", vec![""]),
        ] {
            let mut cells = Vec::new();
            split(line, delimiter, &mut cells);
            assert_eq!(cells, expected);
        }
    }

    #[test]
    fn rows_of_several_pages() {
        let mut all = Vec::new();
        let input = Memory::of(&[("a", "1,2"), ("b", "3,4"), ("c", "5,6")]);
        each_row(&input, ",", &mut |key, cells| {
            all.push(format!("{key}:{}", cells.join("/")));
            Ok(())
        })
        .unwrap();
        assert_eq!(all, ["a:1/2", "b:3/4", "c:5/6"]);
    }

    #[test]
    fn parsed_columns_are_printed() {
        let columns = vec![
            Column { validity: None, values: Values::Text(texts(["a", "b"])) },
            Column { validity: Some(vec![0b01]), values: Values::Float64(vec![1.0, 0.0]) },
            Column { validity: None, values: Values::Int64(vec![-3, 4]) },
        ];
        let block = Block::of(Page { rows: 2, columns }, false).unwrap();
        let mut cells = Vec::new();
        block.cells(0, ",", &mut cells);
        block.cells(1, ",", &mut cells);
        assert_eq!(cells, ["1.0", "-3", "", "4"]);
    }
}
