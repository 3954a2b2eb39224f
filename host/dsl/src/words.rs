//! What a schema allows, in words: `integer, at least 1 or null`. Not for: what is wrong with a value (`schema_fault`).

use jsonschema::{
    JsonType,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::Value;

use crate::{read::found, schema::resolve};

/// Most options or branches that are named.
const MAX_NAMED: usize = 20;
/// How deep choices within choices are described.
const MAX_DEPTH: u8 = 3;
/// Types in the order in which they are named.
const TYPES: [&str; 7] = ["boolean", "integer", "number", "string", "array", "object", "null"];
/// Bounds: keyword, words before the limit, what is counted.
const BOUNDS: [(&str, &str, &str); 10] = [
    ("minimum", "at least ", ""),
    ("exclusiveMinimum", "more than ", ""),
    ("maximum", "at most ", ""),
    ("exclusiveMaximum", "less than ", ""),
    ("multipleOf", "a multiple of ", ""),
    ("minLength", "at least ", " character"),
    ("maxLength", "at most ", " character"),
    ("minItems", "at least ", " item"),
    ("maxItems", "at most ", " item"),
    ("pattern", "matching ", ""),
];

/// All that a piece of a schema allows; none if it does not say.
pub(crate) fn describe(root: &Value, piece: &Value) -> Option<String> {
    describe_piece(root, piece, MAX_DEPTH)
}

fn describe_piece(root: &Value, piece: &Value, depth: u8) -> Option<String> {
    let said = resolve(root, piece);
    if let Some(options) = said.get("enum").and_then(Value::as_array) {
        return Some(one_of(options));
    }
    if let Some(value) = said.get("const") {
        return Some(found(value));
    }
    if let Some(branches) = ["anyOf", "oneOf"].into_iter().find_map(|choice| said.get(choice)?.as_array()) {
        let depth = depth.checked_sub(1)?;
        let named = branches.iter().take(MAX_NAMED).filter_map(|branch| describe_piece(root, branch, depth));
        let words: Vec<String> = named.collect();
        return (!words.is_empty()).then(|| words.join(" or "));
    }
    let mut words = Vec::new();
    match said.get("type") {
        Some(Value::String(name)) => words.push(name.clone()),
        Some(Value::Array(names)) => words.push(types(names.iter().filter_map(Value::as_str).collect())),
        _ => {}
    }
    if let Some(items) = said.get("items").filter(|_| depth > 0)
        && let Some(items) = describe_piece(root, items, depth - 1)
    {
        words.push(format!("each item {items}"));
    }
    words.extend(BOUNDS.iter().filter_map(|(keyword, ..)| bound(keyword, said.get(*keyword)?)));
    (!words.is_empty()).then(|| words.join(", "))
}

/// What the rule that a value broke demands; none if words for it are not ours to make.
pub(crate) fn demand(kind: &ValidationErrorKind) -> Option<String> {
    match kind {
        ValidationErrorKind::Type { kind: TypeKind::Single(name) } => Some(name.as_str().to_owned()),
        ValidationErrorKind::Type { kind: TypeKind::Multiple(names) } => {
            Some(types(names.iter().map(JsonType::as_str).collect()))
        }
        ValidationErrorKind::Enum { options } => options.as_array().map(|options| one_of(options)),
        ValidationErrorKind::Constant { expected_value } => Some(found(expected_value)),
        ValidationErrorKind::Minimum { limit }
        | ValidationErrorKind::Maximum { limit }
        | ValidationErrorKind::ExclusiveMinimum { limit }
        | ValidationErrorKind::ExclusiveMaximum { limit } => bound(kind.keyword(), limit),
        ValidationErrorKind::MinLength { limit }
        | ValidationErrorKind::MaxLength { limit }
        | ValidationErrorKind::MinItems { limit }
        | ValidationErrorKind::MaxItems { limit } => bound(kind.keyword(), &Value::from(*limit)),
        ValidationErrorKind::MultipleOf { multiple_of } => Some(format!("a multiple of {multiple_of}")),
        ValidationErrorKind::Pattern { pattern } => bound("pattern", &Value::from(pattern.as_str())),
        _ => None,
    }
}

fn bound(keyword: &str, limit: &Value) -> Option<String> {
    let (_, before, counted) = BOUNDS.iter().find(|(known, ..)| *known == keyword)?;
    let plural = if counted.is_empty() || limit.as_f64() == Some(1.0) { "" } else { "s" };
    Some(format!("{before}{}{counted}{plural}", found(limit)))
}

fn types(mut names: Vec<&str>) -> String {
    names.sort_by_key(|name| TYPES.iter().position(|known| known == name));
    names.join(" or ")
}

fn one_of(options: &[Value]) -> String {
    let mut named: Vec<String> = options.iter().take(MAX_NAMED).map(found).collect();
    if options.len() > MAX_NAMED {
        named.push("...".to_owned());
    }
    format!("one of {}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::describe;

    #[test]
    fn schemas_in_words() {
        let root = json!({"$defs": {"n": {"type": "integer", "minimum": 1}}});
        let said = |piece: Value| describe(&root, &piece).unwrap_or_default();
        assert_eq!(said(json!({"$ref": "#/$defs/n"})), "integer, at least 1");
        assert_eq!(said(json!({"type": ["null", "integer"], "maximum": 5})), "integer or null, at most 5");
        assert_eq!(said(json!({"enum": ["L1", "L2", null]})), "one of \"L1\", \"L2\", null");
        assert_eq!(said(json!({"anyOf": [{"$ref": "#/$defs/n"}, {"type": "null"}]})), "integer, at least 1 or null");
        assert_eq!(
            said(json!({"type": "array", "items": {"type": "string"}, "minItems": 1})),
            "array, each item string, at least 1 item"
        );
        assert_eq!(said(json!({"minLength": 1, "maxLength": 200})), "at least 1 character, at most 200 characters");
        assert_eq!(said(json!({"minItems": 0, "maximum": 2})), "at most 2, at least 0 items");
        assert_eq!(said(json!({})), "");
        assert_eq!(said(json!(true)), "");
    }
}
