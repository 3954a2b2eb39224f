//! What calls of an attempt took long, for its trace: each that took a millisecond or more, the first thousand of them;
//! the others are summed up by kind. Not for: calls that stay within the sandbox, such as cryptography, whose processor
//! time the attempt's span tells.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::spans::{Span, now_ns, number, span_of, text};

/// A call that took less is only counted.
const LONG: Duration = Duration::from_millis(1);
/// Calls that have a span of their own.
const OWN_SPANS: usize = 1_000;

/// Calls of one attempt.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    /// Nobody wants to know, otherwise.
    is_on: bool,
    calls: Mutex<Calls>,
}

#[derive(Debug, Default)]
struct Calls {
    long: Vec<Call>,
    others: BTreeMap<&'static str, Others>,
}

#[derive(Debug)]
struct Call {
    kind: &'static str,
    about: String,
    start_ns: u64,
    end_ns: u64,
}

/// Calls of one kind without spans of their own.
#[derive(Debug)]
struct Others {
    count: u64,
    total: Duration,
    start_ns: u64,
    end_ns: u64,
}

/// Takes the time of a call until it is dropped.
pub(crate) struct Timed<'a> {
    imports: &'a Imports,
    kind: &'static str,
    about: String,
    began: Instant,
}

impl Imports {
    /// Calls are looked at only when that is wanted.
    pub(crate) fn new(is_on: bool) -> Imports {
        Imports { is_on, calls: Mutex::default() }
    }

    /// Takes the time of a call; `about` says more of it.
    pub(crate) fn time(&self, kind: &'static str, about: impl FnOnce() -> String) -> Option<Timed<'_>> {
        self.is_on.then(|| Timed { imports: self, kind, about: about(), began: Instant::now() })
    }

    fn add(&self, kind: &'static str, about: String, took: Duration) {
        let end_ns = now_ns();
        let start_ns = end_ns.saturating_sub(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if took >= LONG && calls.long.len() < OWN_SPANS {
            calls.long.push(Call { kind, about, start_ns, end_ns });
            return;
        }
        let none = Others { count: 0, total: Duration::ZERO, start_ns, end_ns };
        let others = calls.others.entry(kind).or_insert(none);
        others.count += 1;
        others.total += took;
        others.end_ns = end_ns;
    }

    /// A span for each long call and for the others of a kind, within that of the attempt.
    pub(crate) fn spans(&self, attempt: &Span) -> Vec<Span> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let within = |index: usize, name: String, (start_ns, end_ns): (u64, u64), attributes| Span {
            trace: attempt.trace,
            id: span_of(&format!("{:?} {index}", attempt.id)),
            parent: Some(attempt.id),
            name,
            start_ns,
            end_ns,
            error: None,
            attributes,
        };
        let long = calls.long.iter().enumerate().map(|(index, call)| {
            within(index, call.kind.into(), (call.start_ns, call.end_ns), vec![text("parcae.about", &call.about)])
        });
        let others = calls.others.iter().enumerate().map(|(index, (kind, others))| {
            let total_us = u64::try_from(others.total.as_micros()).unwrap_or(u64::MAX);
            let attributes = vec![number("parcae.calls", others.count), number("parcae.total_us", total_us)];
            let name = format!("{kind}, other calls");
            within(OWN_SPANS + index, name, (others.start_ns, others.end_ns), attributes)
        });
        long.chain(others).collect()
    }
}

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        self.imports.add(self.kind, std::mem::take(&mut self.about), self.began.elapsed());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(imports: &Imports) -> Vec<Span> {
        let (trace, id) = ([1; 16], [2; 8]);
        let attempt =
            Span { trace, id, parent: None, name: "a".into(), start_ns: 0, end_ns: 9, error: None, attributes: vec![] };
        imports.spans(&attempt)
    }

    #[test]
    fn long_calls_have_spans_and_the_others_are_summed_up() {
        let imports = Imports::new(true);
        imports.add("pull", "host/1 w".into(), Duration::from_millis(3));
        imports.add("pull", String::new(), Duration::from_micros(3));
        imports.add("pull", String::new(), Duration::from_micros(4));
        let spans = within(&imports);
        assert_eq!(spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>(), ["pull", "pull, other calls"]);
        assert_eq!((spans[0].end_ns - spans[0].start_ns, spans[0].parent), (3_000_000, Some([2; 8])));
        assert_eq!(spans[1].attributes, [number("parcae.calls", 2), number("parcae.total_us", 7)]);
        assert_ne!(spans[0].id, spans[1].id);
    }

    #[test]
    fn calls_without_end_make_no_spans_without_end() {
        let imports = Imports::new(true);
        (0..3 * OWN_SPANS).for_each(|_| imports.add("push", String::new(), LONG));
        let spans = within(&imports);
        assert_eq!(spans.len(), OWN_SPANS + 1);
        assert_eq!(spans[OWN_SPANS].attributes[0], number("parcae.calls", 2 * OWN_SPANS as u64));
        let off = Imports::new(false);
        assert!(off.time("push", String::new).is_none() && within(&off).is_empty());
    }
}
