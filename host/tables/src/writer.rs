//! Writes one table file. It is durable, and has its name, only when `finish` returns; dropped before, it vanishes. Not
//! for: limits (the node wraps it).

use std::{io, sync::Arc};

use parcae_domain::{
    page::Page,
    port::{PortError, TableFile, TableWriter},
    schema::Schema,
};

use crate::{
    chunk,
    dir::{Folder, NewFile},
    error::TableError,
    footer::{self, Chunk, Index, PageEntry},
    sink::Sink,
};

/// A table file being written.
pub(crate) struct FileWriter {
    folder: Arc<Folder>,
    /// Name that the file has now.
    name: String,
    /// Name that it gets in the end.
    file: String,
    sink: Sink,
    schema: Schema,
    schema_json: Vec<u8>,
    index: Index,
    rows: u64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Open,
    /// A write failed half-way: the file cannot be continued.
    Broken,
    Finished,
}

impl FileWriter {
    /// Begins a table in a new file of the folder.
    pub(crate) fn begin(folder: Arc<Folder>, schema: &Schema, partitions: u32) -> Result<FileWriter, PortError> {
        let schema_json = schema_json(schema, partitions)?;
        let NewFile { temporary, file, handle } = folder.create()?;
        let mut writer = FileWriter {
            folder,
            name: temporary,
            file,
            sink: Sink::new(handle),
            schema: schema.clone(),
            schema_json,
            index: Index { partitions, pages: Vec::new(), chunks: Vec::new() },
            rows: 0,
            state: State::Open,
        };
        writer.sink.bytes(&footer::HEADER).map_err(|e| writer.failed(e))?;
        writer.sink.take_crc();
        Ok(writer)
    }

    fn failed(&self, source: io::Error) -> PortError {
        TableError::Io { what: format!("writing table file {}", self.file), source }.into()
    }

    fn check_state(&self) -> Result<(), PortError> {
        match self.state {
            State::Broken => Err(PortError::Node(format!("table file {}: a write failed before", self.file))),
            State::Open | State::Finished => Ok(()),
        }
    }

    /// Refuses what the format cannot hold: chunks of 4 GiB, an index of 1 GiB.
    fn check_room(&self, page: &Page) -> Result<(), PortError> {
        if let Some(at) = page.columns.iter().position(|column| u32::try_from(chunk::encoded_len(column)).is_err()) {
            return Err(PortError::Invalid(format!("column {at} of a page has 4 GiB or more")));
        }
        let (columns, pages) = (self.schema.columns.len(), self.index.pages.len() + 1);
        if footer::footer_len(self.schema_json.len(), columns, pages) > footer::MAX_FOOTER {
            return Err(PortError::Limit("table index".into(), format!("{pages} pages of {columns} columns")));
        }
        Ok(())
    }

    fn put(&mut self, page: &Page) -> io::Result<()> {
        self.index.pages.push(PageEntry { rows: page.rows, offset: self.sink.len() });
        for column in &page.columns {
            chunk::encode(column, &mut self.sink)?;
            self.index.chunks.push(Chunk {
                len: u32::try_from(chunk::encoded_len(column)).expect("check_room refused longer ones"),
                crc: self.sink.take_crc(),
                has_validity: column.validity.is_some(),
            });
        }
        self.rows += u64::from(page.rows);
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        let footer = footer::encode(&self.schema_json, self.schema.columns.len(), &self.index);
        self.sink.bytes(&footer)?;
        self.sink.sync()?;
        self.folder.rename(&self.name, &self.file)?;
        self.name.clone_from(&self.file);
        self.folder.sync()
    }
}

/// The schema as the footer holds it, once it is certain that it can be read back.
fn schema_json(schema: &Schema, partitions: u32) -> Result<Vec<u8>, PortError> {
    let invalid = |fault: String| PortError::Invalid(format!("schema of a table: {fault}"));
    schema.check().map_err(|e| invalid(e.to_string()))?;
    if partitions == 0 {
        return Err(invalid("0 partitions".into()));
    }
    let json = serde_json::to_vec(schema).map_err(|e| invalid(e.to_string()))?;
    // A value that is nested too deeply can be written, but not read.
    serde_json::from_slice::<Schema>(&json).map_err(|e| invalid(e.to_string()))?;
    Ok(json)
}

impl TableWriter for FileWriter {
    fn append(&mut self, page: &Page) -> Result<(), PortError> {
        self.check_state()?;
        page.check(&self.schema).map_err(|e| PortError::Invalid(e.to_string()))?;
        self.check_room(page)?;
        self.put(page).map_err(|e| {
            self.state = State::Broken;
            self.failed(e)
        })
    }

    fn finish(mut self: Box<Self>) -> Result<TableFile, PortError> {
        self.check_state()?;
        self.end().map_err(|e| self.failed(e))?;
        self.state = State::Finished;
        Ok(TableFile {
            file: self.file.clone(),
            rows: self.rows,
            pages: u32::try_from(self.index.pages.len()).expect("check_room allows fewer"),
            partitions: self.index.partitions,
            bytes: self.sink.len(),
            schema: self.schema.clone(),
        })
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        if self.state != State::Finished {
            // What stays all the same goes when the node starts again (`TableDir::retain`).
            let _ = self.folder.remove(&self.name);
        }
    }
}
