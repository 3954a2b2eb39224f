//! Pages of a table with a key and a raw line, built by copying bytes: no text of its own for any row. Not for: other columns.

use parcae_sdk::{
    PAGE_ROWS,
    tables::{Column, Page, Texts, Values},
};

/// Bytes of texts after which a page is full: what crosses the boundary fastest.
pub const PAGE_BYTES: usize = 1 << 20;

/// A page that grows.
pub struct PageBuilder {
    keys: Texts,
    rests: Texts,
}

impl PageBuilder {
    /// An empty one.
    pub fn new() -> PageBuilder {
        PageBuilder { keys: empty(PAGE_BYTES / 8), rests: empty(PAGE_BYTES + PAGE_BYTES / 8) }
    }

    /// Adds a row.
    pub fn push(&mut self, key: &[u8], rest: &[u8]) {
        push(&mut self.keys, key);
        push(&mut self.rests, rest);
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.keys.offsets.len() - 1
    }

    /// True when it should be written.
    pub fn is_full(&self) -> bool {
        self.rows() >= PAGE_ROWS || self.keys.bytes.len() + self.rests.bytes.len() >= PAGE_BYTES
    }

    /// The page; leaves an empty one.
    pub fn take(&mut self) -> Page {
        let rows = self.rows() as u32;
        let full = std::mem::replace(self, PageBuilder::new());
        let column = |texts| Column { validity: None, values: Values::Text(texts) };
        Page { rows, columns: vec![column(full.keys), column(full.rests)] }
    }
}

fn empty(bytes: usize) -> Texts {
    let mut offsets = Vec::with_capacity(PAGE_ROWS + 1);
    offsets.push(0);
    Texts { offsets, bytes: Vec::with_capacity(bytes) }
}

fn push(texts: &mut Texts, bytes: &[u8]) {
    texts.bytes.extend_from_slice(bytes);
    texts.offsets.push(texts.bytes.len() as u32);
}

#[cfg(test)]
mod tests {
    use parcae_sdk::Text;

    use super::*;

    #[test]
    fn a_page_holds_what_was_pushed() {
        let mut builder = PageBuilder::new();
        builder.push(b"1", b"a,b");
        builder.push(b"22", b"");
        let page = builder.take();
        assert_eq!((page.rows, builder.rows()), (2, 0));
        let (Values::Text(keys), Values::Text(rests)) = (&page.columns[0].values, &page.columns[1].values) else {
            panic!("texts expected");
        };
        assert_eq!((keys.at(0), keys.at(1), rests.at(0), rests.at(1)), ("1", "22", "a,b", ""));
    }

    #[test]
    fn rows_and_bytes_fill_a_page() {
        let mut builder = PageBuilder::new();
        (0..PAGE_ROWS - 1).for_each(|_| builder.push(b"1", b"2"));
        assert!(!builder.is_full());
        builder.push(b"1", b"2");
        assert!(builder.is_full());
        builder.take();
        builder.push(b"1", &vec![b'x'; PAGE_BYTES]);
        assert!(builder.is_full());
    }
}
