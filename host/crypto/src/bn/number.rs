//! Owned non-negative integers of any length: their life, their bytes, their order. Not for: arithmetic (`whole`,
//! `modulus`).

use std::cmp::Ordering;
use std::ffi::c_int;
use std::fmt;
use std::ptr::NonNull;

use aws_lc_sys as ffi;

use super::done;

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
    fn draws_stay_below_the_limit() {
        let limit = Number::from_u64(5);
        for _ in 0..100 {
            let drawn = Number::random_below(&limit);
            assert!(!drawn.is_zero() && drawn < limit);
        }
    }
}
