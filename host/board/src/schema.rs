//! The JSON Schema of a module's parameters, as far as pages show it: kinds, allowed values, bounds in words. Not for:
//! checking values (the node does), what a schema may be (`runtime`).

use serde_json::Value;

/// References that are followed one after the other.
const REFERENCES: usize = 8;
/// Most allowed values, or branches, that are named.
const NAMED: usize = 30;

/// What sort of value a piece of a schema wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Switch,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// A text.
    Text,
    /// An object with members of its own.
    Group,
    /// Anything else: lists, several kinds.
    Other,
}

/// What a piece says, past references, and past the choice between it and null.
pub fn inner<'s>(root: &'s Value, piece: &'s Value) -> &'s Value {
    let piece = resolved(root, piece);
    let is_null = |branch: &&Value| branch.get("type").is_some_and(|name| name == "null");
    let branches = piece.get("anyOf").or_else(|| piece.get("oneOf")).and_then(Value::as_array);
    let mut others = branches.into_iter().flatten().filter(|branch| !is_null(branch));
    match (others.next(), others.next()) {
        (Some(only), None) => resolved(root, only),
        _ => piece,
    }
}

fn resolved<'s>(root: &'s Value, piece: &'s Value) -> &'s Value {
    let mut piece = piece;
    for _ in 0..REFERENCES {
        let reference = piece.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
        match reference.and_then(|pointer| root.pointer(pointer)) {
            Some(next) => piece = next,
            None => break,
        }
    }
    piece
}

/// What sort of value a piece wants that [`inner`] gave; one type beside null counts as that type.
pub fn kind(piece: &Value) -> Kind {
    if piece.get("properties").is_some_and(Value::is_object) {
        return Kind::Group;
    }
    let mut names = types(piece).into_iter().filter(|name| *name != "null");
    match (names.next(), names.next()) {
        (Some("boolean"), None) => Kind::Switch,
        (Some("integer"), None) => Kind::Whole,
        (Some("number"), None) => Kind::Number,
        (Some("string"), None) => Kind::Text,
        _ => Kind::Other,
    }
}

fn types(piece: &Value) -> Vec<&str> {
    match piece.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// True when a piece allows null beside what else it wants.
fn allows_null(root: &Value, piece: &Value) -> bool {
    let piece = resolved(root, piece);
    let branches = piece.get("anyOf").or_else(|| piece.get("oneOf")).and_then(Value::as_array);
    types(piece).contains(&"null") || branches.into_iter().flatten().any(|branch| types(branch).contains(&"null"))
}

/// The values to choose among, when there are few; of switches both.
pub fn choices(root: &Value, piece: &Value) -> Option<Vec<Value>> {
    let said = inner(root, piece);
    let mut all = match said.get("enum").and_then(Value::as_array) {
        Some(all) if all.len() <= 2 * NAMED => all.clone(),
        Some(_) => return None,
        None if kind(said) == Kind::Switch => vec![Value::Bool(true), Value::Bool(false)],
        None => return None,
    };
    if allows_null(root, piece) && !all.contains(&Value::Null) {
        all.push(Value::Null);
    }
    Some(all)
}

/// Type, bounds and allowed values in signs that all languages share: `integer ≥ 1, ≤ 100`.
pub fn limits(root: &Value, piece: &Value) -> String {
    let said = inner(root, piece);
    let mut words = Vec::new();
    if let Some(all) = said.get("enum").and_then(Value::as_array) {
        let named: Vec<String> = all.iter().take(NAMED).map(plain).collect();
        words.push(named.join(" | ") + if all.len() > NAMED { " | …" } else { "" });
    } else if let Some(branches) = said.get("anyOf").or_else(|| said.get("oneOf")).and_then(Value::as_array) {
        let named = branches.iter().take(NAMED).map(|branch| types(resolved(root, branch)).join(" | "));
        words.push(named.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" | "));
    } else {
        words.push(types(said).join(" | "));
    }
    for (key, sign) in [
        ("minimum", "≥ "),
        ("exclusiveMinimum", "> "),
        ("maximum", "≤ "),
        ("exclusiveMaximum", "< "),
        ("pattern", "~ "),
    ] {
        words.extend(said.get(key).map(|bound| format!("{sign}{}", plain(bound))));
    }
    words.retain(|word| !word.is_empty());
    let text = words.join(", ");
    let is_said = text.split(" | ").any(|word| word.starts_with("null"));
    if !text.is_empty() && allows_null(root, piece) && !is_said { text + " | null" } else { text }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pieces_are_understood() {
        let root = json!({"$defs": {"n": {"type": "integer", "minimum": 1}}});
        let maybe = json!({"anyOf": [{"$ref": "#/$defs/n"}, {"type": "null"}], "default": null});
        assert_eq!((kind(inner(&root, &maybe)), limits(&root, &maybe)), (Kind::Whole, "integer, ≥ 1 | null".into()));
        let list = json!({"type": ["string", "null"]});
        assert_eq!((kind(&list), limits(&root, &list)), (Kind::Text, "string | null".into()));
        assert_eq!(choices(&root, &json!({"type": ["boolean", "null"]})).map(|all| all.len()), Some(3));
        assert_eq!(limits(&root, &json!({"enum": ["L1", 2, null]})), "L1 | 2 | null");
        let several = json!({"oneOf": [{"type": "integer"}, {"type": "string"}]});
        assert_eq!((kind(inner(&root, &several)), limits(&root, &several)), (Kind::Other, "integer | string".into()));
        // A schema that refers to itself ends.
        let round = json!({"$ref": "#"});
        assert_eq!(kind(inner(&round, &round)), Kind::Other);
    }
}
