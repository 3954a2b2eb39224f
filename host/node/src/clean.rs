//! Removing what ended jobs made, emptying the queue, and saying something of a job. Not for: deleting tables that
//! users named (`products`), models.

use parcae_domain::{
    id::JobId,
    party::{Party, PartyId, Role},
    port::Level,
    status::Status,
};
use parcae_metadata::{AttemptFilter, DeletedOutput, JobFilter};
use parcae_scheduler::Event;

use crate::queries::store;
use crate::tenant::Tenant;
use crate::view::NodeError;

/// Whose leftovers; `None` = all of the job.
#[derive(Clone, Debug, Default)]
pub struct Leftovers {
    /// Of this component.
    pub component: Option<String>,
    /// At parties in this role.
    pub role: Option<Role>,
    /// At this party.
    pub party_id: Option<PartyId>,
}

/// An output table that was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CleanedTable {
    /// The component that made it.
    pub component: String,
    /// Which run of it.
    pub version: u32,
    /// At which party.
    pub party: Party,
    /// Name in the DSL: `data`.
    pub data_name: String,
    /// Namespace under which it was kept.
    pub namespace: String,
    /// Name under which it was kept.
    pub name: String,
}

/// What was removed of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Output tables.
    pub tables: Vec<CleanedTable>,
    /// Series: component, party, namespace, name.
    pub metrics: Vec<(String, Party, String, String)>,
}

impl Tenant<'_> {
    /// Removes the output tables and the metrics of an ended job.
    pub fn clean(&self, job: &str, whose: &Leftovers) -> Result<Cleaned, NodeError> {
        let job = self.own_job(job)?;
        self.await_end(&job)?;
        let _changing = self.changing();
        let stored = self.ended_job(&job)?;
        if let Some(name) = &whose.component
            && !stored.tasks.iter().any(|task| task.component == *name)
        {
            return Err(NodeError::Invalid(format!("job {job} has no component {name:?}")));
        }
        let filter = AttemptFilter {
            component: whose.component.clone(),
            role: whose.role,
            party_id: whose.party_id,
            before_version: None,
        };
        let removed = self
            .site
            .store
            .commit(|tx| Ok((tx.delete_outputs(self.name(), &job, &filter)?, tx.delete_series(&job, &filter)?)));
        let (outputs, series) = removed.map_err(store)?;
        let cleaned = Cleaned {
            tables: outputs.iter().filter(|output| output.table.is_some()).map(cleaned_table).collect(),
            metrics: series.into_iter().map(|s| (s.component, s.party, s.namespace, s.name)).collect(),
        };
        let unused = outputs.into_iter().filter_map(|output| output.table).filter(|table| !table.still_used);
        for table in unused {
            if let Err(error) = self.site.remove_file(&table.file) {
                tracing::warn!("table file {} is not needed and could not be removed: {error}", table.file);
            }
        }
        let text = format!("cleaned: {} tables, {} metrics", cleaned.tables.len(), cleaned.metrics.len());
        self.site.schedule(&job, Level::Info, &text);
        Ok(cleaned)
    }

    /// Cancels every job that waits; these.
    pub fn clean_queue(&self) -> Result<Vec<JobId>, NodeError> {
        let waiting =
            JobFilter { tenant: Some(self.name().to_owned()), statuses: vec![Status::Waiting], ..JobFilter::default() };
        let mut jobs: Vec<JobId> =
            self.site.store.jobs(&waiting).map_err(store)?.rows.into_iter().map(|row| row.id).collect();
        jobs.dedup();
        for job in &jobs {
            self.site.store.commit(|tx| tx.ask_stop(job, Status::Canceled)).map_err(store)?;
            self.tell_and_wait(Event::StopRequested { job: job.clone(), status: Status::Canceled })?;
        }
        Ok(jobs)
    }

    /// Says something of a job, at all its parties.
    pub fn describe(&self, job: &str, description: &str) -> Result<(), NodeError> {
        let job = self.own_job(job)?;
        if self.site.store.job(&job).map_err(store)?.is_none() {
            return Err(NodeError::NotFound(format!("there is no job {job}")));
        }
        self.site.store.commit(|tx| tx.set_job_description(&job, description)).map_err(store)?;
        self.site.bell.ring_for([&job]);
        Ok(())
    }

    /// Removes all metrics of a job; true when there were any.
    pub fn delete_metrics(&self, job: &str) -> Result<bool, NodeError> {
        let job = self.own_job(job)?;
        self.site.store.commit(|tx| tx.delete_job_metrics(&job)).map_err(store)
    }
}

fn cleaned_table(deleted: &DeletedOutput) -> CleanedTable {
    let output = &deleted.output;
    CleanedTable {
        component: output.attempt.task.component.clone(),
        version: output.attempt.version,
        party: output.attempt.party,
        data_name: output.data_name.clone(),
        namespace: output.namespace.clone(),
        name: output.name.clone(),
    }
}
