//! Predict jobs, as far as a plan goes.

use parcae_dsl::{JobType, predict_dsl};
use serde_json::{Value, json};

use crate::catalog::{conf, faults, plan, train_dsl};

fn predict_conf() -> Value {
    let mut conf = conf();
    conf["job_parameters"] = json!({"common": {"job_type": "predict", "model_id": "m#model", "model_version": "2026"}});
    conf["component_parameters"]["role"]["host"] =
        json!({"all": {"reader_0": {"table": {"name": "a", "namespace": "b"}}}});
    conf["component_parameters"]["role"]["guest"] =
        json!({"0": {"reader_0": {"table": {"name": "a", "namespace": "b"}}}});
    conf
}

#[test]
fn models_come_from_the_deployed_one() {
    let listed = ["reader_0", "dt_0", "int_0", "lr_0"].map(str::to_owned);
    let dsl = predict_dsl(&train_dsl(), &listed).unwrap();
    let plan = plan(&dsl, &predict_conf());
    assert_eq!(plan.parameters.job_type, JobType::Predict);
    assert_eq!(plan.parameters.model_id, "m#model");
    assert_eq!(plan.parameters.model_version.as_deref(), Some("2026"));
    let lr = plan.component("lr_0").unwrap();
    let model = lr.inputs_of("model").next().unwrap();
    assert_eq!((model.from_component.as_str(), model.from_output.as_str()), ("pipeline", "lr_0.model"));
    assert_eq!(lr.upstream.len(), 1);
}

#[test]
fn the_dsl_may_be_left_out() {
    for dsl in [Value::Null, json!({})] {
        let plan = plan(&dsl, &predict_conf());
        assert!(plan.components.is_empty() && plan.order.is_empty());
    }
}

#[test]
fn the_model_has_to_be_named() {
    let mut conf = predict_conf();
    conf["job_parameters"]["common"] = json!({"job_type": "predict", "model_version": 20_260_101});
    assert_eq!(
        faults(&Value::Null, &conf),
        "1. job_parameters.common.model_version: expected text, found 20260101\n\
         2. job_parameters.common.model_id: missing: a predict job names the deployed model that it uses"
    );
}
