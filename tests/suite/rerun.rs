//! Jobs that run again: from where they failed, from a component that is named, with other parameters, after a stop, a
//! timeout and a restart of the node; and reruns that are refused. Not for: cleaning up after jobs (`jobs_more`).

use std::collections::BTreeMap;

use parcae_domain::status::Status;
use parcae_tests::http::{Served, keys, list};
use serde_json::{Value, json};

/// Three probes that read one after the other.
fn chain() -> Value {
    let probe = |from: Option<&str>| {
        let data: Vec<String> = from.map(|from| format!("{from}.data")).into_iter().collect();
        json!({"module": "Probe", "input": {"data": {"data": data}}, "output": {"data": ["data"]}})
    };
    let (second, third) = (probe(Some("probe_0")), probe(Some("probe_1")));
    json!({"components": {"probe_0": probe(None), "probe_1": second, "probe_2": third}})
}

/// The first puts two rows out, the others behave as they are told.
fn conf(job: Value, second: &str, third: &str) -> Value {
    let components = json!({"probe_0": {"behaviour": "bad_page_rows"},
        "probe_1": {"behaviour": second, "amount": 2, "text": "no such column"}, "probe_2": {"behaviour": third}});
    json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "job_parameters": {"common": job}, "component_parameters": {"common": components}})
}

/// Another behaviour of the second probe.
fn behave(behaviour: &str) -> Value {
    json!({"common": {"probe_1": {"behaviour": behaviour}}})
}

fn update(served: &Served, job: &str, components: Value) -> Value {
    served.data("job/parameter/update", json!({"job_id": job, "component_parameters": components}))
}

fn rerun(served: &Served, body: Value) -> String {
    let (status, answer) = served.post("job/rerun", body);
    assert_eq!((status, &answer["retcode"], answer.get("data")), (200, &json!(0), None), "{answer}");
    answer["retmsg"].as_str().unwrap().to_owned()
}

/// Reruns a job and waits for its end; its row.
fn run_again(served: &Served, body: Value) -> Value {
    let job = body["job_id"].as_str().unwrap().to_owned();
    assert_eq!(rerun(served, body), "rerun job success");
    served.wait(&job, "guest", 9999)
}

/// Versions and statuses of the tasks, by component.
fn versions(served: &Served, job: &str) -> BTreeMap<String, (u64, String)> {
    let of = |task: &Value| {
        let text = |key: &str| task[key].as_str().unwrap().to_owned();
        (text("f_component_name"), (task["f_task_version"].as_u64().unwrap(), text("f_status")))
    };
    served.tasks(job).iter().map(of).collect()
}

#[track_caller]
fn are(served: &Served, job: &str, want: [(u64, &str); 3]) {
    let found: Vec<(u64, String)> = versions(served, job).into_values().collect();
    assert_eq!(found, want.map(|(version, status)| (version, status.to_owned())), "{}", served.site.errors(job));
}

fn table(served: &Served, namespace: &str) -> Value {
    served.data("table/table_info", json!({"namespace": namespace, "table_name": "guest_9999_data"}))
}

fn running(served: &Served, job: &str, component: &str, version: u64) {
    let runs = || versions(served, job).get(component) == Some(&(version, "running".to_owned()));
    served.until(&format!("{component} runs in version {version}"), runs);
}

#[test]
fn a_failed_job_goes_on_with_other_parameters() {
    let served = Served::new();
    let (job, row) = served.run(&chain(), &conf(json!({}), "fail_input", "none"));
    assert_eq!((&row["f_status"], &row["f_tag"]), (&json!("failed"), &json!("job_end")));
    are(&served, &job, [(0, "success"), (0, "failed"), (0, "waiting")]);

    // Nothing was mended: it fails again.
    assert_eq!(run_again(&served, json!({"job_id": job}))["f_status"], "failed");
    are(&served, &job, [(0, "success"), (1, "failed"), (0, "waiting")]);

    let updated = update(&served, &job, behave("none"));
    assert_eq!(keys(&updated), ["component_parameters", "components", "job_parameters"]);
    assert_eq!(updated["components"], json!([]));
    let second = &updated["component_parameters"]["common"]["probe_1"];
    assert_eq!(second, &json!({"behaviour": "none", "amount": 2, "text": "no such column"}));
    let common = &updated["job_parameters"]["common"];
    assert_eq!((&common["model_id"], &common["model_version"]), (&json!("guest-9999#model"), &json!(job)));
    let config = served.data("job/config", json!({"job_id": job, "role": "guest", "party_id": "9999"}));
    assert_eq!(config["runtime_conf"]["component_parameters"], updated["component_parameters"]);

    rerun(&served, json!({"job_id": job, "force": false, "component_name": null}));
    let row = served.data("job/query", json!({"job_id": job, "role": "guest", "party_id": 9999}))[0].clone();
    assert_ne!(row["f_status"], "failed", "the old end is seen after the rerun was answered");
    let row = served.wait(&job, "guest", 9999);
    let seen = [&row["f_status"], &row["f_progress"], &row["f_cancel_signal"]];
    assert_eq!(seen, [&json!("success"), &json!(100), &json!(false)], "{}", served.site.errors(&job));
    are(&served, &job, [(0, "success"), (2, "success"), (0, "success")]);
    assert_eq!(table(&served, &format!("output_data_{job}_probe_0_0"))["count"], 2, "it keeps its output");
    let all = served.data("job/list/task", json!({"job_id": job, "component_name": "probe_1"}));
    let shown: Vec<_> =
        list(&all["tasks"]).iter().map(|t| &t["component_parameters"]["ComponentParam"]["behaviour"]).collect();
    assert_eq!(shown, ["fail_input", "fail_input", "none"], "each version shows what it ran with");

    let (_, answer) = served.post("job/rerun", json!({"job_id": job}));
    assert_eq!(answer["retcode"], 0);
    assert!(answer["retmsg"].as_str().unwrap().contains("no component has to run again"), "{answer}");
    are(&served, &job, [(0, "success"), (2, "success"), (0, "success")]);
}

#[test]
fn a_component_that_is_named_runs_again_with_all_that_reads_it() {
    let served = Served::new();
    let (job, row) = served.run(&chain(), &conf(json!({}), "bad_page_rows", "bad_page_rows"));
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    let files = || std::fs::read_dir(served.site.folder().join("tables")).unwrap().count();
    assert_eq!(files(), 3);

    let row = run_again(&served, json!({"job_id": job, "component_name": "probe_1"}));
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    are(&served, &job, [(0, "success"), (1, "success"), (1, "success")]);
    let exist = |component: &str, version: u64| {
        table(&served, &format!("output_data_{job}_{component}_{version}"))["exist"].as_u64().unwrap()
    };
    assert_eq!([exist("probe_0", 0), exist("probe_1", 0), exist("probe_1", 1)], [1, 0, 1], "new ones replace old ones");
    assert_eq!(files(), 3, "files of what was replaced stay");
    let tables = json!({"job_id": job, "role": "guest", "party_id": 9999, "component_name": "probe_2"});
    let found = served.data("tracking/component/output/data/table", tables);
    assert_eq!(found[0]["table_namespace"], format!("output_data_{job}_probe_2_1"));

    run_again(&served, json!({"job_id": job, "component_name": ["probe_2"], "force": true}));
    are(&served, &job, [(0, "success"), (1, "success"), (2, "success")]);
    run_again(&served, json!({"job_id": job, "force": true}));
    are(&served, &job, [(1, "success"), (2, "success"), (3, "success")]);
    assert_eq!(files(), 3);
}

#[test]
fn a_stopped_job_runs_again() {
    let served = Served::new();
    let job = served.submit(&chain(), &conf(json!({}), "spin", "none"));
    running(&served, &job, "probe_1", 0);
    let (retcode, retmsg) = served.refused("job/rerun", json!({"job_id": job}));
    assert!(retcode == 103 && retmsg.contains("is running: stop it first"), "{retcode} {retmsg}");
    served.data("job/stop", json!({"job_id": job}));
    let row = served.wait(&job, "guest", 9999);
    assert_eq!((&row["f_status"], &row["f_cancel_signal"]), (&json!("canceled"), &json!(true)));
    are(&served, &job, [(0, "success"), (0, "canceled"), (0, "canceled")]);
    update(&served, &job, behave("none"));
    let row = run_again(&served, json!({"job_id": job}));
    assert_eq!((&row["f_status"], &row["f_cancel_signal"]), (&json!("success"), &json!(false)));
    are(&served, &job, [(0, "success"), (1, "success"), (1, "success")]);
}

#[test]
fn a_rerun_survives_a_restart_of_the_node() {
    let mut served = Served::new();
    let (job, row) = served.run(&chain(), &conf(json!({}), "fail_input", "none"));
    assert_eq!(row["f_status"], "failed");
    served = served.reopened();
    update(&served, &job, behave("spin"));
    rerun(&served, json!({"job_id": job}));
    running(&served, &job, "probe_1", 1);
    served = served.reopened();
    running(&served, &job, "probe_1", 2);
    are(&served, &job, [(0, "success"), (2, "running"), (0, "waiting")]);
    served.data("job/stop", json!({"job_id": job}));
    assert_eq!(served.wait(&job, "guest", 9999)["f_status"], "canceled");
    update(&served, &job, behave("none"));
    served = served.reopened();
    assert_eq!(run_again(&served, json!({"job_id": job}))["f_status"], "success", "{}", served.site.errors(&job));
    are(&served, &job, [(0, "success"), (3, "success"), (1, "success")]);
}

#[test]
fn retries_and_timeouts_can_be_mended() {
    let served = Served::new();
    let job_parameters = |common: Value| json!({"common": common});
    let (job, row) = served.run(&chain(), &conf(json!({}), "succeed_after", "none"));
    assert_eq!(row["f_status"], "failed");
    let retries = job_parameters(json!({"auto_retries": 2, "auto_retry_delay": 0}));
    let updated = served.data("job/parameter/update", json!({"job_id": job, "job_parameters": retries}));
    assert_eq!(updated["job_parameters"]["common"]["auto_retries"], 2);
    assert_eq!(run_again(&served, json!({"job_id": job}))["f_status"], "success", "{}", served.site.errors(&job));
    are(&served, &job, [(0, "success"), (2, "success"), (0, "success")]);

    let (job, row) = served.run(&chain(), &conf(json!({"timeout": 1}), "spin", "none"));
    assert_eq!(row["f_status"], "timeout");
    let (components, common) = (behave("none"), job_parameters(json!({})));
    let body = json!({"job_id": job, "component_parameters": components, "job_parameters": common});
    let updated = served.data("job/parameter/update", body);
    assert_eq!(updated["job_parameters"]["common"].get("timeout"), None, "it has its default again");
    assert_eq!(run_again(&served, json!({"job_id": job}))["f_status"], "success", "{}", served.site.errors(&job));
}

#[test]
fn a_job_that_waits_follows_its_new_parameters() {
    let served = Served::new();
    let greedy = || json!({"task_cores": 1024});
    let first = served.submit(&chain(), &conf(greedy(), "spin", "none"));
    running(&served, &first, "probe_1", 0);
    let second = served.submit(&chain(), &conf(greedy(), "fail_input", "none"));
    let (retcode, retmsg) = served.refused("job/rerun", json!({"job_id": second}));
    assert!(retcode == 103 && retmsg.contains("is waiting: stop it first"), "{retcode} {retmsg}");
    update(&served, &second, behave("none"));
    let behaves = |task: &Value| task["f_component_parameters"]["ComponentParam"]["behaviour"].clone();
    assert_eq!(behaves(&served.tasks(&second)[1]), "none");
    served.data("job/stop", json!({"job_id": first}));
    let row = served.wait(&second, "guest", 9999);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&second));
    are(&served, &second, [(0, "success"), (0, "success"), (0, "success")]);
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_stored() {
    let served = Served::new();
    let unknown = "202611212240531266170";
    for path in ["job/rerun", "job/parameter/update"] {
        assert_eq!(served.refused(path, json!({"job_id": unknown})).0, 102, "{path}");
        assert_eq!(served.refused(path, json!({"job_id": "../x"})).0, 102, "{path}");
        assert_eq!(served.refused(path, json!({})).0, 101, "{path}");
    }
    let (job, _) = served.run(&chain(), &conf(json!({}), "fail_input", "none"));
    let (retcode, retmsg) = served.refused("job/rerun", json!({"job_id": job, "component_name": ["prob_1", "x"]}));
    assert!(retcode == 103 && retmsg.contains("\"prob_1\" (did you mean \"probe_"), "{retcode} {retmsg}");
    assert!(retmsg.contains("\"x\""), "{retmsg}");

    let wrong = json!({"common": {"probe_1": {"behaviour": "dance", "amount": -1}, "probe_9": {}}});
    let body = json!({"job_id": job, "component_parameters": wrong});
    let (retcode, retmsg) = served.refused("job/parameter/update", body);
    assert_eq!((retcode, retmsg.lines().count()), (103, 3), "{retmsg}");
    for part in ["probe_1.behaviour", "probe_1.amount", "unknown component \"probe_9\""] {
        assert!(retmsg.contains(part), "{part}: {retmsg}");
    }
    let common = json!({"common": {"task_cores": 0}});
    let (retcode, retmsg) = served.refused("job/parameter/update", json!({"job_id": job, "job_parameters": common}));
    assert!(retcode == 103 && retmsg.contains("task_cores"), "{retcode} {retmsg}");
    let config = served.data("job/config", json!({"job_id": job, "role": "guest", "party_id": 9999}));
    assert_eq!(config["runtime_conf"]["component_parameters"]["common"]["probe_1"]["behaviour"], "fail_input");
    are(&served, &job, [(0, "success"), (0, "failed"), (0, "waiting")]);
}

#[test]
fn an_upload_cannot_run_again_without_its_file() {
    let served = Served::new();
    let view = served.site.upload("t", "id,x0\na,1\n");
    assert_eq!(view.status, Status::Success);
    served.wait(view.job.as_str(), "local", 0);
    assert!(rerun(&served, json!({"job_id": view.job.as_str()})).contains("no component has to run again"));
    let body = json!({"job_id": view.job.as_str(), "component_name": "upload_0"});
    let (retcode, retmsg) = served.refused("job/rerun", body);
    assert!(retcode == 103 && retmsg.contains("upload it again"), "{retcode} {retmsg}");
    assert_eq!(served.data("job/query", json!({"job_id": view.job.as_str()}))[0]["f_status"], "success");
}
