//! Who has an image looked at: that takes minutes for a hostile one, so that one tenant has one at a time, and never
//! all turns. Not for: changing the images (`registry::Locks`).

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use parcae_domain::tenant::TenantId;

/// Images that are looked at together: each may take the memory that a compiler gets.
const AT_ONCE: usize = 2;

/// The turns of a node.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    taken: Mutex<Vec<TenantId>>,
    changed: Condvar,
}

/// One tenant's turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'t> {
    turns: &'t Turns,
    tenant: TenantId,
}

impl Turns {
    fn taken(&self) -> MutexGuard<'_, Vec<TenantId>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn.
    pub(crate) fn take(&self, tenant: &TenantId) -> Turn<'_> {
        let mut taken = self.taken();
        while taken.len() >= AT_ONCE || taken.contains(tenant) {
            taken = self.changed.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        taken.push(tenant.clone());
        Turn { turns: self, tenant: tenant.clone() }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.taken().retain(|other| *other != self.tenant);
        self.turns.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn a_tenant_has_one_turn_and_another_tenant_the_other() {
        let turns = Turns::default();
        let [greedy, modest] = ["greedy", "modest"].map(|name| name.parse::<TenantId>().unwrap());
        let first = turns.take(&greedy);
        let (told, heard) = channel();
        std::thread::scope(|scope| {
            let (turns, greedy) = (&turns, &greedy);
            scope.spawn(move || {
                let _second = turns.take(greedy);
                told.send("the second").unwrap();
            });
            drop(turns.take(&modest));
            assert!(heard.try_recv().is_err(), "two turns of one tenant");
            drop(first);
            assert_eq!(heard.recv(), Ok("the second"));
        });
        assert!(turns.taken().is_empty());
    }
}
