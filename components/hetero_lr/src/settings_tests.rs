//! Tests of the parameters. Not for: their schema.

use super::*;

fn parse(json: &str) -> Result<Settings> {
    Settings::parse(json, "hetero_lr_0")
}

fn refusal(json: &str) -> String {
    parse(json).unwrap_err().message
}

#[test]
fn defaults_are_fates() {
    let settings = parse("{}").unwrap();
    assert_eq!(settings.regular, Regular { penalty: Penalty::L2, alpha: 1.0, rate: 0.01 });
    assert_eq!((settings.optimizer, settings.early_stop), (Method::Rmsprop, Rule::Diff));
    assert_eq!((settings.batch_size, settings.masked_rate, settings.precision), (None, 5.0, 23));
    assert_eq!((settings.start, settings.max_iter, settings.key_bits), (Start::Uniform, 100, 1024));
    assert_eq!((settings.cross, settings.validation), (None, None));
}

#[test]
fn what_cannot_be_done_is_refused_by_name() {
    assert!(refusal(r#"{"batch_size": 9}"#).contains("batch_size 9"));
    assert!(refusal(r#"{"stepwise_param": {"need_stepwise": true}}"#).contains("stepwise"));
    assert!(refusal(r#"{"penalty": "L3"}"#).starts_with("hetero_lr_0: penalty"));
    assert!(refusal(r#"{"cv_param": {"need_cv": true, "n_splits": 1}}"#).contains("n_splits 1"));
    assert!(refusal(r#"{"callback_param": {"callbacks": ["EarlyStopping"]}}"#).contains("early_stopping_rounds"));
    assert!(refusal(r#"{"validation_freqs": 1, "metrics": ["lift"]}"#).contains("\"lift\""));
}

#[test]
fn null_and_other_spellings() {
    assert_eq!(parse(r#"{"penalty": null}"#).unwrap().regular.penalty, Penalty::None);
    assert_eq!(parse(r#"{"penalty": "l1"}"#).unwrap().regular.penalty, Penalty::L1);
    assert_eq!(parse(r#"{"floating_point_precision": null}"#).unwrap().precision, 53);
    assert_eq!(parse(r#"{"decay": 2, "batch_size": 10}"#).unwrap().batch_size, Some(10));
}

#[test]
fn validation_is_asked_for_in_two_ways() {
    let new = r#"{"callback_param": {"callbacks": ["EarlyStopping"], "validation_freqs": 3, "early_stopping_rounds": 2,
        "use_first_metric_only": true}}"#;
    let wanted = Validation {
        frequency: Frequency::Every(3),
        rounds: Some(2),
        metrics: vec![Metric::Auc, Metric::Ks],
        tracked: 1,
    };
    assert_eq!(parse(new).unwrap().validation, Some(wanted));
    let old = parse(r#"{"validation_freqs": [1, 4], "metrics": ["ks"]}"#).unwrap().validation.unwrap();
    assert_eq!((old.rounds, old.metrics.len(), old.tracked), (None, 1, 1));
    assert!(old.frequency.includes(4) && !old.frequency.includes(2));
    assert!(
        refusal(r#"{"validation_freqs": 1, "callback_param": {"callbacks": ["ModelCheckpoint"]}}"#).contains("beside")
    );
    assert_eq!(parse(r#"{"callback_param": {"callbacks": ["ModelCheckpoint"]}}"#).unwrap().validation, None);
}

#[test]
fn checkpoints_are_kept_where_they_are_asked_for() {
    let every = |json: &str| parse(json).unwrap().save_every;
    assert_eq!(every(r#"{"callback_param": {"callbacks": ["ModelCheckpoint"]}}"#), Some(1));
    assert_eq!(every(r#"{"callback_param": {"callbacks": ["modelcheckpoint"], "save_freq": 5}}"#), Some(5));
    assert_eq!(every(r#"{"callback_param": {"callbacks": ["PerformanceEvaluate"], "save_freq": 5}}"#), None);
    assert!(refusal(r#"{"callback_param": {"callbacks": ["ModelCheckpoint"], "save_freq": 0}}"#).contains("save_freq"));
}

#[test]
fn several_hosts_need_weight_diff() {
    let settings = parse("{}").unwrap();
    assert!(settings.check_hosts(1, "hetero_lr_0").is_ok());
    assert!(settings.check_hosts(2, "hetero_lr_0").unwrap_err().message.contains("weight_diff"));
    assert!(parse(r#"{"early_stop": "weight_diff"}"#).unwrap().check_hosts(2, "hetero_lr_0").is_ok());
}
