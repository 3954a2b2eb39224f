//! The audit log read back: its lines, and whether the chain holds. Not for: writing (`files`).

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::Path,
    str::FromStr,
};

use serde::Serialize;

use super::{
    Verdict,
    chain::{self, AuditHead, AuditLine, MAX_LINE},
    files,
};

/// Which lines.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// From the line with this number on; the last ones, when absent.
    pub from: Option<u64>,
    /// Before the line with this number.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: usize,
    /// Of this tenant.
    pub tenant: Option<String>,
    /// Not before this time.
    pub since: Option<AuditSince>,
    /// That ended so.
    pub verdict: Option<Verdict>,
}

/// A time in UTC, or the beginning of one: `2026-03-01T12:00`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSince(String);

impl FromStr for AuditSince {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<AuditSince, &'static str> {
        const WHOLE: &[u8] = b"0000-00-00T00:00:00.000Z";
        let day = "0000-00-00".len();
        let fits = |(c, like): (u8, &u8)| if *like == b'0' { c.is_ascii_digit() } else { c == *like };
        if (day..=WHOLE.len()).contains(&text.len()) && text.bytes().zip(WHOLE).all(fits) {
            Ok(AuditSince(text.to_owned()))
        } else {
            Err("expected a time in UTC such as 2026-03-01 or 2026-03-01T12:00")
        }
    }
}

impl AuditFilter {
    fn lets_through(&self, line: &AuditLine) -> bool {
        self.from.is_none_or(|from| line.seq >= from)
            && self.before.is_none_or(|before| line.seq < before)
            && self.verdict.is_none_or(|verdict| line.entry.verdict == verdict)
            && self.tenant.as_ref().is_none_or(|tenant| line.entry.tenant == *tenant)
            && self.since.as_ref().is_none_or(|since| line.time >= since.0)
    }
}

/// What came of checking the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Files.
    pub files: usize,
    /// Lines that hold.
    pub lines: u64,
    /// The last of them.
    pub head: AuditHead,
    /// The first that does not.
    pub fault: Option<AuditFault>,
}

/// Where the chain breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditFault {
    /// File.
    pub file: String,
    /// Line of the file, from 1; 0 when the end was cut off.
    pub line: u64,
    /// Number that the line should have.
    pub seq: u64,
    /// What is wrong.
    pub reason: String,
}

/// Lines of the log in a folder, the oldest first. Lines that are damaged are left out.
pub fn audit_lines(folder: &Path, filter: &AuditFilter) -> io::Result<Vec<AuditLine>> {
    let mut files = files::list(folder)?;
    if let Some(before) = filter.before {
        // A file begins behind the last line of the one before it.
        let begins = files.iter().filter(|(last, _)| last.is_some_and(|last| last + 1 < before)).count();
        files.truncate(begins + 1);
    }
    let mut found = VecDeque::new();
    if filter.from.is_none() {
        files.reverse();
    }
    for (last, path) in files {
        if last.zip(filter.from).is_some_and(|(last, from)| last < from) {
            continue;
        }
        let mut here = VecDeque::new();
        each_line(&path, |_, line| {
            here.extend(chain::parse(line).ok().filter(|line| filter.lets_through(line)));
            if filter.from.is_none() && here.len() > filter.limit {
                here.pop_front();
            }
            filter.from.is_none() || here.len() < filter.limit
        })?;
        if filter.from.is_some() {
            found.extend(here);
        } else {
            here.into_iter().rev().for_each(|line| found.push_front(line));
        }
        if found.len() >= filter.limit {
            break;
        }
    }
    let surplus = found.len().saturating_sub(filter.limit);
    let found = found.into_iter();
    Ok(if filter.from.is_some() { found.take(filter.limit).collect() } else { found.skip(surplus).collect() })
}

/// Checks every line, and that the log does not end before `stored`, the last line that is known to have been written.
pub fn verify_audit(folder: &Path, stored: Option<&AuditHead>) -> io::Result<AuditReport> {
    // What is being written is looked at once it is whole.
    let _lock = if folder.is_dir() { Some(files::lock(folder)?) } else { None };
    let mut report = AuditReport { files: 0, lines: 0, head: AuditHead::default(), fault: None };
    for (_, path) in files::list(folder)? {
        report.files += 1;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        each_line(&path, |number, line| {
            let seq = report.head.seq + 1;
            match link(&report.head, line, stored) {
                Ok(head) => {
                    (report.lines, report.head) = (report.lines + 1, head);
                    true
                }
                Err(reason) => {
                    report.fault = Some(AuditFault { file: name.clone(), line: number, seq, reason });
                    false
                }
            }
        })?;
        if report.fault.is_some() {
            return Ok(report);
        }
    }
    if let Some(stored) = stored.filter(|stored| stored.seq > report.head.seq) {
        let reason = format!(
            "the log ends after line {}, and line {} was written: its end was cut off",
            report.head.seq, stored.seq
        );
        let seq = report.head.seq + 1;
        report.fault = Some(AuditFault { file: "audit.jsonl".into(), line: 0, seq, reason });
    }
    Ok(report)
}

/// The head after a line that follows on one.
fn link(head: &AuditHead, line: &[u8], stored: Option<&AuditHead>) -> Result<AuditHead, String> {
    let line = chain::parse(line)?;
    let due = head.seq + 1;
    if line.seq > due {
        return Err(format!("it has number {}, and {due} is due: lines are missing", line.seq));
    }
    if line.seq < due {
        return Err(format!("it has number {}, and {due} is due: it was put in, or does not stand here", line.seq));
    }
    if line.prev != head.hash {
        return Err("it does not follow on the line before it".into());
    }
    match stored.filter(|stored| stored.seq == line.seq && stored.hash != line.hash) {
        Some(_) => Err("another line of this number was written".into()),
        None => Ok(line.head()),
    }
}

/// Hands over whole lines with their numbers, as long as more are wanted.
fn each_line(path: &Path, mut take: impl FnMut(u64, &[u8]) -> bool) -> io::Result<()> {
    let mut reader = BufReader::new(File::open(path)?);
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        let read = reader.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut line)?;
        number += 1;
        match line.strip_suffix(b"\n") {
            Some(whole) if take(number, whole) => {}
            // The end of the file, maybe with a line that was torn; one that never ends is no line.
            None if read == MAX_LINE && take(number, &line) => {}
            _ => return Ok(()),
        }
    }
}
