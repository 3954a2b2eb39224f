//! Encrypted vectors as bytes. Not for: keys.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `PEV1` |
//! | 16 | start of the SHA-256 digest of the public key's bytes |
//! | 4 | scale in bits |
//! | 8 | number of entries |
//! | entries | residues modulo n^2 in standard form, each twice the bytes of n |
//!
//! All integers have their most significant byte first.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::encrypted::Encrypted;
use super::operations::product;
use super::public::PublicKey;
use super::randomness::Workspace;
use crate::CryptoError;
use crate::bn::Scratch;
use crate::work::{Supervisor, fill_cells};

/// Start of the bytes of an encrypted vector.
const MAGIC: &[u8; 4] = b"PEV1";
/// Bytes before the entries.
const HEADER: usize = 32;

impl Encrypted {
    /// The vector as bytes; whether it is fresh is not among them.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_bytes_for(&AtomicBool::new(false)).expect("nobody raises the flag, and the conversion cannot fail")
    }

    /// The same for somebody who may stop it.
    ///
    /// # Errors
    /// [`CryptoError::Stopped`].
    pub fn to_bytes_for(&self, stop: &dyn Supervisor) -> Result<Vec<u8>, CryptoError> {
        let (key, width) = (self.key(), self.key().width());
        let cells = fill_cells(
            self.len(),
            width,
            stop,
            || Workspace::new(key),
            |work, index, cell| {
                work.a.set_le_bytes(self.cell(index));
                key.square().leave(&mut work.b, &work.a, &mut work.scratch);
                work.b.write_be(cell);
                Ok(())
            },
        )?;
        let mut bytes = Vec::with_capacity(HEADER + cells.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(key.fingerprint());
        bytes.extend_from_slice(&self.scale().to_be_bytes());
        bytes.extend_from_slice(&(self.len() as u64).to_be_bytes());
        bytes.extend_from_slice(&cells);
        Ok(bytes)
    }

    /// The vector under `key` that `bytes` spell. They may come from anyone; what is allocated is bounded by their
    /// length. The result is not fresh.
    ///
    /// # Errors
    /// `OtherKey`; `Scale`; `Encrypted` when lengths do not agree or an entry is 0, not below n^2 or shares a factor
    /// with n.
    pub fn from_bytes(key: &Arc<PublicKey>, bytes: &[u8]) -> Result<Encrypted, CryptoError> {
        Encrypted::from_bytes_for(key, bytes, &AtomicBool::new(false))
    }

    /// The same for somebody who may stop it.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes), and [`CryptoError::Stopped`].
    pub fn from_bytes_for(key: &Arc<PublicKey>, bytes: &[u8], stop: &dyn Supervisor) -> Result<Encrypted, CryptoError> {
        let (scale, entries) = header(key, bytes)?;
        let width = key.width();
        let cells = fill_cells(
            entries.len() / width,
            width,
            stop,
            || Workspace::new(key),
            |work, index, cell| {
                work.a.set_be_bytes(&entries[index * width..][..width]);
                if work.a.is_zero() || work.a >= *key.square().value() {
                    return Err(CryptoError::Encrypted("an entry outside 1 to n^2 - 1"));
                }
                key.square().enter(&mut work.b, &work.a, &mut work.scratch);
                work.b.write_le(cell);
                Ok(())
            },
        )?;
        // One greatest common divisor for all: a factor of n in any entry is one of the product.
        let all = product(key.square(), &cells, stop)?;
        if !all.gcd(key.n(), &mut Scratch::new()).is_one() {
            return Err(CryptoError::Encrypted("an entry shares a factor with n"));
        }
        Ok(Encrypted::new(Arc::clone(key), scale, false, cells))
    }
}

/// Checks everything before the entries; returns the scale and the bytes of the entries.
fn header<'a>(key: &PublicKey, bytes: &'a [u8]) -> Result<(u32, &'a [u8]), CryptoError> {
    let (head, entries) = bytes.split_at_checked(HEADER).ok_or(CryptoError::Encrypted("too short"))?;
    let rest = head.strip_prefix(MAGIC).ok_or(CryptoError::Encrypted("no PEV1 at the start"))?;
    let (fingerprint, rest) = rest.split_at(16);
    if fingerprint != key.fingerprint() {
        return Err(CryptoError::OtherKey);
    }
    let (scale, count) = rest.split_at(4);
    let scale = u32::from_be_bytes(scale.try_into().expect("four bytes were split off"));
    key.check_scale(scale)?;
    let count = u64::from_be_bytes(count.try_into().expect("eight bytes are left"));
    let needed = count.checked_mul(key.width() as u64);
    if needed != Some(entries.len() as u64) {
        return Err(CryptoError::Encrypted("length and number of entries disagree"));
    }
    Ok((scale, entries))
}
