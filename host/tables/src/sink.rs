//! The file that a table is written to: buffered in blocks, with a running check sum. No work per value: words are
//! converted block by block, which compiles to copies. Not for: what is written (`chunk`, `footer`).

use std::{fs::File, io, io::Write};

/// Bytes that are gathered before they are written; half of a core's second-level cache or less.
const BLOCK: usize = 256 << 10;

/// A buffered file with a running check sum.
pub(crate) struct Sink {
    file: File,
    buffer: Vec<u8>,
    crc: crc32fast::Hasher,
    len: u64,
}

impl Sink {
    /// Writes to `file` from where it stands.
    pub(crate) fn new(file: File) -> Sink {
        Sink { file, buffer: Vec::with_capacity(2 * BLOCK), crc: crc32fast::Hasher::new(), len: 0 }
    }

    /// Bytes given so far.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Check sum of everything since the last call.
    pub(crate) fn take_crc(&mut self) -> u32 {
        std::mem::take(&mut self.crc).finalize()
    }

    /// Writes bytes; many at once go past the buffer.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.crc.update(bytes);
        self.len += bytes.len() as u64;
        if bytes.len() >= BLOCK {
            self.flush()?;
            return self.file.write_all(bytes);
        }
        self.buffer.extend_from_slice(bytes);
        self.flush_when_full()
    }

    /// Writes numbers in little-endian order.
    pub(crate) fn words<T: Copy, const N: usize>(
        &mut self,
        values: &[T],
        to_le: impl Fn(T) -> [u8; N],
    ) -> io::Result<()> {
        for block in values.chunks(BLOCK / N) {
            let from = self.buffer.len();
            self.buffer.resize(from + block.len() * N, 0);
            let target = &mut self.buffer[from..];
            for (to, value) in target.as_chunks_mut::<N>().0.iter_mut().zip(block) {
                *to = to_le(*value);
            }
            self.crc.update(target);
            self.len += (block.len() * N) as u64;
            self.flush_when_full()?;
        }
        Ok(())
    }

    /// Hands everything to the operating system and waits until the disk has it.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        self.file.sync_all()
    }

    fn flush_when_full(&mut self) -> io::Result<()> {
        if self.buffer.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}
