//! Messages over a socket: eight bytes of length, one of kind, then the body. The node's end believes no length and takes no
//! descriptors; the worker's end gets those that come with a message. Not for: what messages say (`request`, `reply`).

use std::io::{self, BufReader, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::io::retry_on_intr;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};

/// Bytes before a body.
const HEAD: usize = 9;
/// Most descriptors that come with one message: an attempt has no more tables open.
pub(crate) const DESCRIPTORS: usize = 128;
/// Bytes that are set aside for a body before any of it has come.
const AHEAD: u64 = 1 << 20;
/// Bytes of a body that are kept for the next one.
const KEPT: usize = 16 << 20;

/// Why there is no next message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The other end is gone.
    Gone,
    /// What came makes no sense.
    Broken(String),
}

fn head(kind: u8, body: &[u8]) -> [u8; HEAD] {
    let mut head = [kind; HEAD];
    head[..8].copy_from_slice(&(body.len() as u64).to_le_bytes());
    head
}

fn parsed(head: [u8; HEAD]) -> (u64, u8) {
    let [a, b, c, d, e, f, g, h, kind] = head;
    (u64::from_le_bytes([a, b, c, d, e, f, g, h]), kind)
}

/// Sends a message, with descriptors.
fn send(mut socket: &UnixStream, kind: u8, body: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
    let head = head(kind, body);
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(io::Error::other(format!("{} descriptors in one message", descriptors.len())));
    }
    let parts = [IoSlice::new(&head), IoSlice::new(body)];
    let sent = retry_on_intr(|| sendmsg(socket.as_fd(), &parts, &mut control, SendFlags::NOSIGNAL))?;
    if sent < HEAD {
        socket.write_all(&head[sent..])?;
    }
    socket.write_all(&body[sent.saturating_sub(HEAD)..])
}

/// The node's end.
pub(crate) struct NodeEnd {
    socket: BufReader<UnixStream>,
    body: Vec<u8>,
}

impl NodeEnd {
    pub(crate) fn new(socket: UnixStream) -> NodeEnd {
        NodeEnd { socket: BufReader::with_capacity(64 << 10, socket), body: Vec::new() }
    }

    /// Length and kind of the next message; `largest` says how long one of a kind may be.
    pub(crate) fn head(&mut self, largest: impl FnOnce(u8) -> u64) -> Result<(u64, u8), Fault> {
        let mut head = [0; HEAD];
        self.socket.read_exact(&mut head).map_err(|_| Fault::Gone)?;
        let (len, kind) = parsed(head);
        let most = largest(kind);
        if len > most {
            return Err(Fault::Broken(format!("a message of {len} bytes where {most} are allowed")));
        }
        Ok((len, kind))
    }

    /// Its body.
    pub(crate) fn body(&mut self, len: u64) -> Result<&[u8], Fault> {
        self.forget();
        self.body.reserve(usize::try_from(len.min(AHEAD)).unwrap_or(0));
        let read = (&mut self.socket).take(len).read_to_end(&mut self.body).map_err(|_| Fault::Gone)?;
        if read as u64 == len { Ok(&self.body) } else { Err(Fault::Gone) }
    }

    /// Gives up a body that has been read: the next message may come late.
    pub(crate) fn forget(&mut self) {
        self.body.clear();
        self.body.shrink_to(KEPT);
    }

    /// The same end a second time, to close it while somebody waits for a message.
    pub(crate) fn again(&self) -> io::Result<UnixStream> {
        self.socket.get_ref().try_clone()
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, kind: u8, body: &[u8], descriptors: &[BorrowedFd<'_>]) -> Result<(), Fault> {
        send(self.socket.get_ref(), kind, body, descriptors).map_err(|_| Fault::Gone)
    }
}

/// The worker's end.
pub(crate) struct WorkerEnd {
    socket: UnixStream,
}

impl WorkerEnd {
    pub(crate) fn new(socket: UnixStream) -> WorkerEnd {
        WorkerEnd { socket }
    }

    /// The same end a second time, for who waits until it is closed.
    pub(crate) fn again(&self) -> io::Result<OwnedFd> {
        self.socket.as_fd().try_clone_to_owned()
    }

    /// Sends a message.
    pub(crate) fn send(&mut self, kind: u8, body: &[u8]) -> io::Result<()> {
        send(&self.socket, kind, body, &[])
    }

    /// The next message, with the descriptors that came along.
    pub(crate) fn receive(&mut self) -> io::Result<(u8, Vec<u8>, Vec<OwnedFd>)> {
        let (mut head, mut filled, mut descriptors) = ([0; HEAD], 0, Vec::new());
        while filled < HEAD {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS))];
            let mut control = RecvAncillaryBuffer::new(&mut space);
            let mut parts = [IoSliceMut::new(&mut head[filled..])];
            let flags = RecvFlags::CMSG_CLOEXEC;
            let got = retry_on_intr(|| recvmsg(self.socket.as_fd(), &mut parts, &mut control, flags))?;
            for message in control.drain() {
                if let RecvAncillaryMessage::ScmRights(came) = message {
                    descriptors.extend(came);
                }
            }
            if got.bytes == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            filled += got.bytes;
        }
        let (len, kind) = parsed(head);
        let mut body = vec![0; usize::try_from(len).map_err(io::Error::other)?];
        self.socket.read_exact(&mut body)?;
        Ok((kind, body, descriptors))
    }
}
