//! Module `Evaluation`: measures predictions against labels and tells the result as FATE's metrics, curves, tables and
//! summary. Only the guest party has labels and computes; the other roles return at once. Not for: drawing curves.
//!
//! `predictions` reads tables, `ranked`, `curve`, `grid`, `psi`, `multi` and `regression` hold the mathematics, `evaluate`
//! decides what is measured on which rows, `report` gives the results FATE's names.

mod curve;
mod describe;
mod detail;
mod evaluate;
mod grid;
mod metric;
mod multi;
mod params;
mod predictions;
mod psi;
mod ranked;
mod regression;
mod report;

use parcae_sdk::{
    Component, Description, Frame, Result, Role, Task, info, input_error,
    metrics::{self, Point, Scalar},
    warning,
};

use crate::{
    params::Params,
    report::{Key, Report, Series},
};

/// The component.
pub struct Evaluation;

impl Component for Evaluation {
    fn description() -> Description {
        describe::description()
    }

    fn run(_module: &str, task: &Task) -> Result<()> {
        if task.me.role != Role::Guest {
            info!("the guest evaluates: nothing to do here");
            return Ok(());
        }
        let params: Params = task.parameters()?;
        if !params.need_run {
            info!("need_run is false: nothing is evaluated");
            return Ok(());
        }
        let settings = params.settings()?;
        let tables = task.inputs("data")?;
        let name = &task.component;
        if tables.is_empty() {
            return Err(input_error(format!(
                "{name}: nothing is connected to input data: connect the output of a model"
            )));
        }
        let mut report = Report::default();
        let mut producers: Vec<String> = Vec::new();
        for (index, table) in tables.iter().enumerate() {
            let frame = Frame::read(table)?;
            let producer = producer(&frame, index, &producers);
            evaluate::table(&mut report, &settings, &producer, &frame)?;
            producers.push(producer);
            metrics::progress(index as u64 + 1, tables.len() as u64, "tables");
        }
        for text in &report.warnings {
            warning!("{text}");
        }
        if report.series.is_empty() {
            return Err(input_error(format!("{name}: no row of {} can be evaluated", producers.join(", "))));
        }
        for series in &report.series {
            emit(series)?;
            if series.metric_type == "EVALUATION_SUMMARY" {
                info!("{}, {}: {}", series.name, series.namespace, words(series));
            }
        }
        Ok(metrics::summary(&report.summary().to_string())?)
    }
}

/// Name of the component that made a table: metrics are told under it. A second table of one component gets the number of
/// the input behind it.
fn producer(frame: &Frame, index: usize, before: &[String]) -> String {
    let known = frame.extra.get("producer").and_then(|value| value.as_str()).filter(|name| !name.is_empty());
    let name = known.map_or_else(|| format!("data_{index}"), str::to_owned);
    if before.contains(&name) { format!("{name}_{index}") } else { name }
}

/// Single values for the log: `auc 0.98, ks 0.9`.
fn words(series: &Series) -> String {
    let word = |key: &Key| match key {
        Key::Number(number) => number.to_string(),
        Key::Text(text) => text.clone(),
    };
    let all: Vec<String> = series.points.iter().map(|(k, value)| format!("{} {value}", word(k))).collect();
    all.join(", ")
}

fn emit(series: &Series) -> Result<()> {
    let (namespace, name) = (&series.namespace, &series.name);
    let extra = serde_json::Value::Object(series.extra.clone()).to_string();
    metrics::describe(namespace, name, &series.metric_type, &extra)?;
    if series.points.is_empty() {
        return Ok(());
    }
    let key = |key: &Key| match key {
        Key::Number(number) => Scalar::Number(*number),
        Key::Text(text) => Scalar::Text(text.clone()),
    };
    let points = series.points.iter().map(|(k, value)| Point { key: key(k), value: Scalar::Number(*value) });
    Ok(metrics::append(namespace, name, &points.collect::<Vec<_>>())?)
}

parcae_sdk::component!(Evaluation);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_named_after_their_producers() {
        let mut frame = Frame::new(Vec::new());
        assert_eq!(producer(&frame, 3, &[]), "data_3");
        frame.extra.insert("producer".to_owned(), "hetero_lr_0".into());
        assert_eq!(producer(&frame, 0, &[]), "hetero_lr_0");
        assert_eq!(producer(&frame, 1, &["hetero_lr_0".to_owned()]), "hetero_lr_0_1");
    }
}
