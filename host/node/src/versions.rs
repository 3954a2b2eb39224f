//! New versions of tasks in the store: with the parameters and the image that hold now; and what becomes of the outputs
//! of earlier ones. Not for: deciding on a new version (`scheduler`).

use parcae_domain::{
    id::{AttemptId, TaskId},
    tenant::TenantId,
};
use parcae_metadata::{AttemptFilter, DeletedTable, StoreError, Tx};

use crate::site::Site;

/// Stores a new version of a task. Its parameters may have been updated since the last one, and its image may be gone,
/// as after an upgrade of the node.
pub(crate) fn next(site: &Site, tx: &Tx<'_>, task: &TaskId, version: u32, retries_left: u32) -> Result<(), StoreError> {
    tx.new_task_version(task, version, retries_left)?;
    // Outside of the transaction the version before is still the latest; the new one has its image.
    if let Ok(Some(before)) = site.store.task(task)
        && let Ok(tenant) = site.tenant(&task.job)
        && !site.catalog.has(&tenant, &before.image)
        && let Some(offer) = site.substitute(&before.module)
    {
        tx.set_task_image(task, &offer.image)?;
    }
    // Without a plan nothing of the job can run, and an error here would hold the loop up for good.
    let Ok(plan) = site.plan(&task.job) else { return Ok(()) };
    for (party, parameters) in plan.component(&task.component).into_iter().flat_map(|c| &c.parameters) {
        tx.set_waiting_parameters(task, *party, parameters)?;
    }
    Ok(())
}

/// Removes the outputs of earlier versions of an attempt that has ended well; their tables.
pub(crate) fn forget_outputs(tx: &Tx<'_>, tenant: &TenantId, id: &AttemptId) -> Result<Vec<DeletedTable>, StoreError> {
    if id.version == 0 {
        return Ok(Vec::new());
    }
    let earlier = AttemptFilter {
        component: Some(id.task.component.clone()),
        role: Some(id.party.role),
        party_id: Some(id.party.id),
        before_version: Some(id.version),
    };
    let deleted = tx.delete_outputs(tenant.as_str(), &id.task.job, &earlier)?;
    Ok(deleted.into_iter().filter_map(|output| output.table).collect())
}
