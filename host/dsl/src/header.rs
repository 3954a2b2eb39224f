//! Who takes part: `dsl_version`, `role` and `initiator` of a conf. Not for: what the parties run (`roles`).

use std::collections::{BTreeMap, HashSet};

use parcae_domain::party::{Party, PartyId, Role};
use serde_json::Value;

use crate::{
    fault::{Collector, Fault},
    read::{Object, found, party_id, warn_of_typos},
};

/// Most parties of one role.
const MAX_PARTIES: usize = 256;
/// What a conf may say; anything else is kept and ignored.
const KNOWN: [&str; 6] = ["dsl_version", "initiator", "role", "job_parameters", "component_parameters", "provider"];

/// Who takes part in a job.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// The parties of each role, in the order of the conf.
    pub(crate) roles: BTreeMap<Role, Vec<PartyId>>,
    /// The roles in the order of the conf.
    pub(crate) role_order: Vec<Role>,
    /// Who leads; none if that is faulty.
    pub(crate) initiator: Option<Party>,
    /// True when `roles` is all that was meant: nothing about it is faulty.
    pub(crate) complete: bool,
}

/// Reads who takes part.
pub(crate) fn read(conf: &Object, faults: &mut Collector) -> Header {
    warn_of_typos(conf, &KNOWN, "", faults);
    dsl_version(conf, faults);
    let before = faults.count();
    let (roles, role_order) = roles(conf, faults);
    let complete = faults.count() == before;
    let initiator = initiator(conf, faults);
    if let Some(initiator) = initiator.filter(|_| complete) {
        let ids = roles.get(&initiator.role).map_or(&[] as &[PartyId], Vec::as_slice);
        if !ids.contains(&initiator.id) {
            let Party { role, id } = initiator;
            let message = format!("expected one of the {role} parties {ids:?}, found {id}");
            faults.add(None, "initiator.party_id", message);
        }
    }
    Header { roles, role_order, initiator, complete }
}

fn dsl_version(conf: &Object, faults: &mut Collector) {
    match conf.get("dsl_version") {
        Some(Value::Number(number)) if number.as_u64() == Some(2) => {}
        Some(Value::String(text)) if text.trim() == "2" => {}
        None | Some(Value::Null) => {
            let hint = "add \"dsl_version\": 2".to_owned();
            faults.push(Fault::new(None, "dsl_version", "expected 2, found nothing, which means 1").hint(hint));
        }
        Some(other) => faults.add(None, "dsl_version", format!("expected 2, found {}", found(other))),
    }
}

type Roles = (BTreeMap<Role, Vec<PartyId>>, Vec<Role>);

fn roles(conf: &Object, faults: &mut Collector) -> Roles {
    let mut made: Roles = Default::default();
    let listed = match conf.get("role") {
        Some(Value::Object(listed)) if !listed.is_empty() => listed,
        Some(Value::Object(_)) | Some(Value::Null) | None => {
            let hint = "like {\"guest\": [9999], \"host\": [10000]}".to_owned();
            faults
                .push(Fault::new(None, "role", "missing: expected object with the party ids of each role").hint(hint));
            return made;
        }
        Some(other) => {
            faults.add(
                None,
                "role",
                format!("expected object with the party ids of each role, found {}", found(other)),
            );
            return made;
        }
    };
    for (name, ids) in listed {
        let Some(role) = known_role(name, &format!("role.{name}"), faults) else { continue };
        let ids = party_ids(role, ids, faults);
        if !ids.is_empty() {
            made.0.insert(role, ids);
            made.1.push(role);
        }
    }
    made
}

/// The role of that name, or a fault that names the roles.
pub(crate) fn known_role(name: &str, key: &str, faults: &mut Collector) -> Option<Role> {
    let role = name.parse::<Role>().ok();
    if role.is_none() {
        let fault = Fault::new(None, key, format!("unknown role {name:?}"));
        faults.unknown(fault, name, Role::ALL.map(Role::as_str));
    }
    role
}

fn party_ids(role: Role, value: &Value, faults: &mut Collector) -> Vec<PartyId> {
    let key = format!("role.{role}");
    let Value::Array(items) = value else {
        faults.add(None, key, format!("expected list of party ids, found {}", found(value)));
        return Vec::new();
    };
    if items.len() > MAX_PARTIES {
        faults.add(None, key, format!("expected at most {MAX_PARTIES} parties, found {}", items.len()));
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let mut ids = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        match party_id(item) {
            Some(id) if seen.insert(id) => ids.push(id),
            Some(id) => faults.add(None, format!("{key}.{i}"), format!("expected each party once, found {id} again")),
            None => {
                let message = format!("expected party id, a whole number, found {}", found(item));
                faults.add(None, format!("{key}.{i}"), message);
            }
        }
    }
    ids
}

fn initiator(conf: &Object, faults: &mut Collector) -> Option<Party> {
    let initiator = match conf.get("initiator") {
        Some(Value::Object(initiator)) => initiator,
        Some(Value::Null) | None => {
            let hint = "like {\"role\": \"guest\", \"party_id\": 9999}".to_owned();
            faults.push(Fault::new(None, "initiator", "missing: expected object with role and party_id").hint(hint));
            return None;
        }
        Some(other) => {
            faults.add(None, "initiator", format!("expected object with role and party_id, found {}", found(other)));
            return None;
        }
    };
    let role = match initiator.get("role") {
        Some(Value::String(name)) => known_role(name, "initiator.role", faults),
        other => {
            faults.add(None, "initiator.role", format!("expected name of a role, found {}", or_nothing(other)));
            None
        }
    };
    let id = initiator.get("party_id").and_then(party_id);
    if id.is_none() {
        let message = format!("expected party id, a whole number, found {}", or_nothing(initiator.get("party_id")));
        faults.add(None, "initiator.party_id", message);
    }
    Some(Party::new(role?, id?))
}

fn or_nothing(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), found)
}
