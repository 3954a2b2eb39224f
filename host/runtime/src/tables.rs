//! Interface `tables`: tables on the module's ports, page by page. Everything that a component hands back is checked here
//! before anything is stored. Not for: files (`World`).

use std::sync::Arc;

use parcae_domain::{
    descriptor::PortKind,
    port::{PortError, Table, TableWriter},
    schema::Schema,
};
use wasmtime::component::Resource;

use crate::account::Charge;
use crate::convert::{page_in, page_out, schema_in, schema_out};
use crate::generated::parcae::component::{tables, types::Error};
use crate::json;
use crate::state::{Answer, State, limit_error};

/// Most partitions of a table.
const PARTITIONS: u32 = 1023;
/// Most tables that an attempt finishes or passes on.
const OUTPUTS: u32 = 1024;
/// Bytes of the node's memory that one column of one page takes in the index of a table.
const INDEX_BYTES: u64 = 16;
/// Bytes of the node's memory that a writer gathers before it writes them.
const WRITER_BYTES: u64 = 512 << 10;

/// A table behind a handle, with its place among the open files and the bytes of its index.
pub struct OpenTable {
    pub(crate) table: Arc<dyn Table>,
    schema_bytes: u64,
    _held: [Charge; 2],
}

/// A writer behind a handle; empty once it is finished.
pub struct OpenWriter {
    writer: Option<(Box<dyn TableWriter>, [Charge; 2])>,
    schema: Schema,
    schema_bytes: u64,
    target: Target,
}

/// Where a written table goes.
pub(crate) enum Target {
    /// An output port.
    Port(String),
    /// A table of the tenant: namespace and name.
    Published(String, String),
}

impl State {
    fn data_port(&self, inputs: bool, port: &str) -> Result<(), Error> {
        let module = &self.attempt.module;
        let (list, word) = if inputs { (&module.inputs, "input") } else { (&module.outputs, "output") };
        if list.iter().any(|p| p.name == port && p.kind == PortKind::Data) {
            return Ok(());
        }
        Err(Error::NotFound(format!("module {} has no {word} {port} for data", module.name)))
    }

    /// Takes a place among the open files, and charges for what the node remembers of this one.
    fn open(&self, bytes: u64) -> Result<[Charge; 2], Error> {
        Ok([self.count_file()?, self.charge(bytes)?])
    }

    /// Charges for a table that the node keeps for the attempt's end.
    fn output(&mut self, schema_bytes: u64) -> Result<Charge, Error> {
        if self.used.outputs >= OUTPUTS {
            return Err(limit_error("handles", format!("{OUTPUTS} tables finished or passed on are allowed")));
        }
        let charge = self.charge(schema_bytes)?;
        self.used.outputs += 1;
        Ok(charge)
    }

    /// Puts a table behind a handle.
    pub(crate) fn hold_table(&mut self, table: Arc<dyn Table>) -> Answer<Resource<OpenTable>> {
        let schema_bytes = schema_bytes(table.schema());
        let chunks = u64::from(table.pages()) * (table.schema().columns.len() as u64 + 1);
        match self.open(schema_bytes + chunks * INDEX_BYTES) {
            Ok(held) => self.hold(OpenTable { table, schema_bytes, _held: held }),
            Err(e) => Ok(Err(e)),
        }
    }

    /// Puts a new writer behind a handle.
    pub(crate) fn open_writer(
        &mut self,
        writer: Result<Box<dyn TableWriter>, PortError>,
        schema: Schema,
        target: Target,
    ) -> Answer<Resource<OpenWriter>> {
        let writer = match self.answer(writer)? {
            Ok(writer) => writer,
            Err(e) => return Ok(Err(e)),
        };
        let schema_bytes = schema_bytes(&schema);
        match self.open(WRITER_BYTES + schema_bytes) {
            Ok(held) => self.hold(OpenWriter { writer: Some((writer, held)), schema, schema_bytes, target }),
            Err(e) => Ok(Err(e)),
        }
    }

    /// What comes in is bounded as what goes out is: a table may have been written under other limits.
    fn check_read(&self, page: &parcae_domain::page::Page) -> Result<(), Error> {
        let (bytes, limit) = (page.byte_len() as u64, self.attempt.limits.page_bytes);
        if bytes > limit {
            return Err(limit_error("page_bytes", format!("a page of {bytes} bytes is read, {limit} are allowed")));
        }
        Ok(())
    }

    /// Checks a page before it is written; the charge is for its entry in the index of the table.
    fn check_page(&mut self, page: &parcae_domain::page::Page, schema: &Schema) -> Result<Charge, Error> {
        let limits = &self.attempt.limits;
        let (rows, bytes) = (page.rows, page.byte_len() as u64);
        if rows > limits.page_rows {
            let message = format!("a page of {rows} rows, {} are allowed", limits.page_rows);
            return Err(limit_error("page_rows", message));
        }
        if bytes > limits.page_bytes {
            let message = format!("a page of {bytes} bytes, {} are allowed", limits.page_bytes);
            return Err(limit_error("page_bytes", message));
        }
        page.check(schema).map_err(|e| Error::Invalid(e.to_string()))?;
        let index = (schema.columns.len() as u64 + 1) * INDEX_BYTES;
        self.used.table_bytes += bytes + index;
        if self.used.table_bytes > limits.table_bytes {
            return Err(limit_error("table_bytes", format!("{} bytes of tables are allowed", limits.table_bytes)));
        }
        self.used.table_rows += u64::from(rows);
        if self.used.table_rows > limits.table_rows {
            return Err(limit_error("table_rows", format!("{} rows of tables are allowed", limits.table_rows)));
        }
        self.charge(index)
    }
}

/// Bytes of the node's memory that a schema takes, about.
fn schema_bytes(schema: &Schema) -> u64 {
    let columns: usize = schema.columns.iter().map(|column| column.name.len() + 64).sum();
    (1024 + columns) as u64 + json::weight(&schema.extra)
}

/// Checks what a component says of a table that it begins.
pub(crate) fn check_new(schema: tables::Schema, partitions: u32) -> Result<Schema, Error> {
    if !(1..=PARTITIONS).contains(&partitions) {
        return Err(Error::Invalid(format!("{partitions} partitions; 1 to {PARTITIONS} are allowed")));
    }
    schema_in(schema)
}

impl tables::Host for State {
    fn input(&mut self, port: String) -> Answer<Vec<Resource<OpenTable>>> {
        let world = self.world()?;
        if let Err(e) = self.data_port(true, &port) {
            return Ok(Err(e));
        }
        let found = match self.answer(world.inputs(&port))? {
            Ok(found) => found,
            Err(e) => return Ok(Err(e)),
        };
        let mut held = Vec::with_capacity(found.len());
        for table in found {
            match self.hold_table(table)? {
                Ok(handle) => held.push(handle),
                Err(e) => {
                    for handle in held {
                        self.handles.delete::<OpenTable>(handle)?;
                    }
                    return Ok(Err(e));
                }
            }
        }
        Ok(Ok(held))
    }

    fn create(&mut self, port: String, schema: tables::Schema, partitions: u32) -> Answer<Resource<OpenWriter>> {
        let world = self.world()?;
        let schema = match self.data_port(false, &port).and_then(|()| check_new(schema, partitions)) {
            Ok(schema) => schema,
            Err(e) => return Ok(Err(e)),
        };
        let writer = world.create_output(&port, &schema, partitions);
        self.open_writer(writer, schema, Target::Port(port))
    }

    fn forward(&mut self, port: String, table: Resource<OpenTable>) -> Answer<()> {
        let world = self.world()?;
        if let Err(e) = self.data_port(false, &port) {
            return Ok(Err(e));
        }
        let open = self.handles.get(&table)?;
        let (table, bytes) = (open.table.clone(), open.schema_bytes);
        let kept = match self.output(bytes) {
            Ok(kept) => kept,
            Err(e) => return Ok(Err(e)),
        };
        let result = world.forward(&port, table.as_ref());
        if result.is_ok() {
            kept.keep();
        }
        self.answer(result)
    }
}

impl tables::HostTable for State {
    fn schema(&mut self, table: Resource<OpenTable>) -> wasmtime::Result<tables::Schema> {
        Ok(schema_out(self.handles.get(&table)?.table.schema()))
    }

    fn rows(&mut self, table: Resource<OpenTable>) -> wasmtime::Result<u64> {
        Ok(self.handles.get(&table)?.table.rows())
    }

    fn pages(&mut self, table: Resource<OpenTable>) -> wasmtime::Result<u32> {
        Ok(self.handles.get(&table)?.table.pages())
    }

    fn partitions(&mut self, table: Resource<OpenTable>) -> wasmtime::Result<u32> {
        Ok(self.handles.get(&table)?.table.partitions())
    }

    fn read_page(&mut self, table: Resource<OpenTable>, index: u32, columns: Vec<u32>) -> Answer<tables::Page> {
        let table = self.handles.get(&table)?.table.clone();
        if index >= table.pages() {
            return Ok(Err(Error::NotFound(format!("page {index} of a table with {} pages", table.pages()))));
        }
        let width = table.schema().columns.len();
        if columns.len() > width || columns.iter().any(|c| *c as usize >= width) {
            return Ok(Err(Error::NotFound(format!(
                "a column beyond the {width} of the table, or one asked for twice"
            ))));
        }
        // Taken until the component has the page in its own memory.
        let _taken = match self.charge(table.page_bytes(index, &columns)) {
            Ok(taken) => taken,
            Err(e) => return Ok(Err(e)),
        };
        match self.answer(table.read_page(index, &columns))? {
            Ok(page) => Ok(self.check_read(&page).map(|()| page_out(page))),
            Err(e) => Ok(Err(e)),
        }
    }

    fn drop(&mut self, table: Resource<OpenTable>) -> wasmtime::Result<()> {
        self.handles.delete(table)?;
        Ok(())
    }
}

impl tables::HostWriter for State {
    fn append(&mut self, writer: Resource<OpenWriter>, page: tables::Page) -> Answer<()> {
        let page = page_in(page);
        let schema = std::mem::replace(
            &mut self.handles.get_mut(&writer)?.schema,
            Schema { columns: vec![], extra: serde_json::Map::new() },
        );
        let checked = self.check_page(&page, &schema);
        let open = self.handles.get_mut(&writer)?;
        open.schema = schema;
        let result = match (checked, &mut open.writer) {
            (Err(e), _) => return Ok(Err(e)),
            (_, None) => Err(PortError::Invalid("the writer is finished".into())),
            (Ok(index), Some((inner, [_, held]))) => {
                held.join(index);
                inner.append(&page)
            }
        };
        self.answer(result)
    }

    fn finish(&mut self, writer: Resource<OpenWriter>) -> Answer<u64> {
        let world = self.world()?;
        let bytes = self.handles.get(&writer)?.schema_bytes;
        let kept = match self.output(bytes) {
            Ok(kept) => kept,
            Err(e) => return Ok(Err(e)),
        };
        let open = self.handles.get_mut(&writer)?;
        let result = match (open.writer.take(), &open.target) {
            (None, _) => Err(PortError::Invalid("the writer is finished already".into())),
            (Some((inner, _held)), Target::Port(port)) => world.finish_output(port, inner),
            (Some((inner, _held)), Target::Published(namespace, name)) => {
                world.finish_published(namespace, name, inner)
            }
        };
        if result.is_ok() {
            kept.keep();
        }
        self.answer(result)
    }

    fn drop(&mut self, writer: Resource<OpenWriter>) -> wasmtime::Result<()> {
        self.handles.delete(writer)?;
        Ok(())
    }
}
