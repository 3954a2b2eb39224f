//! One log file of the node: at the first line of a new day, yesterday's lines move to `X.log.<day>`, and of those files
//! the last fourteen stay. Not for: logs of jobs, which end with their job.

use std::{
    fs::File,
    io::{self, Write},
};

use cap_std::fs::Dir;
use jiff::{Timestamp, Zoned, civil::Date};

use crate::handles::open_append;

/// The folder of the node's logs.
pub(crate) const SERVER_FOLDER: &str = "fate_flow";
/// Days that are kept beside the current one.
const KEPT_DAYS: usize = 14;

/// A log file of the node.
pub(crate) struct Rotating {
    name: &'static str,
    open: Option<Open>,
}

struct Open {
    file: File,
    /// The day of its lines.
    day: Date,
}

impl Rotating {
    /// Nothing is created before the first line.
    pub(crate) fn new(name: &'static str) -> Rotating {
        Rotating { name, open: None }
    }

    /// Appends one whole line in one call of the operating system.
    pub(crate) fn append(&mut self, dir: &Dir, now: &Zoned, line: &str) -> io::Result<()> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.reopen(dir, now)?,
        };
        if open.day < now.date() {
            drop(open.file);
            // A day that cannot be moved away is continued, rather than that lines are lost.
            let _ = self.rotate(dir, open.day);
            open = Open { file: open_append(dir, &self.path())?, day: now.date() };
        }
        open.file.write_all(line.as_bytes())?;
        // Not reached when the write failed: whoever opens the file again ends a torn line.
        self.open = Some(open);
        Ok(())
    }

    fn path(&self) -> String {
        format!("{SERVER_FOLDER}/{}", self.name)
    }

    /// Opens the file; the day of lines that are there already is the one on which it was written last.
    fn reopen(&self, dir: &Dir, now: &Zoned) -> io::Result<Open> {
        let written = dir.metadata(self.path()).ok().filter(|metadata| metadata.len() > 0);
        let written = written.and_then(|metadata| metadata.modified().ok()).map(|time| time.into_std());
        let day = written
            .and_then(|time| Timestamp::try_from(time).ok())
            .map_or(now.date(), |time| time.to_zoned(now.time_zone().clone()).date());
        Ok(Open { file: open_append(dir, &self.path())?, day })
    }

    fn rotate(&self, dir: &Dir, day: Date) -> io::Result<()> {
        let (from, to) = (self.path(), format!("{}.{day}", self.path()));
        // After a clock was set back the day may be there: it is never overwritten.
        if !dir.try_exists(&to)? {
            dir.rename(&from, dir, &to)?;
        }
        for day in self.days(dir)?.iter().rev().skip(KEPT_DAYS) {
            dir.remove_file(format!("{from}.{day}"))?;
        }
        Ok(())
    }

    /// Days that were moved away, the oldest first.
    fn days(&self, dir: &Dir) -> io::Result<Vec<Date>> {
        let mut days = Vec::new();
        for entry in dir.read_dir(SERVER_FOLDER)? {
            let name = entry?.file_name();
            let day = name.to_str().and_then(|name| name.strip_prefix(self.name)?.strip_prefix('.'));
            days.extend(day.filter(|day| day.len() == 10).and_then(|day| day.parse::<Date>().ok()));
        }
        days.sort_unstable();
        Ok(days)
    }
}
