//! Paillier's additively homomorphic encryption of vectors (P. Paillier, Public-key cryptosystems based on composite
//! degree residuosity classes, 1999) with g = n + 1. Not for: integrity. Anyone with the public key can change a
//! ciphertext, and whoever decrypts learns exactly what the senders computed.
//!
//! - Plaintexts are fixed-point numbers: integer / 2^scale, one scale for a whole vector, so that the scale tells
//!   nothing of single values. Negative integers stand as n - |m|; the middle third of the plaintexts is a guard zone.
//! - The randomness of a ciphertext is, by default, a random power of one random n-th residue with an exponent of 256 or
//!   320 bits (I. Damgard, M. Jurik, J. Nielsen, A generalization of Paillier's public-key system, 2010, section 4.2).
//!   **This assumes more than Paillier's scheme**: besides decisional composite residuosity, that short powers of the
//!   residue cannot be told from full ones (T. Koshiba, K. Kurosawa, Short exponent Diffie-Hellman problems, 2004).
//!   [`Randomness::Full`] assumes composite residuosity alone and is some twenty times slower.
//! - Keys of other parties are checked for their form only. A key made to be weak endangers what is encrypted under it,
//!   which its owner can read anyway.
//! - Constant time: decryption, and the random powers of encryption. Not constant time: the conversion of plain values
//!   and everything done with plain weights, which are inputs of the party that runs it.

mod buckets;
mod comb;
mod encoding;
mod encrypted;
mod operations;
mod public;
mod randomness;
mod secret;
mod sums;
#[cfg(test)]
mod tests;
mod wire;

pub use encrypted::Encrypted;
pub use public::PublicKey;
pub use randomness::Randomness;
pub use secret::KeyPair;
