//! What one attempt can reach: its ports, its peers, its log, and what it was granted. Not for: checks of sizes, shapes and
//! grants (the sandbox makes them), nor for storing outputs: they are collected here and committed with the attempt's end.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use parcae_domain::{
    attempt::{Attempt, StopSignal},
    descriptor::PortKind,
    id::{AttemptId, JobId},
    party::Party,
    port::{
        Address, Level, Message, Model, ModelPart, PortError, Scalar, Stream, Table, TableFile, TableWriter, World,
    },
    schema::Schema,
};
use parcae_logs::AttemptLog;
use serde_json::Value;

use crate::checkpointing;
use crate::claims::Claim;
use crate::export::{Export, Folders};
use crate::imports::Imports;
use crate::leftovers;
use crate::predict;
use crate::produced::{PRODUCER, Produced};
use crate::scratch::ScratchFolder;
use crate::site::Site;
use crate::usage::Counted;

/// What an attempt made; committed together with its success.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    /// Finished tables by output port; a forwarded one names a file that is there already.
    pub(crate) tables: Vec<(String, TableFile)>,
    /// Finished tables by namespace and name, and whether they replace one of that name.
    pub(crate) published: Vec<(String, String, bool, TableFile)>,
    /// Models by output port.
    pub(crate) models: Vec<(String, Vec<ModelPart>)>,
    /// Files that exist only for this attempt: removed unless it succeeds.
    pub(crate) new_files: Vec<String>,
    /// Namespaces and names of the tables that it opened beyond its ports.
    pub(crate) opened: Vec<(String, String)>,
    /// The file that it puts out on the site's disk; with success it has its name already.
    pub(crate) export: Option<Export>,
    /// What of that is claimed of the tenant's quotas, until it is stored.
    pub(crate) claims: Vec<Claim>,
    /// Names that the attempt is about to publish, and whether it may replace.
    publishing: Vec<(String, String, bool)>,
}

/// Names that an attempt may begin to publish: each is remembered until its end.
const PUBLISHED: usize = 1024;

impl Outputs {
    /// Remembers a table that was opened, once.
    fn note_opened(&mut self, table: (String, String)) {
        if !self.opened.contains(&table) {
            self.opened.push(table);
        }
    }
}

/// What is wired to one input port: for data, component and data name; for models, component and alias.
#[derive(Clone, Debug)]
pub(crate) struct Wire {
    pub(crate) port: String,
    pub(crate) kind: PortKind,
    pub(crate) component: String,
    pub(crate) name: String,
}

/// The world of one attempt.
pub(crate) struct AttemptWorld {
    pub(crate) site: Arc<Site>,
    pub(crate) attempt: Arc<Attempt>,
    pub(crate) wires: Vec<Wire>,
    pub(crate) log: AttemptLog,
    pub(crate) stop: StopSignal,
    pub(crate) outputs: Mutex<Outputs>,
    /// When the next write to the store is due that does not wait; none yet.
    pub(crate) paced: Mutex<Option<Instant>>,
    /// Goes with the world.
    pub(crate) _scratch: Option<ScratchFolder>,
    /// Which calls took long.
    pub(crate) imports: Imports,
}

/// Writes of metrics and summaries that an attempt may make at once, and then how often: each is a commit on the one
/// connection that the loop needs, too.
const BURST: Duration = Duration::from_secs(10);
/// Time between two of them after the burst.
const PACE: Duration = Duration::from_millis(20);

impl AttemptWorld {
    /// What the attempt made so far.
    pub(crate) fn outputs(&self) -> MutexGuard<'_, Outputs> {
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn address(&self, from: Party, to: Party, tag: &str) -> Address {
        Address { session: session(&self.attempt), from, to, tag: tag.to_owned() }
    }

    fn uploaded(&self) -> Result<File, PortError> {
        let path = self.site.upload_of(&self.attempt.id.task.job);
        File::open(path).map_err(|_| PortError::NotFound("no file was uploaded with this job".into()))
    }

    /// Makes a component that writes metrics without end wait: five hundred at once, then fifty a second.
    fn pace(&self) -> Result<(), PortError> {
        let now = Instant::now();
        let mut next = self.paced.lock().unwrap_or_else(PoisonError::into_inner);
        let rested = now.checked_sub(BURST).unwrap_or(now);
        let due = next.map_or(rested, |due| due.max(rested)) + PACE;
        *next = Some(due);
        let wait = due.saturating_duration_since(now);
        drop(next);
        if !wait.is_zero() && self.stop.wait(wait) { Err(PortError::Canceled) } else { Ok(()) }
    }

    fn keep(&self, file: &TableFile) {
        self.outputs().new_files.push(file.file.clone());
    }
}

/// The federation session of an attempt: one run of its task.
pub(crate) fn session(attempt: &Attempt) -> String {
    format!("{}_{}", attempt.id.task, attempt.id.version)
}

fn node<E: std::fmt::Display>(what: &str) -> impl FnOnce(E) -> PortError {
    let what = what.to_owned();
    move |e| PortError::Node(format!("{what}: {e}"))
}

impl World for AttemptWorld {
    fn inputs(&self, port: &str) -> Result<Vec<Arc<dyn Table>>, PortError> {
        let id = &self.attempt.id;
        let mut found: Vec<Arc<dyn Table>> = Vec::new();
        for wire in self.wires.iter().filter(|w| w.kind == PortKind::Data && w.port == port) {
            // A component that did not run at this party has no table here.
            let file = || self.site.output_file(&id.task.job, id.party, &wire.component, &wire.name);
            if let Some(table) = self.site.hold(id, file)? {
                found.push(Arc::new(Produced::new(table, &wire.component)));
            }
        }
        Ok(found)
    }

    fn create_output(&self, _port: &str, schema: &Schema, partitions: u32) -> Result<Box<dyn TableWriter>, PortError> {
        let writer = self.within_quota(self.site.tables.create(schema, partitions)?)?;
        Ok(Counted::writer(writer, &self.attempt.usage))
    }

    fn finish_output(&self, port: &str, writer: Box<dyn TableWriter>) -> Result<u64, PortError> {
        let _timed = self.imports.time("finish table", || port.to_owned());
        let file = writer.finish()?;
        self.keep(&file);
        self.claim_table(&file)?;
        let rows = file.rows;
        self.outputs().tables.push((port.to_owned(), file));
        Ok(rows)
    }

    fn forward(&self, port: &str, table: &dyn Table) -> Result<(), PortError> {
        let mut schema = table.schema().clone();
        schema.extra.remove(PRODUCER);
        let file = TableFile {
            file: table.file().to_owned(),
            rows: table.rows(),
            pages: table.pages(),
            partitions: table.partitions(),
            bytes: 0,
            schema,
        };
        self.outputs().tables.push((port.to_owned(), file));
        Ok(())
    }

    fn models(&self, port: &str) -> Result<Vec<Model>, PortError> {
        let wires = self.wires.iter().filter(|w| w.kind != PortKind::Data && w.port == port);
        let mut found = Vec::new();
        for wire in wires {
            let parts = self.site.model_parts(&self.attempt.id, &wire.component, &wire.name)?;
            let (component, alias) = predict::named(&wire.component, &wire.name);
            if !parts.is_empty() {
                found.push(Model { component: component.to_owned(), alias: alias.to_owned(), parts });
            } else if predict::is_deployed(&wire.component) {
                let message = format!("the deployed model has no {component}.{alias} at {}", self.attempt.id.party);
                return Err(PortError::NotFound(message));
            }
        }
        Ok(found)
    }

    fn save_model(&self, port: &str, parts: Vec<ModelPart>) -> Result<(), PortError> {
        let mut outputs = self.outputs();
        outputs.models.retain(|(other, _)| other != port);
        outputs.models.push((port.to_owned(), parts));
        Ok(())
    }

    fn save_checkpoint(
        &self,
        port: &str,
        step_index: u32,
        step_name: &str,
        parts: Vec<ModelPart>,
    ) -> Result<(), PortError> {
        self.pace()?;
        checkpointing::keep(&self.site, &self.attempt, port, (step_index, step_name), parts)
    }

    fn metric_points(&self, namespace: &str, name: &str, points: &[(Scalar, Scalar)]) -> Result<(), PortError> {
        let _timed = self.imports.time("metric points", || format!("{namespace} {name}"));
        self.pace()?;
        let stored = self.site.store.commit(|tx| tx.add_metric_points(&self.attempt.id, namespace, name, points));
        self.site.bell.ring_for([&self.attempt.id.task.job]);
        stored.map_err(node("metric"))
    }

    fn metric_meta(&self, namespace: &str, name: &str, metric_type: &str, extra: Value) -> Result<(), PortError> {
        self.pace()?;
        let id = &self.attempt.id;
        let stored = self.site.store.commit(|tx| tx.set_metric_meta(id, namespace, name, metric_type, &extra));
        stored.map_err(node("metric"))
    }

    fn summary(&self, summary: Value) -> Result<(), PortError> {
        self.pace()?;
        self.site.store.commit(|tx| tx.set_summary(&self.attempt.id, &summary)).map_err(node("summary"))
    }

    fn tenant_memory(&self) -> Option<u64> {
        self.site.quotas(&self.attempt.tenant).memory_bytes
    }

    fn progress(&self, done: u64, of: u64, what: &str) {
        self.site.set_progress(&self.attempt.id, done, of, what);
    }

    fn log(&self, level: Level, stream: Stream, line: &str) {
        self.log.line(level, stream, line);
        self.attempt.usage.log_bytes.set(self.log.written());
    }

    fn push(&self, to: Party, tag: &str, message: Message) -> Result<(), PortError> {
        let _timed = self.imports.time("push", || format!("to {to}, {tag}"));
        let bytes = message.byte_len() as u64;
        self.site.count_message(&self.attempt.tenant, bytes)?;
        self.site.transport.push(&self.address(self.attempt.id.party, to, tag), message)?;
        self.attempt.usage.sent(to, bytes);
        Ok(())
    }

    fn pull(&self, from: Party, tag: &str) -> Result<Message, PortError> {
        let _timed = self.imports.time("pull", || format!("from {from}, {tag}"));
        let deadline = Instant::now() + Duration::from_secs(self.attempt.limits.peer_seconds);
        let pulled = self.site.transport.pull(&self.address(from, self.attempt.id.party, tag), deadline, &self.stop);
        let pulled = pulled.map_err(|e| match e {
            PortError::Deadline(which, _) => PortError::Deadline(which, self.attempt.limits.peer_seconds),
            other => other,
        })?;
        self.attempt.usage.received(from, pulled.byte_len() as u64);
        Ok(pulled)
    }

    fn open_table(&self, namespace: &str, name: &str) -> Result<Arc<dyn Table>, PortError> {
        let missing =
            || PortError::NotFound(format!("table {name} of namespace {namespace} does not exist: upload it first"));
        let find =
            || match self.site.store.table(self.attempt.tenant.as_str(), namespace, name).map_err(node("table"))? {
                Some(table) if table.disabled => Err(PortError::Invalid(format!(
                    "table {name} of namespace {namespace} is disabled: enable it first"
                ))),
                found => Ok(found.map(|table| table.file.file)),
            };
        let table = self.site.hold(&self.attempt.id, find)?.ok_or_else(missing)?;
        self.outputs().note_opened((namespace.to_owned(), name.to_owned()));
        Ok(table)
    }

    fn open_output(&self, job: &str, component: &str, data_name: &str) -> Result<Arc<dyn Table>, PortError> {
        let party = self.attempt.id.party;
        let missing = || PortError::NotFound(format!("job {job} has no output {data_name} of {component} at {party}"));
        let job = JobId(job.to_owned());
        let owner = if job.is_valid() { self.site.store.job_tenant(&job).map_err(node("table"))? } else { None };
        if owner.as_deref() != Some(self.attempt.tenant.as_str()) {
            return Err(missing());
        }
        let find = || self.site.output_file(&job, party, component, data_name);
        let table = self.site.hold(&self.attempt.id, find)?.ok_or_else(missing)?;
        let outputs = self.site.store.outputs(&job, Some(component), Some(party)).map_err(node("table"))?;
        let named = outputs.into_iter().find(|o| o.kind == PortKind::Data && o.data_name == data_name);
        if let Some(output) = named {
            self.outputs().note_opened((output.namespace, output.name));
        }
        Ok(table)
    }

    fn publish_table(
        &self,
        namespace: &str,
        name: &str,
        schema: &Schema,
        partitions: u32,
        replace: bool,
    ) -> Result<Box<dyn TableWriter>, PortError> {
        if namespace.starts_with(OUTPUT_NAMESPACE) {
            return Err(PortError::Invalid(format!(
                "namespaces that begin with {OUTPUT_NAMESPACE} are the node's own"
            )));
        }
        let there = self.site.store.table(self.attempt.tenant.as_str(), namespace, name).map_err(node("table"))?;
        if there.is_some() && !replace {
            return Err(PortError::Exists(format!(
                "table {name} of namespace {namespace} exists: drop it to replace it"
            )));
        }
        let mut outputs = self.outputs();
        outputs.publishing.retain(|(ns, n, _)| !(ns == namespace && n == name));
        if outputs.publishing.len() >= PUBLISHED {
            return Err(PortError::Limit("handles".into(), format!("{PUBLISHED} tables to publish are allowed")));
        }
        outputs.publishing.push((namespace.to_owned(), name.to_owned(), replace));
        drop(outputs);
        let writer = self.within_quota(self.site.tables.create(schema, partitions)?)?;
        Ok(Counted::writer(writer, &self.attempt.usage))
    }

    fn finish_published(&self, namespace: &str, name: &str, writer: Box<dyn TableWriter>) -> Result<u64, PortError> {
        let _timed = self.imports.time("finish table", || format!("{namespace} {name}"));
        let file = writer.finish()?;
        self.keep(&file);
        self.claim_table(&file)?;
        let rows = file.rows;
        let mut outputs = self.outputs();
        let replace = outputs.publishing.iter().any(|(ns, n, replace)| ns == namespace && n == name && *replace);
        outputs.published.push((namespace.to_owned(), name.to_owned(), replace, file));
        Ok(rows)
    }

    fn uploaded_size(&self) -> Result<u64, PortError> {
        Ok(self.uploaded()?.metadata().map_err(node("uploaded file"))?.len())
    }

    fn uploaded_read(&self, offset: u64, len: u32) -> Result<Vec<u8>, PortError> {
        let file = self.uploaded()?;
        let mut bytes = vec![0; len as usize];
        let mut filled = 0;
        while filled < bytes.len() {
            match file.read_at(&mut bytes[filled..], offset + filled as u64).map_err(node("uploaded file"))? {
                0 => break,
                n => filled += n,
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    fn uploaded_file(&self) -> Option<File> {
        self.uploaded().ok()
    }

    fn export_begin(&self, path: &str) -> Result<(), PortError> {
        let mut outputs = self.outputs();
        if outputs.export.is_some() {
            return Err(PortError::Exists("this attempt has begun a file already, and may put out one".into()));
        }
        let (site, id) = (&self.site, &self.attempt.id);
        let folders = Folders::of(&site.options, &self.attempt.tenant);
        leftovers::note(&folders, &site.files(&id.task.job).exports(), id, path)?;
        let succeeded = |version| leftovers::succeeded(&site.store, &AttemptId { version, ..id.clone() });
        outputs.export = Some(Export::begin(&folders, path, id, succeeded)?);
        Ok(())
    }

    fn export_write(&self, bytes: &[u8]) -> Result<(), PortError> {
        match self.outputs().export.as_mut() {
            Some(export) => export.write(bytes),
            None => Err(PortError::Invalid("no file was begun: call export-begin first".into())),
        }
    }
}

/// Namespaces of what tasks make begin so.
pub(crate) const OUTPUT_NAMESPACE: &str = "output_data_";
