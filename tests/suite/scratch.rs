//! What a module may do with grants `scratch` and `message-volume`: a directory with a quota that goes when the attempt
//! ends, and more messages than others may send. Not for: a module without grants (`hostile`).

use std::fs;
use std::path::PathBuf;

use parcae_domain::{
    grant::Grant,
    party::{Party, Role},
    status::Status,
};
use parcae_tests::{
    Site,
    http::{Served, list},
    own_images,
};
use serde_json::{Value, json};

/// The quota.
const BYTES: u64 = 1 << 20;
const FILES: u64 = 50;
/// The grants.
const BOTH: [Grant; 2] = [Grant::Scratch, Grant::MessageVolume];

fn site(grants: &[Grant], files: u64) -> Site {
    Site::with(|options| {
        options.cores = 96;
        options.grants.insert("ProbeScratch".to_owned(), grants.to_vec());
        options.limits.scratch_bytes = BYTES;
        options.limits.scratch_files = u32::try_from(files).unwrap();
    })
}

fn job(module: &str, behaviour: &str, amount: u64) -> (Value, Value) {
    let dsl = json!({"components": {"probe_0": {"module": module}}});
    let conf = json!({
        "dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999], "host": [10000]},
        "job_parameters": {"common": {"task_cores": 1}},
        "component_parameters": {"common": {"probe_0": {"behaviour": behaviour, "amount": amount}}}
    });
    (dsl, conf)
}

fn folder(site: &Site) -> PathBuf {
    site.folder().join("scratch")
}

/// What is left of scratch directories.
fn left(site: &Site) -> usize {
    fs::read_dir(folder(site)).map_or(0, Iterator::count)
}

/// Runs a behaviour that ends well at both parties, each of which has a directory of its own; their logs.
fn run(site: &Site, behaviour: &str, amount: u64) -> String {
    let (dsl, conf) = job("ProbeScratch", behaviour, amount);
    let view = site.run(&dsl, &conf);
    assert_eq!(view.status, Status::Success, "{behaviour}: {}", site.errors(&view.job.0));
    assert_eq!(left(site), 0, "{behaviour} left something behind");
    let log = |party: Party| {
        let file = site.folder().join("logs").join(&view.job.0).join(party.to_string()).join("probe_0/stat.log");
        String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned()
    };
    log(Party::new(Role::Guest, 9999)) + &log(Party::new(Role::Host, 10_000))
}

#[test]
fn a_directory_is_there_with_its_quota_and_goes() {
    let site = site(&BOTH, FILES);
    run(&site, "scratch_use", 0);
    run(&site, "scratch_open", 0);
    for behaviour in ["scratch_full", "scratch_grow", "scratch_swap"] {
        let log = run(&site, behaviour, BYTES);
        let words = format!("limit scratch_bytes reached: {BYTES} bytes in all files together are allowed");
        assert_eq!(log.matches(&words).count(), 2, "once at each party: {log}");
    }
    let log = run(&site, "scratch_many", FILES);
    assert!(log.contains("limit scratch_files reached: 50 files and directories are allowed"), "{log}");
}

#[test]
fn folders_in_folders_go_however_deep_they_are() {
    let log = run(&site(&BOTH, 3_000), "scratch_deep", 2_500);
    assert!(log.contains("2500 folders deep"), "{log}");
}

#[test]
fn what_was_used_is_told() {
    let site = site(&BOTH, FILES);
    let (dsl, conf) = job("ProbeScratch", "scratch_full", BYTES);
    let job = site.succeed(&dsl, &conf);
    let uses = site.node.default_tenant().job_usage(&job).unwrap();
    let used: Vec<(u64, u64)> = uses.iter().map(|used| (used.usage.scratch_bytes, used.usage.scratch_files)).collect();
    assert_eq!(used, [(BYTES, 8); 2]);
}

#[test]
fn what_a_killed_node_left_goes_at_the_next_start() {
    let site = site(&BOTH, FILES);
    let attempt = folder(&site).join("20260101_probe_0_0_guest_9999");
    fs::create_dir_all(attempt.join("a/b")).unwrap();
    fs::write(attempt.join("a/b/c"), "x").unwrap();
    let site = site.reopened();
    assert_eq!(left(&site), 0);
}

#[test]
fn without_the_grant_a_job_is_refused() {
    let site = site(&[Grant::MessageVolume], FILES);
    let (dsl, conf) = job("ProbeScratch", "scratch_use", 0);
    let (_, refused) = site.node.default_tenant().submit(&dsl, &conf);
    let refusal = refused.unwrap_err().to_string();
    assert!(refusal.contains("module ProbeScratch asks for scratch"), "{refusal}");
    assert!(refusal.contains("[grants]"), "{refusal}");
}

/// A node to which the probe was pushed, with little room for messages without the grant.
fn with_probe() -> (Served, String) {
    let site = Site::of(own_images(&[]), |options| {
        options.cores = 96;
        options.limits.edge_bytes_ungranted = 1 << 20;
    });
    let served = Served::of(site);
    let image = parcae_catalog::get("probe").unwrap();
    let pushed = served.send("POST", "/v1/components", &[("Content-Type", "application/wasm")], image).answer().1;
    assert_eq!(pushed["retcode"], 0, "{pushed}");
    let digest = pushed["data"]["digest"].as_str().unwrap().to_owned();
    (served, digest)
}

#[test]
fn many_messages_need_a_grant() {
    let (served, digest) = with_probe();
    let (dsl, conf) = job("Probe", "flood_messages", 0);
    let (id, _) = served.run(&dsl, &conf);
    let log = |at: &str| {
        let file = served.site.folder().join("logs").join(&id).join(at).join("probe_0/stat.log");
        fs::read_to_string(file).unwrap()
    };
    // The one that reaches its limit first ends, and takes no more of the other's.
    let log = log("guest/9999") + &log("host/10000");
    let words = "1048576 are allowed without the grant message-volume: have the module's description ask for it";
    assert!(log.contains("limit edge_bytes after 15 calls") && log.contains(words), "{log}");

    let (dsl, conf) = job("ProbeScratch", "volume", 64);
    let request = json!({"job_dsl": dsl, "job_runtime_conf": conf});
    let refused = served.post("job/submit", request).1;
    let words = refused["retmsg"].as_str().unwrap();
    assert!(words.contains("scratch, message-volume") && words.contains("parcae component grant"), "{words}");

    let grants = json!({"module": "ProbeScratch", "grants": ["scratch", "message-volume"]});
    let (_, granted) = served.post(&format!("components/{digest}/grants"), grants);
    let rows = list(&granted["data"]["modules"]);
    let module = rows.iter().find(|module| module["name"] == "ProbeScratch").unwrap();
    assert_eq!((&module["granted"], &module["missing"]), (&module["asked"], &json!([])), "{module}");
    let (id, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&id));
    for task in served.tasks(&id) {
        assert_eq!(task["f_provider_info"]["grants"], json!(["scratch", "message-volume"]), "{task}");
    }
}

#[test]
fn who_decided_on_messages_is_told() {
    let (served, _) = with_probe();
    let (dsl, conf) = job("Probe", "none", 0);
    let (id, _) = served.run(&dsl, &conf);
    let (_, answer) = served.get_json(&format!("/v1/limits?job_id={id}&component=probe_0"));
    let limit = &answer["data"]["edge_bytes"];
    assert_eq!((&limit["effective"], &limit["source"]), (&json!(1 << 20), &json!("component")), "{limit}");
}
