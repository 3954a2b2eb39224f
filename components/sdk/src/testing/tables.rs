//! Interface `tables` in native tests: tables in memory. Not for: what pages have to look like (`pages`).

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use super::{
    pages::{check_new, check_page},
    world::{World, current},
};
use crate::{
    Error, Frame,
    tables::{Page, Schema},
};

/// A finished table in memory.
#[derive(Debug)]
pub(crate) struct Stored {
    schema: Schema,
    pages: Vec<Page>,
    partitions: u32,
}

impl Stored {
    /// A frame as a table with at most so many rows in each page.
    pub(super) fn of(frame: &Frame, page_rows: usize) -> Result<Stored, Error> {
        let schema = frame.schema();
        check_new(&schema, frame.partitions)?;
        let pages: Vec<Page> = frame.pages(page_rows).collect();
        pages.iter().try_for_each(|page| check_page(page, &schema))?;
        Ok(Stored { schema, pages, partitions: frame.partitions })
    }

    /// The whole of it.
    pub(super) fn frame(self: &Arc<Stored>) -> Frame {
        Frame::read(&Table { stored: self.clone() }).expect("its pages were checked when they were stored")
    }
}

/// A finished table.
#[derive(Debug)]
pub struct Table {
    stored: Arc<Stored>,
}

impl Table {
    /// One more handle of a table.
    pub(super) fn of(stored: &Arc<Stored>) -> Table {
        Table { stored: stored.clone() }
    }

    /// Its columns.
    pub fn schema(&self) -> Schema {
        self.stored.schema.clone()
    }

    /// Number of rows.
    pub fn rows(&self) -> u64 {
        self.stored.pages.iter().map(|page| u64::from(page.rows)).sum()
    }

    /// Number of pages.
    pub fn pages(&self) -> u32 {
        self.stored.pages.len() as u32
    }

    /// Number of partitions; page i belongs to partition i modulo this.
    pub fn partitions(&self) -> u32 {
        self.stored.partitions
    }

    /// Reads page `index`; `columns` are indexes into the schema, empty = all.
    pub fn read_page(&self, index: u32, columns: &[u32]) -> Result<Page, Error> {
        let Some(page) = self.stored.pages.get(index as usize) else {
            return Err(Error::NotFound(format!("page {index} of a table with {} pages", self.pages())));
        };
        if columns.is_empty() {
            return Ok(page.clone());
        }
        let width = page.columns.len();
        if columns.len() > width || columns.iter().any(|column| *column as usize >= width) {
            let message = format!("a column beyond the {width} of the table, or one asked for twice");
            return Err(Error::NotFound(message));
        }
        let columns = columns.iter().map(|column| page.columns[*column as usize].clone()).collect();
        Ok(Page { rows: page.rows, columns })
    }
}

/// Where a written table goes.
#[derive(Clone, Debug)]
pub(super) enum Target {
    /// An output port.
    Port(String),
    /// A table of the tenant: namespace and name.
    Published(String, String),
}

/// A table being written. Dropped before it is finished, it leaves nothing behind.
#[derive(Debug)]
pub struct Writer {
    schema: Schema,
    partitions: u32,
    target: Target,
    /// The pages so far; none once it is finished.
    pages: Mutex<Option<Vec<Page>>>,
}

impl Writer {
    /// Begins a table.
    pub(super) fn begin(schema: &Schema, partitions: u32, target: Target) -> Result<Writer, Error> {
        check_new(schema, partitions)?;
        let mut schema = schema.clone();
        if schema.extra.is_empty() {
            schema.extra = "{}".to_owned();
        }
        Ok(Writer { schema, partitions, target, pages: Mutex::new(Some(Vec::new())) })
    }

    /// Adds a page with all columns of the schema.
    pub fn append(&self, page: &Page) -> Result<(), Error> {
        check_page(page, &self.schema)?;
        match self.pages.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(pages) => pages.push(page.clone()),
            None => return Err(Error::Invalid("the writer is finished".into())),
        }
        Ok(())
    }

    /// Ends the table and connects it to its port; returns the number of rows. The writer is used up.
    pub fn finish(&self) -> Result<u64, Error> {
        let world = current()?;
        let Some(pages) = mem::take(&mut *self.pages.lock().unwrap_or_else(PoisonError::into_inner)) else {
            return Err(Error::Invalid("the writer is finished already".into()));
        };
        let stored = Arc::new(Stored { schema: self.schema.clone(), pages, partitions: self.partitions });
        let rows = Table::of(&stored).rows();
        keep(&world, &self.target, stored);
        Ok(rows)
    }
}

fn keep(world: &World, target: &Target, stored: Arc<Stored>) {
    let mut kept = world.kept();
    match target.clone() {
        Target::Port(port) => kept.outputs.insert(port, stored),
        Target::Published(namespace, name) => kept.published.insert((namespace, name), stored),
    };
}

/// The tables on an input port, in the order of the DSL; none when it is not connected.
pub fn input(port: &str) -> Result<Vec<Table>, Error> {
    let world = current()?;
    world.data_port(true, port)?;
    let connected = world.ready.inputs.iter().filter(|(name, _)| name == port);
    Ok(connected.map(|(_, stored)| Table::of(stored)).collect())
}

/// Begins the table of an output port; 1 to 1023 partitions.
pub fn create(port: &str, schema: &Schema, partitions: u32) -> Result<Writer, Error> {
    current()?.data_port(false, port)?;
    Writer::begin(schema, partitions, Target::Port(port.to_owned()))
}

/// Passes a table on to an output port as it is, without copying.
pub fn forward(port: &str, table: &Table) -> Result<(), Error> {
    let world = current()?;
    world.data_port(false, port)?;
    keep(&world, &Target::Port(port.to_owned()), table.stored.clone());
    Ok(())
}
