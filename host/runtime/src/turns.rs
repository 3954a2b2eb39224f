//! Attempts on threads compute in turns: with hundreds of them the kernel would give each a slice of its own before it
//! comes to the one that is to stop, or to what answers a request. Who waits for its turn sleeps, and is woken to be stopped.
//! Not for: attempts in processes (the kernel ends those), the order of jobs (the scheduler).

use std::collections::VecDeque;
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use std::thread::Thread;
use std::time::{Duration, Instant};

use parcae_domain::attempt::StopSignal;

/// Attempts that compute at once, for each core: some of them will be waiting for the disk.
const EACH: usize = 2;
/// How long a turn lasts while others wait for theirs.
const TURN: Duration = Duration::from_millis(20);
/// How long one sleeps at most; the clock of the engine wakes it before.
const SLEEP: Duration = Duration::from_millis(200);

/// The turns of a node.
pub(crate) struct Turns {
    places: usize,
    /// Those that wait: who has a turn need not look for others when there are none.
    waiting: AtomicUsize,
    state: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    /// Who has a turn, and since when.
    seated: Vec<(Arc<Seat>, Instant)>,
    queue: VecDeque<Arc<Seat>>,
}

struct Seat {
    has_turn: AtomicBool,
    thread: Thread,
    stop: StopSignal,
}

/// What an attempt has of them, on its own thread, until it is dropped.
pub(crate) struct Turn {
    turns: Arc<Turns>,
    seat: Arc<Seat>,
}

impl Turns {
    /// For so many cores.
    pub(crate) fn new(cores: usize) -> Turns {
        Turns { places: EACH * cores.max(1), waiting: AtomicUsize::new(0), state: Mutex::default() }
    }

    /// For an attempt of the calling thread. It begins without a turn: most have ended before they need one.
    pub(crate) fn join(self: &Arc<Turns>, stop: &StopSignal) -> Turn {
        let thread = std::thread::current();
        let seat = Arc::new(Seat { has_turn: AtomicBool::new(false), thread, stop: stop.clone() });
        Turn { turns: self.clone(), seat }
    }

    /// Time has passed: who has had a turn makes room for who waits, and who is to stop is woken.
    pub(crate) fn tick(&self, now: Instant) {
        if self.waiting.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut table = self.lock();
        table.queue.retain(|seat| {
            let stays = !seat.stop.flag().load(Ordering::Acquire);
            if !stays {
                seat.thread.unpark();
            }
            stays
        });
        let mut left = table.queue.len();
        table.seated.retain(|(seat, since)| {
            let is_over = left > 0 && now.saturating_duration_since(*since) >= TURN;
            if is_over {
                left -= 1;
                seat.has_turn.store(false, Ordering::Release);
            }
            !is_over
        });
        self.seat(&mut table, now);
    }

    /// Gives free places to those that have waited longest.
    fn seat(&self, table: &mut Table, now: Instant) {
        while table.seated.len() < self.places
            && let Some(seat) = table.queue.pop_front()
        {
            seat.has_turn.store(true, Ordering::Release);
            seat.thread.unpark();
            table.seated.push((seat, now));
        }
        self.waiting.store(table.queue.len(), Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Goes on at once while it has a turn; else when its next one has come, or it is to stop.
    pub(crate) fn wait(&self) {
        if self.seat.has_turn.load(Ordering::Acquire) {
            return;
        }
        let mut table = self.turns.lock();
        table.queue.push_back(self.seat.clone());
        self.turns.seat(&mut table, Instant::now());
        drop(table);
        while !self.seat.has_turn.load(Ordering::Acquire) && !self.seat.stop.flag().load(Ordering::Acquire) {
            std::thread::park_timeout(SLEEP);
        }
    }

    /// It is going to wait for somebody: others may have the rest of its turn.
    pub(crate) fn leave(&self) {
        if self.turns.waiting.load(Ordering::Acquire) > 0 {
            self.give_up();
        }
    }

    fn give_up(&self) {
        let mut table = self.turns.lock();
        self.seat.has_turn.store(false, Ordering::Release);
        table.seated.retain(|(seat, _)| !Arc::ptr_eq(seat, &self.seat));
        table.queue.retain(|seat| !Arc::ptr_eq(seat, &self.seat));
        self.turns.seat(&mut table, Instant::now());
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.give_up();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use parcae_domain::attempt::StopReason;

    use super::*;

    fn turn(turns: &Arc<Turns>, stop: &StopSignal) -> Turn {
        let turn = turns.join(stop);
        turn.wait();
        turn
    }

    fn table(turns: &Turns) -> (usize, usize) {
        let table = turns.lock();
        (table.seated.len(), table.queue.len())
    }

    #[test]
    fn who_has_had_a_turn_makes_room() {
        let turns = Arc::new(Turns::new(1));
        let held: Vec<Turn> = (0..EACH).map(|_| turn(&turns, &StopSignal::new())).collect();
        let (seated, is_seated) = channel();
        let (other, end) = (turns.clone(), channel::<()>());
        let thread = std::thread::spawn(move || {
            let held = turn(&other, &StopSignal::new());
            seated.send(()).unwrap();
            // Until the test is over.
            let _ = end.1.recv();
            drop(held);
        });
        while table(&turns).1 == 0 {
            std::thread::yield_now();
        }
        turns.tick(Instant::now());
        assert_eq!(table(&turns), (EACH, 1), "no turn is over yet");
        turns.tick(Instant::now() + TURN);
        is_seated.recv().unwrap();
        let without = held.iter().filter(|turn| !turn.seat.has_turn.load(Ordering::Acquire)).count();
        assert_eq!((without, table(&turns)), (1, (EACH, 0)));
        drop(end.0);
        thread.join().unwrap();
        drop(held);
        assert_eq!(table(&turns), (0, 0));
    }

    #[test]
    fn who_is_to_stop_waits_no_more() {
        let turns = Arc::new(Turns::new(1));
        let held: Vec<Turn> = (0..EACH).map(|_| turn(&turns, &StopSignal::new())).collect();
        let stop = StopSignal::new();
        let (other, its_stop) = (turns.clone(), stop.clone());
        let thread = std::thread::spawn(move || drop(turn(&other, &its_stop)));
        while table(&turns).1 == 0 {
            std::thread::yield_now();
        }
        stop.stop(StopReason::Canceled);
        turns.tick(Instant::now());
        thread.join().unwrap();
        assert_eq!(table(&turns), (EACH, 0));
        drop(held);
    }

    #[test]
    fn who_waits_for_somebody_leaves_its_turn_to_others() {
        let turns = Arc::new(Turns::new(1));
        let held: Vec<Turn> = (0..EACH).map(|_| turn(&turns, &StopSignal::new())).collect();
        held[0].leave();
        assert_eq!(table(&turns), (EACH, 0), "nobody wants it");
        let other = turns.clone();
        let thread = std::thread::spawn(move || drop(turn(&other, &StopSignal::new())));
        while table(&turns).1 == 0 {
            std::thread::yield_now();
        }
        held[0].leave();
        thread.join().unwrap();
        held[0].wait();
        assert_eq!(table(&turns), (EACH, 0));
    }
}
