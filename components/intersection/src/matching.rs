//! Finding equal tokens, and what all hosts have. Pure. Not for: where tokens come from (`blinded`, `signed`).

use std::collections::HashMap;

use parcae_sdk::psi::Tokens;

use crate::tokens::{count, token};

/// For each of our tokens the position of the same token among theirs.
pub fn positions(ours: &Tokens, theirs: &Tokens) -> Vec<Option<u32>> {
    if ours.width != theirs.width {
        return vec![None; count(ours)];
    }
    let index: HashMap<&[u8], u32> = (0..count(theirs)).map(|row| (token(theirs, row), row as u32)).collect();
    (0..count(ours)).map(|row| index.get(token(ours, row)).copied()).collect()
}

/// The units that every host has; `found` holds one list a host, with one entry a unit.
pub fn common(found: &[Vec<Option<u32>>]) -> Vec<usize> {
    let units = found.first().map_or(0, Vec::len);
    (0..units).filter(|unit| found.iter().all(|host| host[*unit].is_some())).collect()
}

/// A host's positions of some units, ascending.
pub fn positions_of(units: &[usize], host: &[Option<u32>]) -> Vec<u32> {
    let mut positions: Vec<u32> = units.iter().filter_map(|unit| host[*unit]).collect();
    positions.sort_unstable();
    positions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_tokens_are_found() {
        let ours = Tokens { width: 2, bytes: vec![1, 1, 2, 2, 3, 3] };
        let theirs = Tokens { width: 2, bytes: vec![3, 3, 0, 0, 1, 1] };
        assert_eq!(positions(&ours, &theirs), [Some(2), None, Some(0)]);
        assert_eq!(positions(&ours, &Tokens { width: 3, bytes: vec![1, 1, 2] }), [None, None, None]);
    }

    #[test]
    fn common_is_what_every_host_has() {
        let found = [vec![Some(4), None, Some(0), Some(7)], vec![Some(1), Some(2), None, Some(0)]];
        assert_eq!(common(&found), [0, 3]);
        assert_eq!(positions_of(&[0, 3], &found[0]), [4, 7]);
        assert_eq!(positions_of(&[0, 3], &found[1]), [0, 1]);
    }
}
