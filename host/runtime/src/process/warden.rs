//! Watches over the workers that run: kills those whose attempt is to stop, counts their processor time, notices when one
//! has died while the node waits for something else, and holds those whose turn it is not. One thread for all of them. Not
//! for: starting them (`workers`), whose turn it is (`rounds`).

use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::process::Child;
use std::sync::{
    Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};
use std::time::{Duration, Instant};

use parcae_domain::attempt::{Attempt, StopReason, StopSignal};
use rustix::process::{Pid, Signal, kill_process};

use super::rounds::{Order, Rounds};
use super::workers::{Worker, gone};

/// How often it looks whether somebody is to stop.
const TICK: Duration = Duration::from_millis(5);
/// How many looks later it looks at the process itself.
const TICKS: u32 = 10;
/// How many looks later it sees who computes.
const ROUND: u32 = 4;
/// Workers that compute at once, for each core: some of them will be waiting for the disk.
const EACH: usize = 2;
/// Threads that a worker may have beside four for each processor: nobody is to use up those of the machine.
const THREADS: u64 = 64;
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
    /// The node's end of its socket: who holds the other one must not make the node wait.
    end: UnixStream,
    died: AtomicBool,
    /// Its processor time as it was seen last, ms.
    seen_ms: AtomicU64,
    /// What it did that no component can make it do.
    breach: OnceLock<String>,
}

/// Watches over one worker until it is dropped.
pub(crate) struct Lease {
    post: Arc<Post>,
    watched: Arc<Watched>,
}

impl Lease {
    /// True when the stop signal was given since the worker had died, or is to die of its breach, and for nothing else.
    pub(crate) fn died(&self) -> bool {
        self.watched.died.load(Ordering::Acquire)
    }

    /// What it did that no component can make it do.
    pub(crate) fn breach(&self) -> Option<String> {
        self.watched.breach.get().cloned()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.post.lock().leases.retain(|other| !Arc::ptr_eq(other, &self.watched));
        // It may have been held, and may have to end by itself.
        self.watched.signal(Signal::CONT);
    }
}

impl Warden {
    pub(super) fn watch(&self, worker: &Worker, attempt: &Arc<Attempt>, stop: &StopSignal) -> io::Result<Lease> {
        let (child, attempt, stop) = (worker.child.clone(), attempt.clone(), stop.clone());
        let (pid, end, died, breach) = (worker.pid, worker.end.again()?, AtomicBool::new(false), OnceLock::new());
        let seen_ms = AtomicU64::new(0);
        let watched = Arc::new(Watched { child, pid, attempt, stop, end, died, seen_ms, breach });
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
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut rounds = Rounds::new(EACH * cores);
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
            if tick.is_multiple_of(ROUND) && (leases.len() > EACH * cores || rounds.hold_any()) {
                turns(&mut rounds, &leases);
            }
            drop(leases);
            tick = tick.wrapping_add(1);
            std::thread::sleep(TICK);
        }
    }
}

/// Lets those compute whose turn it is.
fn turns(rounds: &mut Rounds<Pid>, leases: &[Arc<Watched>]) {
    let all: Vec<Pid> = leases.iter().map(|watched| watched.pid).collect();
    let free = leases.iter().filter(|watched| !rounds.holds(&watched.pid));
    let computing: Vec<Pid> = free.filter(|watched| watched.has_computed()).map(|watched| watched.pid).collect();
    for order in rounds.next(&all, &computing, Instant::now()) {
        let (pid, signal) = match order {
            Order::Hold(pid) => (pid, Signal::STOP),
            Order::LetGo(pid) => (pid, Signal::CONT),
        };
        if let Some(watched) = leases.iter().find(|watched| watched.pid == pid) {
            watched.signal(signal);
        }
    }
}

impl Watched {
    /// Whether it has used a processor since this was asked.
    fn has_computed(&self) -> bool {
        let took = processor_time(self.pid).map_or(0, |took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        took > self.seen_ms.swap(took, Ordering::AcqRel)
    }

    fn signal(&self, signal: Signal) {
        // Who holds the lock is about to end it; until then the process has its number.
        if let Ok(_child) = self.child.try_lock() {
            // An error says that it is gone already.
            let _ = kill_process(self.pid, signal);
        }
    }

    /// Kills the worker when its attempt is to stop.
    fn obey(&self) {
        if self.stop.reason().is_none() {
            return;
        }
        // Who holds the lock is about to end it.
        if let Ok(mut child) = self.child.try_lock() {
            // An error says that it is gone already.
            let _ = child.kill();
        }
        // It may have left its socket to somebody. An error says that it is closed already.
        let _ = self.end.shutdown(Shutdown::Both);
    }

    /// Counts its time; when it is gone, wakes whoever waits on its behalf.
    fn look(&self) {
        let Attempt { usage, limits, .. } = &*self.attempt;
        if let Some((took, threads)) = stat(self.pid) {
            let took = took + Duration::from_micros(usage.served_us.get());
            usage.thread_us.raise(crate::cpu::micros(took));
            if took >= Duration::from_secs(limits.cpu_seconds) {
                self.stop.stop(StopReason::CpuLimit);
            }
            if threads > most_threads() {
                self.breach.get_or_init(|| format!("it runs {threads} threads"));
            }
        }
        if self.stop.reason().is_none() && (self.breach.get().is_some() || gone(self.pid)) {
            self.died.store(true, Ordering::Release);
            self.stop.stop(StopReason::Canceled);
        }
    }
}

/// Threads that a worker never needs.
fn most_threads() -> u64 {
    THREADS + 4 * std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64)
}

/// Processor time of all threads of a process that nobody has waited for, in steps of 10 ms.
pub(super) fn processor_time(pid: Pid) -> Option<Duration> {
    stat(pid).map(|(took, _)| took)
}

/// That, and how many threads it has.
fn stat(pid: Pid) -> Option<(Duration, u64)> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // The name of the program may hold anything, but the last bracket closes it.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let user: u64 = fields.nth(11)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    let threads: u64 = fields.nth(4)?.parse().ok()?;
    Some((Duration::from_millis(user.saturating_add(system).saturating_mul(1000 / TICKS_PER_SECOND)), threads))
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
        let (keep, kept) = std::sync::mpsc::channel::<()>();
        let other = std::thread::spawn(move || kept.recv());
        assert!(stat(own).unwrap().1 >= 2, "this thread and the other one");
        drop(keep);
        assert!(other.join().unwrap().is_err());
    }
}
