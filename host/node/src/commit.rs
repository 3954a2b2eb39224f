//! Writes a decision to the store in one transaction: what the scheduler changed, and what the attempt made whose end caused
//! it. Files that nobody needs any more are removed after the commit. Not for: deciding, acting.

use parcae_domain::{
    descriptor::PortKind,
    id::AttemptId,
    outcome::{FailureKind, Outcome},
    port::TableFile,
    tenant::TenantId,
};
use parcae_dsl::{ComponentPlan, JobPlan};
use parcae_metadata::{
    ComponentModel, DataTable, DeletedTable, JobUpdate, ModelKey, OutputData, PartyTaskUpdate, StoreError, TableId,
    TableOrigin, Tx,
};
use parcae_scheduler::{Change, Decision, JobChange, PartyTaskChange};
use serde_json::json;

use crate::checkpointing;
use crate::mailbox::Ended;
use crate::origin;
use crate::site::{Site, now_ms};
use crate::versions;
use crate::world::{OUTPUT_NAMESPACE, Outputs};

/// Commits; then removes files that have become nobody's.
pub(crate) fn decision(site: &Site, decision: &Decision, ended: Option<&Ended>) -> Result<(), StoreError> {
    if decision.changes.is_empty() && ended.is_none() {
        return Ok(());
    }
    // Late or doubled ends change nothing, and what such an attempt made is dropped.
    let counts =
        |e: &&Ended| decision.changes.iter().any(|c| matches!(c, Change::PartyTask(p) if p.attempt == e.attempt));
    let ended_now = ended.filter(counts);
    let replaced = site.store.commit(|tx| {
        let mut replaced = Vec::new();
        if let Some(used) = ended.and_then(|ended| ended.used.as_ref()) {
            tx.put_usage(used)?;
        }
        if let Some(ended) = ended_now {
            tx.set_outcome(&ended.attempt, &ended.outcome)?;
            // Until now it stood in memory alone.
            if let Some((done, of, what)) = site.progress_of(&ended.attempt) {
                tx.set_progress(&ended.attempt, done, of, &what)?;
            }
            if matches!(ended.outcome, Outcome::Success) {
                replaced = outputs(site, tx, ended)?;
            }
        }
        checkpointing::forget(site, tx, &decision.changes)?;
        decision.changes.iter().try_for_each(|change| apply(site, tx, change, ended_now))?;
        Ok(replaced)
    })?;
    let unused = replaced.into_iter().filter(|table| !table.still_used).map(|table| table.file);
    unused.for_each(|file| remove(site, &file));
    let succeeded = ended_now.is_some_and(|ended| matches!(ended.outcome, Outcome::Success));
    if let Some(export) = ended.and_then(|ended| ended.outputs.export.as_ref()) {
        export.conclude(succeeded);
    }
    if let Some(ended) = ended.filter(|_| !succeeded) {
        ended.outputs.new_files.iter().for_each(|file| remove(site, file));
    }
    Ok(())
}

/// The failure that an attempt ends with when a table that it may not replace has come since it began. To be asked by who
/// holds `Site::naming` until the end is committed, so that nothing comes between.
pub(crate) fn name_taken(site: &Site, ended: &Ended) -> Option<Outcome> {
    if !matches!(ended.outcome, Outcome::Success) {
        return None;
    }
    let Ok(tenant) = site.tenant(&ended.attempt.task.job) else { return None };
    let taken = |namespace: &str, name: &str| !matches!(site.store.table(tenant.as_str(), namespace, name), Ok(None));
    let mut published = ended.outputs.published.iter();
    let (namespace, name, ..) = published.find(|(ns, name, replace, _)| !replace && taken(ns, name))?;
    let message = format!("table {name} of namespace {namespace} exists: drop it to replace it");
    Some(Outcome::Failed { kind: FailureKind::Input, message })
}

fn remove(site: &Site, file: &str) {
    if let Err(error) = site.remove_file(file) {
        tracing::warn!("table file {file} is not needed and could not be removed: {error}");
    }
}

fn apply(site: &Site, tx: &Tx<'_>, change: &Change, ended: Option<&Ended>) -> Result<(), StoreError> {
    match change {
        Change::Job(job) => update_job(tx, job),
        Change::Task(task) => tx.update_task(&task.task, task.version, task.status),
        Change::NewVersion { task, version, retries_left } => versions::next(site, tx, task, *version, *retries_left),
        Change::PartyTask(task) => {
            let report = ended.filter(|e| e.attempt == task.attempt).map_or_else(|| task.message.clone(), report);
            tx.update_party_task(&task.attempt, &party_task(task, report))
        }
    }
}

fn update_job(tx: &Tx<'_>, job: &JobChange) -> Result<(), StoreError> {
    let update = JobUpdate {
        status: job.status,
        progress: job.progress,
        queued_ms: job.queued_ms,
        start_ms: job.start_ms,
        end_ms: job.end_ms,
        elapsed_ms: job.elapsed_ms,
        stop_status: job.stop,
    };
    tx.update_job(&job.job, &update)
}

fn party_task(task: &PartyTaskChange, message: String) -> PartyTaskUpdate {
    PartyTaskUpdate {
        status: task.status,
        message,
        start_ms: task.start_ms,
        end_ms: task.end_ms,
        elapsed_ms: task.elapsed_ms,
    }
}

/// What a task shows of a bad end: the outcome, and the last lines of its log.
fn report(ended: &Ended) -> String {
    let message = ended.outcome.message();
    if message.is_empty() || ended.last_lines.is_empty() {
        return message;
    }
    format!("{message}\nlast lines of its log:\n{}", ended.last_lines.join("\n"))
}

/// Registers what an attempt made; returns the tables that it replaced.
fn outputs(site: &Site, tx: &Tx<'_>, ended: &Ended) -> Result<Vec<DeletedTable>, StoreError> {
    let id = &ended.attempt;
    let broken = |what: String| StoreError::NotFound(what);
    let plan = site.plan(&id.task.job).map_err(broken)?;
    let component = plan.component(&id.task.component).ok_or_else(|| broken(format!("component of {id}")))?;
    let tenant = site.tenant(&id.task.job)?;
    let Outputs { tables, published, models, .. } = &ended.outputs;
    let mut replaced = Vec::new();
    for (port, file) in tables {
        replaced.extend(output_table(tx, &tenant, id, component, port, file, &ended.outputs.opened)?);
    }
    // Only now: what the new tables share with old ones stays.
    replaced.extend(versions::forget_outputs(tx, &tenant, id)?);
    for (namespace, name, _, file) in published {
        let (from, extra) = origin::of_published(component, id.party);
        let table = DataTable { extra, ..data_table(&tenant, id, namespace, name, file, from) };
        replaced.extend(tx.put_table(&table)?);
        origin::keep_sources(tx, &tenant, id, namespace, name, &ended.outputs.opened)?;
    }
    // What this run did not save is none of the model any more.
    tx.delete_component_models(&model_key(&tenant, &plan, id), &id.task.component)?;
    for (port, parts) in models {
        let alias = component.output_name(PortKind::Model, port).unwrap_or("default");
        tx.put_component_model(&ComponentModel {
            key: model_key(&tenant, &plan, id),
            component: id.task.component.clone(),
            alias: alias.to_owned(),
            module: component.module.name.clone(),
            version: id.version,
            parts: parts.clone(),
            created_ms: now_ms(),
        })?;
    }
    Ok(replaced)
}

/// Under which name a party keeps what a job trains.
pub(crate) fn model_key(tenant: &TenantId, plan: &JobPlan, id: &AttemptId) -> ModelKey {
    ModelKey {
        tenant: tenant.to_string(),
        party: id.party,
        model_id: plan.parameters.model_id.clone(),
        model_version: id.task.job.0.clone(),
    }
}

fn output_table(
    tx: &Tx<'_>,
    tenant: &TenantId,
    id: &AttemptId,
    component: &ComponentPlan,
    port: &str,
    file: &TableFile,
    opened: &[TableId],
) -> Result<Option<DeletedTable>, StoreError> {
    let position = component.module.outputs.iter().filter(|p| p.kind == PortKind::Data).position(|p| p.name == port);
    let position = position.unwrap_or(0);
    let numbered = position.to_string();
    let data_name = component.output_name(PortKind::Data, port).unwrap_or(&numbered);
    let namespace = format!("{OUTPUT_NAMESPACE}{}_{}", id.task, id.version);
    // The same file may be the output of several ports and parties; its name is made of all that tells them apart.
    let name = format!("{}_{}_{data_name}", id.party.role, id.party.id);
    let replaced = tx.put_table(&data_table(tenant, id, &namespace, &name, file, origin::of_output(component)))?;
    origin::keep_sources(tx, tenant, id, &namespace, &name, opened)?;
    tx.put_output(&OutputData {
        attempt: id.clone(),
        kind: PortKind::Data,
        data_name: data_name.to_owned(),
        position: u32::try_from(position).unwrap_or(0),
        namespace,
        name,
    })?;
    Ok(replaced)
}

fn data_table(
    tenant: &TenantId,
    id: &AttemptId,
    namespace: &str,
    name: &str,
    file: &TableFile,
    origin: TableOrigin,
) -> DataTable {
    DataTable {
        tenant: tenant.to_string(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        file: file.clone(),
        origin,
        disabled: false,
        job: Some(id.task.job.clone()),
        extra: json!({}),
        created_ms: now_ms(),
        updated_ms: now_ms(),
    }
}
