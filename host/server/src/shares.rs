//! What all tenants share and only few requests may have at once: no tenant gets more than a part of it, so that no one
//! tenant keeps the others waiting. Not for: places of jobs (the scheduler), connections (`connections`).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::FutureExt;
use parcae_domain::tenant::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places of a kind.
#[derive(Debug)]
pub(crate) struct Shares {
    all: Arc<Semaphore>,
    /// Most that one tenant has at once.
    each: usize,
    own: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
}

/// Some places, until this is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    of_all: OwnedSemaphorePermit,
    of_own: OwnedSemaphorePermit,
}

impl Shares {
    /// So many in all, and so many for one tenant.
    pub(crate) fn new(all: usize, each: usize) -> Shares {
        Shares { all: Arc::new(Semaphore::new(all)), each, own: Mutex::default() }
    }

    /// Waits for one place.
    pub(crate) async fn take(&self, tenant: &TenantId) -> Option<Share> {
        self.take_many(tenant, 1).await
    }

    /// A place, if there is one now.
    pub(crate) fn try_take(&self, tenant: &TenantId) -> Option<Share> {
        self.take(tenant).now_or_never().flatten()
    }

    /// Waits for places; none when there are no places to wait for any more.
    pub(crate) async fn take_many(&self, tenant: &TenantId, places: u32) -> Option<Share> {
        // Who waits for what its own tenant has is in nobody's way.
        let of_own = self.own(tenant).acquire_many_owned(places).await.ok()?;
        let of_all = Arc::clone(&self.all).acquire_many_owned(places).await.ok()?;
        Some(Share { of_all, of_own })
    }

    fn own(&self, tenant: &TenantId) -> Arc<Semaphore> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let made = own.entry(tenant.clone()).or_insert_with(|| Arc::new(Semaphore::new(self.each)));
        Arc::clone(made)
    }
}

impl Share {
    /// How many places these are.
    pub(crate) fn places(&self) -> usize {
        self.of_all.num_permits()
    }

    /// More of the same places, of the same tenant.
    pub(crate) fn add(&mut self, more: Share) {
        self.of_all.merge(more.of_all);
        self.of_own.merge(more.of_own);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn one_tenant_leaves_some_to_the_others() {
        let shares = Shares::new(3, 2);
        let [greedy, modest] = ["greedy", "modest"].map(|name| name.parse::<TenantId>().unwrap());
        let take = |tenant: &TenantId| shares.take(tenant).now_or_never().flatten();
        let mut held = take(&greedy).unwrap();
        held.add(take(&greedy).unwrap());
        assert_eq!(held.places(), 2);
        let mut waits = Box::pin(shares.take(&greedy));
        assert!((&mut waits).now_or_never().is_none(), "a third one of a tenant that may have two");
        let other = take(&modest).expect("the third one is another tenant's");
        assert!(take(&modest).is_none(), "there are three");
        drop(held);
        assert!(waits.now_or_never().flatten().is_some());
        drop(other);
        assert!(shares.take_many(&modest, 2).now_or_never().flatten().is_some());
    }
}
