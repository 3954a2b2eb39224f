//! How many attempts run, of each tenant and of the node, and whether more may. All parties of a task start together,
//! as they talk to each other; so a job that was let out of the queue holds as many places as its widest task needs,
//! and can always go on with one task after the other. Further tasks at the same time take what nobody holds. Not
//! for: cores (`admission`).

use std::collections::BTreeMap;

use parcae_domain::tenant::TenantId;

use crate::job::Job;
use crate::share::Shares;

/// Attempts of a tenant, or of the node.
#[derive(Clone, Copy, Debug, Default)]
struct Places {
    /// That run.
    live: u64,
    /// That jobs hold: the running ones, and what their widest tasks need.
    held: u64,
}

/// The attempts of all jobs that run.
#[derive(Debug)]
pub struct Room<'s> {
    shares: &'s Shares,
    node: Places,
    tenants: BTreeMap<TenantId, Places>,
}

impl Places {
    fn add(&mut self, live: u64, held: u64) {
        self.live += live;
        self.held += held;
    }

    fn fits(&self, most: Option<u64>, live: u64, held: u64) -> bool {
        most.is_none_or(|most| self.live + live <= most && (held == 0 || self.held + held <= most))
    }
}

impl<'s> Room<'s> {
    /// What these jobs have.
    pub fn of<'j>(shares: &'s Shares, jobs: impl Iterator<Item = &'j Job>) -> Room<'s> {
        let mut room = Room { shares, node: Places::default(), tenants: BTreeMap::new() };
        for job in jobs {
            let (live, held) = (job.live_attempts(), job.held_attempts());
            room.node.add(live, held);
            room.tenants.entry(job.spec.tenant.clone()).or_default().add(live, held);
        }
        room
    }

    /// Holds places for a job that is next and did not fit: nobody else may have them.
    pub fn keep(&mut self, places: u64) {
        self.node.held += places;
    }

    /// Whether the node has so many places for one more job.
    pub fn node_admits(&self, places: u64) -> bool {
        self.node.fits(self.shares.attempts, 0, places)
    }

    /// Whether the tenant has, and would have on a node on which nobody else runs anything.
    pub fn tenant_admits(&self, tenant: &TenantId, places: u64) -> bool {
        let own = self.tenant(tenant);
        own.fits(self.shares.of(tenant).attempts, 0, places) && own.fits(self.shares.attempts, 0, places)
    }

    /// Takes places for a task of a job that has and holds so many. False, and nothing is taken, when there are not
    /// enough.
    pub fn start(&mut self, tenant: &TenantId, needed: u64, (live, held): (u64, u64)) -> bool {
        let more = (live + needed).saturating_sub(held);
        let own = self.tenant(tenant);
        let fits = own.fits(self.shares.of(tenant).attempts, needed, more)
            && self.node.fits(self.shares.attempts, needed, more);
        if !fits {
            return false;
        }
        self.node.add(needed, more);
        self.tenants.entry(tenant.clone()).or_default().add(needed, more);
        true
    }

    /// Why a tenant's task or job, which needs so many places at once, does not get them.
    pub fn why(&self, tenant: &TenantId, needed: u64) -> String {
        let own = self.shares.of(tenant).attempts;
        match (own, self.shares.attempts) {
            (Some(0), _) => {
                "the tenant may start nothing now: its cpu_seconds_per_day are used up, or concurrent_attempts is 0"
                    .to_owned()
            }
            (Some(most), _) if needed > most => {
                format!("{needed} parties have to run at once, and the tenant may run {most} attempts")
            }
            (_, Some(most)) if needed > most => {
                format!("{needed} parties have to run at once, and the node runs {most} attempts")
            }
            (Some(most), _) if self.tenant(tenant).held + needed > most => {
                format!("too few of the tenant's {most} attempts are free")
            }
            (_, Some(most)) => format!("too few of the node's {most} attempts are free"),
            (_, None) => "it is about to start".to_owned(),
        }
    }

    fn tenant(&self, tenant: &TenantId) -> Places {
        self.tenants.get(tenant).copied().unwrap_or_default()
    }
}
