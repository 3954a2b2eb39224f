//! Memory of an attempt: the sum over all its memories and wasm tables, charged to the node's pool before it grows.
//! Reaching the limit ends the attempt with an outcome that says so. Not for: memory of the node behind handles (`account`).

use std::sync::Arc;

use parcae_domain::{limit::Limits, outcome::Outcome, pool::MemoryPool, usage::LiveUsage};
use wasmtime::ResourceLimiter;

use crate::state::Halt;

/// Bytes of the node's memory behind one element of a wasm table: a pointer, and as much again when the table moves.
const ELEMENT_BYTES: u64 = 16;

/// Counts memory and tables of one store.
pub(crate) struct Limiter {
    used: u64,
    limit: u64,
    elements: u64,
    element_limit: u64,
    instances: usize,
    tables: usize,
    memories: usize,
    pool: Arc<dyn MemoryPool>,
    usage: Arc<LiveUsage>,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits, pool: Arc<dyn MemoryPool>) -> Limiter {
        Limiter {
            used: 0,
            limit: limits.memory_bytes,
            elements: 0,
            element_limit: limits.table_elements,
            instances: limits.instances as usize,
            tables: limits.tables as usize,
            memories: limits.memories as usize,
            pool,
            usage: Arc::default(),
        }
    }

    /// The same, and these figures tell how much is in use.
    pub(crate) fn told(mut self, usage: Arc<LiveUsage>) -> Limiter {
        self.usage = usage;
        self
    }

    /// The pool that it is charged to.
    pub(crate) fn pool(&self) -> Arc<dyn MemoryPool> {
        self.pool.clone()
    }

    /// Takes memory, or says which limit is in the way.
    fn take(&mut self, more: u64) -> wasmtime::Result<()> {
        let all = self.used.saturating_add(more);
        if all > self.limit {
            let message = format!("the component asked for {all} bytes of memory, {} are allowed", self.limit);
            return Err(limit("memory_bytes", message));
        }
        self.pool.admit(more).map_err(|full| limit(full.limit, full.message))?;
        self.used = all;
        self.usage.memory(all);
        Ok(())
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        self.pool.give_back(self.used);
    }
}

fn limit(name: &str, message: String) -> wasmtime::Error {
    Halt(Outcome::Limit { limit: name.to_owned(), message }).into()
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, max: Option<usize>) -> wasmtime::Result<bool> {
        if max.is_some_and(|max| desired > max) {
            return Ok(false);
        }
        self.take(desired.saturating_sub(current) as u64)?;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, max: Option<usize>) -> wasmtime::Result<bool> {
        if max.is_some_and(|max| desired > max) {
            return Ok(false);
        }
        let more = desired.saturating_sub(current) as u64;
        let all = self.elements.saturating_add(more);
        if all > self.element_limit {
            let message = format!("{all} elements of wasm tables, {} are allowed", self.element_limit);
            return Err(limit("table_elements", message));
        }
        self.take(more.saturating_mul(ELEMENT_BYTES))?;
        self.elements = all;
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.tables
    }

    fn memories(&self) -> usize {
        self.memories
    }
}

#[cfg(test)]
mod tests {
    use parcae_domain::pool::Pool;

    use super::*;

    #[test]
    fn memory_is_summed_and_given_back() {
        let pool = Arc::new(Pool::of_node(1000));
        let limits = Limits { memory_bytes: 600, table_elements: 100, ..Limits::default() };
        let mut one = Limiter::new(&limits, pool.clone());
        let mut two = Limiter::new(&limits, pool.clone());
        assert!(one.memory_growing(0, 300, None).unwrap() && one.memory_growing(0, 300, None).unwrap());
        assert!(one.memory_growing(300, 301, None).unwrap_err().to_string().contains("limit memory_bytes"));
        assert!(two.memory_growing(0, 300, None).unwrap());
        assert!(two.table_growing(0, 10, None).unwrap_err().to_string().contains("limit memory_pool_bytes"));
        assert!(!two.memory_growing(300, 400, Some(350)).unwrap(), "more than the memory itself declares");
        drop(one);
        assert!(two.table_growing(0, 10, None).unwrap());
        assert_eq!(pool.used(), 300 + 10 * ELEMENT_BYTES);
        assert!(two.table_growing(0, 101, None).unwrap_err().to_string().contains("limit table_elements"));
        drop(two);
        assert_eq!(pool.used(), 0);
    }
}
