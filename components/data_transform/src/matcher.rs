//! Which cells count as missing, or as outliers. Not for: what goes in their place.

use serde_json::Value;

use crate::number::{float, repr};

/// Texts that count as missing when no list is given; FATE's list, and the two spellings that it would stumble over.
const BUILT_IN: [&str; 8] = ["", "none", "null", "na", "None", "nan", "NULL", "NA"];

/// A list of values. A cell matches an item when the texts are equal, with or without white space around the cell, or when both
/// are numbers and equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Matcher {
    texts: Vec<String>,
    longest: usize,
    numbers: Vec<f64>,
    nan: bool,
}

impl Matcher {
    /// The list that was given, or the built-in one.
    pub fn of(list: Option<&[Value]>) -> Matcher {
        match list {
            Some(list) => Matcher::new(list.iter().map(text)),
            None => Matcher::new(BUILT_IN.iter().map(|text| (*text).to_owned())),
        }
    }

    fn new(items: impl Iterator<Item = String>) -> Matcher {
        let texts: Vec<String> = items.collect();
        let longest = texts.iter().map(String::len).max().unwrap_or(0);
        let numbers: Vec<f64> = texts.iter().filter_map(|text| float(text)).collect();
        let nan = numbers.iter().any(|n| n.is_nan());
        Matcher { texts, longest, numbers: numbers.into_iter().filter(|n| !n.is_nan()).collect(), nan }
    }

    /// True when a cell is one of the values.
    pub fn matches(&self, cell: &str) -> bool {
        let trimmed = cell.trim();
        if trimmed.len() <= self.longest && self.texts.iter().any(|text| text == trimmed || text == cell) {
            return true;
        }
        if self.nan && is_nan(cell) {
            return true;
        }
        !self.numbers.is_empty() && float(cell).is_some_and(|value| self.numbers.contains(&value))
    }

    /// The values as texts.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }
}

fn is_nan(cell: &str) -> bool {
    cell.trim().trim_start_matches(['+', '-']).eq_ignore_ascii_case("nan")
}

/// True for a cell without a value that no list names: it becomes a missing value under a type of numbers.
pub fn is_blank(cell: &str) -> bool {
    matches!(cell.trim(), "" | "NULL" | "null" | "NA")
}

/// An item of a list, or a value to fill in, as Python's `str` prints it.
pub fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) if number.is_f64() => repr(number.as_f64().unwrap_or(f64::NAN)),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_built_in_list() {
        let matcher = Matcher::of(None);
        for cell in ["", "none", "null", "na", "None", "nan", "NaN", " nan", "NA", "NULL", " "] {
            assert!(matcher.matches(cell), "{cell:?}");
        }
        for cell in ["0", "nano", "x", "-"] {
            assert!(!matcher.matches(cell), "{cell:?}");
        }
    }

    #[test]
    fn numbers_match_by_value() {
        let list = [json!(-9999), json!("unknown"), json!(0.5)];
        let matcher = Matcher::of(Some(&list));
        for cell in ["-9999", "-9999.0", " -9.999e3", "unknown", "0.50"] {
            assert!(matcher.matches(cell), "{cell:?}");
        }
        assert!(!matcher.matches("") && !matcher.matches("9999") && !matcher.matches("Unknown"));
        assert_eq!(matcher.texts(), ["-9999", "unknown", "0.5"]);
    }

    #[test]
    fn texts_of_values() {
        assert_eq!((text(&json!(1)), text(&json!(1.0)), text(&json!(null))), ("1".into(), "1.0".into(), "None".into()));
    }
}
