//! Jobs of a small component, and what comes of them: the back-end itself is tested. Not for: its parts, which have
//! tests of their own.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Job, Outcome};
use crate::{
    Checkpoints, Column, Component, Description, Failure, FailureKind, Frame, Grant, Module, Party, Port, PortKind,
    Result, Role, Task, failed, federation,
    he::KeyPair,
    info,
    metrics::{self, Point, Scalar},
    models::{self, Part},
    parameters::{object, text},
    site,
    tables::{self, Meaning, Values},
    texts,
};

const GUEST: Party = Party { role: Role::Guest, id: 9999 };
const HOST: Party = Party { role: Role::Host, id: 10_000 };

/// Does what its parameter says.
struct Toy;

impl Component for Toy {
    fn description() -> Description {
        let port = |name: &str, kind, optional| Port {
            name: name.into(),
            kind,
            optional,
            many: false,
            help: "Something.".into(),
        };
        let module = Module {
            name: "Toy".into(),
            aliases: vec!["Plaything".into()],
            summary: "Plays.".into(),
            roles: vec![Role::Guest, Role::Host],
            needs: vec![Role::Guest, Role::Host],
            inputs: vec![port("data", PortKind::Data, false), port("model", PortKind::Model, true)],
            outputs: vec![port("data", PortKind::Data, true), port("model", PortKind::Model, true)],
            parameters: object([("play", text("sum", "what"))]).to_string(),
            grants: vec![Grant::OpenTable.into(), Grant::ExportFile.into()],
        };
        Description {
            name: "toy".into(),
            version: "0.1.0".into(),
            licence: "Apache-2.0".into(),
            summary: "Plays.".into(),
            modules: vec![module],
        }
    }

    fn run(_module: &str, task: &Task) -> Result<()> {
        let other = if task.me == GUEST { HOST } else { GUEST };
        match task.parameters::<Value>()?["play"].as_str() {
            Some("sum") => sum(task, other),
            Some("keep") => keep(),
            Some("wait") => federation::pull(other, "never").map(drop).map_err(Failure::from),
            Some("panic") if task.me == HOST => panic!("as it was told"),
            Some("late") => late(task, other),
            _ if task.me == GUEST => federation::pull(other, "x").map(drop).map_err(Failure::from),
            _ => Ok(()),
        }
    }
}

/// The guest waits for what does not come, and the host until the guest has given up.
fn late(task: &Task, other: Party) -> Result<()> {
    static GIVEN_UP: OnceLock<()> = OnceLock::new();
    if task.me == HOST {
        GIVEN_UP.wait();
        return Ok(());
    }
    let got = federation::pull(other, "x");
    GIVEN_UP.get_or_init(|| ());
    Ok(got.map(drop)?)
}

/// The guest encrypts its numbers, the host adds its own, and the guest writes what it decrypts.
fn sum(task: &Task, other: Party) -> Result<()> {
    let frame = Frame::read(&task.input("data")?)?;
    let own = frame.columns[1].numbers()?;
    if task.me == HOST {
        let key = federation::pull_key(other, "key")?;
        let sums = federation::pull_encrypted(other, "numbers", &key)?.add_plain(&own)?;
        return Ok(federation::push_encrypted(other, "sums", &sums)?);
    }
    let pair = KeyPair::generate("paillier", 1024)?;
    let key = pair.public();
    federation::push_key(other, "key", &key)?;
    federation::push_encrypted(other, "numbers", &key.encrypt(&own, 20)?)?;
    let sums = pair.decrypt(&federation::pull_encrypted(other, "sums", &key)?)?;
    info!("{} sums", sums.len());
    let points = [Point { key: Scalar::Text("first".into()), value: Scalar::Number(sums[0]) }];
    metrics::append("toy", "sums", &points)?;
    metrics::describe("toy", "sums", "SUMS", "{}")?;
    let columns = vec![frame.columns[0].clone(), Column::new("sum", Meaning::Other, Values::Float64(sums))];
    Frame::new(columns).write("data")?;
    Ok(())
}

/// Keeps a bit of everything, and fails in the end.
fn keep() -> Result<()> {
    let part = |json: &str| [Part { name: "ToyParam".into(), json: json.into(), bytes: Vec::new() }];
    Checkpoints::default().keep("model", 0, &part("{}"))?;
    models::save("model", &part("{}"))?;
    tables::forward("data", &site::open_table("space", "name")?)?;
    site::export_begin("file.txt")?;
    site::export_write(b"text")?;
    assert!(models::save("model", &part("[]")).is_err());
    assert!(models::save("data", &part("{}")).is_err());
    assert!(tables::input("model").is_err());
    assert!(site::uploaded_size().is_err(), "it was not granted");
    Err(failed("in the end"))
}

fn frame(numbers: &[f64]) -> Frame {
    let ids: Vec<String> = (0..numbers.len()).map(|row| format!("id{row}")).collect();
    let ids = Values::Text(texts(ids.iter().map(String::as_str)));
    let numbers = Values::Float64(numbers.to_vec());
    Frame::new(vec![Column::new("id", Meaning::Id, ids), Column::new("x", Meaning::Feature, numbers)])
}

fn job(play: &str) -> Job {
    let table = frame(&[5.0]);
    Job::new::<Toy>("Toy")
        .parameters(json!({ "play": play }))
        .party(Role::Host, HOST.id, |party| party.input("data", frame(&[0.5, -1.0, 2.0])).table("space", "name", table))
        .party(Role::Guest, GUEST.id, |party| party.input("data", frame(&[1.0, 2.0, 3.0])))
}

fn kinds(outcome: &Outcome) -> Vec<Option<FailureKind>> {
    outcome.parties.iter().map(|party| party.failure().map(|failure| failure.kind)).collect()
}

#[test]
fn parties_exchange_and_write() {
    let outcome = job("sum").page_rows(2).run().succeeded();
    let guest = outcome.of(Role::Guest, GUEST.id);
    assert_eq!(guest.output("data").columns[1].numbers().unwrap(), [1.5, 1.0, 5.0]);
    assert_eq!(guest.metric("toy", "sums").metric_type, "SUMS");
    assert!(guest.logged("3 sums"));
    assert!(outcome.of(Role::Host, HOST.id).outputs.is_empty());
    assert_eq!((outcome.messages(GUEST, HOST), outcome.messages(HOST, GUEST)), (2, 1));
    assert_eq!(outcome.parties[0].party, GUEST, "guests come first");
}

#[test]
fn an_alias_names_the_module_and_defaults_are_filled_in() {
    let outcome = Job::new::<Toy>("plaything")
        .party(Role::Guest, GUEST.id, |party| party.input("data", frame(&[1.0])))
        .party(Role::Host, HOST.id, |party| party.input("data", frame(&[1.0])))
        .run()
        .succeeded();
    assert_eq!(outcome.guest().output("data").rows(), 1);
}

#[test]
fn who_waits_for_a_party_that_ended_is_told_so() {
    for play in ["end", "panic"] {
        let outcome = job(play).run();
        let message = &outcome.guest().failure().unwrap().message;
        assert_eq!(message, "host 10000 ended without sending \"x\"");
        assert_eq!(kinds(&outcome)[0], Some(FailureKind::Peer));
    }
    let panicked = job("panic").run().failures().remove(1);
    assert_eq!(panicked, "host 10000: panicked: as it was told");
}

#[test]
fn parties_that_all_wait_are_told_at_once() {
    let began = Instant::now();
    let outcome = job("wait").deadline(Duration::from_secs(3600)).run();
    assert!(began.elapsed() < Duration::from_secs(60));
    assert_eq!(kinds(&outcome), [Some(FailureKind::Peer); 2]);
    assert!(outcome.failures().join("\n").contains("nobody can go on, all parties wait"), "{:?}", outcome.failures());
}

#[test]
fn a_deadline_ends_the_wait() {
    let outcome = job("late").deadline(Duration::ZERO).run();
    assert!(outcome.failures()[0].contains("did not come before the deadline"), "{:?}", outcome.failures());
}

#[test]
fn a_failed_attempt_leaves_checkpoints_only() {
    let outcome = job("keep").run();
    let host = outcome.of(Role::Host, HOST.id);
    assert_eq!(host.failure().map(|failure| failure.message.as_str()), Some("in the end"));
    assert!(host.outputs.is_empty() && host.models.is_empty() && host.exported.is_none());
    assert_eq!(host.checkpoints[0].step_name, "epoch_0");
    let guest = outcome.guest().failure().unwrap();
    assert_eq!(guest.message, "table name of namespace space does not exist: upload it first");
}

#[test]
fn a_job_that_a_node_would_refuse_does_not_begin() {
    let message = |job: Job| job.run().failures().remove(0);
    let alone = Job::new::<Toy>("Toy").party(Role::Guest, GUEST.id, |party| party.input("data", frame(&[1.0])));
    assert_eq!(message(alone), "guest 9999: module Toy needs a party in role host");
    let misspelt = job("sum").parameters(json!({ "plai": "sum" }));
    assert_eq!(message(misspelt), "guest 9999: parameters: there is no plai; there are play");
    let hungry = Job::new::<Toy>("Toy").party(Role::Guest, 1, |party| party).party(Role::Host, 2, |party| party);
    assert_eq!(message(hungry), "guest 1: module Toy needs input data: give it to a party");
}

#[test]
fn outside_of_a_job_there_is_no_node() {
    let error = tables::input("data").unwrap_err();
    assert!(format!("{error:?}").contains("testing::Job"), "{error:?}");
    metrics::progress(1, 2, "steps");
}
