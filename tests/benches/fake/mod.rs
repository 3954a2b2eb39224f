//! What an attempt reaches in a bench: one table in memory to read, a writer that forgets, and a log. Not for: anything that
//! another behaviour than those of the bench asks for.

use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};

use parcae_domain::{
    page::{Column, Page, Values},
    party::Party,
    port::{Level, Message, Model, ModelPart, PortError, Scalar, Stream, Table, TableFile, TableWriter, World},
    schema::{ColumnDef, DataType, Meaning, Schema},
};
use serde_json::{Map, Value};

/// Rows of a page.
const ROWS: u32 = 8192;
/// Columns of a page.
const COLUMNS: u32 = 8;
/// Pages of the table.
const PAGES: u32 = 16;

/// A world with one table; what is written to it is counted and forgotten.
pub struct Fake {
    table: Arc<dyn Table>,
    lines: Mutex<Vec<String>>,
}

impl Fake {
    /// A world with this table on every input port.
    pub fn new(table: Arc<dyn Table>) -> Fake {
        Fake { table, lines: Mutex::default() }
    }

    /// Lines that were logged.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

type Done<T = ()> = Result<T, PortError>;

/// The answer to everything that the behaviours do not use.
fn absent<T>() -> Done<T> {
    Err(PortError::NotFound("this is not there in a bench".to_owned()))
}

impl World for Fake {
    fn inputs(&self, _: &str) -> Done<Vec<Arc<dyn Table>>> {
        Ok(vec![self.table.clone()])
    }
    fn create_output(&self, _: &str, schema: &Schema, partitions: u32) -> Done<Box<dyn TableWriter>> {
        let (file, schema) = (String::new(), schema.clone());
        Ok(Box::new(Counter(TableFile { file, rows: 0, pages: 0, partitions, bytes: 0, schema })))
    }
    fn finish_output(&self, _: &str, writer: Box<dyn TableWriter>) -> Done<u64> {
        Ok(writer.finish()?.rows)
    }
    fn forward(&self, _: &str, _: &dyn Table) -> Done {
        absent()
    }
    fn models(&self, _: &str) -> Done<Vec<Model>> {
        absent()
    }
    fn save_model(&self, _: &str, _: Vec<ModelPart>) -> Done {
        absent()
    }
    fn save_checkpoint(&self, _: &str, _: u32, _: &str, _: Vec<ModelPart>) -> Done {
        absent()
    }
    fn metric_points(&self, _: &str, _: &str, _: &[(Scalar, Scalar)]) -> Done {
        absent()
    }
    fn metric_meta(&self, _: &str, _: &str, _: &str, _: Value) -> Done {
        absent()
    }
    fn summary(&self, _: Value) -> Done {
        absent()
    }
    fn progress(&self, done: u64, _: u64, _: &str) {
        black_box(done);
    }
    fn log(&self, _: Level, _: Stream, line: &str) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    }
    fn push(&self, _: Party, _: &str, message: Message) -> Done {
        black_box(message);
        Ok(())
    }
    fn pull(&self, _: Party, _: &str) -> Done<Message> {
        absent()
    }
    fn open_table(&self, _: &str, _: &str) -> Done<Arc<dyn Table>> {
        absent()
    }
    fn open_output(&self, _: &str, _: &str, _: &str) -> Done<Arc<dyn Table>> {
        absent()
    }
    fn publish_table(&self, _: &str, _: &str, _: &Schema, _: u32, _: bool) -> Done<Box<dyn TableWriter>> {
        absent()
    }
    fn finish_published(&self, _: &str, _: &str, _: Box<dyn TableWriter>) -> Done<u64> {
        absent()
    }
    fn uploaded_size(&self) -> Done<u64> {
        absent()
    }
    fn uploaded_read(&self, _: u64, _: u32) -> Done<Vec<u8>> {
        absent()
    }
    fn export_begin(&self, _: &str) -> Done {
        absent()
    }
    fn export_write(&self, _: &[u8]) -> Done {
        absent()
    }
}

/// The same table in a file of a folder, as a node has it: with a key, which files need.
#[allow(dead_code, reason = "not all benches read files")]
pub fn on_disk(folder: &std::path::Path) -> Arc<dyn Table> {
    let wide = Memory::wide();
    let mut schema = wide.schema.clone();
    schema.columns.insert(0, ColumnDef { name: "id".into(), data_type: DataType::Text, meaning: Meaning::Id });
    let tables = parcae_tables::TableDir::open(folder).expect("a folder of tables");
    let mut writer = tables.create(&schema, 1).expect("a table begins");
    for page in &wide.pages {
        let values = Values::Text { offsets: vec![0; ROWS as usize + 1], bytes: Vec::new() };
        let mut columns = vec![Column { validity: None, values }];
        columns.extend(page.columns.iter().cloned());
        writer.append(&Page { rows: ROWS, columns }).expect("a page is written");
    }
    let file = writer.finish().expect("the table is finished");
    tables.open_table(&file.file).expect("the table is there")
}

/// A table of pages in memory.
pub struct Memory {
    schema: Schema,
    pages: Vec<Page>,
}

impl Memory {
    /// 16 pages of 8 columns of numbers with 8192 rows.
    pub fn wide() -> Memory {
        let definition =
            |i: u32| ColumnDef { name: format!("x{i}"), data_type: DataType::F64, meaning: Meaning::Feature };
        let schema = Schema { columns: (0..COLUMNS).map(definition).collect(), extra: Map::new() };
        let number = |page: u32, column: u32, row: u32| f64::from(page) + f64::from(column) * f64::from(row);
        let column = |page: u32, column: u32| Column {
            validity: None,
            values: Values::F64((0..ROWS).map(|row| number(page, column, row)).collect()),
        };
        let page = |page: u32| Page { rows: ROWS, columns: (0..COLUMNS).map(|i| column(page, i)).collect() };
        Memory { schema, pages: (0..PAGES).map(page).collect() }
    }
}

impl Table for Memory {
    fn schema(&self) -> &Schema {
        &self.schema
    }
    fn rows(&self) -> u64 {
        self.pages.iter().map(|page| u64::from(page.rows)).sum()
    }
    fn pages(&self) -> u32 {
        PAGES
    }
    fn partitions(&self) -> u32 {
        1
    }
    fn read_page(&self, index: u32, columns: &[u32]) -> Done<Page> {
        match self.pages.get(index as usize) {
            Some(page) if columns.is_empty() => Ok(page.clone()),
            _ => absent(),
        }
    }
    fn file(&self) -> &str {
        "memory"
    }
}

/// Counts what is written.
struct Counter(TableFile);

impl TableWriter for Counter {
    fn append(&mut self, page: &Page) -> Done {
        self.0.rows += u64::from(black_box(page).rows);
        self.0.pages += 1;
        self.0.bytes += page.byte_len() as u64;
        Ok(())
    }
    fn finish(self: Box<Self>) -> Done<TableFile> {
        Ok(self.0)
    }
}
