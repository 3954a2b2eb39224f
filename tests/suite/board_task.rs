//! The board's page of a task: each of its tabs for a real job, why it waits or failed, and who may not see it. Not
//! for: tables and models under their names (`board_data`), what single modules put out.

use parcae_domain::tenant::Scope;
use parcae_tests::{
    http::Served,
    pages::{has, page, text},
};
use serde_json::{Value, json};

const UNKNOWN: &str = "202611212240531266170";
const SCRIPT: &str = "<script>alert(1)</script>";
const TABS: [&str; 6] = ["output", "parameters", "data", "model", "log", "attempts"];

fn conf(job: Value, components: Value) -> Value {
    json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "job_parameters": {"common": job}, "component_parameters": {"common": components}})
}

fn probe() -> Value {
    json!({"components": {"probe_0": {"module": "Probe"}}})
}

fn task(job: &str, component: &str) -> String {
    format!("/jobs/{job}/guest/9999/tasks/{component}")
}

/// A reader and a transformation that have run.
fn transformed() -> (Served, String) {
    let served = Served::new();
    served.site.upload("t", "id,y,x0\na,1,0.5\nb,0,1.5\n");
    let dsl = json!({"components": {
        "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
        "data_transform_0": {"module": "DataTransform", "input": {"data": {"data": ["reader_0.data"]}},
            "output": {"data": ["data"], "model": ["model"]}}}});
    let components = json!({"reader_0": {"table": {"namespace": "experiment", "name": "t"}},
        "data_transform_0": {"with_label": true}});
    let (job, row) = served.run(&dsl, &conf(json!({}), components));
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    (served, job)
}

#[test]
fn each_tab_shows_what_the_task_has() {
    let (served, job) = transformed();
    let path = task(&job, "data_transform_0");
    let shown = page(&served, &path);
    has(&shown, &["DataTransform", "status success", "href=\"/components/", "guest/9999"]);
    has(&shown, &[&format!("rel=\"prev\" href=\"{}\"", task(&job, "reader_0"))]);
    assert!(!shown.contains("rel=\"next\""), "it is the last component");
    let parameters = page(&served, &format!("{path}?tab=parameters"));
    has(&parameters, &["with_label", "<code class=\"value set\">true</code>", "<code class=\"value usual\">"]);
    let data = page(&served, &format!("{path}?tab=data"));
    has(&data, &["<strong>2</strong> rows", ">0.5</td>", "/data.csv?table=data", "aria-current=\"page\">Data</a>"]);
    let model = page(&served, &format!("{path}?tab=model"));
    has(&model, &["DataTransformParam", "/model.json"]);
    has(&page(&served, &format!("{path}?tab=log")), &[&format!("/jobs/{job}/guest/9999/logs/data_transform_0")]);
    has(&page(&served, &format!("{path}?tab=attempts")), &["memory_bytes", "run_seconds"]);
    for tab in TABS.into_iter().chain(["nosuch", "%3Cscript%3E", "data&columns=99999999999999999999&table=nosuch"]) {
        page(&served, &format!("{path}?tab={tab}"));
    }
    let chinese = served.send("GET", &path, &[("Accept-Language", "zh-CN,zh;q=0.9")], b"");
    has(&text(&chinese), &["lang=\"zh\"", "参数", "成功"]);
}

#[test]
fn tables_and_models_are_files_to_keep() {
    let (served, job) = transformed();
    let path = task(&job, "data_transform_0");
    let body = json!({"job_id": job, "role": "guest", "party_id": "9999", "component_name": "data_transform_0"});
    let files = served.get_with_body("tracking/component/output/data/download", body).files();
    let csv = served.get(&format!("{path}/data.csv?table=data"));
    assert_eq!((csv.status, csv.content_type.as_str()), (200, "text/csv; charset=utf-8"));
    assert!(csv.disposition.starts_with("attachment; ") && csv.disposition.contains("data_transform_0"), "{csv:?}");
    assert_eq!(text(&csv), String::from_utf8_lossy(&files["data.csv"]));
    assert_eq!(served.get(&format!("{path}/data.csv")).bytes, csv.bytes, "the first is meant when none is named");
    assert_eq!(served.get(&format!("{path}/data.csv?table=nosuch")).status, 404);
    let model = served.get(&format!("{path}/model.json"));
    assert_eq!((model.status, model.content_type.as_str()), (200, "application/json"));
    assert!(model.json()["model"]["DataTransformParam"].is_object(), "{}", text(&model));
    assert_eq!(served.get(&format!("{}/model.json", task(&job, "reader_0"))).status, 404, "a reader has none");
}

#[test]
fn texts_of_users_are_never_markup() {
    let served = Served::new();
    let components = json!({"probe_0": {"behaviour": "fail_input", "text": SCRIPT}});
    let (job, row) = served.run(&probe(), &conf(json!({}), components));
    assert_eq!(row["f_status"], "failed");
    for tab in TABS {
        let shown = page(&served, &format!("{}?tab={tab}", task(&job, "probe_0")));
        assert!(!shown.contains("<script>alert"), "{tab}: {shown}");
        has(&shown, &["role=\"alert\"", "&lt;script&gt;alert(1)&lt;/script&gt;", "?level=error"]);
    }
}

#[test]
fn every_run_of_a_task_is_listed() {
    let served = Served::new();
    let components = json!({"probe_0": {"behaviour": "succeed_after", "amount": 1}});
    let (job, row) = served.run(&probe(), &conf(json!({"auto_retries": 2, "auto_retry_delay": 0}), components));
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    let path = task(&job, "probe_0");
    let shown = page(&served, &format!("{path}?tab=attempts"));
    has(&shown, &["status failed", "status success", "Limits of attempt 2"]);
    has(&page(&served, &format!("{path}?tab=attempts&version=0")), &["Limits of attempt 1"]);
    has(&page(&served, &format!("{path}?tab=attempts&version=7")), &["Limits of attempt 2"]);
}

#[test]
fn a_task_that_waits_says_for_what() {
    let served = Served::new();
    let dsl = json!({"components": {
        "probe_0": {"module": "Probe", "output": {"data": ["data"]}},
        "probe_1": {"module": "Probe", "input": {"data": {"data": ["probe_0.data"]}}}}});
    let job = served.submit(&dsl, &conf(json!({}), json!({"probe_0": {"behaviour": "spin"}})));
    served.wait_for(&job, "guest", 9999, |row| row["f_status"] == "running");
    let shown = page(&served, &task(&job, "probe_1"));
    has(&shown, &["status waiting", "It waits for these tasks:", &format!("href=\"{}\"", task(&job, "probe_0"))]);
    has(&shown, &[&format!("data-live-from=\"/live?job={job}\"")]);
    served.data("job/stop", json!({"job_id": job}));
    served.wait(&job, "guest", 9999);
    assert!(!page(&served, &task(&job, "probe_1")).contains("data-live-from"), "nothing changes any more");
}

#[test]
fn what_is_not_there_or_anothers_is_not_found() {
    let (served, job) = transformed();
    let there = task(&job, "reader_0");
    for path in [
        task(UNKNOWN, "reader_0"),
        task("x", "reader_0"),
        task(&job, "nosuch_0"),
        task(&job, "a%2Fb%00"),
        there.replace("/guest/", "/host/"),
        there.replace("/guest/", "/boss/"),
        there.replace("/9999/", "/1/"),
        there.replace("/9999/", "/-1/"),
        format!("{}/data.csv", task(&job, "nosuch_0")),
        format!("{}/model.json", task(UNKNOWN, "reader_0")),
    ] {
        let raw = served.get(&path);
        assert!(raw.status == 404 && raw.content_type.starts_with("text/html"), "{path}: {}", text(&raw));
    }
}

#[test]
fn a_task_of_another_tenant_looks_like_none() {
    let served = Served::new();
    let (alpha, bravo) = (served.keyed("alpha", Scope::Submit), served.keyed("bravo", Scope::Read));
    let job = alpha.submit(&probe(), &conf(json!({}), json!({"probe_0": {"behaviour": "none"}})));
    assert_eq!(alpha.wait(&job, "guest", 9999), "success");
    for rest in ["", "?tab=log", "?tab=attempts", "/data.csv", "/model.json"] {
        let of = |job: &str| format!("{}{rest}", task(job, "probe_0"));
        let own = alpha.send("GET", &of(&job), "text/plain", b"");
        assert!(rest.starts_with('/') || own.status == 200, "{}", text(&own));
        let (foreign, none) =
            (bravo.send("GET", &of(&job), "text/plain", b""), bravo.send("GET", &of(UNKNOWN), "text/plain", b""));
        assert_eq!((foreign.status, none.status), (404, 404), "{rest}");
        assert_eq!(text(&foreign).replace(&job, UNKNOWN), text(&none), "{rest}");
    }
}
