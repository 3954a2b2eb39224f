//! Runs attempts: one store and one instance for each, dropped at its end, whatever happened in it. Not for: what the
//! component reaches through imports (one file an interface).

use std::sync::Arc;
use std::time::{Duration, Instant};

use parcae_domain::{
    attempt::{Attempt, StopReason, StopSignal},
    outcome::{FailureKind, Outcome},
    port::{Executor, World},
};
use wasmtime::{Store, Trap, UpdateDeadline};
use wasmtime_wasi::I32Exit;

use crate::generated::{self, parcae::component::types};
use crate::images::Images;
use crate::limiter::Limiter;
use crate::state::{Halt, State};

/// Runs attempts in this process, each on the thread that calls.
pub struct Sandbox {
    images: Arc<Images>,
}

impl Sandbox {
    /// A sandbox for these images.
    pub fn new(images: Arc<Images>) -> Sandbox {
        Sandbox { images }
    }

    fn attempt(&self, attempt: &Attempt, world: Arc<dyn World>, stop: &StopSignal) -> Outcome {
        let Some(image) = self.images.digest(&attempt.image) else {
            return Outcome::Node {
                message: format!("image {} of module {} is gone", attempt.image, attempt.module.name),
            };
        };
        let machine = self.images.machine();
        let end = Instant::now() + Duration::from_secs(attempt.limits.run_seconds);
        let _watch = machine.watch(end, stop);
        let limiter = Limiter::new(&attempt.limits, machine.memory_used.clone(), machine.settings.memory_pool_bytes);
        let attempt = Arc::new(attempt.clone());
        let mut store = Store::new(&machine.engine, State::new(attempt.clone(), Some(world), stop.clone(), limiter));
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(usize::try_from(attempt.limits.call_bytes).unwrap_or(usize::MAX));
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|store| match store.data().stop.reason() {
            None => Ok(UpdateDeadline::Continue(1)),
            Some(_) => Err(store.data().halt()),
        });
        let result = generated::ComponentPre::new(image.pre.clone())
            .and_then(|pre| pre.instantiate(&mut store))
            .and_then(|instance| instance.call_run(&mut store, &attempt.module.name));
        let state = store.data();
        state.stdout.finish();
        state.stderr.finish();
        tracing::debug!(attempt = %attempt.id, peak_memory_bytes = state.limiter.peak(), "attempt ended");
        outcome(result, stop, &attempt)
    }
}

impl Executor for Sandbox {
    fn run(&self, attempt: &Attempt, world: Arc<dyn World>, stop: &StopSignal) -> Outcome {
        let run = std::panic::AssertUnwindSafe(|| self.attempt(attempt, world, stop));
        std::panic::catch_unwind(run).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default();
            tracing::error!(attempt = %attempt.id, "the sandbox panicked: {text}");
            Outcome::Node { message: format!("the sandbox itself failed: {text}") }
        })
    }
}

/// The outcome of an attempt whose stop signal was given.
pub(crate) fn stopped(stop: &StopSignal, attempt: &Attempt) -> Outcome {
    match stop.reason() {
        Some(StopReason::RunDeadline) => Outcome::Deadline { which: "run".into(), seconds: attempt.limits.run_seconds },
        Some(StopReason::JobDeadline) => Outcome::Deadline { which: "job".into(), seconds: 0 },
        _ => Outcome::Canceled,
    }
}

fn outcome(result: wasmtime::Result<Result<(), types::Failure>>, stop: &StopSignal, attempt: &Attempt) -> Outcome {
    let error = match result {
        Ok(Ok(())) => return Outcome::Success,
        Ok(Err(_)) if stop.reason().is_some() => return stopped(stop, attempt),
        Ok(Err(failure)) => return failed(failure),
        Err(error) => error,
    };
    if let Some(Halt(outcome)) = error.downcast_ref::<Halt>() {
        return outcome.clone();
    }
    if stop.reason().is_some() {
        return stopped(stop, attempt);
    }
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return Outcome::Trapped { message: format!("it called exit({})", exit.0) };
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => {
            let message = format!("the stack has {} bytes", attempt.limits.stack_bytes);
            Outcome::Limit { limit: "stack_bytes".into(), message }
        }
        _ => Outcome::Trapped { message: format!("{error:?}").chars().take(8000).collect() },
    }
}

fn failed(failure: types::Failure) -> Outcome {
    let kind = match failure.kind {
        types::FailureKind::Input => FailureKind::Input,
        types::FailureKind::Peer => FailureKind::Peer,
        types::FailureKind::Transient => FailureKind::Transient,
        types::FailureKind::Other => FailureKind::Other,
    };
    Outcome::Failed { kind, message: failure.message.chars().take(16_000).collect() }
}
