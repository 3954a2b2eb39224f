//! Pages of two jobs that are made up.

use parcae_domain::{id::JobId, party::Role, port::Scalar, status::Status};
use serde_json::{Map, Value, json};

use super::*;

const GUEST: Party = Party { role: Role::Guest, id: 9999 };

fn job(id: &str) -> JobView {
    JobView {
        job: JobId(id.to_owned()),
        party: GUEST,
        initiator: GUEST,
        roles: Vec::new(),
        status: Status::Success,
        progress: 100,
        tag: String::new(),
        description: "<note>".to_owned(),
        cancel_signal: false,
        dsl: Value::Null,
        runtime_conf: Value::Null,
        runtime_conf_on_party: Value::Null,
        train_runtime_conf: Value::Null,
        cores: 1,
        created_ms: 0,
        updated_ms: 0,
        start_ms: Some(1_000),
        end_ms: Some(9_200),
    }
}

fn task(id: &str, component: &str, parameters: Value) -> TaskView {
    TaskView {
        job: JobId(id.to_owned()),
        component: component.to_owned(),
        version: 0,
        party: GUEST,
        module: "HeteroLR".to_owned(),
        provider: (String::new(), String::new()),
        grants: Vec::new(),
        image: String::new(),
        initiator: GUEST,
        status: Status::Success,
        party_status: Status::Success,
        parameters,
        error_report: String::new(),
        progress: None,
        auto_retries: 0,
        created_ms: 0,
        updated_ms: 0,
        start_ms: None,
        end_ms: None,
    }
}

fn series(name: &str, metric_type: &str, points: Vec<(Scalar, Scalar)>) -> (String, Series) {
    let (namespace, name, metric_type) = ("train".to_owned(), name.to_owned(), metric_type.to_owned());
    ("hetero_lr_0".to_owned(), Series { namespace, name, metric_type, extra: Map::new(), points })
}

fn side(id: &str, rate: f64, auc: f64) -> Found {
    let number = Scalar::Number;
    let line = vec![(number(0.0), number(0.0)), (number(1.0), number(auc))];
    let side = Side {
        job: job(id),
        tasks: vec![task(id, "hetero_lr_0", json!({"learning_rate": rate, "init": {"method": "<zeros>"}}))],
        data: vec![Dataset { namespace: "experiment".into(), name: "breast".into(), rows: Some(569) }],
        used: Used { cpu_ms: 1_500, bytes_out: 2_048, ..Used::default() },
        series: vec![
            series("lr", "EVALUATION_SUMMARY", vec![(Scalar::Text("auc".into()), number(auc))]),
            series("lr_roc", "ROC_EVALUATION", line.clone()),
            series("loss", "LOSS", line),
        ],
    };
    Found { id: id.to_owned(), side: Ok(Box::new(side)) }
}

fn shown(found: &[Found], shows_all: bool) -> String {
    let compare = Compare { found, party: None, shows_all, dataset: None, left_out: 0 };
    page(&View::default(), &compare).body.into_string()
}

#[test]
fn differing_parameters_best_scores_and_curves_stand_beside_each_other() {
    let found = [side("11", 0.15, 0.875), side("22", 0.5, 0.75)];
    let page = shown(&found, false);
    for part in [
        "/jobs/11/guest/9999",
        "/compare?job=22",
        "&lt;note&gt;",
        "8.2 s",
        "experiment / breast",
        "2.0 KiB",
        "learning_rate",
        "<code>0.15</code>",
        "aria-label=\"differs\"",
        "best</span> <strong>0.875</strong>",
        "data-name=\"A (AUC 0.875)\"",
        "data-name=\"B (AUC 0.75)\"",
        "data-name=\"B · hetero_lr_0\"",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert!(!page.contains("init.method"), "they do not differ in it: {page}");
    assert!(shown(&found, true).contains("<code>&lt;zeros&gt;</code>"));
}

#[test]
fn jobs_that_are_not_there_are_said_in_place() {
    let missing = Found { id: "<33>".into(), side: Err("there is no job".into()) };
    let page = shown(&[side("11", 0.15, 0.875), missing], false);
    assert!(page.contains("&lt;33&gt;") && page.contains("there is no job"), "{page}");
    assert!(page.contains("Add another job"), "{page}");
    assert!(shown(&[], false).contains("No job is chosen yet"));
}
