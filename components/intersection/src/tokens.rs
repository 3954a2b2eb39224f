//! Streams of tokens on the wire: a header with their number and width, then whole tokens, at most [`CHUNK`] a message, so
//! that no message grows beyond 16 MB. Not for: sending them (`wire`).

use parcae_sdk::psi::Tokens;

/// Most tokens in a message, and most ids in one call of the node.
pub const CHUNK: usize = 16_384;
/// Widest token that is taken, bytes: 8192 bits.
pub const MAX_WIDTH: u32 = 1024;
/// Most bytes of tokens that a party keeps in memory.
pub const MAX_KEPT: u64 = 1 << 30;

/// The header of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Number of tokens.
    pub count: u32,
    /// Bytes of each.
    pub width: u32,
}

impl Layout {
    /// As bytes, little-endian.
    pub fn encode(self) -> Vec<u8> {
        [self.count.to_le_bytes(), self.width.to_le_bytes()].concat()
    }

    /// From bytes of another party.
    pub fn decode(bytes: &[u8]) -> Result<Layout, String> {
        let Ok(both) = <[u8; 8]>::try_from(bytes) else {
            return Err(format!("a header of {} bytes where 8 were expected", bytes.len()));
        };
        let both = u64::from_le_bytes(both);
        let layout = Layout { count: both as u32, width: (both >> 32) as u32 };
        match layout.width {
            1..=MAX_WIDTH => Ok(layout),
            width => Err(format!("tokens of {width} bytes where 1 to {MAX_WIDTH} were expected")),
        }
    }

    /// Number of tokens in the message that follows `done` tokens.
    pub fn next(self, done: u32) -> usize {
        (self.count.saturating_sub(done) as usize).min(CHUNK)
    }

    /// Bytes of all tokens.
    pub fn byte_len(self) -> u64 {
        u64::from(self.count) * u64::from(self.width)
    }
}

/// No tokens yet.
pub fn none() -> Tokens {
    Tokens { width: 0, bytes: Vec::new() }
}

/// Number of tokens.
pub fn count(tokens: &Tokens) -> usize {
    match tokens.width {
        0 => 0,
        width => tokens.bytes.len() / width as usize,
    }
}

/// Token `row`.
pub fn token(tokens: &Tokens, row: usize) -> &[u8] {
    let width = tokens.width as usize;
    &tokens.bytes[row * width..(row + 1) * width]
}

/// Adds tokens behind others. The first ones set the width.
pub fn extend(all: &mut Tokens, more: &Tokens) {
    debug_assert!(all.width == 0 || all.width == more.width);
    all.width = more.width;
    all.bytes.extend_from_slice(&more.bytes);
}

/// Rows in the order of their tokens. Tokens look like random numbers, so that this order says nothing about rows.
pub fn sorted(tokens: &Tokens) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..count(tokens) as u32).collect();
    rows.sort_unstable_by(|a, b| token(tokens, *a as usize).cmp(token(tokens, *b as usize)));
    rows
}

/// Some tokens, in the order given.
pub fn pick(tokens: &Tokens, rows: &[u32]) -> Tokens {
    let mut bytes = Vec::with_capacity(rows.len() * tokens.width as usize);
    rows.iter().for_each(|row| bytes.extend_from_slice(token(tokens, *row as usize)));
    Tokens { width: tokens.width, bytes }
}

/// Puts back what [`pick`] put in the order `rows`: token i goes to `rows[i]`.
pub fn put_back(tokens: &Tokens, rows: &[u32]) -> Tokens {
    let width = tokens.width as usize;
    let mut bytes = vec![0; tokens.bytes.len()];
    for (from, to) in rows.iter().enumerate() {
        let to = *to as usize * width;
        bytes[to..to + width].copy_from_slice(token(tokens, from));
    }
    Tokens { width: tokens.width, bytes }
}

/// Checks that a stream grows from token to token: so there are no repeats either.
#[derive(Debug, Default)]
pub struct Ascending {
    last: Option<Vec<u8>>,
}

impl Ascending {
    /// Checks the next tokens of the stream.
    pub fn check(&mut self, tokens: &Tokens) -> Result<(), String> {
        let mut last = self.last.as_deref();
        for row in 0..count(tokens) {
            let here = token(tokens, row);
            if last.is_some_and(|before| before >= here) {
                return Err("tokens that are repeated or not sorted".to_owned());
            }
            last = Some(here);
        }
        self.last = last.map(<[u8]>::to_vec);
        Ok(())
    }
}

/// Positions as a stream: big-endian, so that their order as tokens is their order as numbers.
pub fn from_positions(positions: &[u32]) -> Tokens {
    Tokens { width: 4, bytes: positions.iter().flat_map(|position| position.to_be_bytes()).collect() }
}

/// Positions from a stream of width 4.
pub fn to_positions(tokens: &Tokens) -> Vec<u32> {
    tokens.bytes.chunks_exact(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_wide(bytes: &[u8]) -> Tokens {
        Tokens { width: 2, bytes: bytes.to_vec() }
    }

    #[test]
    fn headers_survive_the_wire_and_nonsense_does_not() {
        let layout = Layout { count: 70_000, width: 32 };
        assert_eq!(Layout::decode(&layout.encode()), Ok(layout));
        assert_eq!((layout.next(0), layout.next(65_536), layout.next(70_000)), (CHUNK, 4_464, 0));
        assert!(Layout::decode(&[0; 7]).is_err());
        assert!(Layout::decode(&Layout { count: 1, width: 0 }.encode()).is_err());
        assert!(Layout::decode(&Layout { count: 1, width: 1025 }.encode()).is_err());
    }

    #[test]
    fn sorted_tokens_can_be_put_back() {
        let tokens = two_wide(&[9, 1, 0, 5, 9, 0, 3, 3]);
        let order = sorted(&tokens);
        assert_eq!(order, [1, 3, 2, 0]);
        let sent = pick(&tokens, &order);
        assert_eq!(sent.bytes, [0, 5, 3, 3, 9, 0, 9, 1]);
        assert_eq!(put_back(&sent, &order), tokens);
    }

    #[test]
    fn order_and_repeats_are_checked_across_messages() {
        let mut check = Ascending::default();
        assert!(check.check(&two_wide(&[0, 1, 0, 2])).is_ok());
        assert!(check.check(&two_wide(&[])).is_ok());
        assert!(check.check(&two_wide(&[0, 2])).is_err());
        assert!(Ascending::default().check(&two_wide(&[1, 0, 0, 9])).is_err());
    }

    #[test]
    fn positions_keep_their_order() {
        let positions = [0, 1, 255, 256, 70_000];
        let tokens = from_positions(&positions);
        assert!(Ascending::default().check(&tokens).is_ok());
        assert_eq!(to_positions(&tokens), positions);
    }
}
