//! Private set intersection with RSA blind signatures: what signer and blinder share. Not for: signatures of documents.
//!
//! With the signer's key (N, e, d), H the hash to all residues modulo N and H2 the final hash:
//!
//! | who | sends | for |
//! |---|---|---|
//! | signer | N | |
//! | blinder | r^e H(u) | every own id u, with a fresh full-width r |
//! | signer | (r^e H(u))^d = r H(u)^d | every blinded id |
//! | signer | H2(H(v)^d) | every own id v |
//!
//! The blinder divides by r, applies H2 and compares. It verifies every signature before it uses it. What it cannot see
//! is whether e divides (p - 1)(q - 1) of a key made to be weak, in which case r^e H(u) would tell its signer a little
//! of H(u): the signer is trusted to make its key as [`RsaSigner::generate`] does.

mod blinder;
mod signer;

use super::xmd::expand_message_xmd;
use crate::CryptoError;
use crate::bn::{Modulus, Number, Scratch};
use crate::digest::Hash;

pub use blinder::RsaBlinder;
pub use signer::RsaSigner;

/// The public exponent.
const EXPONENT: u32 = 65537;
/// Domain separation tag of the full-domain hash.
const TAG: &[u8] = b"PARCAE-V01-PSI-with-RSA-FDH_XMD:SHA-512_";
/// Bytes that a hash has beyond N, so that its remainder is even to 2^-128.
const MARGIN: usize = 16;
/// Start of the bytes of a public key.
const MAGIC: &[u8; 4] = b"PRK1";

/// Whether keys of `bits` bits are offered: a multiple of 256 from 1024 to 4096.
fn length_fits(bits: u32) -> bool {
    (1024..=4096).contains(&bits) && bits.is_multiple_of(256)
}

/// The public key (N, 65537).
struct Public {
    modulus: Modulus,
    width: usize,
}

impl Public {
    fn new(n: &Number) -> Result<Public, CryptoError> {
        Ok(Public { modulus: Modulus::new(n)?, width: n.bits() as usize / 8 })
    }

    /// `PRK1`, then N with its most significant byte first.
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.modulus.value().to_be_bytes());
        bytes
    }

    /// The key that `bytes`, from anyone, spell.
    fn from_bytes(bytes: &[u8]) -> Result<Public, CryptoError> {
        let digits = bytes.strip_prefix(MAGIC).ok_or(CryptoError::PublicKey("no PRK1 at the start"))?;
        if digits.len() > 512 {
            return Err(CryptoError::PublicKey("too long"));
        }
        let n = Number::from_be_bytes(digits);
        if n.bits() as usize != digits.len() * 8 || !length_fits(n.bits()) {
            return Err(CryptoError::PublicKey("length not a multiple of 256 from 1024 to 4096 bits"));
        }
        if !n.is_odd() || n.is_square(&mut Scratch::new()) {
            return Err(CryptoError::PublicKey("even or a square"));
        }
        Public::new(&n)
    }

    /// H: a residue modulo N that depends on `message` like a random one, in standard form.
    fn hash(&self, message: &[u8], scratch: &mut Scratch) -> Number {
        let uniform = expand_message_xmd(Hash::Sha512, message, TAG, self.width + MARGIN);
        Number::from_be_bytes(&uniform).modulo(self.modulus.value(), scratch)
    }

    /// x^e; both in Montgomery form.
    fn power(&self, out: &mut Number, x: &Number, scratch: &mut Scratch) {
        self.modulus.power(out, x, EXPONENT.into(), scratch);
    }

    /// H2 of a signature in standard form: of its N-wide bytes, most significant first.
    fn finish(&self, signature: &Number, hash: Hash) -> Vec<u8> {
        let mut bytes = vec![0u8; self.width];
        signature.write_be(&mut bytes);
        hash.digest(&[&bytes])
    }
}
