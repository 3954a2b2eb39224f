//! Blinding in the squares modulo a safe prime. Not for: key agreement.

use zeroize::Zeroizing;

use super::groups::{Group, group};
use super::xmd::expand_message_xmd;
use super::{IdHash, Ids, Tokens};
use crate::CryptoError;
use crate::bn::{Number, Scratch};
use crate::digest::Hash;
use crate::work::{Supervisor, fill_cells};

/// Domain separation tag of the hash to the group.
const TAG: &[u8] = b"PARCAE-V01-PSI-with-MODP_XMD:SHA-512_SQUARE_";
/// Bytes that a hash has beyond the prime, so that its remainder is even to 2^-128 (RFC 9380, section 5.1).
const MARGIN: usize = 16;

/// A secret exponent.
///
/// It is short, as RFC 3526 (section 8) and NIST SP 800-56A (revision 3, section 5.6.1.1) allow in these groups: 320,
/// 448 or 512 bits, about twice the larger estimate of the group's strength. It is even, so that a hostile token outside
/// the squares tells nothing of its last bit.
pub struct Dh {
    group: &'static Group,
    bits: u32,
    exponent: Number,
}

impl Dh {
    pub(super) fn new(
        bits: u32,
        fill: &mut dyn FnMut(&mut [u8]) -> Result<(), CryptoError>,
    ) -> Result<Dh, CryptoError> {
        let group = group(bits)?;
        let mut bytes = Zeroizing::new(vec![0u8; group.exponent_bits as usize / 8]);
        fill(&mut bytes)?;
        let last = bytes.len() - 1;
        bytes[0] &= 0xFE;
        bytes[last] |= 0x80;
        Ok(Dh { group, bits, exponent: Number::from_le_bytes(&bytes) })
    }

    /// Length of the prime in bits.
    pub fn bits(&self) -> u32 {
        self.bits
    }

    pub(super) fn blind(&self, ids: &Ids<'_>, hash: &IdHash, stop: &dyn Supervisor) -> Result<Tokens, CryptoError> {
        ids.check()?;
        let digest = hash.function()?;
        self.raise(ids.len(), stop, |index, scratch| self.hash_to_group(&digest(ids.get(index)), scratch))
    }

    pub(super) fn reblind(&self, tokens: &Tokens, stop: &dyn Supervisor) -> Result<Tokens, CryptoError> {
        tokens.check(self.width())?;
        let one = Number::from_u64(1);
        self.raise(tokens.len(), stop, |index, _| {
            let element = Number::from_be_bytes(tokens.get(index));
            if element <= one || element >= self.group.last {
                return Err(CryptoError::Tokens("one outside 2 to p - 2"));
            }
            Ok(element)
        })
    }

    /// Bytes of a token.
    fn width(&self) -> usize {
        self.bits as usize / 8
    }

    /// Raises `count` elements to the secret, in constant time.
    fn raise(
        &self,
        count: usize,
        stop: &dyn Supervisor,
        element: impl Fn(usize, &mut Scratch) -> Result<Number, CryptoError> + Send + Sync,
    ) -> Result<Tokens, CryptoError> {
        let modulus = &self.group.modulus;
        let bytes = fill_cells(count, self.width(), stop, Scratch::new, |scratch, index, cell| {
            let element = element(index, scratch)?;
            modulus.power_secret(&element, &self.exponent, scratch).write_be(cell);
            Ok(())
        })?;
        Ok(Tokens { width: self.width(), bytes })
    }

    /// A square modulo p that depends on `message` like a random one: a number modulo p out of 128 bits more than p has
    /// (as `hash_to_field` of RFC 9380, section 5.2), squared.
    fn hash_to_group(&self, message: &[u8], scratch: &mut Scratch) -> Result<Number, CryptoError> {
        let modulus = &self.group.modulus;
        let uniform = expand_message_xmd(Hash::Sha512, message, TAG, self.width() + MARGIN);
        let root = Number::from_be_bytes(&uniform).modulo(modulus.value(), scratch);
        let (mut inside, mut square) = (Number::zero(), Number::zero());
        modulus.enter(&mut inside, &root, scratch);
        modulus.mul(&mut square, &inside, &root, scratch);
        if square.is_zero() || square.is_one() {
            return Err(CryptoError::Ids("one hashes to 0 or 1"));
        }
        Ok(square)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::random;

    #[test]
    fn exponents_are_even_and_long() {
        let secret = Dh::new(2048, &mut random::fill).unwrap();
        assert_eq!((secret.exponent.bits(), secret.exponent.is_odd()), (320, false));
    }

    /// Tokens are squares other than 1: raised to q = (p - 1) / 2 they give 1.
    #[test]
    fn tokens_are_in_the_subgroup() {
        let (stop, secret) = (AtomicBool::new(false), Dh::new(2048, &mut random::fill).unwrap());
        let hash = IdHash { name: "sha256".to_owned(), salt: String::new() };
        let tokens = secret.blind(&Ids { offsets: &[0, 1, 2], bytes: b"ab" }, &hash, &stop).unwrap();
        let (order, _) = secret.group.last.div_rem_small(2);
        for index in 0..2 {
            let token = Number::from_be_bytes(tokens.get(index));
            assert!(!token.is_one());
            let power = secret.group.modulus.power_public(&token, &order, &mut Scratch::new());
            assert!(power.is_one());
        }
    }

    #[test]
    fn foreign_bytes_are_refused() {
        let (stop, secret) = (AtomicBool::new(false), Dh::new(2048, &mut random::fill).unwrap());
        let mut last = vec![0u8; 256];
        secret.group.last.write_be(&mut last);
        let mut one = vec![0u8; 256];
        one[255] = 1;
        for bytes in [vec![0u8; 256], one, last, vec![255; 256]] {
            let result = secret.reblind(&Tokens { width: 256, bytes }, &stop);
            assert!(matches!(result, Err(CryptoError::Tokens(_))));
        }
        assert!(secret.reblind(&Tokens { width: 32, bytes: vec![1; 256] }, &stop).is_err());
    }
}
