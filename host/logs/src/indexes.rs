//! The indexes of the files that were read last: a bounded number of them, each found again by the path of its file. Not
//! for: how one is made (`index`).

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Seek, SeekFrom},
    sync::{Arc, Mutex},
};

use crate::{
    dir::{LogDir, LogError},
    handles::lock,
    index::{Index, offset_of},
    key::LogKey,
    read::failed,
};

/// Files whose lines are known; each takes at most 256 KiB.
const FILES: usize = 128;

/// Indexes by path.
#[derive(Debug, Default)]
pub(crate) struct Indexes {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    files: HashMap<String, Entry>,
    clock: u64,
}

#[derive(Debug)]
struct Entry {
    index: Arc<Mutex<Index>>,
    used: u64,
}

/// A line of a file that is open: where it begins.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) file: File,
    /// Whole lines of the file.
    pub(crate) lines: u64,
    /// The byte behind the last of them.
    pub(crate) end: u64,
    /// The line: at most the one that will be written next.
    pub(crate) line: u64,
    /// The byte at which it begins.
    pub(crate) offset: u64,
}

/// How much is in a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Its bytes.
    pub bytes: u64,
    /// Its whole lines; none when too much of it was never looked at.
    pub lines: Option<u64>,
}

impl Indexes {
    /// The index of a file, which may be behind it.
    fn get(&self, path: &str) -> Arc<Mutex<Index>> {
        let mut known = lock(&self.known);
        known.clock += 1;
        let now = known.clock;
        if !known.files.contains_key(path) && known.files.len() >= FILES {
            let oldest = known.files.iter().min_by_key(|(_, entry)| entry.used).map(|(path, _)| path.clone());
            if let Some(oldest) = oldest {
                known.files.remove(&oldest);
            }
        }
        let entry = known.files.entry(path.to_owned());
        let entry = entry.or_insert_with(|| Entry { index: Arc::default(), used: now });
        entry.used = now;
        Arc::clone(&entry.index)
    }

    /// Number of files whose lines are known.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        lock(&self.known).files.len()
    }
}

impl LogDir {
    /// How much is in a log; its lines are counted when at most `most` bytes have to be looked at for that.
    pub fn outline(&self, key: &LogKey, most: u64) -> Result<Outline, LogError> {
        let Some(file) = self.open_for_reading(key)? else { return Ok(Outline { bytes: 0, lines: Some(0) }) };
        let bytes = file.metadata().map_err(failed(key))?.len();
        let index = self.inner.indexes.get(key.path());
        // Somebody looks at it just now: it may take a while.
        let Ok(mut index) = index.try_lock() else { return Ok(Outline { bytes, lines: None }) };
        if index.unseen(&file).map_err(failed(key))? > most {
            return Ok(Outline { bytes, lines: None });
        }
        index.update(&file).map_err(failed(key))?;
        Ok(Outline { bytes, lines: Some(index.lines()) })
    }

    /// Where a line begins; `pick` says which, when it has heard how many there are. None when there is no such file.
    pub(crate) fn place(&self, key: &LogKey, pick: impl FnOnce(u64) -> u64) -> Result<Option<Place>, LogError> {
        let Some(file) = self.open_for_reading(key)? else { return Ok(None) };
        let index = self.inner.indexes.get(key.path());
        let mut index = lock(&index);
        index.update(&file).map_err(failed(key))?;
        let (lines, end) = (index.lines(), index.end());
        let line = pick(lines).clamp(1, lines + 1);
        let mark = index.before(line);
        drop(index);
        let offset = if line > lines { end } else { offset_of(&file, mark, line).map_err(failed(key))? };
        Ok(Some(Place { file, lines, end, line, offset }))
    }

    /// A log to read from its beginning, and its bytes now; none when there is no such file.
    pub fn open_log(&self, key: &LogKey) -> Result<Option<(File, u64)>, LogError> {
        let Some(file) = self.open_for_reading(key)? else { return Ok(None) };
        let bytes = file.metadata().map_err(failed(key))?.len();
        Ok(Some((file, bytes)))
    }
}

/// The offset at which a reader is to begin.
pub(crate) fn at_offset(mut file: File, offset: u64) -> io::Result<File> {
    file.seek(SeekFrom::Start(offset))?;
    Ok(file)
}
