//! Whether a node can take work on: its loop answers, its database can be written, its disk has room. Not for: whether
//! it is there at all, which who asks sees for themselves.

use std::sync::{PoisonError, mpsc::channel};
use std::time::Duration;

use parcae_scheduler::Event;

use crate::mailbox::Mail;
use crate::node::Node;

/// How long the loop may take to answer; it stores what it decides meanwhile.
const LOOP: Duration = Duration::from_secs(5);
/// Room that there must be on the disk, bytes.
const ROOM: u64 = 64 << 20;

impl Node {
    /// Why the node cannot take work on, in words; none when it can. It waits for the loop and for the disk.
    pub fn unready(&self) -> Option<String> {
        match room(&self.site.options.data) {
            Ok(free) if free < ROOM => {
                return Some(format!("the disk of the data folder has {free} bytes left, and {ROOM} are needed"));
            }
            Ok(_) => {}
            Err(error) => return Some(format!("the disk of the data folder does not answer: {error}")),
        }
        if let Err(error) = self.site.store.try_write() {
            return Some(format!("the database cannot be written: {error}"));
        }
        let (answer, waits) = channel();
        let mail = Mail::Awaited(Event::Tick, answer);
        let _ = self.mailbox.lock().unwrap_or_else(PoisonError::into_inner).send(mail);
        waits.recv_timeout(LOOP).err().map(|_| format!("the loop does not answer within {} s", LOOP.as_secs()))
    }
}

fn room(folder: &std::path::Path) -> std::io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}
