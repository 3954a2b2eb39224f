//! The name of what a job trains. Not for: its version, which is the job's id.

use std::collections::BTreeMap;

use parcae_domain::party::{PartyId, Role};

/// `arbiter-10000#guest-9999#host-10000_10001#model`: roles by name, each with its parties by number, once each.
pub fn model_id(roles: &BTreeMap<Role, Vec<PartyId>>) -> String {
    let mut pieces: Vec<String> = roles
        .iter()
        .filter(|(_, ids)| !ids.is_empty())
        .map(|(role, ids)| {
            let mut ids = ids.clone();
            ids.sort_unstable();
            ids.dedup();
            let ids: Vec<String> = ids.iter().map(PartyId::to_string).collect();
            format!("{role}-{}", ids.join("_"))
        })
        .collect();
    pieces.sort();
    pieces.push("model".into());
    pieces.join("#")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use parcae_domain::party::Role;

    use super::model_id;

    #[test]
    fn roles_by_name_and_parties_by_number() {
        let roles =
            BTreeMap::from([(Role::Host, vec![10001, 10000]), (Role::Guest, vec![9999]), (Role::Arbiter, vec![10000])]);
        assert_eq!(model_id(&roles), "arbiter-10000#guest-9999#host-10000_10001#model");
        assert_eq!(model_id(&BTreeMap::from([(Role::Host, vec![10000, 999])])), "host-999_10000#model");
        assert_eq!(model_id(&BTreeMap::from([(Role::Local, vec![0])])), "local-0#model");
    }
}
