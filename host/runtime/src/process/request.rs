//! What a worker asks of the node, or tells it. Not for: answers (`reply`), carrying them (`socket`), whether a request may
//! be made (`served`).

use std::borrow::Cow;

use parcae_domain::{
    limit::Limits,
    outcome::Outcome,
    page::Page,
    party::Party,
    port::{Level, Message, ModelPart, Scalar, Stream},
    schema::Schema,
    usage::Usage,
};

use super::bytes::{Broken, In, Out, Read, broken};
use super::pieces;

/// What a worker says. Tables and writers are named by the numbers that the node gave them.
#[derive(Debug, PartialEq)]
pub(crate) enum Request<'a> {
    /// The walls that stand, as `Confined::code`; told once, before the component runs.
    Confined(u8),
    /// How the component ended, and what it used; the last message.
    Done {
        outcome: Outcome,
        usage: Box<Usage>,
    },
    /// Memory before it is allocated.
    Admit {
        bytes: u64,
    },
    /// Memory that was given back; told.
    GiveBack {
        bytes: u64,
    },
    /// A line of its log; told.
    Log {
        level: Level,
        stream: Stream,
        line: Cow<'a, str>,
    },
    /// How far it is; told.
    Progress {
        done: u64,
        of: u64,
        what: Cow<'a, str>,
    },
    Inputs {
        port: String,
    },
    Create {
        port: String,
        schema: Cow<'a, Schema>,
        partitions: u32,
    },
    Publish {
        namespace: String,
        name: String,
        schema: Cow<'a, Schema>,
        partitions: u32,
        replace: bool,
    },
    Append {
        writer: u32,
        page: Cow<'a, Page>,
    },
    Finish {
        writer: u32,
    },
    /// Told.
    DropWriter {
        writer: u32,
    },
    Forward {
        port: String,
        table: u32,
    },
    ReadPage {
        table: u32,
        index: u32,
        columns: Vec<u32>,
    },
    /// Told.
    DropTable {
        table: u32,
    },
    OpenTable {
        namespace: String,
        name: String,
    },
    OpenOutput {
        job: String,
        component: String,
        data_name: String,
    },
    Models {
        port: String,
    },
    SaveModel {
        port: String,
        parts: Cow<'a, [ModelPart]>,
    },
    SaveCheckpoint {
        port: String,
        step_index: u32,
        step_name: String,
        parts: Cow<'a, [ModelPart]>,
    },
    MetricPoints {
        namespace: String,
        name: String,
        points: Cow<'a, [(Scalar, Scalar)]>,
    },
    MetricMeta {
        namespace: String,
        name: String,
        metric_type: String,
        extra: String,
    },
    Summary {
        json: String,
    },
    Push {
        to: Party,
        tag: String,
        message: Message,
    },
    Pull {
        from: Party,
        tag: String,
    },
    Uploaded,
    UploadedRead {
        offset: u64,
        len: u32,
    },
    ExportBegin {
        path: String,
    },
    ExportWrite {
        bytes: Cow<'a, [u8]>,
    },
}

/// Bytes of the longest message that is told or asks for little.
const SMALL_BYTES: u64 = 1 << 20;
/// Bytes of a message beside what limits count: lengths, names, the shape of a page.
const FRAME_BYTES: u64 = 4 << 20;

/// Kind of `Push`, whose messages may be ciphertexts.
const PUSH: u8 = 23;

/// Largest message of a kind, bytes: what a component can hand over in one call, or holds as ciphertexts.
pub(crate) fn largest(kind: u8, limits: &Limits) -> u64 {
    let call = limits.call_bytes.max(limits.page_bytes);
    match kind {
        0 | 2..=5 => SMALL_BYTES,
        // Its outcome has a text.
        1 => FRAME_BYTES,
        PUSH => call.max(limits.handle_bytes).saturating_add(FRAME_BYTES),
        _ => call.saturating_add(FRAME_BYTES),
    }
}

impl Request<'_> {
    /// Its kind, and its bytes.
    pub(crate) fn encode(&self) -> (u8, Vec<u8>) {
        let mut out = Out::default();
        let kind = self.put(&mut out);
        (kind, out.0)
    }

    fn put(&self, to: &mut Out) -> u8 {
        match self {
            Request::Confined(walls) => {
                to.u8(*walls);
                0
            }
            Request::Done { outcome, usage } => {
                let json = serde_json::to_string(&(outcome, usage));
                to.text(&json.unwrap_or_default());
                1
            }
            Request::Admit { bytes } => number(to, *bytes, 2),
            Request::GiveBack { bytes } => number(to, *bytes, 3),
            Request::Log { level, stream, line } => {
                pieces::put_level(to, *level, *stream);
                text(to, &[line], 4)
            }
            Request::Progress { done, of, what } => {
                to.u64(*done);
                to.u64(*of);
                text(to, &[what], 5)
            }
            _ => self.put_tables(to),
        }
    }

    fn put_tables(&self, to: &mut Out) -> u8 {
        match self {
            Request::Inputs { port } => text(to, &[port], 6),
            Request::Create { port, schema, partitions } => {
                to.u32(*partitions);
                pieces::put_schema(to, schema);
                text(to, &[port], 7)
            }
            Request::Publish { namespace, name, schema, partitions, replace } => {
                to.u32(*partitions);
                to.bool(*replace);
                pieces::put_schema(to, schema);
                text(to, &[namespace, name], 8)
            }
            Request::Append { writer, page } => {
                to.u32(*writer);
                pieces::put_page(to, page);
                9
            }
            Request::Finish { writer } => handle(to, *writer, 10),
            Request::DropWriter { writer } => handle(to, *writer, 11),
            Request::Forward { port, table } => {
                to.u32(*table);
                text(to, &[port], 12)
            }
            Request::ReadPage { table, index, columns } => {
                to.u32(*table);
                to.u32(*index);
                to.numbers(columns, u32::to_le_bytes);
                13
            }
            Request::DropTable { table } => handle(to, *table, 14),
            Request::OpenTable { namespace, name } => text(to, &[namespace, name], 15),
            Request::OpenOutput { job, component, data_name } => text(to, &[job, component, data_name], 16),
            _ => self.put_rest(to),
        }
    }

    fn put_rest(&self, to: &mut Out) -> u8 {
        match self {
            Request::Models { port } => text(to, &[port], 17),
            Request::SaveModel { port, parts } => {
                pieces::put_parts(to, parts);
                text(to, &[port], 18)
            }
            Request::SaveCheckpoint { port, step_index, step_name, parts } => {
                to.u32(*step_index);
                pieces::put_parts(to, parts);
                text(to, &[port, step_name], 19)
            }
            Request::MetricPoints { namespace, name, points } => {
                pieces::put_points(to, points);
                text(to, &[namespace, name], 20)
            }
            Request::MetricMeta { namespace, name, metric_type, extra } => {
                text(to, &[namespace, name, metric_type, extra], 21)
            }
            Request::Summary { json } => text(to, &[json], 22),
            Request::Push { to: party, tag, message } => {
                pieces::put_party(to, *party);
                pieces::put_message(to, message);
                text(to, &[tag], PUSH)
            }
            Request::Pull { from, tag } => {
                pieces::put_party(to, *from);
                text(to, &[tag], 24)
            }
            Request::UploadedRead { offset, len } => {
                to.u64(*offset);
                to.u32(*len);
                26
            }
            Request::ExportBegin { path } => text(to, &[path], 27),
            Request::ExportWrite { bytes } => {
                to.bytes(bytes);
                28
            }
            // What is not above.
            _ => 25,
        }
    }

    /// Reads one. Nothing of what it says has been looked at but its shape.
    pub(crate) fn decode(kind: u8, body: &[u8]) -> Read<Request<'static>> {
        let from = &mut In(body);
        let request = match kind {
            0 => Request::Confined(from.u8()?),
            1 => {
                let said = serde_json::from_str::<(Outcome, Box<Usage>)>(from.text()?);
                let (outcome, usage) = said.map_err(|_| Broken("an end that makes no sense".to_owned()))?;
                Request::Done { outcome, usage }
            }
            2 => Request::Admit { bytes: from.u64()? },
            3 => Request::GiveBack { bytes: from.u64()? },
            4 => {
                let (level, stream) = pieces::level(from)?;
                Request::Log { level, stream, line: from.string()?.into() }
            }
            5 => Request::Progress { done: from.u64()?, of: from.u64()?, what: from.string()?.into() },
            6..=16 => tables(kind, from)?,
            17..=28 => rest(kind, from)?,
            _ => return broken(&format!("a message of kind {kind}")),
        };
        from.end()?;
        Ok(request)
    }
}

fn number(to: &mut Out, number: u64, kind: u8) -> u8 {
    to.u64(number);
    kind
}

fn handle(to: &mut Out, handle: u32, kind: u8) -> u8 {
    to.u32(handle);
    kind
}

fn text(to: &mut Out, texts: &[&str], kind: u8) -> u8 {
    texts.iter().for_each(|text| to.text(text));
    kind
}

fn tables(kind: u8, from: &mut In<'_>) -> Read<Request<'static>> {
    Ok(match kind {
        6 => Request::Inputs { port: from.string()? },
        7 => {
            let (partitions, schema) = (from.u32()?, Cow::Owned(pieces::small_schema(from)?));
            Request::Create { port: from.string()?, schema, partitions }
        }
        8 => {
            let (partitions, replace, schema) = (from.u32()?, from.bool()?, Cow::Owned(pieces::small_schema(from)?));
            Request::Publish { namespace: from.string()?, name: from.string()?, schema, partitions, replace }
        }
        9 => Request::Append { writer: from.u32()?, page: Cow::Owned(pieces::page(from)?) },
        10 => Request::Finish { writer: from.u32()? },
        11 => Request::DropWriter { writer: from.u32()? },
        12 => {
            let table = from.u32()?;
            Request::Forward { port: from.string()?, table }
        }
        13 => {
            let (table, index, columns) = (from.u32()?, from.u32()?, from.numbers(u32::from_le_bytes)?);
            Request::ReadPage { table, index, columns }
        }
        14 => Request::DropTable { table: from.u32()? },
        15 => Request::OpenTable { namespace: from.string()?, name: from.string()? },
        _ => Request::OpenOutput { job: from.string()?, component: from.string()?, data_name: from.string()? },
    })
}

fn rest(kind: u8, from: &mut In<'_>) -> Read<Request<'static>> {
    Ok(match kind {
        17 => Request::Models { port: from.string()? },
        18 => {
            let parts = Cow::Owned(pieces::parts(from)?);
            Request::SaveModel { port: from.string()?, parts }
        }
        19 => {
            let (step_index, parts) = (from.u32()?, Cow::Owned(pieces::parts(from)?));
            Request::SaveCheckpoint { port: from.string()?, step_index, step_name: from.string()?, parts }
        }
        20 => {
            let points = Cow::Owned(pieces::points(from)?);
            Request::MetricPoints { namespace: from.string()?, name: from.string()?, points }
        }
        21 => {
            let (namespace, name) = (from.string()?, from.string()?);
            Request::MetricMeta { namespace, name, metric_type: from.string()?, extra: from.string()? }
        }
        22 => Request::Summary { json: from.string()? },
        PUSH => {
            let (to, message) = (pieces::party(from)?, pieces::message(from)?);
            Request::Push { to, tag: from.string()?, message }
        }
        24 => Request::Pull { from: pieces::party(from)?, tag: from.string()? },
        25 => Request::Uploaded,
        26 => Request::UploadedRead { offset: from.u64()?, len: from.u32()? },
        27 => Request::ExportBegin { path: from.string()? },
        _ => Request::ExportWrite { bytes: Cow::Owned(from.bytes()?.to_vec()) },
    })
}
