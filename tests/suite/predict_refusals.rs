//! What is refused about deploying models and predicting with them, and what the refusals say. Not for: what works
//! (`predict`).

use parcae_tests::{
    Site, breast,
    http::{Served, list},
    merge,
};
use serde_json::{Value, json};

use crate::predict::{DEPLOYED, MODEL, deploy, named, predict_conf, trained, training};

/// What a deployment is answered with that does not succeed: the message of a party.
fn not_deployed(served: &Served, job: &str, more: Value) -> String {
    let (status, answer) = served.post("model/deploy", named(job, more));
    assert_eq!((status, &answer["retcode"], &answer["retmsg"]), (200, &json!(101), &json!("failed")), "{answer}");
    let data = &answer["data"];
    for (role, party) in [("guest", "9999"), ("host", "10000"), ("arbiter", "10000")] {
        assert_eq!((&data[role][party], &data["detail"][role][party]["retcode"]), (&json!(100), &json!(100)), "{data}");
    }
    let version = data["model_version"].as_str().expect("a version");
    assert_eq!(served.post("model/query", json!({"model_version": version})).1["data"], json!([]), "nothing is kept");
    data["detail"]["guest"]["9999"]["retmsg"].as_str().unwrap_or_default().to_owned()
}

/// What a predict job is answered with that is not taken on.
fn not_taken(served: &Served, conf: &Value) -> String {
    let (_, answer) = served.post("job/submit", json!({"job_dsl": {}, "job_runtime_conf": conf}));
    assert_eq!(answer["retcode"], 103, "{answer}");
    let found = served.data("job/query", json!({"job_id": answer["jobId"]}));
    assert_eq!(found, json!([]), "a refused job leaves no row");
    answer["retmsg"].as_str().unwrap_or_default().to_owned()
}

fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "{word:?} is not said: {text}");
    }
}

#[test]
fn refusals_say_what_is_wrong_and_what_helps() {
    let (served, job) = trained();
    let version = deploy(&served, &job, json!({"cpn_list": DEPLOYED}));
    deployments_that_are_refused(&served, &job, &version);
    predictions_that_are_refused(&served, &job, &version);
    let unknown = named("202611212240531266170", json!({"filename": "x.json"}));
    assert_eq!(served.post("model/deploy", unknown.clone()).0, 404);
    for path in ["model/get/predict/dsl", "model/get/predict/conf"] {
        assert_eq!(served.post(path, unknown.clone()).0, 210, "{path}");
        assert_eq!(served.refused(path, json!({"model_id": MODEL})).0, 101, "{path}");
    }
    assert_eq!(
        served.refused("model/deploy", json!({})),
        (
            101,
            "required arguments are missing: \
        model_id,model_version"
                .to_owned()
        )
    );
    let (status, none) = served.post("model/query", unknown);
    assert_eq!((status, &none["retcode"], &none["data"]), (200, &json!(100), &json!([])));
}

fn deployments_that_are_refused(served: &Served, job: &str, version: &str) {
    says(&not_deployed(served, job, json!({"cpn_list": ["hetero_lr_1"]})), &["hetero_lr_1", "did you mean"]);
    let both = json!({"cpn_list": DEPLOYED, "predict_dsl": {"components": {"a": {"module": "Reader"}}}});
    says(&not_deployed(served, job, both), &["cpn_list", "predict DSL"]);
    says(&not_deployed(served, version, json!({})), &["deployed already", job]);
    let dsl = json!({"components": {
        "reader_1": {"module": "Raeder"},
        "hetero_lr_0": {"module": "HeteroLR", "input": {"model": ["pipeline.hetero_lr_7.model"]}},
        "hetero_lr_1": {"module": "HeteroLR", "input": {"model": ["hetero_lr_0.model", "lr.model"]}},
        "text": "Reader"
    }});
    let faults = ["\"Reader\"", "hetero_lr_7", "pipeline.component.model", "components.text: expected object"];
    says(&not_deployed(served, job, json!({"predict_dsl": dsl.clone()})), &faults);
    says(&not_deployed(served, job, json!({"dsl": dsl.to_string()})), &faults);
    says(&not_deployed(served, job, json!({"dsl": "{components"})), &["dsl: expected JSON"]);
    says(&not_deployed(served, job, json!({"predict_dsl": {"components": {}, "x": 1}})), &["components: missing"]);
    for (step, words) in [
        (json!({"hetero_lr_0": {"step_index": 3}}), ["no checkpoint", "ModelCheckpoint"]),
        (json!({"hetero_lr_0": {"step_name": "x"}}), ["no checkpoint", "ModelCheckpoint"]),
        (json!({"hetero_lr_0": 3}), ["step_index", "hetero_lr_0"]),
        (json!({"evaluation_0": {"step_index": 3}}), ["evaluation_0", "no model"]),
    ] {
        says(&not_deployed(served, job, json!({"cpn_list": DEPLOYED, "components_checkpoint": step})), &words);
    }
}

fn predictions_that_are_refused(served: &Served, job: &str, version: &str) {
    let conf = |version: &str, more: Value| {
        let mut conf = predict_conf(version, "reader_1");
        conf["component_parameters"] = json!({});
        merge(&mut conf, more);
        conf
    };
    says(&not_taken(served, &conf(job, json!({}))), &["not deployed", "model/deploy"]);
    says(&not_taken(served, &conf("202611212240531266170", json!({}))), &["there is no model", "model/deploy"]);
    let fed = not_taken(served, &conf(version, json!({})));
    says(&fed, &["components.data_transform_0.input.data.data", "\"data\": [\"reader_0.data\"]"]);
    says(&not_taken(served, &conf(version, json!({"role": {"host": [10001]}}))), &["role.host", "10001", "training"]);
    let stranger = json!({"component_parameters": {"common": {"hetero_lr_9": {}}}});
    says(&not_taken(served, &conf(version, stranger)), &["hetero_lr_9", "did you mean"]);
    let mut nameless = conf(version, json!({}));
    nameless["job_parameters"]["common"] = json!({"job_type": "predict"});
    says(&not_taken(served, &nameless), &["model_id: missing", "model_version: missing"]);
    // Without the reader, the component that it fed cannot be left out either.
    let alone = deploy(served, job, json!({"cpn_list": ["hetero_lr_0"]}));
    says(&not_taken(served, &conf(&alone, json!({}))), &["components.hetero_lr_0.input.data", "\"test_data\""]);
}

#[test]
fn a_failed_training_is_kept_and_its_missing_models_are_not_deployed() {
    let site = Site::new();
    breast::upload(&site);
    let served = Served::of(site);
    let (dsl, mut conf) = training();
    conf["component_parameters"]["role"]["guest"]["0"]["data_transform_0"]["label_name"] = json!("no_such_column");
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "failed");
    let rows = served.data("model/query", json!({"model_version": job, "parent": true}));
    assert_eq!(list(&rows).len(), 3);
    let why = not_deployed(&served, &job, json!({"cpn_list": DEPLOYED}));
    says(&why, &["saved no model", "train again"]);
    let upload = served.data("job/query", json!({"role": "local"}))[0]["f_job_id"].clone();
    assert_eq!(served.post("model/query", json!({"model_version": upload})).1["retcode"], 100, "uploads make none");
}
