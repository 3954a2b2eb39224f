//! Numbers that look random and are the same everywhere: what stands for digests and secrets in native tests. Not for:
//! anything that has to be hard to guess.

/// A digest of some byte strings: 256 bits, of which none is hard to find.
pub(super) fn digest(parts: &[&[u8]]) -> [u64; 4] {
    let mut lanes = [0xcbf2_9ce4_8422_2325u64, 0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9];
    for part in parts {
        let length = (part.len() as u64).to_le_bytes();
        for byte in length.iter().chain(part.iter()) {
            for lane in &mut lanes {
                *lane = (*lane ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    lanes.map(mixed)
}

/// As many bytes as wanted from a number.
pub(super) fn stream(seed: u64, len: usize) -> Vec<u8> {
    let words = (1u64..).map(|step| mixed(seed.wrapping_add(step.wrapping_mul(0x9e37_79b9_7f4a_7c15))));
    words.flat_map(u64::to_le_bytes).take(len).collect()
}

/// Both, byte by byte.
pub(super) fn xor(left: &[u8], right: &[u8]) -> Vec<u8> {
    left.iter().zip(right).map(|(l, r)| l ^ r).collect()
}

/// Makes every bit of a number depend on all of them (the last steps of SplitMix64).
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn digests_tell_texts_and_their_borders_apart() {
        let all: HashSet<[u64; 4]> = (0..1000u32).map(|i| digest(&[b"salt", &i.to_le_bytes()])).collect();
        assert_eq!(all.len(), 1000);
        assert_eq!(digest(&[b"ab", b"c"]), digest(&[b"ab", b"c"]));
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }

    #[test]
    fn streams_have_their_length_and_repeat() {
        assert_eq!(stream(7, 100).len(), 100);
        assert_eq!(stream(7, 100)[..8], stream(7, 8));
        assert_ne!(stream(7, 32), stream(8, 32));
    }
}
