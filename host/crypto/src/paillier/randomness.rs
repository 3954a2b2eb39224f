//! The randomness of ciphertexts, and what a task keeps while it makes them. Not for: what is encrypted.

use zeroize::Zeroizing;

use super::comb::Comb;
use super::public::PublicKey;
use crate::bn::{Modulus, Number, Scratch};
use crate::work::{Supervisor, check};
use crate::{CryptoError, random};

/// Where the randomness of a ciphertext comes from; see the notes of [`paillier`](crate::paillier).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Randomness {
    /// h^(n r) with h fixed, drawn by this process for this key, and r of 256 bits (320 for keys above 3072): fast.
    Short,
    /// r^n with a fresh r below n: slow, and resting on composite residuosity alone.
    Full,
}

/// Randomness ready to be drawn.
pub(super) enum Source<'a> {
    /// Powers of a fixed residue.
    Short(&'a Comb),
    /// n-th powers of fresh numbers.
    Full,
}

impl Source<'_> {
    /// Leaves a random n-th residue modulo n^2 in `work.a` in Montgomery form.
    pub(super) fn draw(&self, key: &PublicKey, work: &mut Workspace) -> Result<(), CryptoError> {
        let square = key.square();
        match self {
            Source::Short(comb) => {
                work.exponent.resize(comb.exponent_width(), 0);
                random::fill(&mut work.exponent)?;
                comb.power(square, &work.exponent, &mut work.a, &mut work.scratch);
            }
            Source::Full => {
                let r = Number::random_below(key.n());
                let residue = square.power_public(&r, key.n(), &mut work.scratch);
                square.enter(&mut work.a, &residue, &mut work.scratch);
            }
        }
        Ok(())
    }
}

/// The table for h^n mod n^2 with h = -x^2 for a random x (Damgard, Jurik, Nielsen, section 4.2). For keys as made here,
/// with both primes 3 modulo 4 and gcd(p - 1, q - 1) = 2, the residues of Jacobi symbol 1 are a cyclic group, and h
/// generates all of it but for a small factor.
pub(super) fn residue_powers(key: &PublicKey, stop: &dyn Supervisor) -> Result<Comb, CryptoError> {
    check(stop)?;
    let (square, mut scratch) = (key.square(), Scratch::new());
    let x = Number::random_below(key.n());
    // -x^2 modulo n^2 instead of n changes nothing: its n-th power depends on it modulo n alone.
    let h = square.value().minus(&x.times(&x, &mut scratch));
    let residue = square.power_public(&h, key.n(), &mut scratch);
    let mut base = Number::zero();
    square.enter(&mut base, &residue, &mut scratch);
    Comb::new(square, &base, exponent_bits(key.bits()), &mut scratch, stop)
}

/// Bits of a short random exponent: twice the security of the key, 128 bits up to 3072 and about 152 at 4096 (NIST SP
/// 800-57 part 1, table 2, and SP 800-56B, appendix D), and a whole number of bytes.
fn exponent_bits(bits: u32) -> u32 {
    if bits > 3072 { 320 } else { 256 }
}

/// What a task of the pool keeps between ciphertexts.
pub(super) struct Workspace {
    pub(super) scratch: Scratch,
    pub(super) a: Number,
    pub(super) b: Number,
    wide: Number,
    cell: Vec<u8>,
    exponent: Zeroizing<Vec<u8>>,
}

impl Workspace {
    pub(super) fn new(key: &PublicKey) -> Workspace {
        Workspace {
            scratch: Scratch::new(),
            a: Number::zero(),
            b: Number::zero(),
            wide: Number::zero(),
            cell: vec![0; key.width()],
            exponent: Zeroizing::default(),
        }
    }

    /// Leaves `plain`, below n^2, in `b` in Montgomery form. It is put at full width first, at which products are fast.
    pub(super) fn enter(&mut self, square: &Modulus, plain: &Number) {
        plain.write_le(&mut self.cell);
        self.wide.set_le_bytes(&self.cell);
        square.enter(&mut self.b, &self.wide, &mut self.scratch);
    }
}
