//! The directory of an attempt's own, `/scratch`, for modules with that grant: opened here, seen by the component
//! through WASI. Without the grant no directory is there. Not for: making and removing it (`node`).
//!
//! `ledger` knows what is in it and what may be; `wasi` is what the component calls, `stream` what it reads and writes
//! through.

mod ledger;
mod stream;
mod wasi;

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use parcae_domain::{attempt::Attempt, outcome::Outcome, port::World};
use rustix::fs::{Mode, OFlags};
use wasmtime::component::{HasSelf, Linker};
use wasmtime_wasi::filesystem::Dir;
use wasmtime_wasi::p2::bindings;
use wasmtime_wasi::{FsPerms, OpenMode};

use crate::state::{Halt, State};
use ledger::Ledger;

/// Where the component finds it.
const NAME: &str = "/scratch";

/// The directory of one attempt.
pub(crate) struct Scratch {
    folder: Option<io::Result<Dir>>,
    ledger: Ledger,
}

impl Scratch {
    /// Opens the directory of an attempt, if it has one: before the process that runs it is confined.
    pub(crate) fn open(attempt: &Attempt, world: Option<Arc<dyn World>>) -> Scratch {
        let folder = attempt.scratch.as_deref().map(open);
        Scratch { folder, ledger: Ledger::new(&attempt.limits, attempt.usage.clone(), world) }
    }

    /// The directory; none without the grant.
    fn folder(&self) -> wasmtime::Result<Option<&Dir>> {
        match &self.folder {
            None => Ok(None),
            Some(Ok(folder)) => Ok(Some(folder)),
            Some(Err(error)) => Err(Halt(Outcome::Node { message: format!("the scratch directory: {error}") }).into()),
        }
    }
}

/// All that is done in it is done on the thread that calls.
fn open(folder: &Path) -> io::Result<Dir> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = File::from(rustix::fs::open(folder, flags, Mode::empty())?);
    Ok(Dir::new(folder, FsPerms::ReadWrite, OpenMode::READ | OpenMode::WRITE, true))
}

/// Links WASI's files to what is counted here, in place of WASI's own.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    bindings::filesystem::preopens::add_to_linker::<State, HasSelf<State>>(linker, |state| state)?;
    bindings::sync::filesystem::types::add_to_linker::<State, HasSelf<State>>(linker, |state| state)
}
