//! Checkpoints there and back, and into the model of a deployment. Not for: what components save at their end
//! (`results`).

use parcae_domain::port::ModelPart;
use parcae_metadata::{Checkpoint, ComponentModel, DEFAULT_TENANT, ModelFilter, ModelKey, Store};

use crate::world::{GUEST, HOST, job_id, store};

fn key(n: u32) -> ModelKey {
    let (model_id, model_version) = ("guest-9999#host-10000#model".to_owned(), job_id(n).0);
    ModelKey { tenant: DEFAULT_TENANT.into(), party: GUEST, model_id, model_version }
}

fn parts(text: &str) -> Vec<ModelPart> {
    let part = |name: &str| ModelPart { name: name.into(), json: format!("{{\"a\":{text}}}"), bytes: vec![0, 255] };
    vec![part("XParam"), part("XMeta")]
}

fn checkpoint(component: &str, step: u32, text: &str) -> Checkpoint {
    Checkpoint {
        key: key(1),
        component: component.into(),
        alias: "model".into(),
        module: "HeteroLR".into(),
        step_index: step,
        step_name: format!("epoch_{step}"),
        parts: parts(text),
        created_ms: 0,
    }
}

fn steps(store: &Store, component: Option<&str>) -> Vec<(String, u32)> {
    let found = store.checkpoints(&key(1), component).unwrap();
    found.into_iter().map(|c| (c.component, c.step_index)).collect()
}

fn at(component: &str, step: u32) -> (String, u32) {
    (component.to_owned(), step)
}

#[test]
fn checkpoints_come_back_in_order_and_replace_their_step() {
    let (_folder, store) = store();
    for (component, step) in [("lr_1", 0), ("lr_0", 10), ("lr_0", 2), ("lr_0", 10)] {
        store.commit(|tx| tx.put_checkpoint(&checkpoint(component, step, "1"))).unwrap();
    }
    store.commit(|tx| tx.put_checkpoint(&checkpoint("lr_0", 2, "2"))).unwrap();
    assert_eq!(steps(&store, None), [at("lr_0", 2), at("lr_0", 10), at("lr_1", 0)]);
    assert_eq!(steps(&store, Some("lr_1")), [at("lr_1", 0)]);
    let first = store.checkpoints(&key(1), Some("lr_0")).unwrap().remove(0);
    assert!(first.created_ms > 0);
    assert_eq!(Checkpoint { created_ms: 0, ..first }, checkpoint("lr_0", 2, "2"));
    assert!(store.checkpoints(&ModelKey { party: HOST, ..key(1) }, None).unwrap().is_empty());
    assert!(store.checkpoints(&key(2), None).unwrap().is_empty());

    store.commit(|tx| tx.delete_component_checkpoints(&key(1), "lr_0")).unwrap();
    assert_eq!(steps(&store, None), [at("lr_1", 0)]);
    store.commit(|tx| tx.delete_checkpoints(&key(1))).unwrap();
    assert!(steps(&store, None).is_empty());
}

#[test]
fn a_checkpoint_takes_the_place_of_its_components_model_alone() {
    let (_folder, store) = store();
    let model = |component: &str| ComponentModel {
        key: key(2),
        component: component.into(),
        alias: "model".into(),
        module: "HeteroLR".into(),
        version: 0,
        parts: parts("0"),
        created_ms: 0,
    };
    let from = checkpoint("lr_0", 3, "3");
    store
        .commit(|tx| {
            tx.put_component_model(&model("lr_0"))?;
            tx.put_component_model(&ComponentModel { alias: "other".into(), ..model("lr_0") })?;
            tx.put_component_model(&model("scale_0"))?;
            tx.copy_checkpoint_to_model(&from, &key(2))
        })
        .unwrap();
    let found = store.component_models(&ModelFilter::of(&key(2))).unwrap();
    let seen: Vec<_> = found.into_iter().map(|model| (model.component, model.parts)).collect();
    assert_eq!(seen, [("scale_0".to_owned(), parts("0")), ("lr_0".to_owned(), parts("3"))]);
}
