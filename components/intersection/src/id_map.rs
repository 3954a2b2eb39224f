//! Tables with match ids: the guest tells a host which keys its rows get, as pairs (position of the host's token, key), so
//! that the rows of both parties line up. Match ids themselves do not travel. Not for: who matched (`matching`).

use std::collections::HashSet;

use parcae_sdk::{
    Party, Result, Text, federation,
    tables::{Column, Page, Texts, Values},
    texts,
};

use crate::{
    tokens::{CHUNK, Layout},
    units::part,
    wire::{Incoming, blame, open},
};

const TAG: &str = "id_map_from_guest";
/// Most bytes of keys in a message; one key may be longer.
const PAGE_BYTES: usize = 8 << 20;
/// Position of a row of the guest that the host does not have.
pub const MISSING: i64 = -1;

/// Pairs of position and key; no key twice.
#[derive(Clone, Debug, PartialEq)]
pub struct IdMap {
    /// Position of the host's token, or [`MISSING`].
    pub positions: Vec<i64>,
    /// Keys of the rows.
    pub keys: Texts,
}

impl IdMap {
    /// Pairs in the order of positions, then keys, which says nothing about the order of the guest's rows.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (i64, &'a str)>) -> IdMap {
        let mut pairs: Vec<(i64, &str)> = pairs.into_iter().collect();
        pairs.sort_unstable();
        IdMap {
            positions: pairs.iter().map(|(position, _)| *position).collect(),
            keys: texts(pairs.iter().map(|(_, key)| *key)),
        }
    }

    /// Where the message that begins with pair `from` ends.
    fn cut(&self, from: usize) -> usize {
        let last = (from + CHUNK).min(self.positions.len());
        let start = self.keys.offsets[from] as usize;
        let fits = |to: &usize| self.keys.offsets[*to] as usize - start <= PAGE_BYTES;
        (from + 1..=last).take_while(fits).last().unwrap_or(from + 1)
    }

    fn page(&self, from: usize, to: usize) -> Page {
        let positions = Column { validity: None, values: Values::Int64(self.positions[from..to].to_vec()) };
        let keys = Column { validity: None, values: Values::Text(part(&self.keys, from, to)) };
        Page { rows: (to - from) as u32, columns: vec![positions, keys] }
    }

    /// Adds a page of another party; `least` is the least position and `units` the number of positions.
    fn add(&mut self, page: Page, least: i64, units: usize) -> std::result::Result<(), String> {
        let [positions, keys] = page.columns.as_slice() else {
            return Err(format!("a page of {} columns", page.columns.len()));
        };
        let (Values::Int64(positions), Values::Text(keys)) = (&positions.values, &keys.values) else {
            return Err("a page whose columns are not numbers and texts".to_owned());
        };
        if let Some(wrong) = positions.iter().find(|p| **p < least || **p >= units as i64) {
            return Err(format!("position {wrong} of {units}"));
        }
        let base = self.keys.bytes.len() as u32;
        self.positions.extend_from_slice(positions);
        self.keys.bytes.extend_from_slice(&keys.bytes);
        self.keys.offsets.extend(keys.offsets.iter().skip(1).map(|offset| offset + base));
        Ok(())
    }

    fn has_repeats(&self) -> bool {
        let mut seen = HashSet::new();
        (0..self.keys.count()).any(|row| !seen.insert(self.keys.at(row)))
    }

    /// Sends to a host.
    pub fn send(&self, to: Party) -> Result<()> {
        open(to, TAG, Layout { count: self.positions.len() as u32, width: 1 })?;
        let mut from = 0;
        while from < self.positions.len() {
            let end = self.cut(from);
            federation::push_page(to, TAG, &self.page(from, end))?;
            from = end;
        }
        Ok(())
    }

    /// Waits for the guest's pairs. `units`: number of own tokens. `missing`: rows that this host does not have may come.
    pub fn receive(guest: Party, units: usize, missing: bool) -> Result<IdMap> {
        let count = Incoming::open(guest, TAG)?.layout.count as usize;
        let least = if missing { MISSING } else { 0 };
        let mut map = IdMap { positions: Vec::new(), keys: texts([]) };
        while map.positions.len() < count {
            let page = federation::pull_page(guest, TAG)?;
            if page.rows == 0 {
                return Err(blame(guest, TAG, "a page without rows"));
            }
            map.add(page, least, units).map_err(|what| blame(guest, TAG, what))?;
        }
        if map.positions.len() > count {
            return Err(blame(guest, TAG, format!("{} pairs where {count} were expected", map.positions.len())));
        }
        if map.has_repeats() {
            return Err(blame(guest, TAG, "a key twice"));
        }
        Ok(map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_sorted_and_cut() {
        let map = IdMap::new([(3, "c"), (MISSING, "z"), (0, "b"), (3, "a")]);
        assert_eq!(map.positions, [MISSING, 0, 3, 3]);
        assert_eq!(map.keys, texts(["z", "b", "a", "c"]));
        assert_eq!(map.cut(0), 4);
        let long = "x".repeat(PAGE_BYTES);
        let map = IdMap::new([(0, "a"), (1, long.as_str()), (2, "b")]);
        assert_eq!((map.cut(0), map.cut(1), map.cut(2)), (1, 2, 3));
    }

    #[test]
    fn pages_come_back_as_they_were() {
        let sent = IdMap::new([(0, "p"), (1, "q"), (2, "r")]);
        let mut got = IdMap { positions: Vec::new(), keys: texts([]) };
        got.add(sent.page(0, 2), 0, 3).unwrap();
        got.add(sent.page(2, 3), 0, 3).unwrap();
        assert_eq!(got, sent);
        assert!(!got.has_repeats());
    }

    #[test]
    fn hostile_pages_are_refused() {
        let mut map = IdMap { positions: Vec::new(), keys: texts([]) };
        let page = IdMap::new([(2, "p")]).page(0, 1);
        assert!(map.add(page.clone(), 0, 2).is_err());
        assert!(map.add(IdMap::new([(MISSING, "p")]).page(0, 1), 0, 2).is_err());
        assert!(map.add(Page { rows: 1, columns: page.columns[..1].to_vec() }, 0, 9).is_err());
        let swapped = page.columns.iter().rev().cloned().collect();
        assert!(map.add(Page { rows: 1, columns: swapped }, 0, 9).is_err());
        assert!(IdMap::new([(0, "p"), (1, "p")]).has_repeats());
    }
}
