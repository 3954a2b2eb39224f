//! Big numbers: a small safe face on the BIGNUM arithmetic of AWS-LC, and the only module of the crate with foreign
//! code. Not for: anything that knows of keys or ciphertexts.
//!
//! A [`Number`] is an owned non-negative integer, a [`Modulus`] the Montgomery context of an odd number, a [`Scratch`]
//! the temporary numbers of one task. Products modulo n are made in Montgomery form (x is kept as x R mod n with R the
//! least power of 2^64 above n; P. Montgomery, Modular multiplication without trial division, 1985), so that a product
//! costs no division and, once the result has its limbs, no allocation.
//!
//! AWS-LC wipes the limbs of every number that it frees, temporaries included.
#![expect(unsafe_code, reason = "the BIGNUM functions of AWS-LC are C")]

use std::ffi::c_int;

mod modulus;
mod number;
mod power;
mod prime;
mod scratch;
mod whole;

pub use modulus::Modulus;
pub use number::Number;
pub use prime::{is_prime, random_prime, random_prime_for};
pub use scratch::Scratch;

/// Panics unless a C function reported success. Callers check every precondition that is documented in `bn.h`, which
/// leaves a lack of memory as the only reason to fail.
fn done(code: c_int) {
    assert!(code == 1, "out of memory in big-number arithmetic");
}
