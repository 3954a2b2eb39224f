//! What a node is expected to make of each behaviour of the component `probe`; for the suite, and for the attacks beside
//! a job that behaves well. Not for: running them.

use parcae_domain::{limit::Limits, status::Status};

use Set::{Busy, Hasty, Roomy, Tight};
use Shape::{Alone, Both, Reads, With};
use Status::{Failed, Success, Timeout};

/// Who takes part, and what they do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// One party, in role local.
    Alone,
    /// A guest that gets a table.
    Reads,
    /// A guest, with a host that does this.
    With(&'static str),
    /// A guest and a host that do the same.
    Both,
}

/// Limits that behaviours run under together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Set {
    /// Little of everything, but time.
    Tight,
    /// Little time.
    Hasty,
    /// Little processor time, and low rates and counts.
    Busy,
    /// As a node has them.
    Roomy,
}

/// A behaviour, and what is expected of it.
#[derive(Debug)]
pub struct Row {
    /// Its name.
    pub behaviour: &'static str,
    /// Its parameter `amount`.
    pub amount: u64,
    /// Who takes part.
    pub shape: Shape,
    /// Under which limits.
    pub set: Set,
    /// How the attempt ends; that of the guest when there are two.
    pub status: Status,
    /// What its error report or its log says.
    pub says: &'static [&'static str],
}

/// Text that every behaviour gets: it names a table, too.
pub const TEXT: &str = "experiment/t";

impl Set {
    /// Makes the limits those of the set.
    pub fn apply(self, limits: &mut Limits) {
        match self {
            Tight => {
                limits.memory_bytes = 64 << 20;
                limits.handles = 200;
                limits.handle_bytes = 16 << 20;
                limits.call_bytes = 8 << 20;
                limits.run_seconds = 100;
                limits.peer_seconds = 100;
                limits.log_bytes = 64 << 10;
                limits.edge_bytes = 1 << 20;
                limits.table_bytes = 4 << 20;
                limits.page_rows = 10_000;
                limits.page_bytes = 4 << 20;
                limits.metric_series = 50;
                limits.metric_points = 5_000;
                limits.model_bytes = 1 << 20;
                limits.random_bytes = 64 << 10;
            }
            Hasty => {
                limits.memory_bytes = 64 << 20;
                limits.run_seconds = 3;
                limits.peer_seconds = 1;
                limits.log_bytes = 64 << 10;
            }
            Busy => {
                limits.run_seconds = 100;
                limits.cpu_seconds = 2;
                limits.log_lines_per_second = 10;
                limits.log_bytes_per_second = 4_000;
                limits.edge_messages = 1_000;
                limits.table_rows = 20_000;
                limits.random_total_bytes = 1 << 20;
            }
            Roomy => limits.run_seconds = 100,
        }
    }
}

const fn row(
    behaviour: &'static str,
    amount: u64,
    shape: Shape,
    set: Set,
    status: Status,
    says: &'static [&'static str],
) -> Row {
    Row { behaviour, amount, shape, set, status, says }
}

const fn good(behaviour: &'static str, says: &'static [&'static str]) -> Row {
    row(behaviour, 0, Alone, Tight, Success, says)
}

const fn bad(behaviour: &'static str, says: &'static [&'static str]) -> Row {
    row(behaviour, 0, Alone, Tight, Failed, says)
}

/// The guest's; the host waits for it.
const fn sent(behaviour: &'static str, says: &'static [&'static str]) -> Row {
    row(behaviour, 0, With("pull_never"), Tight, Success, says)
}

const fn late(behaviour: &'static str) -> Row {
    row(behaviour, 0, Alone, Hasty, Timeout, &["out of time: run deadline of 3 s"])
}

const NO_CPU: &[&str] = &["limit cpu_seconds reached: 2 s of processor time are allowed"];

const FULL_LOG: &str = "log limit of 65536 bytes reached: further lines of this attempt are dropped";

/// Behaviour, amount, who takes part, limits, status, and what the error report or the log say.
pub static ROWS: &[Row] = &[
    // Endings.
    good("none", &["nothing to do"]),
    bad("fail_input", &[TEXT]),
    bad("fail_peer", &[TEXT]),
    bad("fail_transient", &[TEXT]),
    bad("fail_other", &[TEXT]),
    row("succeed_after", 1, Alone, Tight, Success, &["attempt 0 fails", "attempt 1 succeeds"]),
    // Crashes, processor, memory, stack.
    bad("panic", &["the component crashed", "the probe panics: experiment/t"]),
    bad("unreachable", &["the component crashed", "unreachable"]),
    bad("exit", &["the component crashed: it called exit("]),
    late("spin"),
    row("spin", 0, Alone, Busy, Failed, NO_CPU),
    bad("recurse", &["limit stack_bytes reached: the stack has 1048576 bytes"]),
    bad("allocate", &["limit memory_bytes reached", "67108864 are allowed"]),
    good("allocate_amount", &["1048576 bytes are mine"]),
    row("allocate_amount", 100 << 20, Alone, Tight, Failed, &["limit memory_bytes reached"]),
    // Logs.
    row("flood_log", 5_000, Alone, Tight, Success, &[FULL_LOG]),
    row("flood_log", 0, Alone, Hasty, Timeout, &[FULL_LOG, "out of time: run deadline of 3 s"]),
    row("flood_log", 5_000, Alone, Busy, Success, &["lines came too fast", "log_lines_per_second allows 10"]),
    row("flood_stdout", 5_000, Alone, Tight, Success, &[FULL_LOG]),
    row("flood_stdout", 0, Alone, Hasty, Timeout, &[FULL_LOG]),
    row("flood_stderr", 5_000, Alone, Tight, Success, &[FULL_LOG]),
    row("flood_stderr", 0, Alone, Hasty, Timeout, &[FULL_LOG]),
    good("ansi_log", &["\\x1b[2J", "\\u{202e}", "<script>"]),
    row("huge_log_line", 1 << 20, Alone, Tight, Success, &[FULL_LOG]),
    row("huge_log_line", 1 << 16, Alone, Busy, Success, &["1 lines came too fast", "log_bytes_per_second 4000"]),
    row("huge_log_line", 0, Alone, Roomy, Success, &["[cut: "]),
    // Messages.
    row("huge_message", 9 << 20, With("pull_never"), Tight, Failed, &["limit call_bytes reached: 8388608 bytes"]),
    sent("flood_messages", &["limit edge_bytes after 15 calls"]),
    sent("empty_messages", &["limit edge_bytes after"]),
    row("count_messages", 0, With("pull_never"), Busy, Success, &["limit edge_messages after 1000 calls"]),
    sent("forge_party", &["does not take part in"]),
    sent("forge_tag", &["1 to 256 printable bytes"]),
    row("pull_never", 0, With("none"), Tight, Failed, &["host/10000 ended without sending \"never\""]),
    row("pull_never", 0, With("spin"), Hasty, Failed, &["peer deadline of"]),
    sent("push_bad_page", &["goes back or beyond the bytes"]),
    row("push_pull", 0, Both, Tight, Success, &["100 messages, a page and ciphertexts were exchanged"]),
    // Pages and schemas.
    good("bad_page_offsets", &["goes back or beyond the bytes"]),
    good("bad_page_utf8", &["not UTF-8"]),
    good("bad_page_rows", &["does not fit 2 rows", "neither 0 nor 1", "page_rows"]),
    good("bad_page_types", &["where the schema says", "page has 5 columns"]),
    row("huge_page", 10_001, Alone, Tight, Success, &["page_rows", "a page of 10001 rows, 10000 are allowed"]),
    good("flood_table", &["limit table_bytes after"]),
    row("flood_rows", 0, Alone, Busy, Success, &["limit table_rows after 2 calls"]),
    good("fat_page", &["page_bytes", "4194304 are allowed"]),
    good("bad_schema", &["extra of the schema is not a JSON object"]),
    row("huge_schema", 0, Alone, Roomy, Success, &["more than 65536", "bytes beside the columns"]),
    // What the node holds.
    good("many_handles", &["limit handles after", "200 objects of the node"]),
    row("many_writers", 0, Alone, Roomy, Success, &["limit handles after 128 calls"]),
    bad("many_keys", &["limit handles reached: 200 objects of the node"]),
    bad("many_blinders", &["limit handles reached: 200 objects of the node"]),
    row("many_tables", 0, Reads, Roomy, Success, &["limit handles after 128 calls"]),
    good("flood_ciphertexts", &["limit handle_bytes after"]),
    good("double_finish", &["the writer is finished"]),
    row("read_beyond", 0, Reads, Tight, Success, &["of a table with", "a column beyond the"]),
    // Metrics, summaries, models.
    good("hostile_metrics", &["limit metric_series after 50 calls"]),
    good("flood_points", &["limit metric_points after 5 calls"]),
    good("odd_metrics", &["the value NaN", "printable bytes"]),
    row("huge_summary", 17 << 20, Alone, Roomy, Success, &["16777216 are allowed"]),
    good("bad_summary", &["is not a JSON object"]),
    row("huge_model", 2 << 20, Alone, Tight, Success, &["1048576 bytes of models are allowed"]),
    row("huge_model", 0, Alone, Roomy, Failed, &["limit call_bytes reached: 67108864 bytes"]),
    // Ports, grants, the system.
    row("wrong_port", 0, Reads, Tight, Success, &["has no input nonsense", "has no output data2"]),
    good("no_grant", &["not granted uploaded-file", "not granted publish-table", "not granted export-file"]),
    good("open_foreign", &["was not granted open-table"]),
    good("clock", &["wall clock"]),
    good("sleep", &["slept for 1000000000 s"]),
    good("env", &["variables [], arguments []"]),
    good("files", &["open /etc/passwd: "]),
    good("sockets", &["connect to this node: ", "resolve a name: "]),
    good("threads", &["start a thread: "]),
    row("random_drip", 0, Alone, Busy, Failed, &["limit random_total_bytes reached", "1048576 are allowed"]),
    bad("random_flood", &["limit random_bytes reached", "1048576"]),
    // Cryptography.
    good("he_misuse", &["key length of 1100 bits"]),
    good("psi_misuse", &["unblind tokens in another order"]),
    good("many_ids", &["bytes of keys, ciphertexts, tokens and tables, 16777216 are allowed"]),
    late("encrypt_long"),
    row("encrypt_long", 0, Alone, Busy, Failed, NO_CPU),
    late("generate_long"),
    late("decrypt_long"),
    late("sums_long"),
    row("send_long", 0, With("spin"), Hasty, Timeout, &["out of time: run deadline of 3 s"]),
    late("blind_long"),
    // Everything else that has no end.
    late("fill_long"),
    row("read_long", 0, Reads, Hasty, Timeout, &["out of time: run deadline of 3 s"]),
    row("write_long", 0, Alone, Busy, Failed, &["rows of tables are allowed"]),
    late("points_long"),
    // Benches.
    row("bench_noop", 1_000, Alone, Tight, Success, &["1000 calls"]),
    row("bench_pages", 0, Reads, Tight, Success, &["100 rows"]),
    row("bench_write", 3, Alone, Tight, Success, &["24576 rows"]),
    row("bench_dot", 2, Alone, Tight, Success, &["8192 operations"]),
    row("bench_branches", 27, Alone, Tight, Success, &["steps"]),
];
