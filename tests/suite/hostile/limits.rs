//! Every limit has a hostile behaviour that reaches it: which one, and where its outcome is tested. A limit without one
//! fails here. Not for: running them.

use std::path::Path;

use parcae_domain::limit::Limits;

use super::rows::ROWS;

/// Where a limit is reached.
enum Reached {
    /// By a behaviour of the probe, whose row of `rows` says these words.
    By(&'static str, &'static str),
    /// In a file of tests, which has these words.
    In(&'static str, &'static str),
}

use Reached::{By, In};

const RAW: &str = "tests/suite/hostile_memories.rs";
const EXPORTS: &str = "tests/suite/hostile_exports.rs";
const SCRATCH: &str = "tests/suite/scratch.rs";

/// Limit, and where it is reached.
const REACHED: &[(&str, Reached)] = &[
    ("memory_bytes", By("allocate", "limit memory_bytes reached")),
    ("memories", In(RAW, "limit memories reached")),
    ("stack_bytes", By("recurse", "limit stack_bytes reached")),
    ("tables", In(RAW, "limit tables reached")),
    ("table_elements", In(RAW, "limit table_elements reached")),
    ("instances", In(RAW, "limit instances reached")),
    ("handles", By("many_keys", "limit handles reached")),
    ("handle_bytes", By("flood_ciphertexts", "limit handle_bytes after")),
    ("call_bytes", By("huge_message", "limit call_bytes reached")),
    ("cpu_seconds", By("encrypt_long", "limit cpu_seconds reached")),
    ("run_seconds", By("spin", "run deadline of")),
    ("peer_seconds", By("pull_never", "peer deadline of")),
    ("queued_seconds", In("host/scheduler/tests/it/queued.rs", "queued deadline of")),
    ("total_seconds", In("host/scheduler/tests/it/decisions.rs", "a_job_out_of_time_is_stopped")),
    ("log_bytes", By("flood_stderr", "log limit of")),
    ("log_lines_per_second", By("flood_log", "log_lines_per_second allows")),
    ("log_bytes_per_second", By("huge_log_line", "log_bytes_per_second 4000")),
    ("edge_bytes", By("flood_messages", "limit edge_bytes after")),
    ("edge_bytes_ungranted", In(SCRATCH, "allowed without the grant message-volume")),
    ("edge_messages", By("count_messages", "limit edge_messages after")),
    ("table_bytes", By("flood_table", "limit table_bytes after")),
    ("table_rows", By("flood_rows", "limit table_rows after")),
    ("page_rows", By("huge_page", "page_rows")),
    ("page_bytes", By("fat_page", "page_bytes")),
    ("metric_series", By("hostile_metrics", "limit metric_series after")),
    ("metric_points", By("flood_points", "limit metric_points after")),
    ("model_bytes", By("huge_model", "bytes of models are allowed")),
    ("checkpoints", In(EXPORTS, "limit checkpoints after")),
    ("export_bytes", In(EXPORTS, "limit export_bytes after")),
    ("scratch_bytes", In(SCRATCH, "scratch_bytes")),
    ("scratch_files", In(SCRATCH, "scratch_files")),
    ("random_bytes", By("random_flood", "limit random_bytes reached")),
    ("random_total_bytes", By("random_drip", "limit random_total_bytes reached")),
];

/// What is wrong with an entry.
fn fault(limit: &str, reached: &Reached) -> Option<String> {
    match reached {
        By(behaviour, words) => {
            let says = |says: &[&str]| says.iter().any(|said| said.contains(*words));
            let found = ROWS.iter().any(|row| row.behaviour == *behaviour && says(row.says));
            (!found).then(|| format!("{limit}: no row of {behaviour} says {words:?}"))
        }
        In(file, words) => {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
            let text = std::fs::read_to_string(path).unwrap_or_default();
            (!text.contains(*words)).then(|| format!("{limit}: {file} does not say {words:?}"))
        }
    }
}

#[test]
fn every_limit_is_reached_by_some_behaviour() {
    let limits = serde_json::to_value(Limits::default()).unwrap();
    let names: Vec<&String> = limits.as_object().into_iter().flat_map(serde_json::Map::keys).collect();
    assert!(!names.is_empty(), "{limits}");
    let missing = names.iter().filter(|name| !REACHED.iter().any(|(limit, _)| *limit == name.as_str()));
    let mut faults: Vec<String> = missing.map(|name| format!("{name}: no behaviour reaches it")).collect();
    let unknown = REACHED.iter().filter(|(limit, _)| limits.get(*limit).is_none());
    faults.extend(unknown.map(|(limit, _)| format!("{limit} is no limit")));
    faults.extend(REACHED.iter().filter_map(|(limit, reached)| fault(limit, reached)));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
