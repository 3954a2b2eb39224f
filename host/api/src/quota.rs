//! Answers about quotas, and about what a job waits for. Not for: setting quotas (`account`), which there are
//! (`domain`).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a tenant uses of a quota.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuotaRow {
    /// `table_bytes`.
    pub name: String,
    /// `bytes`.
    pub unit: String,
    /// What it bounds, in a sentence.
    pub what: String,
    /// What the tenant may use; absent = as much as the node has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<u64>,
    /// What it uses now.
    pub used: u64,
}

/// What a job waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingRow {
    /// The job.
    pub job_id: String,
    /// Why it does not start or go on, in words; empty when nothing keeps it, or it has ended.
    pub waiting_for: String,
}
