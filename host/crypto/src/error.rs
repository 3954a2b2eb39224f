//! What can go wrong in this crate. Not for: bugs, which panic.

/// Errors of keys, encrypted vectors and private set intersection.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CryptoError {
    /// The stop flag was raised; nothing was produced.
    #[error("stopped")]
    Stopped,
    /// The operating system gave no random bytes.
    #[error("random bytes of the operating system: {0}")]
    Random(String),
    /// A modulus is even, too short or too long for Montgomery arithmetic.
    #[error("modulus: odd and of 128 to 16384 bits is needed")]
    Modulus,
    /// A residue has a factor in common with its modulus.
    #[error("residue without an inverse")]
    NotInvertible,
    /// A key length outside what is offered, in bits.
    #[error("key length of {0} bits: a multiple of 256 from 1024 to 4096 is needed")]
    KeyLength(u32),
    /// Bytes that are no public key.
    #[error("public key: {0}")]
    PublicKey(&'static str),
    /// Bytes or arguments that are no encrypted vector.
    #[error("encrypted values: {0}")]
    Encrypted(&'static str),
    /// Two vectors, or a vector and the key at hand, belong to different keys.
    #[error("encrypted values of another key")]
    OtherKey,
    /// Two lengths that should agree, in entries.
    #[error("lengths: {left} against {right}")]
    Length {
        /// What was given.
        left: usize,
        /// What was needed.
        right: usize,
    },
    /// A row number beyond the end of a vector.
    #[error("row {row} of {len} encrypted values")]
    Row {
        /// The row asked for, from 0.
        row: u32,
        /// Entries of the vector.
        len: usize,
    },
    /// NaN or an infinity among the plain values.
    #[error("value {value} at index {index}: a finite number is needed")]
    NotFinite {
        /// The value.
        value: f64,
        /// Where it stands, from 0.
        index: usize,
    },
    /// A plain value whose fixed-point form needs 126 bits or more.
    #[error("value {value} at index {index} is too large for a scale of {scale} bits")]
    TooLarge {
        /// The value.
        value: f64,
        /// Where it stands, from 0.
        index: usize,
        /// The scale in bits.
        scale: u32,
    },
    /// A scale, given or resulting, above half the length of the key.
    #[error("scale of {scale} bits: at most {limit} bits fit this key")]
    Scale {
        /// The scale in bits.
        scale: u32,
        /// The largest allowed scale in bits.
        limit: u32,
    },
    /// A decrypted integer in the middle third of the plaintexts, or too large for a float: sums overflowed.
    #[error("decrypted value at index {0}: overflow")]
    Overflow(usize),
    /// The name of a hash that is not offered.
    #[error("hash {0:?}: none of sha224, sha256, sha384, sha512")]
    Hash(String),
    /// A group that is not offered for Diffie-Hellman, in bits.
    #[error("group of {0} bits: 2048, 3072 or 4096 is needed")]
    Group(u32),
    /// Offsets of ids that do not describe their bytes.
    #[error("ids: {0}")]
    Ids(&'static str),
    /// Tokens of the wrong width or outside the group.
    #[error("tokens: {0}")]
    Tokens(&'static str),
    /// A blind signature that does not verify: the signer cheats or its message was changed.
    #[error("blind signature at index {0}: wrong")]
    Signature(usize),
}
