//! Behaviours that a node answers with an error, in native jobs: what the SDK puts behind the calls there refuses the
//! same. Not for: limits and grants of a real node, which native jobs do not have.

use parcae_sdk::{
    Column, Frame, Party, Role,
    tables::{Meaning, Values},
    testing::{Job, Outcome},
    texts,
};
use serde_json::json;

use crate::Probe;

const GUEST: Party = Party { role: Role::Guest, id: 9999 };
const HOST: Party = Party { role: Role::Host, id: 10_000 };

fn run(module: &str, behaviour: &str, text: &str) -> Outcome {
    let table = || {
        let ids = Values::Text(texts(["a", "b", "c"]));
        Frame::new(vec![Column::new("id", Meaning::Id, ids)])
    };
    Job::new::<Probe>(module)
        .parameters(json!({ "behaviour": behaviour, "text": text }))
        .party(GUEST.role, GUEST.id, |party| party.input("data", table()))
        .party(HOST.role, HOST.id, |party| party.input("data", table()))
        .run()
}

#[test]
fn what_a_node_refuses_is_refused() {
    for behaviour in [
        "bad_page_offsets",
        "bad_page_utf8",
        "bad_page_rows",
        "bad_page_types",
        "double_finish",
        "read_beyond",
        "wrong_port",
        "no_grant",
        "forge_party",
        "push_bad_page",
        "he_misuse",
        "psi_misuse",
    ] {
        let failures = run("Probe", behaviour, "").failures();
        assert!(failures.is_empty(), "{behaviour}: {failures:?}");
    }
    for behaviour in ["wrong_checkpoint", "export_twice", "export_unbegun"] {
        let failures = run("ProbeExport", behaviour, "file.csv").failures();
        assert!(failures.is_empty(), "{behaviour}: {failures:?}");
    }
}

#[test]
fn messages_pages_and_ciphertexts_arrive_complete_and_in_order() {
    let outcome = run("Probe", "push_pull", "").succeeded();
    assert_eq!((outcome.messages(GUEST, HOST), outcome.messages(HOST, GUEST)), (102, 102));
}

#[test]
fn a_file_appears_when_the_attempt_succeeds() {
    let outcome = run("ProbeExport", "export", "file.csv").succeeded();
    let file = outcome.of(HOST.role, HOST.id).exported.clone().unwrap();
    assert_eq!((file.path.as_str(), file.bytes.len()), ("file.csv", 3 * "line 0\n".len()));
    let outcome = run("ProbeExport", "export_fails", "file.csv");
    assert!(outcome.parties.iter().all(|party| party.result.is_err() && party.exported.is_none()));
}
