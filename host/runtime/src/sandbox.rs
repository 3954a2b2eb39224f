//! Runs attempts: one store and one instance for each, dropped at its end, whatever happened in it. Not for: what the
//! component reaches through imports (one file an interface).

use std::sync::Arc;
use std::time::{Duration, Instant};

use parcae_domain::{
    attempt::{Attempt, StopReason, StopSignal},
    id::AttemptId,
    outcome::{FailureKind, Outcome},
    port::{Executor, World},
};
use wasmtime::{Store, Trap, UpdateDeadline};
use wasmtime_wasi::{I32Exit, ResourceTableError};

use crate::generated::{self, parcae::component::types};
use crate::images::Images;
use crate::limiter::Limiter;
use crate::state::{Halt, State, handles_message};

/// Longest time that an attempt may be given, seconds: a hundred years, so that no end is beyond what a clock can tell.
const LONGEST: u64 = 100 * 365 * 86_400;

/// What an attempt used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Most linear memory that the component had at a time, bytes.
    pub peak_memory_bytes: u64,
    /// From the making of its instance to its end; waiting for other parties counts.
    pub time: Duration,
}

/// Is told what each attempt used, as it ends and before anybody knows its outcome.
pub type Watcher = Arc<dyn Fn(&AttemptId, Usage) + Send + Sync>;

/// Runs attempts in this process, each on the thread that calls.
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
        let used = Usage { peak_memory_bytes: state.limiter.peak(), time: began.elapsed() };
        tracing::debug!(attempt = %attempt.id, peak_memory_bytes = used.peak_memory_bytes, "attempt ended");
        if let Some(watcher) = &self.watcher {
            watcher(&attempt.id, used);
        }
        with_last_words(outcome(result, stop, &attempt, machine.settings.stack_bytes), &state.stderr.last())
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

fn outcome(
    result: wasmtime::Result<Result<(), types::Failure>>,
    stop: &StopSignal,
    attempt: &Attempt,
    stack_bytes: usize,
) -> Outcome {
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
            let message = format!("the stack has {stack_bytes} bytes");
            Outcome::Limit { limit: "stack_bytes".into(), message }
        }
        _ => limit(&error, attempt)
            .unwrap_or_else(|| Outcome::Trapped { message: printable(&format!("{error:?}"), 8000) }),
    }
}

/// A crash together with what the component said last on its standard error: Python and C tell the cause only there.
fn with_last_words(outcome: Outcome, said: &str) -> Outcome {
    match outcome {
        Outcome::Trapped { message } if !said.is_empty() => {
            let said = printable(said, usize::MAX);
            Outcome::Trapped { message: format!("{message}\nits last words:\n{said}") }
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
    } else if cause.starts_with("resource limit exceeded: ") {
        ("instances", format!("{cause}, {} are allowed", limits.instances))
    } else {
        return None;
    };
    Some(Outcome::Limit { limit: limit.to_owned(), message })
}

/// Text of a component for people: at most so many characters, and none that a terminal obeys.
pub(crate) fn printable(text: &str, chars: usize) -> String {
    let obeyed = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().take(chars).map(|c| if obeyed(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn failed(failure: types::Failure) -> Outcome {
    let kind = match failure.kind {
        types::FailureKind::Input => FailureKind::Input,
        types::FailureKind::Peer => FailureKind::Peer,
        types::FailureKind::Transient => FailureKind::Transient,
        types::FailureKind::Other => FailureKind::Other,
    };
    Outcome::Failed { kind, message: printable(&failure.message, 16_000) }
}
