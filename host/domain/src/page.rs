//! A page: a block of rows of some columns on its way between the parts. What a component hands back is hostile:
//! `Page::check` looks at every length, offset and byte before anything is stored. Not for: files (`tables`).

use crate::schema::{DataType, Schema};

/// Values of a column in one page.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// UTF-8 text: value i is `bytes[offsets[i]..offsets[i + 1]]`; one more offset than rows, the first 0.
    Text {
        /// Where each value begins, and where the last ends.
        offsets: Vec<u32>,
        /// All values, one after the other.
        bytes: Vec<u8>,
    },
    /// Floating point.
    F64(Vec<f64>),
    /// Integers.
    I64(Vec<i64>),
    /// One byte a row, 0 or 1.
    Bool(Vec<u8>),
}

impl Values {
    /// Bytes in memory and on the wire.
    pub fn byte_len(&self) -> usize {
        match self {
            Values::Text { offsets, bytes } => offsets.len() * 4 + bytes.len(),
            Values::F64(v) => v.len() * 8,
            Values::I64(v) => v.len() * 8,
            Values::Bool(v) => v.len(),
        }
    }

    /// How they are stored.
    pub fn data_type(&self) -> DataType {
        match self {
            Values::Text { .. } => DataType::Text,
            Values::F64(_) => DataType::F64,
            Values::I64(_) => DataType::I64,
            Values::Bool(_) => DataType::Bool,
        }
    }

    /// Text values from an iterator.
    pub fn text<'a>(values: impl IntoIterator<Item = &'a str>) -> Values {
        let (mut offsets, mut bytes) = (vec![0u32], Vec::new());
        for value in values {
            bytes.extend_from_slice(value.as_bytes());
            offsets.push(u32::try_from(bytes.len()).expect("a page is far smaller than 4 GiB"));
        }
        Values::Text { offsets, bytes }
    }

    /// The text of row `row`; `None` beyond the end or for other types.
    pub fn text_at(&self, row: usize) -> Option<&str> {
        let Values::Text { offsets, bytes } = self else { return None };
        let (from, to) = (*offsets.get(row)? as usize, *offsets.get(row + 1)? as usize);
        std::str::from_utf8(bytes.get(from..to)?).ok()
    }
}

/// One column of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// One bit a row, lowest bit first, 1 = there is a value; `None` = every row has one.
    pub validity: Option<Vec<u8>>,
    /// The values; where there is none, zero or empty.
    pub values: Values,
}

impl Column {
    /// True when row `row` has a value.
    pub fn is_valid(&self, row: usize) -> bool {
        self.validity.as_ref().is_none_or(|bits| bits.get(row / 8).is_some_and(|byte| byte >> (row % 8) & 1 == 1))
    }
}

/// A block of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Number of rows.
    pub rows: u32,
    /// The columns, in the order of the schema or of the request.
    pub columns: Vec<Column>,
}

/// Why a page is refused.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum PageError {
    /// Not the schema's columns.
    #[error("page has {got} columns where the schema has {want}")]
    Columns {
        /// In the page.
        got: usize,
        /// In the schema.
        want: usize,
    },
    /// Something is wrong with a column: its number, and its name where there is a schema.
    #[error("column {0}{name}: {2}", name = quoted(.1.as_deref()))]
    Column(usize, Option<String>, ColumnFault),
}

/// What is wrong with a column of a page.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum ColumnFault {
    /// Not the schema's type.
    #[error("it holds {} where the schema says {}", .0.as_str(), .1.as_str())]
    Type(DataType, DataType),
    /// A buffer whose length does not fit the number of rows.
    #[error("the length of its {0} does not fit {1} rows")]
    Length(&'static str, u32),
    /// Offsets that go back or beyond the bytes.
    #[error("offset {0} goes back or beyond the bytes")]
    Offset(usize),
    /// Bytes that are not text.
    #[error("not UTF-8 at byte {0}, or a value begins inside a character")]
    Utf8(usize),
    /// A truth value other than 0 and 1.
    #[error("row {0} is neither 0 nor 1")]
    Bool(usize),
}

fn quoted(name: Option<&str>) -> String {
    name.map(|name| format!(" {name:?}")).unwrap_or_default()
}

impl Page {
    /// Checks a page that came from outside against the schema of its table.
    pub fn check(&self, schema: &Schema) -> Result<(), PageError> {
        if self.columns.len() != schema.columns.len() {
            return Err(PageError::Columns { got: self.columns.len(), want: schema.columns.len() });
        }
        for (i, (column, def)) in self.columns.iter().zip(&schema.columns).enumerate() {
            let (holds, says) = (column.values.data_type(), def.data_type);
            let fits = if holds == says { Ok(()) } else { Err(ColumnFault::Type(holds, says)) };
            let checked = fits.and_then(|()| check_column(column, self.rows));
            checked.map_err(|fault| PageError::Column(i, Some(def.name.clone()), fault))?;
        }
        Ok(())
    }

    /// Checks lengths, offsets and bytes without a schema, as for a page from another party.
    pub fn check_shape(&self) -> Result<(), PageError> {
        self.columns.iter().enumerate().try_for_each(|(i, column)| {
            check_column(column, self.rows).map_err(|fault| PageError::Column(i, None, fault))
        })
    }

    /// Bytes in memory.
    pub fn byte_len(&self) -> usize {
        self.columns.iter().map(|c| c.values.byte_len() + c.validity.as_ref().map_or(0, Vec::len)).sum()
    }
}

fn check_column(column: &Column, rows: u32) -> Result<(), ColumnFault> {
    let n = rows as usize;
    if column.validity.as_ref().is_some_and(|bits| bits.len() != n.div_ceil(8)) {
        return Err(ColumnFault::Length("validity", rows));
    }
    let len = match &column.values {
        Values::Text { offsets, bytes } => return check_text(offsets, bytes, rows),
        Values::F64(v) => v.len(),
        Values::I64(v) => v.len(),
        Values::Bool(v) => {
            if let Some(row) = v.iter().position(|b| *b > 1) {
                return Err(ColumnFault::Bool(row));
            }
            v.len()
        }
    };
    if len == n { Ok(()) } else { Err(ColumnFault::Length("values", rows)) }
}

fn check_text(offsets: &[u32], bytes: &[u8], rows: u32) -> Result<(), ColumnFault> {
    if offsets.len() != rows as usize + 1 || offsets[0] != 0 {
        return Err(ColumnFault::Length("offsets", rows));
    }
    if let Some(at) = offsets.windows(2).position(|pair| pair[1] < pair[0]) {
        return Err(ColumnFault::Offset(at + 1));
    }
    if offsets[rows as usize] as usize != bytes.len() {
        return Err(ColumnFault::Offset(rows as usize));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| ColumnFault::Utf8(e.valid_up_to()))?;
    match offsets.iter().find(|at| !text.is_char_boundary(**at as usize)) {
        Some(at) => Err(ColumnFault::Utf8(*at as usize)),
        None => Ok(()),
    }
}
