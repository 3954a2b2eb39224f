//! Logs of one job: what the scheduler decided, who asked for it, which SQL ran, what detectors found. Each line goes to
//! the job's file and to the node's. Not for: what components say (`attempt`).

use std::sync::Arc;

use parcae_domain::{id::JobId, port::Level};

use crate::{dir::Inner, line, server::ServerFile};

/// Logs of one job. Its files are closed when it is dropped.
pub struct JobLog {
    inner: Arc<Inner>,
    job: JobId,
}

impl JobLog {
    /// For a job whose id was checked.
    pub(crate) fn new(inner: Arc<Inner>, job: JobId) -> JobLog {
        JobLog { inner, job }
    }

    /// What the scheduler did; errors also go to a file of their own. `place` is `module:line`.
    pub fn schedule(&self, level: Level, place: &str, message: &str) {
        let files = ["fate_flow_schedule.log", "fate_flow_schedule_error.log"];
        let files = if level == Level::Error { &files[..] } else { &files[..1] };
        self.write(files, ServerFile::Schedule, level, place, message);
    }

    /// Who asked for what.
    pub fn audit(&self, level: Level, place: &str, message: &str) {
        self.write(&["fate_flow_audit.log"], ServerFile::Audit, level, place, message);
    }

    /// Which SQL ran.
    pub fn sql(&self, level: Level, place: &str, message: &str) {
        self.write(&["fate_flow_sql.log"], ServerFile::Database, level, place, message);
    }

    /// What was found to be amiss: attempts without a sign of life, deadlines.
    pub fn detect(&self, level: Level, place: &str, message: &str) {
        self.write(&["fate_flow_detect.log"], ServerFile::Detect, level, place, message);
    }

    fn write(&self, files: &[&str], server: ServerFile, level: Level, place: &str, message: &str) {
        let now = (self.inner.clock)();
        let head = line::head(level, &line::stamp(&now), self.job.as_str(), place);
        for line in line::whole(&head, message) {
            for file in files {
                self.inner.append(&format!("{}/{file}", self.job), &line);
            }
            self.inner.append_server(server, level, &now, &line);
        }
    }
}
