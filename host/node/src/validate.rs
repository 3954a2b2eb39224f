//! What can be said without a job: whether parameters suit a module, and the DSL that predicts with a trained one. Not
//! for: jobs (`submit`), deployed models.

use parcae_dsl::{Fault, Faults};
use serde_json::{Map, Value, json};

use crate::tenant::Tenant;
use crate::view::NodeError;

impl Tenant<'_> {
    /// Checks what a conf says of one component, for the parties of `role`. What it says of others does not count.
    pub fn validate(&self, component: &str, module: &str, role: &Value, parameters: &Value) -> Result<(), NodeError> {
        let dsl = json!({"components": {component: {"module": module}}});
        let leader = role.as_object().into_iter().flatten().find_map(|(name, ids)| Some((name, ids.get(0)?)));
        let initiator = leader.map(|(name, id)| json!({"role": name, "party_id": id}));
        let conf = json!({
            "dsl_version": 2, "role": role, "initiator": initiator,
            "component_parameters": of_component(component, parameters),
        });
        let Err(mut faults) = self.planned(&dsl, &conf) else { return Ok(()) };
        // A component by itself has nothing to read, and a conf without parties no leader.
        let beside = format!("components.{component}.input");
        let counts = |fault: &Fault| !fault.key.starts_with(&beside) && fault.key != "initiator";
        faults.list.retain(counts);
        if faults.list.is_empty() { Ok(()) } else { Err(invalid(&faults)) }
    }

    /// The DSL that predicts with some components of a trained one.
    pub fn generate_dsl(&self, train_dsl: &Value, components: &[String]) -> Result<Value, NodeError> {
        parcae_dsl::predict_dsl(train_dsl, components).map_err(|faults| invalid(&faults))
    }
}

fn invalid(faults: &Faults) -> NodeError {
    NodeError::Invalid(faults.to_string())
}

/// `component_parameters` without other components.
fn of_component(component: &str, parameters: &Value) -> Value {
    let only = |components: &Value| match components {
        Value::Object(all) => all.get(component).map_or_else(|| json!({}), |one| json!({ component: one })),
        other => other.clone(),
    };
    let mut made = parameters.clone();
    if let Some(common) = made.get_mut("common") {
        *common = only(common);
    }
    let roles = made.get_mut("role").and_then(Value::as_object_mut);
    for parties in roles.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        parties.values_mut().for_each(|components| *components = only(components));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_components_do_not_count() {
        let guest = json!({"0": {"b": {}, "a": {"z": 3}}});
        let given = json!({"common": {"a": {"x": 1}, "b": {"y": 2}}, "role": {"guest": guest}});
        let made = of_component("a", &given);
        assert_eq!(made, json!({"common": {"a": {"x": 1}}, "role": {"guest": {"0": {"a": {"z": 3}}}}}));
        assert_eq!(of_component("a", &json!(null)), json!(null));
        assert_eq!(of_component("a", &json!({"common": [], "role": {"guest": 1}}))["role"], json!({"guest": 1}));
    }
}
