//! Upload and Reader through the node and the sandbox.

use parcae_domain::{
    party::{Party, Role},
    status::Status,
};
use parcae_tests::Site;
use serde_json::json;

#[test]
fn a_table_is_uploaded_and_read() {
    let site = Site::new();
    let csv: String = std::iter::once("id,y,x0\n".to_owned())
        .chain((0..20_000).map(|i| format!("u{i},{},{}.5\n", i % 2, i)))
        .collect();
    let view = site.upload("t", &csv);
    assert_eq!(view.status, Status::Success, "{}", site.errors(&view.job.0));
    let table = site.node.table("experiment", "t").unwrap().unwrap();
    assert_eq!((table.rows, table.partitions, table.origin.as_str()), (20_000, 4, "upload"));
    let dsl = json!({"components": {"reader_0": {"module": "Reader", "output": {"data": ["data"]}}}});
    let conf = json!({
        "dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "component_parameters": {"common": {"reader_0": {"table": {"namespace": "experiment", "name": "t"}}}}
    });
    let job = site.succeed(&dsl, &conf);
    let outputs = site.node.outputs(&job, "reader_0", Party::new(Role::Guest, 9999)).unwrap();
    assert_eq!(outputs[0].table.rows(), 20_000);
    // And what that job made is read by another.
    let mut again = conf.clone();
    again["component_parameters"]["common"]["reader_0"]["table"] =
        json!({"job_id": job, "component_name": "reader_0", "data_name": "data"});
    let second = site.succeed(&dsl, &again);
    assert_eq!(site.node.outputs(&second, "reader_0", Party::new(Role::Guest, 9999)).unwrap()[0].table.rows(), 20_000);
}
