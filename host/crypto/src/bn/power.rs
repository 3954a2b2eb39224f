//! Exponentiation modulo an odd number. Not for: many exponents of one base (`paillier::comb`).

use aws_lc_sys as ffi;

use super::{Modulus, Number, Scratch, done};

/// Exponents with at most this many set bits are worth no table of powers.
const SPARSE: u32 = 4;
/// Bits of a sliding window; the table then holds x, x^3, x^5 and x^7.
const WINDOW: u32 = 3;

impl Modulus {
    /// base^exponent, both residues in Montgomery form, for a short public exponent: sliding windows (Menezes, van
    /// Oorschot, Vanstone, Handbook of Applied Cryptography, algorithm 14.85) in variable time.
    pub fn power(&self, out: &mut Number, base: &Number, exponent: u128, scratch: &mut Scratch) {
        if exponent == 0 {
            out.copy_from(self.one());
        } else if exponent.count_ones() <= SPARSE {
            self.power_sparse(out, base, exponent, scratch);
        } else {
            let mut odd = std::mem::take(&mut scratch.odd_powers);
            self.odd_powers(&mut odd, out, base, scratch);
            self.power_windows(out, &odd, exponent, scratch);
            scratch.odd_powers = odd;
        }
    }

    /// Square and multiply.
    fn power_sparse(&self, out: &mut Number, base: &Number, exponent: u128, scratch: &mut Scratch) {
        out.copy_from(base);
        for bit in (0..exponent.ilog2()).rev() {
            self.square(out, 1, scratch);
            if (exponent >> bit) & 1 == 1 {
                self.mul_assign(out, base, scratch);
            }
        }
    }

    /// Fills the table with base, base^3, base^5 and so on; `square` serves as a temporary.
    fn odd_powers(&self, odd: &mut [Number], square: &mut Number, base: &Number, scratch: &mut Scratch) {
        self.mul(square, base, base, scratch);
        odd[0].copy_from(base);
        for index in 1..odd.len() {
            let (done, rest) = odd.split_at_mut(index);
            self.mul(&mut rest[0], &done[index - 1], square, scratch);
        }
    }

    /// Sliding windows over an exponent above 0.
    fn power_windows(&self, out: &mut Number, odd: &[Number], exponent: u128, scratch: &mut Scratch) {
        let mut left = exponent.ilog2() + 1;
        let mut started = false;
        while left > 0 {
            if (exponent >> (left - 1)) & 1 == 0 {
                self.square(out, 1, scratch);
                left -= 1;
                continue;
            }
            let mut length = left.min(WINDOW);
            while (exponent >> (left - length)) & 1 == 0 {
                length -= 1;
            }
            let digit = (exponent >> (left - length)) as usize & ((1 << length) - 1);
            let entry = &odd[digit / 2];
            if started {
                self.square(out, length, scratch);
                self.mul_assign(out, entry, scratch);
            } else {
                out.copy_from(entry);
                started = true;
            }
            left -= length;
        }
    }

    /// base^exponent, both residues in standard form, for a public exponent of any length, in variable time as far as
    /// the exponent goes.
    ///
    /// # Panics
    /// When `base` is not below n.
    pub fn power_public(&self, base: &Number, exponent: &Number, scratch: &mut Scratch) -> Number {
        assert!(base < self.value(), "a base above the modulus");
        let mut out = Number::zero();
        // SAFETY: live objects, only the result and the temporaries are written; the modulus is odd and above the base.
        done(unsafe {
            ffi::BN_mod_exp_mont(
                out.raw_mut(),
                base.raw(),
                exponent.raw(),
                self.value().raw(),
                scratch.raw(),
                self.raw(),
            )
        });
        out
    }

    /// base^exponent, both residues in standard form, in time that depends on the widths of modulus and exponent alone.
    ///
    /// # Panics
    /// When `base` is not below n.
    pub fn power_secret(&self, base: &Number, exponent: &Number, scratch: &mut Scratch) -> Number {
        assert!(base < self.value(), "a base above the modulus");
        let mut out = Number::zero();
        // SAFETY: live objects, only the result and the temporaries are written; the modulus is odd and above the base.
        done(unsafe {
            ffi::BN_mod_exp_mont_consttime(
                out.raw_mut(),
                base.raw(),
                exponent.raw(),
                self.value().raw(),
                scratch.raw(),
                self.raw(),
            )
        });
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CryptoError;

    /// 2^521 - 1, a prime.
    fn mersenne() -> (Modulus, Scratch) {
        let value = Number::power_of_two(521).minus(&Number::from_u64(1));
        (Modulus::new(&value).unwrap(), Scratch::new())
    }

    fn standard(modulus: &Modulus, a: &Number, scratch: &mut Scratch) -> Number {
        let mut out = Number::zero();
        modulus.leave(&mut out, a, scratch);
        out
    }

    #[test]
    fn all_exponentiations_agree() {
        let (modulus, mut scratch) = mersenne();
        let base = Number::random_below(modulus.value());
        let mut inside = Number::zero();
        modulus.enter(&mut inside, &base, &mut scratch);
        let mut step: u128 = 1;
        for _ in 0..200 {
            step = step.wrapping_mul(0x2545_F491_4F6C_DD1D_1234_5678_9ABC_DEF1).wrapping_add(77);
            let exponent = step >> (step % 127);
            let long = Number::from_be_bytes(&exponent.to_be_bytes());
            let mut short = Number::zero();
            modulus.power(&mut short, &inside, exponent, &mut scratch);
            let short = standard(&modulus, &short, &mut scratch);
            assert_eq!(short, modulus.power_public(&base, &long, &mut scratch));
            assert_eq!(short, modulus.power_secret(&base, &long, &mut scratch));
        }
    }

    #[test]
    fn small_exponents() {
        let (modulus, mut scratch) = mersenne();
        let mut three = Number::zero();
        modulus.enter(&mut three, &Number::from_u64(3), &mut scratch);
        for (exponent, wanted) in [(0, 1), (1, 3), (2, 9), (5, 243), (31, 617_673_396_283_947)] {
            let mut out = Number::zero();
            modulus.power(&mut out, &three, exponent, &mut scratch);
            assert_eq!(standard(&modulus, &out, &mut scratch), Number::from_u64(wanted));
        }
    }

    #[test]
    fn batches_are_inverted() {
        let (modulus, mut scratch) = mersenne();
        let residues: Vec<Number> = (0..9).map(|_| Number::random_below(modulus.value())).collect();
        let mut inverses = residues.clone();
        modulus.invert_all(&mut inverses, &mut scratch).unwrap();
        for (residue, inverse) in residues.iter().zip(&inverses) {
            let mut product = Number::zero();
            modulus.mul(&mut product, residue, inverse, &mut scratch);
            assert_eq!(product, *modulus.one());
        }
        inverses[3] = Number::zero();
        assert_eq!(modulus.invert_all(&mut inverses, &mut scratch), Err(CryptoError::NotInvertible));
    }

    #[test]
    fn wide_numbers_are_reduced_and_differences_wrap() {
        let (modulus, mut scratch) = mersenne();
        let wide = Number::random_below(&Number::power_of_two(1000));
        let mut reduced = Number::zero();
        modulus.reduce(&mut reduced, &wide, &mut scratch);
        assert_eq!(reduced, wide.modulo(modulus.value(), &mut scratch));
        let mut below = Number::zero();
        modulus.sub(&mut below, &Number::from_u64(1), &Number::from_u64(2));
        assert_eq!(below, modulus.value().minus(&Number::from_u64(1)));
    }

    #[test]
    fn unfit_moduli_are_refused() {
        for value in [Number::zero(), Number::from_u64(7), Number::power_of_two(512)] {
            assert!(matches!(Modulus::new(&value), Err(CryptoError::Modulus)));
        }
    }
}
