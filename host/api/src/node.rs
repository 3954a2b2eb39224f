//! Arguments and answers about the node itself: versions, logs, whether it is there. Not for: limits and descriptions
//! of components, which go out as `domain` has them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    arguments::Arguments,
    loose::{LooseId, LooseInt},
};

/// Version of the API.
pub const API_VERSION: &str = "v1";

/// Versions that a FATE 1.11.2 server reports; clients compare theirs with these.
const FATE_VERSIONS: [(&str, &str); 10] = [
    ("CENTOS", "7.2"),
    ("EGGROLL", "2.5.1"),
    ("FATE", "1.11.2"),
    ("FATEBoard", "1.11.1"),
    ("FATEFlow", "1.11.1"),
    ("JDK", "8"),
    ("MAVEN", "3.6.3"),
    ("PYTHON", "3.8"),
    ("SPARK", "3.4.0"),
    ("UBUNTU", "16.04"),
];

/// Arguments of `version/get` and `server/version/get`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct VersionRequest {
    /// Whose version: `FATE`, `FATEFlow`, `Parcae` ...
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
}

impl Arguments for VersionRequest {
    const REQUIRED: &'static [&'static str] = &[];
}

/// Versions by name; `API` among them.
pub type Versions = BTreeMap<String, String>;

/// All versions: FATE's, that of the API, and Parcae's own.
pub fn versions() -> Versions {
    let own = [("API", API_VERSION), ("Parcae", env!("CARGO_PKG_VERSION"))];
    FATE_VERSIONS.into_iter().chain(own).map(|(name, version)| (name.to_owned(), version.to_owned())).collect()
}

/// The version of one module beside that of the API; `None` when there is no such module.
pub fn version_of(module: &str) -> Option<Versions> {
    let all = versions();
    let version = all.get(module)?.clone();
    Some(BTreeMap::from([(module.to_owned(), version), ("API".to_owned(), API_VERSION.to_owned())]))
}

/// Arguments of `audit`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct AuditQuery {
    /// From the line with this number on; the last lines, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<LooseInt>,
    /// At most so many lines; 100, and never more than 1,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LooseInt>,
    /// Only lines of this tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Not before this time, in UTC: `2026-03-01T12:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

impl Arguments for AuditQuery {
    const REQUIRED: &'static [&'static str] = &[];
}

/// Arguments of `log/size` and `log/cat`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct LogRequest {
    /// `jobSchedule`, `jobScheduleError`; `partyDebug`, `partyInfo`, `partyWarning`, `partyError` (with role and
    /// party); `componentDebug`, `componentInfo`, `componentWarning`, `componentError` (with component, too).
    #[serde(default)]
    #[schema(required = true)]
    pub log_type: String,
    /// The job.
    #[serde(default)]
    #[schema(required = true)]
    pub job_id: LooseId,
    /// Role of the party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The party.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_id: Option<LooseId>,
    /// The component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component_name: Option<String>,
    /// First line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub begin: Option<LooseInt>,
    /// Last line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<LooseInt>,
}

impl Arguments for LogRequest {
    // What is missing depends on the type: who looks for the file says it.
    const REQUIRED: &'static [&'static str] = &[];
}

/// Length of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogSize {
    /// Lines; 0 when there is no such log yet.
    pub size: u64,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogLine {
    /// The line, without its end.
    pub content: String,
    /// Its number, from 1.
    pub line_num: u64,
}

/// Answer of `/healthz`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// Parcae's version.
    pub version: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_fates_and_ours() {
        let all = versions();
        assert_eq!((all["FATE"].as_str(), all["FATEFlow"].as_str(), all["API"].as_str()), ("1.11.2", "1.11.1", "v1"));
        assert_eq!(all["Parcae"], env!("CARGO_PKG_VERSION"));
        assert_eq!(
            version_of("FATE").unwrap(),
            BTreeMap::from([("API".into(), "v1".into()), ("FATE".into(), "1.11.2".into())])
        );
        assert_eq!(version_of("X"), None);
    }
}
