//! What can be typed about the audit log: `parcae audit ...`. Not for: the other commands (`args`).

use clap::{Args as Group, Subcommand};
use parcae_domain::tenant::TenantId;
use parcae_logs::AuditSince;

use super::DataFolder;

// `parcae audit`.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Check that no line of the audit log was changed, removed or cut off.
    Verify(DataFolder),
    /// Show lines of the audit log, the last ones unless told otherwise.
    Show(AuditLines),
}

// `parcae audit show`.
#[derive(Debug, Group)]
pub(crate) struct AuditLines {
    /// Only lines of this tenant.
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<TenantId>,
    /// Not before this time, in UTC: 2026-03-01T12:00.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<AuditSince>,
    /// From the line with this number on.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) from: Option<u64>,
    /// At most so many lines.
    #[arg(long, value_name = "NUMBER", default_value_t = 50)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) folder: DataFolder,
}
