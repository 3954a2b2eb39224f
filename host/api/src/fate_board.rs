//! What FATE-Board's own front end asks, and the codes that it is answered with. Not for: what FATE-Flow's clients ask
//! (the modules by topic), pages for people (`pages`).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{
    arguments::Arguments,
    loose::{AnyOf, LooseId, LooseInt},
};

/// Codes that FATE-Board has beside those of FATE-Flow.
pub mod code {
    /// The request is not one that this address takes.
    pub const SERVLET: i32 = 10_000;
    /// An argument is not right.
    pub const PARAMETER: i32 = 10_002;
    /// FATE-Flow could not be asked.
    pub const FLOW: i32 = 10_003;
    /// There is no such job.
    pub const NO_JOB: i32 = 10_006;
    /// The board itself cannot do it.
    pub const SYSTEM: i32 = 10_010;
    /// A file could not be made.
    pub const DOWNLOAD: i32 = 10_011;
    /// A job could not be run again.
    pub const RERUN: i32 = 10_013;
    /// One has to log in: the front end goes to its page for that.
    pub const LOG_IN: i32 = 10_015;
}

/// Arguments of `job/query/page/new`. The front end sends some of them under two names.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PageRequest {
    /// Which page, from 1.
    #[serde(rename = "pageNum")]
    pub page_num: Option<LooseInt>,
    /// Rows of a page.
    #[serde(rename = "pageSize")]
    pub page_size: Option<LooseInt>,
    /// Part of the job's id.
    #[serde(rename = "jobId")]
    pub job: Option<LooseId>,
    /// The same.
    pub job_id: Option<LooseId>,
    /// Part of the party's id.
    #[serde(rename = "partyId")]
    pub party: Option<LooseId>,
    /// The same.
    pub party_id: Option<LooseId>,
    /// Part of the id of one of the other parties.
    pub partner: Option<LooseId>,
    /// Part of the notes.
    #[serde(rename = "fDescription")]
    pub description: Option<LooseId>,
    /// The same.
    pub note: Option<LooseId>,
    /// Roles.
    pub role: Option<AnyOf>,
    /// Statuses.
    pub status: Option<AnyOf>,
    /// `f_start_time`, `f_end_time`, `f_elapsed`, `f_job_id`.
    #[serde(rename = "orderField")]
    pub order_field: Option<String>,
    /// `asc` or `desc`.
    #[serde(rename = "orderRule")]
    pub order_rule: Option<String>,
}

impl Arguments for PageRequest {
    const REQUIRED: &'static [&'static str] = &[];
}

/// Arguments of `job/componentCommand`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct CommandRequest {
    /// The job.
    #[serde(default)]
    pub job_id: LooseId,
    /// Role of the party.
    #[serde(default)]
    pub role: LooseId,
    /// The party.
    #[serde(default)]
    pub party_id: LooseId,
    /// The component.
    #[serde(default)]
    pub component_name: LooseId,
}

impl Arguments for CommandRequest {
    const REQUIRED: &'static [&'static str] = &["job_id", "role", "party_id", "component_name"];
}

/// Arguments of `job/download`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct FileRequest {
    /// The job.
    #[serde(default, rename = "jobId")]
    pub job: LooseId,
    /// Role of the party; the initiator's when absent.
    pub role: Option<String>,
    /// The party.
    #[serde(rename = "partyId")]
    pub party: Option<LooseId>,
    /// `dsl` or `runtime`.
    #[serde(default, rename = "type")]
    pub kind: String,
}

impl Arguments for FileRequest {
    const REQUIRED: &'static [&'static str] = &["jobId", "type"];
}

/// Arguments of `tracking/component/metric_data/batch`.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct SeriesRequest {
    /// The job.
    #[serde(default)]
    pub job_id: LooseId,
    /// Role of the party; the initiator's when absent.
    pub role: Option<String>,
    /// The party.
    pub party_id: Option<LooseId>,
    /// The component.
    #[serde(default)]
    pub component_name: String,
    /// Names of series by namespace.
    #[serde(default)]
    pub metrics: BTreeMap<String, Vec<String>>,
}

impl Arguments for SeriesRequest {
    const REQUIRED: &'static [&'static str] = &["job_id", "component_name", "metrics"];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::arguments::read;

    #[test]
    fn a_page_is_asked_for_as_the_front_end_does() {
        let body = json!({
            "pageNum": 1, "pageSize": 20, "jobId": "2026", "job_id": "2026", "partyId": "", "party_id": "",
            "partner": "", "fDescription": null, "note": "", "role": ["guest"], "status": [], "orderField":
            "f_start_time", "orderRule": "desc",
        });
        let page: PageRequest = read(body).unwrap();
        assert_eq!((page.page_num, page.job, page.description), (Some(LooseInt(1)), Some("2026".into()), None));
        assert_eq!(page.role, Some("guest".into()));
        let page: PageRequest = read(json!({})).unwrap();
        assert!(page.page_size.is_none() && page.status.is_none());
    }
}
