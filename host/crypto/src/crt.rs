//! The Chinese remainder theorem for a product of two secret primes. Not for: what is computed modulo each of them.

use crate::CryptoError;
use crate::bn::{Modulus, Number, Scratch};

/// Two secret primes of equal length, a multiple of 64 bits, and what glues residues modulo them together.
pub(crate) struct Crt {
    p: Modulus,
    q: Modulus,
    /// q^-1 mod p, in Montgomery form.
    q_inverse: Number,
}

impl Crt {
    /// From two distinct primes of equal length.
    pub(crate) fn new(p: &Number, q: &Number, scratch: &mut Scratch) -> Result<Crt, CryptoError> {
        let (p, q) = (Modulus::secret(p)?, Modulus::secret(q)?);
        let plain = inverse_mod_prime(&p, q.value(), scratch);
        let mut q_inverse = Number::zero();
        p.enter(&mut q_inverse, &plain, scratch);
        Ok(Crt { p, q, q_inverse })
    }

    /// The first prime.
    pub(crate) fn p(&self) -> &Modulus {
        &self.p
    }

    /// The second prime.
    pub(crate) fn q(&self) -> &Modulus {
        &self.q
    }

    /// The number below p q that is `x_p` modulo p and `x_q` modulo q (Garner's formula: x_q + q ((x_p - x_q) / q mod
    /// p)), in constant time. Both residues are reduced and in standard form.
    ///
    /// `x_q` may exceed p: a Montgomery product needs only one factor below the modulus and the other below R.
    pub(crate) fn combine(&self, x_p: &Number, x_q: &Number, scratch: &mut Scratch) -> Number {
        let (mut left, mut right, mut quotient) = (Number::zero(), Number::zero(), Number::zero());
        self.p.mul(&mut left, x_p, &self.q_inverse, scratch);
        self.p.mul(&mut right, x_q, &self.q_inverse, scratch);
        self.p.sub(&mut quotient, &left, &right);
        x_q.plus(&self.q.value().times(&quotient, scratch))
    }
}

/// a^-1 modulo a secret prime by Fermat's little theorem, in constant time; `a` is not a multiple of the prime and
/// below prime * R, both in standard form.
pub(crate) fn inverse_mod_prime(prime: &Modulus, a: &Number, scratch: &mut Scratch) -> Number {
    let exponent = prime.value().minus(&Number::from_u64(2));
    let mut reduced = Number::zero();
    prime.reduce(&mut reduced, a, scratch);
    prime.power_secret(&reduced, &exponent, scratch)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bn::random_prime;

    #[test]
    fn residues_are_glued() {
        let mut scratch = Scratch::new();
        let p = random_prime(256, |_| true);
        let q = random_prime(256, |candidate| *candidate != p);
        let crt = Crt::new(&p, &q, &mut scratch).unwrap();
        let n = p.times(&q, &mut scratch);
        for _ in 0..20 {
            let x = Number::random_below(&n);
            let (mut x_p, mut x_q) = (Number::zero(), Number::zero());
            crt.p().reduce(&mut x_p, &x, &mut scratch);
            crt.q().reduce(&mut x_q, &x, &mut scratch);
            assert_eq!(x_p, x.modulo(&p, &mut scratch));
            assert_eq!(crt.combine(&x_p, &x_q, &mut scratch), x);
        }
    }

    #[test]
    fn fermat_inverts() {
        let mut scratch = Scratch::new();
        let p = random_prime(256, |_| true);
        let modulus = Modulus::secret(&p).unwrap();
        let a = Number::random_below(&p);
        let inverse = inverse_mod_prime(&modulus, &a, &mut scratch);
        assert!(a.times(&inverse, &mut scratch).modulo(&p, &mut scratch).is_one());
    }
}
