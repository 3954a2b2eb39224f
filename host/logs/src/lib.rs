//! Logs: files of lines under one folder, `fate_flow/` for the node and `<job>/<role>/<party>/<component>/` for jobs.
//! Written so that no line is torn and no text of a component does anything but be text; read back by line or by byte.
//! Not for: events and metrics (`metadata`), HTTP (`server`).

mod attempt;
mod audit;
mod dir;
mod file;
mod handles;
mod index;
mod indexes;
mod job;
mod key;
mod layer;
mod line;
mod mask;
mod page;
mod pattern;
mod rate;
mod read;
mod rotate;
mod search;
mod server;

pub use attempt::AttemptLog;
pub use audit::{
    AUDIT_FOLDER, AuditEntry, AuditFault, AuditFilter, AuditHead, AuditLine, AuditReport, AuditSince, AuditTrail,
    Verdict, audit_lines, verify_audit,
};
pub use dir::{Clock, LogDir, LogError, local_clock};
pub use file::LogFile;
pub use indexes::Outline;
pub use job::JobLog;
pub use key::{KeyError, LogKey, LogQuery};
pub use layer::ServerLayer;
pub use line::level_of;
pub use mask::mask_addresses;
pub use page::{LogLine, LogPage};
pub use pattern::{MAX_PATTERN, Pattern, PatternError};
pub use rate::LogLimits;
pub use read::{JobFile, MAX_CAT_BYTES, MAX_CAT_LINES, MAX_READ};
pub use search::{Found, Search};
pub use server::{ServerFile, ServerLog};

#[cfg(test)]
mod tests;
