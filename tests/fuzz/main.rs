//! Throws damaged and invented input at what reads the input of strangers: images, descriptions, pages and tables,
//! archives of models, messages of parties and of worker processes, DSL and conf, uploaded files, requests. Nothing may
//! panic, hang, or be taken that is not what it should be.
//!
//! Each target runs for `PARCAE_FUZZ_SECONDS` (2 when it is not set) from `PARCAE_FUZZ_SEED` (1):
//!
//! ```text
//! PARCAE_FUZZ_SECONDS=600 PARCAE_FUZZ_SEED=7 cargo test --test fuzz -- --nocapture
//! PARCAE_FUZZ_INPUT=target/tmp/fuzz/loader-7-1234 cargo test --test fuzz loader
//! ```
//!
//! Every input stands in a file while it is tried: one that fails is still there afterwards, even when it took the
//! whole process with it. Not for: what is said of images that are refused (`suite/refused`).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod archives;
mod corpus;
mod csv;
mod descriptions;
mod json;
mod loader;
mod mutate;
mod pages;
mod random;
mod requests;
mod schemas;
mod submissions;
mod wires;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs};

use random::Random;

/// How long one input may take: more than anything that is allowed takes, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

fn number(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|e| panic!("{name}={text}: {e}")))
}

/// Tries one input; true when it was taken. The file of one that fails stays.
fn attempt(file: &Path, bytes: &[u8], try_one: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    let began = Instant::now();
    let tried = catch_unwind(AssertUnwindSafe(|| try_one(bytes)));
    let taken = tried.unwrap_or_else(|panic| {
        eprintln!("this input fails: {}", file.display());
        resume_unwind(panic)
    });
    assert!(began.elapsed() < PATIENCE, "this input takes {:?}: {}", began.elapsed(), file.display());
    taken
}

/// Invents input for a target and tries it, until the time is up.
fn fuzz(target: &str, mut invent: impl FnMut(&mut Random) -> Vec<u8>, mut try_one: impl FnMut(&[u8]) -> bool) {
    if let Some(file) = env::var_os("PARCAE_FUZZ_INPUT").map(PathBuf::from) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(target) {
            println!("{target}: taken: {}", attempt(&file, &fs::read(&file).unwrap(), &mut try_one));
        }
        return;
    }
    let (seconds, seed) = (number("PARCAE_FUZZ_SECONDS", 2), number("PARCAE_FUZZ_SEED", 1));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    fs::create_dir_all(&folder).unwrap();
    let mut random = Random::new(seed);
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut tried, mut taken) = (0u64, 0u64);
    while tried == 0 || Instant::now() < end {
        let bytes = invent(&mut random);
        let file = folder.join(format!("{target}-{seed}-{tried}"));
        fs::write(&file, &bytes).unwrap();
        taken += u64::from(attempt(&file, &bytes, &mut try_one));
        fs::remove_file(&file).unwrap();
        tried += 1;
    }
    println!("{target}: {tried} inputs in {seconds} s from seed {seed}, {taken} of them taken");
}

/// Text that a node says of an input: for people, and not endless.
fn check_words(said: &str) {
    assert!(!said.is_empty() && said.chars().count() < 8_000, "{} characters are said", said.chars().count());
    let odd = said.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    assert!(odd.is_none(), "what is said holds {odd:?}: {said:?}");
}
