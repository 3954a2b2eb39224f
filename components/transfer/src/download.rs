//! The module `Download`: writes a table as text to a file on the site's disk. Which folders may be written to is the node's
//! to know. Not for: how the text looks (`layout`).

use parcae_sdk::{
    Export, Grant, Module, Result, Role, Task, Text, info, input_error, metrics,
    parameters::{object, or_null, text},
    site,
    tables::{Schema, Table, Values},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::layout::{Layout, raw_column};

/// The module's name in a DSL.
pub const NAME: &str = "Download";

/// The module's description.
pub fn module() -> Module {
    Module {
        name: NAME.into(),
        aliases: Vec::new(),
        summary: "Writes a table as CSV to a file of the site, below the folders that its operator allows.".into(),
        roles: vec![Role::Local],
        needs: vec![Role::Local],
        inputs: Vec::new(),
        outputs: Vec::new(),
        parameters: schema().to_string(),
        grants: vec![Grant::OpenTable.into(), Grant::ExportFile.into()],
    }
}

fn schema() -> Value {
    let delimiter = json!({
        "type": "string", "minLength": 1,
        "description": "what separates the columns; as the table was uploaded when absent",
    });
    object([
        ("namespace", text("", "namespace of the table; needed")),
        ("name", text("", "name of the table; needed")),
        ("table_name", text("", "the same as name")),
        ("output_path", text("", "path of the file on the server, which must not be there; needed")),
        ("delimiter", or_null(delimiter)),
    ])
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Parameters {
    namespace: String,
    name: String,
    table_name: String,
    output_path: String,
    delimiter: Option<String>,
}

impl Parameters {
    fn checked(mut self, component: &str) -> Result<Parameters> {
        if self.name.is_empty() {
            self.name = std::mem::take(&mut self.table_name);
        }
        let needed = [("namespace", &self.namespace), ("name", &self.name), ("output_path", &self.output_path)];
        let missing = needed.into_iter().find(|(_, value)| value.is_empty()).map(|(what, _)| what);
        match missing {
            Some(what) => {
                Err(input_error(format!("{component}: parameter {what} is empty; say which table goes where")))
            }
            None if self.delimiter.as_ref().is_some_and(|text| text.contains(['\r', '\n'])) => {
                Err(input_error(format!("{component}: delimiter holds a line end, which separates the rows")))
            }
            None => Ok(self),
        }
    }
}

/// Runs an attempt.
pub fn run(task: &Task) -> Result<()> {
    let wanted = task.parameters::<Parameters>()?.checked(&task.component)?;
    let table = site::open_table(&wanted.namespace, &wanted.name)?;
    let schema = table.schema();
    let first = first_line(&table, &schema)?;
    let layout = Layout::of(&schema, first.as_deref(), wanted.delimiter.as_deref());
    let mut file = Export::begin(&wanted.output_path)?;
    write(&table, &layout, &mut file)?;
    file.finish()?;
    let rows = table.rows();
    info!("{rows} rows of table {}.{} in file {}", wanted.namespace, wanted.name, wanted.output_path);
    report(&wanted, rows)
}

/// The stored line of the first row of a table that is not parsed.
fn first_line(table: &Table, schema: &Schema) -> Result<Option<String>> {
    let Some(raw) = raw_column(schema).filter(|_| table.pages() > 0) else { return Ok(None) };
    let page = table.read_page(0, &[raw as u32])?;
    Ok(match page.columns.first().map(|column| &column.values) {
        Some(Values::Text(lines)) if lines.count() > 0 => Some(lines.at(0).to_owned()),
        _ => None,
    })
}

fn write(table: &Table, layout: &Layout, file: &mut Export) -> Result<()> {
    let (mut line, mut done, rows) = (String::new(), 0, table.rows());
    layout.push_header(&mut line);
    file.write(line.as_bytes())?;
    for index in 0..table.pages() {
        let page = table.read_page(index, &[])?;
        for row in 0..page.rows as usize {
            line.clear();
            layout.push_row(&page, row, &mut line)?;
            file.write(line.as_bytes())?;
        }
        done += u64::from(page.rows);
        metrics::progress(done, rows, "rows");
    }
    Ok(())
}

fn report(wanted: &Parameters, rows: u64) -> Result<()> {
    let count =
        metrics::Point { key: metrics::Scalar::Text("count".into()), value: metrics::Scalar::Number(rows as f64) };
    metrics::append("download", "data_access", &[count])?;
    metrics::describe("download", "data_access", "DOWNLOAD", &json!({ "name": "download" }).to_string())?;
    let summary = json!({
        "table_name": wanted.name,
        "namespace": wanted.namespace,
        "output_path": wanted.output_path,
        "count": rows,
    });
    Ok(metrics::summary(&summary.to_string())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let message = |given: Value| {
            let parameters: Parameters = serde_json::from_value(given).unwrap();
            parameters.checked("download_0").map_err(|failure| failure.message)
        };
        assert!(message(json!({ "namespace": "n", "table_name": "t" })).unwrap_err().contains("output_path is empty"));
        assert!(message(json!({ "name": "t", "output_path": "x" })).unwrap_err().contains("namespace is empty"));
        let good = json!({ "namespace": "n", "table_name": "t", "output_path": "x", "delimiter": null });
        assert_eq!(message(good).unwrap().name, "t");
    }

    #[test]
    fn every_parameter_has_a_default() {
        let schema = schema();
        let properties = schema["properties"].as_object().unwrap();
        assert!(properties.values().all(|parameter| parameter.get("default").is_some()));
    }
}
