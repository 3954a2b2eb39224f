//! What attempts are about to store: claimed before it is written, so that attempts that run beside each other do not
//! pass their tenant's quota together. Not for: what is stored (`metadata`), which quotas there are (`quotas`).

use std::collections::HashMap;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use parcae_domain::{
    page::Page,
    port::{PortError, TableFile, TableWriter},
    tenant::TenantId,
};

use crate::site::Site;
use crate::world::AttemptWorld;

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// Bytes of tables.
    Tables,
    /// Bytes of logs.
    Logs,
}

/// All claims, by whose they are.
#[derive(Debug, Default)]
pub(crate) struct Claims(Mutex<HashMap<(TenantId, Kind), Arc<AtomicU64>>>);

/// Bytes that are about to be stored; given up when it is dropped, as they are stored by then or never will be.
#[derive(Debug)]
pub(crate) struct Claim {
    all: Arc<AtomicU64>,
    bytes: u64,
}

impl Claims {
    /// Nothing yet, of a tenant.
    fn begin(&self, tenant: &TenantId, kind: Kind) -> Claim {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Claim { all: all.entry((tenant.clone(), kind)).or_default().clone(), bytes: 0 }
    }

    /// What a tenant's attempts claim.
    pub(crate) fn of(&self, tenant: &TenantId, kind: Kind) -> u64 {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&(tenant.clone(), kind)).map_or(0, |all| all.load(Ordering::Acquire))
    }
}

impl Claim {
    /// Claims more when all claims together then come to no more than this; false, and nothing changes, otherwise.
    fn grow(&mut self, more: u64, most: u64) -> bool {
        let fits = |all: u64| all.checked_add(more).filter(|all| *all <= most);
        let grown = self.all.fetch_update(Ordering::AcqRel, Ordering::Acquire, fits).is_ok();
        self.bytes += if grown { more } else { 0 };
        grown
    }

    /// Claims what is left below this, but no more than `wanted`; how much that is.
    fn take_rest(&mut self, wanted: u64, most: u64) -> u64 {
        let mut taken = 0;
        let grow = |all: u64| {
            taken = wanted.min(most.saturating_sub(all));
            Some(all + taken)
        };
        // Never fails, as it always has an answer.
        let _ = self.all.fetch_update(Ordering::AcqRel, Ordering::Acquire, grow);
        self.bytes += taken;
        taken
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.all.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// A writer that stops when its tenant has no more room.
struct Bounded {
    writer: Box<dyn TableWriter>,
    claim: Claim,
    /// What all claims may come to.
    left: u64,
    quota: u64,
}

fn tables_full(quota: u64) -> PortError {
    let message = format!("the tenant may store {quota} bytes of tables: delete some that are not needed");
    PortError::Limit("table_bytes of the tenant".into(), message)
}

impl TableWriter for Bounded {
    fn append(&mut self, page: &Page) -> Result<(), PortError> {
        if !self.claim.grow(page.byte_len() as u64, self.left) {
            return Err(tables_full(self.quota));
        }
        self.writer.append(page)
    }

    fn finish(self: Box<Self>) -> Result<TableFile, PortError> {
        self.writer.finish()
    }
}

impl AttemptWorld {
    /// What tables may be claimed, and the quota behind that; none when there is no quota.
    fn room_for_tables(&self) -> Result<Option<(u64, u64)>, PortError> {
        let Some(quota) = self.site.quotas(&self.attempt.tenant).table_bytes else { return Ok(None) };
        let stored = self.site.store.table_bytes(self.attempt.tenant.as_str());
        let stored = stored.map_err(|e| PortError::Node(format!("tables of the tenant: {e}")))?;
        Ok(Some((quota.saturating_sub(stored), quota)))
    }

    /// A writer that keeps to the tenant's quota.
    pub(crate) fn within_quota(&self, writer: Box<dyn TableWriter>) -> Result<Box<dyn TableWriter>, PortError> {
        let Some((left, quota)) = self.room_for_tables()? else { return Ok(writer) };
        if left == 0 {
            return Err(tables_full(quota));
        }
        let claim = self.site.claims.begin(&self.attempt.tenant, Kind::Tables);
        Ok(Box::new(Bounded { writer, claim, left, quota }))
    }

    /// Claims a finished table until the end of the attempt is stored.
    pub(crate) fn claim_table(&self, file: &TableFile) -> Result<(), PortError> {
        let Some((left, quota)) = self.room_for_tables()? else { return Ok(()) };
        let mut claim = self.site.claims.begin(&self.attempt.tenant, Kind::Tables);
        if !claim.grow(file.bytes, left) {
            return Err(tables_full(quota));
        }
        self.outputs().claims.push(claim);
        Ok(())
    }
}

impl Site {
    /// How much an attempt may log of what it is allowed, and the claim for it; all of it when there is no quota.
    pub(crate) fn claim_logs(&self, tenant: &TenantId, wanted: u64) -> (u64, Option<Claim>) {
        let Some(quota) = self.quotas(tenant).log_bytes else { return (wanted, None) };
        // What cannot be looked up is none: the attempt runs all the same.
        let stored = self.store.log_bytes(tenant.as_str()).unwrap_or(quota);
        let mut claim = self.claims.begin(tenant, Kind::Logs);
        (claim.take_rest(wanted, quota.saturating_sub(stored)), Some(claim))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_of_a_tenant_come_together_and_go_with_their_attempts() {
        let claims = Claims::default();
        let (bank, lab) = ("bank".parse().unwrap(), "lab".parse().unwrap());
        let mut one = claims.begin(&bank, Kind::Tables);
        let mut two = claims.begin(&bank, Kind::Tables);
        assert!(one.grow(60, 100) && !two.grow(50, 100) && two.grow(40, 100) && !one.grow(1, 100));
        let of = |tenant, kind| claims.of(tenant, kind);
        assert_eq!((of(&bank, Kind::Tables), of(&bank, Kind::Logs), of(&lab, Kind::Tables)), (100, 0, 0));
        drop(one);
        assert_eq!((two.take_rest(100, 70), two.take_rest(100, 70)), (30, 0));
        assert_eq!(claims.of(&bank, Kind::Tables), 70);
        drop(two);
        assert_eq!(claims.of(&bank, Kind::Tables), 0);
    }
}
