//! What is searched for: a text or a regular expression, and where it is in a line. A pattern that would take much memory
//! is refused, and none takes more time than the length of what it looks at times its own. Not for: reading logs
//! (`search`).

use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};
use regex::bytes::{Regex, RegexBuilder};

/// Longest pattern, bytes.
pub const MAX_PATTERN: usize = 1_000;
/// Bytes that a compiled pattern may take.
const COMPILED: usize = 1 << 20;
/// Bytes that it may take to remember states that it came by.
const STATES: usize = 4 << 20;
/// Brackets within brackets.
const NESTED: u32 = 50;

/// What is searched for.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
    /// It may tell the beginning of a line from that of what is looked at.
    is_by_line: bool,
}

/// Why something cannot be searched for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Nothing at all.
    #[error("nothing to search for")]
    Empty,
    /// Too much.
    #[error("more than 1000 bytes to search for")]
    Long,
    /// Not a regular expression, or one that takes too much memory.
    #[error("not a regular expression that can be searched for: {0}")]
    Regex(String),
}

impl Pattern {
    /// A text, or a regular expression.
    pub fn new(text: &str, with_case: bool, is_regex: bool) -> Result<Pattern, PatternError> {
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        if text.len() > MAX_PATTERN {
            return Err(PatternError::Long);
        }
        let expression = if is_regex { text.to_owned() } else { regex::escape(text) };
        let mut builder = RegexBuilder::new(&expression);
        builder.case_insensitive(!with_case).multi_line(true);
        builder.size_limit(COMPILED).dfa_size_limit(STATES).nest_limit(NESTED);
        let regex = builder.build().map_err(|error| {
            let words = error.to_string();
            let last = words.lines().last().unwrap_or_default();
            PatternError::Regex(last.trim_start_matches("error: ").to_owned())
        })?;
        let is_by_line = is_regex && ["\\A", "\\z", "(?"].iter().any(|part| text.contains(part));
        Ok(Pattern { regex, is_by_line })
    }

    /// Where it is in a line, at most so often: ranges of bytes.
    pub fn ranges(&self, line: &str, most: usize) -> Vec<Range<usize>> {
        let found = self.regex.find_iter(line.as_bytes()).map(|found| found.range());
        let is_whole = |range: &Range<usize>| {
            !range.is_empty() && line.is_char_boundary(range.start) && line.is_char_boundary(range.end)
        };
        found.filter(is_whole).take(most).collect()
    }

    /// Which of several lines it is in, the first of them being 0; the first so many.
    pub(crate) fn lines_in(&self, lines: &[u8], most: usize) -> Vec<u64> {
        if self.is_by_line {
            let each = lines.strip_suffix(b"\n").unwrap_or(lines).split(|byte| *byte == b'\n');
            let hits = (0u64..).zip(each).filter(|(_, line)| self.regex.is_match(line));
            return hits.map(|(at, _)| at).take(most).collect();
        }
        let (mut hits, mut line, mut counted, mut at) = (Vec::new(), 0, 0, 0);
        while at < lines.len() && hits.len() < most {
            let Some(found) = self.regex.find_at(lines, at) else { break };
            let begin = memrchr(b'\n', &lines[at..found.start()]).map_or(at, |before| at + before + 1);
            if begin >= lines.len() {
                break;
            }
            let end = memchr(b'\n', &lines[begin..]).map_or(lines.len(), |len| begin + len);
            // What was found may go on in the next line: then it counts only if the line has it on its own.
            if found.end() <= end || self.regex.is_match(&lines[begin..end]) {
                line += memchr_iter(b'\n', &lines[counted..begin]).count() as u64;
                counted = begin;
                hits.push(line);
            }
            at = end + 1;
        }
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, with_case: bool, is_regex: bool, of: &str) -> Vec<u64> {
        Pattern::new(text, with_case, is_regex).unwrap().lines_in(of.as_bytes(), 100)
    }

    #[test]
    fn lines_are_matched_each_on_its_own() {
        let text = "Alpha\nbeta gamma\n\nalp\nha beta\n";
        assert_eq!(lines("alpha", false, false, text), [0]);
        assert_eq!(lines("alpha", true, false, text), [] as [u64; 0]);
        assert_eq!(lines("BETA", false, false, text), [1, 4]);
        assert_eq!(lines("a.b", false, false, "a.b\naxb\n"), [0]);
        for is_special in ["", "(?:)"] {
            let found = |pattern: &str| lines(&format!("{pattern}{is_special}"), true, true, text);
            assert_eq!(found("^beta"), [1]);
            assert_eq!(found("a$"), [0, 1, 4]);
            assert_eq!(found("^$"), [2]);
            assert_eq!(found("alp\\s+ha"), [] as [u64; 0]);
            assert_eq!(found("a[^x]*h|gam"), [1], "a match that begins in the line before hides nothing");
            assert_eq!(found("x*"), [0, 1, 2, 3, 4]);
            assert_eq!(found("\\n"), [] as [u64; 0]);
        }
        assert_eq!(lines("\\Abeta", true, true, text), [1]);
        assert_eq!(lines("ha\\z", true, true, text), [0]);
        assert_eq!(Pattern::new("a", true, false).unwrap().lines_in(text.as_bytes(), 2), [0, 1]);
    }

    #[test]
    fn what_cannot_be_searched_for_is_refused() {
        assert_eq!(Pattern::new("", false, false).unwrap_err(), PatternError::Empty);
        assert_eq!(Pattern::new(&"x".repeat(1_001), false, true).unwrap_err(), PatternError::Long);
        let deep = "(".repeat(900);
        for bad in ["(", "[", "x{1000}{1000}", "\\p{Nonsense}", deep.as_str()] {
            let error = Pattern::new(bad, false, true).unwrap_err();
            assert!(matches!(error, PatternError::Regex(_)), "{bad}: {error}");
            assert!(Pattern::new(bad, false, false).is_ok(), "{bad}");
        }
    }

    #[test]
    fn ranges_are_of_whole_characters() {
        let found = |pattern: &str, is_regex| Pattern::new(pattern, false, is_regex).unwrap().ranges("Ära äRA 模", 10);
        assert_eq!(found("ära", false), [0..4, 5..9]);
        assert_eq!(found("模", false), std::iter::once(10..13).collect::<Vec<_>>());
        assert_eq!(found("(?-u:\\xa4)", true), [] as [Range<usize>; 0]);
        assert_eq!(found("x*", true), [] as [Range<usize>; 0]);
    }
}
