//! Streams from and into files of a scratch directory: on the thread that calls, and counted. WASI's own would write in
//! the background. Not for: what may be written (`ledger`).

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};

use super::ledger::Ledger;

/// Bytes of one call.
const CALL_BYTES: usize = 64 << 10;

/// A file that a stream has open.
struct Held {
    file: Arc<File>,
    ledger: Ledger,
}

impl Held {
    fn new(file: Arc<File>, ledger: &Ledger) -> io::Result<Held> {
        ledger.hands()?;
        ledger.opened(&file)?;
        Ok(Held { file, ledger: ledger.clone() })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.ledger.closing(&self.file);
    }
}

fn failed(error: io::Error) -> StreamError {
    StreamError::LastOperationFailed(error.into())
}

/// Reads a file from a place on.
pub(super) struct Reader {
    held: Held,
    at: u64,
    ended: bool,
}

impl Reader {
    /// From this byte on.
    pub(super) fn new(file: Arc<File>, ledger: &Ledger, at: u64) -> io::Result<Reader> {
        Ok(Reader { held: Held::new(file, ledger)?, at, ended: false })
    }

    fn next(&mut self, size: usize) -> io::Result<Bytes> {
        let mut bytes = vec![0; size.min(CALL_BYTES)];
        loop {
            match self.held.file.read_at(&mut bytes, self.at) {
                Ok(read) => {
                    bytes.truncate(read);
                    self.at = self.at.saturating_add(read as u64);
                    return Ok(bytes.into());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Reader {
    async fn ready(&mut self) {}
}

impl InputStream for Reader {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if self.ended {
            return Err(StreamError::Closed);
        }
        if size == 0 {
            return Ok(Bytes::new());
        }
        let read = self.next(size);
        self.ended = !matches!(&read, Ok(bytes) if !bytes.is_empty());
        match read {
            Ok(bytes) if bytes.is_empty() => Err(StreamError::Closed),
            Ok(bytes) => Ok(bytes),
            Err(error) => Err(failed(error)),
        }
    }
}

/// Writes a file from a place on, or at its end.
pub(super) struct Writer {
    held: Held,
    /// None = at the end, wherever that is by then.
    at: Option<u64>,
    ended: bool,
}

impl Writer {
    /// From this byte on; none = at the end.
    pub(super) fn new(file: Arc<File>, ledger: &Ledger, at: Option<u64>) -> io::Result<Writer> {
        Ok(Writer { held: Held::new(file, ledger)?, at, ended: false })
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Held { file, ledger } = &self.held;
        let at = match self.at {
            Some(at) => at,
            None => file.metadata()?.len(),
        };
        let end = at.checked_add(bytes.len() as u64).ok_or(ErrorKind::FileTooLarge)?;
        ledger.fits(file, end)?;
        let written = file.write_all_at(bytes, at);
        ledger.settle(file);
        self.at = self.at.map(|_| end);
        written
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Writer {
    async fn ready(&mut self) {}
}

impl OutputStream for Writer {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if self.ended {
            return Err(StreamError::Closed);
        }
        if bytes.len() > CALL_BYTES {
            return Err(StreamError::trap("more bytes were written than check-write allows"));
        }
        let written = self.put(&bytes);
        self.ended = written.is_err();
        written.map_err(failed)
    }

    fn flush(&mut self) -> StreamResult<()> {
        if self.ended { Err(StreamError::Closed) } else { Ok(()) }
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        if self.ended { Err(StreamError::Closed) } else { Ok(CALL_BYTES) }
    }
}
