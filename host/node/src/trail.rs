//! The audit log of a node: kept in its data folder, with the head of its chain in the database. Not for: what is worth
//! a line (`server`, `cli`), calls between the parties of a job (`audit`).

use std::path::Path;
use std::sync::Arc;

use parcae_logs::{
    AUDIT_FOLDER, AuditEntry, AuditFilter, AuditHead, AuditLine, AuditReport, AuditTrail, audit_lines, verify_audit,
};
use parcae_metadata::Store;

use crate::node::Node;
use crate::view::NodeError;

/// Most lines that are read at once.
pub const MOST_AUDIT_LINES: usize = 1_000;

impl Node {
    /// The audit log.
    pub fn trail(&self) -> &AuditTrail {
        &self.trail
    }

    /// Says in it what the node itself does.
    pub(crate) fn note(&self, what: &str) {
        if let Err(error) = self.trail.append_and_wait(of_node(what)) {
            tracing::error!("{what}: {error}");
        }
    }

    /// Lines of the audit log, at most a thousand.
    pub fn audit_lines(&self, filter: &AuditFilter) -> Result<Vec<AuditLine>, NodeError> {
        let filter = AuditFilter { limit: filter.limit.min(MOST_AUDIT_LINES), ..filter.clone() };
        audit_lines(self.trail.folder(), &filter).map_err(|e| failed(&e))
    }
}

/// Adds a line to the audit log of a data folder, whether or not a node has it open.
pub fn audit_act(data: &Path, entry: AuditEntry) -> Result<(), NodeError> {
    let store = Arc::new(store(data)?);
    open(data, &store)?.append_and_wait(entry).map_err(NodeError::Internal)
}

/// Checks the audit log of a data folder, whether or not a node has it open.
pub fn audit_verify(data: &Path) -> Result<AuditReport, NodeError> {
    // First what was stored, then the lines: there are at least as many.
    let stored = stored(&store(data)?)?;
    verify_audit(&data.join(AUDIT_FOLDER), stored.as_ref()).map_err(|e| failed(&e))
}

/// Opens the audit log of a node.
pub(crate) fn open(data: &Path, store: &Arc<Store>) -> Result<AuditTrail, NodeError> {
    let stored = stored(store)?;
    let store = store.clone();
    let keep = move |head: &AuditHead| {
        store.commit(|tx| tx.set_audit_head(head.seq, &head.hash)).map_err(|error| error.to_string())
    };
    AuditTrail::open(&data.join(AUDIT_FOLDER), stored, keep).map_err(|e| NodeError::Internal(e.to_string()))
}

/// What the node itself does.
fn of_node(what: &str) -> AuditEntry {
    let object = format!("version={}", env!("CARGO_PKG_VERSION"));
    let peer = format!("process {}", std::process::id());
    AuditEntry { who: "node".into(), peer, what: what.into(), object, ..AuditEntry::default() }
}

fn store(data: &Path) -> Result<Store, NodeError> {
    let file = data.join("parcae.sqlite");
    if !file.is_file() {
        return Err(NodeError::NotFound(format!(
            "{} is no data folder of a node: name it with --data",
            data.display()
        )));
    }
    Store::open(file).map_err(|e| NodeError::Internal(format!("database in {}: {e}", data.display())))
}

fn stored(store: &Store) -> Result<Option<AuditHead>, NodeError> {
    let head = store.audit_head().map_err(|e| NodeError::Internal(format!("store: {e}")))?;
    Ok(head.filter(|(seq, _)| *seq > 0).map(|(seq, hash)| AuditHead { seq, hash }))
}

fn failed(error: &std::io::Error) -> NodeError {
    NodeError::Internal(format!("audit log: {error}"))
}
