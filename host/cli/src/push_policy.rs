//! The table `[components_policy]` of the configuration: which components may be pushed. Not for: applying it (`node`).

use parcae_domain::tenant::TenantId;
use parcae_node::ComponentsPolicy;
use toml::{Table, Value};

use crate::faults::Faults;

/// Reads the table. Who names keys or digests means them: images without a signature may then come in only when the
/// table says so.
pub(crate) fn read(value: Value, into: &mut ComponentsPolicy, faults: &mut Faults) {
    let Value::Table(mut wanted) = value else {
        return faults.add("components_policy: must be a table: [components_policy]");
    };
    let of_tenants = wanted.remove("tenants");
    rules("components_policy", wanted, into, faults);
    match of_tenants {
        None => {}
        Some(Value::Table(tenants)) => tenants.into_iter().for_each(|(name, value)| tenant(&name, value, into, faults)),
        Some(_) => faults.add("components_policy.tenants: must be tables: [components_policy.tenants.NAME]"),
    }
    into.faults().into_iter().for_each(|fault| faults.add(fault));
}

/// What holds for one tenant.
fn tenant(name: &str, value: Value, into: &mut ComponentsPolicy, faults: &mut Faults) {
    let place = format!("components_policy.tenants.{name}");
    match (name.parse::<TenantId>(), value) {
        (Ok(id), Value::Table(wanted)) => {
            let mut own = ComponentsPolicy::default();
            rules(&place, wanted, &mut own, faults);
            into.tenants.insert(id, own);
        }
        (Ok(_), _) => faults.add(format!("{place}: must be a table: [{place}]")),
        (Err(why), _) => faults.add(format!("{place}: {why}")),
    }
}

fn rules(place: &str, wanted: Table, into: &mut ComponentsPolicy, faults: &mut Faults) {
    let mut unsigned = None;
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
        assert!(!policy.unsigned && policy.keys["lab"] == public);
        let digest = "ab".repeat(32);
        let text = format!("[components_policy]\nunsigned = true\ndigests = [\"sha256:{digest}\"]");
        let policy = read_text(&text).unwrap();
        assert!(policy.unsigned && policy.digests.len() == 1);
        assert_eq!(read_text("[components_policy]"), Ok(ComponentsPolicy::default()));
        let policy = read_text(&format!("[components_policy.tenants.bank.keys]\nlab = \"{public}\"")).unwrap();
        assert!(policy.unsigned && !policy.tenants[&"bank".parse().unwrap()].unsigned);
        let faults = read_text("[components_policy.tenants.Bank]\n[components_policy.tenants.b]\nx = 1").unwrap_err();
        assert!(faults.contains("is no name of a tenant") && faults.contains("tenants.b.x: no such"), "{faults}");
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
