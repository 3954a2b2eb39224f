//! Reading pieces of JSON from outside, a fault for each that has not the expected shape. Not for: what the pieces mean.

use parcae_domain::party::PartyId;
use serde_json::{Map, Value};

use crate::{
    fault::{Collector, Fault},
    nearest::nearest,
};

/// A JSON object.
pub(crate) type Object = Map<String, Value>;

/// Longest text of a value in a message, in characters.
const MAX_SHOWN: usize = 80;

/// A value as messages show it: JSON, shortened.
pub(crate) fn found(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= MAX_SHOWN {
        return text;
    }
    let start: String = text.chars().take(MAX_SHOWN).collect();
    format!("{start}...")
}

/// The object `name` of `parent`; none if it is absent or null; a fault if it is anything else.
pub(crate) fn object<'a>(
    parent: &'a Object,
    name: &str,
    path: &str,
    component: Option<&str>,
    faults: &mut Collector,
) -> Option<&'a Object> {
    match parent.get(name) {
        None | Some(Value::Null) => None,
        Some(value) => expect_object(value, path, component, faults),
    }
}

/// The value as an object; a fault if it is anything else.
pub(crate) fn expect_object<'a>(
    value: &'a Value,
    path: &str,
    component: Option<&str>,
    faults: &mut Collector,
) -> Option<&'a Object> {
    if let Value::Object(object) = value {
        return Some(object);
    }
    faults.add(component, path, format!("expected object, found {}", found(value)));
    None
}

/// The texts of a list; a fault if it is not a list, and for each item that is not a text.
pub(crate) fn texts<'a>(value: &'a Value, path: &str, component: Option<&str>, faults: &mut Collector) -> Vec<&'a str> {
    let Value::Array(items) = value else {
        faults.add(component, path, format!("expected list of texts, found {}", found(value)));
        return Vec::new();
    };
    let mut texts = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        match item {
            Value::String(text) => texts.push(text.as_str()),
            other => faults.add(component, format!("{path}.{i}"), format!("expected text, found {}", found(other))),
        }
    }
    texts
}

/// A number of a party: a whole number, or a text of digits.
pub(crate) fn party_id(value: &Value) -> Option<PartyId> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => {
            let digits = text.trim();
            if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
        }
        _ => None,
    }
}

/// Warns of keys that are ignored but look like one that is not.
pub(crate) fn warn_of_typos(object: &Object, known: &[&str], path: &str, faults: &mut Collector) {
    for key in object.keys().take(100).filter(|key| !known.contains(&key.as_str())) {
        if let Some(near) = nearest(key, known.iter().copied()) {
            faults
                .warn(Fault::new(None, format!("{path}{key}"), format!("ignored; did you mean {near:?}?")).to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{found, party_id};

    #[test]
    fn party_ids_are_numbers_or_digits() {
        assert_eq!(party_id(&json!(0)), Some(0));
        assert_eq!(party_id(&json!("9999")), Some(9999));
        assert_eq!(party_id(&json!(" 9999 ")), Some(9999));
        for bad in [json!(-1), json!(1.5), json!("a"), json!(""), json!("+1"), json!(true), json!(null), json!([1])] {
            assert_eq!(party_id(&bad), None, "{bad}");
        }
    }

    #[test]
    fn long_values_are_shortened() {
        assert_eq!(found(&json!("a")), "\"a\"");
        assert_eq!(found(&json!("é".repeat(500))).chars().count(), 83);
    }
}
