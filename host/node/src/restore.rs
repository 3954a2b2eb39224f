//! What a node owes when it is opened: jobs that had not ended go on, and what a crash left is removed. Not for: deciding how
//! they go on (`scheduler`).

use std::collections::HashSet;

use parcae_dsl::JobPlan;
use parcae_metadata::StoredJob;
use parcae_scheduler::{Event, JobState, PartyState, TaskState};

use crate::attempts;
use crate::plan::job_spec;
use crate::queries::store;
use crate::site::Site;
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
    for (job, _) in site.store.jobs_to_finish().map_err(store)? {
        attempts::finish(site, &job).map_err(store)?;
    }
    let jobs = site.store.jobs_to_restore().map_err(store)?;
    jobs.into_iter().map(|stored| restored(&stored)).collect()
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

fn restored(stored: &StoredJob) -> Result<Event, NodeError> {
    let plan: JobPlan = serde_json::from_value(stored.plan.clone()).map_err(store)?;
    let spec = job_spec(&stored.id, stored.created_ms, &plan);
    Ok(Event::Restored { spec, state: job_state(stored) })
}

/// The scheduler's view of a stored job.
pub(crate) fn job_state(stored: &StoredJob) -> JobState {
    let tasks = stored.tasks.iter().map(|task| {
        let parties = task.parties.iter();
        let parties = parties.map(|p| (p.party, PartyState { status: p.status, start_ms: p.start_ms })).collect();
        let state = TaskState { version: task.version, status: task.status, retries_left: task.retries_left, parties };
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
