//! What is in a scratch directory and what may be: bytes by file, files and directories by number. Nobody else changes
//! anything there, so that what is counted is what there is; where that cannot be told, too much is counted. A file
//! that was removed counts until nobody has it open. Not for: files themselves (`wasi`, `stream`).

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parcae_domain::{
    limit::Limits,
    port::{Level, Stream, World},
    usage::LiveUsage,
};
use rustix::fd::OwnedFd;
use rustix::fs::FileType;
use rustix::io::Errno;

/// Descriptors and streams that may be open at once: each is an open file, of which a process has few.
const OPEN: u32 = 128;

/// What is in a directory; all copies are one.
#[derive(Clone)]
pub(super) struct Ledger(Arc<Mutex<Book>>);

struct Book {
    /// Files by the number that the file system gave them.
    files: HashMap<u64, Entry>,
    /// Directories below the first.
    directories: u64,
    /// Descriptors and streams.
    open: u32,
    bytes: u64,
    most_bytes: u64,
    most_files: u64,
    usage: Arc<LiveUsage>,
    /// Where it is said that a limit was reached, once for each.
    world: Option<Arc<dyn World>>,
    said: Vec<&'static str>,
}

struct Entry {
    bytes: u64,
    /// Descriptors and streams.
    open: u32,
    /// It has a name.
    named: bool,
}

/// What is said to a component that may have no more.
fn full() -> io::Error {
    Errno::NOSPC.into()
}

impl Ledger {
    /// An empty directory.
    pub(super) fn new(limits: &Limits, usage: Arc<LiveUsage>, world: Option<Arc<dyn World>>) -> Ledger {
        Ledger(Arc::new(Mutex::new(Book {
            files: HashMap::new(),
            directories: 0,
            open: 0,
            bytes: 0,
            most_bytes: limits.scratch_bytes,
            most_files: u64::from(limits.scratch_files),
            usage,
            world,
            said: Vec::new(),
        })))
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one more file or directory may be made.
    pub(super) fn room(&self) -> io::Result<()> {
        let mut book = self.book();
        if book.count() < book.most_files {
            return Ok(());
        }
        let words = format!("{} files and directories are allowed", book.most_files);
        Err(book.refuse("scratch_files", &words))
    }

    /// Whether one more file or directory may be opened.
    pub(super) fn hands(&self) -> io::Result<()> {
        let mut book = self.book();
        if book.open < OPEN {
            return Ok(());
        }
        Err(book.refuse("handles", &format!("{OPEN} files of the scratch directory at once are allowed")))
    }

    /// Whether a file may become so long.
    pub(super) fn fits(&self, file: &File, bytes: u64) -> io::Result<()> {
        let known = file.metadata()?;
        let mut book = self.book();
        let counted = book.files.get(&known.ino()).map_or(0, |entry| entry.bytes);
        let others = book.bytes.saturating_sub(counted);
        if others.saturating_add(bytes.max(known.len())) <= book.most_bytes {
            return Ok(());
        }
        let words = format!("{} bytes in all files together are allowed", book.most_bytes);
        Err(book.refuse("scratch_bytes", &words))
    }

    /// Takes up how long a file is now.
    pub(super) fn settle(&self, file: &File) {
        // Nothing to be done about a file that cannot be looked at: it stays as it was counted.
        let Ok(known) = file.metadata() else { return };
        self.book().set(known.ino(), known.len(), known.nlink() > 0);
    }

    /// Counts one more who has a file open.
    pub(super) fn opened(&self, file: &File) -> io::Result<()> {
        let known = file.metadata()?;
        let mut book = self.book();
        book.set(known.ino(), known.len(), known.nlink() > 0);
        if let Some(entry) = book.files.get_mut(&known.ino()) {
            entry.open += 1;
        }
        book.open += 1;
        Ok(())
    }

    /// Counts one less; to be called while the file is open still.
    pub(super) fn closing(&self, file: &File) {
        self.closed_directory();
        let Ok(known) = file.metadata() else { return };
        let mut book = self.book();
        if let Some(entry) = book.files.get_mut(&known.ino()) {
            entry.open = entry.open.saturating_sub(1);
        }
        book.sweep(known.ino());
    }

    /// Counts one more who has a directory open.
    pub(super) fn opened_directory(&self) {
        self.book().open += 1;
    }

    /// Counts one less.
    pub(super) fn closed_directory(&self) {
        let mut book = self.book();
        book.open = book.open.saturating_sub(1);
    }

    /// A directory was made.
    pub(super) fn made_directory(&self) {
        let mut book = self.book();
        book.directories += 1;
        book.note();
    }

    /// A directory was removed.
    pub(super) fn removed_directory(&self) {
        let mut book = self.book();
        book.directories = book.directories.saturating_sub(1);
    }

    /// Something may have lost its name: it is counted no longer, if it has none and nobody has it open.
    pub(super) fn unnamed(&self, what: &OwnedFd) {
        let Ok(known) = rustix::fs::fstat(what) else { return };
        if known.st_nlink > 0 {
            return;
        }
        if FileType::from_raw_mode(known.st_mode) == FileType::Directory {
            return self.removed_directory();
        }
        let mut book = self.book();
        if let Some(entry) = book.files.get_mut(&known.st_ino) {
            entry.named = false;
        }
        book.sweep(known.st_ino);
    }
}

impl Book {
    fn count(&self) -> u64 {
        self.directories + self.files.len() as u64
    }

    fn set(&mut self, number: u64, bytes: u64, named: bool) {
        let entry = self.files.entry(number).or_insert(Entry { bytes: 0, open: 0, named });
        self.bytes = self.bytes.saturating_sub(entry.bytes).saturating_add(bytes);
        entry.bytes = bytes;
        self.note();
    }

    /// Drops a file that is gone: its number may be given to another.
    fn sweep(&mut self, number: u64) {
        if let Some(entry) = self.files.get(&number)
            && !entry.named
            && entry.open == 0
        {
            self.bytes = self.bytes.saturating_sub(entry.bytes);
            self.files.remove(&number);
        }
    }

    fn note(&self) {
        self.usage.scratch_bytes.raise(self.bytes);
        self.usage.scratch_files.raise(self.count());
    }

    fn refuse(&mut self, limit: &'static str, words: &str) -> io::Error {
        if !self.said.contains(&limit) {
            self.said.push(limit);
            if let Some(world) = &self.world {
                world.log(Level::Warning, Stream::Log, &format!("limit {limit} reached: {words}"));
            }
        }
        full()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::Path;

    use super::*;

    fn ledger() -> Ledger {
        let limits = Limits { scratch_bytes: 100, scratch_files: 3, ..Limits::default() };
        Ledger::new(&limits, Arc::default(), None)
    }

    fn made(ledger: &Ledger, path: &Path, bytes: usize) -> File {
        ledger.room().unwrap();
        let mut file = File::create(path).unwrap();
        ledger.opened(&file).unwrap();
        ledger.fits(&file, bytes as u64).unwrap();
        file.write_all(&vec![1; bytes]).unwrap();
        ledger.settle(&file);
        file
    }

    fn removed(ledger: &Ledger, path: &Path) {
        let seen = OwnedFd::from(File::open(path).unwrap());
        std::fs::remove_file(path).unwrap();
        ledger.unnamed(&seen);
    }

    #[test]
    fn what_is_removed_counts_until_it_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let (ledger, path) = (ledger(), folder.path().join("a"));
        let file = made(&ledger, &path, 60);
        assert!(ledger.fits(&file, 100).is_ok() && ledger.fits(&file, 101).is_err());
        removed(&ledger, &path);
        let other = made(&ledger, &folder.path().join("b"), 40);
        assert!(ledger.fits(&other, 41).is_err(), "the first is open still");
        ledger.closing(&file);
        drop(file);
        assert!(ledger.fits(&other, 100).is_ok());
        other.set_len(1).unwrap();
        ledger.settle(&other);
        assert_eq!(ledger.book().bytes, 1);
        assert_eq!(ledger.book().usage.scratch_bytes.get(), 100, "the most at a time");
    }

    #[test]
    fn files_and_directories_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = ledger();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        let (first, second) = (made(&ledger, &a, 1), made(&ledger, &b, 1));
        ledger.made_directory();
        assert_eq!(ledger.room().unwrap_err().raw_os_error(), Some(Errno::NOSPC.raw_os_error()));
        ledger.closing(&first);
        assert!(ledger.room().is_err(), "it has a name");
        let replaced = OwnedFd::from(File::open(&a).unwrap());
        std::fs::rename(&b, &a).unwrap();
        ledger.unnamed(&replaced);
        assert_eq!(ledger.book().count(), 2);
        assert_eq!(ledger.book().bytes, 1);
        ledger.removed_directory();
        ledger.closing(&second);
        assert_eq!(ledger.book().count(), 1);
    }
}
