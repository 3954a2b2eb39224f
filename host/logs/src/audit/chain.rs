//! A line of the audit log: what it says, and how it is bound to the one before it. Not for: files (`files`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::AuditEntry;

/// Longest line that is read, bytes; what is written is far shorter.
pub(super) const MAX_LINE: usize = 64 << 10;
/// Letters of a field that are kept.
const FIELD: usize = 1_000;
/// Before the hash, which is the last field of a line.
const HASH: &str = ",\"hash\":\"";
/// Hexadecimal digits of a hash.
const DIGITS: usize = 64;

/// The end of the chain: the number of its last line, and that line's hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditHead {
    /// Number of the line; the first one has 1.
    pub seq: u64,
    /// SHA-256 of the line, in hex.
    pub hash: String,
}

/// A chain without lines.
impl Default for AuditHead {
    fn default() -> AuditHead {
        AuditHead { seq: 0, hash: "0".repeat(DIGITS) }
    }
}

impl AuditHead {
    /// Whichever is further.
    pub(super) fn later(self, other: AuditHead) -> AuditHead {
        if other.seq > self.seq { other } else { self }
    }
}

/// A line as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLine {
    /// Its number.
    pub seq: u64,
    /// When, in UTC.
    pub time: String,
    /// What was done.
    #[serde(flatten)]
    pub entry: AuditEntry,
    /// Hash of the line before it.
    pub prev: String,
    /// Its own.
    pub hash: String,
}

/// What is hashed of a line.
#[derive(Serialize)]
struct Said<'a> {
    seq: u64,
    time: &'a str,
    tenant: &'a str,
    who: &'a str,
    peer: &'a str,
    what: &'a str,
    object: &'a str,
    verdict: &'a str,
    code: i64,
    words: &'a str,
    prev: &'a str,
}

/// The line after `head`, with its end, and the head that it makes.
pub(super) fn line(head: &AuditHead, entry: &AuditEntry, now: Timestamp) -> (String, AuditHead) {
    let time = now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let [tenant, who, peer] = [&entry.tenant, &entry.who, &entry.peer].map(|text| cut(text));
    let [what, object, words] = [&entry.what, &entry.object, &entry.words].map(|text| cut(text));
    let seq = head.seq + 1;
    let (verdict, code, prev) = (entry.verdict.as_str(), entry.code, head.hash.as_str());
    let said = Said { seq, time: &time, tenant, who, peer, what, object, verdict, code, words, prev };
    let text = serde_json::to_string(&said).expect("plain data with text keys always becomes JSON");
    let hash = hash_of(text.as_bytes());
    let open = text.strip_suffix('}').unwrap_or(&text);
    (format!("{open}{HASH}{hash}\"}}\n"), AuditHead { seq, hash })
}

/// The line, when it is whole and its hash is that of what it says; why not, otherwise.
pub(super) fn parse(line: &[u8]) -> Result<AuditLine, String> {
    let text = std::str::from_utf8(line).map_err(|_| "it is no text")?;
    let parsed: AuditLine = serde_json::from_str(text).map_err(|e| format!("it is no line of an audit log: {e}"))?;
    let said = text.len().checked_sub(HASH.len() + DIGITS + 2).and_then(|end| text.get(..end));
    let said = said.filter(|said| text[said.len()..].starts_with(HASH)).ok_or("its hash is not its last field")?;
    if hash_of(format!("{said}}}").as_bytes()) != parsed.hash {
        return Err("it was changed: its hash is not that of what it says".into());
    }
    Ok(parsed)
}

impl AuditLine {
    /// The chain that ends with it.
    pub(super) fn head(&self) -> AuditHead {
        AuditHead { seq: self.seq, hash: self.hash.clone() }
    }
}

fn hash_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn cut(text: &str) -> &str {
    text.char_indices().nth(FIELD).map_or(text, |(end, _)| &text[..end])
}
