//! Intersection through the sandbox: all methods find the same rows.

use parcae_domain::{
    page::Page,
    party::{Party, Role},
    port::Table,
};
use parcae_tests::Site;
use serde_json::{Value, json};

/// A guest with ids a0..a49 and a host with every third of a0..a89.
fn site() -> Site {
    let site = Site::new();
    let csv = |head: &str, ids: &mut dyn Iterator<Item = u32>| {
        ids.fold(format!("{head}\n"), |text, i| text + &format!("a{i},{},{}\n", i % 2, f64::from(i) * 0.5))
    };
    site.upload("g", &csv("id,y,x0", &mut (0..50)));
    site.upload("h", &csv("id,x0,x1", &mut (0..90).step_by(3)));
    site
}

fn job(parameters: Value) -> (Value, Value) {
    let dsl = json!({"components": {
        "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
        "data_transform_0": {"module": "DataTransform", "input": {"data": {"data": ["reader_0.data"]}}, "output": {"data": ["data"]}},
        "intersection_0": {"module": "Intersection", "input": {"data": {"data": ["data_transform_0.data"]}}, "output": {"data": ["data"]}}
    }});
    let reader = |name: &str| json!({"reader_0": {"table": {"namespace": "experiment", "name": name}}});
    let mut guest = reader("g");
    guest["data_transform_0"] = json!({"with_label": true});
    let conf = json!({
        "dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999], "host": [10000]},
        "component_parameters": {
            "common": {"intersection_0": parameters},
            "role": {"guest": {"0": guest}, "host": {"0": reader("h")}}
        }
    });
    (dsl, conf)
}

fn keys(table: &dyn Table) -> Vec<String> {
    let text = |page: &Page, row: u32| page.columns[0].values.text_at(row as usize).unwrap().to_owned();
    let pages = (0..table.pages()).map(|i| table.read_page(i, &[0]).unwrap());
    pages.flat_map(|page| (0..page.rows).map(|row| text(&page, row)).collect::<Vec<_>>()).collect()
}

#[test]
fn every_method_finds_the_common_ids_in_the_order_of_their_text() {
    let site = site();
    let mut want: Vec<String> = (0..50).step_by(3).map(|i| format!("a{i}")).collect();
    want.sort();
    for parameters in [
        json!({"intersect_method": "rsa"}),
        json!({"intersect_method": "ecdh"}),
        json!({"intersect_method": "raw"}),
        json!({"intersect_method": "dh", "dh_params": {"key_length": 2048}}),
    ] {
        let (dsl, conf) = job(parameters.clone());
        let job = site.succeed(&dsl, &conf);
        for party in [Party::new(Role::Guest, 9999), Party::new(Role::Host, 10000)] {
            let outputs = site.node.default_tenant().outputs(&job, "intersection_0", party).unwrap();
            assert_eq!(keys(outputs[0].table.as_ref()), want, "{parameters} at {party}");
        }
    }
}

#[test]
fn only_the_size_of_the_intersection() {
    let site = site();
    let (dsl, conf) = job(json!({"cardinality_only": true}));
    let job = site.succeed(&dsl, &conf);
    let summary =
        site.node.default_tenant().summary(&job, "intersection_0", Party::new(Role::Guest, 9999)).unwrap().unwrap();
    assert_eq!(summary["intersect_num"], 17, "{summary}");
}
