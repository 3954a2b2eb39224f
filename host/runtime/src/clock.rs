//! Time and randomness of an attempt without the grants for real ones: time stands still, randomness comes from the seed.
//! Not for: secrets; those are drawn by `crypto`.

use std::time::Duration;

use sha2::{Digest, Sha256};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

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

/// Random-looking bytes that follow from a seed: SHA-256 of seed and counter. The same at every attempt.
pub(crate) fn seeded_bytes(seed: u64) -> Vec<u8> {
    let block = |counter: u64| {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        hash.update(counter.to_le_bytes());
        hash.finalize().to_vec()
    };
    (0..SEEDED_BLOCKS).flat_map(block).collect()
}

/// Blocks of 32 bytes before seeded randomness repeats.
const SEEDED_BLOCKS: u64 = 128;
