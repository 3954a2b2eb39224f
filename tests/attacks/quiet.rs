//! What a node at rest has, and that nothing of attacks is left: no memory, file, thread or process. Not for: attacking
//! it (`arena`).

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parcae_runtime::Images;
use parcae_tests::http::Served;

use crate::arena::Arena;

/// Threads that may be there that were not: pools grow when they are busy.
const MORE_THREADS: usize = 12;
/// Processes that a node keeps ready for attempts.
const READY: usize = 2;
/// By how much the memory of this process may have grown, bytes: allocators keep some of what was given back, databases
/// and compiled components take some. What attacks took at once is many times that.
const MORE_MEMORY: u64 = 400 << 20;
/// How long a closed node may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(20);

/// What a node has at rest.
#[derive(Debug)]
pub struct Quiet {
    threads: usize,
    resident: u64,
}

/// What this process has now.
pub fn now(arena: &Arena) -> Quiet {
    arena.served.until("processes for attempts are ready", || children() <= READY);
    Quiet { threads: threads(), resident: resident() }
}

/// Waits until a node is as it was before it was attacked.
pub fn again(arena: &Arena, before: &Quiet) {
    let Arena { served, images, outside, .. } = arena;
    served.until("attempts have given their memory back", || images.memory().used() == 0);
    let (_, limits) = served.get_json("/v1/limits");
    assert_eq!(limits["data"]["memory_pool_bytes"]["used"], 0, "{limits}");
    let folder = served.site.folder();
    served.until("scratch directories are gone", || names(&folder.join("scratch")).is_empty());
    let unfinished = || names(&folder.join("tables")).iter().any(|name| name.ends_with(".tmp"));
    served.until("unfinished tables are gone", || !unfinished());
    served.until("threads have ended", || threads() <= before.threads + MORE_THREADS);
    served.until("processes have ended", || children() <= READY);
    assert_eq!(names(&folder.join("local")), ["big", "twice.csv", "way"]);
    assert_eq!(names(outside.path()), Vec::<String>::new());
    let after = Quiet { threads: threads(), resident: resident() };
    println!("{before:?} before, {after:?} after");
    assert!(after.resident < before.resident + MORE_MEMORY, "{before:?} before, {after:?} after");
}

/// Closes a node: it had no table that it did not know, and leaves no process behind.
pub fn closed(served: Served, images: Arc<Images>) {
    let tables = |served: &Served| names(&served.site.folder().join("tables"));
    let before = tables(&served);
    // A node that starts removes the tables that it does not know.
    let again = served.reopened_of(images.clone(), |_| ());
    assert_eq!(tables(&again), before, "there were tables that the node did not know");
    drop((again, images));
    let end = Instant::now() + GONE_WITHIN;
    while children() > 0 {
        assert!(Instant::now() < end, "{} processes are left", children());
        thread::park_timeout(Duration::from_millis(20));
    }
}

/// Names in a folder, sorted; none when it is not there.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Threads of this process.
fn threads() -> usize {
    names(Path::new("/proc/self/task")).len()
}

/// Memory of this process that is in use, bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// Processes that this one has started, and those that it has not taken leave of.
fn children() -> usize {
    names(Path::new("/proc")).iter().filter(|process| is_ours(process)).count()
}

fn is_ours(process: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // Behind the program's name, which may hold anything: the state, and who started it.
    let started_by = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<u32>().ok());
    started_by == Some(std::process::id())
}
