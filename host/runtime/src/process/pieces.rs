//! What messages are made of: pages, schemas, models, points, errors of ports. Not for: whether a page or a schema is a good
//! one, which the checks of the sandbox find out.

use parcae_domain::{
    page::{Column, Page, Values},
    party::{Party, Role},
    port::{Level, Message, Model, ModelPart, PortError, Scalar, Stream},
    schema::{ColumnDef, DataType, MAX_COLUMNS, MAX_SCHEMA_EXTRA, Meaning, Schema},
};
use serde_json::Value;

use super::bytes::{Broken, In, Out, Read, broken};
use crate::json;

/// Enums whose place in a list is their byte.
const ROLES: [Role; 4] = Role::ALL;
const TYPES: [DataType; 4] = [DataType::Text, DataType::F64, DataType::I64, DataType::Bool];
const MEANINGS: [Meaning; 7] =
    [Meaning::Id, Meaning::MatchId, Meaning::Label, Meaning::Weight, Meaning::Feature, Meaning::Raw, Meaning::Other];
const LEVELS: [Level; 4] = [Level::Debug, Level::Info, Level::Warning, Level::Error];
const STREAMS: [Stream; 3] = [Stream::Log, Stream::Stdout, Stream::Stderr];

fn place<T: PartialEq>(of: &[T], value: &T) -> u8 {
    let place = of.iter().position(|other| other == value).and_then(|place| u8::try_from(place).ok());
    place.expect("the list holds every value")
}

fn at<T: Copy>(of: &[T], from: &mut In<'_>) -> Read<T> {
    of.get(usize::from(from.u8()?)).copied().ok_or_else(|| Broken("a value that does not exist".to_owned()))
}

pub(crate) fn put_party(to: &mut Out, party: Party) {
    to.u8(place(&ROLES, &party.role));
    to.u64(party.id);
}

pub(crate) fn party(from: &mut In<'_>) -> Read<Party> {
    Ok(Party::new(at(&ROLES, from)?, from.u64()?))
}

pub(crate) fn put_level(to: &mut Out, level: Level, stream: Stream) {
    to.u8(place(&LEVELS, &level));
    to.u8(place(&STREAMS, &stream));
}

pub(crate) fn level(from: &mut In<'_>) -> Read<(Level, Stream)> {
    Ok((at(&LEVELS, from)?, at(&STREAMS, from)?))
}

pub(crate) fn put_schema(to: &mut Out, schema: &Schema) {
    to.len(schema.columns.len());
    for column in &schema.columns {
        to.text(&column.name);
        to.u8(place(&TYPES, &column.data_type));
        to.u8(place(&MEANINGS, &column.meaning));
    }
    to.text(&Value::Object(schema.extra.clone()).to_string());
}

/// A schema of the node's own.
pub(crate) fn schema(from: &mut In<'_>) -> Read<Schema> {
    schema_if(from, |_| true)
}

/// A worker's: what stands beside its columns is read only when it is no more than a component may have there.
pub(crate) fn small_schema(from: &mut In<'_>) -> Read<Schema> {
    let weighs = |extra: &str| json::weigh(extra).is_some_and(|bytes| bytes <= json::MOST_BYTES);
    schema_if(from, |extra| extra.len() <= MAX_SCHEMA_EXTRA && weighs(extra))
}

fn schema_if(from: &mut In<'_>, small: impl FnOnce(&str) -> bool) -> Read<Schema> {
    let column = |from: &mut In<'_>| {
        Ok(ColumnDef { name: from.string()?, data_type: at(&TYPES, from)?, meaning: at(&MEANINGS, from)? })
    };
    let columns = from.list(column)?;
    let extra = from.text()?;
    if !small(extra) {
        return broken("a schema with more beside its columns than it may have");
    }
    match serde_json::from_str(extra) {
        Ok(Value::Object(extra)) => Ok(Schema { columns, extra }),
        _ => broken("a schema with something else than an object beside its columns"),
    }
}

pub(crate) fn put_page(to: &mut Out, page: &Page) {
    to.u32(page.rows);
    to.len(page.columns.len());
    for column in &page.columns {
        to.bool(column.validity.is_some());
        if let Some(bits) = &column.validity {
            to.bytes(bits);
        }
        to.u8(place(&TYPES, &column.values.data_type()));
        match &column.values {
            Values::Text { offsets, bytes } => {
                to.numbers(offsets, u32::to_le_bytes);
                to.bytes(bytes);
            }
            Values::F64(all) => to.numbers(all, f64::to_le_bytes),
            Values::I64(all) => to.numbers(all, i64::to_le_bytes),
            Values::Bool(all) => to.bytes(all),
        }
    }
}

pub(crate) fn page(from: &mut In<'_>) -> Read<Page> {
    let rows = from.u32()?;
    let mut left = MAX_COLUMNS;
    let columns = from.list(|from| {
        left = left.checked_sub(1).ok_or_else(|| Broken(format!("a page of more than {MAX_COLUMNS} columns")))?;
        column(from)
    })?;
    Ok(Page { rows, columns })
}

fn column(from: &mut In<'_>) -> Read<Column> {
    let validity = if from.bool()? { Some(from.bytes()?.to_vec()) } else { None };
    let values = match at(&TYPES, from)? {
        DataType::Text => Values::Text { offsets: from.numbers(u32::from_le_bytes)?, bytes: from.bytes()?.to_vec() },
        DataType::F64 => Values::F64(from.numbers(f64::from_le_bytes)?),
        DataType::I64 => Values::I64(from.numbers(i64::from_le_bytes)?),
        DataType::Bool => Values::Bool(from.bytes()?.to_vec()),
    };
    Ok(Column { validity, values })
}

pub(crate) fn put_message(to: &mut Out, message: &Message) {
    match message {
        Message::Bytes(bytes) => {
            to.u8(0);
            to.bytes(bytes);
        }
        Message::Page(page) => {
            to.u8(1);
            put_page(to, page);
        }
        Message::PublicKey(bytes) => {
            to.u8(2);
            to.bytes(bytes);
        }
        Message::Encrypted(bytes) => {
            to.u8(3);
            to.bytes(bytes);
        }
    }
}

pub(crate) fn message(from: &mut In<'_>) -> Read<Message> {
    match from.u8()? {
        0 => Ok(Message::Bytes(from.bytes()?.to_vec())),
        1 => page(from).map(Message::Page),
        2 => Ok(Message::PublicKey(from.bytes()?.to_vec())),
        3 => Ok(Message::Encrypted(from.bytes()?.to_vec())),
        _ => broken("a message of no kind"),
    }
}

pub(crate) fn put_parts(to: &mut Out, parts: &[ModelPart]) {
    to.len(parts.len());
    for part in parts {
        to.text(&part.name);
        to.text(&part.json);
        to.bytes(&part.bytes);
    }
}

pub(crate) fn parts(from: &mut In<'_>) -> Read<Vec<ModelPart>> {
    from.list(|from| Ok(ModelPart { name: from.string()?, json: from.string()?, bytes: from.bytes()?.to_vec() }))
}

pub(crate) fn put_models(to: &mut Out, models: &[Model]) {
    to.len(models.len());
    for model in models {
        to.text(&model.component);
        to.text(&model.alias);
        put_parts(to, &model.parts);
    }
}

pub(crate) fn models(from: &mut In<'_>) -> Read<Vec<Model>> {
    from.list(|from| Ok(Model { component: from.string()?, alias: from.string()?, parts: parts(from)? }))
}

pub(crate) fn put_points(to: &mut Out, points: &[(Scalar, Scalar)]) {
    let put = |to: &mut Out, scalar: &Scalar| match scalar {
        Scalar::Number(number) => {
            to.u8(0);
            to.f64(*number);
        }
        Scalar::Text(text) => {
            to.u8(1);
            to.text(text);
        }
    };
    to.len(points.len());
    for (key, value) in points {
        put(to, key);
        put(to, value);
    }
}

pub(crate) fn points(from: &mut In<'_>) -> Read<Vec<(Scalar, Scalar)>> {
    let scalar = |from: &mut In<'_>| match from.u8()? {
        0 => from.f64().map(Scalar::Number),
        1 => from.string().map(Scalar::Text),
        _ => broken("neither a number nor a text"),
    };
    from.list(|from| Ok((scalar(from)?, scalar(from)?)))
}

pub(crate) fn put_error(to: &mut Out, error: &PortError) {
    let (kind, first, second) = match error {
        PortError::Invalid(text) => (0, text.as_str(), String::new()),
        PortError::NotFound(text) => (1, text.as_str(), String::new()),
        PortError::Exists(text) => (2, text.as_str(), String::new()),
        PortError::Limit(name, text) => (3, name.as_str(), text.clone()),
        PortError::PeerGone(text) => (4, text.as_str(), String::new()),
        PortError::Deadline(which, seconds) => (5, which.as_str(), seconds.to_string()),
        PortError::Canceled => (6, "", String::new()),
        PortError::Node(text) => (7, text.as_str(), String::new()),
    };
    to.u8(kind);
    to.text(first);
    to.text(&second);
}

pub(crate) fn error(from: &mut In<'_>) -> Read<PortError> {
    let (kind, first, second) = (from.u8()?, from.string()?, from.string()?);
    Ok(match kind {
        0 => PortError::Invalid(first),
        1 => PortError::NotFound(first),
        2 => PortError::Exists(first),
        3 => PortError::Limit(first, second),
        4 => PortError::PeerGone(first),
        5 => match second.parse() {
            Ok(seconds) => PortError::Deadline(first, seconds),
            Err(_) => return broken("a deadline without its seconds"),
        },
        6 => PortError::Canceled,
        7 => PortError::Node(first),
        _ => return broken("an error of no kind"),
    })
}
