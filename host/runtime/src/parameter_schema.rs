//! Can a node check parameters with a module's schema, and at a bounded price? A schema is a stranger's: it leads
//! nowhere, does not unfold, and its patterns match in linear time. Not for: checking parameters (`dsl`), its defaults
//! (`parameter_defaults`), how long the text of a schema may be (`description`).

use std::collections::HashMap;

use jsonschema::{PatternOptions, ValidationError, error::ValidationErrorKind};
use serde_json::{Map, Value};

/// Most pieces of a schema, those that are referred to counted wherever they are; so many bytes of text are one, and so
/// is each value in a default or a list of choices: they are copied and compared wherever they are.
const PIECES: u64 = 20_000;
const TEXT_BYTES: usize = 64;
/// Deepest nesting of pieces, with what they refer to.
const DEPTH: usize = 64;
/// Most patterns.
const PATTERNS: usize = 64;
/// Largest compiled pattern, bytes; `dsl` has the same number.
pub(crate) const PATTERN_BYTES: usize = 1 << 20;
/// Longest quotation, characters; and of what the validator says.
const QUOTED: usize = 80;
const WHY: usize = 300;
/// What `unevaluatedProperties` and `unevaluatedItems` cost: they look at what is below once more.
const UNEVALUATED: u64 = 4;

/// How a schema says which JSON Schema it is written in.
const DRAFTS: [&str; 4] = ["draft/2020-12/schema", "draft/2019-09/schema", "draft-07/schema", "draft-06/schema"];
/// Words that make a reference mean something else than where it points to.
const RENAMING: [&str; 6] = ["$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$recursiveAnchor"];
/// Words with one schema, or a list of schemas.
const INNER: [&str; 16] = [
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Words with schemas by name.
const NAMED: [&str; 6] =
    ["$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"];

/// Checks a schema; otherwise why parameters cannot be checked with it, and the cure.
pub(crate) fn check(schema: &Value) -> Result<(), String> {
    check_draft(schema)?;
    check_names(schema, true)?;
    let mut walk = Walk { root: schema, known: HashMap::new(), at: Vec::new(), patterns: 0 };
    walk.piece(schema, 0)?;
    if walk.patterns > PATTERNS {
        return Err(format!("its parameter schema has {} patterns, {PATTERNS} are allowed", walk.patterns));
    }
    let patterns = PatternOptions::regex().size_limit(PATTERN_BYTES);
    jsonschema::options().with_pattern_options(patterns).build(schema).map(drop).map_err(|e| refused(&e))
}

fn check_draft(schema: &Value) -> Result<(), String> {
    let Some(said) = schema.get("$schema") else { return Ok(()) };
    let text = said.as_str().unwrap_or_default();
    let draft = text.split_once("://json-schema.org/").map(|(_, draft)| draft.trim_end_matches('#'));
    if draft.is_some_and(|draft| DRAFTS.contains(&draft)) {
        return Ok(());
    }
    let said = cut(&said.to_string());
    Err(format!(
        "its parameter schema has $schema {said}, which no node knows; leave it out, or write \
         \"https://json-schema.org/{}\"",
        DRAFTS[0]
    ))
}

/// A reference points to where it says: nothing in the schema has an address of its own.
fn check_names(value: &Value, is_root: bool) -> Result<(), String> {
    match value {
        Value::Object(words) => {
            let is_name = |word: &str| {
                let said = words.get(word).is_some_and(|value| value.is_string() || value.is_boolean());
                said && !(is_root && word == "$id")
            };
            if let Some(word) = RENAMING.into_iter().find(|word| is_name(word)) {
                let cure = "put what is used again under $defs, and refer to it as \"$ref\": \"#/$defs/NAME\"";
                return Err(format!("its parameter schema has {word}, which is not offered; {cure}"));
            }
            words.values().try_for_each(|value| check_names(value, false))
        }
        Value::Array(items) => items.iter().try_for_each(|value| check_names(value, false)),
        _ => Ok(()),
    }
}

/// What a piece amounts to with everything in it.
#[derive(Clone, Copy, Default)]
struct Size {
    pieces: u64,
    depth: usize,
}

impl Size {
    /// With another piece inside.
    fn with(self, inner: Size) -> Size {
        Size { pieces: self.pieces.saturating_add(inner.pieces), depth: self.depth.max(inner.depth) }
    }
}

/// Goes through a schema as a validator does.
struct Walk<'s> {
    root: &'s Value,
    /// Pieces that were visited; none while what is in them is being visited.
    known: HashMap<*const Value, Option<Size>>,
    /// Where it is.
    at: Vec<String>,
    patterns: usize,
}

impl<'s> Walk<'s> {
    fn piece(&mut self, piece: &'s Value, above: usize) -> Result<Size, String> {
        // `true`, `false`, and what the validator refuses.
        let Value::Object(words) = piece else { return Ok(Size { pieces: 1, depth: 1 }) };
        let key = std::ptr::from_ref(piece);
        match self.known.get(&key) {
            Some(Some(size)) => return self.fitting(*size, above),
            Some(None) => {
                let cure = "a schema may not refer to itself; write out as many levels as are needed";
                return Err(format!("{}: {cure}", self.place()));
            }
            None => {}
        }
        // Before anything in it is visited: a chain of references may be as long as the schema.
        self.fitting(Size { pieces: 1, depth: 1 }, above)?;
        self.known.insert(key, None);
        let inner = self.words(words, above + 1)?;
        let again = words.contains_key("unevaluatedProperties") || words.contains_key("unevaluatedItems");
        let pieces = if again { inner.pieces.saturating_mul(UNEVALUATED) } else { inner.pieces };
        let size = self.fitting(Size { pieces: pieces.saturating_add(1), depth: inner.depth + 1 }, above)?;
        self.known.insert(key, Some(size));
        Ok(size)
    }

    fn words(&mut self, words: &'s Map<String, Value>, above: usize) -> Result<Size, String> {
        let mut size = Size::default();
        for (word, value) in words {
            self.at.push(word.clone());
            let inner = match (word.as_str(), value) {
                ("$ref", Value::String(reference)) => self.reference(reference, above)?,
                ("pattern", _) => {
                    self.patterns += 1;
                    Size { pieces: weight(value), depth: 0 }
                }
                (word, Value::Object(named)) if NAMED.contains(&word) => {
                    self.patterns += if word == "patternProperties" { named.len() } else { 0 };
                    self.pieces(named.iter().map(|(name, piece)| (name.clone(), piece)), above)?
                }
                (word, Value::Array(items)) if INNER.contains(&word) => {
                    self.pieces(items.iter().enumerate().map(|(index, piece)| (index.to_string(), piece)), above)?
                }
                (word, piece) if INNER.contains(&word) => self.piece(piece, above)?,
                (_, value) => Size { pieces: weight(value), depth: 0 },
            };
            size = size.with(inner);
            self.at.pop();
        }
        Ok(size)
    }

    fn pieces(&mut self, all: impl Iterator<Item = (String, &'s Value)>, above: usize) -> Result<Size, String> {
        let mut size = Size::default();
        for (name, piece) in all {
            let named = Size { pieces: text_weight(&name), depth: 0 };
            self.at.push(name);
            let inner = self.piece(piece, above)?;
            size = self.fitting(size.with(named).with(inner), above)?;
            self.at.pop();
        }
        Ok(size)
    }

    fn reference(&mut self, reference: &str, above: usize) -> Result<Size, String> {
        let pointer = reference.strip_prefix('#').filter(|rest| rest.is_empty() || rest.starts_with('/'));
        let Some(pointer) = pointer else {
            return Err(format!(
                "{}: {:?} leads out of the schema, and nothing is fetched; put what it means under $defs, and refer to \
                 it as #/$defs/NAME",
                self.place(),
                cut(reference)
            ));
        };
        if pointer.contains('%') {
            // Whoever checks with the schema reads %41 as A, and would be led elsewhere.
            let cure = "write it with the characters that the name has, and take a name without %";
            return Err(format!("{}: {:?} has a %; {cure}", self.place(), cut(reference)));
        }
        match self.root.pointer(pointer) {
            Some(piece) => self.piece(piece, above),
            None => Err(format!("{}: nothing in the schema is at {:?}", self.place(), cut(reference))),
        }
    }

    /// The size, when the schema may have it below so many pieces.
    fn fitting(&self, size: Size, above: usize) -> Result<Size, String> {
        if above + size.depth > DEPTH {
            let text = format!("it is nested deeper than {DEPTH} pieces with what it refers to; make it flatter");
            return Err(format!("{}: {text}", self.place()));
        }
        if size.pieces > PIECES {
            let counted = "values and long texts count, what is referred to counts each time, and all below \
                           unevaluatedProperties fourfold";
            return Err(format!("{}: it has more than {PIECES} pieces; {counted}", self.place()));
        }
        Ok(size)
    }

    fn place(&self) -> String {
        place(&self.at.iter().map(|name| format!("/{name}")).collect::<String>())
    }
}

/// Pieces that a value counts as beyond its own place.
fn weight(value: &Value) -> u64 {
    match value {
        Value::String(text) => text_weight(text),
        Value::Array(items) => items.iter().map(|item| 1 + weight(item)).sum(),
        Value::Object(fields) => fields.iter().map(|(name, value)| 1 + text_weight(name) + weight(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

fn text_weight(text: &str) -> u64 {
    (text.len() / TEXT_BYTES) as u64
}

fn place(pointer: &str) -> String {
    if pointer.is_empty() {
        return "its parameter schema".into();
    }
    format!("its parameter schema at {:?}", cut(pointer))
}

/// Why the validator does not take a schema.
pub(crate) fn refused(error: &ValidationError<'_>) -> String {
    let (within, by) = (error.instance_path().as_str(), error.schema_path().as_str());
    let kind = match error.kind() {
        ValidationErrorKind::PropertyNames { error } => error.kind(),
        kind => kind,
    };
    if let ValidationErrorKind::Format { format } = kind
        && format == "regex"
    {
        let at = place(if within.is_empty() { by } else { within });
        let pattern = cut(&error.instance().to_string());
        return format!(
            "{at}: {pattern} is no regular expression that matches in linear time; write it without look-around and \
             back-references, and with small numbers of repetitions"
        );
    }
    let (at, why) = (place(within), shortened(error));
    format!("{at} is no JSON Schema: {why}; a schema that takes any parameters is {{}}")
}

/// What the validator says.
pub(crate) fn shortened(error: &ValidationError<'_>) -> String {
    error.to_string().chars().take(WHY).collect()
}

/// The beginning of a quotation.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(QUOTED).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(schema: &Value) -> String {
        check(schema).expect_err("it is refused")
    }

    #[test]
    fn schemas_as_they_are_written_are_taken() {
        let cv = json!({"type": "object", "properties": {"n": {"type": ["integer", "null"], "minimum": 1}}});
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#", "$id": "https://lab.example/lr", "type": "object",
            "$defs": {"cv": cv}, "additionalProperties": false,
            "properties": {
                "a": {"$ref": "#/$defs/cv"}, "b": {"anyOf": [{"$ref": "#/$defs/cv"}, {"type": "null"}]},
                "$id": {"type": "string"}, "c": {"pattern": "^[a-z]+(_[a-z]+)*$"}}});
        assert_eq!(check(&schema), Ok(()));
        assert_eq!(check(&json!({})), Ok(()));
        assert_eq!(check(&json!({"pattern": "(a+)+$"})), Ok(()), "it matches in linear time");
    }

    #[test]
    fn what_is_no_schema_is_named() {
        let said = refusal(&json!({"properties": {"n": {"type": "integr"}}}));
        assert!(said.contains("\"/properties/n/type\"") && said.contains("integr"), "{said}");
        for pattern in ["(", "(?=a)b", r"(a)\1", "(a{999}){999}"] {
            let said = refusal(&json!({"properties": {"n": {"pattern": pattern}}}));
            assert!(said.contains("/properties/n/pattern") && said.contains("linear time"), "{said}");
            assert!(refusal(&json!({"patternProperties": {(pattern): true}})).contains("linear time"), "{pattern}");
        }
    }

    #[test]
    fn nothing_leads_out_of_a_schema() {
        for reference in ["http://127.0.0.1/x", "file:///etc/passwd", "other.json", "#name", ""] {
            let said = refusal(&json!({"properties": {"n": {"$ref": reference}}}));
            assert!(said.contains("/properties/n/$ref") && said.contains("nothing is fetched"), "{said}");
        }
        assert!(refusal(&json!({"$ref": "#/$defs/a"})).contains("nothing in the schema"));
        let escaped = json!({"$ref": "#/$defs/%41", "$defs": {"%41": {}, "A": {"$ref": "#/$defs/%41"}}});
        assert!(refusal(&escaped).contains("has a %"));
        assert!(refusal(&json!({"$schema": "http://127.0.0.1/x"})).contains("no node knows"));
        for word in RENAMING {
            assert!(refusal(&json!({"properties": {"n": {(word): "x"}}})).contains(word));
        }
    }

    #[test]
    fn nothing_unfolds() {
        for schema in [json!({"$ref": "#"}), json!({"properties": {"a": {"items": {"$ref": "#/properties/a"}}}})] {
            assert!(refusal(&schema).contains("may not refer to itself"));
        }
        let chain = |words: fn(String) -> Value, count: usize| {
            let mut defs: Map<String, Value> =
                (0..count).map(|i| (format!("a{i}"), words(format!("#/$defs/a{}", i + 1)))).collect();
            defs.insert(format!("a{count}"), json!({}));
            json!({"$ref": "#/$defs/a0", "$defs": defs})
        };
        let doubling = |next: String| json!({"allOf": [{"$ref": next}, {"$ref": next}]});
        assert!(check(&chain(doubling, 5)).is_ok());
        assert!(refusal(&chain(doubling, 30)).contains("more than 20000 pieces"));
        assert!(refusal(&chain(|next| json!({"$ref": next}), 10_000)).contains("deeper than 64"));
        let mut again = json!({});
        (0..20).for_each(|_| again = json!({"unevaluatedProperties": false, "anyOf": [again]}));
        assert!(refusal(&again).contains("more than 20000 pieces"));
        let many: Vec<Value> = (0..200).map(|_| json!({"$ref": "#/$defs/a"})).collect();
        let long = "x".repeat(20_000);
        let mut named = json!({"properties": {}});
        named["properties"][&long] = json!({"default": 1});
        for defined in
            [json!({"default": &long}), json!({"enum": (0..200).collect::<Vec<u8>>()}), json!({"title": &long}), named]
        {
            let once = json!({"allOf": &many[..1], "$defs": {"a": &defined}});
            assert_eq!(check(&once), Ok(()), "{defined:.80}");
            let said = refusal(&json!({"allOf": &many, "$defs": {"a": &defined}}));
            assert!(said.contains("more than 20000 pieces; values and long texts count"), "{said}");
        }
        let many: Map<String, Value> = (0..65).map(|i| (format!("p{i}"), json!({"pattern": "a"}))).collect();
        assert!(refusal(&json!({"properties": many})).contains("65 patterns"));
    }
}
