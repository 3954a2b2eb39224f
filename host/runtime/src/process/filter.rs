//! Which calls of the kernel are left to a worker process: those that the engine, the allocator, threads and an
//! open socket need. Anything else ends the process with SIGSYS, so that whoever breaks out of the engine is heard;
//! but for a few calls that libraries try and can do without, which fail as on a kernel that does not have them. Not
//! for: files, privileges and limits (`confine`).

use std::collections::BTreeMap;
use std::io;

use libc::c_long;
use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter_all_threads,
};

/// Calls, each with the rules of which one must match; without rules it always does.
type Calls = BTreeMap<i64, Vec<SeccompRule>>;

/// Left, whatever their arguments.
const FREE: &[c_long] = &[
    // What is open: the socket, tables, standard error.
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_preadv,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_fstat,
    // Paths are left to `absent`.
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_sendmsg,
    libc::SYS_recvmsg,
    libc::SYS_recvfrom,
    libc::SYS_shutdown,
    libc::SYS_getsockopt,
    libc::SYS_ppoll,
    libc::SYS_pipe2,
    libc::SYS_eventfd2,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    // Memory; what may not be executable is checked in `CHECKED`.
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    // Threads.
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_rseq,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getcpu,
    libc::SYS_membarrier,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Traps of wasm code are signals.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    // Time and randomness.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_getrusage,
    libc::SYS_getrandom,
];

/// The same where there are older calls of the same meaning.
#[cfg(target_arch = "x86_64")]
const FREE_HERE: &[c_long] = &[libc::SYS_poll, libc::SYS_epoll_wait];
#[cfg(not(target_arch = "x86_64"))]
const FREE_HERE: &[c_long] = &[];

/// Left as well with a scratch folder, beyond which Landlock lets nobody reach.
const FILES: &[c_long] = &[
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_unlinkat,
    libc::SYS_mkdirat,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_renameat2,
    libc::SYS_readlinkat,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_getdents64,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_fadvise64,
    libc::SYS_utimensat,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_fstatfs,
    libc::SYS_preadv2,
    libc::SYS_pwritev,
    libc::SYS_pwritev2,
];

#[cfg(target_arch = "x86_64")]
const FILES_HERE: &[c_long] = &[
    libc::SYS_unlink,
    libc::SYS_rmdir,
    libc::SYS_mkdir,
    libc::SYS_rename,
    libc::SYS_renameat,
    libc::SYS_readlink,
    libc::SYS_access,
    libc::SYS_stat,
    libc::SYS_lstat,
];
#[cfg(not(target_arch = "x86_64"))]
const FILES_HERE: &[c_long] = &[];

/// Not there, and no reason to end: libraries go on without them.
const ABSENT: &[c_long] = &[
    // The C library starts threads with `clone` then, whose arguments can be checked.
    libc::SYS_clone3,
    // The engine fills memories by copying then.
    libc::SYS_memfd_create,
    libc::SYS_sched_setaffinity,
    libc::SYS_setpriority,
    libc::SYS_getpriority,
    libc::SYS_setsockopt,
    libc::SYS_getcwd,
    libc::SYS_uname,
    libc::SYS_sysinfo,
    libc::SYS_statfs,
];

/// Not there without a scratch folder.
const ABSENT_FILES: &[c_long] =
    &[libc::SYS_openat, libc::SYS_openat2, libc::SYS_readlinkat, libc::SYS_faccessat, libc::SYS_faccessat2];

#[cfg(target_arch = "x86_64")]
const ABSENT_FILES_HERE: &[c_long] =
    &[libc::SYS_open, libc::SYS_readlink, libc::SYS_access, libc::SYS_stat, libc::SYS_lstat];
#[cfg(not(target_arch = "x86_64"))]
const ABSENT_FILES_HERE: &[c_long] = &[];

/// Commands of `fcntl`; one that gives a file an owner, who gets signals, is not among them.
const FCNTL: [i32; 7] = [
    libc::F_DUPFD,
    libc::F_GETFD,
    libc::F_SETFD,
    libc::F_GETFL,
    libc::F_SETFL,
    libc::F_DUPFD_CLOEXEC,
    libc::F_GET_SEALS,
];

/// What `clone` must be told: a thread of this process.
const THREAD: u64 = number(libc::CLONE_VM) | number(libc::CLONE_SIGHAND) | number(libc::CLONE_THREAD);
/// What it must not be told: worlds of its own.
const WORLDS: u64 = number(libc::CLONE_NEWNS)
    | number(libc::CLONE_NEWCGROUP)
    | number(libc::CLONE_NEWUTS)
    | number(libc::CLONE_NEWIPC)
    | number(libc::CLONE_NEWUSER)
    | number(libc::CLONE_NEWPID)
    | number(libc::CLONE_NEWNET);
/// Bits of `mmap` that say whether others see the memory.
const SHARED: u64 = number(libc::MAP_SHARED) | number(libc::MAP_PRIVATE);
/// The one command of `ioctl` that is left: a socket that does not wait.
const FIONBIO: u64 = 0x5421;
/// Bits of a socket's type that are not flags.
const KIND: u64 = 0xf;

/// A constant of C as the kernel gets it.
const fn number(constant: i32) -> u64 {
    constant as u32 as u64
}

/// A comparison of the lower half of an argument.
fn half(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)
}

/// A comparison of a whole argument.
fn whole(argument: u8, operator: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Qword, operator, value)
}

/// One rule of one condition.
fn rule(condition: Result<SeccompCondition, BackendError>) -> Result<SeccompRule, BackendError> {
    SeccompRule::new(vec![condition?])
}

fn add(calls: &mut Calls, numbers: &[c_long]) {
    calls.extend(numbers.iter().map(|call| (*call, vec![])));
}

/// What is left, and of some calls only with these arguments.
fn left(files: bool) -> Result<Calls, BackendError> {
    use SeccompCmpOp::{Eq, MaskedEq};

    let mut calls = Calls::new();
    for numbers in [FREE, FREE_HERE, ABSENT, ABSENT_FILES, ABSENT_FILES_HERE] {
        add(&mut calls, numbers);
    }
    if files {
        add(&mut calls, FILES);
        add(&mut calls, FILES_HERE);
    }
    // Nothing becomes code any more.
    let no_code = || half(2, MaskedEq(number(libc::PROT_EXEC)), 0);
    // No memory that no limit counts: what is shared, and what grows as a stack.
    let counted = half(3, MaskedEq(SHARED | number(libc::MAP_GROWSDOWN)), number(libc::MAP_PRIVATE))?;
    calls.insert(libc::SYS_mmap, vec![SeccompRule::new(vec![no_code()?, counted])?]);
    calls.insert(libc::SYS_mprotect, vec![rule(no_code())?]);
    calls.insert(libc::SYS_clone, vec![rule(whole(0, MaskedEq(THREAD | WORLDS), THREAD))?]);
    // `abort` sends itself a signal.
    let own = u64::from(std::process::id());
    calls.insert(libc::SYS_tgkill, vec![rule(half(0, Eq, own))?]);
    // Names of threads and of pieces of memory.
    let names = [libc::PR_SET_NAME, libc::PR_SET_VMA];
    let names = names.into_iter().map(|name| rule(half(0, Eq, number(name))));
    calls.insert(libc::SYS_prctl, names.collect::<Result<_, _>>()?);
    let commands = FCNTL.into_iter().map(|command| rule(half(1, Eq, number(command))));
    calls.insert(libc::SYS_fcntl, commands.collect::<Result<_, _>>()?);
    // Reading one's own limits.
    let read = SeccompRule::new(vec![half(0, Eq, 0)?, whole(2, Eq, 0)?])?;
    calls.insert(libc::SYS_prlimit64, vec![read]);
    // To nobody but who is connected already.
    calls.insert(libc::SYS_sendto, vec![rule(whole(4, Eq, 0))?]);
    let stream = half(1, MaskedEq(KIND), number(libc::SOCK_STREAM))?;
    let pair = SeccompRule::new(vec![half(0, Eq, number(libc::AF_UNIX))?, stream])?;
    calls.insert(libc::SYS_socketpair, vec![pair]);
    // All but one command of it are absent.
    add(&mut calls, &[libc::SYS_ioctl]);
    Ok(calls)
}

/// What fails as if the kernel did not have it.
fn absent(files: bool) -> Result<Calls, BackendError> {
    let mut calls = Calls::new();
    add(&mut calls, ABSENT);
    calls.insert(libc::SYS_ioctl, vec![rule(half(1, SeccompCmpOp::Ne, FIONBIO))?]);
    if !files {
        add(&mut calls, ABSENT_FILES);
        add(&mut calls, ABSENT_FILES_HERE);
        // What is open may be looked at, a path may not.
        let of_path = |flags| rule(half(flags, SeccompCmpOp::MaskedEq(number(libc::AT_EMPTY_PATH)), 0));
        calls.insert(libc::SYS_statx, vec![of_path(2)?]);
        calls.insert(libc::SYS_newfstatat, vec![of_path(3)?]);
    }
    Ok(calls)
}

/// Puts the filters on all threads; false when the kernel, or the crate for this processor, has none.
pub(crate) fn install(files: bool) -> Result<bool, String> {
    let Ok(processor) = TargetArch::try_from(std::env::consts::ARCH) else { return Ok(false) };
    let not_there = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    // The strictest word counts, so that the order is that of installing: the last one allows no further filter.
    let first = program(absent(files), SeccompAction::Allow, not_there, processor);
    let second = program(left(files), SeccompAction::KillProcess, SeccompAction::Allow, processor);
    for program in [first, second] {
        let program = program.map_err(|e| format!("seccomp filter: {e}"))?;
        match apply_filter_all_threads(&program) {
            Ok(()) => {}
            Err(Error::Seccomp(e)) if unsupported(&e) => return Ok(false),
            Err(e) => return Err(format!("seccomp filter: {e}")),
        }
    }
    Ok(true)
}

fn unsupported(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EINVAL))
}

fn program(
    calls: Result<Calls, BackendError>,
    otherwise: SeccompAction,
    listed: SeccompAction,
    processor: TargetArch,
) -> Result<BpfProgram, BackendError> {
    SeccompFilter::new(calls?, otherwise, listed, processor)?.try_into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_does_not_end_the_process() {
        for files in [true, false] {
            let (left, absent) = (left(files).unwrap(), absent(files).unwrap());
            for call in absent.keys() {
                assert!(left.contains_key(call), "call {call} is absent and ends the process, files {files}");
            }
        }
    }

    #[test]
    fn what_breaks_out_is_not_left() {
        let left = left(true).unwrap();
        let none = [
            libc::SYS_socket,
            libc::SYS_connect,
            libc::SYS_bind,
            libc::SYS_execve,
            libc::SYS_execveat,
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_kill,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_mount,
            libc::SYS_bpf,
            libc::SYS_io_uring_setup,
            libc::SYS_keyctl,
            libc::SYS_seccomp,
            libc::SYS_pkey_mprotect,
            libc::SYS_shmat,
        ];
        for call in none {
            assert!(!left.contains_key(&call), "call {call}");
        }
    }
}
