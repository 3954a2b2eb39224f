//! API keys that are sent with each request. Checking a secret is slow on purpose: each is checked once and then
//! known again, and few are checked at a time. Whether the key still holds is looked up every time. Not for:
//! signatures (`signature`).

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use axum::http::{HeaderMap, header};
use parcae_domain::tenant::TenantId;
use parcae_node::accounts::{FoundKey, KeyKind, fingerprint, parse_token};

use crate::{
    answer::Refusal,
    caller::Caller,
    lookup::{Lookup, caller},
    shares::Shares,
    signature::refused,
};

/// Secrets that are checked at once, in all and for keys of one tenant; each takes 19 MiB. Who knows the id of a key
/// can have wrong secrets checked without end, and everybody knows the ids of their own keys.
const CHECKS: (usize, usize) = (2, 1);
/// Requests with keys of one tenant that wait for that.
const WAITING: usize = 32;
/// Tokens that are known again.
const KNOWN: usize = 10_000;

/// What is known of tokens.
pub(crate) struct Bearers {
    /// Fingerprints of those that were checked and are right.
    known: Mutex<HashSet<[u8; 32]>>,
    checks: Shares,
    waiting: Waiting,
}

/// How many requests wait, by tenant.
type Waiting = Mutex<HashMap<TenantId, usize>>;

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
struct Waits<'w> {
    waiting: &'w Waiting,
    tenant: TenantId,
}

impl<'w> Waits<'w> {
    fn new(waiting: &'w Waiting, tenant: &TenantId) -> Result<Waits<'w>, Refusal> {
        let mut all = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let own = all.entry(tenant.clone()).or_default();
        if *own >= WAITING {
            return Err(refused("too many API keys are checked at once; send the request again"));
        }
        *own += 1;
        Ok(Waits { waiting, tenant: tenant.clone() })
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        let mut all = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.get(&self.tenant).map_or(0, |own| own.saturating_sub(1));
        if left == 0 {
            all.remove(&self.tenant);
        } else {
            all.insert(self.tenant.clone(), left);
        }
    }
}

impl Bearers {
    /// None is known yet.
    pub(crate) fn new() -> Bearers {
        Bearers { known: Mutex::default(), checks: Shares::new(CHECKS.0, CHECKS.1), waiting: Mutex::default() }
    }

    /// Who sends a token.
    pub(crate) async fn caller(&self, lookup: &Lookup, token: &str, now_ms: i64) -> Result<Caller, Refusal> {
        let (id, secret) = parse_token(token).ok_or_else(stranger)?;
        let key = lookup.key(id).await?.filter(|key| key.view.kind == KeyKind::Bearer).ok_or_else(stranger)?;
        let print = fingerprint(token);
        let key = if self.knows(&print) {
            key
        } else {
            self.check(key, secret, print).await?;
            // That may have taken a while, in which the key was revoked.
            lookup.key(id).await?.ok_or_else(stranger)?
        };
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

    /// Whether a secret is that of a key.
    async fn check(&self, key: FoundKey, secret: &str, print: [u8; 32]) -> Result<(), Refusal> {
        let waits = Waits::new(&self.waiting, &key.view.tenant)?;
        let Some(turn) = self.checks.take(&key.view.tenant).await else {
            return Err(Refusal::internal("no thread is given to checks of keys any more"));
        };
        let secret = secret.to_owned();
        let checked = tokio::task::spawn_blocking(move || {
            let is_right = key.is_secret(&secret);
            // Also when the client has left: the memory was taken until now.
            drop(turn);
            is_right
        });
        let is_right = checked.await.map_err(|e| Refusal::internal(&format!("an API key was not checked: {e}")))?;
        drop(waits);
        if !is_right {
            return Err(stranger());
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(print);
        Ok(())
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
        let waiting = Waiting::default();
        let [greedy, modest] = ["greedy", "modest"].map(|name| name.parse::<TenantId>().unwrap());
        let all: Vec<Waits<'_>> = (0..WAITING).map(|_| Waits::new(&waiting, &greedy).unwrap()).collect();
        let refused = Waits::new(&waiting, &greedy).err().map(|refusal| format!("{refusal:?}")).unwrap();
        assert!(refused.contains("too many API keys"), "{refused}");
        assert!(Waits::new(&waiting, &modest).is_ok(), "others do not wait for these");
        drop(all);
        assert!(waiting.lock().unwrap().is_empty());
        assert!(Waits::new(&waiting, &greedy).is_ok());
    }
}
