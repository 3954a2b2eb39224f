//! Compiled code on the disk, one file an image and engine. Compiled code is trusted without a check when it is mapped,
//! so that each file carries a code of authentication under a key that only its user reads: a file that somebody changed
//! is not even looked at. Not for: compiling (`compile`).

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{fs, io};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wasmtime::{Engine, component::Component};

/// Bytes of a code of authentication.
const CODE: usize = 32;
/// Name of the file with the key.
const KEY: &str = "key";

/// A folder of compiled code.
pub(crate) struct Cache {
    folder: PathBuf,
    key: [u8; 32],
}

impl Cache {
    /// Opens a folder; makes it, and its key, when it is new.
    pub(crate) fn open(folder: &Path) -> io::Result<Cache> {
        fs::create_dir_all(folder)?;
        Ok(Cache { folder: folder.to_owned(), key: key(&folder.join(KEY))? })
    }

    /// The compiled code of an image, by the name under which it was kept; none when there is none for this engine, or
    /// when it is not what was written.
    pub(crate) fn load(&self, engine: &Engine, key: &str) -> Option<Vec<u8>> {
        let file = self.file(engine, key);
        let mut bytes = fs::read(&file).ok()?;
        let (code, compiled) = bytes.split_at_checked(CODE)?;
        if self.code(key, compiled).verify_slice(code).is_err() {
            tracing::warn!(file = %file.display(), "compiled code was changed by somebody: it is compiled again");
            return None;
        }
        bytes.drain(..CODE);
        Some(bytes)
    }

    /// Keeps the compiled code of an image; a disk that is full costs only time at the next start.
    pub(crate) fn keep(&self, engine: &Engine, key: &str, compiled: &[u8]) {
        let file = self.file(engine, key);
        let code = self.code(key, compiled).finalize().into_bytes();
        if let Err(error) = write(&file, &[&code, compiled].concat()) {
            tracing::warn!(file = %file.display(), "compiled code could not be kept: {error}");
        }
    }

    /// Removes what was kept under names that begin so.
    pub(crate) fn forget(&self, begin: &str) {
        for file in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if file.file_name().to_string_lossy().starts_with(begin) {
                // What stays is only never used again.
                let _ = fs::remove_file(file.path());
            }
        }
    }

    fn file(&self, engine: &Engine, key: &str) -> PathBuf {
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        self.folder.join(format!("{key}-{:016x}", hasher.finish()))
    }

    fn code(&self, key: &str, compiled: &[u8]) -> Hmac<Sha256> {
        let mut code = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length is good");
        code.update(key.as_bytes());
        code.update(compiled);
        code
    }
}

/// Compiled code as a component.
#[expect(unsafe_code, reason = "compiled code cannot be checked; see below for why it can be trusted")]
pub(crate) fn loaded(engine: &Engine, compiled: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes were made by this engine's compiler, in this process or in the one that it started, or they were
    // read from a file whose code of authentication under the node's own key was verified.
    unsafe { Component::deserialize(engine, compiled) }
}

/// The key of a folder, drawn when there is none that only its owner knows.
fn key(file: &Path) -> io::Result<[u8; 32]> {
    if fs::metadata(file).is_ok_and(|about| is_own(&about))
        && let Ok(bytes) = fs::read(file)
        && let Ok(key) = bytes.try_into()
    {
        return Ok(key);
    }
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|e| io::Error::other(e.to_string()))?;
    write(file, &key)?;
    // Another process may have been faster: what stands there counts.
    let stands = fs::read(file)?;
    stands.try_into().map_err(|_| io::Error::other("the key of the cache was not written whole"))
}

/// True for a file of this user that nobody else reads: who knows the key can have this process run anything.
#[cfg(unix)]
fn is_own(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    about.uid() == rustix::process::geteuid().as_raw() && about.mode() & 0o077 == 0
}

#[cfg(not(unix))]
fn is_own(_about: &fs::Metadata) -> bool {
    true
}

/// Writes a file that only its owner reads; it appears whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut other = tempfile::NamedTempFile::new_in(file.parent().unwrap_or(Path::new(".")))?;
    io::Write::write_all(&mut other, bytes)?;
    other.persist(file).map(|_| ()).map_err(|e| e.error)
}
