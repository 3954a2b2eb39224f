//! Looks at an image before anything is compiled: is it a component, does it keep to what the engine runs, does it ask only for
//! what is offered, does it export the contract's world. Not for: compiling it (`compile`), what it says of itself
//! (`describe` in `image`).

use std::collections::BTreeSet;

use wasmparser::{ComponentTypeRef, Encoding, Parser, Payload, Validator, WasmFeatures};

use crate::image::AcceptError;

/// The package of the contract and the version that this node speaks.
const CONTRACT: &str = "parcae:component";
/// Its version.
pub(crate) const VERSION: &str = "0.1.0";
/// Interfaces of the contract that a component may import.
const INTERFACES: [&str; 11] =
    ["types", "descriptor", "context", "log", "tables", "federation", "he", "psi", "models", "metrics", "site"];
/// Packages of WASI 0.2 that are linked, with nothing behind them.
const WASI: [&str; 6] = ["wasi:cli", "wasi:clocks", "wasi:filesystem", "wasi:io", "wasi:random", "wasi:sockets"];
/// What a component must export.
const EXPORTS: [&str; 2] = ["describe", "run"];

/// Checks an image without running or compiling it.
pub(crate) fn check(bytes: &[u8]) -> Result<(), AcceptError> {
    let broken = |e: wasmparser::BinaryReaderError| AcceptError::Compile(format!("{e}"));
    if !bytes.starts_with(b"\0asm") {
        let text = "it does not begin as WebAssembly does; give the .wasm file that the build made";
        return Err(AcceptError::Compile(text.into()));
    }
    let world = read_world(bytes).map_err(broken)?;
    if !world.is_component {
        let text = "it is a core module; `wasm-tools component new` makes a component of one, and so do the build commands of \
                    `parcae component build`";
        return Err(AcceptError::Compile(text.into()));
    }
    Validator::new_with_features(features()).validate_all(bytes).map_err(broken)?;
    check_imports(&world.imports)?;
    let missing: Vec<&str> = EXPORTS.into_iter().filter(|name| !world.exports.contains(*name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let found: Vec<&str> = world.exports.iter().map(String::as_str).collect();
    let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
    Err(AcceptError::World(format!("it lacks {}; it exports {found}", missing.join(" and "))))
}

/// Exactly what the engine runs: WebAssembly without threads, 64-bit memories, garbage collection and relaxed SIMD.
fn features() -> WasmFeatures {
    let off = WasmFeatures::THREADS
        | WasmFeatures::MEMORY64
        | WasmFeatures::RELAXED_SIMD
        | WasmFeatures::EXCEPTIONS
        | WasmFeatures::LEGACY_EXCEPTIONS
        | WasmFeatures::STACK_SWITCHING
        | WasmFeatures::CUSTOM_PAGE_SIZES
        | WasmFeatures::CM_ASYNC
        | WasmFeatures::GC;
    WasmFeatures::default().difference(off)
}

#[derive(Default)]
struct World {
    is_component: bool,
    imports: Vec<String>,
    exports: BTreeSet<String>,
}

/// Names that the outermost component imports and exports.
fn read_world(bytes: &[u8]) -> Result<World, wasmparser::BinaryReaderError> {
    let mut world = World::default();
    let mut depth = 0u32;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { encoding, .. } if depth == 0 => world.is_component = encoding == Encoding::Component,
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            // The last end is that of the outermost component.
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(imports) if depth == 0 => {
                for import in imports {
                    let import = import?;
                    // Types that the world shares with an interface come as imports, too; they ask for nothing.
                    if !matches!(import.ty, ComponentTypeRef::Type(_)) {
                        world.imports.push(import.name.name.to_owned());
                    }
                }
            }
            Payload::ComponentExportSection(exports) if depth == 0 => {
                for export in exports {
                    world.exports.insert(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(world)
}

/// Names everything that is imported and not offered, all at once; a contract of another version is told as such.
fn check_imports(imports: &[String]) -> Result<(), AcceptError> {
    let mut unknown = Vec::new();
    for import in imports {
        let (path, version) = import.split_once('@').unwrap_or((import, ""));
        let (package, interface) = path.split_once('/').unwrap_or((path, ""));
        if package == CONTRACT && version != VERSION && !is_older(version) {
            let text = format!("it is made for {CONTRACT}@{version}, and this node speaks {CONTRACT}@{VERSION}");
            return Err(AcceptError::World(text));
        }
        let known = if package == CONTRACT {
            INTERFACES.contains(&interface)
        } else {
            WASI.contains(&package) && version.starts_with("0.2.")
        };
        if !known {
            unknown.push(import.as_str());
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    let offered = format!("{CONTRACT}/{{{}}}@{VERSION} and WASI 0.2 ({})", INTERFACES.join(", "), WASI.join(", "));
    Err(AcceptError::Imports(format!("{}; offered are {offered}", unknown.join(", "))))
}

/// Within 0.1 the contract only grows: what was made for an earlier patch still fits.
fn is_older(version: &str) -> bool {
    let patch = |text: &str| text.strip_prefix("0.1.")?.parse::<u32>().ok();
    matches!((patch(version), patch(VERSION)), (Some(theirs), Some(ours)) if theirs <= ours)
}
