//! How a line looks: `[INFO] [2026-11-22 08:20:31,014] [<job or Server>] [<thread>] - [module:line]: message`. Nothing in
//! it can move a terminal's cursor, end the line or turn its direction. Not for: which file it goes to.

use std::{borrow::Cow, fmt::Write};

use jiff::Zoned;
use parcae_domain::port::Level;

/// Bytes of a message in one line; what is longer is cut.
pub(crate) const MAX_MESSAGE: usize = 64 << 10;
/// Bytes of a whole line, its end included: head, message and the note that it was cut.
pub(crate) const MAX_LINE: usize = MAX_MESSAGE + 2_048;
/// Bytes of a name in the head of a line.
const MAX_LABEL: usize = 200;

/// The word for a level: in lines, and in names of files.
pub(crate) fn level_name(level: Level) -> &'static str {
    match level {
        Level::Debug => "DEBUG",
        Level::Info => "INFO",
        Level::Warning => "WARNING",
        Level::Error => "ERROR",
    }
}

/// The level of a line that was read back; none where lines have none, as those of standard output.
pub fn level_of(line: &str) -> Option<Level> {
    let word = line.strip_prefix('[')?.split_once("] [")?.0;
    [Level::Debug, Level::Info, Level::Warning, Level::Error].into_iter().find(|level| level_name(*level) == word)
}

/// `2026-11-22 08:20:31,014`.
pub(crate) fn stamp(now: &Zoned) -> String {
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02},{:03}",
        now.year(),
        now.month(),
        now.day(),
        now.hour(),
        now.minute(),
        now.second(),
        now.millisecond()
    )
}

/// Everything of a line before its message.
pub(crate) fn head(level: Level, stamp: &str, owner: &str, place: &str) -> String {
    let (owner, place) = (inert(owner, MAX_LABEL), inert(place, MAX_LABEL));
    format!("[{}] [{stamp}] [{owner}] [{}] - [{place}]: ", level_name(level), thread())
}

/// The lines of a message, without ends; at least one.
pub(crate) fn split(message: &str) -> impl Iterator<Item = &str> {
    let empty = message.is_empty().then_some("");
    empty.into_iter().chain(message.lines())
}

/// A message as whole lines, each with head and end.
pub(crate) fn whole(head: &str, message: &str) -> Vec<String> {
    split(message).map(|line| format!("{head}{}\n", inert(line, MAX_MESSAGE))).collect()
}

/// Text in which control characters, line separators and marks of direction are written out as `\x1b` or `\u{202e}`, and
/// of which at most `max` bytes, and a few for the note that it was cut, are left.
pub(crate) fn inert(text: &str, max: usize) -> Cow<'_, str> {
    if text.len() <= max && text.bytes().all(|b| matches!(b, b'\t' | b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().min(max) + 64);
    for (at, c) in text.char_indices() {
        // No character needs more than ten bytes.
        if out.len() + 10 > max {
            write!(out, " [cut: {} more bytes]", text.len() - at).expect("a string takes everything");
            break;
        }
        match c {
            '\t' => out.push(c),
            '\0'..='\x1f' | '\x7f'..='\u{9f}' => {
                write!(out, "\\x{:02x}", u32::from(c)).expect("a string takes everything");
            }
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => {
                write!(out, "\\u{{{:x}}}", u32::from(c)).expect("a string takes everything");
            }
            _ => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// `<process>:<name or number of the thread>`.
fn thread() -> String {
    thread_local! {
        static LABEL: String = {
            let thread = std::thread::current();
            let number = || format!("{:?}", thread.id()).chars().filter(char::is_ascii_digit).collect();
            let name = thread.name().map_or_else(number, str::to_owned);
            format!("{}:{}", std::process::id(), inert(&name, MAX_LABEL))
        };
    }
    // While a thread ends, its label may be gone already.
    LABEL.try_with(String::clone).unwrap_or_else(|_| format!("{}:-", std::process::id()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_becomes_inert() {
        let cases = [
            ("plain\ttext ~", "plain\ttext ~"),
            ("\x1b[2J\x07", "\\x1b[2J\\x07"),
            ("a\rb\0c\x7f", "a\\x0db\\x00c\\x7f"),
            ("\u{9b}31m", "\\x9b31m"),
            ("über\u{a0}€ 𝄞", "über\u{a0}€ 𝄞"),
            ("abc\u{202e}def\u{2028}\u{feff}", "abc\\u{202e}def\\u{2028}\\u{feff}"),
            ("", ""),
        ];
        for (text, want) in cases {
            assert_eq!(inert(text, MAX_MESSAGE), want);
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        for text in ["x".repeat(500), "€".repeat(500), "\x1b".repeat(500), "\u{202e}".repeat(500)] {
            let cut = inert(&text, 100);
            assert!(cut.len() <= 140 && cut.ends_with(" more bytes]"), "{cut}");
        }
        let whole = "x".repeat(100);
        assert_eq!(inert(&whole, 100), whole);
    }

    #[test]
    fn messages_split_at_line_ends() {
        let lines = |text| split(text).collect::<Vec<&str>>();
        assert_eq!(lines(""), [""]);
        assert_eq!(lines("a"), ["a"]);
        assert_eq!(lines("a\n"), ["a"]);
        assert_eq!(lines("a\r\n\nb"), ["a", "", "b"]);
        assert_eq!(whole("head: ", "a\nb\r"), ["head: a\n", "head: b\\x0d\n"]);
    }

    #[test]
    fn lines_say_their_level() {
        let head = head(Level::Warning, "2026-11-22 08:20:31,014", "1", "a:1");
        assert_eq!(level_of(&format!("{head}[ERROR] [x]")), Some(Level::Warning));
        for line in ["", "[", "[INFO]", "[2026-11-22 08:20:31,014] [ERROR] x", " [INFO] [x]", "[info] [x]"] {
            assert_eq!(level_of(line), None, "{line}");
        }
    }

    #[test]
    fn a_line_has_a_bound() {
        let head = head(Level::Warning, "2026-11-22 08:20:31,014", &"j".repeat(9_999), &"p".repeat(9_999));
        let lines = whole(&head, &"\x1b".repeat(MAX_MESSAGE));
        assert!(lines.len() == 1 && lines[0].len() <= MAX_LINE, "{} bytes", lines[0].len());
    }
}
