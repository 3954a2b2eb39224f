//! Memory that many share: what components grow, what stands behind their handles, messages that wait to be read. It is
//! admitted before it is allocated. Not for: limits of one attempt (`limit`).

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Why there is no more memory: the name of the limit, and what is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Full {
    /// `memory_pool_bytes`.
    pub limit: &'static str,
    /// Words for people.
    pub message: String,
}

/// Gives memory and takes it back. One stands in the node, one in a worker process, where it asks the node's.
pub trait MemoryPool: Send + Sync {
    /// Takes so many bytes, or none.
    fn admit(&self, bytes: u64) -> Result<(), Full>;
    /// Gives back what was taken.
    fn give_back(&self, bytes: u64);
}

/// So many bytes for all who share it, and perhaps a part of a larger pool.
#[derive(Debug)]
pub struct Pool {
    name: &'static str,
    /// Who shares it, for an error.
    whose: &'static str,
    limit: AtomicU64,
    used: AtomicU64,
    part_of: Option<Arc<Pool>>,
}

impl Pool {
    /// The pool of a node.
    pub fn of_node(limit: u64) -> Pool {
        let (limit, used) = (AtomicU64::new(limit), AtomicU64::new(0));
        Pool { name: "memory_pool_bytes", whose: "all attempts of the node", limit, used, part_of: None }
    }

    /// A part of a pool, under a limit of its own: `name` is the limit's, `whose` says who shares it.
    pub fn part_of(pool: Arc<Pool>, name: &'static str, whose: &'static str, limit: u64) -> Pool {
        let (limit, used) = (AtomicU64::new(limit), AtomicU64::new(0));
        Pool { name, whose, limit, used, part_of: Some(pool) }
    }

    /// Bytes that are taken.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Acquire)
    }

    /// Bytes that there are.
    pub fn limit(&self) -> u64 {
        self.limit.load(Ordering::Acquire)
    }

    /// Makes it larger or smaller; what is taken already stays.
    pub fn set_limit(&self, limit: u64) {
        self.limit.store(limit, Ordering::Release);
    }
}

impl Default for Pool {
    /// One without a limit.
    fn default() -> Pool {
        Pool::of_node(u64::MAX)
    }
}

impl MemoryPool for Pool {
    fn admit(&self, bytes: u64) -> Result<(), Full> {
        let limit = self.limit();
        let more = |used: u64| used.checked_add(bytes).filter(|used| *used <= limit);
        if self.used.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).is_err() {
            let message = format!("{} together may use {limit} bytes of memory", self.whose);
            return Err(Full { limit: self.name, message });
        }
        let rest = self.part_of.as_ref().map_or(Ok(()), |pool| pool.admit(bytes));
        if rest.is_err() {
            self.used.fetch_sub(bytes, Ordering::AcqRel);
        }
        rest
    }

    fn give_back(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::AcqRel);
        if let Some(pool) = &self.part_of {
            pool.give_back(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_gives_what_it_has_and_no_more() {
        let pool = Pool::of_node(10);
        assert_eq!((pool.admit(6), pool.used()), (Ok(()), 6));
        let full = pool.admit(5).unwrap_err();
        assert_eq!((full.limit, pool.used()), ("memory_pool_bytes", 6));
        assert!(full.message.contains("10 bytes"), "{}", full.message);
        assert!(pool.admit(u64::MAX).is_err());
        pool.give_back(6);
        assert_eq!((pool.admit(10), pool.used()), (Ok(()), 10));
    }

    #[test]
    fn a_part_takes_of_the_whole() {
        let node = Arc::new(Pool::of_node(10));
        let one = Pool::part_of(node.clone(), "memory_bytes", "all attempts of the tenant", 8);
        let two = Pool::part_of(node.clone(), "memory_bytes", "all attempts of the tenant", 8);
        assert!(one.admit(8).is_ok());
        assert_eq!(one.admit(1).unwrap_err().limit, "memory_bytes");
        assert_eq!(two.admit(3).unwrap_err().limit, "memory_pool_bytes");
        assert_eq!((one.used(), two.used(), node.used()), (8, 0, 8));
        one.give_back(8);
        assert!(two.admit(8).is_ok());
        assert_eq!(node.used(), 8);
    }
}
