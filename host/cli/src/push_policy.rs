//! The table `[components_policy]` of the configuration: which components may be pushed, and which parties take. Not for: applying it (`node`).

use std::collections::BTreeMap;

use parcae_domain::{party::PartyId, tenant::TenantId};
use parcae_node::{ComponentsPolicy, Rules, TenantPolicy};
use toml::{Table, Value};

use crate::faults::Faults;

/// Reads the table. Who names keys or digests means them: images without a signature may then come in only when the
/// table says so.
pub(crate) fn read(value: Value, into: &mut ComponentsPolicy, faults: &mut Faults) {
    let place = "components_policy";
    let Value::Table(mut wanted) = value else {
        return faults.add(format!("{place}: must be a table: [{place}]"));
    };
    for (name, value, place) in named(place, "tenants", &mut wanted, faults) {
        match (name.parse::<TenantId>(), value) {
            (Ok(id), Value::Table(wanted)) => drop(into.tenants.insert(id, tenant(&place, wanted, faults))),
            (Ok(_), _) => faults.add(format!("{place}: must be a table: [{place}]")),
            (Err(why), _) => faults.add(format!("{place}: {why}")),
        }
    }
    into.own = tenant(place, wanted, faults);
    into.faults().into_iter().for_each(|fault| faults.add(fault));
}

/// What holds for a tenant.
fn tenant(place: &str, mut wanted: Table, faults: &mut Faults) -> TenantPolicy {
    let mut parties = BTreeMap::new();
    for (name, value, place) in named(place, "parties", &mut wanted, faults) {
        match (name.parse::<PartyId>(), value) {
            (Ok(id), Value::Table(wanted)) => drop(parties.insert(id, rules(&place, wanted, faults))),
            (Ok(_), _) => faults.add(format!("{place}: must be a table: [{place}]")),
            (Err(_), _) => faults.add(format!("{place}: expected the id of a party, a number, found {name:?}")),
        }
    }
    TenantPolicy { push: rules(place, wanted, faults), parties }
}

/// The tables of a table of tables, each with its name and its place.
fn named(place: &str, kind: &str, wanted: &mut Table, faults: &mut Faults) -> Vec<(String, Value, String)> {
    match wanted.remove(kind) {
        None => Vec::new(),
        Some(Value::Table(tables)) => tables
            .into_iter()
            .map(|(name, value)| {
                let place = format!("{place}.{kind}.{name}");
                (name, value, place)
            })
            .collect(),
        Some(_) => {
            faults.add(format!("{place}.{kind}: must be tables: [{place}.{kind}.NAME]"));
            Vec::new()
        }
    }
}

fn rules(place: &str, wanted: Table, faults: &mut Faults) -> Rules {
    let (mut into, mut unsigned) = (Rules::default(), None);
    for (key, value) in wanted {
        let wrong = |want: &str| format!("{place}.{key} = {value}: must be {want}");
        match key.as_str() {
            "unsigned" => match value.as_bool() {
                Some(may) => unsigned = Some(may),
                None => faults.add(wrong("true or false")),
            },
            "keys" => match value.clone().try_into() {
                Ok(keys) => into.keys = keys,
                Err(_) => faults.add(wrong("a table: NAME = \"public key\"")),
            },
            "digests" => match value.clone().try_into() {
                Ok(digests) => into.digests = digests,
                Err(_) => faults.add(wrong("a list of digests")),
            },
            _ => faults.add(format!("{place}.{key}: no such setting; there are unsigned, keys, digests")),
        }
    }
    into.unsigned = unsigned.unwrap_or(into.keys.is_empty() && into.digests.is_empty());
    into
}

#[cfg(test)]
mod tests {
    use parcae_node::signing::SecretKey;

    use super::*;

    fn read_text(text: &str) -> Result<ComponentsPolicy, String> {
        let (mut policy, mut faults) = (ComponentsPolicy::default(), Faults::default());
        let table: toml::Table = toml::from_str(text).unwrap();
        read(table["components_policy"].clone(), &mut policy, &mut faults);
        faults.into_result().map(|()| policy).map_err(|faults| faults.to_string())
    }

    #[test]
    fn who_names_keys_means_them() {
        let public = SecretKey::draw().unwrap().public();
        let policy = read_text(&format!("[components_policy.keys]\nlab = \"{public}\"")).unwrap();
        assert!(!policy.own.push.unsigned && policy.own.push.keys["lab"] == public);
        let digest = "ab".repeat(32);
        let text = format!("[components_policy]\nunsigned = true\ndigests = [\"sha256:{digest}\"]");
        let policy = read_text(&text).unwrap();
        assert!(policy.own.push.unsigned && policy.own.push.digests.len() == 1);
        assert_eq!(read_text("[components_policy]"), Ok(ComponentsPolicy::default()));
        let policy = read_text(&format!("[components_policy.tenants.bank.keys]\nlab = \"{public}\"")).unwrap();
        assert!(policy.own.push.unsigned && !policy.tenants[&"bank".parse().unwrap()].push.unsigned);
        let faults = read_text("[components_policy.tenants.Bank]\n[components_policy.tenants.b]\nx = 1").unwrap_err();
        assert!(faults.contains("is no name of a tenant") && faults.contains("tenants.b.x: no such"), "{faults}");
    }

    #[test]
    fn parties_have_rules_of_their_own() {
        let digest = "ab".repeat(32);
        let text = format!(
            "[components_policy.parties.10000]\ndigests = [\"{digest}\"]\n[components_policy.tenants.bank.parties.7]\n\
             unsigned = false"
        );
        let policy = read_text(&text).unwrap();
        let party = &policy.own.parties[&10000];
        assert!(policy.own.push.unsigned && !party.unsigned && party.digests == [digest]);
        let bank = &policy.tenants[&"bank".parse().unwrap()];
        assert!(bank.push.unsigned && !bank.parties[&7].unsigned);
        let printed = toml::to_string_pretty(&BTreeMap::from([("components_policy", &policy)])).unwrap();
        assert_eq!(read_text(&printed), Ok(policy), "{printed}");
        let faults =
            read_text("[components_policy]\nparties = 1\n[components_policy.tenants.b.parties.x]").unwrap_err();
        assert!(faults.contains("must be tables: [components_policy.parties.NAME]"), "{faults}");
        assert!(faults.contains("tenants.b.parties.x: expected the id of a party"), "{faults}");
    }

    #[test]
    fn faults_are_told_at_once() {
        let text = "[components_policy]\nunsigned = 1\ndigests = [\"ab\"]\nsigners = 2\n[components_policy.keys]\n\
                    lab = \"x\"";
        let faults = read_text(text).unwrap_err();
        for part in ["has 4 faults", "unsigned = 1", "\"ab\" is no digest", "signers: no such setting", "keys.lab"] {
            assert!(faults.contains(part), "{part:?} is not in:\n{faults}");
        }
    }
}
