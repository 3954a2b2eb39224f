//! Private set intersection: ids become tokens that can be compared without being read. Not for: the messages between
//! parties, the order in which tokens are sent, and matching.
//!
//! Three methods:
//! - [`Method::Ecdh`] and [`Method::Dh`]: both parties raise the hash of an id to a secret power, one after the other in
//!   either order (S. Pohlig, M. Hellman, 1978; C. Meadows, 1986; B. Huberman, M. Franklin, T. Hogg, 1999). Tokens
//!   that both have blinded are equal exactly for equal ids. [`Blinder`].
//! - RSA blind signatures (D. Chaum, 1983; E. De Cristofaro, G. Tsudik, 2010): one party signs, the other has its ids
//!   signed without showing them. [`RsaSigner`], [`RsaBlinder`].
//!
//! All of them assume parties that follow the protocol but are curious: a party may lie about its own set, and who gets
//! the other's tokens learns the size of its set. Equal ids in one set give equal tokens. Tokens come out in the order
//! of the ids; a sender that must hide the order shuffles them.

mod dh;
mod ecdh;
mod groups;
mod ids;
mod rsa;
#[cfg(test)]
mod tests;
mod tokens;
mod xmd;

use std::fmt;

use crate::work::Supervisor;
use crate::{CryptoError, random};

pub use dh::Dh;
pub use ecdh::Ecdh;
pub use ids::{IdHash, Ids};
pub use rsa::{RsaBlinder, RsaSigner};
pub use tokens::Tokens;

/// A group in which ids are blinded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// ristretto255 (RFC 9496): tokens of 32 bytes.
    Ecdh,
    /// The group of squares modulo a safe prime of RFC 3526: tokens of `bits` / 8 bytes.
    Dh {
        /// Length of the prime in bits: 2048, 3072 or 4096.
        bits: u32,
    },
}

/// A secret power to which ids are raised. Powers of two parties commute. The secret never leaves, and is wiped when the
/// blinder is dropped.
pub enum Blinder {
    /// In ristretto255.
    Ecdh(Ecdh),
    /// Modulo a safe prime.
    Dh(Dh),
}

impl Blinder {
    /// A new secret.
    ///
    /// # Errors
    /// [`CryptoError::Group`] for a prime that is not offered; [`CryptoError::Random`].
    pub fn new(method: Method) -> Result<Blinder, CryptoError> {
        Blinder::drawn(method, &mut random::fill)
    }

    /// A new secret out of random bytes of the caller's.
    ///
    /// # Errors
    /// [`CryptoError::Group`] for a prime that is not offered; what `fill` says.
    pub fn drawn(
        method: Method,
        fill: &mut dyn FnMut(&mut [u8]) -> Result<(), CryptoError>,
    ) -> Result<Blinder, CryptoError> {
        match method {
            Method::Ecdh => Ecdh::new(fill).map(Blinder::Ecdh),
            Method::Dh { bits } => Dh::new(bits, fill).map(Blinder::Dh),
        }
    }

    /// The token of every id: its hash to the group, raised to the secret.
    ///
    /// # Errors
    /// [`CryptoError::Ids`], [`CryptoError::Hash`], [`CryptoError::Stopped`].
    pub fn blind(&self, ids: &Ids<'_>, hash: &IdHash, stop: &dyn Supervisor) -> Result<Tokens, CryptoError> {
        match self {
            Blinder::Ecdh(secret) => secret.blind(ids, hash, stop),
            Blinder::Dh(secret) => secret.blind(ids, hash, stop),
        }
    }

    /// Tokens of the other party raised to the secret, too. They may be hostile: every one is checked.
    ///
    /// # Errors
    /// [`CryptoError::Tokens`] when one is of the wrong width, no element of the group or the neutral one;
    /// [`CryptoError::Stopped`].
    pub fn reblind(&self, tokens: &Tokens, stop: &dyn Supervisor) -> Result<Tokens, CryptoError> {
        match self {
            Blinder::Ecdh(secret) => secret.reblind(tokens, stop),
            Blinder::Dh(secret) => secret.reblind(tokens, stop),
        }
    }
}

impl fmt::Debug for Blinder {
    /// Shows nothing secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Blinder::Ecdh(_) => write!(f, "Blinder(ecdh)"),
            Blinder::Dh(secret) => write!(f, "Blinder(dh, {} bits)", secret.bits()),
        }
    }
}
