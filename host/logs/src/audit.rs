//! The audit log: who did what to which object, from where, and whether that was allowed. Lines are only ever added,
//! each holds the hash of the one before it, and one that was answered for is on the disk. Not for: reading it back
//! (`audit::read`), what is worth a line (`server`, `cli`, `node`).

mod chain;
mod files;
mod read;

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, Sender, channel},
    thread::JoinHandle,
};

use serde::{Deserialize, Serialize};

use crate::dir::LogError;

pub use chain::{AuditHead, AuditLine};
pub use read::{AuditFault, AuditFilter, AuditReport, AuditSince, audit_lines, verify_audit};

/// Folder of the audit log within the data folder.
pub const AUDIT_FOLDER: &str = "audit";
/// Lines that are written together at most.
const BATCH: usize = 256;

/// How something ended that somebody did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It was done.
    #[default]
    Allowed,
    /// Who asked may not do it, or could not say who they are.
    Refused,
    /// They may, and it could not be done.
    Failed,
}

impl Verdict {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Allowed => "allowed",
            Verdict::Refused => "refused",
            Verdict::Failed => "failed",
        }
    }
}

/// What somebody did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// For which tenant; empty when nobody knows.
    pub tenant: String,
    /// Who: the name of a key, `cli`, `node`.
    pub who: String,
    /// From where: an address, or a process of this machine.
    pub peer: String,
    /// What: method and path, or a command.
    pub what: String,
    /// To which objects: `job_id=...`.
    pub object: String,
    /// How that ended.
    pub verdict: Verdict,
    /// Return code of the answer, or its HTTP status where that is not 200.
    pub code: i64,
    /// Words of the answer, when it was not done.
    pub words: String,
}

/// Is told how the writing of a line ended.
type Done = Box<dyn FnOnce(Result<(), String>) + Send>;
/// Keeps the head of the chain elsewhere.
type Keep = Box<dyn Fn(&AuditHead) -> Result<(), String> + Send>;

/// The audit log, open for adding to it. Other processes may add to the same one. Dropped, it ends what was begun.
pub struct AuditTrail {
    folder: PathBuf,
    to_writer: Option<Sender<(AuditEntry, Done)>>,
    writer: Option<JoinHandle<()>>,
}

impl AuditTrail {
    /// Opens the log in a folder, which is made if need be. `stored` is the head that `keep` was given last: `keep` is
    /// called once lines are on the disk, so that a log whose end was cut off is found out. Fails when the operating
    /// system refuses.
    pub fn open(
        folder: &Path,
        stored: Option<AuditHead>,
        keep: impl Fn(&AuditHead) -> Result<(), String> + Send + 'static,
    ) -> Result<AuditTrail, LogError> {
        let failed = || LogError::io(format!("opening the audit log {}", folder.display()));
        std::fs::create_dir_all(folder).map_err(failed())?;
        files::probe(folder, stored.as_ref()).map_err(failed())?;
        let (to_writer, mailbox) = channel();
        let (path, keep): (PathBuf, Keep) = (folder.to_owned(), Box::new(keep));
        let run = move || write(&path, &mailbox, stored.unwrap_or_default(), &keep);
        let writer = std::thread::Builder::new().name("audit".into()).spawn(run).map_err(failed())?;
        Ok(AuditTrail { folder: folder.to_owned(), to_writer: Some(to_writer), writer: Some(writer) })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Adds a line. `done` is called, on another thread, when the disk has it, or with why it could not be written.
    pub fn append(&self, entry: AuditEntry, done: impl FnOnce(Result<(), String>) + Send + 'static) {
        let Some(to_writer) = &self.to_writer else { return };
        if let Err(refused) = to_writer.send((entry, Box::new(done))) {
            let (_, done) = refused.0;
            done(Err("the audit log is being closed".into()));
        }
    }

    /// Adds a line and waits until the disk has it.
    pub fn append_and_wait(&self, entry: AuditEntry) -> Result<(), String> {
        let (written, waits) = channel();
        self.append(entry, move |result| {
            // Who waits is there until it has heard.
            let _ = written.send(result);
        });
        waits.recv().unwrap_or_else(|_| Err("the audit log is being closed".into()))
    }
}

impl Drop for AuditTrail {
    fn drop(&mut self) {
        drop(self.to_writer.take());
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has said so.
            let _ = writer.join();
        }
    }
}

/// Writes what comes, many lines with one wait for the disk, until nobody can send any more.
fn write(folder: &Path, mailbox: &Receiver<(AuditEntry, Done)>, mut known: AuditHead, keep: &Keep) {
    while let Ok(first) = mailbox.recv() {
        let more = mailbox.try_iter().take(BATCH - 1);
        let (entries, waiting): (Vec<AuditEntry>, Vec<Done>) = std::iter::once(first).chain(more).unzip();
        match files::append(folder, &known, &entries) {
            Ok(head) => {
                known = head;
                waiting.into_iter().for_each(|done| done(Ok(())));
                if let Err(error) = keep(&known) {
                    tracing::error!("the head of the audit log could not be stored: {error}");
                }
            }
            Err(error) => {
                tracing::error!("the audit log {} cannot be written: {error}", folder.display());
                waiting.into_iter().for_each(|done| done(Err(format!("the audit log cannot be written: {error}"))));
            }
        }
    }
}

#[cfg(test)]
#[path = "audit/tests.rs"]
mod tests;
