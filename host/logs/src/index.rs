//! Where the lines of a file are: marks here and there, found by one pass over it and carried on as it grows, of which
//! there is a bounded number however long the file is. Not for: which files have one (`indexes`), reading lines (`read`).

use std::{
    fs::{File, Metadata},
    io,
    os::unix::fs::{FileExt, MetadataExt},
};

use memchr::{memchr_iter, memrchr};

/// Bytes that are looked at together.
const BLOCK: usize = 64 << 10;
/// Bytes from one mark to the next, at first.
const STEP: u64 = 64 << 10;
/// Marks of a file; of more than these every second one is dropped.
const MOST_MARKS: usize = 16 << 10;
/// Bytes by which a file is known again, at its beginning and where it was looked at last.
const WITNESS: usize = 64;

/// A line, counted from 1, and the byte at which it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) line: u64,
    pub(crate) offset: u64,
}

/// Where the lines of one file are.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Device and inode.
    file: (u64, u64),
    marks: Vec<Mark>,
    /// Bytes from one mark to the next, at least.
    step: u64,
    lines: u64,
    end: u64,
    /// Bytes that were looked at. Those behind `end` have no end of a line.
    seen: u64,
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Index {
    /// Looks at what the file has more than when it was looked at last; begins anew when it is not the same any more, as
    /// after a rotation.
    pub(crate) fn update(&mut self, file: &File) -> io::Result<()> {
        let metadata = file.metadata()?;
        if !self.is_of(file, &metadata)? {
            *self = Index { file: identity(&metadata), step: STEP, ..Index::default() };
        }
        if metadata.len() > self.seen {
            self.extend(file, metadata.len())?;
            self.remember(file)?;
        }
        Ok(())
    }

    /// Number of whole lines.
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    /// The byte behind the last whole line.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Bytes of the file that were not looked at yet; all of them when it is another one than it was.
    pub(crate) fn unseen(&self, file: &File) -> io::Result<u64> {
        let metadata = file.metadata()?;
        let seen = if self.is_of(file, &metadata)? { self.seen } else { 0 };
        Ok(metadata.len() - seen)
    }

    /// The last mark at a line or before it.
    pub(crate) fn before(&self, line: u64) -> Mark {
        let after = self.marks.partition_point(|mark| mark.line <= line);
        after.checked_sub(1).map_or(Mark { line: 1, offset: 0 }, |at| self.marks[at])
    }

    /// Whether this is the file that was looked at, and nothing of it was taken away or written anew.
    fn is_of(&self, file: &File, metadata: &Metadata) -> io::Result<bool> {
        if self.file != identity(metadata) || self.step == 0 || metadata.len() < self.seen {
            return Ok(false);
        }
        Ok(is_at(file, &self.head, 0)? && is_at(file, &self.tail, self.seen - self.tail.len() as u64)?)
    }

    fn remember(&mut self, file: &File) -> io::Result<()> {
        let len = usize::try_from(self.seen).map_or(WITNESS, |seen| seen.min(WITNESS));
        self.head = part(file, 0, len)?;
        self.tail = part(file, self.seen - len as u64, len)?;
        Ok(())
    }

    fn extend(&mut self, file: &File, len: u64) -> io::Result<()> {
        let mut buffer = vec![0; BLOCK.min(usize::try_from(len - self.seen).unwrap_or(BLOCK))];
        while self.seen < len {
            let wanted = usize::try_from(len - self.seen).map_or(buffer.len(), |left| left.min(buffer.len()));
            let read = read_at(file, &mut buffer[..wanted], self.seen)?;
            if read == 0 {
                break;
            }
            self.note(&buffer[..read]);
        }
        Ok(())
    }

    /// Counts the lines of the next bytes.
    fn note(&mut self, block: &[u8]) {
        if let Some(last) = memrchr(b'\n', block) {
            self.lines += memchr_iter(b'\n', block).count() as u64;
            self.end = self.seen + last as u64 + 1;
            if self.end - self.marks.last().map_or(0, |mark| mark.offset) >= self.step {
                self.mark();
            }
        }
        self.seen += block.len() as u64;
    }

    /// Marks the line that begins at the end.
    fn mark(&mut self) {
        self.marks.push(Mark { line: self.lines + 1, offset: self.end });
        if self.marks.len() >= MOST_MARKS {
            let mut at = 0;
            self.marks.retain(|_| {
                at += 1;
                at % 2 == 0
            });
            self.step *= 2;
        }
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn is_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<bool> {
    Ok(part(file, offset, bytes.len())? == bytes)
}

fn part(file: &File, offset: u64, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    let read = read_at(file, &mut bytes, offset)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// The byte at which a line begins, found from a mark before it; the end of the file when it has no such line.
pub(crate) fn offset_of(file: &File, mark: Mark, line: u64) -> io::Result<u64> {
    let (mut left, mut offset) = (line.saturating_sub(mark.line), mark.offset);
    let mut buffer = if left > 0 { vec![0; BLOCK] } else { Vec::new() };
    while left > 0 {
        let read = read_at(file, &mut buffer, offset)?;
        if read == 0 {
            break;
        }
        for at in memchr_iter(b'\n', &buffer[..read]) {
            left -= 1;
            if left == 0 {
                return Ok(offset + at as u64 + 1);
            }
        }
        offset += read as u64;
    }
    Ok(offset)
}

/// Fills a buffer, or as much of it as the file has.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match file.read_at(&mut buffer[read..], offset + read as u64) {
            Ok(0) => break,
            Ok(n) => read += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_few_and_right() {
        let mut index = Index { step: 100, ..Index::default() };
        // Lines of 10 bytes.
        let block = b"123456789\n".repeat(50);
        for _ in 0..40_000 {
            index.note(&block);
        }
        assert_eq!((index.lines(), index.end()), (2_000_000, 20_000_000));
        assert!(index.marks.len() < MOST_MARKS && index.marks.len() > MOST_MARKS / 4, "{}", index.marks.len());
        assert!(index.marks.iter().all(|mark| mark.offset == (mark.line - 1) * 10), "{:?}", index.marks);
        for line in [1, 49, 51, 1_000, 1_999_999, u64::MAX] {
            let mark = index.before(line);
            assert!(mark.line <= line && line.min(2_000_001) - mark.line <= 1_000, "{line}: {mark:?}");
        }
        assert_eq!(index.before(0), Mark { line: 1, offset: 0 });
    }
}
