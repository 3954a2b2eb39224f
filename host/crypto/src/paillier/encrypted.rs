//! Encrypted vectors as they are kept in memory. Not for: arithmetic (`operations`, `sums`) and bytes (`wire`).

use std::fmt;
use std::sync::Arc;

use super::public::PublicKey;
use crate::CryptoError;

/// A vector of ciphertexts under one key with one fixed-point scale: entry = integer / 2^scale.
#[derive(Clone)]
pub struct Encrypted {
    key: Arc<PublicKey>,
    scale: u32,
    fresh: bool,
    /// Residues modulo n^2 in Montgomery form, little-endian, each as wide as n^2.
    cells: Vec<u8>,
}

impl Encrypted {
    pub(super) fn new(key: Arc<PublicKey>, scale: u32, fresh: bool, cells: Vec<u8>) -> Encrypted {
        Encrypted { key, scale, fresh, cells }
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.cells.len() / self.key.width()
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Bits after the point.
    pub fn scale(&self) -> u32 {
        self.scale
    }

    /// The key.
    pub fn key(&self) -> &Arc<PublicKey> {
        &self.key
    }

    /// Whether every entry carries randomness of its own that stands in no relation to another ciphertext, which only
    /// the results of encryption and [`rerandomise`](Self::rerandomise) do. What is not fresh may tell its receiver how
    /// it was computed; rerandomise it before it is sent.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// Entries at the given rows, in that order, with repetitions. The result is not fresh.
    ///
    /// # Errors
    /// [`CryptoError::Row`] for the first row that does not exist.
    pub fn select(&self, rows: &[u32]) -> Result<Encrypted, CryptoError> {
        let (len, width) = (self.len(), self.key.width());
        if let Some(&row) = rows.iter().find(|&&row| row as usize >= len) {
            return Err(CryptoError::Row { row, len });
        }
        let mut cells = Vec::with_capacity(rows.len() * width);
        for &row in rows {
            cells.extend_from_slice(self.cell(row as usize));
        }
        Ok(self.derived(self.scale, cells))
    }

    /// All entries of all parts, one part after the other. The result is not fresh.
    ///
    /// # Errors
    /// [`CryptoError::OtherKey`]; [`CryptoError::Encrypted`] when there is no part or scales differ.
    pub fn concat(parts: &[&Encrypted]) -> Result<Encrypted, CryptoError> {
        let first = parts.first().ok_or(CryptoError::Encrypted("no parts to put together"))?;
        let mut cells = Vec::with_capacity(parts.iter().map(|part| part.cells.len()).sum());
        for part in parts {
            first.check_key(&part.key)?;
            if part.scale != first.scale {
                return Err(CryptoError::Encrypted("parts of different scales"));
            }
            cells.extend_from_slice(&part.cells);
        }
        Ok(first.derived(first.scale, cells))
    }

    /// A vector computed from this one: same key, not fresh.
    pub(super) fn derived(&self, scale: u32, cells: Vec<u8>) -> Encrypted {
        Encrypted::new(Arc::clone(&self.key), scale, false, cells)
    }

    /// Bytes of all entries.
    pub(super) fn cells(&self) -> &[u8] {
        &self.cells
    }

    /// Bytes of one entry.
    pub(super) fn cell(&self, index: usize) -> &[u8] {
        let width = self.key.width();
        &self.cells[index * width..][..width]
    }

    /// `Err(OtherKey)` unless the vector is encrypted under `key`.
    pub(super) fn check_key(&self, key: &Arc<PublicKey>) -> Result<(), CryptoError> {
        if Arc::ptr_eq(&self.key, key) || self.key == *key { Ok(()) } else { Err(CryptoError::OtherKey) }
    }

    /// The scale after a product with weights of `precision` bits.
    pub(super) fn grown_scale(&self, precision: u32) -> Result<u32, CryptoError> {
        let scale = self.scale.saturating_add(precision);
        self.key.check_scale(scale)?;
        Ok(scale)
    }
}

impl fmt::Debug for Encrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encrypted")
            .field("len", &self.len())
            .field("scale", &self.scale)
            .field("fresh", &self.fresh)
            .field("key", &self.key)
            .finish()
    }
}
