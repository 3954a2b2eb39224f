//! Some lines of a log, as a page shows them: cut to what one can look at. Not for: whole lines (`read`), searching
//! (`search`).

use std::io::{self, BufRead, BufReader};

use memchr::memchr;

use crate::{
    dir::{LogDir, LogError},
    indexes::at_offset,
    key::LogKey,
    read::{BUFFER, failed},
};

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Its number, from 1.
    pub number: u64,
    /// It, or its beginning.
    pub text: String,
    /// Bytes of it that were left out.
    pub more: u64,
}

/// Lines that follow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// They.
    pub lines: Vec<LogLine>,
    /// Whole lines of the log.
    pub total: u64,
}

impl LogDir {
    /// At most `count` lines from `first` on, or the last ones when there is no first; of each at most `bytes`. Empty
    /// when there is no such file.
    pub fn page(&self, key: &LogKey, first: Option<u64>, count: u64, bytes: usize) -> Result<LogPage, LogError> {
        let pick = |total: u64| first.unwrap_or_else(|| (total + 1).saturating_sub(count));
        let Some(place) = self.place(key, pick)? else { return Ok(LogPage::default()) };
        let last = place.lines.min((place.line - 1).saturating_add(count));
        let (numbers, total) = (place.line..=last, place.lines);
        let file = at_offset(place.file, place.offset).map_err(failed(key))?;
        let mut reader = BufReader::with_capacity(BUFFER, file);
        let (mut lines, mut text) = (Vec::new(), Vec::new());
        for number in numbers {
            let Some(more) = read_line(&mut reader, bytes, &mut text).map_err(failed(key))? else { break };
            let end = whole_characters(&text, more > 0);
            let more = more + (text.len() - end) as u64;
            lines.push(LogLine { number, text: String::from_utf8_lossy(&text[..end]).into_owned(), more });
        }
        Ok(LogPage { lines, total })
    }
}

/// Reads a line, of which at most so many bytes are kept: how many more it has. None when it has no end.
fn read_line(reader: &mut impl BufRead, most: usize, text: &mut Vec<u8>) -> io::Result<Option<u64>> {
    text.clear();
    let mut more = 0;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(None);
        }
        let end = memchr(b'\n', buffer);
        let part = &buffer[..end.unwrap_or(buffer.len())];
        let kept = part.len().min(most.saturating_sub(text.len()));
        text.extend_from_slice(&part[..kept]);
        more += (part.len() - kept) as u64;
        let used = end.map_or(part.len(), |end| end + 1);
        reader.consume(used);
        if end.is_some() {
            return Ok(Some(more));
        }
    }
}

/// Bytes without a character at the end that the cut went through.
fn whole_characters(text: &[u8], is_cut: bool) -> usize {
    match std::str::from_utf8(text) {
        Err(error) if is_cut && error.error_len().is_none() => error.valid_up_to(),
        _ => text.len(),
    }
}
