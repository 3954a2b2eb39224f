//! Files open for appending: a bounded number, reopened on demand, because a node has many more logs than a process may
//! have files. Not for: rotation (`rotate`).

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use cap_std::fs::{Dir, OpenOptions};

/// Files that stay open.
const OPEN_FILES: usize = 256;

/// Files open for appending, by path.
pub(crate) struct Handles {
    open: Mutex<Open>,
    limit: usize,
}

#[derive(Default)]
struct Open {
    files: HashMap<String, Entry>,
    clock: u64,
}

struct Entry {
    file: Arc<Mutex<File>>,
    used: u64,
}

impl Handles {
    /// None open yet.
    pub(crate) fn new() -> Handles {
        Handles::with_limit(OPEN_FILES)
    }

    /// As `new`, with another bound.
    pub(crate) fn with_limit(limit: usize) -> Handles {
        Handles { open: Mutex::default(), limit }
    }

    /// Appends one line in one call of the operating system. Folders and file are created if need be.
    pub(crate) fn append(&self, dir: &Dir, path: &str, line: &str) -> io::Result<()> {
        let file = self.get(dir, path)?;
        let result = lock(&file).write_all(line.as_bytes());
        if result.is_err() {
            // Part of the line may be there: whoever opens the file again ends it.
            lock(&self.open).files.remove(path);
        }
        result
    }

    /// Closes the files whose path begins with `prefix`, but for those that are being written.
    pub(crate) fn close(&self, prefix: &str) {
        lock(&self.open).files.retain(|path, entry| !path.starts_with(prefix) || entry.is_used());
    }

    fn get(&self, dir: &Dir, path: &str) -> io::Result<Arc<Mutex<File>>> {
        let mut open = lock(&self.open);
        open.clock += 1;
        let now = open.clock;
        if let Some(entry) = open.files.get_mut(path) {
            entry.used = now;
            return Ok(Arc::clone(&entry.file));
        }
        if open.files.len() >= self.limit {
            open.close_oldest();
        }
        let file = Arc::new(Mutex::new(open_append(dir, path)?));
        open.files.insert(path.to_owned(), Entry { file: Arc::clone(&file), used: now });
        Ok(file)
    }

    /// Number of open files.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        lock(&self.open).files.len()
    }
}

impl Open {
    fn close_oldest(&mut self) {
        let unused = self.files.iter().filter(|(_, entry)| !entry.is_used());
        let oldest = unused.min_by_key(|(_, entry)| entry.used).map(|(path, _)| path.clone());
        if let Some(path) = oldest {
            self.files.remove(&path);
        }
    }
}

impl Entry {
    /// True while somebody writes: such a file stays open, so that no file is ever open twice.
    fn is_used(&self) -> bool {
        Arc::strong_count(&self.file) > 1
    }
}

/// Opens a file for appending; creates it and its folders if need be. A last line that was torn when the process or the
/// disk stopped is ended, so that the next one begins on its own.
pub(crate) fn open_append(dir: &Dir, path: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    let mut file = match dir.open_with(path, &options) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if let Some((folder, _)) = path.rsplit_once('/') {
                dir.create_dir_all(folder)?;
            }
            dir.open_with(path, &options)?
        }
        other => other?,
    }
    .into_std();
    let len = file.metadata()?.len();
    if len > 0 {
        let mut last = [0u8];
        file.read_exact_at(&mut last, len - 1)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}

/// Locks, whatever happened to another thread that held the lock: files and counters are whole at any time.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
