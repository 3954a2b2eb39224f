//! Plans: order, parties, connections, merged parameters.

use parcae_domain::{
    descriptor::PortKind,
    party::{Party, Role},
};
use parcae_dsl::{JobPlan, JobType, initiator_conf};
use serde_json::{Value, json};

use crate::catalog::{conf, plan, train_dsl};

fn names(plan: &JobPlan, places: &[usize]) -> Vec<String> {
    places.iter().map(|place| plan.components[*place].name.clone()).collect()
}

fn guest() -> Party {
    Party::new(Role::Guest, 9999)
}

fn host(id: u64) -> Party {
    Party::new(Role::Host, id)
}

#[test]
fn order_and_depth_are_the_vectors() {
    let plan = plan(&train_dsl(), &conf());
    assert_eq!(
        names(&plan, &plan.order),
        ["reader_0", "reader_1", "dt_0", "dt_1", "int_0", "int_1", "bin_0", "sel_0", "lr_0", "ev_0"]
    );
    let levels: Vec<Vec<String>> = (0..7)
        .map(|depth| {
            let at: Vec<usize> = (0..plan.components.len()).filter(|i| plan.components[*i].depth == depth).collect();
            names(&plan, &at)
        })
        .collect();
    assert_eq!(
        levels,
        [
            vec!["reader_0", "reader_1"],
            vec!["dt_0"],
            vec!["dt_1", "int_0"],
            vec!["int_1", "bin_0"],
            vec!["sel_0"],
            vec!["lr_0"],
            vec!["ev_0"]
        ]
    );
}

#[test]
fn components_keep_the_order_of_the_dsl_and_run_after_their_upstream() {
    let mut dsl = train_dsl();
    let components = dsl["components"].as_object_mut().unwrap();
    let backwards: serde_json::Map<String, Value> = components.clone().into_iter().rev().collect();
    *components = backwards;
    let plan = plan(&dsl, &conf());
    assert_eq!(plan.components[0].name, "ev_0");
    for (i, place) in plan.order.iter().enumerate() {
        let component = &plan.components[*place];
        assert!(component.upstream.iter().all(|up| plan.order[..i].contains(up)), "{}", component.name);
    }
    assert_eq!(plan.order.len(), 10);
    let lr = plan.components.iter().position(|c| c.name == "lr_0").unwrap();
    assert_eq!(names(&plan, &plan.downstream(lr)), ["ev_0"]);
}

#[test]
fn parties_by_role_and_then_as_listed() {
    let mut conf = conf();
    conf["role"] = json!({"arbiter": ["10002"], "host": [10001, "10000"], "guest": ["9999"]});
    let plan = plan(&train_dsl(), &conf);
    let text = |parties: &[Party]| parties.iter().map(Party::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!(text(&plan.parties()), "guest/9999 host/10001 host/10000 arbiter/10002");
    assert_eq!(text(&plan.component("dt_0").unwrap().parties), "guest/9999 host/10001 host/10000");
    assert_eq!(text(&plan.component("lr_0").unwrap().parties), text(&plan.parties()));
    assert_eq!(plan.role_order, [Role::Arbiter, Role::Host, Role::Guest]);
    assert_eq!(plan.initiator, guest());
    assert_eq!(plan.parameters.model_id, "arbiter-10002#guest-9999#host-10000_10001#model");
}

#[test]
fn connections_and_names() {
    let plan = plan(&train_dsl(), &conf());
    let lr = plan.component("lr_0").unwrap();
    let inputs: Vec<String> = lr
        .inputs
        .iter()
        .map(|input| format!("{}<-{}.{}", input.port, input.from_component, input.from_output))
        .collect();
    assert_eq!(inputs, ["train_data<-sel_0.data", "validate_data<-int_1.data"]);
    assert_eq!(names(&plan, &lr.upstream), ["int_1", "sel_0"]);
    let sel = plan.component("sel_0").unwrap();
    assert_eq!(sel.inputs_of("isometric_model").count(), 1);
    assert_eq!(sel.inputs[1].kind, PortKind::IsometricModel);
    assert_eq!(names(&plan, &sel.upstream), ["bin_0"]);
    // int_1 does not name its cache.
    let int = plan.component("int_1").unwrap();
    assert_eq!(int.output_port(PortKind::Cache, "0").unwrap().name, "cache");
    assert_eq!(int.output_name(PortKind::Data, "data"), Some("data"));
}

#[test]
fn the_nth_name_is_the_nth_port() {
    let split = |output: Value| {
        let dsl = json!({"components": {"union_0": {"module": "Union", "output": {"data": ["data"]}},
            "split_0": {"module": "homodatasplit", "input": {"data": {"data": ["union_0.data"]}}, "output": output}}});
        let mut conf = conf();
        conf["component_parameters"] = json!({});
        let plan = plan(&dsl, &conf);
        let split = plan.component("split_0").unwrap();
        assert_eq!(split.module.name, "HomoDataSplit");
        split.outputs.iter().map(|output| format!("{}={}", output.name, output.port)).collect::<Vec<_>>()
    };
    assert_eq!(split(json!({"data": ["a", "b"]})), ["a=train", "b=validate"]);
    assert_eq!(split(json!({"data": ["a"]})), ["a=train"]);
    assert_eq!(split(json!({})), ["0=train", "1=validate"]);
    assert_eq!(split(json!({"data": []})), ["0=train", "1=validate"]);
}

#[test]
fn a_model_without_a_name_is_default() {
    let plan = plan(&train_dsl(), &conf());
    let dt = plan.component("dt_1").unwrap();
    assert_eq!(dt.output_name(PortKind::Model, "model"), Some("default"));
    assert_eq!(plan.component("dt_0").unwrap().output_name(PortKind::Model, "model"), Some("model"));
}

#[test]
fn later_and_deeper_wins() {
    let mut conf = conf();
    let parameters = &mut conf["component_parameters"];
    parameters["common"] =
        json!({"lr_0": {"max_iter": 10, "cv_param": {"need_cv": true}, "metrics": ["auc", "ks", "lift"]}});
    parameters["role"]["host"] = json!({
        "all": {"lr_0": {"max_iter": 20}, "reader_0": {"table": {"name": "a", "namespace": "e"}},
            "reader_1": {"table": {"name": "a", "namespace": "e"}}},
        "1": {"lr_0": {"max_iter": 30, "cv_param": {"n_splits": 3}, "metrics": ["ks"]}},
        "0|1": {"lr_0": {"alpha": 0.5}},
        "5": {"lr_0": {"alpha": 7}}
    });
    let plan = plan(&train_dsl(), &conf);
    let lr = plan.component("lr_0").unwrap();
    let of = |party: Party| lr.parameters[&party].clone();
    let expected = |max_iter: u32, alpha: f64, n_splits: u32, metrics: Value| {
        json!({"penalty": "L2", "max_iter": max_iter, "alpha": alpha, "learning_rate": 0.01,
            "early_stopping_rounds": null, "metrics": metrics, "callback_param": null,
            "cv_param": {"n_splits": n_splits, "shuffle": true, "need_cv": true}})
    };
    let all = json!(["auc", "ks", "lift"]);
    assert_eq!(of(guest()), expected(10, 1.0, 5, all.clone()));
    assert_eq!(of(host(10000)), expected(20, 0.5, 5, all.clone()));
    assert_eq!(of(host(10001)), expected(30, 0.5, 3, json!(["ks"])));
    assert_eq!(of(Party::new(Role::Arbiter, 10002)), expected(10, 1.0, 5, all));
    assert_eq!(plan.warnings.len(), 1);
    assert!(plan.warnings[0].contains("component_parameters.role.host.5: no party at [5]"), "{:?}", plan.warnings);
}

#[test]
fn null_is_a_value_only_where_it_may_be() {
    let mut conf = conf();
    conf["component_parameters"]["common"] =
        json!({"lr_0": {"max_iter": null, "early_stopping_rounds": null, "cv_param": null}, "dt_0": null});
    let plan = plan(&train_dsl(), &conf);
    let lr = &plan.component("lr_0").unwrap().parameters[&guest()];
    assert_eq!(lr["max_iter"], 100);
    assert_eq!(lr["early_stopping_rounds"], Value::Null);
    assert_eq!(lr["cv_param"]["n_splits"], 5);
}

#[test]
fn modules_have_aliases_and_need_run_is_a_parameter() {
    let dsl = json!({"components": {"reader_0": {"module": "Reader", "output": {"data": ["data"]}},
        "reader_1": {"module": "reader"},
        "dataio_0": {"module": "dataio", "input": {"data": {"data": ["reader_0.data"]}, "model": []}}}});
    let mut conf = conf();
    conf["component_parameters"]["common"] = json!({"dataio_0": {"need_run": false}});
    let plan = plan(&dsl, &conf);
    let dataio = plan.component("dataio_0").unwrap();
    assert_eq!(dataio.module.name, "DataTransform");
    assert_eq!(dataio.parameters[&host(10001)]["need_run"], false);
}

#[test]
fn the_toy_test_leaves_a_level_out() {
    let dsl = json!({"components": {"secure_add_example_0": {"module": "SecureAddExample"}}});
    let conf = json!({
        "initiator": {"role": "guest", "party_id": "9999"}, "dsl_version": 2,
        "job_parameters": {"common": {"job_type": "train"}},
        "role": {"guest": ["9999"], "host": ["10000"]},
        "component_parameters": {
            "role": {"guest": {"0": {"secure_add_example_0": {"seed": 123}}},
                "host": {"secure_add_example_0": {"seed": 321}}},
            "common": {"secure_add_example_0": {"partition": 4, "data_num": 1000}}}
    });
    let plan = plan(&dsl, &conf);
    let toy = plan.component("secure_add_example_0").unwrap();
    assert_eq!(toy.parameters[&guest()], json!({"seed": 123, "partition": 4, "data_num": 1000}));
    assert_eq!(toy.parameters[&host(10000)], json!({"seed": null, "partition": 4, "data_num": 1000}));
    assert_eq!(plan.warnings.len(), 1);
    assert!(plan.warnings[0].contains("host.secure_add_example_0: skipped"), "{:?}", plan.warnings);
}

#[test]
fn job_parameters_have_defaults_and_warnings() {
    let mut conf = conf();
    let defaults = plan(&train_dsl(), &conf).parameters;
    assert_eq!((defaults.task_cores, defaults.task_parallelism, defaults.computing_partitions), (4, None, 4));
    assert_eq!((defaults.auto_retries, defaults.auto_retry_delay, defaults.timeout), (0, 1, 259_200));
    assert_eq!((defaults.job_type, defaults.model_version), (JobType::Train, None));
    conf["job_parameters"] = json!({"common": {"backend": 0, "work_mode": 1, "task_cores": 8, "timeout": 60,
        "auto_retires": 2, "user": "me", "spark_run": {"num-executors": 2}, "auto_retries": null,
        "model_version": "1", "computing_engine": "SPARK"}, "role": {"guest": {"0": {"user": "me"}}}});
    conf["roel"] = json!({});
    let plan = plan(&train_dsl(), &conf);
    let given = &plan.parameters;
    assert_eq!((given.task_cores, given.computing_partitions, given.timeout), (8, 8, 60));
    assert_eq!(given.model_version, None);
    assert_eq!(Value::Object(given.extra.clone()), json!({"spark_run": {"num-executors": 2}}));
    assert_eq!(
        plan.warnings,
        [
            "roel: ignored; did you mean \"role\"?",
            "job_parameters.common.auto_retires: unknown job parameter, ignored; did you mean \"auto_retries\"?",
            "job_parameters.common.user: unknown job parameter, ignored",
            "[WARN] backend, work_mode: obsolete job parameters, ignored"
        ]
    );
}

#[test]
fn a_job_may_be_deterministic() {
    let mut conf = conf();
    assert!(!plan(&train_dsl(), &conf).parameters.deterministic);
    conf["job_parameters"] = json!({"common": {"deterministic": true}});
    let wanted = plan(&train_dsl(), &conf);
    assert!(wanted.parameters.deterministic && wanted.warnings.is_empty(), "{:?}", wanted.warnings);
    assert_eq!(initiator_conf(&wanted, &conf)["job_parameters"]["common"]["deterministic"], json!(true));
}

#[test]
fn a_job_may_want_lower_limits() {
    let mut conf = conf();
    conf["job_parameters"] = json!({"common": {"limits": {"memory_bytes": 7, "log_bytes": 9}}});
    let plan = plan(&train_dsl(), &conf);
    let wanted: Vec<_> = plan.parameters.limits.iter().collect();
    assert_eq!(wanted, [("log_bytes", 9), ("memory_bytes", 7)]);
    // A plan that was stored before there were any.
    let mut stored = serde_json::to_value(&plan).unwrap();
    stored["parameters"].as_object_mut().unwrap().remove("limits").unwrap();
    assert!(serde_json::from_value::<JobPlan>(stored).unwrap().parameters.limits.is_empty());
}

#[test]
fn a_plan_is_kept_as_json() {
    let plan = plan(&train_dsl(), &conf());
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<JobPlan>(&text).unwrap(), plan);
}
