//! Random numbers that no other party can predict: ChaCha20 (RFC 8439) under a key that the node drew. They choose batches
//! and decoys. Not for: draws that several parties repeat alike ([`crate::mersenne`]).

use std::collections::BTreeSet;

use crate::draw::Draw;

/// A stream of unpredictable numbers.
pub struct Secret {
    key: [u32; 8],
    stream: u32,
    block: u64,
    words: [u32; 16],
    next: usize,
}

impl Secret {
    /// Stream `stream` of a key; streams of one key are independent.
    pub fn new(key: [u8; 32], stream: u32) -> Secret {
        let mut words = [0u32; 8];
        for (word, bytes) in words.iter_mut().zip(key.chunks_exact(4)) {
            *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
        }
        Secret { key: words, stream, block: 0, words: [0; 16], next: 16 }
    }

    fn word(&mut self) -> u32 {
        if self.next == 16 {
            self.words = block(&self.key, self.block, self.stream);
            self.block += 1;
            self.next = 0;
        }
        self.next += 1;
        self.words[self.next - 1]
    }

    /// A number below `limit`, which is not 0; every number is equally likely.
    pub fn below(&mut self, limit: u64) -> u64 {
        let excess = (u64::MAX % limit + 1) % limit;
        loop {
            let drawn = u64::from(self.word()) << 32 | u64::from(self.word());
            if drawn <= u64::MAX - excess {
                return drawn % limit;
            }
        }
    }

    /// Puts values in random order (R. Durstenfeld, 1964).
    pub fn shuffle(&mut self, values: &mut [u32]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.below(last as u64 + 1) as usize);
        }
    }

    /// `count` different numbers below `limit`, ascending (R. Floyd, 1987); `count` is at most `limit`.
    pub fn some(&mut self, count: usize, limit: usize) -> BTreeSet<usize> {
        let mut chosen = BTreeSet::new();
        for last in limit - count..limit {
            let drawn = self.below(last as u64 + 1) as usize;
            if !chosen.insert(drawn) {
                chosen.insert(last);
            }
        }
        chosen
    }
}

impl Draw for Secret {
    fn unit(&mut self) -> f64 {
        self.below(1 << 53) as f64 / (1u64 << 53) as f64
    }
}

fn block(key: &[u32; 8], number: u64, stream: u32) -> [u32; 16] {
    let mut start = [0u32; 16];
    start[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
    start[4..12].copy_from_slice(key);
    start[12..].copy_from_slice(&[number as u32, (number >> 32) as u32, stream, 0]);
    let mut state = start;
    for _ in 0..10 {
        for column in 0..4 {
            quarter(&mut state, [column, column + 4, column + 8, column + 12]);
        }
        for diagonal in 0..4 {
            let at = |row: usize| 4 * row + (diagonal + row) % 4;
            quarter(&mut state, [at(0), at(1), at(2), at(3)]);
        }
    }
    for (word, first) in state.iter_mut().zip(start) {
        *word = word.wrapping_add(first);
    }
    state
}

fn quarter(state: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
    for (left, right) in [(16, 12), (8, 7)] {
        state[a] = state[a].wrapping_add(state[b]);
        state[d] = (state[d] ^ state[a]).rotate_left(left);
        state[c] = state[c].wrapping_add(state[d]);
        state[b] = (state[b] ^ state[c]).rotate_left(right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8439, appendix A.1, test vector 1.
    #[test]
    fn first_block_of_the_zero_key() {
        let block = block(&[0; 8], 0, 0);
        assert_eq!(block[..4], [0xade0_b876, 0x903d_f1a0, 0xe56a_5d40, 0x28bd_8653]);
    }

    #[test]
    fn key_bytes_are_little_endian() {
        let mut key = [0u8; 32];
        key[0] = 1;
        assert_eq!(Secret::new(key, 0).key[0], 1);
    }

    #[test]
    fn shuffles_and_chooses() {
        let mut secret = Secret::new([7; 32], 0);
        let mut values: Vec<u32> = (0..100).collect();
        secret.shuffle(&mut values);
        assert_ne!(values, (0..100).collect::<Vec<u32>>());
        values.sort_unstable();
        assert_eq!(values, (0..100).collect::<Vec<u32>>());
        assert_eq!(secret.some(10, 10).len(), 10);
        assert_eq!(secret.some(30, 100).len(), 30);
        assert!((0..1000).all(|_| secret.below(3) < 3));
        assert!((0..1000).all(|_| (0.0..1.0).contains(&secret.unit())));
    }
}
