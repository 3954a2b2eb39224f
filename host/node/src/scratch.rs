//! Scratch directories of attempts, below DATA/scratch: made before an attempt with that grant starts, gone when it has
//! ended, and all of them when the node is opened. Not for: what may be in one (`runtime`).

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use parcae_domain::{attempt::Attempt, grant::Grant};

use crate::options::Options;

/// The directory of one attempt; it goes with this.
#[derive(Debug)]
pub(crate) struct ScratchFolder(PathBuf);

impl ScratchFolder {
    /// Where it is, from the root on.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.0) {
            let folder = self.0.display();
            tracing::warn!(%folder, "a scratch directory stays until the next start, it cannot be removed: {error}");
        }
    }
}

fn root(options: &Options) -> PathBuf {
    options.data.join("scratch")
}

/// Makes the directory of an attempt that was granted one.
pub(crate) fn make(options: &Options, attempt: &Attempt) -> io::Result<Option<ScratchFolder>> {
    if !attempt.grants.contains(&Grant::Scratch) {
        return Ok(None);
    }
    let root = root(options);
    DirBuilder::new().mode(0o700).recursive(true).create(&root)?;
    let folder = root.canonicalize()?.join(attempt.id.to_string());
    DirBuilder::new().mode(0o700).create(&folder)?;
    Ok(Some(ScratchFolder(folder)))
}

/// Removes what a node that was killed left. To be called before anything runs.
pub(crate) fn clear(options: &Options) {
    let root = root(options);
    if let Err(error) = remove(&root)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(folder = %root.display(), "scratch directories of an earlier run could not be removed: {error}");
    }
}

/// Removes a directory with all that is in it. A component may nest deeper than recursion, open files and the length of
/// paths reach: what is in a directory is moved up, and none is entered.
fn remove(folder: &Path) -> io::Result<()> {
    let mut moved = 0;
    loop {
        let mut is_empty = true;
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            is_empty = false;
            if entry.file_type()?.is_dir() {
                open_up(&entry.path())?;
                empty(&entry.path(), folder, &mut moved)?;
                fs::remove_dir(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        if is_empty {
            return fs::remove_dir(folder);
        }
    }
}

/// Empties a directory: files go, directories go into another, under names that are free there.
fn empty(folder: &Path, into: &Path, moved: &mut u64) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            fs::remove_file(entry.path())?;
            continue;
        }
        let free = loop {
            *moved += 1;
            let name = into.join(format!(".moved-{moved}"));
            if name.symlink_metadata().is_err() {
                break name;
            }
        };
        open_up(&entry.path())?;
        fs::rename(entry.path(), free)?;
    }
    Ok(())
}

/// Whoever breaks out can make directories that their owner may not list or move.
fn open_up(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}

#[cfg(test)]
mod tests {
    use cap_std::{ambient_authority, fs::Dir};

    use super::*;

    #[test]
    fn whatever_was_left_goes() {
        let data = tempfile::tempdir().unwrap();
        let options = Options::new(data.path());
        clear(&options);
        let folder = root(&options).join("attempt");
        fs::create_dir_all(&folder).unwrap();
        let mut deep = Dir::open_ambient_dir(&folder, ambient_authority()).unwrap();
        for level in 0..3_000 {
            deep.write(format!(".moved-{level}"), "x").unwrap();
            deep.create_dir("d").unwrap();
            deep = deep.open_dir("d").unwrap();
        }
        for name in [".moved-1", "a", ".moved-3"] {
            fs::create_dir_all(folder.join("wide").join(name).join("b")).unwrap();
        }
        for mode in [0, 0o300] {
            let closed = folder.join("closed").join(mode.to_string());
            fs::create_dir_all(closed.join("within")).unwrap();
            fs::set_permissions(&closed, Permissions::from_mode(mode)).unwrap();
        }
        std::os::unix::fs::symlink(data.path(), folder.join("link")).unwrap();
        fs::write(data.path().join("other"), "x").unwrap();
        clear(&options);
        assert!(!root(&options).exists() && data.path().join("other").exists());
    }
}
