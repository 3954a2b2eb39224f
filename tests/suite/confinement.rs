//! The walls around worker processes: what a component finds that broke out of the engine. Each try is a process of its
//! own that confines itself and then does it. Not for: attempts in such processes (`isolation`).
//!
//! A wall that the kernel of this machine does not have is skipped, and said.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus};

use parcae_runtime::{Confined, Landlock};

/// How a try ended.
#[derive(Debug)]
struct Ended {
    /// Which walls stood; none without any.
    walls: Option<Confined>,
    /// What it said.
    said: String,
    status: ExitStatus,
    stderr: String,
}

fn tried(walls: &str, scratch: Option<&Path>, act: &[&str]) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_confined"));
    command.arg(walls).arg(scratch.unwrap_or(Path::new("-"))).args(act).env_clear();
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let walls = said.lines().next().and_then(|line| Confined::from_code(line.parse().ok()?));
    let last = said.lines().last().unwrap_or_default().to_owned();
    Ended { walls, said: last, status: output.status, stderr: String::from_utf8_lossy(&output.stderr).into_owned() }
}

fn confined(act: &[&str]) -> Ended {
    let ended = tried("confined", None, act);
    assert!(ended.walls.is_some(), "{act:?}: {ended:?}");
    ended
}

/// Which walls this machine has.
fn walls() -> Confined {
    confined(&["threads"]).walls.unwrap()
}

/// True when a wall is there; says so when it is not.
fn there(wall: &str, is: bool) -> bool {
    if !is {
        eprintln!("SKIPPED: this kernel has no {wall}");
    }
    is
}

#[test]
fn the_kernel_is_told_as_it_is() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    assert_eq!(walls().seccomp, status.contains("\nSeccomp:"), "{}", walls());
    println!("{}", walls());
}

#[test]
fn what_a_worker_needs_is_left() {
    assert_eq!(confined(&["threads"]).said, "ok: 8 from threads");
    let some = (32 << 20).to_string();
    assert!(confined(&["allocate", &some]).said.starts_with("ok: "), "memory that it was given");
    let panicked = confined(&["panic"]);
    assert_eq!(panicked.status.code(), Some(101), "{panicked:?}");
    assert!(panicked.stderr.contains("asked to panic"), "{panicked:?}");
}

/// Calls of the kernel, each with its number and its arguments.
fn calls() -> Vec<(&'static str, Vec<i64>)> {
    let own = i64::from(std::process::id());
    let (inet, unix, stream, datagram) = (libc::AF_INET, libc::AF_UNIX, libc::SOCK_STREAM, libc::SOCK_DGRAM);
    let socket = |family: i32, kind: i32| vec![libc::SYS_socket, i64::from(family), i64::from(kind)];
    let code = i64::from(libc::PROT_READ | libc::PROT_EXEC);
    let data = i64::from(libc::PROT_READ | libc::PROT_WRITE);
    let anonymous = i64::from(libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    let shared = i64::from(libc::MAP_SHARED | libc::MAP_ANONYMOUS);
    let stack = anonymous | i64::from(libc::MAP_GROWSDOWN);
    vec![
        ("a socket of the network", socket(inet, stream)),
        ("a socket to other programs", socket(unix, stream)),
        ("a raw socket", socket(libc::AF_PACKET, libc::SOCK_RAW)),
        ("a pair of sockets that send to anybody", vec![libc::SYS_socketpair, i64::from(unix), i64::from(datagram)]),
        ("a message to an address", vec![libc::SYS_sendto, 1, 0, 0, 0, 4096, 16]),
        ("another program", vec![libc::SYS_execve, 0, 0, 0]),
        ("another process", vec![libc::SYS_clone, i64::from(libc::SIGCHLD)]),
        ("a user namespace", vec![libc::SYS_unshare, i64::from(libc::CLONE_NEWUSER)]),
        ("another namespace", vec![libc::SYS_setns, 0, 0]),
        ("a mount", vec![libc::SYS_mount, 0, 0, 0, 0, 0]),
        ("another root", vec![libc::SYS_chroot, 0]),
        ("another user", vec![libc::SYS_setuid, 0]),
        ("the memory of the node", vec![libc::SYS_process_vm_readv, own, 0, 0, 0, 0]),
        ("a debugger", vec![libc::SYS_ptrace, i64::from(libc::PTRACE_ATTACH), own, 0, 0]),
        ("a signal to the node", vec![libc::SYS_kill, own, 0]),
        ("a signal to a thread of the node", vec![libc::SYS_tgkill, own, own, 0]),
        ("signals through a file", vec![libc::SYS_fcntl, 0, i64::from(libc::F_SETOWN), own]),
        ("memory that can run", vec![libc::SYS_mmap, 0, 4096, code, anonymous, -1, 0]),
        ("memory that no limit counts", vec![libc::SYS_mmap, 0, 4096, data, shared, -1, 0]),
        ("a stack that grows", vec![libc::SYS_mmap, 0, 4096, data, stack, -1, 0]),
        ("old memory that can run", vec![libc::SYS_mprotect, 0, 4096, code]),
        ("readable by debuggers again", vec![libc::SYS_prctl, i64::from(libc::PR_SET_DUMPABLE), 1]),
        ("a program for the kernel", vec![libc::SYS_bpf, 0, 0, 0]),
        ("a ring of calls", vec![libc::SYS_io_uring_setup, 1, 0]),
        ("faults of the memory", vec![libc::SYS_userfaultfd, 0]),
        ("counters of the processor", vec![libc::SYS_perf_event_open, 0, 0, -1, -1, 0]),
        ("keys of the kernel", vec![libc::SYS_keyctl, 0, 0]),
        ("a higher limit", vec![libc::SYS_prlimit64, 0, 7, 4096, 0]),
        ("a call that nobody has", vec![100_000]),
    ]
}

#[test]
fn calls_that_lead_out_end_the_process() {
    if !there("seccomp", walls().seccomp) {
        return;
    }
    for (what, numbers) in calls() {
        let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
        let mut act = vec!["call"];
        act.extend(numbers.iter().map(String::as_str));
        let ended = confined(&act);
        assert_eq!(ended.status.signal(), Some(libc::SIGSYS), "{what}: {ended:?}");
    }
}

#[test]
fn programs_and_connections_of_the_library_end_it_too() {
    for act in [["spawn", "/bin/true"], ["connect", "127.0.0.1:1"]] {
        let free = tried("free", None, &act);
        assert!(free.status.success(), "without walls it lives: {free:?}");
        if there("seccomp", walls().seccomp) {
            assert_eq!(confined(&act).status.signal(), Some(libc::SIGSYS), "{act:?}");
        }
    }
}

#[test]
fn no_file_is_opened_without_a_scratch_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (known, new) = (folder.path().join("known"), folder.path().join("new"));
    std::fs::write(&known, "secret").unwrap();
    let read = ["read", known.to_str().unwrap()];
    assert_eq!(tried("free", None, &read).said, "ok: 6 bytes", "without walls it is read");
    let Confined { landlock, seccomp } = walls();
    if there("landlock and no seccomp", seccomp || landlock != Landlock::Missing) {
        for act in [read, ["read", "/etc/passwd"], ["read", "/proc/self/mem"]] {
            let ended = confined(&act);
            assert!(ended.status.success() && ended.said.starts_with("failed: "), "{act:?}: {ended:?}");
        }
        let ended = confined(&["write", new.to_str().unwrap(), "1"]);
        assert!(ended.said.starts_with("failed: ") && !new.exists(), "{ended:?}");
    }
}

#[test]
fn a_scratch_folder_is_all_that_is_reached() {
    let folder = tempfile::tempdir().unwrap();
    let (scratch, beside) = (folder.path().join("scratch"), folder.path().join("beside"));
    std::fs::create_dir(&scratch).unwrap();
    std::fs::write(&beside, "another tenant's").unwrap();
    let with = |act: &[&str]| tried("confined", Some(&scratch), act);
    let (own, other) = (scratch.to_str().unwrap(), beside.to_str().unwrap());
    if !there("landlock", walls().landlock != Landlock::Missing) {
        let ended = with(&["keep", own]);
        assert!(ended.said.contains("landlock"), "it is not run without: {ended:?}");
        return;
    }
    let kept = with(&["keep", own]);
    assert_eq!(kept.said, "ok: kept", "{kept:?}");
    let around = format!("{own}/../beside");
    for path in [other, &around, "/etc/passwd", "/proc/self/status"] {
        let ended = with(&["read", path]);
        assert!(ended.said.contains("Permission denied"), "{path}: {ended:?}");
    }
    let ended = with(&["write", other, "1"]);
    assert!(ended.said.contains("Permission denied"), "{ended:?}");
    assert_eq!(std::fs::read_to_string(&beside).unwrap(), "another tenant's");
    let large = scratch.join("large");
    let ended = with(&["write", large.to_str().unwrap(), "100000"]);
    assert_eq!(ended.status.signal(), Some(libc::SIGXFSZ), "{ended:?}");
    assert!(large.metadata().unwrap().len() <= 64 << 10);
}

#[test]
fn limits_are_kept_by_the_kernel() {
    let much = (2u64 << 30).to_string();
    assert!(tried("free", None, &["allocate", &much]).said.starts_with("ok: "), "without walls it is there");
    let ended = confined(&["allocate", &much]);
    assert!(ended.said.starts_with("failed: "), "{ended:?}");
    let ended = confined(&["open"]);
    assert!(ended.said.contains("Too many open files"), "{ended:?}");
    let ended = confined(&["spin"]);
    assert_eq!(ended.status.signal(), Some(libc::SIGXCPU), "{ended:?}");
}

#[test]
fn nothing_is_confined_by_halves() {
    let ended = tried("late", None, &["threads"]);
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    assert!(ended.said.contains("a worker is confined while it has one"), "{ended:?}");
}
