//! What a party may see of a job's conf: the initiator all of it, another one what holds for all parties and for
//! itself. Not for: what a conf means (`dsl`).

use parcae_domain::party::Role;
use parcae_node::view::JobView;
use serde_json::{Map, Value};

/// What there is beside what is said of single parties.
const SHARED: [&str; 5] = ["dsl_version", "initiator", "role", "job_parameters", "component_parameters"];

/// The conf as the party of this row may see it.
pub(crate) fn seen(job: &JobView) -> Value {
    if job.party == job.initiator {
        return job.runtime_conf.clone();
    }
    let ids = job.roles.iter().find(|(role, _)| *role == job.party.role).map(|(_, ids)| ids.as_slice());
    let place = ids.unwrap_or_default().iter().position(|id| *id == job.party.id);
    let own = |value: &mut Value| *value = own_role(value, job.party.role, place);
    let mut conf = job.runtime_conf.clone();
    if let Some(conf) = conf.as_object_mut() {
        conf.retain(|key, _| SHARED.contains(&key.as_str()));
    }
    for path in ["/job_parameters/role", "/job_parameters/common/role_parameters", "/component_parameters/role"] {
        conf.pointer_mut(path).into_iter().for_each(own);
    }
    conf
}

/// Of what is said of single parties, that of one: `{"host": {"0": ..}}`. Keys that name no place are nobody's.
fn own_role(of: &Value, role: Role, place: Option<usize>) -> Value {
    let is_own = |key: &str| key == "all" || key.split('|').any(|at| at.parse().ok() == place && place.is_some());
    let parts = of.get(role.as_str()).and_then(Value::as_object).into_iter().flatten();
    let parts: Map<String, Value> =
        parts.filter(|(key, _)| is_own(key)).map(|(key, value)| (key.clone(), value.clone())).collect();
    let mut own = Map::new();
    if !parts.is_empty() {
        own.insert(role.to_string(), Value::Object(parts));
    }
    Value::Object(own)
}

#[cfg(test)]
mod tests {
    use parcae_domain::party::Party;
    use serde_json::json;

    use super::*;
    use crate::rows::tests::job;

    #[test]
    fn a_party_sees_its_own_part() {
        let mut view = job("202611212240299893180", Party::new(Role::Guest, 9999));
        view.roles = vec![(Role::Guest, vec![9999]), (Role::Host, vec![7, 10000])];
        let hosts = json!({"0": {"a": 2}, "1": {"a": 3}, "0|1": {"b": 4}, "x": 5});
        let by_role = json!({"guest": {"0": {"a": 1}}, "host": hosts});
        view.runtime_conf = json!({
            "role": {"guest": [9999], "host": [7, 10000]}, "secret": 1,
            "job_parameters": {"common": {"task_cores": 2, "role_parameters": by_role}, "role": by_role},
            "component_parameters": {"common": {"a_0": {"c": 6}}, "role": by_role}});
        assert_eq!(seen(&view), view.runtime_conf, "the guest leads the job");
        view.party = Party::new(Role::Host, 10000);
        let own = json!({"host": {"1": {"a": 3}, "0|1": {"b": 4}}});
        let want = json!({
            "role": {"guest": [9999], "host": [7, 10000]},
            "job_parameters": {"common": {"task_cores": 2, "role_parameters": own}, "role": own},
            "component_parameters": {"common": {"a_0": {"c": 6}}, "role": own}});
        assert_eq!(seen(&view), want);
        view.party = Party::new(Role::Arbiter, 10000);
        assert_eq!(seen(&view)["component_parameters"], json!({"common": {"a_0": {"c": 6}}, "role": {}}));
        view.runtime_conf = json!(["odd"]);
        assert_eq!(seen(&view), json!(["odd"]));
    }
}
