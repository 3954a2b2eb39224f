//! Messages between the parties of a local run: carried in memory, counted for each edge, and hit by the fault that the
//! author asked for. Not for: carrying them (`Loopback`), stopping the job (`site`).

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use parcae_domain::{
    attempt::StopSignal,
    party::Party,
    port::{Address, Message, PortError, Transport},
};
use parcae_federation::Loopback;

/// What goes wrong on purpose; messages are counted from 1, over all edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// This message never arrives.
    Drop(u64),
    /// Every message arrives so much later.
    Delay(Duration),
    /// This message arrives twice.
    Duplicate(u64),
    /// The job is stopped at this message, which does not arrive.
    Stop(u64),
}

/// What is no fault.
#[derive(Debug, thiserror::Error)]
#[error("there is no fault {0:?}; there are drop:N, duplicate:N and stop:N (the N-th message, from 1), delay:MS")]
pub(crate) struct UnknownFault(String);

/// How long a message is held back when the author does not say, ms.
const DELAY_MS: u64 = 100;
/// Longest time that one may be held back, ms.
const LONGEST_DELAY_MS: u64 = 600_000;

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Fault, UnknownFault> {
        let unknown = || UnknownFault(text.to_owned());
        let (kind, number) = match text.split_once(':') {
            Some((kind, number)) => (kind, Some(number.parse::<u64>().map_err(|_| unknown())?)),
            None => (text, None),
        };
        let at = number.unwrap_or(1);
        match kind {
            "delay" if number.is_none_or(|ms| ms <= LONGEST_DELAY_MS) => {
                Ok(Fault::Delay(Duration::from_millis(number.unwrap_or(DELAY_MS))))
            }
            "drop" if at > 0 => Ok(Fault::Drop(at)),
            "duplicate" if at > 0 => Ok(Fault::Duplicate(at)),
            "stop" if at > 0 => Ok(Fault::Stop(at)),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Drop(at) => write!(f, "drop:{at}"),
            Fault::Delay(time) => write!(f, "delay:{}", time.as_millis()),
            Fault::Duplicate(at) => write!(f, "duplicate:{at}"),
            Fault::Stop(at) => write!(f, "stop:{at}"),
        }
    }
}

/// What went from one party to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edge {
    /// Messages that were sent.
    pub(crate) messages: u64,
    /// Bytes of their bodies.
    pub(crate) bytes: u64,
}

/// What was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// By sender and receiver.
    pub(crate) edges: BTreeMap<(Party, Party), Edge>,
    /// How long each party waited for messages.
    pub(crate) waited: BTreeMap<Party, Duration>,
    /// The message that the fault hit: its sender, its receiver and its tag.
    pub(crate) hit: Option<Address>,
    /// Messages that were sent.
    pub(crate) sent: u64,
    /// When the messages arrive that are held back, by address in their order.
    due: HashMap<Address, VecDeque<Instant>>,
}

/// Carries messages in memory.
pub(crate) struct Tap {
    inner: Loopback,
    fault: Option<Fault>,
    seen: Mutex<Seen>,
}

impl Tap {
    /// With a fault, or none.
    pub(crate) fn new(fault: Option<Fault>) -> Tap {
        Tap { inner: Loopback::new(), fault, seen: Mutex::default() }
    }

    /// What was seen so far.
    pub(crate) fn seen(&self) -> Seen {
        self.lock().clone()
    }

    /// True once the job is to be stopped.
    pub(crate) fn wants_stop(&self) -> bool {
        matches!(self.fault, Some(Fault::Stop(_))) && self.lock().hit.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a message; true when the fault hits it.
    fn count(&self, address: &Address, message: &Message) -> bool {
        let mut seen = self.lock();
        seen.sent += 1;
        let edge = seen.edges.entry((address.from, address.to)).or_default();
        edge.messages += 1;
        edge.bytes += message.byte_len() as u64;
        let hits = match self.fault {
            Some(Fault::Drop(at) | Fault::Duplicate(at) | Fault::Stop(at)) => seen.sent == at,
            Some(Fault::Delay(time)) => {
                seen.due.entry(address.clone()).or_default().push_back(Instant::now() + time);
                true
            }
            None => false,
        };
        if hits && seen.hit.is_none() {
            seen.hit = Some(address.clone());
        }
        hits
    }

    /// Waits until a message that was held back arrives.
    fn held_back(&self, address: &Address, deadline: Instant, stop: &StopSignal) -> Result<(), PortError> {
        let due = self.lock().due.get_mut(address).and_then(VecDeque::pop_front);
        let Some(due) = due else { return Ok(()) };
        let wait = |until: Instant| stop.wait(until.saturating_duration_since(Instant::now()));
        if wait(due.min(deadline)) {
            return Err(PortError::Canceled);
        }
        // Its seconds are filled in by the node.
        if due > deadline { Err(PortError::Deadline("peer".into(), 0)) } else { Ok(()) }
    }
}

impl Transport for Tap {
    fn push(&self, address: &Address, message: Message) -> Result<(), PortError> {
        let hit = self.count(address, &message);
        match self.fault {
            Some(Fault::Drop(_)) if hit => Ok(()),
            // Until the stop has come, nobody may end because another one has.
            Some(Fault::Stop(_)) if self.wants_stop() => Ok(()),
            Some(Fault::Duplicate(_)) if hit => {
                self.inner.push(address, message.clone())?;
                self.inner.push(address, message)
            }
            _ => self.inner.push(address, message),
        }
    }

    fn pull(&self, address: &Address, deadline: Instant, stop: &StopSignal) -> Result<Message, PortError> {
        let began = Instant::now();
        let pulled = self.inner.pull(address, deadline, stop);
        let arrived = pulled.and_then(|message| self.held_back(address, deadline, stop).map(|()| message));
        *self.lock().waited.entry(address.to).or_default() += began.elapsed();
        arrived
    }

    fn leave(&self, session: &str, party: Party) {
        if !self.wants_stop() {
            self.inner.leave(session, party);
        }
    }

    fn close(&self, session: &str) {
        self.inner.close(session);
    }
}

#[cfg(test)]
mod tests {
    use parcae_domain::{attempt::StopReason, party::Role};

    use super::*;

    fn address(tag: &str) -> Address {
        let (from, to) = (Party::new(Role::Guest, 1), Party::new(Role::Host, 2));
        Address { session: "s_0".into(), from, to, tag: tag.into() }
    }

    fn send(tap: &Tap, tag: &str, text: &str) {
        tap.push(&address(tag), Message::Bytes(text.as_bytes().to_vec())).unwrap();
    }

    /// What is there under a tag at once.
    fn take(tap: &Tap, tag: &str) -> Option<Message> {
        tap.pull(&address(tag), Instant::now(), &StopSignal::new()).ok()
    }

    #[test]
    fn faults_are_read_and_written() {
        for text in ["drop:1", "duplicate:7", "stop:3", "delay:20"] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
        assert_eq!("drop".parse::<Fault>().unwrap(), Fault::Drop(1));
        assert_eq!("delay".parse::<Fault>().unwrap(), Fault::Delay(Duration::from_millis(DELAY_MS)));
        for bad in ["", "burn", "drop:0", "drop:-1", "stop:x", "delay:99999999"] {
            assert!(bad.parse::<Fault>().unwrap_err().to_string().contains("drop:N"), "{bad}");
        }
    }

    #[test]
    fn a_dropped_message_is_counted_and_does_not_arrive() {
        let tap = Tap::new(Some(Fault::Drop(2)));
        ["one", "two", "three"].iter().for_each(|text| send(&tap, "t", text));
        assert_eq!(take(&tap, "t"), Some(Message::Bytes(b"one".to_vec())));
        assert_eq!(take(&tap, "t"), Some(Message::Bytes(b"three".to_vec())));
        let seen = tap.seen();
        assert_eq!(seen.edges[&(address("t").from, address("t").to)], Edge { messages: 3, bytes: 11 });
        assert_eq!(seen.hit, Some(address("t")));
    }

    #[test]
    fn a_doubled_message_arrives_twice() {
        let tap = Tap::new(Some(Fault::Duplicate(1)));
        send(&tap, "t", "one");
        assert_eq!(take(&tap, "t"), take(&tap, "t"));
        assert_eq!(take(&tap, "t"), None);
        assert_eq!(tap.seen().sent, 1);
    }

    #[test]
    fn a_message_that_is_held_back_arrives_late_or_not_before_the_deadline() {
        let tap = Tap::new(Some(Fault::Delay(Duration::from_millis(30))));
        let began = Instant::now();
        send(&tap, "t", "one");
        let pulled = tap.pull(&address("t"), began + Duration::from_secs(60), &StopSignal::new());
        assert!(pulled.is_ok() && began.elapsed() >= Duration::from_millis(30), "{pulled:?}");
        send(&tap, "t", "two");
        assert_eq!(take(&tap, "t"), None);
        let stop = StopSignal::new();
        stop.stop(StopReason::Canceled);
        send(&tap, "u", "three");
        let pulled = tap.pull(&address("u"), began + Duration::from_secs(60), &stop);
        assert_eq!(pulled, Err(PortError::Canceled));
    }

    #[test]
    fn from_a_stop_on_nothing_arrives_and_nobody_leaves() {
        let tap = Tap::new(Some(Fault::Stop(2)));
        send(&tap, "t", "one");
        assert!(!tap.wants_stop());
        send(&tap, "t", "two");
        send(&tap, "t", "three");
        assert!(tap.wants_stop());
        tap.leave("s_0", address("t").from);
        assert!(take(&tap, "t").is_some());
        let stop = StopSignal::new();
        let pulled = tap.pull(&address("t"), Instant::now(), &stop);
        assert!(matches!(pulled, Err(PortError::Deadline(..))), "{pulled:?}");
    }
}
