//! A module's JSON Schema as a source of names and descriptions: what a validator does not tell. Only what descriptions
//! of modules use: `properties`, `items`, local `$ref`, `anyOf`, `oneOf`, `allOf`. Not for: validation (the `jsonschema`
//! crate does that), defaults (`domain::defaults`).

pub(crate) use parcae_domain::defaults::{fill, merge, resolve};
use serde_json::Value;

use crate::read::Object;

/// Most branches of a choice that are looked into, and how deep.
const MAX_BRANCHES: usize = 16;
const MAX_CHOICES: u8 = 3;

const CHOICES: [&str; 3] = ["anyOf", "oneOf", "allOf"];

/// The value at a path inside an object.
pub(crate) fn value_at<'a>(object: &'a Object, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(object.get(first)?, |value, name| match value {
        Value::Object(object) => object.get(name),
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        _ => None,
    })
}

/// The piece of the schema that is about the value at a path.
pub(crate) fn piece_at<'a>(root: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(root, |piece, name| child(root, piece, name, MAX_CHOICES))
}

fn child<'a>(root: &'a Value, piece: &'a Value, name: &str, choices: u8) -> Option<&'a Value> {
    let said = resolve(root, piece);
    if let Some(property) = said.get("properties").and_then(|properties| properties.get(name)) {
        return Some(property);
    }
    let rest = if name.parse::<usize>().is_ok() { said.get("items") } else { said.get("additionalProperties") };
    if let Some(rest) = rest.filter(|rest| rest.is_object()) {
        return Some(rest);
    }
    if choices == 0 {
        return None;
    }
    branches(said).find_map(|branch| child(root, branch, name, choices - 1))
}

/// The names that an object may have at a piece of the schema.
pub(crate) fn names<'a>(root: &'a Value, piece: &'a Value) -> Vec<&'a str> {
    let said = resolve(root, piece);
    let mut names = Vec::new();
    for said in std::iter::once(said).chain(branches(said).map(|branch| resolve(root, branch))) {
        let properties = said.get("properties").and_then(Value::as_object);
        names.extend(properties.into_iter().flatten().map(|(name, _)| name.as_str()));
    }
    names
}

fn branches(said: &Value) -> impl Iterator<Item = &Value> {
    CHOICES
        .into_iter()
        .filter_map(move |choice| said.get(choice).and_then(Value::as_array))
        .flat_map(|branches| branches.iter().take(MAX_BRANCHES))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{names, piece_at, value_at};

    #[test]
    fn paths_find_values_and_pieces() {
        let schema = json!({"properties": {"l": {"items": {"type": "integer"}},
            "o": {"anyOf": [{"type": "null"}, {"properties": {"x": {"type": "string"}}}]}}});
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(piece_at(&schema, &path("l.0")), Some(&json!({"type": "integer"})));
        assert_eq!(piece_at(&schema, &path("o.x")), Some(&json!({"type": "string"})));
        assert_eq!(piece_at(&schema, &path("o.y")), None);
        assert_eq!(names(&schema, &schema["properties"]["o"]), ["x"]);
        let value = json!({"l": [1, {"a": 2}]});
        assert_eq!(value_at(value.as_object().unwrap(), &path("l.1.a")), Some(&json!(2)));
        assert_eq!(value_at(value.as_object().unwrap(), &path("l.2")), None);
    }
}
