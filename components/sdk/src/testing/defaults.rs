//! The parameters of a native test: defaults of the module's schema are filled in, and names that it does not have are
//! refused. Not for: types, bounds and references of a schema, which a node checks.

use serde_json::{Map, Value};

/// The parameters that an attempt gets; an error names what the schema does not have.
pub(super) fn fill(schema: &Value, given: &Value) -> Result<Value, String> {
    if !given.is_object() {
        return Err(format!("parameters: {given} is no object"));
    }
    let filled = piece(schema, Some(given), "parameters")?;
    Ok(filled.unwrap_or_else(|| Value::Object(Map::new())))
}

/// The same parameters with others on top: objects deep, anything else replaced.
pub(super) fn merged(under: &Value, over: &Value) -> Value {
    let (Value::Object(base), Value::Object(more)) = (under, over) else { return over.clone() };
    let mut all = base.clone();
    for (name, value) in more {
        let value = all.get(name).map_or_else(|| value.clone(), |before| merged(before, value));
        all.insert(name.clone(), value);
    }
    Value::Object(all)
}

fn piece(schema: &Value, given: Option<&Value>, path: &str) -> Result<Option<Value>, String> {
    let given = given.and_then(|value| without_nulls(schema, value));
    let value = match (schema.get("default"), given) {
        (Some(default), Some(over)) if default.is_object() && over.is_object() => Some(merged(default, &over)),
        (default, given) => given.or_else(|| default.cloned()),
    };
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return Ok(value) };
    let closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    match value {
        Some(Value::Object(object)) => Ok(Some(Value::Object(inside(properties, &object, closed, path)?))),
        None if schema.get("type").is_some_and(|name| name == "object") => {
            let made = inside(properties, &Map::new(), closed, path)?;
            Ok((!made.is_empty()).then_some(Value::Object(made)))
        }
        other => Ok(other),
    }
}

/// A value without the nulls that count as left out: those that the schema does not allow.
fn without_nulls(schema: &Value, value: &Value) -> Option<Value> {
    match (value, schema.get("properties")) {
        (Value::Null, _) => allows_null(schema).then_some(Value::Null),
        (Value::Object(fields), Some(properties)) => {
            let kept = fields.iter().filter_map(|(name, value)| {
                let kept =
                    properties.get(name).map_or_else(|| Some(value.clone()), |inner| without_nulls(inner, value));
                Some((name.clone(), kept?))
            });
            Some(Value::Object(kept.collect()))
        }
        _ => Some(value.clone()),
    }
}

fn inside(
    properties: &Map<String, Value>,
    object: &Map<String, Value>,
    closed: bool,
    path: &str,
) -> Result<Map<String, Value>, String> {
    let mut filled = Map::new();
    for (name, schema) in properties {
        if let Some(value) = piece(schema, object.get(name), &format!("{path}.{name}"))? {
            filled.insert(name.clone(), value);
        }
    }
    for (name, value) in object.iter().filter(|(name, _)| !properties.contains_key(name.as_str())) {
        if closed {
            let known: Vec<&str> = properties.keys().map(String::as_str).collect();
            return Err(format!("{path}: there is no {name}; there are {}", known.join(", ")));
        }
        filled.insert(name.clone(), value.clone());
    }
    Ok(filled)
}

fn allows_null(schema: &Value) -> bool {
    let typed = match schema.get("type") {
        Some(Value::String(name)) => name == "null",
        Some(Value::Array(names)) => names.iter().any(|name| name == "null"),
        _ => true,
    };
    let listed = schema.get("enum").and_then(Value::as_array).is_none_or(|options| options.contains(&Value::Null));
    let chosen = |name: &str| schema.get(name).and_then(Value::as_array).is_none_or(|all| all.iter().any(allows_null));
    typed && listed && chosen("anyOf") && chosen("oneOf")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::parameters::{group, integer, object, one_of, or_null, text};

    fn schema() -> Value {
        object([
            ("rounds", integer(1, 100, 10, "rounds")),
            ("kind", one_of(&["a", "b"], "a", "kind")),
            ("name", or_null(text("", "name"))),
            ("inner", group([("depth", integer(0, 9, 3, "depth"))], "more")),
        ])
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let all = json!({"rounds": 10, "kind": "a", "name": null, "inner": {"depth": 3}});
        assert_eq!(fill(&schema(), &json!({})), Ok(all.clone()));
        assert_eq!(fill(&schema(), &json!({"rounds": null})), Ok(all));
        let given = fill(&schema(), &json!({"rounds": 2, "name": "x", "inner": {"depth": 1}})).unwrap();
        assert_eq!(given, json!({"rounds": 2, "kind": "a", "name": "x", "inner": {"depth": 1}}));
    }

    #[test]
    fn a_null_inside_a_default_counts_as_left_out() {
        let whole = json!({"default": {"n": 1}, "properties": {"n": {"type": "integer"}}});
        let filled = fill(&json!({"properties": {"whole": whole}}), &json!({"whole": {"n": null}}));
        assert_eq!(filled, Ok(json!({"whole": {"n": 1}})));
    }

    #[test]
    fn names_that_are_not_there_are_refused() {
        let said = fill(&schema(), &json!({"round": 1})).unwrap_err();
        assert_eq!(said, "parameters: there is no round; there are rounds, kind, name, inner");
        assert!(fill(&schema(), &json!({"inner": {"deep": 1}})).unwrap_err().starts_with("parameters.inner: "));
        assert!(fill(&schema(), &json!([1])).is_err());
        assert_eq!(fill(&json!({}), &json!({"any": 1})), Ok(json!({"any": 1})));
    }

    #[test]
    fn parameters_of_a_party_lie_over_those_of_all() {
        let all = merged(&json!({"a": {"x": 1, "y": 2}, "b": 1}), &json!({"a": {"y": 3}, "b": [2]}));
        assert_eq!(all, json!({"a": {"x": 1, "y": 3}, "b": [2]}));
    }
}
