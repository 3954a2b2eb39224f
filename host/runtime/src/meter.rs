//! The processor time of an attempt: of its own thread, and of cryptography that the pool does for it. Too much of it gives
//! the stop signal. Not for: wall-clock deadlines (`engine`).

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use std::time::Duration;

use parcae_crypto::Supervisor;
use parcae_domain::attempt::{Attempt, StopReason, StopSignal};

use crate::cpu::{micros, thread_time};

/// Counts the time of one attempt. What asks it from the pool is stopped with the attempt.
pub(crate) struct Meter {
    attempt: Arc<Attempt>,
    stop: StopSignal,
    /// What the attempt's thread had used before it, microseconds.
    before: AtomicU64,
}

impl Meter {
    pub(crate) fn new(attempt: Arc<Attempt>, stop: StopSignal) -> Meter {
        Meter { attempt, stop, before: AtomicU64::new(micros(thread_time())) }
    }

    /// Begins to count, on the attempt's own thread.
    pub(crate) fn begin(&self) {
        self.before.store(micros(thread_time()), Ordering::Relaxed);
    }

    /// Takes down the time of the attempt's thread, which is the one that calls.
    pub(crate) fn sample(&self) {
        let own = micros(thread_time()).saturating_sub(self.before.load(Ordering::Relaxed));
        self.attempt.usage.thread_us.set(own);
        self.check();
    }

    fn check(&self) {
        if self.attempt.usage.cpu() >= Duration::from_secs(self.attempt.limits.cpu_seconds) {
            self.stop.stop(StopReason::CpuLimit);
        }
    }
}

impl Supervisor for Meter {
    fn stopped(&self) -> bool {
        self.stop.flag().load(Ordering::Relaxed)
    }

    fn spent(&self, time: Duration) {
        self.attempt.usage.crypto_us.add(micros(time));
        self.check();
    }
}
