//! Parties that do not take every component: a job that needs one is refused before it starts, run again or taken up after
//! a restart, and says which party, which image, which rule. Not for: what may be pushed (`registry`).

use parcae_node::TenantPolicy;

use super::made::HOST;
use super::*;

/// What guest and host run.
const SHARED: Toy = Toy { roles: &[0, HOST], ..TOY };

fn words(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn strict(parties: &[u64], digests: Vec<String>, keys: BTreeMap<String, String>) -> ComponentsPolicy {
    let rules = Rules { unsigned: false, digests, keys };
    let mut policy = ComponentsPolicy::default();
    policy.own.parties = parties.iter().map(|party| (*party, rules.clone())).collect();
    policy
}

fn job_of_two() -> (Value, Value) {
    let (dsl, mut conf) = job("Toy", &Value::Null);
    conf["role"] = json!({"guest": [9999], "host": [10000, 10001]});
    (dsl, conf)
}

/// Submits the job of two, which must be refused; the reasons.
#[track_caller]
fn refusal(served: &Served) -> String {
    let (dsl, conf) = job_of_two();
    served.refused("job/submit", json!({"job_dsl": dsl, "job_runtime_conf": conf})).1
}

#[track_caller]
fn holds(why: &str, parts: &[&str]) {
    for part in parts {
        assert!(why.contains(part), "{part:?} is not in: {why}");
    }
}

#[test]
fn a_job_that_a_party_does_not_take_is_refused() {
    let (lab, image) = (SecretKey::draw().unwrap(), SHARED.image());
    let keys = BTreeMap::from([("lab".to_owned(), lab.public())]);
    let served = with_policy(strict(&[10000, 10001], vec![], keys.clone()));
    push(&served, &image);
    let why = refusal(&served);
    let image_words = format!("does not take toy:0.1.0 (sha256:{}), which serves module Toy", digest(&image));
    holds(
        &why,
        &["1. toy_0: components.toy_0.module: party host/10000", "2. toy_0:", "party host/10001", &image_words],
    );
    holds(&why, &["components_policy.parties.10000, rule unsigned", "one of the keys lab", "parties.10001.digests"]);
    assert!(!why.contains("9999"), "{why}");
    let row = ask(&served, "GET", "/toy:0.1.0").json()["data"]["refused_by"].clone();
    assert_eq!(super::keys(&row), ["10000", "10001"]);
    holds(&words(&row["10001"]), &["components_policy.parties.10001, rule unsigned"]);
    // Nothing of it is kept, and who does not ask host/10000 is not held up by it.
    assert_eq!(served.data("job/query", json!({})), json!([]));
    run(&served, "Toy", Value::Null);

    // Signed by a key that the parties know, it runs. The node need not ask for signatures itself.
    let accepted = own_images(&[]).add(&image).unwrap();
    let signature = lab.sign(&accepted.digest, &accepted.descriptor).to_text();
    let pushed = send(&served, &image, Some(&signature));
    assert_eq!((&pushed["data"]["signed_by"], pushed["data"].get("refused_by")), (&json!("lab"), None), "{pushed}");
    let (dsl, conf) = job_of_two();
    let (id, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&id));
    // What came with the node is nobody's to refuse.
    assert_eq!(refusal_of_reader(&served), None);
}

/// Why a job of built-in components alone is refused for its parties.
fn refusal_of_reader(served: &Served) -> Option<String> {
    let dsl = json!({"components": {"reader_0": {"module": "Reader", "output": {"data": ["data"]}}}});
    let (_, mut conf) = job_of_two();
    conf["component_parameters"] = json!({"common": {"reader_0": {"table": {"namespace": "a", "name": "b"}}}});
    let (_, answer) = served.post("job/submit", json!({"job_dsl": dsl, "job_runtime_conf": conf}));
    let why = answer["retmsg"].as_str().unwrap();
    why.contains("does not take").then(|| why.to_owned())
}

#[test]
fn a_tenants_rules_for_a_party_come_first() {
    let image = SHARED.image();
    let mut policy = strict(&[10000], vec![], BTreeMap::new());
    let lists = Rules { unsigned: false, digests: vec![digest(&image)], keys: BTreeMap::new() };
    let own = TenantPolicy { push: Rules::default(), parties: BTreeMap::from([(10000, lists)]) };
    policy.tenants.insert("default".parse().unwrap(), own);
    let served = with_policy(policy);
    push(&served, &image);
    let (dsl, conf) = job_of_two();
    assert_eq!(served.run(&dsl, &conf).1["f_status"], "success");
}

#[test]
fn what_a_party_does_not_take_any_more_does_not_run_again() {
    let served = with_policy(ComponentsPolicy::default());
    let (quick, endless) = (SHARED.image(), Toy { spins: true, version: "0.2.0", ..SHARED }.image());
    push(&served, &quick);
    let (dsl, conf) = job_of_two();
    let (ended, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success");
    push(&served, &endless);
    let (dsl, conf) = job_of_two();
    let running = served.submit(&dsl, &conf);
    served.wait_for(&running, "host", 10001, |row| row["f_status"] == "running");

    let served = served.reopened_of(own_images(&[]), |options| {
        options.policy = strict(&[10000], vec![], BTreeMap::new());
    });
    // What ran does not go on.
    assert_eq!(served.wait(&running, "guest", 9999)["f_status"], "failed");
    assert!(served.tasks(&running).iter().all(|task| task["f_status"] != "running"));
    let log = std::fs::read_to_string(served.site.folder().join(format!("logs/{running}/fate_flow_schedule.log")));
    let refused = format!("party host/10000 does not take toy:0.2.0 (sha256:{})", digest(&endless));
    holds(&log.unwrap(), &["the job does not go on", &refused, "components_policy.parties.10000, rule unsigned"]);
    // What ended well is kept, and not run again.
    let why = served.refused("job/rerun", json!({"job_id": ended, "force": true})).1;
    holds(&why, &["party host/10000 does not take toy:0.1.0", "rule unsigned"]);
    assert_eq!(served.wait(&ended, "guest", 9999)["f_status"], "success");

    // Nor what is not there any more.
    let served = served.reopened_of(own_images(&[]), |options| options.policy = ComponentsPolicy::default());
    assert_eq!(ask(&served, "DELETE", "/toy:0.1.0").json()["retcode"], 0);
    let why = served.refused("job/rerun", json!({"job_id": ended, "force": true})).1;
    let gone = format!("image sha256:{} of module Toy is not there for guest/9999, host/10000, host/", digest(&quick));
    holds(&why, &["toy_0: components.toy_0.module", &gone, "push it again"]);
}
