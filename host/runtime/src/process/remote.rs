//! The world of an attempt as its worker sees it: each call is a question to the node, which checks it again. When the node
//! is gone, so is the worker. Not for: tables (`tables`), what the node answers (`served`).

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use parcae_domain::{
    party::Party,
    pool::{Full, MemoryPool},
    port::{Level, Message, Model, ModelPart, PortError, Scalar, Stream, Table, TableWriter, World},
    schema::Schema,
};
use serde_json::Value;

use super::reply::{Held, Reply};
use super::request::Request;
use super::socket::WorkerEnd;
use super::tables::{FarTable, FarWriter, number_of};
use super::worker::TableOpener;
use crate::tenants::TENANT_MEMORY;

/// How a worker ends that has nobody to talk to.
const ALONE: i32 = 3;
/// Steps in which memory is asked for, bytes: a question for each page of wasm would be too many.
const STEP: u64 = 16 << 20;

/// The line to the node, shared by all that the worker holds of it.
pub(crate) struct Line {
    end: Mutex<WorkerEnd>,
    pub(super) open: TableOpener,
}

impl Line {
    pub(crate) fn new(end: WorkerEnd, open: TableOpener) -> Line {
        Line { end: Mutex::new(end), open }
    }

    /// Tells the node something.
    pub(crate) fn tell(&self, request: &Request<'_>) {
        let (kind, body) = request.encode();
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        if end.send(kind, &body).is_err() {
            std::process::exit(ALONE);
        }
    }

    /// Asks the node, and waits.
    pub(super) fn ask(&self, request: &Request<'_>) -> (Reply, VecDeque<OwnedFd>) {
        let (kind, body) = request.encode();
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = end.send(kind, &body).and_then(|()| end.receive());
        let Ok((kind, body, descriptors)) = answer else { std::process::exit(ALONE) };
        let Ok(reply) = Reply::decode(kind, &body) else { std::process::exit(ALONE) };
        (reply, descriptors.into())
    }

    /// Asks for one kind of answer; `read` takes it.
    pub(super) fn get<T>(&self, request: &Request<'_>, read: impl FnOnce(Reply) -> Option<T>) -> Result<T, PortError> {
        match self.ask(request).0 {
            Reply::Failed(error) => Err(error),
            reply => read(reply).ok_or_else(|| PortError::Node("the node gave another answer".into())),
        }
    }

    /// Waits until the node is gone, or ends this process.
    pub(crate) fn wait(&self) {
        let mut end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        while end.receive().is_ok() {}
    }

    pub(super) fn done(&self, request: &Request<'_>) -> Result<(), PortError> {
        self.get(request, |reply| (reply == Reply::Done).then_some(()))
    }

    pub(super) fn number(&self, request: &Request<'_>) -> Result<u64, PortError> {
        self.get(request, |reply| if let Reply::Number(number) = reply { Some(number) } else { None })
    }
}

/// The world.
pub(crate) struct Remote {
    line: Arc<Line>,
    /// The uploaded file, once it was asked for.
    uploaded: OnceLock<File>,
}

impl Remote {
    pub(crate) fn new(line: Arc<Line>) -> Remote {
        Remote { line, uploaded: OnceLock::new() }
    }

    fn tables(&self, request: &Request<'_>) -> Result<Vec<Arc<dyn Table>>, PortError> {
        let (reply, mut descriptors) = self.line.ask(request);
        let held = match reply {
            Reply::Tables(held) => held,
            Reply::Failed(error) => return Err(error),
            _ => return Err(PortError::Node("the node gave another answer".into())),
        };
        let table = |held: Held| -> Result<Arc<dyn Table>, PortError> {
            let file = if held.open { descriptors.pop_front().map(File::from) } else { None };
            Ok(Arc::new(FarTable::new(self.line.clone(), held, file)?))
        };
        held.into_iter().map(table).collect()
    }

    fn table(&self, request: &Request<'_>) -> Result<Arc<dyn Table>, PortError> {
        let missing = || PortError::Node("the node gave no table".into());
        self.tables(request)?.pop().ok_or_else(missing)
    }

    fn writer(
        &self,
        request: &Request<'_>,
        schema: &Schema,
        partitions: u32,
    ) -> Result<Box<dyn TableWriter>, PortError> {
        let number = u32::try_from(self.line.number(request)?).unwrap_or(u32::MAX);
        Ok(Box::new(FarWriter::new(self.line.clone(), number, schema.clone(), partitions)))
    }
}

impl World for Remote {
    fn inputs(&self, port: &str) -> Result<Vec<Arc<dyn Table>>, PortError> {
        self.tables(&Request::Inputs { port: port.to_owned() })
    }

    fn create_output(&self, port: &str, schema: &Schema, partitions: u32) -> Result<Box<dyn TableWriter>, PortError> {
        let request = Request::Create { port: port.to_owned(), schema: Cow::Borrowed(schema), partitions };
        self.writer(&request, schema, partitions)
    }

    fn finish_output(&self, _port: &str, writer: Box<dyn TableWriter>) -> Result<u64, PortError> {
        Ok(writer.finish()?.rows)
    }

    fn forward(&self, port: &str, table: &dyn Table) -> Result<(), PortError> {
        self.line.done(&Request::Forward { port: port.to_owned(), table: number_of(table) })
    }

    fn models(&self, port: &str) -> Result<Vec<Model>, PortError> {
        let request = Request::Models { port: port.to_owned() };
        self.line.get(&request, |reply| if let Reply::Models(models) = reply { Some(models) } else { None })
    }

    fn save_model(&self, port: &str, parts: Vec<ModelPart>) -> Result<(), PortError> {
        self.line.done(&Request::SaveModel { port: port.to_owned(), parts: parts.into() })
    }

    fn save_checkpoint(
        &self,
        port: &str,
        step_index: u32,
        step_name: &str,
        parts: Vec<ModelPart>,
    ) -> Result<(), PortError> {
        let (port, step_name) = (port.to_owned(), step_name.to_owned());
        self.line.done(&Request::SaveCheckpoint { port, step_index, step_name, parts: parts.into() })
    }

    fn metric_points(&self, namespace: &str, name: &str, points: &[(Scalar, Scalar)]) -> Result<(), PortError> {
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        self.line.done(&Request::MetricPoints { namespace, name, points: points.into() })
    }

    fn metric_meta(&self, namespace: &str, name: &str, metric_type: &str, extra: Value) -> Result<(), PortError> {
        let (namespace, name, metric_type) = (namespace.to_owned(), name.to_owned(), metric_type.to_owned());
        self.line.done(&Request::MetricMeta { namespace, name, metric_type, extra: extra.to_string() })
    }

    fn summary(&self, summary: Value) -> Result<(), PortError> {
        self.line.done(&Request::Summary { json: summary.to_string() })
    }

    fn progress(&self, done: u64, of: u64, what: &str) {
        self.line.tell(&Request::Progress { done, of, what: what.into() });
    }

    fn log(&self, level: Level, stream: Stream, line: &str) {
        self.line.tell(&Request::Log { level, stream, line: line.into() });
    }

    fn push(&self, to: Party, tag: &str, message: Message) -> Result<(), PortError> {
        self.line.done(&Request::Push { to, tag: tag.to_owned(), message })
    }

    fn pull(&self, from: Party, tag: &str) -> Result<Message, PortError> {
        let request = Request::Pull { from, tag: tag.to_owned() };
        self.line.get(&request, |reply| if let Reply::Message(message) = reply { Some(message) } else { None })
    }

    fn open_table(&self, namespace: &str, name: &str) -> Result<Arc<dyn Table>, PortError> {
        self.table(&Request::OpenTable { namespace: namespace.to_owned(), name: name.to_owned() })
    }

    fn open_output(&self, job: &str, component: &str, data_name: &str) -> Result<Arc<dyn Table>, PortError> {
        let (job, component, data_name) = (job.to_owned(), component.to_owned(), data_name.to_owned());
        self.table(&Request::OpenOutput { job, component, data_name })
    }

    fn publish_table(
        &self,
        namespace: &str,
        name: &str,
        schema: &Schema,
        partitions: u32,
        replace: bool,
    ) -> Result<Box<dyn TableWriter>, PortError> {
        let (namespace, name) = (namespace.to_owned(), name.to_owned());
        let request = Request::Publish { namespace, name, schema: Cow::Borrowed(schema), partitions, replace };
        self.writer(&request, schema, partitions)
    }

    fn finish_published(&self, _namespace: &str, _name: &str, writer: Box<dyn TableWriter>) -> Result<u64, PortError> {
        Ok(writer.finish()?.rows)
    }

    fn uploaded_size(&self) -> Result<u64, PortError> {
        let (reply, mut descriptors) = self.line.ask(&Request::Uploaded);
        if let Some(file) = descriptors.pop_front() {
            // Asked a second time, the first one stays.
            let _ = self.uploaded.set(File::from(file));
        }
        match reply {
            Reply::Number(size) => Ok(size),
            Reply::Failed(error) => Err(error),
            _ => Err(PortError::Node("the node gave another answer".into())),
        }
    }

    fn uploaded_read(&self, offset: u64, len: u32) -> Result<Vec<u8>, PortError> {
        if self.uploaded.get().is_none() {
            self.uploaded_size()?;
        }
        let Some(file) = self.uploaded.get() else {
            let request = Request::UploadedRead { offset, len };
            return self.line.get(&request, |reply| if let Reply::Bytes(bytes) = reply { Some(bytes) } else { None });
        };
        let mut bytes = vec![0; len as usize];
        let mut filled = 0;
        while filled < bytes.len() {
            match file.read_at(&mut bytes[filled..], offset.saturating_add(filled as u64)) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(PortError::Node(format!("uploaded file: {e}"))),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    fn export_begin(&self, path: &str) -> Result<(), PortError> {
        self.line.done(&Request::ExportBegin { path: path.to_owned() })
    }

    fn export_write(&self, bytes: &[u8]) -> Result<(), PortError> {
        self.line.done(&Request::ExportWrite { bytes: bytes.into() })
    }
}

/// Memory of the worker, which the node admits before it is allocated.
pub(crate) struct FarPool {
    line: Arc<Line>,
    /// Bytes in use, and bytes that the node admitted.
    taken: Mutex<(u64, u64)>,
}

impl FarPool {
    pub(crate) fn new(line: Arc<Line>) -> FarPool {
        FarPool { line, taken: Mutex::new((0, 0)) }
    }
}

/// Names of limits that a node may answer with.
const POOLS: [&str; 2] = ["memory_pool_bytes", TENANT_MEMORY];

impl MemoryPool for FarPool {
    fn admit(&self, bytes: u64) -> Result<(), Full> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (used, admitted) = *taken;
        let wanted = used.saturating_add(bytes);
        let missing = wanted.saturating_sub(admitted);
        if missing > 0 {
            // What is left of the pool may be less than a step.
            let step = missing.checked_next_multiple_of(STEP).unwrap_or(missing);
            let asked = |bytes: u64| self.line.ask(&Request::Admit { bytes }).0;
            let (got, reply) = match asked(step) {
                Reply::Full(..) if step > missing => (missing, asked(missing)),
                reply => (step, reply),
            };
            match reply {
                Reply::Done => taken.1 = admitted.saturating_add(got),
                Reply::Full(name, message) => {
                    let known = POOLS.into_iter().find(|limit| *limit == name);
                    return Err(Full { limit: known.unwrap_or(POOLS[0]), message });
                }
                _ => std::process::exit(ALONE),
            }
        }
        taken.0 = wanted;
        Ok(())
    }

    fn give_back(&self, bytes: u64) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.0 = taken.0.saturating_sub(bytes);
        let spare = taken.1 - taken.0.min(taken.1);
        // One step stays for what is asked for next.
        if spare >= 2 * STEP {
            let back = spare - STEP;
            taken.1 -= back;
            self.line.tell(&Request::GiveBack { bytes: back });
        }
    }
}
