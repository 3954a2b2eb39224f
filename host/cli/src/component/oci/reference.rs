//! Names of what lies in a registry: `ghcr.io/lab/score:0.1.0@sha256:...`. Not for: what lies there.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use crate::UsageError;

/// May stand before a reference.
pub(super) const SCHEME: &str = "oci://";
/// What a reference without tag and digest means.
const LATEST: &str = "latest";
/// Docker's own registry, and where it is really spoken to.
const HUB: [&str; 2] = ["docker.io", "index.docker.io"];
const HUB_HOST: &str = "registry-1.docker.io";
/// Longest name and longest tag, bytes.
const LONGEST_NAME: usize = 255;
const LONGEST_TAG: usize = 128;

/// A component in a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// Host, and port if need be.
    pub(super) registry: String,
    /// Name within the registry: `lab/score`.
    pub(super) name: String,
    /// Name of a version, which may come to mean another one.
    pub(super) tag: Option<String>,
    /// `sha256:` and the hash of the manifest.
    pub(super) digest: Option<String>,
}

impl Reference {
    /// Reads what was typed.
    pub(super) fn parse(text: &str) -> Result<Reference, UsageError> {
        let wrong = |why: &str| UsageError(format!("{text:?}: {why}; a reference is like ghcr.io/lab/score:0.1.0"));
        let typed = text.strip_prefix(SCHEME).unwrap_or(text);
        let (registry, rest) = typed.split_once('/').ok_or_else(|| wrong("it lacks the registry or the name"))?;
        let registry = registry.to_ascii_lowercase();
        if !is_registry(&registry) {
            return Err(wrong(&format!("{registry:?} is no registry: a host with a dot or a port")));
        }
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (rest, None),
        };
        if digest.is_some_and(|digest| !is_digest(digest)) {
            return Err(wrong("after @ there must be sha256: and 64 hex digits in small letters"));
        }
        let (name, tag) = match rest.split_once(':') {
            Some((name, tag)) => (name, Some(tag)),
            None => (rest, None),
        };
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(wrong("a tag is of letters, digits, `.`, `_` and `-`, at most 128"));
        }
        if !is_name(name) {
            return Err(wrong("a name is of small letters, digits, `.`, `_` and `-`, in parts between `/`"));
        }
        let is_short = HUB.contains(&registry.as_str()) && !name.contains('/');
        let name = if is_short { format!("library/{name}") } else { name.to_owned() };
        Ok(Reference { registry, name, tag: tag.map(str::to_owned), digest: digest.map(str::to_owned) })
    }

    /// Where the registry is spoken to.
    pub(super) fn host(&self) -> &str {
        if HUB.contains(&self.registry.as_str()) { HUB_HOST } else { &self.registry }
    }

    /// True when the registry is on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let (host, _) = host_and_port(&self.registry);
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        host == "localhost" || host.ends_with(".localhost") || address.is_ok_and(|address| address.is_loopback())
    }

    /// What the registry is asked for: the digest, else the tag.
    pub(super) fn version(&self) -> &str {
        self.digest.as_deref().or(self.tag.as_deref()).unwrap_or(LATEST)
    }

    /// The same, for good.
    pub(super) fn pinned(&self, digest: &str) -> String {
        format!("{}/{}@{digest}", self.registry, self.name)
    }

    /// File that it is written to when none is named.
    pub(super) fn file_name(&self) -> String {
        format!("{}.wasm", self.name.rsplit('/').next().unwrap_or(&self.name))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digest.is_some() { '@' } else { ':' };
        write!(f, "{}/{}{sign}{}", self.registry, self.name, self.version())
    }
}

/// `sha256:` and 64 hex digits.
pub(super) fn is_digest(text: &str) -> bool {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    text.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64 && hex.bytes().all(is_hex))
}

fn host_and_port(registry: &str) -> (&str, Option<&str>) {
    match registry.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (registry, None),
    }
}

fn is_registry(text: &str) -> bool {
    let (host, port) = host_and_port(text);
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_host = match bracketed {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')),
    };
    let is_named = bracketed.is_some() || port.is_some() || host == "localhost" || host.contains('.');
    let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    is_host && is_named && port.is_none_or(is_port)
}

fn is_tag(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    (1..=LONGEST_TAG).contains(&text.len()) && !text.starts_with(['.', '-']) && text.bytes().all(inner)
}

fn is_name(text: &str) -> bool {
    let end = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let inner = |b: &u8| end(b) || matches!(b, b'.' | b'_' | b'-');
    let is_part = |part: &str| {
        let bytes = part.as_bytes();
        bytes.first().is_some_and(end) && bytes.last().is_some_and(end) && bytes.iter().all(inner)
    };
    text.len() <= LONGEST_NAME && text.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Reference {
        Reference::parse(text).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn references_are_read() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let full = read(&format!("oci://GHCR.io/lab/score:0.1.0@{digest}"));
        assert_eq!((full.registry.as_str(), full.name.as_str(), full.version()), ("ghcr.io", "lab/score", &*digest));
        assert_eq!(full.to_string(), format!("ghcr.io/lab/score@{digest}"));
        assert_eq!(full.file_name(), "score.wasm");
        let short = read("localhost:5000/score");
        assert_eq!((short.tag.as_deref(), short.version(), short.host()), (None, "latest", "localhost:5000"));
        assert_eq!(short.pinned(&digest), format!("localhost:5000/score@{digest}"));
        let hub = read("docker.io/score:1");
        assert_eq!((hub.host(), hub.name.as_str()), ("registry-1.docker.io", "library/score"));
    }

    #[test]
    fn this_machine_is_known() {
        for text in ["localhost/a", "127.0.0.1:5000/a", "127.1.2.3/a", "[::1]:5000/a", "[::1]/a", "r.localhost/a"] {
            assert!(read(text).is_loopback(), "{text}");
        }
        for text in ["127.0.0.1.example.org/a", "10.0.0.1:5000/a", "[::2]/a", "localhost.org/a", "registry:5000/a"] {
            assert!(!read(text).is_loopback(), "{text}");
        }
    }

    #[test]
    fn what_is_no_reference_is_told() {
        let long = format!("a.b/{}", "x".repeat(256));
        for (text, why) in [
            ("score:0.1.0", "lacks the registry"),
            ("lab/score:0.1.0", "is no registry"),
            ("https://ghcr.io/lab/score", "is no registry"),
            ("ghcr.io:x/score", "is no registry"),
            ("::1/score", "is no registry"),
            ("a b.c/score", "is no registry"),
            ("ghcr.io/Lab/score", "a name is of"),
            ("ghcr.io/../score", "a name is of"),
            ("ghcr.io/lab//score", "a name is of"),
            ("ghcr.io/", "a name is of"),
            (&long, "a name is of"),
            ("ghcr.io/score:", "a tag is of"),
            ("ghcr.io/score:a/b", "a tag is of"),
            ("ghcr.io/score@sha256:12", "64 hex digits"),
            ("ghcr.io/score@sha512:12", "64 hex digits"),
        ] {
            let error = Reference::parse(text).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains("ghcr.io/lab/score:0.1.0"), "{text}: {error}");
        }
    }
}
