//! Vectors cut into blocks for the thread pool, under somebody who may stop the work and is told what it takes. Not for:
//! the arithmetic itself, whose turn it is (`turn`).

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rustix::time::{ClockId, clock_gettime};

use crate::CryptoError;
use crate::turn;

/// Entries that a task of the pool takes at a time when entries are independent.
const BLOCK: usize = 8;
/// How long one vector has the pool before others that wait get their turn, about.
const SLICE: Duration = Duration::from_millis(50);
/// By how much a slice may grow over the one before.
const GROWTH: usize = 8;
/// How far work of the pool stands behind other threads of the process, in steps of nice.
const NICE: i32 = 5;

/// Who asks for work: says when it is no longer wanted, and hears what it takes.
pub trait Supervisor: Sync {
    /// True once nobody wants the result any more. Asked all the time.
    fn stopped(&self) -> bool;

    /// Processor time that a thread of the pool has spent on the work, told piece by piece.
    fn spent(&self, time: Duration) {
        let _ = time;
    }
}

impl Supervisor for AtomicBool {
    fn stopped(&self) -> bool {
        self.load(Ordering::Relaxed)
    }
}

/// `Err(Stopped)` once the work is no longer wanted.
pub(crate) fn check(stop: &dyn Supervisor) -> Result<(), CryptoError> {
    if stop.stopped() { Err(CryptoError::Stopped) } else { Ok(()) }
}

/// Processor time of the thread that asks.
pub fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Puts the thread that asks behind the other threads of the machine: components wait for the node, not the node for them.
pub fn give_way() {
    // Where the system does not allow it all threads are equal, as before.
    let _ = rustix::process::setpriority_process(None, NICE);
}

/// Starts the thread pool, whose threads give way to others. One that runs already stays as it is.
pub fn start_pool() {
    let pool = rayon::ThreadPoolBuilder::new().thread_name(|index| format!("crypto-{index}"));
    // An error says that the pool runs.
    let _ = pool.start_handler(|_| give_way()).build_global();
}

/// Runs a piece of work and says what it took.
fn metered<T>(stop: &dyn Supervisor, work: impl FnOnce() -> T) -> T {
    let began = thread_time();
    let result = work();
    stop.spent(thread_time().saturating_sub(began));
    result
}

/// Runs `count` pieces of work in slices, each in its own turn at the pool.
fn slices(
    count: usize,
    stop: &dyn Supervisor,
    mut run: impl FnMut(Range<usize>) -> Result<(), CryptoError>,
) -> Result<(), CryptoError> {
    let threads = rayon::current_num_threads().max(1);
    let (mut done, mut size) = (0, 2 * threads);
    while done < count {
        let end = done.saturating_add(size).min(count);
        let turn = turn::enter(stop)?;
        let began = Instant::now();
        run(done..end)?;
        let took = began.elapsed();
        drop(turn);
        done = end;
        size = next_size(size, took, threads);
    }
    Ok(())
}

/// Pieces of the next slice, after one of `size` pieces took so long: a multiple of the threads, where it can be.
fn next_size(size: usize, took: Duration, threads: usize) -> usize {
    let wanted = size as f64 * SLICE.as_secs_f64() / took.as_secs_f64().max(1e-6);
    let wanted = (wanted as usize).clamp(threads, size.saturating_mul(GROWTH));
    wanted - wanted % threads
}

/// Fills `len` cells of `width` bytes in parallel, one call of `each(state, index, cell)` for each; `init` makes the
/// state of a task.
pub(crate) fn fill_cells<S, I, F>(
    len: usize,
    width: usize,
    stop: &dyn Supervisor,
    init: I,
    each: F,
) -> Result<Vec<u8>, CryptoError>
where
    I: Fn() -> S + Send + Sync,
    F: Fn(&mut S, usize, &mut [u8]) -> Result<(), CryptoError> + Send + Sync,
{
    fill_blocks(len, width, BLOCK, stop, init, |state, first, cells| {
        for (offset, cell) in cells.chunks_exact_mut(width).enumerate() {
            check(stop)?;
            each(state, first + offset, cell)?;
        }
        Ok(())
    })
}

/// Fills `len` cells of `width` bytes in parallel, one call of `each(state, first index, cells)` for every `block` of
/// them.
pub(crate) fn fill_blocks<S, I, F>(
    len: usize,
    width: usize,
    block: usize,
    stop: &dyn Supervisor,
    init: I,
    each: F,
) -> Result<Vec<u8>, CryptoError>
where
    I: Fn() -> S + Send + Sync,
    F: Fn(&mut S, usize, &mut [u8]) -> Result<(), CryptoError> + Send + Sync,
{
    check(stop)?;
    let (mut cells, bytes) = (vec![0u8; len * width], width * block);
    slices(len.div_ceil(block), stop, |part| {
        let (first, end) = (part.start, (part.end * bytes).min(cells.len()));
        cells[first * bytes..end].par_chunks_mut(bytes).enumerate().try_for_each_init(
            &init,
            |state, (number, cells)| -> Result<(), CryptoError> {
                check(stop)?;
                metered(stop, || each(state, (first + number) * block, cells))
            },
        )
    })?;
    Ok(cells)
}

/// The results of `each(state, index)` for all indexes below `count`, in their order, made in parallel.
pub(crate) fn map_init<S, T, I, F>(count: usize, stop: &dyn Supervisor, init: I, each: F) -> Result<Vec<T>, CryptoError>
where
    T: Send,
    I: Fn() -> S + Send + Sync,
    F: Fn(&mut S, usize) -> Result<T, CryptoError> + Send + Sync,
{
    check(stop)?;
    let mut all = Vec::with_capacity(count);
    slices(count, stop, |part| {
        let one = |state: &mut S, index: usize| metered(stop, || each(state, index));
        let made: Vec<T> = part.into_par_iter().map_init(&init, one).collect::<Result<_, CryptoError>>()?;
        all.extend(made);
        Ok(())
    })?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    /// Counts what it is told.
    #[derive(Default)]
    struct Counting(AtomicU64);

    impl Supervisor for Counting {
        fn stopped(&self) -> bool {
            false
        }

        fn spent(&self, time: Duration) {
            self.0.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
        }
    }

    fn fill(len: usize, stop: &dyn Supervisor) -> Result<Vec<u8>, CryptoError> {
        fill_cells(
            len,
            2,
            stop,
            || (),
            |(), index, cell| {
                cell.copy_from_slice(&[index as u8, 1]);
                Ok(())
            },
        )
    }

    #[test]
    fn every_cell_is_filled_once_whatever_the_slices() {
        let stop = AtomicBool::new(false);
        for len in [0, 1, 7, 100, 5_000] {
            let wanted: Vec<u8> = (0..len).flat_map(|index| [index as u8, 1]).collect();
            assert_eq!(fill(len, &stop), Ok(wanted));
            let squares = map_init(len, &stop, || (), |(), index| Ok(index * index));
            assert_eq!(squares, Ok((0..len).map(|index| index * index).collect()));
        }
    }

    #[test]
    fn stops() {
        let stop = AtomicBool::new(true);
        assert_eq!(fill(3, &stop), Err(CryptoError::Stopped));
        assert_eq!(map_init(3, &stop, || (), |(), index| Ok(index)), Err(CryptoError::Stopped));
    }

    #[test]
    fn tells_what_the_pool_has_spent() {
        let told = Counting::default();
        fill(100, &told).unwrap();
        assert!(told.0.load(Ordering::Relaxed) > 0);
    }

    #[test]
    fn slices_come_near_their_time() {
        let ms = Duration::from_millis;
        assert_eq!(next_size(4, ms(25), 2), 8);
        assert_eq!(next_size(8, ms(500), 2), 2, "one piece a thread at least");
        assert_eq!(next_size(4, Duration::ZERO, 2), 32, "eight times as many at most");
    }
}
