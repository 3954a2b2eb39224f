//! Signatures of FATE's clients: base64 of HMAC-SHA1 over six pieces of a request. The server checks with it and the
//! command line signs with it. Not for: which requests must be signed, and how old one may be (`server`).

use std::{collections::BTreeMap, fmt};

use base64::prelude::{BASE64_STANDARD, Engine};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;

/// Header that says when the request was signed, ms since the epoch.
pub const TIMESTAMP: &str = "timestamp";
/// Header with a word that no other request of the client has.
pub const NONCE: &str = "nonce";
/// Header that says whose secret signs; `APP-KEY` is the same.
pub const APP_KEY: &str = "app_key";
/// Header with the signature.
pub const SIGNATURE: &str = "signature";

/// What stays as it is in a form's field; Python's `quote` with `safe='-._~'`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What a client signs with. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// What is signed of a request.
#[derive(Clone, Copy, Debug)]
pub struct Pieces<'a> {
    /// Header `TIMESTAMP`.
    pub timestamp: &'a str,
    /// Header `NONCE`.
    pub nonce: &'a str,
    /// Header `APP_KEY`.
    pub app_key: &'a str,
    /// Path and query string as they were sent, still percent-encoded.
    pub target: &'a str,
    /// The body when it is JSON, else nothing.
    pub body: &'a [u8],
    /// The fields of a form as `form_piece` writes them, else nothing.
    pub form: &'a str,
}

impl Secret {
    /// A secret.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Secret {
        Secret(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Pieces<'_> {
    /// The signature.
    pub fn sign(&self, secret: &Secret) -> String {
        BASE64_STANDARD.encode(self.mac(secret).finalize().into_bytes().as_slice())
    }

    /// Whether this is the signature; takes the same time however much of it is right.
    pub fn is_signed(&self, secret: &Secret, signature: &str) -> bool {
        BASE64_STANDARD.decode(signature).is_ok_and(|tag| self.mac(secret).verify_slice(&tag).is_ok())
    }

    fn mac(&self, secret: &Secret) -> Hmac<Sha1> {
        let mut mac =
            <Hmac<Sha1> as KeyInit>::new_from_slice(secret.0.as_bytes()).expect("HMAC takes a key of any length");
        let pieces: [&[u8]; 6] = [
            self.timestamp.as_bytes(),
            self.nonce.as_bytes(),
            self.app_key.as_bytes(),
            self.target.as_bytes(),
            self.body,
            self.form.as_bytes(),
        ];
        for (at, piece) in pieces.into_iter().enumerate() {
            if at > 0 {
                mac.update(b"\n");
            }
            mac.update(piece);
        }
        mac
    }
}

/// Fields of a form (files are none) as they are signed: sorted by name, the first of each name.
pub fn form_piece(fields: &[(String, String)]) -> String {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, value) in fields {
        first.entry(name).or_insert(value);
    }
    let quoted = |text: &str| utf8_percent_encode(text, PLAIN).to_string();
    let pairs = first.into_iter().map(|(name, value)| format!("{}={}", quoted(name), quoted(value)));
    pairs.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces<'a>(target: &'a str, body: &'a str, form: &'a str) -> Pieces<'a> {
        Pieces { timestamp: "1700000000000", nonce: "n-1", app_key: "ak", target, body: body.as_bytes(), form }
    }

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// Signatures that FATE's own client made.
    #[test]
    fn signatures_are_fates() {
        let secret = Secret::new("sec");
        let json = pieces("/v1/job/query", "{\"job_id\": \"1\"}", "");
        assert_eq!(json.sign(&secret), "2yjfkDu90wll5lrpWtX4uZPM16E=");
        let form = form_piece(&fields(&[
            ("role", "guest"),
            ("party_id", "1"),
            ("model_version", "1"),
            ("model_id", "a#b"),
            ("force_update", "0"),
            ("role", "host"),
        ]));
        assert_eq!(form, "force_update=0&model_id=a%23b&model_version=1&party_id=1&role=guest");
        let form = pieces("/v1/model/import", "", &form);
        assert_eq!(form.sign(&secret), "8DvgpKadUnVh/u+DzClIGXHuGRM=");
    }

    #[test]
    fn every_piece_counts() {
        let secret = Secret::new("sec");
        let query = pieces("/v1/job/query", "{\"job_id\": \"1\"}", "");
        let signature = query.sign(&secret);
        assert!(query.is_signed(&secret, &signature));
        assert!(!query.is_signed(&Secret::new("sec2"), &signature));
        let others = [
            Pieces { timestamp: "1700000000001", ..query },
            Pieces { nonce: "n-2", ..query },
            Pieces { app_key: "ak2", ..query },
            Pieces { target: "/v1/job/query?", ..query },
            Pieces { body: b"{}", ..query },
            Pieces { form: "a=b", ..query },
        ];
        assert!(others.iter().all(|other| !other.is_signed(&secret, &signature)));
        for wrong in ["", "2yjfkDu90wll5lrpWtX4uZPM16E", "2yjfkDu90wll5lrpWtX4uZPM", "not base64"] {
            assert!(!query.is_signed(&secret, wrong), "{wrong}");
        }
    }

    #[test]
    fn fields_are_written_as_python_does() {
        let form = form_piece(&fields(&[("b", "a b/~-._*"), ("a", "größe")]));
        assert_eq!(form, "a=gr%C3%B6%C3%9Fe&b=a%20b%2F~-._%2A");
        assert_eq!(form_piece(&[]), "");
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret::new("sec")), "Secret");
    }
}
