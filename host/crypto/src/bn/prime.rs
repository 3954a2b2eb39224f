//! Random primes. Not for: tests of primality in constant time.

use std::ffi::c_int;
use std::ptr::{NonNull, from_ref, null, null_mut};
use std::sync::atomic::AtomicBool;

use aws_lc_sys as ffi;

use super::{Number, Scratch, done};
use crate::CryptoError;
use crate::work::Supervisor;

/// Rounds of the Miller-Rabin test. Each lets a composite pass with probability 1/4 at most, whatever its origin (Rabin,
/// Probabilistic algorithm for testing primality, 1980), so 64 rounds leave 2^-128.
const ROUNDS: c_int = 64;

/// A random prime of exactly `bits` bits, the two highest set (so that a product of two such has twice the bits), for
/// which `accept` holds.
///
/// # Panics
/// When `bits` is below 128.
pub fn random_prime(bits: u32, accept: impl Fn(&Number) -> bool) -> Number {
    random_prime_for(bits, accept, &AtomicBool::new(false)).expect("nobody raises the flag")
}

/// The same for somebody who may stop the search, which takes seconds for long primes.
///
/// # Errors
/// [`CryptoError::Stopped`].
///
/// # Panics
/// When `bits` is below 128.
pub fn random_prime_for(
    bits: u32,
    accept: impl Fn(&Number) -> bool,
    stop: &dyn Supervisor,
) -> Result<Number, CryptoError> {
    assert!(bits >= 128, "a prime of {bits} bits");
    ffi::init();
    let asking = Asking::new(&stop);
    loop {
        let mut candidate = Number::zero();
        let out = candidate.raw_mut();
        // SAFETY: a live number and a live callback; null stands for no congruence.
        let code = unsafe { ffi::BN_generate_prime_ex(out, bits as c_int, 0, null(), null(), asking.raw()) };
        finished(code, stop)?;
        if accept(&candidate) && tested(&candidate, asking.raw(), stop)? {
            return Ok(candidate);
        }
    }
}

/// Whether `number` passes 64 rounds of the Miller-Rabin test (Handbook of Applied Cryptography, algorithm 4.24).
pub fn is_prime(number: &Number) -> bool {
    tested(number, null_mut(), &AtomicBool::new(false)).expect("nobody raises the flag")
}

/// The test, with a callback that may be null.
fn tested(number: &Number, callback: *mut ffi::BN_GENCB, stop: &dyn Supervisor) -> Result<bool, CryptoError> {
    let mut scratch = Scratch::new();
    let mut prime: c_int = 0;
    // SAFETY: a live number, a stock of temporaries and a place for the answer; null stands for no callback.
    let code = unsafe { ffi::BN_primality_test(&mut prime, number.raw(), ROUNDS, scratch.raw(), 1, callback) };
    finished(code, stop)?;
    Ok(prime == 1)
}

/// What a C function that asks a callback means when it fails: it was stopped, or there is no memory.
fn finished(code: c_int, stop: &dyn Supervisor) -> Result<(), CryptoError> {
    if code != 1 && stop.stopped() {
        // SAFETY: empties the queue of errors of this thread.
        unsafe { ffi::ERR_clear_error() }
        return Err(CryptoError::Stopped);
    }
    done(code);
    Ok(())
}

/// A callback that asks a supervisor whether the search goes on.
struct Asking<'a> {
    callback: NonNull<ffi::BN_GENCB>,
    _asked: &'a &'a dyn Supervisor,
}

impl<'a> Asking<'a> {
    fn new(asked: &'a &'a dyn Supervisor) -> Asking<'a> {
        // SAFETY: takes nothing and returns an owned pointer or null.
        let callback = NonNull::new(unsafe { ffi::BN_GENCB_new() }).expect("memory for a callback");
        // SAFETY: a live callback; the argument is only read, by `goes_on`, and outlives the callback.
        unsafe { ffi::BN_GENCB_set(callback.as_ptr(), Some(goes_on), from_ref(asked).cast_mut().cast()) }
        Asking { callback, _asked: asked }
    }

    /// The C object, for the length of one call.
    fn raw(&self) -> *mut ffi::BN_GENCB {
        self.callback.as_ptr()
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        // SAFETY: owned, freed once, and every C function has ended its use of it.
        unsafe { ffi::BN_GENCB_free(self.callback.as_ptr()) }
    }
}

/// 1 while the search is to go on.
unsafe extern "C" fn goes_on(_event: c_int, _count: c_int, callback: *mut ffi::BN_GENCB) -> c_int {
    // SAFETY: the argument was set by `Asking::new`, to a reference that lives longer than the callback.
    let asked = unsafe { &*ffi::BN_GENCB_get_arg(callback).cast::<&dyn Supervisor>() };
    c_int::from(!asked.stopped())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_have_their_length() {
        let prime = random_prime(256, |candidate| candidate.low_bits(2) == Number::from_u64(3));
        assert_eq!(prime.bits(), 256);
        assert!(is_prime(&prime));
        assert_eq!(prime.low_bits(2), Number::from_u64(3));
    }

    #[test]
    fn a_search_is_stopped() {
        let stop = AtomicBool::new(true);
        assert_eq!(random_prime_for(2048, |_| true, &stop).err(), Some(CryptoError::Stopped));
        let stop = AtomicBool::new(false);
        assert_eq!(random_prime_for(128, |_| true, &stop).unwrap().bits(), 128);
    }

    #[test]
    fn composites_are_found() {
        assert!(is_prime(&Number::power_of_two(127).minus(&Number::from_u64(1))));
        assert!(!is_prime(&Number::power_of_two(128).plus(&Number::from_u64(1))));
        assert!(!is_prime(&Number::from_u64(1)));
        // A Carmichael number.
        assert!(!is_prime(&Number::from_u64(561)));
    }
}
