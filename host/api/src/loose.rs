//! Values as clients really send them: ids as text or number, one value or a list, whole numbers as text. Not for:
//! deciding what an id means.

use parcae_domain::party::PartyId;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{Array, ObjectBuilder, OneOfBuilder, Schema, Type},
    },
};

/// An id as text or as a whole number; `9999` and `"9999"` are the same. Written as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct LooseId(pub String);

/// One id, or a list of them of which any will do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct AnyOf(pub Vec<LooseId>);

/// A whole number, also as text or as true (1) and false (0). Written as a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct LooseInt(pub i64);

impl LooseId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As the id of a party; `None` when it is not a whole number.
    pub fn party(&self) -> Option<PartyId> {
        self.0.trim().parse().ok()
    }
}

impl AnyOf {
    /// The texts.
    pub fn texts(&self) -> Vec<String> {
        self.0.iter().map(|id| id.0.clone()).collect()
    }
}

impl From<&str> for LooseId {
    fn from(text: &str) -> LooseId {
        LooseId(text.to_owned())
    }
}

impl From<&str> for AnyOf {
    fn from(text: &str) -> AnyOf {
        AnyOf(vec![text.into()])
    }
}

/// What a JSON value is, in words.
pub fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(n) if n.is_f64() => "a number with a fraction",
        Value::Number(_) => "a whole number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn id(value: Value) -> Result<LooseId, String> {
    match value {
        Value::String(text) => Ok(LooseId(text)),
        // A number of more than 64 bits was read as a float and has lost digits: never guess.
        Value::Number(n) if !n.is_f64() => Ok(LooseId(n.to_string())),
        other => Err(format!("expected a text or a whole number, found {}", kind(&other))),
    }
}

impl<'de> Deserialize<'de> for LooseId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LooseId, D::Error> {
        id(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for AnyOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AnyOf, D::Error> {
        let ids = match Value::deserialize(deserializer)? {
            Value::Array(items) => items.into_iter().map(id).collect::<Result<_, _>>(),
            one => id(one).map(|one| vec![one]),
        };
        ids.map(AnyOf).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for LooseInt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<LooseInt, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let number = match &value {
            Value::Bool(truth) => Some(i64::from(*truth)),
            Value::Number(n) => n.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let wrong = || D::Error::custom(format!("expected a whole number, found {}", kind(&value)));
        number.map(LooseInt).ok_or_else(wrong)
    }
}

fn one_of(types: [Type; 2], description: &str) -> RefOr<Schema> {
    let [first, second] = types.map(|schema_type| ObjectBuilder::new().schema_type(schema_type));
    OneOfBuilder::new().item(first).item(second).description(Some(description)).into()
}

impl PartialSchema for LooseId {
    fn schema() -> RefOr<Schema> {
        one_of([Type::String, Type::Integer], "An id as text or as a whole number; 9999 and \"9999\" are the same.")
    }
}

impl ToSchema for LooseId {}

impl PartialSchema for AnyOf {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new()
            .item(LooseId::schema())
            .item(Array::new(LooseId::schema()))
            .description(Some("One value, or a list of values of which any will do."))
            .into()
    }
}

impl ToSchema for AnyOf {}

impl PartialSchema for LooseInt {
    fn schema() -> RefOr<Schema> {
        one_of([Type::Integer, Type::String], "A whole number, also as text.")
    }
}

impl ToSchema for LooseInt {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_text_or_numbers() {
        let id = |value: Value| serde_json::from_value::<LooseId>(value).map_err(|e| e.to_string());
        assert_eq!(id(json!("9999")), id(json!(9999)));
        assert_eq!(id(json!(0)).unwrap(), LooseId::from("0"));
        assert_eq!(id(json!(0)).unwrap().party(), Some(0));
        assert_eq!(id(json!("guest")).unwrap().party(), None);
        assert_eq!(id(json!({"a": 1})).unwrap_err(), "expected a text or a whole number, found an object");
        // Job ids have more than 53 bits: a number that lost digits is refused.
        let long = serde_json::from_str::<LooseId>("202611212240531266170");
        assert!(long.unwrap_err().to_string().contains("a number with a fraction"));
        assert_eq!(serde_json::to_value(LooseId::from("9999")).unwrap(), json!("9999"));
    }

    #[test]
    fn one_value_is_a_list_of_one() {
        let any = |value: Value| serde_json::from_value::<AnyOf>(value).map(|any| any.texts());
        assert_eq!(any(json!("success")).unwrap(), ["success"]);
        assert_eq!(any(json!([9999, "10000"])).unwrap(), ["9999", "10000"]);
        assert_eq!(any(json!([])).unwrap(), Vec::<String>::new());
        assert!(any(json!([[1]])).is_err());
    }

    #[test]
    fn whole_numbers_come_in_many_clothes() {
        let int = |value: Value| serde_json::from_value::<LooseInt>(value).map(|int| int.0);
        assert_eq!(int(json!(-1)).unwrap(), -1);
        assert_eq!(int(json!("10")).unwrap(), 10);
        assert_eq!(int(json!(true)).unwrap(), 1);
        assert!(int(json!("ten")).is_err());
        assert!(int(json!(1.5)).is_err());
    }
}
