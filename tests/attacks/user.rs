//! Attacks with components that behave well: jobs of users that reach for what belongs to other tenants, to the node,
//! or to the machine. Not for: requests over HTTP (the tests of tenants).

use parcae_domain::status::Status;
use serde_json::{Value, json};

use crate::attack::{Attack, GUEST, Job, OWNER, STRANGERS, Tries, alone};

/// What is said of a table that is not the tenant's.
const NOT_THERE: &[&str] = &["does not exist"];
/// What is said of a path that leads out.
const OUTSIDE: &[&str] = &["`export_folder`"];

/// All of them.
pub fn all() -> Vec<Attack> {
    let [stranger, _] = STRANGERS;
    vec![
        refused("reads_a_table_of_another_tenant", stranger, reader("breast_hetero_guest"), NOT_THERE),
        refused("downloads_a_table_of_another_tenant", stranger, download("stolen.csv"), NOT_THERE),
        refused("copies_a_table_of_another_tenant", stranger, copy("mine", "stolen"), NOT_THERE),
        refused("downloads_over_the_nodes_database", OWNER, download("../parcae.sqlite"), OUTSIDE),
        refused("downloads_to_a_folder_of_the_machine", OWNER, download("/etc/parcae.csv"), OUTSIDE),
        refused("copies_into_the_nodes_own_namespace", OWNER, copy("output_data_1", "data"), &["are the node's own"]),
        refused("copies_over_another_table", OWNER, copy("experiment", "breast_hetero_guest"), &["exists: drop it"]),
    ]
}

fn refused(what: &'static str, by: &'static str, job: Job, says: &'static [&'static str]) -> Attack {
    Attack { name: what.to_owned(), what, by, tries: Tries::Job(job), status: Status::Failed, says }
}

fn download(path: &str) -> Job {
    alone("Download", json!({"namespace": "experiment", "name": "t", "output_path": path}), json!({}))
}

fn copy(namespace: &str, name: &str) -> Job {
    let parameters: Value = json!({
        "namespace": "experiment", "name": "t", "output_namespace": namespace, "output_name": name,
    });
    alone("Writer", parameters, json!({}))
}

/// Reads a table at a guest.
fn reader(table: &str) -> Job {
    let job = alone("Reader", json!({"table": {"namespace": "experiment", "name": table}}), json!({}));
    let mut job = Job { party: GUEST, ..job };
    job.dsl["components"][job.component]["output"] = json!({"data": ["data"]});
    job.conf["initiator"] = json!({"role": "guest", "party_id": 9999});
    job.conf["role"] = json!({"guest": [9999]});
    job
}
