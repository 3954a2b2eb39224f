//! Ends a worker process with its node: when the node is gone, nobody takes what the worker makes. Where the kernel has a
//! signal for that case, which whoever breaks out cannot undo, it comes first (`inherited`). Not for: stopping an attempt
//! (the node kills its worker).

use std::io;
use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// Stack of the thread that waits, bytes.
const STACK_BYTES: usize = 64 << 10;

/// Ends this process once the other end of `socket`, the node's, is closed. Started after `confine`, so that the thread
/// is confined, too.
pub fn leash(socket: OwnedFd) -> io::Result<()> {
    let wait = move || {
        loop {
            let mut ends = [PollFd::new(&socket, PollFlags::RDHUP)];
            if poll(&mut ends, None) != Err(Errno::INTR) {
                std::process::exit(0);
            }
        }
    };
    std::thread::Builder::new().name("leash".into()).stack_size(STACK_BYTES).spawn(wait)?;
    Ok(())
}
