//! What one attempt owns inside the sandbox: its world, its limits and what it has used of them, its handles. Not for:
//! anything that outlives the attempt.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use parcae_crypto::CryptoError;
use parcae_domain::{
    attempt::{Attempt, StopSignal},
    grant::Grant,
    outcome::Outcome,
    party::Party,
    port::{PortError, Stream, World},
};
use wasmtime::component::Resource;
use wasmtime_wasi::{Deterministic, ResourceTable, ResourceTableError, WasiCtx, WasiCtxView, WasiView};

use crate::account::{Account, Charge};
use crate::clock::{Still, seeded_bytes};
use crate::draws::Draws;
use crate::generated::parcae::component::types::{Error, LimitReached};
use crate::limiter::Limiter;
use crate::meter::Meter;
use crate::scratch::Scratch;
use crate::stdio::LogStream;
use crate::turns::Turn;

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
    pub(crate) meter: Arc<Meter>,
    pub(crate) stdout: LogStream,
    pub(crate) stderr: LogStream,
    pub(crate) scratch: Scratch,
    pub(crate) used: Used,
    pub(crate) draws: Draws,
    /// Its turns to compute, on a thread of the node.
    pub(crate) turn: Option<Turn>,
    world: Option<Arc<dyn World>>,
}

/// What the attempt has used of its limits.
pub(crate) struct Used {
    pub(crate) handle_bytes: Arc<Account>,
    /// Tables and writers that are open.
    files: Arc<Account>,
    /// Tables that were finished or passed on.
    pub(crate) outputs: u32,
    /// Bytes and messages to each party.
    pub(crate) edges: BTreeMap<Party, (u64, u64)>,
    pub(crate) table_bytes: u64,
    pub(crate) table_rows: u64,
    pub(crate) series: BTreeSet<(String, String)>,
    pub(crate) points: u64,
    pub(crate) model_bytes: u64,
    pub(crate) checkpoints: u32,
    pub(crate) checkpoint_bytes: u64,
    pub(crate) export_bytes: u64,
    pub(crate) random_bytes: u64,
}

impl Used {
    fn new(handle_bytes: Arc<Account>) -> Used {
        Used {
            handle_bytes,
            files: Account::counter(),
            outputs: 0,
            edges: BTreeMap::new(),
            table_bytes: 0,
            table_rows: 0,
            series: BTreeSet::new(),
            points: 0,
            model_bytes: 0,
            checkpoints: 0,
            checkpoint_bytes: 0,
            export_bytes: 0,
            random_bytes: 0,
        }
    }
}

/// Tables and writers that an attempt may have open at once: each is an open file, of which a process has few.
const FILES: u64 = 128;

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
        let used = Used::new(Account::of(limiter.pool()));
        let meter = Arc::new(Meter::new(attempt.clone(), stop.clone()));
        let draws = Draws::of(&attempt);
        let scratch = Scratch::open(&attempt, world.clone());
        State { wasi, handles, limiter, attempt, stop, meter, stdout, stderr, used, draws, turn: None, scratch, world }
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

    /// Charges bytes of the node to the attempt and to the node's pool, before they are allocated.
    pub(crate) fn charge(&self, bytes: u64) -> Result<Charge, Error> {
        let limit = self.attempt.limits.handle_bytes;
        // Only the attempt's own thread charges.
        let used = self.used.handle_bytes.used().saturating_add(bytes);
        if used > limit {
            let message = format!("{used} bytes of keys, ciphertexts, tokens and tables, {limit} are allowed");
            return Err(limit_error("handle_bytes", message));
        }
        let charge = self.used.handle_bytes.take(bytes).map_err(|full| limit_error(full.limit, full.message))?;
        self.attempt.usage.peak_handle_bytes.raise(used);
        Ok(charge)
    }

    /// Counts a table or a writer that is open.
    pub(crate) fn count_file(&self) -> Result<Charge, Error> {
        let too_many = || limit_error("handles", format!("{FILES} tables and writers at once are allowed"));
        if self.used.files.used() >= FILES {
            return Err(too_many());
        }
        self.used.files.take(1).map_err(|_| too_many())
    }

    /// A trap once the stop signal was given: for calls that take long, between their pieces.
    pub(crate) fn go_on(&self) -> wasmtime::Result<()> {
        if self.stop.reason().is_some() { Err(self.halt()) } else { Ok(()) }
    }

    /// Puts something of the node behind a handle; an error when there are too many.
    pub(crate) fn hold<T: Send + 'static>(&mut self, value: T) -> Answer<Resource<T>> {
        match self.handles.push(value) {
            Ok(handle) => Ok(Ok(handle)),
            Err(ResourceTableError::Full) => Ok(Err(limit_error("handles", handles_message(&self.attempt)))),
            Err(other) => Err(other.into()),
        }
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

/// What is said when there are too many handles.
pub(crate) fn handles_message(attempt: &Attempt) -> String {
    format!("{} objects of the node at once are allowed", attempt.limits.handles)
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
    // Files of the scratch directory are opened, read and written on the attempt's own thread, where they are counted.
    builder.allow_blocking_current_thread(true);
    if !attempt.may(Grant::Clock) {
        builder.wall_clock(Still).monotonic_clock(Still);
    }
    if !attempt.may(Grant::Randomness) {
        builder.secure_random(Deterministic::new(seeded_bytes(attempt.seed)));
        builder.insecure_random(Deterministic::new(seeded_bytes(!attempt.seed)));
        builder.insecure_random_seed(u128::from(attempt.seed));
    }
    builder.build()
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.handles }
    }
}
