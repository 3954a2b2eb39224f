//! Looks at the quotas once a second, as another process may have changed them: tells the scheduler what tenants may
//! run, and finds the attempts of those whose processor time of the day is used up. Not for: refusing (`quotas`).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use parcae_domain::{id::AttemptId, tenant::TenantId};
use parcae_scheduler::{Event, Shares, TenantShare};

use crate::site::Site;

/// How often it looks.
pub(crate) const LOOK: Duration = Duration::from_secs(1);

/// What it saw last.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    looked: Option<Instant>,
    shares: Option<Shares>,
    to_stop: Vec<AttemptId>,
}

impl Keeper {
    /// Looks when it is time to; what the scheduler has to be told.
    pub(crate) fn due(&mut self, site: &Site) -> Option<Event> {
        if self.looked.is_some_and(|at| at.elapsed() < LOOK) {
            return None;
        }
        if let Err(error) = site.load_quotas() {
            tracing::error!("quotas of tenants could not be read, those of before count: {error}");
        }
        let shares = self.shares(site);
        self.looked = Some(Instant::now());
        if self.shares.as_ref() == Some(&shares) {
            return None;
        }
        self.shares = Some(shares.clone());
        Some(Event::Quotas(shares))
    }

    /// Attempts that have to end, as their tenants may compute no more today.
    pub(crate) fn take_overdue(&mut self) -> Vec<AttemptId> {
        std::mem::take(&mut self.to_stop)
    }

    /// What tenants may run now. Those whose day is used up start nothing before the next one.
    fn shares(&mut self, site: &Site) -> Shares {
        let usual = &site.options.quotas;
        let share = |weight: Option<u64>, attempts| TenantShare { weight: weight.unwrap_or(1), attempts };
        let mut tenants: BTreeMap<TenantId, TenantShare> = BTreeMap::new();
        for tenant in site.all_tenants() {
            let quotas = site.quotas(&tenant);
            let used_up = match site.cpu_used_up(&tenant) {
                Ok(words) => words.is_some(),
                Err(error) => {
                    tracing::error!(%tenant, "processor time of a tenant could not be looked up: {error}");
                    false
                }
            };
            if used_up {
                self.to_stop.extend(site.running.of_tenant(&tenant).into_iter().map(|(attempt, _)| attempt));
            }
            tenants.insert(tenant, share(quotas.weight, if used_up { Some(0) } else { quotas.concurrent_attempts }));
        }
        Shares {
            attempts: Some(u64::from(site.options.node_limits.attempts)),
            everybody: share(usual.weight, usual.concurrent_attempts),
            tenants,
        }
    }
}
