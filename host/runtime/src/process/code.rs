//! Compiled code of an image in a file in memory that nobody can change any more: checked by the node before it is sealed,
//! mapped by any number of workers, which then share its pages. Not for: making the code (`compile`).

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, memfd_create};
use wasmtime::{Engine, component::Component};

/// Everything that could change a file in memory.
const SEALS: SealFlags = SealFlags::SEAL.union(SealFlags::SHRINK).union(SealFlags::GROW).union(SealFlags::WRITE);

/// Sealed code.
pub(crate) struct Code(OwnedFd);

impl Code {
    /// Copies code, which must be the node's own, into a sealed file.
    pub(crate) fn seal(code: &[u8]) -> io::Result<Code> {
        let mut file = File::from(memfd_create("parcae-code", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
        file.write_all(code)?;
        fcntl_add_seals(&file, SEALS)?;
        Ok(Code(file.into()))
    }

    /// The file, for a worker.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// The code as a component, in a worker.
    #[expect(unsafe_code, reason = "compiled code cannot be checked; see below for why it can be trusted")]
    pub(crate) fn load(engine: &Engine, code: &OwnedFd) -> Result<Component, String> {
        let seals = fcntl_get_seals(code).map_err(|e| format!("the code of the image: {e}"))?;
        if !seals.contains(SEALS) {
            return Err("the code of the image is not sealed".into());
        }
        let path = format!("/proc/self/fd/{}", code.as_raw_fd());
        // SAFETY: the file came over the socket that the node made for this process, before anything of a component ran;
        // the node had made its content or verified it, and the seals say that nobody can change it while it is mapped.
        unsafe { Component::deserialize_file(engine, path) }.map_err(|e| format!("the code of the image: {e:#}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_code_stays_as_it_is() {
        let code = Code::seal(b"code").unwrap();
        let mut other = File::from(code.descriptor().try_clone_to_owned().unwrap());
        assert!(other.write_all(b"x").is_err() && other.set_len(1).is_err());
        assert_eq!(std::os::unix::fs::FileExt::read_at(&other, &mut [0; 8], 0).unwrap(), 4);
    }
}
