//! Checkpoints that components keep while they train, as `checkpoint/list` shows them. Not for: misuse of the contract
//! (`hostile_exports`), archives and deployments.

use parcae_domain::grant::Grant;
use parcae_tests::{
    Site, breast,
    http::{Served, keys, list},
    merge,
};
use serde_json::{Value, json};

const PARTS: [&str; 2] = ["HeteroLogisticRegressionMeta", "HeteroLogisticRegressionParam"];

/// What `checkpoint/list` shows of a component at a party.
fn checkpoints(served: &Served, job: &str, model: &str, (role, party): (&str, u64), component: &str) -> Vec<Value> {
    let body = json!({"role": role, "party_id": party.to_string(), "model_id": model, "model_version": job,
        "component_name": component});
    list(&served.data("checkpoint/list", body)).to_vec()
}

fn steps(checkpoints: &[Value]) -> Vec<(u64, &str)> {
    let step = |row: &Value| row["step_index"].as_u64().expect("a step has a number");
    checkpoints.iter().map(|row| (step(row), row["step_name"].as_str().expect("a step has a name"))).collect()
}

/// The example's job with these callbacks.
fn train(served: &Served, parameters: Value, validate: bool) -> String {
    let (mut dsl, mut conf) = breast::job();
    merge(&mut conf["component_parameters"]["common"]["hetero_lr_0"], parameters);
    if validate {
        dsl["components"]["hetero_lr_0"]["input"]["data"]["validate_data"] = json!(["intersection_0.data"]);
    }
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    job
}

#[test]
fn hetero_lr_keeps_the_model_at_the_epochs_asked_for() {
    let served = Served::new();
    breast::upload(&served.site);
    let model = "arbiter-10000#guest-9999#host-10000#model";
    let parties = [("guest", 9999), ("host", 10000), ("arbiter", 10000)];
    let callbacks = json!({"callbacks": ["ModelCheckpoint"], "save_freq": 2});
    let job = train(&served, json!({"max_iter": 5, "callback_param": callbacks}), false);
    for party in parties {
        let kept = checkpoints(&served, &job, model, party, "hetero_lr_0");
        assert_eq!(steps(&kept), [(0, "epoch_0"), (2, "epoch_2"), (4, "epoch_4")], "{party:?}");
        assert!(kept.iter().all(|row| keys(&row["models"]) == PARTS), "{kept:?}");
        assert!(checkpoints(&served, &job, model, party, "intersection_0").is_empty());
    }
    let job = train(&served, json!({"max_iter": 2}), false);
    assert!(parties.iter().all(|party| checkpoints(&served, &job, model, *party, "hetero_lr_0").is_empty()));

    // With early stopping: one an epoch, the one that stopped training too.
    let callbacks = json!({"callbacks": ["EarlyStopping", "ModelCheckpoint"], "validation_freqs": 1,
        "early_stopping_rounds": 1});
    let parameters = json!({"max_iter": 20, "optimizer": "sgd", "learning_rate": 3.0, "callback_param": callbacks});
    let job = train(&served, parameters, true);
    let guest = json!({"job_id": job, "role": "guest", "party_id": 9999, "component_name": "hetero_lr_0"});
    let trained = served.data("tracking/component/output/model", guest)["iters"].as_u64().expect("epochs");
    for party in parties {
        let kept = checkpoints(&served, &job, model, party, "hetero_lr_0");
        let indexes: Vec<u64> = steps(&kept).iter().map(|(index, _)| *index).collect();
        assert_eq!(indexes, (0..trained).collect::<Vec<u64>>(), "{party:?}");
    }
}

/// A guest alone whose component keeps two checkpoints an attempt, and fails until attempt `good`.
fn again(served: &Served, good: u64, retries: u64) -> (String, Value) {
    let dsl = json!({"components": {"probe_0": {"module": "ProbeExport", "output": {"model": ["model"]}}}});
    let conf = json!({
        "dsl_version": 2,
        "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999]},
        "job_parameters": {"common": {"auto_retries": retries, "auto_retry_delay": 0}},
        "component_parameters": {"common": {"probe_0": {"behaviour": "checkpoint_again", "amount": good}}}
    });
    served.run(&dsl, &conf)
}

#[test]
fn checkpoints_outlive_a_failure_and_go_with_the_next_attempt() {
    let give = |options: &mut parcae_node::Options| {
        options.grants.insert("ProbeExport".to_owned(), vec![Grant::ExportFile]);
    };
    let served = Served::of(Site::with(give));
    let kept = |job: &str| {
        let kept = checkpoints(&served, job, "guest-9999#model", ("guest", 9999), "probe_0");
        steps(&kept).iter().map(|(index, _)| *index).collect::<Vec<u64>>()
    };
    let (job, row) = again(&served, 1, 0);
    assert_eq!((row["f_status"].as_str(), kept(&job)), (Some("failed"), vec![0, 1]));
    let (job, row) = again(&served, 1, 1);
    assert_eq!((row["f_status"].as_str(), kept(&job)), (Some("success"), vec![10, 11]));
}
