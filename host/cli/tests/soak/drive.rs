//! One tenant that submits its share of the jobs, spread over the time, and sees each of them to its end, while the
//! node is killed. Not for: what must hold in the end (`checks`).

use std::{
    collections::{BTreeMap, BTreeSet},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{desk::Desk, jobs::Kind};

/// Jobs of a tenant that are under way at once.
const AT_ONCE: usize = 12;
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(50);
/// How long jobs may take after the last one was submitted.
const LAST: Duration = Duration::from_secs(300);

/// What a tenant submits, and when.
#[derive(Clone, Copy, Debug)]
pub struct Share {
    /// How many jobs.
    pub jobs: u64,
    /// Within which time.
    pub within: Duration,
}

/// What became of it.
#[derive(Debug, Default)]
pub struct Tally {
    /// Jobs whose id was answered, and what they do.
    pub acknowledged: BTreeMap<String, Kind>,
    /// Submissions without an answer: each may be a job, or not.
    pub unanswered: u64,
}

/// Submits and waits.
pub fn drive(desk: &Desk, share: Share) -> Tally {
    let mut tally = Tally::default();
    let mut under_way: BTreeSet<String> = BTreeSet::new();
    let (began, mut submitted) = (Instant::now(), 0);
    let end = began + share.within + LAST;
    while submitted < share.jobs || !under_way.is_empty() {
        let due = share.within.mul_f64(submitted as f64 / share.jobs as f64);
        if submitted < share.jobs && under_way.len() < AT_ONCE && began.elapsed() >= due {
            under_way.extend(submit(desk, Kind::of(submitted), &mut tally));
            submitted += 1;
        } else {
            look(desk, &tally, &mut under_way);
            sleep(PAUSE);
        }
        let late = Instant::now() > end;
        assert!(!late, "{}: {submitted} jobs submitted, these do not end: {under_way:?}", desk.tenant);
    }
    tally
}

/// Submits a job once; its id, unless no answer came.
fn submit(desk: &Desk, kind: Kind, tally: &mut Tally) -> Option<String> {
    let (dsl, conf) = kind.job();
    let Some(answer) = desk.once("job/submit", &json!({"job_dsl": dsl, "job_runtime_conf": conf})) else {
        tally.unanswered += 1;
        stop_unknown(desk, tally);
        return None;
    };
    assert_eq!(answer["retcode"], 0, "{kind:?}: {answer}");
    let job = answer["jobId"].as_str().unwrap().to_owned();
    assert!(tally.acknowledged.insert(job.clone(), kind).is_none(), "job id {job} was given out twice");
    Some(job)
}

/// Stops jobs that run without that anybody was told of them: one of them may be without an end.
pub fn stop_unknown(desk: &Desk, tally: &Tally) {
    for (job, _, tag) in desk.jobs() {
        if tag != "job_end" && !tally.acknowledged.contains_key(&job) {
            desk.data("job/stop", &json!({"job_id": job}));
        }
    }
}

/// Looks at the jobs that are under way: takes out those that have ended, as they must, and stops those that wait for
/// it.
fn look(desk: &Desk, tally: &Tally, under_way: &mut BTreeSet<String>) {
    if under_way.is_empty() {
        return;
    }
    let rows = desk.data("job/query", &json!({"job_id": under_way}));
    let rows: Vec<&Value> = rows.as_array().unwrap().iter().collect();
    for job in under_way.clone() {
        let own: Vec<&&Value> = rows.iter().filter(|row| row["f_job_id"] == job.as_str()).collect();
        assert!(!own.is_empty(), "{}: job {job}, which was acknowledged, is not there", desk.tenant);
        let kind = tally.acknowledged[&job];
        if own.iter().all(|row| row["f_tag"] == "job_end") {
            for row in own {
                assert_eq!(row["f_status"], kind.ends(), "{}: {kind:?} {job}", desk.tenant);
            }
            under_way.remove(&job);
        } else if kind == Kind::Stopped && own.iter().any(|row| row["f_status"] == "running") {
            desk.data("job/stop", &json!({"job_id": job}));
        }
    }
}
