//! A table in memory, column by column: for algorithms that go over their rows more than once. Not for: tables larger than
//! the memory limit; read those page by page.

use std::collections::HashMap;

use crate::{
    Result, failed, input_error,
    tables::{self, ColumnDefinition, DataType, Meaning, Page, Schema, Table, Texts, Values, Writer},
};

/// Rows of a page that [`Frame::write`] makes.
pub const PAGE_ROWS: usize = 8192;

/// Texts of a column from an iterator.
pub fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> Texts {
    let mut all = Texts { offsets: vec![0], bytes: Vec::new() };
    for value in values {
        all.bytes.extend_from_slice(value.as_bytes());
        all.offsets.push(all.bytes.len() as u32);
    }
    all
}

/// Text `row` of a column.
pub fn text_of(all: &Texts, row: usize) -> &str {
    let (from, to) = (all.offsets[row] as usize, all.offsets[row + 1] as usize);
    std::str::from_utf8(&all.bytes[from..to]).unwrap_or("\u{fffd}")
}

/// Reading rows of texts.
pub trait Text {
    /// Text `row`.
    fn at(&self, row: usize) -> &str;
    /// Number of texts.
    fn count(&self) -> usize;
}

impl Text for Texts {
    fn at(&self, row: usize) -> &str {
        text_of(self, row)
    }
    fn count(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }
}

/// One column in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Name, type, meaning.
    pub definition: ColumnDefinition,
    /// True where a row has a value; `None` = everywhere.
    pub valid: Option<Vec<bool>>,
    /// The values.
    pub values: Values,
}

impl Column {
    /// A column without missing values.
    pub fn new(name: &str, meaning: Meaning, values: Values) -> Column {
        let data_type = match values {
            Values::Text(_) => DataType::Text,
            Values::Float64(_) => DataType::Float64,
            Values::Int64(_) => DataType::Int64,
            Values::Boolean(_) => DataType::Boolean,
        };
        Column { definition: ColumnDefinition { name: name.to_owned(), data_type, meaning }, valid: None, values }
    }

    /// True when row `row` has a value.
    pub fn is_valid(&self, row: usize) -> bool {
        self.valid.as_ref().is_none_or(|v| v[row])
    }

    /// The values as numbers: integers and truth values are converted, texts are an error that names the column; a missing
    /// value is NaN.
    pub fn numbers(&self) -> Result<Vec<f64>> {
        let mut all: Vec<f64> = match &self.values {
            Values::Float64(v) => v.clone(),
            Values::Int64(v) => v.iter().map(|x| *x as f64).collect(),
            Values::Boolean(v) => v.iter().map(|x| f64::from(*x)).collect(),
            Values::Text(_) => {
                return Err(input_error(format!("column {} holds texts, not numbers", self.definition.name)));
            }
        };
        if let Some(valid) = &self.valid {
            all.iter_mut().zip(valid).for_each(|(x, ok)| {
                if !ok {
                    *x = f64::NAN
                }
            });
        }
        Ok(all)
    }

    fn take(&self, rows: &[usize]) -> Column {
        let values = match &self.values {
            Values::Text(t) => Values::Text(texts(rows.iter().map(|r| t.at(*r)))),
            Values::Float64(v) => Values::Float64(rows.iter().map(|r| v[*r]).collect()),
            Values::Int64(v) => Values::Int64(rows.iter().map(|r| v[*r]).collect()),
            Values::Boolean(v) => Values::Boolean(rows.iter().map(|r| v[*r]).collect()),
        };
        let valid = self.valid.as_ref().map(|v| rows.iter().map(|r| v[*r]).collect());
        Column { definition: self.definition.clone(), valid, values }
    }

    fn extend(&mut self, page: tables::Column, before: usize, rows: usize) -> Result<()> {
        match (&mut self.values, page.values) {
            (Values::Text(all), Values::Text(more)) => {
                let base = all.bytes.len() as u32;
                all.bytes.extend_from_slice(&more.bytes);
                all.offsets.extend(more.offsets.iter().skip(1).map(|o| o + base));
            }
            (Values::Float64(all), Values::Float64(more)) => all.extend(more),
            (Values::Int64(all), Values::Int64(more)) => all.extend(more),
            (Values::Boolean(all), Values::Boolean(more)) => all.extend(more),
            _ => return Err(failed(format!("column {} changes its type between pages", self.definition.name))),
        }
        match (&mut self.valid, page.validity) {
            (None, None) => {}
            (valid, bits) => {
                let all = valid.get_or_insert_with(|| vec![true; before]);
                all.extend((0..rows).map(|r| bits.as_ref().is_none_or(|b| b[r / 8] >> (r % 8) & 1 == 1)));
            }
        }
        Ok(())
    }
}

/// A table in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The columns; the first is the key.
    pub columns: Vec<Column>,
    /// What the schema carries beside the columns, a JSON object.
    pub extra: serde_json::Map<String, serde_json::Value>,
    /// Number of partitions that it had, and that its copy gets.
    pub partitions: u32,
}

impl Frame {
    /// A table of these columns.
    pub fn new(columns: Vec<Column>) -> Frame {
        Frame { columns, extra: serde_json::Map::new(), partitions: 1 }
    }

    /// Reads a whole table.
    pub fn read(table: &Table) -> Result<Frame> {
        let schema = table.schema();
        let empty = |d: &ColumnDefinition| match d.data_type {
            DataType::Text => Values::Text(texts([])),
            DataType::Float64 => Values::Float64(Vec::new()),
            DataType::Int64 => Values::Int64(Vec::new()),
            DataType::Boolean => Values::Boolean(Vec::new()),
        };
        let columns = schema.columns.iter();
        let columns = columns.map(|d| Column { definition: d.clone(), valid: None, values: empty(d) }).collect();
        let extra = serde_json::from_str(&schema.extra).unwrap_or_default();
        let mut frame = Frame { columns, extra, partitions: table.partitions() };
        let mut before = 0;
        for index in 0..table.pages() {
            let page = table.read_page(index, &[])?;
            for (column, more) in frame.columns.iter_mut().zip(page.columns) {
                column.extend(more, before, page.rows as usize)?;
            }
            before += page.rows as usize;
        }
        Ok(frame)
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self.columns.first().map(|c| &c.values) {
            Some(Values::Text(t)) => t.count(),
            Some(Values::Float64(v)) => v.len(),
            Some(Values::Int64(v)) => v.len(),
            Some(Values::Boolean(v)) => v.len(),
            None => 0,
        }
    }

    /// The keys.
    pub fn ids(&self) -> &Texts {
        match &self.columns[0].values {
            Values::Text(t) => t,
            _ => unreachable!("the node checks that the key is text"),
        }
    }

    /// The columns of one meaning.
    pub fn of(&self, meaning: Meaning) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(move |c| c.definition.meaning == meaning)
    }

    /// The label column.
    pub fn label(&self) -> Option<&Column> {
        self.of(Meaning::Label).next()
    }

    /// Where each key stands.
    pub fn index(&self) -> HashMap<&str, usize> {
        let ids = self.ids();
        (0..self.rows()).map(|row| (ids.at(row), row)).collect()
    }

    /// Rows in the order of their keys as text ("10" before "2"): the order in which parties agree on rows.
    pub fn sorted_rows(&self) -> Vec<usize> {
        let ids = self.ids();
        let mut rows: Vec<usize> = (0..self.rows()).collect();
        rows.sort_unstable_by(|a, b| ids.at(*a).cmp(ids.at(*b)));
        rows
    }

    /// Some rows, in the order given.
    pub fn take(&self, rows: &[usize]) -> Frame {
        let columns = self.columns.iter().map(|c| c.take(rows)).collect();
        Frame { columns, extra: self.extra.clone(), partitions: self.partitions }
    }

    /// The schema.
    pub fn schema(&self) -> Schema {
        let columns = self.columns.iter().map(|c| c.definition.clone()).collect();
        Schema { columns, extra: serde_json::Value::Object(self.extra.clone()).to_string() }
    }

    /// Writes the whole table to an output port.
    pub fn write(&self, port: &str) -> Result<u64> {
        self.write_to(tables::create(port, &self.schema(), self.partitions)?)
    }

    /// Writes the whole table with a writer that was begun with this frame's schema.
    pub fn write_to(&self, writer: Writer) -> Result<u64> {
        for page in self.pages(PAGE_ROWS) {
            writer.append(&page)?;
        }
        Ok(writer.finish()?)
    }

    /// The rows in pages of at most so many.
    pub(crate) fn pages(&self, rows: usize) -> impl Iterator<Item = Page> {
        let (all, rows) = (self.rows(), rows.max(1));
        (0..all).step_by(rows).map(move |from| {
            let to = (from + rows).min(all);
            let columns = self.columns.iter().map(|c| slice(c, from, to)).collect();
            Page { rows: (to - from) as u32, columns }
        })
    }
}

fn slice(column: &Column, from: usize, to: usize) -> tables::Column {
    let values = match &column.values {
        Values::Text(t) => Values::Text(slice_texts(t, from, to)),
        Values::Float64(v) => Values::Float64(v[from..to].to_vec()),
        Values::Int64(v) => Values::Int64(v[from..to].to_vec()),
        Values::Boolean(v) => Values::Boolean(v[from..to].to_vec()),
    };
    let validity = column.valid.as_ref().map(|valid| {
        let mut bits = vec![0u8; (to - from).div_ceil(8)];
        valid[from..to].iter().enumerate().filter(|(_, ok)| **ok).for_each(|(i, _)| bits[i / 8] |= 1 << (i % 8));
        bits
    });
    tables::Column { validity, values }
}

fn slice_texts(all: &Texts, from: usize, to: usize) -> Texts {
    let base = all.offsets[from];
    let offsets = all.offsets[from..=to].iter().map(|o| o - base).collect();
    Texts { offsets, bytes: all.bytes[base as usize..all.offsets[to] as usize].to_vec() }
}
