//! A module's JSON Schema as a source of defaults, names and descriptions: what a validator does not tell. Only what
//! descriptions of modules use: `properties`, `items`, `default`, local `$ref`, `anyOf`, `oneOf`, `allOf`. Not for:
//! validation (the `jsonschema` crate does that).

use serde_json::Value;

use crate::read::Object;

/// Most pieces of a schema that are visited for one object: schemas come from images, and may refer to themselves.
const MAX_VISITS: usize = 20_000;
/// How deep defaults are filled in, and how deep choices are looked into for null: the same reason.
const MAX_DEPTH: u8 = 16;
/// Most references that are followed one after the other.
const MAX_REFERENCES: usize = 16;
/// Most branches of a choice that are looked into, and how deep.
const MAX_BRANCHES: usize = 16;
const MAX_CHOICES: u8 = 3;

const CHOICES: [&str; 3] = ["anyOf", "oneOf", "allOf"];

/// What a piece of the schema says, past its references.
pub(crate) fn resolve<'a>(root: &'a Value, piece: &'a Value) -> &'a Value {
    let mut piece = piece;
    for _ in 0..MAX_REFERENCES {
        let reference = piece.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        match reference.and_then(|pointer| root.pointer(pointer)) {
            Some(next) => piece = next,
            None => break,
        }
    }
    piece
}

/// Puts `over` on top of `base`: objects deep, anything else replaced.
pub(crate) fn merge(base: &mut Object, over: &Object) {
    for (key, value) in over {
        match (base.get_mut(key), value) {
            (Some(Value::Object(under)), Value::Object(over)) => merge(under, over),
            (Some(under), value) => *under = value.clone(),
            (None, value) => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Fills in the defaults of a schema, in the schema's order. A null that the schema does not allow counts as not given.
pub(crate) fn fill(root: &Value, given: Object) -> Value {
    let mut left = Left { visits: MAX_VISITS, depth: MAX_DEPTH };
    fill_piece(root, root, Some(&Value::Object(given)), &mut left).unwrap_or_else(|| Value::Object(Object::new()))
}

/// What is left to spend on a schema.
struct Left {
    visits: usize,
    depth: u8,
}

impl Left {
    /// Goes one piece deeper for `then`; none if too much is spent.
    fn visit<T>(&mut self, then: impl FnOnce(&mut Left) -> T) -> Option<T> {
        if self.visits == 0 || self.depth == 0 {
            return None;
        }
        self.visits -= 1;
        self.depth -= 1;
        let made = then(self);
        self.depth += 1;
        Some(made)
    }
}

fn fill_piece(root: &Value, piece: &Value, given: Option<&Value>, left: &mut Left) -> Option<Value> {
    left.visit(|left| fill_visited(root, piece, given, left)).unwrap_or_else(|| given.cloned())
}

fn fill_visited(root: &Value, piece: &Value, given: Option<&Value>, left: &mut Left) -> Option<Value> {
    let said = resolve(root, piece);
    let default = piece.get("default").or_else(|| said.get("default"));
    let given = given.filter(|value| !value.is_null() || allows_null(root, said, left));
    let value = match (default, given) {
        (Some(Value::Object(base)), Some(Value::Object(over))) => {
            let mut merged = base.clone();
            merge(&mut merged, over);
            Some(Value::Object(merged))
        }
        (_, Some(value)) => Some(value.clone()),
        (Some(value), None) => Some(value.clone()),
        (None, None) => None,
    };
    let Some(properties) = said.get("properties").and_then(Value::as_object) else { return value };
    match value {
        Some(Value::Object(object)) => Some(Value::Object(fill_properties(root, properties, &object, left))),
        None if said.get("type").is_some_and(|name| name == "object") => {
            let made = fill_properties(root, properties, &Object::new(), left);
            (!made.is_empty()).then_some(Value::Object(made))
        }
        other => other,
    }
}

fn fill_properties(root: &Value, properties: &Object, object: &Object, left: &mut Left) -> Object {
    let mut filled = Object::new();
    for (name, piece) in properties {
        if let Some(value) = fill_piece(root, piece, object.get(name), left) {
            filled.insert(name.clone(), value);
        }
    }
    for (name, value) in object.iter().filter(|(name, _)| !properties.contains_key(name.as_str())) {
        filled.insert(name.clone(), value.clone());
    }
    filled
}

fn allows_null(root: &Value, piece: &Value, left: &mut Left) -> bool {
    left.visit(|left| allows_null_visited(root, piece, left)).unwrap_or(true)
}

fn allows_null_visited(root: &Value, piece: &Value, left: &mut Left) -> bool {
    let said = resolve(root, piece);
    if let Value::Bool(anything) = said {
        return *anything;
    }
    let typed = match said.get("type") {
        Some(Value::String(name)) => name == "null",
        Some(Value::Array(names)) => names.iter().any(|name| name == "null"),
        _ => true,
    };
    let listed = said.get("enum").and_then(Value::as_array).is_none_or(|options| options.contains(&Value::Null));
    let constant = said.get("const").is_none_or(Value::is_null);
    if !(typed && listed && constant) {
        return false;
    }
    for choice in ["anyOf", "oneOf"] {
        let Some(branches) = said.get(choice).and_then(Value::as_array) else { continue };
        if !branches.iter().any(|branch| allows_null(root, branch, left)) {
            return false;
        }
    }
    let all = said.get("allOf").and_then(Value::as_array);
    all.is_none_or(|branches| branches.iter().all(|branch| allows_null(root, branch, left)))
}

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
    use serde_json::{Value, json};

    use super::{fill, merge, names, piece_at, value_at};

    fn filled(schema: &Value, given: Value) -> Value {
        match given {
            Value::Object(given) => fill(schema, given),
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn objects_merge_deep_and_lists_are_replaced() {
        let mut base = json!({"a": {"x": 1, "l": [1, 2]}, "b": 1, "c": {"y": 1}});
        let over = json!({"a": {"l": [3], "z": null}, "b": {"q": 1}, "c": null});
        merge(base.as_object_mut().unwrap(), over.as_object().unwrap());
        assert_eq!(base, json!({"a": {"x": 1, "l": [3], "z": null}, "b": {"q": 1}, "c": null}));
    }

    #[test]
    fn defaults_of_nested_objects_are_filled_in() {
        let schema = json!({"type": "object", "$defs": {"cv": {"type": "object", "properties": {
            "n": {"type": "integer", "default": 5}, "seed": {"type": ["integer", "null"], "default": 1}}}},
            "properties": {
                "max": {"type": "integer", "default": 10},
                "cv": {"$ref": "#/$defs/cv"},
                "whole": {"type": "object", "default": {"a": 1, "b": 2}, "properties": {"c": {"default": 3}}},
                "free": {"type": "string"}}});
        assert_eq!(
            filled(&schema, json!({"own": 1, "cv": {"seed": null}, "whole": {"a": 5}})),
            json!({"max": 10, "cv": {"n": 5, "seed": null}, "whole": {"a": 5, "b": 2, "c": 3}, "own": 1})
        );
        let made = filled(&schema, json!({}));
        assert_eq!(made, json!({"max": 10, "cv": {"n": 5, "seed": 1}, "whole": {"a": 1, "b": 2, "c": 3}}));
        assert_eq!(made.as_object().unwrap().keys().next().unwrap(), "max");
    }

    #[test]
    fn null_is_kept_only_where_it_is_allowed() {
        let schema = json!({"properties": {
            "a": {"type": "integer", "default": 1},
            "b": {"type": ["integer", "null"], "default": 1},
            "c": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": 1},
            "d": {"enum": ["x", "y"], "default": "x"},
            "e": {"type": "integer"},
            "f": {"default": 1}}});
        let nulls = json!({"a": null, "b": null, "c": null, "d": null, "e": null, "f": null});
        assert_eq!(filled(&schema, nulls), json!({"a": 1, "b": null, "c": null, "d": "x", "f": null}));
    }

    #[test]
    fn schemas_that_refer_to_themselves_end() {
        let schema = json!({"type": "object", "properties": {
            "a": {"$ref": "#"}, "b": {"$ref": "#"}, "n": {"$ref": "#/properties/n"}, "d": {"default": 1}}});
        assert!(filled(&schema, json!({"n": null})).is_object());
    }

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
