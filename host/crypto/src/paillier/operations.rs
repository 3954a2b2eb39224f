//! Entry-wise operations on encrypted vectors. Not for: sums over rows with weights (`sums`).

use std::sync::Arc;

use super::encoding::encode_all;
use super::encrypted::Encrypted;
use super::randomness::{Randomness, Workspace};
use crate::CryptoError;
use crate::bn::{Modulus, Number, Scratch};
use crate::work::{Supervisor, check, fill_blocks, fill_cells, map_init};

/// Entries whose inverses share one inversion.
const INVERSION_BLOCK: usize = 128;
/// Entries that a task multiplies together.
const PRODUCT_BLOCK: usize = 512;

impl Encrypted {
    /// Entry-wise sum. When scales differ, the lower one is raised by multiplying with 2^difference. Not fresh.
    ///
    /// # Errors
    /// `OtherKey`, `Length`, `Stopped`.
    pub fn add(&self, other: &Encrypted, stop: &dyn Supervisor) -> Result<Encrypted, CryptoError> {
        if self.scale() < other.scale() {
            return other.add(self, stop);
        }
        self.check_key(other.key())?;
        self.check_length(other.len())?;
        let (key, raise) = (self.key(), self.scale() - other.scale());
        let square = key.square();
        let cells = fill_cells(
            self.len(),
            key.width(),
            stop,
            || Workspace::new(key),
            |work, index, cell| {
                work.a.set_le_bytes(other.cell(index));
                square.square(&mut work.a, raise, &mut work.scratch);
                work.b.set_le_bytes(self.cell(index));
                square.mul_assign(&mut work.a, &work.b, &mut work.scratch);
                work.a.write_le(cell);
                Ok(())
            },
        )?;
        Ok(self.derived(self.scale(), cells))
    }

    /// Entry-wise sum with plain values, encoded at the scale of the vector. Not fresh: whoever saw the vector before
    /// can read the values off.
    ///
    /// # Errors
    /// `Length`, `NotFinite`, `TooLarge`, `Stopped`.
    pub fn add_plain(&self, values: &[f64], stop: &dyn Supervisor) -> Result<Encrypted, CryptoError> {
        self.check_length(values.len())?;
        let integers = encode_all(values, self.scale())?;
        let key = self.key();
        let cells = fill_cells(
            self.len(),
            key.width(),
            stop,
            || Workspace::new(key),
            |work, index, cell| {
                if integers[index] == 0 {
                    cell.copy_from_slice(self.cell(index));
                    return Ok(());
                }
                key.blank(integers[index], work);
                work.a.set_le_bytes(self.cell(index));
                key.square().mul_assign(&mut work.a, &work.b, &mut work.scratch);
                work.a.write_le(cell);
                Ok(())
            },
        )?;
        Ok(self.derived(self.scale(), cells))
    }

    /// Entry-wise product with round(value * 2^precision); a single value multiplies every entry. The scale grows by
    /// `precision` bits. Not fresh.
    ///
    /// # Errors
    /// `Length`, `Scale`, `NotFinite`, `TooLarge`, `Stopped`.
    pub fn mul_plain(&self, values: &[f64], precision: u32, stop: &dyn Supervisor) -> Result<Encrypted, CryptoError> {
        if values.len() != 1 {
            self.check_length(values.len())?;
        }
        let scale = self.grown_scale(precision)?;
        let scalars = encode_all(values, precision)?;
        let (key, width) = (self.key(), self.key().width());
        let cells = fill_blocks(
            self.len(),
            width,
            INVERSION_BLOCK,
            stop,
            || Workspace::new(key),
            |work, first, cells| {
                let mut negative = Vec::new();
                for (offset, cell) in cells.chunks_exact_mut(width).enumerate() {
                    check(stop)?;
                    let index = first + offset;
                    let scalar = if scalars.len() == 1 { scalars[0] } else { scalars[index] };
                    work.a.set_le_bytes(self.cell(index));
                    key.square().power(&mut work.b, &work.a, scalar.unsigned_abs(), &mut work.scratch);
                    work.b.write_le(cell);
                    if scalar < 0 {
                        negative.push(offset);
                    }
                }
                invert_cells(key.square(), cells, &negative, &mut work.scratch)
            },
        )?;
        Ok(self.derived(scale, cells))
    }

    /// The sum of all entries, as a vector of one; of none, an encryption of 0. Not fresh.
    ///
    /// # Errors
    /// `Stopped`.
    pub fn sum(&self, stop: &dyn Supervisor) -> Result<Encrypted, CryptoError> {
        let square = self.key().square();
        let product = product(square, self.cells(), stop)?;
        let mut cells = vec![0u8; square.width()];
        product.write_le(&mut cells);
        Ok(self.derived(self.scale(), cells))
    }

    /// The same values under fresh randomness, unrelated to this vector for everyone but the owner of the key.
    ///
    /// # Errors
    /// See [`rerandomise_with`](Self::rerandomise_with).
    pub fn rerandomise(&self, stop: &dyn Supervisor) -> Result<Encrypted, CryptoError> {
        self.rerandomise_with(Randomness::Short, stop)
    }

    /// As [`rerandomise`](Self::rerandomise), with the randomness of choice.
    ///
    /// # Errors
    /// `Random`, `Stopped`.
    pub fn rerandomise_with(&self, randomness: Randomness, stop: &dyn Supervisor) -> Result<Encrypted, CryptoError> {
        let key = self.key();
        let source = key.source(randomness, stop)?;
        let cells = fill_cells(
            self.len(),
            key.width(),
            stop,
            || Workspace::new(key),
            |work, index, cell| {
                source.draw(key, work)?;
                work.b.set_le_bytes(self.cell(index));
                key.square().mul_assign(&mut work.a, &work.b, &mut work.scratch);
                work.a.write_le(cell);
                Ok(())
            },
        )?;
        Ok(Encrypted::new(Arc::clone(key), self.scale(), true, cells))
    }

    fn check_length(&self, given: usize) -> Result<(), CryptoError> {
        let needed = self.len();
        if given == needed { Ok(()) } else { Err(CryptoError::Length { left: given, right: needed }) }
    }
}

/// Replaces the cells at the given offsets by their inverses.
fn invert_cells(
    modulus: &Modulus,
    cells: &mut [u8],
    offsets: &[usize],
    scratch: &mut Scratch,
) -> Result<(), CryptoError> {
    let width = modulus.width();
    let mut residues: Vec<Number> =
        offsets.iter().map(|offset| Number::from_le_bytes(&cells[offset * width..][..width])).collect();
    modulus.invert_all(&mut residues, scratch)?;
    for (offset, residue) in offsets.iter().zip(&residues) {
        residue.write_le(&mut cells[offset * width..][..width]);
    }
    Ok(())
}

/// The product of all cells, in Montgomery form; of none, 1.
pub(super) fn product(modulus: &Modulus, cells: &[u8], stop: &dyn Supervisor) -> Result<Number, CryptoError> {
    let (width, bytes) = (modulus.width(), modulus.width() * PRODUCT_BLOCK);
    let parts: Vec<Number> = map_init(cells.len().div_ceil(bytes), stop, Scratch::new, |scratch, index| {
        let block = &cells[index * bytes..((index + 1) * bytes).min(cells.len())];
        let (mut total, mut factor) = (modulus.one().clone(), Number::zero());
        for cell in block.chunks_exact(width) {
            check(stop)?;
            factor.set_le_bytes(cell);
            modulus.mul_assign(&mut total, &factor, scratch);
        }
        Ok(total)
    })?;
    let (mut scratch, mut total) = (Scratch::new(), modulus.one().clone());
    for part in &parts {
        modulus.mul_assign(&mut total, part, &mut scratch);
    }
    Ok(total)
}
