//! Images made by hand: those that a node refuses, each with an error that says why, and one that takes the place of
//! another. Not for: components that misbehave while they run (`hostile`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use parcae_domain::{
    party::{Party, Role},
    port::Scalar,
    status::Status,
};
use parcae_node::view::Filter;
use parcae_runtime::{Images, Settings, start};
use parcae_tests::{
    Site, breast,
    made::{Parts, wat},
    merge,
};
use serde_json::json;

/// Imports with which a component can wait for a clock.
const SLEEP: [&str; 3] = [
    r#"
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $p (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $p))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $q0))
    (export "pollable" (type $q (eq $q0)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $q))))))
  (alias export $poll "[method]pollable.block" (func $block0))
  (alias export $clock "subscribe-duration" (func $sleep0))
  (core func $block (canon lower (func $block0)))
  (core func $sleep (canon lower (func $sleep0)))"#,
    r#"(import "host" "block" (func $block (param i32))) (import "host" "sleep" (func $sleep (param i64) (result i32)))"#,
    r#"(with "host" (instance (export "block" (func $block)) (export "sleep" (func $sleep))))"#,
];

/// What is said of bytes that cannot be compiled.
const NO_COMPONENT: &str = "not a WebAssembly component that this node can run: ";

/// A component of the world whose `describe` is this code; it returns where in an empty memory the description is.
fn described(code: &str, [imports, core_imports, with]: [&str; 3]) -> Vec<u8> {
    Parts { imports, core_imports, with, describe: code, ..Parts::default() }.build()
}

fn no_images() -> Images {
    Images::new(start(Settings::default()).unwrap())
}

/// Why the images refuse one.
fn refusal(images: &Images, bytes: &[u8]) -> String {
    match images.add(bytes) {
        Ok(image) => panic!("{} was accepted", image.descriptor.name),
        Err(error) => error.to_string(),
    }
}

#[test]
fn images_that_are_no_components_are_refused() {
    let reader = parcae_catalog::get("reader").unwrap();
    let cases: [(&str, Vec<u8>, &[&str]); 9] = [
        ("nothing", vec![], &[NO_COMPONENT]),
        ("a text", b"#!/bin/sh\necho hello\n".to_vec(), &[NO_COMPONENT, "it does not begin as WebAssembly does"]),
        ("a core module", wat("(module)"), &[NO_COMPONENT, "it is a core module", "wasm-tools component new"]),
        ("half a component", reader[..reader.len() / 2].to_vec(), &[NO_COMPONENT]),
        ("a header", reader[..8].to_vec(), &["does not export the world parcae:component@0.1.0", "describe"]),
        ("no world", wat("(component)"), &["does not export the world parcae:component@0.1.0", "describe"]),
        (
            "shared memory",
            wat("(component (core module (memory 1 2 shared)))"),
            &[NO_COMPONENT, "threads must be enabled"],
        ),
        ("a memory of 64 bits", wat("(component (core module (memory i64 1)))"), &[NO_COMPONENT, "memory64"]),
        (
            "unknown imports",
            wat(r#"(component (import "acme:secret/door@1.0.0" (instance (export "open" (func))))
                (import "wasi:http/outgoing-handler@0.2.0" (instance)))"#),
            &[
                "the component imports what this node does not offer: acme:secret/door@1.0.0, wasi:http/outgoing-handler@0.2.0",
                "offered are parcae:component/{types, descriptor, context, log, tables,",
            ],
        ),
    ];
    let images = no_images();
    for (what, bytes, says) in cases {
        let said = refusal(&images, &bytes);
        for words in says {
            assert!(said.contains(words), "{what}: {said:?} does not say {words:?}");
        }
    }
}

#[test]
fn images_that_misbehave_when_they_are_described_are_refused() {
    let none = [""; 3];
    let cases = [
        ("traps", "unreachable", none, "unreachable"),
        ("spins", "(loop $l (br $l)) unreachable", none, "it took more than 1 s"),
        ("recurses", "(call 1)", none, "call stack exhausted"),
        ("says nothing", "(i32.const 0)", none, "describe failed: no modules"),
        ("grows", "(drop (memory.grow (i32.const 2000))) (i32.const 0)", none, "67108864 are allowed"),
        // The clock stands still, so that nobody waits for it.
        (
            "sleeps",
            "(call $block (call $sleep (i64.const 1000000000000000000))) (i32.const 0)",
            SLEEP,
            "describe failed: no modules",
        ),
    ];
    let images = no_images();
    for (what, code, imports, words) in cases {
        let began = Instant::now();
        let said = refusal(&images, &described(code, imports));
        assert!(said.starts_with("describe failed: ") && said.contains(words), "{what}: {said:?}");
        assert!(began.elapsed() < Duration::from_secs(20), "{what}: took {:?}", began.elapsed());
    }
}

/// The AUC of the guest's training data.
pub fn auc(site: &Site, job: &str) -> f64 {
    let series = site.node.default_tenant().metrics(job, "evaluation_0", Party::new(Role::Guest, 9999)).unwrap();
    let summary = series.iter().find(|s| s.metric_type == "EVALUATION_SUMMARY" && s.namespace == "train").unwrap();
    let point = summary.points.iter().find(|(key, _)| *key == Scalar::Text("auc".into())).unwrap();
    let Scalar::Number(auc) = point.1 else { panic!("the AUC is no number") };
    auc
}

#[test]
fn a_module_is_served_from_another_file_without_a_build() {
    let images = Arc::new(no_images());
    let add = |name: &str| images.add(parcae_catalog::get(name).unwrap()).unwrap();
    let [.., built_in] = ["upload", "reader", "data_transform", "intersection", "evaluation", "hetero_lr"].map(add);
    // The same component in another file: a custom section of 5 bytes at its end, whose name has 4.
    let swapped = [parcae_catalog::get("hetero_lr").unwrap(), &b"\0\x05\x04swap"[..]].concat();
    let swapped = images.add(&swapped).unwrap();
    assert_eq!(swapped.descriptor, built_in.descriptor);
    assert_ne!(swapped.digest, built_in.digest);

    let site = Site::of(images, |_| ());
    breast::upload(&site);
    let (dsl, mut conf) = breast::job();
    merge(&mut conf["component_parameters"]["common"]["hetero_lr_0"], json!({"max_iter": 5}));
    let job = site.succeed(&dsl, &conf);
    assert!((auc(&site, &job) - 0.975186).abs() < 1e-6);
    let filter =
        Filter { jobs: Some(vec![job]), components: Some(vec!["hetero_lr_0".to_owned()]), ..Filter::default() };
    for task in site.node.default_tenant().tasks(&filter).unwrap() {
        assert_eq!((task.image.as_str(), task.party_status), (swapped.digest.as_str(), Status::Success));
    }
}
