//! Client authentication, when clients are configured: every request must be signed, or is answered with retcode 109.
//! Not for: how a signature is made (`api`), what a client may do (everything).

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri},
    middleware::Next,
    response::{IntoResponse, Response},
};
use parcae_api::{
    retcode,
    signature::{APP_KEY, NONCE, Pieces, SIGNATURE, Secret, TIMESTAMP},
};
use tokio::sync::Semaphore;

use crate::{
    answer::Refusal,
    body,
    nonces::{Nonces, Refused},
    signed_body::{FieldsUnsigned, SignedBody},
};

/// Paths that are open to everybody.
const OPEN: [&str; 2] = ["/healthz", "/openapi.json"];
/// How far the clocks of client and node may be apart, ms.
const WINDOW: i64 = 60_000;
/// Longest nonce, bytes.
const MAX_NONCE: usize = 256;
/// Forms that are received at once before it is known who sent them: each may fill a gigabyte of the disk.
const SPOOLS: usize = 2;
/// The cure of nearly everything.
const CURE: &str = "sign with `flow init --app-key KEY --secret-key SECRET`, or with the same options of parcae";

/// Knows the clients, and which of their requests came already.
#[derive(Debug)]
pub(crate) struct Verifier {
    clients: BTreeMap<String, Secret>,
    /// Where bodies are kept that are too large for memory.
    folder: PathBuf,
    spools: Semaphore,
    /// Nonces of requests that were sent before are not known any more.
    opened_ms: i64,
    nonces: Mutex<Nonces>,
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

/// Wraps every handler.
pub(crate) async fn verify(State(verifier): State<Arc<Verifier>>, request: Request, next: Next) -> Response {
    if verifier.clients.is_empty() || OPEN.contains(&request.uri().path().trim_end_matches('/')) {
        return next.run(request).await;
    }
    match verifier.admit(request, now_ms()).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
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
    /// For these clients, at a node that was opened at a time; without any, every request is let through.
    pub(crate) fn new(clients: BTreeMap<String, Secret>, folder: PathBuf, opened_ms: i64) -> Verifier {
        Verifier { clients, folder, spools: Semaphore::new(SPOOLS), opened_ms, nonces: Mutex::default() }
    }

    /// The request as it was, when one of the clients signed it.
    async fn admit(&self, request: Request, now_ms: i64) -> Result<Request, Refusal> {
        let (mut parts, body) = request.into_parts();
        let claimed = Claim::read(&parts.headers, now_ms).and_then(|claim| Ok((self.secret(&claim)?, claim)));
        let (secret, claim) = match claimed {
            Ok(known) => known,
            Err(refusal) => {
                // So that the client gets the answer rather than a broken connection.
                body::skip(body).await;
                return Err(refusal);
            }
        };
        let signed = SignedBody::read(&parts.uri, &parts.headers, body, (&self.folder, &self.spools)).await?;
        let target = target(&parts.uri);
        let checked = if signed.pieces.iter().any(|(body, form)| claim.holds(secret, &target, body, form)) {
            self.first_time(&claim, now_ms)
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
        Ok(Request::from_parts(parts, signed.body))
    }

    fn secret(&self, claim: &Claim) -> Result<&Secret, Refusal> {
        self.clients.get(&claim.app_key).ok_or_else(stranger)
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
