//! Random numbers of the whole ring: ChaCha20 (RFC 8439) under a key that is drawn in the node, or made of a seed. Not
//! for: what is masked with them (`shares`).

use parcae_sdk::{Result, failed, psi, texts};

/// A stream of random numbers.
pub struct Masks {
    key: [u32; 8],
    block: u64,
    words: [u32; 16],
    next: usize,
}

/// The key of a party: secret, or repeatable where a seed is given. `side` tells the parties apart, which may have the
/// same seed.
pub fn key(seed: Option<i64>, side: u8) -> Result<[u8; 32]> {
    let Some(seed) = seed else { return secret() };
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8] = side;
    Ok(key)
}

/// The contract has no call for random bytes that only this party knows, but it draws secret exponents in the node: a
/// fixed text blinded under a fresh one is as good to everybody else as random (decisional Diffie-Hellman assumption in
/// ristretto255).
fn secret() -> Result<[u8; 32]> {
    let blinder = psi::Blinder::new(psi::Group::Ristretto255);
    let hash = psi::IdHash { name: "sha256".to_owned(), salt: String::new() };
    let tokens = blinder.blind(&texts(["secure_add"]), &hash)?;
    <[u8; 32]>::try_from(tokens.bytes).map_err(|_| failed("a blinded id of 32 bytes was expected"))
}

impl Masks {
    /// The numbers of a key.
    pub fn new(key: [u8; 32]) -> Masks {
        let mut words = [0u32; 8];
        for (word, bytes) in words.iter_mut().zip(key.chunks_exact(4)) {
            *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
        }
        Masks { key: words, block: 0, words: [0; 16], next: 16 }
    }

    /// The next number; all are equally likely.
    pub fn draw(&mut self) -> u64 {
        u64::from(self.word()) << 32 | u64::from(self.word())
    }

    fn word(&mut self) -> u32 {
        if self.next == 16 {
            self.words = block(&self.key, self.block);
            self.block += 1;
            self.next = 0;
        }
        self.next += 1;
        self.words[self.next - 1]
    }
}

fn block(key: &[u32; 8], number: u64) -> [u32; 16] {
    let mut start = [0u32; 16];
    start[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
    start[4..12].copy_from_slice(key);
    start[12..14].copy_from_slice(&[number as u32, (number >> 32) as u32]);
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
        assert_eq!(block(&[0; 8], 0)[..4], [0xade0_b876, 0x903d_f1a0, 0xe56a_5d40, 0x28bd_8653]);
    }

    #[test]
    fn seeds_repeat_and_sides_differ() {
        let first = |seed, side| Masks::new(key(Some(seed), side).unwrap()).draw();
        assert_eq!(first(123, 0), first(123, 0));
        assert_ne!(first(123, 0), first(123, 1));
        assert_ne!(first(123, 0), first(-123, 0));
    }
}
