//! Processes for attempts: started ahead, each for one attempt only. One that waits has run nothing and knows nothing. Not
//! for: what they are told (`run`), watching over them (`warden`).

use std::collections::VecDeque;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use parcae_domain::attempt::{Attempt, StopSignal};
use rustix::io::ioctl_fionbio;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use super::socket::NodeEnd;
use super::warden::{Lease, Warden};
use super::worker::WORKER_COMMAND;

/// Processes that wait for an attempt.
const READY: usize = 2;
/// How often who waits for a process looks at the stop signal.
const LOOK: Duration = Duration::from_millis(10);
/// How long a worker that has closed its socket may take to end by itself, which tells why.
const LAST: Duration = Duration::from_secs(1);
/// Most that is read of what a worker says on its standard error, bytes.
const SAID_BYTES: u64 = 4096;

/// A process that runs one attempt. Dropped, it is gone.
pub(crate) struct Worker {
    pub(super) child: Arc<Mutex<Child>>,
    pub(super) pid: Pid,
    pub(super) end: NodeEnd,
    said: ChildStderr,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Worker {
    /// Starts one, with nothing but its end of a socket as its standard input. All else that this process has open is
    /// closed as the other program begins, so that it can reach nothing that it is not given.
    fn start(program: &Path, stack_bytes: usize) -> io::Result<Worker> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut child = Command::new(program)
            .arg0("parcae")
            .arg(WORKER_COMMAND)
            .arg(stack_bytes.to_string())
            .env_clear()
            .current_dir("/")
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let said = child.stderr.take().ok_or_else(|| io::Error::other("no standard error"))?;
        // What a worker leaves to somebody else must not make the node wait.
        ioctl_fionbio(&said, true)?;
        let pid = Pid::from_child(&child);
        Ok(Worker { child: Arc::new(Mutex::new(child)), pid, end: NodeEnd::new(ours), said })
    }

    fn has_ended(&self) -> bool {
        !matches!(lock(&self.child).try_wait(), Ok(None))
    }

    /// Waits until the process has ended: by itself when it may, else it is killed. Returns how it did by itself, and the
    /// processor time that it took.
    pub(super) fn finish(&self, by_itself: bool) -> (Option<ExitStatus>, Option<Duration>) {
        let end = Instant::now() + LAST;
        while by_itself && !gone(self.pid) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
        let itself = gone(self.pid);
        let mut child = lock(&self.child);
        // An error says that it has ended.
        let _ = child.kill();
        let _ = waitid(WaitId::Pid(self.pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        // The kernel remembers until somebody waits.
        let took = super::warden::processor_time(self.pid);
        (child.wait().ok().filter(|_| itself), took)
    }

    /// What it said on its standard error, for the node's log; after its end.
    pub(super) fn said(&mut self) -> String {
        let mut bytes = Vec::new();
        // Without an end of what was said, there is nothing more to read now.
        let _ = (&mut self.said).take(SAID_BYTES).read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).trim().to_owned()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let mut child = lock(&self.child);
        // Both fail only when it is gone already.
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// True for a process of ours that has ended and that nobody has waited for.
pub(super) fn gone(pid: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    !matches!(waitid(WaitId::Pid(pid), options), Ok(None))
}

/// The processes of a node.
pub(crate) struct Processes {
    program: Option<PathBuf>,
    stack_bytes: usize,
    idle: Arc<Idle>,
    warden: Warden,
}

/// Workers that wait, and attempts that wait for one.
#[derive(Default)]
struct Idle {
    state: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    ready: VecDeque<Worker>,
    /// Attempts that wait.
    wanted: usize,
    /// Why the last process could not be started.
    failed: Option<String>,
    /// A thread starts processes.
    busy: bool,
    closed: bool,
}

/// Why there is no process for an attempt.
#[derive(Debug)]
pub(crate) enum NoWorker {
    /// It was stopped before there was one.
    Stopped,
    /// None can be started.
    Failed(String),
}

impl Processes {
    /// None yet: the first attempt starts them.
    pub(crate) fn new(program: Option<PathBuf>, stack_bytes: usize) -> Processes {
        Processes { program, stack_bytes, idle: Arc::default(), warden: Warden::default() }
    }

    /// An error when no process can ever be started.
    pub(super) fn check(&self) -> Result<&Path, NoWorker> {
        let why = "this node does not find its own program, which runs attempts (is /proc there?); \
                   isolation = \"thread\" runs them without it";
        self.program.as_deref().ok_or_else(|| NoWorker::Failed(why.to_owned()))
    }

    /// A process that nobody has used.
    pub(super) fn take(&self, stop: &StopSignal) -> Result<Worker, NoWorker> {
        let mut waiting = lock(&self.idle.state);
        self.begin(&mut waiting)?;
        if waiting.wanted == 0 {
            // Of another time.
            waiting.failed = None;
        }
        waiting.wanted += 1;
        self.idle.changed.notify_all();
        let taken = loop {
            if stop.reason().is_some() {
                break Err(NoWorker::Stopped);
            }
            match waiting.ready.pop_front() {
                // Somebody has killed it as it waited.
                Some(worker) if worker.has_ended() => self.idle.changed.notify_all(),
                Some(worker) => break Ok(worker),
                None => {
                    if let Some(why) = waiting.failed.take() {
                        break Err(NoWorker::Failed(why));
                    }
                    let (next, _) =
                        self.idle.changed.wait_timeout(waiting, LOOK).unwrap_or_else(PoisonError::into_inner);
                    waiting = next;
                }
            }
        };
        waiting.wanted -= 1;
        self.idle.changed.notify_all();
        taken
    }

    /// Has somebody watch over a worker until what this returns is dropped.
    pub(super) fn watch(&self, worker: &Worker, attempt: &Arc<Attempt>, stop: &StopSignal) -> Result<Lease, NoWorker> {
        let failed = |e: io::Error| NoWorker::Failed(format!("no thread to watch over it: {e}"));
        self.warden.watch(worker, attempt, stop).map_err(failed)
    }

    /// Starts the thread that starts processes.
    fn begin(&self, waiting: &mut Waiting) -> Result<(), NoWorker> {
        if waiting.busy {
            return Ok(());
        }
        let (program, idle, stack_bytes) = (self.check()?.to_owned(), self.idle.clone(), self.stack_bytes);
        let thread = std::thread::Builder::new().name("workers".into());
        thread.spawn(move || idle.refill(&program, stack_bytes)).map_err(|e| NoWorker::Failed(e.to_string()))?;
        waiting.busy = true;
        Ok(())
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        let mut waiting = lock(&self.idle.state);
        waiting.closed = true;
        let ready = std::mem::take(&mut waiting.ready);
        self.idle.changed.notify_all();
        drop(waiting);
        drop(ready);
    }
}

impl Idle {
    /// Keeps processes ready, until the node is closed.
    fn refill(&self, program: &Path, stack_bytes: usize) {
        let mut waiting = lock(&self.state);
        while !waiting.closed {
            // Where none can be started, only who needs one tries again.
            let enough = if waiting.failed.is_some() { 0 } else { READY };
            if waiting.ready.len() >= enough.max(waiting.wanted) {
                waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            drop(waiting);
            let started = Worker::start(program, stack_bytes);
            waiting = lock(&self.state);
            match started {
                Ok(_) if waiting.closed => {}
                Ok(worker) => {
                    waiting.failed = None;
                    waiting.ready.push_back(worker);
                }
                Err(error) => {
                    waiting.failed = Some(format!("{} cannot be started: {error}", program.display()));
                    self.changed.notify_all();
                    // Who waits takes note before the next try.
                    let pause = self.changed.wait_timeout(waiting, LOOK);
                    waiting = pause.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
            self.changed.notify_all();
        }
    }
}
