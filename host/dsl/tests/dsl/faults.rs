//! Golden faults of headers, components and connections.

use serde_json::{Value, json};

use crate::catalog::{check, conf, faults, train_dsl};

fn lines(lines: &[&str]) -> String {
    lines.iter().enumerate().map(|(i, line)| format!("{}. {line}", i + 1)).collect::<Vec<_>>().join("\n")
}

/// A conf with something else under a key.
fn with(key: &str, value: Value) -> Value {
    let mut conf = conf();
    conf[key] = value;
    conf
}

fn one_reader() -> Value {
    json!({"components": {"reader_0": {"module": "Reader", "output": {"data": ["data"]}}}})
}

#[test]
fn nothing_at_all() {
    assert_eq!(
        faults(&Value::Null, &Value::Null),
        lines(&[
            "conf: expected object, found null",
            "components: missing: expected object with at least one component"
        ])
    );
    assert_eq!(
        faults(&json!({"components": {}}), &json!({})),
        lines(&[
            "dsl_version: expected 2, found nothing, which means 1; add \"dsl_version\": 2",
            "role: missing: expected object with the party ids of each role; like {\"guest\": [9999], \"host\": [10000]}",
            "initiator: missing: expected object with role and party_id; like {\"role\": \"guest\", \"party_id\": 9999}",
            "components: missing: expected object with at least one component",
        ])
    );
}

#[test]
fn many_at_once() {
    let conf = json!({
        "dsl_version": 1,
        "initiator": {"role": "guset", "party_id": "x"},
        "role": {"guest": [9999, 9999], "hots": [10000], "host": "10000"},
        "job_parameters": {"common": {"job_type": "trian", "task_cores": 0, "timeout": "1h", "eggroll_run": 1}}
    });
    let dsl = json!({"components": {
        "reader_0": {"module": "Raeder"},
        "bad name": {"module": "Reader"},
        "dt_0": {"module": "DataTransform", "input": {"data": {"data": ["reader_1.data"]}},
            "output": {"data": ["data", "more"]}},
        "none_0": {},
        "text_0": "Reader"
    }});
    assert_eq!(
        faults(&dsl, &conf),
        lines(&[
            "dsl_version: expected 2, found 1",
            "role.guest.1: expected each party once, found 9999 again",
            "role.hots: unknown role \"hots\"; did you mean \"host\"?",
            "role.host: expected list of party ids, found \"10000\"",
            "initiator.role: unknown role \"guset\"; did you mean \"guest\"?",
            "initiator.party_id: expected party id, a whole number, found \"x\"",
            "job_parameters.common.job_type: expected \"train\" or \"predict\", found \"trian\"",
            "job_parameters.common.task_cores: expected integer, 1 to 1024, found 0",
            "job_parameters.common.timeout: expected integer, 1 to 315360000, found \"1h\"",
            "job_parameters.common.eggroll_run: expected object, found 1",
            "reader_0: components.reader_0.module: unknown module \"Raeder\"; did you mean \"Reader\"?",
            "bad name: components.bad name: illegal name \"bad name\": expected 1 to 100 letters, digits, _ and -",
            "dt_0: components.dt_0.output.data: expected at most 1, for the data outputs of DataTransform (data), found 2",
            "none_0: components.none_0.module: missing: expected name of a module",
            "text_0: components.text_0: expected object, found \"Reader\"",
            "dt_0: components.dt_0.input.data.data: unknown component \"reader_1\" in \"reader_1.data\"; \
             did you mean \"reader_0\"?",
            "bad name: component_parameters.role.guest.0.bad name.table: missing: expected object",
        ])
    );
}

#[test]
fn connections() {
    let dsl = json!({"components": {
        "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
        "dt_0": {"module": "DataTransform", "input": {"data": {"train_data": ["reader_0.data"]}},
            "output": {"data": ["data"], "model": ["model"]}},
        "int_0": {"module": "Intersection", "input": {"data": {"data": ["reader_0.dat", "dt_0.data"]}},
            "output": {"data": ["data"]}},
        "lr_0": {"module": "HeteroLR", "input": {"data": {"train_data": "int_0.data"}, "model": ["dt_0.modle"],
            "isometric_model": ["dt_0.model"], "cach": ["x.y"]}, "output": {"data": ["data"], "model": ["model"]}},
        "ev_0": {"module": "Evaluation", "input": {"data": {"data": ["lr_0.data", "gone.data", "nodot"]}}},
        "toy_0": {"module": "SecureAddExample", "input": {"data": {"data": ["reader_0.data"]}}}
    }});
    let unknown = "unknown port: HeteroLR has the inputs train_data, validate_data, test_data, model";
    assert_eq!(
        faults(&dsl, &conf()),
        lines(&[
            "dt_0: components.dt_0.input.data.train_data: unknown port: DataTransform has the inputs data, model",
            "dt_0: components.dt_0.input.data.data: missing: DataTransform needs this input",
            "int_0: components.int_0.input.data.data: reader_0 declares no data output \"dat\"; did you mean \"data\"?",
            "int_0: components.int_0.input.data.data: expected one reference, as the port takes no more, found 2",
            "lr_0: components.lr_0.input.data.train_data: expected list of texts, found \"int_0.data\"",
            "lr_0: components.lr_0.input.model: dt_0 declares no model output \"modle\"; did you mean \"model\"?",
            &format!("lr_0: components.lr_0.input.isometric_model: {unknown}"),
            "lr_0: components.lr_0.input.cach: unknown kind of input; did you mean \"cache\"?",
            "ev_0: components.ev_0.input.data.data: unknown component \"gone\" in \"gone.data\"; \
             known: reader_0, dt_0, int_0, lr_0, ev_0, toy_0",
            "ev_0: components.ev_0.input.data.data: expected component.output, found \"nodot\"",
            "toy_0: components.toy_0.input.data.data: unknown port: SecureAddExample has no inputs",
            "component_parameters.role.guest.0.reader_1: unknown component \"reader_1\"; did you mean \"reader_0\"?",
            "component_parameters.role.host.all.reader_1: unknown component \"reader_1\"; did you mean \"reader_0\"?",
        ])
    );
}

#[test]
fn outputs() {
    let dsl = json!({"components": {
        "reader_0": {"module": "Reader", "output": {"data": ["data"], "model": ["model"], "date": []}},
        "reader_1": {"module": "Reader", "output": {"data": ["a/b", 1]}},
        "union_0": {"module": "Union", "input": {"data": {"data": ["reader_1.c"]}}, "output": ["data"]},
        "split_0": {"module": "HomoDataSplit", "input": {"data": {"data": ["union_0.x"]}}, "output": {"data": ["a", "a"]}}
    }});
    // What is wrong with the outputs of reader_1 and union_0 is said; that their names do not exist follows from it.
    assert_eq!(
        faults(&dsl, &conf()),
        lines(&[
            "reader_0: components.reader_0.output.date: unknown kind of output; did you mean \"data\"?",
            "reader_0: components.reader_0.output.model: expected nothing, as Reader has no model output, found 1",
            "reader_1: components.reader_1.output.data.1: expected text, found 1",
            "reader_1: components.reader_1.output.data: illegal name \"a/b\": expected 1 to 100 letters, digits, _ and -",
            "union_0: components.union_0.output: expected object, found [\"data\"]",
            "split_0: components.split_0.output.data: expected each name once, found \"a\" again",
        ])
    );
}

#[test]
fn cycles_are_named() {
    let union =
        |from: &str| json!({"module": "Union", "input": {"data": {"data": [from]}}, "output": {"data": ["data"]}});
    let dsl = json!({"components": {"a_0": union("b_0.data"), "b_0": union("c_0.data"), "c_0": union("a_0.data"),
        "d_0": union("a_0.data"), "e_0": union("e_0.data")}});
    let text = faults(&dsl, &with("component_parameters", json!({})));
    assert_eq!(
        text,
        lines(&[
            "a_0: components: expected no cycle, found a_0->c_0->b_0->a_0",
            "e_0: components: expected no cycle, found e_0->e_0",
        ])
    );
}

#[test]
fn combinations_that_components_refuse() {
    let nn = |input: Value| {
        let mut dsl = train_dsl();
        dsl["components"] = json!({"reader_0": {"module": "Reader", "output": {"data": ["data"]}},
            "reader_1": {"module": "Reader", "output": {"data": ["data"]}},
            "nn_0": {"module": "HomoNN", "input": {"data": input}}});
        faults(&dsl, &conf())
    };
    let said = |port: &str, text: &str| format!("1. nn_0: components.nn_0.input.data.{port}: {text}");
    let data = json!(["reader_0.data"]);
    assert_eq!(nn(json!({"validate_data": data})), said("validate_data", "expected train_data beside it, found none"));
    assert_eq!(nn(json!({"train_data": data, "data": data})), said("data", "expected train_data or data, found both"));
    assert_eq!(
        nn(json!({"train_data": data, "test_data": data})),
        said("test_data", "expected train_data or test_data, found both")
    );
    assert_eq!(nn(json!({"test_data": data})), said("test_data", "expected a model beside it, found none"));
    assert_eq!(
        nn(json!({"train_data": data, "eval_data": data, "validate_data": data})),
        said("eval_data", "expected eval_data or validate_data, found both")
    );
    assert_eq!(nn(json!({"train_data": data, "eval_data": data})), "");
}

#[test]
fn parties() {
    let upload = json!({"components": {"upload_0": {"module": "Upload"}}});
    assert_eq!(
        faults(&upload, &with("component_parameters", json!(null))),
        "1. upload_0: components.upload_0.module: expected a party in a role that runs Upload (local), \
         found guest, host, arbiter"
    );
    assert_eq!(
        faults(
            &one_reader(),
            &json!({"dsl_version": "2", "initiator": {"role": "host", "party_id": "9999"},
            "role": {"guest": ["9999"]},
            "component_parameters": {"common": {"reader_0": {"table": {"name": "a", "namespace": "b"}}}}})
        ),
        "1. initiator.party_id: expected one of the host parties [], found 9999"
    );
}

#[test]
fn guest_and_arbiter_on_one_site() {
    let shared = |roles: Value| {
        let mut conf = with("role", roles);
        conf["initiator"]["party_id"] = json!(1);
        faults(&train_dsl(), &conf)
    };
    let found = |ids: &str| {
        format!(
            "1. lr_0: role.arbiter: expected other parties than the guest's, found {ids} in both roles, for HeteroLR"
        )
    };
    assert_eq!(shared(json!({"guest": [1], "host": [1], "arbiter": [1]})), "");
    assert_eq!(shared(json!({"guest": [1], "host": [2], "arbiter": [3]})), "");
    assert_eq!(shared(json!({"guest": [1], "host": [2], "arbiter": [1]})), found("[1]"));
    assert_eq!(shared(json!({"guest": [1], "host": [1, 2], "arbiter": [1]})), found("[1]"));
}

#[test]
fn too_many_of_anything() {
    let mut components = serde_json::Map::new();
    for i in 0..1001 {
        components.insert(format!("c_{i}"), json!({"module": "Union"}));
    }
    let text = faults(&json!({"components": components}), &with("component_parameters", json!({})));
    assert_eq!(text, "1. components: expected at most 1000 components, found 1001");
    let hosts: Vec<u32> = (0..257).collect();
    let text = faults(&one_reader(), &with("role", json!({"guest": [9999], "host": hosts})));
    assert!(text.starts_with("1. role.host: expected at most 256 parties, found 257"), "{text}");
}

#[test]
fn faults_are_data() {
    let list = check(&one_reader(), &with("dsl_version", json!(3))).unwrap_err().list;
    let fault = serde_json::to_value(&list[0]).unwrap();
    assert_eq!(fault, json!({"component": null, "key": "dsl_version", "message": "expected 2, found 3", "hint": null}));
}

#[test]
fn a_name_that_means_the_model_is_refused() {
    let dsl = json!({"components": {"pipeline": {"module": "Union"}}});
    assert_eq!(
        faults(&dsl, &with("component_parameters", json!({}))),
        "1. pipeline: components.pipeline: illegal name: it stands for the model of a predict job"
    );
}
