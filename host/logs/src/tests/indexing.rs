//! Pages, indexes and searches against what one finds who reads the whole file.

use std::{
    fs,
    io::Write,
    time::{Duration, Instant},
};

use parcae_domain::{
    party::{Party, Role},
    port::{Level, Stream},
};

use super::{JOB, Logs, attempt, job};
use crate::{Found, LogFile, LogKey, LogPage, Outline, Pattern, Search};

/// Marsaglia's xorshift: the same numbers in every run.
struct Draws(u64);

impl Draws {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }

    /// Lines of any length, some very long, some empty, some with the end that other systems write, and perhaps half a
    /// line.
    fn text(&mut self, lines: u64) -> Vec<u8> {
        let mut text = Vec::new();
        for _ in 0..lines {
            let len = match self.below(400) {
                0 => 3_000_000 * self.below(2) + self.below(600_000),
                1..40 => 0,
                _ => self.below(200),
            };
            let words = [b"needle ".as_slice(), b"Needle", b"\xff\xfe", "模型 ".as_bytes(), b"x", b""];
            let word = words[self.below(6) as usize];
            for _ in 0..len / 7 {
                text.extend_from_slice(b"hay 10 ");
            }
            text.extend_from_slice(word);
            if self.below(20) == 0 {
                text.push(b'\r');
            }
            text.push(b'\n');
        }
        if self.below(2) == 0 {
            text.extend_from_slice(b"half a needle");
        }
        text
    }
}

fn key() -> LogKey {
    LogKey::of(&job(), Party::new(Role::Guest, 9999), Some("a"), LogFile::Stat).unwrap()
}

fn write(logs: &Logs, text: &[u8]) {
    fs::create_dir_all(logs.path(JOB).join("guest/9999/a")).unwrap();
    fs::write(logs.path(key().path()), text).unwrap();
}

/// The whole lines of a text, without their ends.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    lines.pop();
    lines
}

fn page(logs: &Logs, first: Option<u64>, count: u64) -> LogPage {
    logs.dir.page(&key(), first, count, usize::MAX).unwrap()
}

/// What stands on pages is what stands in the file.
fn check_pages(logs: &Logs, text: &[u8], draws: &mut Draws) {
    let lines = lines(text);
    let total = lines.len() as u64;
    assert_eq!(logs.dir.size(&key()).unwrap(), total);
    for _ in 0..20 {
        let (first, count) = (draws.below(total + 3), draws.below(9));
        let shown = page(logs, Some(first), count);
        let begin = (first.max(1) - 1).min(total) as usize;
        let end = (begin + count as usize).min(lines.len());
        assert_eq!(shown.total, total);
        assert_eq!(shown.lines.len(), end - begin, "{count} from {first} of {total}");
        for (line, at) in shown.lines.iter().zip(begin..) {
            assert_eq!((line.number, line.more), (at as u64 + 1, 0));
            assert!(line.text == String::from_utf8_lossy(lines[at]), "line {}", line.number);
        }
        let catted = logs.dir.cat(&key(), first, (first.max(1) + count).saturating_sub(1)).unwrap();
        assert!(catted.into_iter().eq(shown.lines.into_iter().map(|line| (line.number, line.text))));
    }
    let tail = page(logs, None, 5);
    assert_eq!(tail.lines.last().map_or(0, |line| line.number), total);
    assert_eq!(tail.lines.len() as u64, total.min(5));
}

#[test]
fn an_index_is_as_a_reading_of_the_whole() {
    let (logs, mut draws) = (Logs::new(), Draws(0x9e37_79b9_7f4a_7c15));
    write(&logs, b"");
    check_pages(&logs, b"", &mut draws);
    write(&logs, b"no end");
    check_pages(&logs, b"no end", &mut draws);
    let mut text = Vec::new();
    for round in 0..12 {
        match round {
            // Cut off and written anew; shorter, longer, of the same length.
            3 | 7 => {
                text = [b"hay\n".as_slice(), &draws.text(50)].concat();
                write(&logs, &text);
            }
            5 => {
                text.iter_mut().filter(|byte| **byte == b'h').for_each(|byte| *byte = b'\n');
                write(&logs, &text);
            }
            // Another file takes the place.
            9 => {
                text = [text.as_slice(), b"more\n"].concat();
                let other = logs.path(JOB).join("other");
                fs::write(&other, &text).unwrap();
                fs::rename(&other, logs.path(key().path())).unwrap();
            }
            _ => {
                let more = draws.text(1_000);
                let mut file = fs::OpenOptions::new().append(true).open(logs.path(key().path())).unwrap();
                if round == 0 {
                    text = b"no end".to_vec();
                }
                file.write_all(&more).unwrap();
                text.extend_from_slice(&more);
            }
        }
        check_pages(&logs, &text, &mut draws);
    }
}

#[test]
fn a_search_finds_what_a_reading_of_the_whole_finds() {
    let (logs, mut draws) = (Logs::new(), Draws(42));
    let text = draws.text(1_500);
    write(&logs, &text);
    let lines = lines(&text);
    let total = lines.len() as u64;
    for (words, is_regex) in
        [("needle", false), ("NEEDLE", false), ("^needle \r?$", true), ("^$", true), ("模型", false)]
    {
        let pattern = Pattern::new(words, words == "NEEDLE", is_regex).unwrap();
        // Of a line the first MiB counts.
        let has = |line: &&[u8]| !pattern.lines_in(&line[..line.len().min(1 << 20)], 1).is_empty();
        let has = |line: &&[u8]| if line.is_empty() { words == "^$" } else { has(line) };
        let all: Vec<u64> = (1..).zip(&lines).filter(|(_, line)| has(line)).map(|(number, _)| number).collect();
        for forward in [true, false] {
            let from = draws.below(total + 2);
            let mut want: Vec<u64> =
                all.iter().copied().filter(|at| if forward { *at >= from } else { *at <= from }).collect();
            if !forward {
                want.reverse();
            }
            for (most, bytes) in [(usize::MAX, u64::MAX), (3, u64::MAX), (7, 1), (usize::MAX, 300_000)] {
                let (mut got, mut at, mut rounds) = (Vec::new(), Some(from), 0);
                while let Some(from) = at {
                    let search = Search { from, forward, most, bytes, time: Duration::from_secs(600) };
                    let Found { lines, go_on, total: of } = logs.dir.search(&key(), &pattern, &search).unwrap();
                    assert!(of == total && lines.len() <= most);
                    got.extend(lines);
                    assert!(go_on.is_none_or(|next| if forward { next > from } else { next < from || from > total }));
                    (at, rounds) = (go_on, rounds + 1);
                    assert!(rounds < 5_000);
                }
                assert!(got == want, "{words} from {from}, {most} of {bytes}: {} of {}", got.len(), want.len());
            }
        }
    }
}

#[test]
fn a_search_stops_in_time_and_says_where() {
    let logs = Logs::new();
    write(&logs, &b"a line of hay\n".repeat(200_000));
    let pattern = Pattern::new("needle", false, false).unwrap();
    let search = Search { from: 1, forward: true, most: 1, bytes: u64::MAX, time: Duration::ZERO };
    let found = logs.dir.search(&key(), &pattern, &search).unwrap();
    assert!(found.lines.is_empty() && found.go_on.is_some_and(|next| 1 < next && next < 200_000), "{found:?}");
    let whole = Search { time: Duration::from_secs(600), ..search };
    let begun = Instant::now();
    assert_eq!(logs.dir.search(&key(), &pattern, &whole).unwrap().go_on, None);
    assert!(begun.elapsed() < Duration::from_secs(600));
}

#[test]
fn what_is_too_long_is_cut_and_what_is_too_much_is_not_counted() {
    let logs = Logs::new();
    write(&logs, "0123456789\nabc模\nabc\n".as_bytes());
    assert_eq!(logs.dir.outline(&key(), 21).unwrap(), Outline { bytes: 22, lines: None });
    assert_eq!(logs.dir.outline(&key(), 22).unwrap(), Outline { bytes: 22, lines: Some(3) });
    assert_eq!(logs.dir.outline(&key(), 0).unwrap().lines, Some(3), "what was counted is known");
    let cut = logs.dir.page(&key(), Some(1), 9, 5).unwrap();
    let seen: Vec<(&str, u64)> = cut.lines.iter().map(|line| (line.text.as_str(), line.more)).collect();
    assert_eq!(seen, [("01234", 5), ("abc", 3), ("abc", 0)]);
    let absent = LogKey::of(&job(), Party::new(Role::Guest, 9999), Some("b"), LogFile::Stat).unwrap();
    assert_eq!(logs.dir.outline(&absent, 0).unwrap(), Outline { bytes: 0, lines: Some(0) });
    assert!(logs.dir.open_log(&absent).unwrap().is_none());
    assert_eq!(logs.dir.page(&absent, None, 9, 9).unwrap(), LogPage::default());
}

#[test]
fn few_indexes_are_kept() {
    let logs = Logs::new();
    for n in 0..150 {
        let key = LogKey::of(&job(), Party::new(Role::Guest, n), None, LogFile::Info).unwrap();
        fs::create_dir_all(logs.path(key.path()).parent().unwrap()).unwrap();
        fs::write(logs.path(key.path()), "x\n".repeat(n as usize)).unwrap();
        assert_eq!(logs.dir.size(&key).unwrap(), n);
    }
    assert_eq!(logs.dir.inner.indexes.len(), 128);
}

#[test]
fn logs_are_named_by_what_is_in_them() {
    let logs = Logs::new();
    let log = logs.dir.attempt(&attempt("a", 0), 10_000).unwrap();
    for level in [Level::Debug, Level::Info, Level::Warning, Level::Error] {
        log.line(level, Stream::Log, "x");
    }
    log.line(Level::Info, Stream::Stdout, "x");
    log.line(Level::Info, Stream::Stderr, "x");
    let written = logs.dir.job(&job()).unwrap();
    written.schedule(Level::Error, "a:1", "x");
    written.audit(Level::Info, "a:1", "x");
    written.sql(Level::Info, "a:1", "x");
    written.detect(Level::Info, "a:1", "x");
    let party = Party::new(Role::Guest, 9999);
    for (files, component) in
        [(&LogFile::OF_JOB[..], None), (&LogFile::OF_PARTY[..], None), (&LogFile::OF_COMPONENT[..], Some("a"))]
    {
        for file in files {
            let key = LogKey::of(&job(), party, component, *file).unwrap();
            assert!(logs.dir.size(&key).unwrap() > 0, "{}", key.path());
            assert_eq!(LogFile::of(file.as_str()), Some(*file));
        }
    }
    assert!(LogKey::of(&job(), party, Some("../a"), LogFile::Stat).is_err() && LogFile::of("../stat").is_none());
}
