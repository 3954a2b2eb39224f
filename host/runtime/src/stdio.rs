//! Standard output and standard error of a component: cut into lines and written to the attempt's log. Not for: limits of
//! the log, which the `World` keeps.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use parcae_domain::port::{Level, Stream, World};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// Longest line, bytes; a longer one is cut into several.
const LINE_BYTES: usize = 16 << 10;
/// What a component may write in one call, bytes.
const PERMIT_BYTES: usize = 64 << 10;

/// How many lines are remembered for the report of a crash.
const LAST_LINES: usize = 6;
/// How many characters of them are reported.
const LAST_CHARS: usize = 500;

/// One of the two streams.
#[derive(Clone)]
pub(crate) struct LogStream(Arc<Mutex<Lines>>);

struct Lines {
    world: Option<Arc<dyn World>>,
    stream: Stream,
    rest: Vec<u8>,
    /// The last lines that say something.
    last: VecDeque<String>,
}

impl Lines {
    fn write(&mut self, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|b| *b == b'\n') {
            self.rest.extend_from_slice(&bytes[..end]);
            self.flush();
            bytes = &bytes[end + 1..];
        }
        self.rest.extend_from_slice(bytes);
        if self.rest.len() >= LINE_BYTES {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let line = String::from_utf8_lossy(&self.rest).into_owned();
        self.rest.clear();
        let level = if self.stream == Stream::Stderr { Level::Warning } else { Level::Info };
        if let Some(world) = &self.world {
            world.log(level, self.stream, &line);
        }
        if !line.trim().is_empty() {
            self.last.truncate(LAST_LINES - 1);
            self.last.push_front(line.trim_end().chars().take(LAST_CHARS).collect());
        }
    }
}

impl LogStream {
    /// A stream into the log of `world`; into nothing without one.
    pub(crate) fn new(world: Option<Arc<dyn World>>, stream: Stream) -> LogStream {
        LogStream(Arc::new(Mutex::new(Lines { world, stream, rest: Vec::new(), last: VecDeque::new() })))
    }

    /// Writes what is left of the last line.
    pub(crate) fn finish(&self) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !lines.rest.is_empty() {
            lines.flush();
        }
    }

    /// The last lines that say something; of too much the end of the earliest lines is left out.
    pub(crate) fn last(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut left, mut kept) = (LAST_CHARS, Vec::new());
        for line in &lines.last {
            kept.push(line.chars().take(left).collect::<String>());
            // The line end counts, too.
            left = left.saturating_sub(line.chars().count() + 1);
            if left == 0 {
                break;
            }
        }
        kept.reverse();
        kept.join("\n")
    }
}

impl IsTerminal for LogStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for LogStream {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        // Only WASI 0.3 asks for this; components of the contract speak 0.2.
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for LogStream {
    async fn ready(&mut self) {}
}

impl OutputStream for LogStream {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        if bytes.len() > PERMIT_BYTES {
            return Err(StreamError::trap("more bytes were written than check-write allows"));
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_remembered() {
        let stream = LogStream::new(None, Stream::Stderr);
        let write = |text: &str| stream.0.lock().unwrap().write(text.as_bytes());
        assert_eq!(stream.last(), "");
        write("first\nTraceback:\n  line 3\r\n\n  \nValueError: no");
        stream.finish();
        assert_eq!(stream.last(), "first\nTraceback:\n  line 3\nValueError: no");
        write(&"again\n".repeat(5));
        assert_eq!(stream.last(), format!("ValueError: no{}", "\nagain".repeat(5)));
        write(&format!("{}\nshort\n", "x".repeat(900)));
        assert_eq!(stream.last(), format!("{}\nshort", "x".repeat(494)), "what is earlier gets the room that is left");
    }
}
