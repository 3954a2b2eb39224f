//! The part of the node's memory that each tenant may use, while it has attempts. Not for: memory of one attempt
//! (`limiter`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use parcae_domain::{pool::Pool, tenant::TenantId};

/// What an attempt ends with whose tenant has no more memory.
pub(crate) const TENANT_MEMORY: &str = "memory_bytes of the tenant";

/// The parts of the node's pool, by tenant.
#[derive(Debug, Default)]
pub(crate) struct TenantPools(Mutex<HashMap<TenantId, Weak<Pool>>>);

impl TenantPools {
    /// The pool of a tenant, which may use so much from now on. Its attempts share it while any of them runs.
    pub(crate) fn memory(&self, node: &Arc<Pool>, tenant: &TenantId, limit: Option<u64>) -> Arc<Pool> {
        let limit = limit.unwrap_or(u64::MAX);
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|_, pool| pool.strong_count() > 0);
        if let Some(pool) = pools.get(tenant).and_then(Weak::upgrade) {
            pool.set_limit(limit);
            return pool;
        }
        let pool = Arc::new(Pool::part_of(node.clone(), TENANT_MEMORY, "all attempts of the tenant", limit));
        pools.insert(tenant.clone(), Arc::downgrade(&pool));
        pool
    }

    /// What the attempts of a tenant have now, bytes.
    pub(crate) fn used(&self, tenant: &TenantId) -> u64 {
        let pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pools.get(tenant).and_then(Weak::upgrade).map_or(0, |pool| pool.used())
    }
}

#[cfg(test)]
mod tests {
    use parcae_domain::pool::MemoryPool;

    use super::*;

    #[test]
    fn attempts_of_a_tenant_share_what_it_has() {
        let (node, pools) = (Arc::new(Pool::of_node(100)), TenantPools::default());
        let (bank, lab) = ("bank".parse().unwrap(), "lab".parse().unwrap());
        let (one, two) = (pools.memory(&node, &bank, Some(50)), pools.memory(&node, &bank, Some(50)));
        let other = pools.memory(&node, &lab, None);
        assert!(one.admit(40).is_ok());
        assert_eq!(two.admit(20).unwrap_err().limit, TENANT_MEMORY);
        assert_eq!((pools.used(&bank), pools.used(&"nobody".parse().unwrap())), (40, 0));
        assert!(other.admit(60).is_ok());
        assert_eq!(other.admit(1).unwrap_err().limit, "memory_pool_bytes");
        other.give_back(60);
        let three = pools.memory(&node, &bank, Some(60));
        assert!(three.admit(20).is_ok(), "a larger quota counts for all that begin from now on");
        one.give_back(60);
        drop((one, two, three));
        assert_eq!(pools.memory(&node, &bank, Some(7)).limit(), 7);
    }
}
