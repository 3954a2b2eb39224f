//! What separates columns: one byte, found with vector instructions, or several. Not for: quoting; like FATE, a delimiter
//! inside quotes separates too.

use memchr::{memchr, memchr_iter, memmem::Finder};

/// A delimiter.
#[derive(Clone, Debug)]
pub struct Delimiter {
    finder: Finder<'static>,
}

impl Delimiter {
    /// A delimiter, if it is not empty.
    pub fn new(text: &str) -> Option<Delimiter> {
        (!text.is_empty()).then(|| Delimiter { finder: Finder::new(text).into_owned() })
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        self.finder.needle()
    }

    /// Number of cells in a line: one more than delimiters.
    pub fn cells(&self, line: &[u8]) -> usize {
        1 + match self.bytes() {
            [one] => memchr_iter(*one, line).count(),
            _ => self.finder.find_iter(line).count(),
        }
    }

    /// The first cell and what stands behind its delimiter.
    pub fn split<'l>(&self, line: &'l [u8]) -> (&'l [u8], &'l [u8]) {
        let at = match self.bytes() {
            [one] => memchr(*one, line),
            _ => self.finder.find(line),
        };
        match at {
            Some(at) => (&line[..at], &line[at + self.bytes().len()..]),
            None => (line, &line[line.len()..]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_and_several() {
        let comma = Delimiter::new(",").unwrap();
        assert_eq!(comma.cells(b"1,,x,"), 4);
        assert_eq!(comma.split(b"1,2,3"), (b"1".as_slice(), b"2,3".as_slice()));
        assert_eq!(comma.split(b"1"), (b"1".as_slice(), b"".as_slice()));
        let bars = Delimiter::new("||").unwrap();
        assert_eq!(bars.cells(b"1||2|3||4"), 3);
        assert_eq!(bars.split(b"1||2||3"), (b"1".as_slice(), b"2||3".as_slice()));
        assert!(Delimiter::new("").is_none());
    }
}
