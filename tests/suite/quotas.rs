//! Quotas of tenants over HTTP: each is reached once and says so, what is used of them is told, and tenants take
//! turns. Not for: whose turn it is in every case (the scheduler's tests), limits of one attempt (`limits`).

use parcae_domain::{attempt::IsolationPolicy, quota::Quotas, tenant::Scope};
use parcae_tests::{
    Site,
    accounts::Keyed,
    http::{Served, form, form_type, list, upload_path},
};
use serde_json::{Value, json};

const SMALL: &str = "id,y,x0\na,1,0.5\nb,0,1.5\n";

fn dsl() -> Value {
    json!({"components": {"probe_0": {"module": "Probe", "output": {"data": ["data"]}}}})
}

/// A probe at these parties.
fn conf(behaviour: &str, amount: u64, roles: Value) -> Value {
    json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": roles,
        "job_parameters": {"common": {"task_cores": 1, "auto_retries": 0}},
        "component_parameters": {"common": {"probe_0": {"behaviour": behaviour, "amount": amount}}}})
}

fn alone() -> Value {
    json!({"guest": [9999]})
}

fn two() -> Value {
    json!({"guest": [9999], "host": [10000]})
}

/// A node with one core.
fn served() -> Served {
    Served::of(Site::with(|options| options.cores = 1))
}

/// Sets quotas as `parcae tenant quota` does.
fn set(served: &Served, keyed: &Keyed<'_>, quotas: Value) {
    served.site.node.accounts().set_quotas(&keyed.tenant, quotas.as_object().unwrap()).unwrap();
}

fn used(keyed: &Keyed<'_>, name: &str) -> u64 {
    let answer = keyed.get("quotas");
    let row = list(&answer["data"]).iter().find(|row| row["name"] == name);
    row.and_then(|row| row["used"].as_u64()).unwrap_or_else(|| panic!("{name}: {answer}"))
}

/// Why a job is refused.
#[track_caller]
fn refused(keyed: &Keyed<'_>, conf: &Value) -> String {
    let answer = keyed.post("job/submit", json!({"job_dsl": dsl(), "job_runtime_conf": conf}));
    assert_eq!((&answer["retcode"], answer.get("data")), (&json!(103), None), "{answer}");
    answer["retmsg"].as_str().unwrap().to_owned()
}

/// What the tasks of a job report, once it has failed.
#[track_caller]
fn failed(keyed: &Keyed<'_>, conf: &Value) -> String {
    let job = keyed.submit(&dsl(), conf);
    assert_eq!(keyed.wait(&job, "guest", 9999), "failed");
    let tasks = keyed.data("job/task/query", json!({"job_id": job}));
    list(&tasks).iter().filter_map(|task| task["f_error_report"].as_str()).collect::<Vec<_>>().join("\n")
}

fn row(keyed: &Keyed<'_>, job: &str) -> Value {
    keyed.data("job/query", json!({"job_id": job, "role": "guest", "party_id": 9999}))[0].clone()
}

fn until_running(served: &Served, keyed: &Keyed<'_>, job: &str) {
    served.until("the job runs", || row(keyed, job)["f_status"] == "running");
}

#[track_caller]
fn has(text: &str, words: &str) {
    assert!(text.contains(words), "{words:?} is not in: {text}");
}

#[test]
fn what_is_used_is_told_to_whom_it_belongs() {
    let served = served();
    let (bank, lab) = (served.keyed("bank", Scope::Submit), served.keyed("lab", Scope::Read));
    set(&served, &bank, json!({"table_bytes": 1 << 20, "weight": 3}));
    bank.upload("experiment", "t", SMALL);
    let answer = bank.get("quotas");
    let rows = list(&answer["data"]);
    let names: Vec<&str> = rows.iter().filter_map(|row| row["name"].as_str()).collect();
    let all: Vec<&str> = Quotas::ALL.iter().map(|info| info.name).filter(|name| *name != "weight").collect();
    assert_eq!(names, all);
    let tables = rows.iter().find(|row| row["name"] == "table_bytes").unwrap();
    assert_eq!((&tables["quota"], &tables["unit"]), (&json!(1 << 20), &json!("bytes")));
    assert!(used(&bank, "table_bytes") > 0 && used(&bank, "log_bytes") > 0, "{answer}");
    assert!(rows.iter().any(|row| row["name"] == "images" && row.get("quota").is_none()), "{answer}");
    assert_eq!((used(&lab, "table_bytes"), used(&lab, "log_bytes")), (0, 0));
}

#[test]
fn no_more_jobs_wait_than_may_and_each_says_for_what() {
    let served = served();
    let (bank, lab) = (served.keyed("bank", Scope::Submit), served.keyed("lab", Scope::Submit));
    set(&served, &bank, json!({"queued_jobs": 1}));
    let first = bank.submit(&dsl(), &conf("spin", 0, alone()));
    until_running(&served, &bank, &first);
    let second = bank.submit(&dsl(), &conf("none", 0, alone()));
    has(&refused(&bank, &conf("none", 0, alone())), "quota queued_jobs of the tenant is 1, and 1 wait");
    let others = lab.submit(&dsl(), &conf("none", 0, alone()));
    let waits = bank.get(&format!("jobs/{second}/waiting"));
    assert_eq!(waits["data"]["job_id"], second.as_str(), "{waits}");
    has(waits["data"]["waiting_for"].as_str().unwrap(), "it takes 1 of 1 cores, and jobs of this tenant have 1");
    let hidden = lab.get(&format!("jobs/{second}/waiting"));
    assert!(hidden["retcode"] != 0 && hidden["retmsg"].as_str().unwrap().contains("there is no job"), "{hidden}");
    bank.data("job/stop", json!({"job_id": first}));
    assert_eq!(lab.wait(&others, "guest", 9999), "success");
    assert_eq!(bank.wait(&second, "guest", 9999), "success");
    assert_eq!(bank.get(&format!("jobs/{second}/waiting"))["data"]["waiting_for"], "");
}

#[test]
fn a_task_for_which_there_are_never_places_is_refused() {
    let served = served();
    let bank = served.keyed("bank", Scope::Submit);
    set(&served, &bank, json!({"concurrent_attempts": 1}));
    let words = "probe_0 runs at 2 parties at once, and quota concurrent_attempts of the tenant is 1";
    has(&refused(&bank, &conf("none", 0, two())), words);
    let job = bank.submit(&dsl(), &conf("none", 0, alone()));
    assert_eq!(bank.wait(&job, "guest", 9999), "success");
    set(&served, &bank, json!({"concurrent_attempts": null}));
    let job = bank.submit(&dsl(), &conf("none", 0, two()));
    assert_eq!(bank.wait(&job, "guest", 9999), "success");
}

#[test]
fn a_day_has_so_much_processor_time_and_no_more() {
    let served = served();
    let (bank, lab) = (served.keyed("bank", Scope::Submit), served.keyed("lab", Scope::Submit));
    set(&served, &bank, json!({"cpu_seconds_per_day": 1}));
    let report = failed(&bank, &conf("spin", 0, alone()));
    has(&report, "limit cpu_seconds_per_day reached");
    has(&refused(&bank, &conf("none", 0, alone())), "of 1 s of processor time of this day; there is more from ");
    assert!(used(&bank, "cpu_seconds_per_day") >= 1);
    let job = lab.submit(&dsl(), &conf("none", 0, alone()));
    assert_eq!(lab.wait(&job, "guest", 9999), "success");
    set(&served, &bank, json!({"cpu_seconds_per_day": 1000}));
    let job = bank.submit(&dsl(), &conf("none", 0, alone()));
    assert_eq!(bank.wait(&job, "guest", 9999), "success");
}

#[test]
fn tables_end_where_the_tenant_has_no_more_room() {
    let served = served();
    let bank = served.keyed("bank", Scope::Submit);
    set(&served, &bank, json!({"table_bytes": 2 << 20}));
    has(&failed(&bank, &conf("flood_table", 0, alone())), "table_bytes of the tenant");
    assert_eq!(used(&bank, "table_bytes"), 0, "nothing of it is claimed or stored any more");
    bank.upload("experiment", "t", SMALL);
    set(&served, &bank, json!({"table_bytes": 1}));
    let more = json!({"file": "t.csv", "head": 1, "partition": 2, "namespace": "experiment", "table_name": "more"});
    let target = format!("/v1/{}", upload_path(&more));
    let (_, answer) = bank.send("POST", &target, &form_type(), &form("t.csv", SMALL.as_bytes())).answer();
    assert_ne!(answer["data"]["code"], 0, "{answer}");
    has(answer["data"]["message"].as_str().unwrap(), "bytes of tables: delete some that are not needed");
}

#[test]
fn memory_is_bounded_for_all_attempts_together_on_threads_and_in_processes() {
    for isolation in [IsolationPolicy::Thread, IsolationPolicy::Process] {
        let served = Served::of(Site::with(|options| options.isolation = isolation));
        // The pools are those of the process: no other test has a tenant of this name.
        let bank = served.keyed("hoarder", Scope::Submit);
        set(&served, &bank, json!({"memory_bytes": 8 << 20}));
        has(&failed(&bank, &conf("allocate_amount", 64 << 20, alone())), "limit memory_bytes of the tenant reached");
        assert_eq!(used(&bank, "memory_bytes"), 0);
    }
}

#[test]
fn logs_and_messages_are_bounded_for_all_attempts_together() {
    let served = served();
    let bank = served.keyed("bank", Scope::Submit);
    set(&served, &bank, json!({"message_bytes_per_day": 200_000}));
    has(&failed(&bank, &conf("flood_messages", 0, two())), "message_bytes_per_day");
    set(&served, &bank, json!({"message_bytes_per_day": null, "log_bytes": used(&bank, "log_bytes") + 3_000}));
    let before = used(&bank, "log_bytes");
    for _ in 0..2 {
        let job = bank.submit(&dsl(), &conf("flood_log", 1_000, alone()));
        assert_eq!(bank.wait(&job, "guest", 9999), "success");
    }
    let grown = used(&bank, "log_bytes") - before;
    assert!((1..=3_000).contains(&grown), "{grown} bytes of logs");
}

#[test]
fn images_are_counted_as_they_are_pushed() {
    let served = served();
    let bank = served.keyed("bank", Scope::Submit);
    let push = || bank.send("POST", "/v1/components", "application/wasm", &[7; 5_000]).answer().1;
    set(&served, &bank, json!({"images": 0}));
    has(push()["retmsg"].as_str().unwrap(), "the tenant has 0 components of 0 that it may push");
    set(&served, &bank, json!({"images": 1, "image_bytes": 4_999}));
    has(push()["retmsg"].as_str().unwrap(), "images of the tenant would be 5000 bytes, 4999 are allowed");
    set(&served, &bank, json!({"image_bytes": 5_000}));
    let other = push();
    let words = other["retmsg"].as_str().unwrap();
    assert!(other["retcode"] != 0 && !words.contains("tenant"), "it is no component, and says so: {words}");
}

#[test]
fn many_jobs_of_one_tenant_do_not_delay_the_first_of_another() {
    let served = served();
    let (bank, lab) = (served.keyed("bank", Scope::Submit), served.keyed("lab", Scope::Submit));
    let holds = bank.submit(&dsl(), &conf("spin", 0, alone()));
    until_running(&served, &bank, &holds);
    let many: Vec<String> = (0..50).map(|_| bank.submit(&dsl(), &conf("none", 0, alone()))).collect();
    let one = lab.submit(&dsl(), &conf("none", 0, alone()));
    bank.data("job/stop", json!({"job_id": holds}));
    assert_eq!(lab.wait(&one, "guest", 9999), "success");
    let began = |keyed: &Keyed<'_>, job: &str| row(keyed, job)["f_start_time"].as_i64().unwrap();
    let first = began(&lab, &one);
    for job in &many {
        assert_eq!(bank.wait(job, "guest", 9999), "success");
    }
    let earlier = many.iter().filter(|job| began(&bank, job) < first).count();
    assert_eq!(earlier, 0, "so many of 50 jobs that were queued before began before it");
}
