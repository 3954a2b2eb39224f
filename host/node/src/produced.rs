//! A table on an input port, with who made it. Not for: finding it (`world`).

use std::fs::File;
use std::sync::Arc;

use parcae_domain::{
    page::Page,
    port::{PortError, Table},
    schema::Schema,
};

/// Key beside the columns of an input table.
pub(crate) const PRODUCER: &str = "producer";

/// A table with the name of the component that made it beside its columns: evaluations are named after it.
pub(crate) struct Produced {
    table: Arc<dyn Table>,
    schema: Schema,
}

impl Produced {
    /// A table that a component made.
    pub(crate) fn new(table: Arc<dyn Table>, component: &str) -> Produced {
        let mut schema = table.schema().clone();
        schema.extra.insert(PRODUCER.into(), component.into());
        Produced { table, schema }
    }
}

impl Table for Produced {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn rows(&self) -> u64 {
        self.table.rows()
    }

    fn pages(&self) -> u32 {
        self.table.pages()
    }

    fn partitions(&self) -> u32 {
        self.table.partitions()
    }

    fn read_page(&self, index: u32, columns: &[u32]) -> Result<Page, PortError> {
        self.table.read_page(index, columns)
    }

    fn page_bytes(&self, index: u32, columns: &[u32]) -> u64 {
        self.table.page_bytes(index, columns)
    }

    fn file(&self) -> &str {
        self.table.file()
    }

    fn descriptor(&self) -> Option<File> {
        self.table.descriptor()
    }
}
