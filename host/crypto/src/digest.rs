//! SHA-2 by name and in hex. Not for: passwords, message authentication.

use std::fmt::Write;

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::CryptoError;

/// A hash function of the SHA-2 family (FIPS 180-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// The hash called `name`: `sha224`, `sha256`, `sha384` or `sha512`.
    ///
    /// # Errors
    /// [`CryptoError::Hash`] for every other name.
    pub fn from_name(name: &str) -> Result<Hash, CryptoError> {
        match name {
            "sha224" => Ok(Hash::Sha224),
            "sha256" => Ok(Hash::Sha256),
            "sha384" => Ok(Hash::Sha384),
            "sha512" => Ok(Hash::Sha512),
            _ => Err(CryptoError::Hash(name.to_owned())),
        }
    }

    /// Length of a digest in bytes.
    pub fn width(self) -> usize {
        match self {
            Hash::Sha224 => 28,
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
            Hash::Sha512 => 64,
        }
    }

    /// Length of an input block in bytes.
    pub fn block(self) -> usize {
        match self {
            Hash::Sha224 | Hash::Sha256 => 64,
            Hash::Sha384 | Hash::Sha512 => 128,
        }
    }

    /// Digest of the concatenation of `parts`.
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Hash::Sha224 => digest_of::<Sha224>(parts),
            Hash::Sha256 => digest_of::<Sha256>(parts),
            Hash::Sha384 => digest_of::<Sha384>(parts),
            Hash::Sha512 => digest_of::<Sha512>(parts),
        }
    }
}

/// SHA-256 of `bytes` as 64 lowercase hex digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Hash::Sha256.digest(&[bytes]) {
        write!(text, "{byte:02x}").expect("a string takes any text");
    }
    text
}

fn digest_of<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut state = D::new();
    for part in parts {
        state.update(part);
    }
    state.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example "abc" of FIPS 180-4.
    #[test]
    fn digests_abc() {
        let wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex(b"abc"), wanted);
        assert_eq!(Hash::Sha256.digest(&[b"a", b"", b"bc"]), Hash::Sha256.digest(&[b"abc"]));
    }

    #[test]
    fn widths_are_those_of_the_digests() {
        for name in ["sha224", "sha256", "sha384", "sha512"] {
            let hash = Hash::from_name(name).unwrap();
            assert_eq!(hash.digest(&[b"x"]).len(), hash.width());
        }
        assert_eq!(Hash::from_name("md5"), Err(CryptoError::Hash("md5".to_owned())));
    }
}
