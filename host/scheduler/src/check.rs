//! Checks that the scheduler's state hangs together. For tests, and for a node that wants to know.
//! Not for: repairing it.

use std::collections::BTreeSet;

use parcae_domain::status::Status;

use crate::job::Job;
use crate::reactor::Core;

impl Core {
    /// Panics when cross references or statuses contradict each other. To be called between events.
    pub fn sanity_check(&self) {
        let waiting: BTreeSet<_> = self.queue.iter().cloned().collect();
        assert_eq!(waiting.len(), self.queue.len(), "a job stands in the queue twice");
        assert!(waiting.is_disjoint(&self.active), "a job waits and runs");
        assert_eq!(waiting.len() + self.active.len(), self.jobs.len(), "a job neither waits nor runs");
        let room = self.room();
        let fits = |job: &Job| room.node_admits(job.widest()) && room.tenant_admits(&job.spec.tenant, job.widest());
        let idle = self.active.is_empty() && waiting.iter().filter_map(|id| self.jobs.get(id)).any(fits);
        assert!(!idle, "jobs wait that could run, though none runs");
        assert!(self.reserved.as_ref().is_none_or(|id| waiting.contains(id)), "a job that is next does not wait");
        for (id, job) in &self.jobs {
            assert_eq!(*id, job.spec.id);
            assert_eq!(*id, job.row.job);
            assert_eq!(job.row.status == Status::Running, self.active.contains(id), "{id} is {}", job.row.status);
            let queued = self.queue.contains(job);
            assert_eq!(job.row.status == Status::Waiting, queued, "{id} is {}", job.row.status);
            let deadline = self.deadlines.contains(&(job.deadline_ms(), id.clone()));
            assert!(deadline || job.stop.is_some(), "{id} has no deadline");
            check_job(job);
        }
        for (at_ms, id) in &self.deadlines {
            assert_eq!(self.jobs.get(id).map(Job::deadline_ms), Some(*at_ms), "deadline of {id}");
        }
    }
}

fn check_job(job: &Job) {
    let id = &job.spec.id;
    assert_eq!(job.tasks.len(), job.spec.tasks.len(), "tasks of {id}");
    assert!(job.row.progress <= 100, "{id}: {} %", job.row.progress);
    assert!(job.row.end_ms.is_none(), "{id} has ended and is still here");
    for (task, spec) in job.tasks.iter().zip(&job.spec.tasks) {
        assert_eq!(task.id.job, *id);
        assert_eq!(task.id.component, spec.component);
        assert!(task.parties.iter().map(|p| p.party).eq(spec.parties.iter().copied()), "parties of {}", task.id);
        assert_eq!(task.status == Status::Running, task.is_live(), "{} is {}", task.id, task.status);
        if task.status == Status::Waiting {
            assert!(task.parties.iter().all(|p| p.status == Status::Waiting), "{} waits", task.id);
        }
        if task.status == Status::Running || task.status.is_good() {
            let good = |up: &usize| job.tasks.get(*up).is_some_and(|t| t.status.is_good());
            assert!(spec.upstream.iter().all(good), "{} started before its inputs were there", task.id);
        }
        for party in task.parties.iter().filter(|p| p.status == Status::Running) {
            assert!(job.stop.is_none() || party.stopping, "{} at {} was not stopped", task.id, party.party);
        }
    }
    let live = job.tasks.iter().any(|t| t.is_live());
    if job.row.status == Status::Waiting {
        assert!(!live, "{id} waits and has attempts");
    } else {
        let retries = job.tasks.iter().any(|t| t.status == Status::Waiting && t.not_before_ms > i64::MIN);
        let held_back = job.held_back.is_some();
        assert!(live || retries || held_back, "{id} runs and nothing is to happen");
    }
}
