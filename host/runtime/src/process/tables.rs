//! Tables and writers of the node as its worker has them: finished tables are read from their own descriptors where they have
//! one, everything else goes over the line. Not for: what the node holds (`served`).

use std::borrow::Cow;
use std::fs::File;
use std::sync::Arc;

use parcae_domain::{
    page::Page,
    port::{PortError, Table, TableFile, TableWriter},
    schema::Schema,
};

use super::remote::Line;
use super::reply::{Held, Reply};
use super::request::Request;

/// A table of the node.
pub(crate) struct FarTable {
    line: Arc<Line>,
    held: Held,
    /// The node's number, as a name.
    name: String,
    /// The table itself, when its file came along.
    own: Option<Arc<dyn Table>>,
}

impl FarTable {
    pub(crate) fn new(line: Arc<Line>, held: Held, file: Option<File>) -> Result<FarTable, PortError> {
        let own = file.map(|file| (line.open)(&held.file, file)).transpose()?;
        Ok(FarTable { name: held.number.to_string(), line, held, own })
    }
}

/// The node's number for a table that came from it.
pub(crate) fn number_of(table: &dyn Table) -> u32 {
    // No other table reaches a worker.
    table.file().parse().unwrap_or(u32::MAX)
}

impl Table for FarTable {
    fn schema(&self) -> &Schema {
        &self.held.schema
    }

    fn rows(&self) -> u64 {
        self.held.rows
    }

    fn pages(&self) -> u32 {
        self.held.pages
    }

    fn partitions(&self) -> u32 {
        self.held.partitions
    }

    fn read_page(&self, index: u32, columns: &[u32]) -> Result<Page, PortError> {
        if let Some(own) = &self.own {
            return own.read_page(index, columns);
        }
        let request = Request::ReadPage { table: self.held.number, index, columns: columns.to_vec() };
        self.line.get(&request, |reply| if let Reply::Page(page) = reply { Some(page) } else { None })
    }

    fn page_bytes(&self, index: u32, columns: &[u32]) -> u64 {
        // The node looks at those that it reads itself.
        self.own.as_ref().map_or(0, |own| own.page_bytes(index, columns))
    }

    fn file(&self) -> &str {
        &self.name
    }
}

impl Drop for FarTable {
    fn drop(&mut self) {
        self.line.tell(&Request::DropTable { table: self.held.number });
    }
}

/// A table that the node writes.
pub(crate) struct FarWriter {
    line: Arc<Line>,
    number: u32,
    schema: Schema,
    pages: u32,
    partitions: u32,
}

impl FarWriter {
    pub(crate) fn new(line: Arc<Line>, number: u32, schema: Schema, partitions: u32) -> FarWriter {
        FarWriter { line, number, schema, pages: 0, partitions }
    }
}

impl TableWriter for FarWriter {
    fn append(&mut self, page: &Page) -> Result<(), PortError> {
        self.line.done(&Request::Append { writer: self.number, page: Cow::Borrowed(page) })?;
        self.pages += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<TableFile, PortError> {
        let rows = self.line.number(&Request::Finish { writer: self.number });
        let (file, schema) = (self.number.to_string(), std::mem::take(&mut self.schema.columns));
        let schema = Schema { columns: schema, extra: std::mem::take(&mut self.schema.extra) };
        Ok(TableFile { file, rows: rows?, pages: self.pages, partitions: self.partitions, bytes: 0, schema })
    }
}

impl Drop for FarWriter {
    fn drop(&mut self) {
        self.line.tell(&Request::DropWriter { writer: self.number });
    }
}
