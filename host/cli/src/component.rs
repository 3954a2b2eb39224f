//! `parcae component`: what an author of a component does on their own machine, and the components of a node. Not for: what
//! each command does (a file for each).

mod account;
mod build;
mod case;
mod check;
mod docs;
mod job;
mod kept;
mod new;
mod oci;
mod run;
mod shared;
mod show;
mod signed;
mod site;
mod tap;
mod template;

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
    sync::Arc,
};

use anyhow::{Context, anyhow};
use parcae_domain::limit::IMAGE_BYTES;
use parcae_runtime::{AcceptError, Image};

use crate::{Done, UsageError, args::Component, client::Client, output::Output};

pub(crate) use tap::Fault;

/// Carries out what was typed.
pub(crate) fn run(
    command: &Component,
    client: impl FnOnce() -> Result<Client, UsageError>,
    output: Output,
) -> anyhow::Result<Done> {
    match command {
        Component::New(new) => new::run(new, output),
        Component::Build { dir } => build::run(dir.as_deref(), output),
        Component::Run(run) => run::run(run, output),
        Component::Check { wasm } => check::run(wasm, output),
        Component::Docs { wasm } => docs::run(wasm, output),
        Component::Pull(pull) => oci::pull(pull, output),
        Component::Publish(publish) => oci::publish(publish, output),
        Component::Push(push) => shared::push(&client()?, push, output),
        Component::List => shared::list(&client()?, output),
        Component::Grant(give) => shared::grant(&client()?, give, output),
        Component::Remove { component } => shared::remove(&client()?, component, output),
        Component::Keygen(keygen) => signed::keygen(keygen, output),
        Component::Sign(sign) => signed::sign(sign, output),
    }
}

/// Reads a file that may be a component: what has no end, or waits for somebody who writes, is none.
fn read(wasm: &Path) -> anyhow::Result<Vec<u8>> {
    let named = || format!("component {}", wasm.display());
    let about = fs::metadata(wasm).with_context(named)?;
    if !about.is_file() {
        return Err(anyhow!("it is no file; give the .wasm file that the build made")).with_context(named);
    }
    if about.len() > IMAGE_BYTES as u64 {
        let bytes = usize::try_from(about.len()).unwrap_or(usize::MAX);
        return Err(AcceptError::Size(bytes, IMAGE_BYTES)).with_context(named);
    }
    let (mut bytes, most) = (Vec::new(), IMAGE_BYTES as u64 + 1);
    File::open(wasm).and_then(|file| file.take(most).read_to_end(&mut bytes)).with_context(named)?;
    Ok(bytes)
}

/// Takes an image through everything that a node asks of it, in the same words.
fn accept_bytes(wasm: &Path, bytes: &[u8]) -> anyhow::Result<Arc<Image>> {
    kept::kept_images()?.add(bytes).with_context(|| format!("component {}", wasm.display()))
}
