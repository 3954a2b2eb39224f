//! `/metrics`: the figures of node and server as Prometheus reads them, in its text format 0.0.4. No label has a value
//! that a client or a component makes up without bound. Not for: counting (`meters`, and the node's).

use std::{fmt::Write, fs};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use parcae_domain::status::Status;
use parcae_node::{BOUNDS, HistogramReading, Readings};

use crate::{answer::Refusal, meters::HttpMeters, state::Shared};

const TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All figures.
pub(crate) async fn metrics(State(shared): State<Shared>) -> Result<Response, Refusal> {
    let (node, meters) = (shared.node.clone(), shared.meters.clone());
    let read = tokio::task::spawn_blocking(move || {
        let readings = node.readings().map_err(|error| error.to_string())?;
        Ok::<String, String>(text(&readings, &meters))
    });
    match read.await.unwrap_or_else(|error| Err(error.to_string())) {
        Ok(text) => Ok(([(header::CONTENT_TYPE, TYPE)], text).into_response()),
        Err(why) => {
            tracing::error!(why, "the metrics could not be read");
            Err(Refusal::status(503, "the metrics could not be read; the node's log says why"))
        }
    }
}

fn text(readings: &Readings, meters: &HttpMeters) -> String {
    let mut page = Page::default();
    jobs(&mut page, readings);
    attempts(&mut page, readings);
    http(&mut page, meters);
    process(&mut page);
    page.0
}

fn jobs(page: &mut Page, readings: &Readings) {
    page.family("parcae_jobs", "gauge", "Jobs that are stored, by status.");
    for status in Status::ALL {
        let found = readings.jobs.iter().find(|(word, _)| word == status.as_str());
        page.sample("parcae_jobs", &[("status", status.as_str())], found.map_or(0.0, |(_, jobs)| float(*jobs)));
    }
    page.family("parcae_jobs_waiting", "gauge", "Jobs that wait, by tenant: the hundred with most of them.");
    for (tenant, jobs) in &readings.waiting {
        page.sample("parcae_jobs_waiting", &[("tenant", tenant.as_str())], float(*jobs));
    }
    page.one_histogram("parcae_job_queue_seconds", "Time of jobs in the queue.", &readings.queued);
    page.one_histogram("parcae_commit_seconds", "Time of storing a decision of the scheduler.", &readings.commit);
    page.one("parcae_images_pushed", "gauge", "Images that tenants have pushed.", float(readings.images));
    let lost = float(readings.log_lines_lost);
    page.one("parcae_log_lines_lost_total", "counter", "Lines of logs that could not be written.", lost);
    let lost = float(readings.spans_lost);
    page.one("parcae_spans_lost_total", "counter", "Spans that the collector did not get.", lost);
}

fn attempts(page: &mut Page, readings: &Readings) {
    page.one("parcae_attempts_running", "gauge", "Attempts that run.", float(readings.running));
    page.family("parcae_attempts_total", "counter", "Attempts that have ended since the start, by how.");
    for (outcome, attempts) in &readings.outcomes {
        page.sample("parcae_attempts_total", &[("outcome", outcome.as_str())], float(*attempts));
    }
    let about = "From the decision to start an attempt until its sandbox is asked to run.";
    page.one_histogram("parcae_attempt_start_seconds", about, &readings.start);
    page.one_histogram("parcae_attempt_seconds", "Time of attempts.", &readings.wall);
    let used = &readings.used;
    for (name, about, value) in [
        ("parcae_attempt_cpu_seconds_total", "Processor time of attempts that have ended.", used.cpu_seconds),
        ("parcae_attempt_crypto_seconds_total", "That of their cryptography.", used.crypto_seconds),
        ("parcae_attempt_log_bytes_total", "Bytes of their logs.", float(used.log_bytes)),
        ("parcae_attempt_table_bytes_total", "Bytes of tables that they wrote.", float(used.table_bytes)),
        ("parcae_messages_total", "Messages between parties.", float(used.messages)),
        ("parcae_message_bytes_total", "Bytes of these messages.", float(used.message_bytes)),
    ] {
        page.one(name, "counter", about, value);
    }
    let (memory, pool) = (float(readings.load.memory_bytes), float(readings.load.memory_pool_bytes));
    page.one("parcae_sandbox_memory_bytes", "gauge", "Memory of all components now.", memory);
    page.one("parcae_sandbox_memory_limit_bytes", "gauge", "What they may have together.", pool);
}

fn http(page: &mut Page, meters: &HttpMeters) {
    let paths = meters.paths();
    page.family("parcae_http_requests_total", "counter", "Requests, by path and HTTP status.");
    for path in &paths {
        for (status, requests) in &path.statuses {
            let status = status.to_string();
            let labels = [("path", path.path.as_str()), ("status", status.as_str())];
            page.sample("parcae_http_requests_total", &labels, float(*requests));
        }
    }
    page.family("parcae_http_request_seconds", "histogram", "Time of requests, by path.");
    for path in &paths {
        page.histogram("parcae_http_request_seconds", &[("path", path.path.as_str())], &path.took);
    }
    page.one("parcae_http_connections", "gauge", "Connections that are open.", float(meters.open()));
    let about = "Connections that were turned away, for there were too many.";
    page.one("parcae_http_connections_turned_away_total", "counter", about, float(meters.turned_away()));
}

/// Of this process, where the system tells.
fn process(page: &mut Page) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    if let Some(kilobytes) = resident.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok()) {
        let name = "process_resident_memory_bytes";
        page.one(name, "gauge", "Memory of the node's process.", float(kilobytes.saturating_mul(1024)));
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        page.one("process_open_fds", "gauge", "Files that the node's process has open.", float(files.count() as u64));
    }
}

/// Counts beyond 2^53 lose their last digits, as they do at Prometheus.
fn float(count: u64) -> f64 {
    count as f64
}

/// The text, as it grows.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: f64) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> = labels.iter().map(|(key, text)| format!("{key}=\"{}\"", escaped(text))).collect();
        if labels.is_empty() {
            self.line(format_args!("{name} {value}"));
        } else {
            self.line(format_args!("{name}{{{}}} {value}", labels.join(",")));
        }
    }

    fn one_histogram(&mut self, name: &str, help: &str, reading: &HistogramReading) {
        self.family(name, "histogram", help);
        self.histogram(name, &[], reading);
    }

    fn histogram(&mut self, name: &str, labels: &[(&str, &str)], reading: &HistogramReading) {
        let bucket = format!("{name}_bucket");
        let count = float(reading.count);
        let bounds = BOUNDS.iter().map(ToString::to_string).zip(reading.buckets.map(float));
        for (bound, count) in bounds.chain([("+Inf".to_owned(), count)]) {
            let mut labels = labels.to_vec();
            labels.push(("le", bound.as_str()));
            self.sample(&bucket, &labels, count);
        }
        self.sample(&format!("{name}_sum"), labels, reading.sum);
        self.sample(&format!("{name}_count"), labels, count);
    }

    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        // A string takes everything.
        let _ = writeln!(self.0, "{text}");
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use parcae_node::Histogram;

    use super::*;

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let mut page = Page::default();
        page.family("a", "counter", "A.");
        page.sample("a", &[("b", "x\"y\\z\n")], 3.0);
        page.one("c", "gauge", "C.", 0.5);
        let want = "# HELP a A.\n# TYPE a counter\na{b=\"x\\\"y\\\\z\\n\"} 3\n# HELP c C.\n# TYPE c gauge\nc 0.5\n";
        assert_eq!(page.0, want);
    }

    #[test]
    fn a_histogram_ends_with_all() {
        let histogram = Histogram::default();
        histogram.observe(Duration::from_millis(300));
        histogram.observe(Duration::from_secs(9_000));
        let mut page = Page::default();
        page.histogram("h", &[("path", "/x")], &histogram.read());
        for line in [
            "h_bucket{path=\"/x\",le=\"0.25\"} 0\n",
            "h_bucket{path=\"/x\",le=\"0.5\"} 1\n",
            "h_bucket{path=\"/x\",le=\"3600\"} 1\n",
            "h_bucket{path=\"/x\",le=\"+Inf\"} 2\n",
            "h_sum{path=\"/x\"} 9000.3\n",
            "h_count{path=\"/x\"} 2\n",
        ] {
            assert!(page.0.contains(line), "{line} is not in:\n{}", page.0);
        }
    }
}
