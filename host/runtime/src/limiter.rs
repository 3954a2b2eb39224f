//! Memory of an attempt: the sum over all its memories, charged to the node's pool before it grows. Reaching the limit ends
//! the attempt with an outcome that says so. Not for: memory of the node behind handles (`state::Charge`).

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use parcae_domain::{limit::Limits, outcome::Outcome};
use wasmtime::ResourceLimiter;

use crate::state::Halt;

/// Counts memory and tables of one store.
pub(crate) struct Limiter {
    used: u64,
    peak: u64,
    limit: u64,
    elements: u64,
    element_limit: u64,
    instances: usize,
    pool: Arc<AtomicU64>,
    pool_limit: u64,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits, pool: Arc<AtomicU64>, pool_limit: u64) -> Limiter {
        Limiter {
            used: 0,
            peak: 0,
            limit: limits.memory_bytes,
            elements: 0,
            element_limit: limits.table_elements,
            instances: limits.instances as usize,
            pool,
            pool_limit,
        }
    }

    /// Most linear memory that was in use, bytes.
    pub(crate) fn peak(&self) -> u64 {
        self.peak
    }
}

impl Drop for Limiter {
    fn drop(&mut self) {
        self.pool.fetch_sub(self.used, Ordering::AcqRel);
    }
}

fn limit(name: &str, message: String) -> wasmtime::Error {
    Halt(Outcome::Limit { limit: name.to_owned(), message }).into()
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _max: Option<usize>) -> wasmtime::Result<bool> {
        let more = desired.saturating_sub(current) as u64;
        if self.used + more > self.limit {
            let message =
                format!("the component asked for {} bytes of memory, {} are allowed", self.used + more, self.limit);
            return Err(limit("memory_bytes", message));
        }
        if self.pool.fetch_add(more, Ordering::AcqRel) + more > self.pool_limit {
            self.pool.fetch_sub(more, Ordering::AcqRel);
            let message = format!("all attempts of the node together may use {} bytes of memory", self.pool_limit);
            return Err(limit("memory_pool_bytes", message));
        }
        self.used += more;
        self.peak = self.peak.max(self.used);
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _max: Option<usize>) -> wasmtime::Result<bool> {
        self.elements += desired.saturating_sub(current) as u64;
        if self.elements > self.element_limit {
            let message = format!("{} elements of wasm tables, {} are allowed", self.elements, self.element_limit);
            return Err(limit("table_elements", message));
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        self.instances
    }

    fn tables(&self) -> usize {
        self.instances
    }

    fn memories(&self) -> usize {
        self.instances
    }
}
