//! What this process is by itself: its program, and how many files it may have open. Not for: what attempts may
//! (`domain::limit`), processes of attempts (`process`).

use std::path::{Path, PathBuf};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Where Linux has the program of the process that asks.
const OWN: &str = "/proc/self/exe";

/// This very program, for `Settings::program`: also when its file has been replaced by a later version meanwhile, whose
/// processes this one would not understand.
pub fn own_program() -> Option<PathBuf> {
    let own = Path::new(OWN);
    if own.exists() { Some(own.to_owned()) } else { std::env::current_exe().ok() }
}

/// Lets this process have as many files open as it may at all; how many that are, unless there is no bound. Each connection,
/// each process of an attempt and each table that is open takes some.
pub fn open_files() -> Option<u64> {
    let may = getrlimit(Resource::Nofile);
    // Some systems refuse what they say they allow: then it stays as it was.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: may.maximum, maximum: may.maximum });
    getrlimit(Resource::Nofile).current
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_there_and_files_can_be_opened() {
        assert!(own_program().is_some_and(|program| program.exists()));
        let before = getrlimit(Resource::Nofile);
        let may = open_files();
        assert!(may.is_none_or(|may| before.current.is_some_and(|before| may >= before)));
    }
}
