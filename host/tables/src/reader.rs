//! A finished table file. Reads of pages are positional, so that many threads may read at once, and check the sum of
//! every chunk. Not for: keeping pages in memory (the operating system's cache does).

use std::{fs::File, os::unix::fs::FileExt, sync::Arc};

use parcae_domain::{
    page::{Column, Page},
    port::{PortError, Table},
    schema::Schema,
};

use crate::{
    chunk,
    error::TableError,
    footer::{self, Chunk, HEADER, Index, TAIL_LEN},
};

/// Bytes up to which chunks that lie side by side are read in one call.
const RUN: u64 = 4 << 20;

/// A finished table file.
pub(crate) struct FileTable {
    name: String,
    file: File,
    schema: Schema,
    index: Index,
    rows: u64,
}

impl FileTable {
    /// Reads header and footer of `file`, which is called `name`.
    pub(crate) fn open(name: &str, file: File) -> Result<FileTable, TableError> {
        let failed = || TableError::io(format!("reading table file {name}"));
        let damaged = |fault: String| TableError::damaged(name, fault);
        let metadata = file.metadata().map_err(failed())?;
        let len = metadata.len();
        let room = len.checked_sub((HEADER.len() + TAIL_LEN) as u64).filter(|_| metadata.is_file());
        let Some(room) = room else { return Err(damaged(format!("{len} bytes are too few"))) };

        let mut header = [0u8; HEADER.len()];
        file.read_exact_at(&mut header, 0).map_err(failed())?;
        if header != HEADER {
            return Err(damaged("it does not begin as a table file of this version".into()));
        }
        let mut tail = [0u8; TAIL_LEN];
        file.read_exact_at(&mut tail, len - TAIL_LEN as u64).map_err(failed())?;
        let (crc, footer_len) = footer::decode_tail(&tail).ok_or_else(|| damaged("its end is missing".into()))?;
        if footer_len > room.min(footer::MAX_FOOTER) {
            return Err(damaged(format!("a footer of {footer_len} bytes where there is room for {room}")));
        }
        let data_end = HEADER.len() as u64 + room - footer_len;
        let mut footer = vec![0u8; usize::try_from(footer_len).expect("at most 1 GiB")];
        file.read_exact_at(&mut footer, data_end).map_err(failed())?;
        if crc32fast::hash(&footer) != crc {
            return Err(damaged("the check sum of the footer does not fit".into()));
        }
        let (schema, index) = footer::decode(&footer, data_end).map_err(damaged)?;
        let rows: u64 = index.pages.iter().map(|page| u64::from(page.rows)).sum();
        Ok(FileTable { name: name.to_owned(), file, schema, index, rows })
    }

    /// The columns that are asked for; each at most once, so that a request cannot ask for more than the page has.
    fn selection(&self, columns: &[u32]) -> Result<Vec<usize>, PortError> {
        let count = self.schema.columns.len();
        if columns.is_empty() {
            return Ok((0..count).collect());
        }
        let mut seen = vec![false; count];
        for column in columns {
            match seen.get_mut(*column as usize) {
                None => return Err(PortError::Invalid(format!("column {column} of a table with {count} columns"))),
                Some(true) => return Err(PortError::Invalid(format!("column {column} is asked for twice"))),
                Some(first) => *first = true,
            }
        }
        Ok(columns.iter().map(|column| *column as usize).collect())
    }

    fn chunk_columns(&self, page: usize, columns: &[usize]) -> Result<Vec<Column>, String> {
        let entry = self.index.pages[page];
        let width = self.schema.columns.len();
        let chunks = &self.index.chunks[page * width..][..width];
        let mut offset = entry.offset;
        let mut offsets = Vec::with_capacity(width);
        for chunk in chunks {
            offsets.push(offset);
            offset += u64::from(chunk.len);
        }
        let mut result = Vec::with_capacity(columns.len());
        let mut buffer = Vec::new();
        for run in runs(columns, chunks) {
            let bytes: u64 = run.iter().map(|column| u64::from(chunks[*column].len)).sum();
            buffer.resize(usize::try_from(bytes).map_err(|e| e.to_string())?, 0);
            self.file.read_exact_at(&mut buffer, offsets[run[0]]).map_err(|e| e.to_string())?;
            let mut rest = &buffer[..];
            for column in run {
                let chunk = &chunks[*column];
                let (bytes, next) = rest.split_at(chunk.len as usize);
                rest = next;
                result.push(self.decode(*column, chunk, bytes, entry.rows)?);
            }
        }
        Ok(result)
    }

    fn decode(&self, column: usize, chunk: &Chunk, bytes: &[u8], rows: u32) -> Result<Column, String> {
        if crc32fast::hash(bytes) != chunk.crc {
            return Err(format!("the check sum of column {column} does not fit"));
        }
        chunk::decode(bytes, self.schema.columns[column].data_type, chunk.has_validity, rows)
            .ok_or_else(|| format!("column {column} is cut off"))
    }
}

/// Splits a selection into runs of columns that lie side by side and are read at once.
fn runs<'a>(columns: &'a [usize], chunks: &[Chunk]) -> Vec<&'a [usize]> {
    let mut runs = Vec::new();
    let (mut from, mut bytes) = (0, 0);
    for (at, column) in columns.iter().enumerate() {
        let len = u64::from(chunks[*column].len);
        let adjacent = at > from && columns[at - 1] + 1 == *column && bytes + len <= RUN;
        if at > from && !adjacent {
            runs.push(&columns[from..at]);
            (from, bytes) = (at, 0);
        }
        bytes += len;
    }
    if from < columns.len() {
        runs.push(&columns[from..]);
    }
    runs
}

impl Table for FileTable {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn rows(&self) -> u64 {
        self.rows
    }

    fn pages(&self) -> u32 {
        u32::try_from(self.index.pages.len()).expect("the footer counts them in 32 bits")
    }

    fn partitions(&self) -> u32 {
        self.index.partitions
    }

    fn read_page(&self, index: u32, columns: &[u32]) -> Result<Page, PortError> {
        let Some(entry) = self.index.pages.get(index as usize) else {
            return Err(PortError::NotFound(format!("page {index} of a table with {} pages", self.pages())));
        };
        let selection = self.selection(columns)?;
        let damaged = |fault: String| TableError::damaged(&self.name, format!("page {index}: {fault}"));
        let columns = self.chunk_columns(index as usize, &selection).map_err(damaged)?;
        let page = Page { rows: entry.rows, columns };
        page.check_shape().map_err(|e| damaged(e.to_string()))?;
        Ok(page)
    }

    fn page_rows(&self, index: u32) -> Option<u32> {
        self.index.pages.get(index as usize).map(|page| page.rows)
    }

    fn page_bytes(&self, index: u32, columns: &[u32]) -> u64 {
        let width = self.schema.columns.len();
        let chunks = self.index.chunks.chunks(width.max(1)).nth(index as usize).unwrap_or_default();
        let selection = self.selection(columns).unwrap_or_default();
        selection.iter().filter_map(|column| chunks.get(*column)).map(|chunk| u64::from(chunk.len)).sum()
    }

    fn file(&self) -> &str {
        &self.name
    }

    fn descriptor(&self) -> Option<File> {
        self.file.try_clone().ok()
    }
}

/// Opens a finished table whose file is open already, for a process that has nothing but that. `name` is for errors.
pub fn open_descriptor(name: &str, file: File) -> Result<Arc<dyn Table>, PortError> {
    Ok(Arc::new(FileTable::open(name, file)?))
}
