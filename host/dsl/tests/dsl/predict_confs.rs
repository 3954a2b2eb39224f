//! What a predict job takes over from the training, and the template of its conf.

use parcae_domain::party::{Party, Role};
use parcae_dsl::{model_use, predict_conf, predict_conf_template};
use serde_json::{Value, json};

fn dsl(components: &[&str]) -> Value {
    let spec = |name: &str| json!({"module": if name.starts_with("reader") { "Reader" } else { "HeteroLR" }});
    let all: serde_json::Map<String, Value> = components.iter().map(|name| ((*name).to_owned(), spec(name))).collect();
    json!({"components": all})
}

/// The vector of the reference: the second of two hosts predicts alone.
#[test]
fn what_a_party_was_given_goes_with_it() {
    let train = json!({
        "role": {"guest": [9], "host": [10, 11]},
        "provider": {"common": {"a": "fate@1.11.2"}},
        "component_parameters": {
            "common": {"a": {"p": {"q": 1, "r": 2}}, "gone": {"x": 1}},
            "role": {"host": {"0": {"a": {"x": 2}}, "1": {"a": {"x": 3}}, "0|1": {"b": {"y": 1}}}}
        }
    });
    let predict = json!({
        "role": {"guest": ["9"], "host": [11]},
        "component_parameters": {"common": {"a": {"p": {"r": 3}}}}
    });
    let made = predict_conf(&train, &predict, &dsl(&["a", "b"])).unwrap();
    let parameters = &made["component_parameters"];
    assert_eq!(parameters["role"], json!({"host": {"0": {"a": {"x": 3}, "b": {"y": 1}}}}));
    assert_eq!(parameters["common"], json!({"a": {"p": {"q": 1, "r": 3}}}));
    assert!(made.get("provider").is_none());
    assert_eq!(made["role"], predict["role"]);
}

#[test]
fn the_predict_conf_wins_whatever_its_keys_are() {
    let table = |name: &str| json!({"reader_0": {"table": {"name": name, "namespace": "e"}}});
    let train = json!({
        "role": {"host": [10, 11]},
        "component_parameters": {"role": {"host": {"0": table("a"), "0|1": table("b"), "all": table("c")}}}
    });
    let made = |parameters: Value| {
        let predict = json!({"role": {"host": [11, 10]}, "component_parameters": {"role": {"host": parameters}}});
        predict_conf(&train, &predict, &dsl(&["reader_0"])).unwrap()["component_parameters"]["role"]["host"].clone()
    };
    assert_eq!(made(json!({"0": table("new")})), json!({"0": table("new"), "1": table("c")}));
    assert_eq!(made(json!({"all": table("new")})), json!({"0": table("new"), "1": table("new")}));
    // A table that a job made takes the place of a named one, rather than its keys.
    let made_by_job = json!({"reader_0": {"table": {"job_id": "1", "component_name": "a", "data_name": "data"}}});
    assert_eq!(made(json!({"0": made_by_job.clone()}))["0"], made_by_job);
    // What is faulty is left for the check.
    assert_eq!(made(json!({"0": 7}))["0"], 7);
    assert_eq!(made(json!(7)), 7);
}

#[test]
fn job_parameters_of_the_training_hold_unless_they_are_given() {
    let train = json!({"role": {"guest": [9]}, "job_parameters": {"common": {
        "job_type": "train", "model_id": "m", "model_version": "1", "auto_retries": 2, "task_parallelism": 3,
        "adaptation_parameters": {"request_task_cores": 2}, "inheritance_info": {"job_id": "1"}, "roles": {"guest": [9]}
    }}});
    let common = json!({"job_type": "predict", "model_id": "m", "model_version": "2", "auto_retries": 1});
    let predict = json!({"role": {"guest": [9]}, "job_parameters": {"common": common}});
    let made = predict_conf(&train, &predict, &dsl(&[])).unwrap()["job_parameters"]["common"].clone();
    let seen = ["job_type", "model_version", "auto_retries", "task_parallelism", "task_cores"].map(|key| &made[key]);
    assert_eq!(seen, [&json!("predict"), &json!("2"), &json!(1), &json!(3), &json!(2)]);
    assert!(made.get("inheritance_info").is_none() && made.get("roles").is_none());
}

#[test]
fn parties_come_from_the_training() {
    let train = json!({"role": {"guest": [9], "host": [10, 11]}});
    let faults = |role: Value| predict_conf(&train, &json!({ "role": role }), &dsl(&[])).unwrap_err().to_string();
    assert_eq!(
        faults(json!({"guest": [9], "host": [12, 10], "arbiter": [10]})),
        "1. role.host: expected host parties that took part in the training [10, 11], found [12]\n\
         2. role.arbiter: expected arbiter parties that took part in the training [], found [10]"
    );
}

#[test]
fn a_predict_job_names_its_model() {
    let conf = |common: Value| {
        let initiator = json!({"role": "guest", "party_id": "9"});
        json!({"dsl_version": 2, "initiator": initiator, "role": {"guest": [9]}, "job_parameters": {"common": common}})
    };
    assert_eq!(model_use(&conf(json!({"job_type": "train"}))), Ok(None));
    assert_eq!(model_use(&json!(null)), Ok(None));
    let common = json!({"job_type": "predict", "model_id": "m", "model_version": "2"});
    let used = model_use(&conf(common)).unwrap().unwrap();
    assert_eq!((used.initiator, used.model_id.as_str()), (Party::new(Role::Guest, 9), "m"));
    let faults = model_use(&conf(json!({"job_type": "predict", "model_id": "m"}))).unwrap_err().to_string();
    assert!(faults.contains("job_parameters.common.model_version: missing"), "{faults}");
}

#[test]
fn the_template_has_a_table_for_each_reader() {
    let train = json!({"role": {"guest": [9], "host": [10, 11], "arbiter": [10]},
        "initiator": {"role": "guest", "party_id": 9}, "job_parameters": {"common": {"task_parallelism": 3}}});
    let made = predict_conf_template(&train, &dsl(&["reader_0", "lr_0"]), "m", "2");
    let table = json!({"name": "name_to_be_filled_0", "namespace": "namespace_to_be_filled_0"});
    let to_fill = json!({"reader_0": {"table": table}});
    let host = json!({"0": to_fill, "1": to_fill});
    assert_eq!(made["component_parameters"], json!({"role": {"guest": {"0": to_fill}, "host": host}}));
    let common = json!({"task_parallelism": 3, "model_id": "m", "model_version": "2", "job_type": "predict"});
    assert_eq!(made["job_parameters"], json!({ "common": common }));
    let empty = predict_conf_template(&train, &dsl(&["lr_0"]), "m", "2");
    assert_eq!(empty["component_parameters"]["role"]["guest"], json!({"0": {}}));
}
