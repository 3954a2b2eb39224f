//! The parameters of Upload: their JSON Schema, and what they come to. Not for: the entries of `meta`, see `meta`.

use parcae_sdk::{
    Result, input_error,
    parameters::{any, integer, object, or_null, text},
    warning,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// JSON Schema of the parameters.
pub fn schema() -> Value {
    let flag = |help: &str| any(json!({ "type": ["boolean", "integer"] }), json!(false), help);
    let open = |help: &str| any(json!({ "type": "object" }), json!({}), help);
    let delimiter = json!({ "type": "string", "minLength": 1 });
    let address = json!({ "type": "object", "description": "accepted for compatibility and ignored" });
    object([
        (
            "file",
            text("", "path of the file at the client or on the server; only for display, the node hands the file over"),
        ),
        (
            "head",
            any(
                json!({ "enum": [0, 1, false, true] }),
                json!(1),
                "1 = the first line names the columns, 0 = there is no such line",
            ),
        ),
        ("partition", integer(1, 1023, 10, "number of partitions of the table")),
        (
            "id_delimiter",
            any(
                delimiter,
                json!(","),
                "what separates the columns; meta.delimiter goes before it when with_meta is on",
            ),
        ),
        ("namespace", text("", "namespace of the table; needed")),
        ("name", text("", "name of the table; needed")),
        ("table_name", text("", "the same as name")),
        ("destroy", flag("replace a table of that name")),
        ("drop", flag("the same as destroy")),
        ("extend_sid", flag("make a key for each row; the whole line becomes its value")),
        ("auto_increasing_sid", flag("with extend_sid: keys count from 0 instead of being unique texts")),
        ("with_meta", flag("record what the columns mean, as meta says; DataTransform then follows it")),
        (
            "meta",
            open(
                "delimiter, input_format, tag_with_value, tag_value_delimiter, with_match_id, id_list, id_range, exclusive_data_type, data_type, with_label, label_name, label_type",
            ),
        ),
        ("schema", open("further entries for the recorded schema")),
        ("block_size", any(json!({ "type": "integer" }), json!(1), "accepted for compatibility and ignored")),
        ("storage_engine", text("", "accepted for compatibility and ignored")),
        ("storage_address", or_null(address)),
    ])
}

#[derive(Deserialize)]
#[serde(default)]
struct Given {
    head: Value,
    partition: u32,
    id_delimiter: String,
    namespace: String,
    name: String,
    table_name: String,
    destroy: Value,
    drop: Value,
    extend_sid: Value,
    auto_increasing_sid: Value,
    with_meta: Value,
    meta: Map<String, Value>,
    schema: Map<String, Value>,
    storage_engine: String,
}

impl Default for Given {
    fn default() -> Given {
        Given {
            head: json!(1),
            partition: 10,
            id_delimiter: ",".to_owned(),
            namespace: String::new(),
            name: String::new(),
            table_name: String::new(),
            destroy: json!(false),
            drop: json!(false),
            extend_sid: json!(false),
            auto_increasing_sid: json!(false),
            with_meta: json!(false),
            meta: Map::new(),
            schema: Map::new(),
            storage_engine: String::new(),
        }
    }
}

/// What an upload was asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Given")]
pub struct Parameters {
    /// The first line names the columns.
    pub head: bool,
    /// Partitions of the table.
    pub partition: u32,
    /// Separates the columns.
    pub id_delimiter: String,
    /// Namespace of the table.
    pub namespace: String,
    /// Name of the table.
    pub name: String,
    /// Replace a table of that name.
    pub replace: bool,
    /// Make keys.
    pub extend_sid: bool,
    /// Made keys are counted.
    pub auto_increasing_sid: bool,
    /// `meta` counts.
    pub with_meta: bool,
    /// What the columns mean, as given.
    pub meta: Map<String, Value>,
    /// Further entries of the recorded schema.
    pub schema: Map<String, Value>,
    /// Where FATE would store the table.
    pub storage_engine: String,
}

impl From<Given> for Parameters {
    fn from(given: Given) -> Parameters {
        Parameters {
            head: truth(&given.head),
            partition: given.partition,
            id_delimiter: given.id_delimiter,
            namespace: given.namespace,
            name: if given.name.is_empty() { given.table_name } else { given.name },
            replace: truth(&given.destroy) || truth(&given.drop),
            extend_sid: truth(&given.extend_sid),
            auto_increasing_sid: truth(&given.auto_increasing_sid),
            with_meta: truth(&given.with_meta),
            meta: given.meta,
            schema: given.schema,
            storage_engine: given.storage_engine,
        }
    }
}

impl Parameters {
    /// What separates the columns: `meta.delimiter` goes before `id_delimiter`.
    pub fn delimiter(&self) -> &str {
        let of_meta = self.meta.get("delimiter").and_then(Value::as_str).filter(|_| self.with_meta);
        of_meta.unwrap_or(&self.id_delimiter)
    }

    /// The same, or an error when they cannot work.
    pub fn checked(self, component: &str) -> Result<Parameters> {
        for (what, value) in [("namespace", &self.namespace), ("name", &self.name)] {
            if value.is_empty() {
                return Err(input_error(format!("{component}: parameter {what} is empty; say which table to make")));
            }
        }
        if !(1..=1023).contains(&self.partition) {
            let n = self.partition;
            return Err(input_error(format!("{component}: partition is {n}; give a number from 1 to 1023")));
        }
        if !self.storage_engine.is_empty() {
            warning!("storage_engine {} is ignored: tables are stored by the node", self.storage_engine);
        }
        if self.auto_increasing_sid && !self.extend_sid {
            warning!("auto_increasing_sid does nothing without extend_sid");
        }
        Ok(self)
    }
}

/// A flag as FATE's clients write it: true, or a number above 0.
pub fn truth(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64().is_some_and(|n| n > 0.0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_forms_are_read() {
        let given = json!({ "head": true, "partition": 8, "namespace": "experiment", "table_name": "t", "drop": 1, "extend_sid": 0 });
        let p: Parameters = serde_json::from_value(given).unwrap();
        assert!(p.head && p.replace && !p.extend_sid);
        assert_eq!((p.name.as_str(), p.partition, p.id_delimiter.as_str()), ("t", 8, ","));
        assert!(p.checked("upload_0").is_ok());
    }

    #[test]
    fn a_table_needs_a_name() {
        let p: Parameters = serde_json::from_value(json!({ "namespace": "experiment" })).unwrap();
        assert!(p.checked("upload_0").unwrap_err().message.contains("parameter name is empty"));
    }

    #[test]
    fn every_parameter_has_a_default() {
        let schema = schema();
        let properties = schema["properties"].as_object().unwrap();
        assert!(properties.values().all(|p| p.get("default").is_some()));
    }
}
