//! Why something did not come from a registry or get there, each with its cure. Not for: finding it out.

use serde_json::Value;

/// Longest text of a registry that is shown, letters.
const LONGEST: usize = 300;

/// Why something did not come from a registry or get there.
#[derive(Debug, thiserror::Error)]
pub(super) enum OciError {
    /// Nobody is there, or not one who can be trusted.
    #[error("no registry can be reached at {url} ({cause}){cure}")]
    Unreachable { url: String, cause: String, cure: &'static str },
    /// What is said is no sense.
    #[error("registry {registry} does not keep to the protocol: {cause}")]
    Broken { registry: String, cause: String },
    /// A login is needed.
    #[error(
        "registry {registry} does not let everybody {verb} {name}{said}; log in with --username NAME \
         --password-stdin, or with `docker login {registry}` (a helper that keeps Docker's logins is not asked)"
    )]
    Nobody { registry: String, name: String, verb: &'static str, said: String },
    /// The login is wrong or not enough.
    #[error(
        "registry {registry} does not let {username} {verb} {name}{said}; look at the password or token, and at what \
         it is allowed"
    )]
    Denied { registry: String, name: String, verb: &'static str, username: String, said: String },
    /// It is not there.
    #[error("registry {registry} has no {what} of {name}{said}; look at the name and the tag or digest")]
    Missing { registry: String, name: String, what: String, said: String },
    /// Something else.
    #[error("registry {registry} refuses {what} with HTTP status {status}{said}")]
    Refused { registry: String, what: String, status: u16, said: String },
    /// It is not what it is called.
    #[error(
        "{what} that came has digest {found}, and {wanted} was due: it was changed in the registry or on the way; \
         nothing is written"
    )]
    Changed { what: &'static str, wanted: String, found: String },
    /// Something else lies there.
    #[error("{reference} is no component: {why}")]
    Foreign { reference: String, why: String },
}

/// What helps when there is no connection.
pub(super) fn cure_of(cause: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| cause.contains(word));
    if has(&["InvalidContentType", "corrupt message"]) {
        "; it seems to speak http: --plain-http"
    } else if has(&["CA certificates"]) {
        "; install the package ca-certificates, or name a file with them in SSL_CERT_FILE"
    } else if has(&["certificate", "UnknownIssuer"]) {
        "; when its certificate is one of your own, name the file with that in SSL_CERT_FILE"
    } else {
        "; look at its name, and at --plain-http"
    }
}

/// What a registry says of an error, as a part of a sentence; nothing when it says nothing.
pub(super) fn said_by(answer: &[u8]) -> String {
    let said: Value = serde_json::from_slice(answer).unwrap_or_default();
    let errors = said.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let messages = errors.iter().filter_map(|error| error.get("message")?.as_str());
    let details = said.get("details").and_then(Value::as_str);
    let words = messages.chain(details).collect::<Vec<_>>().join("; ");
    let words: String = words.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect();
    if words.is_empty() { words } else { format!(" ({words})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_registry_says_is_shown_without_tricks() {
        let said = br#"{"errors":[{"code":"A","message":"not\u001b[31m here"},{"code":"B"},{"message":"nor there"}]}"#;
        assert_eq!(said_by(said), " (not[31m here; nor there)");
        assert_eq!(said_by(br#"{"details":"incorrect password"}"#), " (incorrect password)");
        for nothing in [b"".as_slice(), b"<html>", b"[]", br#"{"errors":{}}"#] {
            assert_eq!(said_by(nothing), "");
        }
        let long = format!("{{\"errors\":[{{\"message\":\"{}\"}}]}}", "x".repeat(1000));
        assert_eq!(said_by(long.as_bytes()).len(), LONGEST + 3);
    }
}
