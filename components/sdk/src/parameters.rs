//! Short words for the JSON Schema of parameters.
//!
//! ```
//! use parcae_sdk::parameters::{boolean, integer, object, one_of};
//! let schema = object([
//!     ("penalty", one_of(&["L2", "L1"], "L2", "kind of regularisation")),
//!     ("max_iter", integer(1, 100_000, 100, "epochs")),
//!     ("shuffle", boolean(true, "draw new batches in each epoch")),
//! ]);
//! assert_eq!(schema["properties"]["max_iter"]["default"], 100);
//! ```

use serde_json::{Map, Value, json};

/// An object with named parameters; anything else is refused.
pub fn object<const N: usize>(properties: [(&str, Value); N]) -> Value {
    object_of(properties.map(|(name, schema)| (name.to_owned(), schema)))
}

/// The same from any number of pairs.
pub fn object_of(properties: impl IntoIterator<Item = (String, Value)>) -> Value {
    let properties: Map<String, Value> = properties.into_iter().collect();
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// A nested object with a help text; its default is made of the defaults inside.
pub fn group<const N: usize>(properties: [(&str, Value); N], help: &str) -> Value {
    let mut schema = object(properties);
    schema["description"] = help.into();
    schema["default"] = json!({});
    schema
}

/// A whole number from `least` to `most`.
pub fn integer(least: i64, most: i64, default: i64, help: &str) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most, "default": default, "description": help })
}

/// A number from `least` to `most`.
pub fn number(least: f64, most: f64, default: f64, help: &str) -> Value {
    json!({ "type": "number", "minimum": least, "maximum": most, "default": default, "description": help })
}

/// True or false.
pub fn boolean(default: bool, help: &str) -> Value {
    json!({ "type": "boolean", "default": default, "description": help })
}

/// Any text.
pub fn text(default: &str, help: &str) -> Value {
    json!({ "type": "string", "default": default, "description": help })
}

/// One of some texts.
pub fn one_of(allowed: &[&str], default: &str, help: &str) -> Value {
    json!({ "enum": allowed, "default": default, "description": help })
}

/// The same schema, but `null` is allowed too, and is the default.
pub fn or_null(schema: Value) -> Value {
    let help = schema.get("description").cloned().unwrap_or(Value::Null);
    let mut schema = schema;
    if let Some(object) = schema.as_object_mut() {
        object.remove("description");
        object.remove("default");
    }
    json!({ "anyOf": [schema, { "type": "null" }], "default": null, "description": help })
}

/// A schema written out, with default and help.
pub fn any(schema: Value, default: Value, help: &str) -> Value {
    let mut schema = schema;
    schema["default"] = default;
    schema["description"] = help.into();
    schema
}
