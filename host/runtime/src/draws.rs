//! Private draws of an attempt on which results depend: secret exponents, and the batches and masks that components
//! make of these. They come from the operating system; in the deterministic profile they follow from a key that only this
//! node has, so that the same job draws the same. Not for: keys and obfuscation of ciphertexts, which no result shows.

use hmac::{Hmac, KeyInit, Mac};
use parcae_crypto::CryptoError;
use parcae_domain::{attempt::Attempt, draws::DrawKey};
use sha2::Sha256;

/// Where private draws come from.
pub(crate) struct Draws {
    key: Option<DrawKey>,
    /// Blocks that were drawn from the key.
    blocks: u64,
}

impl Draws {
    /// Those of an attempt.
    pub(crate) fn of(attempt: &Attempt) -> Draws {
        Draws { key: attempt.draws.clone(), blocks: 0 }
    }

    /// Overwrites bytes with the next ones: none come twice.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) -> Result<(), CryptoError> {
        let Some(DrawKey(key)) = &self.key else { return parcae_crypto::random::fill(bytes) };
        for piece in bytes.chunks_mut(32) {
            let mut block = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length is good");
            block.update(&self.blocks.to_le_bytes());
            self.blocks += 1;
            piece.copy_from_slice(&block.finalize().into_bytes()[..piece.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(key: Option<[u8; 32]>) -> [u8; 80] {
        let mut draws = Draws { key: key.map(DrawKey), blocks: 0 };
        let mut bytes = [0; 80];
        draws.fill(&mut bytes[..40]).unwrap();
        draws.fill(&mut bytes[40..]).unwrap();
        bytes
    }

    #[test]
    fn draws_repeat_with_a_key_and_never_within_one() {
        let one = drawn(Some([1; 32]));
        assert_eq!(one, drawn(Some([1; 32])));
        assert_ne!(one, drawn(Some([2; 32])));
        assert_ne!(one[..40], one[40..]);
        assert_ne!(drawn(None), drawn(None));
    }
}
