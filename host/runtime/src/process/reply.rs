//! What the node says to a worker: at first what to run, then an answer to each request. A worker believes it. Not for:
//! requests (`request`), carrying them (`socket`).

use std::path::PathBuf;
use std::sync::Arc;

use parcae_domain::{
    attempt::{Attempt, Isolation},
    descriptor::Module,
    draws::DrawKey,
    grant::Grant,
    id::AttemptId,
    limit::Limits,
    page::Page,
    party::Party,
    port::{Message, Model, PortError},
    schema::Schema,
    tenant::TenantId,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bytes::{Broken, In, Out, Read, broken};
use super::pieces;

/// What a worker is to run. The image's code comes along as a descriptor.
#[derive(Serialize, Deserialize)]
pub(crate) struct Begin {
    pub(crate) id: AttemptId,
    pub(crate) tenant: TenantId,
    pub(crate) module: Module,
    pub(crate) image: String,
    pub(crate) parties: Vec<Party>,
    pub(crate) parameters: Value,
    pub(crate) seed: u64,
    pub(crate) deterministic: bool,
    /// What private draws follow from, in the deterministic profile.
    pub(crate) draws: Option<[u8; 32]>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) limits: Limits,
    /// Its folder for files of its own.
    pub(crate) scratch: Option<PathBuf>,
}

impl Begin {
    /// What the worker of an attempt is told of it. The schema of the parameters stays: the node has checked them.
    pub(crate) fn of(attempt: &Attempt) -> Begin {
        Begin {
            id: attempt.id.clone(),
            tenant: attempt.tenant.clone(),
            module: Module { parameters: Value::Null, ..attempt.module.clone() },
            image: attempt.image.clone(),
            parties: attempt.parties.clone(),
            parameters: attempt.parameters.clone(),
            seed: attempt.seed,
            deterministic: attempt.deterministic,
            draws: attempt.draws.as_ref().map(|key| key.0),
            grants: attempt.grants.clone(),
            limits: attempt.limits.clone(),
            scratch: attempt.scratch.clone(),
        }
    }

    /// The attempt as the worker's sandbox has it.
    pub(crate) fn attempt(self) -> Attempt {
        Attempt {
            id: self.id,
            tenant: self.tenant,
            module: self.module,
            image: self.image,
            parties: self.parties,
            parameters: self.parameters,
            isolation: Isolation::Process,
            seed: self.seed,
            deterministic: self.deterministic,
            draws: self.draws.map(DrawKey),
            grants: self.grants,
            limits: self.limits,
            scratch: self.scratch,
            usage: Arc::default(),
        }
    }
}

/// A table that the node holds for the worker.
#[derive(Debug, PartialEq)]
pub(crate) struct Held {
    /// The node's number for it.
    pub(crate) number: u32,
    pub(crate) file: String,
    pub(crate) schema: Schema,
    pub(crate) rows: u64,
    pub(crate) pages: u32,
    pub(crate) partitions: u32,
    /// Its descriptor comes along; without, pages are asked for.
    pub(crate) open: bool,
}

/// An answer.
#[derive(Debug, PartialEq)]
pub(crate) enum Reply {
    Failed(PortError),
    Done,
    Number(u64),
    Tables(Vec<Held>),
    Page(Page),
    Models(Vec<Model>),
    Message(Message),
    Bytes(Vec<u8>),
    /// There is no more memory: the limit, and words.
    Full(String, String),
}

/// Kind of the first message.
pub(crate) const BEGIN: u8 = 64;

impl Reply {
    /// Its kind, and its bytes.
    pub(crate) fn encode(&self) -> (u8, Vec<u8>) {
        let mut out = Out::default();
        let to = &mut out;
        let kind = match self {
            Reply::Failed(error) => {
                pieces::put_error(to, error);
                65
            }
            Reply::Done => 66,
            Reply::Number(number) => {
                to.u64(*number);
                67
            }
            Reply::Tables(tables) => {
                to.len(tables.len());
                tables.iter().for_each(|table| put_held(to, table));
                68
            }
            Reply::Page(page) => {
                pieces::put_page(to, page);
                69
            }
            Reply::Models(models) => {
                pieces::put_models(to, models);
                70
            }
            Reply::Message(message) => {
                pieces::put_message(to, message);
                71
            }
            Reply::Bytes(bytes) => {
                to.bytes(bytes);
                72
            }
            Reply::Full(limit, message) => {
                to.text(limit);
                to.text(message);
                73
            }
        };
        (kind, out.0)
    }

    /// Reads one.
    pub(crate) fn decode(kind: u8, body: &[u8]) -> Read<Reply> {
        let from = &mut In(body);
        let reply = match kind {
            65 => Reply::Failed(pieces::error(from)?),
            66 => Reply::Done,
            67 => Reply::Number(from.u64()?),
            68 => Reply::Tables(from.list(held)?),
            69 => Reply::Page(pieces::page(from)?),
            70 => Reply::Models(pieces::models(from)?),
            71 => Reply::Message(pieces::message(from)?),
            72 => Reply::Bytes(from.bytes()?.to_vec()),
            73 => Reply::Full(from.string()?, from.string()?),
            _ => return broken(&format!("an answer of kind {kind}")),
        };
        from.end()?;
        Ok(reply)
    }
}

fn put_held(to: &mut Out, table: &Held) {
    to.u32(table.number);
    to.text(&table.file);
    pieces::put_schema(to, &table.schema);
    to.u64(table.rows);
    to.u32(table.pages);
    to.u32(table.partitions);
    to.bool(table.open);
}

fn held(from: &mut In<'_>) -> Read<Held> {
    let (number, file, schema) = (from.u32()?, from.string()?, pieces::schema(from)?);
    let (rows, pages, partitions) = (from.u64()?, from.u32()?, from.u32()?);
    Ok(Held { number, file, schema, rows, pages, partitions, open: from.bool()? })
}

/// The first message.
pub(crate) fn begin(body: &[u8]) -> Read<Begin> {
    serde_json::from_slice(body).map_err(|e| Broken(format!("what to run: {e}")))
}
