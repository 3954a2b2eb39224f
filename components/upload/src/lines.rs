//! Lines of a file that is read in pieces. Not for: what a line means.

use memchr::{memchr, memchr_iter};
use parcae_sdk::{Result, failed, input_error};

/// Longest line, bytes: a file without line ends would otherwise fill the memory.
pub const MAX_LINE_BYTES: usize = 16 << 20;

/// A file.
pub trait Source {
    /// Its size, bytes.
    fn size(&self) -> u64;
    /// Bytes from `offset` on; fewer than `len` only at the end.
    fn read(&mut self, offset: u64, len: u32) -> Result<Vec<u8>>;
}

/// A line without its line end.
#[derive(Clone, Copy, Debug)]
pub struct Line<'l> {
    /// Counts from 1.
    pub number: u64,
    /// Its bytes.
    pub bytes: &'l [u8],
    /// Known to be ASCII without NUL, so that nothing else has to be checked.
    pub plain: bool,
}

/// Hands every line to `handle`. A last line without a line end counts; nothing behind the last line end does not.
/// `progress` gets the bytes read and the size after each piece.
pub fn each_line<S: Source + ?Sized>(
    source: &mut S,
    component: &str,
    piece_bytes: u32,
    progress: &mut dyn FnMut(u64, u64),
    mut handle: impl FnMut(Line<'_>) -> Result<()>,
) -> Result<()> {
    let size = source.size();
    let (mut offset, mut number) = (0u64, 0u64);
    let mut carry: Vec<u8> = Vec::new();
    while offset < size {
        let piece = source.read(offset, piece_bytes)?;
        if piece.is_empty() {
            return Err(failed(format!("{component}: the file ends at byte {offset} of {size}; upload it again")));
        }
        offset += piece.len() as u64;
        let mut rest = piece.as_slice();
        if !carry.is_empty() {
            let end = memchr(b'\n', rest);
            carry.extend_from_slice(&rest[..end.unwrap_or(rest.len())]);
            check_length(component, number + 1, carry.len())?;
            let Some(end) = end else { continue };
            number += 1;
            handle(Line { number, bytes: &carry, plain: false })?;
            carry.clear();
            rest = &rest[end + 1..];
        }
        let plain = is_plain(rest);
        let mut from = 0;
        for end in memchr_iter(b'\n', rest) {
            number += 1;
            handle(Line { number, bytes: &rest[from..end], plain })?;
            from = end + 1;
        }
        carry.extend_from_slice(&rest[from..]);
        progress(offset, size);
    }
    if carry.is_empty() {
        return Ok(());
    }
    handle(Line { number: number + 1, bytes: &carry, plain: false })
}

/// The first line, if the file has any byte.
pub fn first_line<S: Source + ?Sized>(source: &mut S, component: &str, piece_bytes: u32) -> Result<Option<Vec<u8>>> {
    let size = source.size();
    let (mut offset, mut line) = (0, Vec::new());
    while offset < size {
        let piece = source.read(offset, piece_bytes)?;
        if piece.is_empty() {
            break;
        }
        offset += piece.len() as u64;
        let end = memchr(b'\n', &piece);
        line.extend_from_slice(&piece[..end.unwrap_or(piece.len())]);
        check_length(component, 1, line.len())?;
        if end.is_some() {
            break;
        }
    }
    Ok((size > 0).then_some(line))
}

fn check_length(component: &str, number: u64, bytes: usize) -> Result<()> {
    if bytes <= MAX_LINE_BYTES {
        return Ok(());
    }
    let most = MAX_LINE_BYTES >> 20;
    Err(input_error(format!(
        "{component}: line {number} is longer than {most} MiB; check that the file is text with line ends (LF or CR LF)"
    )))
}

/// True when all bytes are ASCII and none is NUL; vectorised by the compiler.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.iter().fold(0, |all, byte| all | byte) < 0x80 && memchr(0, bytes).is_none()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A file in memory.
    pub struct Memory(pub Vec<u8>);

    impl Source for Memory {
        fn size(&self) -> u64 {
            self.0.len() as u64
        }
        fn read(&mut self, offset: u64, len: u32) -> Result<Vec<u8>> {
            let from = offset as usize;
            Ok(self.0[from..(from + len as usize).min(self.0.len())].to_vec())
        }
    }

    fn lines(text: &str, piece: u32) -> Vec<(u64, String)> {
        let mut all = Vec::new();
        let mut source = Memory(text.as_bytes().to_vec());
        each_line(&mut source, "upload_0", piece, &mut |_, _| {}, |line| {
            all.push((line.number, String::from_utf8(line.bytes.to_vec()).unwrap()));
            Ok(())
        })
        .unwrap();
        all
    }

    #[test]
    fn any_piece_size_gives_the_same_lines() {
        let text = "id,y\r\n1,é\n\n22,a,b,c\n3";
        let expected: Vec<(u64, String)> =
            text.split('\n').enumerate().map(|(i, line)| (i as u64 + 1, line.to_owned())).collect();
        for piece in 1..40 {
            assert_eq!(lines(text, piece), expected, "pieces of {piece} bytes");
            assert_eq!(lines(&format!("{text}\n"), piece), expected, "pieces of {piece} bytes");
        }
        assert!(lines("", 4).is_empty());
    }

    #[test]
    fn first_line_stops_early() {
        for piece in 1..12 {
            let first = first_line(&mut Memory(b"id,y,x\n1,2,3\n".to_vec()), "upload_0", piece).unwrap();
            assert_eq!(first.unwrap(), b"id,y,x");
        }
        assert_eq!(first_line(&mut Memory(Vec::new()), "upload_0", 4).unwrap(), None);
    }

    #[test]
    fn plain_is_ascii_without_nul() {
        assert!(is_plain(b"abc,1\r") && is_plain(b""));
        assert!(!is_plain("ü".as_bytes()) && !is_plain(b"a\0b"));
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut source = Memory(vec![b'x'; MAX_LINE_BYTES + 2]);
        let result = each_line(&mut source, "upload_0", 1 << 20, &mut |_, _| {}, |_| Ok(()));
        assert!(result.unwrap_err().message.contains("line 1 is longer than 16 MiB"));
    }
}
