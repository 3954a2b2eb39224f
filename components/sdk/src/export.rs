//! The one file that an attempt may put out on the site's disk, written through a buffer. Not for: tables and models.

use crate::{Result, site};

/// Bytes that are collected before they cross the boundary.
const BLOCK: usize = 1 << 20;

/// A file of the site that is being written. It appears under its name when the attempt succeeds.
pub struct Export {
    buffer: Vec<u8>,
}

impl Export {
    /// Begins it; grant `export-file`.
    pub fn begin(path: &str) -> Result<Export> {
        site::export_begin(path)?;
        Ok(Export { buffer: Vec::with_capacity(BLOCK) })
    }

    /// Adds bytes to its end.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BLOCK {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes what is left in the buffer.
    pub fn finish(mut self) -> Result<()> {
        self.flush()
    }

    fn flush(&mut self) -> Result<()> {
        for block in self.buffer.chunks(BLOCK) {
            site::export_write(block)?;
        }
        self.buffer.clear();
        Ok(())
    }
}
