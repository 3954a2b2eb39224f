//! The party with the secret key. Not for: the party whose ids are signed (`blinder`).

use std::fmt;
use std::sync::atomic::AtomicBool;

use super::{EXPONENT, Public, length_fits};
use crate::CryptoError;
use crate::bn::{Modulus, Number, Scratch, random_prime_for};
use crate::crt::Crt;
use crate::digest::Hash;
use crate::psi::{IdHash, Ids, Tokens};
use crate::work::{Supervisor, fill_cells};

/// An RSA key that signs ids; all secret numbers are wiped when it is dropped.
pub struct RsaSigner {
    public: Public,
    crt: Crt,
    /// d mod p - 1.
    exponent_p: Number,
    /// d mod q - 1.
    exponent_q: Number,
}

impl RsaSigner {
    /// A new key of exactly `bits` bits with e = 65537.
    ///
    /// # Errors
    /// [`CryptoError::KeyLength`] unless `bits` is a multiple of 256 from 1024 to 4096.
    pub fn generate(bits: u32) -> Result<RsaSigner, CryptoError> {
        RsaSigner::generate_for(bits, &AtomicBool::new(false))
    }

    /// The same for somebody who may stop it: it takes seconds for long keys, on the thread that calls.
    ///
    /// # Errors
    /// As [`generate`](Self::generate), and [`CryptoError::Stopped`].
    pub fn generate_for(bits: u32, stop: &dyn Supervisor) -> Result<RsaSigner, CryptoError> {
        if !length_fits(bits) {
            return Err(CryptoError::KeyLength(bits));
        }
        let mut scratch = Scratch::new();
        let p = random_prime_for(bits / 2, |candidate| remainder_before(candidate) != 0, stop)?;
        let q = random_prime_for(bits / 2, |candidate| remainder_before(candidate) != 0 && *candidate != p, stop)?;
        Ok(RsaSigner {
            public: Public::new(&p.times(&q, &mut scratch))?,
            crt: Crt::new(&p, &q, &mut scratch)?,
            exponent_p: secret_exponent(&p, &mut scratch),
            exponent_q: secret_exponent(&q, &mut scratch),
        })
    }

    /// The public key for [`RsaBlinder::new`](crate::RsaBlinder::new): `PRK1`, then N with its most significant byte
    /// first.
    pub fn public_bytes(&self) -> Vec<u8> {
        self.public.to_bytes()
    }

    /// The token H2(H(v)^d) of every own id v; `final_hash` names H2: `sha224`, `sha256`, `sha384` or `sha512`.
    ///
    /// # Errors
    /// [`CryptoError::Ids`], [`CryptoError::Hash`], [`CryptoError::Stopped`].
    pub fn sign_ids(
        &self,
        ids: &Ids<'_>,
        hash: &IdHash,
        final_hash: &str,
        stop: &dyn Supervisor,
    ) -> Result<Tokens, CryptoError> {
        ids.check()?;
        let (digest, last) = (hash.function()?, Hash::from_name(final_hash)?);
        let width = last.width();
        let bytes = fill_cells(ids.len(), width, stop, Scratch::new, |scratch, index, cell| {
            let message = self.public.hash(&digest(ids.get(index)), scratch);
            let signature = self.sign(&message, scratch, index)?;
            cell.copy_from_slice(&self.public.finish(&signature, last));
            Ok(())
        })?;
        Ok(Tokens { width, bytes })
    }

    /// x^d for every blinded id x of the other party. They may be hostile, which costs the signer nothing but work: it
    /// signs whatever residue it is given.
    ///
    /// # Errors
    /// [`CryptoError::Tokens`] when one is 0, not below N or of the wrong width; [`CryptoError::Stopped`].
    pub fn sign_blinded(&self, tokens: &Tokens, stop: &dyn Supervisor) -> Result<Tokens, CryptoError> {
        let width = self.public.width;
        tokens.check(width)?;
        let bytes = fill_cells(tokens.len(), width, stop, Scratch::new, |scratch, index, cell| {
            let message = Number::from_be_bytes(tokens.get(index));
            if message.is_zero() || message >= *self.public.modulus.value() {
                return Err(CryptoError::Tokens("one outside 1 to N - 1"));
            }
            self.sign(&message, scratch, index)?.write_be(cell);
            Ok(())
        })?;
        Ok(Tokens { width, bytes })
    }

    /// message^d mod N by the Chinese remainder theorem (RFC 8017, section 5.1.2), in constant time. The result is
    /// verified before it is handed out, since a single wrong half would give the key away (D. Boneh, R. DeMillo, R.
    /// Lipton, 1997).
    fn sign(&self, message: &Number, scratch: &mut Scratch, index: usize) -> Result<Number, CryptoError> {
        let half = |modulus: &Modulus, exponent: &Number, scratch: &mut Scratch| {
            let mut reduced = Number::zero();
            modulus.reduce(&mut reduced, message, scratch);
            modulus.power_secret(&reduced, exponent, scratch)
        };
        let s_p = half(self.crt.p(), &self.exponent_p, scratch);
        let s_q = half(self.crt.q(), &self.exponent_q, scratch);
        let signature = self.crt.combine(&s_p, &s_q, scratch);
        let (mut inside, mut power) = (Number::zero(), Number::zero());
        let modulus = &self.public.modulus;
        modulus.enter(&mut inside, &signature, scratch);
        self.public.power(&mut power, &inside, scratch);
        modulus.leave(&mut inside, &power, scratch);
        if inside == *message { Ok(signature) } else { Err(CryptoError::Signature(index)) }
    }
}

impl fmt::Debug for RsaSigner {
    /// Shows nothing secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaSigner({} bits)", self.public.width * 8)
    }
}

/// (p - 1) mod e; 0 for primes that e does not fit.
fn remainder_before(p: &Number) -> u32 {
    p.minus(&Number::from_u64(1)).div_rem_small(EXPONENT).1
}

/// e^-1 mod p - 1 without a division by the secret: with k = -1 / (p - 1) mod e, 1 + k (p - 1) is a multiple of e, and
/// the quotient is the inverse.
fn secret_exponent(p: &Number, scratch: &mut Scratch) -> Number {
    let before = p.minus(&Number::from_u64(1));
    let factor = EXPONENT - inverse_mod_exponent(remainder_before(p));
    let multiple = before.times(&Number::from_u64(factor.into()), scratch).plus(&Number::from_u64(1));
    multiple.div_rem_small(EXPONENT).0
}

/// a^-1 mod 65537, a prime, by Fermat's little theorem.
fn inverse_mod_exponent(a: u32) -> u32 {
    let modulus = u64::from(EXPONENT);
    let (mut power, mut base) = (1, u64::from(a));
    let mut left = EXPONENT - 2;
    while left > 0 {
        if left & 1 == 1 {
            power = power * base % modulus;
        }
        base = base * base % modulus;
        left >>= 1;
    }
    power as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bn::random_prime;

    #[test]
    fn secret_exponents_invert() {
        let mut scratch = Scratch::new();
        let p = random_prime(256, |candidate| remainder_before(candidate) != 0);
        let product = secret_exponent(&p, &mut scratch).times(&Number::from_u64(EXPONENT.into()), &mut scratch);
        assert!(product.modulo(&p.minus(&Number::from_u64(1)), &mut scratch).is_one());
        assert_eq!(inverse_mod_exponent(2), 32769);
    }

    #[test]
    fn lengths_are_checked() {
        assert_eq!(RsaSigner::generate(512).unwrap_err(), CryptoError::KeyLength(512));
        let signer = RsaSigner::generate(1024).unwrap();
        assert_eq!(signer.public_bytes().len(), 4 + 128);
        assert_eq!(format!("{signer:?}"), "RsaSigner(1024 bits)");
    }
}
