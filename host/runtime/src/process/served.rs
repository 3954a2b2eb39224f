//! The node's half of an attempt in a process: each request of the worker becomes a call of the same imports that a component
//! on a thread would make, on a `State` of the node's own. What an import refuses is refused here, too, whatever the worker
//! has checked or skipped. Not for: carrying messages (`socket`), the attempt's process (`run`).

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use parcae_domain::{
    outcome::Outcome,
    party::Party,
    pool::MemoryPool,
    port::{Level, Message, PortError, Scalar, Stream, Table},
    usage::Usage,
};
use wasmtime::component::Resource;

use super::confine::Confined;
use super::reply::{Held, Reply};
use super::request::Request;
use crate::convert::{page_in, page_out, part_out, party_out, schema_out};
use crate::cpu::{micros, thread_time};
use crate::generated::parcae::component::types::{Error, LimitReached};
use crate::generated::parcae::component::{federation, metrics, models, site, tables};
use crate::state::{Answer, Halt, State};
use crate::tables::{OpenTable, OpenWriter};

/// Longest line of a log, bytes: a line of standard output may have grown threefold where it was no text.
const LINE_BYTES: usize = 256 << 10;

/// Why nobody answers any more.
#[derive(Debug)]
pub(crate) enum End {
    /// The component ended by itself.
    Done(Outcome, Box<Usage>),
    /// The node ends it: a stop, a limit.
    Halted(Outcome),
    /// The worker did what no component can do.
    Broken(String),
}

/// An answer, with the files that go along.
pub(crate) type Answered = (Reply, Vec<File>);

/// An answer; none when the worker only told something.
pub(crate) type Served = Result<Option<Answered>, End>;

/// What the node has for one worker.
pub(crate) struct Service {
    state: State,
    /// The worker's process, for people.
    process: String,
    /// Memory that the worker was given.
    memory: Admitted,
    /// Processor time of this thread before it served.
    before: Duration,
}

/// Memory of a worker, or for a message of its; the pool has it back when this is dropped.
pub(crate) struct Admitted {
    pool: Arc<dyn MemoryPool>,
    bytes: u64,
    most: u64,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.pool.give_back(self.bytes);
    }
}

impl Service {
    pub(crate) fn new(state: State, process: String) -> Service {
        let memory = Admitted { pool: state.limiter.pool(), bytes: 0, most: 0 };
        Service { state, process, memory, before: thread_time() }
    }

    /// What the attempt is.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Most memory that the worker was given, bytes.
    pub(crate) fn most_memory(&self) -> u64 {
        self.memory.most
    }

    /// Takes down what serving has taken so far, on the thread that serves.
    pub(crate) fn took(&self) {
        self.state.attempt.usage.served_us.set(micros(thread_time().saturating_sub(self.before)));
    }

    /// Room for a message on its way; small ones are the node's own part. Where there is none, the attempt ends.
    pub(crate) fn room(&self, bytes: u64) -> Result<Option<Admitted>, End> {
        if bytes <= MESSAGE_BYTES {
            return Ok(None);
        }
        let pool = self.state.limiter.pool();
        match pool.admit(bytes) {
            Ok(()) => Ok(Some(Admitted { pool, bytes, most: bytes })),
            Err(full) => Err(End::Halted(Outcome::Limit { limit: full.limit.to_owned(), message: full.message })),
        }
    }

    /// Does what is asked.
    pub(crate) fn serve(&mut self, request: Request<'static>) -> Served {
        let state = &mut self.state;
        match request {
            Request::Confined(code) => confined(state, &self.process, code),
            Request::Done { outcome, usage } => Err(End::Done(outcome, usage)),
            Request::Admit { bytes } => self.admit(bytes),
            Request::GiveBack { bytes } => self.give_back(bytes),
            Request::Log { level, stream, line } => told(log(state, level, stream, &line)),
            Request::Progress { done, of, what } => {
                told(metrics::Host::progress(state, done, of, what.into_owned()).map(Ok))
            }
            Request::Models { port } => models_of(state, port),
            Request::SaveModel { port, parts } => {
                let parts = parts.into_owned().into_iter().map(part_out).collect();
                done(models::Host::save(state, port, parts))
            }
            Request::SaveCheckpoint { port, step_index, step_name, parts } => {
                let parts = parts.into_owned().into_iter().map(part_out).collect();
                done(models::Host::save_checkpoint(state, port, step_index, step_name, parts))
            }
            Request::MetricPoints { namespace, name, points } => {
                let points = points.into_owned().into_iter().map(point).collect();
                done(metrics::Host::append(state, namespace, name, points))
            }
            Request::MetricMeta { namespace, name, metric_type, extra } => {
                done(metrics::Host::describe(state, namespace, name, metric_type, extra))
            }
            Request::Summary { json } => done(metrics::Host::summary(state, json)),
            Request::Push { to, tag, message } => push(state, to, tag, message),
            Request::Pull { from, tag } => reply(state.receive(party_out(from), &tag), Reply::Message),
            Request::Uploaded => uploaded(state),
            Request::UploadedRead { offset, len } => reply(site::Host::uploaded_read(state, offset, len), Reply::Bytes),
            Request::ExportBegin { path } => done(site::Host::export_begin(state, path)),
            Request::ExportWrite { bytes } => done(site::Host::export_write(state, bytes.into_owned())),
            other => tables_of(state, other),
        }
    }

    /// A worker has its linear memory and what is behind its handles, with a step to spare for each.
    fn admit(&mut self, bytes: u64) -> Served {
        let limits = &self.state.attempt.limits;
        let most = limits.memory_bytes.saturating_add(limits.handle_bytes).saturating_add(SPARE);
        let all = self.memory.bytes.saturating_add(bytes);
        if all > most {
            return Err(End::Broken(format!("it asked for {all} bytes of memory, {most} are more than it can need")));
        }
        if let Err(full) = self.memory.pool.admit(bytes) {
            return Ok(Some((Reply::Full(full.limit.to_owned(), full.message), vec![])));
        }
        self.memory.bytes = all;
        self.memory.most = self.memory.most.max(all);
        self.state.attempt.usage.memory_bytes.set(all);
        Ok(Some((Reply::Done, vec![])))
    }

    fn give_back(&mut self, bytes: u64) -> Served {
        let Some(left) = self.memory.bytes.checked_sub(bytes) else {
            return Err(End::Broken("it gave back more memory than it had".into()));
        };
        self.memory.bytes = left;
        self.memory.pool.give_back(bytes);
        self.state.attempt.usage.memory_bytes.set(left);
        Ok(None)
    }
}

/// Bytes that a worker may have admitted without using them.
const SPARE: u64 = 64 << 20;
/// Bytes of a message on its way that nobody asks the pool for.
const MESSAGE_BYTES: u64 = 1 << 20;

fn confined(state: &State, process: &str, code: u8) -> Served {
    let Some(walls) = Confined::from_code(code) else {
        return Err(End::Broken("it has walls that do not exist".into()));
    };
    super::confine::tell(walls);
    told(log(state, Level::Debug, Stream::Log, &format!("runs in process {process}: {walls}")))
}

/// Turns an import's answer into one for the worker, or into an end.
fn settled<T>(answer: Answer<T>) -> Result<Result<T, PortError>, End> {
    match answer {
        Ok(Ok(value)) => Ok(Ok(value)),
        Ok(Err(error)) => Ok(Err(ported(error))),
        Err(error) => match error.downcast_ref::<Halt>() {
            Some(Halt(outcome)) => Err(End::Halted(outcome.clone())),
            // A handle that is none.
            None => Err(End::Broken(format!("{error:#}"))),
        },
    }
}

fn reply<T>(answer: Answer<T>, reply: impl FnOnce(T) -> Reply) -> Served {
    Ok(Some((settled(answer)?.map_or_else(Reply::Failed, reply), vec![])))
}

fn done(answer: Answer<()>) -> Served {
    reply(answer, |()| Reply::Done)
}

fn told(answer: Answer<()>) -> Served {
    settled(answer).map(|_| None)
}

/// The other way round than `state::port_error`: the worker's own `State` makes the component's error of it again.
fn ported(error: Error) -> PortError {
    match error {
        // A worker asks itself about grants before it asks the node.
        Error::Invalid(text) | Error::Denied(text) => PortError::Invalid(text),
        Error::NotFound(text) => PortError::NotFound(text),
        Error::Exists(text) => PortError::Exists(text),
        Error::Limit(LimitReached { name, message }) => PortError::Limit(name, message),
        Error::Peer(text) => PortError::PeerGone(text),
        Error::Deadline(text) => match deadline(&text) {
            Some((which, seconds)) => PortError::Deadline(which.to_owned(), seconds),
            None => PortError::Node(text),
        },
        Error::Canceled => PortError::Canceled,
        Error::Node(text) => PortError::Node(text),
    }
}

fn deadline(text: &str) -> Option<(&str, u64)> {
    let (which, rest) = text.split_once(" deadline of ")?;
    Some((which, rest.strip_suffix(" s passed")?.parse().ok()?))
}

fn log(state: &State, level: Level, stream: Stream, line: &str) -> Answer<()> {
    let end = line.floor_char_boundary(LINE_BYTES);
    state.world()?.log(level, stream, &line[..end]);
    Ok(Ok(()))
}

fn point((key, value): (Scalar, Scalar)) -> metrics::Point {
    let out = |scalar| match scalar {
        Scalar::Number(number) => metrics::Scalar::Number(number),
        Scalar::Text(text) => metrics::Scalar::Text(text),
    };
    metrics::Point { key: out(key), value: out(value) }
}

fn models_of(state: &mut State, port: String) -> Served {
    let part = |p: models::Part| parcae_domain::port::ModelPart { name: p.name, json: p.json, bytes: p.bytes };
    let model = |m: models::Model| parcae_domain::port::Model {
        component: m.component,
        alias: m.alias,
        parts: m.parts.into_iter().map(part).collect(),
    };
    reply(models::Host::load(state, port), |found| Reply::Models(found.into_iter().map(model).collect()))
}

fn push(state: &mut State, to: Party, tag: String, message: Message) -> Served {
    let to = party_out(to);
    done(match message {
        Message::Bytes(bytes) => federation::Host::push(state, to, tag, bytes),
        Message::Page(page) => federation::Host::push_page(state, to, tag, page_out(page)),
        // Who receives them reads them as an enemy's.
        sealed => state.send(to, &tag, sealed),
    })
}

fn uploaded(state: &mut State) -> Served {
    let size = match settled(site::Host::uploaded_size(state))? {
        Ok(size) => size,
        Err(error) => return Ok(Some((Reply::Failed(error), vec![]))),
    };
    let file = state.world().ok().and_then(|world| world.uploaded_file());
    Ok(Some((Reply::Number(size), file.into_iter().collect())))
}

fn tables_of(state: &mut State, request: Request<'static>) -> Served {
    match request {
        Request::Inputs { port } => held(tables::Host::input(state, port), state),
        Request::OpenTable { namespace, name } => {
            let opened = site::Host::open_table(state, namespace, name).map(|answer| answer.map(|table| vec![table]));
            held(opened, state)
        }
        Request::OpenOutput { job, component, data_name } => {
            let opened = site::Host::open_output(state, job, component, data_name);
            held(opened.map(|answer| answer.map(|table| vec![table])), state)
        }
        Request::Create { port, schema, partitions } => {
            reply(tables::Host::create(state, port, schema_out(&schema), partitions), number)
        }
        Request::Publish { namespace, name, schema, partitions, replace } => {
            let schema = schema_out(&schema);
            reply(site::Host::publish_table(state, namespace, name, schema, partitions, replace), number)
        }
        Request::Append { writer, page } => {
            done(tables::HostWriter::append(state, Resource::new_borrow(writer), page_out(page.into_owned())))
        }
        Request::Finish { writer } => {
            reply(tables::HostWriter::finish(state, Resource::new_borrow(writer)), Reply::Number)
        }
        Request::Forward { port, table } => done(tables::Host::forward(state, port, Resource::new_borrow(table))),
        Request::ReadPage { table, index, columns } => {
            let page = tables::HostTable::read_page(state, Resource::new_borrow(table), index, columns);
            reply(page, |page| Reply::Page(page_in(page)))
        }
        Request::DropWriter { writer } => told(tables::HostWriter::drop(state, Resource::new_own(writer)).map(Ok)),
        Request::DropTable { table } => told(tables::HostTable::drop(state, Resource::new_own(table)).map(Ok)),
        other => Err(End::Broken(format!("nobody answers {other:?}"))),
    }
}

fn number(writer: Resource<OpenWriter>) -> Reply {
    Reply::Number(u64::from(writer.rep()))
}

/// Tables that the node holds now, with their files.
fn held(answer: Answer<Vec<Resource<OpenTable>>>, state: &State) -> Served {
    let handles = match settled(answer)? {
        Ok(handles) => handles,
        Err(error) => return Ok(Some((Reply::Failed(error), vec![]))),
    };
    let (mut tables, mut files) = (Vec::new(), Vec::new());
    for handle in handles {
        let table = match state.handles.get(&handle) {
            Ok(open) => open.table.clone(),
            Err(error) => return Err(End::Broken(error.to_string())),
        };
        let file = table.descriptor();
        tables.push(described(handle.rep(), table.as_ref(), file.is_some()));
        files.extend(file);
    }
    Ok(Some((Reply::Tables(tables), files)))
}

fn described(number: u32, table: &dyn Table, open: bool) -> Held {
    Held {
        number,
        file: table.file().to_owned(),
        schema: table.schema().clone(),
        rows: table.rows(),
        pages: table.pages(),
        partitions: table.partitions(),
        open,
    }
}
