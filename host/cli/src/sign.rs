//! Signs requests for a node that knows its clients, as FATE's clients do. Not for: how a signature is made (`api`).

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use parcae_api::signature::{APP_KEY, NONCE, Pieces, SIGNATURE, Secret, TIMESTAMP};

use crate::UsageError;

/// Where the key is taken from when it is not typed.
const APP_KEY_VARIABLE: &str = "PARCAE_APP_KEY";
/// Where the secret is taken from when it is not typed.
const SECRET_VARIABLE: &str = "PARCAE_SECRET_KEY";

/// A client that a node knows.
#[derive(Clone, Debug)]
pub struct Signer {
    app_key: String,
    secret: Secret,
}

impl Signer {
    /// A client. Fails when its key cannot stand in a header.
    pub fn new(app_key: &str, secret: Secret) -> Result<Signer, UsageError> {
        if app_key.is_empty() || !app_key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UsageError(format!("--app-key {app_key:?}: must be letters, digits and signs without spaces")));
        }
        Ok(Signer { app_key: app_key.to_owned(), secret })
    }

    /// The client that was typed or stands in the environment, if there is one.
    pub(crate) fn find(
        app_key: Option<String>,
        secret: Option<Secret>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Signer>, UsageError> {
        let set = |name: &str| variable(name).filter(|text| !text.is_empty());
        match (app_key.or_else(|| set(APP_KEY_VARIABLE)), secret.or_else(|| set(SECRET_VARIABLE).map(Secret::new))) {
            (None, None) => Ok(None),
            (Some(app_key), Some(secret)) => Signer::new(&app_key, secret).map(Some),
            (Some(_), None) => Err(half("--secret-key", SECRET_VARIABLE)),
            (None, Some(_)) => Err(half("--app-key", APP_KEY_VARIABLE)),
        }
    }

    /// Headers of a request to a URL; `body` is the body when that is JSON, else nothing.
    pub(crate) fn headers(&self, url: &str, body: &[u8]) -> [(&'static str, String); 4] {
        let (timestamp, nonce) = (now_ms().to_string(), nonce());
        let (app_key, target) = (self.app_key.clone(), target(url));
        let pieces = Pieces { timestamp: &timestamp, nonce: &nonce, app_key: &app_key, target, body, form: "" };
        let signature = pieces.sign(&self.secret);
        [(TIMESTAMP, timestamp), (NONCE, nonce), (APP_KEY, app_key), (SIGNATURE, signature)]
    }
}

fn half(option: &str, variable: &str) -> UsageError {
    UsageError(format!("{option} (or {variable}) is missing: key and secret go together"))
}

fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

/// A word that no other request has.
fn nonce() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}-{:x}-{:x}", since.as_nanos(), std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Path and query of a URL.
fn target(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_is_what_is_sent() {
        assert_eq!(target("http://127.0.0.1:9380/v1/data/upload?%7B%7D"), "/v1/data/upload?%7B%7D");
        assert_eq!(target("http://a/b/v1/job/query"), "/b/v1/job/query");
        let (signer, secret) = (Signer::new("ak", Secret::new("sec")).unwrap(), Secret::new("sec"));
        let [(_, timestamp), (_, nonce), (_, app_key), (_, signature)] = signer.headers("http://a/v1/x", b"{}");
        let (target, body) = ("/v1/x", b"{}".as_slice());
        let pieces = Pieces { timestamp: &timestamp, nonce: &nonce, app_key: &app_key, target, body, form: "" };
        assert!(pieces.is_signed(&secret, &signature));
        assert_ne!(nonce, super::nonce());
    }

    #[test]
    fn key_and_secret_go_together() {
        let (key, secret) = (|| Some("ak".to_owned()), || Some(Secret::new("sec")));
        let nothing = |_: &str| None;
        assert!(Signer::find(None, None, nothing).unwrap().is_none());
        assert!(Signer::find(key(), secret(), nothing).unwrap().is_some());
        assert!(Signer::find(key(), None, nothing).unwrap_err().to_string().contains("--secret-key"));
        assert!(Signer::find(None, secret(), nothing).unwrap_err().to_string().contains("--app-key"));
        let both = |name: &str| Some(format!("of-{name}"));
        assert_eq!(Signer::find(None, None, both).unwrap().unwrap().app_key, "of-PARCAE_APP_KEY");
        assert_eq!(Signer::find(key(), None, both).unwrap().unwrap().app_key, "ak");
        assert!(Signer::find(Some("a b".into()), secret(), nothing).is_err());
    }
}
