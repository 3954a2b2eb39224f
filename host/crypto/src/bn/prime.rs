//! Random primes. Not for: tests of primality in constant time.

use std::ffi::c_int;
use std::ptr::{null, null_mut};

use aws_lc_sys as ffi;

use super::{Number, Scratch, done};

/// Rounds of the Miller-Rabin test. Each lets a composite pass with probability 1/4 at most, whatever its origin (Rabin,
/// Probabilistic algorithm for testing primality, 1980), so 64 rounds leave 2^-128.
const ROUNDS: c_int = 64;

/// A random prime of exactly `bits` bits, the two highest set (so that a product of two such has twice the bits), for
/// which `accept` holds.
///
/// # Panics
/// When `bits` is below 128.
pub fn random_prime(bits: u32, accept: impl Fn(&Number) -> bool) -> Number {
    assert!(bits >= 128, "a prime of {bits} bits");
    ffi::init();
    loop {
        let mut candidate = Number::zero();
        // SAFETY: a live number; null stands for no congruence and no progress callback.
        done(unsafe { ffi::BN_generate_prime_ex(candidate.raw_mut(), bits as c_int, 0, null(), null(), null_mut()) });
        if accept(&candidate) && is_prime(&candidate) {
            return candidate;
        }
    }
}

/// Whether `number` passes 64 rounds of the Miller-Rabin test (Handbook of Applied Cryptography, algorithm 4.24).
pub fn is_prime(number: &Number) -> bool {
    let mut scratch = Scratch::new();
    let mut prime: c_int = 0;
    // SAFETY: a live number, a stock of temporaries and a place for the answer; null stands for no progress callback.
    done(unsafe { ffi::BN_primality_test(&mut prime, number.raw(), ROUNDS, scratch.raw(), 1, null_mut()) });
    prime == 1
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
    fn composites_are_found() {
        assert!(is_prime(&Number::power_of_two(127).minus(&Number::from_u64(1))));
        assert!(!is_prime(&Number::power_of_two(128).plus(&Number::from_u64(1))));
        assert!(!is_prime(&Number::from_u64(1)));
        // A Carmichael number.
        assert!(!is_prime(&Number::from_u64(561)));
    }
}
