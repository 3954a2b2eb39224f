//! Limits and usage over HTTP: who may lower a limit, which number wins, what is said of it, and what attempts used. Not
//! for: what happens when a limit is reached (`hostile`), quotas.

use parcae_domain::{
    limit::{Limits, NodeLimits},
    limit_sources::LimitSet,
    quota::Quotas,
};
use parcae_tests::{Site, http::Served, merge};
use serde_json::{Value, json};

const MIB: u64 = 1 << 20;

fn dsl() -> Value {
    json!({"components": {"probe_0": {"module": "Probe"}}})
}

/// A probe at a guest, with limits of the job.
fn conf(behaviour: &str, amount: u64, limits: Value) -> Value {
    json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "job_parameters": {"common": {"task_cores": 1, "limits": limits}},
        "component_parameters": {"common": {"probe_0": {"behaviour": behaviour, "amount": amount}}}})
}

fn get(served: &Served, path: &str) -> Value {
    let (status, answer) = served.get_json(path);
    assert_eq!((status, &answer["retcode"]), (200, &json!(0)), "{path}: {answer}");
    answer["data"].clone()
}

fn of_probe(served: &Served, job: &str) -> Value {
    get(served, &format!("/v1/limits?job_id={job}&component=probe_0&role=guest&party_id=9999&version=0"))
}

/// What is in force, and who decided.
#[track_caller]
fn decided(limits: &Value, name: &str, effective: u64, source: &str) {
    let limit = &limits[name];
    assert_eq!((&limit["effective"], &limit["source"]), (&json!(effective), &json!(source)), "{name}: {limit}");
}

fn set(limits: Value) -> LimitSet {
    LimitSet::read(&limits).unwrap()
}

#[test]
fn the_smallest_wins_and_says_who_decided() {
    let served = Served::of(Site::with(|options| {
        options.limits.log_bytes = MIB;
        options.component_limits.insert("Probe".into(), set(json!({"memory_bytes": 300 * MIB})));
        options.component_limits.insert("probe".into(), set(json!({"handles": 50, "checkpoints": 7})));
        options.component_limits.insert("Reader".into(), set(json!({"checkpoints": 1})));
    }));
    let of_tenant = json!({"limits": {"handles": 40, "page_rows": 1_000, "memory_bytes": 400 * MIB}});
    served.data("tenants/default/limits", of_tenant);
    let wanted = json!({"memory_bytes": 64 * MIB, "handles": 45, "log_bytes": 5 * MIB});
    let (job, row) = served.run(&dsl(), &conf("none", 0, wanted.clone()));
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    assert_eq!(row["f_runtime_conf"]["job_parameters"]["common"]["limits"], wanted);

    let limits = of_probe(&served, &job);
    decided(&limits, "memory_bytes", 64 * MIB, "job");
    decided(&limits, "handles", 40, "tenant");
    decided(&limits, "page_rows", 1_000, "tenant");
    decided(&limits, "checkpoints", 7, "component");
    decided(&limits, "log_bytes", MIB, "node");
    decided(&limits, "total_seconds", 259_200, "job");
    decided(&limits, "call_bytes", 64 * MIB, "default");
    decided(&limits, "memory_pool_bytes", 4 << 30, "default");
    let said = json!({"node": 512 * MIB, "tenant": 400 * MIB, "component": 300 * MIB, "job": 64 * MIB});
    assert_eq!(limits["memory_bytes"]["configured"], said);
    assert_eq!((&limits["memory_bytes"]["unit"], &limits["memory_bytes"]["per"]), (&json!("bytes"), &json!("attempt")));
    let used = |name: &str| limits[name]["used"].as_u64().unwrap();
    assert!((1..64 * MIB).contains(&used("memory_bytes")) && (1..MIB).contains(&used("log_bytes")), "{limits}");

    // Before a job is named nobody knows what it and its component want.
    let limits = get(&served, "/v1/limits");
    decided(&limits, "memory_bytes", 400 * MIB, "tenant");
    assert_eq!(limits["handles"]["configured"], json!({"node": 10_000, "tenant": 40}));
    // What was in force for an attempt stays, whatever is changed later.
    served.data("tenants/default/limits", json!({"limits": {"handles": 5}}));
    decided(&of_probe(&served, &job), "handles", 40, "tenant");
    decided(&get(&served, &format!("/v1/limits?job_id={job}")), "handles", 5, "tenant");
}

#[test]
fn what_a_job_wants_for_itself_holds() {
    let served = Served::new();
    let conf = conf("allocate_amount", 48 * MIB, json!({"memory_bytes": 32 * MIB}));
    let (job, row) = served.run(&dsl(), &conf);
    assert_eq!(row["f_status"], "failed");
    let report = served.tasks(&job)[0]["f_error_report"].as_str().unwrap().to_owned();
    assert!(report.contains("limit memory_bytes reached") && report.contains("33554432 are allowed"), "{report}");
}

#[test]
fn limits_that_nobody_knows_are_refused() {
    let served = Served::new();
    let refused = |limits: Value| {
        let body = json!({"job_dsl": dsl(), "job_runtime_conf": conf("none", 0, limits)});
        served.refused("job/submit", body).1
    };
    let text = refused(json!({"memory_byts": 1, "handles": 0, "stack_bytes": 1, "log_bytes": "many"}));
    for part in [
        "job_parameters.common.limits.memory_byts: unknown limit; did you mean \"memory_bytes\"?",
        "job_parameters.common.limits.handles: expected integer, 1 or more, found 0",
        "job_parameters.common.limits.stack_bytes: no limit of a job: stack_bytes is set under [limits]",
        "job_parameters.common.limits.log_bytes: expected integer, 1 or more, found \"many\"",
    ] {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
    assert!(refused(json!([1])).contains("job_parameters.common.limits: expected object, found [1]"));
}

#[test]
fn limits_of_what_is_not_there_are_refused() {
    let served = Served::new();
    let (job, _) = served.run(&dsl(), &conf("none", 0, json!({})));
    let refused = |query: &str| {
        let (status, answer) = served.get_json(&format!("/v1/limits?{query}"));
        assert_eq!(status, 200, "{answer}");
        (answer["retcode"].as_i64().unwrap(), answer["retmsg"].as_str().unwrap().to_owned())
    };
    assert_eq!(refused("component=probe_0").0, 101);
    assert_eq!(refused("job_id=1").0, 100);
    assert!(refused(&format!("job_id={job}&component=lr_0")).1.contains("has no component lr_0"));
    for party in ["role=guestx", "party_id=77"] {
        let said = refused(&format!("job_id={job}&component=probe_0&{party}"));
        assert!(said.0 == 100 && said.1.contains("does not run at that role and party_id"), "{said:?}");
    }
    assert_eq!(served.get_json("/v1/usage?from=2026-11-30&to=2026-11-01").1["retcode"], 101);
    assert_eq!(refused(&format!("job_id={job}&version=x")).0, 101);
    assert_eq!(refused(&format!("job_id={job}&version=-1")).0, 101);
    assert_eq!(served.get_json("/v1/jobs/1/usage").1["retcode"], 100);
    assert_eq!(served.get_json("/v1/usage?from=yesterday").1["retcode"], 101);
}

#[test]
fn what_attempts_used_is_told() {
    let served = Served::new();
    let dsl = json!({"components": {"secure_add_example_0": {"module": "SecureAddExample"}}});
    let mut conf = conf("", 0, json!({"edge_messages": 1_000}));
    conf["role"] = json!({"guest": [9999], "host": [10000]});
    conf["component_parameters"] = json!({"common": {"secure_add_example_0": {"partition": 4, "data_num": 1000}}});
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));

    let rows = get(&served, &format!("/v1/jobs/{job}/usage"));
    let of = |role: &str| rows.as_array().unwrap().iter().find(|row| row["role"] == role).unwrap();
    let (guest, host) = (of("guest"), of("host"));
    assert_eq!(rows.as_array().unwrap().len(), 2);
    assert_eq!((&guest["version"], &guest["isolation"]), (&json!(0), &json!("thread")));
    assert!(guest["ended"].as_i64().unwrap() > 0 && guest["peak_memory_bytes"].as_u64().unwrap() > 0, "{guest}");
    assert!(guest["messages"].as_u64().unwrap() > 0 && guest["log_bytes"].as_u64().unwrap() > 0, "{guest}");
    // What one sent the other received.
    assert_eq!((&guest["bytes_out"], &guest["bytes_in"]), (&host["bytes_in"], &host["bytes_out"]));
    let edge = &guest["edges"][0];
    assert_eq!((&edge["role"], &edge["party_id"]), (&json!("host"), &json!("10000")));
    assert_eq!((&edge["bytes_out"], &edge["messages_out"]), (&guest["bytes_out"], &guest["messages"]));
    let messages = &guest["limits"]["edge_messages"];
    assert_eq!(*messages, json!({"effective": 1_000, "source": "job", "used": guest["messages"]}));

    let all = get(&served, "/v1/usage");
    assert_eq!((&all["tenant"], &all["running"]), (&json!("default"), &json!([])));
    assert_eq!((&all["total"]["attempts"], &all["total"]["jobs"]), (&json!(2), &json!(1)));
    let sent = guest["bytes_out"].as_u64().unwrap() + host["bytes_out"].as_u64().unwrap();
    assert_eq!(all["total"]["bytes_out"], sent);
    assert_eq!(get(&served, "/v1/usage?to=1970-01-02")["days"], json!([]));
    let days = all["days"].as_array().unwrap().iter();
    let attempts: u64 = days.map(|day| day["used"]["attempts"].as_u64().unwrap()).sum();
    assert_eq!(attempts, 2);
}

#[test]
fn an_attempt_that_runs_shows_what_it_uses_and_keeps_it_when_it_is_stopped() {
    let served = Served::new();
    let job = served.submit(&dsl(), &conf("spin", 0, json!({})));
    let row = || get(&served, &format!("/v1/jobs/{job}/usage"))[0].clone();
    served.until("the attempt uses the processor", || row()["cpu_ms"].as_u64().is_some_and(|ms| ms > 0));
    assert_eq!(row()["ended"], json!(null));
    let limits = of_probe(&served, &job);
    assert!(limits["memory_bytes"]["used"].as_u64().unwrap() > 0, "{limits}");
    assert!(limits["attempts"]["used"].as_u64().unwrap() > 0, "{limits}");
    assert!(limits["memory_pool_bytes"]["used"].as_u64().unwrap() > 0, "{limits}");
    assert_eq!(get(&served, "/v1/usage")["running"][0]["job_id"], json!(job));

    served.data("job/stop", json!({"job_id": job}));
    served.wait(&job, "guest", 9999);
    let stored = row();
    assert!(stored["ended"].is_i64() && stored["cpu_ms"].as_u64().unwrap() > 0, "{stored}");
    assert_eq!(get(&served, "/v1/limits")["attempts"]["used"], 0);
    let report = served.tasks(&job)[0]["f_error_report"].as_str().unwrap().to_owned();
    assert!(report.starts_with("canceled\nlast lines of its log:\n"), "{report}");
    assert!(report.contains("behaviour spin"), "{report}");
}

#[test]
fn a_task_that_crashed_has_the_trace_and_its_last_lines() {
    let served = Served::new();
    let mut conf = conf("panic", 0, json!({}));
    merge(&mut conf["component_parameters"]["common"]["probe_0"], json!({"text": "so it ends"}));
    let (job, _) = served.run(&dsl(), &conf);
    let report = served.tasks(&job)[0]["f_error_report"].as_str().unwrap().to_owned();
    for part in ["the component crashed", "wasm backtrace", "last lines of its log:", "behaviour panic", "so it ends"] {
        assert!(report.contains(part), "{part:?} is not in:\n{report}");
    }
    let usage = get(&served, &format!("/v1/jobs/{job}/usage"));
    assert!(usage[0]["peak_memory_bytes"].as_u64().unwrap() > 0, "{usage}");
}

#[test]
fn the_operators_page_has_the_numbers_of_the_code() {
    let page = include_str!("../../docs/operators-security.md");
    let (limits, node) = (Limits::default(), NodeLimits::default());
    let of_attempts = Limits::ALL.iter().map(|info| (info.name, limits.get(info.name)));
    let of_node = NodeLimits::ALL.iter().map(|info| (info.name, node.get(info.name)));
    for (name, number) in of_attempts.chain(of_node) {
        let words = format!("`{name}` {}", number.unwrap());
        let there = page.match_indices(&words).any(|(at, _)| {
            // The whole number, not the beginning of a longer one.
            !page[at + words.len()..].starts_with(|c: char| c.is_ascii_digit())
        });
        assert!(there, "{words} is not in docs/operators-security.md");
    }
    for info in Quotas::ALL {
        assert!(page.contains(&format!("`{}`", info.name)), "{} is not in docs/operators-security.md", info.name);
    }
}
