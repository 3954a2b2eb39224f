//! Searching a log from a line on, forward or backward, block by block: never more of it is in memory than a few blocks, and
//! a search that has looked at enough says where to go on. Not for: what matches (`pattern`).

use std::{
    fs::File,
    io,
    time::{Duration, Instant},
};

use memchr::{memchr, memchr_iter, memrchr};

use crate::{
    dir::{LogDir, LogError},
    index::read_at,
    indexes::Place,
    key::LogKey,
    pattern::Pattern,
    read::failed,
};

/// Bytes that are searched together.
const BLOCK: usize = 256 << 10;
/// Bytes of a line that are searched: of one that is longer than anything that is written here, the beginning.
const LONGEST: usize = 1 << 20;

/// How to search.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// The first line to look at.
    pub from: u64,
    /// From there to the end, rather than to the beginning.
    pub forward: bool,
    /// Lines to find.
    pub most: usize,
    /// Bytes to look at, about.
    pub bytes: u64,
    /// Time to take, about.
    pub time: Duration,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Numbers of lines, in the order of the search.
    pub lines: Vec<u64>,
    /// The line from which to go on; none when all was looked at.
    pub go_on: Option<u64>,
    /// Whole lines of the log.
    pub total: u64,
}

impl LogDir {
    /// Searches a log. Nothing is found where there is no such file.
    pub fn search(&self, key: &LogKey, pattern: &Pattern, search: &Search) -> Result<Found, LogError> {
        let pick = |total: u64| if search.forward { search.from } else { search.from.min(total).saturating_add(1) };
        let Some(place) = self.place(key, pick)? else { return Ok(Found::default()) };
        let found = Found { total: place.lines, ..Found::default() };
        let hunt = Hunt { place, pattern, search, begun: Instant::now(), bytes: 0, found };
        let found = if search.forward { hunt.forward() } else { hunt.backward() };
        found.map_err(failed(key))
    }
}

/// A search under way.
struct Hunt<'s> {
    place: Place,
    pattern: &'s Pattern,
    search: &'s Search,
    begun: Instant,
    bytes: u64,
    found: Found,
}

impl Hunt<'_> {
    fn forward(mut self) -> io::Result<Found> {
        let (mut line, mut offset) = (self.place.line, self.place.offset);
        let mut blocks = Blocks::new(&self.place.file);
        while offset < self.place.end {
            if self.is_enough() {
                self.found.go_on = Some(line);
                break;
            }
            let Some(span) = blocks.after(offset, self.place.end)? else { break };
            let left = self.search.most - self.found.lines.len();
            let hits = self.pattern.lines_in(blocks.bytes(&span), left);
            self.found.lines.extend(hits.iter().map(|at| line + at));
            self.bytes += span.to - offset;
            if hits.len() >= left {
                let next = self.found.lines.last().map_or(line, |last| last + 1);
                self.found.go_on = (next <= self.found.total).then_some(next);
                break;
            }
            (line, offset) = (line + span.lines, span.to);
        }
        Ok(self.found)
    }

    fn backward(mut self) -> io::Result<Found> {
        // The line behind what is still to be searched, and where it begins.
        let (mut line, mut offset) = (self.place.line, self.place.offset);
        let mut blocks = Blocks::new(&self.place.file);
        while offset > 0 {
            if self.is_enough() {
                self.found.go_on = Some(line - 1);
                break;
            }
            let Some(span) = blocks.before(offset)? else { break };
            let left = self.search.most - self.found.lines.len();
            let Some(first) = line.checked_sub(span.lines) else { break };
            let hits = self.pattern.lines_in(blocks.bytes(&span), usize::MAX);
            self.found.lines.extend(hits.iter().rev().take(left).map(|at| first + at));
            self.bytes += offset - span.from;
            if hits.len() >= left {
                let next = self.found.lines.last().map_or(line, |last| last - 1);
                self.found.go_on = (next > 0).then_some(next);
                break;
            }
            (line, offset) = (first, span.from);
        }
        Ok(self.found)
    }

    /// Something is looked at in any case, so that who goes on gets on.
    fn is_enough(&self) -> bool {
        self.bytes > 0 && (self.bytes >= self.search.bytes || self.begun.elapsed() >= self.search.time)
    }
}

/// Whole lines of a file, some at a time.
struct Blocks<'f> {
    file: &'f File,
    buffer: Vec<u8>,
}

/// Some lines.
struct Span {
    /// The byte at which the first begins.
    from: u64,
    /// The byte behind the last.
    to: u64,
    /// How many there are.
    lines: u64,
    /// Where they are in the buffer.
    at: std::ops::Range<usize>,
}

impl<'f> Blocks<'f> {
    fn new(file: &'f File) -> Blocks<'f> {
        Blocks { file, buffer: Vec::new() }
    }

    fn bytes(&self, span: &Span) -> &[u8] {
        self.buffer.get(span.at.clone()).unwrap_or_default()
    }

    /// Lines from where one begins, none of which ends behind `end`. None when the file has become shorter.
    fn after(&mut self, from: u64, end: u64) -> io::Result<Option<Span>> {
        let mut size = BLOCK;
        loop {
            let wanted = usize::try_from(end - from).map_or(size, |left| left.min(size));
            if !self.fill(from, wanted)? {
                return Ok(None);
            }
            let read = &self.buffer[..wanted];
            if let Some(last) = memrchr(b'\n', read) {
                let lines = memchr_iter(b'\n', read).count() as u64;
                return Ok(Some(Span { from, to: from + last as u64 + 1, lines, at: 0..last + 1 }));
            }
            if size >= LONGEST {
                let Some(to) = self.line_end(from + wanted as u64, end)? else { return Ok(None) };
                // The buffer had other bytes meanwhile.
                let is_there = self.fill(from, wanted)?;
                return Ok(is_there.then_some(Span { from, to, lines: 1, at: 0..wanted }));
            }
            size = LONGEST;
        }
    }

    /// Lines up to where one begins that is not among them. None when the file has become shorter.
    fn before(&mut self, to: u64) -> io::Result<Option<Span>> {
        let mut size = BLOCK;
        loop {
            let low = to.saturating_sub(size as u64);
            let wanted = usize::try_from(to - low).unwrap_or(size);
            if !self.fill(low, wanted)? {
                return Ok(None);
            }
            let read = &self.buffer[..wanted];
            // What ends the last line does not begin one.
            let first = if low == 0 { Some(0) } else { memchr(b'\n', &read[..wanted - 1]).map(|before| before + 1) };
            if let Some(first) = first {
                let lines = memchr_iter(b'\n', &read[first..]).count() as u64;
                return Ok(Some(Span { from: low + first as u64, to, lines, at: first..wanted }));
            }
            if size >= LONGEST {
                let from = self.line_begin(low)?;
                let wanted = usize::try_from(to - from).map_or(LONGEST, |len| len.min(LONGEST));
                let is_there = self.fill(from, wanted)?;
                return Ok(is_there.then_some(Span { from, to, lines: 1, at: 0..wanted }));
            }
            size = LONGEST;
        }
    }

    /// Reads so many bytes; false when there are not that many.
    fn fill(&mut self, offset: u64, wanted: usize) -> io::Result<bool> {
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        Ok(wanted > 0 && read_at(self.file, &mut self.buffer[..wanted], offset)? == wanted)
    }

    /// The byte behind the first end of a line.
    fn line_end(&mut self, mut offset: u64, end: u64) -> io::Result<Option<u64>> {
        while offset < end {
            let wanted = usize::try_from(end - offset).map_or(BLOCK, |left| left.min(BLOCK));
            if !self.fill(offset, wanted)? {
                return Ok(None);
            }
            if let Some(at) = memchr(b'\n', &self.buffer[..wanted]) {
                return Ok(Some(offset + at as u64 + 1));
            }
            offset += wanted as u64;
        }
        Ok(None)
    }

    /// The byte behind the last end of a line before `offset`.
    fn line_begin(&mut self, mut offset: u64) -> io::Result<u64> {
        while offset > 0 {
            let wanted = usize::try_from(offset).map_or(BLOCK, |left| left.min(BLOCK));
            let low = offset - wanted as u64;
            if !self.fill(low, wanted)? {
                return Ok(low);
            }
            if let Some(at) = memrchr(b'\n', &self.buffer[..wanted]) {
                return Ok(low + at as u64 + 1);
            }
            offset = low;
        }
        Ok(0)
    }
}
