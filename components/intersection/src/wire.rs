//! Sending and receiving streams of tokens. Whatever comes from the other party is checked here, and what is wrong with it
//! is told as that party's fault. Not for: what a stream looks like (`tokens`).

use std::fmt::Display;

use parcae_sdk::{Error, Failure, FailureKind, Party, Result, federation, psi::Tokens};

use crate::tokens::{Ascending, CHUNK, Layout, MAX_KEPT, count, extend, none, pick};

/// The failure when another party sent what it should not.
pub fn blame(party: Party, tag: &str, what: impl Display) -> Failure {
    let message = format!("{party} sent {what} as {tag}: its component is damaged or of another version");
    Failure { kind: FailureKind::Peer, message }
}

/// Makes an error of the node that another party's bytes caused that party's fault.
pub fn blame_invalid(party: Party, tag: &'static str) -> impl Fn(Error) -> Failure {
    move |error| match error {
        Error::Invalid(message) => blame(party, tag, message),
        other => other.into(),
    }
}

/// Sends a header.
pub fn open(to: Party, tag: &str, layout: Layout) -> Result<()> {
    Ok(federation::push(to, tag, &layout.encode())?)
}

/// Sends tokens, in the order of `rows`.
pub fn send(to: Party, tag: &str, tokens: &Tokens, rows: &[u32]) -> Result<()> {
    open(to, tag, Layout { count: rows.len() as u32, width: tokens.width })?;
    for part in rows.chunks(CHUNK) {
        federation::push(to, tag, &pick(tokens, part).bytes)?;
    }
    Ok(())
}

/// Sends tokens as they are.
pub fn send_all(to: Party, tag: &str, tokens: &Tokens) -> Result<()> {
    let rows: Vec<u32> = (0..count(tokens) as u32).collect();
    send(to, tag, tokens, &rows)
}

/// A stream that comes in.
pub struct Incoming {
    from: Party,
    tag: &'static str,
    /// The header, as it was checked.
    pub layout: Layout,
    done: u32,
    ascending: Option<Ascending>,
}

impl Incoming {
    /// Waits for the header.
    pub fn open(from: Party, tag: &'static str) -> Result<Incoming> {
        let layout = Layout::decode(&federation::pull(from, tag)?).map_err(|what| blame(from, tag, what))?;
        Ok(Incoming { from, tag, layout, done: 0, ascending: None })
    }

    /// Requires tokens of this width.
    pub fn of_width(self, width: u32) -> Result<Incoming> {
        if self.layout.width == width {
            return Ok(self);
        }
        let what = format!("tokens of {} bytes where {width} were expected", self.layout.width);
        Err(blame(self.from, self.tag, what))
    }

    /// Requires this many tokens.
    pub fn of_count(self, count: usize) -> Result<Incoming> {
        if self.layout.count as usize == count {
            return Ok(self);
        }
        let what = format!("{} tokens where {count} were expected", self.layout.count);
        Err(blame(self.from, self.tag, what))
    }

    /// Requires each token to be greater than the one before.
    pub fn ascending(mut self) -> Incoming {
        self.ascending = Some(Ascending::default());
        self
    }

    /// Waits for the next tokens; `None` at the end.
    pub fn chunk(&mut self) -> Result<Option<Tokens>> {
        let expected = self.layout.next(self.done);
        if expected == 0 {
            return Ok(None);
        }
        let bytes = federation::pull(self.from, self.tag)?;
        let want = expected * self.layout.width as usize;
        if bytes.len() != want {
            return Err(blame(self.from, self.tag, format!("{} bytes where {want} were expected", bytes.len())));
        }
        let tokens = Tokens { width: self.layout.width, bytes };
        if let Some(ascending) = &mut self.ascending {
            ascending.check(&tokens).map_err(|what| blame(self.from, self.tag, what))?;
        }
        self.done += expected as u32;
        Ok(Some(tokens))
    }

    /// Waits for all tokens.
    pub fn all(mut self) -> Result<Tokens> {
        if self.layout.byte_len() > MAX_KEPT {
            let what = format!("{} tokens of {} bytes, more than fit", self.layout.count, self.layout.width);
            return Err(blame(self.from, self.tag, what));
        }
        let mut all = none();
        all.width = self.layout.width;
        while let Some(tokens) = self.chunk()? {
            extend(&mut all, &tokens);
        }
        Ok(all)
    }
}
