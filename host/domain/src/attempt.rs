//! One run of one module at one party: what the sandbox is given. Not for: what it may reach (`port::World`).

use std::path::PathBuf;
use std::sync::{
    Arc, Condvar, Mutex,
    atomic::{AtomicBool, AtomicU8, Ordering},
};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{
    descriptor::Module, draws::DrawKey, grant::Grant, id::AttemptId, limit::Limits, party::Party, tenant::TenantId,
    usage::LiveUsage,
};

pub use crate::isolation::{Isolation, IsolationPolicy};

/// What the sandbox is given to run an attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which one.
    pub id: AttemptId,
    /// Whose job it belongs to.
    pub tenant: TenantId,
    /// The module's description.
    pub module: Module,
    /// Digest of the image, SHA-256 in hex.
    pub image: String,
    /// All parties of the task that run this module, by role and then as the job lists them.
    pub parties: Vec<Party>,
    /// Parameters, checked and with defaults filled in.
    pub parameters: Value,
    /// What stands between it and the node.
    pub isolation: Isolation,
    /// Seed of everything that a component may draw without the randomness grant: the same at every attempt of the task.
    pub seed: u64,
    /// The same job gives the same outputs: no real clock, no real randomness, one form of numbers that are none.
    pub deterministic: bool,
    /// What private draws follow from then; none = the operating system.
    pub draws: Option<DrawKey>,
    /// Grants in force.
    pub grants: Vec<Grant>,
    /// Limits in force.
    pub limits: Limits,
    /// The directory of its own, with grant `scratch`.
    pub scratch: Option<PathBuf>,
    /// What it has used so far: counted by who runs it, read by the node.
    pub usage: Arc<LiveUsage>,
}

impl Attempt {
    /// True when the module has a grant, and the deterministic profile does not take it back.
    pub fn may(&self, grant: Grant) -> bool {
        let real = matches!(grant, Grant::Clock | Grant::Randomness);
        self.grants.contains(&grant) && !(self.deterministic && real)
    }

    /// True when it may send no more than what goes without grant `message-volume`.
    pub fn is_modest(&self) -> bool {
        let Limits { edge_bytes, edge_bytes_ungranted, .. } = &self.limits;
        !self.grants.contains(&Grant::MessageVolume) && edge_bytes == edge_bytes_ungranted
    }
}

/// Why an attempt is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// A user or the scheduler wants it.
    Canceled,
    /// The job ran out of time.
    JobDeadline,
    /// The attempt itself ran out of time.
    RunDeadline,
    /// It has used up its processor time.
    CpuLimit,
    /// Its tenant has used up the processor time of the day.
    TenantCpu,
}

/// The signal that stops an attempt, whatever it is doing. Cheap to ask, and wakes who waits on it.
#[derive(Clone, Debug, Default)]
pub struct StopSignal(Arc<StopState>);

#[derive(Debug, Default)]
struct StopState {
    reason: AtomicU8,
    given: AtomicBool,
    lock: Mutex<()>,
    changed: Condvar,
}

impl StopSignal {
    /// A signal that has not been given.
    pub fn new() -> StopSignal {
        StopSignal::default()
    }

    /// Gives the signal; only the first reason counts.
    pub fn stop(&self, reason: StopReason) {
        let code = match reason {
            StopReason::Canceled => 1,
            StopReason::JobDeadline => 2,
            StopReason::RunDeadline => 3,
            StopReason::CpuLimit => 4,
            StopReason::TenantCpu => 5,
        };
        let _guard = self.0.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _ = self.0.reason.compare_exchange(0, code, Ordering::AcqRel, Ordering::Acquire);
        self.0.given.store(true, Ordering::Release);
        self.0.changed.notify_all();
    }

    /// A flag that turns true when the signal is given: for long computations, which ask it now and then.
    pub fn flag(&self) -> &AtomicBool {
        &self.0.given
    }

    /// The reason, once the signal was given.
    pub fn reason(&self) -> Option<StopReason> {
        match self.0.reason.load(Ordering::Acquire) {
            0 => None,
            1 => Some(StopReason::Canceled),
            2 => Some(StopReason::JobDeadline),
            3 => Some(StopReason::RunDeadline),
            4 => Some(StopReason::CpuLimit),
            _ => Some(StopReason::TenantCpu),
        }
    }

    /// Waits for the signal, at most so long; true when it was given.
    pub fn wait(&self, at_most: Duration) -> bool {
        let end = Instant::now() + at_most;
        let mut guard = self.0.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        while self.reason().is_none() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            guard = self.0.changed.wait_timeout(guard, left).unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
        true
    }
}
