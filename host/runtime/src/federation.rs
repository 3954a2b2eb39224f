//! Interface `federation`: messages between the attempts of one task. Job, task and attempt are added by the node; here the
//! other party and the size are checked, and ciphertexts that are not fresh are randomised again. Not for: carrying
//! (`Transport`, behind the `World`).

use parcae_crypto::CryptoError;
use parcae_crypto::paillier::{Encrypted, PublicKey};
use parcae_domain::{
    party::Party,
    port::{Message, PortError},
};
use wasmtime::component::Resource;

use crate::convert::{page_in, page_out, party_in};
use crate::generated::parcae::component::types::Error;
use crate::generated::parcae::component::{federation, tables, types};
use crate::he::{Key, Vector};
use crate::state::{Answer, State, limit_error};

/// Longest tag, bytes.
const TAG_BYTES: usize = 256;
/// What is said of a limit that a grant raises.
const MODEST: &str = " without the grant message-volume: have the module's description ask for it, and the operator of \
                      the node give it";
/// Bytes that a message on its way takes beside its body, and a column of a page beside its values.
const MESSAGE_BYTES: usize = 256;
const COLUMN_BYTES: usize = 64;

/// What a message counts for: empty ones are not free.
fn cost(tag: &str, message: &Message) -> u64 {
    let columns = if let Message::Page(page) = message { page.columns.len() } else { 0 };
    (MESSAGE_BYTES + tag.len() + message.byte_len() + columns * COLUMN_BYTES) as u64
}

impl State {
    fn peer(&self, party: types::Party, tag: &str) -> Result<Party, Error> {
        let party = party_in(party);
        if party == self.attempt.id.party {
            return Err(Error::Invalid("a party does not send to itself".into()));
        }
        if !self.attempt.parties.contains(&party) {
            return Err(Error::Denied(format!("{party} does not take part in {}", self.attempt.id.task)));
        }
        if tag.is_empty() || tag.len() > TAG_BYTES || tag.chars().any(char::is_control) {
            return Err(Error::Invalid(format!("a tag has 1 to {TAG_BYTES} printable bytes")));
        }
        Ok(party)
    }

    /// Counts a message before it is sent.
    fn count_message(&mut self, to: Party, bytes: u64) -> Result<(), Error> {
        let limits = &self.attempt.limits;
        let (sent, messages) = self.used.edges.entry(to).or_default();
        let (all, most) = (sent.saturating_add(bytes), limits.edge_bytes);
        if all > most {
            let cure = if self.attempt.is_modest() { MODEST } else { "" };
            return Err(limit_error("edge_bytes", format!("{all} bytes to {to}, {most} are allowed{cure}")));
        }
        if *messages >= limits.edge_messages {
            let message = format!("{} messages to one party are allowed", limits.edge_messages);
            return Err(limit_error("edge_messages", message));
        }
        (*sent, *messages) = (all, *messages + 1);
        Ok(())
    }

    pub(crate) fn send(&mut self, to: types::Party, tag: &str, message: Message) -> Answer<()> {
        let world = self.world()?;
        let to = match self.peer(to, tag) {
            Ok(to) => to,
            Err(e) => return Ok(Err(e)),
        };
        if let Err(e) = self.count_message(to, cost(tag, &message)) {
            return Ok(Err(e));
        }
        self.answer(world.push(to, tag, message))
    }

    pub(crate) fn receive(&mut self, from: types::Party, tag: &str) -> Answer<Message> {
        let world = self.world()?;
        match self.peer(from, tag) {
            Ok(from) => {
                if let Some(turn) = &self.turn {
                    turn.leave();
                }
                match self.answer(world.pull(from, tag))? {
                    Ok(message) => Ok(self.check_size(message)),
                    // Which limit, and what was waited for.
                    Err(Error::Deadline(why)) => {
                        Ok(Err(Error::Deadline(format!("{why} (peer_seconds): {from} sent no {tag:?}"))))
                    }
                    Err(e) => Ok(Err(e)),
                }
            }
            Err(e) => Ok(Err(e)),
        }
    }

    /// What comes in is bounded as what goes out is: a peer may be under other limits. Keys and ciphertexts stay in the
    /// node, and are charged to their handles.
    fn check_size(&self, message: Message) -> Result<Message, Error> {
        let (bytes, limit) = (message.byte_len() as u64, self.attempt.limits.call_bytes);
        if bytes > limit && matches!(message, Message::Bytes(_) | Message::Page(_)) {
            return Err(limit_error("call_bytes", format!("a message of {bytes} bytes, {limit} are allowed")));
        }
        Ok(message)
    }
}

fn unexpected<T>(message: &Message, want: &str) -> Answer<T> {
    Ok(Err(Error::Peer(format!("the peer sent {} where {want} was expected", message.kind()))))
}

impl federation::Host for State {
    fn push(&mut self, to: types::Party, tag: String, body: Vec<u8>) -> Answer<()> {
        self.send(to, &tag, Message::Bytes(body))
    }

    fn pull(&mut self, from: types::Party, tag: String) -> Answer<Vec<u8>> {
        match self.receive(from, &tag)? {
            Ok(Message::Bytes(body)) => Ok(Ok(body)),
            Ok(other) => unexpected(&other, "bytes"),
            Err(e) => Ok(Err(e)),
        }
    }

    fn push_page(&mut self, to: types::Party, tag: String, page: tables::Page) -> Answer<()> {
        let page = page_in(page);
        match page.check_shape() {
            Ok(()) => self.send(to, &tag, Message::Page(page)),
            Err(e) => Ok(Err(Error::Invalid(e.to_string()))),
        }
    }

    fn pull_page(&mut self, from: types::Party, tag: String) -> Answer<tables::Page> {
        match self.receive(from, &tag)? {
            Ok(Message::Page(page)) => match page.check_shape() {
                Ok(()) => Ok(Ok(page_out(page))),
                Err(e) => Ok(Err(Error::Peer(format!("the peer sent a bad page: {e}")))),
            },
            Ok(other) => unexpected(&other, "a page"),
            Err(e) => Ok(Err(e)),
        }
    }

    fn push_key(&mut self, to: types::Party, tag: String, key: Resource<Key>) -> Answer<()> {
        let bytes = self.handles.get(&key)?.key.to_bytes();
        self.send(to, &tag, Message::PublicKey(bytes))
    }

    fn pull_key(&mut self, from: types::Party, tag: String) -> Answer<Resource<Key>> {
        match self.receive(from, &tag)? {
            Ok(Message::PublicKey(bytes)) => match PublicKey::from_bytes(&bytes) {
                Ok(key) => self.hold_key(key),
                Err(e) => Ok(Err(Error::Peer(format!("the peer sent a bad public key: {e}")))),
            },
            Ok(other) => unexpected(&other, "a public key"),
            Err(e) => Ok(Err(e)),
        }
    }

    fn push_encrypted(&mut self, to: types::Party, tag: String, values: Resource<Vector>) -> Answer<()> {
        let values = self.handles.get(&values)?.value.clone();
        // As bytes, and once more when they are randomised again.
        let _copies = match self.room(values.key(), 2 * values.len() as u64) {
            Ok(copies) => copies,
            Err(e) => return Ok(Err(e)),
        };
        let bytes = if values.is_fresh() {
            values.to_bytes_for(&*self.meter)
        } else {
            values.rerandomise(&*self.meter).and_then(|fresh| fresh.to_bytes_for(&*self.meter))
        };
        match self.computed(bytes)? {
            Ok(bytes) => self.send(to, &tag, Message::Encrypted(bytes)),
            Err(e) => Ok(Err(e)),
        }
    }

    fn pull_encrypted(&mut self, from: types::Party, tag: String, key: Resource<Key>) -> Answer<Resource<Vector>> {
        let key = self.handles.get(&key)?;
        let (key, memory) = (key.key.clone(), key.memory.clone());
        match self.receive(from, &tag)? {
            Ok(Message::Encrypted(bytes)) => match Encrypted::from_bytes_for(&key, &bytes, &*self.meter) {
                Ok(value) => self.keep(value, memory),
                Err(CryptoError::Stopped) => Err(self.halt()),
                Err(e) => self.answer(Err(PortError::PeerGone(format!("the peer sent bad ciphertexts: {e}")))),
            },
            Ok(other) => unexpected(&other, "ciphertexts"),
            Err(e) => Ok(Err(e)),
        }
    }
}
