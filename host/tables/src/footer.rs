//! The end of a table file: schema and index. Layout of a file, all numbers little-endian:
//!
//! ```text
//! header   magic "PARCAETB", version u32, zero u32
//! chunks   page after page, column after column, without gaps (`chunk` says how each looks)
//! footer   partitions u32, columns u32, pages u32, bytes of schema u32, schema as JSON,
//!          then for each page: rows u32, and for each column: bytes u32, crc32 u32, flags u8 (1 = has a bitmap)
//! tail     crc32 of the footer u32, bytes of the footer u64, magic "PARCAEND"
//! ```
//!
//! Nothing read here is believed: every length is compared with what is there before anything is allocated. Not for:
//! reading pages (`reader`).

use parcae_domain::schema::{DataType, Schema};

use crate::chunk;

/// First bytes of a file.
pub(crate) const HEADER: [u8; 16] = *b"PARCAETB\x01\0\0\0\0\0\0\0";
/// Last bytes of a file.
const END: [u8; 8] = *b"PARCAEND";
/// Bytes of the tail.
pub(crate) const TAIL_LEN: usize = 20;
/// Largest footer, bytes: the index of some hundred million chunks.
pub(crate) const MAX_FOOTER: u64 = 1 << 30;

const FIXED: usize = 16;
const PAGE: usize = 4;
const CHUNK: usize = 9;

/// Where one column of one page is, relative to the chunk before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Chunk {
    /// Its bytes.
    pub(crate) len: u32,
    /// Their check sum.
    pub(crate) crc: u32,
    /// True when it begins with a bitmap of validity.
    pub(crate) has_validity: bool,
}

/// Where one page is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PageEntry {
    /// Its rows.
    pub(crate) rows: u32,
    /// Where its first chunk begins.
    pub(crate) offset: u64,
}

/// Where everything is.
#[derive(Debug, PartialEq)]
pub(crate) struct Index {
    /// Number of partitions, at least 1.
    pub(crate) partitions: u32,
    /// The pages.
    pub(crate) pages: Vec<PageEntry>,
    /// Their chunks: page after page, columns in order.
    pub(crate) chunks: Vec<Chunk>,
}

/// Bytes of the footer of a table.
pub(crate) fn footer_len(schema_bytes: usize, columns: usize, pages: usize) -> u64 {
    (FIXED + schema_bytes) as u64 + pages as u64 * (PAGE + CHUNK * columns) as u64
}

/// Footer and tail.
pub(crate) fn encode(schema_json: &[u8], columns: usize, index: &Index) -> Vec<u8> {
    let fixed = [index.partitions as usize, columns, index.pages.len(), schema_json.len()];
    let mut body = Vec::new();
    for number in fixed {
        body.extend_from_slice(&u32::try_from(number).expect("a footer has at most 1 GiB").to_le_bytes());
    }
    body.extend_from_slice(schema_json);
    for (page, chunks) in index.pages.iter().zip(index.chunks.chunks(columns)) {
        body.extend_from_slice(&page.rows.to_le_bytes());
        for chunk in chunks {
            body.extend_from_slice(&chunk.len.to_le_bytes());
            body.extend_from_slice(&chunk.crc.to_le_bytes());
            body.push(u8::from(chunk.has_validity));
        }
    }
    seal(body)
}

/// Adds the tail to a footer.
pub(crate) fn seal(mut body: Vec<u8>) -> Vec<u8> {
    let (crc, len) = (crc32fast::hash(&body), body.len() as u64);
    body.extend_from_slice(&crc.to_le_bytes());
    body.extend_from_slice(&len.to_le_bytes());
    body.extend_from_slice(&END);
    body
}

/// Check sum and length of the footer, from the tail; `None` when the tail is not one.
pub(crate) fn decode_tail(tail: &[u8; TAIL_LEN]) -> Option<(u32, u64)> {
    let (crc, rest) = tail.split_first_chunk::<4>()?;
    let (len, end) = rest.split_first_chunk::<8>()?;
    (end == END).then_some((u32::from_le_bytes(*crc), u64::from_le_bytes(*len)))
}

/// Schema and index from a footer whose check sum fits; `data_end` is where the footer begins in the file.
pub(crate) fn decode(footer: &[u8], data_end: u64) -> Result<(Schema, Index), String> {
    let (fixed, rest) = footer.split_first_chunk::<FIXED>().ok_or("the footer is cut off")?;
    let numbers = fixed.as_chunks::<4>().0;
    let [partitions, columns, pages, schema_len] = [0, 1, 2, 3].map(|i| u32::from_le_bytes(numbers[i]));
    let (schema, entries) = rest.split_at_checked(schema_len as usize).ok_or("the schema is cut off")?;
    let schema: Schema = serde_json::from_slice(schema).map_err(|e| format!("the schema is not readable: {e}"))?;
    schema.check().map_err(|e| format!("the schema does not hold: {e}"))?;
    if partitions == 0 || schema.columns.len() != columns as usize {
        return Err(format!("{partitions} partitions and {columns} columns, {} in the schema", schema.columns.len()));
    }
    let types: Vec<DataType> = schema.columns.iter().map(|column| column.data_type).collect();
    let index = decode_index(entries, &types, partitions, pages, data_end)?;
    Ok((schema, index))
}

fn decode_index(
    entries: &[u8],
    types: &[DataType],
    partitions: u32,
    pages: u32,
    data_end: u64,
) -> Result<Index, String> {
    let stride = PAGE + CHUNK * types.len();
    // `types` has at most 65,536 items, so the product stays far below 2^64.
    if entries.len() as u64 != u64::from(pages) * stride as u64 {
        return Err(format!("{} bytes of index for {pages} pages", entries.len()));
    }
    let mut index = Index {
        partitions,
        pages: Vec::with_capacity(pages as usize),
        chunks: Vec::with_capacity(pages as usize * types.len()),
    };
    let mut offset = HEADER.len() as u64;
    for (number, entry) in entries.chunks_exact(stride).enumerate() {
        let (rows, chunks) = entry.split_first_chunk::<PAGE>().ok_or("the index is cut off")?;
        let rows = u32::from_le_bytes(*rows);
        index.pages.push(PageEntry { rows, offset });
        for (column, (bytes, data_type)) in chunks.as_chunks::<CHUNK>().0.iter().zip(types).enumerate() {
            let chunk = decode_chunk(bytes, *data_type, rows)
                .ok_or_else(|| format!("page {number}, column {column}: its bytes do not fit {rows} rows"))?;
            offset += u64::from(chunk.len);
            index.chunks.push(chunk);
        }
    }
    if offset == data_end { Ok(index) } else { Err(format!("{data_end} bytes where the index says {offset}")) }
}

fn decode_chunk(bytes: &[u8; CHUNK], data_type: DataType, rows: u32) -> Option<Chunk> {
    let [l0, l1, l2, l3, c0, c1, c2, c3, flags] = *bytes;
    let chunk = Chunk {
        len: u32::from_le_bytes([l0, l1, l2, l3]),
        crc: u32::from_le_bytes([c0, c1, c2, c3]),
        has_validity: flags == 1,
    };
    (flags <= 1 && chunk::length_fits(chunk.len, data_type, chunk.has_validity, rows)).then_some(chunk)
}
