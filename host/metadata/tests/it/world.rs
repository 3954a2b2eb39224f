//! A store in a folder of its own, and a job to put into it. Not for: asserting anything.

use parcae_domain::{
    id::{AttemptId, JobId, TaskId},
    party::{Party, Role},
    port::TableFile,
    schema::{ColumnDef, DataType, Meaning, Schema},
    status::Status,
};
use parcae_metadata::{DEFAULT_TENANT, DataTable, NewJob, NewJobParty, NewPartyTask, NewTask, Store, TableOrigin};
use serde_json::json;
use tempfile::TempDir;

pub const GUEST: Party = Party { role: Role::Guest, id: 9999 };
pub const HOST: Party = Party { role: Role::Host, id: 10000 };

/// A store that vanishes with the test.
pub fn store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path().join("meta.db")).expect("a store");
    (folder, store)
}

pub fn job_id(n: u32) -> JobId {
    JobId(format!("20261121224559249{n:04}"))
}

pub fn task_id(job: &JobId, component: &str) -> TaskId {
    TaskId { job: job.clone(), component: component.to_owned() }
}

pub fn attempt(job: &JobId, component: &str, version: u32, party: Party) -> AttemptId {
    AttemptId { task: task_id(job, component), version, party }
}

/// A job of guest and host: `reader_0` at both, then `evaluation_0` at the guest.
pub fn new_job(n: u32) -> NewJob {
    let task = |component: &str, parties: &[Party]| NewTask {
        component: component.into(),
        module: "Module".into(),
        image: "digest".into(),
        retries_left: 2,
        parties: parties
            .iter()
            .map(|party| NewPartyTask { party: *party, parameters: json!({"at": party.id, "float": 0.1}) })
            .collect(),
    };
    let party = |party: Party| NewJobParty { party, conf: json!({"of": party.id}) };
    NewJob {
        id: job_id(n),
        tenant: DEFAULT_TENANT.into(),
        status: Status::Waiting,
        tag: String::new(),
        name: String::new(),
        description: format!("job number {n}"),
        notes: String::new(),
        initiator: GUEST,
        roles: json!({"guest": [9999], "host": [10000]}),
        dsl: json!({"components": {"reader_0": {"module": "Reader"}, "evaluation_0": {}}}),
        conf: json!({"dsl_version": 2}),
        train_conf: json!({}),
        plan: json!({"b": 1, "a": 2}),
        created_ms: 1000 + i64::from(n),
        parties: vec![party(GUEST), party(HOST)],
        tasks: vec![task("reader_0", &[GUEST, HOST]), task("evaluation_0", &[GUEST])],
    }
}

pub fn table(name: &str, file: &str) -> DataTable {
    let key = ColumnDef { name: "id".into(), data_type: DataType::Text, meaning: Meaning::Id };
    let schema = Schema { columns: vec![key], extra: serde_json::Map::new() };
    DataTable {
        tenant: DEFAULT_TENANT.into(),
        namespace: "experiment".into(),
        name: name.into(),
        file: TableFile { file: file.into(), rows: 569, pages: 1, partitions: 4, bytes: 1 << 40, schema },
        origin: TableOrigin::Upload,
        disabled: false,
        job: Some(job_id(1)),
        extra: json!({"id_delimiter": ","}),
        created_ms: 0,
        updated_ms: 0,
    }
}
