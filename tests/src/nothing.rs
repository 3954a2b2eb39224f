//! What starting a component costs: attempts in a world in which there is nothing, so that they end at their first
//! call. Not for: attempts that do anything.

use std::sync::Arc;
use std::time::Instant;

use parcae_domain::{
    attempt::{Attempt, Isolation, StopSignal},
    id::{AttemptId, JobId, TaskId},
    limit::Limits,
    outcome::Outcome,
    party::{Party, Role},
    port::{Catalog, Executor, Level, Message, Model, ModelPart, PortError, Scalar, Stream, Table, TableWriter, World},
    schema::Schema,
    tenant::TenantId,
};
use parcae_runtime::{Images, Sandbox};
use serde_json::{Value, json};

/// Seconds that attempts of a module take which find no input: store, instance, first call, drop; the middle one of so
/// many.
pub fn start_seconds(images: &Arc<Images>, module: &str, times: usize) -> f64 {
    let offer =
        images.module(&TenantId::default_tenant(), module, None).unwrap_or_else(|| panic!("no image offers {module}"));
    let party = Party::new(Role::Guest, 9999);
    let task = TaskId { job: JobId(format!("20260101{:013}", 0)), component: "start_0".to_owned() };
    let attempt = Attempt {
        id: AttemptId { task, version: 0, party },
        tenant: TenantId::default_tenant(),
        module: offer.module,
        image: offer.image,
        parties: vec![party],
        parameters: json!({}),
        isolation: Isolation::Thread,
        seed: 1,
        deterministic: false,
        draws: None,
        grants: Vec::new(),
        limits: Limits::default(),
        scratch: None,
        usage: Arc::default(),
    };
    let sandbox = Sandbox::new(images.clone());
    let once = || {
        let begun = Instant::now();
        let outcome = sandbox.run(&attempt, Arc::new(Nothing), &StopSignal::new());
        let seconds = begun.elapsed().as_secs_f64();
        assert!(matches!(outcome, Outcome::Failed { .. }), "{module} found an input where there is none: {outcome:?}");
        seconds
    };
    let mut seconds: Vec<f64> = (0..times.max(1)).map(|_| once()).collect();
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// A world in which there is nothing.
struct Nothing;

type Done<T = ()> = Result<T, PortError>;

fn absent<T>() -> Done<T> {
    Err(PortError::NotFound("there is nothing in this world".to_owned()))
}

impl World for Nothing {
    fn inputs(&self, _: &str) -> Done<Vec<Arc<dyn Table>>> {
        absent()
    }
    fn create_output(&self, _: &str, _: &Schema, _: u32) -> Done<Box<dyn TableWriter>> {
        absent()
    }
    fn finish_output(&self, _: &str, _: Box<dyn TableWriter>) -> Done<u64> {
        absent()
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
    fn progress(&self, _: u64, _: u64, _: &str) {}
    fn log(&self, _: Level, _: Stream, _: &str) {}
    fn push(&self, _: Party, _: &str, _: Message) -> Done {
        absent()
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
