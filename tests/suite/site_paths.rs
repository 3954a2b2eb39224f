//! What a node says of itself over HTTP: providers, cores, settings, keys of other sites, templates; and the refusals
//! of what it does not do, as FATE's command line meets them. Not for: versions and logs (`http`, `logs`).

use parcae_domain::status::Status;
use parcae_tests::{
    Site, breast,
    http::{Served, keys, list},
};
use serde_json::{Value, json};

const ENGINE: &str = "f_cores f_create_date f_create_time f_engine_config f_engine_entrance f_engine_name \
    f_engine_type f_memory f_nodes f_remaining_cores f_remaining_memory f_update_date f_update_time";
const DEFAULTS: &str = "auto_retries auto_retry_delay default_component_provider_path detect_connect_long_retry_count \
    detect_connect_max_retry_count end_status_job_scheduling_time_limit end_status_job_scheduling_updates \
    federated_command_trys federated_status_collect_type job_timeout max_cores_percent_per_job \
    output_data_summary_count_limit remote_request_timeout resource_waiting_timeout task_cores task_memory \
    task_parallelism task_process_classpath task_world_size total_cores_overweight_percent \
    total_memory_overweight_percent upload_block_max_bytes";

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// A public key as FATE's sites have them, of 512 bits to be short.
const PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALqbHeRLCyOdykC5SDLqI49ArYGYG1mq\n\
    aH9/GnWjGavZM02fos4lc2w6tCchcUBNtJvGqKwhC5JEnx3RYoSX2ucCAwEAAQ==\n\
    -----END PUBLIC KEY-----\n";

#[test]
fn providers_are_what_the_images_offer() {
    let served = Served::new();
    let all = served.data("provider/get", json!({}));
    assert_eq!(keys(&all), ["fate", "fate_flow"]);
    for (name, version, some) in [("fate", "1.11.2", "heterolr"), ("fate_flow", "1.11.1", "upload")] {
        let provider = &all[name];
        assert_eq!(provider["default"], json!({"version": version}));
        let detail = &provider[version];
        assert_eq!(keys(detail), ["class_path", "components", "images", "path", "python"]);
        assert!(list(&detail["components"]).contains(&json!(some)), "{detail}");
        let (_, answer) = served.post(&format!("provider/{name}/get"), json!({"provider_name": name}));
        assert_eq!((&answer["retcode"], &answer["data"]), (&json!(0), provider));
    }
    let image = &all["fate"]["1.11.2"]["images"]["HeteroLR"];
    assert_eq!((&image["component"], image["digest"].as_str().map(str::len)), (&json!("hetero_lr"), Some(64)));
    assert!(!list(&all["fate"]["1.11.2"]["components"]).contains(&json!("reader")));
    // FATE-Flow gives nothing for a provider that nobody has.
    for name in ["nobody", "%FF"] {
        let (status, answer) = served.post(&format!("provider/{name}/get"), json!({}));
        assert_eq!((status, answer), (200, json!({"retcode": 0, "retmsg": "success"})));
    }
}

#[test]
fn what_a_site_does_not_do_is_refused_with_the_reason() {
    let served = Served::new();
    let folder = served.site.folder().display().to_string();
    let register = |path: &str| json!({"name": "fate", "version": "9", "path": path, "conf_path": "x"});
    let (status, answer) = served.post("provider/register", register("/no/such/folder"));
    assert_eq!((status, &answer["retcode"]), (400, &json!(400)), "{answer}");
    let (code, text) = served.refused("provider/register", register(&folder));
    assert!(code == 103 && text.contains("--components FOLDER"), "{text}");
    let (code, text) = served.refused("provider/register", register("/no/such/image.wasm"));
    assert!(code == 108 && text.contains("; `parcae component push FILE` sends one"), "{text}");
    let (code, text) = served.refused("provider/register", json!({"name": "fate"}));
    assert_eq!((code, text.as_str()), (101, "required arguments are missing: version,path"));
    for path in ["grant", "delete", "query"] {
        let path = format!("permission/{path}");
        assert_eq!(served.refused(&path, json!({"party_id": "10000", "component": "reader"})).0, 100);
        assert_eq!(served.refused(&path, json!({})).0, 101);
        // The SDK's paths, which no FATE-Flow has either.
        let asked = json!({"src_party_id": "1", "src_role": "guest"});
        assert_eq!(served.refused(&format!("{path}/privilege"), asked).0, 100);
    }
    let refused = [
        "provider/update",
        "provider/registry/get",
        "service/registry",
        "server/fate/register",
        "server/service/fate/register",
    ];
    for path in refused {
        let (code, text) = served.refused(path, json!({"name": "x"}));
        assert!(code == 103 && text.len() > 20, "{path}: {text}");
    }
    assert_eq!(served.refused("service/query", json!({"service_name": "x"})).0, 103);
    assert_eq!(served.refused("service/query", json!({})).0, 101);
    for path in ["info/eggroll", "info/mysql", "info/party/9999", "info/party/eggroll/9999"] {
        assert_eq!(served.post(path, json!({})).0, 404, "{path}");
    }
}

#[test]
fn cores_are_counted_while_a_job_has_them() {
    let served = Served::of(Site::with(|options| options.cores = 20));
    let idle = served.data("resource/query", json!({}));
    assert_eq!(keys(&idle), ["computing_engine_resource", "use_resource_job"]);
    assert_eq!(keys(&idle["computing_engine_resource"]), words(ENGINE));
    let engine = &idle["computing_engine_resource"];
    let seen = [&engine["f_cores"], &engine["f_remaining_cores"], &engine["f_engine_config"]];
    assert_eq!(seen, [&json!(20), &json!(20), &json!({"cores_per_node": 20, "nodes": 1})]);
    assert_eq!(idle["use_resource_job"], json!([]));
    let dsl = json!({"components": {"probe_0": {"module": "Probe"}}});
    let conf = json!({
        "dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999], "host": [10000]},
        "job_parameters": {"common": {"task_cores": 3, "task_parallelism": 2}},
        "component_parameters": {"common": {"probe_0": {"behaviour": "spin"}}}
    });
    let job = served.submit(&dsl, &conf);
    served.wait_for(&job, "guest", 9999, |row| row["f_status"] == "running");
    let busy = served.data("resource/query", json!({}));
    assert_eq!(busy["computing_engine_resource"]["f_remaining_cores"], 14);
    let row = |role: &str, party: &str, core: u32| json!({"job_id": job, "role": role, "party_id": party, "core": core, "memory": 0});
    let mut rows = list(&busy["use_resource_job"]).to_vec();
    rows.sort_by_key(|row| row["role"].to_string());
    assert_eq!(rows, [row("guest", "9999", 6), row("host", "10000", 0)]);
    let returned = |in_use: bool| {
        let mut rows = list(&served.data("resource/return", json!({"job_id": job}))).to_vec();
        rows.sort_by_key(|row| row["role"].to_string());
        let row = |role: &str, party: &str| {
            json!({"job_id": job, "role": role, "party_id": party, "resource_in_use": in_use,
                "resource_return_status": false})
        };
        assert_eq!(rows, [row("guest", "9999"), row("host", "10000")]);
    };
    returned(true);
    served.data("job/stop", json!({"job_id": job}));
    served.wait(&job, "guest", 9999);
    returned(false);
    let idle = served.data("resource/query", json!({}));
    assert_eq!(idle["computing_engine_resource"]["f_remaining_cores"], 20);
    assert_eq!(idle["use_resource_job"], json!([]));
    assert_eq!(served.refused("resource/return", json!({"job_id": "202611212240531266170"})).0, 100);
    assert_eq!(served.refused("resource/return", json!({"job_id": "../x"})).0, 100);
    assert_eq!(served.refused("resource/return", json!({})).0, 101);
}

#[test]
fn settings_are_shown_without_secrets() {
    let served = Served::new();
    let port = served.address().port();
    let reloaded = served.data("server/reload", json!({}));
    assert_eq!(keys(&reloaded), ["job_default_config", "server_registry"]);
    let defaults = &reloaded["job_default_config"];
    assert_eq!(keys(defaults), words(DEFAULTS));
    assert_eq!([&defaults["task_cores"], &defaults["job_timeout"]], [&json!(4), &json!(259_200)]);
    assert_eq!(&served.data("server/config/job/default", json!({})), defaults);
    let sections = served.data("server/service/get", json!({}));
    assert_eq!(keys(&sections), ["AUTHENTICATION", "FATEBOARD", "FATEFLOW", "PERMISSION"]);
    assert_eq!(served.data("server/get", json!({})), sections);
    assert_eq!(sections["AUTHENTICATION"]["client"], json!({"switch": false}));
    let flow = &sections["FATEFLOW"];
    assert_eq!([&flow["host"], &flow["http_port"]], [&json!("127.0.0.1"), &json!(port)]);
    for path in ["server/fateflow/get", "server/service/fateflow/get"] {
        assert_eq!(served.data(path, json!({})), *flow);
    }
    assert_eq!(served.post("server/nobody/get", json!({})).1, json!({"retcode": 0, "retmsg": "success"}));
    let common = served.data("info/common", json!({}));
    assert_eq!(keys(&common), ["grpc_port", "host", "http_port", "party_id", "version"]);
    assert_eq!((&common["version"], &common["http_port"]), (&json!("1.11.1"), &json!(port)));
    assert_eq!(served.data("info/fateboard", json!({})), json!({"host": "127.0.0.1", "port": port}));
    let servers = served.data("server/fateflow/info", json!({}));
    assert_eq!(servers[format!("127.0.0.1:{port}")]["http_port"], port);
    // Bodies do not matter to those that read none.
    assert_eq!(served.post_nothing("server/reload").1["data"]["job_default_config"], *defaults);
    assert_eq!(served.post_text("info/common", "no JSON").1["retcode"], 0);
}

#[test]
fn public_keys_are_kept_until_they_are_deleted() {
    let served = Served::new();
    let query = |party: Value| served.post("key/query", json!({"party_id": party})).1;
    let nothing = json!({"retcode": 0, "retmsg": "success"});
    assert_eq!(query(json!("9999")), nothing);
    let save = |party: Value| served.data("key/public/save", json!({"party_id": party, "key": PEM, "conf_path": "x"}));
    assert_eq!(save(json!("9999")), "save success");
    assert_eq!(save(json!(9999)), "update success");
    assert_eq!(query(json!(9999))["data"], PEM);
    assert_eq!(query(json!("9999"))["data"], PEM);
    assert_eq!(query(json!(10000)), nothing);
    assert_eq!(served.post("key/query", json!({"party_id": 9999, "key_name": "private"})).1, nothing);
    assert_eq!(served.post("key/public/delete", json!({"party_id": "9999"})).1, nothing);
    assert_eq!(served.post("key/public/delete", json!({"party_id": "9999"})).1, nothing);
    assert_eq!(query(json!(9999)), nothing);
    let private = PEM.replace("PUBLIC", "PRIVATE");
    let bad = [
        json!({"party_id": "9999", "key": "key"}),
        json!({"party_id": "9999", "key": private}),
        json!({"party_id": "9999", "key": &PEM[..100]}),
        json!({"party_id": "9999", "key": PEM.repeat(100)}),
        json!({"party_id": "somebody", "key": PEM}),
        json!({"party_id": "9999"}),
        json!({"key": PEM}),
    ];
    for body in bad {
        assert_eq!(served.refused("key/public/save", body.clone()).0, 101, "{body}");
    }
    assert_eq!(query(json!(9999)), nothing);
    assert_eq!(served.refused("key/query", json!({})).0, 101);
}

#[test]
fn public_keys_outlive_a_restart() {
    let site = Site::new();
    assert!(!site.node.default_tenant().save_key(9999, PEM).unwrap());
    let served = Served::of(site.reopened());
    assert_eq!(served.data("key/query", json!({"party_id": "9999"})), PEM);
}

#[test]
fn templates_are_usable_as_they_are() {
    let served = Served::new();
    let answer = served.download("template/download", json!({"min_data": 1, "output_path": "./here"}));
    assert_eq!(answer.disposition, "attachment; filename=template.tar.gz");
    let files = answer.files();
    assert!(files.keys().all(|name| name.starts_with("fate_examples/") || name.starts_with("fateflow_examples/")));
    let file = |name: &str| files.get(name).unwrap_or_else(|| panic!("{name} is not in {:?}", files.keys()));
    let json_of = |name: &str| -> Value { serde_json::from_slice(file(name)).unwrap() };
    for side in ["guest", "host"] {
        let conf = json_of(&format!("fateflow_examples/upload/upload_{side}.json"));
        // The client unpacks below `here`, and looks for the file from where it is called.
        let csv = conf["file"].as_str().unwrap().strip_prefix("./here/").unwrap();
        assert_eq!(file(csv), breast::file(&format!("breast_hetero_{side}.csv")).as_bytes());
        let (_, answer) = served.upload(&conf, file(csv));
        let job = answer["jobId"].as_str().unwrap_or_else(|| panic!("{answer}"));
        assert_eq!(served.site.wait(job).status, Status::Success, "{}", served.site.errors(job));
    }
    let dsl = json_of("fateflow_examples/hetero_lr/job_dsl.json");
    let mut conf = json_of("fateflow_examples/hetero_lr/job_conf.json");
    conf["component_parameters"]["common"]["hetero_lr_0"]["max_iter"] = json!(1);
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    // Without a body, and with one that makes no sense.
    for body in ["", "no JSON", "[]", "{\"output_path\": 7}"] {
        let files = served.send("POST", "/v1/template/download", &[], body.as_bytes()).files();
        let conf: Value = serde_json::from_slice(&files["fateflow_examples/upload/upload_host.json"]).unwrap();
        assert_eq!(conf["file"], "fate_examples/data/breast_hetero_host.csv");
    }
}
