//! WASI's random bytes, counted: each call has its limit in WASI's own, all calls together have one here. Not for: where
//! the bytes come from (`state`).

use parcae_domain::outcome::Outcome;
use wasmtime_wasi::p2::bindings::random::{insecure, random};

use crate::state::{Halt, State};

/// Bytes of a random number.
const NUMBER_BYTES: u64 = 8;

impl State {
    /// Counts bytes before they are drawn; too many end the attempt, as the calls have no error to return.
    fn draw(&mut self, bytes: u64) -> wasmtime::Result<()> {
        // What one call may not have is refused by WASI's own, and not counted.
        if bytes > self.attempt.limits.random_bytes {
            return Ok(());
        }
        let (all, limit) = (self.used.random_bytes.saturating_add(bytes), self.attempt.limits.random_total_bytes);
        if all > limit {
            let message = format!("{all} bytes of randomness, {limit} are allowed");
            return Err(Halt(Outcome::Limit { limit: "random_total_bytes".to_owned(), message }).into());
        }
        self.used.random_bytes = all;
        self.attempt.usage.random_bytes.set(all);
        Ok(())
    }
}

/// Shadows WASI's own, to count.
impl random::Host for State {
    fn get_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.draw(len)?;
        random::Host::get_random_bytes(self.wasi.random(), len)
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.draw(NUMBER_BYTES)?;
        random::Host::get_random_u64(self.wasi.random())
    }
}

/// Shadows WASI's own, to count.
impl insecure::Host for State {
    fn get_insecure_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.draw(len)?;
        insecure::Host::get_insecure_random_bytes(self.wasi.random(), len)
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.draw(NUMBER_BYTES)?;
        insecure::Host::get_insecure_random_u64(self.wasi.random())
    }
}
