//! Damages JSON so that it is still JSON: values that nobody expects there, keys that are missing or strange, pieces in
//! other places. Not for: what is tried with it (the targets).

use serde_json::{Value, json};

use crate::random::Random;

/// Values that are seldom right.
const VALUES: [&str; 18] = [
    "null",
    "true",
    "0",
    "-1",
    "0.5",
    "1e300",
    "18446744073709551615",
    "-9223372036854775808",
    "\"\"",
    "\"9999\"",
    "\"-1\"",
    "\"\\u0000\"",
    "\"../../etc/passwd\"",
    "\"\\u202e\\u001b[2J\"",
    "[]",
    "{}",
    "[[[[]]]]",
    "{\"0\":{}}",
];
/// Keys that are seldom right.
const KEYS: [&str; 10] = ["", "common", "role", "0", "all", "-1", "module", "a.b", "\u{0}", "guest"];
/// How deep a place is looked for.
const DEPTH: usize = 7;
/// Bytes of a text that is made long.
const LONG: usize = 20_000;

/// Damages a text in a few places; none when it is no JSON.
pub fn damaged(random: &mut Random, text: &[u8]) -> Option<Vec<u8>> {
    let whole: Value = serde_json::from_slice(text).ok()?;
    let mut json = whole.clone();
    for _ in 0..=random.below(3) {
        one(random, &mut json, &whole);
    }
    serde_json::to_vec(&json).ok()
}

/// How many values are in one.
fn inside(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    }
}

/// A place somewhere in a value.
fn somewhere<'v>(random: &mut Random, mut at: &'v mut Value) -> Option<&'v mut Value> {
    for _ in 0..random.below(DEPTH) {
        let count = inside(at);
        if count == 0 {
            break;
        }
        let place = random.below(count);
        at = match at {
            Value::Object(fields) => fields.values_mut().nth(place)?,
            other => other.get_mut(place)?,
        };
    }
    Some(at)
}

fn value(random: &mut Random) -> Value {
    match random.below(40) {
        0 => Value::String("x".repeat(LONG)),
        1 => (0..100).fold(json!(0), |inner, _| json!([inner])),
        _ => serde_json::from_str(random.pick::<&str>(&VALUES)).unwrap_or(Value::Null),
    }
}

fn one(random: &mut Random, json: &mut Value, whole: &Value) {
    let mut other = whole.clone();
    let piece = somewhere(random, &mut other).map_or(Value::Null, |piece| piece.clone());
    let Some(at) = somewhere(random, json) else { return };
    let place = random.below(inside(at));
    match (random.below(6), at) {
        (0, Value::Object(fields)) => {
            let name = fields.keys().nth(place).cloned().unwrap_or_default();
            fields.remove(&name);
        }
        (1, Value::Object(fields)) => {
            let name = fields.keys().nth(place).cloned().unwrap_or_default();
            let moved = fields.remove(&name).unwrap_or(piece);
            fields.insert((*random.pick(&KEYS)).to_owned(), moved);
        }
        (0, Value::Array(items)) if !items.is_empty() => drop(items.remove(place)),
        (1, Value::Array(items)) => (0..random.below(300)).for_each(|_| items.push(piece.clone())),
        (2, at) => *at = piece,
        (3, Value::String(text)) => {
            let cut = text.char_indices().nth(random.below(text.chars().count())).map_or(0, |(at, _)| at);
            text.insert_str(cut, random.pick::<&str>(&KEYS));
        }
        (_, at) => *at = value(random),
    }
}

#[test]
fn what_is_damaged_is_still_json() {
    let mut random = Random::new(1);
    let text = br#"{"a":{"b":[1,2,"three"]},"c":null}"#;
    let all: Vec<Vec<u8>> = (0..200).map(|_| damaged(&mut random, text).unwrap()).collect();
    assert!(all.iter().all(|text| serde_json::from_slice::<Value>(text).is_ok()));
    assert!(all.iter().filter(|other| *other != text).count() > 150);
    assert_eq!(damaged(&mut random, b"{"), None);
}
