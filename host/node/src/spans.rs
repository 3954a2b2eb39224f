//! What a job did and when, as spans for a tracing system: job, task, the task at a party, the calls that took it long.
//! They are made at the end of what they tell of, and their ids follow from its names, so that a node that was
//! restarted sends the same ones. Not for: sending them (`cli`), log lines (`tracing`).

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
    mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parcae_domain::{attempt::Attempt, id::JobId, outcome::Outcome, usage::Usage};
use parcae_metadata::{JobFilter, JobRow, PartyTaskRow, StoreError, TaskFilter};
use sha2::{Digest, Sha256};

use crate::imports::Imports;
use crate::site::Site;

/// A piece of time of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The job's trace.
    pub trace: [u8; 16],
    /// Its id.
    pub id: [u8; 8],
    /// The span within which it lies.
    pub parent: Option<[u8; 8]>,
    /// What it is: `job`, `task`, `party task`, `pull`.
    pub name: String,
    /// Its beginning, ns since the epoch.
    pub start_ns: u64,
    /// Its end.
    pub end_ns: u64,
    /// Why it did not end well.
    pub error: Option<String>,
    /// More about it.
    pub attributes: Vec<(&'static str, Attribute)>,
}

/// Something about a span.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// Text.
    Text(String),
    /// A whole number.
    Number(u64),
}

/// Takes spans, and drops them rather than wait.
#[derive(Clone, Debug)]
pub struct SpanSink {
    queue: SyncSender<Span>,
    lost: Arc<AtomicU64>,
}

/// Where spans are taken from.
#[derive(Debug)]
pub struct SpanQueue {
    queue: Receiver<Span>,
    lost: Arc<AtomicU64>,
}

/// A queue for so many spans.
pub fn span_queue(places: usize) -> (SpanSink, SpanQueue) {
    let (to_queue, queue) = sync_channel(places);
    let lost = Arc::new(AtomicU64::new(0));
    (SpanSink { queue: to_queue, lost: lost.clone() }, SpanQueue { queue, lost })
}

impl SpanSink {
    /// Spans that nobody got.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    pub(crate) fn send(&self, spans: Vec<Span>) {
        for span in spans {
            if self.queue.try_send(span).is_err() {
                self.lost.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl SpanQueue {
    /// Waits for the next spans, at most `most`, and for further ones at most `wait`; none when the node is closed.
    pub fn next(&self, most: usize, wait: Duration) -> Option<Vec<Span>> {
        let mut spans = vec![self.queue.recv().ok()?];
        let end = Instant::now() + wait;
        while spans.len() < most {
            match self.queue.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(span) => spans.push(span),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        Some(spans)
    }

    /// Counts spans that could not be sent.
    pub fn lose(&self, spans: usize) {
        self.lost.fetch_add(spans as u64, Ordering::Relaxed);
    }
}

/// The trace of a job.
pub fn trace_of(job: &JobId) -> [u8; 16] {
    first(&format!("trace {job}"))
}

/// The id of a span that tells of something with a name: a job, a task with its version, an attempt.
pub(crate) fn span_of(name: &impl std::fmt::Display) -> [u8; 8] {
    first(&format!("span {name}"))
}

fn first<const N: usize>(text: &str) -> [u8; N] {
    let digest = Sha256::digest(text.as_bytes());
    std::array::from_fn(|at| digest[at])
}

/// Now, ns since the epoch.
pub(crate) fn now_ns() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Tells of an attempt that has ended just now, and of the calls that it made.
pub(crate) fn attempt(site: &Site, attempt: &Attempt, outcome: &Outcome, used: &Usage, imports: &Imports) {
    let Some(sink) = &site.options.spans else { return };
    let (id, end_ns) = (&attempt.id, now_ns());
    let span = Span {
        trace: trace_of(&id.task.job),
        id: span_of(id),
        parent: Some(span_of(&format!("{}_{}", id.task, id.version))),
        name: "party task".into(),
        start_ns: end_ns.saturating_sub(u64::try_from(used.wall.as_nanos()).unwrap_or(u64::MAX)),
        end_ns,
        error: Some(outcome.message()).filter(|message| !message.is_empty()),
        attributes: vec![
            text("parcae.component", &id.task.component),
            text("parcae.module", &attempt.module.name),
            text("parcae.party", &id.party),
            text("parcae.tenant", &attempt.tenant),
            text("parcae.image", &attempt.image),
            number("parcae.version", u64::from(id.version)),
            number("parcae.cpu_ms", ms(used.cpu)),
            number("parcae.crypto_cpu_ms", ms(used.crypto)),
            number("parcae.peak_memory_bytes", used.peak_memory_bytes),
            number("parcae.messages", used.messages),
            number("parcae.bytes_in", used.bytes_in),
            number("parcae.bytes_out", used.bytes_out),
        ],
    };
    let mut spans = imports.spans(&span);
    spans.insert(0, span);
    sink.send(spans);
}

/// Tells of a job that has ended, and of its tasks. Doing it twice does no harm.
pub(crate) fn job(site: &Site, job: &JobId) -> Result<(), StoreError> {
    let Some(sink) = &site.options.spans else { return Ok(()) };
    let page = site.store.jobs(&JobFilter { ids: vec![job.clone()], limit: Some(1), ..JobFilter::default() })?;
    let filter = TaskFilter { jobs: vec![job.clone()], all_versions: true, ..TaskFilter::default() };
    let tasks = site.store.party_tasks(&filter)?;
    let Some(row) = page.rows.first() else { return Ok(()) };
    let mut spans = vec![of_job(row)];
    spans.extend(tasks.chunk_by(same_task).filter_map(of_task));
    sink.send(spans);
    Ok(())
}

fn of_job(row: &JobRow) -> Span {
    let (trace, id) = (trace_of(&row.id), span_of(&row.id));
    let queued = row.start_ms.map_or(0, |start| start.saturating_sub(row.queued_ms));
    let attributes = vec![
        text("parcae.job", &row.id),
        text("parcae.tenant", &row.tenant),
        text("parcae.status", &row.status),
        number("parcae.queued_ms", u64::try_from(queued).unwrap_or(0)),
    ];
    let end_ms = row.end_ms.unwrap_or(row.updated_ms);
    let error = (!row.status.is_good()).then(|| row.status.to_string());
    let (start_ns, end_ns) = (ns(row.start_ms.unwrap_or(row.created_ms)), ns(end_ms));
    Span { trace, id, parent: None, name: "job".into(), start_ns, end_ns, error, attributes }
}

fn same_task(a: &PartyTaskRow, b: &PartyTaskRow) -> bool {
    a.attempt.task == b.attempt.task && a.attempt.version == b.attempt.version
}

/// A run of a task, from what it was at its parties; none when it never began.
fn of_task(parties: &[PartyTaskRow]) -> Option<Span> {
    let row = parties.first()?;
    let start = parties.iter().filter_map(|party| party.start_ms).min()?;
    let end = parties.iter().filter_map(|party| party.end_ms).max().unwrap_or(start);
    let (id, task) = (&row.attempt, &row.task);
    Some(Span {
        trace: trace_of(&id.task.job),
        id: span_of(&format!("{}_{}", id.task, id.version)),
        parent: Some(span_of(&id.task.job)),
        name: "task".into(),
        start_ns: ns(start),
        end_ns: ns(end),
        error: (task.status.is_end() && !task.status.is_good()).then(|| task.status.to_string()),
        attributes: vec![
            text("parcae.component", &task.component),
            text("parcae.module", &task.module),
            text("parcae.status", &task.status),
            number("parcae.version", u64::from(id.version)),
        ],
    })
}

pub(crate) fn text(name: &'static str, value: &impl std::fmt::Display) -> (&'static str, Attribute) {
    (name, Attribute::Text(value.to_string()))
}

pub(crate) fn number(name: &'static str, value: u64) -> (&'static str, Attribute) {
    (name, Attribute::Number(value))
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn ns(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or(0).saturating_mul(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(name: &str) -> Span {
        let (trace, id) = ([1; 16], [2; 8]);
        Span { trace, id, parent: None, name: name.into(), start_ns: 1, end_ns: 2, error: None, attributes: vec![] }
    }

    #[test]
    fn who_is_slow_loses_spans_and_nobody_waits() {
        let (sink, queue) = span_queue(2);
        sink.send(["a", "b", "c"].map(span).to_vec());
        assert_eq!(sink.lost(), 1);
        let names: Vec<String> = queue.next(9, Duration::ZERO).unwrap().into_iter().map(|span| span.name).collect();
        assert_eq!(names, ["a", "b"]);
        queue.lose(2);
        assert_eq!(sink.lost(), 3);
        drop(sink);
        assert_eq!(queue.next(9, Duration::ZERO), None);
    }

    #[test]
    fn ids_follow_from_names() {
        let job = JobId("1".repeat(21));
        assert_eq!(trace_of(&job), trace_of(&job.clone()));
        assert_ne!(span_of(&job), span_of(&format!("{job}_a_0")));
    }
}
