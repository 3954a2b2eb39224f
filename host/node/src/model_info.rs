//! What a node keeps of a model beside the parts that its components saved: who takes part, DSLs and confs, where it
//! comes from. Not for: the parts themselves (`metadata`), making such a record (`saved`, `deploy`).

use std::collections::BTreeMap;

use parcae_domain::party::{Party, PartyId, Role};
use parcae_metadata::SavedModel;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The FATE whose models these look like.
pub const FATE_VERSION: &str = "1.11.2";

/// What is known of the model of one party: `SavedModel::info`. A record that lacks something reads all the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ModelInfo {
    /// The parties of each role, in the order of the conf.
    pub roles: BTreeMap<Role, Vec<PartyId>>,
    /// Who led the training.
    pub initiator: Initiator,
    /// True for a trained model, none for one that was deployed.
    pub parent: Option<bool>,
    /// `parent_model_id` and `parent_model_version` of a deployed model; empty for a trained one.
    pub parent_info: Map<String, Value>,
    /// DSL of the training.
    pub train_dsl: Value,
    /// Conf of the training.
    pub train_runtime_conf: Value,
    /// The same, as FATE keeps it twice.
    pub runtime_conf: Value,
    /// Conf of the training at this party.
    pub runtime_conf_on_party: Value,
    /// What predicts: the train DSL of a trained model, the predict DSL of a deployed one; with `CodePath` for the party.
    pub inference_dsl: Value,
    /// FATE's version.
    pub fate_version: String,
    /// How often a serving system loaded it.
    pub loaded_times: u64,
    /// True when it came out of an archive.
    pub imported: bool,
    /// SHA-256 of that archive, as hexadecimal digits.
    pub archive_sha256: Option<String>,
    /// Where that archive came from.
    pub archive_from_ip: Option<String>,
}

/// Who led a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Initiator {
    /// Its role.
    pub role: Role,
    /// Its id.
    pub party_id: PartyId,
}

impl Default for Initiator {
    fn default() -> Initiator {
        Initiator { role: Role::Guest, party_id: 0 }
    }
}

impl From<Party> for Initiator {
    fn from(party: Party) -> Initiator {
        Initiator { role: party.role, party_id: party.id }
    }
}

impl ModelInfo {
    /// The record of a saved model; an unreadable one is as good as empty.
    pub fn of(model: &SavedModel) -> ModelInfo {
        serde_json::from_value(model.info.clone()).unwrap_or_default()
    }

    /// As it is stored.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// All parties of the model, by role and then in the order of the conf.
    pub fn parties(&self) -> Vec<Party> {
        self.roles.iter().flat_map(|(role, ids)| ids.iter().map(|id| Party::new(*role, *id))).collect()
    }

    /// True for a model that predict jobs may use.
    pub fn is_deployed(&self) -> bool {
        self.parent.is_none()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn records_read_back_and_may_lack_anything() {
        let info = ModelInfo {
            roles: BTreeMap::from([(Role::Guest, vec![9999]), (Role::Host, vec![10001, 10000])]),
            initiator: Party::new(Role::Guest, 9999).into(),
            parent: Some(true),
            fate_version: FATE_VERSION.into(),
            ..ModelInfo::default()
        };
        let stored = info.to_value();
        assert_eq!(stored["roles"], json!({"guest": [9999], "host": [10001, 10000]}));
        assert_eq!(stored["initiator"], json!({"role": "guest", "party_id": 9999}));
        assert_eq!(serde_json::from_value::<ModelInfo>(stored).unwrap(), info);
        assert_eq!(serde_json::from_value::<ModelInfo>(json!({"later": 1})).unwrap(), ModelInfo::default());
        assert_eq!(info.parties().len(), 3);
    }
}
