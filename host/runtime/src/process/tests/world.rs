//! A small world for the node's half: it takes tables, messages and lines, and has nothing to give. Not for: real nodes.

use std::sync::{Arc, Mutex};

use parcae_domain::{
    attempt::{Attempt, Isolation},
    descriptor::{Module, Port, PortKind},
    grant::Grant,
    id::{AttemptId, JobId, TaskId},
    limit::Limits,
    page::Page,
    party::{Party, Role},
    port::{Level, Message, Model, ModelPart, PortError, Scalar, Stream, Table, TableFile, TableWriter, World},
    schema::Schema,
    tenant::TenantId,
};
use serde_json::Value;

pub(super) const GUEST: Party = Party { role: Role::Guest, id: 9999 };
pub(super) const HOST: Party = Party { role: Role::Host, id: 10000 };

/// An attempt with one output and little of everything.
pub(super) fn attempt(grants: &[Grant]) -> Attempt {
    let task = TaskId { job: JobId("1".into()), component: "c".into() };
    let data = Port { name: "data".into(), kind: PortKind::Data, optional: false, many: false, help: String::new() };
    let module = Module {
        name: "M".into(),
        aliases: vec![],
        summary: String::new(),
        roles: vec![],
        needs: vec![],
        inputs: vec![],
        outputs: vec![data],
        parameters: Value::Null,
        grants: vec![],
    };
    Attempt {
        id: AttemptId { task, version: 0, party: GUEST },
        tenant: TenantId::default_tenant(),
        module,
        image: String::new(),
        parties: vec![GUEST, HOST],
        parameters: Value::Null,
        isolation: Isolation::Process,
        seed: 1,
        deterministic: false,
        draws: None,
        grants: grants.to_vec(),
        limits: Limits {
            memory_bytes: 64 << 20,
            handle_bytes: 8 << 20,
            edge_bytes: 10_000,
            page_rows: 100,
            page_bytes: 8_000,
            table_bytes: 10_000,
            metric_points: 10,
            ..Limits::default()
        },
        scratch: None,
        usage: Arc::default(),
    }
}

/// The world.
#[derive(Default)]
pub(super) struct Small(Mutex<Vec<String>>);

impl Small {
    /// Lines of the log.
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// A table that is forgotten.
struct Forgets(TableFile);

impl TableWriter for Forgets {
    fn append(&mut self, page: &Page) -> Done {
        self.0.rows += u64::from(page.rows);
        Ok(())
    }
    fn finish(self: Box<Self>) -> Done<TableFile> {
        Ok(self.0)
    }
}

type Done<T = ()> = Result<T, PortError>;

fn absent<T>() -> Done<T> {
    Err(PortError::NotFound("it is not in this world".to_owned()))
}

impl World for Small {
    fn inputs(&self, _: &str) -> Done<Vec<Arc<dyn Table>>> {
        absent()
    }
    fn create_output(&self, _: &str, schema: &Schema, partitions: u32) -> Done<Box<dyn TableWriter>> {
        let (file, schema) = (String::new(), schema.clone());
        Ok(Box::new(Forgets(TableFile { file, rows: 0, pages: 0, partitions, bytes: 0, schema })))
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
        Ok(())
    }
    fn metric_meta(&self, _: &str, _: &str, _: &str, _: Value) -> Done {
        absent()
    }
    fn summary(&self, _: Value) -> Done {
        absent()
    }
    fn progress(&self, _: u64, _: u64, _: &str) {}
    fn log(&self, _: Level, _: Stream, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }
    fn push(&self, _: Party, _: &str, _: Message) -> Done {
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
