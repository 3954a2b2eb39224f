//! `parcae component`: what an author of a component does, on their own machine. Not for: a node that runs (its operator pushes
//! to it over HTTP).

mod account;
mod build;
mod case;
mod check;
mod docs;
mod job;
mod new;
mod run;
mod show;
mod site;
mod tap;
mod template;

use std::{fs, path::Path, sync::Arc};

use anyhow::{Context, anyhow};
use parcae_runtime::{Image, Images, Settings};

use crate::{Done, args::Component, output::Output};

pub(crate) use tap::Fault;

/// Carries out what was typed.
pub(crate) fn run(command: &Component, output: Output) -> anyhow::Result<Done> {
    match command {
        Component::New(new) => new::run(new, output),
        Component::Build { dir } => build::run(dir.as_deref(), output),
        Component::Run(run) => run::run(run, output),
        Component::Check { wasm } => check::run(wasm, output),
        Component::Docs { wasm } => docs::run(wasm, output),
    }
}

/// Takes an image through everything that a node asks of it, in the same words.
fn accept(wasm: &Path) -> anyhow::Result<(Arc<Image>, usize)> {
    let bytes = fs::read(wasm).with_context(|| format!("component {}", wasm.display()))?;
    let settings = Settings { compiler: std::env::current_exe().ok(), ..Settings::default() };
    let machine = parcae_runtime::start(settings).map_err(|e| anyhow!("the sandbox cannot be started: {e:#}"))?;
    let image = Images::new(machine).add(&bytes).with_context(|| format!("component {}", wasm.display()))?;
    Ok((image, bytes.len()))
}
