//! FATE-Board's own calls, as its front end sends them and expects them answered: each with its method, its envelope,
//! and the names and types within. Not for: logging in (`board_old_login`), its sockets (`board_old_sockets`), who may
//! call what (`board_walls`).

use aws_lc_rs::rsa::{Pkcs1PublicEncryptingKey, PublicEncryptingKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use parcae_domain::tenant::Scope;
use parcae_tests::{
    accounts::Keyed,
    breast,
    http::{Served, keys, list},
    visitor::{Seen, Visitor},
};
use serde_json::{Value, json};

const JOB: [&str; 22] = [
    "fCreateTime",
    "fDescription",
    "fDsl",
    "fElapsed",
    "fEndTime",
    "fInitiatorPartyId",
    "fInitiatorRole",
    "fIsInitiator",
    "fJobId",
    "fName",
    "fPartyId",
    "fProgress",
    "fRole",
    "fRoles",
    "fRuntimeConf",
    "fStartTime",
    "fStatus",
    "fTag",
    "fTrainRuntimeConf",
    "fUpdateTime",
    "fWorkMode",
    "partners",
];

/// Encrypts a password as the front end does.
pub(crate) fn encrypted(public: &str, password: &str) -> String {
    let key = PublicEncryptingKey::from_der(&STANDARD.decode(public).expect("base64")).expect("a public key");
    assert_eq!(key.key_size_bits(), 2048);
    let key = Pkcs1PublicEncryptingKey::new(key).expect("a key to encrypt with");
    let mut room = vec![0; key.ciphertext_size()];
    STANDARD.encode(key.encrypt(password.as_bytes(), &mut room).expect("a short password"))
}

/// Data of an answer that is one of the board's.
#[track_caller]
pub(crate) fn data(seen: &Seen) -> Value {
    let answer = seen.json();
    assert_eq!((seen.status, keys(&answer)), (200, vec!["code", "data", "msg"]), "{answer}");
    assert!(seen.header("content-type").starts_with("application/json"));
    assert!(answer["code"] == 0 && answer["msg"].is_string(), "{answer}");
    answer["data"].clone()
}

/// Code of an answer that refuses, with words and without data.
#[track_caller]
pub(crate) fn code(seen: &Seen) -> i64 {
    let answer = seen.json();
    assert_eq!((seen.status, keys(&answer)), (200, vec!["code", "data", "msg"]), "{answer}");
    assert!(answer["data"].is_null() && answer["msg"].as_str().is_some_and(|words| !words.is_empty()), "{answer}");
    answer["code"].as_i64().expect("a code")
}

/// Logs in as the front end does; what it is answered.
pub(crate) fn log_in(visitor: &mut Visitor<'_>, name: &str, key: &str) -> Seen {
    let public = data(&visitor.json("POST", "/user/getKey", &json!({})));
    let password = encrypted(public.as_str().expect("a key"), key);
    let seen = visitor.json("POST", "/user/login", &json!({"username": name, "password": password}));
    visitor.keep(&seen);
    seen
}

/// A visitor who has logged in so.
pub(crate) fn logged_in<'s>(served: &'s Served, keyed: &Keyed<'_>) -> Visitor<'s> {
    let mut visitor = served.visitor();
    assert_eq!(data(&log_in(&mut visitor, keyed.tenant.as_str(), &keyed.token)), true);
    visitor
}

/// A tenant's job that ran; its id, and that of an upload.
pub(crate) fn ran(served: &Served, keyed: &Keyed<'_>) -> (String, String) {
    let upload = ["breast_hetero_guest", "breast_hetero_host"]
        .map(|name| keyed.upload("experiment", name, &breast::file(&format!("{name}.csv"))));
    let (dsl, conf) = breast::quick_job();
    let job = keyed.submit(&dsl, &conf);
    assert_eq!(keyed.wait(&job, "guest", 9999), "success", "{}", served.site.errors(&job));
    let [guest, _] = upload;
    (job, guest)
}

fn about(job: &str, component: &str) -> Value {
    json!({"job_id": job, "role": "guest", "party_id": "9999", "component_name": component})
}

#[track_caller]
fn is_job(job: &Value) {
    assert_eq!(keys(job), JOB);
    let texts = ["fJobId", "fDescription", "fStatus", "fRole", "fPartyId", "fInitiatorPartyId", "fRoles"];
    assert!(texts.iter().all(|key| job[key].is_string()), "{job}");
    let numbers = ["fCreateTime", "fUpdateTime", "fStartTime", "fEndTime", "fElapsed", "fProgress"];
    assert!(numbers.iter().all(|key| job[key].is_null() || job[key].is_i64()), "{job}");
    assert!(job["fDsl"] == "" && job["fRuntimeConf"] == "" && job["fIsInitiator"].is_boolean(), "{job}");
    let roles: Value = serde_json::from_str(job["fRoles"].as_str().unwrap_or_default()).expect("JSON in a text");
    assert!(roles.is_object(), "{roles}");
}

#[track_caller]
fn is_dataset(dataset: &Value) {
    assert_eq!(keys(dataset), ["dataset", "model_summary", "partner", "roles"]);
    assert_eq!(dataset["roles"], json!({"guest": [9999], "host": [10000]}));
    assert_eq!(dataset["partner"], json!({"host": [10000]}));
    let table = json!({"reader_0": "experiment.breast_hetero_guest"});
    assert_eq!(dataset["dataset"]["guest"]["9999"], table, "{dataset}");
}

#[test]
fn every_call_is_answered_as_by_fate_board() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Submit);
    let (job, upload) = ran(&served, &bank);
    let visitor = logged_in(&served, &bank);
    lists(&visitor, &job);
    one(&visitor, &job);
    notes(&visitor, &job);
    files(&visitor, &job);
    flow_info(&visitor);
    outputs(&visitor, &job);
    series(&visitor, &job, &upload);
    graph(&visitor, &job);
    not_there(&visitor, &job);
}

fn lists(visitor: &Visitor<'_>, job: &str) {
    assert_eq!(data(&visitor.get("/job/query/status")), json!([]), "nothing waits or runs");
    let page = |body: Value| data(&visitor.json("POST", "/job/query/page/new", &body));
    let asked = json!({"pageNum": 1, "pageSize": 20, "jobId": job, "job_id": job, "partyId": "", "party_id": "",
        "partner": "", "fDescription": "", "note": "", "role": [], "status": [], "orderField": "f_start_time",
        "orderRule": "desc"});
    let all = page(asked);
    let names = ["end", "list", "pageNum", "pageSize", "start", "startIndex", "totalPage", "totalRecord"];
    assert_eq!(keys(&all), names);
    let seen = ["pageNum", "pageSize", "totalRecord", "totalPage", "startIndex", "start", "end"].map(|key| &all[key]);
    assert_eq!(seen, [1, 20, 2, 1, 0, 1, 1].map(|number| json!(number)).each_ref());
    let guest = list(&all["list"]).iter().find(|row| row["job"]["fRole"] == "guest").expect("the guest's row");
    assert_eq!(keys(guest), ["dataset", "job"]);
    is_job(&guest["job"]);
    is_dataset(&guest["dataset"]);
    let seen = [&guest["job"]["fStatus"], &guest["job"]["partners"], &guest["job"]["fProgress"]];
    assert_eq!(seen, [&json!("success"), &json!(["10000"]), &json!(100)]);

    let count = |body: Value| page(body)["totalRecord"].as_u64().expect("a number");
    assert_eq!(count(json!({"jobId": job, "role": ["host"]})), 1);
    assert_eq!(count(json!({"partyId": "999", "status": ["success"], "role": ["guest"]})), 1);
    assert_eq!(count(json!({"partner": "9999"})), 1, "the host's");
    assert_eq!(count(json!({"status": ["failed"]})), 0);
    assert_eq!(count(json!({"role": ["nobody"]})), 0);
    let second = page(json!({"jobId": job, "pageNum": 2, "pageSize": 1, "orderField": "f_job_id", "orderRule": "asc"}));
    assert_eq!((list(&second["list"]).len(), &second["startIndex"], &second["end"]), (1, &json!(1), &json!(2)));
    let much = page(json!({"pageNum": 4_000_000_000_u32, "pageSize": 4_000_000_000_u32}));
    assert_eq!(much["list"], json!([]));

    let fields = data(&visitor.json("POST", "/job/query/fields", &json!({})));
    let status = ["success", "running", "waiting", "failed", "canceled"];
    assert_eq!(fields, json!({"status": status, "role": ["guest", "host", "arbiter", "local"]}));
}

fn one(visitor: &Visitor<'_>, job: &str) {
    let one = data(&visitor.get(&format!("/job/query/{job}/guest/9999")));
    assert_eq!(keys(&one), ["dataset", "job"]);
    is_job(&one["job"]);
    assert!(one["job"]["partners"].is_null() && one["job"]["fWorkMode"].is_null(), "nulls are there");
    is_dataset(&one["dataset"]);
    let view = json!({"job_id": job, "role": "guest", "party_id": "9999"});
    let view = data(&visitor.json("POST", "/job/tracking/job/data_view", &view));
    assert_eq!(view["dataset"], one["dataset"]["dataset"]);
}

fn notes(visitor: &Visitor<'_>, job: &str) {
    let note = "well done: 100 %, \u{597d}";
    let update = json!({"job_id": job, "role": "guest", "party_id": "9999", "notes": note});
    let whole = data(&visitor.json("PUT", "/job/update", &update));
    assert_eq!(whole, json!({"retcode": 0, "retmsg": "success"}));
    let found = visitor.json("POST", "/job/query/page/new", &json!({"fDescription": "100 %", "role": ["guest"]}));
    assert_eq!(data(&found)["list"][0]["job"]["fDescription"], note);
}

fn files(visitor: &Visitor<'_>, job: &str) {
    let command = data(&visitor.json("POST", "/job/componentCommand", &about(job, "data_transform_0")));
    let words = format!("-j {job} -r guest -p 9999 -cpn data_transform_0");
    assert!(command.as_str().is_some_and(|text| text.starts_with("flow ") && text.contains(&words)), "{command}");
    let odd = about(job, "x; rm -rf /");
    assert_eq!(code(&visitor.json("POST", "/job/componentCommand", &odd)), 10002);

    let file = |kind: &str, role: &str, party: &str| {
        let body = json!({"jobId": job, "role": role, "partyId": party, "type": kind});
        visitor.json("POST", "/job/download", &body)
    };
    let dsl = file("dsl", "guest", "9999");
    assert_eq!(dsl.header("content-disposition"), format!("attachment;fileName=job_dsl_{job}.json"));
    assert_eq!((dsl.header("x-content-type-options"), dsl.json()), ("nosniff", breast::quick_job().0));
    assert!(dsl.text().lines().count() > 5, "it is for people");
    let conf = file("runtime", "guest", "9999");
    assert_eq!(conf.header("content-disposition"), format!("attachment;fileName=runtime_config_{job}.json"));
    let of_role = |conf: Value| keys(&conf["component_parameters"]["role"]).into_iter().map(str::to_owned).collect();
    let both: Vec<String> = of_role(conf.json());
    assert_eq!(both, ["guest", "host"]);
    let own: Vec<String> = of_role(file("runtime", "host", "10000").json());
    assert_eq!(own, ["host"], "what is the guest's is not the host's");
    assert_eq!(code(&file("image", "guest", "9999")), 10002);
    assert_eq!(code(&file("dsl", "guest", "1")), 10011);
    let form = [("jobId", job), ("role", "guest"), ("partyId", "9999"), ("type", "dsl")];
    assert_eq!(visitor.post("/job/download", &form).bytes, dsl.bytes, "front ends differ");
}

fn flow_info(visitor: &Visitor<'_>) {
    let info = data(&visitor.json("POST", "/v1/server/fateflow/info", &json!({})));
    let (id, instance) = info.as_object().and_then(|all| all.iter().next()).expect("one node");
    assert_eq!(keys(instance), ["grpc_port", "host", "http_port", "instance_id", "timestamp", "version"]);
    assert!(instance["instance_id"] == **id && instance["host"].is_string(), "{info}");
}

fn outputs(visitor: &Visitor<'_>, job: &str) {
    let ask = |path: &str, component: &str| {
        let seen = visitor.json("POST", &format!("/v1/tracking/component/{path}"), &about(job, component));
        (data(&seen), seen.json()["msg"].clone())
    };
    let (text, _) = ask("parameters", "data_transform_0");
    let parameters: Value = serde_json::from_str(text.as_str().expect("a text to be parsed again")).expect("JSON");
    assert_eq!((keys(&parameters).len(), &parameters["module"]), (2, &json!("DataTransform")));
    assert!(parameters["ComponentParam"].is_object());

    let (model, _) = ask("output/model", "data_transform_0");
    assert_eq!(keys(&model), ["data", "meta", "retcode", "retmsg"]);
    assert_eq!(keys(&model["meta"]), ["meta_data", "module_name"]);
    assert!(model["data"]["header"].is_array(), "{model}");
    let (nothing, msg) = ask("output/model", "reader_0");
    assert_eq!((&nothing["data"], &msg), (&json!({}), &json!("no data")));

    let (rows, _) = ask("output/data", "data_transform_0");
    assert_eq!(keys(&rows["meta"]), ["header", "names", "total"]);
    assert_eq!((list(&rows["data"]).len(), list(&rows["data"][0]).len()), (1, 100));
    assert_eq!(rows["meta"]["total"], json!([569]));
    assert!(rows["meta"]["header"][0][0].is_string() && rows["data"][0][0][0].is_string(), "{}", rows["meta"]);
}

fn series(visitor: &Visitor<'_>, job: &str, upload: &str) {
    let metrics = "/v1/tracking/component/metrics";
    let seen = visitor.json("POST", metrics, &about(job, "reader_0"));
    assert_eq!(data(&seen), json!({"reader_namespace": ["reader_name"]}));
    let seen = visitor.json("POST", metrics, &about(job, "data_transform_0"));
    assert_eq!((data(&seen), &seen.json()["msg"]), (json!({}), &json!("no data")));

    let mut asked = json!({"job_id": upload, "role": "local", "party_id": "0", "component_name": "upload_0",
        "metric_namespace": "upload", "metric_name": "data_access"});
    let one = data(&visitor.json("POST", "/v1/tracking/component/metric_data", &asked));
    assert_eq!(keys(&one), ["data", "meta", "retcode", "retmsg"]);
    assert_eq!((&one["data"], &one["meta"]["metric_type"]), (&json!([["count", 569]]), &json!("UPLOAD")));

    let batch = "/v1/tracking/component/metric_data/batch";
    asked["metrics"] = json!({"upload": ["data_access", "nothing"]});
    let all = data(&visitor.json("POST", batch, &asked));
    assert_eq!(all["upload"]["data_access"], one);
    let nothing = &all["upload"]["nothing"];
    assert_eq!((&nothing["data"], &nothing["retmsg"]), (&json!([]), &json!("no data")));
    asked["role"] = json!("boss");
    assert_eq!(data(&visitor.json("POST", batch, &asked))["upload"]["data_access"]["data"], json!([]));
    asked["metrics"] = json!({"upload": vec!["x"; 2_000]});
    assert_eq!(code(&visitor.json("POST", batch, &asked)), 10002);
}

fn graph(visitor: &Visitor<'_>, job: &str) {
    let asked = json!({"job_id": job, "role": "guest", "party_id": "9999"});
    let graph = data(&visitor.json("POST", "/v1/pipeline/dag/dependencies", &asked));
    is_graph(&graph);
}

/// What is drawn of the quick job once it has ended.
#[track_caller]
pub(crate) fn is_graph(graph: &Value) {
    assert_eq!(keys(graph), ["component_list", "component_module", "component_need_run", "dependencies"]);
    let modules = json!({"reader_0": "Reader", "data_transform_0": "DataTransform"});
    assert_eq!(graph["component_module"], modules);
    assert_eq!(graph["component_need_run"], json!({"reader_0": true, "data_transform_0": true}));
    let wire = json!([{"component_name": "reader_0", "type": "data", "up_output_info": ["data", 0]}]);
    assert_eq!(graph["dependencies"], json!({"data_transform_0": wire}));
    for component in list(&graph["component_list"]) {
        assert_eq!(keys(component), ["component_name", "status", "time"]);
        assert!(component["status"] == "success" && component["time"].is_i64(), "{component}");
    }
}

/// Each call about a job that there is not.
fn not_there(visitor: &Visitor<'_>, job: &str) {
    let other = format!("2020{}", &job[4..]);
    assert_eq!(code(&visitor.get(&format!("/job/query/{other}/guest/9999"))), 10006);
    assert_eq!(code(&visitor.get(&format!("/job/query/{job}/host/9999"))), 10006);
    assert_eq!(code(&visitor.get(&format!("/job/query/{job}/%FF/x"))), 10006);
    let body = json!({"job_id": other, "notes": "x", "component_name": "pipeline"});
    assert_eq!(code(&visitor.json("PUT", "/job/update", &body)), 101);
    assert_eq!(code(&visitor.json("POST", "/job/v1/pipeline/job/stop", &body)), 102);
    assert_eq!(code(&visitor.json("POST", "/job/v1/rerun", &body)), 10013);
    assert_eq!(code(&visitor.json("POST", "/v1/pipeline/dag/dependencies", &body)), 10006);
    assert_eq!(code(&visitor.json("POST", "/job/update", &body)), 100, "another method");
    for body in [json!([]), json!("x"), json!({}), json!({"job_id": {}})] {
        for path in ["/job/v1/rerun", "/job/v1/pipeline/job/stop", "/job/componentCommand", "/job/download"] {
            assert_ne!(code(&visitor.json("POST", path, &body)), 0, "{path}: {body}");
        }
    }
}

#[test]
fn jobs_are_stopped_and_run_again() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Submit);
    let visitor = logged_in(&served, &bank);
    let dsl = json!({"components": {"probe_0": {"module": "Probe"}}});
    let conf = json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "component_parameters": {"common": {"probe_0": {"behaviour": "spin"}}}});
    let job = bank.submit(&dsl, &conf);
    let active = data(&visitor.get("/job/query/status"));
    assert_eq!((list(&active).len(), &active[0]["fJobId"]), (1, &json!(job)));
    is_job(&active[0]);
    let asked = json!({"job_id": job, "component_name": "pipeline"});
    assert_eq!(code(&visitor.json("POST", "/job/v1/rerun", &asked)), 10013, "it has not ended");
    let whole = data(&visitor.json("POST", "/job/v1/pipeline/job/stop", &json!({"job_id": job})));
    assert_eq!((keys(&whole), &whole["retcode"]), (vec!["retcode", "retmsg"], &json!(0)));
    assert_eq!(bank.wait(&job, "guest", 9999), "canceled");
    // Whole, and from a component.
    for component in ["pipeline", "probe_0"] {
        let better = json!({"common": {"probe_0": {"behaviour": "none"}}});
        bank.data("job/parameter/update", json!({"job_id": job, "component_parameters": better}));
        let asked = json!({"job_id": job, "component_name": component});
        assert!(data(&visitor.json("POST", "/job/v1/rerun", &asked)).is_null());
        assert_eq!(bank.wait(&job, "guest", 9999), "success", "{}", served.site.errors(&job));
    }
    let reader = logged_in(&served, &served.keyed("bank", Scope::Read));
    assert_eq!(code(&reader.json("POST", "/job/v1/pipeline/job/stop", &json!({"job_id": job}))), 108);
}
