//! `expand_message_xmd` of RFC 9380, section 5.3.1: as many bytes as wanted out of a message. Not for: secrets as
//! messages where timing matters.

use crate::digest::Hash;

/// `length` bytes that depend on `message` like those of a random function, for every `tag` (domain separation tag) a
/// different one.
///
/// # Panics
/// When the tag exceeds 255 bytes or the length 255 digests or 65535 bytes.
pub(super) fn expand_message_xmd(hash: Hash, message: &[u8], tag: &[u8], length: usize) -> Vec<u8> {
    let blocks = length.div_ceil(hash.width());
    assert!(blocks <= 255 && length <= 65535 && tag.len() <= 255, "{length} bytes, tag of {}", tag.len());
    let tag_length = [tag.len() as u8];
    let padding = vec![0u8; hash.block()];
    let wanted = (length as u16).to_be_bytes();
    let first = hash.digest(&[&padding, message, &wanted, &[0], tag, &tag_length]);
    let mut block = vec![0u8; hash.width()];
    let mut bytes = Vec::with_capacity(blocks * hash.width());
    for number in 1..=blocks as u8 {
        for (byte, other) in block.iter_mut().zip(&first) {
            *byte ^= other;
        }
        block = hash.digest(&[&block, &[number], tag, &tag_length]);
        bytes.extend_from_slice(&block);
    }
    bytes.truncate(length);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// RFC 9380, K.1.
    #[test]
    fn sha256_vectors() {
        let tag = b"QUUX-V01-CS02-with-expander-SHA256-128";
        let expand = |message: &[u8], length| hex(&expand_message_xmd(Hash::Sha256, message, tag, length));
        assert_eq!(expand(b"", 32), "68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235");
        assert_eq!(expand(b"abc", 32), "d8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615");
        assert_eq!(expand(b"abcdef0123456789", 32), "eff31487c770a893cfb36f912fbfcbff40d5661771ca4b2cb4eafe524333f5c1");
        let long = expand(b"abc", 128);
        assert!(long.starts_with("abba86a6129e366fc877aab32fc4ffc70120d8996c88aee2fe4b32d6c7b6437a"));
        assert!(long.ends_with("8e77b7b72a298425cd1b941ad4ec65e8afc50303a22c0f99b0509b4c895f40"));
    }

    /// RFC 9380, K.3.
    #[test]
    fn sha512_vectors() {
        let tag = b"QUUX-V01-CS02-with-expander-SHA512-256";
        let expand = |message: &[u8]| hex(&expand_message_xmd(Hash::Sha512, message, tag, 32));
        assert_eq!(expand(b""), "6b9a7312411d92f921c6f68ca0b6380730a1a4d982c507211a90964c394179ba");
        assert_eq!(expand(b"abc"), "0da749f12fbe5483eb066a5f595055679b976e93abe9be6f0f6318bce7aca8dc");
        assert_eq!(expand(b"abcdef0123456789"), "087e45a86e2939ee8b91100af1583c4938e0f5fc6c9db4b107b83346bc967f58");
    }
}
