//! The one file that an attempt may put out on the site's disk: where it may stand, and how it comes there whole or not
//! at all. Not for: what is in it (the component), downloads over HTTP (`server`).

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, MetadataExt, OpenOptions};
use parcae_domain::{
    id::AttemptId,
    outcome::{FailureKind, Outcome},
    port::PortError,
    tenant::TenantId,
};

use crate::options::Options;

/// Where a file is to stand.
#[derive(Debug, PartialEq)]
pub(crate) struct Place {
    /// A folder that the operator allows.
    root: PathBuf,
    /// The file's folder below it.
    folder: PathBuf,
    /// The file's name.
    name: OsString,
}

/// Folders of the site's disk that a tenant may put files out to.
#[derive(Clone, Debug)]
pub(crate) struct Folders {
    /// What relative paths begin at.
    local: PathBuf,
    /// Another one that the operator allows.
    more: Option<PathBuf>,
}

impl Folders {
    /// Those of a tenant: each has a folder of its own.
    pub(crate) fn of(options: &Options, tenant: &TenantId) -> Folders {
        let more = options.export_folder.clone().filter(|_| *tenant == TenantId::default_tenant());
        Folders { local: options.local_folder(tenant), more }
    }
}

/// Finds the place of a path of the site: below `DATA/local` or the operator's folder for exports, or relative to the
/// first. Symbolic links are not followed here: opening the place does not let them out.
pub(crate) fn place(folders: &Folders, path: &str) -> Result<Place, PortError> {
    let (given, local) = (Path::new(path), &folders.local);
    let found = if given.is_absolute() {
        let mut roots = std::iter::once(local).chain(folders.more.as_ref());
        roots.find_map(|root| Some((root.clone(), below(root, given)?)))
    } else {
        Some((local.clone(), given.to_path_buf()))
    };
    let stays = |rest: &Path| rest.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let Some((root, rest)) = found.filter(|(_, rest)| stays(rest)) else {
        return Err(PortError::Invalid(format!(
            "file {path:?} is not below a folder that this node may write to: `local` in its data folder, or the one that \
             its operator sets as `export_folder` in its configuration"
        )));
    };
    match rest.file_name() {
        Some(name) if !path.ends_with('/') => {
            let folder = rest.parent().map(Path::to_path_buf).unwrap_or_default();
            Ok(Place { root, folder, name: name.to_owned() })
        }
        _ => Err(PortError::Invalid(format!("{path:?} names a folder: add the name of a file"))),
    }
}

/// Whether a file could be begun under a path, as far as that can be told before.
pub(crate) fn check(folders: &Folders, path: &str) -> Result<(), PortError> {
    let Place { root, folder, name } = place(folders, path)?;
    // A folder that is not there yet holds nothing.
    let Ok(dir) = Dir::open_ambient_dir(&root, ambient_authority()) else { return Ok(()) };
    match dir.symlink_metadata(folder.join(name)) {
        Ok(_) => Err(PortError::Exists(exists(path))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(PortError::Invalid(format!("file {path:?} cannot be made: {e}"))),
    }
}

/// The rest of a path below a folder, however the folder is written.
fn below(root: &Path, given: &Path) -> Option<PathBuf> {
    let forms = [Some(root.to_path_buf()), std::path::absolute(root).ok(), root.canonicalize().ok()];
    forms.iter().flatten().find_map(|form| given.strip_prefix(form).ok()).map(Path::to_path_buf)
}

/// A file that is being written. Dropped before it is published, it leaves nothing behind; after that it keeps its hidden
/// name, too, until its attempt's end is stored. By that a later attempt knows whose the file is if the node is killed.
#[derive(Debug)]
pub(crate) struct Export {
    path: String,
    dir: Dir,
    name: OsString,
    unfinished: String,
    file: File,
    published: bool,
}

fn exists(path: &str) -> String {
    format!("file {path:?} exists, and files are not replaced: remove it, or choose another name")
}

/// Hidden name of the file until the end of its attempt is stored.
pub(crate) fn unfinished(by: &AttemptId, version: u32) -> String {
    format!(".parcae-{}-{}-{}-{version}.part", by.task, by.party.role, by.party.id)
}

/// Removes the hidden name that an attempt left, and the file itself unless the attempt succeeded. Without the hidden name
/// nobody can tell whose the file is.
fn clear(dir: &Dir, name: &OsStr, unfinished: &str, succeeded: impl FnOnce() -> bool) {
    let Ok(left) = dir.symlink_metadata(unfinished) else { return };
    let is_same = |there: cap_std::fs::Metadata| (there.dev(), there.ino()) == (left.dev(), left.ino());
    if dir.symlink_metadata(name).is_ok_and(is_same) && !succeeded() {
        let _ = dir.remove_file(name);
    }
    let _ = dir.remove_file(unfinished);
}

/// Removes what an attempt left that does not run any more.
pub(crate) fn withdraw(folders: &Folders, path: &str, by: &AttemptId, succeeded: impl FnOnce() -> bool) {
    let Ok(Place { root, folder, name }) = place(folders, path) else { return };
    let Ok(root) = Dir::open_ambient_dir(&root, ambient_authority()) else { return };
    let folder = if folder.as_os_str().is_empty() { Ok(root) } else { root.open_dir(&folder) };
    if let Ok(folder) = folder {
        clear(&folder, &name, &unfinished(by, by.version), succeeded);
    }
}

impl Export {
    /// Begins the file of an attempt. `succeeded` says of an earlier version of the attempt whether it ended well.
    pub(crate) fn begin(
        folders: &Folders,
        path: &str,
        by: &AttemptId,
        succeeded: impl Fn(u32) -> bool,
    ) -> Result<Export, PortError> {
        let Place { root, folder, name } = place(folders, path)?;
        let failed = |e: io::Error| match e.kind() {
            io::ErrorKind::StorageFull => PortError::Node(format!("file {path:?}: {e}")),
            _ => PortError::Invalid(format!("file {path:?} cannot be made: {e}")),
        };
        std::fs::create_dir_all(&root).map_err(failed)?;
        let mut dir = Dir::open_ambient_dir(&root, ambient_authority()).map_err(failed)?;
        if !folder.as_os_str().is_empty() {
            dir.create_dir_all(&folder).map_err(failed)?;
            dir = dir.open_dir(&folder).map_err(failed)?;
        }
        // What earlier attempts of the task left when the node was killed under them.
        for version in 0..by.version {
            clear(&dir, &name, &unfinished(by, version), || succeeded(version));
        }
        if dir.symlink_metadata(&name).is_ok() {
            return Err(PortError::Exists(exists(path)));
        }
        let unfinished = unfinished(by, by.version);
        let file = dir.open_with(&unfinished, OpenOptions::new().write(true).create_new(true)).map_err(failed)?;
        Ok(Export { path: path.to_owned(), dir, name, unfinished, file, published: false })
    }

    /// Adds bytes to its end.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), PortError> {
        self.file.write_all(bytes).map_err(|e| PortError::Node(format!("file {:?}: {e}", self.path)))
    }

    /// Gives the file its name, unless that is taken; why not, then.
    fn publish(&mut self) -> Result<(), String> {
        let failed = |e: io::Error| match e.kind() {
            io::ErrorKind::AlreadyExists => exists(&self.path),
            _ => format!("file {:?} cannot be finished: {e}", self.path),
        };
        self.file.sync_all().map_err(failed)?;
        match self.dir.hard_link(&self.unfinished, &self.dir, &self.name) {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(failed(e)),
            Err(_) => self.take_name().map_err(failed)?,
        }
        self.published = true;
        if let Ok(folder) = self.dir.open(".") {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    /// Once the end of its attempt is stored: after a success the file stays, otherwise it goes.
    pub(crate) fn conclude(&self, succeeded: bool) {
        clear(&self.dir, &self.name, &self.unfinished, || succeeded);
    }

    /// Where the file system knows no second names: an empty file takes the name first, so that nobody else's is
    /// replaced.
    fn take_name(&self) -> io::Result<()> {
        self.dir.open_with(&self.name, OpenOptions::new().write(true).create_new(true))?;
        let renamed = self.dir.rename(&self.unfinished, &self.dir, &self.name);
        if renamed.is_err() {
            let _ = self.dir.remove_file(&self.name);
        }
        renamed
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        if !self.published {
            let _ = self.dir.remove_file(&self.unfinished);
        }
    }
}

/// What the end of an attempt means for its file: with success it appears under its name and is returned, to be concluded;
/// otherwise nothing of it is left.
pub(crate) fn settle(export: Option<Export>, outcome: Outcome) -> (Option<Export>, Outcome) {
    match (export, outcome) {
        (Some(mut export), Outcome::Success) => match export.publish() {
            Ok(()) => (Some(export), Outcome::Success),
            Err(message) => (None, Outcome::Failed { kind: FailureKind::Input, message }),
        },
        (_, outcome) => (None, outcome),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use parcae_domain::{
        id::{JobId, TaskId},
        party::{Party, Role},
    };

    use super::*;

    const LOCAL: &str = "local";

    fn by(version: u32) -> AttemptId {
        let task = TaskId { job: JobId("202611211245592490001".into()), component: "download_0".into() };
        AttemptId { task, version, party: Party::new(Role::Local, 0) }
    }

    fn begin(folders: &Folders, path: &str) -> Result<Export, String> {
        Export::begin(folders, path, &by(1), |_| false).map_err(|e| e.to_string())
    }

    fn names(folder: &Path) -> Vec<String> {
        let all = fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<String> = all.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_whole_and_replaces_none() {
        let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut options = Options::new(data.path());
        options.export_folder = Some(other.path().to_path_buf());
        let folders = Folders::of(&options, &TenantId::default());
        let far = other.path().join("new/b.csv").display().to_string();
        for (path, folder, name) in
            [("a.csv", data.path().join(LOCAL), "a.csv"), (far.as_str(), other.path().join("new"), "b.csv")]
        {
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(unfinished(&by(0), 0)), "left by a crash").unwrap();
            let mut export = begin(&folders, path).unwrap();
            export.write(b"one,").unwrap();
            export.write(b"two").unwrap();
            assert_eq!(names(&folder), [unfinished(&by(1), 1)]);
            let (published, outcome) = settle(Some(export), Outcome::Success);
            assert_eq!(outcome, Outcome::Success);
            assert_eq!(names(&folder), [unfinished(&by(1), 1).as_str(), name]);
            published.unwrap().conclude(true);
            assert_eq!(names(&folder), [name]);
            assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), "one,two");
            assert!(begin(&folders, path).unwrap_err().contains("exists"));
        }
        let failed = begin(&folders, "c.csv").unwrap();
        assert_eq!(settle(Some(failed), Outcome::Canceled).1, Outcome::Canceled);
        let late = begin(&folders, "c.csv").unwrap();
        fs::write(data.path().join("local/c.csv"), "came meanwhile").unwrap();
        let (_, outcome) = settle(Some(late), Outcome::Success);
        assert!(matches!(&outcome, Outcome::Failed { message, .. } if message.contains("exists")), "{outcome:?}");
        assert_eq!(names(&data.path().join(LOCAL)), ["a.csv", "c.csv"]);
        assert_eq!(fs::read_to_string(data.path().join("local/c.csv")).unwrap(), "came meanwhile");
    }

    #[test]
    fn what_a_killed_node_published_and_did_not_store_is_made_again() {
        let data = tempfile::tempdir().unwrap();
        let folders = Folders::of(&Options::new(data.path()), &TenantId::default());
        let root = data.path().join(LOCAL);
        let again = |version: u32, succeeded: bool| {
            let export = Export::begin(&folders, "a.csv", &by(version), |_| succeeded).map_err(|e| e.to_string())?;
            // Dropped as it is when the node ends before it is concluded.
            settle(Some(export), Outcome::Success).0.ok_or_else(|| "not published".to_owned()).map(drop)
        };
        assert_eq!(again(0, false), Ok(()));
        assert_eq!(names(&root), [unfinished(&by(0), 0).as_str(), "a.csv"]);
        assert_eq!(again(1, false), Ok(()));
        assert_eq!(names(&root), [unfinished(&by(1), 1).as_str(), "a.csv"]);
        assert!(again(2, true).unwrap_err().contains("exists"), "that of an attempt that succeeded stays");
        assert_eq!(names(&root), ["a.csv"]);
        fs::write(root.join(unfinished(&by(2), 2)), "half").unwrap();
        assert!(again(3, false).unwrap_err().contains("exists"), "somebody else's file stays");
        assert_eq!(names(&root), ["a.csv"]);
        let export = Export::begin(&folders, "b.csv", &by(0), |_| false).unwrap();
        settle(Some(export), Outcome::Success).0.unwrap().conclude(false);
        assert_eq!(names(&root), ["a.csv"]);
    }

    #[test]
    fn each_tenant_has_a_folder_of_its_own() {
        let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut options = Options::new(data.path());
        options.export_folder = Some(other.path().to_path_buf());
        let folders = Folders::of(&options, &"bank".parse().unwrap());
        drop(begin(&folders, "a.csv").unwrap());
        assert!(data.path().join("tenants/bank/local").is_dir() && !data.path().join(LOCAL).exists());
        for root in [other.path().to_path_buf(), data.path().join(LOCAL)] {
            assert!(begin(&folders, &root.join("a.csv").display().to_string()).is_err());
        }
    }

    #[test]
    fn no_path_leads_out() {
        let data = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let folders = Folders::of(&Options::new(data.path()), &TenantId::default());
        let root = data.path().join(LOCAL);
        fs::create_dir_all(&root).unwrap();
        let secret = format!("{}/../parcae.sqlite", root.display());
        let elsewhere = outside.path().join("x.csv").display().to_string();
        for path in ["../x.csv", "a/../../x.csv", secret.as_str(), elsewhere.as_str(), "/etc/passwd"] {
            assert!(begin(&folders, path).unwrap_err().contains("export_folder"), "{path}");
        }
        for path in [".", "a/", root.display().to_string().as_str()] {
            assert!(begin(&folders, path).unwrap_err().contains("names a folder"), "{path}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(outside.path(), root.join("way")).unwrap();
            std::os::unix::fs::symlink(outside.path().join("x.csv"), root.join("x.csv")).unwrap();
            assert!(begin(&folders, "way/x.csv").is_err());
            assert!(begin(&folders, "way/deeper/x.csv").is_err());
            assert!(begin(&folders, "x.csv").unwrap_err().contains("exists"));
        }
        assert!(names(outside.path()).is_empty());
        assert!(names(data.path()) == [LOCAL]);
    }
}
