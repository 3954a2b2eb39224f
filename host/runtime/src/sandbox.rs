//! Runs attempts: one store and one instance for each, dropped at its end, whatever happened in it. Not for: what the
//! component reaches through imports (one file an interface).

use std::sync::Arc;
use std::time::{Duration, Instant};

use parcae_domain::{
    attempt::{Attempt, Isolation, StopReason, StopSignal},
    id::AttemptId,
    limit::Limits,
    outcome::{FailureKind, Outcome},
    port::{Executor, Load, World},
    tenant::TenantId,
    text::printable,
    usage::Usage,
};
use wasmtime::component::InstancePre;
use wasmtime::{Store, Trap, UpdateDeadline};
use wasmtime_wasi::{I32Exit, ResourceTableError};

use crate::generated::{self, parcae::component::types};
use crate::images::Images;
use crate::limiter::Limiter;
use crate::process;
use crate::state::{Halt, State, handles_message};

/// Longest time that an attempt may be given, seconds: a hundred years, so that no end is beyond what a clock can tell.
pub(crate) const LONGEST: u64 = 100 * 365 * 86_400;

/// Is told what each attempt used, as it ends and before anybody knows its outcome.
pub type Watcher = Arc<dyn Fn(&AttemptId, Usage) + Send + Sync>;

/// Runs attempts, each on the thread that calls or in a process that this thread serves.
pub struct Sandbox {
    images: Arc<Images>,
    watcher: Option<Watcher>,
}

impl Sandbox {
    /// A sandbox for these images.
    pub fn new(images: Arc<Images>) -> Sandbox {
        Sandbox { images, watcher: None }
    }

    /// The same, and somebody is told what each attempt used.
    pub fn watched(images: Arc<Images>, watcher: Watcher) -> Sandbox {
        Sandbox { images, watcher: Some(watcher) }
    }

    fn attempt(&self, attempt: &Attempt, world: Arc<dyn World>, stop: &StopSignal) -> Outcome {
        let Some(image) = self.images.digest(&attempt.image) else {
            return Outcome::Node {
                message: format!("image {} of module {} is gone", attempt.image, attempt.module.name),
            };
        };
        let machine = self.images.machine();
        let began = Instant::now();
        let end = began + Duration::from_secs(attempt.limits.run_seconds.min(LONGEST));
        let _watch = machine.watch(end, stop);
        let memory = machine.tenants.memory(&machine.memory, &attempt.tenant, world.tenant_memory());
        let limiter = Limiter::new(&attempt.limits, memory).told(attempt.usage.clone());
        let attempt = Arc::new(attempt.clone());
        let mut state = State::new(attempt.clone(), Some(world), stop.clone(), limiter);
        let outcome = match attempt.isolation {
            Isolation::Process => process::run(machine, &image, state),
            Isolation::Thread => match image.linked(machine, &attempt, stop) {
                Ok(pre) => {
                    // However many attempts are busy, the node answers.
                    parcae_crypto::give_way();
                    state.turn = Some(machine.turns.join(stop));
                    play(&pre, state, machine.settings.stack_bytes)
                }
                Err(outcome) => outcome,
            },
        };
        let used = attempt.usage.sum_up(began.elapsed());
        tracing::debug!(attempt = %attempt.id, peak_memory_bytes = used.peak_memory_bytes, "attempt ended");
        if let Some(watcher) = &self.watcher {
            watcher(&attempt.id, used);
        }
        outcome
    }
}

/// Runs a component to its end on this thread.
pub(crate) fn play(pre: &InstancePre<State>, state: State, stack_bytes: usize) -> Outcome {
    let (attempt, stop) = (state.attempt.clone(), state.stop.clone());
    state.meter.begin();
    let mut store = Store::new(pre.engine(), state);
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(usize::try_from(attempt.limits.call_bytes).unwrap_or(usize::MAX));
    // In a process of its own nothing counts epochs: there a stop is a kill.
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|store| {
        let state = store.data();
        state.meter.sample();
        if let Some(turn) = &state.turn {
            turn.wait();
        }
        state.go_on().map(|()| UpdateDeadline::Continue(1))
    });
    let result = generated::ComponentPre::new(pre.clone())
        .and_then(|pre| pre.instantiate(&mut store))
        .and_then(|instance| instance.call_run(&mut store, &attempt.module.name));
    let state = store.data();
    state.stdout.finish();
    state.stderr.finish();
    state.meter.sample();
    with_last_words(outcome(result, &stop, &attempt, stack_bytes), &state.stderr.last())
}

impl Executor for Sandbox {
    fn run(&self, attempt: &Attempt, world: Arc<dyn World>, stop: &StopSignal) -> Outcome {
        guarded(&attempt.id, || self.attempt(attempt, world, stop))
    }

    fn load(&self) -> Load {
        let machine = self.images.machine();
        let memory_bytes = machine.memory.used();
        Load { memory_bytes, memory_pool_bytes: machine.settings.memory_pool_bytes }
    }

    fn memory_of(&self, tenant: &TenantId) -> u64 {
        self.images.machine().tenants.used(tenant)
    }
}

/// Runs something that must not panic, and has an outcome when it does.
pub(crate) fn guarded(attempt: &AttemptId, run: impl FnOnce() -> Outcome) -> Outcome {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default();
        tracing::error!(%attempt, "the sandbox panicked: {text}");
        Outcome::Node { message: format!("the sandbox itself failed: {text}") }
    })
}

/// The outcome of an attempt whose stop signal was given.
pub(crate) fn stopped(stop: &StopSignal, attempt: &Attempt) -> Outcome {
    match stop.reason() {
        Some(StopReason::RunDeadline) => Outcome::Deadline { which: "run".into(), seconds: attempt.limits.run_seconds },
        Some(StopReason::JobDeadline) => Outcome::Deadline { which: "job".into(), seconds: 0 },
        Some(StopReason::CpuLimit) => {
            let message = format!("{} s of processor time are allowed", attempt.limits.cpu_seconds);
            Outcome::Limit { limit: "cpu_seconds".into(), message }
        }
        _ => Outcome::Canceled,
    }
}

fn outcome(
    result: wasmtime::Result<Result<(), types::Failure>>,
    stop: &StopSignal,
    attempt: &Attempt,
    stack_bytes: usize,
) -> Outcome {
    let error = match result {
        // Whatever it made of it: what it waited for did not come, it was woken to be stopped.
        Ok(_) if stop.reason().is_some() => return stopped(stop, attempt),
        Ok(Ok(())) => return Outcome::Success,
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
            let message = format!("the stack has {stack_bytes} bytes");
            Outcome::Limit { limit: "stack_bytes".into(), message }
        }
        _ => limit(&error, attempt).unwrap_or_else(|| Outcome::Trapped { message: printable(&in_words(&error), 8000) }),
    }
}

/// An error with its causes; the trace is that of the component, not of the node.
fn in_words(error: &wasmtime::Error) -> String {
    let causes: Vec<String> = error.chain().map(|cause| cause.to_string().trim_end().to_owned()).collect();
    causes.join("\nCaused by: ")
}

/// A crash after what the component said last on its standard error: languages tell the cause only there, with its file
/// and line; the trace is for those who know wasm.
fn with_last_words(outcome: Outcome, said: &str) -> Outcome {
    match outcome {
        Outcome::Trapped { message } if !said.is_empty() => {
            let said = printable(said, usize::MAX);
            Outcome::Trapped { message: format!("{said}\n{message}") }
        }
        outcome => outcome,
    }
}

/// The limits that wasmtime keeps: it tells of most of them in words alone.
fn limit(error: &wasmtime::Error, attempt: &Attempt) -> Option<Outcome> {
    let limits = &attempt.limits;
    let cause = error.root_cause().to_string();
    let (limit, message) = if matches!(error.downcast_ref(), Some(ResourceTableError::Full)) {
        ("handles", handles_message(attempt))
    } else if cause.contains("fuel allocated for hostcalls") {
        ("call_bytes", format!("{} bytes from the component in one call are allowed", limits.call_bytes))
    } else if cause.starts_with("requested len ") {
        ("random_bytes", cause)
    } else if let Some((limit, most)) = counted(&cause, limits) {
        (limit, format!("{cause}, {most} are allowed"))
    } else {
        return None;
    };
    Some(Outcome::Limit { limit: limit.to_owned(), message })
}

/// Which limit wasmtime means by "resource limit exceeded: memory count too high at 9", and what is in force.
pub(crate) fn counted(cause: &str, limits: &Limits) -> Option<(&'static str, u32)> {
    let what = cause.strip_prefix("resource limit exceeded: ")?;
    Some(match what.split(' ').next() {
        Some("memory") => ("memories", limits.memories),
        Some("table") => ("tables", limits.tables),
        _ => ("instances", limits.instances),
    })
}

fn failed(failure: types::Failure) -> Outcome {
    let kind = match failure.kind {
        types::FailureKind::Input => FailureKind::Input,
        types::FailureKind::Peer => FailureKind::Peer,
        types::FailureKind::Transient => FailureKind::Transient,
        types::FailureKind::Other => FailureKind::Other,
    };
    let said = printable(&failure.message, 16_000);
    let message = if said.trim().is_empty() { "the component failed and did not say why".to_owned() } else { said };
    Outcome::Failed { kind, message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_without_words_is_told_as_one() {
        let of = |message: &str| {
            let outcome = failed(types::Failure { kind: types::FailureKind::Other, message: message.to_owned() });
            assert!(matches!(outcome, Outcome::Failed { kind: FailureKind::Other, .. }), "{outcome:?}");
            outcome.message()
        };
        assert_eq!(of("x: no column y"), "x: no column y");
        assert!(of(" \n").contains("did not say why"));
    }
}
