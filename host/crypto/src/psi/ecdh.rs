//! Blinding in ristretto255. Not for: other curves.

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity;
use zeroize::{Zeroize, Zeroizing};

use super::xmd::expand_message_xmd;
use super::{IdHash, Ids, Tokens};
use crate::CryptoError;
use crate::digest::Hash;
use crate::work::{Supervisor, fill_blocks};

/// Domain separation tag of the hash to the group.
const TAG: &[u8] = b"PARCAE-V01-PSI-with-ristretto255_XMD:SHA-512_R255MAP_RO_";
/// Bytes of a token.
const WIDTH: usize = 32;
/// Points that are encoded together.
const BLOCK: usize = 64;

/// A secret scalar.
pub struct Ecdh {
    /// Half of the scalar. Encoding doubles: doubles of many points are encoded with one inversion.
    half: Scalar,
}

impl Ecdh {
    pub(super) fn new(fill: &mut dyn FnMut(&mut [u8]) -> Result<(), CryptoError>) -> Result<Ecdh, CryptoError> {
        let mut wide = Zeroizing::new([0u8; 64]);
        fill(wide.as_mut_slice())?;
        Ok(Ecdh { half: Scalar::from_bytes_mod_order_wide(&wide) })
    }

    pub(super) fn blind(&self, ids: &Ids<'_>, hash: &IdHash, stop: &dyn Supervisor) -> Result<Tokens, CryptoError> {
        ids.check()?;
        let digest = hash.function()?;
        self.multiply(ids.len(), stop, |index| Ok(hash_to_group(&digest(ids.get(index)), TAG)))
    }

    pub(super) fn reblind(&self, tokens: &Tokens, stop: &dyn Supervisor) -> Result<Tokens, CryptoError> {
        tokens.check(WIDTH)?;
        self.multiply(tokens.len(), stop, |index| {
            let point = CompressedRistretto::from_slice(tokens.get(index)).ok().and_then(|token| token.decompress());
            point
                .filter(|point| *point != RistrettoPoint::identity())
                .ok_or(CryptoError::Tokens("one that is no element of ristretto255 or the neutral one"))
        })
    }

    /// Multiplies `count` points by the secret, in constant time.
    fn multiply(
        &self,
        count: usize,
        stop: &dyn Supervisor,
        point: impl Fn(usize) -> Result<RistrettoPoint, CryptoError> + Send + Sync,
    ) -> Result<Tokens, CryptoError> {
        let bytes = fill_blocks(
            count,
            WIDTH,
            BLOCK,
            stop,
            || (),
            |(), first, cells| {
                let indices = first..first + cells.len() / WIDTH;
                let halves: Vec<RistrettoPoint> = indices
                    .map(|index| point(index).map(|point| point * self.half))
                    .collect::<Result<_, CryptoError>>()?;
                let tokens = RistrettoPoint::double_and_compress_batch(&halves);
                for (cell, token) in cells.chunks_exact_mut(WIDTH).zip(&tokens) {
                    cell.copy_from_slice(token.as_bytes());
                }
                Ok(())
            },
        )?;
        Ok(Tokens { width: WIDTH, bytes })
    }
}

impl Drop for Ecdh {
    fn drop(&mut self) {
        self.half.zeroize();
    }
}

/// `hash_to_ristretto255` of RFC 9380, appendix B, suite ristretto255_XMD:SHA-512_R255MAP_RO_.
fn hash_to_group(message: &[u8], tag: &[u8]) -> RistrettoPoint {
    let mut uniform = [0u8; 64];
    uniform.copy_from_slice(&expand_message_xmd(Hash::Sha512, message, tag, 64));
    RistrettoPoint::from_uniform_bytes(&uniform)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::random;

    fn bytes(hex: &str) -> [u8; 32] {
        let digits: Vec<u8> =
            (0..32).map(|place| u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).unwrap()).collect();
        digits.try_into().unwrap()
    }

    /// RFC 9497, A.1.1.1 (the oblivious function on ristretto255): the blinded element of input 00.
    #[test]
    fn hashes_to_the_group_as_the_standard_does() {
        let tag = b"HashToGroup-OPRFV1-\x00-ristretto255-SHA512";
        let blind =
            Scalar::from_bytes_mod_order(bytes("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"));
        let blinded = hash_to_group(&[0], tag) * blind;
        let wanted = bytes("609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c");
        assert_eq!(blinded.compress().to_bytes(), wanted);
    }

    #[test]
    fn the_secret_is_twice_the_half() {
        let stop = AtomicBool::new(false);
        let secret = Ecdh::new(&mut random::fill).unwrap();
        let hash = IdHash { name: "none".to_owned(), salt: String::new() };
        let ids = Ids { offsets: &[0, 1], bytes: b"x" };
        let token = secret.blind(&ids, &hash, &stop).unwrap();
        let point = hash_to_group(b"x", TAG) * (secret.half + secret.half);
        assert_eq!(token.get(0), point.compress().as_bytes());
    }

    #[test]
    fn foreign_bytes_are_refused() {
        let stop = AtomicBool::new(false);
        let secret = Ecdh::new(&mut random::fill).unwrap();
        for byte in [0, 255] {
            let tokens = Tokens { width: 32, bytes: vec![byte; 32] };
            assert!(matches!(secret.reblind(&tokens, &stop), Err(CryptoError::Tokens(_))));
        }
    }
}
