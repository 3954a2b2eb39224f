//! Ids as text, flat, and the hash that is applied to them first. Not for: hashes to groups (`xmd`).

use crate::CryptoError;
use crate::digest::Hash;

/// How an id is hashed before anything else is done with it: digest of the id's text followed by the salt. Both parties
/// use the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdHash {
    /// `sha224`, `sha256`, `sha384`, `sha512`, or `none` for the text and the salt themselves.
    pub name: String,
    /// Text after every id; may be empty.
    pub salt: String,
}

impl IdHash {
    /// The function that hashes an id.
    ///
    /// # Errors
    /// [`CryptoError::Hash`] for an unknown name.
    pub(super) fn function(&self) -> Result<impl Fn(&[u8]) -> Vec<u8> + Send + Sync + '_, CryptoError> {
        let hash = if self.name == "none" { None } else { Some(Hash::from_name(&self.name)?) };
        let salt = self.salt.as_bytes();
        Ok(move |id: &[u8]| match hash {
            Some(hash) => hash.digest(&[id, salt]),
            None => [id, salt].concat(),
        })
    }
}

/// Ids as text, one after the other: id i is `bytes[offsets[i]..offsets[i + 1]]`.
#[derive(Clone, Copy, Debug)]
pub struct Ids<'a> {
    /// Where ids begin, and where the last one ends: one number more than there are ids. Empty means no ids, too.
    pub offsets: &'a [u32],
    /// The text of all ids.
    pub bytes: &'a [u8],
}

impl<'a> Ids<'a> {
    /// Number of ids.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Id `index`, from 0.
    ///
    /// # Panics
    /// When there is no such id, or offsets do not describe the bytes.
    pub fn get(&self, index: usize) -> &'a [u8] {
        &self.bytes[self.offsets[index] as usize..self.offsets[index + 1] as usize]
    }

    /// Checks that offsets never fall and end within the bytes.
    ///
    /// # Errors
    /// [`CryptoError::Ids`].
    pub fn check(&self) -> Result<(), CryptoError> {
        if !self.offsets.is_sorted() {
            return Err(CryptoError::Ids("offsets fall"));
        }
        if self.offsets.last().is_some_and(|&end| end as usize > self.bytes.len()) {
            return Err(CryptoError::Ids("offsets beyond the bytes"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_cut_at_offsets() {
        let ids = Ids { offsets: &[0, 2, 2, 5], bytes: b"abcde" };
        assert_eq!((ids.len(), ids.check()), (3, Ok(())));
        assert_eq!((ids.get(0), ids.get(1), ids.get(2)), (&b"ab"[..], &b""[..], &b"cde"[..]));
        assert!(Ids { offsets: &[], bytes: b"" }.is_empty());
        assert!(Ids { offsets: &[2, 1], bytes: b"abc" }.check().is_err());
        assert!(Ids { offsets: &[0, 4], bytes: b"abc" }.check().is_err());
    }

    #[test]
    fn the_salt_follows_the_id() {
        let hash = |name: &str| IdHash { name: name.to_owned(), salt: "cd".to_owned() };
        assert_eq!(hash("none").function().unwrap()(b"ab"), b"abcd");
        assert_eq!(hash("sha256").function().unwrap()(b"ab"), Hash::Sha256.digest(&[b"abcd"]));
        assert!(hash("sm3").function().is_err());
    }
}
