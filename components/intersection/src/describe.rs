//! What the component says of itself. Not for: what parameters mean once they are given (`params`).

use parcae_sdk::{
    Description, Module, Port, PortKind, Role,
    parameters::{any, boolean, group, integer, number, object, one_of, or_null, text},
};
use serde_json::{Value, json};

/// The description.
pub fn description() -> Description {
    Description {
        name: "intersection".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        licence: "Apache-2.0".to_owned(),
        summary: "Finds the rows that parties have in common without showing the others.".to_owned(),
        modules: vec![Module {
            name: "Intersection".to_owned(),
            aliases: Vec::new(),
            summary: "Private set intersection of the keys (or match ids) of a guest and its hosts.".to_owned(),
            roles: vec![Role::Guest, Role::Host],
            needs: vec![Role::Guest, Role::Host],
            inputs: vec![
                port("data", PortKind::Data, false, "the rows of this party"),
                port("cache", PortKind::Cache, true, "accepted, not used: run_cache is not offered"),
            ],
            outputs: vec![
                port("data", PortKind::Data, true, "the rows in common, in the order of their keys as text"),
                port("cache", PortKind::Cache, true, "never made: run_cache is not offered"),
            ],
            parameters: parameters().to_string(),
            grants: Vec::new(),
        }],
    }
}

fn port(name: &str, kind: PortKind, optional: bool, help: &str) -> Port {
    Port { name: name.to_owned(), kind, optional, many: false, help: help.to_owned() }
}

/// One of some words, in lower or upper case, as FATE takes them.
fn word(allowed: &[&str], default: &str, help: &str) -> Value {
    let upper = allowed.iter().map(|word| word.to_uppercase());
    let both: Vec<String> = allowed.iter().map(|word| (*word).to_owned()).chain(upper).collect();
    any(json!({ "enum": both }), default.into(), help)
}

const ID_HASHES: [&str; 4] = ["sha256", "sha384", "sha512", "sm3"];
const ALL_HASHES: [&str; 8] = ["none", "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sm3"];

/// JSON Schema of the parameters.
pub fn parameters() -> Value {
    object([
        ("intersect_method", word(&["rsa", "dh", "ecdh", "raw"], "rsa", "protocol; raw means ecdh")),
        (
            "sync_intersect_ids",
            boolean(true, "hosts learn which of their rows are in common; false: their output is empty"),
        ),
        ("only_output_key", boolean(false, "the output holds keys only")),
        (
            "join_method",
            word(&["inner_join", "left_join"], "inner_join", "left_join keeps the guest's other rows (match ids)"),
        ),
        ("new_sample_id", boolean(false, "tables with match ids get fresh keys")),
        (
            "sample_id_generator",
            word(&["guest", "host"], "guest", "whose keys count with match ids; only guest is offered"),
        ),
        ("run_cache", boolean(false, "not offered")),
        ("cardinality_only", boolean(false, "find the number of common rows only, no output table")),
        (
            "cardinality_method",
            word(&["ecdh", "rsa"], "ecdh", "protocol for cardinality_only; only ecdh hides which rows"),
        ),
        ("sync_cardinality", boolean(false, "hosts learn the number of common rows")),
        (
            "run_preprocess",
            boolean(false, "ignored: rows are not filtered before the protocol, the result is the same"),
        ),
        ("intersect_preprocess_params", preprocess()),
        ("rsa_params", rsa()),
        ("dh_params", dh()),
        ("ecdh_params", ecdh()),
        ("raw_params", raw()),
        ("intersect_cache_param", cache()),
        ("random_bit", integer(1, 65_536, 128, "ignored: blinding factors are as long as the modulus")),
        ("join_role", word(&["guest", "host"], "guest", "deprecated, ignored")),
        ("with_encode", boolean(false, "deprecated, ignored")),
        ("encode_params", encode()),
        ("repeated_id_process", boolean(false, "deprecated: follows from the table's match ids")),
        ("repeated_id_owner", word(&["guest", "host"], "guest", "deprecated, ignored")),
        ("with_sample_id", boolean(false, "deprecated: follows from the table's match ids")),
        ("allow_info_share", boolean(false, "deprecated, ignored")),
        ("info_owner", word(&["guest", "host"], "guest", "deprecated, ignored")),
    ])
}

fn rsa() -> Value {
    let bits = json!({ "type": "integer", "minimum": 1024, "maximum": 4096, "multipleOf": 256 });
    let bits = any(bits, 1024.into(), "length of the host's key, bits; 2048 or more is advised");
    let fraction = number(0.0, 1.0, 0.0, "ignored: sharing blinding factors among keys would leak their ratio");
    let properties = [
        ("salt", text("", "appended to each id before it is hashed; the same at all parties")),
        ("hash_method", word(&ID_HASHES, "sha256", "hash of ids")),
        ("final_hash_method", word(&ALL_HASHES[1..], "sha256", "hash of signatures")),
        ("split_calculation", boolean(false, "ignored: the host signs all rows")),
        ("random_base_fraction", or_null(fraction)),
        ("key_length", bits),
        ("random_bit", integer(1, 65_536, 128, "ignored: blinding factors are as long as the modulus")),
    ];
    group(properties, "settings of the method rsa")
}

fn dh() -> Value {
    let lengths =
        any(json!({ "enum": [1024, 2048, 3072, 4096] }), 1024.into(), "length of the prime, bits; 1024 means 2048");
    let properties = [
        ("salt", text("", "appended to each id before it is hashed; the same at all parties")),
        ("hash_method", word(&ALL_HASHES, "sha256", "hash of ids")),
        ("key_length", lengths),
    ];
    group(properties, "settings of the method dh")
}

fn ecdh() -> Value {
    let properties = [
        ("salt", text("", "appended to each id before it is hashed; the same at all parties")),
        ("hash_method", word(&ALL_HASHES, "sha256", "hash of ids")),
        ("curve", one_of(&["curve25519"], "curve25519", "the curve")),
    ];
    group(properties, "settings of the method ecdh")
}

fn raw() -> Value {
    let properties = [
        ("use_hash", boolean(false, "ignored")),
        ("salt", text("", "ignored")),
        ("hash_method", word(&ALL_HASHES, "none", "ignored")),
        ("base64", boolean(false, "ignored")),
        ("join_role", word(&["guest", "host"], "guest", "ignored")),
    ];
    group(properties, "ignored: raw means ecdh, with ecdh_params")
}

fn encode() -> Value {
    let properties = [
        ("salt", text("", "ignored")),
        ("encode_method", word(&ALL_HASHES, "none", "ignored")),
        ("method", word(&ALL_HASHES, "none", "ignored")),
        ("base64", boolean(false, "ignored")),
    ];
    group(properties, "deprecated, ignored")
}

fn cache() -> Value {
    let properties = [
        ("use_cache", boolean(false, "not offered")),
        ("id_type", text("phone", "ignored")),
        ("encrypt_type", text("sha256", "ignored")),
    ];
    group(properties, "deprecated")
}

fn preprocess() -> Value {
    let properties = [
        ("false_positive_rate", number(0.0, 0.5, 1e-3, "ignored")),
        ("encrypt_method", text("rsa", "ignored")),
        ("hash_method", text("sha256", "ignored")),
        ("preprocess_method", text("sha256", "ignored")),
        ("preprocess_salt", text("", "ignored")),
        ("random_state", or_null(integer(i64::from(i32::MIN), i64::from(i32::MAX), 0, "ignored"))),
        ("filter_owner", word(&["guest", "host"], "guest", "ignored")),
    ];
    group(properties, "ignored with run_preprocess")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_fate() {
        let schema = parameters();
        assert_eq!(schema["properties"]["intersect_method"]["default"], "rsa");
        assert_eq!(schema["properties"]["cardinality_method"]["default"], "ecdh");
        assert_eq!(schema["properties"]["rsa_params"]["properties"]["key_length"]["default"], 1024);
        assert_eq!(schema["properties"]["sync_intersect_ids"]["default"], true);
        assert_eq!(schema["additionalProperties"], false);
    }

    #[test]
    fn words_are_taken_in_both_cases() {
        let schema = parameters();
        let allowed = schema["properties"]["intersect_method"]["enum"].as_array().unwrap();
        assert!(allowed.contains(&json!("rsa")) && allowed.contains(&json!("ECDH")));
    }

    #[test]
    fn every_parameter_has_help() {
        let schema = parameters();
        for (name, property) in schema["properties"].as_object().unwrap() {
            assert!(property["description"].as_str().is_some_and(|help| !help.is_empty()), "{name}");
        }
    }
}
