//! The example job: breast cancer data cut between a guest and a host. Not for: other data.

use parcae_domain::status::Status;
use serde_json::Value;

use crate::{Site, example};

/// Text of a file of the example.
pub fn file(name: &str) -> String {
    std::fs::read_to_string(example(&format!("hetero_lr/{name}"))).expect("the example is there")
}

/// The example's DSL and conf.
pub fn job() -> (Value, Value) {
    let read = |name: &str| serde_json::from_str(&file(name)).expect("the example is JSON");
    (read("job_dsl.json"), read("job_conf.json"))
}

/// The example up to its transformed data: trains a model without cryptography, at guest and host.
pub fn quick_job() -> (Value, Value) {
    let (mut dsl, mut conf) = job();
    let retain = |of: &mut Value, kept: &[&str]| {
        let Value::Object(all) = of else { panic!("no object: {of}") };
        all.retain(|name, _| kept.contains(&name.as_str()));
    };
    retain(&mut dsl["components"], &["reader_0", "data_transform_0"]);
    retain(&mut conf["component_parameters"]["common"], &["data_transform_0"]);
    retain(&mut conf["role"], &["guest", "host"]);
    (dsl, conf)
}

/// Name of the model that it trains.
pub const QUICK_MODEL: &str = "guest-9999#host-10000#model";

/// Uploads both tables.
pub fn upload(site: &Site) {
    for name in ["breast_hetero_guest", "breast_hetero_host"] {
        let view = site.upload(name, &file(&format!("{name}.csv")));
        assert_eq!(view.status, Status::Success, "{}", site.errors(&view.job.0));
    }
}
