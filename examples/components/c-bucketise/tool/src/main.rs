//! What C needs to become a component, in one small program: `bindings WIT FOLDER` writes C bindings of the world
//! `component`, `new CORE.wasm COMPONENT.wasm` makes a component of what clang linked. The same as `wit-bindgen c`
//! and `wasm-tools component new` with the WASI preview 1 adapter, but it builds in a minute. Not for: compiling C
//! (build.sh).

use std::{env, fs, path::Path};

use anyhow::{Context, Result, bail};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wasm_encoder::{Module, RawSection};
use wasmparser::{Parser, Payload};
use wit_bindgen_core::{Files, wit_parser::Resolve};
use wit_component::ComponentEncoder;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["bindings", wit, folder] => bindings(wit.as_ref(), folder.as_ref()),
        ["new", core, component] => new(core.as_ref(), component.as_ref()),
        _ => bail!("usage: c-component bindings WIT FOLDER | c-component new CORE.wasm COMPONENT.wasm"),
    }
}

/// Writes `component.h`, `component.c` and `component_component_type.o` into a folder.
fn bindings(wit: &Path, folder: &Path) -> Result<()> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(wit)?;
    let world = resolve.select_world(&[package], Some("component"))?;
    let mut files = Files::default();
    wit_bindgen_c::Opts::default().build().generate(&mut resolve, world, &mut files)?;
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    for (name, content) in files.iter() {
        fs::write(folder.join(name), content).with_context(|| name.to_owned())?;
    }
    Ok(())
}

/// Makes a component of a core module that was linked with the bindings. The adapter is left out when nothing needs it.
fn new(core: &Path, component: &Path) -> Result<()> {
    let module = fs::read(core).with_context(|| core.display().to_string())?;
    let mut encoder = ComponentEncoder::default();
    encoder.module(&without_debug(&module)?)?;
    encoder.adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)?;
    let bytes = encoder.validate(true).encode()?;
    fs::write(component, bytes).with_context(|| component.display().to_string())
}

/// Leaves out what only debuggers read: of wasi-libc alone that is a megabyte. The names of functions stay, for the
/// backtrace of a crash.
fn without_debug(module: &[u8]) -> Result<Vec<u8>> {
    let mut kept = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let is_debug = matches!(&payload, Payload::CustomSection(section) if section.name().starts_with(".debug"));
        if let (false, Some((id, range))) = (is_debug, payload.as_section()) {
            kept.section(&RawSection { id, data: &module[range.start as usize..range.end as usize] });
        }
    }
    Ok(kept.finish())
}
