//! The jobs that take tables out of a node, copy them, and load files of its machine: their DSL and conf, out of the flat
//! configs of `data/download`, `data/writer` and `table/bind`. Not for: uploads (`upload`), which files may be touched.

use serde_json::{Value, json};

use crate::{
    fault::{Collector, Fault, Faults},
    read::{Object, expect_object, found, party_id},
    upload::upload_job,
};

/// Component of the job that loads a bound file; a table that it makes is a bound one.
pub const BIND_COMPONENT: &str = "table_bind_0";

/// The DSL and the conf of the job that writes a table to a file.
///
/// # Errors
///
/// What is missing (`table_name`, `namespace`, `output_path`) and what is not of its type, all at once.
pub fn download_job(config: &Value) -> Result<(Value, Value), Faults> {
    local_job(config, "download_0", "Download", |reading| {
        reading.table();
        reading.text("output_path", true);
        reading.text("delimiter", false);
    })
}

/// The DSL and the conf of the job that copies a table.
///
/// # Errors
///
/// What is missing (`table_name`, `namespace`, `output_name`, `output_namespace`) and what is not of its type, all at once.
pub fn writer_job(config: &Value) -> Result<(Value, Value), Faults> {
    local_job(config, "writer_0", "Writer", |reading| {
        reading.table();
        reading.text("output_namespace", true);
        reading.text("output_name", true);
        reading.switch("drop");
    })
}

/// The DSL and the conf of the job that loads a bound file: an upload (the config is one), with the file's address among its
/// parameters.
///
/// # Errors
///
/// Those of an upload.
pub fn bind_job(config: &Value, address: &Value) -> Result<(Value, Value), Faults> {
    let (_, mut conf) = upload_job(config).map_err(|mut faults| {
        // The user asked for no component.
        faults.list.iter_mut().for_each(|fault| fault.component = None);
        faults
    })?;
    if let Some(Value::Object(components)) = conf.pointer_mut("/component_parameters/role/local/0")
        && let Some(mut parameters) = components.remove("upload_0")
    {
        parameters["storage_address"] = address.clone();
        components.insert(BIND_COMPONENT.into(), parameters);
    }
    Ok((json!({"components": {BIND_COMPONENT: {"module": "Upload"}}}), conf))
}

/// A job of one component at the node itself.
fn local_job(
    config: &Value,
    component: &'static str,
    module: &str,
    read: impl FnOnce(&mut Reading<'_>),
) -> Result<(Value, Value), Faults> {
    let mut faults = Collector::default();
    let Some(config) = expect_object(config, "config", None, &mut faults) else { return Err(faults.into_faults()) };
    let mut reading = Reading { component, config, parameters: Object::new(), faults };
    read(&mut reading);
    let party = reading.party();
    let Reading { parameters, faults, .. } = reading;
    faults.finish()?;
    let dsl = json!({"components": {component: {"module": module}}});
    let conf = json!({
        "dsl_version": 2,
        "initiator": {"role": "local", "party_id": party},
        "role": {"local": [party]},
        "job_parameters": {"common": {"federated_mode": "SINGLE"}},
        "component_parameters": {"role": {"local": {"0": {component: parameters}}}}
    });
    Ok((dsl, conf))
}

/// A config while it becomes parameters.
struct Reading<'a> {
    component: &'static str,
    config: &'a Object,
    parameters: Object,
    faults: Collector,
}

impl<'a> Reading<'a> {
    fn given(&self, key: &str) -> Option<&'a Value> {
        self.config.get(key).filter(|value| !value.is_null())
    }

    fn wrong(&mut self, key: &str, message: String) {
        self.faults.push(Fault::new(Some(self.component), key, message));
    }

    /// Namespace and name of the table; `name` is another name of `table_name`.
    fn table(&mut self) {
        self.text("namespace", true);
        let other = self.given("table_name").is_none() && self.given("name").is_some();
        self.text_as(if other { "name" } else { "table_name" }, "name", true);
    }

    fn text(&mut self, key: &str, needed: bool) {
        self.text_as(key, key, needed);
    }

    fn text_as(&mut self, key: &str, parameter: &str, needed: bool) {
        match self.given(key) {
            None if needed => self.wrong(key, "missing: expected text".to_owned()),
            None => {}
            Some(Value::String(text)) if !text.is_empty() => {
                self.parameters.insert(parameter.to_owned(), text.as_str().into());
            }
            Some(other) => self.wrong(key, format!("expected text, not empty, found {}", found(other))),
        }
    }

    fn switch(&mut self, key: &str) {
        let Some(value) = self.given(key) else { return };
        let on = match value {
            Value::Bool(on) => Some(*on),
            other => other.as_u64().filter(|number| *number <= 1).map(|number| number == 1),
        };
        match on {
            Some(on) => drop(self.parameters.insert(key.to_owned(), on.into())),
            None => self.wrong(key, format!("expected true or false, or 1 or 0, found {}", found(value))),
        }
    }

    /// The party of the role `local`; 0 unless the config says otherwise.
    fn party(&mut self) -> u64 {
        let Some(value) = self.given("party_id") else { return 0 };
        let party = party_id(value);
        if party.is_none() {
            self.wrong("party_id", format!("expected party id, a whole number, found {}", found(value)));
        }
        party.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_is_a_job_of_the_node_itself() {
        let config = json!({"namespace": "n", "table_name": "t", "output_path": "/x.csv", "party_id": "7"});
        let (dsl, conf) = download_job(&config).unwrap();
        assert_eq!(dsl, json!({"components": {"download_0": {"module": "Download"}}}));
        let parameters = json!({"namespace": "n", "name": "t", "output_path": "/x.csv"});
        assert_eq!(conf["component_parameters"]["role"]["local"]["0"]["download_0"], parameters);
        assert_eq!((&conf["role"], &conf["initiator"]["party_id"]), (&json!({"local": [7]}), &json!(7)));
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let faults = writer_job(&json!({"name": "t", "namespace": 1, "drop": "yes"})).unwrap_err();
        let keys: Vec<&str> = faults.list.iter().map(|fault| fault.key.as_str()).collect();
        assert_eq!(keys, ["namespace", "output_namespace", "output_name", "drop"]);
        assert!(download_job(&Value::Null).is_err());
    }

    #[test]
    fn a_bound_file_is_loaded_by_an_upload_that_knows_its_address() {
        let config = json!({"namespace": "n", "table_name": "t", "file": "/x.csv", "head": 1, "partition": 4});
        let (dsl, conf) = bind_job(&config, &json!({"path": "/x.csv"})).unwrap();
        assert_eq!(dsl["components"][BIND_COMPONENT]["module"], "Upload");
        let parameters = &conf["component_parameters"]["role"]["local"]["0"][BIND_COMPONENT];
        assert_eq!((&parameters["name"], &parameters["storage_address"]["path"]), (&json!("t"), &json!("/x.csv")));
        let fault = bind_job(&json!({"namespace": "n", "table_name": "t", "head": 1, "partition": 0}), &Value::Null);
        assert!(fault.unwrap_err().to_string().starts_with("1. partition: expected integer"));
    }
}
