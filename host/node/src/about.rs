//! What a node says of itself: the modules that it offers and the cores that jobs have. Not for: the jobs (`queries`).

use std::collections::BTreeMap;

use parcae_domain::{id::JobId, image::Origin, isolation::Isolation, party::Party, port::Offer, status::Status};

use crate::tenant::Tenant;
use crate::view::{Filter, JobView, NodeError};

/// Cores of a node, and who has them; times in ms since the epoch.
#[derive(Clone, Debug)]
pub struct Resources {
    /// Cores that jobs may use.
    pub cores: u32,
    /// Cores that no job has.
    pub free: u32,
    /// Parties of the jobs that run. A job takes its cores once, however many of its parties are here: they stand at
    /// its initiator.
    pub jobs: Vec<HeldCores>,
    /// The node was opened.
    pub opened_ms: i64,
    /// A job took cores last.
    pub changed_ms: i64,
}

/// Cores of a job at a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCores {
    /// The job.
    pub job: JobId,
    /// The party.
    pub party: Party,
    /// Cores.
    pub cores: u32,
    /// The job has them now.
    pub in_use: bool,
}

impl Tenant<'_> {
    /// All modules that a DSL may name, by name, with the images that serve them when a job names no other.
    pub fn offers(&self) -> Vec<Offer> {
        let catalog = &self.site.catalog;
        let offers =
            catalog.module_names(self.id()).into_iter().filter_map(|name| catalog.module(self.id(), &name, None));
        let by_name: BTreeMap<String, Offer> = offers.map(|offer| (offer.module.name.clone(), offer)).collect();
        by_name.into_values().collect()
    }

    /// The module that a DSL means by a name, with what is said of its provider.
    pub fn offer(&self, module: &str, provider: Option<&str>) -> Option<Offer> {
        self.site.catalog.module(self.id(), module, provider)
    }

    /// Where attempts of images from there run.
    pub fn isolation_of(&self, origin: Origin) -> Isolation {
        self.site.options.isolation.of(origin)
    }

    /// All modules of all images, the oldest image first.
    pub fn all_offers(&self) -> Vec<Offer> {
        self.site.catalog.offers(self.id())
    }

    /// Cores, and the jobs that have them.
    pub fn resources(&self) -> Result<Resources, NodeError> {
        let running = Filter { statuses: Some(vec![Status::Running.to_string()]), ..Filter::default() };
        let jobs = self.jobs(&running)?;
        let opened_ms = self.site.opened_ms;
        let cores = self.site.options.cores;
        let held: Vec<HeldCores> = jobs.iter().map(held).collect();
        let taken = held.iter().fold(0_u32, |sum, at| sum.saturating_add(at.cores));
        let started = jobs.iter().filter_map(|job| job.start_ms).max();
        let changed_ms = started.map_or(opened_ms, |at| at.max(opened_ms));
        Ok(Resources { cores, free: cores.saturating_sub(taken), jobs: held, opened_ms, changed_ms })
    }

    /// Cores of one job at each of its parties.
    pub fn held_cores(&self, job: &str) -> Result<Vec<HeldCores>, NodeError> {
        let found = self.jobs(&Filter { jobs: Some(vec![job.to_owned()]), ..Filter::default() })?;
        if found.is_empty() {
            return Err(NodeError::NotFound(format!("there is no job {job:?}")));
        }
        Ok(found.iter().map(held).collect())
    }
}

fn held(job: &JobView) -> HeldCores {
    let in_use = job.status == Status::Running;
    let cores = if in_use && job.party == job.initiator { job.cores } else { 0 };
    HeldCores { job: job.job.clone(), party: job.party, cores, in_use }
}
