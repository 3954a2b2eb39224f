//! How many streams of lines are open, so that one tenant cannot have thousands. Not for: what they say (`stream`).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use parcae_domain::tenant::TenantId;

/// Streams that one tenant may have open.
pub(super) const EACH: usize = 64;

/// The streams that are open, by tenant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams {
    open: Arc<Mutex<HashMap<TenantId, usize>>>,
}

/// A stream, counted until it is dropped.
#[derive(Debug)]
pub(super) struct OpenStream {
    streams: Streams,
    tenant: TenantId,
}

impl Streams {
    /// One more; none when the tenant has as many as it may have.
    pub(super) fn take(&self, tenant: &TenantId) -> Option<OpenStream> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(tenant.clone()).or_default();
        if *count >= EACH {
            return None;
        }
        *count += 1;
        Some(OpenStream { streams: self.clone(), tenant: tenant.clone() })
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_few() {
        let streams = Streams::default();
        let [one, other] = ["one", "other"].map(|name| name.parse::<TenantId>().unwrap());
        let mut held: Vec<OpenStream> = (0..EACH).filter_map(|_| streams.take(&one)).collect();
        assert!(held.len() == EACH && streams.take(&one).is_none() && streams.take(&other).is_some());
        held.pop();
        assert!(streams.take(&one).is_some());
        drop(held);
        assert!(streams.open.lock().unwrap().is_empty());
    }
}
