//! What else can be asked of jobs and done to them: cleaning up, the queue, reports, tables, first rows, single series,
//! modules; and results that a new job takes over from an earlier one. Not for: running jobs again (`rerun`).

use parcae_domain::status::Status;
use parcae_tests::http::{Served, keys, list};
use serde_json::{Value, json};

const UNKNOWN: &str = "202611212240531266170";
const SMALL: &str = "id,y,x0\na,1,0.5\nb,0,1.5\n";

/// A reader, a transformation, and a probe behind it.
fn dsl() -> Value {
    json!({"components": {
        "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
        "data_transform_0": {"module": "DataTransform", "input": {"data": {"data": ["reader_0.data"]}},
            "output": {"data": ["data"], "model": ["model"]}},
        "probe_0": {"module": "Probe", "input": {"data": {"data": ["data_transform_0.data"]}}}}})
}

fn conf(job: Value, behaviour: &str) -> Value {
    let components = json!({"reader_0": {"table": {"namespace": "experiment", "name": "t"}},
        "data_transform_0": {"with_label": true}, "probe_0": {"behaviour": behaviour}});
    json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "job_parameters": {"common": job}, "component_parameters": {"common": components}})
}

/// A site with a table and a job that has read it.
fn with_job(behaviour: &str) -> (Served, String) {
    let served = Served::new();
    assert_eq!(served.site.upload("t", SMALL).status, Status::Success);
    let (job, _) = served.run(&dsl(), &conf(json!({}), behaviour));
    (served, job)
}

fn guests(job: &str, component: &str) -> Value {
    json!({"job_id": job, "role": "guest", "party_id": "9999", "component_name": component})
}

fn files(served: &Served) -> usize {
    std::fs::read_dir(served.site.folder().join("tables")).unwrap().count()
}

#[test]
fn the_queue_is_emptied() {
    let served = Served::new();
    assert_eq!(served.post_nothing("job/clean/queue").1, json!({"retcode": 0, "retmsg": "success", "data": {}}));
    let probe = json!({"components": {"probe_0": {"module": "Probe"}}});
    let mut conf = conf(json!({"task_cores": 1024}), "spin");
    conf["component_parameters"] = json!({"common": {"probe_0": {"behaviour": "spin"}}});
    let jobs = [0; 3].map(|_| served.submit(&probe, &conf));
    served.wait_for(&jobs[0], "guest", 9999, |row| row["f_status"] == "running");
    let canceled = served.post_nothing("job/clean/queue").1["data"].clone();
    assert_eq!(canceled, json!({jobs[1].as_str(): 0, jobs[2].as_str(): 0}));
    let status = |job: &str| served.data("job/query", json!({"job_id": job}))[0]["f_status"].clone();
    assert_eq!([status(&jobs[0]), status(&jobs[1]), status(&jobs[2])], ["running", "canceled", "canceled"]);
    served.data("job/stop", json!({"job_id": jobs[0]}));
    served.wait(&jobs[0], "guest", 9999);
}

#[test]
fn what_an_ended_job_made_is_removed() {
    let (served, job) = with_job("none");
    assert_eq!(files(&served), 2, "the reader passes the uploaded file on");
    for (body, code) in [
        (json!({"job_id": UNKNOWN}), 101),
        (json!({"job_id": job, "role": "boss"}), 101),
        (json!({"job_id": job, "party_id": "x"}), 101),
        (json!({"job_id": job, "component_name": "nosuch"}), 103),
    ] {
        assert_eq!(served.refused("job/clean", body.clone()).0, code, "{body}");
    }
    let none = json!({"metrics": [], "tables": []});
    assert_eq!(served.data("job/clean", json!({"job_id": job, "role": "host"})), none);
    let cleaned = served.data("job/clean", json!({"job_id": job, "component_name": "data_transform_0"}));
    let table = json!({"component_name": "data_transform_0", "data_name": "data", "party_id": "9999", "role": "guest",
        "table_name": "guest_9999_data", "table_namespace": format!("output_data_{job}_data_transform_0_0"),
        "task_version": 0});
    assert_eq!(cleaned["tables"], json!([table]));
    assert_eq!(files(&served), 1, "the file of what was removed stays");
    let cleaned = served.data("job/clean", json!({"job_id": job, "role": "guest", "party_id": 9999}));
    assert_eq!((list(&cleaned["tables"]).len(), &cleaned["tables"][0]["component_name"]), (1, &json!("reader_0")));
    let metric = json!({"component_name": "reader_0", "metric_name": "reader_name", "party_id": "9999",
        "metric_namespace": "reader_namespace", "role": "guest"});
    assert_eq!(cleaned["metrics"], json!([metric]));
    assert_eq!(files(&served), 1, "the uploaded table is the user's");
    assert_eq!(served.data("tracking/component/metrics", guests(&job, "reader_0")), json!({}));
    assert_eq!(served.data("job/clean", json!({"job_id": job})), none);

    let probe = json!({"components": {"probe_0": {"module": "Probe"}}});
    let mut conf = conf(json!({}), "spin");
    conf["component_parameters"] = json!({"common": {"probe_0": {"behaviour": "spin"}}});
    let job = served.submit(&probe, &conf);
    let (retcode, retmsg) = served.refused("job/clean", json!({"job_id": job}));
    assert!(retcode == 103 && retmsg.contains("stop it first"), "{retcode} {retmsg}");
    served.data("job/stop", json!({"job_id": job}));
    served.wait(&job, "guest", 9999);
}

#[test]
fn a_job_is_described_and_reported() {
    let (served, job) = with_job("none");
    served.data("job/update", json!({"job_id": job, "role": "guest", "party_id": "9999", "notes": "the first"}));
    assert_eq!(served.data("job/query", json!({"job_id": job}))[0]["f_description"], "the first");
    let found = served.data("job/list/job", json!({"limit": 10, "description": "first"}));
    assert_eq!((&found["count"], &found["jobs"][0]["job_id"]), (&json!(1), &json!(job)));
    served.data("job/update", json!({"job_id": job}));
    assert_eq!(served.data("job/query", json!({"job_id": job}))[0]["f_description"], "");
    assert_eq!(served.refused("job/update", json!({"job_id": job, "role": "host"})).0, 101);
    assert_eq!(served.refused("job/update", json!({"job_id": job, "notes": "x".repeat(1 << 17)})).0, 101);

    let report = served.data("job/report", json!({"job_id": job}));
    let seen: Vec<_> = list(&report).iter().map(|task| (&task["component_name"], &task["index"])).collect();
    let names = [json!("reader_0"), json!("data_transform_0"), json!("probe_0")];
    assert_eq!(seen, [(&names[0], &json!(0)), (&names[1], &json!(1)), (&names[2], &json!(2))]);
    let columns = ["component_name", "elapsed", "end_time", "index", "start_time", "status"];
    for task in list(&report) {
        assert_eq!(keys(task), columns);
        assert!(task["elapsed"].is_u64() && task["status"] == "success", "{task}");
    }
    let urls = served.data("job/url/get", json!({"job_id": job, "role": "guest", "party_id": 9999}));
    let url = format!("http://{}/index.html#/dashboard?job_id={job}&role=guest&party_id=9999", served.address());
    assert_eq!(urls, json!({"board_url": [url]}));
    let logs = served.data("job/log/path", json!({"job_id": job}));
    assert!(std::path::Path::new(logs["logs_directory"].as_str().unwrap()).join("guest").is_dir(), "{logs}");
    for path in ["job/update", "job/report", "job/url/get", "job/log/path", "tracking/job/data_view"] {
        assert_eq!(served.refused(path, json!({"job_id": UNKNOWN})).0, 101, "{path}");
        assert_eq!(served.refused(path, json!({})).0, 101, "{path}");
    }
}

#[test]
fn tables_of_a_job_are_listed_and_shown() {
    let (served, job) = with_job("none");
    let path = "job/data/view/query";
    let views = served.data(path, json!({"job_id": job, "role": "guest", "party_id": "9999", "status": "success"}));
    let golden = "f_component_name f_create_date f_create_time f_data_name f_description f_job_id f_party_id f_role \
        f_table_name f_table_namespace f_task_id f_task_version f_update_date f_update_time";
    assert_eq!(keys(&views[0]), golden.split_whitespace().collect::<Vec<_>>());
    let names: Vec<_> = list(&views).iter().map(|view| &view["f_component_name"]).collect();
    assert_eq!(names, ["reader_0", "data_transform_0"]);
    let seen = [&views[0]["f_task_id"], &views[0]["f_task_version"], &views[0]["f_party_id"]];
    assert_eq!(seen, [&json!(format!("{job}_reader_0")), &json!(0), &json!("9999")]);
    assert_eq!(list(&served.data(path, guests(&job, "reader_0"))).len(), 1);
    for body in [json!({"job_id": job, "role": "host"}), json!({"job_id": UNKNOWN}), json!({"job_id": "x"})] {
        assert_eq!(served.refused(path, body).0, 101);
    }

    let path = "tracking/component/output/data";
    let (_, raw) = served.post(path, guests(&job, "reader_0"));
    assert_eq!(raw["data"], json!([[["a", "1", "0.5"], ["b", "0", "1.5"]]]));
    assert_eq!(raw["meta"], json!({"header": [["id", "y", "x0"]], "names": ["data"], "total": [2]}));
    let (_, parsed) = served.post(path, json!({"job_id": job, "component_name": "data_transform_0"}));
    assert_eq!(parsed["meta"]["header"], json!([["id", "y", "x0"]]));
    assert_eq!(list(&parsed["data"][0])[0], json!(["a", "1", "0.5"]));
    let (_, none) = served.post(path, guests(&job, "probe_0"));
    assert_eq!(none, json!({"retcode": 0, "retmsg": "no data", "data": []}));
    assert_eq!(served.refused(path, guests(UNKNOWN, "reader_0")).0, 100);

    let mut view = served.data("tracking/job/data_view", json!({"job_id": job, "role": "guest", "party_id": 9999}));
    let limits = view.as_object_mut().unwrap().remove("limits").unwrap();
    assert_eq!(limits["total_seconds"]["source"], "job", "FATE's own timeout");
    let dataset = json!({"guest": {"9999": {"reader_0": "experiment.t"}}});
    assert_eq!(view, json!({"dataset": dataset, "model_summary": {}, "partner": {}, "roles": {"guest": [9999]}}));
}

#[test]
fn single_series_are_read_and_all_of_a_job_deleted() {
    let (served, job) = with_job("none");
    let path = "tracking/component/metric_data";
    let mut body = guests(&job, "reader_0");
    body["metric_namespace"] = json!("reader_namespace");
    assert_eq!(served.refused(path, body.clone()).0, 101);
    body["metric_name"] = json!("reader_name");
    let (_, answer) = served.post(path, body.clone());
    let meta = &answer["meta"];
    let seen = [&answer["data"], &meta["metric_type"], &meta["table_name"]];
    assert_eq!(seen, [&json!([]), &json!("data_info"), &json!("t")]);
    body["metric_name"] = json!("nosuch");
    let none = json!({"retcode": 0, "retmsg": "no data", "data": [], "meta": {}});
    assert_eq!(served.post(path, body).1, none);

    let path = "tracking/component/metric/delete";
    let deleted = |body: Value| served.data(path, body).as_str().unwrap().to_owned();
    assert!(deleted(json!({"job_id": job})).ends_with("true"));
    assert!(deleted(json!({"job_id": job})).ends_with("false"));
    assert!(deleted(json!({"job_id": "x"})).ends_with("false"));
    assert_eq!(served.data("tracking/component/metrics", guests(&job, "reader_0")), json!({}));
    // `flow component metric-delete -d DATE`.
    assert_eq!(served.refused(path, json!({"model": "20261121"})).0, 100);
}

#[test]
fn the_dsl_that_predicts_is_generated() {
    let served = Served::new();
    let path = "job/dsl/generate";
    let train = dsl().to_string();
    let want = json!({"components": {
        "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
        "data_transform_0": {"module": "DataTransform",
            "input": {"data": {"data": ["reader_0.data"]}, "model": ["pipeline.data_transform_0.model"]},
            "output": {"data": ["data"]}}}});
    let list = json!(["data_transform_0", "reader_0"]);
    for names in [json!("reader_0,data_transform_0"), json!("[reader_0, data_transform_0]"), list] {
        let body = json!({"cpn_str": names, "train_dsl": train, "version": "2"});
        assert_eq!(served.data(path, body), want, "{names}");
    }
    let body = json!({"cpn_str": "reader_0,data_transform_0", "train_dsl": train, "version": "2",
        "filename": "predict_dsl_20261121230204.json"});
    let file = served.download(path, body);
    assert_eq!((file.status, file.json()), (200, want));
    assert_eq!(file.disposition, "attachment; filename=predict_dsl_20261121230204.json");
    for (names, train, part) in [
        (json!("nosuch"), json!(train), "nosuch"),
        (json!(""), json!(train), "cpn_str"),
        (json!("reader_0"), json!("{"), "train_dsl"),
        (json!("reader_0"), json!({}), "components"),
        (json!("reader_0"), Value::Null, "train_dsl"),
    ] {
        let body = json!({"cpn_str": names, "train_dsl": train, "filename": "x.json"});
        let (status, answer) = served.post(path, body);
        assert!(status == 210 && answer["retmsg"].as_str().unwrap().contains(part), "{part}: {status} {answer}");
    }
}

#[test]
fn modules_are_listed_and_parameters_validated() {
    let served = Served::new();
    for all in [served.data("component/get", json!({})), served.post_nothing("component/get").1["data"].clone()] {
        let reader = json!({"alias": ["Reader"], "default_provider": "fate_flow", "support_provider": ["fate_flow"]});
        assert_eq!((&all["Reader"], &all["reader"]), (&reader, &reader));
        assert_eq!(all["HeteroLR"]["default_provider"], "fate");
        assert_eq!(all["heterolr"], all["HeteroLR"]);
    }
    assert_eq!(served.data("component/HeteroLR/get", json!({}))["default_provider"], "fate");
    let (status, nothing) = served.post("component/NoSuch/get", json!({}));
    assert_eq!((status, nothing), (200, json!({"retcode": 0, "retmsg": "success"})));

    let roles = json!({"guest": [9999], "host": [10000], "arbiter": [10000]});
    let body = |parameters: Value| {
        json!({"component_name": "hetero_lr_0", "component_module_name": "HeteroLR", "dsl_version": 2, "role": roles,
            "component_parameters": parameters})
    };
    served.data("component/validate", body(json!({"common": {"hetero_lr_0": {"max_iter": 3}, "other_0": {"x": 1}}})));
    let wrong = body(json!({"common": {"hetero_lr_0": {"max_iter": "x"}}}));
    let (status, answer) = served.post("component/validate", wrong);
    assert!(status == 400 && answer["retmsg"].as_str().unwrap().contains("max_iter"), "{status} {answer}");
    let mut unknown = body(json!({}));
    unknown["component_module_name"] = json!("HeterLR");
    let (status, answer) = served.post("component/validate", unknown);
    assert!(status == 400 && answer["retmsg"].as_str().unwrap().contains("did you mean"), "{status} {answer}");
    let (status, answer) = served.post("component/validate", json!({"component_name": "a"}));
    let missing = "component_module_name,role,component_parameters";
    assert!(status == 400 && answer["retmsg"].as_str().unwrap().ends_with(missing), "{status} {answer}");
}

#[test]
fn pages_of_jobs_and_tasks_fit_together() {
    let (served, job) = with_job("none");
    let (second, _) = served.run(&dsl(), &conf(json!({}), "none"));
    let ids = |body: Value| -> Vec<String> {
        let page = served.data("job/list/job", body);
        assert_eq!(page["count"], 3, "two jobs and an upload");
        list(&page["jobs"]).iter().map(|row| row["job_id"].as_str().unwrap().to_owned()).collect()
    };
    let all = ids(json!({}));
    assert_eq!((all.len(), &all[..2]), (3, &[second.clone(), job.clone()][..]));
    assert_eq!(ids(json!({"limit": 2})), all[..2]);
    assert_eq!(ids(json!({"limit": 2, "page": 2})), all[2..]);
    assert_eq!(ids(json!({"limit": 2, "page": 9})), all[..0]);
    let first_come: Vec<String> = all.iter().rev().cloned().collect();
    assert_eq!(ids(json!({"order": "asc", "order_by": "job_id"})), first_come);
    assert_eq!(ids(json!({"order": "asc", "order_by": "end_time", "limit": "10"})), first_come);
    let guests = served.data("job/list/job", json!({"role": "guest", "party_id": "99", "limit": 1}));
    assert_eq!((&guests["count"], &guests["jobs"][0]["party_id"]), (&json!(2), &json!(9999)));
    assert_eq!(served.post("job/list/job", json!({"role": "boss"})).0, 400);

    let tasks = |body: Value| -> (Value, Vec<String>) {
        let page = served.data("job/list/task", body);
        let name = |row: &Value| format!("{} {}", row["job_id"], row["component_name"]);
        (page["count"].clone(), list(&page["tasks"]).iter().map(name).collect())
    };
    let (count, all) = tasks(json!({}));
    assert_eq!((count, all.len()), (json!(7), 7));
    assert_eq!(tasks(json!({"limit": 3, "page": 2})), (json!(7), all[3..6].to_vec()));
    let newest: Vec<String> = all.iter().rev().take(2).cloned().collect();
    assert_eq!(tasks(json!({"limit": 2, "order": "desc"})), (json!(7), newest));
    assert_eq!(tasks(json!({"job_id": job, "limit": 2})), (json!(3), all[1..3].to_vec()));
    assert_eq!(tasks(json!({"component_name": "reader_0", "limit": 1})).0, 2);
    assert_eq!(tasks(json!({"job_id": "x"})), (json!(0), vec![]));
}

fn inherit(job: &str, components: &[&str]) -> Value {
    json!({"inheritance_info": {"job_id": job, "component_list": components}})
}

#[test]
fn a_job_takes_results_over_from_an_earlier_one() {
    let (served, first) = with_job("fail_other");
    let both = ["reader_0", "data_transform_0"];
    let before = files(&served);
    let (job, row) = served.run(&dsl(), &conf(inherit(&first, &both), "none"));
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    assert_eq!(row["f_inheritance_info"], inherit(&first, &both)["inheritance_info"]);
    assert_eq!(files(&served), before, "rows that are taken over are not copied");
    for component in both {
        let log = json!({"log_type": "componentInfo", "job_id": job, "role": "guest", "party_id": "9999",
            "component_name": component});
        assert_eq!(served.data("log/size", log)["size"], 0, "{component} has run");
        for path in ["tracking/component/metric/all", "tracking/component/output/model"] {
            let of = |job: &str| served.data(path, guests(job, component));
            assert_eq!(of(&job), of(&first), "{path} {component}");
        }
    }
    let found = served.data("tracking/component/output/data/table", guests(&job, "data_transform_0"));
    assert_eq!(found[0]["table_namespace"], format!("output_data_{job}_data_transform_0_0"));
    // What was taken over does not go with the job that made it.
    served.data("job/clean", json!({"job_id": first}));
    let path = "tracking/component/output/data/download";
    let rows = served.get_with_body(path, guests(&job, "data_transform_0")).files();
    assert_eq!(String::from_utf8_lossy(&rows["data.csv"]).lines().count(), 3);
}

#[test]
fn results_of_another_job_are_not_taken_over() {
    let (served, first) = with_job("fail_other");
    let refused = |dsl: &Value, conf: &Value, parts: &[&str]| {
        let (_, answer) = served.post("job/submit", json!({"job_dsl": dsl, "job_runtime_conf": conf}));
        let retmsg = answer["retmsg"].as_str().unwrap();
        assert_eq!(answer["retcode"], 103, "{answer}");
        parts.iter().for_each(|part| assert!(retmsg.contains(part), "{part:?} is not in: {retmsg}"));
    };
    let plain = |job: &str, list: &[&str]| conf(inherit(job, list), "none");
    refused(&dsl(), &plain(UNKNOWN, &["reader_0"]), &["inheritance_info.job_id", "there is no job"]);
    refused(&dsl(), &plain(&first, &["reader_1"]), &["reader_1", "did you mean \"reader_0\"?"]);
    refused(&dsl(), &plain(&first, &["data_transform_0"]), &["reads from reader_0, which is not in the list"]);
    let failed = conf(inherit(&first, &["reader_0", "data_transform_0", "probe_0"]), "fail_other");
    refused(&dsl(), &failed, &["probe_0", "it is failed in job"]);
    let mut other = plain(&first, &["reader_0", "data_transform_0"]);
    other["component_parameters"]["common"]["data_transform_0"]["missing_fill"] = json!(true);
    refused(&dsl(), &other, &["data_transform_0", "missing_fill at guest/9999"]);
    let mut wired = dsl();
    wired["components"]["data_transform_0"]["output"] = json!({"data": ["data"]});
    refused(&wired, &plain(&first, &["reader_0", "data_transform_0"]), &["data_transform_0", "its output differs"]);
    let mut parties = plain(&first, &["reader_0"]);
    parties["role"]["guest"] = json!([9999, 9998]);
    refused(&dsl(), &parties, &["expected the parties of job"]);
    let mut list = plain(&first, &["reader_0"]);
    list["job_parameters"]["common"]["inheritance_info"]["component_list"] = json!("reader_0");
    refused(&dsl(), &list, &["component_list", "expected list"]);
    served.data("job/clean", json!({"job_id": first}));
    let cleaned = plain(&first, &["reader_0", "data_transform_0"]);
    refused(&dsl(), &cleaned, &["data_transform_0", "were removed"]);
}
