//! Golden faults of parameters.

use parcae_domain::{descriptor::Module, party::Role};
use parcae_dsl::{Modules, Submission};
use serde_json::{Value, json};

use crate::catalog::{check, conf, faults, offer, train_dsl};

fn lines(lines: &[&str]) -> String {
    lines.iter().enumerate().map(|(i, line)| format!("{}. {line}", i + 1)).collect::<Vec<_>>().join("\n")
}

/// The usual conf with something for all parties.
fn common(common: Value) -> Value {
    let mut conf = conf();
    conf["component_parameters"]["common"] = common;
    conf
}

#[test]
fn each_says_where_it_was_set() {
    let tables = json!({"reader_1": {"table": {"name": "b", "namespace": "e"}}});
    let mut conf = common(json!({
        "lr_0": {"max_itr": 5, "max_iter": 0, "penalty": "L3", "cv_param": {"n_splits": "5", "n_splts": 1},
            "learning_rate": null},
        "lr_1": {"max_iter": 1},
        "ev_0": {"eval_type": "binary"},
        "int_0": [1]
    }));
    conf["component_parameters"]["role"] = json!({
        "guest": {"0": tables, "0|1": {"reader_0": {"table": {"name": "g", "namespace": "e"}}}},
        "host": {"all": tables, "0|1": {"reader_0": {"table": {"name": 1}}}, "1": {"dt_0": {"with_label": "yes"}}},
        "arbiter": {"all": {"lr_0": {"alpha": -1}}}
    });
    assert_eq!(
        faults(&train_dsl(), &conf),
        lines(&[
            "component_parameters.common.lr_1: unknown component \"lr_1\"; did you mean \"lr_0\"?",
            "int_0: component_parameters.common.int_0: expected object, found [1]",
            "reader_0: component_parameters.role.host.0|1.reader_0.table.name: expected string, found 1",
            "reader_0: component_parameters.role.host.0|1.reader_0.table.namespace: missing: expected string",
            "dt_0: component_parameters.role.host.1.dt_0.with_label: expected boolean, found \"yes\"",
            "lr_0: component_parameters.common.lr_0.cv_param.n_splits: expected integer, more than 1, found \"5\"",
            "lr_0: component_parameters.common.lr_0.cv_param.n_splts: unknown parameter of HeteroLR; \
             did you mean \"n_splits\"?",
            "lr_0: component_parameters.common.lr_0.max_iter: expected integer, at least 1, found 0",
            "lr_0: component_parameters.common.lr_0.max_itr: unknown parameter of HeteroLR; did you mean \"max_iter\"?",
            "lr_0: component_parameters.common.lr_0.penalty: expected one of \"L1\", \"L2\", \"NONE\", found \"L3\"",
            "lr_0: component_parameters.role.arbiter.all.lr_0.alpha: expected number, at least 0, found -1",
            "ev_0: component_parameters.common.ev_0.eval_type: unknown parameter of Evaluation",
        ])
    );
}

#[test]
fn what_is_missing_is_named_for_each_party() {
    let dsl = json!({"components": {"reader_0": {"module": "Reader"}}});
    let mut conf = common(json!({}));
    conf["component_parameters"]["role"] = json!({"guest": {"0": {"reader_0": {"table": null}}}});
    assert_eq!(
        faults(&dsl, &conf),
        lines(&[
            "reader_0: component_parameters.role.guest.0.reader_0.table: missing: expected object",
            "reader_0: component_parameters.role.host.0.reader_0.table: missing: expected object",
            "reader_0: component_parameters.role.host.1.reader_0.table: missing: expected object",
        ])
    );
}

#[test]
fn choices_say_what_was_meant() {
    let lr = |parameters: Value| faults(&train_dsl(), &common(json!({"lr_0": parameters})));
    let at = "1. lr_0: component_parameters.common.lr_0";
    // The value is of the type of one branch: its faults are told.
    assert_eq!(
        lr(json!({"callback_param": {"save_frq": 1, "callbacks": ["EarlyStopping"]}})),
        format!("{at}.callback_param.save_frq: unknown parameter of HeteroLR; did you mean \"save_freq\"?")
    );
    assert_eq!(
        lr(json!({"callback_param": {"save_freq": 0}})),
        format!("{at}.callback_param.save_freq: expected integer, at least 1, found 0")
    );
    assert_eq!(
        lr(json!({"callback_param": {"callbacks": ["Early"]}})),
        format!(
            "{at}.callback_param.callbacks.0: expected one of \"EarlyStopping\", \"ModelCheckpoint\", found \"Early\""
        )
    );
    // It is of none: all branches are named.
    assert_eq!(lr(json!({"callback_param": 1})), format!("{at}.callback_param: expected null or object, found 1"));
    let dt = faults(&train_dsl(), &common(json!({"dt_0": {"outlier_replace_value": "x"}})));
    assert_eq!(
        dt,
        "1. dt_0: component_parameters.common.dt_0.outlier_replace_value: \
         expected number or array, each item number, found \"x\""
    );
    assert_eq!(
        lr(json!({"early_stopping_rounds": 0})),
        format!("{at}.early_stopping_rounds: expected integer or null, at least 1, found 0")
    );
}

#[test]
fn places_in_the_conf() {
    let mut conf = common(json!({}));
    conf["component_parameters"]["lr_0"] = json!({"max_iter": 1});
    conf["component_parameters"]["role"]["hosts"] = json!({"0": {}});
    conf["component_parameters"]["role"]["arbiter"] = json!({"0": {"lr_9": {}}, "lr_9": {"x": 1}, "7": {}});
    assert_eq!(
        faults(&train_dsl(), &conf),
        lines(&[
            "component_parameters.lr_0: expected common or role, found \"lr_0\"; known: common, role",
            "component_parameters.role.hosts: unknown role \"hosts\"; did you mean \"host\"?",
            "component_parameters.role.arbiter.0.lr_9: unknown component \"lr_9\"; did you mean \"lr_0\"?",
        ])
    );
}

#[test]
fn equal_faults_of_several_parties_are_told_once() {
    let list = check(&train_dsl(), &common(json!({"dt_0": {"x": 1}}))).unwrap_err().list;
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].component.as_deref(), Some("dt_0"));
    assert_eq!(list[0].key, "component_parameters.common.dt_0.x");
}

/// What is wrong with a text in a module whose pattern is slow.
fn with_slow_pattern(text: &str) -> String {
    let find = |name: &str, _: Option<&str>| {
        let module = Module {
            name: name.to_owned(),
            aliases: vec![],
            summary: String::new(),
            roles: vec![Role::Guest],
            needs: vec![],
            inputs: vec![],
            outputs: vec![],
            parameters: json!({"properties": {"text": {"pattern": "^[ab]*a([ab]{99}){99}$"}}}),
            grants: vec![],
        };
        Some(offer("slow", "0.1.0", module))
    };
    let modules = Modules { find: &find, names: &["Slow".to_owned()], providers: &|_| Vec::new() };
    let dsl = json!({"components": {"slow_0": {"module": "Slow"}}});
    let mut conf = common(json!({"slow_0": {"text": text}}));
    conf["component_parameters"]["role"] = json!({});
    let checked = parcae_dsl::check(&Submission { dsl: &dsl, conf: &conf }, &modules);
    checked.err().map(|faults| faults.to_string()).unwrap_or_default()
}

#[test]
fn what_would_take_too_long_is_not_checked() {
    let said = with_slow_pattern("b");
    assert!(said.starts_with("1. slow_0: component_parameters.common.slow_0.text: expected"), "{said}");
    assert_eq!(
        with_slow_pattern(&"b".repeat(100)),
        "1. slow_0: component_parameters.role.guest.0.slow_0: not what the schema of Slow allows, and too much to say \
         where: try a few values"
    );
    assert_eq!(
        with_slow_pattern(&"b".repeat(100_000)),
        "1. slow_0: component_parameters.role.guest.0.slow_0: too much to check with the schema of Slow: give fewer \
         and shorter values"
    );
}
