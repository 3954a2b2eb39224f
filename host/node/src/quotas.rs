//! Quotas of tenants: which are in force, what is used of them, and what is refused beyond them. Not for: places of
//! attempts (`scheduler`), stopping what runs (`keeper`), what is about to be stored (`claims`), memory (`runtime`).

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use parcae_domain::{
    id::JobId,
    outcome::Outcome,
    port::PortError,
    quota::{QuotaUse, Quotas, day_of, end_of},
    tenant::TenantId,
};
use parcae_dsl::JobPlan;
use parcae_metadata::{StoreError, StoredUse};

use crate::claims::Kind;
use crate::queries::store;
use crate::site::{Site, now_ms};
use crate::tenant::Tenant;
use crate::view::NodeError;

/// Quotas of tenants as they were read last, and what is counted here.
#[derive(Debug, Default)]
pub(crate) struct QuotaBook {
    own: Mutex<BTreeMap<TenantId, Quotas>>,
    /// Bytes of messages since the beginning of a day.
    messages: Mutex<HashMap<TenantId, (i64, u64)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Site {
    /// Reads the quotas of all tenants anew.
    pub(crate) fn load_quotas(&self) -> Result<(), StoreError> {
        let mut read = BTreeMap::new();
        for account in self.store.tenant_accounts()? {
            let Ok(tenant) = account.name.parse::<TenantId>() else { continue };
            // Some other program's quotas, or those of a later version: better none than no node.
            let quotas = serde_json::from_value(account.quotas).unwrap_or_else(|error| {
                tracing::warn!(%tenant, "quotas of a tenant cannot be read and do not count: {error}");
                Quotas::default()
            });
            read.insert(tenant, quotas);
        }
        let mut own = lock(&self.book.own);
        if *own == read {
            return Ok(());
        }
        *own = read;
        drop(own);
        // What was counted without a quota is counted anew.
        lock(&self.book.messages).clear();
        Ok(())
    }

    /// The quotas in force for a tenant.
    pub(crate) fn quotas(&self, tenant: &TenantId) -> Quotas {
        lock(&self.book.own).get(tenant).map_or_else(|| self.options.quotas.clone(), |own| own.or(&self.options.quotas))
    }

    /// All tenants.
    pub(crate) fn all_tenants(&self) -> Vec<TenantId> {
        lock(&self.book.own).keys().cloned().collect()
    }

    /// Processor time that a tenant has used today, ms.
    pub(crate) fn cpu_today_ms(&self, tenant: &TenantId) -> Result<u64, StoreError> {
        let (stored, _) = self.store.day_use(tenant.as_str(), day_of(now_ms()))?;
        let running = self.running.of_tenant(tenant).into_iter();
        let live: u128 = running.map(|(_, live)| live.usage.cpu().as_millis()).sum();
        Ok(stored.saturating_add(u64::try_from(live).unwrap_or(u64::MAX)))
    }

    /// Words for a tenant whose processor time of the day is used up; none while there is some left.
    pub(crate) fn cpu_used_up(&self, tenant: &TenantId) -> Result<Option<String>, StoreError> {
        let Some(quota) = self.quotas(tenant).cpu_seconds_per_day else { return Ok(None) };
        let used_ms = self.cpu_today_ms(tenant)?;
        Ok((used_ms >= quota.saturating_mul(1000)).then(|| {
            let used = used_ms / 1000;
            format!("the tenant has used {used} of {quota} s of processor time of this day; {}", free_again())
        }))
    }

    /// How an attempt ends that was stopped because its tenant's day is used up.
    pub(crate) fn day_used_up(&self, tenant: &TenantId) -> Outcome {
        let words = self.cpu_used_up(tenant).ok().flatten();
        let message = words.unwrap_or_else(|| "the tenant has used up its processor time of the day".to_owned());
        Outcome::Limit { limit: "cpu_seconds_per_day".into(), message }
    }

    /// Counts a message of a tenant before it is sent; an error when it is one too many for today.
    pub(crate) fn count_message(&self, tenant: &TenantId, bytes: u64) -> Result<(), PortError> {
        let Some(quota) = self.quotas(tenant).message_bytes_per_day else { return Ok(()) };
        let today = day_of(now_ms());
        let mut counted = lock(&self.book.messages);
        let used = match counted.get(tenant) {
            Some((day, used)) if *day == today => *used,
            // A new day begins with nothing.
            Some(_) => 0,
            None => self.messages_today(tenant).map_err(|e| PortError::Node(format!("messages of the day: {e}")))?,
        };
        let all = used.saturating_add(bytes);
        if all > quota {
            let message = format!("the tenant may send {quota} bytes of messages in a day; {}", free_again());
            return Err(PortError::Limit("message_bytes_per_day".into(), message));
        }
        counted.insert(tenant.clone(), (today, all));
        Ok(())
    }

    /// Bytes of messages that a tenant has sent today.
    fn messages_today(&self, tenant: &TenantId) -> Result<u64, StoreError> {
        let (_, stored) = self.store.day_use(tenant.as_str(), day_of(now_ms()))?;
        let live = self.running.of_tenant(tenant).into_iter();
        Ok(live.map(|(_, live)| live.usage.sum_up(std::time::Duration::ZERO).bytes_out).sum::<u64>() + stored)
    }
}

/// When a quota of a day counts from 0 again.
fn free_again() -> String {
    let at = jiff::Timestamp::from_millisecond(end_of(day_of(now_ms()))).unwrap_or(jiff::Timestamp::MAX);
    format!("there is more from {at} on")
}

fn refused(words: String) -> NodeError {
    NodeError::Invalid(words)
}

impl Tenant<'_> {
    /// The quotas in force, as they stand in the store now.
    fn fresh_quotas(&self) -> Result<Quotas, NodeError> {
        self.site.load_quotas().map_err(store)?;
        Ok(self.site.quotas(self.id()))
    }

    /// Refuses a job that could never run, or not today.
    pub(crate) fn check_quotas(&self, plan: &JobPlan) -> Result<(), NodeError> {
        let own = self.fresh_quotas()?.concurrent_attempts.unwrap_or(u64::MAX);
        let node = u64::from(self.site.options.node_limits.attempts);
        for component in &plan.components {
            let needed = component.parties.len() as u64;
            if needed > own.min(node) {
                let (name, cure) = (&component.name, "take parties out of the job, or ask for more");
                let most = own.min(node);
                let of_tenant = "quota concurrent_attempts of the tenant";
                let bound = if own <= node { of_tenant } else { "limit attempts of the node" };
                return Err(refused(format!("{name} runs at {needed} parties at once, and {bound} is {most}: {cure}")));
            }
        }
        match self.site.cpu_used_up(self.id()).map_err(store)? {
            Some(words) => Err(refused(words)),
            None => Ok(()),
        }
    }

    /// Refuses one more job in the queue.
    pub(crate) fn check_queue(&self) -> Result<(), NodeError> {
        let Some(quota) = self.fresh_quotas()?.queued_jobs else { return Ok(()) };
        let waiting = self.site.store.waiting_jobs(self.name()).map_err(store)?;
        if waiting < quota {
            return Ok(());
        }
        let cure = "wait for some, or stop them";
        let words = format!("quota queued_jobs of the tenant is {quota}, and {waiting} wait: {cure}");
        Err(refused(words))
    }

    /// Refuses an upload when there is no room for tables.
    pub(crate) fn check_tables(&self) -> Result<(), NodeError> {
        let Some(quota) = self.fresh_quotas()?.table_bytes else { return Ok(()) };
        let stored = self.site.store.table_bytes(self.name()).map_err(store)?;
        let used = stored.saturating_add(self.site.claims.of(self.id(), Kind::Tables));
        if used < quota {
            return Ok(());
        }
        Err(refused(format!("the tenant stores {used} of {quota} bytes of tables: delete some that are not needed")))
    }

    /// Refuses one more image.
    pub(crate) fn check_images(&self, digest: &str, bytes: u64) -> Result<(), NodeError> {
        let quotas = self.fresh_quotas()?;
        if quotas.images.is_none() && quotas.image_bytes.is_none() {
            return Ok(());
        }
        if self.site.store.image(self.name(), digest).map_err(store)?.is_some() {
            return Ok(());
        }
        let (images, there) = self.site.store.image_use(self.name()).map_err(store)?;
        let cure = "remove components that are not needed";
        if let Some(quota) = quotas.images.filter(|quota| images >= *quota) {
            return Err(refused(format!("the tenant has {images} components of {quota} that it may push: {cure}")));
        }
        let all = there.saturating_add(bytes);
        if let Some(quota) = quotas.image_bytes.filter(|quota| all > *quota) {
            return Err(refused(format!("images of the tenant would be {all} bytes, {quota} are allowed: {cure}")));
        }
        Ok(())
    }

    /// What the tenant uses of its quotas.
    pub fn quota_use(&self) -> Result<Vec<QuotaUse>, NodeError> {
        let quotas = self.fresh_quotas()?;
        let stored = self.site.store.stored_use(self.name(), day_of(now_ms())).map_err(store)?;
        let uses = Quotas::ALL.iter().filter_map(|info| {
            let used = self.used(info.name, &stored)?;
            Some(QuotaUse { name: info.name, unit: info.unit, what: info.what, quota: quotas.get(info.name), used })
        });
        Ok(uses.collect())
    }

    /// What is used of a quota; none of a weight.
    fn used(&self, name: &str, stored: &StoredUse) -> Option<u64> {
        let running = self.site.running.of_tenant(self.id());
        let live = running.iter().map(|(_, live)| &live.usage);
        Some(match name {
            "concurrent_attempts" => running.len() as u64,
            "queued_jobs" => stored.waiting_jobs,
            "cpu_seconds_per_day" => {
                let live: u64 = live.map(|usage| u64::try_from(usage.cpu().as_millis()).unwrap_or(u64::MAX)).sum();
                stored.cpu_ms.saturating_add(live) / 1000
            }
            "memory_bytes" => self.site.executor.memory_of(self.id()),
            "table_bytes" => stored.table_bytes + self.site.claims.of(self.id(), Kind::Tables),
            "log_bytes" => stored.log_bytes,
            "message_bytes_per_day" => {
                let live: u64 = live.map(|usage| usage.sum_up(std::time::Duration::ZERO).bytes_out).sum();
                stored.message_bytes + live
            }
            "images" => stored.images,
            "image_bytes" => stored.image_bytes,
            _ => return None,
        })
    }

    /// Why a job does not go on; empty when nothing keeps it, or it has ended.
    pub fn waiting_for(&self, job: &str) -> Result<(JobId, String), NodeError> {
        let job = self.own_job(job)?;
        let why = self.ask_why(&job)?;
        Ok((job, why.unwrap_or_default()))
    }
}
