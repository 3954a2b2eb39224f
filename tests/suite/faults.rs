//! What goes wrong, as a user meets it over HTTP: jobs and uploads that are refused with all reasons at once, data that
//! is not as it should be, connections that break, jobs that are stopped, late or tried again. Not for: components that
//! misbehave on purpose (the sandbox's tests).

use std::{
    io::Write,
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use parcae_domain::status::Status;
use parcae_tests::{
    breast,
    http::{Served, form, form_type, list, upload_path},
    merge,
};
use serde_json::{Value, json};

const SMALL: &str = "id,y,x0\na,1,0.5\nb,0,1.5\n";
const DOWNLOAD: &str = "tracking/component/output/data/download";

/// A conf of jobs led by guest 9999.
fn conf(roles: Value, job: Value, components: Value) -> Value {
    json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": roles,
        "job_parameters": {"common": job}, "component_parameters": {"common": components}})
}

/// A job of one component that behaves as it is told.
fn probe(roles: Value, job: Value, behaviour: Value) -> (Value, Value) {
    let dsl = json!({"components": {"probe_0": {"module": "Probe"}}});
    (dsl, conf(roles, job, json!({"probe_0": behaviour})))
}

fn alone() -> Value {
    json!({"guest": [9999]})
}

fn upload_conf(name: &str) -> Value {
    json!({"file": "x.csv", "head": 1, "partition": 4, "namespace": "experiment", "table_name": name})
}

fn table(name: &str) -> Value {
    json!({"namespace": "experiment", "table_name": name})
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// Why a job is refused: one fault a line. Nothing of it may be left.
fn faults(served: &Served, dsl: &Value, conf: &Value) -> Vec<String> {
    let (status, answer) = served.post("job/submit", json!({"job_dsl": dsl, "job_runtime_conf": conf}));
    assert_eq!((status, &answer["retcode"], answer.get("data")), (200, &json!(103), None), "{answer}");
    let job = answer["jobId"].as_str().unwrap_or_else(|| panic!("a refused job has an id, too: {answer}"));
    assert!(!served.site.folder().join("jobs").join(job).exists());
    assert_eq!(served.data("job/query", json!({"job_id": job})), json!([]));
    answer["retmsg"].as_str().unwrap_or_default().lines().map(str::to_owned).collect()
}

#[track_caller]
fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in: {text}");
    }
}

#[test]
fn the_members_of_a_cycle_are_named() {
    let link = |from: &str| {
        let input = json!({"data": {"data": [format!("{from}.data")]}});
        json!({"module": "Probe", "input": input, "output": {"data": ["data"]}})
    };
    let members = json!({"probe_0": link("probe_2"), "probe_1": link("probe_0"), "probe_2": link("probe_1")});
    let found = faults(&Served::new(), &json!({"components": members}), &conf(alone(), json!({}), json!({})));
    assert_eq!(found.len(), 1, "{found:?}");
    has(&found[0], &["cycle", "probe_0->probe_1->probe_2->probe_0"]);
}

#[test]
fn a_job_is_refused_with_all_that_is_wrong_and_what_was_meant() {
    let served = Served::new();
    let (dsl, conf) = breast::job();
    let mut unknown = dsl.clone();
    unknown["components"]["hetero_lr_0"]["module"] = json!("HeterLR");
    has(&faults(&served, &unknown, &conf).join("\n"), &["components.hetero_lr_0.module", "did you mean \"HeteroLR\"?"]);

    let mut wrong = conf.clone();
    let parameters = json!({"max_iter": "many", "tol": -0.5});
    merge(&mut wrong["component_parameters"]["common"]["hetero_lr_0"], parameters);
    let found = faults(&served, &dsl, &wrong);
    assert_eq!(found.len(), 2, "each once, though three parties have it: {found:?}");
    has(&found[0], &["component_parameters.common.hetero_lr_0.max_iter", "integer", "found \"many\""]);
    has(&found[1], &["component_parameters.common.hetero_lr_0.tol", "at least 0", "found -0.5"]);

    let mut unconnected = dsl.clone();
    unconnected["components"]["intersection_0"]["input"] = json!({});
    let found = faults(&served, &unconnected, &conf);
    assert_eq!(found.len(), 1, "{found:?}");
    has(&found[0], &["components.intersection_0.input.data.data", "Intersection needs this input"]);
}

#[test]
fn a_row_that_is_not_as_it_should_be_is_named_and_nothing_is_left() {
    let served = Served::new();
    let whole = breast::file("breast_hetero_guest.csv");
    let mut lines: Vec<&str> = whole.lines().collect();
    // Row 400 is line 401 of the file, as an editor counts.
    lines[400] = lines[400].rsplit_once(',').unwrap().0;
    let (_, answer) = served.upload(&upload_conf("t"), lines.join("\n").as_bytes());
    let job = answer["jobId"].as_str().unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(served.wait(job, "local", 0)["f_status"], "failed");
    let task = &served.tasks(job)[0];
    assert_eq!((&task["f_component_name"], &task["f_party_status"]), (&json!("upload_0"), &json!("failed")));
    let report = task["f_error_report"].as_str().unwrap();
    has(report, &["line 401 has 11 cells, the header has 12", "399,1,-0.583805"]);
    assert_eq!(served.data("table/table_info", table("t"))["exist"], 0);
    for folder in ["tables", "uploads"] {
        assert_eq!(files(&served.site.folder().join(folder)), 0, "{folder}");
    }
    assert!(!served.site.folder().join("jobs").join(job).join("fate_upload_tmp").exists());
    // The mended file finds nothing in its way.
    assert_eq!(served.site.upload("t", &whole).status, Status::Success);
    assert_eq!(served.data("table/table_info", table("t"))["count"], 569);
}

#[test]
fn a_table_that_is_not_there_is_named() {
    let served = Served::new();
    let dsl = json!({"components": {"reader_0": {"module": "Reader", "output": {"data": ["data"]}}}});
    let wanted = json!({"reader_0": {"table": {"namespace": "experiment", "name": "nosuch"}}});
    let (job, row) = served.run(&dsl, &conf(alone(), json!({}), wanted));
    assert_eq!(row["f_status"], "failed");
    let report = served.tasks(&job)[0]["f_error_report"].clone();
    has(report.as_str().unwrap(), &["table nosuch of namespace experiment does not exist"]);
}

#[test]
fn an_upload_that_is_cut_off_leaves_nothing() {
    let served = Served::new();
    let uploads = served.site.folder().join("uploads");
    let body = form("x.csv", "a,1\n".repeat(100_000).as_bytes());
    let head = format!(
        "POST /v1/{} HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
        upload_path(&upload_conf("t")),
        served.address(),
        form_type(),
        body.len()
    );
    let mut client = TcpStream::connect(served.address()).unwrap();
    client.write_all(head.as_bytes()).unwrap();
    client.write_all(&body[..body.len() / 2]).unwrap();
    served.until("the file is being received", || files(&uploads) == 1);
    drop(client);
    served.until("what was received is gone", || files(&uploads) == 0);
    assert_eq!(served.data("job/query", json!({"role": "local", "party_id": 0})), json!([]));
    assert_eq!(served.data("table/table_info", table("t"))["exist"], 0);
    assert_eq!(files(&served.site.folder().join("jobs")), 0);
}

#[test]
fn bodies_that_are_no_json_objects_are_refused_in_envelopes() {
    let served = Served::new();
    for path in ["job/submit", "job/query", "job/task/query", "job/stop", "table/table_info", "data/upload", DOWNLOAD] {
        for body in ["notjson", "[1, 2]", "{\"job_id\": ", "\u{0}"] {
            let (status, answer) = served.post_text(path, body);
            assert_eq!((status, &answer["retcode"]), (200, &json!(100)), "{path} {body:?}: {answer}");
        }
    }
    // JSON, but more than any request needs.
    let huge = format!("{{\"job_id\": \"{}\"}}", "x".repeat(65 << 20));
    let (status, answer) = served.post_text("job/query", &huge);
    assert_eq!((status, &answer["retcode"]), (200, &json!(100)));
    has(answer["retmsg"].as_str().unwrap(), &["larger than 32 MiB", "data/upload"]);
}

#[test]
fn missing_arguments_are_named() {
    let served = Served::new();
    let component = "job_id,role,party_id,component_name";
    for (path, body, missing) in [
        ("job/submit", json!({"job_dsl": {"components": {}}}), "job_runtime_conf"),
        ("job/stop", json!({}), "job_id"),
        ("job/config", json!({"job_id": null}), "job_id"),
        ("job/log/download", json!({}), "job_id"),
        ("table/table_info", json!({}), "namespace,table_name"),
        ("table/delete", json!({"namespace": "experiment"}), "table_name"),
        ("tracking/component/parameters", json!({"role": "guest"}), "job_id,component_name"),
        ("tracking/component/summary/download", json!({}), component),
        (DOWNLOAD, json!({"job_id": "1", "role": "guest"}), "party_id,component_name"),
    ] {
        let (retcode, retmsg) = served.refused(path, body);
        assert!(retcode == 101 && retmsg.ends_with(&format!(": {missing}")), "{path}: {retcode} {retmsg}");
    }
    // FATE's uploads have another return code for it.
    let (retcode, retmsg) = served.refused("data/upload", json!({"namespace": "experiment", "head": 1}));
    assert_eq!(retcode, 100);
    has(&retmsg, &["partition", "table_name"]);
}

#[test]
fn a_table_is_replaced_only_when_that_is_wanted() {
    let served = Served::new();
    assert_eq!(served.site.upload("t", SMALL).status, Status::Success);
    let mut conf = upload_conf("t");
    let (status, answer) = served.upload(&conf, b"id,x\na,1\n");
    assert_eq!((status, &answer["retcode"]), (200, &json!(100)), "{answer}");
    assert!(answer.get("jobId").is_none() && answer.get("data").is_none(), "{answer}");
    has(answer["retmsg"].as_str().unwrap(), &["table t of namespace experiment exists", "drop"]);
    assert_eq!(served.data("table/table_info", table("t"))["count"], 2);

    // A conf that cannot be is a success whose data say that it is none.
    conf["partition"] = json!(5000);
    conf["drop"] = json!(1);
    let (_, answer) = served.upload(&conf, b"id,x\na,1\n");
    assert_eq!((&answer["retcode"], &answer["data"]["code"]), (&json!(0), &json!(103)), "{answer}");
    has(answer["data"]["message"].as_str().unwrap(), &["partition", "1 to 1023", "found 5000"]);

    conf["partition"] = json!(1);
    let (_, answer) = served.upload(&conf, b"id,x\na,1\n");
    let job = answer["jobId"].as_str().unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(served.wait(job, "local", 0)["f_status"], "success");
    assert_eq!(served.data("table/table_info", table("t"))["count"], 1);
    assert_eq!(files(&served.site.folder().join("tables")), 1, "the rows that were replaced are gone");
}

#[test]
fn a_file_on_the_server_is_read_below_one_folder_only() {
    let served = Served::new();
    let inside = served.site.folder().join("local/mine.csv");
    std::fs::create_dir(served.site.folder().join("local")).unwrap();
    std::fs::write(&inside, "id,x0\na,1\nb,2\n").unwrap();
    let outside = tempfile::NamedTempFile::new().unwrap();
    let conf = |file: &str| {
        let mut conf = upload_conf("mine");
        merge(&mut conf, json!({"file": file, "use_local_data": 0}));
        conf
    };
    for file in [outside.path().to_str().unwrap(), "/etc/passwd", "../parcae.sqlite", "/no/such/file"] {
        let (retcode, retmsg) = served.refused("data/upload", conf(file));
        assert!(retcode == 108 && retmsg.contains("local_uploads"), "{file}: {retcode} {retmsg}");
    }
    assert_eq!(served.data("job/query", json!({"role": "local", "party_id": 0})), json!([]));
    let (_, answer) = served.post("data/upload", conf("mine.csv"));
    let job = answer["jobId"].as_str().unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(served.wait(job, "local", 0)["f_status"], "success", "{}", served.site.errors(job));
    assert_eq!(served.data("table/table_info", table("mine"))["count"], 2);
    assert!(inside.exists(), "the user's file is gone");
}

#[test]
fn a_running_job_is_stopped_and_the_node_answers_meanwhile() {
    let served = Served::new();
    for behaviour in ["spin", "pull_never"] {
        let roles = json!({"guest": [9999], "host": [10000]});
        let (dsl, conf) = probe(roles, json!({}), json!({"behaviour": behaviour}));
        let job = served.submit(&dsl, &conf);
        for (role, party) in [("guest", "9999"), ("host", "10000")] {
            let log = json!({"log_type": "partyInfo", "job_id": job, "role": role, "party_id": party});
            let says = || served.data("log/cat", log.clone()).to_string().contains(&format!("behaviour {behaviour}"));
            served.until("the component runs", says);
        }
        assert_eq!(served.post_nothing("version/get").1["data"]["API"], "v1");
        let asked = Instant::now();
        served.data("job/stop", json!({"job_id": job}));
        let row = served.wait(&job, "guest", 9999);
        assert!(asked.elapsed() < Duration::from_secs(10), "{behaviour}: {:?}", asked.elapsed());
        assert_eq!((&row["f_status"], &row["f_cancel_signal"]), (&json!("canceled"), &json!(true)));
        for task in served.tasks(&job) {
            let seen = [&task["f_status"], &task["f_party_status"], &task["f_kill_status"]];
            assert_eq!(seen, [&json!("canceled"), &json!("canceled"), &json!(true)], "{task}");
        }
        served.data("job/stop", json!({"job_id": job}));
        assert_eq!(served.wait(&job, "host", 10000)["f_status"], "canceled", "a second stop changes nothing");
    }
}

#[test]
fn a_job_that_takes_longer_than_it_may_times_out() {
    let served = Served::new();
    let (dsl, conf) = probe(alone(), json!({"timeout": 1}), json!({"behaviour": "spin"}));
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "timeout");
    let took = row["f_end_time"].as_i64().unwrap() - row["f_create_time"].as_i64().unwrap();
    assert!((1000..30_000).contains(&took), "{took} ms");
    let task = &served.tasks(&job)[0];
    assert_eq!((&task["f_status"], &task["f_party_status"]), (&json!("timeout"), &json!("timeout")));
    has(task["f_error_report"].as_str().unwrap(), &["out of time"]);
}

#[test]
fn a_task_is_tried_again_when_that_may_help() {
    let served = Served::new();
    let retries = || json!({"auto_retries": 2, "auto_retry_delay": 0});
    let (dsl, conf) = probe(alone(), retries(), json!({"behaviour": "succeed_after", "amount": 1}));
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    let latest = served.tasks(&job);
    assert_eq!((latest.len(), &latest[0]["f_task_version"], &latest[0]["f_auto_retries"]), (1, &json!(1), &json!(1)));
    let all = served.data("job/list/task", json!({"job_id": job}));
    let versions: Vec<_> = list(&all["tasks"]).iter().map(|t| (&t["task_version"], &t["party_status"])).collect();
    assert_eq!(versions, [(&json!(0), &json!("failed")), (&json!(1), &json!("success"))]);
    has(all["tasks"][0]["error_report"].as_str().unwrap(), &["attempt 0 fails"]);

    // Data that are wrong stay wrong.
    let (dsl, conf) = probe(alone(), retries(), json!({"behaviour": "fail_input", "text": "no such column"}));
    let (job, row) = served.run(&dsl, &conf);
    let task = &served.tasks(&job)[0];
    assert_eq!((&row["f_status"], &task["f_task_version"]), (&json!("failed"), &json!(0)));
    has(task["f_error_report"].as_str().unwrap(), &["no such column"]);
}

#[test]
fn a_component_that_need_not_run_passes_its_data_through() {
    let served = Served::new();
    assert_eq!(served.site.upload("t", SMALL).status, Status::Success);
    let dsl = json!({"components": {
        "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
        "data_transform_0": {"module": "DataTransform", "input": {"data": {"data": ["reader_0.data"]}},
            "output": {"data": ["data"]}}}});
    let parameters = json!({"reader_0": {"table": {"namespace": "experiment", "name": "t"}},
        "data_transform_0": {"need_run": false}});
    let (job, row) = served.run(&dsl, &conf(alone(), json!({}), parameters));
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    let tasks = served.tasks(&job);
    let passed = tasks.iter().find(|task| task["f_component_name"] == "data_transform_0").unwrap();
    assert_eq!((&passed["f_status"], &passed["f_party_status"]), (&json!("success"), &json!("pass")));
    for component in ["reader_0", "data_transform_0"] {
        let key = json!({"job_id": job, "role": "guest", "party_id": 9999, "component_name": component});
        let found = served.get_with_body(DOWNLOAD, key).files();
        assert_eq!(String::from_utf8_lossy(&found["data.csv"]), SMALL, "{component}");
    }
}
