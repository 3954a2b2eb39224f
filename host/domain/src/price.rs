//! What it costs to check a value with a schema. Both are a stranger's: each may be small enough alone, and both
//! together too much. Not for: what a schema may have (its image is accepted with it), checking (`dsl`).

use serde_json::Value;

/// Deepest pieces: no schema that a node takes is deeper.
const DEPTH: u8 = 100;
/// How often what is below `unevaluatedProperties` and `unevaluatedItems` is looked at.
const AGAIN: usize = 4;
/// Bytes of text that are a step.
const TEXT_BYTES: usize = 64;
/// Matching a byte with so many states of a pattern is a step.
const STATES: u64 = 64;
/// Steps of dividing two numbers without loss: one may be large, the other small.
const DIVISION: u64 = 16;

/// Steps of checking a value with a piece of a schema; none when they are more than `most`.
pub fn price(root: &Value, piece: &Value, value: &Value, most: u64) -> Option<u64> {
    let mut walk = Walk { root, left: most, depth: 0 };
    walk.piece(piece, value)?;
    Some(most - walk.left)
}

/// Goes through a schema and a value as a validator does.
struct Walk<'s> {
    root: &'s Value,
    left: u64,
    depth: u8,
}

impl Walk<'_> {
    fn pay(&mut self, steps: u64) -> Option<()> {
        self.left = self.left.checked_sub(steps)?;
        Some(())
    }

    fn piece(&mut self, piece: &Value, value: &Value) -> Option<()> {
        self.pay(1)?;
        let Value::Object(words) = piece else { return Some(()) };
        self.depth = Some(self.depth + 1).filter(|depth| *depth <= DEPTH)?;
        // Whatever a piece says, the value may be compared, copied or shown.
        self.size(value)?;
        let again = words.contains_key("unevaluatedProperties") || words.contains_key("unevaluatedItems");
        for _ in 0..(if again { AGAIN } else { 1 }) {
            words.iter().try_for_each(|(word, said)| self.word((word.as_str(), said), value))?;
        }
        self.depth -= 1;
        Some(())
    }

    fn word(&mut self, (word, said): (&str, &Value), value: &Value) -> Option<()> {
        let items = || value.as_array().into_iter().flatten();
        let fields = || value.as_object().into_iter().flatten();
        match (word, said) {
            ("$ref", Value::String(reference)) => {
                let root = self.root;
                self.text(reference)?;
                let piece = reference.strip_prefix('#').and_then(|pointer| root.pointer(pointer));
                piece.map_or(Some(()), |piece| self.piece(piece, value))
            }
            ("properties", Value::Object(named)) => named.iter().try_for_each(|(name, piece)| {
                self.text(name)?;
                value.get(name).map_or(Some(()), |field| self.piece(piece, field))
            }),
            ("patternProperties", Value::Object(named)) => named.iter().try_for_each(|(pattern, piece)| {
                fields().try_for_each(|(name, field)| {
                    self.matched(pattern, name)?;
                    self.piece(piece, field)
                })
            }),
            ("additionalProperties" | "unevaluatedProperties", piece) => {
                fields().try_for_each(|(_, field)| self.piece(piece, field))
            }
            ("propertyNames", piece) => {
                fields().try_for_each(|(name, _)| self.piece(piece, &Value::String(name.clone())))
            }
            ("items" | "prefixItems", Value::Array(pieces)) => {
                pieces.iter().zip(items()).try_for_each(|(piece, item)| self.piece(piece, item))
            }
            ("items" | "additionalItems" | "unevaluatedItems" | "contains", piece) => {
                items().try_for_each(|item| self.piece(piece, item))
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(pieces)) => {
                pieces.iter().try_for_each(|piece| self.piece(piece, value))
            }
            ("not" | "if" | "then" | "else", piece) => self.piece(piece, value),
            ("dependentSchemas" | "dependencies", Value::Object(named)) => {
                named.values().try_for_each(|piece| self.size(piece).and_then(|()| self.piece(piece, value)))
            }
            ("pattern", Value::String(pattern)) => self.matched(pattern, value.as_str().unwrap_or_default()),
            ("enum" | "const" | "required" | "dependentRequired" | "type", said) => self.size(said),
            ("multipleOf", _) => self.pay(DIVISION),
            _ => self.pay(1),
        }
    }

    /// Looking at all of a value.
    fn size(&mut self, value: &Value) -> Option<()> {
        self.pay(1)?;
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter().try_for_each(|item| self.size(item)),
            Value::Object(fields) => fields.iter().try_for_each(|(name, field)| {
                self.text(name)?;
                self.size(field)
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => Some(()),
        }
    }

    /// Looking at a text, or looking something up by it.
    fn text(&mut self, text: &str) -> Option<()> {
        self.pay(1 + (text.len() / TEXT_BYTES) as u64)
    }

    fn matched(&mut self, pattern: &str, text: &str) -> Option<()> {
        // The end of a text is a byte, too: an empty one is not matched for nothing.
        self.pay(1 + states(pattern).saturating_mul(text.len() as u64 + 1) / STATES)
    }
}

/// States of a pattern at most, about: its repetitions are written out.
fn states(pattern: &str) -> u64 {
    let most = |rest: &str| {
        let counts = rest.split('}').next().unwrap_or_default();
        counts.split(',').filter_map(|count| count.trim().parse::<u64>().ok()).max().unwrap_or(1).max(1)
    };
    pattern.split('{').skip(1).map(most).fold(pattern.len() as u64, u64::saturating_mul)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MOST: u64 = 10_000_000;

    fn steps(schema: &Value, value: &Value) -> u64 {
        price(schema, schema, value, MOST).unwrap_or(MOST)
    }

    #[test]
    fn a_schema_costs_as_often_as_it_is_looked_at() {
        let value = json!({"a": vec![0; 1000], "b": {"c": "x"}});
        let defined = json!({"n": {"enum": vec![1; 50]}});
        let referring = json!({"$defs": defined, "properties": {"a": {"items": {"$ref": "#/$defs/n"}}}});
        for (schema, at_least) in [
            (json!({"properties": {"a": {"items": {"allOf": vec![json!({"minimum": 0}); 100]}}}}), 100_000),
            (referring, 50_000),
            (json!({"additionalProperties": {"anyOf": vec![json!({"const": 1}); 20]}}), 20_000),
            (json!({"unevaluatedProperties": {"contains": {"not": {"const": 1}}}}), 4_000),
        ] {
            let found = steps(&schema, &value);
            assert!((at_least..at_least * 10).contains(&found), "{found} steps of {schema:.80}");
            assert_eq!(price(&schema, &schema, &value, found), Some(found));
            assert_eq!(price(&schema, &schema, &value, found - 1), None);
        }
        assert!(steps(&json!({"properties": {"z": {"enum": vec![1; 5000]}}}), &value) < 3000, "nothing is there");
    }

    #[test]
    fn patterns_cost_what_their_repetitions_do() {
        let value = json!({"a": "x".repeat(6400)});
        let long = json!({"properties": {"a": {"pattern": "^(ab{9}){99}$"}}});
        let short = json!({"properties": {"a": {"pattern": "^[a-z]+$"}}});
        assert!(steps(&short, &value) < 2000 && steps(&long, &value) > 1_000_000);
        assert_eq!((states("a{2,10}"), states(r"\p{L}+"), states("a{"), states("a{7}{8}")), (70, 6, 2, 7 * 8 * 7));
    }

    #[test]
    fn long_names_and_patterns_cost_each_time() {
        let (long, value) = ("n".repeat(64_000), json!({"a": vec![""; 100]}));
        for each in [
            json!({"$ref": format!("#/$defs/{long}")}),
            json!({"properties": {(long.as_str()): true}}),
            json!({"pattern": format!("[{long}]")}),
        ] {
            let found = steps(&json!({"properties": {"a": {"items": each}}}), &value);
            assert!((100_000..200_000).contains(&found), "{found} steps of {each:.80}");
        }
    }

    #[test]
    fn circles_end() {
        let circle = json!({"$ref": "#"});
        assert_eq!(price(&circle, &circle, &json!(1), MOST), None);
    }
}
