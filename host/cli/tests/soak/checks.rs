//! What must hold when all jobs have ended: nothing lost, nothing done twice, nothing of one tenant at another, and
//! neither disk nor memory that creeps. Not for: getting there (`drive`).

use std::{
    collections::{BTreeMap, BTreeSet},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    desk::Desk,
    drive::{Tally, stop_unknown},
    jobs::Kind,
};

/// How long jobs may take that nobody was told of.
const UNKNOWN: Duration = Duration::from_secs(120);
/// Jobs of a tenant whose attempts are looked at for where they ran.
const LOOKED_AT: usize = 60;
/// Fewest measurements that say something about creeping.
const SAMPLES: usize = 6;
/// By how much the second half may grow faster than the first: no job is like the other.
const FASTER: f64 = 1.5;
/// Bytes that a job may leave on the disk, whatever grows: rows, DSL, conf, model, tables of some rows.
const JOB_BYTES: f64 = 512.0 * 1024.0;
/// Memory that may come and go, bytes.
const MEMORY_SLACK: u64 = 96 << 20;

/// What was measured before a kill.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Jobs so far.
    pub jobs: u64,
    /// Bytes on the disk.
    pub disk: u64,
    /// Bytes in memory.
    pub memory: u64,
}

/// Waits for jobs that nobody was told of, and checks what a tenant sees of its own: all its jobs; `uploads` are its,
/// too.
pub fn own(desk: &Desk, tally: &Tally, uploads: &[String]) -> BTreeSet<String> {
    stop_unknown(desk, tally);
    let end = Instant::now() + UNKNOWN;
    let rows = loop {
        let rows = desk.jobs();
        let runs = rows.iter().filter(|(_, _, tag)| tag != "job_end");
        let left: Vec<&str> = runs.map(|(job, _, _)| job.as_str()).collect();
        if left.is_empty() {
            break rows;
        }
        assert!(Instant::now() < end, "{}: these do not end: {left:?}", desk.tenant);
        sleep(Duration::from_millis(100));
    };
    let listed: BTreeSet<String> = rows.iter().map(|(job, _, _)| job.clone()).collect();
    for (job, kind) in &tally.acknowledged {
        let statuses: Vec<&str> = rows.iter().filter(|row| row.0 == *job).map(|row| row.1.as_str()).collect();
        assert!(!statuses.is_empty(), "{}: {kind:?} {job} is lost", desk.tenant);
        let good = statuses.iter().all(|status| *status == kind.ends());
        assert!(good, "{}: {kind:?} {job} ended as {statuses:?}", desk.tenant);
    }
    let told = |job: &&String| tally.acknowledged.contains_key(*job) || uploads.contains(job);
    let untold = listed.iter().filter(|job| !told(job)).count() as u64;
    assert!(untold <= tally.unanswered, "{untold} jobs of {} unanswered submissions", tally.unanswered);
    assert!(uploads.iter().all(|job| listed.contains(job)), "{}: an upload is lost", desk.tenant);
    listed
}

/// A tenant sees none of these jobs, which are of others.
pub fn foreign(desk: &Desk, others: &[&String]) {
    let rows = desk.data("job/query", &json!({"job_id": others}));
    assert_eq!(rows, json!([]), "{} sees jobs of others", desk.tenant);
}

/// No party task of these jobs was run twice to success, and each of a job that succeeded once.
pub fn once(desk: &Desk, tally: &Tally) {
    for (job, kind) in &tally.acknowledged {
        let list = desk.data("job/list/task", &json!({"job_id": job}));
        let mut successes: BTreeMap<String, u32> = BTreeMap::new();
        for row in list["tasks"].as_array().unwrap() {
            let key = [&row["component_name"], &row["role"], &row["party_id"]].map(Value::to_string).join(" ");
            let status = row["party_status"].as_str().unwrap();
            assert!(!["waiting", "running"].contains(&status), "{kind:?} {job}: {key} is {status}");
            *successes.entry(key).or_default() += u32::from(status == "success");
        }
        let wanted = if kind.ends() == "success" { 1 } else { 0 };
        assert!(!successes.is_empty(), "{kind:?} {job} has no tasks");
        assert!(successes.values().all(|count| *count == wanted), "{kind:?} {job}: successes: {successes:?}");
        if *kind == Kind::Table {
            let output = json!({"job_id": job, "role": "local", "party_id": 0, "component_name": "probe_0"});
            let tables = desk.data("tracking/component/output/data/table", &output);
            assert_eq!(tables.as_array().map(Vec::len), Some(1), "{job}: {tables}");
        }
    }
}

/// Where attempts of some jobs ran: `thread`, `process`.
pub fn isolations(desk: &Desk, tally: &Tally) -> BTreeMap<String, usize> {
    let mut seen = BTreeMap::new();
    for job in tally.acknowledged.keys().take(LOOKED_AT) {
        for used in desk.get(&format!("jobs/{job}/usage")).as_array().unwrap() {
            *seen.entry(used["isolation"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    seen
}

/// Bytes that a job adds to the disk, from one sample to another.
fn each(from: Sample, to: Sample) -> f64 {
    to.disk.saturating_sub(from.disk) as f64 / to.jobs.saturating_sub(from.jobs).max(1) as f64
}

/// Neither disk nor memory creeps. The first sample is of a node that warms up.
pub fn creep(samples: &[Sample]) {
    for Sample { jobs, disk, memory } in samples {
        let [disk, memory] = [disk, memory].map(|bytes| *bytes as f64 / 1e6);
        println!("  after {jobs} jobs: {disk:.1} MB on the disk, {memory:.1} MB in memory");
    }
    if samples.len() < SAMPLES {
        println!("too few measurements to see anything creep: {} of {SAMPLES}", samples.len());
        return;
    }
    let (first, middle, last) = (samples[1], samples[samples.len() / 2], samples[samples.len() - 1]);
    let (early, late) = (each(first, middle), each(middle, last));
    println!("a job leaves {early:.0} bytes on the disk in the first half, {late:.0} in the second");
    assert!(late <= early * FASTER + 4096.0, "the disk fills faster and faster");
    assert!(late <= JOB_BYTES, "a job leaves too much");
    let most = |part: &[Sample]| part.iter().map(|sample| sample.memory).max().unwrap_or(0);
    let (early, late) = (most(&samples[1..=samples.len() / 2]), most(&samples[samples.len() / 2..]));
    println!("most memory: {:.1} MB in the first half, {:.1} MB in the second", early as f64 / 1e6, late as f64 / 1e6);
    assert!(early > 0, "the memory of the node cannot be read");
    assert!(late <= early + early / 4 + MEMORY_SLACK, "memory creeps");
}
