//! What a worker or a compiler has from whoever started the node, and must not have: files that were left open. Ties it to
//! its node, too. Not for: what it is given (`worker`, `compile`), the walls (`confine`).

/// Closes all files but the standard ones, and has the kernel end this process with the thread that started it, which
/// is there as long as the node is. To be called before anything is opened.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "there is no safe call that closes files by their numbers")]
pub(crate) fn give_up() {
    use rustix::process::{Signal, set_parent_process_death_signal};

    // For those who look at processes; the program may have any name.
    let _ = rustix::thread::set_name(c"parcae-worker");
    // A kernel that refuses leaves that to `leash`.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    // SAFETY: nothing of this process owns any of these files: it has just begun, and opened none. An error (Linux
    // before 5.9) leaves them open.
    unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) };
}

/// Only Linux has the calls.
#[cfg(not(target_os = "linux"))]
pub(crate) fn give_up() {}
