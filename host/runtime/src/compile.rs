//! From the bytes of an image to compiled code: out of the cache, or compiled in a process of its own with limits of time
//! and memory, since compiling hostile code is the one thing that the engine does not promise to survive. Not for:
//! checking the image (`preflight`), keeping compiled code (`cache`).

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::engine::{Machine, Settings, engine};
use crate::flavour::Flavour;
use crate::image::AcceptError;

/// First argument with which a program that uses this crate compiles an image from its standard input to its output.
pub const COMPILE_COMMAND: &str = "compile-image";
/// How that program ends when the image cannot be compiled, after it has said why on its standard error.
const REFUSED: i32 = 1;
/// Largest compiled code, bytes.
const COMPILED_BYTES: u64 = 1 << 30;

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
        Some(program) => in_child(program, &machine.settings, flavour, bytes)?,
        None => engine.precompile_component(bytes).map_err(refused)?,
    };
    if let Some(cache) = &machine.cache {
        cache.keep(engine, &key, &compiled);
    }
    Ok(compiled)
}

fn in_child(program: &Path, settings: &Settings, flavour: Flavour, bytes: &[u8]) -> Result<Vec<u8>, AcceptError> {
    let mut child = Command::new(program)
        .arg(COMPILE_COMMAND)
        .args(
            [settings.stack_bytes as u64, settings.compile_seconds, settings.compile_memory_bytes]
                .map(|n| n.to_string()),
        )
        .arg(flavour.name())
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
        // Otherwise it talks of itself: that it has no memory left, say.
        (_, said) if status.code() == Some(REFUSED) && !said.trim().is_empty() && !said.contains("out of memory") => {
            Err(AcceptError::Compile(said.trim().to_owned()))
        }
        (_, said) => {
            tracing::warn!("the process that compiles an image ended ({status}): {}", said.trim());
            let (s, mib) = (settings.compile_seconds, settings.compile_memory_bytes >> 20);
            Err(AcceptError::Compile(format!("compiling it takes more than {s} s or {mib} MiB, or crashed ({status})")))
        }
    }
}

/// Gives the image to the compiler and takes what it makes, and what it says.
fn talk(child: &mut Child, settings: &Settings, bytes: &[u8]) -> Result<(Vec<u8>, String), AcceptError> {
    let gone = || refused("the compiler has no standard streams");
    let (mut to, from) = (child.stdin.take().ok_or_else(gone)?, child.stdout.take().ok_or_else(gone)?);
    let words = child.stderr.take().ok_or_else(gone)?;
    let (done, result) = channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // It may end before it has read all.
            let _ = to.write_all(bytes);
        });
        std::thread::Builder::new()
            .name("compiled".into())
            .spawn(move || {
                let (mut compiled, mut said) = (Vec::new(), String::new());
                let read = from.take(COMPILED_BYTES).read_to_end(&mut compiled);
                let _ = words.take(4096).read_to_string(&mut said);
                let _ = done.send(read.map(|_| (compiled, said)));
            })
            .map_err(refused)?;
        let wait = Duration::from_secs(settings.compile_seconds);
        let in_time = result.recv_timeout(wait);
        if in_time.is_err() {
            // Without this the writer would wait for a reader for ever.
            let _ = child.kill();
        }
        let late = |_| AcceptError::Compile(format!("compiling it takes more than {} s", settings.compile_seconds));
        in_time.map_err(late)?.map_err(refused)
    })
}

/// The compiler's side: limits itself, compiles standard input, writes the code to standard output. What is wrong
/// is for standard error, and exit code 1. For `main` of a program that `Settings::program` names.
pub fn compile_command(arguments: &[String]) -> Result<(), String> {
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    let (Some(stack), Some(seconds), Some(memory)) = (number(0), number(1), number(2)) else {
        return Err(format!("{COMPILE_COMMAND} takes stack bytes, seconds, memory bytes; the node calls it"));
    };
    limit_self(seconds, memory)?;
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    let stack_bytes = usize::try_from(stack).map_err(|e| e.to_string())?;
    let flavour = match arguments.get(3) {
        None => Flavour::THREAD,
        Some(name) => Flavour::named(name).ok_or_else(|| format!("{name:?} is no flavour of code"))?,
    };
    let engine = engine(stack_bytes, flavour).map_err(|e| format!("{e:#}"))?;
    let compiled = engine.precompile_component(&bytes).map_err(|e| format!("{e:#}"))?;
    std::io::stdout().lock().write_all(&compiled).map_err(|e| e.to_string())
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
