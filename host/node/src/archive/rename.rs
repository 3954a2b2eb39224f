//! Fits what is known of a model to another name, version or other parties. Not for: what its components saved.

use std::collections::BTreeMap;

use parcae_domain::party::{Party, PartyId, Role};
use serde_json::{Map, Value, json};

use crate::model_info::ModelInfo;

/// Another id and another version.
pub(crate) fn rename(info: &mut ModelInfo, model_id: &str, model_version: &str) {
    for parameters in confs(info).into_iter().filter_map(job_parameters) {
        parameters.insert("model_id".into(), model_id.into());
        parameters.insert("model_version".into(), model_version.into());
    }
}

/// Other parties, in the same places.
pub(crate) fn resettle(info: &mut ModelInfo, roles: &BTreeMap<Role, Vec<PartyId>>, initiator: Party) {
    for conf in confs(info) {
        let Value::Object(all) = conf else { continue };
        all.insert("role".into(), json!(roles));
        all.insert("initiator".into(), json!({"role": initiator.role.as_str(), "party_id": initiator.id}));
        if let Some(parameters) = job_parameters(conf)
            && parameters.contains_key("roles")
        {
            parameters.insert("roles".into(), json!(roles));
        }
    }
    info.roles = roles.clone();
    info.initiator = initiator.into();
}

fn confs(info: &mut ModelInfo) -> [&mut Value; 3] {
    [&mut info.train_runtime_conf, &mut info.runtime_conf, &mut info.runtime_conf_on_party]
}

/// The parameters of the job: those of all parties, or, in the conf of one party, all that there are.
fn job_parameters(conf: &mut Value) -> Option<&mut Map<String, Value>> {
    let all = conf.get_mut("job_parameters")?.as_object_mut()?;
    if all.contains_key("common") {
        return all.get_mut("common").and_then(Value::as_object_mut);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_conf_follows() {
        let mut info = ModelInfo {
            train_runtime_conf: json!({"role": {"guest": [1]}, "job_parameters": {"common": {"model_id": "a"}}}),
            runtime_conf_on_party: json!({"job_parameters": {"model_id": "a", "roles": {"guest": [1]}}}),
            ..ModelInfo::default()
        };
        let roles = BTreeMap::from([(Role::Guest, vec![2])]);
        rename(&mut info, "b", "7");
        resettle(&mut info, &roles, Party::new(Role::Guest, 2));
        let initiator = json!({"role": "guest", "party_id": 2});
        let want = json!({"role": {"guest": [2]}, "initiator": initiator,
            "job_parameters": {"common": {"model_id": "b", "model_version": "7"}}});
        assert_eq!(info.train_runtime_conf, want);
        let want = json!({"role": {"guest": [2]}, "initiator": initiator,
            "job_parameters": {"model_id": "b", "model_version": "7", "roles": {"guest": [2]}}});
        assert_eq!(info.runtime_conf_on_party, want);
        assert_eq!((info.runtime_conf, info.roles), (Value::Null, roles));
    }
}
