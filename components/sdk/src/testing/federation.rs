//! Interface `federation` in native tests: what a party may send, and what it gets. Not for: carrying (`hub`).

use super::{
    hub::Message,
    pages::check_shape,
    world::{World, current},
};
use crate::{
    Error, Party,
    he::{Encrypted, PublicKey},
    tables::Page,
};

/// Longest tag, bytes.
const TAG_BYTES: usize = 256;

fn check(world: &World, party: Party, tag: &str) -> Result<(), Error> {
    let task = world.task();
    if party == task.me {
        return Err(Error::Invalid("a party does not send to itself".into()));
    }
    if !task.parties.contains(&party) {
        return Err(Error::Denied(format!("{party} does not take part in {}", task.component)));
    }
    if tag.is_empty() || tag.len() > TAG_BYTES || tag.chars().any(char::is_control) {
        return Err(Error::Invalid(format!("a tag has 1 to {TAG_BYTES} printable bytes")));
    }
    Ok(())
}

fn send(to: Party, tag: &str, message: Message) -> Result<(), Error> {
    let world = current()?;
    check(&world, to, tag)?;
    world.hub.push(world.task().me, to, tag, message)
}

fn receive(from: Party, tag: &str) -> Result<Message, Error> {
    let world = current()?;
    check(&world, from, tag)?;
    world.hub.pull(world.task().me, from, tag)
}

fn unexpected(message: &Message, want: &str) -> Error {
    Error::Peer(format!("the peer sent {} where {want} was expected", message.kind()))
}

/// Sends bytes to another party of this task. A tag has 1 to 256 printable bytes.
pub fn push(to: Party, tag: &str, body: &[u8]) -> Result<(), Error> {
    send(to, tag, Message::Bytes(body.to_vec()))
}

/// Waits for bytes from another party.
pub fn pull(from: Party, tag: &str) -> Result<Vec<u8>, Error> {
    match receive(from, tag)? {
        Message::Bytes(body) => Ok(body),
        other => Err(unexpected(&other, "bytes")),
    }
}

/// Sends a page.
pub fn push_page(to: Party, tag: &str, page: &Page) -> Result<(), Error> {
    check_shape(page)?;
    send(to, tag, Message::Page(page.clone()))
}

/// Waits for a page; its lengths, offsets and texts were checked, its types were not.
pub fn pull_page(from: Party, tag: &str) -> Result<Page, Error> {
    match receive(from, tag)? {
        Message::Page(page) => Ok(page),
        other => Err(unexpected(&other, "a page")),
    }
}

/// Sends a public key.
pub fn push_key(to: Party, tag: &str, key: &PublicKey) -> Result<(), Error> {
    send(to, tag, Message::Key(key.key()))
}

/// Waits for a public key.
pub fn pull_key(from: Party, tag: &str) -> Result<PublicKey, Error> {
    match receive(from, tag)? {
        Message::Key(key) => Ok(PublicKey::of(key)),
        other => Err(unexpected(&other, "a public key")),
    }
}

/// Sends ciphertexts.
pub fn push_encrypted(to: Party, tag: &str, values: &Encrypted) -> Result<(), Error> {
    send(to, tag, Message::Encrypted(values.copy()))
}

/// Waits for ciphertexts under `key`.
pub fn pull_encrypted(from: Party, tag: &str, key: &PublicKey) -> Result<Encrypted, Error> {
    match receive(from, tag)? {
        Message::Encrypted(values) if values.is_under(key) => Ok(values),
        Message::Encrypted(_) => {
            Err(Error::Peer("the peer sent bad ciphertexts: encrypted values of another key".into()))
        }
        other => Err(unexpected(&other, "ciphertexts")),
    }
}
