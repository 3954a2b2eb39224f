//! Tokens, flat. Not for: what they mean, which depends on the method.

use crate::CryptoError;

/// Tokens of one width, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Bytes of a token.
    pub width: usize,
    /// All tokens: a multiple of `width` bytes.
    pub bytes: Vec<u8>,
}

impl Tokens {
    /// Number of tokens.
    pub fn len(&self) -> usize {
        self.bytes.len().checked_div(self.width).unwrap_or(0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Token `index`, from 0.
    ///
    /// # Panics
    /// When there is no such token.
    pub fn get(&self, index: usize) -> &[u8] {
        &self.bytes[index * self.width..][..self.width]
    }

    /// Checks that tokens are `width` bytes wide and that there is a whole number of them.
    pub(super) fn check(&self, width: usize) -> Result<(), CryptoError> {
        if self.width != width {
            return Err(CryptoError::Tokens("a width that is not the method's"));
        }
        if !self.bytes.len().is_multiple_of(width) {
            return Err(CryptoError::Tokens("a broken token at the end"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_cut_at_their_width() {
        let tokens = Tokens { width: 2, bytes: vec![1, 2, 3, 4] };
        assert_eq!((tokens.len(), tokens.get(1)), (2, &[3, 4][..]));
        assert_eq!(tokens.check(2), Ok(()));
        assert!(tokens.check(4).is_err());
        assert!(Tokens { width: 2, bytes: vec![1] }.check(2).is_err());
        assert!(Tokens { width: 0, bytes: vec![] }.is_empty());
    }
}
