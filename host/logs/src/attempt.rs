//! Logs of one attempt: what its component says. Hostile by assumption: bounded in bytes, inert in text. Not for: what the
//! node says of the attempt (`job`).

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use jiff::Zoned;
use parcae_domain::{
    id::AttemptId,
    port::{Level, Stream},
};

use crate::{
    dir::Inner,
    handles::lock,
    line::{self, MAX_MESSAGE, inert, level_name},
    rate::{LogLimits, Rate},
};

/// Lines that are kept for error reports.
const LAST_LINES: usize = 64;
/// Bytes of each of them.
const LAST_LINE: usize = 1_024;

/// Logs of one attempt. In `<job>/<role>/<party>/<component>/`: a file for each level, `stat.log` with all levels,
/// `stdout.log` and `stderr.log` with raw lines. In `<job>/<role>/<party>/`: a file for each level, shared by the party's
/// components. Files exist once something was written. The component's are closed when this is dropped.
pub struct AttemptLog {
    inner: Arc<Inner>,
    job: String,
    /// `<component>.<version>`.
    source: String,
    party_folder: String,
    folder: String,
    limits: LogLimits,
    state: Mutex<State>,
}

struct State {
    written: u64,
    dropped: u64,
    rate: Rate,
    last: VecDeque<String>,
}

impl AttemptLog {
    /// For an attempt whose names were checked.
    pub(crate) fn new(inner: Arc<Inner>, attempt: &AttemptId, limits: LogLimits) -> AttemptLog {
        let (job, component) = (attempt.task.job.to_string(), &attempt.task.component);
        let party_folder = format!("{job}/{}", attempt.party);
        let rate = Rate::new(limits, (inner.clock)().timestamp().as_millisecond());
        AttemptLog {
            inner,
            source: format!("{component}.{}", attempt.version),
            folder: format!("{party_folder}/{component}"),
            job,
            party_folder,
            limits,
            state: Mutex::new(State { written: 0, dropped: 0, rate, last: VecDeque::new() }),
        }
    }

    /// Writes what the component said, each line of it on its own. Standard output counts as information and standard
    /// error as warning, whatever `level` says. Beyond the limit lines are dropped, and only remembered for reports.
    pub fn line(&self, level: Level, stream: Stream, text: &str) {
        let (level, raw, kind) = match stream {
            Stream::Log => (level, None, "log"),
            Stream::Stdout => (Level::Info, Some("stdout.log"), "stdout"),
            Stream::Stderr => (Level::Warning, Some("stderr.log"), "stderr"),
        };
        let now = (self.inner.clock)();
        let stamp = line::stamp(&now);
        let head = line::head(level, &stamp, &self.job, &format!("{}:{kind}", self.source));
        let mut state = lock(&self.state);
        for message in line::split(text) {
            let message = inert(message, MAX_MESSAGE);
            let whole = format!("{head}{message}\n");
            state.remember(&whole);
            if !self.fits(&mut state, &now, whole.len() as u64) {
                continue;
            }
            self.write(level, &whole);
            if let Some(file) = raw {
                self.inner.append(&format!("{}/{file}", self.folder), &format!("[{stamp}] {message}\n"));
            }
        }
    }

    /// Bytes that were written, as `stat.log` has them.
    pub fn written(&self) -> u64 {
        lock(&self.state).written
    }

    /// Number of lines that were dropped because a limit was reached.
    pub fn dropped(&self) -> u64 {
        let state = lock(&self.state);
        state.dropped + state.rate.dropped
    }

    /// Says how many lines came too fast, if any did.
    fn note_rate(&self) {
        let dropped = lock(&self.state).rate.dropped;
        if dropped == 0 {
            return;
        }
        let LogLimits { lines_per_second: lines, bytes_per_second: bytes, .. } = self.limits;
        let note = format!(
            "{dropped} lines came too fast and were dropped: log_lines_per_second allows {lines}, \
             log_bytes_per_second {bytes}"
        );
        let stamp = line::stamp(&(self.inner.clock)());
        let head = line::head(Level::Warning, &stamp, &self.job, &format!("{}:log", self.source));
        self.write(Level::Warning, &format!("{head}{note}\n"));
    }

    /// The last `n` lines, at most 64, as they stand in `stat.log` but for their ends and cut to 1,024 bytes. Lines beyond
    /// the limit are among them.
    pub fn last_lines(&self, n: usize) -> Vec<String> {
        let state = lock(&self.state);
        state.last.iter().skip(state.last.len().saturating_sub(n)).cloned().collect()
    }

    /// Counts a line. One that comes too fast is dropped; the first that does not fit leaves a note instead.
    fn fits(&self, state: &mut State, now: &Zoned, len: u64) -> bool {
        if state.dropped == 0 && !state.rate.take(len, now.timestamp().as_millisecond()) {
            return false;
        }
        if state.dropped == 0 && state.written.saturating_add(len) <= self.limits.bytes {
            state.written += len;
            return true;
        }
        state.dropped += 1;
        if state.dropped == 1 {
            let limit = self.limits.bytes;
            let note = format!("log limit of {limit} bytes reached: further lines of this attempt are dropped");
            let head = line::head(Level::Warning, &line::stamp(now), &self.job, &format!("{}:log", self.source));
            self.write(Level::Warning, &format!("{head}{note}\n"));
        }
        false
    }

    fn write(&self, level: Level, line: &str) {
        let level = level_name(level);
        self.inner.append(&format!("{}/stat.log", self.folder), line);
        self.inner.append(&format!("{}/{level}.log", self.folder), line);
        self.inner.append(&format!("{}/{level}.log", self.party_folder), line);
    }
}

impl State {
    fn remember(&mut self, whole: &str) {
        if self.last.len() == LAST_LINES {
            self.last.pop_front();
        }
        let line = whole.trim_end_matches('\n');
        let end = line.floor_char_boundary(LAST_LINE);
        self.last.push_back(line[..end].to_owned());
    }
}

impl Drop for AttemptLog {
    fn drop(&mut self) {
        self.note_rate();
        self.inner.handles.close(&format!("{}/", self.folder));
    }
}
