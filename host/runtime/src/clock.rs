//! Time and randomness of an attempt without the grants for real ones: time stands still, randomness comes from the seed.
//! With them, whoever waits is woken by the stop signal. Not for: secrets; those are drawn by `crypto`.

use std::time::{Duration, Instant};

use parcae_domain::{attempt::StopSignal, grant::Grant};
use wasmtime::component::Resource;
use wasmtime_wasi::clocks::WasiClocksView;
use wasmtime_wasi::p2::{DynPollable, Pollable, bindings::clocks::monotonic_clock, subscribe};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

use crate::state::State;

/// How often who waits for a moment looks at the stop signal.
const LOOK: Duration = Duration::from_millis(20);

/// A clock that stands still at the epoch.
pub(crate) struct Still;

impl HostWallClock for Still {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

impl HostMonotonicClock for Still {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        0
    }
}

/// A moment that a component waits for. WASI's own waits in the node, out of reach of epochs and deaf to the stop signal.
struct Alarm {
    /// `None` = never.
    at: Option<Instant>,
    stop: StopSignal,
}

#[wasmtime_wasi::async_trait]
impl Pollable for Alarm {
    async fn ready(&mut self) {
        while self.stop.reason().is_none() {
            let left = self.at.map_or(LOOK, |at| at.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK)).await;
        }
    }
}

/// Shadows WASI's own: a clock that stands still is never waited for, a real one only until the stop signal.
impl monotonic_clock::Host for State {
    fn now(&mut self) -> wasmtime::Result<u64> {
        monotonic_clock::Host::now(&mut self.clocks())
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        monotonic_clock::Host::resolution(&mut self.clocks())
    }

    fn subscribe_instant(&mut self, when: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let now = monotonic_clock::Host::now(self)?;
        monotonic_clock::Host::subscribe_duration(self, when.saturating_sub(now))
    }

    fn subscribe_duration(&mut self, nanos: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let real = self.attempt.may(Grant::Clock);
        let wait = if real { Duration::from_nanos(nanos) } else { Duration::ZERO };
        let alarm = Alarm { at: Instant::now().checked_add(wait), stop: self.stop.clone() };
        let alarm = self.handles.push(alarm)?;
        subscribe(&mut self.handles, alarm)
    }
}

/// Random-looking bytes that follow from a seed (SplitMix64, Steele, Lea and Flood 2014). The same at every attempt, and made
/// in a few microseconds.
pub(crate) fn seeded_bytes(seed: u64) -> Vec<u8> {
    let word = |counter: u64| {
        let mut z = seed.wrapping_add(counter.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).to_le_bytes()
    };
    (0..SEEDED_WORDS).flat_map(word).collect()
}

/// Words of eight bytes before seeded randomness repeats.
const SEEDED_WORDS: u64 = 512;
