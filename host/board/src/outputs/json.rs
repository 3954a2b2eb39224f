//! Reading JSON whose shape nobody has promised: what is not as expected is not there. Whole numbers of models are
//! texts, as FATE writes them. Not for: what it means.

use serde_json::Value;

/// A number, also one that is written as text.
pub fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A number that counts something or names a place: a whole one from 0.
pub fn whole(value: &Value) -> Option<u64> {
    number(value).filter(|number| (0.0..9e15).contains(number)).map(|number| number as u64)
}

/// A truth, also one that is written as text.
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => match text.as_str() {
            "true" | "True" => Some(true),
            "false" | "False" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A value as a text that people read; empty for none.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) if !number.is_f64() => number.to_string(),
        Value::Number(number) => number.as_f64().map_or_else(String::new, crate::format::number),
        other => other.to_string(),
    }
}

/// The items of an array.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Numbers of an array, NaN where there is none.
pub fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(|item| number(item).unwrap_or(f64::NAN)).collect()
}

/// Texts of an array.
pub fn texts(value: &Value) -> Vec<String> {
    list(value).iter().map(text).collect()
}

/// Keys and values of an object.
pub fn entries(value: &Value) -> Vec<(&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value)).collect()
}

/// The value of a key, unless it is null.
pub fn get<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    value.get(key).filter(|value| !value.is_null())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_odd_is_not_there() {
        let numbers_of = [json!(1.5), json!("35"), json!("x"), json!([1])].map(|v| number(&v));
        assert_eq!(numbers_of, [Some(1.5), Some(35.0), None, None]);
        assert_eq!([json!("7"), json!(-1), json!(1e300)].map(|v| whole(&v)), [Some(7), None, None]);
        assert_eq!([json!("true"), json!(false), json!(1)].map(|v| truth(&v)), [Some(true), Some(false), None]);
        assert!(list(&json!({ "a": 1 })).is_empty() && entries(&json!([1])).is_empty());
        assert!(numbers(&json!([1, null]))[1].is_nan());
    }
}
