//! Defaults of parameters, as the JSON Schema of a module says them: filled in where a job says nothing. Only what
//! descriptions of modules use: `properties`, `default`, local `$ref`, `anyOf`, `oneOf`, `allOf`. Not for: checking
//! parameters (`dsl`), whether defaults fit their schema (`runtime`).

use serde_json::{Map, Value};

/// Most pieces of a schema that are visited for one object: schemas come from images, and may refer to themselves.
const MAX_VISITS: usize = 20_000;
/// How deep defaults are filled in, and how deep choices are looked into for null: the same reason.
const MAX_DEPTH: u8 = 16;
/// Most references that are followed one after the other.
const MAX_REFERENCES: usize = 16;

type Object = Map<String, Value>;

/// What a piece of the schema says, past its references.
pub fn resolve<'a>(root: &'a Value, piece: &'a Value) -> &'a Value {
    referred(root, piece).map_or(piece, |(_, said)| said)
}

/// What a piece refers to in the end, and where that is, as a JSON pointer.
fn referred<'a>(root: &'a Value, piece: &'a Value) -> Option<(&'a str, &'a Value)> {
    let next = |piece: &'a Value| {
        let pointer = piece.get("$ref")?.as_str()?.strip_prefix('#')?;
        Some((pointer, root.pointer(pointer)?))
    };
    std::iter::successors(next(piece), |(_, said)| next(said)).take(MAX_REFERENCES).last()
}

/// Puts `over` on top of `base`: objects deep, anything else replaced.
pub fn merge(base: &mut Object, over: &Object) {
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

/// Fills in the defaults of a schema, in the schema's order. A null that the schema does not allow counts as not given,
/// in an object that has a default, too.
pub fn fill(root: &Value, given: Object) -> Value {
    let given = without_nulls(root, root, &given, &mut Left::new());
    fill_piece(root, root, Some(&Value::Object(given)), &mut Left::new())
        .unwrap_or_else(|| Value::Object(Object::new()))
}

/// A default that a schema gives to one of its parameters.
pub struct Preset<'s> {
    /// Names of the objects around the parameter, and its own.
    pub path: Vec<String>,
    /// Where the schema says what the parameter may be, as a JSON pointer.
    pub pointer: String,
    /// The default as it is written.
    pub said: &'s Value,
    /// The default as a job gets it that says nothing: what is inside has its defaults, too.
    pub filled: Value,
}

/// The defaults that [`fill`] uses; those inside of another stand before it.
pub fn presets(root: &Value) -> Vec<Preset<'_>> {
    let mut found = Vec::new();
    collect(root, (&[], ""), root, &mut Left::new(), &mut found);
    found
}

fn collect<'s>(
    root: &'s Value,
    (path, pointer): (&[String], &str),
    piece: &'s Value,
    left: &mut Left,
    found: &mut Vec<Preset<'s>>,
) {
    left.visit(|left| {
        let (inside, said) = referred(root, piece).unwrap_or((pointer, piece));
        for (name, inner) in said.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let pointer = format!("{inside}/properties/{}", name.replace('~', "~0").replace('/', "~1"));
            collect(root, (&[path, std::slice::from_ref(name)].concat(), &pointer), inner, left, found);
        }
        let outer = if let [name] = path { root.get("default").and_then(|all| all.get(name)) } else { None };
        let default = outer.or_else(|| piece.get("default")).or_else(|| said.get("default"));
        let filled = default.and_then(|_| fill_piece(root, piece, outer, &mut Left::new()));
        if let (Some(said), Some(filled), false) = (default, filled, path.is_empty()) {
            found.push(Preset { path: path.to_vec(), pointer: pointer.to_owned(), said, filled });
        }
    });
}

/// What is left to spend on a schema.
struct Left {
    visits: usize,
    depth: u8,
}

impl Left {
    fn new() -> Left {
        Left { visits: MAX_VISITS, depth: MAX_DEPTH }
    }

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

/// An object without the nulls that count as not given.
fn without_nulls(root: &Value, piece: &Value, given: &Object, left: &mut Left) -> Object {
    let properties = resolve(root, piece).get("properties").and_then(Value::as_object);
    let Some(properties) = properties else { return given.clone() };
    let kept = |(name, value): (&String, &Value), left: &mut Left| {
        let kept = match (properties.get(name), value) {
            (Some(piece), Value::Null) if !allows_null(root, piece, left) => None,
            (Some(piece), Value::Object(inner)) => left
                .visit(|left| Value::Object(without_nulls(root, piece, inner, left)))
                .or_else(|| Some(value.clone())),
            _ => Some(value.clone()),
        };
        Some((name.clone(), kept?))
    };
    given.iter().filter_map(|field| kept(field, left)).collect()
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{fill, merge, presets};

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
    fn a_null_inside_a_default_counts_as_not_given() {
        let schema = json!({"properties": {"group": {
            "default": {"n": 1, "deep": {"m": 2}, "free": 3, "open": 4},
            "properties": {
                "n": {"type": "integer"}, "deep": {"properties": {"m": {"type": "integer"}}},
                "free": {"type": ["integer", "null"]}}}}});
        let given = json!({"group": {"n": null, "deep": {"m": null}, "free": null, "open": null}});
        let once = filled(&schema, given);
        assert_eq!(once, json!({"group": {"n": 1, "deep": {"m": 2}, "free": null, "open": null}}));
        assert_eq!(filled(&schema, once.clone()), once, "and again");
    }

    #[test]
    fn the_defaults_of_a_schema_are_found_where_they_are_filled_in() {
        let schema = json!({"default": {"top": 9}, "$defs": {"a/b": {"properties": {"n": {"default": 1}}}},
            "properties": {
                "group": {"$ref": "#/$defs/a~1b", "default": {"m": 2}},
                "maybe": {"type": ["object", "null"], "default": null, "properties": {"n~/": {"default": 3}}},
                "top": {"type": "integer"}, "list": {"items": {"default": 4}}, "choice": {"anyOf": [{"default": 5}]}}});
        let found = presets(&schema);
        let found: Vec<_> = found.iter().map(|p| (p.path.join("."), p.pointer.as_str(), p.said, &p.filled)).collect();
        let expected = [
            ("group.n", "/$defs/a~1b/properties/n", json!(1), json!(1)),
            ("group", "/properties/group", json!({"m": 2}), json!({"m": 2, "n": 1})),
            ("maybe.n~/", "/properties/maybe/properties/n~0~1", json!(3), json!(3)),
            ("maybe", "/properties/maybe", json!(null), json!(null)),
            ("top", "/properties/top", json!(9), json!(9)),
        ];
        let expected: Vec<_> =
            expected.iter().map(|(path, pointer, said, filled)| ((*path).to_owned(), *pointer, said, filled)).collect();
        assert_eq!(found, expected);
        assert!(presets(&json!({"properties": {"a": {"$ref": "#"}}})).is_empty(), "circles end");
    }
}
