//! Images are compiled in a process of their own, with limits: what the node says when that process fails, is stopped,
//! or is not there, and what the process itself says. Not for: images that are refused before they are compiled (the
//! tests of whole nodes).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(unix)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use parcae_runtime::{COMPILE_COMMAND, Images, Settings, start};
use tempfile::TempDir;

/// What is said of an image that the compiler refuses, and of one that is beyond its limits.
const NOT_COMPILED: &str = "not a WebAssembly component that this node can run: ";
const BEYOND: &str = "this node does not take it: ";

fn parcae() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_parcae"))
}

fn image() -> &'static [u8] {
    parcae_catalog::get("reader").unwrap()
}

/// Runs the compiler as a node does.
fn compiler(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(parcae());
    command.arg(COMPILE_COMMAND).args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may end before it has read all.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Accepts an image with these settings and the compiler in a process of its own; why not, if not.
fn accepted(change: impl FnOnce(&mut Settings)) -> Result<(), String> {
    let mut settings = Settings { program: Some(parcae()), ..Settings::default() };
    change(&mut settings);
    Images::new(start(settings).unwrap()).add(image()).map(|_| ()).map_err(|e| e.to_string())
}

/// A program in the place of the compiler, which does this.
fn script(folder: &Path, code: &str) -> PathBuf {
    let file = folder.join("compiler");
    // Another process writes it: a program that this one holds open, or passes on to a child, cannot be started.
    let write = r#"printf '#!/bin/sh\n%s\n' "$1" > "$2" && chmod +x "$2""#;
    let written = Command::new("sh").args(["-c", write, "sh", code]).arg(&file).status().unwrap();
    assert!(written.success());
    file
}

#[test]
fn an_image_is_compiled_by_a_process_of_its_own() {
    let output = compiler(&["1048576", "60", "4294967296"], image());
    assert_eq!((output.status.code(), said(&output)), (Some(0), String::new()));
    assert!(output.stdout.len() > image().len() / 10, "{} bytes of code", output.stdout.len());
    assert_eq!(accepted(|_| ()), Ok(()));
}

#[test]
fn what_is_no_image_is_told_on_standard_error() {
    for input in [&b""[..], b"garbage", &image()[..image().len() / 2]] {
        let output = compiler(&["1048576", "60", "4294967296"], input);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{}", said(&output));
        assert!(said(&output).contains("failed to parse WebAssembly"), "{}", said(&output));
    }
    let bad: [&[&str]; 4] = [&[], &["1048576", "60"], &["1048576", "60", "much"], &["-1", "60", "1"]];
    for arguments in bad {
        let output = compiler(arguments, image());
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains("takes stack bytes, seconds, memory bytes"), "{}", said(&output));
    }
}

#[test]
fn the_same_process_looks_at_an_image_and_compiles_nothing() {
    let look = |input: &[u8]| compiler(&["1048576", "60", "4294967296", "look"], input);
    let good = look(image());
    assert_eq!((good.status.code(), said(&good), good.stdout), (Some(0), String::new(), b"good".to_vec()));
    let core: &[u8] = b"\0asm\x01\0\0\0";
    for (input, words) in [(&b"garbage"[..], "it does not begin as WebAssembly does"), (core, "it is a core module")] {
        let unfit = look(input);
        assert_eq!((unfit.status.code(), unfit.stdout.len()), (Some(3), 0), "{}", said(&unfit));
        assert!(said(&unfit).starts_with(NOT_COMPILED) && said(&unfit).contains(words), "{}", said(&unfit));
    }
}

#[test]
fn the_compiler_does_not_outgrow_its_limits() {
    let starved = compiler(&["1048576", "60", "16777216"], image());
    assert!(!starved.status.success() && starved.stdout.is_empty(), "{}", said(&starved));
}

#[test]
fn limits_that_are_reached_are_named() {
    let said = accepted(|settings| settings.compile_memory_bytes = 16 << 20).unwrap_err();
    assert!(said.starts_with(BEYOND) && said.contains("or 16 MiB (compile_memory_bytes)"), "{said}");
    let said = accepted(|settings| settings.compile_seconds = 0).unwrap_err();
    assert_eq!(said, format!("{BEYOND}compiling it takes more than 0 s (compile_seconds)"));
}

#[test]
fn a_compiler_that_hangs_is_stopped() {
    let folder = TempDir::new().unwrap();
    let hanging = script(folder.path(), "exec sleep 600");
    let began = Instant::now();
    let said = accepted(|settings| (settings.program, settings.compile_seconds) = (Some(hanging), 1)).unwrap_err();
    assert_eq!(said, format!("{BEYOND}compiling it takes more than 1 s (compile_seconds)"));
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
}

#[test]
fn a_compiler_that_fails_does_not_take_the_node_with_it() {
    let folder = TempDir::new().unwrap();
    for (code, words) in [
        ("kill -9 $$", "s (compile_seconds) or 4096 MiB (compile_memory_bytes), or crashed (signal: 9 (SIGKILL))"),
        ("echo half a word >&2; kill -9 $$", "or crashed (signal: 9 (SIGKILL))"),
        ("echo no memory for a thread >&2; exit 101", "or crashed (exit status: 101)"),
        ("exit 3", "or crashed (exit status: 3)"),
        ("cat > /dev/null", "or crashed (exit status: 0)"),
        ("echo this is wrong >&2; exit 1", "this is wrong"),
        ("printf '\\033[31mred' >&2; exit 1", "\u{fffd}[31mred"),
    ] {
        let program = script(folder.path(), code);
        let said = accepted(|settings| settings.program = Some(program)).unwrap_err();
        let head = if words.contains("crashed") { BEYOND } else { NOT_COMPILED };
        assert!(said.starts_with(head) && said.ends_with(words), "{code}: {said:?}");
    }
    let said = accepted(|settings| settings.program = Some(folder.path().join("nobody"))).unwrap_err();
    assert!(said.contains("the compiler cannot be started: "), "{said}");
}
