//! Messages between the parties of a native test: queues in memory, one an address, and a count for each edge. Whoever
//! waits for what can never come is told so at once. Not for: what a party may send (`federation`).

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::{he, outcome::Edge};
use crate::{
    Error, Party, Role,
    tables::{Page, Values},
};

/// A party as a key of a map.
type Who = (Role, u64);
/// From, to, tag.
type Address = (Who, Who, String);

fn who(party: Party) -> Who {
    (party.role, party.id)
}

fn party((role, id): Who) -> Party {
    Party { role, id }
}

/// What is sent.
#[derive(Debug)]
pub(super) enum Message {
    /// Bytes.
    Bytes(Vec<u8>),
    /// A page.
    Page(Page),
    /// A public key.
    Key(he::Key),
    /// Ciphertexts.
    Encrypted(he::Encrypted),
}

impl Message {
    /// What it is, for people.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Message::Bytes(_) => "bytes",
            Message::Page(_) => "a page",
            Message::Key(_) => "a public key",
            Message::Encrypted(_) => "ciphertexts",
        }
    }

    /// Bytes that it has on the wire, about: keys and ciphertexts those of real ones.
    fn bytes(&self) -> u64 {
        match self {
            Message::Bytes(body) => body.len() as u64,
            Message::Page(page) => page_bytes(page),
            Message::Key(key) => u64::from(key.bits) / 8,
            Message::Encrypted(values) => u64::from(values.len()) * u64::from(values.bits()) / 4,
        }
    }
}

fn page_bytes(page: &Page) -> u64 {
    let bytes = page.columns.iter().map(|column| {
        let values = match &column.values {
            Values::Text(all) => all.offsets.len() * 4 + all.bytes.len(),
            Values::Float64(values) => values.len() * 8,
            Values::Int64(values) => values.len() * 8,
            Values::Boolean(values) => values.len(),
        };
        values + column.validity.as_ref().map_or(0, Vec::len)
    });
    bytes.sum::<usize>() as u64
}

#[derive(Default)]
struct State {
    queues: BTreeMap<Address, VecDeque<Message>>,
    /// Parties whose attempts have not ended.
    living: Vec<Who>,
    /// What each waiting party waits for.
    waiting: BTreeMap<Who, Address>,
    /// Messages and bytes of each edge.
    edges: BTreeMap<(Who, Who), (u64, u64)>,
}

impl State {
    fn next(&mut self, address: &Address) -> Option<Message> {
        self.queues.get_mut(address).and_then(VecDeque::pop_front)
    }

    fn is_empty(&self, address: &Address) -> bool {
        self.queues.get(address).is_none_or(VecDeque::is_empty)
    }

    /// Says who waits for whom when all do, and none of them can go on.
    fn circle(&self) -> Option<String> {
        let all_wait = self.waiting.len() == self.living.len();
        let hopeless = |address: &Address| self.is_empty(address) && self.living.contains(&address.0);
        if !all_wait || !self.waiting.values().all(hopeless) {
            return None;
        }
        let wait = |(from, to, tag): &Address| format!("{} for {tag:?} of {}", party(*to), party(*from));
        let waits: Vec<String> = self.waiting.values().map(wait).collect();
        Some(format!("nobody can go on, all parties wait: {}", waits.join("; ")))
    }
}

/// Where messages wait.
pub(super) struct Hub {
    state: Mutex<State>,
    changed: Condvar,
    deadline: Instant,
}

impl Hub {
    /// For the parties of one job, which have to end before `deadline`.
    pub(super) fn new(parties: &[Party], deadline: Instant) -> Hub {
        let state = State { living: parties.iter().copied().map(who).collect(), ..State::default() };
        Hub { state: Mutex::new(state), changed: Condvar::new(), deadline }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends.
    pub(super) fn push(&self, from: Party, to: Party, tag: &str, message: Message) -> Result<(), Error> {
        let mut state = self.lock();
        if !state.living.contains(&who(to)) {
            return Err(Error::Peer(format!("{to} has ended and takes no more messages")));
        }
        let (messages, bytes) = state.edges.entry((who(from), who(to))).or_default();
        *messages += 1;
        *bytes += message.bytes();
        state.queues.entry((who(from), who(to), tag.to_owned())).or_default().push_back(message);
        self.changed.notify_all();
        Ok(())
    }

    /// Waits for a message.
    pub(super) fn pull(&self, me: Party, from: Party, tag: &str) -> Result<Message, Error> {
        let address = (who(from), who(me), tag.to_owned());
        let mut state = self.lock();
        state.waiting.insert(who(me), address.clone());
        let found = loop {
            if let Some(message) = state.next(&address) {
                break Ok(message);
            }
            if !state.living.contains(&who(from)) {
                break Err(Error::Peer(format!("{from} ended without sending {tag:?}")));
            }
            if let Some(circle) = state.circle() {
                break Err(Error::Deadline(circle));
            }
            let now = Instant::now();
            if now >= self.deadline {
                break Err(Error::Deadline(format!("{tag:?} of {from} did not come before the deadline of the test")));
            }
            state = self.changed.wait_timeout(state, self.deadline - now).unwrap_or_else(PoisonError::into_inner).0;
        };
        state.waiting.remove(&who(me));
        found
    }

    /// After a party's attempt: who waits for it gets what it sent before, and then an error.
    pub(super) fn leave(&self, me: Party) {
        let mut state = self.lock();
        state.living.retain(|other| *other != who(me));
        // What it has not read nobody will.
        state.queues.retain(|(_, to, _), _| *to != who(me));
        self.changed.notify_all();
    }

    /// What went from whom to whom.
    pub(super) fn edges(&self) -> Vec<Edge> {
        let state = self.lock();
        let edge = |(&(from, to), &(messages, bytes)): (&(Who, Who), &(u64, u64))| Edge {
            from: party(from),
            to: party(to),
            messages,
            bytes,
        };
        state.edges.iter().map(edge).collect()
    }
}
