//! Hides addresses in lines that leave the node, as FATE's board expects. Not for: names of hosts, IPv6.

use std::borrow::Cow;

const MASK: &str = "xxx.xxx.xxx.xxx";

/// Replaces what looks like an IPv4 address, four groups of one to three digits, by `xxx.xxx.xxx.xxx`.
pub fn mask_addresses(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let (mut copied, mut at) = (0, 0);
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
        } else if let Some(end) = address_end(bytes, at) {
            out.push_str(&text[copied..at]);
            out.push_str(MASK);
            (copied, at) = (end, end);
        } else {
            at += digits(&bytes[at..]);
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Where the address that begins at `at` ends, if there is one.
fn address_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    for group in 0..4 {
        if group > 0 {
            if bytes.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let len = digits(&bytes[at..]);
        if !(1..=3).contains(&len) {
            return None;
        }
        at += len;
    }
    Some(at)
}

fn digits(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| b.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_hidden_and_nothing_else() {
        let cases = [
            ("no address", "no address"),
            ("10.0.0.1", "xxx.xxx.xxx.xxx"),
            ("from 192.168.1.200:9380 to 8.8.8.8.", "from xxx.xxx.xxx.xxx:9380 to xxx.xxx.xxx.xxx."),
            ("version 1.11.4, 0.25 ms", "version 1.11.4, 0.25 ms"),
            ("2026-11-22 08:20:31,014", "2026-11-22 08:20:31,014"),
            ("ä10.0.0.1ü", "äxxx.xxx.xxx.xxxü"),
            ("1234.1.1.1 1.1.1", "1234.1.1.1 1.1.1"),
            ("", ""),
        ];
        for (text, want) in cases {
            assert_eq!(mask_addresses(text), want);
        }
    }
}
