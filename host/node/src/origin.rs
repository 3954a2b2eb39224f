//! Where a table that an attempt made comes from: its origin, and the tables that it was made of. Not for: storing the table
//! (`commit`).

use parcae_domain::{grant::Grant, id::AttemptId, party::Party, tenant::TenantId};
use parcae_dsl::{BIND_COMPONENT, ComponentPlan};
use parcae_metadata::{StoreError, TableId, TableOrigin, Tx};
use serde_json::{Value, json};

/// Origin of an output of a component: what opens tables of the tenant passes them in.
pub(crate) fn of_output(component: &ComponentPlan) -> TableOrigin {
    if component.module.grants.contains(&Grant::OpenTable) { TableOrigin::Reader } else { TableOrigin::Output }
}

/// Origin of a table that a component published, and what is kept with it: the address of a bound one.
pub(crate) fn of_published(component: &ComponentPlan, at: Party) -> (TableOrigin, Value) {
    let address = component.parameters.get(&at).map(|parameters| &parameters["storage_address"]);
    match address.filter(|address| address.is_object() && component.name == BIND_COMPONENT) {
        Some(address) => (TableOrigin::TableBind, json!({"address": address})),
        None if component.module.grants.contains(&Grant::OpenTable) => (TableOrigin::Writer, json!({})),
        None => (TableOrigin::Upload, json!({})),
    }
}

/// Stores what a table was made of: every table that the attempt opened beyond its ports, once.
pub(crate) fn keep_sources(
    tx: &Tx<'_>,
    tenant: &TenantId,
    id: &AttemptId,
    namespace: &str,
    name: &str,
    opened: &[TableId],
) -> Result<(), StoreError> {
    tx.set_table_sources(tenant.as_str(), namespace, name, opened, &id.task.job)
}
