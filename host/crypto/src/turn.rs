//! Turns at the thread pool: who works on long vectors shares it with all others that do, slice by slice, in the order in
//! which they came. Not for: how long a slice is (`work`).
//!
//! Without turns the pool would finish the vector that it began before it looked at any other, and who waits for it in
//! vain could not be stopped.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::CryptoError;
use crate::work::{Supervisor, check};

/// How often who waits for its turn looks whether it is still to work.
const LOOK: Duration = Duration::from_millis(20);

/// The line in front of the pool.
static LINE: Line = Line::new();

struct Line {
    state: Mutex<State>,
    left: Condvar,
}

struct State {
    /// Number of the next who comes.
    next: u64,
    waiting: VecDeque<u64>,
    /// Somebody works.
    taken: bool,
}

/// The pool is one's own until this is dropped. Empty for who works on a thread of the pool already.
pub(crate) struct Turn(Option<&'static Line>);

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(line) = self.0 {
            line.lock().taken = false;
            line.left.notify_all();
        }
    }
}

impl Line {
    const fn new() -> Line {
        let state = State { next: 0, waiting: VecDeque::new(), taken: false };
        Line { state: Mutex::new(state), left: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&'static self, stop: &dyn Supervisor) -> Result<Turn, CryptoError> {
        let mut state = self.lock();
        let number = state.next;
        state.next += 1;
        state.waiting.push_back(number);
        while state.taken || state.waiting.front() != Some(&number) {
            if let Err(stopped) = check(stop) {
                state.waiting.retain(|other| *other != number);
                drop(state);
                self.left.notify_all();
                return Err(stopped);
            }
            state = self.left.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.waiting.pop_front();
        state.taken = true;
        Ok(Turn(Some(self)))
    }
}

/// Waits for its turn; `Err(Stopped)` when the work is no longer wanted.
pub(crate) fn enter(stop: &dyn Supervisor) -> Result<Turn, CryptoError> {
    check(stop)?;
    if rayon::current_thread_index().is_some() {
        // Who waited here would hold up the thread that somebody else's turn needs.
        return Ok(Turn(None));
    }
    LINE.enter(stop)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;

    static OWN: Line = Line::new();

    #[test]
    fn one_at_a_time_and_everybody() {
        let (inside, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let turn = OWN.enter(&AtomicBool::new(false)).unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(turn);
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(done.into_inner(), 160);
    }

    #[test]
    fn who_waits_can_be_stopped_and_holds_nobody_up() {
        static HELD: Line = Line::new();
        let first = HELD.enter(&AtomicBool::new(false)).unwrap();
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| HELD.enter(&stop).err());
            stop.store(true, Ordering::SeqCst);
            assert_eq!(waiting.join().unwrap(), Some(CryptoError::Stopped));
        });
        drop(first);
        assert!(HELD.enter(&AtomicBool::new(false)).is_ok());
    }
}
