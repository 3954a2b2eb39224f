//! Reading logs back: by line, by byte for whoever follows, and as a list of files for an archive. Half a line that is
//! just being written is never shown. Not for: writing them, or who may read them.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use cap_std::fs::Dir;
use memchr::memrchr;
use parcae_domain::id::JobId;

use crate::{
    dir::{LogDir, LogError, check_job},
    index::read_at,
    indexes::at_offset,
    key::LogKey,
    line::MAX_LINE,
};

/// Most lines that one `cat` answers.
pub const MAX_CAT_LINES: u64 = 100_000;
/// Bytes after which one `cat` ends.
pub const MAX_CAT_BYTES: usize = 16 << 20;
/// Most bytes that one `read_from` answers.
pub const MAX_READ: usize = 4 << 20;

/// Bytes that a reader asks the operating system for.
pub(crate) const BUFFER: usize = 64 << 10;
/// Folders in folders that the logs of a job may have.
const MAX_DEPTH: usize = 5;

/// A file of a job's logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobFile {
    /// Its path within the job's folder: `guest/9999/INFO.log`.
    pub relative: PathBuf,
    /// Where it is.
    pub absolute: PathBuf,
    /// Its bytes now; it may still grow.
    pub bytes: u64,
}

impl LogDir {
    /// Number of whole lines; 0 when there is no such file.
    pub fn size(&self, key: &LogKey) -> Result<u64, LogError> {
        Ok(self.place(key, |lines| lines.saturating_add(1))?.map_or(0, |place| place.lines))
    }

    /// Lines `begin` to `end`, counted from 1 and both included, with their numbers and without their ends. Ends early
    /// at the end of the file, after `MAX_CAT_LINES` or after `MAX_CAT_BYTES`. Empty when there is no such file.
    pub fn cat(&self, key: &LogKey, begin: u64, end: u64) -> Result<Vec<(u64, String)>, LogError> {
        let begin = begin.max(1);
        let end = end.min(begin.saturating_add(MAX_CAT_LINES - 1));
        let Some(place) = self.place(key, |_| begin)? else { return Ok(Vec::new()) };
        if begin > place.lines {
            return Ok(Vec::new());
        }
        let file = at_offset(place.file, place.offset).map_err(failed(key))?;
        lines(&mut BufReader::with_capacity(BUFFER, file), begin, end).map_err(failed(key))
    }

    /// Whole lines from byte `offset` on, about `max` bytes of them (at least one line, at most `MAX_READ`), and the
    /// offset at which to go on. An offset beyond the end, as after a rotation, begins anew; no file is an empty one.
    pub fn read_from(&self, key: &LogKey, offset: u64, max: usize) -> Result<(String, u64), LogError> {
        let Some(file) = self.open_for_reading(key)? else { return Ok((String::new(), 0)) };
        let len = file.metadata().map_err(failed(key))?.len();
        let offset = if offset > len { 0 } else { offset };
        let window = max.clamp(MAX_LINE, MAX_READ);
        let mut buffer = vec![0u8; usize::try_from(len - offset).unwrap_or(usize::MAX).min(window)];
        let read = read_at(&file, &mut buffer, offset).map_err(failed(key))?;
        buffer.truncate(read);
        let end = match memrchr(b'\n', &buffer) {
            Some(at) => at + 1,
            // None of our lines is that long: pass on what is there, rather than stop for ever.
            None if read == window => read,
            None => 0,
        };
        Ok((String::from_utf8_lossy(&buffer[..end]).into_owned(), offset + end as u64))
    }

    /// All files of a job's logs, by name; none when the job has no logs.
    pub fn files(&self, job: &JobId) -> Result<Vec<JobFile>, LogError> {
        check_job(job)?;
        let absolute = self.inner.root.join(job.as_str());
        let dir = match self.inner.dir.open_dir(job.as_str()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(LogError::io(format!("listing the logs of job {job}")))?,
        };
        let mut found = Vec::new();
        walk(&dir, Path::new(""), MAX_DEPTH, &mut found)
            .map_err(LogError::io(format!("listing the logs of job {job}")))?;
        found.sort();
        let file = |(relative, bytes): (PathBuf, u64)| JobFile { absolute: absolute.join(&relative), relative, bytes };
        Ok(found.into_iter().map(file).collect())
    }

    /// Waits until the disk has all logs of a job, as at its end.
    pub fn sync(&self, job: &JobId) -> Result<(), LogError> {
        let failed = || LogError::io(format!("saving the logs of job {job}"));
        let mut folders = BTreeSet::from([PathBuf::new()]);
        for file in self.files(job)? {
            let path = Path::new(job.as_str()).join(&file.relative);
            folders.extend(path.ancestors().skip(1).map(Path::to_path_buf));
            self.inner.dir.open(&path).and_then(|file| file.sync_all()).map_err(failed())?;
        }
        for folder in folders {
            File::open(self.inner.root.join(folder)).and_then(|folder| folder.sync_all()).map_err(failed())?;
        }
        self.inner.handles.close(&format!("{job}/"));
        Ok(())
    }

    pub(crate) fn open_for_reading(&self, key: &LogKey) -> Result<Option<File>, LogError> {
        let file = match self.inner.dir.open(key.path()) {
            Ok(file) => file.into_std(),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(failed(key)(error)),
        };
        let is_file = file.metadata().map_err(failed(key))?.is_file();
        Ok(is_file.then_some(file))
    }
}

/// Says of which log something could not be read.
pub(crate) fn failed(key: &LogKey) -> impl FnOnce(io::Error) -> LogError + use<> {
    LogError::io(format!("reading log {}", key.path()))
}

/// Reads the lines `begin` to `end`, from a reader that stands at `begin`.
fn lines(reader: &mut impl BufRead, begin: u64, end: u64) -> io::Result<Vec<(u64, String)>> {
    let (mut lines, mut bytes) = (Vec::new(), 0);
    let mut line = Vec::new();
    for number in begin..=end {
        line.clear();
        // Bounded, should a file hold something that this crate did not write.
        let read = reader.by_ref().take(MAX_CAT_BYTES as u64).read_until(b'\n', &mut line)?;
        bytes += read;
        if line.pop() != Some(b'\n') {
            break;
        }
        lines.push((number, String::from_utf8_lossy(&line).into_owned()));
        if bytes >= MAX_CAT_BYTES {
            break;
        }
    }
    Ok(lines)
}

/// Collects regular files and their bytes; links are not followed.
fn walk(dir: &Dir, prefix: &Path, depth: usize, found: &mut Vec<(PathBuf, u64)>) -> io::Result<()> {
    for entry in dir.entries()? {
        let entry = entry?;
        let path = prefix.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_file() {
            found.push((path, entry.metadata()?.len()));
        } else if kind.is_dir() && depth > 0 {
            walk(&entry.open_dir()?, &path, depth - 1, found)?;
        }
    }
    Ok(())
}
