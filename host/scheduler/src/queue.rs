//! The jobs that wait: in the order in which they entered the queue, and so for each tenant. Jobs that one site does
//! for itself (uploads) take no core and stand in a line of their own. Not for: which of them starts (`admission`).

use std::collections::{BTreeMap, BTreeSet};

use parcae_domain::{id::JobId, tenant::TenantId};

use crate::job::Job;

/// What a job waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Line {
    /// Cores.
    Cores,
    /// One of the places for local jobs.
    Local,
}

/// When a job entered the queue, and which one it is.
pub type Place = (i64, JobId);

/// The jobs that wait.
#[derive(Debug, Default)]
pub struct Queue {
    all: BTreeSet<Place>,
    lines: BTreeMap<(Line, TenantId), BTreeSet<Place>>,
}

fn place(job: &Job) -> Place {
    (job.row.queued_ms, job.spec.id.clone())
}

fn line(job: &Job) -> (Line, TenantId) {
    (job.line(), job.spec.tenant.clone())
}

impl Queue {
    /// Puts a job into its place.
    pub fn insert(&mut self, job: &Job) {
        self.all.insert(place(job));
        self.lines.entry(line(job)).or_default().insert(place(job));
    }

    /// Takes a job out; nothing happens when it does not wait.
    pub fn remove(&mut self, job: &Job) {
        self.all.remove(&place(job));
        let key = line(job);
        if let Some(line) = self.lines.get_mut(&key) {
            line.remove(&place(job));
            if line.is_empty() {
                self.lines.remove(&key);
            }
        }
    }

    /// Whether a job waits.
    pub fn contains(&self, job: &Job) -> bool {
        self.all.contains(&place(job))
    }

    /// All of them, the one that came first at first.
    pub fn iter(&self) -> impl Iterator<Item = &JobId> {
        self.all.iter().map(|(_, id)| id)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The first job of each tenant in a line.
    pub fn firsts(&self, line: Line) -> impl Iterator<Item = (&TenantId, &Place)> {
        let of_line = self.lines.iter().filter(move |((other, _), _)| *other == line);
        of_line.filter_map(|((_, tenant), places)| Some((tenant, places.first()?)))
    }

    /// How many jobs of its tenant come before a job.
    pub fn before(&self, job: &Job) -> usize {
        self.lines.get(&line(job)).map_or(0, |line| line.range(..place(job)).count())
    }
}
