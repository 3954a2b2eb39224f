//! JSON of components: weighed before it is read for good, since two bytes of it can stand for a hundred of the node's
//! memory. Not for: what it means.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::account::Charge;
use crate::generated::parcae::component::types::Error;
use crate::state::{State, limit_error};

/// Largest JSON text in a call, bytes.
pub(crate) const JSON_BYTES: usize = 16 << 20;
/// Most memory that it may take once it is read, bytes.
pub(crate) const MOST_BYTES: u64 = 192 << 20;
/// What is not worth a charge, bytes.
const LITTLE_BYTES: u64 = 1 << 20;

/// Bytes of memory, about: an element of a list, which grows by doubling; what a list has room for from the first on.
const ELEMENT: u64 = 160;
const LIST: u64 = 320;
/// A field of an object beside its name, and what an object has room for from the first on.
const FIELD: u64 = 256;
const OBJECT: u64 = 512;

/// Sums up what is read, and keeps nothing of it; gives up where it is too much.
#[derive(Clone, Copy)]
struct Scale<'a>(&'a Cell<u64>);

impl Scale<'_> {
    fn add<E: serde::de::Error>(self, bytes: u64) -> Result<(), E> {
        self.0.set(self.0.get().saturating_add(bytes));
        if self.0.get() > MOST_BYTES { Err(E::custom("too much")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Scale<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scale<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.add(text.len() as u64)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut is_first = true;
        while items.next_element_seed(self)?.is_some() {
            self.add::<A::Error>(ELEMENT + if is_first { LIST } else { 0 })?;
            is_first = false;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut is_first = true;
        while fields.next_key_seed(self)?.is_some() {
            fields.next_value_seed(self)?;
            self.add::<A::Error>(FIELD + if is_first { OBJECT } else { 0 })?;
            is_first = false;
        }
        Ok(())
    }
}

/// Bytes of memory that JSON takes once it is read, about; of too much only that it is more than `MOST_BYTES`. None for what
/// is no JSON.
pub(crate) fn weigh(text: &str) -> Option<u64> {
    let sum = Cell::new(0);
    let mut from = serde_json::Deserializer::from_str(text);
    let read = Scale(&sum).deserialize(&mut from).and_then(|()| from.end());
    (read.is_ok() || sum.get() > MOST_BYTES).then(|| sum.get())
}

/// The same of an object that has been read.
pub(crate) fn weight(object: &Map<String, Value>) -> u64 {
    let fields: u64 = object.iter().map(|(name, value)| FIELD + name.len() as u64 + beyond(value)).sum();
    fields + if object.is_empty() { 0 } else { OBJECT }
}

/// What a value takes beyond its own place.
fn beyond(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.len() as u64,
        Value::Array(items) if items.is_empty() => 0,
        Value::Array(items) => LIST + items.iter().map(|item| ELEMENT + beyond(item)).sum::<u64>(),
        Value::Object(fields) => weight(fields),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn too_much(what: &str) -> Error {
    let message =
        format!("{what} takes more than {MOST_BYTES} bytes of memory once it is read, and no more are allowed");
    limit_error("call_bytes", message)
}

/// Checks that a text is a JSON object of a size that the node can read, without reading it.
pub(crate) fn check_object(text: &str, what: &str) -> Result<u64, Error> {
    if text.len() > JSON_BYTES {
        return Err(limit_error("call_bytes", format!("{what} has {} bytes, {JSON_BYTES} are allowed", text.len())));
    }
    match weigh(text) {
        Some(bytes) if bytes > MOST_BYTES => Err(too_much(what)),
        Some(bytes) if text.trim_start().starts_with('{') => Ok(bytes),
        _ => Err(Error::Invalid(format!("{what} is not a JSON object"))),
    }
}

impl State {
    /// Reads a JSON object of the component's. Its memory is the attempt's as long as the charge is there.
    pub(crate) fn object(&self, text: &str, what: &str) -> Result<(Value, Charge), Error> {
        let bytes = check_object(text, what)?;
        let taken = if bytes > LITTLE_BYTES { bytes } else { 0 };
        let charge = self.used.handle_bytes.take(taken).map_err(|full| limit_error(full.limit, full.message))?;
        let value = serde_json::from_str(text).map_err(|_| Error::Invalid(format!("{what} is not a JSON object")))?;
        Ok((value, charge))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_can_be_heavy() {
        for text in ["{\"a\":[1,2,[],{},\"xyz\",null],\"b\":{\"c\":{}}}", "{}"] {
            let Value::Object(read) = serde_json::from_str(text).unwrap() else { panic!("{text}") };
            assert_eq!(weigh(text), Some(weight(&read)), "{text}");
        }
        let zeros = format!("{{\"a\":[{}0]}}", "0,".repeat(2 << 20));
        let objects = format!("{{\"a\":[{}0]}}", "{\"\":0},".repeat(1 << 20));
        for text in [zeros, objects] {
            assert!(matches!(check_object(&text, "it"), Err(Error::Limit(_))), "{} bytes", text.len());
        }
        let numbers = format!("{{\"a\":[{}0]}}", "0.12345678901234567,".repeat(500_000));
        assert!(check_object(&numbers, "it").is_ok());
    }

    #[test]
    fn only_objects_are_objects() {
        for text in ["", "[]", "7", "{", "{}x", "{\"a\":}", "{\"a\":1e999}", &"[".repeat(200_000)] {
            assert!(matches!(check_object(text, "it"), Err(Error::Invalid(_))), "{text:.20}");
        }
        assert!(check_object(" \n{\"a\": 1}", "it").is_ok());
    }
}
