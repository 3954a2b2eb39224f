//! Processor time of the thread that asks. Not for: what an attempt may use of it (`limit`), times of the node's own work.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Processor time that the calling thread has used since it began.
pub(crate) fn thread_time() -> Duration {
    let at = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanos) = (u64::try_from(at.tv_sec).unwrap_or(0), u32::try_from(at.tv_nsec).unwrap_or(0));
    Duration::new(seconds, nanos)
}

/// Microseconds, for a counter.
pub(crate) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_time_and_waiting_takes_little() {
        let begun = thread_time();
        let mut sum = 0u64;
        while thread_time() - begun < Duration::from_millis(5) {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(sum > 0 && micros(thread_time() - begun) >= 5_000);
    }
}
