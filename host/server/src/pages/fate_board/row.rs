//! A job as FATE-Board's front end knows it: names with an `f` before them, and beside them the parties and tables. Not
//! for: which jobs (`jobs`), rows as FATE-Flow has them (`rows`).

use std::collections::BTreeMap;

use parcae_domain::{party::Role, status::Status};
use parcae_node::view::{JobView, TaskView};
use serde_json::{Map, Value, json};

use crate::board;

/// A job. What it was submitted with is left out, as there: nobody looks at it. `partners` are told in lists only.
pub(super) fn job(job: &JobView, partners: Option<Vec<String>>) -> Value {
    let roles: Map<String, Value> =
        job.roles.iter().map(|(role, ids)| (role.to_string(), Value::from(ids.as_slice()))).collect();
    json!({
        "fJobId": job.job.as_str(),
        "fName": "",
        "fDescription": job.description,
        "fTag": job.tag,
        "fDsl": "",
        "fRuntimeConf": "",
        "fTrainRuntimeConf": "",
        "fRoles": Value::Object(roles).to_string(),
        "fWorkMode": null,
        "fInitiatorRole": job.initiator.role.as_str(),
        "fInitiatorPartyId": job.initiator.id.to_string(),
        "fStatus": status(job.status),
        "fRole": job.party.role.as_str(),
        "fPartyId": job.party.id.to_string(),
        "fIsInitiator": job.party == job.initiator,
        "fProgress": job.progress,
        "fCreateTime": job.created_ms,
        "fUpdateTime": job.updated_ms,
        "fStartTime": job.start_ms,
        "fEndTime": job.end_ms,
        "fElapsed": job.start_ms.zip(job.end_ms).map(|(start, end)| end - start),
        "partners": partners,
    })
}

/// The front end knows no jobs that ran out of time.
pub(super) fn status(status: Status) -> &'static str {
    if status == Status::Timeout { Status::Failed.as_str() } else { status.as_str() }
}

/// Those whom a list names beside a job: a guest's hosts and arbiters, a host's guests.
pub(super) fn partners(job: &JobView) -> Vec<String> {
    let wanted: &[Role] = match job.party.role {
        Role::Guest => &[Role::Host, Role::Arbiter],
        Role::Host => &[Role::Guest],
        Role::Arbiter | Role::Local => &[],
    };
    let ids = |role: Role| job.roles.iter().filter(move |(its_role, _)| *its_role == role).flat_map(|(_, ids)| ids);
    let mut named: Vec<String> = Vec::new();
    for id in wanted.iter().flat_map(|role| ids(*role)).map(ToString::to_string) {
        if !named.contains(&id) {
            named.push(id);
        }
    }
    named
}

/// Parties of a job and tables that they read, as far as the job's party may know.
pub(super) fn dataset(job: &JobView, tasks: &[TaskView]) -> Value {
    let partner = board::parties(job, |party| party != job.party);
    json!({
        "roles": board::parties(job, |party| board::sees(job, party)),
        "dataset": board::dataset(job, tasks),
        "partner": partner,
        "model_summary": {},
    })
}

/// Over a socket, keys without a value are left out.
pub(super) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        other => other,
    }
}

/// Tasks by job.
pub(super) fn by_job(tasks: Vec<TaskView>) -> BTreeMap<String, Vec<TaskView>> {
    let mut made: BTreeMap<String, Vec<TaskView>> = BTreeMap::new();
    for task in tasks {
        made.entry(task.job.to_string()).or_default().push(task);
    }
    made
}

#[cfg(test)]
mod tests {
    use parcae_domain::party::Party;

    use super::*;
    use crate::rows::tests::job as view;

    const ID: &str = "202611212240299893180";

    #[test]
    fn a_job_is_told_as_there() {
        let mut host = view(ID, Party::new(Role::Host, 10000));
        host.status = Status::Timeout;
        let told = job(&host, None);
        assert_eq!(told["fRoles"], "{\"guest\":[9999],\"host\":[10000],\"arbiter\":[10000]}");
        assert_eq!((&told["fPartyId"], &told["fStatus"]), (&json!("10000"), &json!("failed")));
        assert_eq!((&told["fElapsed"], &told["fIsInitiator"]), (&json!(19_377), &json!(false)));
        assert!(told["partners"].is_null() && told.as_object().unwrap().contains_key("partners"));
        assert!(without_nulls(told).get("partners").is_none());
        assert_eq!(partners(&host), ["9999"]);
        assert_eq!(partners(&view(ID, Party::new(Role::Guest, 9999))), ["10000"]);
    }
}
