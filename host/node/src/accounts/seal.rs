//! Secrets that the node must read again, such as those that sign: kept under a key of the node's own, so that a copy
//! of the database gives nothing away. Not for: secrets that are only checked (`secret`).

use std::io::{ErrorKind, Write};
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};

/// File of the key, in the data folder.
const FILE: &str = "node.key";
/// Bytes of the key.
const KEY: usize = 32;
/// Bytes of a nonce.
const NONCE: usize = 12;
/// How what is sealed begins: its form.
const FORM: u8 = 1;

/// The key of a node.
pub(super) struct NodeKey(RandomizedNonceKey);

impl NodeKey {
    /// The key in a data folder.
    pub(super) fn read(data: &Path) -> Result<NodeKey, String> {
        let file = data.join(FILE);
        let bytes = std::fs::read(&file).map_err(|e| format!("the node's key {}: {e}", file.display()))?;
        let wrong = || format!("the node's key {} is none: {KEY} bytes are expected", file.display());
        let bytes = <[u8; KEY]>::try_from(bytes).map_err(|_| wrong())?;
        RandomizedNonceKey::new(&AES_256_GCM, &bytes).map(NodeKey).map_err(|_| wrong())
    }

    /// The same; it is made when it is not there.
    pub(super) fn read_or_make(data: &Path) -> Result<NodeKey, String> {
        let file = data.join(FILE);
        if !file.exists() {
            make(data, &file).map_err(|e| format!("the node's key {}: {e}", file.display()))?;
        }
        NodeKey::read(data)
    }

    /// Seals a text; it can be opened for the same purpose only.
    pub(super) fn seal(&self, purpose: &str, text: &str) -> Result<Vec<u8>, String> {
        let mut bytes = text.as_bytes().to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut bytes);
        let nonce = nonce.map_err(|_| "a secret cannot be sealed".to_owned())?;
        Ok([&[FORM][..], &nonce.as_ref()[..], &bytes[..]].concat())
    }

    /// Opens what was sealed; none when it was changed, or sealed by another key or for another purpose.
    pub(super) fn open(&self, purpose: &str, sealed: &[u8]) -> Option<String> {
        let (form, rest) = sealed.split_first()?;
        let (nonce, bytes) = rest.split_at_checked(NONCE)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = bytes.to_vec();
        let text = self.0.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut bytes).ok()?;
        (*form == FORM).then(|| String::from_utf8(text.to_vec()).ok())?
    }
}

/// Writes a new key that only the owner of the node can read. One that another process has made meanwhile stays.
fn make(data: &Path, file: &Path) -> std::io::Result<()> {
    let mut bytes = [0; KEY];
    getrandom::fill(&mut bytes).map_err(|e| std::io::Error::other(e.to_string()))?;
    // Others cannot read a temporary file.
    let mut made = tempfile::NamedTempFile::new_in(data)?;
    made.write_all(&bytes)?;
    made.as_file().sync_all()?;
    match made.persist_noclobber(file) {
        Ok(_) => std::fs::File::open(data)?.sync_all(),
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e.error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_by_its_key_for_its_purpose() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert!(NodeKey::read(one.path()).is_err());
        let key = NodeKey::read_or_make(one.path()).unwrap();
        let sealed = key.seal("a", "hush").unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"hush"));
        assert_ne!(sealed, key.seal("a", "hush").unwrap());
        let again = NodeKey::read_or_make(one.path()).unwrap();
        assert_eq!(again.open("a", &sealed).as_deref(), Some("hush"));
        assert_eq!(again.open("b", &sealed), None);
        assert_eq!(NodeKey::read_or_make(other.path()).unwrap().open("a", &sealed), None);
        let mut changed = sealed.clone();
        changed[20] ^= 1;
        for wrong in [&changed[..], &sealed[..13], &[], &[FORM]] {
            assert_eq!(again.open("a", wrong), None);
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        NodeKey::read_or_make(folder.path()).unwrap();
        let mode = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
