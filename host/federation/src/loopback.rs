//! Messages between parties on one node: queues in memory, one an address, charged to the pool that attempts share. Not
//! for: parties on other nodes.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use parcae_domain::{
    attempt::StopSignal,
    party::Party,
    pool::{MemoryPool, Pool},
    port::{Address, Message, PortError, Transport},
};

/// How often a waiting pull looks at its stop signal when nothing else wakes it.
const LOOK: Duration = Duration::from_millis(20);

/// Queues in memory.
#[derive(Default)]
pub struct Loopback {
    sessions: Mutex<HashMap<String, Session>>,
    arrived: Condvar,
    /// Memory of the messages that wait to be read.
    pool: Arc<Pool>,
}

/// What is under way in one run of a task.
#[derive(Default)]
struct Session {
    queues: HashMap<(Party, Party, String), VecDeque<Message>>,
    gone: HashSet<Party>,
    /// What the messages take that wait to be read, bytes.
    queued: u64,
}

/// Memory of a message that waits beside its body, and of a column of a page beside its values: empty ones are not free.
const MESSAGE_BYTES: usize = 512;
const COLUMN_BYTES: usize = 64;

/// Memory that a message takes while it waits.
fn cost(tag: &str, message: &Message) -> u64 {
    let columns = if let Message::Page(page) = message { page.columns.len() } else { 0 };
    (MESSAGE_BYTES + 2 * tag.len() + message.byte_len() + columns * COLUMN_BYTES) as u64
}

impl Session {
    /// What all messages take that wait.
    fn sum(&self) -> u64 {
        let queues = self.queues.iter();
        queues.flat_map(|((.., tag), queue)| queue.iter().map(|message| cost(tag, message))).sum()
    }
}

/// Most bytes of one session that may wait to be read: they are in the node's memory.
const QUEUED_BYTES: u64 = 1 << 30;

impl Loopback {
    /// No messages yet, and as much memory for them as there is.
    pub fn new() -> Loopback {
        Loopback::default()
    }

    /// No messages yet; what waits to be read is taken from this pool.
    pub fn charged_to(pool: Arc<Pool>) -> Loopback {
        Loopback { sessions: Mutex::default(), arrived: Condvar::new(), pool }
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
        let bytes = cost(&address.tag, &message);
        if session.queued + bytes > QUEUED_BYTES {
            let message = format!("more than {QUEUED_BYTES} bytes of messages wait to be read");
            return Err(PortError::Limit("edge_bytes".into(), message));
        }
        self.pool.admit(bytes).map_err(|full| PortError::Limit(full.limit.into(), full.message))?;
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
                let bytes = cost(&address.tag, &message);
                session.queued -= bytes;
                self.pool.give_back(bytes);
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
        let left = session.sum();
        self.pool.give_back(session.queued - left);
        session.queued = left;
        self.arrived.notify_all();
    }

    fn close(&self, session: &str) {
        let closed = self.lock().remove(session);
        self.pool.give_back(closed.map_or(0, |session| session.queued));
        self.arrived.notify_all();
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        let queued: u64 = self.lock().values().map(|session| session.queued).sum();
        self.pool.give_back(queued);
    }
}

#[cfg(test)]
mod tests {
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
    fn messages_that_wait_are_taken_from_the_pool() {
        let pool = Arc::new(Pool::of_node(5_000));
        let net = Loopback::charged_to(pool.clone());
        let stop = StopSignal::new();
        let mut sent = 0;
        let full = loop {
            match net.push(&address(1, 2, "x"), body("")) {
                Ok(()) => sent += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(&full, PortError::Limit(name, _) if name == "memory_pool_bytes"), "{full:?}");
        assert!(sent > 0 && sent < 10, "{sent} empty messages in 5000 bytes");
        net.pull(&address(1, 2, "x"), far(), &stop).unwrap();
        net.push(&address(2, 1, "y"), body("")).unwrap();
        net.leave("job_lr_0_0", Party::new(Role::Host, 2));
        assert!(pool.used() > 0, "the other's message waits");
        net.close("job_lr_0_0");
        assert_eq!(pool.used(), 0);
        net.push(&address(1, 2, "x"), body("")).unwrap();
        drop(net);
        assert_eq!(pool.used(), 0);
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
