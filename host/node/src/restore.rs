//! What a node owes when it is opened: jobs that had not ended go on, and what a crash left is removed. Not for: deciding how
//! they go on (`scheduler`).

use std::collections::HashSet;

use parcae_domain::{
    id::{JobId, TaskId},
    port::Level,
    status::Status,
};
use parcae_dsl::JobPlan;
use parcae_metadata::{JobUpdate, StoredJob};
use parcae_scheduler::{Event, JobState, PartyState, TaskState};

use crate::acceptance;
use crate::attempts;
use crate::plan::{bounded, job_spec};
use crate::queries::store;
use crate::scratch;
use crate::site::{Site, now_ms};
use crate::view::NodeError;

/// Cleans up, and returns the events with which the scheduler takes up what had not ended.
pub(crate) fn owed(site: &Site) -> Result<Vec<Event>, NodeError> {
    let keep: HashSet<String> = site.store.files_in_use().map_err(store)?.into_iter().collect();
    let removed = site.tables.retain(&keep).map_err(store)?;
    if removed.files > 0 {
        tracing::info!(
            files = removed.files,
            bytes = removed.bytes,
            "removed table files that an end of the node left unfinished"
        );
    }
    clear_uploads(site);
    scratch::clear(&site.options);
    for (job, _) in site.store.jobs_to_finish().map_err(store)? {
        attempts::finish(site, &job).map_err(store)?;
    }
    drop_unknown_jobs(site)?;
    let mut events = Vec::new();
    for stored in site.store.jobs_to_restore().map_err(store)? {
        renew_images(site, &stored)?;
        match restored(site, &stored) {
            Ok(event) => events.push(event),
            Err(error) => give_up(site, &stored, &error)?,
        }
    }
    Ok(events)
}

/// Files of jobs that were being taken on when the node ended: nobody was told of them.
fn drop_unknown_jobs(site: &Site) -> Result<(), NodeError> {
    for folder in std::fs::read_dir(site.options.data.join("jobs")).into_iter().flatten().flatten() {
        let job = JobId(folder.file_name().to_string_lossy().into_owned());
        if job.is_valid() && site.store.job(&job).map_err(store)?.is_none() {
            site.files(&job).drop_all();
        }
    }
    Ok(())
}

/// A task whose image is not there any more, as after an upgrade of the node, runs the one that serves its module now.
/// One that was pushed takes nobody's place: who wants it says so.
pub(crate) fn renew_images(site: &Site, stored: &StoredJob) -> Result<(), NodeError> {
    let tenant = site.tenant(&stored.id).map_err(store)?;
    for task in site.store.tasks(&stored.id).map_err(store)? {
        if task.status.is_end() || site.catalog.has(&tenant, &task.image) {
            continue;
        }
        if let Some(offer) = site.substitute(&task.module) {
            let id = TaskId { job: stored.id.clone(), component: task.component.clone() };
            let text = format!("image {} of {} is gone: {} takes its place", task.image, task.component, offer.image);
            site.schedule(&stored.id, Level::Warning, &text);
            site.store.commit(|tx| tx.set_task_image(&id, &offer.image)).map_err(store)?;
        }
    }
    Ok(())
}

/// A job whose plan cannot be read ends here; the others go on.
fn give_up(site: &Site, stored: &StoredJob, error: &NodeError) -> Result<(), NodeError> {
    tracing::error!(job = %stored.id, "the job cannot be taken up again: {error}");
    site.schedule(&stored.id, Level::Error, &format!("the job cannot be taken up again: {error}"));
    let end = now_ms();
    let update = JobUpdate {
        status: Status::Failed,
        progress: stored.progress,
        queued_ms: stored.queued_ms,
        start_ms: stored.start_ms,
        end_ms: Some(end),
        elapsed_ms: stored.start_ms.map(|start| end - start),
        stop_status: stored.stop_status,
    };
    site.store.commit(|tx| tx.update_job(&stored.id, &update)).map_err(store)?;
    attempts::finish(site, &stored.id).map_err(store)
}

/// Uploads that were being received when the node ended are nobody's.
fn clear_uploads(site: &Site) {
    let left = std::fs::read_dir(site.options.data.join("uploads")).into_iter().flatten().flatten();
    for file in left {
        if let Err(error) = std::fs::remove_file(file.path()) {
            tracing::warn!(file = %file.path().display(), "unfinished upload could not be removed: {error}");
        }
    }
}

fn restored(site: &Site, stored: &StoredJob) -> Result<Event, NodeError> {
    let plan: JobPlan = serde_json::from_value(stored.plan.clone()).map_err(store)?;
    let tenant = stored.tenant.parse().map_err(store)?;
    let spec = bounded(site, job_spec(&stored.id, &tenant, stored.created_ms, &plan), &plan);
    let mut state = job_state(stored);
    let mut tasks = site.store.tasks(&stored.id).map_err(store)?;
    tasks.retain(|task| !task.status.is_end());
    if let Err(why) = acceptance::of_tasks(site, &tenant, &plan, &tasks) {
        site.schedule(&stored.id, Level::Error, &format!("the job does not go on: {why}"));
        state.stop.get_or_insert(Status::Failed);
    }
    Ok(Event::Restored { spec, state })
}

/// The scheduler's view of a stored job.
pub(crate) fn job_state(stored: &StoredJob) -> JobState {
    let tasks = stored.tasks.iter().map(|task| {
        let parties = task.parties.iter();
        let parties = parties.map(|p| (p.party, PartyState { status: p.status, start_ms: p.start_ms })).collect();
        let state = TaskState {
            version: task.version,
            status: task.status,
            retries_left: task.retries_left,
            runs: task.runs,
            parties,
        };
        (task.component.clone(), state)
    });
    JobState {
        status: stored.status,
        progress: stored.progress,
        queued_ms: stored.queued_ms,
        start_ms: stored.start_ms,
        stop: stored.stop_status,
        tasks: tasks.collect(),
    }
}
