//! Pippenger's buckets for one block of rows. Not for: the choice of blocks and the join of columns (`sums`).

use crate::CryptoError;
use crate::bn::{Modulus, Number, Scratch};
use crate::work::{Supervisor, check};

/// Longest digit in bits; its buckets take some megabytes a thread.
const MAX_DIGIT: u32 = 11;

/// The positive and the negative contributions to a sum, as residues in Montgomery form.
pub(super) struct Signed {
    pub(super) positive: Number,
    pub(super) negative: Number,
}

/// How scalars are cut into digits.
#[derive(Clone, Copy)]
struct Plan {
    /// Bits of a digit.
    digit: u32,
    /// Digits of a scalar.
    places: usize,
    /// Largest digit, 2^(digit - 1): the number of buckets of a place and sign.
    half: usize,
}

impl Plan {
    /// The digit length with the fewest products for scalars of up to `bits` bits: a row costs one a place, a bucket of
    /// either sign two a place, and the squarings between places `bits` for either sign.
    fn choose(rows: usize, bits: u32) -> Plan {
        let with_digit = |digit: u32| Plan { digit, places: (bits / digit) as usize + 1, half: 1 << (digit - 1) };
        let cost = |plan: &Plan| plan.places * (rows + 4 * plan.half + 2 * plan.digit as usize);
        (2..=MAX_DIGIT).map(with_digit).min_by_key(cost).expect("there are digits to choose from")
    }

    /// Where the bucket of a digit of magnitude `size`, from 1 to `half`, is.
    fn bucket(&self, place: usize, negative: bool, size: usize) -> usize {
        (place * 2 + usize::from(negative)) * self.half + size - 1
    }
}

/// The buckets of one task, kept between its blocks.
pub(super) struct Buckets {
    scratch: Scratch,
    row: Number,
    products: Vec<Number>,
    used: Vec<bool>,
}

impl Buckets {
    pub(super) fn new() -> Buckets {
        Buckets { scratch: Scratch::new(), row: Number::zero(), products: Vec::new(), used: Vec::new() }
    }

    /// The contributions of the rows in `cells` with their `scalars`.
    pub(super) fn sum(
        &mut self,
        modulus: &Modulus,
        cells: &[u8],
        scalars: &[i128],
        stop: &dyn Supervisor,
    ) -> Result<Signed, CryptoError> {
        let rows = scalars.iter().filter(|scalar| **scalar != 0).count();
        let bits = scalars.iter().map(|scalar| 128 - scalar.unsigned_abs().leading_zeros()).max().unwrap_or(0);
        let plan = Plan::choose(rows, bits);
        self.empty(plan.places * 2 * plan.half);
        for (cell, &scalar) in cells.chunks_exact(modulus.width()).zip(scalars) {
            check(stop)?;
            if scalar != 0 {
                self.row.set_le_bytes(cell);
                self.spread(modulus, plan, scalar);
            }
        }
        let positive = self.gather(modulus, plan, false, stop)?;
        let negative = self.gather(modulus, plan, true, stop)?;
        Ok(Signed { positive, negative })
    }

    /// Makes the first `count` buckets empty, and has that many.
    fn empty(&mut self, count: usize) {
        self.used.clear();
        self.used.resize(count, false);
        if self.products.len() < count {
            self.products.resize_with(count, Number::zero);
        }
    }

    /// Multiplies the row into one bucket for every digit of the scalar other than 0. A low part above half becomes a
    /// negative digit and a carry.
    fn spread(&mut self, modulus: &Modulus, plan: Plan, scalar: i128) {
        let mut rest = scalar.unsigned_abs();
        let mut place = 0;
        while rest != 0 {
            let low = rest as usize & (2 * plan.half - 1);
            rest >>= plan.digit;
            let below = low > plan.half;
            let size = if below { 2 * plan.half - low } else { low };
            rest += u128::from(below);
            if size != 0 {
                self.put(modulus, plan.bucket(place, below != (scalar < 0), size));
            }
            place += 1;
        }
    }

    fn put(&mut self, modulus: &Modulus, bucket: usize) {
        if self.used[bucket] {
            modulus.mul_assign(&mut self.products[bucket], &self.row, &mut self.scratch);
        } else {
            self.products[bucket].copy_from(&self.row);
            self.used[bucket] = true;
        }
    }

    /// All places of one sign put together by Horner's rule.
    fn gather(
        &mut self,
        modulus: &Modulus,
        plan: Plan,
        negative: bool,
        stop: &dyn Supervisor,
    ) -> Result<Number, CryptoError> {
        let mut total: Option<Number> = None;
        for place in (0..plan.places).rev() {
            check(stop)?;
            if let Some(total) = &mut total {
                modulus.square(total, plan.digit, &mut self.scratch);
            }
            if let Some(part) = self.gather_place(modulus, plan, place, negative) {
                multiply(modulus, &mut total, &part, &mut self.scratch);
            }
        }
        Ok(total.unwrap_or_else(|| modulus.one().clone()))
    }

    /// The product over sizes of bucket^size: from the largest size down, a running product of the buckets so far is
    /// multiplied in once a size.
    fn gather_place(&mut self, modulus: &Modulus, plan: Plan, place: usize, negative: bool) -> Option<Number> {
        let (mut running, mut total) = (None, None);
        for size in (1..=plan.half).rev() {
            let bucket = plan.bucket(place, negative, size);
            if self.used[bucket] {
                multiply(modulus, &mut running, &self.products[bucket], &mut self.scratch);
            }
            if let Some(running) = &running {
                multiply(modulus, &mut total, running, &mut self.scratch);
            }
        }
        total
    }
}

/// Multiplies `factor` into `product`, nothing standing for 1.
fn multiply(modulus: &Modulus, product: &mut Option<Number>, factor: &Number, scratch: &mut Scratch) {
    match product {
        Some(product) => modulus.mul_assign(product, factor, scratch),
        None => *product = Some(factor.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_digits_for_more_rows() {
        let digits: Vec<u32> = [1, 569, 3200, 100_000].map(|rows| Plan::choose(rows, 26).digit).to_vec();
        assert!(digits.is_sorted(), "{digits:?}");
        assert!((6..=8).contains(&digits[1]) && (7..=9).contains(&digits[2]), "{digits:?}");
        assert_eq!(Plan::choose(0, 0).places, 1);
    }

    /// Digits, put together again, are the scalar, and fit the places that were planned.
    #[test]
    fn digits_make_up_the_scalar() {
        let mut seed = 7u128;
        for round in 0..2000 {
            seed = seed.wrapping_mul(0x2545_F491_4F6C_DD1D_0000_0001_0000_0003).wrapping_add(1);
            let scalar = seed >> (2 + round % 126);
            let bits = 128 - scalar.leading_zeros();
            let plan = Plan::choose(1 + round * 10, bits);
            let (mut rest, mut place, mut total) = (scalar, 0, 0i128);
            while rest != 0 {
                let low = rest as usize & (2 * plan.half - 1);
                rest >>= plan.digit;
                let below = low > plan.half;
                rest += u128::from(below);
                let digit = low as i128 - if below { 2 * plan.half as i128 } else { 0 };
                total += digit << (plan.digit as usize * place);
                place += 1;
            }
            assert_eq!(total, scalar as i128);
            assert!(place <= plan.places);
        }
    }
}
