//! What is done with models that are kept: tags, migration to other parties, and what a node refuses to do with them.
//! Not for: archives (`archives`).

use parcae_tests::{
    Site, breast,
    http::{Served, list},
};
use serde_json::{Value, json};

const MODEL: &str = "guest-9999#host-10000#model";

/// A node that has trained a model without cryptography; its version.
fn trained() -> (Served, String) {
    let site = Site::new();
    breast::upload(&site);
    let served = Served::of(site);
    let (mut dsl, mut conf) = breast::job();
    let kept = ["reader_0", "data_transform_0"];
    dsl["components"].as_object_mut().unwrap().retain(|name, _| kept.contains(&name.as_str()));
    conf["component_parameters"]["common"].as_object_mut().unwrap().retain(|name, _| name == "data_transform_0");
    conf["role"].as_object_mut().unwrap().remove("arbiter");
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    (served, job)
}

/// The words of a request that must succeed.
fn said(served: &Served, path: &str, body: Value) -> String {
    let (status, answer) = served.post(path, body);
    assert_eq!((status, &answer["retcode"]), (200, &json!(0)), "{path}: {answer}");
    answer["retmsg"].as_str().unwrap().to_owned()
}

#[test]
fn tags_are_made_found_changed_and_removed() {
    let served = Served::new();
    let tag = |name: &str| json!({"tag_name": name});
    let made = said(&served, "model/tag/create", json!({"tag_name": "tag1", "tag_desc": "first tag"}));
    assert_eq!(made, "'tag1' tag has been created successfully.");
    for bad in [json!({"tag_name": "tag1"}), tag(""), json!({}), tag(&"x".repeat(101))] {
        assert_eq!(served.refused("model/tag/create", bad).0, 100);
    }
    let found = served.data("model/tag/retrieve", json!({"tag_name": "ag", "with_model": false}));
    assert_eq!(found, json!({"tags": [{"name": "tag1", "description": "first tag"}]}));
    assert_eq!(served.refused("model/tag/retrieve", tag("nosuch")), (100, "No tags found.".into()));
    said(&served, "model/tag/create", tag("other"));
    let all = json!({"tags": [
        {"name": "tag1", "description": "first tag", "model_count": 0},
        {"name": "other", "description": null, "model_count": 0}]});
    assert_eq!(served.data("model/tag/list", json!({"limit": 10})), all);
    assert_eq!(list(&served.data("model/tag/list", json!({"limit": 1}))["tags"]).len(), 1);
    let update = json!({"tag_name": "tag1", "new_tag_name": "tag2", "new_tag_desc": "d2"});
    let text = "Infomation of 'tag1' tag has been updated successfully.";
    assert_eq!(said(&served, "model/tag/update", update), text);
    let again = json!({"tag_name": "tag2", "new_tag_name": "tag2", "new_tag_desc": "d2"});
    assert_eq!(served.refused("model/tag/update", again).0, 100);
    assert_eq!(served.refused("model/tag/update", json!({"tag_name": "tag2", "new_tag_name": "other"})).0, 100);
    // A description that is left out is lost, as with FATE.
    said(&served, "model/tag/update", json!({"tag_name": "tag2", "new_tag_name": "tag3"}));
    let found = served.data("model/tag/retrieve", tag("tag3"));
    assert_eq!(found, json!({"tags": [{"name": "tag3", "description": null}]}));
    assert_eq!(said(&served, "model/tag/destroy", tag("tag3")), "'tag3' tag has been deleted successfully.");
    assert_eq!(served.refused("model/tag/destroy", tag("tag3")).0, 100);
}

#[test]
fn models_have_tags() {
    let (served, job) = trained();
    let both = |name: &str| json!({"job_id": job, "tag_name": name});
    let done = format!("Adding tag2 tag for model with job id: {job} successfully.");
    assert_eq!(said(&served, "model/model_tag/create", both("tag2")), done);
    assert_eq!(served.refused("model/model_tag/create", both("tag2")).0, 100);
    assert_eq!(served.refused("model/model_tag/create", json!({"job_id": "1", "tag_name": "tag2"})).0, 100);
    assert_eq!(served.refused("model/model_tag/create", json!({"tag_name": "tag2"})).0, 101);
    let found = served.data("model/model_tag/retrieve", json!({"job_id": job}));
    assert_eq!(found, json!({"count": 1, "tags": [{"name": "tag2", "description": null}]}));
    let found = served.data("model/tag/retrieve", json!({"tag_name": "tag2", "with_model": true}));
    assert_eq!(found["count"], 2);
    for model in list(&found["models"]) {
        assert_eq!((&model["model_id"], &model["model_version"]), (&json!(MODEL), &json!(job)));
        let wanted = json!({"model_version": job, "role": model["role"], "party_id": model["party_id"]});
        assert_eq!(served.data("model/query", wanted)[0]["f_size"], model["model_size"]);
        assert!(model["party_id"].is_string(), "{model}");
    }
    assert_eq!(served.data("model/tag/list", json!({}))["tags"][0]["model_count"], 1);
    // Models keep a tag that gets another name.
    said(&served, "model/tag/update", json!({"tag_name": "tag2", "new_tag_name": "tag9"}));
    assert_eq!(served.data("model/model_tag/retrieve", json!({"job_id": job}))["tags"][0]["name"], "tag9");
    assert_eq!(served.refused("model/model_tag/remove", both("tag2")).0, 100);
    let done = format!("'tag9' tag has been removed from tag list of model {MODEL} {job}.");
    assert_eq!(said(&served, "model/model_tag/remove", both("tag9")), done);
    assert_eq!(served.refused("model/model_tag/remove", both("tag9")).0, 100);
    said(&served, "model/model_tag/create", both("tag9"));
    said(&served, "model/tag/destroy", json!({"tag_name": "tag9"}));
    let found = served.data("model/model_tag/retrieve", json!({"job_id": job}));
    assert_eq!(found, json!({"count": 0, "tags": []}));
}

fn migration(job: &str) -> Value {
    json!({
        "job_parameters": {"federated_mode": "SINGLE"},
        "role": {"guest": [9999], "host": [10000]},
        "migrate_initiator": {"role": "guest", "party_id": 99},
        "migrate_role": {"guest": [99], "host": [100]},
        "execute_party": {"guest": [9999], "host": ["10000"]},
        "model_id": MODEL, "model_version": job, "unify_model_version": "migrated-1", "conf_path": "migrate.json"
    })
}

#[test]
fn a_model_is_migrated_to_other_parties() {
    let (served, job) = trained();
    let (status, answer) = served.post("model/migrate", migration(&job));
    assert_eq!((status, &answer["retcode"], &answer["retmsg"]), (200, &json!(0), &json!("success")), "{answer}");
    assert!(answer["jobId"].is_string(), "{answer}");
    let data = &answer["data"];
    assert_eq!((&data["guest"], &data["host"]), (&json!({"9999": 0}), &json!({"10000": 0})));
    let text = data["detail"]["host"]["10000"]["retmsg"].as_str().unwrap();
    assert!(text.contains("New model id is: guest-99#host-100#model, model version is: migrated-1."), "{text}");
    let rows = served.data("model/query", json!({"model_version": "migrated-1"}));
    let mut parties: Vec<&Value> = list(&rows).iter().map(|row| &row["f_party_id"]).collect();
    parties.sort_by_key(|id| id.to_string());
    assert_eq!(parties, ["100", "99"]);
    for row in list(&rows) {
        let roles = json!({"guest": [99], "host": [100]});
        assert_eq!((&row["f_roles"], &row["f_initiator_party_id"]), (&roles, &json!("99")));
        let conf = &row["f_train_runtime_conf"];
        assert_eq!((&conf["role"], &conf["initiator"]["party_id"]), (&roles, &json!(99)));
        assert_eq!((&row["f_model_id"], &row["f_parent"]), (&json!("guest-99#host-100#model"), &json!(true)));
    }
    let new = json!({"role": "guest", "party_id": 99, "model_id": "guest-99#host-100#model",
        "model_version": "migrated-1"});
    assert_eq!(served.get_with_body("model/export", new).status, 200);
    let deploy = json!({"model_id": "guest-99#host-100#model", "model_version": "migrated-1"});
    assert_eq!(served.data("model/deploy", deploy)["guest"], json!({"99": 0}));
    // The version is taken now.
    let (_, answer) = served.post("model/migrate", migration(&job));
    assert_eq!((&answer["retcode"], &answer["data"]["guest"]["9999"]), (&json!(101), &json!(100)), "{answer}");
}

#[test]
fn migrations_that_make_no_sense_are_refused() {
    let (served, job) = trained();
    let changed = |key: &str, value: Value| {
        let mut body = migration(&job);
        body[key] = value;
        body
    };
    let same = served.refused("model/migrate", changed("migrate_role", json!({"guest": [9999], "host": [10000]})));
    assert!(same.0 == 100 && same.1.contains("the same"), "{same:?}");
    for (key, value) in [
        ("migrate_role", json!({"guest": [99]})),
        ("migrate_role", json!({"guest": [99], "host": [100, 101]})),
        ("migrate_initiator", json!({"role": "guest", "party_id": 9999})),
        ("execute_party", json!({})),
        ("unify_model_version", json!("../1")),
    ] {
        assert_eq!(served.refused("model/migrate", changed(key, value.clone())).0, 100, "{key}: {value}");
    }
    for (key, value) in [("migrate_role", Value::Null), ("role", json!({"boss": [1]})), ("role", json!(7))] {
        assert_eq!(served.refused("model/migrate", changed(key, value.clone())).0, 101, "{key}: {value}");
    }
    let (_, answer) = served.post("model/migrate", changed("model_version", json!("1")));
    assert_eq!((&answer["retcode"], &answer["data"]["host"]["10000"]), (&json!(101), &json!(100)), "{answer}");
}

#[test]
fn what_a_node_does_not_do_is_refused_with_the_cure() {
    let (served, job) = trained();
    let (code, text) = served.refused("model/load", json!({"job_id": "1"}));
    assert!(code == 101 && text.contains("can not be found"), "{text}");
    assert_eq!(served.refused("model/load", json!({})).0, 101);
    let (_, answer) = served.post("model/load", json!({"job_id": job}));
    assert_eq!((&answer["retcode"], &answer["data"]["guest"]), (&json!(101), &json!({"9999": 100})), "{answer}");
    let about = &answer["data"]["detail"]["host"]["10000"];
    assert_eq!(about["retcode"], 100);
    assert!(about["retmsg"].as_str().unwrap().starts_with("Only deployed models"), "{answer}");
    assert!(answer["jobId"].is_string(), "{answer}");
    let deployed = served.data("model/deploy", json!({"model_id": MODEL, "model_version": job}));
    let parameters = json!({"model_id": MODEL, "model_version": deployed["model_version"], "file_path": ""});
    let online = json!({"initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "job_parameters": parameters});
    let (_, answer) = served.post("model/load", online.clone());
    assert!(answer["retcode"] == 101 && answer["retmsg"].as_str().unwrap().contains("model/export"), "{answer}");
    assert_eq!(served.refused("model/bind", online.clone()), (101, "no service id".into()));
    let mut bind = online;
    bind["service_id"] = "test".into();
    let (code, text) = served.refused("model/bind", bind);
    assert!(code == 100 && text.contains("FATE-Serving"), "{text}");
    for (path, cure) in [
        ("model/store", "model/export"),
        ("model/restore", "model/import"),
        ("model/homo/convert", "model/export"),
        ("model/homo/deploy", "model/export"),
        ("component/hetero/merge", "output/model"),
        ("component/woe_array/extract", "output/model"),
        ("component/woe_array/merge", "output/model"),
    ] {
        let (code, text) = served.refused(path, json!({"model_id": MODEL, "model_version": job, "role": "guest"}));
        assert!(code == 100 && text.contains(cure), "{path}: {text}");
        assert_eq!(served.post_nothing(path).1["retcode"], 100);
    }
}
