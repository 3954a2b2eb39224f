//! Migrates a model to other parties: copies it under a new id, with new parties in the places of the old ones, within
//! this node. Not for: archives, which carry a model to another node.

use std::collections::BTreeMap;

use parcae_domain::{
    party::{Party, PartyId, Role},
    port::ModelPart,
};
use parcae_metadata::{Checkpoint, ComponentModel, ModelFilter, ModelKey, StoreError};
use serde_json::Value;

use crate::archive::{model_key, rename, resettle, taken};
use crate::model_info::ModelInfo;
use crate::queries::store;
use crate::saved;
use crate::tenant::Tenant;
use crate::view::NodeError;

/// Parties by role.
pub type Roles = BTreeMap<Role, Vec<PartyId>>;

/// What to migrate, and to whom.
#[derive(Clone, Debug)]
pub struct MigrateRequest {
    /// Id of the model.
    pub model_id: String,
    /// Its version.
    pub model_version: String,
    /// Its parties.
    pub role: Roles,
    /// The parties that take their places.
    pub migrate_role: Roles,
    /// Who leads from then on: one of `migrate_role`.
    pub migrate_initiator: Party,
    /// The parties of `role` whose models are to be migrated.
    pub execute_party: Roles,
    /// Version of the migrated model; a new one when absent.
    pub unify_model_version: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug)]
pub struct Migrated {
    /// Id of the migrated model.
    pub model_id: String,
    /// Its version.
    pub model_version: String,
    /// For each party that was asked for whether its model was migrated, and why not.
    pub parties: Vec<(Party, Result<(), String>)>,
}

impl Tenant<'_> {
    /// Migrates the models of some parties of a model. What is wrong with the request as a whole is an error; what is
    /// wrong at one party does not hold up the others.
    pub fn migrate_model(&self, request: &MigrateRequest) -> Result<Migrated, NodeError> {
        check(request)?;
        saved::settle(&self.site, self.id(), &request.model_version).map_err(store)?;
        let model_id = parcae_dsl::model_id(&request.migrate_role);
        let model_version = request.unify_model_version.clone().unwrap_or_else(|| self.next_job_id().0);
        if !parcae_domain::id::is_component_name(&model_version) {
            let text = "unify_model_version is not one of a model: it is 1 to 100 letters, digits, _ and -";
            return Err(NodeError::Invalid(text.into()));
        }
        let mut parties = Vec::new();
        for (role, ids) in &request.execute_party {
            for id in ids {
                let from = Party::new(*role, *id);
                let outcome = match successor(request, from) {
                    None => Err(format!("{role} {id} is not among the parties of role")),
                    Some(to) => self.migrate_party(request, from, &model_key(self.id(), to, &model_id, &model_version)),
                };
                parties.push((from, outcome));
            }
        }
        Ok(Migrated { model_id, model_version, parties })
    }

    fn migrate_party(&self, request: &MigrateRequest, from: Party, to: &ModelKey) -> Result<(), String> {
        let key = model_key(self.id(), from, &request.model_id, &request.model_version);
        let migrated = self.site.store.commit(|tx| {
            let filter = ModelFilter::of(&key);
            let Some(model) = self.site.store.models(&filter)?.into_iter().next() else {
                let ModelKey { model_id, model_version, .. } = &key;
                let Party { role, id } = from;
                let text = format!("there is no model {model_id} of version {model_version} at {role} {id}");
                return Err(StoreError::NotFound(text));
            };
            if let Some(taken) = taken(&self.site, to, false)? {
                return Err(StoreError::Exists(taken));
            }
            let mut info = ModelInfo::of(&model);
            let roles = successors(request, &info).map_err(StoreError::NotFound)?;
            resettle(&mut info, &roles, request.migrate_initiator);
            rename(&mut info, &to.model_id, &to.model_version);
            for model in self.site.store.component_models(&filter)? {
                let parts = parts(model.parts, request);
                tx.put_component_model(&ComponentModel { key: to.clone(), parts, ..model })?;
            }
            for checkpoint in self.site.store.checkpoints(&key, None)? {
                let parts = parts(checkpoint.parts, request);
                tx.put_checkpoint(&Checkpoint { key: to.clone(), parts, ..checkpoint })?;
            }
            tx.put_model(to, None, &info.to_value())
        });
        migrated.map_err(|error| match error {
            StoreError::NotFound(text) | StoreError::Exists(text) => text,
            other => {
                tracing::error!("a model could not be migrated: {}", store(other));
                "the node failed to migrate the model; its log says why".into()
            }
        })
    }
}

/// The party that takes another's place.
fn successor(request: &MigrateRequest, from: Party) -> Option<Party> {
    let place = request.role.get(&from.role)?.iter().position(|id| *id == from.id)?;
    let id = request.migrate_role.get(&from.role)?.get(place)?;
    Some(Party::new(from.role, *id))
}

/// The parties of the model with each replaced by its successor.
fn successors(request: &MigrateRequest, info: &ModelInfo) -> Result<Roles, String> {
    let mut roles = Roles::new();
    for party in info.parties() {
        let missing = || format!("{} {} is a party of the model, and role does not name it", party.role, party.id);
        let successor = successor(request, party).ok_or_else(missing)?;
        roles.entry(party.role).or_default().push(successor.id);
    }
    Ok(roles)
}

fn check(request: &MigrateRequest) -> Result<(), NodeError> {
    let (old, new) = (&request.role, &request.migrate_role);
    let same_shape = old.len() == new.len()
        && old.iter().all(|(role, ids)| new.get(role).is_some_and(|others| others.len() == ids.len()));
    let leader = request.migrate_initiator;
    let fault = if !same_shape {
        "role and migrate_role do not have the same roles with as many parties each: every party needs one successor"
    } else if old == new {
        "role and migrate_role are the same: there is nothing to migrate"
    } else if request.execute_party.values().all(Vec::is_empty) {
        "execute_party names no party: name those of role whose models are to be migrated"
    } else if !new.get(&leader.role).is_some_and(|ids| ids.contains(&leader.id)) {
        "migrate_initiator is none of migrate_role"
    } else {
        return Ok(());
    };
    Err(NodeError::Invalid(fault.into()))
}

/// The parts of a model, with the new parties in anonymous names of features.
fn parts(parts: Vec<ModelPart>, request: &MigrateRequest) -> Vec<ModelPart> {
    let fit = |part: ModelPart| {
        // Most parts name nobody: they stay as they are, to the last digit.
        if !part.json.contains("\"anonymous") {
            return part;
        }
        let Ok(mut json) = serde_json::from_str::<Value>(&part.json) else { return part };
        anonymous(&mut json, false, request);
        ModelPart { json: json.to_string(), ..part }
    };
    parts.into_iter().map(fit).collect()
}

/// Goes through what stands under keys such as `anonymousHeader`.
fn anonymous(value: &mut Value, is_inside: bool, request: &MigrateRequest) {
    match value {
        Value::String(text) if is_inside => {
            if let Some(new) = anonymous_name(text, request) {
                *text = new;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| anonymous(item, is_inside, request)),
        Value::Object(object) => {
            for (key, item) in object.iter_mut() {
                anonymous(item, is_inside || key.starts_with("anonymous"), request);
            }
        }
        _ => {}
    }
}

/// `guest_9999_x0` with the number of the new party.
fn anonymous_name(text: &str, request: &MigrateRequest) -> Option<String> {
    let (role, rest) = text.split_once('_')?;
    let (id, feature) = rest.split_once('_')?;
    let party = successor(request, Party::new(role.parse().ok()?, id.parse().ok()?))?;
    Some(format!("{role}_{}_{feature}", party.id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request() -> MigrateRequest {
        MigrateRequest {
            model_id: "guest-9999#host-10000_10001#model".into(),
            model_version: "1".into(),
            role: BTreeMap::from([(Role::Guest, vec![9999]), (Role::Host, vec![10001, 10000])]),
            migrate_role: BTreeMap::from([(Role::Guest, vec![99]), (Role::Host, vec![101, 100])]),
            migrate_initiator: Party::new(Role::Guest, 99),
            execute_party: BTreeMap::from([(Role::Guest, vec![9999])]),
            unify_model_version: None,
        }
    }

    #[test]
    fn places_decide_who_follows_whom() {
        let request = request();
        assert_eq!(successor(&request, Party::new(Role::Host, 10000)), Some(Party::new(Role::Host, 100)));
        assert_eq!(successor(&request, Party::new(Role::Host, 9999)), None);
        let mut json = json!({"anonymousHeader": ["host_10001_x0", "guest_1_x"], "header": ["host_10001_x0"]});
        anonymous(&mut json, false, &request);
        assert_eq!(json, json!({"anonymousHeader": ["host_101_x0", "guest_1_x"], "header": ["host_10001_x0"]}));
    }

    #[test]
    fn requests_that_make_no_sense_are_refused() {
        let fault = |change: fn(&mut MigrateRequest)| {
            let mut request = request();
            change(&mut request);
            check(&request).err().map(|e| e.to_string()).unwrap_or_default()
        };
        assert_eq!(fault(|_| ()), "");
        assert!(fault(|r| r.migrate_role = r.role.clone()).contains("the same"));
        assert!(fault(|r| r.migrate_role.clear()).contains("as many parties"));
        assert!(fault(|r| r.execute_party.clear()).contains("execute_party"));
        assert!(fault(|r| r.migrate_initiator = Party::new(Role::Guest, 1)).contains("migrate_initiator"));
    }
}
