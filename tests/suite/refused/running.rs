//! Components by hand that are taken, and hand the node nonsense when it asks for room: their attempts fail, and say
//! why.

use std::sync::Arc;

use parcae_domain::status::Status;
use parcae_runtime::{Images, Settings, start};
use parcae_tests::Site;
use parcae_tests::made::{Said, reallocating};
use serde_json::json;

/// How a job with the module of such a component ends, and what its task reports.
fn run(realloc: Option<&str>) -> (Status, String) {
    let images = Images::new(start(Settings::default()).unwrap());
    images.add(&reallocating(&Said::default().memory(), realloc)).unwrap();
    let site = Site::of(Arc::new(images), |_| ());
    let dsl = json!({"components": {"made_0": {"module": "Made"}}});
    let conf = json!({
        "dsl_version": 2, "initiator": {"role": "local", "party_id": 0}, "role": {"local": [0]},
        "component_parameters": {"common": {}}
    });
    let view = site.run(&dsl, &conf);
    (view.status, site.errors(&view.job.0))
}

#[test]
fn room_that_is_none() {
    assert_eq!(run(None).0, Status::Success);
    for (realloc, words) in [
        ("(i32.const -1)", "realloc return: beyond end of memory"),
        ("(i32.const 0x7fffffff)", "realloc return: beyond end of memory"),
        ("unreachable", "unreachable"),
        ("(call 0 (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))", "stack"),
    ] {
        let (status, said) = run(Some(realloc));
        assert_eq!(status, Status::Failed, "{realloc}: {said}");
        assert!(said.contains(words), "{realloc}: {said}");
    }
}
