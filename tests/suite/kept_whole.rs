//! What stays whole when runs follow each other: models of components that run again, files that a killed node had
//! published, names of tables that others take meanwhile; and what the report of a crash says. Not for: reruns by
//! themselves (`rerun`), misuse of the contract (`hostile`).

use std::fs;

use parcae_domain::{grant::Grant, status::Status};
use parcae_node::NodeError;
use parcae_tests::{
    Site,
    http::{Served, list},
};
use serde_json::{Value, json};

const MODEL: &str = "guest-9999#model";

/// A site that gives the probe its grant, with little room.
fn site() -> Served {
    Served::of(Site::with(|options| {
        options.grants.insert("ProbeExport".to_owned(), vec![Grant::ExportFile]);
        options.limits.model_bytes = 1 << 20;
    }))
}

/// A guest alone with two components that do not wait for each other: `probe_0` may save a model and export a file.
fn job(behaviour: &str, text: &str) -> (Value, Value) {
    let dsl = json!({"components": {
        "probe_0": {"module": "ProbeExport", "output": {"data": ["data"], "model": ["model"]}},
        "probe_1": {"module": "Probe"}
    }});
    let conf = json!({
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999]},
        "component_parameters": {"common": {"probe_0": {"behaviour": behaviour, "text": text}}}
    });
    (dsl, conf)
}

/// Has components behave otherwise.
fn behave(served: &Served, job: &str, components: Value) {
    let body = json!({"job_id": job, "component_parameters": {"common": components}});
    served.data("job/parameter/update", body);
}

fn rerun(served: &Served, job: &str, components: &[&str]) {
    let (_, answer) = served.post("job/rerun", json!({"job_id": job, "component_name": components}));
    assert_eq!((&answer["retcode"], &answer["retmsg"]), (&json!(0), &json!("rerun job success")), "{answer}");
}

/// `probe_0` runs again and does this; how the job ends.
fn again(served: &Served, job: &str, behaviour: &str) -> String {
    behave(served, job, json!({"probe_0": {"behaviour": behaviour}}));
    rerun(served, job, &["probe_0"]);
    served.wait(job, "guest", 9999)["f_status"].as_str().unwrap().to_owned()
}

/// What deploying `probe_0` is answered with at the guest; nothing when it was deployed.
fn not_deployed(served: &Served, job: &str) -> Option<String> {
    let body = json!({"model_id": MODEL, "model_version": job, "cpn_list": ["probe_0"]});
    let (status, answer) = served.post("model/deploy", body);
    let told = &answer["data"]["detail"]["guest"]["9999"];
    assert_eq!((status, answer["retcode"] == 0), (200, told["retcode"] == 0), "{answer}");
    (told["retcode"] != 0).then(|| told["retmsg"].as_str().unwrap().to_owned())
}

#[track_caller]
fn says(text: Option<String>, words: &str) {
    assert!(text.as_deref().is_some_and(|text| text.contains(words)), "{words:?} is not said: {text:?}");
}

#[test]
fn a_component_that_runs_again_leaves_no_model_of_its_earlier_run() {
    let served = site();
    let (dsl, conf) = job("huge_checkpoint", "");
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    assert_eq!(not_deployed(&served, &job), None);
    // One that ends well without saving anything, and one that fails.
    assert_eq!(again(&served, &job, "wrong_checkpoint"), "success", "{}", served.site.errors(&job));
    says(not_deployed(&served, &job), "saved no model");
    assert_eq!(again(&served, &job, "huge_checkpoint"), "success");
    assert_eq!(not_deployed(&served, &job), None);
    assert_eq!(again(&served, &job, "export_fails"), "failed");
    says(not_deployed(&served, &job), "saved no model");
}

#[test]
fn nothing_is_deployed_while_its_job_runs_again() {
    let served = site();
    let (dsl, conf) = job("huge_checkpoint", "");
    let (job, _) = served.run(&dsl, &conf);
    behave(&served, &job, json!({"probe_1": {"behaviour": "spin"}}));
    rerun(&served, &job, &["probe_0", "probe_1"]);
    let is = |name: &str, status: &str| {
        served.tasks(&job).iter().any(|task| task["f_component_name"] == name && task["f_status"] == status)
    };
    served.until("one has ended, the other runs", || is("probe_0", "success") && is("probe_1", "running"));
    says(not_deployed(&served, &job), "is running and makes this model anew: wait for its end");
    let rows = served.data("model/query", json!({"model_id": MODEL}));
    assert_eq!(list(&rows).len(), 1, "a refused deployment keeps nothing");
    served.data("job/stop", json!({"job_id": job}));
    assert_eq!(served.wait(&job, "guest", 9999)["f_status"], "canceled");
    assert_eq!(not_deployed(&served, &job), None);
}

#[test]
fn a_file_that_a_killed_node_published_is_made_again() {
    let served = site();
    let local = served.site.folder().join("local");
    let (mut dsl, conf) = job("export_fails", "a.csv");
    dsl["components"].as_object_mut().unwrap().remove("probe_1");
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "failed");
    // As it is between the publishing of the file and the commit of its attempt's end.
    let hidden = |version: u32| local.join(format!(".parcae-{job}_probe_0-guest-9999-{version}.part"));
    fs::write(hidden(0), "of the run that was killed").unwrap();
    fs::hard_link(hidden(0), local.join("a.csv")).unwrap();
    assert_eq!(again(&served, &job, "export"), "success", "{}", served.site.errors(&job));
    let files = || fs::read_dir(&local).unwrap().flatten().map(|entry| entry.file_name()).collect::<Vec<_>>();
    assert_eq!(files(), ["a.csv"]);
    assert_eq!(fs::read_to_string(local.join("a.csv")).unwrap(), "line 0\nline 1\nline 2\n");
    // As it is just after that commit: the file is one that was acknowledged.
    fs::hard_link(local.join("a.csv"), hidden(1)).unwrap();
    assert_eq!(again(&served, &job, "export"), "failed");
    assert!(served.site.errors(&job).contains("files are not replaced"), "{}", served.site.errors(&job));
    assert_eq!(files(), ["a.csv"]);
    assert_eq!(fs::read_to_string(local.join("a.csv")).unwrap(), "line 0\nline 1\nline 2\n");
    assert!(!served.site.folder().join("jobs").join(&job).join("exports").exists(), "notes go with the job's end");
}

#[test]
fn a_name_is_given_once_whoever_comes_first() {
    let site = Site::new();
    assert_eq!(site.upload("first", "id,x0\na,1\n").status, Status::Success);
    let rounds = 12;
    for round in 0..rounds {
        let name = format!("t{round}");
        let (job, taken) = site.begin_upload(&name, "id,x0\nb,2\nc,3\n", json!({}));
        taken.unwrap();
        let mut seen = site.node.changed(0, std::time::Duration::ZERO);
        for _ in 0..round {
            seen = site.node.changed(seen, std::time::Duration::from_millis(20));
        }
        let bound = site.node.default_tenant().bind_table(
            ("experiment", name.as_str()),
            ("experiment", "first"),
            &json!({}),
            false,
        );
        let status = site.wait(&job).status;
        match bound {
            Ok(()) => {
                assert_eq!(status, Status::Failed, "round {round}: two tables got the name");
                assert!(site.errors(&job).contains("drop it to replace it"), "{}", site.errors(&job));
            }
            Err(NodeError::Exists(_)) => assert_eq!(status, Status::Success, "{}", site.errors(&job)),
            Err(other) => panic!("round {round}: {other}"),
        }
    }
    // A file for the first table, and one for each upload that got its name.
    let served = Served::of(site);
    let rows = |name: &str| {
        let table = json!({"namespace": "experiment", "table_name": name});
        served.data("table/table_info", table)["count"].as_u64().unwrap()
    };
    let uploaded = (0..rounds).filter(|round| rows(&format!("t{round}")) == 2).count();
    let files = || fs::read_dir(served.site.folder().join("tables")).unwrap().count();
    served.until("files that nobody names are gone", || files() == 1 + uploaded);
}

#[test]
fn a_crash_is_reported_with_the_last_words_of_the_component() {
    let site = Site::new();
    let dsl = json!({"components": {"probe_0": {"module": "Probe"}}});
    let conf = json!({
        "dsl_version": 2,
        "initiator": {"role": "local", "party_id": 0},
        "role": {"local": [0]},
        "component_parameters": {"common": {"probe_0": {"behaviour": "panic", "text": "no such row"}}}
    });
    let view = site.run(&dsl, &conf);
    assert_eq!(view.status, Status::Failed);
    let errors = site.errors(view.job.as_str());
    let (outcome, _) = errors.split_once("last lines of its log:").unwrap();
    // The cause comes before the trace.
    let (words, _) = outcome.split_once("wasm backtrace").expect(outcome);
    assert!(words.contains("the component crashed: ") && words.contains("the probe panics: no such row"), "{errors}");
}
