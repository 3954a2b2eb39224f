//! Plans from parameters as jobs give them.

use super::*;

fn plan(json: &str) -> (Plan, Vec<String>) {
    serde_json::from_str::<Params>(json).unwrap().plan().unwrap()
}

fn refusal(json: &str) -> String {
    serde_json::from_str::<Params>(json).unwrap().plan().unwrap_err().message
}

#[test]
fn the_default_is_rsa_with_fates_settings() {
    let (plan, warnings) = plan("{}");
    assert_eq!((plan.intersect_method, plan.key_length), (Method::Rsa, 1024));
    assert_eq!((plan.hash_method.as_str(), plan.final_hash_method.as_str()), ("sha256", "sha256"));
    assert!(plan.sync_intersect_ids && !plan.left_join());
    assert!(warnings.is_empty());
}

#[test]
fn raw_becomes_ecdh_with_a_warning() {
    let (plan, warnings) = plan(r#"{"intersect_method": "RAW", "ecdh_params": {"salt": "s"}}"#);
    assert_eq!((plan.intersect_method, plan.salt.as_str()), (Method::Ecdh, "s"));
    assert_eq!(plan.group(), psi::Group::Ristretto255);
    assert_eq!(warnings.len(), 1);
}

#[test]
fn a_short_prime_is_raised() {
    let (short, warnings) = plan(r#"{"intersect_method": "dh"}"#);
    assert_eq!((short.key_length, short.group()), (2048, psi::Group::Modp2048));
    assert_eq!(warnings.len(), 1);
    let (long, warnings) = plan(r#"{"intersect_method": "dh", "dh_params": {"key_length": 3072}}"#);
    assert_eq!((long.group(), warnings.len()), (psi::Group::Modp3072, 0));
}

#[test]
fn cardinality_has_a_method_of_its_own() {
    let (plan, warnings) = plan(r#"{"cardinality_only": true}"#);
    assert_eq!((plan.intersect_method, warnings.len()), (Method::Ecdh, 0));
}

#[test]
fn hashes_that_the_node_lacks_are_replaced() {
    let (plan, warnings) = plan(r#"{"rsa_params": {"hash_method": "sm3", "final_hash_method": "MD5"}}"#);
    assert_eq!((plan.hash_method.as_str(), plan.final_hash_method.as_str()), ("sha256", "sha256"));
    assert_eq!(warnings.len(), 2);
}

#[test]
fn what_is_not_offered_is_refused_by_name() {
    assert!(refusal(r#"{"run_cache": true}"#).contains("run_cache"));
    assert!(refusal(r#"{"join_method": "left_join", "sync_intersect_ids": false}"#).contains("sync_intersect_ids"));
    assert!(refusal(r#"{"sample_id_generator": "host"}"#).contains("sample_id_generator"));
}

#[test]
fn ignored_parameters_are_told() {
    let json = r#"{"run_preprocess": true, "rsa_params": {"random_base_fraction": 0.5, "split_calculation": true}}"#;
    let told = serde_json::from_str::<Params>(json).unwrap().ignored();
    assert_eq!(told.len(), 3);
    assert!(Params::default().ignored().is_empty());
}
