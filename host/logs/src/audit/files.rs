//! Files of the audit log: the one that is written, and those before it, each named after its last line. Every write is
//! made under a lock, as the node and commands on its folder both write. Not for: what a line says (`chain`).

use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::{
    AuditEntry,
    chain::{self, AuditHead, MAX_LINE},
};

/// The file that is written.
const CURRENT: &str = "audit.jsonl";
/// Held by who writes.
const LOCK: &str = "lock";
/// A file of so many bytes is not added to any more.
const FULL: u64 = 16 << 20;

/// What stands at the end of a file.
enum Tail {
    /// Nothing: there are no lines.
    Empty,
    /// A line that is whole.
    Line(AuditHead),
    /// Something that nobody who keeps to the rules has written.
    Damaged(String),
}

/// Holds the lock until it is dropped.
pub(super) fn lock(folder: &Path) -> io::Result<File> {
    let lock = File::options().create(true).truncate(false).write(true).open(folder.join(LOCK))?;
    lock.lock()?;
    Ok(lock)
}

/// All files, the oldest first, each with the number of its last line; the one that is written has none.
pub(super) fn list(folder: &Path) -> io::Result<Vec<(Option<u64>, PathBuf)>> {
    let mut files = Vec::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
        other => other?,
    };
    for entry in entries {
        let name = entry?.file_name();
        let last = name.to_str().and_then(|name| name.strip_prefix("audit-")?.strip_suffix(".jsonl")?.parse().ok());
        if let Some(last) = last {
            files.push((Some(last), folder.join(name)));
        }
    }
    files.sort();
    if folder.join(CURRENT).exists() {
        files.push((None, folder.join(CURRENT)));
    }
    Ok(files)
}

/// Whether the log can be written, and goes on where it ended; says so in the node's log when it does not.
pub(super) fn probe(folder: &Path, stored: Option<&AuditHead>) -> io::Result<()> {
    let _lock = lock(folder)?;
    let mut file = open(folder)?;
    let tail = tail(folder, &mut file)?;
    let found = match tail {
        Tail::Empty => 0,
        Tail::Line(head) => head.seq,
        Tail::Damaged(why) => {
            tracing::error!("the last line of the audit log is damaged: {why}; see `parcae audit verify`");
            return Ok(());
        }
    };
    if let Some(stored) = stored.filter(|stored| stored.seq > found) {
        tracing::error!(
            "the audit log ends with line {found}, and line {} was written once: its end is missing; see `parcae audit \
             verify`",
            stored.seq
        );
    }
    Ok(())
}

/// Adds lines after the end of the chain: that of the files, or the one that is known, if that is further. The disk has
/// them when this returns.
pub(super) fn append(folder: &Path, known: &AuditHead, entries: &[AuditEntry]) -> io::Result<AuditHead> {
    let _lock = lock(folder)?;
    let mut file = open(folder)?;
    let mut head = match tail(folder, &mut file)? {
        Tail::Line(head) => known.clone().later(head),
        // Lines after a gap tell of the gap.
        Tail::Empty | Tail::Damaged(_) => known.clone(),
    };
    if file.metadata()?.len() >= FULL {
        fs::rename(folder.join(CURRENT), folder.join(format!("audit-{:020}.jsonl", head.seq)))?;
        file = open(folder)?;
        File::open(folder)?.sync_all()?;
    }
    let mut text = String::new();
    let now = Timestamp::now();
    for entry in entries {
        let (line, next) = chain::line(&head, entry, now);
        text.push_str(&line);
        head = next;
    }
    let before = file.metadata()?.len();
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
    if let Err(error) = written {
        // Whoever writes next begins on a line of its own.
        let _ = file.set_len(before);
        return Err(error);
    }
    if before == 0 {
        File::open(folder)?.sync_all()?;
    }
    Ok(head)
}

fn open(folder: &Path) -> io::Result<File> {
    File::options().read(true).append(true).create(true).open(folder.join(CURRENT))
}

/// The end of the file that is written, or of the one before it. A line that was torn when the machine stopped was
/// answered for by nobody, and goes.
fn tail(folder: &Path, file: &mut File) -> io::Result<Tail> {
    match tail_of(file, true)? {
        Tail::Empty => {}
        found => return Ok(found),
    }
    let earlier = list(folder)?.into_iter().rev().find(|(last, _)| last.is_some());
    let Some((_, path)) = earlier else { return Ok(Tail::Empty) };
    tail_of(&mut File::open(path)?, false)
}

fn tail_of(file: &mut File, may_change: bool) -> io::Result<Tail> {
    let len = file.metadata()?.len();
    let from = len.saturating_sub(2 * MAX_LINE as u64);
    let mut end = vec![0; usize::try_from(len - from).unwrap_or_default()];
    file.read_exact_at(&mut end, from)?;
    let whole = end.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole < end.len() {
        if end.len() - whole > MAX_LINE {
            return Ok(Tail::Damaged("it does not end".into()));
        }
        if may_change {
            file.set_len(from + whole as u64)?;
        }
        end.truncate(whole);
    }
    let Some(body) = end.strip_suffix(b"\n") else { return Ok(Tail::Empty) };
    let begin = body.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    Ok(match chain::parse(&body[begin..]) {
        Ok(line) => Tail::Line(line.head()),
        Err(why) => Tail::Damaged(why),
    })
}
