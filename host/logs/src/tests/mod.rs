//! Tests of the crate through what it exports. Not for: single functions (beside them).

mod attempt;
mod indexing;
mod reading;
mod server;

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use jiff::{Zoned, civil::date, tz::TimeZone};
use parcae_domain::{
    id::{AttemptId, JobId, TaskId},
    party::{Party, Role},
};

use crate::LogDir;

const JOB: &str = "202611220820310140001";

/// A folder of logs that vanishes with it, and a clock that stands still.
struct Logs {
    temp: tempfile::TempDir,
    now: Arc<Mutex<Zoned>>,
    dir: LogDir,
}

impl Logs {
    fn new() -> Logs {
        let temp = tempfile::tempdir().unwrap();
        let now = Arc::new(Mutex::new(at(22)));
        let dir = open(temp.path().join("logs"), &now);
        Logs { temp, now, dir }
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.temp.path().join("logs").join(relative)
    }

    fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap()
    }

    fn lines(&self, relative: &str) -> Vec<String> {
        self.read(relative).lines().map(str::to_owned).collect()
    }

    /// The files in a folder, by name.
    fn names(&self, relative: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(relative)).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn open(path: PathBuf, now: &Arc<Mutex<Zoned>>) -> LogDir {
    let now = Arc::clone(now);
    LogDir::open(&path, Box::new(move || now.lock().unwrap().clone())).unwrap()
}

/// 08:20:31.014 of a day of November 2026.
fn at(day: i8) -> Zoned {
    date(2026, 11, day).at(8, 20, 31, 14_000_000).to_zoned(TimeZone::UTC).unwrap()
}

fn job() -> JobId {
    JobId(JOB.into())
}

fn attempt(component: &str, version: u32) -> AttemptId {
    AttemptId {
        task: TaskId { job: job(), component: component.into() },
        version,
        party: Party::new(Role::Guest, 9999),
    }
}

/// The `<process>:<thread>` of a line that this test wrote.
fn thread() -> String {
    format!("{}:{}", std::process::id(), std::thread::current().name().unwrap())
}
