//! Messages that are not ciphertexts, keys or ids: counts, positions and numbers as little-endian bytes of a length that the
//! receiver knows. Everything that arrives is checked, because a peer may send anything. Not for: sending.

use parcae_sdk::{Failure, FailureKind, Result};

/// A failure that another party caused.
pub fn peer_error(message: impl Into<String>) -> Failure {
    Failure { kind: FailureKind::Peer, message: message.into() }
}

/// Doubles, 8 bytes each.
pub fn numbers(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// Exactly `len` finite doubles; `what` names the message in errors.
pub fn read_numbers(bytes: &[u8], len: usize, what: &str) -> Result<Vec<f64>> {
    let values: Vec<f64> = cells::<8>(bytes, len, what)?.map(f64::from_le_bytes).collect();
    match values.iter().find(|v| !v.is_finite()) {
        None => Ok(values),
        Some(value) => Err(peer_error(format!("{what}: a finite number was expected, {value} came"))),
    }
}

/// Counts, 8 bytes each.
pub fn counts(values: &[u64]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// Exactly `len` counts.
pub fn read_counts(bytes: &[u8], len: usize, what: &str) -> Result<Vec<u64>> {
    Ok(cells::<8>(bytes, len, what)?.map(u64::from_le_bytes).collect())
}

/// Positions of rows, 4 bytes each.
pub fn positions(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// Ascending positions below `rows`, each once: exactly `len`, or any number when that is `None`.
pub fn read_positions(bytes: &[u8], len: Option<usize>, rows: usize, what: &str) -> Result<Vec<u32>> {
    let len = len.unwrap_or(bytes.len() / 4);
    let values: Vec<u32> = cells::<4>(bytes, len, what)?.map(u32::from_le_bytes).collect();
    let ascending = values.windows(2).all(|pair| pair[0] < pair[1]);
    if !ascending || values.last().is_some_and(|last| *last as usize >= rows) {
        return Err(peer_error(format!("{what}: positions must ascend and stay below {rows}")));
    }
    Ok(values)
}

fn cells<'a, const WIDTH: usize>(
    bytes: &'a [u8],
    len: usize,
    what: &str,
) -> Result<impl Iterator<Item = [u8; WIDTH]> + use<'a, WIDTH>> {
    if bytes.len() != len.saturating_mul(WIDTH) {
        let wanted = len.saturating_mul(WIDTH);
        return Err(peer_error(format!("{what}: {wanted} bytes were expected, {} came", bytes.len())));
    }
    Ok(bytes.chunks_exact(WIDTH).map(|cell| {
        let mut array = [0u8; WIDTH];
        array.copy_from_slice(cell);
        array
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        assert_eq!(read_numbers(&numbers(&[1.5, -0.0]), 2, "n").unwrap(), [1.5, -0.0]);
        assert_eq!(read_counts(&counts(&[7, u64::MAX]), 2, "c").unwrap(), [7, u64::MAX]);
        assert_eq!(read_positions(&positions(&[0, 3, 4]), Some(3), 5, "p").unwrap(), [0, 3, 4]);
        assert_eq!(read_positions(&positions(&[2]), None, 5, "p").unwrap(), [2]);
    }

    #[test]
    fn hostile_bytes_are_refused() {
        assert!(read_numbers(&[0; 15], 2, "n").is_err());
        assert!(read_numbers(&numbers(&[f64::NAN]), 1, "n").is_err());
        assert!(read_counts(&[0; 8], usize::MAX, "c").is_err());
        assert!(read_positions(&positions(&[0, 5]), Some(2), 5, "p").is_err());
        assert!(read_positions(&positions(&[3, 3]), Some(2), 5, "p").is_err());
        assert!(read_positions(&[1, 2, 3], None, 5, "p").is_err());
        let failure = read_numbers(&[], 1, "delta").unwrap_err();
        assert_eq!(failure.kind, FailureKind::Peer);
    }
}
