//! Messages between parties on one node: queues in memory, one an address. Not for: parties on other nodes.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use parcae_domain::{
    attempt::StopSignal,
    party::Party,
    port::{Address, Message, PortError, Transport},
};

/// How often a waiting pull looks at its stop signal when nothing else wakes it.
const LOOK: Duration = Duration::from_millis(20);

/// Queues in memory.
#[derive(Default)]
pub struct Loopback {
    sessions: Mutex<HashMap<String, Session>>,
    arrived: Condvar,
}

/// What is under way in one run of a task.
#[derive(Default)]
struct Session {
    queues: HashMap<(Party, Party, String), VecDeque<Message>>,
    gone: HashSet<Party>,
    /// Bytes that wait to be read.
    queued: u64,
}

/// Most bytes of one session that may wait to be read: they are in the node's memory.
const QUEUED_BYTES: u64 = 1 << 30;

impl Loopback {
    /// No messages yet.
    pub fn new() -> Loopback {
        Loopback::default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Loopback {
    fn push(&self, address: &Address, message: Message) -> Result<(), PortError> {
        let mut sessions = self.lock();
        let session = sessions.entry(address.session.clone()).or_default();
        if session.gone.contains(&address.to) {
            return Err(PortError::PeerGone(format!("{} has ended and takes no more messages", address.to)));
        }
        let bytes = message.byte_len() as u64;
        if session.queued + bytes > QUEUED_BYTES {
            let message = format!("more than {QUEUED_BYTES} bytes of messages wait to be read");
            return Err(PortError::Limit("edge_bytes".into(), message));
        }
        session.queued += bytes;
        session.queues.entry((address.from, address.to, address.tag.clone())).or_default().push_back(message);
        self.arrived.notify_all();
        Ok(())
    }

    fn pull(&self, address: &Address, deadline: Instant, stop: &StopSignal) -> Result<Message, PortError> {
        let began = Instant::now();
        let key = (address.from, address.to, address.tag.clone());
        let mut sessions = self.lock();
        loop {
            let session = sessions.entry(address.session.clone()).or_default();
            if let Some(queue) = session.queues.get_mut(&key)
                && let Some(message) = queue.pop_front()
            {
                if queue.is_empty() {
                    session.queues.remove(&key);
                }
                session.queued -= message.byte_len() as u64;
                return Ok(message);
            }
            if stop.reason().is_some() {
                return Err(PortError::Canceled);
            }
            if session.gone.contains(&address.from) {
                return Err(PortError::PeerGone(format!("{} ended without sending {:?}", address.from, address.tag)));
            }
            let now = Instant::now();
            if now >= deadline {
                return Err(PortError::Deadline("peer".into(), deadline.duration_since(began).as_secs()));
            }
            let wait = LOOK.min(deadline - now);
            sessions = self.arrived.wait_timeout(sessions, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn leave(&self, session: &str, party: Party) {
        let mut sessions = self.lock();
        let session = sessions.entry(session.to_owned()).or_default();
        session.gone.insert(party);
        // What it has not read nobody will.
        session.queues.retain(|(_, to, _), _| *to != party);
        session.queued = session.queues.values().flatten().map(|m| m.byte_len() as u64).sum();
        self.arrived.notify_all();
    }

    fn close(&self, session: &str) {
        self.lock().remove(session);
        self.arrived.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parcae_domain::{attempt::StopReason, party::Role};

    use super::*;

    fn address(from: u64, to: u64, tag: &str) -> Address {
        let party = |id| Party::new(Role::Host, id);
        Address { session: "job_lr_0_0".into(), from: party(from), to: party(to), tag: tag.into() }
    }

    fn far() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    fn body(text: &str) -> Message {
        Message::Bytes(text.as_bytes().to_vec())
    }

    #[test]
    fn messages_of_one_address_keep_their_order_and_their_address() {
        let net = Loopback::new();
        net.push(&address(1, 2, "a"), body("first")).unwrap();
        net.push(&address(1, 2, "a"), body("second")).unwrap();
        net.push(&address(1, 2, "b"), body("other")).unwrap();
        let stop = StopSignal::new();
        let pull = |tag| net.pull(&address(1, 2, tag), far(), &stop).unwrap();
        assert_eq!([pull("a"), pull("b"), pull("a")], [body("first"), body("other"), body("second")]);
    }

    #[test]
    fn a_waiting_pull_gets_what_comes_later() {
        let net = Arc::new(Loopback::new());
        let other = net.clone();
        let waiting = std::thread::spawn(move || other.pull(&address(1, 2, "late"), far(), &StopSignal::new()));
        net.push(&address(1, 2, "late"), body("here")).unwrap();
        assert_eq!(waiting.join().unwrap(), Ok(body("here")));
    }

    #[test]
    fn who_waits_for_a_party_that_left_is_told_so_after_its_last_message() {
        let net = Loopback::new();
        let stop = StopSignal::new();
        net.push(&address(1, 2, "last"), body("bye")).unwrap();
        net.leave("job_lr_0_0", Party::new(Role::Host, 1));
        assert_eq!(net.pull(&address(1, 2, "last"), far(), &stop), Ok(body("bye")));
        assert!(matches!(net.pull(&address(1, 2, "last"), far(), &stop), Err(PortError::PeerGone(_))));
        assert!(matches!(net.push(&address(2, 1, "x"), body("")), Err(PortError::PeerGone(_))));
    }

    #[test]
    fn a_stop_and_a_deadline_wake_who_waits() {
        let net = Arc::new(Loopback::new());
        let stop = StopSignal::new();
        let past = Instant::now();
        assert!(matches!(net.pull(&address(1, 2, "x"), past, &stop), Err(PortError::Deadline(..))));
        let (other, signal) = (net.clone(), stop.clone());
        let waiting = std::thread::spawn(move || other.pull(&address(1, 2, "x"), far(), &signal));
        stop.stop(StopReason::Canceled);
        assert_eq!(waiting.join().unwrap(), Err(PortError::Canceled));
    }
}
