//! The component `label_correlation`: how well each column of each party goes together with the guest's label. Hosts
//! never see the label, and the guest never sees a row of a host. This file says what the component is and writes
//! what it found. Not for: the protocol (`protocol`), the arithmetic (`numbers`).

mod numbers;
mod protocol;
#[cfg(test)]
mod tests;

use parcae_sdk::{
    Column, Component, Description, Frame, Module, Port, PortKind, Result, Role, Task, info,
    metrics::{self, Point, Scalar},
    parameters::{boolean, integer, object},
    tables::{Meaning, Values},
    texts,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The component.
pub struct LabelCorrelation;

parcae_sdk::component!(LabelCorrelation);

/// The parameters, as the schema says them.
#[derive(Deserialize)]
pub struct Parameters {
    /// Length of the guest's key.
    pub key_bits: u32,
    /// Hosts give numbers rather than names of their columns.
    pub anonymous: bool,
}

/// What was found of one column.
pub struct Correlation {
    /// Party and column: `host_10000.x0`.
    pub name: String,
    /// Pearson's correlation with the label.
    pub value: f64,
}

impl Correlation {
    /// Rounding of encrypted numbers may lead a hair beyond 1.
    pub fn new(party: &str, column: &str, value: f64) -> Correlation {
        Correlation { name: format!("{party}.{column}"), value: value.clamp(-1.0, 1.0) }
    }
}

impl Component for LabelCorrelation {
    fn description() -> Description {
        let port = |help: &str, optional| Port {
            name: "data".into(),
            kind: PortKind::Data,
            optional,
            many: false,
            help: help.into(),
        };
        let module = Module {
            name: "LabelCorrelation".into(),
            aliases: Vec::new(),
            summary: "Correlation of every column with the guest's label, under encryption.".into(),
            roles: vec![Role::Guest, Role::Host],
            needs: vec![Role::Guest, Role::Host],
            inputs: vec![port("Common rows of the parties; the guest's with a label.", false)],
            outputs: vec![port("One row a column: its correlation; empty at hosts.", true)],
            parameters: parameter_schema().to_string(),
            grants: Vec::new(),
        };
        Description {
            name: "label_correlation".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            licence: "Apache-2.0".into(),
            summary: "Private correlations between a label and columns of other parties.".into(),
            modules: vec![module],
        }
    }

    fn run(_module: &str, task: &Task) -> Result<()> {
        let parameters: Parameters = task.parameters()?;
        let frame = Frame::read(&task.input("data")?)?;
        let found = match task.me.role {
            Role::Guest => protocol::guest(task, &frame, &parameters)?,
            _ => protocol::host(task, &frame, &parameters).map(|()| Vec::new())?,
        };
        write(&found)?;
        if task.me.role == Role::Guest { report(found) } else { Ok(()) }
    }
}

fn parameter_schema() -> Value {
    let mut key_bits = integer(1024, 4096, 2048, "length of the key that the label is encrypted with");
    key_bits["multipleOf"] = json!(256);
    object([("key_bits", key_bits), ("anonymous", boolean(true, "hosts number their columns rather than naming them"))])
}

fn write(found: &[Correlation]) -> Result<()> {
    let names = Values::Text(texts(found.iter().map(|c| c.name.as_str())));
    let values = Values::Float64(found.iter().map(|c| c.value).collect());
    let columns = vec![Column::new("column", Meaning::Id, names), Column::new("correlation", Meaning::Other, values)];
    Frame::new(columns).write("data")?;
    Ok(())
}

fn report(mut found: Vec<Correlation>) -> Result<()> {
    found.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
    let point = |c: &Correlation| Point { key: Scalar::Text(c.name.clone()), value: Scalar::Number(c.value) };
    metrics::append("correlation", "label", &found.iter().map(point).collect::<Vec<_>>())?;
    let extra = json!({ "unit_name": "column", "curve_name": "label" });
    metrics::describe("correlation", "label", "LABEL_CORRELATION", &extra.to_string())?;
    let all: Map<String, Value> = found.iter().map(|c| (c.name.clone(), json!(c.value))).collect();
    metrics::summary(&json!({ "correlation": all }).to_string())?;
    if let Some(best) = found.first() {
        info!("{} columns; the strongest is {} with {:.4}", found.len(), best.name, best.value);
    }
    Ok(())
}
