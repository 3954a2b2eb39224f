//! Which keys a file has more than once. Not for: keeping keys; a key is remembered as 64 bits.
//!
//! Two different keys among n collide with probability n²/2^65: 3e-8 at a million rows, 3e-4 at a hundred million. A collision
//! costs a second pass over the file, never a row: a row is only skipped when 32 more bits of its key agree too.

use std::collections::HashMap;

const K: [u64; 4] = [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb, 0xd6e8_feb8_6659_fd93];
const LEAST_SLOTS: usize = 1 << 12;
const MOST_SLOTS_AHEAD: u64 = 1 << 22;

/// The hashes of all keys so far, and of those that came again.
#[derive(Debug)]
pub struct Keys {
    seed: u64,
    /// Open addressing with linear probing; 0 = free.
    slots: Vec<u64>,
    used: usize,
    /// For a key that came again: its last row and 32 other bits of it.
    last: HashMap<u64, (u64, u32)>,
}

impl Keys {
    /// None yet. The seed keeps a sender from choosing keys that collide.
    pub fn new(seed: u64) -> Keys {
        Keys { seed, slots: vec![0; LEAST_SLOTS], used: 0, last: HashMap::new() }
    }

    /// Makes room for about `rows` keys; an estimate that is too low costs time only.
    pub fn expect(&mut self, rows: u64) {
        let slots = (rows.saturating_add(rows / 2)).min(MOST_SLOTS_AHEAD) as usize;
        if slots > self.slots.len() {
            self.resize(slots);
        }
    }

    /// Notes the key of a row; true when it was there before.
    pub fn see(&mut self, key: &[u8], row: u64) -> bool {
        let hash = hash(key, self.seed).max(1);
        if self.insert(hash) {
            if self.used * 4 > self.slots.len() * 3 {
                self.resize(self.slots.len() + self.slots.len() / 2);
            }
            return false;
        }
        self.last.insert(hash, (row, self.check(key)));
        true
    }

    /// True when a later row has the key of this row.
    pub fn superseded(&self, key: &[u8], row: u64) -> bool {
        if self.last.is_empty() {
            return false;
        }
        let last = self.last.get(&hash(key, self.seed).max(1));
        last.is_some_and(|(last, check)| *last != row && *check == self.check(key))
    }

    fn check(&self, key: &[u8]) -> u32 {
        (hash(key, !self.seed) >> 32) as u32
    }

    /// True when the hash was not there.
    fn insert(&mut self, hash: u64) -> bool {
        let slots = self.slots.len();
        let mut at = slot(hash, slots);
        loop {
            match self.slots[at] {
                0 => {
                    self.slots[at] = hash;
                    self.used += 1;
                    return true;
                }
                found if found == hash => return false,
                _ => at = if at + 1 == slots { 0 } else { at + 1 },
            }
        }
    }

    fn resize(&mut self, slots: usize) {
        let before = std::mem::replace(&mut self.slots, vec![0; slots]);
        self.used = 0;
        for hash in before.into_iter().filter(|hash| *hash != 0) {
            self.insert(hash);
        }
    }
}

/// Where a hash belongs: its upper 32 bits, scaled to the number of slots.
fn slot(hash: u64, slots: usize) -> usize {
    (((hash >> 32) * slots as u64) >> 32) as usize
}

/// 64 bits of a text: 16 bytes a step through a 64 x 64 to 128 bit multiplication that is folded, as in wyhash (Wang Yi).
/// Good for tables, not for secrets.
pub fn hash(bytes: &[u8], seed: u64) -> u64 {
    let mut state = fold(seed ^ K[0], K[1]);
    let mut steps = bytes.chunks_exact(16);
    for step in &mut steps {
        state = fold(word(&step[..8]) ^ K[1], word(&step[8..]) ^ state);
    }
    let mut tail = [0; 16];
    tail[..steps.remainder().len()].copy_from_slice(steps.remainder());
    let mixed = fold(word(&tail[..8]) ^ K[2], word(&tail[8..]) ^ state);
    fold(mixed ^ bytes.len() as u64, K[3] ^ state)
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_last_row_of_a_key_stays() {
        let mut keys = Keys::new(7);
        let rows = ["a", "b", "a", "c", "a", "c"];
        let again: Vec<bool> = rows.iter().enumerate().map(|(i, k)| keys.see(k.as_bytes(), i as u64)).collect();
        assert_eq!(again, [false, false, true, false, true, true]);
        let left: Vec<usize> = (0..rows.len()).filter(|i| !keys.superseded(rows[*i].as_bytes(), *i as u64)).collect();
        assert_eq!(left, [1, 4, 5]);
    }

    #[test]
    fn many_keys_without_a_false_alarm() {
        let mut keys = Keys::new(1);
        keys.expect(1000);
        for i in 0..200_000u64 {
            assert!(!keys.see(i.to_string().as_bytes(), i), "{i}");
        }
        assert!(keys.see(b"199999", 200_000) && keys.see(b"0", 200_001));
        assert!(keys.slots.len() < 400_000, "{}", keys.slots.len());
    }

    #[test]
    fn a_collision_costs_no_row() {
        let mut keys = Keys::new(1);
        keys.see(b"left", 0);
        // As if "right" had the hash of "left".
        let collided = hash(b"left", 1);
        let check = keys.check(b"right");
        keys.last.insert(collided, (1, check));
        assert!(!keys.superseded(b"left", 0));
    }

    #[test]
    fn hashes_spread() {
        let mut seen = HashSet::new();
        for length in 0..64 {
            for byte in [0u8, 1, 255] {
                assert!(seen.insert(hash(&vec![byte; length], 3)) || length == 0, "{length} {byte}");
            }
        }
        assert_ne!(hash(b"1", 1), hash(b"1", 2));
        let ones: u32 =
            (0..1000u64).map(|i| (hash(&i.to_le_bytes(), 0) ^ hash(&(i + 1).to_le_bytes(), 0)).count_ones()).sum();
        assert!((30_000..34_000).contains(&ones), "{ones}");
    }
}
