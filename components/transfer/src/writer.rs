//! The module `Writer`: copies a table of the tenant, rows and schema, to another name. Not for: stores outside the node.

use parcae_sdk::{
    Grant, Module, Result, Role, Task, info, input_error, metrics,
    parameters::{any, object, text},
    site,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The module's name in a DSL.
pub const NAME: &str = "Writer";

/// The module's description.
pub fn module() -> Module {
    Module {
        name: NAME.into(),
        aliases: Vec::new(),
        summary: "Copies a table to another namespace and name.".into(),
        roles: vec![Role::Local],
        needs: vec![Role::Local],
        inputs: Vec::new(),
        outputs: Vec::new(),
        parameters: schema().to_string(),
        grants: vec![Grant::OpenTable.into(), Grant::PublishTable.into()],
    }
}

fn schema() -> Value {
    object([
        ("namespace", text("", "namespace of the table; needed")),
        ("name", text("", "name of the table; needed")),
        ("table_name", text("", "the same as name")),
        ("output_namespace", text("", "namespace of the copy; needed")),
        ("output_name", text("", "name of the copy; needed")),
        ("drop", any(json!({ "type": ["boolean", "integer"] }), json!(false), "replace a table of the copy's name")),
    ])
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Parameters {
    namespace: String,
    name: String,
    table_name: String,
    output_namespace: String,
    output_name: String,
    drop: Value,
}

impl Parameters {
    fn checked(mut self, component: &str) -> Result<Parameters> {
        if self.name.is_empty() {
            self.name = std::mem::take(&mut self.table_name);
        }
        let needed = [
            ("namespace", &self.namespace),
            ("name", &self.name),
            ("output_namespace", &self.output_namespace),
            ("output_name", &self.output_name),
        ];
        let missing = needed.into_iter().find(|(_, value)| value.is_empty()).map(|(what, _)| what);
        match missing {
            Some(what) => {
                Err(input_error(format!("{component}: parameter {what} is empty; say which table gets which new name")))
            }
            None => Ok(self),
        }
    }

    /// A table of the copy's name is replaced.
    fn replaces(&self) -> bool {
        match &self.drop {
            Value::Bool(flag) => *flag,
            other => other.as_f64().is_some_and(|number| number > 0.0),
        }
    }
}

/// Runs an attempt.
pub fn run(task: &Task) -> Result<()> {
    let wanted = task.parameters::<Parameters>()?.checked(&task.component)?;
    let table = site::open_table(&wanted.namespace, &wanted.name)?;
    let (namespace, name) = (wanted.output_namespace.as_str(), wanted.output_name.as_str());
    let copy = site::publish_table(namespace, name, &table.schema(), table.partitions(), wanted.replaces())?;
    let (mut done, rows) = (0, table.rows());
    for index in 0..table.pages() {
        let page = table.read_page(index, &[])?;
        copy.append(&page)?;
        done += u64::from(page.rows);
        metrics::progress(done, rows, "rows");
    }
    let rows = copy.finish()?;
    info!("{rows} rows of table {}.{} in table {namespace}.{name}", wanted.namespace, wanted.name);
    let count =
        metrics::Point { key: metrics::Scalar::Text("count".into()), value: metrics::Scalar::Number(rows as f64) };
    metrics::append("writer", "data_access", &[count])?;
    metrics::describe("writer", "data_access", "WRITER", &json!({ "name": "writer" }).to_string())?;
    Ok(metrics::summary(&json!({ "table_name": name, "namespace": namespace, "count": rows }).to_string())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_names_are_needed_and_drop_is_any_flag() {
        let read = |given: Value| serde_json::from_value::<Parameters>(given).unwrap().checked("writer_0");
        let given = |drop: Value| json!({ "namespace": "n", "table_name": "t", "output_namespace": "m", "output_name": "u", "drop": drop });
        let replaces = |drop: Value| read(given(drop)).unwrap().replaces();
        assert_eq!([json!(1), json!(true), json!(0), json!(false)].map(replaces), [true, true, false, false]);
        let message = read(json!({ "namespace": "n", "name": "t" })).unwrap_err().message;
        assert!(message.contains("writer_0: parameter output_namespace is empty"), "{message}");
    }

    #[test]
    fn every_parameter_has_a_default() {
        let schema = schema();
        let properties = schema["properties"].as_object().unwrap();
        assert!(properties.values().all(|parameter| parameter.get("default").is_some()));
    }
}
