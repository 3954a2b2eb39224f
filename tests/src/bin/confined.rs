//! Confines itself as a worker process does, and then tries what a component that broke out of the engine would try. On
//! standard output stand a byte that says which walls there are, and how the try ended, a line each. Not for: anything
//! but `suite/confinement.rs`.
//!
//! `confined WALLS SCRATCH ACT ARGUMENT...`: walls are `free`, `late` or `confined`, the scratch folder is `-` for
//! none.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use parcae_runtime::{Confinement, Scratch, confine};

/// Memory for the attempt, bytes.
const MEMORY: u64 = 64 << 20;
/// Files that may be open.
const FILES: u64 = 32;
/// Largest file in the scratch folder, bytes.
const FILE: u64 = 64 << 10;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [walls, scratch, act, rest @ ..] = arguments.as_slice() else { return ExitCode::from(2) };
    if walls == "late" {
        std::thread::spawn(std::thread::park);
    }
    if walls != "free" {
        let scratch = (scratch != "-").then(|| Scratch { folder: PathBuf::from(scratch), file_bytes: FILE });
        let cpu_seconds = (act == "spin").then_some(0);
        match confine(&Confinement { memory_bytes: MEMORY, cpu_seconds, open_files: FILES, scratch }) {
            Ok(confined) => println!("{}", confined.code()),
            Err(message) => {
                println!("not confined: {message}");
                return ExitCode::from(3);
            }
        }
    }
    match acted(act, rest) {
        Ok(said) => println!("ok: {said}"),
        Err(said) => println!("failed: {said}"),
    }
    ExitCode::SUCCESS
}

fn acted(act: &str, arguments: &[String]) -> Result<String, String> {
    let said = |e: std::io::Error| e.to_string();
    let text = |at: usize| arguments.get(at).map(String::as_str).unwrap_or_default();
    let path = Path::new(text(0));
    match act {
        "read" => std::fs::read(path).map(|bytes| format!("{} bytes", bytes.len())).map_err(said),
        "write" => {
            let bytes = text(1).parse().map_err(|_| "no number of bytes")?;
            std::fs::write(path, vec![b'x'; bytes]).map(|()| "written".into()).map_err(said)
        }
        "keep" => kept(path).map(|()| "kept".into()).map_err(said),
        "spawn" => Command::new(path).status().map(|status| status.to_string()).map_err(said),
        "connect" => std::net::TcpStream::connect(text(0)).map(|_| "connected".into()).map_err(said),
        "threads" => threads(),
        "panic" => panic!("asked to panic"),
        "allocate" => {
            let bytes = text(0).parse().map_err(|_| "no number of bytes")?;
            let mut much: Vec<u8> = Vec::new();
            much.try_reserve_exact(bytes).map(|()| format!("{} bytes", much.capacity())).map_err(|e| e.to_string())
        }
        "open" => {
            let copies = (0..2 * FILES).map(|_| std::io::stdin().as_fd().try_clone_to_owned());
            let files = copies.collect::<Result<Vec<_>, _>>();
            files.map(|files| format!("{} files", files.len())).map_err(said)
        }
        "spin" => {
            let mut number = 1u64;
            loop {
                number = std::hint::black_box(number.wrapping_mul(3));
            }
        }
        "call" => call(arguments),
        other => Err(format!("no act {other}")),
    }
}

/// What a component may do with files of its own.
fn kept(folder: &Path) -> std::io::Result<()> {
    let (one, other) = (folder.join("one"), folder.join("inner").join("other"));
    std::fs::write(&one, b"some bytes")?;
    std::fs::create_dir(folder.join("inner"))?;
    std::fs::rename(&one, &other)?;
    if std::fs::read(&other)? != b"some bytes" || std::fs::read_dir(folder)?.count() != 1 {
        return Err(std::io::Error::other("something else was read than was written"));
    }
    std::fs::remove_file(&other)?;
    std::fs::remove_dir(folder.join("inner"))
}

/// Threads with names, and randomness of the operating system, which a hash map draws.
fn threads() -> Result<String, String> {
    let start = |number: u64| {
        let work = move || std::collections::HashSet::from([number, number + 1]).len();
        std::thread::Builder::new().name(format!("work-{number}")).spawn(work).map_err(|e| e.to_string())
    };
    let running = (0..4).map(start).collect::<Result<Vec<_>, _>>()?;
    let made = running.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked".to_owned()));
    Ok(format!("{} from threads", made.sum::<Result<usize, _>>()?))
}

/// Any call of the kernel: its number, and numbers as arguments.
#[cfg(target_os = "linux")]
fn call(arguments: &[String]) -> Result<String, String> {
    let numbers = arguments.iter().map(|text| text.parse::<i64>().map_err(|e| format!("{text}: {e}")));
    let mut numbers = numbers.collect::<Result<Vec<_>, _>>()?;
    numbers.resize(7, 0);
    #[expect(unsafe_code, reason = "what is tried here is what a component would call that broke out of the engine")]
    // SAFETY: no pointer that a test gives points to anything, and a call that would change this process's memory
    // ends it or makes a mapping that nobody uses.
    let answer =
        unsafe { libc::syscall(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]) };
    if answer < 0 { Err(std::io::Error::last_os_error().to_string()) } else { Ok(answer.to_string()) }
}

/// Only Linux has the walls.
#[cfg(not(target_os = "linux"))]
fn call(_arguments: &[String]) -> Result<String, String> {
    Err("not here".into())
}
