//! Whose turn it is: tenants share what there is by their weights. What each has used is counted as it uses it, and
//! who has least for its weight is next. Nobody saves up: one that comes begins where those are that are there
//! already, and nobody falls behind the others by more than a few minutes. Not for: which of its jobs a tenant starts
//! (`queue`), whether it fits (`admission`).

use std::collections::{BTreeMap, BTreeSet};

use parcae_domain::tenant::TenantId;

/// What tenants may use at a time, and how they share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Attempts of the node that run at a time; none = any number.
    pub attempts: Option<u64>,
    /// Of tenants that are not named.
    pub everybody: TenantShare,
    /// Of these.
    pub tenants: BTreeMap<TenantId, TenantShare>,
}

/// What one tenant may use at a time, and its share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantShare {
    /// Share of the node against those of the others, at least 1.
    pub weight: u64,
    /// Attempts of it that run at a time; none = as many as the node's.
    pub attempts: Option<u64>,
}

impl Default for TenantShare {
    fn default() -> TenantShare {
        TenantShare { weight: 1, attempts: None }
    }
}

/// Largest weight.
const HEAVIEST: u64 = 1_000_000;

impl Shares {
    /// What a tenant has.
    pub fn of(&self, tenant: &TenantId) -> TenantShare {
        let share = self.tenants.get(tenant).copied().unwrap_or(self.everybody);
        TenantShare { weight: share.weight.clamp(1, HEAVIEST), ..share }
    }
}

/// A millisecond of all that there is, for weight 1; large, so that it can be divided by cores and weights.
const MS: u128 = 1_000_000_000_000;
/// For how long what a tenant has now counts ahead, as nobody knows how long its jobs will take.
const AHEAD_MS: u64 = 60_000;
/// How far a tenant falls behind the one that used most: so much it may catch up with, and no more.
const BEHIND_MS: u128 = 300_000;

/// What each tenant has used of one resource, as a part of all that there is and for weight 1.
#[derive(Debug)]
pub struct Ledger {
    /// How much there is: cores, places.
    total: u64,
    used: BTreeMap<TenantId, u128>,
    /// Those that use it or wait for it.
    active: BTreeSet<TenantId>,
    /// Where one begins that comes: what those that were there had all used.
    floor: u128,
}

impl Ledger {
    /// Of a resource of which there is so much.
    pub fn new(total: u64) -> Ledger {
        Ledger { total: total.max(1), used: BTreeMap::new(), active: BTreeSet::new(), floor: 0 }
    }

    /// Takes down that a tenant of this weight had a part of it for so long.
    pub fn charge(&mut self, tenant: &TenantId, part: u64, ms: u64, weight: u64) {
        let more = self.weighed(part, ms, weight);
        *self.used.entry(tenant.clone()).or_insert(self.floor) += more;
    }

    /// Who uses it or waits for it from now on.
    pub fn level(&mut self, active: BTreeSet<TenantId>) {
        if let Some(least) = active.intersection(&self.active).map(|tenant| self.used(tenant)).min() {
            self.floor = self.floor.max(least);
        }
        let most = active.iter().map(|tenant| self.used(tenant)).max().unwrap_or(0);
        let behind = most.saturating_sub(BEHIND_MS * MS);
        for tenant in &active {
            let least = if self.active.contains(tenant) { behind } else { behind.max(self.floor) };
            let used = self.used.entry(tenant.clone()).or_default();
            *used = least.max(*used);
        }
        // Who has left and is at the floor would begin there anyway.
        let floor = self.floor;
        self.used.retain(|tenant, used| active.contains(tenant) || *used > floor);
        self.active = active;
    }

    /// The lower, the sooner it is the turn of a tenant of this weight that has such a part now.
    pub fn score(&self, tenant: &TenantId, part: u64, weight: u64) -> u128 {
        self.used(tenant) + self.weighed(part, AHEAD_MS, weight)
    }

    fn weighed(&self, part: u64, ms: u64, weight: u64) -> u128 {
        u128::from(part) * u128::from(ms) * MS / (u128::from(self.total) * u128::from(weight.max(1)))
    }

    fn used(&self, tenant: &TenantId) -> u128 {
        self.used.get(tenant).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> TenantId {
        name.parse().unwrap()
    }

    fn names(list: &[&TenantId]) -> BTreeSet<TenantId> {
        list.iter().map(|tenant| (*tenant).clone()).collect()
    }

    #[test]
    fn who_comes_begins_where_the_others_are() {
        let (old, new) = (tenant("old"), tenant("new"));
        let mut ledger = Ledger::new(1);
        ledger.level(names(&[&old]));
        ledger.charge(&old, 8, 3_600_000, 1);
        ledger.level(names(&[&old]));
        ledger.level(names(&[&old, &new]));
        assert_eq!(ledger.score(&new, 0, 1), ledger.score(&old, 0, 1));
        ledger.charge(&old, 1, 10, 1);
        assert!(ledger.score(&new, 0, 1) < ledger.score(&old, 0, 1), "it is next when a core is free");
    }

    #[test]
    fn who_leaves_takes_nothing_along_and_leaves_no_debt_behind() {
        let (a, b) = (tenant("a"), tenant("b"));
        let mut ledger = Ledger::new(1);
        ledger.level(names(&[&a, &b]));
        ledger.charge(&a, 1, 100_000, 1);
        ledger.level(names(&[&b]));
        ledger.level(names(&[&a, &b]));
        assert!(ledger.score(&b, 0, 1) < ledger.score(&a, 0, 1), "leaving for a moment does not help");
        ledger.charge(&a, 4, 3_600_000, 1);
        ledger.level(names(&[&a, &b]));
        let behind = ledger.score(&a, 0, 1) - ledger.score(&b, 0, 1);
        assert_eq!(behind, BEHIND_MS * MS, "nobody has to make up for hours");
    }

    #[test]
    fn weights_divide_and_bounded_ones_only() {
        let heavy = TenantShare { weight: 3, attempts: None };
        let shares = Shares { tenants: BTreeMap::from([(tenant("a"), heavy)]), ..Shares::default() };
        assert_eq!((shares.of(&tenant("a")).weight, shares.of(&tenant("b")).weight), (3, 1));
        let none = Shares { everybody: TenantShare { weight: 0, attempts: None }, ..Shares::default() };
        assert_eq!(none.of(&tenant("a")).weight, 1);
        let mut ledger = Ledger::new(1);
        ledger.charge(&tenant("a"), 1, 30, 3);
        ledger.charge(&tenant("b"), 1, 10, 1);
        assert_eq!(ledger.score(&tenant("a"), 3, 3), ledger.score(&tenant("b"), 1, 1));
    }
}
