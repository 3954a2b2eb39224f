//! Upload jobs, and the confs that rows of jobs keep, against answers of a real server.

use parcae_domain::party::{Party, Role};
use parcae_dsl::{initiator_conf, runtime_conf_on_party, upload_job};
use serde_json::{Value, json};

use crate::catalog::{conf, plan, train_dsl};

fn upload_config() -> Value {
    json!({"file": "guest.csv", "table_name": "breast_hetero_guest", "namespace": "experiment", "head": 1,
        "partition": 8, "conf_path": "upload_guest.json", "drop": 1, "verbose": 0})
}

#[test]
fn an_upload_is_a_job() {
    let (dsl, conf) = upload_job(&upload_config()).unwrap();
    assert_eq!(dsl, json!({"components": {"upload_0": {"module": "Upload"}}}));
    assert_eq!(
        conf["component_parameters"],
        json!({"role": {"local": {"0": {"upload_0": {"destroy": true, "file": "guest.csv", "head": 1,
            "name": "breast_hetero_guest", "namespace": "experiment", "partition": 8}}}}})
    );
    let plan = plan(&dsl, &conf);
    assert_eq!(plan.initiator, Party::new(Role::Local, 0));
    let upload = plan.component("upload_0").unwrap();
    assert_eq!(upload.outputs[0].name, "0");
    assert_eq!(upload.parameters[&plan.initiator]["partition"], 8);
}

#[test]
fn a_form_has_texts() {
    let config = json!({"name": "t", "namespace": "n", "head": "0", "partition": " 16 ", "extend_sid": "true",
        "with_meta": 1, "meta": "{\"delimiter\": \";\"}", "schema": {}, "id_delimiter": ",", "drop": null,
        "party_id": "0", "task_cores": "2", "eggroll_run": {"a": 1}});
    let (_, conf) = upload_job(&config).unwrap();
    assert_eq!(
        conf["component_parameters"]["role"]["local"]["0"]["upload_0"],
        json!({"name": "t", "namespace": "n", "head": 0, "partition": 16, "extend_sid": true, "with_meta": true,
            "meta": {"delimiter": ";"}, "schema": {}, "id_delimiter": ","})
    );
    assert_eq!(
        conf["job_parameters"]["common"],
        json!({"federated_mode": "SINGLE", "task_cores": 2, "eggroll_run": {"a": 1}})
    );
}

#[test]
fn everything_that_an_upload_lacks() {
    assert_eq!(
        upload_job(&json!({})).unwrap_err().to_string(),
        "1. upload_0: head: missing: expected 0 or 1\n\
         2. upload_0: partition: missing: expected integer, 1 to 1023\n\
         3. upload_0: table_name: missing: expected text\n\
         4. upload_0: namespace: missing: expected text"
    );
    let config = json!({"table_name": "", "namespace": 1, "head": 2, "partition": 1024, "drop": "maybe", "meta": [],
        "party_id": "me"});
    assert_eq!(
        upload_job(&config).unwrap_err().to_string(),
        "1. upload_0: head: expected 0 or 1, found 2\n\
         2. upload_0: partition: expected integer, 1 to 1023, found 1024\n\
         3. upload_0: table_name: expected text, not empty, found \"\"\n\
         4. upload_0: namespace: expected text, not empty, found 1\n\
         5. upload_0: drop: expected true or false, or 1 or 0, found \"maybe\"\n\
         6. upload_0: meta: expected object, found []\n\
         7. upload_0: party_id: expected party id, a whole number, found \"me\""
    );
    assert_eq!(upload_job(&json!([])).unwrap_err().to_string(), "1. config: expected object, found []");
}

#[test]
fn the_conf_of_a_job_is_the_recorded_one() {
    let (dsl, conf) = upload_job(&upload_config()).unwrap();
    let mut plan = plan(&dsl, &conf);
    plan.parameters.model_version = Some("202611212239515583020".into());
    let common = json!({
        "adaptation_parameters": {"if_initiator_baseline": true, "request_task_cores": 4, "task_cores_per_node": 4,
            "task_memory_per_node": 0, "task_nodes": 1},
        "auto_retries": 0, "auto_retry_delay": 1, "computing_engine": "STANDALONE", "computing_partitions": 4,
        "eggroll_run": {}, "engines_address": {}, "federated_mode": "SINGLE", "federated_status_collect_type": "PUSH",
        "inheritance_info": {}, "job_type": "train", "model_id": "local-0#model",
        "model_version": "202611212239515583020", "pulsar_run": {}, "rabbitmq_run": {}, "role_parameters": {},
        "roles": {"local": [0]}, "spark_run": {}, "task_conf": {}, "task_parallelism": 1
    });
    let mut expected = conf.clone();
    expected["job_parameters"] = json!({"common": common});
    assert_eq!(initiator_conf(&plan, &conf), expected);

    let mut flat = common;
    flat["adaptation_parameters"]["if_initiator_baseline"] = json!(false);
    flat["eggroll_run"] = json!({"eggroll.session.processors.per.node": 4});
    flat["engines_address"] = json!({"computing": {}, "federation": {}, "storage": {}});
    flat["federation_engine"] = json!("STANDALONE");
    flat["storage_engine"] = json!("STANDALONE");
    expected["job_parameters"] = flat;
    assert_eq!(runtime_conf_on_party(&plan, &conf), expected);
}

#[test]
fn parties_become_numbers_and_the_rest_stays() {
    let mut given = conf();
    given["role"] = json!({"guest": ["9999"], "host": ["10000", 10001], "arbiter": [10002]});
    given["initiator"] = json!({"role": "guest", "party_id": "9999"});
    given["dsl_version"] = json!("2");
    given["conf_path"] = json!("conf.json");
    given["job_parameters"] = json!({"common": {"timeout": 60, "federated_mode": "MULTIPLE", "work_mode": 1},
        "role": {"guest": {"0": {"user": "me"}}}});
    let made = initiator_conf(&plan(&train_dsl(), &given), &given);
    assert_eq!(made["role"], json!({"guest": [9999], "host": [10000, 10001], "arbiter": [10002]}));
    assert_eq!(made["initiator"], json!({"role": "guest", "party_id": 9999}));
    assert_eq!((&made["dsl_version"], &made["conf_path"]), (&json!(2), &json!("conf.json")));
    assert_eq!(made["component_parameters"], given["component_parameters"]);
    let common = &made["job_parameters"]["common"];
    assert_eq!((&common["timeout"], &common["federated_mode"]), (&json!(60), &json!("MULTIPLE")));
    assert_eq!(common["role_parameters"], json!({"guest": {"0": {"user": "me"}}}));
    assert!(common.get("work_mode").is_none() && common.get("model_version").is_none());
    assert_eq!(made["job_parameters"]["role"], json!({"guest": {"0": {"user": "me"}}}));
}
