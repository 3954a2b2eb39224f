//! Words for why an image is refused, made of what the engine and the validator say: they name the thing and the cure,
//! and hold nothing that a terminal obeys. Not for: deciding what is refused (`preflight`, `image`, `description`).

use parcae_domain::limit::Limits;
use parcae_domain::text::printable;
use wasmparser::{BinaryReaderError, Validator, WasmFeatures};
use wasmtime::{Trap, WasmBacktrace};

use crate::image::AcceptError;
use crate::preflight::{CONTRACT, VERSION};
use crate::sandbox::counted;
use crate::state::Halt;

/// Versions of core modules and components, as they stand behind the magic bytes.
const FORMATS: [&[u8]; 2] = [b"\x01\0\0\0", b"\x0d\0\x01\0"];
/// Longest refusal, characters.
const LONGEST: usize = 4_000;

impl AcceptError {
    /// The same without anything that a terminal obeys: names that a component made up are part of what is said.
    pub(crate) fn tamed(self) -> AcceptError {
        let tame = |text: String| printable(&text, LONGEST);
        match self {
            AcceptError::Size(is, limit) => AcceptError::Size(is, limit),
            AcceptError::Compile(text) => AcceptError::Compile(tame(text)),
            AcceptError::Limit(text) => AcceptError::Limit(tame(text)),
            AcceptError::Unfit(text) => AcceptError::Unfit(tame(text)),
            AcceptError::Imports(text) => AcceptError::Imports(tame(text)),
            AcceptError::World(text) => AcceptError::World(tame(text)),
            AcceptError::Describe(text) => AcceptError::Describe(tame(text)),
        }
    }
}

/// Bytes that cannot be read as WebAssembly, or are not valid.
pub(crate) fn unread(bytes: &[u8], error: &BinaryReaderError) -> AcceptError {
    let other = bytes.get(4..8).is_some_and(|version| !FORMATS.contains(&version));
    let cure = if other {
        "it is WebAssembly of another version; build it with tools for WASI 0.2"
    } else if error.message().starts_with("unexpected end") {
        "it ends too early; copy or build it again"
    } else if error.message().contains("exceeds limit") || error.message().contains("exceeds the limit") {
        return AcceptError::Limit(format!("{error}; no node takes that many"));
    } else if error.message().contains("nesting is too deep") {
        return AcceptError::Limit(format!("{error}; no node takes it that deep"));
    } else if Validator::new_with_features(WasmFeatures::all()).validate_all(bytes).is_ok() {
        "no node has this feature of WebAssembly; build it without threads, 64-bit memories, exceptions, garbage \
         collection, relaxed SIMD and async"
    } else {
        "it is damaged, or the tool that made it has a fault; build it again"
    };
    AcceptError::Compile(format!("{error}; {cure}"))
}

/// Imports that the linker does not find, or finds with another type. The linker names the first one only.
pub(crate) fn unlinked(error: &wasmtime::Error) -> AcceptError {
    let said: Vec<String> = error.chain().map(|cause| cause.to_string()).collect();
    let [first, between @ .., root] = said.as_slice() else { return AcceptError::Imports(format!("{error:#}")) };
    let Some(import) = quoted(first) else { return AcceptError::Imports(format!("{error:#}")) };
    let (path, version) = import.split_once('@').unwrap_or((import, ""));
    let ours = path.strip_prefix(CONTRACT).and_then(|rest| rest.strip_prefix('/'));
    let name = match (ours, between.iter().find_map(|text| quoted(text))) {
        (Some(interface), Some(item)) => format!("{interface}.{item} of {CONTRACT}@{version}"),
        (_, Some(item)) => format!("{item} of {import}"),
        (_, None) => import.to_owned(),
    };
    let text = if !root.ends_with("implementation is missing") {
        format!("{name} with another type than it has here ({root}); {}", rebuild())
    } else if ours.is_some() {
        format!("{name}; it needs a newer node, or a build against the wit/ of this one")
    } else {
        format!("{name}; WASI 0.2 has nothing of that name here")
    };
    AcceptError::Imports(text)
}

/// Exports that are not of the world's types.
pub(crate) fn unfit(error: &wasmtime::Error) -> AcceptError {
    AcceptError::World(format!("{error:#}; {}", rebuild()))
}

/// How `describe` failed; `instances` is how many memories, tables and instances there may be of each.
pub(crate) fn undescribed(error: &wasmtime::Error, limits: &Limits) -> AcceptError {
    // What an attempt has as `memory_bytes` goes by another name here.
    let said = cause_first(error).replace("limit memory_bytes reached", "limit describe_memory_bytes reached");
    if let Some((_, most)) = counted(&said, limits) {
        return AcceptError::Describe(format!("{said}, {most} are allowed"));
    }
    // What goes wrong in the component's own code comes with a trace of it, and so do limits that it reaches there.
    let inside = error.is::<WasmBacktrace>() || error.is::<Trap>() || error.is::<Halt>();
    AcceptError::Describe(if inside { said } else { format!("what it returns cannot be read: {said}") })
}

/// An error with its causes; one of a limit begins with it, for its trace may be long.
fn cause_first(error: &wasmtime::Error) -> String {
    let (cause, outer) = (error.root_cause().to_string(), error.to_string());
    if cause.starts_with("limit ") && cause != outer { format!("{cause}\n{outer}") } else { format!("{error:#}") }
}

/// A refusal after what the component said last on its standard error: languages tell only there why they crash.
pub(crate) fn with_words(refused: AcceptError, words: &str) -> AcceptError {
    match refused {
        AcceptError::Describe(why) if !words.is_empty() => AcceptError::Describe(format!("{words}\n{why}")),
        other => other,
    }
}

/// The cure of a component that is not of this contract.
pub(crate) fn rebuild() -> String {
    format!("build it against the wit/ of {CONTRACT}@{VERSION}, which `parcae component new` puts into a project")
}

/// What stands between the first two backticks.
fn quoted(text: &str) -> Option<&str> {
    text.split('`').nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_component_come_first() {
        let said = |words: &str| with_words(AcceptError::Describe("a trap".into()), words).to_string();
        assert_eq!(said("panicked at src/lib.rs:3"), "describe failed: panicked at src/lib.rs:3\na trap");
        assert_eq!(said(""), "describe failed: a trap");
        let other = with_words(AcceptError::Imports("x".into()), "y").to_string();
        assert!(!other.contains('y') && other.ends_with(": x"), "{other}");
    }

    fn chained(causes: &[&str]) -> wasmtime::Error {
        let (root, rest) = causes.split_last().expect("a cause");
        let root = wasmtime::Error::msg((*root).to_owned());
        rest.iter().rev().fold(root, |error, context| error.context((*context).to_owned()))
    }

    fn said(causes: &[&str]) -> String {
        unlinked(&chained(causes)).to_string()
    }

    #[test]
    fn what_the_linker_says_is_told_with_a_cure() {
        let missing = ["component imports instance `parcae:component/models@0.1.0`, but", "export `forecast` has"];
        let text = said(&[missing[0], missing[1], "function implementation is missing"]);
        assert!(text.contains("offer: models.forecast of parcae:component@0.1.0; it needs a newer node"), "{text}");
        let text = said(&["imports instance `wasi:cli/x@0.2.0`", "`f`", "function implementation is missing"]);
        assert!(text.contains("f of wasi:cli/x@0.2.0; WASI 0.2 has nothing"), "{text}");
        let text = said(&[missing[0], missing[1], "expected `u64` found `string`"]);
        assert!(text.contains("another type than it has here (expected `u64` found `string`)"), "{text}");
        // Words that another version of the engine may choose.
        assert!(said(&["something else"]).ends_with("something else"));
    }

    #[test]
    fn nothing_reaches_a_terminal() {
        let text = AcceptError::Compile("\u{1b}[31m\u{202e}red".into()).tamed().to_string();
        assert!(text.ends_with("\u{fffd}[31m\u{fffd}red"), "{text:?}");
    }
}
