//! What two tenants may have in common: images with the same bytes, versions of models with the same name. Not for:
//! every operation with every key (`tenancy_matrix`).

use parcae_domain::tenant::Scope;
use parcae_tests::{
    Site,
    accounts::Keyed,
    breast,
    http::{Served, form_type, form_with},
    made::{Said, SaidModule},
    own_images,
};
use serde_json::{Value, json};

const JSON: &str = "application/json";

fn served() -> Served {
    Served::of(Site::of(own_images(&[]), |_| ()))
}

/// Pushes an image; its digest.
#[track_caller]
fn push(keyed: &Keyed<'_>, image: &[u8]) -> String {
    let pushed = keyed.send("POST", "/v1/components", "application/wasm", image).answer().1;
    assert_eq!((&pushed["retcode"], &pushed["data"]["new"]), (&json!(0), &json!(true)), "{pushed}");
    pushed["data"]["digest"].as_str().unwrap().to_owned()
}

#[test]
fn who_has_removed_an_image_does_not_run_that_of_another() {
    let served = served();
    let (alpha, bravo) = (served.keyed("alpha", Scope::Operate), served.keyed("bravo", Scope::Operate));
    let said = Said::but(|said| {
        said.name = b"shared_mill".to_vec();
        said.modules = vec![SaidModule::named("SharedMill")];
    });
    let digest = push(&alpha, &said.build());
    assert_eq!(push(&bravo, &said.build()), digest);
    let dsl = json!({"components": {"mill_0": {"module": "SharedMill"}}});
    let conf = json!({
        "dsl_version": 2, "initiator": {"role": "local", "party_id": 0}, "role": {"local": [0]},
        "job_parameters": {"common": {}}, "component_parameters": {}
    });
    let again = |keyed: &Keyed<'_>, job: &str| {
        keyed.post("job/rerun", json!({"job_id": job, "force": true}));
        keyed.wait(job, "local", 0)
    };
    let job = bravo.submit(&dsl, &conf);
    assert_eq!(bravo.wait(&job, "local", 0), "success", "{}", served.site.errors(&job));
    assert_eq!(again(&bravo, &job), "success");
    assert_eq!(bravo.delete(&format!("components/{digest}"))["retcode"], 0);
    let refused = bravo.post("job/rerun", json!({"job_id": job, "force": true}));
    let why = refused["retmsg"].as_str().unwrap();
    let words = format!("image sha256:{digest} of module SharedMill is not there for local/0");
    assert!(refused["retcode"] != 0 && why.contains(&words), "{refused}");
    let job = alpha.submit(&dsl, &conf);
    assert_eq!(alpha.wait(&job, "local", 0), "success", "it is still the other's");
}

#[test]
fn which_version_serves_does_not_tell_what_another_has() {
    let served = served();
    let (alpha, bravo) = (served.keyed("alpha", Scope::Submit), served.keyed("bravo", Scope::Submit));
    let [old, new] = ["0.1.0", "0.2.0"].map(|version| {
        let said = Said::but(|said| {
            said.name = b"shared_mill".to_vec();
            said.version = version.as_bytes().to_vec();
            said.modules = vec![SaidModule::named("SharedMill")];
        });
        said.build()
    });
    let serves = |keyed: &Keyed<'_>, digest: &str| {
        let row = keyed.get(&format!("components/{digest}"));
        row["data"]["modules"][0]["default"].as_bool().unwrap_or_else(|| panic!("{row}"))
    };
    push(&alpha, &old);
    let newer = push(&bravo, &new);
    // What a tenant pushed last serves it, wherever that stands with others.
    let older = push(&bravo, &old);
    assert!(serves(&bravo, &older) && !serves(&bravo, &newer));
    push(&alpha, &new);
    assert!(serves(&alpha, &newer) && !serves(&alpha, &older));
}

/// Trains the quick model; the job.
fn trained(served: &Served, keyed: &Keyed<'_>) -> String {
    for name in ["breast_hetero_guest", "breast_hetero_host"] {
        keyed.upload("experiment", name, &breast::file(&format!("{name}.csv")));
    }
    let (dsl, conf) = breast::quick_job();
    let job = keyed.submit(&dsl, &conf);
    assert_eq!(keyed.wait(&job, "guest", 9999), "success", "{}", served.site.errors(&job));
    job
}

#[test]
fn a_model_that_is_named_after_anothers_job_leaves_that_alone() {
    let served = served();
    let (alpha, bravo) = (served.keyed("alpha", Scope::Submit), served.keyed("bravo", Scope::Submit));
    let (job, own) = (trained(&served, &alpha), trained(&served, &bravo));
    let logs = served.site.node.data_folder().join("logs");
    let about_models = |job: &str| {
        let text = std::fs::read_to_string(logs.join(job).join("fate_flow_sql.log")).unwrap();
        text.lines().filter(|line| line.contains("component_model")).count()
    };
    let models = |keyed: &Keyed<'_>| keyed.data("model/query", json!({"model_version": job}));
    let (lines, before) = (about_models(&job), models(&alpha));
    assert!(lines > 0 && before.as_array().is_some_and(|all| all.len() == 2), "{lines} lines, {before}");

    let key = json!({"model_id": breast::QUICK_MODEL, "model_version": own, "role": "guest", "party_id": 9999});
    let archive = bravo.send("POST", "/v1/model/export", JSON, key.to_string().as_bytes());
    let import = |version: &str| -> Value {
        let fields = [
            ("role", "guest"),
            ("party_id", "9999"),
            ("model_id", breast::QUICK_MODEL),
            ("model_version", version),
            ("force_update", "0"),
        ];
        let form = form_with(&fields, "model.zip", &archive.bytes);
        bravo.send("POST", "/v1/model/import", &form_type(), &form).answer().1
    };
    assert_eq!(import(&job)["retcode"], 0, "whether there is such a job is nobody's business");
    assert_eq!(about_models(&job), lines, "another tenant wrote into the log of the job");
    assert_eq!(models(&alpha), before);
    assert_eq!(models(&bravo).as_array().map(Vec::len), Some(1));
    let nobodys = format!("2020{}", &job[4..]);
    assert_eq!(import(&nobodys)["retcode"], 0);
    assert!(!logs.join(&nobodys).exists(), "a log of a job that there is not");
}
