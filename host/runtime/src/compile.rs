//! From the bytes of an image to compiled code: out of the cache, or compiled in a process of its own with limits of time
//! and memory and behind the walls of a worker, since compiling hostile code is the one thing that the engine does not
//! promise to survive. Not for: checking the image (`preflight`), keeping compiled code (`cache`).

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::engine::{Machine, Settings, engine};
use crate::flavour::Flavour;
use crate::image::AcceptError;
use crate::preflight;
use crate::process::confine::{Confinement, confine};
use crate::process::give_up;

/// First argument with which a program that uses this crate compiles an image from its standard input to its output.
pub const COMPILE_COMMAND: &str = "compile-image";
/// How that program ends when the image cannot be compiled, after it has said why on its standard error.
const REFUSED: i32 = 1;
/// How it ends when a node does not take the image: the whole refusal stands on its standard error.
const UNFIT: i32 = 3;
/// In the place of a flavour: the image is looked at (`preflight`), and nothing is compiled.
const LOOK: &str = "look";
/// Largest compiled code, bytes, and so many times the image more: it is kept in memory and on the disk.
const CODE_BYTES: u64 = 64 << 20;
const CODE_TIMES: u64 = 8;
/// Most that is read of what the process says, bytes.
const SAID_BYTES: u64 = 32 << 10;
/// Files that it may open: none beyond those that it has.
const OPEN_FILES: u64 = 16;

fn refused(error: impl std::fmt::Display) -> AcceptError {
    AcceptError::Compile(format!("{error:#}"))
}

/// Compiles an image, unless its compiled code is in the cache.
pub(crate) fn code(machine: &Machine, flavour: Flavour, digest: &str, bytes: &[u8]) -> Result<Vec<u8>, AcceptError> {
    let (engine, key) = (machine.engine(flavour), flavour.key(digest));
    let cached = machine.cache.as_ref().and_then(|cache| cache.load(engine, &key));
    // What was made on another machine is of no use.
    if let Some(cached) = cached.filter(|cached| crate::cache::loaded(engine, cached).is_ok()) {
        return Ok(cached);
    }
    let compiled = match &machine.settings.program {
        Some(program) => in_child(program, &machine.settings, flavour.name(), bytes)?,
        None => engine.precompile_component(bytes).map_err(refused)?,
    };
    if let Some(cache) = &machine.cache {
        cache.keep(engine, &key, &compiled);
    }
    Ok(compiled)
}

/// Looks at an image before anything is compiled: where time and memory have limits, if there is such a place.
pub(crate) fn look(settings: &Settings, bytes: &[u8]) -> Result<(), AcceptError> {
    match &settings.program {
        Some(program) => in_child(program, settings, LOOK, bytes).map(drop),
        None => preflight::check(bytes),
    }
}

/// Has the process compile for a flavour, or only look.
fn in_child(program: &Path, settings: &Settings, what: &str, bytes: &[u8]) -> Result<Vec<u8>, AcceptError> {
    let mut child = Command::new(program)
        .arg(COMPILE_COMMAND)
        .args(
            [settings.stack_bytes as u64, settings.compile_seconds, settings.compile_memory_bytes]
                .map(|n| n.to_string()),
        )
        .arg(what)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| refused(format!("the compiler cannot be started: {e}")))?;
    let finished = talk(&mut child, settings, bytes);
    // Either it has ended, or nobody waits for it any more.
    let _ = child.kill();
    let status = child.wait().map_err(refused)?;
    match finished? {
        (compiled, _) if status.success() && !compiled.is_empty() => Ok(compiled),
        (_, said) if status.code() == Some(UNFIT) && !said.trim().is_empty() => {
            Err(AcceptError::Unfit(said.trim().to_owned()))
        }
        (compiled, _) if compiled.len() as u64 == most_code(bytes) => {
            let (mib, cure) = (most_code(bytes) >> 20, "no node keeps that much for an image of its size");
            Err(AcceptError::Limit(format!("its compiled code has more than {mib} MiB; {cure}")))
        }
        // Otherwise it talks of itself: that it has no memory left, say.
        (_, said) if status.code() == Some(REFUSED) && !said.trim().is_empty() && !said.contains("out of memory") => {
            Err(AcceptError::Compile(said.trim().to_owned()))
        }
        (_, said) => {
            tracing::warn!("the process that compiles an image ended ({status}): {}", said.trim());
            let (s, mib) = (settings.compile_seconds, settings.compile_memory_bytes >> 20);
            let limits = format!("{s} s (compile_seconds) or {mib} MiB (compile_memory_bytes)");
            Err(AcceptError::Limit(format!("compiling it takes more than {limits}, or crashed ({status})")))
        }
    }
}

/// Most compiled code of an image, bytes.
fn most_code(bytes: &[u8]) -> u64 {
    CODE_BYTES + CODE_TIMES * bytes.len() as u64
}

/// Gives the image to the compiler and takes what it makes, and what it says.
fn talk(child: &mut Child, settings: &Settings, bytes: &[u8]) -> Result<(Vec<u8>, String), AcceptError> {
    let gone = || refused("the compiler has no standard streams");
    let (mut to, from) = (child.stdin.take().ok_or_else(gone)?, child.stdout.take().ok_or_else(gone)?);
    let words = child.stderr.take().ok_or_else(gone)?;
    let ((done, result), most) = (channel(), most_code(bytes));
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // It may end before it has read all.
            let _ = to.write_all(bytes);
        });
        std::thread::Builder::new()
            .name("compiled".into())
            .spawn(move || {
                let (mut compiled, mut said) = (Vec::new(), Vec::new());
                let read = from.take(most).read_to_end(&mut compiled);
                let _ = words.take(SAID_BYTES).read_to_end(&mut said);
                let said = String::from_utf8_lossy(&said).into_owned();
                let _ = done.send(read.map(|_| (compiled, said)));
            })
            .map_err(refused)?;
        let wait = Duration::from_secs(settings.compile_seconds);
        let in_time = result.recv_timeout(wait);
        if in_time.is_err() {
            // Without this the writer would wait for a reader for ever.
            let _ = child.kill();
        }
        let seconds = settings.compile_seconds;
        let late = |_| AcceptError::Limit(format!("compiling it takes more than {seconds} s (compile_seconds)"));
        in_time.map_err(late)?.map_err(refused)
    })
}

/// The compiler's side: limits and confines itself, compiles standard input, writes the code to standard output. What is
/// wrong is for standard error, and exit code 1. For `main` of a program that `Settings::program` names, before it starts
/// a thread.
pub fn compile_command(arguments: &[String]) -> Result<(), String> {
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    let (Some(stack), Some(seconds), Some(memory)) = (number(0), number(1), number(2)) else {
        return Err(format!("{COMPILE_COMMAND} takes stack bytes, seconds, memory bytes; the node calls it"));
    };
    let stack_bytes = usize::try_from(stack).map_err(|e| e.to_string())?;
    give_up();
    limit_self(seconds, memory)?;
    confine(&Confinement { memory_bytes: memory, cpu_seconds: None, open_files: OPEN_FILES, scratch: None })?;
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    let flavour = match arguments.get(3) {
        None => Flavour::THREAD,
        Some(what) if what == LOOK => return looked(&bytes),
        Some(name) => Flavour::named(name).ok_or_else(|| format!("{name:?} is no flavour of code"))?,
    };
    let engine = engine(stack_bytes, flavour).map_err(|e| format!("{e:#}"))?;
    let compiled = engine.precompile_component(&bytes).map_err(|e| format!("{e:#}"))?;
    std::io::stdout().lock().write_all(&compiled).map_err(|e| e.to_string())
}

/// Says of an image that it is good, or why a node does not take it, and ends.
fn looked(bytes: &[u8]) -> Result<(), String> {
    if let Err(unfit) = preflight::check(bytes) {
        eprintln!("{}", unfit.tamed());
        std::process::exit(UNFIT);
    }
    std::io::stdout().lock().write_all(b"good").map_err(|e| e.to_string())
}

#[cfg(unix)]
fn limit_self(seconds: u64, memory: u64) -> Result<(), String> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let at_most = |n: u64| Rlimit { current: Some(n), maximum: Some(n) };
    // Processor time of all threads together.
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let limits = [(Resource::Cpu, seconds.saturating_mul(cores)), (Resource::As, memory), (Resource::Core, 0)];
    limits.into_iter().try_for_each(|(what, n)| setrlimit(what, at_most(n))).map_err(|e| e.to_string())
}

#[cfg(not(unix))]
fn limit_self(_seconds: u64, _memory: u64) -> Result<(), String> {
    Ok(())
}
