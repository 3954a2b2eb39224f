//! Key pairs and decryption. Not for: keeping secret keys; they live as long as the process holds them.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use zeroize::Zeroizing;

use super::encoding::decode;
use super::encrypted::Encrypted;
use super::public::{PublicKey, length_fits};
use crate::CryptoError;
use crate::bn::{Modulus, Number, Scratch, random_prime_for};
use crate::crt::{Crt, inverse_mod_prime};
use crate::work::{Supervisor, check, fill_cells};

/// Entries that are turned into floats before anybody asks whether they are still wanted.
const READ_AT_ONCE: usize = 1024;

/// A secret key with its public key. All secret numbers are wiped when it is dropped.
pub struct KeyPair {
    public: Arc<PublicKey>,
    crt: Crt,
    p: Half,
    q: Half,
    /// floor(n / 3), the largest magnitude of a plaintext.
    third: Number,
}

impl KeyPair {
    /// A new key of exactly `bits` bits: n = p q for random primes of half the bits, both 3 modulo 4, with
    /// gcd(p - 1, q - 1) = 2 and gcd(n, (p - 1)(q - 1)) = 1.
    ///
    /// # Errors
    /// [`CryptoError::KeyLength`] unless `bits` is a multiple of 256 from 1024 to 4096.
    pub fn generate(bits: u32) -> Result<KeyPair, CryptoError> {
        KeyPair::generate_for(bits, &AtomicBool::new(false))
    }

    /// The same for somebody who may stop it: it takes seconds for long keys, on the thread that calls.
    ///
    /// # Errors
    /// As [`generate`](Self::generate), and [`CryptoError::Stopped`].
    pub fn generate_for(bits: u32, stop: &dyn Supervisor) -> Result<KeyPair, CryptoError> {
        if !length_fits(bits) {
            return Err(CryptoError::KeyLength(bits));
        }
        let mut scratch = Scratch::new();
        let is_blum = |candidate: &Number| candidate.low_bits(2) == Number::from_u64(3);
        loop {
            let (p, q) = (random_prime_for(bits / 2, is_blum, stop)?, random_prime_for(bits / 2, is_blum, stop)?);
            if let Some(n) = modulus_of(&p, &q, bits, &mut scratch) {
                return KeyPair::new(&p, &q, n, &mut scratch);
            }
        }
    }

    fn new(p: &Number, q: &Number, n: Number, scratch: &mut Scratch) -> Result<KeyPair, CryptoError> {
        let (third, _) = n.div_rem_small(3);
        let crt = Crt::new(p, q, scratch)?;
        let half_p = Half::new(crt.p(), q, scratch)?;
        let half_q = Half::new(crt.q(), p, scratch)?;
        Ok(KeyPair { public: Arc::new(PublicKey::new(n)?), crt, p: half_p, q: half_q, third })
    }

    /// The public key.
    pub fn public(&self) -> Arc<PublicKey> {
        Arc::clone(&self.public)
    }

    /// Decrypts every entry: each is integer / 2^scale, rounded once to the nearest float. Exponents, and therefore the
    /// time of an entry, do not depend on what is decrypted.
    ///
    /// # Errors
    /// `OtherKey`; `Overflow` naming the first entry whose integer lies in the middle third of the plaintexts or is
    /// beyond the largest float; `Encrypted` for a ciphertext that shares a factor with n; `Stopped`.
    pub fn decrypt(&self, encrypted: &Encrypted, stop: &dyn Supervisor) -> Result<Vec<f64>, CryptoError> {
        encrypted.check_key(&self.public)?;
        let (width, square) = (self.public.bits() as usize / 8, self.public.square());
        let init = || (Scratch::new(), Number::zero(), Number::zero());
        let plain = fill_cells(encrypted.len(), width, stop, init, |(scratch, inside, c), index, cell| {
            inside.set_le_bytes(encrypted.cell(index));
            square.leave(c, inside, scratch);
            self.decrypt_one(c, scratch)?.write_le(cell);
            Ok(())
        })?;
        let plain = Zeroizing::new(plain);
        let read = |(index, cell): (usize, &[u8])| {
            if index.is_multiple_of(READ_AT_ONCE) {
                check(stop)?;
            }
            self.read(cell, encrypted.scale()).ok_or(CryptoError::Overflow(index))
        };
        plain.chunks_exact(width).enumerate().map(read).collect()
    }

    /// The plaintext below n of `c`, in standard form.
    fn decrypt_one(&self, c: &Number, scratch: &mut Scratch) -> Result<Number, CryptoError> {
        let m_p = self.p.decrypt(self.crt.p(), c, scratch)?;
        let m_q = self.q.decrypt(self.crt.q(), c, scratch)?;
        Ok(self.crt.combine(&m_p, &m_q, scratch))
    }

    /// The signed fixed-point number that a plaintext stands for.
    fn read(&self, plain: &[u8], scale: u32) -> Option<f64> {
        let plain = Number::from_le_bytes(plain);
        if plain <= self.third {
            return decode(&plain, scale);
        }
        let magnitude = self.public.n().minus(&plain);
        if magnitude > self.third {
            return None;
        }
        decode(&magnitude, scale).map(|value| -value)
    }
}

impl fmt::Debug for KeyPair {
    /// Shows nothing secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({} bits)", self.public.bits())
    }
}

/// n = p q, if these two primes make a key.
fn modulus_of(p: &Number, q: &Number, bits: u32, scratch: &mut Scratch) -> Option<Number> {
    if p == q {
        return None;
    }
    let one = Number::from_u64(1);
    let (before_p, before_q) = (p.minus(&one), q.minus(&one));
    let n = p.times(q, scratch);
    let order = before_p.times(&before_q, scratch);
    let fits =
        n.bits() == bits && before_p.gcd(&before_q, scratch) == Number::from_u64(2) && n.gcd(&order, scratch).is_one();
    fits.then_some(n)
}

/// Decryption modulo one of the primes (Paillier, section 7, with g = n + 1). In the terms of the prime p, with q the
/// other one:
///
/// - c^(p-1) mod p^2 is 1 + t p, and t = L(c^(p-1)) comes out of an exact division, made as a product with
///   p^-1 mod 2^k in constant time;
/// - the plaintext modulo p is t h with h = L((n+1)^(p-1))^-1 = (-q)^-1 mod p.
struct Half {
    /// p^2.
    square: Modulus,
    /// p - 1.
    exponent: Number,
    /// p^-1 mod 2^k, with k the length of p.
    inverse: Number,
    /// h in Montgomery form modulo p.
    h: Number,
}

impl Half {
    fn new(prime: &Modulus, other: &Number, scratch: &mut Scratch) -> Result<Half, CryptoError> {
        let p = prime.value();
        let plain = p.minus(&inverse_mod_prime(prime, other, scratch));
        let mut h = Number::zero();
        prime.enter(&mut h, &plain, scratch);
        Ok(Half {
            square: Modulus::secret(&p.times(p, scratch))?,
            exponent: p.minus(&Number::from_u64(1)),
            inverse: inverse_mod_power_of_two(p, scratch),
            h,
        })
    }

    /// The plaintext of `c` modulo the prime; `c` is below n^2, in standard form, and as wide as n^2.
    fn decrypt(&self, prime: &Modulus, c: &Number, scratch: &mut Scratch) -> Result<Number, CryptoError> {
        let mut reduced = Number::zero();
        self.square.reduce(&mut reduced, c, scratch);
        let power = self.square.power_secret(&reduced, &self.exponent, scratch);
        if power.is_zero() {
            return Err(CryptoError::Encrypted("a ciphertext shares a factor with n"));
        }
        let multiple = power.minus(&Number::from_u64(1));
        let quotient = multiple.times(&self.inverse, scratch).low_bits(prime.value().bits());
        let mut plain = Number::zero();
        prime.mul(&mut plain, &quotient, &self.h, scratch);
        Ok(plain)
    }
}

/// p^-1 modulo 2^k for an odd p of k bits by Newton's iteration x <- x (2 - p x), which starts with 3 right bits and
/// doubles them: 12 rounds are good for 12288.
fn inverse_mod_power_of_two(p: &Number, scratch: &mut Scratch) -> Number {
    let bits = p.bits();
    let two = Number::power_of_two(bits).plus(&Number::from_u64(2));
    let mut inverse = p.clone();
    for _ in 0..12 {
        let product = p.times(&inverse, scratch).low_bits(bits);
        let factor = two.minus(&product);
        inverse = inverse.times(&factor, scratch).low_bits(bits);
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bn::random_prime;

    #[test]
    fn newton_inverts() {
        let mut scratch = Scratch::new();
        let p = random_prime(512, |_| true);
        let inverse = inverse_mod_power_of_two(&p, &mut scratch);
        assert!(p.times(&inverse, &mut scratch).low_bits(512).is_one());
    }

    #[test]
    fn keys_have_their_length() {
        for bits in [1024, 1280] {
            let pair = KeyPair::generate(bits).unwrap();
            assert_eq!(pair.public().bits(), bits);
            assert_eq!(pair.public().n().bits(), bits);
        }
        for bits in [0, 512, 1000, 1152, 8192] {
            assert_eq!(KeyPair::generate(bits).unwrap_err(), CryptoError::KeyLength(bits));
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", KeyPair::generate(1024).unwrap()), "KeyPair(1024 bits)");
    }
}
