//! Owned non-negative integers of any length. Not for: modular arithmetic in hot loops (`Modulus`).

use std::cmp::Ordering;
use std::ffi::c_int;
use std::fmt;
use std::ptr::{NonNull, null_mut};

use aws_lc_sys as ffi;

use super::{Scratch, done};

/// A non-negative integer; its limbs are wiped when it is dropped.
///
/// A number remembers the width that it was made with, leading zeros included, so that the time of constant-time
/// operations depends on that width alone.
pub struct Number(NonNull<ffi::BIGNUM>);

// SAFETY: a BIGNUM is plain memory without a tie to the thread that made it.
unsafe impl Send for Number {}
// SAFETY: every C function called with `&self` takes a `const BIGNUM *` and, by the rules of the library, only reads.
unsafe impl Sync for Number {}

impl Number {
    /// 0.
    pub fn zero() -> Number {
        // SAFETY: takes nothing and returns an owned pointer or null.
        Number(NonNull::new(unsafe { ffi::BN_new() }).expect("memory for a number"))
    }

    /// `value`.
    pub fn from_u64(value: u64) -> Number {
        let mut number = Number::zero();
        // SAFETY: a live number.
        done(unsafe { ffi::BN_set_u64(number.raw_mut(), value) });
        number
    }

    /// The number that `bytes` spell, most significant byte first.
    pub fn from_be_bytes(bytes: &[u8]) -> Number {
        let mut number = Number::zero();
        number.set_be_bytes(bytes);
        number
    }

    /// The number that `bytes` spell, least significant byte first.
    pub fn from_le_bytes(bytes: &[u8]) -> Number {
        let mut number = Number::zero();
        number.set_le_bytes(bytes);
        number
    }

    /// 2^`exponent`.
    pub fn power_of_two(exponent: u32) -> Number {
        let mut number = Number::zero();
        // SAFETY: a live number and a non-negative bit.
        done(unsafe { ffi::BN_set_bit(number.raw_mut(), exponent as c_int) });
        number
    }

    /// A number drawn evenly from 1 to `limit` - 1.
    ///
    /// # Panics
    /// When `limit` is below 2.
    pub fn random_below(limit: &Number) -> Number {
        assert!(limit.bits() > 1, "a limit of at least 2 is needed");
        ffi::init();
        let mut number = Number::zero();
        // SAFETY: two live numbers; the range is not empty.
        done(unsafe { ffi::BN_rand_range_ex(number.raw_mut(), 1, limit.raw()) });
        number
    }

    /// Overwrites the number with what `bytes` spell, most significant byte first.
    pub fn set_be_bytes(&mut self, bytes: &[u8]) {
        // SAFETY: the slice is readable for its length, the number is live and kept on success.
        let result = unsafe { ffi::BN_bin2bn(bytes.as_ptr(), bytes.len(), self.raw_mut()) };
        done(c_int::from(!result.is_null()));
    }

    /// Overwrites the number with what `bytes` spell, least significant byte first; allocates only when the number was
    /// narrower.
    pub fn set_le_bytes(&mut self, bytes: &[u8]) {
        // SAFETY: the slice is readable for its length, the number is live and kept on success.
        let result = unsafe { ffi::BN_le2bn(bytes.as_ptr(), bytes.len(), self.raw_mut()) };
        done(c_int::from(!result.is_null()));
    }

    /// Fills `out` with the number, least significant byte first, in time that depends on widths alone.
    ///
    /// # Panics
    /// When the number needs more bytes.
    pub fn write_le(&self, out: &mut [u8]) {
        assert!(self.bits() as usize <= out.len() * 8, "a number of {} bits in {} bytes", self.bits(), out.len());
        // SAFETY: the slice is writable for its length.
        done(unsafe { ffi::BN_bn2le_padded(out.as_mut_ptr(), out.len(), self.raw()) });
    }

    /// Fills `out` with the number, most significant byte first, in time that depends on widths alone.
    ///
    /// # Panics
    /// When the number needs more bytes.
    pub fn write_be(&self, out: &mut [u8]) {
        assert!(self.bits() as usize <= out.len() * 8, "a number of {} bits in {} bytes", self.bits(), out.len());
        // SAFETY: the slice is writable for its length.
        done(unsafe { ffi::BN_bn2bin_padded(out.as_mut_ptr(), out.len(), self.raw()) });
    }

    /// The number in as few bytes as it needs, most significant first.
    pub fn to_be_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0u8; self.bits().div_ceil(8) as usize];
        self.write_be(&mut bytes);
        bytes
    }

    /// Overwrites the number with another, width included.
    pub fn copy_from(&mut self, other: &Number) {
        // SAFETY: two live numbers.
        let result = unsafe { ffi::BN_copy(self.raw_mut(), other.raw()) };
        done(c_int::from(!result.is_null()));
    }

    /// Length in bits, 0 for 0.
    pub fn bits(&self) -> u32 {
        // SAFETY: a live number.
        unsafe { ffi::BN_num_bits(self.raw()) }
    }

    /// Whether it is odd.
    pub fn is_odd(&self) -> bool {
        // SAFETY: a live number.
        unsafe { ffi::BN_is_odd(self.raw()) == 1 }
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        // SAFETY: a live number.
        unsafe { ffi::BN_is_zero(self.raw()) == 1 }
    }

    /// Whether it is 1.
    pub fn is_one(&self) -> bool {
        // SAFETY: a live number.
        unsafe { ffi::BN_is_one(self.raw()) == 1 }
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
        done(unsafe {
            ffi::BN_div(quotient.raw_mut(), rest.raw_mut(), self.raw(), divisor.raw(), scratch.raw())
        });
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

    /// The C object, to be read.
    pub(super) fn raw(&self) -> *const ffi::BIGNUM {
        self.0.as_ptr()
    }

    /// The C object, to be written.
    pub(super) fn raw_mut(&mut self) -> *mut ffi::BIGNUM {
        self.0.as_ptr()
    }
}

impl Clone for Number {
    fn clone(&self) -> Number {
        // SAFETY: a live number; returns an owned pointer or null.
        Number(NonNull::new(unsafe { ffi::BN_dup(self.raw()) }).expect("memory for a number"))
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        // SAFETY: owned and freed once.
        unsafe { ffi::BN_clear_free(self.0.as_ptr()) }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        // SAFETY: two live numbers.
        unsafe { ffi::BN_cmp(self.raw(), other.raw()) }.cmp(&0)
    }
}

impl fmt::Debug for Number {
    /// Shows the length only: the number may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({} bits)", self.bits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_both_ways() {
        let number = Number::from_be_bytes(&[0, 1, 2, 3]);
        assert_eq!(number, Number::from_u64(0x10203));
        assert_eq!(number, Number::from_le_bytes(&[3, 2, 1, 0, 0]));
        assert_eq!(number.to_be_bytes(), [1, 2, 3]);
        let mut out = [9; 5];
        number.write_le(&mut out);
        assert_eq!(out, [3, 2, 1, 0, 0]);
        number.write_be(&mut out);
        assert_eq!(out, [0, 0, 1, 2, 3]);
        assert!(Number::from_be_bytes(&[]).is_zero());
    }

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

    #[test]
    fn draws_stay_below_the_limit() {
        let limit = Number::from_u64(5);
        for _ in 0..100 {
            let drawn = Number::random_below(&limit);
            assert!(!drawn.is_zero() && drawn < limit);
        }
    }
}
