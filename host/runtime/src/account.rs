//! What an attempt has of the node's memory behind its handles: counted for the attempt, and charged to the pool that all
//! attempts share. Not for: the component's own memory (`limiter`).

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use parcae_domain::pool::{Full, MemoryPool};

/// Bytes that one attempt holds.
pub(crate) struct Account {
    used: AtomicU64,
    pool: Option<Arc<dyn MemoryPool>>,
}

impl Account {
    /// Nothing yet, charged to this pool.
    pub(crate) fn of(pool: Arc<dyn MemoryPool>) -> Arc<Account> {
        Arc::new(Account { used: AtomicU64::new(0), pool: Some(pool) })
    }

    /// Nothing yet; what is counted is no memory.
    pub(crate) fn counter() -> Arc<Account> {
        Arc::new(Account { used: AtomicU64::new(0), pool: None })
    }

    /// What is held now.
    pub(crate) fn used(&self) -> u64 {
        self.used.load(Ordering::Acquire)
    }

    /// Takes so much; it is given back when the charge is dropped.
    pub(crate) fn take(self: &Arc<Account>, bytes: u64) -> Result<Charge, Full> {
        if let Some(pool) = &self.pool {
            pool.admit(bytes)?;
        }
        self.used.fetch_add(bytes, Ordering::AcqRel);
        Ok(Charge { bytes, account: self.clone() })
    }

    fn give_back(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::AcqRel);
        if let Some(pool) = &self.pool {
            pool.give_back(bytes);
        }
    }
}

impl Drop for Account {
    /// What was kept until the attempt's end.
    fn drop(&mut self) {
        self.give_back(self.used());
    }
}

/// What stands behind a handle, given back when it is dropped.
pub(crate) struct Charge {
    bytes: u64,
    account: Arc<Account>,
}

impl Charge {
    /// Takes over what another holds.
    pub(crate) fn join(&mut self, mut other: Charge) {
        self.bytes += std::mem::take(&mut other.bytes);
    }

    /// Holds it until the attempt ends.
    pub(crate) fn keep(mut self) {
        self.bytes = 0;
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.account.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use parcae_domain::pool::Pool;

    use super::*;

    #[test]
    fn everything_comes_back_with_the_last_of_the_attempt() {
        let pool = Arc::new(Pool::of_node(100));
        let account = Account::of(pool.clone());
        let (mut one, two, three) = (account.take(10).unwrap(), account.take(20).unwrap(), account.take(30).unwrap());
        assert!(account.take(50).is_err());
        one.join(two);
        three.keep();
        assert_eq!((account.used(), pool.used()), (60, 60));
        drop(one);
        assert_eq!((account.used(), pool.used()), (30, 30));
        drop(account);
        assert_eq!(pool.used(), 0);
    }
}
