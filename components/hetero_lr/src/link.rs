//! What a role needs from outside while it trains or predicts: messages, ciphertexts, a secret and the loss curve. Two
//! implementations stand: the node ([`crate::node`]) and a fake of the tests, whose ciphertexts are plain numbers. Not for:
//! tables, models and summaries, which the life cycle reads and writes itself.

use parcae_sdk::{Party, Result, tables::Texts};

use crate::learned::Saved;

/// The outside of one attempt.
pub trait Link {
    /// A pair of keys.
    type Pair;
    /// A public key.
    type Key;
    /// A vector of ciphertexts.
    type Vector;

    /// Sends bytes.
    fn push(&self, to: Party, tag: &str, body: &[u8]) -> Result<()>;
    /// Waits for bytes.
    fn pull(&self, from: Party, tag: &str) -> Result<Vec<u8>>;
    /// Sends ids.
    fn push_ids(&self, to: Party, tag: &str, ids: &Texts) -> Result<()>;
    /// Waits for ids; their offsets and texts are sound, their order is not checked.
    fn pull_ids(&self, from: Party, tag: &str) -> Result<Texts>;
    /// Sends a public key.
    fn push_key(&self, to: Party, tag: &str, key: &Self::Key) -> Result<()>;
    /// Waits for a public key.
    fn pull_key(&self, from: Party, tag: &str) -> Result<Self::Key>;
    /// Sends ciphertexts, randomised again where they are not fresh.
    fn push_vector(&self, to: Party, tag: &str, values: &Self::Vector) -> Result<()>;
    /// Waits for ciphertexts.
    fn pull_vector(&self, from: Party, tag: &str, key: &Self::Key) -> Result<Self::Vector>;

    /// Makes a pair of keys of `bits` bits.
    fn generate(&self, bits: u32) -> Result<Self::Pair>;
    /// The public half.
    fn public(&self, pair: &Self::Pair) -> Self::Key;
    /// Encrypts at `scale` bits behind the point.
    fn encrypt(&self, key: &Self::Key, values: &[f64], scale: u32) -> Result<Self::Vector>;
    /// Decrypts.
    fn decrypt(&self, pair: &Self::Pair, values: &Self::Vector) -> Result<Vec<f64>>;
    /// Number of ciphertexts.
    fn count(&self, values: &Self::Vector) -> usize;
    /// Bits behind the point.
    fn scale(&self, values: &Self::Vector) -> u32;
    /// Entry by entry; the lower scale is raised.
    fn add(&self, a: &Self::Vector, b: &Self::Vector) -> Result<Self::Vector>;
    /// Adds a plain number to each entry.
    fn add_plain(&self, a: &Self::Vector, values: &[f64]) -> Result<Self::Vector>;
    /// Multiplies each entry by a plain number rounded to `bits` behind the point; the scale grows by `bits`.
    fn multiply_plain(&self, a: &Self::Vector, values: &[f64], bits: u32) -> Result<Self::Vector>;
    /// For each of `columns` columns of plain weights (column after column, rounded to `bits` behind the point) the sum of
    /// entries times weights; the scale grows by `bits`.
    fn weighted_sums(&self, a: &Self::Vector, weights: &[f64], columns: usize, bits: u32) -> Result<Self::Vector>;
    /// Some entries, in the order given.
    fn select(&self, a: &Self::Vector, rows: &[u32]) -> Result<Self::Vector>;
    /// `a` followed by `b`, of one scale.
    fn concat(&self, a: &Self::Vector, b: &Self::Vector) -> Result<Self::Vector>;

    /// 256 bits that no other party can know, new at every call.
    fn secret(&self) -> Result<[u8; 32]>;
    /// Begins a loss curve.
    fn begin_loss(&self, series: &str) -> Result<()>;
    /// Adds a point to a loss curve.
    fn loss(&self, series: &str, epoch: usize, loss: f64) -> Result<()>;
    /// Keeps the model as it is after an epoch.
    fn checkpoint(&self, epoch: usize, parts: &Saved) -> Result<()>;
    /// Says how many epochs are done.
    fn progress(&self, done: u64, of: u64);
}
