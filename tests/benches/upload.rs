//! Speed and memory of an upload of a million rows, through the node and over HTTP. Not for: small files, where the time of
//! a job counts (`jobs`).
//!
//! References, measured earlier: FATE 25 s and 800 MB; DuckDB from CSV to Parquet 1.6 s, polars 2.1 s.

mod http;
mod report;

use std::fs::File;
use std::io::{BufWriter, Cursor, Read, Result, Write};
use std::path::Path;
use std::time::Instant;

use http::Server;
use parcae_domain::status::Status;
use parcae_tests::Site;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use report::{below, median};
use serde_json::{Value, json};
use ureq::SendBody;

const ROWS: u64 = 1_000_000;
/// Columns beside the key and the label.
const FEATURES: usize = 19;
/// How often each upload is run.
const RUNS: usize = 3;
const NAMESPACE: &str = "experiment";
const TABLE: &str = "million";
const BOUNDARY: &str = "a-line-that-the-file-does-not-hold";

/// One upload.
struct Run {
    seconds: f64,
    /// Resident memory of this process before it, MB.
    before: f64,
    /// Most resident memory of this process, MB.
    peak: f64,
    /// Whether `peak` is of this upload alone.
    is_exact: bool,
}

impl Run {
    /// Peak, or how much it rose where it could not be reset.
    fn memory(&self) -> f64 {
        if self.is_exact { self.peak } else { self.peak - self.before }
    }
}

fn main() {
    if !report::is_wanted() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("million.csv");
    let bytes = write_csv(&file).expect("the temporary folder has room");
    // Compiling takes more memory than an upload may.
    let _images = parcae_tests::images();
    measure("through the node", bytes, &|site| through_node(site, &file));
    measure("over HTTP", bytes, &|site| through_http(site, &file));
}

/// Runs an upload a few times, each on a node of its own.
fn measure(way: &str, bytes: u64, upload: &dyn Fn(&Site) -> f64) {
    let runs: Vec<Run> = (0..RUNS).map(|_| run(upload)).collect();
    let seconds = median(runs.iter().map(|run| run.seconds).collect());
    let most = runs.iter().max_by(|a, b| a.memory().total_cmp(&b.memory())).expect("there are runs");
    let word = if most.is_exact { "peak of resident memory" } else { "rise of the peak of resident memory" };
    println!(
        "upload {way}, {ROWS} rows x {} columns, {:.0} MB: {seconds:.2} s, {:.0} rows/s, {:.0} MB/s, {word} {:.0} MB, {:.0} MB \
         before (FATE 25 s and 800 MB, DuckDB CSV to Parquet 1.6 s, polars 2.1 s; {}; {}; median of {RUNS}, memory the most)",
        FEATURES + 1,
        bytes as f64 / 1e6,
        ROWS as f64 / seconds,
        bytes as f64 / 1e6 / seconds,
        most.memory(),
        most.before,
        below(seconds, 2.0, "s"),
        below(most.memory(), 300.0, "MB"),
    );
}

fn run(upload: &dyn Fn(&Site) -> f64) -> Run {
    let site = Site::new();
    // 5 sets the peak back to what is resident now.
    let is_exact = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = memory(if is_exact { "VmRSS:" } else { "VmHWM:" });
    let seconds = upload(&site);
    let peak = memory("VmHWM:");
    let table = site
        .node
        .default_tenant()
        .table(NAMESPACE, TABLE)
        .expect("the node knows its tables")
        .expect("the table is there");
    assert_eq!(table.rows, ROWS);
    Run { seconds, before, peak, is_exact }
}

/// A line about memory of this process, in MB.
fn memory(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|word| word.parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib * 1024.0 / 1e6)
}

/// FATE's configuration of the upload.
fn config() -> Value {
    json!({"file": "million.csv", "head": 1, "partition": 16, "namespace": NAMESPACE, "table_name": TABLE})
}

/// The file is there already; seconds from the call to the job's success.
fn through_node(site: &Site, file: &Path) -> f64 {
    let begun = Instant::now();
    let (job, taken) = site.node.default_tenant().upload(&config(), file, true);
    taken.expect("the upload is taken on");
    let view = site.wait(&job.0);
    let seconds = begun.elapsed().as_secs_f64();
    assert_eq!(view.status, Status::Success, "{}", site.errors(&job.0));
    seconds
}

/// The file is sent, as FATE's client does it; seconds from the first byte to the job's success.
fn through_http(site: &Site, file: &Path) -> f64 {
    let server = Server::start(&site.node);
    let query = utf8_percent_encode(&config().to_string(), NON_ALPHANUMERIC).to_string();
    let before = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"million.csv\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    let after = format!("\r\n--{BOUNDARY}--\r\n");
    let begun = Instant::now();
    let content = File::open(file).expect("the file is there");
    let mut body = Cursor::new(before).chain(content).chain(Cursor::new(after));
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let taken = server.post(&format!("data/upload?{query}"), &content_type, SendBody::from_reader(&mut body));
    server.wait(&taken);
    begun.elapsed().as_secs_f64()
}

/// Writes a table of a key, a label and features of six digits behind the point, the same in every run; its bytes.
fn write_csv(path: &Path) -> Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let header: String = (0..FEATURES).map(|i| format!(",x{i}")).collect();
    writeln!(out, "id,y{header}")?;
    let mut state = 0x9e37_79b9_7f4a_7c15;
    for row in 0..ROWS {
        write!(out, "u{row:012},{}", draw(&mut state) >> 63)?;
        for _ in 0..FEATURES {
            let drawn = draw(&mut state) >> 8;
            let (sign, value) = (if drawn & 1 == 0 { "" } else { "-" }, (drawn >> 1) % 10_000_000);
            write!(out, ",{sign}{}.{:06}", value / 1_000_000, value % 1_000_000)?;
        }
        writeln!(out)?;
    }
    let file = out.into_inner().map_err(|error| error.into_error())?;
    // Nothing is left to be written while an upload is measured.
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

/// The next number of Marsaglia's xorshift generator.
fn draw(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}
