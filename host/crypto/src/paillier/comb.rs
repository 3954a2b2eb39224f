//! Powers of one fixed base with secret exponents: a table of base^(digit * 32^place) for every place and digit, so that
//! a power is one product a place and no squaring (fixed-base windowing: Handbook of Applied Cryptography, algorithm
//! 14.109). Not for: bases that change.

use std::hint::black_box;

use zeroize::Zeroizing;

use crate::CryptoError;
use crate::bn::{Modulus, Number, Scratch};
use crate::work::{Supervisor, check};

/// Bits of a digit. With 5, a 256-bit exponent takes 52 products and a table of 0.4 MB for a key of 1024 bits, 0.9 MB for
/// 2048; 4 and 6 measure about the same, products traded for reading.
const DIGIT_BITS: usize = 5;
/// Entries of a place.
const DIGITS: usize = 1 << DIGIT_BITS;

/// The table of one base.
pub(super) struct Comb {
    /// Entry `digit` of place `place` at (`place` * 32 + `digit`) * `width`, little-endian, in Montgomery form.
    table: Vec<u8>,
    /// Bytes of a residue.
    width: usize,
    /// Bytes of an exponent.
    exponent: usize,
}

impl Comb {
    /// For exponents of `bits` bits, a multiple of 8; `base` is in Montgomery form.
    pub(super) fn new(
        modulus: &Modulus,
        base: &Number,
        bits: u32,
        scratch: &mut Scratch,
        stop: &dyn Supervisor,
    ) -> Result<Comb, CryptoError> {
        let (width, places) = (modulus.width(), (bits as usize).div_ceil(DIGIT_BITS));
        let mut table = vec![0u8; places * DIGITS * width];
        let (mut step, mut entry) = (base.clone(), Number::zero());
        for place in table.chunks_exact_mut(DIGITS * width) {
            check(stop)?;
            entry.copy_from(modulus.one());
            for cell in place.chunks_exact_mut(width) {
                entry.write_le(cell);
                modulus.mul_assign(&mut entry, &step, scratch);
            }
            // One product beyond the last digit: the base of the next place.
            step.copy_from(&entry);
        }
        Ok(Comb { table, width, exponent: bits as usize / 8 })
    }

    /// Bytes of an exponent.
    pub(super) fn exponent_width(&self) -> usize {
        self.exponent
    }

    /// base^exponent in Montgomery form; the exponent is little-endian. Which entries are read does not depend on the
    /// exponent, and digits of 0 cost a product like all others.
    pub(super) fn power(&self, modulus: &Modulus, exponent: &[u8], out: &mut Number, scratch: &mut Scratch) {
        let mut cell = Zeroizing::new(vec![0u8; self.width]);
        let mut factor = Number::zero();
        for (place, row) in self.table.chunks_exact(DIGITS * self.width).enumerate() {
            select(row, digit(exponent, place), &mut cell);
            if place == 0 {
                out.set_le_bytes(&cell);
            } else {
                factor.set_le_bytes(&cell);
                modulus.mul_assign(out, &factor, scratch);
            }
        }
    }
}

/// Digit `place` of a little-endian exponent.
fn digit(exponent: &[u8], place: usize) -> usize {
    let (byte, shift) = (place * DIGIT_BITS / 8, place * DIGIT_BITS % 8);
    let low = exponent.get(byte).copied().unwrap_or(0);
    let high = exponent.get(byte + 1).copied().unwrap_or(0);
    (usize::from(u16::from_le_bytes([low, high])) >> shift) & (DIGITS - 1)
}

/// Copies entry `wanted` of `row` to `out`, reading all entries alike.
fn select(row: &[u8], wanted: usize, out: &mut [u8]) {
    out.fill(0);
    for (index, entry) in row.chunks_exact(out.len()).enumerate() {
        // All ones for the wanted entry, for which alone the difference underflows.
        let same = (((index ^ wanted) as u64).wrapping_sub(1) >> 63) as u8;
        let mask = black_box(same.wrapping_neg());
        for (to, from) in out.iter_mut().zip(entry) {
            *to |= from & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn agrees_with_plain_exponentiation() {
        let modulus = Modulus::new(&Number::power_of_two(521).minus(&Number::from_u64(1))).unwrap();
        let mut scratch = Scratch::new();
        let base = Number::random_below(modulus.value());
        let mut inside = Number::zero();
        modulus.enter(&mut inside, &base, &mut scratch);
        let comb = Comb::new(&modulus, &inside, 256, &mut scratch, &AtomicBool::new(false)).unwrap();
        let mut exponents = vec![vec![0u8; 32], vec![255; 32]];
        exponents.extend((0..10).map(|_| crate::random_bytes(32).unwrap()));
        for exponent in exponents {
            let (mut power, mut plain) = (Number::zero(), Number::zero());
            comb.power(&modulus, &exponent, &mut power, &mut scratch);
            modulus.leave(&mut plain, &power, &mut scratch);
            let wanted = modulus.power_public(&base, &Number::from_le_bytes(&exponent), &mut scratch);
            assert_eq!(plain, wanted);
        }
    }

    #[test]
    fn digits_cover_the_exponent() {
        let exponent = crate::random_bytes(32).unwrap();
        let mut number = Number::zero();
        let mut scratch = Scratch::new();
        for place in (0..52).rev() {
            number = number.times(&Number::from_u64(32), &mut scratch);
            number = number.plus(&Number::from_u64(digit(&exponent, place) as u64));
        }
        assert_eq!(number, Number::from_le_bytes(&exponent));
    }
}
