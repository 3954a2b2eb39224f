//! Public keys of other sites, by party: kept for those who check what a site signed. Not for: private keys, of which a
//! node has none.

use base64::prelude::{BASE64_STANDARD, Engine};
use parcae_domain::party::PartyId;

use crate::queries::store;
use crate::tenant::Tenant;
use crate::view::NodeError;

/// Name under which FATE keeps a public key.
const PUBLIC: &str = "public";
/// Longest key, bytes.
const MAX_KEY: usize = 16 << 10;
/// Kinds of public keys that PEM knows.
const KINDS: [&str; 2] = ["PUBLIC KEY", "RSA PUBLIC KEY"];

impl Tenant<'_> {
    /// Keeps the public key of a party, PEM; true when it replaces one.
    pub fn save_key(&self, party: PartyId, key: &str) -> Result<bool, NodeError> {
        check(key).map_err(|fault| NodeError::Invalid(format!("argument key: {fault}")))?;
        self.site.store.commit(|tx| tx.put_site_key(self.name(), party, PUBLIC, key)).map_err(store)
    }

    /// A key of a party; only public ones are ever there.
    pub fn site_key(&self, party: PartyId, name: Option<&str>) -> Result<Option<String>, NodeError> {
        self.site.store.site_key(self.name(), party, name.unwrap_or(PUBLIC)).map_err(store)
    }

    /// Removes the public key of a party; false when there is none.
    pub fn delete_key(&self, party: PartyId) -> Result<bool, NodeError> {
        self.site.store.commit(|tx| tx.delete_site_key(self.name(), party, PUBLIC)).map_err(store)
    }
}

/// A public key in PEM, which is DER in base64 between two lines.
fn check(key: &str) -> Result<(), String> {
    if key.len() > MAX_KEY {
        return Err(format!("it has {} bytes, and a key has at most {MAX_KEY}", key.len()));
    }
    if key.contains("PRIVATE KEY") {
        return Err("it is a private key, which no other site may have; nothing was kept, send the public one".into());
    }
    let body = KINDS.iter().find_map(|kind| {
        let body = key.trim().strip_prefix(&format!("-----BEGIN {kind}-----"))?;
        body.strip_suffix(&format!("-----END {kind}-----"))
    });
    let no_pem = || "it is no public key in PEM, which begins with -----BEGIN PUBLIC KEY-----".to_owned();
    let body: String = body.ok_or_else(no_pem)?.split_whitespace().collect();
    let der = BASE64_STANDARD.decode(body).map_err(|e| format!("what stands between its first and last line: {e}"))?;
    if is_sequence(&der) { Ok(()) } else { Err("what stands between its first and last line is no key".into()) }
}

/// One DER sequence, whole: the outermost part of every public key.
fn is_sequence(der: &[u8]) -> bool {
    match der {
        [0x30, 0x81, len, rest @ ..] => rest.len() == usize::from(*len),
        [0x30, 0x82, high, low, rest @ ..] => rest.len() == usize::from(u16::from_be_bytes([*high, *low])),
        [0x30, len @ 1..=0x7f, rest @ ..] => rest.len() == usize::from(*len),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAM8uSb8pQ8rq\nHrqvmHRkkhHn9gaxHTGcGV7ve6bz2eBf";

    fn pem(kind: &str, body: &str) -> String {
        format!("-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n")
    }

    /// A sequence of so many bytes.
    fn sequence(len: u8) -> String {
        let mut der = vec![0x30, len];
        der.resize(2 + usize::from(len), 5);
        BASE64_STANDARD.encode(der)
    }

    #[test]
    fn a_public_key_is_known() {
        assert_eq!(check(&pem("PUBLIC KEY", &sequence(90))), Ok(()));
        assert_eq!(check(&pem("RSA PUBLIC KEY", &sequence(4)).replace('\n', "\r\n")), Ok(()));
    }

    #[test]
    fn what_is_none_is_refused() {
        let fault = |key: &str| check(key).unwrap_err();
        assert!(fault("key").contains("no public key in PEM"));
        assert!(fault(&pem("CERTIFICATE", &sequence(4))).contains("no public key in PEM"));
        assert!(fault(&pem("PRIVATE KEY", &sequence(4))).contains("private key"));
        assert!(fault(&pem("PUBLIC KEY", "!")).contains("first and last line"));
        // Cut off.
        assert!(fault(&pem("PUBLIC KEY", BODY)).contains("no key"));
        assert!(fault(&pem("PUBLIC KEY", "")).contains("no key"));
        assert!(fault(&"k".repeat(MAX_KEY + 1)).contains("at most"));
    }
}
