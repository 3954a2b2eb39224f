//! Whole jobs of the component, all parties in this process: what the guest finds equals what plain numbers say. Not
//! for: the arithmetic (`numbers`).

use parcae_sdk::{
    Column, Frame, Role,
    tables::{Meaning, Values},
    testing::Job,
    texts,
};
use serde_json::json;

use crate::{
    LabelCorrelation,
    numbers::{correlation, standardise},
};

const LABEL: [f64; 5] = [0.0, 1.0, 1.0, 0.0, 1.0];
const GUEST: [f64; 5] = [0.2, 0.9, 1.4, -0.3, 0.8];
const HOST: [f64; 5] = [3.0, 1.0, f64::NAN, 4.0, 2.5];

/// A table of five rows.
fn frame(columns: Vec<Column>) -> Frame {
    let ids = Values::Text(texts(["e", "a", "d", "b", "c"]));
    Frame::new([vec![Column::new("id", Meaning::Id, ids)], columns].concat())
}

fn column(name: &str, meaning: Meaning, values: [f64; 5]) -> Column {
    Column::new(name, meaning, Values::Float64(values.to_vec()))
}

fn job(host_rows: Frame) -> Job {
    let guest = frame(vec![column("y", Meaning::Label, LABEL), column("x", Meaning::Feature, GUEST)]);
    Job::new::<LabelCorrelation>("LabelCorrelation")
        .party(Role::Guest, 9999, |party| party.input("data", guest))
        .party(Role::Host, 10000, |party| party.input("data", host_rows))
}

fn host_rows() -> Frame {
    frame(vec![column("z", Meaning::Feature, HOST), column("flat", Meaning::Feature, [1.0; 5])])
}

fn plain(values: [f64; 5]) -> f64 {
    let scores = |values: [f64; 5]| standardise(&values).unwrap();
    correlation(&scores(values), &scores(LABEL))
}

#[test]
fn the_guest_finds_what_plain_numbers_say() {
    let outcome = job(host_rows()).run().succeeded();
    let found = outcome.guest().output("data").columns[1].numbers().unwrap();
    for (value, wanted) in found.iter().zip([plain(GUEST), plain(HOST)]) {
        assert!((value - wanted).abs() < 1e-9, "{found:?}");
    }
    assert_eq!(found.len(), 2, "a column without spread correlates with nothing");
    let summary = outcome.guest().summary.to_string();
    assert!(summary.contains("host_10000.host_10000_x0") && !summary.contains(".z"), "{summary}");
    assert_eq!(outcome.of(Role::Host, 10000).output("data").rows(), 0);
}

#[test]
fn hosts_may_name_their_columns() {
    let outcome = job(host_rows()).parameters(json!({ "anonymous": false, "key_bits": 1024 })).run().succeeded();
    assert!(outcome.guest().summary.to_string().contains("host_10000.z"));
}

#[test]
fn other_rows_are_refused() {
    let outcome = job(host_rows().take(&[0, 1, 2])).run();
    let failure = outcome.of(Role::Host, 10000).failure().unwrap();
    assert!(failure.message.contains("put an Intersection before it"), "{failure:?}");
}
