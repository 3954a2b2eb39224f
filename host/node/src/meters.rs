//! Figures of a node that only ever grow, and how long things took; taken where things happen, read by who makes
//! metrics of them. Not for: how metrics look on the wire (`server`), what one tenant used (`domain::usage`).

use std::collections::BTreeMap;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use parcae_domain::{outcome::Outcome, port::Load, status::Status, usage::Usage};
use parcae_metadata::StoreError;
use parcae_scheduler::JobChange;

use crate::node::Node;
use crate::spans::SpanSink;
use crate::view::NodeError;

/// Bounds of the buckets of a histogram, seconds.
pub const BOUNDS: [f64; 14] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 300.0, 3_600.0];
/// Different outcomes that are told apart.
const OUTCOMES: usize = 100;
/// Tenants that are told apart.
const TENANTS: usize = 100;

/// How long something took, many times.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BOUNDS.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

/// A histogram as it was at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramReading {
    /// For each bound of `BOUNDS`, how often it took at most so long.
    pub buckets: [u64; BOUNDS.len()],
    /// How often in all.
    pub count: u64,
    /// Seconds in all.
    pub sum: f64,
}

impl Histogram {
    /// Counts one.
    pub fn observe(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        if let Some(at) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            self.buckets[at].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// What was counted. The buckets hold those before them, too.
    pub fn read(&self) -> HistogramReading {
        let mut sum = 0;
        let buckets = std::array::from_fn(|at| {
            sum += self.buckets[at].load(Ordering::Relaxed);
            sum
        });
        // Never less than what the buckets hold, however the counting went on meanwhile.
        let count = self.count.load(Ordering::Relaxed).max(sum);
        let sum = Duration::from_micros(self.micros.load(Ordering::Relaxed)).as_secs_f64();
        HistogramReading { buckets, count, sum }
    }
}

/// Figures of a node.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    running: AtomicU64,
    /// Ends of attempts by what they were.
    outcomes: Mutex<BTreeMap<String, u64>>,
    /// From a job's entry into the queue to its start.
    pub(crate) queued: Histogram,
    /// From the decision to start an attempt until its sandbox is asked to run.
    pub(crate) start: Histogram,
    /// From the beginning of an attempt to its end.
    pub(crate) wall: Histogram,
    /// Storing what the loop decided.
    pub(crate) commit: Histogram,
    used: Mutex<Sums>,
}

/// What all attempts that have ended used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums {
    /// Processor time, cryptography included, seconds.
    pub cpu_seconds: f64,
    /// That of cryptography alone, seconds.
    pub crypto_seconds: f64,
    /// Bytes written to their logs.
    pub log_bytes: u64,
    /// Messages between parties.
    pub messages: u64,
    /// Their bytes.
    pub message_bytes: u64,
    /// Bytes of tables.
    pub table_bytes: u64,
}

/// The figures of a node at one moment.
#[derive(Clone, Debug)]
pub struct Readings {
    /// Jobs by status.
    pub jobs: Vec<(String, u64)>,
    /// Jobs that wait, by tenant; the hundred with most of them.
    pub waiting: Vec<(String, u64)>,
    /// Attempts that run.
    pub running: u64,
    /// Attempts that have ended, by how.
    pub outcomes: Vec<(String, u64)>,
    /// Time of jobs in the queue.
    pub queued: HistogramReading,
    /// Time until an attempt's sandbox is asked to run.
    pub start: HistogramReading,
    /// Time of attempts.
    pub wall: HistogramReading,
    /// Time of commits.
    pub commit: HistogramReading,
    /// What attempts that have ended used.
    pub used: Sums,
    /// What attempts use now.
    pub load: Load,
    /// Images that were pushed.
    pub images: u64,
    /// Lines of logs that could not be written.
    pub log_lines_lost: u64,
    /// Spans that were not exported, for their receiver was away or slow.
    pub spans_lost: u64,
}

impl Meters {
    /// So many attempts run now.
    pub(crate) fn running(&self, attempts: usize) {
        self.running.store(attempts as u64, Ordering::Relaxed);
    }

    /// A job changed.
    pub(crate) fn job(&self, job: &JobChange) {
        // It starts once; later news of it while it runs are its progress.
        if let (Status::Running, 0, Some(start)) = (job.status, job.progress, job.start_ms) {
            self.queued.observe(Duration::from_millis(u64::try_from(start - job.queued_ms).unwrap_or(0)));
        }
    }

    /// An attempt ended.
    pub(crate) fn ended(&self, outcome: &Outcome) {
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        let word = word(outcome);
        let word = if outcomes.len() < OUTCOMES || outcomes.contains_key(&word) { word } else { "other".into() };
        *outcomes.entry(word).or_default() += 1;
    }

    /// What an attempt used that has ended.
    pub(crate) fn used(&self, used: &Usage) {
        self.wall.observe(used.wall);
        let mut sums = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        sums.cpu_seconds += used.cpu.as_secs_f64();
        sums.crypto_seconds += used.crypto.as_secs_f64();
        sums.log_bytes += used.log_bytes;
        sums.messages += used.messages;
        sums.message_bytes += used.bytes_out;
        sums.table_bytes += used.table_bytes;
    }
}

/// `success`, `limit_memory_bytes`, `deadline_peer`.
fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Success => "success".into(),
        Outcome::Failed { .. } => "failed".into(),
        Outcome::Trapped { .. } => "trapped".into(),
        Outcome::Limit { limit, .. } => format!("limit_{limit}"),
        Outcome::Deadline { which, .. } => format!("deadline_{which}"),
        Outcome::Canceled => "canceled".into(),
        Outcome::Denied { .. } => "denied".into(),
        Outcome::Node { .. } => "node".into(),
    }
}

impl Node {
    /// The figures of the whole node, over all tenants.
    pub fn readings(&self) -> Result<Readings, NodeError> {
        let failed = |error: StoreError| NodeError::Internal(format!("store: {error}"));
        let (site, meters) = (&self.site, &self.site.meters);
        let outcomes = meters.outcomes.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut waiting = site.store.jobs_waiting().map_err(failed)?;
        waiting.truncate(TENANTS);
        Ok(Readings {
            jobs: site.store.jobs_by_status().map_err(failed)?,
            waiting,
            running: meters.running.load(Ordering::Relaxed),
            outcomes: outcomes.into_iter().collect(),
            queued: meters.queued.read(),
            start: meters.start.read(),
            wall: meters.wall.read(),
            commit: meters.commit.read(),
            used: meters.used.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            load: site.executor.load(),
            images: site.store.pushed_images().map_err(failed)?,
            log_lines_lost: site.logs.lost(),
            spans_lost: site.options.spans.as_ref().map_or(0, SpanSink::lost),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_those_before_it() {
        let histogram = Histogram::default();
        for ms in [1, 3, 40, 4_000_000] {
            histogram.observe(Duration::from_millis(ms));
        }
        let read = histogram.read();
        assert_eq!((read.buckets[0], read.buckets[2], read.buckets[5], read.buckets[13]), (1, 2, 3, 3));
        assert_eq!(read.count, 4);
        assert!((read.sum - 4_000.044).abs() < 1e-9);
    }

    #[test]
    fn ends_are_counted_by_what_they_were() {
        let meters = Meters::default();
        meters.running(3);
        let limit = Outcome::Limit { limit: "memory_bytes".into(), message: String::new() };
        meters.ended(&limit);
        meters.used(&Usage { messages: 2, bytes_out: 10, ..Usage::default() });
        assert_eq!(meters.outcomes.lock().unwrap()["limit_memory_bytes"], 1);
        assert_eq!(meters.running.load(Ordering::Relaxed), 3);
        assert_eq!(meters.used.lock().unwrap().message_bytes, 10);
    }
}
