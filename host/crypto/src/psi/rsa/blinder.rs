//! The party whose ids are signed without being shown. Not for: the party with the secret key (`signer`).

use std::fmt;

use zeroize::Zeroizing;

use super::Public;
use crate::CryptoError;
use crate::bn::{Number, Scratch};
use crate::digest::Hash;
use crate::psi::{IdHash, Ids, Tokens};
use crate::work::{Supervisor, check, fill_blocks, fill_cells};

/// Entries whose inverses share one inversion.
const BLOCK: usize = 128;

/// Ids blinded for one signer, with the secret factors that take the blinding off again.
pub struct RsaBlinder {
    public: Public,
    blinded: Tokens,
    /// One r an id, as wide as N, little-endian, in Montgomery form.
    factors: Zeroizing<Vec<u8>>,
}

impl RsaBlinder {
    /// Blinds every id u under the signer's key: r^e H(u) for a fresh r below N. The key may come from anyone.
    ///
    /// # Errors
    /// [`CryptoError::PublicKey`], [`CryptoError::Ids`], [`CryptoError::Hash`], [`CryptoError::Stopped`].
    pub fn new(public: &[u8], ids: &Ids<'_>, hash: &IdHash, stop: &dyn Supervisor) -> Result<RsaBlinder, CryptoError> {
        let public = Public::from_bytes(public)?;
        ids.check()?;
        let digest = hash.function()?;
        let width = public.width;
        let factors = draw_factors(&public, ids.len(), stop)?;
        let bytes = fill_cells(ids.len(), width, stop, Scratch::new, |scratch, index, cell| {
            let message = public.hash(&digest(ids.get(index)), scratch);
            let factor = Number::from_le_bytes(&factors[index * width..][..width]);
            let (mut power, mut blinded) = (Number::zero(), Number::zero());
            public.power(&mut power, &factor, scratch);
            // One factor in Montgomery form, the other in standard form: so is the product.
            public.modulus.mul(&mut blinded, &power, &message, scratch);
            blinded.write_be(cell);
            Ok(())
        })?;
        Ok(RsaBlinder { public, blinded: Tokens { width, bytes }, factors })
    }

    /// The blinded ids, for [`RsaSigner::sign_blinded`](crate::RsaSigner::sign_blinded).
    pub fn blinded(&self) -> &Tokens {
        &self.blinded
    }

    /// Takes the blinding off signatures that came back in the same order: the token H2(H(u)^d) of every id;
    /// `final_hash` names H2 as for the signer.
    ///
    /// # Errors
    /// [`CryptoError::Signature`] when one is no signature of the blinded id; [`CryptoError::Tokens`],
    /// [`CryptoError::Length`], [`CryptoError::Hash`], [`CryptoError::Stopped`]; [`CryptoError::NotInvertible`] when a
    /// random factor divides N.
    pub fn unblind(&self, signed: &Tokens, final_hash: &str, stop: &dyn Supervisor) -> Result<Tokens, CryptoError> {
        let last = Hash::from_name(final_hash)?;
        signed.check(self.public.width)?;
        if signed.len() != self.blinded.len() {
            return Err(CryptoError::Length { left: signed.len(), right: self.blinded.len() });
        }
        let width = last.width();
        let bytes = fill_blocks(signed.len(), width, BLOCK, stop, Scratch::new, |scratch, first, cells| {
            let mut inverses = self.factors_from(first, cells.len() / width);
            self.public.modulus.invert_all(&mut inverses, scratch)?;
            for (offset, (cell, inverse)) in cells.chunks_exact_mut(width).zip(&inverses).enumerate() {
                check(stop)?;
                let signature = self.verified(signed, first + offset, scratch)?;
                let mut own = Number::zero();
                self.public.modulus.mul(&mut own, inverse, &signature, scratch);
                cell.copy_from_slice(&self.public.finish(&own, last));
            }
            Ok(())
        })?;
        Ok(Tokens { width, bytes })
    }

    /// The random factors of `count` ids.
    fn factors_from(&self, first: usize, count: usize) -> Vec<Number> {
        let width = self.public.width;
        self.factors[first * width..][..count * width].chunks_exact(width).map(Number::from_le_bytes).collect()
    }

    /// Signature `index`, in standard form, if its e-th power is the blinded id.
    fn verified(&self, signed: &Tokens, index: usize, scratch: &mut Scratch) -> Result<Number, CryptoError> {
        let modulus = &self.public.modulus;
        let signature = Number::from_be_bytes(signed.get(index));
        if signature >= *modulus.value() {
            return Err(CryptoError::Signature(index));
        }
        let (mut inside, mut power) = (Number::zero(), Number::zero());
        modulus.enter(&mut inside, &signature, scratch);
        self.public.power(&mut power, &inside, scratch);
        modulus.leave(&mut inside, &power, scratch);
        if inside == Number::from_be_bytes(self.blinded.get(index)) {
            Ok(signature)
        } else {
            Err(CryptoError::Signature(index))
        }
    }
}

impl fmt::Debug for RsaBlinder {
    /// Shows nothing secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaBlinder({} ids, {} bits)", self.blinded.len(), self.public.width * 8)
    }
}

/// A fresh r from 1 to N - 1 for every id. Drawn evenly, it is taken as a residue in Montgomery form as it is.
fn draw_factors(public: &Public, count: usize, stop: &dyn Supervisor) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let draw = |(): &mut (), _: usize, cell: &mut [u8]| {
        Number::random_below(public.modulus.value()).write_le(cell);
        Ok(())
    };
    fill_cells(count, public.width, stop, || (), draw).map(Zeroizing::new)
}
