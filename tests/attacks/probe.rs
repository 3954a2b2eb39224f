//! Attacks through the component `probe`: the same behaviours, limits and ends as in the suite, which runs them without
//! a job beside them and on threads only; and what its modules with grants do. Not for: what the behaviours are
//! (`components/probe`).

#[path = "../suite/hostile/rows.rs"]
mod rows;

use parcae_domain::limit::Limits;
use parcae_domain::status::Status;
use parcae_tests::merge;
use rows::{ROWS, Row, Set, Shape, TEXT};
use serde_json::{Value, json};

use crate::attack::{Attack, GUEST, Job, LOCAL, OWNER, Tries, alone};

/// Behaviours that harm nobody.
const HARMLESS: [&str; 12] = [
    "none",
    "fail_input",
    "fail_peer",
    "fail_transient",
    "fail_other",
    "succeed_after",
    "push_pull",
    "bench_noop",
    "bench_pages",
    "bench_write",
    "bench_dot",
    "bench_branches",
];

/// Room in a scratch directory, bytes, and files in it.
const SCRATCH_BYTES: u64 = 1 << 20;
const SCRATCH_FILES: u64 = 3_000;

/// A behaviour of a module with grants: module, behaviour, amount, text, and how it ends.
type Granted = (&'static str, &'static str, u64, &'static str, Status, &'static [&'static str]);

const EXPORT: &str = "ProbeExport";
const SCRATCH: &str = "ProbeScratch";

/// They put out no more than `big` and `twice.csv`.
const GRANTED: &[Granted] = &[
    (EXPORT, "wrong_checkpoint", 0, "", Status::Success, &["name of a checkpoint's step", "a model of 1001 parts"]),
    (EXPORT, "flood_checkpoints", 0, "", Status::Success, &["limit checkpoints after 50 calls"]),
    (EXPORT, "huge_checkpoint", 0, "", Status::Success, &["1048576 bytes of checkpoints are allowed"]),
    (EXPORT, "export_escape", 0, "", Status::Success, &["export_folder", "names a folder"]),
    (EXPORT, "export_fails", 0, "never.csv", Status::Failed, &["fails after it has written its file"]),
    (EXPORT, "export_crashes", 0, "never_either.csv", Status::Failed, &["crashes after it has written its file"]),
    (EXPORT, "export_twice", 0, "twice.csv", Status::Success, &["has begun a file already"]),
    (EXPORT, "export_unbegun", 0, "", Status::Success, &["call export-begin first"]),
    (EXPORT, "flood_export", 0, "big", Status::Success, &["limit export_bytes after 16 calls"]),
    (SCRATCH, "scratch_use", 0, "", Status::Success, &[]),
    (SCRATCH, "scratch_full", SCRATCH_BYTES, "", Status::Success, &["limit scratch_bytes reached"]),
    (SCRATCH, "scratch_grow", SCRATCH_BYTES, "", Status::Success, &["limit scratch_bytes reached"]),
    (SCRATCH, "scratch_swap", SCRATCH_BYTES, "", Status::Success, &["limit scratch_bytes reached"]),
    (SCRATCH, "scratch_many", SCRATCH_FILES, "", Status::Success, &["limit scratch_files reached"]),
    (SCRATCH, "scratch_open", 0, "", Status::Success, &["open files, then"]),
    (SCRATCH, "scratch_deep", 2_000, "", Status::Success, &["2000 folders deep"]),
];

/// All of them.
pub fn all() -> Vec<Attack> {
    let rows = ROWS.iter().filter(|row| !HARMLESS.contains(&row.behaviour)).map(of_row);
    rows.chain(GRANTED.iter().map(granted)).collect()
}

fn of_row(row: &'static Row) -> Attack {
    Attack {
        name: format!("{} {} {:?} {:?}", row.behaviour, row.amount, row.shape, row.set),
        what: row.behaviour,
        by: OWNER,
        tries: Tries::Job(job(row)),
        status: row.status,
        says: row.says,
    }
}

fn granted(row: &Granted) -> Attack {
    let &(module, what, amount, text, status, says) = row;
    let limits = json!({
        "model_bytes": 1 << 20, "checkpoints": 50, "export_bytes": 1 << 20,
        "scratch_bytes": SCRATCH_BYTES, "scratch_files": SCRATCH_FILES,
    });
    let job = with_outputs(alone(module, parameters(what, amount, text), limits));
    Attack { name: what.to_owned(), what, by: OWNER, tries: Tries::Job(job), status, says }
}

/// Whatever it writes and saves goes somewhere.
fn with_outputs(mut job: Job) -> Job {
    job.dsl["components"][job.component]["output"] = json!({"data": ["data"], "model": ["model"]});
    job
}

fn parameters(behaviour: &str, amount: u64, text: &str) -> Value {
    json!({"behaviour": behaviour, "amount": amount, "text": text})
}

/// Limits of a set, as a job asks for them.
fn limits(set: Set) -> Value {
    let usual = Limits::default();
    let mut lower = usual.clone();
    set.apply(&mut lower);
    let changed = Limits::ALL.iter().filter(|info| lower.get(info.name) != usual.get(info.name));
    Value::Object(changed.map(|info| (info.name.to_owned(), json!(lower.get(info.name)))).collect())
}

fn job(row: &Row) -> Job {
    let mut job = with_outputs(alone("Probe", parameters(row.behaviour, row.amount, TEXT), limits(row.set)));
    let parameters = &mut job.conf["component_parameters"];
    match row.shape {
        Shape::Alone => return Job { party: LOCAL, ..job },
        Shape::Reads => {
            let table = json!({"reader_0": {"table": {"namespace": "experiment", "name": "t"}}});
            merge(&mut parameters["common"], table);
            let components = &mut job.dsl["components"];
            components["reader_0"] = json!({"module": "Reader", "output": {"data": ["data"]}});
            components[job.component]["input"] = json!({"data": {"data": ["reader_0.data"]}});
        }
        Shape::With(other) => {
            parameters["role"] = json!({"host": {"0": {job.component: {"behaviour": other}}}});
        }
        Shape::Both => {}
    }
    job.conf["initiator"] = json!({"role": "guest", "party_id": 9999});
    job.conf["role"] = json!({"guest": [9999]});
    if row.shape != Shape::Reads {
        job.conf["role"]["host"] = json!([10000]);
    }
    Job { party: GUEST, ..job }
}
