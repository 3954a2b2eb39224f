//! The example job over HTTP, from the upload to everything that is read back; and what is answered about things that
//! are not there. Not for: jobs that go wrong (`faults`), what stands in logs (`logs`).

use parcae_tests::{
    breast,
    http::{Served, golden, keys, list},
    merge,
};
use serde_json::{Value, json};

const MODEL: &str = "bestIteration encryptedWeight header intercept isConverged iters lossHistory needOneVsRest weight";
const PREDICTION: [&str; 6] = ["id", "label", "predict_result", "predict_score", "predict_detail", "type"];
const DOWNLOAD: &str = "tracking/component/output/data/download";

/// Losses of the first five epochs.
const LOSSES: [f64; 5] = [0.693147, 78.875554, 5.695061, 1.478556, 0.733014];

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// What FATE's command line sends about a component.
fn about(job: &str, role: &str, party: &str, component: &str) -> Value {
    json!({"job_id": job, "role": role, "party_id": party, "component_name": component})
}

fn guests(job: &str, component: &str) -> Value {
    about(job, "guest", "9999", component)
}

fn near(got: &Value, want: f64, tolerance: f64) {
    assert!(got.as_f64().is_some_and(|got| (got - want).abs() <= tolerance), "{got} where {want} was expected");
}

#[test]
fn the_example_job_runs_and_everything_is_read_back() {
    let served = Served::new();
    for side in ["guest", "host"] {
        upload(&served, side);
    }
    let (dsl, mut conf) = breast::job();
    merge(&mut conf["component_parameters"]["common"]["hetero_lr_0"], json!({"max_iter": 5}));
    let job = submit(&served, &dsl, &conf);
    assert_eq!(served.wait(&job, "guest", 9999)["f_status"], "success", "{}", served.site.errors(&job));
    rows(&served, &job);
    config(&served, &job, &dsl);
    log_archive(&served, &job);
    components(&served, &job);
    metrics(&served, &job);
    summary(&served, &job);
    model(&served, &job);
    predictions(&served, &job);
    no_predictions(&served, &job);
    tables(&served, &job);
}

/// Uploads a table of the example, and looks at the answers on the way.
fn upload(served: &Served, side: &str) {
    let name = format!("breast_hetero_{side}");
    let mut conf: Value = serde_json::from_str(&breast::file(&format!("upload_{side}.json"))).expect("a conf");
    merge(&mut conf, json!({"conf_path": format!("upload_{side}.json"), "drop": 0, "verbose": 0}));
    let (status, answer) = served.upload(&conf, breast::file(&format!("{name}.csv")).as_bytes());
    let data = &answer["data"];
    assert_eq!((status, &answer["retcode"], &data["code"]), (200, &json!(0), &json!(0)), "{answer}");
    assert_eq!(keys(data), words(golden::UPLOADED));
    let seen = [&data["namespace"], &data["table_name"], &data["job_id"]];
    assert_eq!(seen, [&json!("experiment"), &json!(name), &answer["jobId"]]);
    let job = answer["jobId"].as_str().expect("the id of the job");
    let row = served.wait(job, "local", 0);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(job));
    assert_eq!(keys(&row), words(golden::JOB_ROW));
    assert_eq!((&row["f_party_id"], &row["f_roles"]), (&json!("0"), &json!({"local": [0]})));
    let info = served.data("table/table_info", json!({"namespace": "experiment", "table_name": name}));
    assert_eq!(keys(&info), words(golden::TABLE));
    let seen = [&info["exist"], &info["count"], &info["partition"], &info["origin"], &info["schema"]["sid"]];
    assert_eq!(seen, [&json!(1), &json!(569), &json!(4), &json!("upload"), &json!("id")]);
}

/// Submits as FATE's command line does; the job is there at once.
fn submit(served: &Served, dsl: &Value, conf: &Value) -> String {
    let mut conf = conf.clone();
    merge(&mut conf, json!({"conf_path": "job_conf.json", "dsl_path": "job_dsl.json"}));
    let (status, answer) = served.post("job/submit", json!({"job_dsl": dsl, "job_runtime_conf": conf}));
    assert_eq!((status, &answer["retcode"], &answer["retmsg"]), (200, &json!(0), &json!("success")), "{answer}");
    let (data, job) = (&answer["data"], answer["jobId"].as_str().expect("the id of the job"));
    assert_eq!(keys(data), words(golden::SUBMITTED));
    assert_eq!((&data["job_id"], &data["code"], &data["message"]), (&json!(job), &json!(0), &json!("success")));
    let model = "arbiter-10000#guest-9999#host-10000#model";
    assert_eq!(data["model_info"], json!({"model_id": model, "model_version": job}));
    let board = format!("http://{}/index.html#/dashboard?job_id={job}&role=guest&party_id=9999", served.address());
    assert_eq!(data["board_url"], board);
    let found = served.data("job/query", json!({"job_id": job, "role": "guest", "party_id": "9999"}));
    assert_eq!((list(&found).len(), &found[0]["f_job_id"]), (1, &json!(job)));
    job.to_owned()
}

fn rows(served: &Served, job: &str) {
    let jobs = served.data("job/query", json!({"job_id": job}));
    assert_eq!(list(&jobs).len(), 3);
    for row in list(&jobs) {
        assert_eq!(keys(row), words(golden::JOB_ROW));
        let seen = [&row["f_status"], &row["f_progress"], &row["f_tag"], &row["f_job_id"]];
        assert_eq!(seen, [&json!("success"), &json!(100), &json!("job_end"), &json!(job)]);
        assert_eq!(row["f_is_initiator"], row["f_role"] == "guest");
        assert_eq!(row["f_roles"], json!({"guest": [9999], "host": [10000], "arbiter": [10000]}));
        assert!(row["f_party_id"].is_string() && row["f_elapsed"].is_u64() && row["f_end_date"].is_string(), "{row}");
    }
    let tasks = served.tasks(job);
    let count = |role: &str| tasks.iter().filter(|task| task["f_role"] == role).count();
    assert_eq!([count("guest"), count("host"), count("arbiter"), tasks.len()], [5, 5, 2, 12]);
    for task in &tasks {
        assert_eq!(keys(task), words(golden::TASK_ROW));
        let seen = [&task["f_status"], &task["f_party_status"], &task["f_error_report"], &task["f_task_version"]];
        assert_eq!(seen, [&json!("success"), &json!("success"), &json!(""), &json!(0)]);
        let name = task["f_component_name"].as_str().unwrap_or_default();
        assert_eq!(task["f_task_id"], format!("{job}_{name}"));
        assert!(task["f_role"] != "arbiter" || ["hetero_lr_0", "evaluation_0"].contains(&name), "{task}");
    }
    let running = json!({"job_id": job, "role": "guest", "party_id": 9999, "status": "running"});
    assert_eq!(served.refused("job/task/query", running), (101, "find task failed".to_owned()));
    let page = served.data("job/list/job", json!({"limit": 2, "page": 2}));
    assert_eq!((&page["count"], list(&page["jobs"]).len()), (&json!(5), 2), "three rows of the job, two uploads");
}

fn config(served: &Served, job: &str, dsl: &Value) {
    let config = served.data("job/config", json!({"job_id": job, "role": "guest", "party_id": "9999"}));
    assert_eq!(keys(&config), ["dsl", "job_id", "model_info", "runtime_conf", "train_runtime_conf"]);
    assert_eq!((&config["dsl"], &config["train_runtime_conf"]), (dsl, &json!({})));
    assert_eq!(config["runtime_conf"]["component_parameters"]["common"]["hetero_lr_0"]["max_iter"], 5);
    assert_eq!(config["model_info"]["model_version"], job);
}

fn log_archive(served: &Served, job: &str) {
    let answer = served.download("job/log/download", json!({"job_id": job, "output_path": "/tmp"}));
    assert_eq!(answer.disposition, format!("attachment; filename=job_{job}_log.tar.gz"));
    let files = answer.files();
    assert!(files.keys().all(|name| !name.starts_with(['/', '.'])), "{:?}", files.keys());
    assert!(files.contains_key("fate_flow_schedule.log"), "{:?}", files.keys());
    for party in ["guest/9999", "host/10000", "arbiter/10000"] {
        let file = files.get(&format!("{party}/INFO.log"));
        let text = String::from_utf8_lossy(file.unwrap_or_else(|| panic!("no log of {party}: {:?}", files.keys())));
        let owner = format!("] [{job}] [");
        assert!(!text.is_empty() && text.lines().all(|line| line.contains(&owner)), "{party}: {text}");
        assert!(text.contains("[hetero_lr_0.0:log]"), "{party}: {text}");
    }
}

fn components(served: &Served, job: &str) {
    let found = served.data("tracking/component/list", json!({"job_id": job}));
    let order = json!(["reader_0", "data_transform_0", "intersection_0", "hetero_lr_0", "evaluation_0"]);
    assert_eq!(found, json!({"components": order}));
    let found = served.data("tracking/component/parameters", guests(job, "hetero_lr_0"));
    assert_eq!((keys(&found), &found["module"]), (vec!["ComponentParam", "module"], &json!("HeteroLR")));
    let given = &found["ComponentParam"];
    assert_eq!((&given["max_iter"], &given["learning_rate"]), (&json!(5), &json!(0.15)));
    // Defaults are filled in.
    assert_eq!(given["predict_param"]["threshold"], 0.5);
}

fn metrics(served: &Served, job: &str) {
    let names = served.data("tracking/component/metrics", guests(job, "evaluation_0"));
    assert!(list(&names["train"]).contains(&json!("hetero_lr_0")), "{names}");
    let all = served.data("tracking/component/metric/all", guests(job, "evaluation_0"));
    let single = &all["train"]["hetero_lr_0"];
    assert_eq!(single["meta"], json!({"metric_type": "EVALUATION_SUMMARY", "name": "hetero_lr_0"}));
    let auc = list(&single["data"]).iter().find(|point| point[0] == "auc");
    near(&auc.unwrap_or_else(|| panic!("no auc: {single}"))[1], 0.975186, 1e-6);
    let all = served.data("tracking/component/metric/all", about(job, "arbiter", "10000", "hetero_lr_0"));
    let loss = &all["train"]["loss"];
    let meta = [&loss["meta"]["name"], &loss["meta"]["metric_type"], &loss["meta"]["unit_name"]];
    assert_eq!(meta, [&json!("loss"), &json!("LOSS"), &json!("iters")]);
    assert_eq!(list(&loss["data"]).len(), LOSSES.len());
    for (epoch, (point, want)) in list(&loss["data"]).iter().zip(LOSSES).enumerate() {
        assert_eq!(point[0], json!(epoch));
        near(&point[1], want, 1e-5);
    }
    for path in ["tracking/component/metrics", "tracking/component/metric/all"] {
        let (_, none) = served.post(path, guests(job, "data_transform_0"));
        let seen = (&none["retcode"], &none["data"], &none["retmsg"]);
        assert_eq!(seen, (&json!(0), &json!({}), &json!("no data")), "{path}");
    }
}

fn summary(served: &Served, job: &str) {
    let path = "tracking/component/summary/download";
    let summary = served.data(path, guests(job, "hetero_lr_0"));
    assert_eq!(keys(&summary), ["best_iteration", "coef", "intercept", "is_converged", "one_vs_rest"]);
    assert_eq!(keys(&summary["coef"]).len(), 10);
    let mut body = guests(job, "hetero_lr_0");
    body["filename"] = json!("summary_hetero_lr_0.json");
    let file = served.download(path, body);
    assert_eq!(file.disposition, "attachment; filename=summary_hetero_lr_0.json");
    assert_eq!((file.status, file.json()), (200, summary));
    assert!(file.bytes.starts_with(b"{\n    \""), "four spaces deep, as Python writes it");
    assert_eq!(served.post(path, guests(job, "reader_0")).0, 210);
}

fn model(served: &Served, job: &str) {
    let path = "tracking/component/output/model";
    let (_, answer) = served.post(path, guests(job, "hetero_lr_0"));
    assert_eq!(keys(&answer["data"]), words(MODEL), "{answer}");
    let (data, meta) = (&answer["data"], &answer["meta"]);
    assert_eq!((keys(&data["weight"]).len(), list(&data["header"]).len()), (10, 10));
    let summary = served.data("tracking/component/summary/download", guests(job, "hetero_lr_0"));
    assert_eq!((&data["weight"], &data["intercept"]), (&summary["coef"], &summary["intercept"]));
    assert_eq!((keys(meta), &meta["module_name"]), (vec!["meta_data", "module_name"], &json!("HeteroLR")));
    // Whole numbers of 64 bits are text, as in protobuf's JSON mapping.
    assert_eq!((&meta["meta_data"]["batchSize"], &meta["meta_data"]["maxIter"]), (&json!("-1"), &json!("5")));
    let (_, none) = served.post(path, guests(job, "reader_0"));
    assert_eq!((&none["retcode"], &none["data"]), (&json!(0), &json!({})), "{none}");
}

fn predictions(served: &Served, job: &str) {
    let mut body = guests(job, "hetero_lr_0");
    merge(&mut body, json!({"limit": -1, "output_path": "/tmp"}));
    let answer = served.get_with_body(DOWNLOAD, body.clone());
    assert!(answer.disposition.ends_with(&format!("=job_{job}_hetero_lr_0_guest_9999_output_data.tar.gz")));
    let files = answer.files();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["data.csv", "data.meta"]);
    let meta: Value = serde_json::from_slice(&files["data.meta"]).expect("JSON");
    assert_eq!(meta, json!({"header": PREDICTION}));
    let text = String::from_utf8_lossy(&files["data.csv"]).into_owned();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(PREDICTION.join(",").as_str()));
    assert_eq!(lines.clone().count(), 569);
    lines.for_each(check_prediction);
    assert_eq!(served.download(DOWNLOAD, body.clone()).files(), files, "a POST is answered as a GET");
    body["limit"] = json!(3);
    let first = served.get_with_body(DOWNLOAD, body).files();
    let first = String::from_utf8_lossy(&first["data.csv"]).into_owned();
    assert!(first.lines().count() == 4 && text.starts_with(&first), "{first}");
}

/// A line as FATE's pipeline cuts it: at commas, the detail put together again, one sign off each of its ends.
fn check_prediction(line: &str) {
    let cells: Vec<&str> = line.split(',').collect();
    let last = cells.len() - 1;
    assert!(last >= 5 && ["0", "1"].contains(&cells[1]) && cells[last] == "train", "{line}");
    let detail = cells[4..last].join(",");
    assert!(detail.starts_with("\"{'0': ") && detail.ends_with("}\""), "{line}");
    let detail = detail[1..detail.len() - 1].replace('\'', "\"");
    let detail: Value = serde_json::from_str(&detail).unwrap_or_else(|e| panic!("{line}: {e}"));
    let score: f64 = cells[3].parse().unwrap_or_else(|e| panic!("{line}: {e}"));
    near(&detail["1"], score, 1e-12);
    near(&detail["0"], 1.0 - score, 1e-12);
    assert_eq!(cells[2], if score > 0.5 { "1" } else { "0" }, "{line}");
}

fn no_predictions(served: &Served, job: &str) {
    for (component, limit) in [("hetero_lr_0", 0), ("evaluation_0", -1)] {
        let mut body = guests(job, component);
        body["limit"] = json!(limit);
        assert_eq!(served.get_with_body(DOWNLOAD, body).answer().0, 210, "{component}");
    }
    let (status, answer) = served.get_with_body(DOWNLOAD, guests(job, "hetero_lr_1")).answer();
    assert_eq!((status, &answer["retcode"]), (200, &json!(100)), "{answer}");
}

fn tables(served: &Served, job: &str) {
    let path = "tracking/component/output/data/table";
    let found = served.data(path, guests(job, "hetero_lr_0"));
    assert_eq!((list(&found).len(), &found[0]["data_name"]), (1, &json!("data")));
    assert_eq!(found[0]["table_namespace"], format!("output_data_{job}_hetero_lr_0_0"));
    let name = json!({"namespace": found[0]["table_namespace"], "table_name": found[0]["table_name"]});
    let info = served.data("table/table_info", name);
    assert_eq!((&info["count"], &info["origin"]), (&json!(569), &json!("output")));
    assert_eq!(served.refused(path, guests(job, "evaluation_0")).0, 100);
    let history = served.data("data/upload/history", json!({"limit": 10}));
    let of = |place: usize| list(&history)[place].as_object().and_then(|one| one.values().next()).cloned();
    let names = [0, 1].map(|place| of(place).unwrap_or_default()["upload_info"]["table_name"].clone());
    assert_eq!(names, [json!("breast_hetero_host"), json!("breast_hetero_guest")], "the newest first");
    let guest = json!({"namespace": "experiment", "table_name": "breast_hetero_guest"});
    assert_eq!(served.data("table/delete", guest.clone()), guest);
    assert_eq!(served.data("table/table_info", guest.clone())["exist"], 0);
    assert_eq!(served.refused("table/delete", guest), (101, "no find table".to_owned()));
    // What a job read stays with the job.
    let read = served.get_with_body(DOWNLOAD, guests(job, "reader_0")).files();
    assert_eq!(String::from_utf8_lossy(&read["data.csv"]).lines().count(), 570);
}

/// Requests about a job that is not there: path, body, HTTP status, return code. As in the golden answers.
fn unknown(job: &str) -> Vec<(&'static str, Value, u16, i64)> {
    let (one, component) = (json!({"job_id": job}), guests(job, "reader_0"));
    vec![
        ("job/log/download", one.clone(), 404, 404),
        ("job/stop", one.clone(), 200, 102),
        ("job/config", one.clone(), 200, 101),
        ("job/task/query", one.clone(), 200, 101),
        ("tracking/component/list", one, 200, 100),
        ("tracking/component/parameters", component.clone(), 200, 101),
        ("tracking/component/summary/download", component.clone(), 210, 210),
        ("tracking/component/output/model", component.clone(), 200, 100),
        (DOWNLOAD, component.clone(), 200, 100),
        ("tracking/component/output/data/table", component, 200, 100),
    ]
}

#[test]
fn what_does_not_exist_is_refused_as_fate_refuses_it() {
    let served = Served::new();
    for job in ["000", "202611212240531266170"] {
        for (path, body, status, retcode) in unknown(job) {
            let (got, answer) = served.post(path, body);
            assert_eq!((got, answer["retcode"].as_i64()), (status, Some(retcode)), "{path}: {answer}");
            assert!(answer.get("data").is_none(), "{path}: {answer}");
        }
        assert_eq!(served.data("job/query", json!({"job_id": job})), json!([]));
        for path in ["tracking/component/metrics", "tracking/component/metric/all"] {
            assert_eq!(served.data(path, guests(job, "reader_0")), json!({}), "{path}");
        }
    }
    let absent = json!({"namespace": "experiment", "table_name": "nosuch"});
    assert_eq!(served.refused("table/delete", absent.clone()).0, 101);
    let nothing = json!({"address": null, "count": 0, "enable": true, "exist": 0, "extend_sid": false,
        "namespace": "experiment", "origin": null, "partition": null, "schema": null, "table_name": "nosuch"});
    assert_eq!(served.data("table/table_info", absent), nothing);
    assert_eq!(served.post("data/nope", json!({})).0, 400);
    let words = |retmsg: &str| json!({"retcode": 100, "retmsg": retmsg});
    assert_eq!(served.post("nosuch/route", json!({})), (200, words("<NotFound '404: Not Found'>")));
    let wrong_method = words("<MethodNotAllowed '405: Method Not Allowed'>");
    assert_eq!(served.get_json("/v1/job/query"), (200, wrong_method));
}

#[test]
fn asking_for_an_unknown_job_leaves_nothing_on_the_disk() {
    let served = Served::new();
    let job = "202611212240531266170";
    unknown(job).into_iter().for_each(|(path, body, ..)| drop(served.post(path, body)));
    assert_eq!(served.data("job/query", json!({"job_id": job})), json!([]));
    assert_eq!(served.post("job/log/download", json!({"job_id": job})).0, 404);
    for folder in ["jobs", "logs"] {
        let path = served.site.folder().join(folder).join(job);
        assert!(!path.exists(), "{} was made by questions", path.display());
    }
}

#[test]
fn versions_are_told_to_a_request_without_a_body() {
    let served = Served::new();
    let fate = json!({"API": "v1", "FATE": "1.11.2"});
    for path in ["version/get", "version/get/"] {
        assert_eq!(served.post_nothing(path).1["data"], fate, "{path}");
    }
    let all = served.data("server/version/get", json!({}));
    for (name, version) in [("API", "v1"), ("FATE", "1.11.2"), ("FATEFlow", "1.11.1"), ("EGGROLL", "2.5.1")] {
        assert_eq!(all[name], version);
    }
    assert_eq!(served.post("version/get", json!({"module": "X"})).0, 404);
    assert_eq!(served.get("/healthz").json()["status"], "ok");
}
