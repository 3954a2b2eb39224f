//! Which parties run a module, and which parties it refuses. Not for: who takes part (`header`).

use std::collections::BTreeMap;

use parcae_domain::{
    descriptor::Module,
    party::{Party, PartyId, Role},
};

use crate::{components::Node, fault::Collector, header::Header};

/// The parties that run a module, by role and then in the order of the conf, each with its place in its role's list.
pub(crate) fn parties(module: &Module, roles: &BTreeMap<Role, Vec<PartyId>>) -> Vec<(Party, usize)> {
    let mut parties = Vec::new();
    for (role, ids) in roles.iter().filter(|(role, _)| module.roles.contains(role)) {
        parties.extend(ids.iter().enumerate().map(|(place, id)| (Party::new(*role, *id), place)));
    }
    parties
}

/// Checks every module against the parties.
pub(crate) fn check(nodes: &[Node<'_>], header: &Header, faults: &mut Collector) {
    if !header.complete {
        return;
    }
    for node in nodes {
        let Some(module) = &node.module else { continue };
        let key = format!("components.{}.module", node.name);
        if parties(module, &header.roles).is_empty() {
            let runs: Vec<&str> = module.roles.iter().map(|role| role.as_str()).collect();
            let has: Vec<&str> = header.roles.keys().map(|role| role.as_str()).collect();
            let message = format!(
                "expected a party in a role that runs {} ({}), found {}",
                module.name,
                runs.join(", "),
                has.join(", ")
            );
            faults.add(Some(node.name), key, message);
            continue;
        }
        for role in module.needs.iter().filter(|role| !header.roles.contains_key(role)) {
            let message = format!("missing: {} needs a party in role {role}", module.name);
            faults.add(Some(node.name), format!("role.{role}"), message);
        }
        // Who holds the key must not be who holds the labels.
        if [Role::Guest, Role::Host, Role::Arbiter].iter().all(|role| module.needs.contains(role))
            && let Some(message) = shared_arbiter(&header.roles)
        {
            faults.add(Some(node.name), "role.arbiter", format!("{message} for {}", module.name));
        }
    }
}

/// Guest and arbiter may be one site only where every host is it too: on a single site, for a trial.
fn shared_arbiter(roles: &BTreeMap<Role, Vec<PartyId>>) -> Option<String> {
    let (guests, hosts, arbiters) = (roles.get(&Role::Guest)?, roles.get(&Role::Host)?, roles.get(&Role::Arbiter)?);
    let shared: Vec<PartyId> = guests.iter().copied().filter(|id| arbiters.contains(id)).collect();
    let allowed = shared.iter().all(|id| hosts.contains(id)) && shared.len() == hosts.len();
    (!shared.is_empty() && !allowed)
        .then(|| format!("expected other parties than the guest's, found {shared:?} in both roles,"))
}
