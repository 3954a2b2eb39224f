//! Limits of one attempt: each has a name and a unit, and one place that enforces it. Not for: enforcing them
//! (`runtime`, and the node's `World`).

use serde::{Deserialize, Serialize};

/// Largest image of a component, bytes.
pub const IMAGE_BYTES: usize = 64 << 20;

/// What one attempt may use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Linear memory, summed over all memories of the attempt, bytes.
    pub memory_bytes: u64,
    /// Stack of wasm code, bytes.
    pub stack_bytes: u64,
    /// Elements of wasm tables, summed.
    pub table_elements: u64,
    /// Core instances.
    pub instances: u32,
    /// Objects that the node holds for the attempt (tables, writers, keys, ciphertexts).
    pub handles: u32,
    /// Bytes behind those objects: ciphertexts, keys.
    pub handle_bytes: u64,
    /// Bytes from the component in one call.
    pub call_bytes: u64,
    /// Wall-clock time of the attempt, seconds.
    pub run_seconds: u64,
    /// Time that one pull waits for a peer, seconds.
    pub peer_seconds: u64,
    /// Bytes written to the attempt's logs, standard output and error included.
    pub log_bytes: u64,
    /// Bytes of messages to one party.
    pub edge_bytes: u64,
    /// Bytes of tables that the attempt writes.
    pub table_bytes: u64,
    /// Rows of one page.
    pub page_rows: u32,
    /// Bytes of one page.
    pub page_bytes: u64,
    /// Metric series.
    pub metric_series: u32,
    /// Points of all series.
    pub metric_points: u32,
    /// Bytes of all model parts; those of checkpoints are counted by themselves, up to the same number.
    pub model_bytes: u64,
    /// Checkpoints of models.
    pub checkpoints: u32,
    /// Bytes of the file that the attempt puts out on the site's disk.
    pub export_bytes: u64,
    /// Bytes of randomness in one call.
    pub random_bytes: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            memory_bytes: 512 << 20,
            stack_bytes: 1 << 20,
            table_elements: 100_000,
            instances: 64,
            handles: 10_000,
            handle_bytes: 1 << 30,
            call_bytes: 64 << 20,
            run_seconds: 259_200,
            peer_seconds: 3_600,
            log_bytes: 8 << 20,
            edge_bytes: 4 << 30,
            table_bytes: 100 << 30,
            page_rows: 1 << 20,
            page_bytes: 64 << 20,
            metric_series: 1_000,
            metric_points: 1_000_000,
            model_bytes: 256 << 20,
            checkpoints: 10_000,
            export_bytes: 64 << 30,
            random_bytes: 64 << 10,
        }
    }
}
