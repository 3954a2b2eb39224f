//! Models, metrics and summaries there and back. Not for: tables (`tables`).

use parcae_domain::port::{ModelPart, Scalar};
use parcae_metadata::{ComponentModel, DEFAULT_TENANT, ModelFilter, ModelKey};
use serde_json::json;

use crate::world::{GUEST, HOST, attempt, job_id, new_job, store, task_id};

fn number(n: f64) -> Scalar {
    Scalar::Number(n)
}

fn text(text: &str) -> Scalar {
    Scalar::Text(text.into())
}

#[test]
fn metrics_come_back_sorted_and_as_they_were() {
    let (_folder, store) = store();
    let new = new_job(1);
    store.create_job(&new).unwrap();
    let (task, at) = (task_id(&new.id, "reader_0"), attempt(&new.id, "reader_0", 0, GUEST));
    store
        .commit(|tx| {
            tx.add_metric_points(&at, "train", "loss", &[(number(10.0), number(0.1)), (number(2.0), number(1.0))])?;
            tx.add_metric_points(&at, "train", "loss", &[(text("a"), text("b")), (number(-1.0), number(f64::NAN))])?;
            tx.set_metric_meta(&at, "train", "loss", "LOSS", &json!({"unit_name": "iters"}))?;
            tx.set_metric_meta(&at, "validate", "auc", "EVALUATION_SUMMARY", &json!({}))?;
            tx.add_metric_points(&at, "train", "auc", &[])?;
            tx.set_summary(&at, &json!({"first": 1}))?;
            tx.set_summary(&at, &json!({"coef": {"x0": 0.1}}))
        })
        .unwrap();
    let names = store.metric_names(&task, GUEST).unwrap();
    assert_eq!(json!(names), json!({"train": ["loss", "auc"], "validate": ["auc"]}));
    assert_eq!(store.metrics(&task, GUEST).unwrap().len(), 3);
    let loss = store.metric(&task, GUEST, "train", "loss").unwrap().unwrap();
    assert_eq!((loss.metric_type.as_str(), &loss.extra), ("LOSS", &json!({"unit_name": "iters"})));
    assert!(matches!(loss.points[0], (Scalar::Number(key), Scalar::Number(value)) if key == -1.0 && value.is_nan()));
    let rest = [(number(2.0), number(1.0)), (number(10.0), number(0.1)), (text("a"), text("b"))];
    assert_eq!(loss.points[1..], rest);
    assert_eq!(store.summary(&task, GUEST).unwrap(), Some(json!({"coef": {"x0": 0.1}})));

    assert!(store.metrics(&task, HOST).unwrap().is_empty());
    assert_eq!(store.summary(&task, HOST).unwrap(), None);
    assert_eq!(store.metric(&task, GUEST, "train", "no").unwrap(), None);
}

#[test]
fn metrics_of_an_earlier_version_are_hidden_and_can_be_deleted() {
    let (_folder, store) = store();
    let new = new_job(1);
    store.create_job(&new).unwrap();
    let task = task_id(&new.id, "reader_0");
    let at = |version| attempt(&new.id, "reader_0", version, GUEST);
    let add = |version| store.commit(|tx| tx.add_metric_points(&at(version), "n", "m", &[(number(0.0), number(1.0))]));
    add(0).unwrap();
    store.commit(|tx| tx.new_task_version(&task, 1, 0)).unwrap();
    assert!(store.metrics(&task, GUEST).unwrap().is_empty());
    add(1).unwrap();
    store.commit(|tx| tx.set_summary(&at(1), &json!(1))).unwrap();
    assert_eq!(store.metrics(&task, GUEST).unwrap().len(), 1);
    store.commit(|tx| tx.delete_metrics(&at(1))).unwrap();
    assert!(store.metrics(&task, GUEST).unwrap().is_empty());
    assert_eq!(store.summary(&task, GUEST).unwrap(), None);
    assert!(store.commit(|tx| tx.delete_job_metrics(&new.id)).unwrap(), "version 0 is still there");
    assert!(!store.commit(|tx| tx.delete_job_metrics(&new.id)).unwrap());
    assert!(add(2).is_err(), "there is no such attempt");
}

#[test]
fn models_are_replaced_copied_and_deleted() {
    let (_folder, store) = store();
    let key = |version: &str| ModelKey {
        tenant: DEFAULT_TENANT.into(),
        party: GUEST,
        model_id: "guest-9999#model".into(),
        model_version: version.into(),
    };
    let part = |name: &str, byte| ModelPart { name: name.into(), json: "{}".into(), bytes: vec![byte, 0] };
    let model = |component: &str, parts: &[ModelPart]| ComponentModel {
        key: key(&job_id(1).0),
        component: component.into(),
        alias: "model".into(),
        module: "HeteroLR".into(),
        version: 1,
        parts: parts.to_vec(),
        created_ms: 0,
    };
    let saved = model("hetero_lr_0", &[part("Param", 1), part("Meta", 2)]);
    store
        .commit(|tx| {
            tx.put_component_model(&model("hetero_lr_0", &[part("Old", 9)]))?;
            tx.put_component_model(&saved)?;
            tx.put_component_model(&model("other_0", &[]))?;
            tx.put_model(&saved.key, Some(&job_id(1)), &json!({"old": 1}))?;
            tx.put_model(&saved.key, Some(&job_id(1)), &json!({"parent": true}))
        })
        .unwrap();
    let of_component = ModelFilter {
        model_version: Some(job_id(1).0),
        component: Some("hetero_lr_0".into()),
        party: Some(GUEST),
        ..ModelFilter::default()
    };
    let found = store.component_models(&of_component).unwrap();
    assert_eq!((found.len(), &found[0].parts, &found[0].key), (1, &saved.parts, &saved.key));
    let entries = store.model_entries(&of_component).unwrap();
    assert_eq!((entries.len(), &entries[0].key, entries[0].bytes), (1, &saved.key, 8), "two parts of four bytes");
    for (longest, is_there) in [(2, true), (1, false)] {
        let parts = store.part_entries(&of_component, longest).unwrap();
        let seen: Vec<_> = parts.iter().map(|part| (part.name.as_str(), part.json.is_some(), part.bytes)).collect();
        assert_eq!(seen, [("Param", is_there, 4), ("Meta", is_there, 4)], "{longest}");
    }
    assert_eq!(store.model_entries(&ModelFilter::default()).unwrap().iter().map(|e| e.bytes).max(), Some(8));
    assert!(store.component_models(&ModelFilter { party: Some(HOST), ..of_component }).unwrap().is_empty());
    let models = store.models(&ModelFilter::of(&saved.key)).unwrap();
    assert_eq!((models.len(), &models[0].info, &models[0].job), (1, &json!({"parent": true}), &Some(job_id(1))));
    let hosts = ModelFilter { roles: vec![HOST.role], ..ModelFilter::default() };
    assert!(store.models(&hosts).unwrap().is_empty());
    let any = ModelFilter {
        roles: vec![HOST.role, GUEST.role],
        party_ids: vec![GUEST.id],
        model_versions: vec![job_id(1).0, "x".into()],
        limit: Some(1),
        ..ModelFilter::default()
    };
    assert_eq!(store.models(&any).unwrap(), models);
    assert!(store.models(&ModelFilter { limit: Some(0), ..any }).unwrap().is_empty());

    let child = key("deployed");
    let copied = store.commit(|tx| tx.copy_component_models(&saved.key, &child, &["hetero_lr_0".into()])).unwrap();
    assert_eq!(copied, 1);
    store.commit(|tx| tx.delete_model(&saved.key)).unwrap();
    assert!(store.component_models(&ModelFilter::of(&saved.key)).unwrap().is_empty());
    assert!(store.models(&ModelFilter::default()).unwrap().is_empty());
    let copies = store.component_models(&ModelFilter::of(&child)).unwrap();
    assert_eq!((copies.len(), &copies[0].parts, copies[0].version), (1, &saved.parts, 1));
}
