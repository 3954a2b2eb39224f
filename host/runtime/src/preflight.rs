//! Looks at an image before anything is compiled: is it a component, does it keep to what the engine runs, does it ask only for
//! what is offered, does it export the contract's world. Not for: compiling it (`compile`), what it says of itself
//! (`describe` in `image`).

use std::collections::BTreeSet;

use wasmparser::{ComponentTypeRef, Encoding, Parser, Payload, Validator, WasmFeatures};

use crate::image::AcceptError;
use crate::refusal;

/// The package of the contract and the version that this node speaks.
pub(crate) const CONTRACT: &str = "parcae:component";
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
    if !bytes.starts_with(b"\0asm") {
        let text = "it does not begin as WebAssembly does; give the .wasm file that the build made";
        return Err(AcceptError::Compile(text.into()));
    }
    let world = wit_world(bytes)?;
    if !world.is_component {
        let text = "it is a core module; `wasm-tools component new` makes a component of one, and so do the build commands of \
                    `parcae component build`";
        return Err(AcceptError::Compile(text.into()));
    }
    Validator::new_with_features(features()).validate_all(bytes).map_err(|e| refusal::unread(bytes, &e))?;
    check_imports(&world.imports)?;
    let missing: Vec<&str> = EXPORTS.into_iter().filter(|name| !world.exports.contains(*name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let found: Vec<&str> = world.exports.iter().map(String::as_str).collect();
    let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
    let cure = refusal::rebuild();
    Err(AcceptError::World(format!("it lacks {}; it exports {found}; {cure}", missing.join(" and "))))
}

/// The same for who wants no more: what is said holds nothing that a terminal obeys.
pub fn look_at(bytes: &[u8]) -> Result<(), AcceptError> {
    check(bytes).map_err(AcceptError::tamed)
}

/// Reads which world a component has, and nothing else of it.
pub fn wit_world(bytes: &[u8]) -> Result<WitWorld, AcceptError> {
    read_world(bytes).map_err(|e| refusal::unread(bytes, &e))
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

/// What a component imports and exports, by name.
#[derive(Debug, Default)]
pub struct WitWorld {
    is_component: bool,
    /// `parcae:component/log@0.1.0`, and so on.
    pub imports: Vec<String>,
    /// `describe`, `run`, and what else there is.
    pub exports: BTreeSet<String>,
}

impl WitWorld {
    /// The world of the contract that the component was made for.
    pub fn target(&self) -> String {
        let found = self.imports.iter().find_map(|name| name.strip_prefix(CONTRACT)?.split_once('@'));
        let version = found.map_or(VERSION, |(_, version)| version);
        format!("{CONTRACT}/component@{version}")
    }
}

/// Names that the outermost component imports and exports.
fn read_world(bytes: &[u8]) -> Result<WitWorld, wasmparser::BinaryReaderError> {
    let mut world = WitWorld::default();
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
            return Err(AcceptError::World(other_version(version)));
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

/// What is said of a component for another version of the contract.
fn other_version(version: &str) -> String {
    let numbers = |text: &str| text.split('.').map(|part| part.parse::<u32>().ok()).collect::<Option<Vec<_>>>();
    let cure = match (numbers(version), numbers(VERSION)) {
        (Some(theirs), Some(ours)) if theirs > ours => "update the node, or build it for the older one",
        _ => "build it for the version of this node",
    };
    let theirs = if version.is_empty() { "no version".to_owned() } else { format!("version {version}") };
    format!("it is made for {theirs} of {CONTRACT}, and this node speaks {CONTRACT}@{VERSION}; {cure}")
}

/// Within 0.1 the contract only grows: what was made for an earlier patch still fits.
fn is_older(version: &str) -> bool {
    let patch = |text: &str| text.strip_prefix("0.1.")?.parse::<u32>().ok();
    matches!((patch(version), patch(VERSION)), (Some(theirs), Some(ours)) if theirs <= ours)
}
