//! API keys that are sent with each request. Checking a secret is slow on purpose: each is checked once and then
//! known again, and few are checked at a time. Whether the key still holds is looked up every time. Not for:
//! signatures (`signature`).

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::http::{HeaderMap, header};
use parcae_node::accounts::{FoundKey, KeyKind, fingerprint, parse_token};
use tokio::sync::Semaphore;

use crate::{
    answer::Refusal,
    caller::Caller,
    lookup::{Lookup, caller},
    signature::refused,
};

/// Secrets that are checked at once; each takes 19 MiB.
const CHECKS: usize = 2;
/// Requests that wait for that.
const WAITING: usize = 32;
/// Tokens that are known again.
const KNOWN: usize = 10_000;

/// What is known of tokens.
pub(crate) struct Bearers {
    /// Fingerprints of those that were checked and are right.
    known: Mutex<HashSet<[u8; 32]>>,
    checks: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// The token of a request.
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn stranger() -> Refusal {
    refused("the API key is unknown to this node, or not right; `parcae tenant key TENANT` makes one")
}

/// One that waits, until it is dropped.
struct Waits<'w>(&'w AtomicUsize);

impl<'w> Waits<'w> {
    fn new(waiting: &'w AtomicUsize) -> Result<Waits<'w>, Refusal> {
        let waits = Waits(waiting);
        if waiting.fetch_add(1, Ordering::AcqRel) >= WAITING {
            return Err(refused("too many API keys are checked at once; send the request again"));
        }
        Ok(waits)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Bearers {
    /// None is known yet.
    pub(crate) fn new() -> Bearers {
        Bearers { known: Mutex::default(), checks: Arc::new(Semaphore::new(CHECKS)), waiting: AtomicUsize::new(0) }
    }

    /// Who sends a token.
    pub(crate) async fn caller(&self, lookup: &Lookup, token: &str, now_ms: i64) -> Result<Caller, Refusal> {
        let (id, secret) = parse_token(token).ok_or_else(stranger)?;
        let key = lookup.key(id).await?.filter(|key| key.view.kind == KeyKind::Bearer).ok_or_else(stranger)?;
        let print = fingerprint(token);
        let key = if self.knows(&print) { key } else { self.check(key, secret, print).await? };
        match key.refusal(now_ms) {
            Some(words) => Err(refused(words)),
            None => {
                lookup.note(id, now_ms);
                Ok(caller(&key))
            }
        }
    }

    fn knows(&self, print: &[u8; 32]) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).contains(print)
    }

    async fn check(&self, key: FoundKey, secret: &str, print: [u8; 32]) -> Result<FoundKey, Refusal> {
        let waits = Waits::new(&self.waiting)?;
        let Ok(turn) = Arc::clone(&self.checks).acquire_owned().await else {
            return Err(Refusal::internal("no thread is given to checks of keys any more"));
        };
        let secret = secret.to_owned();
        let checked = tokio::task::spawn_blocking(move || {
            let is_right = key.is_secret(&secret);
            // Also when the client has left: the memory was taken until now.
            drop(turn);
            (key, is_right)
        });
        let (key, is_right) =
            checked.await.map_err(|e| Refusal::internal(&format!("an API key was not checked: {e}")))?;
        drop(waits);
        if !is_right {
            return Err(stranger());
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(print);
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_in_one_header() {
        let read = |text: &'static str| {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, text.parse().unwrap())]);
            token(&headers).map(str::to_owned)
        };
        assert_eq!(read("Bearer parcae_a_b").as_deref(), Some("parcae_a_b"));
        assert_eq!(read("bearer  parcae_a_b ").as_deref(), Some("parcae_a_b"));
        assert_eq!(read("Basic cGFyY2Fl"), None);
        assert_eq!(read("Bearer"), None);
        assert_eq!(token(&HeaderMap::new()), None);
    }

    #[test]
    fn few_wait_and_who_leaves_makes_room() {
        let waiting = AtomicUsize::new(0);
        let all: Vec<Waits<'_>> = (0..WAITING).map(|_| Waits::new(&waiting).unwrap()).collect();
        let refused = Waits::new(&waiting).err().map(|refusal| format!("{refusal:?}")).unwrap();
        assert!(refused.contains("too many API keys"), "{refused}");
        drop(all);
        assert_eq!(waiting.load(Ordering::Acquire), 0);
        assert!(Waits::new(&waiting).is_ok());
    }
}
