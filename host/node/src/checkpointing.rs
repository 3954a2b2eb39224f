//! Checkpoints of models while a task trains: kept at once, and forgotten with the models when the task runs again. Not for:
//! showing or deploying them.

use parcae_domain::{
    attempt::Attempt,
    descriptor::PortKind,
    id::AttemptId,
    port::{ModelPart, PortError},
};
use parcae_metadata::{Checkpoint, StoreError, Tx};
use parcae_scheduler::Change;

use crate::commit::model_key;
use crate::site::{Site, now_ms};

/// Keeps the model of an attempt as it is after a step.
pub(crate) fn keep(
    site: &Site,
    attempt: &Attempt,
    port: &str,
    (step_index, step_name): (u32, &str),
    parts: Vec<ModelPart>,
) -> Result<(), PortError> {
    let id = &attempt.id;
    let plan = site.plan(&id.task.job).map_err(PortError::Node)?;
    let alias = plan.component(&id.task.component).and_then(|c| c.output_name(PortKind::Model, port));
    let checkpoint = Checkpoint {
        key: model_key(&attempt.tenant, &plan, id),
        component: id.task.component.clone(),
        alias: alias.unwrap_or("default").to_owned(),
        module: attempt.module.name.clone(),
        step_index,
        step_name: step_name.to_owned(),
        parts,
        created_ms: now_ms(),
    };
    let stored = site.store.commit(|tx| {
        // An attempt that was given up may still be on its way, while the task runs again already.
        let counts = site.store.task(&id.task)?.is_some_and(|task| task.version == id.version);
        if counts {
            tx.put_checkpoint(&checkpoint)?;
        }
        Ok(counts)
    });
    match stored {
        Ok(true) => Ok(()),
        Ok(false) => Err(PortError::Canceled),
        Err(error) => Err(PortError::Node(format!("checkpoint: {error}"))),
    }
}

/// A task that runs again begins without the checkpoints and the models of its earlier runs.
pub(crate) fn forget(site: &Site, tx: &Tx<'_>, changes: &[Change]) -> Result<(), StoreError> {
    for change in changes {
        let Change::NewVersion { task, version, .. } = change else { continue };
        // Without a plan nothing of the job can run, and an error here would hold the loop up for good.
        let Ok(plan) = site.plan(&task.job) else { continue };
        let tenant = site.tenant(&task.job)?;
        let parties = plan.component(&task.component).map(|component| component.parties.clone());
        for party in parties.into_iter().flatten() {
            let id = AttemptId { task: task.clone(), version: *version, party };
            let key = model_key(&tenant, &plan, &id);
            tx.delete_component_checkpoints(&key, &task.component)?;
            tx.delete_component_models(&key, &task.component)?;
        }
    }
    Ok(())
}
