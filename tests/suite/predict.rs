//! Models that are kept, deployed and used by predict jobs, as FATE's command line and pipeline do it. Not for:
//! training (`hetero_lr`), archives of models.

use parcae_node::deploy::DeployRequest;
use parcae_tests::{
    Site, breast,
    http::{Served, keys, list},
    merge,
};
use serde_json::{Value, json};

pub(crate) const MODEL: &str = "arbiter-10000#guest-9999#host-10000#model";
const DOWNLOAD: &str = "tracking/component/output/data/download";
/// What predicts: everything but reader and evaluation.
pub(crate) const DEPLOYED: [&str; 3] = ["data_transform_0", "intersection_0", "hetero_lr_0"];
const ROW: &str = "f_archive_from_ip f_archive_sha256 f_create_date f_create_time f_fate_version f_imported \
    f_inference_dsl f_initiator_party_id f_initiator_role f_job_id f_loaded_times f_model_id f_model_version f_parent \
    f_parent_info f_party_id f_role f_roles f_runtime_conf f_runtime_conf_on_party f_size f_train_dsl \
    f_train_runtime_conf f_update_date f_update_time";

/// The example with two epochs.
pub(crate) fn training() -> (Value, Value) {
    let (dsl, mut conf) = breast::job();
    merge(&mut conf["component_parameters"]["common"]["hetero_lr_0"], json!({"max_iter": 2}));
    (dsl, conf)
}

/// A node with both tables that has trained; the job.
pub(crate) fn trained() -> (Served, String) {
    let site = Site::new();
    breast::upload(&site);
    let served = Served::of(site);
    let (dsl, conf) = training();
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    (served, job)
}

pub(crate) fn named(version: &str, more: Value) -> Value {
    let mut body = json!({"model_id": MODEL, "model_version": version});
    merge(&mut body, more);
    body
}

/// Deploys; the new version.
pub(crate) fn deploy(served: &Served, job: &str, more: Value) -> String {
    let data = served.data("model/deploy", named(job, more));
    data["model_version"].as_str().expect("a deployed model has a version").to_owned()
}

/// What pipeline submits to predict: the readers' tables and nothing else.
pub(crate) fn predict_conf(version: &str, reader: &str) -> Value {
    let table = |side: &str| {
        let name = format!("breast_hetero_{side}");
        json!({"0": {reader: {"table": {"name": name, "namespace": "experiment"}}}})
    };
    json!({
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999], "host": [10000], "arbiter": [10000]},
        "job_parameters": {"common": {"job_type": "predict", "model_id": MODEL, "model_version": version}},
        "component_parameters": {"role": {"guest": table("guest"), "host": table("host")}}
    })
}

/// Runs a predict job that must succeed; its id and the guest's row.
pub(crate) fn predict(served: &Served, conf: &Value) -> (String, Value) {
    let (job, row) = served.run(&json!({}), conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    (job, row)
}

fn about(job: &str, component: &str) -> Value {
    json!({"job_id": job, "role": "guest", "party_id": 9999, "component_name": component})
}

/// The guest's predictions by id: label, class, score, type.
fn predictions(served: &Served, job: &str) -> Vec<(String, String, String, f64, String)> {
    let mut body = about(job, "hetero_lr_0");
    body["limit"] = json!(-1);
    let files = served.get_with_body(DOWNLOAD, body).files();
    let text = String::from_utf8_lossy(&files["data.csv"]).into_owned();
    let cut = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let [id, label, class] = [cells[0], cells[1], cells[2]].map(str::to_owned);
        (id, label, class, cells[3].parse().unwrap(), cells[cells.len() - 1].to_owned())
    };
    let mut rows: Vec<_> = text.lines().skip(1).map(cut).collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows
}

/// A predict job says of the same rows what the training said of them.
fn same_predictions(served: &Served, training: &str, prediction: &str) {
    let (then, now) = (predictions(served, training), predictions(served, prediction));
    assert_eq!((then.len(), now.len()), (569, 569));
    for (then, now) in then.iter().zip(&now) {
        assert_eq!((&then.0, &then.1, &then.2), (&now.0, &now.1, &now.2));
        assert!((then.3 - now.3).abs() <= 1e-12, "{}: {} where {} was expected", then.0, now.3, then.3);
        assert_eq!((then.4.as_str(), now.4.as_str()), ("train", "predict"));
    }
}

#[test]
fn a_model_is_trained_deployed_and_predicts_as_pipeline_does_it() {
    let (served, job) = trained();
    rows_of_a_trained_model(&served, &job);
    let first = deployment(&served, &job);
    let dsl = documents_of_a_deployed_model(&served, &job, &first);
    let second = with_a_reader(&served, &job, dsl);
    let (predicted, row) = predict(&served, &predict_conf(&second, "reader_1"));
    same_predictions(&served, &job, &predicted);
    row_of_a_predict_job(&served, &job, &second, &row);
    products_of_a_predict_job(&served, &job, &predicted);
}

fn rows_of_a_trained_model(served: &Served, job: &str) {
    let filters = [
        "create_date",
        "role",
        "party_id",
        "roles",
        "model_id",
        "model_version",
        "loaded_times",
        "size",
        "description",
        "parent",
        "parent_info",
    ];
    let body = json!({"model_version": job, "party_id": "9999", "role": "guest", "query_filters": filters});
    let (status, answer) = served.post("model/query", body);
    assert_eq!((status, &answer["retmsg"]), (200, &json!("Query model info from db success.")), "{answer}");
    let rows = list(&answer["data"]);
    assert_eq!(rows.len(), 1);
    let expected = "f_create_date f_loaded_times f_model_id f_model_version f_parent f_parent_info f_party_id f_role \
        f_roles f_size";
    assert_eq!(keys(&rows[0]), expected.split_whitespace().collect::<Vec<_>>());
    let seen = [&rows[0]["f_model_id"], &rows[0]["f_model_version"], &rows[0]["f_parent"], &rows[0]["f_parent_info"]];
    assert_eq!(seen, [&json!(MODEL), &json!(job), &json!(true), &json!({})]);
    assert_eq!(rows[0]["f_roles"], json!({"guest": [9999], "host": [10000], "arbiter": [10000]}));
    assert!(rows[0]["f_size"].as_u64().is_some_and(|size| size > 0));
    let led = json!({"model_id": MODEL, "model_version": job, "initiator_party_id": 9999});
    let all = served.data("model/query", led);
    assert_eq!(list(&all).len(), 3, "one for each party");
    let host = list(&all).iter().find(|row| row["f_role"] == "host").expect("the host's");
    assert_eq!(keys(host), ROW.split_whitespace().collect::<Vec<_>>());
    let (dsl, _) = training();
    assert_eq!(
        (&host["f_train_dsl"], &host["f_fate_version"], &host["f_job_id"]),
        (&dsl, &json!("1.11.2"), &json!(job))
    );
    assert_eq!(host["f_inference_dsl"]["components"]["hetero_lr_0"]["CodePath"], "HeteroLRHost");
    assert_eq!(host["f_runtime_conf_on_party"]["job_parameters"]["model_version"], json!(job));
}

/// The first deployment of pipeline: without the reader.
fn deployment(served: &Served, job: &str) -> String {
    let data = served.data("model/deploy", named(job, json!({"cpn_list": DEPLOYED, "components_checkpoint": {}})));
    let version = data["model_version"].as_str().expect("a version").to_owned();
    assert!(version.as_str() > job, "{version}");
    let at = |role: &str, party: &str| {
        json!({party: {"retcode": 0,
        "retmsg": format!("deploy model of role {role} {party} success")}})
    };
    let detail = json!({"guest": at("guest", "9999"), "host": at("host", "10000"), "arbiter": at("arbiter", "10000")});
    let expected = json!({"model_id": MODEL, "model_version": version, "detail": detail,
        "guest": {"9999": 0}, "host": {"10000": 0}, "arbiter": {"10000": 0}});
    assert_eq!(data, expected);
    let row = served.data("model/query", named(&version, json!({"role": "guest", "party_id": 9999})))[0].clone();
    let parent = json!({"parent_model_id": MODEL, "parent_model_version": job});
    assert_eq!((&row["f_parent"], &row["f_parent_info"]), (&Value::Null, &parent));
    assert!(row["f_size"].as_u64().is_some_and(|size| size > 0));
    version
}

fn documents_of_a_deployed_model(served: &Served, job: &str, version: &str) -> Value {
    let dsl = served.data("model/get/predict/dsl", named(version, json!({})));
    let expected = json!({"components": {
        "data_transform_0": {"module": "DataTransform", "CodePath": "DataTransform",
            "input": {"model": ["pipeline.data_transform_0.model"]}, "output": {"data": ["data"]}},
        "intersection_0": {"module": "Intersection", "CodePath": "IntersectGuest",
            "input": {"data": {"data": ["data_transform_0.data"]}}, "output": {"data": ["data"]}},
        "hetero_lr_0": {"module": "HeteroLR", "CodePath": "HeteroLRGuest", "output": {"data": ["data"]},
            "input": {"data": {"test_data": ["intersection_0.data"]}, "model": ["pipeline.hetero_lr_0.model"]}}
    }});
    assert_eq!(dsl, expected);
    let file = served.download("model/get/predict/dsl", named(version, json!({"filename": "predict_dsl_1.json"})));
    assert_eq!(file.disposition, "attachment; filename=predict_dsl_1.json");
    assert_eq!((file.status, file.json()), (200, dsl.clone()));
    let conf = served.data("model/get/predict/conf", named(version, json!({})));
    assert_eq!(conf["component_parameters"], json!({"role": {"guest": {"0": {}}, "host": {"0": {}}}}));
    let common = &conf["job_parameters"]["common"];
    let seen = [&common["job_type"], &common["model_id"], &common["model_version"]];
    assert_eq!(seen, [&json!("predict"), &json!(MODEL), &json!(version)]);
    assert_eq!(keys(&conf), ["component_parameters", "dsl_version", "initiator", "job_parameters", "role"]);
    let file = served.download("model/get/predict/conf", named(version, json!({"filename": "conf.json"})));
    assert_eq!((file.status, file.json()), (200, conf));
    let of_training = served.data("model/get/predict/conf", named(job, json!({})));
    let table = json!({"name": "name_to_be_filled_0", "namespace": "namespace_to_be_filled_0"});
    let to_fill = json!({"reader_0": {"table": table}});
    assert_eq!(of_training["component_parameters"]["role"]["host"], json!({"0": to_fill}));
    dsl
}

/// The second deployment of pipeline: the DSL of the first with a reader before and an evaluation behind it.
fn with_a_reader(served: &Served, job: &str, mut dsl: Value) -> String {
    let components = &mut dsl["components"];
    components["reader_1"] = json!({"module": "Reader", "output": {"data": ["data"]}, "provider": "fate_flow"});
    components["data_transform_0"]["input"]["data"] = json!({"data": ["reader_1.data"]});
    components["evaluation_0"] = json!({"module": "Evaluation", "output": {"data": ["data"]}, "provider": "fate",
        "input": {"data": {"data": ["hetero_lr_0.data"]}}});
    let version = deploy(served, job, json!({"predict_dsl": dsl}));
    let kept = served.data("model/get/predict/dsl", named(&version, json!({})));
    assert_eq!(kept["components"]["reader_1"]["CodePath"], "Reader");
    version
}

fn row_of_a_predict_job(served: &Served, job: &str, version: &str, row: &Value) {
    let dsl = served.data("model/get/predict/dsl", named(version, json!({})));
    assert_eq!(row["f_dsl"], dsl, "the DSL of the request does not count");
    let training = served.data("job/query", json!({"job_id": job, "role": "guest", "party_id": 9999}))[0].clone();
    assert_eq!(row["f_train_runtime_conf"], training["f_runtime_conf"]);
    let common = &row["f_runtime_conf"]["job_parameters"]["common"];
    let seen = [&common["job_type"], &common["model_id"], &common["model_version"]];
    assert_eq!(seen, [&json!("predict"), &json!(MODEL), &json!(version)]);
    let parameters = &row["f_runtime_conf"]["component_parameters"];
    assert_eq!(parameters["common"]["hetero_lr_0"]["max_iter"], 2, "the training's parameters hold");
    assert!(parameters["role"]["guest"]["0"].get("reader_0").is_none(), "{parameters}");
    let predicted = row["f_job_id"].as_str().expect("an id");
    let config = served.data("job/config", json!({"job_id": predicted, "role": "guest", "party_id": 9999}));
    assert_eq!(config["model_info"], json!({"model_id": MODEL, "model_version": version}));
    assert_eq!(config["train_runtime_conf"], training["f_runtime_conf"]);
    let folder = served.site.folder().join("jobs").join(predicted);
    for (file, expected) in [("train_runtime_conf.json", &training["f_runtime_conf"]), ("pipeline_dsl.json", &dsl)] {
        let text = std::fs::read_to_string(folder.join(file)).unwrap();
        assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), expected, "{file}");
    }
}

fn products_of_a_predict_job(served: &Served, job: &str, predicted: &str) {
    let tasks = served.tasks(predicted);
    let count = |role: &str| tasks.iter().filter(|task| task["f_role"] == role).count();
    assert_eq!([count("guest"), count("host"), count("arbiter")], [5, 5, 2]);
    let tables = served.data("tracking/component/output/data/table", about(predicted, "hetero_lr_0"));
    assert_eq!(tables[0]["table_namespace"], format!("output_data_{predicted}_hetero_lr_0_0"));
    for component in ["data_transform_0", "hetero_lr_0"] {
        let path = "tracking/component/output/model";
        let [then, now] = [job, predicted].map(|job| served.post(path, about(job, component)).1);
        assert!(!keys(&then["data"]).is_empty(), "{component}");
        assert_eq!((&then["data"], &then["meta"]), (&now["data"], &now["meta"]), "{component}");
    }
    let all = served.data("tracking/component/metric/all", about(predicted, "evaluation_0"));
    let single = list(&all["predict"]["hetero_lr_0"]["data"]);
    assert!(single.iter().any(|point| point[0] == "auc"), "{all}");
    // A predict job makes no model of its own.
    let (_, none) = served.post("model/query", json!({"model_version": predicted}));
    assert_eq!((&none["retcode"], &none["data"]), (&json!(100), &json!([])));
}

/// FATE's command line: the reader is deployed, too, and the template of the conf is filled in.
#[test]
fn a_filled_template_predicts_and_a_restart_keeps_the_model() {
    let site = Site::new();
    breast::upload(&site);
    let (dsl, conf) = training();
    let job = site.succeed(&dsl, &conf);
    let components = ["reader_0"].iter().chain(&DEPLOYED).map(|name| (*name).to_owned()).collect();
    let request =
        DeployRequest { model_id: MODEL.into(), model_version: job.clone(), components, ..DeployRequest::default() };
    let deployed = site.node.default_tenant().deploy(&request).unwrap();
    assert!(deployed.parties.iter().all(|(_, result)| result.is_ok()), "{deployed:?}");
    let version = deployed.model_version;
    let served = Served::of(site.reopened());
    let mut conf = served.data("model/get/predict/conf", named(&version, json!({})));
    for side in ["guest", "host"] {
        let table = &mut conf["component_parameters"]["role"][side]["0"]["reader_0"]["table"];
        assert_eq!(table["name"], "name_to_be_filled_0");
        *table = json!({"name": format!("breast_hetero_{side}"), "namespace": "experiment"});
    }
    conf["conf_path"] = json!("predict_conf.json");
    let (_, answer) = served.post("job/submit", json!({"job_dsl": {}, "job_runtime_conf": conf}));
    assert_eq!(answer["data"]["model_info"], json!({"model_id": MODEL, "model_version": version}), "{answer}");
    let predicted = answer["jobId"].as_str().unwrap();
    assert_eq!(served.wait(predicted, "guest", 9999)["f_status"], "success", "{}", served.site.errors(predicted));
    same_predictions(&served, &job, predicted);
}
