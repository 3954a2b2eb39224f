//! The table `[clients]` of the configuration: who may call the node, with what secret. Not for: checking signatures
//! (`server`).

use std::collections::BTreeMap;

use parcae_server::Secret;
use serde::Serializer;
use toml::Value;

use crate::faults::Faults;

/// Stands for a secret where the configuration is printed.
const HIDDEN: &str = "<not printed>";

/// Reads the table. Faults never repeat what may be a secret.
pub(crate) fn read(value: Value, into: &mut BTreeMap<String, Secret>, faults: &mut Faults) {
    let Value::Table(wanted) = value else {
        return faults.add("clients: must be a table: [clients], with KEY = \"SECRET\" in it");
    };
    for (key, value) in wanted {
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            faults.add(format!("clients.{key:?}: a key must be letters, digits and signs without spaces"));
        }
        match value {
            Value::String(secret) if secret == HIDDEN => {
                faults.add(format!("clients.{key}: its secret was left out by --print-config; put it in"));
            }
            Value::String(secret) if !secret.is_empty() && secret.is_ascii() => {
                into.insert(key, Secret::new(secret));
            }
            _ => faults.add(format!("clients.{key}: its secret must be text of ASCII letters, digits and signs")),
        }
    }
}

/// Writes the table without the secrets.
pub(crate) fn hidden<S: Serializer>(clients: &BTreeMap<String, Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(clients.keys().map(|key| (key, HIDDEN)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<BTreeMap<String, Secret>, String> {
        let (mut clients, mut faults) = (BTreeMap::new(), Faults::default());
        let table: toml::Table = toml::from_str(text).unwrap();
        read(table["clients"].clone(), &mut clients, &mut faults);
        faults.into_result().map(|()| clients).map_err(|faults| faults.to_string())
    }

    #[test]
    fn keys_have_secrets() {
        let clients = read_text("[clients]\nlab = \"hush\"\n\"a.b\" = \"hush hush\"").unwrap();
        assert_eq!(clients["lab"], Secret::new("hush"));
        assert_eq!(clients["a.b"], Secret::new("hush hush"));
    }

    #[test]
    fn faults_are_told_at_once_and_show_no_secret() {
        let text = "[clients]\nlab = \"h\u{fc}sh\"\n\"a b\" = \"hush\"\nnone = \"\"\nnumber = 123456\n\
                    old = \"<not printed>\"";
        let faults = read_text(text).unwrap_err();
        assert!(faults.contains("has 5 faults"), "{faults}");
        for part in ["lab", "\"a b\"", "none", "number", "old"] {
            assert!(faults.contains(&format!("clients.{part}: ")), "{part:?} is not in:\n{faults}");
        }
        assert!(!faults.contains("sh\"") && !faults.contains("123456"), "{faults}");
        assert!(read_text("clients = \"hush\"").unwrap_err().contains("must be a table"));
    }
}
