//! What one attempt owns inside the sandbox: its world, its limits and what it has used of them, its handles. Not for:
//! anything that outlives the attempt.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use parcae_crypto::CryptoError;
use parcae_domain::{
    attempt::{Attempt, StopSignal},
    grant::Grant,
    outcome::Outcome,
    party::Party,
    port::{PortError, Stream, World},
};
use wasmtime_wasi::{Deterministic, ResourceTable, WasiCtx, WasiCtxView, WasiView};

use crate::clock::{Still, seeded_bytes};
use crate::generated::parcae::component::types::{Error, LimitReached};
use crate::limiter::Limiter;
use crate::stdio::LogStream;

/// Ends an attempt from inside a host call, with the outcome that it gets.
#[derive(Debug)]
pub(crate) struct Halt(pub(crate) Outcome);

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message())
    }
}

impl std::error::Error for Halt {}

/// Result of an import: outside, a trap that ends the attempt; inside, an error that the component sees.
pub(crate) type Answer<T> = wasmtime::Result<Result<T, Error>>;

/// What one attempt owns.
pub(crate) struct State {
    pub(crate) wasi: WasiCtx,
    pub(crate) handles: ResourceTable,
    pub(crate) limiter: Limiter,
    pub(crate) attempt: Arc<Attempt>,
    pub(crate) stop: StopSignal,
    pub(crate) stdout: LogStream,
    pub(crate) stderr: LogStream,
    pub(crate) used: Used,
    world: Option<Arc<dyn World>>,
}

/// What the attempt has used of its limits.
#[derive(Default)]
pub(crate) struct Used {
    pub(crate) handle_bytes: Arc<AtomicU64>,
    pub(crate) edges: BTreeMap<Party, u64>,
    pub(crate) table_bytes: u64,
    pub(crate) series: BTreeSet<(String, String)>,
    pub(crate) points: u64,
    pub(crate) model_bytes: u64,
}

/// Bytes of the node that stand behind a handle, given back when it is dropped.
pub(crate) struct Charge {
    bytes: u64,
    used: Arc<AtomicU64>,
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.used.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

impl State {
    pub(crate) fn new(
        attempt: Arc<Attempt>,
        world: Option<Arc<dyn World>>,
        stop: StopSignal,
        limiter: Limiter,
    ) -> State {
        let stdout = LogStream::new(world.clone(), Stream::Stdout);
        let stderr = LogStream::new(world.clone(), Stream::Stderr);
        let mut handles = ResourceTable::new();
        handles.set_max_capacity(attempt.limits.handles as usize);
        let wasi = wasi(&attempt, &stdout, &stderr);
        State { wasi, handles, limiter, attempt, stop, stdout, stderr, used: Used::default(), world }
    }

    /// The world; a trap in `describe`, where there is none.
    pub(crate) fn world(&self) -> wasmtime::Result<Arc<dyn World>> {
        let missing = || wasmtime::Error::msg("imports are not there while the component is asked to describe itself");
        self.world.clone().ok_or_else(missing)
    }

    /// An error to the component unless the module was granted this.
    pub(crate) fn require(&self, grant: Grant) -> Result<(), Error> {
        if self.attempt.grants.contains(&grant) {
            return Ok(());
        }
        let name = serde_json::to_value(grant).ok();
        let name = name.as_ref().and_then(|v| v.as_str()).unwrap_or_default();
        Err(Error::Denied(format!("module {} was not granted {name}", self.attempt.module.name)))
    }

    /// Charges bytes of the node to the attempt, before they are allocated.
    pub(crate) fn charge(&self, bytes: u64) -> Result<Charge, Error> {
        let limit = self.attempt.limits.handle_bytes;
        let used = self.used.handle_bytes.fetch_add(bytes, Ordering::AcqRel) + bytes;
        let charge = Charge { bytes, used: self.used.handle_bytes.clone() };
        if used <= limit {
            return Ok(charge);
        }
        Err(limit_error("handle_bytes", format!("{used} bytes of keys and ciphertexts, {limit} are allowed")))
    }

    /// Turns a port's answer into an import's: a stop or the attempt's own deadline ends the attempt, anything else is for
    /// the component.
    pub(crate) fn answer<T>(&self, result: Result<T, PortError>) -> Answer<T> {
        match result {
            Ok(value) => Ok(Ok(value)),
            Err(PortError::Canceled) => Err(self.halt()),
            Err(error) => Ok(Err(port_error(error))),
        }
    }

    /// The same for cryptography.
    pub(crate) fn computed<T>(&self, result: Result<T, CryptoError>) -> Answer<T> {
        match result {
            Ok(value) => Ok(Ok(value)),
            Err(CryptoError::Stopped) => Err(self.halt()),
            Err(error) => Ok(Err(Error::Invalid(error.to_string()))),
        }
    }

    /// The trap that ends an attempt whose stop signal was given.
    pub(crate) fn halt(&self) -> wasmtime::Error {
        Halt(crate::sandbox::stopped(&self.stop, &self.attempt)).into()
    }
}

/// A limit that was reached, for the component.
pub(crate) fn limit_error(name: &str, message: String) -> Error {
    Error::Limit(LimitReached { name: name.to_owned(), message })
}

fn port_error(error: PortError) -> Error {
    match error {
        PortError::Invalid(m) => Error::Invalid(m),
        PortError::NotFound(m) => Error::NotFound(m),
        PortError::Exists(m) => Error::Exists(m),
        PortError::Limit(name, message) => limit_error(&name, message),
        PortError::PeerGone(m) => Error::Peer(m),
        PortError::Deadline(which, seconds) => Error::Deadline(format!("{which} deadline of {seconds} s passed")),
        PortError::Canceled => Error::Canceled,
        PortError::Node(m) => Error::Node(m),
    }
}

/// WASI with nothing behind it but the log, and what the grants allow.
fn wasi(attempt: &Attempt, stdout: &LogStream, stderr: &LogStream) -> WasiCtx {
    let mut builder = WasiCtx::builder();
    builder.stdout(stdout.clone()).stderr(stderr.clone());
    builder.allow_tcp(false).allow_udp(false).allow_ip_name_lookup(false);
    builder.max_random_size(attempt.limits.random_bytes);
    if !attempt.grants.contains(&Grant::Clock) {
        builder.wall_clock(Still).monotonic_clock(Still);
    }
    if !attempt.grants.contains(&Grant::Randomness) {
        let bytes = seeded_bytes(attempt.seed);
        builder.secure_random(Deterministic::new(bytes.clone()));
        builder.insecure_random(Deterministic::new(bytes));
        builder.insecure_random_seed(u128::from(attempt.seed));
    }
    builder.build()
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.handles }
    }
}
