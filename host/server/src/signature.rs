//! Requests that are signed as FATE's clients sign them, by clients of the configuration or by keys of tenants; what
//! is not right is answered with retcode 109. Not for: how a signature is made (`api`), what a client may do
//! (`gate`).

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::Request,
    http::{HeaderMap, Uri},
};
use parcae_api::{
    retcode,
    signature::{APP_KEY, NONCE, Pieces, SIGNATURE, Secret, TIMESTAMP},
};
use parcae_node::{
    NodeError,
    accounts::{DISABLED, KeyKind},
};

use crate::{
    answer::Refusal,
    body,
    caller::Caller,
    clients::Client,
    lookup::{Lookup, caller},
    nonces::{Nonces, Refused},
    shares::Shares,
    signed_body::{FieldsUnsigned, SignedBody},
};

/// How far the clocks of client and node may be apart, ms.
const WINDOW: i64 = 60_000;
/// Longest nonce, bytes.
const MAX_NONCE: usize = 256;
/// Forms that are received at once before it is known who sent them, in all and with the keys of one tenant: each may
/// fill a gigabyte of the disk.
const SPOOLS: (usize, usize) = (4, 2);
/// The cure of nearly everything.
const CURE: &str = "sign with `flow init --app-key KEY --secret-key SECRET`, or with the same options of parcae; or \
                    send an API key as `Authorization: Bearer KEY`";

/// Knows the clients, and which of their requests came already.
pub(crate) struct Verifier {
    clients: BTreeMap<String, Client>,
    /// Where keys are that were made while the node ran.
    lookup: Option<Arc<Lookup>>,
    /// Where bodies are kept that are too large for memory.
    folder: PathBuf,
    spools: Shares,
    /// Nonces of requests that were sent before are not known any more.
    opened_ms: i64,
    nonces: Mutex<Nonces>,
}

/// What a request may be signed with.
struct Known {
    secret: Secret,
    /// Who signs with it.
    caller: Caller,
    /// Why it does not help any more.
    refusal: Option<&'static str>,
}

/// What the headers of a request say.
#[derive(Debug)]
struct Claim {
    timestamp: String,
    sent_ms: i64,
    nonce: String,
    app_key: String,
    signature: String,
}

/// Retcode 109.
pub(crate) fn refused(text: &str) -> Refusal {
    Refusal::code(retcode::AUTHENTICATION_ERROR, &format!("authentication failed: {text}"))
}

/// Which of the two is wrong is nobody's business.
fn stranger() -> Refusal {
    refused(&format!("APP_KEY is unknown to this node, or SIGNATURE is not right; {CURE}"))
}

impl Verifier {
    /// For these clients and the keys of a node that was opened at a time.
    pub(crate) fn new(
        clients: BTreeMap<String, Client>,
        lookup: Option<Arc<Lookup>>,
        folder: PathBuf,
        opened_ms: i64,
    ) -> Verifier {
        let spools = Shares::new(SPOOLS.0, SPOOLS.1);
        Verifier { clients, lookup, folder, spools, opened_ms, nonces: Mutex::default() }
    }

    /// The request as it was, and who signed it.
    pub(crate) async fn admit(&self, request: Request, now_ms: i64) -> Result<(Request, Caller), Refusal> {
        let (mut parts, body) = request.into_parts();
        let (known, claim) = match self.claimed(&parts.headers, now_ms).await {
            Ok(claimed) => claimed,
            Err(refusal) => {
                // So that the client gets the answer rather than a broken connection.
                body::skip(body).await;
                return Err(refusal);
            }
        };
        let (whose, room) = ((&known.caller.tenant, body), (&*self.folder, &self.spools));
        let signed = SignedBody::read(&parts.uri, &parts.headers, whose, room).await?;
        let target = target(&parts.uri);
        let checked = if signed.pieces.iter().any(|(body, form)| claim.holds(&known.secret, &target, body, form)) {
            let first = self.first_time(&claim, now_ms);
            first.and_then(|()| known.refusal.map_or(Ok(()), |words| Err(refused(words))))
        } else {
            Err(stranger())
        };
        if let Err(refusal) = checked {
            body::skip(signed.body).await;
            return Err(refusal);
        }
        if signed.fields_unsigned {
            parts.extensions.insert(FieldsUnsigned);
        }
        if let Some(lookup) = self.lookup.as_ref().filter(|_| !self.clients.contains_key(&claim.app_key)) {
            lookup.note(&claim.app_key, now_ms);
        }
        Ok((Request::from_parts(parts, signed.body), known.caller))
    }

    /// What a request claims, and what it must be signed with for that.
    async fn claimed(&self, headers: &HeaderMap, now_ms: i64) -> Result<(Known, Claim), Refusal> {
        let claim = Claim::read(headers, now_ms)?;
        let known = match self.clients.get(&claim.app_key) {
            Some(client) => self.client(&claim.app_key, client).await?,
            None => self.key(&claim.app_key, now_ms).await?,
        };
        Ok((known, claim))
    }

    async fn client(&self, app_key: &str, client: &Client) -> Result<Known, Refusal> {
        let Client { secret, tenant, scope } = client.clone();
        let caller = Caller { tenant: tenant.clone(), scope, name: app_key.to_owned() };
        let Some(lookup) = &self.lookup else { return Ok(Known { secret, caller, refusal: None }) };
        // A tenant that only the configuration names has no account that could be disabled.
        let is_disabled = lookup.ask(move |accounts| match accounts.tenant(&tenant) {
            Ok(account) => Ok(account.disabled),
            Err(NodeError::NotFound(_)) => Ok(false),
            Err(other) => Err(other),
        });
        let refusal = is_disabled.await?.then_some(DISABLED);
        Ok(Known { secret, caller, refusal })
    }

    async fn key(&self, id: &str, now_ms: i64) -> Result<Known, Refusal> {
        let (lookup, id) = (self.lookup.as_ref().ok_or_else(stranger)?, id.to_owned());
        let found = lookup.ask(move |accounts| {
            let Some(key) = accounts.key(&id)?.filter(|key| key.view.kind == KeyKind::Signing) else { return Ok(None) };
            Ok(accounts.signing_secret(&key)?.map(|secret| (key, secret)))
        });
        let (key, secret) = found.await?.ok_or_else(stranger)?;
        let refusal = key.refusal(now_ms);
        Ok(Known { secret: Secret::new(secret), caller: caller(&key), refusal })
    }

    fn first_time(&self, claim: &Claim, now_ms: i64) -> Result<(), Refusal> {
        // At most for as long after the start as clocks may be apart: what is older is refused anyway.
        if claim.sent_ms < self.opened_ms {
            return Err(refused("the node was just started, after this request was sent: send the request again"));
        }
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        match nonces.take(&claim.app_key, &claim.nonce, claim.sent_ms.saturating_add(WINDOW), now_ms) {
            Ok(()) => Ok(()),
            Err(Refused::Seen) => Err(refused("a request with this NONCE came before; each needs one of its own")),
            Err(Refused::Full) => Err(refused("more requests came within a minute than the node can tell apart; wait")),
        }
    }
}

impl Claim {
    /// Whether the signature is that of these pieces.
    fn holds(&self, secret: &Secret, target: &str, body: &[u8], form: &str) -> bool {
        let Claim { timestamp, nonce, app_key, signature, .. } = self;
        Pieces { timestamp, nonce, app_key, target, body, form }.is_signed(secret, signature)
    }

    fn read(headers: &HeaderMap, now_ms: i64) -> Result<Claim, Refusal> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty());
        let app_key = text(APP_KEY).or_else(|| text("app-key"));
        let (timestamp, nonce, app_key, signature) = match (text(TIMESTAMP), text(NONCE), app_key, text(SIGNATURE)) {
            (Some(timestamp), Some(nonce), Some(app_key), Some(signature)) => (timestamp, nonce, app_key, signature),
            (timestamp, nonce, app_key, signature) => {
                let all = [("TIMESTAMP", timestamp), ("NONCE", nonce), ("APP_KEY", app_key), ("SIGNATURE", signature)];
                let missing = all.into_iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name);
                let missing = missing.collect::<Vec<_>>().join(",");
                return Err(refused(&format!("the request is not signed, headers are missing: {missing}; {CURE}")));
            }
        };
        let Ok(sent_ms) = timestamp.trim().parse::<i64>() else {
            return Err(refused("TIMESTAMP is no whole number of milliseconds"));
        };
        if sent_ms.abs_diff(now_ms) > WINDOW.unsigned_abs() {
            let text = "TIMESTAMP is more than 60 seconds off; set the clock of the client, or that of the node";
            return Err(refused(text));
        }
        if nonce.len() > MAX_NONCE {
            return Err(refused(&format!("NONCE is longer than {MAX_NONCE} bytes")));
        }
        let [timestamp, nonce, app_key, signature] = [timestamp, nonce, app_key, signature].map(str::to_owned);
        Ok(Claim { timestamp, sent_ms, nonce, app_key, signature })
    }
}

/// Path and query as they came, without a question mark that nothing follows.
fn target(uri: &Uri) -> String {
    match uri.query() {
        Some(query) if !query.is_empty() => format!("{}?{query}", uri.path()),
        _ => uri.path().to_owned(),
    }
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
