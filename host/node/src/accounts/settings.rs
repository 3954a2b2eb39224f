//! Quotas and limits of tenants: changed one by one, each name and number checked. Not for: what they bring about.

use parcae_domain::{
    limit::set_elsewhere,
    limit_sources::{LimitFault, LimitSet},
    quota::Quotas,
    tenant::TenantId,
};
use parcae_metadata::TenantAccount;
use serde_json::{Map, Value};

use super::Accounts;
use crate::view::NodeError;

impl Accounts {
    /// Changes quotas of a tenant; null takes one back. All changes are made, or none.
    pub fn set_quotas(&self, tenant: &TenantId, changes: &Map<String, Value>) -> Result<TenantAccount, NodeError> {
        self.change(tenant, |account| {
            let known = || Quotas::ALL.iter().map(|info| info.name);
            for (name, value) in changes {
                if !known().any(|known| known == name) {
                    return Err(no_such("quota", name, known()));
                }
                if !value.is_null() && value.as_u64().is_none() {
                    return Err(NodeError::Invalid(format!("quota {name}: must be a whole number, or null for none")));
                }
            }
            if changes.get("weight").is_some_and(|weight| weight.as_u64() == Some(0)) {
                return Err(NodeError::Invalid("quota weight: must be at least 1".into()));
            }
            merge(&mut account.quotas, changes);
            Ok(())
        })
    }

    /// Changes limits of a tenant's attempts; null takes one back. All changes are made, or none.
    pub fn set_limits(&self, tenant: &TenantId, changes: &Map<String, Value>) -> Result<TenantAccount, NodeError> {
        self.change(tenant, |account| {
            for name in changes.keys() {
                if !LimitSet::names().any(|known| known == name) {
                    return Err(match set_elsewhere(name) {
                        Some(place) => NodeError::Invalid(format!("no limit of a tenant: {place}")),
                        None => no_such("limit", name, LimitSet::names()),
                    });
                }
            }
            let wanted = changes.iter().filter(|(_, value)| !value.is_null());
            let wanted: Map<String, Value> = wanted.map(|(name, value)| (name.clone(), value.clone())).collect();
            LimitSet::read(&Value::Object(wanted)).map_err(|faults| {
                let faults: Vec<String> = faults.iter().map(LimitFault::to_string).collect();
                NodeError::Invalid(format!("limit {}", faults.join("; ")))
            })?;
            merge(&mut account.limits, changes);
            Ok(())
        })
    }
}

fn no_such<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> NodeError {
    let known = known.collect::<Vec<_>>().join(", ");
    let name: String = name.chars().take(60).collect();
    NodeError::Invalid(format!("there is no {what} {name:?}; there are {known}"))
}

fn merge(into: &mut Value, changes: &Map<String, Value>) {
    let mut merged = into.as_object().cloned().unwrap_or_default();
    for (name, value) in changes {
        if value.is_null() {
            merged.remove(name);
        } else {
            merged.insert(name.clone(), value.clone());
        }
    }
    *into = Value::Object(merged);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_changed_one_by_one_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let accounts = Accounts::open(folder.path(), true).unwrap();
        let tenant = TenantId::default_tenant();
        let object = |value: Value| value.as_object().cloned().unwrap();
        let quotas = |value: Value| accounts.set_quotas(&tenant, &object(value)).map(|account| account.quotas);
        assert_eq!(quotas(json!({"images": 2, "weight": 3})).unwrap(), json!({"images": 2, "weight": 3}));
        assert_eq!(quotas(json!({"images": null, "queued_jobs": 0})).unwrap(), json!({"weight": 3, "queued_jobs": 0}));
        for wrong in [json!({"imges": 1}), json!({"images": -1}), json!({"images": "2"}), json!({"weight": 0})] {
            assert!(matches!(quotas(wrong.clone()), Err(NodeError::Invalid(_))), "{wrong}");
        }
        let limits = |value: Value| accounts.set_limits(&tenant, &object(value)).map(|account| account.limits);
        assert_eq!(limits(json!({"memory_bytes": 1 << 20})).unwrap(), json!({"memory_bytes": 1 << 20}));
        let refused = limits(json!({"memory": 1, "log_bytes": 5})).unwrap_err().to_string();
        assert!(refused.contains("there is no limit \"memory\"; there are memory_bytes"), "{refused}");
        let refused = limits(json!({"stack_bytes": 1})).unwrap_err().to_string();
        assert!(refused.contains("stack_bytes is set under [limits]"), "{refused}");
        assert!(limits(json!({"log_bytes": 0})).is_err());
        assert_eq!(limits(json!({"memory_bytes": null})).unwrap(), json!({}));
        assert_eq!(accounts.tenant(&tenant).unwrap().quotas, json!({"weight": 3, "queued_jobs": 0}));
    }
}
