//! What a page of a log of 1 GB takes, and searching it, over HTTP as a browser asks; beside it what `wc` and `grep` take
//! for the same file. Not for: writing logs.

mod report;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use parcae_domain::{
    id::{AttemptId, JobId, TaskId},
    party::{Party, Role},
    port::{Level, Stream},
};
use parcae_tests::http::Served;
use report::{below, median};

const LINES: u64 = 10_000_000;
/// Bytes of a line, about.
const LINE: usize = 100;
/// How often each page is asked for.
const RUNS: usize = 5;

fn main() {
    if !report::is_wanted() {
        return;
    }
    let served = Served::new();
    let job = served.site.upload("t", "id,y\na,1\nb,0\n").job;
    let component = served.site.node.default_tenant().components(job.as_str()).expect("components").remove(0);
    let file = served.site.folder().join(format!("logs/{job}/local/0/{component}/stat.log"));
    write(&served, &job, &component, &file);
    let bytes = fs::metadata(&file).expect("the file is there").len();
    println!("log of {LINES} lines, {:.0} MB", bytes as f64 / 1e6);

    let base = format!("/jobs/{job}/local/0/logs/{component}");
    let before = memory("VmRSS:");
    // 5 sets the peak back to what is resident now.
    let is_exact = fs::write("/proc/self/clear_refs", "5").is_ok();
    let first = seconds(|| page(&served, &format!("{base}?level=stat"), &format!("id=\"L{LINES}\"")));
    println!("first page, which counts the lines: {:.0} ms ({})", first * 1e3, below(first, 2.0, "s"));
    let pages = [
        ("page of the tail", "?level=stat".to_owned(), format!("id=\"L{LINES}\"")),
        ("page in the middle", format!("?level=stat&line={}", LINES / 2), format!("id=\"L{}\"", LINES / 2)),
        ("1000 lines for the viewer", format!("/lines?level=stat&from={}", LINES / 3), "\"from\":3333333".to_owned()),
    ];
    for (what, query, holds) in pages {
        let took = often(|| page(&served, &format!("{base}{query}"), &holds));
        println!("{what}: {:.1} ms ({}; median of {RUNS})", took * 1e3, below(took, 0.1, "s"));
    }
    for (what, fields) in
        [("text", "q=needle&case=1"), ("either case", "q=needle"), ("expression", "q=ne%2Bdle+%5Cd&re=1")]
    {
        let holds = format!("\"lines\":[{}]", LINES - 5);
        let took = often(|| page(&served, &format!("{base}/search?level=stat&{fields}"), &holds));
        println!("search, {what}, found at the end: {:.0} ms ({:.1} GB/s)", took * 1e3, bytes as f64 / 1e9 / took);
    }
    let next = format!("{base}/search?level=stat&q=000+&from={}", LINES / 2 + 1);
    let took = often(|| page(&served, &next, "\"lines\":["));
    println!("next match, near by: {:.1} ms ({})", took * 1e3, below(took, 0.05, "s"));
    let word = if is_exact { "peak" } else { "peak since the start" };
    println!("memory: {before:.0} MB before, {:.0} MB after, {word} {:.0} MB", memory("VmRSS:"), memory("VmHWM:"));

    for (name, arguments) in [("wc", vec!["-l"]), ("grep", vec!["-n", "needle"]), ("grep", vec!["-n", "-i", "needle"])]
    {
        let mut command = Command::new(name);
        command.args(&arguments).arg(&file);
        let begun = Instant::now();
        if command.output().is_ok_and(|output| output.status.success()) {
            println!("{name} {}: {:.0} ms", arguments.join(" "), begun.elapsed().as_secs_f64() * 1e3);
        }
    }
}

/// Fills a log with lines as the node writes them; the fifth from the end has the needle.
fn write(served: &Served, job: &JobId, component: &str, file: &Path) {
    let task = TaskId { job: job.clone(), component: component.to_owned() };
    let attempt = AttemptId { task, version: 0, party: Party::new(Role::Local, 0) };
    let log = served.site.node.logs().attempt(&attempt, 1 << 20).expect("the log of an attempt");
    log.line(Level::Info, Stream::Log, "a line");
    drop(log);
    let text = fs::read_to_string(file).expect("the line is there");
    let line = text.lines().last().expect("a line");
    let head = line.strip_suffix("a line").expect("a head").to_owned();
    let filler = "straw ".repeat(20);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file).expect("the file can be written"));
    for number in 1..=LINES {
        let word = if number + 5 == LINES { "needle" } else { "hay" };
        let message = format!("{head}{word} {number} ");
        let rest = &filler[..LINE.saturating_sub(message.len() + 1).min(filler.len())];
        writeln!(out, "{message}{rest}").expect("the disk has room");
    }
    out.into_inner().map_err(|error| error.into_error()).expect("the disk has room").sync_all().expect("the disk");
}

/// Asks for a page that must hold a text.
fn page(served: &Served, path: &str, holds: &str) {
    let raw = served.get(path);
    let text = String::from_utf8_lossy(&raw.bytes);
    assert!(raw.status == 200 && text.contains(holds), "{path} has no {holds}: {text:.400}");
}

fn seconds(work: impl Fn()) -> f64 {
    let begun = Instant::now();
    work();
    begun.elapsed().as_secs_f64()
}

fn often(work: impl Fn()) -> f64 {
    median((0..RUNS).map(|_| seconds(&work)).collect())
}

/// A line about memory of this process, in MB.
fn memory(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|word| word.parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib * 1024.0 / 1e6)
}
