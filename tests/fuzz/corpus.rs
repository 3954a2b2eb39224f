//! Small inputs that are good, or nearly: what the targets begin with. Not for: inputs that failed, which become tests.

use std::fs;
use std::path::Path;

/// The files of a target, by name.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "nothing to begin with for {target}");
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}
