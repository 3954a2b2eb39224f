//! Watches over the workers that run: kills those whose attempt is to stop, counts their processor time, and notices when
//! one has died while the node waits for something else. One thread for all of them. Not for: starting them (`workers`).

use std::io;
use std::process::Child;
use std::sync::{
    Arc, Condvar, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};
use std::time::Duration;

use parcae_domain::attempt::{Attempt, StopReason, StopSignal};
use rustix::process::Pid;

use super::workers::{Worker, gone};

/// How often it looks whether somebody is to stop.
const TICK: Duration = Duration::from_millis(5);
/// How many looks later it looks at the process itself.
const TICKS: u32 = 10;
/// Parts of a second that the kernel counts processor time in, for all programs of Linux.
const TICKS_PER_SECOND: u64 = 100;

/// Watches over workers.
#[derive(Default)]
pub(crate) struct Warden {
    post: Arc<Post>,
}

#[derive(Default)]
struct Post {
    state: Mutex<Watch>,
    changed: Condvar,
}

#[derive(Default)]
struct Watch {
    leases: Vec<Arc<Watched>>,
    busy: bool,
    closed: bool,
}

/// A worker that is watched over.
struct Watched {
    child: Arc<Mutex<Child>>,
    pid: Pid,
    attempt: Arc<Attempt>,
    stop: StopSignal,
    died: AtomicBool,
}

/// Watches over one worker until it is dropped.
pub(crate) struct Lease {
    post: Arc<Post>,
    watched: Arc<Watched>,
}

impl Lease {
    /// True when the stop signal was given since the worker had died, and for nothing else.
    pub(crate) fn died(&self) -> bool {
        self.watched.died.load(Ordering::Acquire)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.post.lock().leases.retain(|other| !Arc::ptr_eq(other, &self.watched));
    }
}

impl Warden {
    pub(super) fn watch(&self, worker: &Worker, attempt: &Arc<Attempt>, stop: &StopSignal) -> io::Result<Lease> {
        let (child, attempt, stop) = (worker.child.clone(), attempt.clone(), stop.clone());
        let watched = Arc::new(Watched { child, pid: worker.pid, attempt, stop, died: AtomicBool::new(false) });
        let mut watch = self.post.lock();
        if !watch.busy {
            let post = self.post.clone();
            std::thread::Builder::new().name("warden".into()).spawn(move || post.stand())?;
            watch.busy = true;
        }
        watch.leases.push(watched.clone());
        self.post.changed.notify_all();
        Ok(Lease { post: self.post.clone(), watched })
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        self.post.lock().closed = true;
        self.post.changed.notify_all();
    }
}

impl Post {
    fn lock(&self) -> MutexGuard<'_, Watch> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stand(&self) {
        let mut tick = 0u32;
        loop {
            let mut watch = self.lock();
            while watch.leases.is_empty() && !watch.closed {
                watch = self.changed.wait(watch).unwrap_or_else(PoisonError::into_inner);
            }
            if watch.leases.is_empty() {
                return;
            }
            let leases = watch.leases.clone();
            drop(watch);
            for watched in &leases {
                if tick.is_multiple_of(TICKS) {
                    watched.look();
                }
                watched.obey();
            }
            drop(leases);
            tick = tick.wrapping_add(1);
            std::thread::sleep(TICK);
        }
    }
}

impl Watched {
    /// Kills the worker when its attempt is to stop.
    fn obey(&self) {
        // Who holds the lock is about to end it.
        if self.stop.reason().is_some()
            && let Ok(mut child) = self.child.try_lock()
        {
            // An error says that it is gone already.
            let _ = child.kill();
        }
    }

    /// Counts its time; when it is gone, wakes whoever waits on its behalf.
    fn look(&self) {
        let Attempt { usage, limits, .. } = &*self.attempt;
        if let Some(took) = processor_time(self.pid) {
            usage.thread_us.raise(crate::cpu::micros(took));
            if took >= Duration::from_secs(limits.cpu_seconds) {
                self.stop.stop(StopReason::CpuLimit);
            }
        }
        if self.stop.reason().is_none() && gone(self.pid) {
            self.died.store(true, Ordering::Release);
            self.stop.stop(StopReason::Canceled);
        }
    }
}

/// Processor time of all threads of a process that nobody has waited for, in steps of 10 ms.
pub(super) fn processor_time(pid: Pid) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // The name of the program may hold anything, but the last bracket closes it.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let user: u64 = fields.nth(11)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis(user.saturating_add(system).saturating_mul(1000 / TICKS_PER_SECOND)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read() {
        let own = Pid::from_raw(i32::try_from(std::process::id()).unwrap()).unwrap();
        let before = processor_time(own).unwrap();
        let began = crate::cpu::thread_time();
        while crate::cpu::thread_time() - began < Duration::from_millis(50) {
            std::hint::spin_loop();
        }
        assert!(processor_time(own).unwrap() >= before + Duration::from_millis(30));
    }
}
