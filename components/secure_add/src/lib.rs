//! The component `SecureAddExample`: a guest and a host add up their numbers without showing them to each other. It is
//! the toy job with which a new site is tried out, and needs no data: every number is 1, so that the right sum is
//! known. Not for: data of users.
//!
//! What is where: `shares`: numbers in a ring and their two parts; `masks`: random numbers; `wire`: parts on their way;
//! `sides`: guest and host.

use parcae_sdk::{
    Component, Description, Module, Result, Role, Task, failed,
    parameters::{any, integer, object},
};
use serde::Deserialize;
use serde_json::{Value, json};

mod masks;
mod shares;
mod sides;
#[cfg(test)]
mod toy_tests;
mod wire;

/// Most numbers of a party.
const NUMBERS: i64 = 10_000_000;
/// Most partitions.
const PARTITIONS: i64 = 100_000;
/// The largest seed, up to which every reader of JSON agrees on whole numbers.
const SEED: i64 = 1 << 53;

/// The component.
pub struct SecureAdd;

parcae_sdk::component!(SecureAdd);

/// The parameters, with FATE's defaults.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(default)]
struct Params {
    seed: Option<i64>,
    partition: u32,
    data_num: u32,
}

impl Default for Params {
    fn default() -> Params {
        Params { seed: None, partition: 1, data_num: 1000 }
    }
}

fn parameter_schema() -> Value {
    let seed = json!({ "type": ["integer", "null"], "minimum": -SEED, "maximum": SEED });
    object([
        ("seed", any(seed, Value::Null, "seed of the random parts, which can be repeated then; null for secret ones")),
        ("partition", integer(1, PARTITIONS, 1, "pages in which the parts travel")),
        ("data_num", integer(1, NUMBERS, 1000, "numbers of each party; the same at both")),
    ])
}

impl Component for SecureAdd {
    fn description() -> Description {
        let module = Module {
            name: "SecureAddExample".into(),
            aliases: Vec::new(),
            summary: "Adds up the numbers of a guest and a host without showing them: the toy job.".into(),
            roles: vec![Role::Guest, Role::Host],
            needs: vec![Role::Guest, Role::Host],
            inputs: Vec::new(),
            outputs: Vec::new(),
            parameters: parameter_schema().to_string(),
            grants: Vec::new(),
        };
        Description {
            name: "secure_add".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            licence: "Apache-2.0".into(),
            summary: "Secure addition of two parties' numbers, to try a site out.".into(),
            modules: vec![module],
        }
    }

    fn run(_module: &str, task: &Task) -> Result<()> {
        match task.me.role {
            Role::Guest => sides::guest(task),
            Role::Host => sides::host(task),
            _ => Err(failed(format!("{}: only guest and host take part in SecureAddExample", task.component))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_of_the_schema_are_the_defaults_of_the_code() {
        let schema = parameter_schema();
        let Some(properties) = schema["properties"].as_object() else { panic!("no properties") };
        let given: serde_json::Map<String, Value> =
            properties.iter().map(|(name, schema)| (name.clone(), schema["default"].clone())).collect();
        assert_eq!(serde_json::from_value::<Params>(Value::Object(given)).unwrap(), Params::default());
    }

    #[test]
    fn the_toy_jobs_parameters_are_read() {
        let params: Params = serde_json::from_str(r#"{"seed": 123, "partition": 4, "data_num": 1000}"#).unwrap();
        assert_eq!(params, Params { seed: Some(123), partition: 4, data_num: 1000 });
    }
}
