//! Limits and what is used of them: arguments and answers of `limits`, `usage` and `jobs/{job}/usage`. Not for: which limits
//! there are (`domain`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    arguments::Arguments,
    loose::{LooseId, LooseInt},
};

/// Arguments of `limits`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LimitsRequest {
    /// A job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<LooseId>,
    /// A component of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<String>,
    /// Role of a party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_id: Option<LooseId>,
    /// Which run of the component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<LooseInt>,
}

impl Arguments for LimitsRequest {
    const REQUIRED: &'static [&'static str] = &[];
}

/// Limits by name.
pub type Limits = BTreeMap<String, Limit>;

/// A limit with everything that is said of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limit {
    /// `bytes`, `seconds`, `count` and so on.
    pub unit: String,
    /// What it bounds.
    pub what: String,
    /// What it is about: `attempt`, `job`, `node`.
    pub per: String,
    /// What is said of it, by `node`, `tenant`, `component` and `job`.
    pub configured: BTreeMap<String, u64>,
    /// What is in force: the smallest of these.
    pub effective: u64,
    /// Most that one of the attempts used that were asked for; of the node's limits, what all use now. Null where that is
    /// not counted or not to be told.
    pub used: Option<u64>,
    /// Who decided: `default`, `node`, `tenant`, `component`, `job`.
    pub source: String,
}

/// A limit that was in force for an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LimitInForce {
    /// What was in force.
    pub effective: u64,
    /// Who decided: `default`, `node`, `tenant`, `component`, `job`.
    pub source: String,
    /// What the attempt used of it; null where that is not counted.
    pub used: Option<u64>,
}

/// Arguments of `usage`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct UsageRequest {
    /// First day, `2026-11-21` in UTC, or a time, ms since the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<LooseId>,
    /// Last day, or a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<LooseId>,
}

impl Arguments for UsageRequest {
    const REQUIRED: &'static [&'static str] = &[];
}

/// What a tenant used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TenantUsage {
    /// Whose.
    pub tenant: String,
    /// All days together.
    pub total: UsageSums,
    /// The days on which attempts ended, the earliest first.
    pub days: Vec<UsageDay>,
    /// Attempts that run now; they are in no sum yet.
    pub running: Vec<AttemptUsage>,
}

/// What the attempts used that ended on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageDay {
    /// The day in UTC: `2026-11-21`.
    pub day: String,
    /// What they used.
    pub used: UsageSums,
}

/// What some attempts used together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageSums {
    /// Jobs that they belonged to.
    pub jobs: u64,
    /// How many they were.
    pub attempts: u64,
    /// Processor time, cryptography included, ms.
    pub cpu_ms: u64,
    /// Processor time of cryptography, ms.
    pub crypto_ms: u64,
    /// Wall-clock time, ms.
    pub wall_ms: u64,
    /// Most linear memory that one of them had.
    pub peak_memory_bytes: u64,
    /// Bytes of messages that they received.
    pub bytes_in: u64,
    /// Bytes of messages that they sent.
    pub bytes_out: u64,
    /// Messages that they sent.
    pub messages: u64,
    /// Bytes of their logs.
    pub log_bytes: u64,
    /// Bytes of the tables that they wrote.
    pub table_bytes: u64,
}

/// What one attempt used, or has used so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AttemptUsage {
    /// The job.
    pub job_id: String,
    /// The component.
    pub component: String,
    /// Which run of it, from 0.
    pub version: u32,
    /// In which role.
    pub role: String,
    /// At which party.
    pub party_id: String,
    /// Where it ran: `thread`, `process`.
    pub isolation: String,
    /// When it ended, ms since the epoch; null while it runs.
    pub ended: Option<i64>,
    /// Processor time, cryptography included, ms.
    pub cpu_ms: u64,
    /// Processor time of cryptography, ms.
    pub crypto_ms: u64,
    /// From its beginning to its end, ms.
    pub wall_ms: u64,
    /// Most linear memory at a time.
    pub peak_memory_bytes: u64,
    /// Most bytes behind handles at a time.
    pub peak_handle_bytes: u64,
    /// Bytes of messages that it received.
    pub bytes_in: u64,
    /// Bytes of messages that it sent.
    pub bytes_out: u64,
    /// Messages that it sent.
    pub messages: u64,
    /// Bytes of its logs.
    pub log_bytes: u64,
    /// Bytes of pages that it wrote into tables.
    pub table_bytes: u64,
    /// Rows that it wrote into tables.
    pub table_rows: u64,
    /// Bytes of randomness that it drew.
    pub random_bytes: u64,
    /// Its messages by the other party.
    pub edges: Vec<EdgeUsage>,
    /// Limits by name.
    pub limits: BTreeMap<String, LimitInForce>,
}

/// Messages between an attempt and one other party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EdgeUsage {
    /// Role of the other party.
    pub role: String,
    /// The other party.
    pub party_id: String,
    /// Bytes from it.
    pub bytes_in: u64,
    /// Messages from it.
    pub messages_in: u64,
    /// Bytes to it.
    pub bytes_out: u64,
    /// Messages to it.
    pub messages_out: u64,
}
