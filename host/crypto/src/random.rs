//! Bytes from the random number generator of the operating system. Not for: reproducible draws.

use crate::CryptoError;

/// `count` random bytes.
///
/// # Errors
/// [`CryptoError::Random`] when the operating system has none.
pub fn random_bytes(count: usize) -> Result<Vec<u8>, CryptoError> {
    let mut bytes = vec![0u8; count];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Overwrites `bytes` with random ones.
///
/// # Errors
/// [`CryptoError::Random`] when the operating system has none.
pub fn fill(bytes: &mut [u8]) -> Result<(), CryptoError> {
    getrandom::fill(bytes).map_err(|error| CryptoError::Random(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_differ() {
        let (one, two) = (random_bytes(32).unwrap(), random_bytes(32).unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, two);
        assert!(random_bytes(0).unwrap().is_empty());
    }
}
