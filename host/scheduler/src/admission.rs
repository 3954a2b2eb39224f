//! Which job leaves the queue next: of the tenant whose turn it is the one that came first. One that does not fit
//! blocks the others until it does, so that small jobs do not overtake it for ever; but not when it is its own tenant
//! that takes what it needs. Not for: whose turn it is (`share`), the tasks of a job that runs (`job`).

use std::collections::{BTreeMap, BTreeSet};

use parcae_domain::{id::JobId, status::Status, tenant::TenantId};

use crate::decision::Decision;
use crate::job::Job;
use crate::queue::Line;
use crate::reactor::Core;
use crate::room::Room;

/// Local jobs that run at once, however few cores the node has.
const LOCAL_JOBS: usize = 8;

impl Core {
    /// Takes down what the jobs have used since the last time.
    pub(crate) fn charge(&mut self, now_ms: i64) {
        let since = self.seen_ms.replace(now_ms).unwrap_or(now_ms);
        let ms = u64::try_from(now_ms.saturating_sub(since)).unwrap_or(0);
        if ms == 0 {
            return;
        }
        for job in self.active.iter().filter_map(|id| self.jobs.get(id)) {
            let (tenant, weight) = (&job.spec.tenant, self.shares.of(&job.spec.tenant).weight);
            match job.line() {
                Line::Cores => self.by_cores.charge(tenant, u64::from(job.cost(self.cores)), ms, weight),
                Line::Local => self.by_places.charge(tenant, 1, ms, weight),
            }
        }
    }

    /// Starts jobs as long as they fit.
    pub(crate) fn admit(&mut self, now_ms: i64, d: &mut Decision) {
        let tenants = self.tenants(Line::Cores);
        self.by_cores.level(tenants);
        let tenants = self.tenants(Line::Local);
        self.by_places.level(tenants);
        while self.admit_local(now_ms, d) {}
        while self.admit_next(now_ms, d) {}
    }

    /// Starts the job whose turn it is when the cores that it takes fit into the node's, and its attempts into what may
    /// run. False when nothing was started: then the job that is next, if any, has what becomes free.
    fn admit_next(&mut self, now_ms: i64, d: &mut Decision) -> bool {
        let next = self.next_in_line();
        self.reserved = next.clone();
        let Some(job) = next.as_ref().and_then(|id| self.jobs.get(id)) else { return false };
        let (used, wanted) = (self.used_cores(None), u64::from(job.cost(self.cores)));
        if used + wanted > u64::from(self.cores) || !self.room().node_admits(job.widest()) {
            return false;
        }
        // Nothing of what others use: the log is its tenant's.
        let reason = format!("first in the queue, takes {wanted} of {} cores", self.cores);
        self.reserved = None;
        let id = job.spec.id.clone();
        self.start(&id, &reason, now_ms, d);
        true
    }

    /// Starts the local job whose turn it is while there are not too many: each has threads and memory.
    fn admit_local(&mut self, now_ms: i64, d: &mut Decision) -> bool {
        let running = self.running_local(None);
        if running >= local_places(self.cores) {
            return false;
        }
        let mut room = self.room();
        if let Some(next) = self.reserved.as_ref().and_then(|id| self.jobs.get(id)) {
            room.keep(next.widest());
        }
        let admits =
            |tenant: &TenantId, job: &Job| room.node_admits(job.widest()) && room.tenant_admits(tenant, job.widest());
        let score = |tenant: &TenantId| {
            let running = u64::try_from(self.running_local(Some(tenant))).unwrap_or(u64::MAX);
            self.by_places.score(tenant, running, self.shares.of(tenant).weight)
        };
        let firsts = self.queue.firsts(Line::Local);
        let fit = firsts.filter(|(tenant, (_, id))| self.jobs.get(id).is_some_and(|job| admits(tenant, job)));
        let Some(next) = fit.min_by_key(|(tenant, place)| (score(tenant), *place)).map(|(_, (_, id))| id.clone())
        else {
            return false;
        };
        self.start(&next, "it is local and takes no core", now_ms, d);
        true
    }

    /// The job that waits for cores and is next: the first one of the tenant whose turn it is. It stays next while it
    /// does not fit: its tenant uses nothing meanwhile, the others do, and who comes is behind it.
    fn next_in_line(&self) -> Option<JobId> {
        let room = self.room();
        let may = |id: &JobId| self.jobs.get(id).is_some_and(|job| self.may_be_next(job, &room));
        let cores = self.cores_by_tenant();
        let score = |tenant: &TenantId| {
            let has = cores.get(tenant).copied().unwrap_or(0);
            self.by_cores.score(tenant, has, self.shares.of(tenant).weight)
        };
        let firsts = self.queue.firsts(Line::Cores).filter(|(_, (_, id))| may(id));
        firsts.min_by_key(|(tenant, place)| (score(tenant), *place)).map(|(_, (_, id))| id.clone())
    }

    /// False for a job that its own tenant keeps from starting: the others need not wait for it.
    fn may_be_next(&self, job: &Job, room: &Room<'_>) -> bool {
        let own = self.used_cores(Some(&job.spec.tenant));
        own + u64::from(job.cost(self.cores)) <= u64::from(self.cores)
            && room.tenant_admits(&job.spec.tenant, job.widest())
    }

    /// Why a job does not go on, in words for its owner; none when nothing keeps it.
    pub fn waiting_reason(&self, id: &JobId) -> Option<String> {
        let job = self.jobs.get(id)?;
        if job.row.status != Status::Waiting {
            return job.held_back.as_ref().map(|why| format!("a task of it waits: {why}"));
        }
        let mut reasons = Vec::new();
        match self.queue.before(job) {
            0 => {}
            1 => reasons.push("1 job of this tenant before it".to_owned()),
            before => reasons.push(format!("{before} jobs of this tenant before it")),
        }
        let (room, tenant) = (self.room(), &job.spec.tenant);
        if !room.tenant_admits(tenant, job.widest()) || !room.node_admits(job.widest()) {
            reasons.push(room.why(tenant, job.widest()));
        }
        if reasons.is_empty() {
            reasons.push(self.no_place(job));
        }
        Some(reasons.join("; "))
    }

    /// Why the first job of a tenant does not start whose attempts might run.
    fn no_place(&self, job: &Job) -> String {
        let (cores, wanted) = (u64::from(self.cores), u64::from(job.cost(self.cores)));
        let (own, used) = (self.used_cores(Some(&job.spec.tenant)), self.used_cores(None));
        if job.line() == Line::Local {
            format!("{} jobs of their own sites run, more do not at a time", local_places(self.cores))
        } else if own + wanted > cores {
            format!("it takes {wanted} of {cores} cores, and jobs of this tenant have {own}")
        } else if used + wanted > cores {
            format!("it takes {wanted} of {cores} cores, and too few are free")
        } else {
            "it is another tenant's turn".to_owned()
        }
    }

    fn start(&mut self, id: &JobId, reason: &str, now_ms: i64, d: &mut Decision) {
        let job = self.jobs.get_mut(id).expect("a job in the queue is in the map");
        self.queue.remove(job);
        self.deadlines.remove(&(job.deadline_ms(), id.clone()));
        job.admit(reason, now_ms, d);
        // No longer when it has to have started.
        self.deadlines.insert((job.deadline_ms(), id.clone()));
        self.active.insert(id.clone());
    }

    /// Attempts of the jobs that run.
    pub(crate) fn room(&self) -> Room<'_> {
        Room::of(&self.shares, self.active.iter().filter_map(|id| self.jobs.get(id)))
    }

    /// Tenants that wait in a line, or have what others wait for there.
    fn tenants(&self, line: Line) -> BTreeSet<TenantId> {
        let waiting = self.queue.firsts(line).map(|(tenant, _)| tenant.clone());
        let running = self.running_jobs(line).map(|job| job.spec.tenant.clone());
        waiting.chain(running).collect()
    }

    fn running_jobs(&self, line: Line) -> impl Iterator<Item = &Job> {
        self.active.iter().filter_map(|id| self.jobs.get(id)).filter(move |job| job.line() == line)
    }

    /// Cores that jobs have, of all tenants or of one.
    fn used_cores(&self, tenant: Option<&TenantId>) -> u64 {
        let of = |job: &&Job| tenant.is_none_or(|tenant| job.spec.tenant == *tenant);
        self.running_jobs(Line::Cores).filter(of).map(|job| u64::from(job.cost(self.cores))).sum()
    }

    fn cores_by_tenant(&self) -> BTreeMap<&TenantId, u64> {
        let mut cores = BTreeMap::new();
        for job in self.running_jobs(Line::Cores) {
            *cores.entry(&job.spec.tenant).or_default() += u64::from(job.cost(self.cores));
        }
        cores
    }

    fn running_local(&self, tenant: Option<&TenantId>) -> usize {
        let of = |job: &&Job| tenant.is_none_or(|tenant| job.spec.tenant == *tenant);
        self.running_jobs(Line::Local).filter(of).count()
    }
}

/// How many local jobs run at a time on a node with so many cores.
pub fn local_places(cores: u32) -> usize {
    (cores as usize).saturating_mul(2).max(LOCAL_JOBS)
}
