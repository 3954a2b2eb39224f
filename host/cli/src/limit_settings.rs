//! Tables of limits in the node's configuration: those of every attempt, those of the node, and lower ones for single
//! components. Not for: what limits there are (`domain::limit`), what is in force of an attempt (`node`).

use std::collections::BTreeMap;

use parcae_domain::{limit::set_elsewhere, limit_sources::LimitSet};
use serde::{Serialize, de::DeserializeOwned};
use toml::{Table, Value};

use crate::{config::no_such, faults::Faults};

/// Takes over the limits of a table, into a struct of them.
pub(crate) fn read<T: Serialize + DeserializeOwned>(key: &str, value: Value, to: &mut T, faults: &mut Faults) {
    let known = Value::try_from(&*to);
    let (Value::Table(wanted), Ok(Value::Table(mut limits))) = (value, known) else {
        return faults.add(format!("{key}: must be a table: [{key}]"));
    };
    let names: Vec<String> = limits.keys().cloned().collect();
    for (name, value) in numbers(key, wanted, &names, faults) {
        limits.insert(name, Value::Integer(value));
    }
    match Value::Table(limits).try_into() {
        Ok(limits) => *to = limits,
        Err(e) => faults.add(format!("{key}: a number is too large: {}", e.message())),
    }
}

/// Takes over tables of limits by component.
pub(crate) fn read_components(value: Value, to: &mut BTreeMap<String, LimitSet>, faults: &mut Faults) {
    let Value::Table(components) = value else {
        return faults.add("component_limits: must be tables: [component_limits.HeteroLR]");
    };
    let names: Vec<String> = LimitSet::names().map(str::to_owned).collect();
    for (component, value) in components {
        let key = format!("component_limits.{component}");
        match value {
            Value::Table(wanted) => {
                let limits = numbers(&key, wanted, &names, faults).into_iter();
                let set = limits.filter_map(|(name, number)| Some((name, u64::try_from(number).ok()?))).collect();
                to.insert(component, set);
            }
            _ => faults.add(format!("{key}: must be a table: [{key}]")),
        }
    }
}

/// The numbers of a table whose names are known.
fn numbers(key: &str, wanted: Table, names: &[String], faults: &mut Faults) -> Vec<(String, i64)> {
    let mut taken = Vec::new();
    for (name, value) in wanted {
        if !names.contains(&name) {
            faults.add(match set_elsewhere(&name) {
                Some(place) => format!("{key}.{name}: no such limit here; {place}"),
                None => no_such(&format!("{key}.{name}"), "limit", names.iter().map(String::as_str)),
            });
        } else if let Some(number) = value.as_integer().filter(|number| *number > 0) {
            taken.push((name, number));
        } else {
            faults.add(format!("{key}.{name} = {value}: must be a whole number above 0"));
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use parcae_domain::limit::{Limits, NodeLimits};

    use super::*;

    fn value(text: &str) -> Value {
        Value::Table(toml::from_str(text).unwrap())
    }

    #[test]
    fn components_have_some_limits() {
        let (mut read, mut faults) = (BTreeMap::new(), Faults::default());
        let text = "[HeteroLR]\nmemory_bytes = 5\n\n[\"score:0.1.0\"]\nlog_bytes = 7\n";
        read_components(value(text), &mut read, &mut faults);
        faults.into_result().unwrap();
        assert_eq!(read["HeteroLR"].get("memory_bytes"), Some(5));
        assert_eq!(read["score:0.1.0"].get("log_bytes"), Some(7));
    }

    #[test]
    fn faults_name_the_limit() {
        let mut faults = Faults::default();
        read_components(value("A = 1\n[B]\nlog_byte = 1\nhandles = 0\n"), &mut BTreeMap::new(), &mut faults);
        read("limits", value("memory_pool_bytes = 1\n"), &mut Limits::default(), &mut faults);
        let mut node = NodeLimits::default();
        read("node_limits", value("memory_pool_bytes = 9\nattempts = 5000000000\n"), &mut node, &mut faults);
        let text = faults.into_result().unwrap_err().to_string();
        for part in [
            "component_limits.A: must be a table",
            "component_limits.B.log_byte: no such limit; did you mean log_bytes?",
            "component_limits.B.handles = 0: must be a whole number above 0",
            "limits.memory_pool_bytes: no such limit here; memory_pool_bytes is set under [node_limits]",
            "node_limits: a number is too large",
        ] {
            assert!(text.contains(part), "{part:?} is not in:\n{text}");
        }
    }
}
