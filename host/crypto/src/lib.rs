//! The cryptography that the host lends to components: vectors encrypted under Paillier's scheme and the three ways of
//! blinding ids for private set intersection. Not for: transport between parties, storage of keys, permissions.
//!
//! - [`paillier`]: keys, encrypted vectors, sums of encrypted columns with plain weights.
//! - [`psi`]: ids to tokens through ristretto255, a Diffie-Hellman group or RSA blind signatures.
//! - [`bn`]: big numbers, the only module with foreign code.
//! - [`digest`] and [`random`]: hashes by name, bytes from the operating system.
//!
//! Everything that works on vectors runs on the current rayon pool, in turns with others that do, watches a stop flag,
//! tells its [`Supervisor`] what it takes, and gives the same result whatever the number of threads.

pub mod bn;
mod crt;
pub mod digest;
mod error;
pub mod paillier;
pub mod psi;
pub mod random;
mod turn;
mod work;

pub use digest::sha256_hex;
pub use error::CryptoError;
pub use paillier::{Encrypted, KeyPair, PublicKey, Randomness};
pub use psi::{Blinder, IdHash, Ids, Method, RsaBlinder, RsaSigner, Tokens};
pub use random::random_bytes;
pub use work::{Supervisor, give_way, start_pool, thread_time};
