//! The component `Reader`: passes a table of the tenant into a job, without copying it, and tells what is in it. Not for:
//! giving columns types; that is DataTransform's.

mod info;

use parcae_sdk::{
    Component, Description, Error, Failure, FailureKind, Grant, Module, Port, PortKind, Result, Role, Task, info,
    input_error, metrics,
    parameters::{any, object},
    site,
    tables::{self, Table},
};
use serde_json::{Value, json};

use crate::info::{Info, SAMPLED_ROWS};

/// The component.
pub struct Reader;

parcae_sdk::component!(Reader);

impl Component for Reader {
    fn description() -> Description {
        let output =
            Port { name: "data".into(), kind: PortKind::Data, optional: false, many: false, help: "The table.".into() };
        let module = Module {
            name: "Reader".into(),
            aliases: Vec::new(),
            summary: "Reads a table by namespace and name; each party its own.".into(),
            roles: vec![Role::Guest, Role::Host],
            needs: vec![],
            inputs: Vec::new(),
            outputs: vec![output],
            parameters: parameter_schema().to_string(),
            grants: vec![Grant::OpenTable.into()],
        };
        Description {
            name: "reader".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            licence: "Apache-2.0".into(),
            summary: "Passes tables into jobs.".into(),
            modules: vec![module],
        }
    }

    fn run(_module: &str, task: &Task) -> Result<()> {
        let wanted = wanted(&task.component, &task.parameters::<Value>()?)?;
        let table = wanted.open()?;
        let (namespace, name) = wanted.names();
        let rows = table.rows();
        if rows == 0 {
            let component = &task.component;
            return Err(input_error(format!(
                "{component}: table {namespace}.{name} is empty; upload data into it first"
            )));
        }
        tables::forward("data", &table)?;
        info!("{rows} rows of table {namespace}.{name}");
        report(task, &namespace, &name, &table)
    }
}

fn parameter_schema() -> Value {
    let table = json!({
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": {
            "namespace": { "type": "string", "description": "namespace of the table" },
            "name": { "type": "string", "description": "name of the table" },
            "job_id": { "type": "string", "description": "the job whose output is read, rather than a named table" },
            "component_name": { "type": "string", "description": "component of that job" },
            "data_name": { "type": "string", "description": "output of that component" },
        },
    });
    object([(
        "table",
        any(
            table,
            Value::Null,
            "the table: {\"namespace\": ..., \"name\": ...}; give it to each party by role and index",
        ),
    )])
}

/// The table that the parameters ask for.
#[derive(Debug, PartialEq)]
enum Wanted {
    /// Under its namespace and name.
    Named(String, String),
    /// As an output of a job: its id, component and name of the output.
    Output(String, String, String),
}

impl Wanted {
    fn open(&self) -> Result<Table> {
        let opened = match self {
            Wanted::Named(namespace, name) => site::open_table(namespace, name),
            Wanted::Output(job, component, data) => site::open_output(job, component, data),
        };
        opened.map_err(|error| match error {
            // Its owner may upload it before the next try.
            Error::NotFound(message) => Failure { kind: FailureKind::Transient, message },
            other => other.into(),
        })
    }

    /// Namespace and name, for people.
    fn names(&self) -> (String, String) {
        match self {
            Wanted::Named(namespace, name) => (namespace.clone(), name.clone()),
            Wanted::Output(job, component, data) => (format!("output_data_{job}_{component}"), data.clone()),
        }
    }
}

fn wanted(component: &str, parameters: &Value) -> Result<Wanted> {
    let table = &parameters["table"];
    let text = |name: &str| match &table[name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let (namespace, name) = (text("namespace"), text("name"));
    let (job, of, data) = (text("job_id"), text("component_name"), text("data_name"));
    let problem = if !namespace.is_empty() && !name.is_empty() {
        return Ok(Wanted::Named(namespace, name));
    } else if !job.is_empty() && !of.is_empty() && !data.is_empty() {
        return Ok(Wanted::Output(job, of, data));
    } else if !job.is_empty() {
        "parameter table needs component_name and data_name beside job_id"
    } else if table.is_null() {
        "no table is given for this party: set parameter table under component_parameters.role for its role and index"
    } else {
        "parameter table needs both namespace and name"
    };
    Err(input_error(format!("{component}: {problem}")))
}

fn report(task: &Task, namespace: &str, name: &str, table: &Table) -> Result<()> {
    let schema = table.schema();
    let read = info::columns_to_read(&schema);
    let prefix = format!("{}_{}", task.me.role, task.me.id);
    let found = match table.pages() {
        0 => Info::default(),
        _ => Info::of(&schema, &read, &table.read_page(0, &read)?, &prefix, SAMPLED_ROWS),
    };
    let extra = json!({
        "name": "reader",
        "table_name": name,
        "namespace": namespace,
        "table_info": found.samples,
        "anonymous_info": found.anonymous,
        "attribute_info": found.attributes,
        "partitions": table.partitions(),
        "storage_engine": "PARCAE",
        "count": table.rows(),
    });
    Ok(metrics::describe("reader_namespace", "reader_name", "data_info", &extra.to_string())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_found_by_name() {
        let given = json!({ "table": { "namespace": "experiment", "name": "breast" } });
        assert_eq!(wanted("reader_0", &given).unwrap(), Wanted::Named("experiment".into(), "breast".into()));
        let output = json!({ "table": { "job_id": "1", "component_name": "a", "data_name": "data" } });
        assert_eq!(wanted("reader_0", &output).unwrap(), Wanted::Output("1".into(), "a".into(), "data".into()));
    }

    #[test]
    fn missing_tables_are_explained() {
        let message = |given| wanted("reader_0", &given).unwrap_err().message;
        assert!(message(json!({})).contains("reader_0: no table is given for this party"));
        assert!(message(json!({ "table": { "name": "t" } })).contains("needs both"));
        assert!(message(json!({ "table": { "job_id": "1" } })).contains("component_name and data_name"));
    }
}
