//! The deterministic profile: the same job twice gives the same, byte by byte; and without the profile it does not,
//! where something is drawn. Not for: results being right (`hetero_lr`).

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use parcae_domain::{
    grant::Grant,
    isolation::IsolationPolicy,
    party::{Party, Role},
};
use parcae_runtime::{Images, Settings, start};
use parcae_tests::{
    Site, breast,
    http::Served,
    images,
    made::{Parts, Said},
    merge,
};
use serde_json::{Value, json};

/// The parties of the example.
const PARTIES: [(Role, u64); 3] = [(Role::Guest, 9999), (Role::Host, 10000), (Role::Arbiter, 10000)];
/// A number that is none, as the profile has all of them.
const CANONICAL: &str = "7ff8000000000000";

/// The example with batches that are drawn, and decoys between them, from which everything after them follows.
fn drawn(deterministic: bool) -> (Value, Value) {
    let (dsl, mut conf) = breast::job();
    let quick = json!({"max_iter": 2, "batch_size": 320, "encrypt_param": {"key_length": 1024}});
    merge(&mut conf["component_parameters"]["common"]["hetero_lr_0"], quick);
    merge(&mut conf["job_parameters"]["common"], json!({"deterministic": deterministic}));
    (dsl, conf)
}

/// Everything that a job made, by what it is: files of tables, models, metrics, summaries.
fn made(served: &Served, dsl: &Value, conf: &Value) -> BTreeMap<String, Vec<u8>> {
    let job = served.site.succeed(dsl, conf);
    let mut made = BTreeMap::new();
    let components: Vec<&String> = dsl["components"].as_object().unwrap().keys().collect();
    for (of_role, party) in PARTIES {
        let role = of_role.as_str();
        for component in &components {
            let place = format!("{role} {party} {component}");
            let of = json!({"job_id": job, "role": role, "party_id": party, "component_name": component, "limit": -1});
            let got = served.get_with_body("tracking/component/output/data/download", of.clone());
            if got.content_type == "application/x-tar" {
                made.extend(got.files().into_iter().map(|(file, bytes)| (format!("{place} {file}"), bytes)));
            }
            let node = served.site.node.default_tenant();
            let summary = node.summary(&job, component, Party::new(of_role, party)).ok().flatten();
            made.insert(format!("{place} summary"), json!(summary).to_string().into_bytes());
            for what in ["metric/all", "output/model"] {
                let path = format!("tracking/component/{what}");
                let (_, answer) = served.post(&path, of.clone());
                made.insert(format!("{place} {what}"), answer["data"].to_string().replace(&job, "JOB").into_bytes());
            }
        }
        made.extend(model(served, &job, role, party));
    }
    made
}

/// The parts of a party's model, as they stand in an archive.
fn model(served: &Served, job: &str, role: &str, party: u64) -> BTreeMap<String, Vec<u8>> {
    let id = "arbiter-10000#guest-9999#host-10000#model";
    let body = json!({"model_id": id, "model_version": job, "role": role, "party_id": party});
    let archive = served.get_with_body("model/export", body);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive.bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for at in 0..zip.len() {
        let mut member = zip.by_index(at).unwrap();
        let name = member.name().unwrap().into_owned();
        // The pipeline names the job.
        if name.starts_with("variables/") && !name.contains("pipeline") {
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).unwrap();
            parts.insert(format!("{role} {party} {name}"), bytes);
        }
    }
    parts
}

/// What differs between two runs.
fn difference(one: &BTreeMap<String, Vec<u8>>, two: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let names = one.keys().chain(two.keys()).filter(|name| one.get(*name) != two.get(*name));
    let mut names: Vec<String> = names.cloned().collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[test]
fn the_same_training_gives_the_same_bytes() {
    let served = Served::new();
    breast::upload(&served.site);
    let (dsl, conf) = drawn(true);
    let runs = [(); 2].map(|()| made(&served, &dsl, &conf));
    let has = |words: [&str; 2]| {
        let found = runs[0].iter().find(|(name, _)| words.iter().all(|word| name.contains(word)));
        assert!(found.is_some_and(|(_, bytes)| bytes.len() > 100), "{words:?} among {:?}", runs[0].keys());
    };
    has(["guest 9999 hetero_lr_0", "data.csv"]);
    has(["host 10000 intersection_0", "data.csv"]);
    has(["guest 9999 variables", "HeteroLogisticRegressionParam.json"]);
    has(["host 10000 hetero_lr_0", "output/model"]);
    has(["guest 9999 evaluation_0", "metric/all"]);
    has(["arbiter 10000 hetero_lr_0", "metric/all"]);
    assert_eq!(difference(&runs[0], &runs[1]), Vec::<String>::new());
    // Whoever asks for something else gets other draws.
    let mut other = conf.clone();
    merge(&mut other["component_parameters"]["common"]["hetero_lr_0"], json!({"tol": 0.00011}));
    assert_ne!(difference(&runs[0], &made(&served, &dsl, &other)), Vec::<String>::new());
}

#[test]
fn processes_give_the_bytes_of_threads() {
    let served = Served::new();
    breast::upload(&served.site);
    let (dsl, conf) = drawn(true);
    let on_threads = made(&served, &dsl, &conf);
    let served = served.reopened_of(images(), |options| options.isolation = IsolationPolicy::Process);
    assert_eq!(difference(&on_threads, &made(&served, &dsl, &conf)), Vec::<String>::new());
}

#[test]
fn without_the_profile_batches_are_drawn_anew() {
    let served = Served::new();
    breast::upload(&served.site);
    let (dsl, conf) = drawn(false);
    let runs = [(); 2].map(|()| made(&served, &dsl, &conf));
    let names = difference(&runs[0], &runs[1]);
    assert!(names.iter().any(|name| name.contains("hetero_lr_0")), "only {names:?} differ");
    assert!(!names.iter().any(|name| name.contains("intersection_0")), "{names:?}");
}

/// Imports of a component that draws a number and looks at a clock.
const IMPORTS: [&str; 3] = [
    r#"
  (import "wasi:random/random@0.2.0" (instance $random (export "get-random-u64" (func (result u64)))))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
  (alias export $random "get-random-u64" (func $random0))
  (alias export $clock "now" (func $now0))
  (core func $random (canon lower (func $random0)))
  (core func $now (canon lower (func $now0)))"#,
    r#"(import "host" "random" (func $random (result i64))) (import "host" "now" (func $now (result i64)))"#,
    r#"(with "host" (instance (export "random" (func $random)) (export "now" (func $now))))"#,
];

/// Writes a number as 16 digits.
const HEX: &str = r#"
  (func $hex (param $at i32) (param $n i64) (local $i i32) (local $digit i32)
    (loop $l
      (local.set $digit (i32.wrap_i64 (i64.and (local.get $n) (i64.const 15))))
      (i32.store8 (i32.add (local.get $at) (i32.sub (i32.const 15) (local.get $i)))
        (i32.add (local.get $digit) (select (i32.const 48) (i32.const 87)
          (i32.lt_u (local.get $digit) (i32.const 10)))))
      (local.set $n (i64.shr_u (local.get $n) (i64.const 4)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 16)))))"#;

/// Fails with a random number, the time, and a number that is none after a sum, which keeps its form or gets another.
const RUN: &str = r#"
  (i64.store (i32.const 150000) (i64.const 0x7ffc000000000123))
  (call $hex (i32.const 140000) (call $random))
  (i32.store8 (i32.const 140016) (i32.const 32))
  (call $hex (i32.const 140017) (call $now))
  (i32.store8 (i32.const 140033) (i32.const 32))
  (call $hex (i32.const 140034) (i64.reinterpret_f64 (f64.add (f64.load (i32.const 150000)) (f64.const 1))))
  (i32.store8 (i32.const 139000) (i32.const 1))
  (i32.store (i32.const 139008) (i32.const 140000))
  (i32.store (i32.const 139012) (i32.const 50))
  (i32.const 139000)"#;

/// A component that says what it drew; its module `Made` asks for the real clock and for real randomness.
fn telling() -> Vec<u8> {
    let said = Said::but(|said| said.modules[0].grants = vec![b"clock".to_vec(), b"randomness".to_vec()]);
    let data: String = said.memory().iter().map(|byte| format!("\\{byte:02x}")).collect();
    let fields = format!(r#"(memory (export "memory") 3) (data (i32.const 0) "{data}") {HEX}"#);
    let [imports, core_imports, with] = IMPORTS;
    Parts { imports, core_imports, with, fields: &fields, run: RUN, ..Parts::default() }.build()
}

fn telling_site(deterministic: bool) -> Site {
    let images = Images::new(start(Settings::default()).unwrap());
    images.add(&telling()).unwrap();
    Site::of(Arc::new(images), |options| {
        options.grants.insert("Made".to_owned(), vec![Grant::Clock, Grant::Randomness]);
        options.deterministic = deterministic;
    })
}

/// What the component says of itself in a job: the number it drew, the time, and the form of a number that is none.
fn told(site: &Site, parameters: &Value) -> [String; 3] {
    let dsl = json!({"components": {"made_0": {"module": "Made"}}});
    let conf = json!({
        "dsl_version": 2, "initiator": {"role": "local", "party_id": 0}, "role": {"local": [0]},
        "job_parameters": {"common": parameters}, "component_parameters": {"common": {}}
    });
    let view = site.run(&dsl, &conf);
    let text = site.errors(&view.job.0);
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |word: &&str| word.len() == 16 && word.chars().all(|c| c.is_ascii_hexdigit());
    let found = words.windows(3).find(|three| three.iter().all(number));
    let found = found.unwrap_or_else(|| panic!("no three numbers in {text}"));
    [0, 1, 2].map(|at| found[at].to_owned())
}

#[test]
fn grants_of_clock_and_randomness_give_nothing_real() {
    let site = telling_site(false);
    let profile = json!({"deterministic": true});
    let [one, two] = [(); 2].map(|()| told(&site, &profile));
    assert_eq!(one, two);
    assert_eq!((one[1].as_str(), one[2].as_str()), ("0000000000000000", CANONICAL));

    let [one, two] = [(); 2].map(|()| told(&site, &json!({})));
    assert_ne!(one[0], two[0], "real randomness");
    assert_ne!(one[1], "0000000000000000", "a real clock");
    assert_ne!(one[2], CANONICAL, "a number that is none keeps its form");
}

#[test]
fn a_node_may_ask_for_the_profile_in_every_job() {
    let site = telling_site(true);
    let [one, two] = [json!({}), json!({"deterministic": true})].map(|parameters| told(&site, &parameters));
    assert_eq!(one, two, "who asks does not matter");
    assert_eq!(one[2], CANONICAL);
    // Another node shares what all parties may know, and nothing else.
    assert_eq!(told(&telling_site(true), &json!({})), one);
}
