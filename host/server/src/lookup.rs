//! Looks accounts up on threads that may block, a few at a time: every request of a node with accounts waits for it.
//! Not for: what handlers ask the node (`state`).

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use parcae_node::{
    NodeError,
    accounts::{Accounts, FoundKey},
};
use tokio::sync::Semaphore;

use crate::{answer::Refusal, caller::Caller};

/// Look-ups at once; each takes far less than a millisecond.
const AT_ONCE: usize = 16;
/// How often it is noted that a key is used, ms.
const NOTED_EVERY: i64 = 60_000;
/// Keys that are remembered as used lately.
const MOST_USED: usize = 10_000;

/// Now, ms since the epoch.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Who has a key.
pub(crate) fn caller(key: &FoundKey) -> Caller {
    Caller { tenant: key.view.tenant.clone(), scope: key.view.scope, name: key.view.id.clone() }
}

/// The accounts of a node.
pub(crate) struct Lookup {
    accounts: Accounts,
    turns: Arc<Semaphore>,
    /// When the use of a key was noted last, ms since the epoch.
    noted: Mutex<HashMap<String, i64>>,
}

impl Lookup {
    /// Of these accounts.
    pub(crate) fn new(accounts: Accounts) -> Lookup {
        Lookup { accounts, turns: Arc::new(Semaphore::new(AT_ONCE)), noted: Mutex::default() }
    }

    /// Asks the accounts something.
    pub(crate) async fn ask<T, F>(&self, question: F) -> Result<T, Refusal>
    where
        T: Send + 'static,
        F: FnOnce(&Accounts) -> Result<T, NodeError> + Send + 'static,
    {
        let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else {
            return Err(Refusal::internal("no thread is given to look-ups any more"));
        };
        let accounts = self.accounts.clone();
        let answered = tokio::task::spawn_blocking(move || {
            let answer = question(&accounts);
            drop(turn);
            answer
        });
        let answered = answered.await.map_err(|e| Refusal::internal(&format!("accounts were not looked up: {e}")))?;
        answered.map_err(|e| Refusal::internal(&format!("accounts: {e}")))
    }

    /// The key of an id.
    pub(crate) async fn key(&self, id: &str) -> Result<Option<FoundKey>, Refusal> {
        let id = id.to_owned();
        self.ask(move |accounts| accounts.key(&id)).await
    }

    /// Notes that a key was used.
    pub(crate) fn note(&self, id: &str, now_ms: i64) {
        if self.is_to_be_noted(id, now_ms) {
            let (accounts, id) = (self.accounts.clone(), id.to_owned());
            // The request does not wait for the disk.
            tokio::task::spawn_blocking(move || {
                if let Err(error) = accounts.touch(&id) {
                    tracing::warn!("the use of key {id} could not be noted: {error}");
                }
            });
        }
    }

    fn is_to_be_noted(&self, id: &str, now_ms: i64) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(id).is_some_and(|at| now_ms - at < NOTED_EVERY) {
            return false;
        }
        if noted.len() >= MOST_USED {
            noted.clear();
        }
        noted.insert(id.to_owned(), now_ms);
        true
    }
}
