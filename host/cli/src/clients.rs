//! The table `[clients]` of the configuration: who may call the node, with what secret, for which tenant and how far.
//! Not for: checking signatures (`server`).

use std::collections::BTreeMap;

use parcae_domain::tenant::{Scope, TenantId};
use parcae_server::{Client, Secret};
use serde::{Serialize, Serializer};
use toml::{Table, Value};

use crate::faults::Faults;

/// Stands for a secret where the configuration is printed.
const HIDDEN: &str = "<not printed>";

/// Reads the table. Faults never repeat what may be a secret.
pub(crate) fn read(value: Value, into: &mut BTreeMap<String, Client>, faults: &mut Faults) {
    let Value::Table(wanted) = value else {
        return faults.add("clients: must be a table: [clients], with KEY = \"SECRET\" in it");
    };
    for (key, value) in wanted {
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            faults.add(format!("clients.{key:?}: a key must be letters, digits and signs without spaces"));
        }
        match value {
            Value::Table(long) => {
                if let Some(client) = read_long(&key, long, faults) {
                    into.insert(key, client);
                }
            }
            short => {
                if let Some(secret) = read_secret(&key, Some(short), faults) {
                    into.insert(key, secret.into());
                }
            }
        }
    }
}

fn read_secret(key: &str, value: Option<Value>, faults: &mut Faults) -> Option<Secret> {
    match value {
        Some(Value::String(secret)) if secret == HIDDEN => {
            faults.add(format!("clients.{key}: its secret was left out by --print-config; put it in"));
        }
        Some(Value::String(secret)) if !secret.is_empty() && secret.is_ascii() => return Some(Secret::new(secret)),
        _ => faults.add(format!("clients.{key}: its secret must be text of ASCII letters, digits and signs")),
    }
    None
}

/// `{ secret = "...", tenant = "bank", scope = "submit" }`.
fn read_long(key: &str, mut table: Table, faults: &mut Faults) -> Option<Client> {
    let secret = read_secret(key, table.remove("secret"), faults);
    let mut client = Client::from(secret?);
    for (name, value) in table {
        let text = value.as_str().unwrap_or_default();
        match name.as_str() {
            "tenant" => match text.parse::<TenantId>() {
                Ok(tenant) => client.tenant = tenant,
                Err(e) => faults.add(format!("clients.{key}.tenant: {e}")),
            },
            "scope" => match text.parse::<Scope>() {
                Ok(scope) => client.scope = scope,
                Err(e) => faults.add(format!("clients.{key}.scope: {e}")),
            },
            _ => faults.add(format!("clients.{key}.{name}: no such setting; there are secret, tenant, scope")),
        }
    }
    Some(client)
}

/// A client as it is printed: as short as it may be written.
#[derive(Serialize)]
#[serde(untagged)]
enum Printed<'c> {
    Short(&'static str),
    Long { secret: &'static str, tenant: &'c str, scope: &'static str },
}

fn printed(client: &Client) -> Printed<'_> {
    let Client { secret, tenant, scope } = client;
    if *client == Client::from(secret.clone()) {
        return Printed::Short(HIDDEN);
    }
    Printed::Long { secret: HIDDEN, tenant: tenant.as_str(), scope: scope.as_str() }
}

/// Writes the table without the secrets.
pub(crate) fn hidden<S: Serializer>(clients: &BTreeMap<String, Client>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(clients.iter().map(|(key, client)| (key, printed(client))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<BTreeMap<String, Client>, String> {
        let (mut clients, mut faults) = (BTreeMap::new(), Faults::default());
        let table: toml::Table = toml::from_str(text).unwrap();
        read(table["clients"].clone(), &mut clients, &mut faults);
        faults.into_result().map(|()| clients).map_err(|faults| faults.to_string())
    }

    #[test]
    fn keys_have_secrets() {
        let clients = read_text("[clients]\nlab = \"hush\"\n\"a.b\" = \"hush hush\"").unwrap();
        assert_eq!(clients["lab"], Client::from(Secret::new("hush")));
        assert_eq!(clients["a.b"], Client::from(Secret::new("hush hush")));
    }

    #[test]
    fn a_client_has_a_tenant_and_a_scope() {
        let text = "[clients]\nlab = { secret = \"hush\", tenant = \"bank\", scope = \"submit\" }";
        let client = read_text(text).unwrap().remove("lab").unwrap();
        assert_eq!((client.secret, client.tenant.as_str()), (Secret::new("hush"), "bank"));
        assert_eq!(client.scope, Scope::Submit);
        let text = "[clients]\na = { tenant = \"bank\" }\n\
                    b = { secret = \"hush\", tenant = \"B B\", scope = 1, tennant = 1 }";
        let faults = read_text(text).unwrap_err();
        for part in ["has 4 faults", "clients.a: its", "clients.b.tenant", "clients.b.scope", "clients.b.tennant"] {
            assert!(faults.contains(part), "{part:?} is not in:\n{faults}");
        }
        assert!(!faults.contains("hush"), "{faults}");
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
