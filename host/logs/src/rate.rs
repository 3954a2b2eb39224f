//! How fast an attempt may write to its logs: so many lines and bytes a second, and eight seconds' worth of them at once.
//! What comes faster is dropped and counted, so that no component waits for its log and none fills the disk in a moment.
//! Not for: how much it may write in all (`attempt`).

/// Seconds that a burst is worth.
const BURST_SECONDS: u64 = 8;

/// What an attempt may write to its logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLimits {
    /// Bytes of whole lines, in all.
    pub bytes: u64,
    /// Lines a second.
    pub lines_per_second: u64,
    /// Bytes a second.
    pub bytes_per_second: u64,
}

impl LogLimits {
    /// So many bytes in all, as fast as one likes.
    pub fn bytes(bytes: u64) -> LogLimits {
        LogLimits { bytes, lines_per_second: u64::MAX, bytes_per_second: u64::MAX }
    }
}

/// What is left of a rate, in thousandths: a second gives back as many as there are lines or bytes a second.
#[derive(Debug)]
struct Bucket {
    per_second: u64,
    left: u64,
}

impl Bucket {
    fn full(per_second: u64) -> Bucket {
        Bucket { per_second, left: Bucket::most(per_second) }
    }

    fn most(per_second: u64) -> u64 {
        per_second.saturating_mul(BURST_SECONDS * 1000)
    }

    fn refill(&mut self, ms: u64) {
        let more = self.per_second.saturating_mul(ms);
        self.left = self.left.saturating_add(more).min(Bucket::most(self.per_second));
    }
}

/// The rates of one attempt.
#[derive(Debug)]
pub(crate) struct Rate {
    lines: Bucket,
    bytes: Bucket,
    /// When it was asked last, ms since the epoch.
    at_ms: i64,
    /// Lines that came too fast.
    pub(crate) dropped: u64,
}

impl Rate {
    pub(crate) fn new(limits: LogLimits, now_ms: i64) -> Rate {
        let (lines, bytes) = (Bucket::full(limits.lines_per_second), Bucket::full(limits.bytes_per_second));
        Rate { lines, bytes, at_ms: now_ms, dropped: 0 }
    }

    /// True when a line of so many bytes may be written now; otherwise it is counted.
    pub(crate) fn take(&mut self, bytes: u64, now_ms: i64) -> bool {
        // A clock that was set back gives nothing.
        let passed = u64::try_from(now_ms.saturating_sub(self.at_ms)).unwrap_or(0);
        self.at_ms = now_ms;
        self.lines.refill(passed);
        self.bytes.refill(passed);
        let cost = bytes.saturating_mul(1000);
        if self.lines.left < 1000 || self.bytes.left < cost {
            self.dropped += 1;
            return false;
        }
        self.lines.left -= 1000;
        self.bytes.left -= cost;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(lines_per_second: u64, bytes_per_second: u64) -> LogLimits {
        LogLimits { lines_per_second, bytes_per_second, ..LogLimits::bytes(u64::MAX) }
    }

    #[test]
    fn a_burst_and_then_so_many_a_second() {
        let mut rate = Rate::new(limits(2, 1_000_000), 0);
        let taken = |rate: &mut Rate, ms| (0..100).filter(|_| rate.take(10, ms)).count();
        assert_eq!((taken(&mut rate, 0), taken(&mut rate, 500), taken(&mut rate, 1_500)), (16, 1, 2));
        assert_eq!((taken(&mut rate, 1_000), taken(&mut rate, 1_500)), (0, 1), "the clock was set back");
        assert_eq!(taken(&mut rate, 1_000_000), 16, "no more than a burst is saved up");
        assert_eq!(rate.dropped, 6 * 100 - 36);
    }

    #[test]
    fn bytes_count_too() {
        let mut rate = Rate::new(limits(1_000, 100), 0);
        assert!(rate.take(700, 0) && rate.take(100, 0) && !rate.take(1, 0));
        assert!(rate.take(100, 1_000) && !rate.take(1, 1_000));
    }

    #[test]
    fn without_a_rate_nothing_is_dropped() {
        let mut rate = Rate::new(LogLimits::bytes(10), 0);
        assert!((0..10_000).all(|_| rate.take(1 << 20, 0)), "{rate:?}");
    }
}
