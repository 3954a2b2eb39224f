//! Arithmetic of whole numbers. Not for: residues in hot loops (`modulus`).

use std::ffi::c_int;
use std::ptr::null_mut;

use aws_lc_sys as ffi;

use super::{Number, Scratch, done};

impl Number {
    /// self + other.
    pub fn plus(&self, other: &Number) -> Number {
        let mut sum = Number::zero();
        // SAFETY: three live numbers, both terms non-negative.
        done(unsafe { ffi::BN_uadd(sum.raw_mut(), self.raw(), other.raw()) });
        sum
    }

    /// self - other.
    ///
    /// # Panics
    /// When `other` is larger.
    pub fn minus(&self, other: &Number) -> Number {
        assert!(self >= other, "a difference below zero");
        let mut difference = Number::zero();
        // SAFETY: three live numbers, and the result is not negative.
        done(unsafe { ffi::BN_usub(difference.raw_mut(), self.raw(), other.raw()) });
        difference
    }

    /// self * other.
    pub fn times(&self, other: &Number, scratch: &mut Scratch) -> Number {
        let mut product = Number::zero();
        // SAFETY: three live numbers and a stock of temporaries.
        done(unsafe { ffi::BN_mul(product.raw_mut(), self.raw(), other.raw(), scratch.raw()) });
        product
    }

    /// Quotient and remainder of self by `divisor`, in variable time.
    ///
    /// # Panics
    /// When `divisor` is 0.
    pub fn div_rem(&self, divisor: &Number, scratch: &mut Scratch) -> (Number, Number) {
        assert!(!divisor.is_zero(), "a division by zero");
        let (mut quotient, mut rest) = (Number::zero(), Number::zero());
        // SAFETY: four live numbers, all distinct where written, and a stock of temporaries.
        done(unsafe { ffi::BN_div(quotient.raw_mut(), rest.raw_mut(), self.raw(), divisor.raw(), scratch.raw()) });
        (quotient, rest)
    }

    /// self modulo `divisor`, in variable time.
    ///
    /// # Panics
    /// When `divisor` is 0.
    pub fn modulo(&self, divisor: &Number, scratch: &mut Scratch) -> Number {
        assert!(!divisor.is_zero(), "a division by zero");
        let mut rest = Number::zero();
        // SAFETY: as above; the library takes null for a quotient that is not wanted.
        done(unsafe { ffi::BN_div(null_mut(), rest.raw_mut(), self.raw(), divisor.raw(), scratch.raw()) });
        rest
    }

    /// Quotient and remainder of self by a small divisor.
    ///
    /// # Panics
    /// When `divisor` is 0.
    pub fn div_rem_small(&self, divisor: u32) -> (Number, u32) {
        assert!(divisor != 0, "a division by zero");
        let mut quotient = self.clone();
        // SAFETY: a live number and a divisor other than 0.
        let rest = unsafe { ffi::BN_div_word(quotient.raw_mut(), divisor.into()) };
        (quotient, u32::try_from(rest).expect("a remainder is below its divisor"))
    }

    /// The greatest common divisor of self and `other`.
    pub fn gcd(&self, other: &Number, scratch: &mut Scratch) -> Number {
        let mut divisor = Number::zero();
        // SAFETY: three live numbers and a stock of temporaries.
        done(unsafe { ffi::BN_gcd(divisor.raw_mut(), self.raw(), other.raw(), scratch.raw()) });
        divisor
    }

    /// self modulo 2^`bits`.
    pub fn low_bits(&self, bits: u32) -> Number {
        let mut low = self.clone();
        // SAFETY: a live number and a non-negative count.
        done(unsafe { ffi::BN_mask_bits(low.raw_mut(), bits as c_int) });
        low
    }

    /// Whether it is the square of an integer, in variable time.
    pub fn is_square(&self, scratch: &mut Scratch) -> bool {
        let mut root = Number::zero();
        // SAFETY: two live numbers and a stock of temporaries.
        let square = unsafe { ffi::BN_sqrt(root.raw_mut(), self.raw(), scratch.raw()) == 1 };
        // SAFETY: empties the queue of errors of this thread, where "not a square" was put.
        unsafe { ffi::ERR_clear_error() }
        square
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_number_arithmetic() {
        let mut scratch = Scratch::new();
        let (a, b) = (Number::from_u64(1 << 40), Number::from_u64(1000));
        assert_eq!(a.plus(&b).minus(&a), b);
        assert_eq!(a.times(&a, &mut scratch), Number::power_of_two(80));
        let (quotient, rest) = a.div_rem(&b, &mut scratch);
        assert_eq!((quotient.clone(), rest.clone()), (Number::from_u64((1 << 40) / 1000), Number::from_u64(776)));
        assert_eq!(a.modulo(&b, &mut scratch), rest);
        assert_eq!(a.div_rem_small(1000), (quotient, 776));
        assert_eq!(a.gcd(&b, &mut scratch), Number::from_u64(8));
        assert_eq!(a.plus(&b).low_bits(40), b);
        assert!(Number::power_of_two(80).is_square(&mut scratch));
        assert!(!Number::power_of_two(81).is_square(&mut scratch));
        assert_eq!(format!("{a:?}"), "Number(41 bits)");
    }
}
