//! The sandbox in which `build`, `run` and the other commands of authors accept a component. What one of them compiled
//! is kept in the user's own cache for the next: Python and JavaScript take many seconds. Not for: the cache of a node
//! (its data folder), whether kept code may be trusted (`parcae_runtime`).

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::anyhow;
use parcae_runtime::{Images, Settings};

/// Files of compiled code that are kept, the youngest; one of JavaScript has 40 MB.
const KEPT: usize = 12;
/// Name of the file with the key under which kept code is trusted.
const KEY: &str = "key";

/// No images yet; compiled code is kept in a folder, if one is given.
pub(super) fn images(folder: Option<PathBuf>) -> anyhow::Result<Images> {
    let settings = Settings { program: parcae_runtime::own_program(), cache: folder, ..Settings::default() };
    let machine = parcae_runtime::start(settings).map_err(|e| anyhow!("the sandbox cannot be started: {e:#}"))?;
    Ok(Images::new(machine))
}

/// The same with the user's own cache; without one where there is none, or none that can be written.
pub(super) fn kept_images() -> anyhow::Result<Images> {
    let Some(folder) = folder() else { return images(None) };
    prune(&folder, KEPT);
    images(Some(folder)).or_else(|_| images(None))
}

/// `parcae` in the folder that the user's system has for caches.
fn folder() -> Option<PathBuf> {
    let named = |name: &str| env::var_os(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let home = || named("HOME").map(|home| home.join(".cache"));
    Some(named("XDG_CACHE_HOME").or_else(home)?.join("parcae"))
}

/// Removes all files but the youngest, and the key.
fn prune(folder: &Path, keep: usize) {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().filter(|file| file.file_name() != KEY);
    let aged = files.filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path())));
    let mut aged: Vec<_> = aged.collect();
    aged.sort_unstable_by(|one, other| other.cmp(one));
    for (_, file) in aged.iter().skip(keep) {
        // What stays takes room, and nothing else.
        let _ = fs::remove_file(file);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn the_youngest_files_and_the_key_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for (name, seconds) in [("key", 1), ("old", 2), ("young", 9), ("older", 1), ("middle", 5)] {
            let file = fs::File::create(folder.path().join(name)).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
        }
        prune(folder.path(), 2);
        let there = fs::read_dir(folder.path()).unwrap().flatten();
        let mut names: Vec<_> = there.map(|file| file.file_name().into_string().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, ["key", "middle", "young"]);
        prune(&folder.path().join("nowhere"), 2);
    }
}
