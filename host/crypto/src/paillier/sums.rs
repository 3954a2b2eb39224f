//! Sums of encrypted rows with plain weights, a column of weights to a sum, by Pippenger's buckets (N. Pippenger, On the
//! evaluation of powers and monomials, 1980; Bernstein, Doumen, Lange, Oosterwijk, Faster batch forgery identification,
//! 2012, section 4). Not for: entry-wise products (`operations`).
//!
//! The sum of w_i m_i is the plaintext of the product of c_i^(w_i). Every |w_i| is cut into digits of a few bits with
//! values from -(half - 1) to half; a row goes into one bucket a digit, and the buckets of a place are put together with
//! two products each. Positive and negative contributions have buckets of their own, so that no row needs an inverse:
//! the negative product of a column is inverted at the end, with one inversion for all columns.

use super::buckets::{Buckets, Signed};
use super::encoding::encode_all;
use super::encrypted::Encrypted;
use crate::CryptoError;
use crate::bn::{Modulus, Number, Scratch};
use crate::work::{Supervisor, check, map_init};

/// Fewest rows worth buckets of their own.
const MIN_ROWS: usize = 256;
/// Most rows of a block: others wait for their turn at the pool until it is done.
const MAX_ROWS: usize = 16_384;
/// Columns whose inverses share one inversion.
const INVERSIONS: usize = 256;

impl Encrypted {
    /// For every column of weights the sum over rows i of round(weight * 2^precision) times entry i, as a vector of
    /// `columns` entries whose scale has grown by `precision` bits. Weights stand column after column. Not fresh.
    ///
    /// # Errors
    /// `Length` unless there are `columns` weights a row; `Encrypted` for columns without rows; `Scale`, `NotFinite`,
    /// `TooLarge`, `Stopped`.
    pub fn weighted_sums(
        &self,
        weights: &[f64],
        columns: usize,
        precision: u32,
        stop: &dyn Supervisor,
    ) -> Result<Encrypted, CryptoError> {
        check(stop)?;
        let rows = self.len();
        if columns.checked_mul(rows) != Some(weights.len()) {
            return Err(CryptoError::Length { left: weights.len(), right: columns.saturating_mul(rows) });
        }
        if rows == 0 && columns > 0 {
            return Err(CryptoError::Encrypted("no rows to sum"));
        }
        let scale = self.grown_scale(precision)?;
        let scalars = encode_all(weights, precision)?;
        let (square, width) = (self.key().square(), self.key().width());
        let blocks = blocks_per_column(rows, columns, rayon::current_num_threads());
        let block = rows.div_ceil(blocks);
        let parts: Vec<Signed> = map_init(columns * blocks, stop, Buckets::new, |buckets, job| {
            let (column, from) = (job / blocks, (job % blocks * block).min(rows));
            let to = (from + block).min(rows);
            let scalars = &scalars[column * rows..][from..to];
            buckets.sum(square, &self.cells()[from * width..to * width], scalars, stop)
        })?;
        let sums = join(square, parts, blocks, stop)?;
        let mut cells = vec![0u8; columns * width];
        for (cell, sum) in cells.chunks_exact_mut(width).zip(&sums) {
            sum.write_le(cell);
        }
        Ok(self.derived(scale, cells))
    }
}

/// Into how many blocks of rows a column is cut: as few as may be when columns alone keep all threads busy, since every
/// block pays for its buckets.
fn blocks_per_column(rows: usize, columns: usize, threads: usize) -> usize {
    let few = rows.div_ceil(MAX_ROWS).max(1);
    if columns >= 2 * threads {
        return few;
    }
    (2 * threads).div_ceil(columns.max(1)).min(rows / MIN_ROWS).max(few)
}

/// Multiplies the blocks of every column together and the inverse of the negative product in.
fn join(
    modulus: &Modulus,
    parts: Vec<Signed>,
    blocks: usize,
    stop: &dyn Supervisor,
) -> Result<Vec<Number>, CryptoError> {
    let mut scratch = Scratch::new();
    let (mut positive, mut negative): (Vec<Number>, Vec<Number>) = (Vec::new(), Vec::new());
    for (index, part) in parts.into_iter().enumerate() {
        check(stop)?;
        if index.is_multiple_of(blocks) {
            positive.push(part.positive);
            negative.push(part.negative);
        } else {
            let column = index / blocks;
            modulus.mul_assign(&mut positive[column], &part.positive, &mut scratch);
            modulus.mul_assign(&mut negative[column], &part.negative, &mut scratch);
        }
    }
    for negative in negative.chunks_mut(INVERSIONS) {
        check(stop)?;
        modulus.invert_all(negative, &mut scratch)?;
    }
    for (sum, inverse) in positive.iter_mut().zip(&negative) {
        check(stop)?;
        modulus.mul_assign(sum, inverse, &mut scratch);
    }
    Ok(positive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_cut_only_when_they_are_few() {
        assert_eq!(blocks_per_column(3000, 30, 2), 1);
        assert_eq!(blocks_per_column(3000, 1, 2), 4);
        assert_eq!(blocks_per_column(569, 1, 8), 2);
        assert_eq!(blocks_per_column(10, 1, 8), 1);
        assert_eq!(blocks_per_column(0, 0, 8), 1);
        assert_eq!(blocks_per_column(100_000, 30, 2), 7, "others wait for the end of a block");
    }
}
