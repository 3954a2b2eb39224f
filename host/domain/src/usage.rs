//! What an attempt uses: counted while it runs, read by whoever wants to know, and summed up at its end. Not for: what it
//! may use (`limit`).

use std::collections::BTreeMap;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::party::Party;

/// What an attempt used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Processor time, its cryptography included.
    pub cpu: Duration,
    /// Processor time of its cryptography alone, on all threads.
    pub crypto: Duration,
    /// From its beginning to its end; waiting for other parties counts.
    pub wall: Duration,
    /// Most linear memory that the component had at a time, bytes.
    pub peak_memory_bytes: u64,
    /// Most bytes behind handles at a time.
    pub peak_handle_bytes: u64,
    /// Bytes of messages from other parties.
    pub bytes_in: u64,
    /// Bytes of messages to other parties.
    pub bytes_out: u64,
    /// Messages to other parties.
    pub messages: u64,
    /// Bytes written to its logs.
    pub log_bytes: u64,
    /// Bytes of pages written to tables.
    pub table_bytes: u64,
    /// Rows written to tables.
    pub table_rows: u64,
    /// Bytes of randomness drawn.
    pub random_bytes: u64,
    /// Most bytes in its scratch directory at a time.
    pub scratch_bytes: u64,
    /// Most files and directories there at a time.
    pub scratch_files: u64,
    /// The same messages by party.
    pub edges: Vec<EdgeUse>,
}

/// Messages between an attempt and one other party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeUse {
    /// The other party.
    pub party: Party,
    /// Bytes from it.
    pub bytes_in: u64,
    /// Messages from it.
    pub messages_in: u64,
    /// Bytes to it.
    pub bytes_out: u64,
    /// Messages to it.
    pub messages_out: u64,
}

/// One figure that is counted while an attempt runs.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds to it; the new sum.
    pub fn add(&self, more: u64) -> u64 {
        self.0.fetch_add(more, Ordering::AcqRel).saturating_add(more)
    }

    /// Replaces it.
    pub fn set(&self, number: u64) {
        self.0.store(number, Ordering::Release);
    }

    /// Raises it to a number, unless it is there already.
    pub fn raise(&self, number: u64) {
        self.0.fetch_max(number, Ordering::AcqRel);
    }

    /// The figure.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// What an attempt has used so far. Who runs it counts processor time, memory, handles and randomness; the node's `World`
/// counts what passes through it.
#[derive(Debug, Default)]
pub struct LiveUsage {
    /// Processor time of the attempt's own thread or process, without `crypto_us`, microseconds.
    pub thread_us: Counter,
    /// Processor time of the node's thread that serves the attempt's process, microseconds; `thread_us` holds it, too.
    pub served_us: Counter,
    /// Processor time of cryptography on all threads of the pool, microseconds.
    pub crypto_us: Counter,
    /// Linear memory now, bytes.
    pub memory_bytes: Counter,
    /// Most linear memory, bytes.
    pub peak_memory_bytes: Counter,
    /// Most bytes behind handles.
    pub peak_handle_bytes: Counter,
    /// Bytes written to its logs.
    pub log_bytes: Counter,
    /// Bytes of pages written to tables.
    pub table_bytes: Counter,
    /// Rows written to tables.
    pub table_rows: Counter,
    /// Bytes of randomness drawn.
    pub random_bytes: Counter,
    /// Most bytes in the scratch directory at a time.
    pub scratch_bytes: Counter,
    /// Most files and directories there at a time.
    pub scratch_files: Counter,
    edges: Mutex<BTreeMap<Party, EdgeUse>>,
}

impl LiveUsage {
    /// Says how much linear memory there is now.
    pub fn memory(&self, bytes: u64) {
        self.memory_bytes.set(bytes);
        self.peak_memory_bytes.raise(bytes);
    }

    /// Counts a message to another party.
    pub fn sent(&self, to: Party, bytes: u64) {
        self.edge(to, |edge| {
            edge.bytes_out += bytes;
            edge.messages_out += 1;
        });
    }

    /// Counts a message from another party.
    pub fn received(&self, from: Party, bytes: u64) {
        self.edge(from, |edge| {
            edge.bytes_in += bytes;
            edge.messages_in += 1;
        });
    }

    /// Processor time so far, cryptography included.
    pub fn cpu(&self) -> Duration {
        Duration::from_micros(self.thread_us.get().saturating_add(self.crypto_us.get()))
    }

    /// All figures, of an attempt that has run so long.
    pub fn sum_up(&self, wall: Duration) -> Usage {
        let edges: Vec<EdgeUse> = self.edges.lock().unwrap_or_else(PoisonError::into_inner).values().copied().collect();
        let sum = |figure: fn(&EdgeUse) -> u64| -> u64 { edges.iter().map(figure).sum() };
        Usage {
            cpu: self.cpu(),
            crypto: Duration::from_micros(self.crypto_us.get()),
            wall,
            peak_memory_bytes: self.peak_memory_bytes.get(),
            peak_handle_bytes: self.peak_handle_bytes.get(),
            bytes_in: sum(|edge| edge.bytes_in),
            bytes_out: sum(|edge| edge.bytes_out),
            messages: sum(|edge| edge.messages_out),
            log_bytes: self.log_bytes.get(),
            table_bytes: self.table_bytes.get(),
            table_rows: self.table_rows.get(),
            random_bytes: self.random_bytes.get(),
            scratch_bytes: self.scratch_bytes.get(),
            scratch_files: self.scratch_files.get(),
            edges,
        }
    }

    fn edge(&self, other: Party, count: impl FnOnce(&mut EdgeUse)) {
        let mut edges = self.edges.lock().unwrap_or_else(PoisonError::into_inner);
        let none = EdgeUse { party: other, bytes_in: 0, messages_in: 0, bytes_out: 0, messages_out: 0 };
        count(edges.entry(other).or_insert(none));
    }
}

impl Usage {
    /// What was used of a limit of `Limits`; none where it is not counted. Of limits for one party, what went to the one
    /// that got most.
    pub fn of_limit(&self, name: &str) -> Option<u64> {
        let most = |figure: fn(&EdgeUse) -> u64| self.edges.iter().map(figure).max().unwrap_or(0);
        Some(match name {
            "memory_bytes" => self.peak_memory_bytes,
            "handle_bytes" => self.peak_handle_bytes,
            "cpu_seconds" => self.cpu.as_secs(),
            "run_seconds" => self.wall.as_secs(),
            "log_bytes" => self.log_bytes,
            "edge_bytes" => most(|edge| edge.bytes_out),
            "edge_messages" => most(|edge| edge.messages_out),
            "table_bytes" => self.table_bytes,
            "table_rows" => self.table_rows,
            "random_total_bytes" => self.random_bytes,
            "scratch_bytes" => self.scratch_bytes,
            "scratch_files" => self.scratch_files,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{limit::Limits, party::Role};

    #[test]
    fn figures_are_summed_up() {
        let live = LiveUsage::default();
        let (host, arbiter) = (Party::new(Role::Host, 1), Party::new(Role::Arbiter, 2));
        live.sent(host, 10);
        live.sent(host, 10);
        live.sent(arbiter, 7);
        live.received(arbiter, 5);
        live.memory(100);
        live.memory(40);
        live.thread_us.set(1_500_000);
        live.crypto_us.add(1_000_000);
        let used = live.sum_up(Duration::from_secs(9));
        assert_eq!((used.bytes_out, used.bytes_in, used.messages), (27, 5, 3));
        assert_eq!((used.peak_memory_bytes, live.memory_bytes.get()), (100, 40));
        assert_eq!((used.cpu.as_millis(), used.crypto.as_secs()), (2_500, 1));
        assert_eq!(used.of_limit("edge_bytes"), Some(20));
        assert_eq!((used.of_limit("cpu_seconds"), used.of_limit("run_seconds")), (Some(2), Some(9)));
    }

    #[test]
    fn what_is_counted_is_the_use_of_a_limit() {
        let counted = |info: &&crate::limit::LimitInfo| Usage::default().of_limit(info.name).is_some();
        assert_eq!(Limits::ALL.iter().filter(counted).count(), 12);
        assert_eq!(Usage::default().of_limit("colour"), None);
    }
}
