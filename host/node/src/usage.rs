//! What attempts use: of those that run as far as they are, of those that have ended as it was stored with their end. Not
//! for: counting (`runtime`, `world`), quotas.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use parcae_domain::{
    attempt::{Attempt, Isolation},
    id::AttemptId,
    limit_sources::Effective,
    page::Page,
    port::{PortError, TableFile, TableWriter},
    tenant::TenantId,
    usage::{LiveUsage, Usage},
};
use parcae_metadata::{AttemptUsage, DayUsage};

use crate::queries::store;
use crate::site::now_ms;
use crate::tenant::Tenant;
use crate::view::NodeError;

/// An attempt that runs.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub(crate) tenant: TenantId,
    pub(crate) isolation: Isolation,
    pub(crate) usage: Arc<LiveUsage>,
    limits: Arc<Effective>,
    began: Instant,
}

impl Live {
    /// What it has used so far. Of a process in steps, as memory is given to it: it tells more at its end.
    fn so_far(&self) -> Usage {
        let mut usage = self.usage.sum_up(self.began.elapsed());
        let given = self.usage.memory_bytes.get().min(self.limits.limits.memory_bytes);
        usage.peak_memory_bytes = usage.peak_memory_bytes.max(given);
        usage
    }
}

/// The attempts that run, from their preparation until their end is stored.
#[derive(Debug, Default)]
pub(crate) struct Running(Mutex<HashMap<AttemptId, Live>>);

impl Running {
    /// An attempt begins, under these limits.
    pub(crate) fn begin(&self, attempt: &Attempt, limits: Effective) {
        let live = Live {
            tenant: attempt.tenant.clone(),
            isolation: attempt.isolation,
            usage: attempt.usage.clone(),
            limits: Arc::new(limits),
            began: Instant::now(),
        };
        self.lock().insert(attempt.id.clone(), live);
    }

    /// The end of an attempt is stored.
    pub(crate) fn end(&self, attempt: &AttemptId) {
        self.lock().remove(attempt);
    }

    /// What an attempt has used so far; none when it never began.
    pub(crate) fn used(&self, attempt: &AttemptId) -> Option<AttemptUsage> {
        let live = self.lock().get(attempt)?.clone();
        Some(AttemptUsage {
            attempt: attempt.clone(),
            tenant: live.tenant.as_str().to_owned(),
            isolation: live.isolation.as_str().to_owned(),
            usage: live.usage.sum_up(live.began.elapsed()),
            limits: live.limits.to_json(),
            ended_ms: now_ms(),
        })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.lock().len() as u64
    }

    /// Those of a tenant, in the order of their ids.
    pub(crate) fn of_tenant(&self, tenant: &TenantId) -> Vec<(AttemptId, Live)> {
        let all = self.lock();
        let own = all.iter().filter(|(_, live)| live.tenant == *tenant);
        let mut own: Vec<(AttemptId, Live)> = own.map(|(id, live)| (id.clone(), live.clone())).collect();
        drop(all);
        own.sort_by(|(a, _), (b, _)| a.cmp(b));
        own
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AttemptId, Live>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A writer whose pages are counted.
pub(crate) struct Counted {
    writer: Box<dyn TableWriter>,
    usage: Arc<LiveUsage>,
}

impl Counted {
    /// Counts the pages of a writer.
    pub(crate) fn writer(writer: Box<dyn TableWriter>, usage: &Arc<LiveUsage>) -> Box<dyn TableWriter> {
        Box::new(Counted { writer, usage: usage.clone() })
    }
}

impl TableWriter for Counted {
    fn append(&mut self, page: &Page) -> Result<(), PortError> {
        self.writer.append(page)?;
        self.usage.table_bytes.add(page.byte_len() as u64);
        self.usage.table_rows.add(u64::from(page.rows));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<TableFile, PortError> {
        self.writer.finish()
    }
}

/// What an attempt used, or has used so far.
#[derive(Clone, Debug)]
pub struct AttemptUse {
    /// Which one.
    pub attempt: AttemptId,
    /// Where it runs: `thread`, `process`.
    pub isolation: String,
    /// What it used.
    pub usage: Usage,
    /// The limits in force.
    pub limits: Effective,
    /// When it ended, ms since the epoch; none while it runs.
    pub ended_ms: Option<i64>,
}

impl From<AttemptUsage> for AttemptUse {
    fn from(stored: AttemptUsage) -> AttemptUse {
        AttemptUse {
            attempt: stored.attempt,
            isolation: stored.isolation,
            usage: stored.usage,
            limits: Effective::from_json(&stored.limits),
            ended_ms: Some(stored.ended_ms),
        }
    }
}

/// What a tenant used in some time.
#[derive(Clone, Debug)]
pub struct TenantUsage {
    /// All of it.
    pub total: DayUsage,
    /// By the days on which attempts ended, in UTC.
    pub days: Vec<DayUsage>,
    /// Attempts that run now; they are in neither of these.
    pub running: Vec<AttemptUse>,
}

impl Tenant<'_> {
    /// What the tenant used from one time to another, ms since the epoch, both included.
    pub fn usage(&self, from_ms: Option<i64>, to_ms: Option<i64>) -> Result<TenantUsage, NodeError> {
        let range = (from_ms, to_ms);
        Ok(TenantUsage {
            total: self.site.store.usage_of(self.name(), range).map_err(store)?,
            days: self.site.store.usage_by_day(self.name(), range).map_err(store)?,
            running: self.running_attempts(),
        })
    }

    /// What the attempts of a job used: those that have ended in the order of their ends, then those that run.
    pub fn job_usage(&self, job: &str) -> Result<Vec<AttemptUse>, NodeError> {
        let job = self.own_job(job)?;
        // Looked at first: one that ends meanwhile is then among those that are stored.
        let running = self.running_attempts().into_iter().filter(|used| used.attempt.task.job == job);
        let running: Vec<AttemptUse> = running.collect();
        let stored = self.site.store.job_usage(&job).map_err(store)?;
        let mut uses: Vec<AttemptUse> = stored.into_iter().map(AttemptUse::from).collect();
        for used in running {
            if !uses.iter().any(|other| other.attempt == used.attempt) {
                uses.push(used);
            }
        }
        Ok(uses)
    }

    /// The tenant's attempts that run.
    pub(crate) fn running_attempts(&self) -> Vec<AttemptUse> {
        let running = self.site.running.of_tenant(self.id()).into_iter().map(|(attempt, live)| AttemptUse {
            attempt,
            isolation: live.isolation.as_str().to_owned(),
            usage: live.so_far(),
            limits: (*live.limits).clone(),
            ended_ms: None,
        });
        running.collect()
    }
}
