//! One column of one page as bytes: the bitmap of validity if there is one, then the values, little-endian; text as
//! offsets (one more than rows) and then the bytes. Not for: where a chunk lies in the file (`footer`).

use std::io;

use parcae_domain::{
    page::{Column, Values},
    schema::DataType,
};

use crate::sink::Sink;

/// Bytes that a column takes in the file.
pub(crate) fn encoded_len(column: &Column) -> u64 {
    let validity = column.validity.as_ref().map_or(0, Vec::len);
    (validity + column.values.byte_len()) as u64
}

/// Writes a column that was checked.
pub(crate) fn encode(column: &Column, sink: &mut Sink) -> io::Result<()> {
    if let Some(bits) = &column.validity {
        sink.bytes(bits)?;
    }
    match &column.values {
        Values::Text { offsets, bytes } => {
            sink.words(offsets, u32::to_le_bytes)?;
            sink.bytes(bytes)
        }
        Values::F64(values) => sink.words(values, f64::to_le_bytes),
        Values::I64(values) => sink.words(values, i64::to_le_bytes),
        Values::Bool(values) => sink.bytes(values),
    }
}

/// True when a chunk of `len` bytes can hold `rows` rows; for text that means at least its offsets.
pub(crate) fn length_fits(len: u32, data_type: DataType, has_validity: bool, rows: u32) -> bool {
    let (len, rows) = (u64::from(len), u64::from(rows));
    let validity = if has_validity { rows.div_ceil(8) } else { 0 };
    match data_type {
        DataType::Text => len >= validity + (rows + 1) * 4,
        DataType::F64 | DataType::I64 => len == validity + rows * 8,
        DataType::Bool => len == validity + rows,
    }
}

/// Reads a column back; `None` when the bytes are too few. The page that it becomes part of is still to be checked.
pub(crate) fn decode(bytes: &[u8], data_type: DataType, has_validity: bool, rows: u32) -> Option<Column> {
    let rows = rows as usize;
    let (validity, rest) = match has_validity {
        true => {
            let (bits, rest) = bytes.split_at_checked(rows.div_ceil(8))?;
            (Some(bits.to_vec()), rest)
        }
        false => (None, bytes),
    };
    let values = match data_type {
        DataType::Text => {
            let (offsets, text) = rest.split_at_checked((rows + 1) * 4)?;
            Values::Text { offsets: words(offsets, u32::from_le_bytes), bytes: text.to_vec() }
        }
        DataType::F64 => Values::F64(words(rest, f64::from_le_bytes)),
        DataType::I64 => Values::I64(words(rest, i64::from_le_bytes)),
        DataType::Bool => Values::Bool(rest.to_vec()),
    };
    Some(Column { validity, values })
}

fn words<T, const N: usize>(bytes: &[u8], from_le: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|word| from_le(*word)).collect()
}
