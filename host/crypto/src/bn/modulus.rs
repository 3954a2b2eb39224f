//! The Montgomery context of an odd modulus and products in it. Not for: exponentiation (`power`).

use std::fmt;
use std::ptr::NonNull;

use aws_lc_sys as ffi;

use super::{Number, Scratch, done};
use crate::CryptoError;

/// Shortest modulus in bits: below two limbs the fast product is not used.
const MIN_BITS: u32 = 128;
/// Longest modulus in bits, twice what the largest key needs.
const MAX_BITS: u32 = 16384;

/// An odd modulus n with what Montgomery products need, made once and then only read.
///
/// Residues are [`Number`]s, in standard form (x) or in Montgomery form (x R mod n, where R is 256 to the power of
/// [`width`](Self::width)); every method says which it takes.
pub struct Modulus {
    value: Number,
    context: NonNull<ffi::BN_MONT_CTX>,
    one: Number,
    width: usize,
}

// SAFETY: a BN_MONT_CTX is plain memory without a tie to the thread that made it.
unsafe impl Send for Modulus {}
// SAFETY: after construction the context is passed as `const BN_MONT_CTX *` only, and the library only reads through
// such a pointer: it holds n, R^2 mod n and -1/n mod 2^64, none of which is computed late. Temporaries are in the
// `Scratch` of the caller.
unsafe impl Sync for Modulus {}

impl Modulus {
    /// For a public n.
    ///
    /// # Errors
    /// [`CryptoError::Modulus`] when n is even or not of 128 to 16384 bits.
    pub fn new(value: &Number) -> Result<Modulus, CryptoError> {
        Modulus::build(value, false)
    }

    /// For a secret n: R^2 mod n is computed in constant time.
    ///
    /// # Errors
    /// [`CryptoError::Modulus`] when n is even or not of 128 to 16384 bits.
    pub fn secret(value: &Number) -> Result<Modulus, CryptoError> {
        Modulus::build(value, true)
    }

    fn build(value: &Number, secret: bool) -> Result<Modulus, CryptoError> {
        if !value.is_odd() || !(MIN_BITS..=MAX_BITS).contains(&value.bits()) {
            return Err(CryptoError::Modulus);
        }
        let mut scratch = Scratch::new();
        // SAFETY: an odd live number and a stock of temporaries; returns an owned pointer or null.
        let context = unsafe {
            if secret {
                ffi::BN_MONT_CTX_new_consttime(value.raw(), scratch.raw())
            } else {
                ffi::BN_MONT_CTX_new_for_modulus(value.raw(), scratch.raw())
            }
        };
        let mut modulus = Modulus {
            value: value.clone(),
            context: NonNull::new(context).expect("memory for a Montgomery context"),
            one: Number::zero(),
            width: value.bits().div_ceil(64) as usize * 8,
        };
        let mut one = Number::zero();
        modulus.enter(&mut one, &Number::from_u64(1), &mut scratch);
        modulus.one = one;
        Ok(modulus)
    }

    /// n itself.
    pub fn value(&self) -> &Number {
        &self.value
    }

    /// Bytes of a residue: a multiple of 8.
    pub fn width(&self) -> usize {
        self.width
    }

    /// 1 in Montgomery form.
    pub fn one(&self) -> &Number {
        &self.one
    }

    /// Puts `a`, below R, into Montgomery form.
    pub fn enter(&self, out: &mut Number, a: &Number, scratch: &mut Scratch) {
        // SAFETY: live objects; the context is only read. a < R keeps the product with R^2 mod n below n R.
        done(unsafe { ffi::BN_to_montgomery(out.raw_mut(), a.raw(), self.raw(), scratch.raw()) });
    }

    /// Takes `a`, below n R, out of Montgomery form: a / R mod n.
    pub fn leave(&self, out: &mut Number, a: &Number, scratch: &mut Scratch) {
        // SAFETY: live objects; the context is only read.
        done(unsafe { ffi::BN_from_montgomery(out.raw_mut(), a.raw(), self.raw(), scratch.raw()) });
    }

    /// `a` modulo n for any `a` below n R, in constant time: out of Montgomery form and back into it.
    pub fn reduce(&self, out: &mut Number, a: &Number, scratch: &mut Scratch) {
        let mut divided = Number::zero();
        self.leave(&mut divided, a, scratch);
        self.enter(out, &divided, scratch);
    }

    /// a b / R mod n: the product in Montgomery form if both factors are in it, in standard form if one is. One factor
    /// is below n, the other below R.
    ///
    /// Constant time, and fastest when both factors are [`width`](Self::width) bytes wide.
    pub fn mul(&self, out: &mut Number, a: &Number, b: &Number, scratch: &mut Scratch) {
        // SAFETY: live objects, the context and both factors only read.
        done(unsafe { ffi::BN_mod_mul_montgomery(out.raw_mut(), a.raw(), b.raw(), self.raw(), scratch.raw()) });
    }

    /// As [`mul`](Self::mul), with `a` replaced by the product.
    pub fn mul_assign(&self, a: &mut Number, b: &Number, scratch: &mut Scratch) {
        let a = a.raw_mut();
        // SAFETY: as in `mul`; the library allows the result to be one of the factors.
        done(unsafe { ffi::BN_mod_mul_montgomery(a, a, b.raw(), self.raw(), scratch.raw()) });
    }

    /// Squares `a`, in Montgomery form, `times` times over.
    pub fn square(&self, a: &mut Number, times: u32, scratch: &mut Scratch) {
        let a = a.raw_mut();
        for _ in 0..times {
            // SAFETY: as in `mul`; the library allows the result to be both factors.
            done(unsafe { ffi::BN_mod_mul_montgomery(a, a, a, self.raw(), scratch.raw()) });
        }
    }

    /// a - b mod n for reduced `a` and `b` in the same form, in constant time.
    pub fn sub(&self, out: &mut Number, a: &Number, b: &Number) {
        // SAFETY: four live numbers.
        done(unsafe { ffi::BN_mod_sub_quick(out.raw_mut(), a.raw(), b.raw(), self.value.raw()) });
    }

    /// Replaces every residue, in Montgomery form, by its inverse: three products each and one inversion for all
    /// (Montgomery's trick: Cohen, A Course in Computational Algebraic Number Theory, algorithm 10.3.4).
    ///
    /// The one inversion takes variable time and is therefore blinded with a random factor.
    ///
    /// # Errors
    /// [`CryptoError::NotInvertible`] when a residue has a factor in common with n; nothing was replaced.
    pub fn invert_all(&self, residues: &mut [Number], scratch: &mut Scratch) -> Result<(), CryptoError> {
        if residues.is_empty() {
            return Ok(());
        }
        let mut before = Vec::with_capacity(residues.len());
        let mut product = self.one.clone();
        for residue in residues.iter() {
            before.push(product.clone());
            self.mul_assign(&mut product, residue, scratch);
        }
        let mut inverse = self.invert(&product, scratch).ok_or(CryptoError::NotInvertible)?;
        for (residue, before) in residues.iter_mut().zip(before).rev() {
            let mut own = before;
            self.mul_assign(&mut own, &inverse, scratch);
            self.mul_assign(&mut inverse, residue, scratch);
            *residue = own;
        }
        Ok(())
    }

    /// The inverse of `a`, both in Montgomery form, or nothing when `a` has a factor in common with n.
    fn invert(&self, a: &Number, scratch: &mut Scratch) -> Option<Number> {
        let blind = Number::random_below(&self.value);
        let (mut product, mut inverse) = (Number::zero(), Number::zero());
        self.mul(&mut product, a, &blind, scratch);
        self.leave(&mut inverse, &product, scratch);
        product.copy_from(&inverse);
        // SAFETY: three live numbers and a stock of temporaries; n is odd and not 1.
        let result = unsafe { ffi::BN_mod_inverse(inverse.raw_mut(), product.raw(), self.value.raw(), scratch.raw()) };
        if result.is_null() {
            // SAFETY: empties the queue of errors of this thread, where "no inverse" was put.
            unsafe { ffi::ERR_clear_error() }
            return None;
        }
        self.enter(&mut product, &inverse, scratch);
        self.mul_assign(&mut product, &blind, scratch);
        Some(product)
    }

    /// The C object, to be read.
    pub(super) fn raw(&self) -> *const ffi::BN_MONT_CTX {
        self.context.as_ptr()
    }
}

impl Drop for Modulus {
    fn drop(&mut self) {
        // SAFETY: owned and freed once.
        unsafe { ffi::BN_MONT_CTX_free(self.context.as_ptr()) }
    }
}

impl fmt::Debug for Modulus {
    /// Shows the length only: the modulus may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Modulus({} bits)", self.value.bits())
    }
}
