//! Public keys and encryption. Not for: operations on what is encrypted.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::comb::Comb;
use super::encoding::encode_all;
use super::encrypted::Encrypted;
use super::randomness::{Randomness, Source, Workspace, residue_powers};
use crate::CryptoError;
use crate::bn::{Modulus, Number, Scratch};
use crate::digest::Hash;
use crate::work::{Supervisor, fill_cells};

/// Start of the bytes of a public key.
const MAGIC: &[u8; 4] = b"PPK1";
/// Shortest key in bits.
const MIN_BITS: u32 = 1024;
/// Longest key in bits.
const MAX_BITS: u32 = 4096;
/// Key lengths are multiples of this many bits, so that both primes fill their limbs.
const STEP_BITS: u32 = 256;
/// Odd numbers below this must not divide n.
const SMALL_FACTORS: u32 = 2048;

/// A public key: n, a product of two secret primes.
pub struct PublicKey {
    bits: u32,
    n: Number,
    square: Modulus,
    fingerprint: [u8; 16],
    /// Powers of a random n-th residue, made at the first encryption.
    comb: OnceLock<Comb>,
}

impl PublicKey {
    /// The key as bytes: `PPK1`, then n with its most significant byte first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(self.n.to_be_bytes());
        bytes
    }

    /// The key that `bytes` spell. They may come from anyone.
    ///
    /// # Errors
    /// [`CryptoError::PublicKey`] unless n is odd, of 1024 to 4096 bits in steps of 256, no square and without a factor
    /// below 2048. That its two factors are primes cannot be checked.
    pub fn from_bytes(bytes: &[u8]) -> Result<Arc<PublicKey>, CryptoError> {
        let digits = bytes.strip_prefix(MAGIC).ok_or(CryptoError::PublicKey("no PPK1 at the start"))?;
        if digits.len() > MAX_BITS as usize / 8 {
            return Err(CryptoError::PublicKey("too long"));
        }
        let n = Number::from_be_bytes(digits);
        if n.bits() as usize != digits.len() * 8 {
            return Err(CryptoError::PublicKey("leading zeros"));
        }
        if !length_fits(n.bits()) {
            return Err(CryptoError::PublicKey("length not a multiple of 256 from 1024 to 4096 bits"));
        }
        if !n.is_odd() || (3..SMALL_FACTORS).step_by(2).any(|factor| n.div_rem_small(factor).1 == 0) {
            return Err(CryptoError::PublicKey("small factor"));
        }
        if n.is_square(&mut Scratch::new()) {
            return Err(CryptoError::PublicKey("square"));
        }
        PublicKey::new(n).map(Arc::new)
    }

    /// For an odd n of a fitting length.
    pub(super) fn new(n: Number) -> Result<PublicKey, CryptoError> {
        let square = Modulus::new(&n.times(&n, &mut Scratch::new()))?;
        let digest = Hash::Sha256.digest(&[MAGIC, &n.to_be_bytes()]);
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&digest[..16]);
        Ok(PublicKey { bits: n.bits(), n, square, fingerprint, comb: OnceLock::new() })
    }

    /// Length of n in bits.
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// The largest scale of a vector under this key in bits: half the length, which leaves the other half to the whole
    /// parts of values and sums.
    pub fn max_scale(&self) -> u32 {
        self.bits / 2
    }

    /// Encrypts `values` as fixed-point numbers with `scale` bits after the point, with [`Randomness::Short`].
    ///
    /// # Errors
    /// See [`encrypt_with`](Self::encrypt_with).
    pub fn encrypt(
        self: &Arc<Self>,
        values: &[f64],
        scale: u32,
        stop: &dyn Supervisor,
    ) -> Result<Encrypted, CryptoError> {
        self.encrypt_with(values, scale, Randomness::Short, stop)
    }

    /// Encrypts `values` as fixed-point numbers with `scale` bits after the point: (1 + n m) times a random n-th residue
    /// modulo n^2.
    ///
    /// # Errors
    /// `Scale` above [`max_scale`](Self::max_scale); `NotFinite` and `TooLarge` for the first value that does not fit
    /// 126 bits; `Random`; `Stopped`.
    pub fn encrypt_with(
        self: &Arc<Self>,
        values: &[f64],
        scale: u32,
        randomness: Randomness,
        stop: &dyn Supervisor,
    ) -> Result<Encrypted, CryptoError> {
        self.check_scale(scale)?;
        let integers = encode_all(values, scale)?;
        let source = self.source(randomness, stop)?;
        let cells = fill_cells(
            values.len(),
            self.width(),
            stop,
            || Workspace::new(self),
            |work, index, cell| {
                source.draw(self, work)?;
                self.blank(integers[index], work);
                self.square.mul_assign(&mut work.a, &work.b, &mut work.scratch);
                work.a.write_le(cell);
                Ok(())
            },
        )?;
        Ok(Encrypted::new(Arc::clone(self), scale, true, cells))
    }

    /// `Err(Scale)` when `scale` is too large for this key.
    pub(super) fn check_scale(&self, scale: u32) -> Result<(), CryptoError> {
        let limit = self.max_scale();
        if scale > limit { Err(CryptoError::Scale { scale, limit }) } else { Ok(()) }
    }

    /// n.
    pub(super) fn n(&self) -> &Number {
        &self.n
    }

    /// n^2, the modulus of ciphertexts.
    pub(super) fn square(&self) -> &Modulus {
        &self.square
    }

    /// Bytes of a ciphertext.
    pub(super) fn width(&self) -> usize {
        self.square.width()
    }

    /// Start of the SHA-256 digest of the key's bytes.
    pub(super) fn fingerprint(&self) -> &[u8; 16] {
        &self.fingerprint
    }

    /// Leaves (1 + n `integer`) mod n^2, an encryption without randomness, in `work.b` in Montgomery form.
    pub(super) fn blank(&self, integer: i128, work: &mut Workspace) {
        let magnitude = Number::from_be_bytes(&integer.unsigned_abs().to_be_bytes());
        let product = self.n.times(&magnitude, &mut work.scratch);
        let one = Number::from_u64(1);
        let plain = if integer < 0 { self.square.value().plus(&one).minus(&product) } else { product.plus(&one) };
        work.enter(&self.square, &plain);
    }

    /// Gets ready to draw randomness; the first short one makes the table of powers.
    pub(super) fn source(&self, randomness: Randomness, stop: &dyn Supervisor) -> Result<Source<'_>, CryptoError> {
        if randomness == Randomness::Full {
            return Ok(Source::Full);
        }
        if let Some(comb) = self.comb.get() {
            return Ok(Source::Short(comb));
        }
        let comb = residue_powers(self, stop)?;
        // Of two who made one at a time the first counts.
        Ok(Source::Short(self.comb.get_or_init(|| comb)))
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &PublicKey) -> bool {
        self.n == other.n
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} bits)", self.bits)
    }
}

/// Whether keys of `bits` bits are offered.
pub(super) fn length_fits(bits: u32) -> bool {
    (MIN_BITS..=MAX_BITS).contains(&bits) && bits.is_multiple_of(STEP_BITS)
}
