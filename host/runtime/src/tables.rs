//! Interface `tables`: tables on the module's ports, page by page. Everything that a component hands back is checked here
//! before anything is stored. Not for: files (`World`).

use std::sync::Arc;

use parcae_domain::{
    descriptor::PortKind,
    port::{PortError, Table, TableWriter},
    schema::Schema,
};
use wasmtime::component::Resource;

use crate::convert::{page_in, page_out, schema_in, schema_out};
use crate::generated::parcae::component::{tables, types::Error};
use crate::state::{Answer, State, limit_error};

/// Most partitions of a table.
const PARTITIONS: u32 = 1023;

/// A table behind a handle.
pub struct OpenTable(pub(crate) Arc<dyn Table>);

/// A writer behind a handle; empty once it is finished.
pub struct OpenWriter {
    pub(crate) writer: Option<Box<dyn TableWriter>>,
    pub(crate) schema: Schema,
    pub(crate) target: Target,
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

    /// Puts a new writer behind a handle.
    pub(crate) fn open_writer(
        &mut self,
        writer: Result<Box<dyn TableWriter>, PortError>,
        schema: Schema,
        target: Target,
    ) -> Answer<Resource<OpenWriter>> {
        match self.answer(writer)? {
            Ok(writer) => Ok(Ok(self.handles.push(OpenWriter { writer: Some(writer), schema, target })?)),
            Err(e) => Ok(Err(e)),
        }
    }

    fn check_page(&mut self, page: &parcae_domain::page::Page, schema: &Schema) -> Result<(), Error> {
        let limits = &self.attempt.limits;
        let bytes = page.byte_len() as u64;
        if page.rows > limits.page_rows || bytes > limits.page_bytes {
            let message = format!(
                "a page of {} rows and {bytes} bytes; {} rows and {} bytes are allowed",
                page.rows, limits.page_rows, limits.page_bytes
            );
            return Err(limit_error("page_bytes", message));
        }
        page.check(schema).map_err(|e| Error::Invalid(e.to_string()))?;
        self.used.table_bytes += bytes;
        if self.used.table_bytes > limits.table_bytes {
            return Err(limit_error("table_bytes", format!("{} bytes of tables are allowed", limits.table_bytes)));
        }
        Ok(())
    }
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
        match self.answer(world.inputs(&port))? {
            Ok(found) => {
                let handles = found.into_iter().map(|table| self.handles.push(OpenTable(table)));
                Ok(Ok(handles.collect::<Result<_, _>>()?))
            }
            Err(e) => Ok(Err(e)),
        }
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
        let table = self.handles.get(&table)?.0.clone();
        self.answer(world.forward(&port, table.as_ref()))
    }
}

impl tables::HostTable for State {
    fn schema(&mut self, table: Resource<OpenTable>) -> wasmtime::Result<tables::Schema> {
        Ok(schema_out(self.handles.get(&table)?.0.schema()))
    }

    fn rows(&mut self, table: Resource<OpenTable>) -> wasmtime::Result<u64> {
        Ok(self.handles.get(&table)?.0.rows())
    }

    fn pages(&mut self, table: Resource<OpenTable>) -> wasmtime::Result<u32> {
        Ok(self.handles.get(&table)?.0.pages())
    }

    fn partitions(&mut self, table: Resource<OpenTable>) -> wasmtime::Result<u32> {
        Ok(self.handles.get(&table)?.0.partitions())
    }

    fn read_page(&mut self, table: Resource<OpenTable>, index: u32, columns: Vec<u32>) -> Answer<tables::Page> {
        let table = self.handles.get(&table)?.0.clone();
        if index >= table.pages() {
            return Ok(Err(Error::NotFound(format!("page {index} of a table with {} pages", table.pages()))));
        }
        let width = table.schema().columns.len();
        if columns.len() > width || columns.iter().any(|c| *c as usize >= width) {
            return Ok(Err(Error::NotFound(format!(
                "a column beyond the {width} of the table, or one asked for twice"
            ))));
        }
        let page = table.read_page(index, &columns).map(page_out);
        self.answer(page)
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
            (_, Some(inner)) => inner.append(&page),
        };
        self.answer(result)
    }

    fn finish(&mut self, writer: Resource<OpenWriter>) -> Answer<u64> {
        let world = self.world()?;
        let open = self.handles.get_mut(&writer)?;
        let result = match (open.writer.take(), &open.target) {
            (None, _) => Err(PortError::Invalid("the writer is finished already".into())),
            (Some(inner), Target::Port(port)) => world.finish_output(port, inner),
            (Some(inner), Target::Published(namespace, name)) => world.finish_published(namespace, name, inner),
        };
        self.answer(result)
    }

    fn drop(&mut self, writer: Resource<OpenWriter>) -> wasmtime::Result<()> {
        self.handles.delete(writer)?;
        Ok(())
    }
}
