//! What came of a job, as tables for people and as JSON for machines. Not for: waiting for it (`watch`).

use std::collections::BTreeMap;

use parcae_api::{
    rows::TaskRow,
    tracking::{Metrics, Series},
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    client::{Client, ClientError},
    output::columns,
    watch::Ended,
};

/// Single figures and curves that are worth a line.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(crate) struct Quality {
    /// Figures by name: `auc`, `ks`, `accuracy`.
    pub(crate) figures: BTreeMap<String, f64>,
    /// Threshold at which the accuracy was taken.
    pub(crate) accuracy_threshold: Option<f64>,
    /// Loss by iteration.
    pub(crate) loss: Vec<f64>,
}

/// Status and seconds of each component at each party; components in the order of the job.
pub(crate) fn components(order: &[String], tasks: &[TaskRow]) -> String {
    let mut parties: Vec<(String, String)> = Vec::new();
    for task in tasks {
        let party = (task.f_role.clone(), task.f_party_id.clone());
        if !parties.contains(&party) {
            parties.push(party);
        }
    }
    let rank = |role: &str| role.parse::<parcae_domain::party::Role>().ok();
    parties.sort_by(|a, b| rank(&a.0).cmp(&rank(&b.0)).then_with(|| a.1.cmp(&b.1)));
    let head = parties.iter().map(|(role, id)| format!("{role} {id}"));
    let mut rows = vec![std::iter::once("component".to_owned()).chain(head).collect::<Vec<_>>()];
    for name in order {
        let cells = parties.iter().map(|party| {
            let of_party = |task: &&TaskRow| task.f_role == party.0 && task.f_party_id == party.1;
            tasks.iter().filter(|task| task.f_component_name == *name).find(of_party).map_or("-".to_owned(), cell)
        });
        rows.push(std::iter::once(name.clone()).chain(cells).collect());
    }
    columns(&rows)
}

fn cell(task: &TaskRow) -> String {
    match task.f_elapsed {
        Some(ms) => format!("{:<8} {:>6.1} s", task.f_party_status, seconds(ms)),
        None => task.f_party_status.clone(),
    }
}

fn seconds(ms: i64) -> f64 {
    // Precise enough for some thousand years.
    ms as f64 / 1e3
}

/// Figures of the job's evaluation at the initiator, and the loss of its training wherever it was logged.
pub(crate) fn quality(client: &Client, ended: &Ended) -> Result<Quality, ClientError> {
    let mut quality = Quality::default();
    let (role, party) = (&ended.job.f_initiator_role, &ended.job.f_initiator_party_id);
    for task in &ended.tasks {
        let is_initiators = task.f_role == *role && task.f_party_id == *party;
        let is_evaluation = task.f_component_module == "Evaluation";
        if task.f_party_status != "success" || (is_evaluation && !is_initiators) {
            continue;
        }
        let metrics = client.metrics(&task.f_job_id, &task.f_role, &task.f_party_id, &task.f_component_name)?;
        if is_evaluation {
            quality.take_evaluation(&metrics);
        } else {
            quality.take_loss(&metrics);
        }
    }
    Ok(quality)
}

impl Quality {
    fn take_evaluation(&mut self, metrics: &Metrics) {
        for series in metrics.values().flat_map(BTreeMap::values) {
            match metric_type(series) {
                "EVALUATION_SUMMARY" => {
                    let points = series.data.iter().filter_map(|(name, value)| Some((name.as_str()?, value.as_f64()?)));
                    self.figures.extend(points.map(|(name, value)| (name.to_owned(), value)));
                }
                "ACCURACY_EVALUATION" => {
                    if let Some((threshold, accuracy)) = accuracy_at_half(series) {
                        self.figures.entry("accuracy".to_owned()).or_insert(accuracy);
                        self.accuracy_threshold = Some(threshold);
                    }
                }
                _ => {}
            }
        }
    }

    fn take_loss(&mut self, metrics: &Metrics) {
        let series = metrics.values().flat_map(BTreeMap::values).find(|series| metric_type(series) == "LOSS");
        if let Some(series) = series.filter(|_| self.loss.is_empty()) {
            self.loss = series.data.iter().filter_map(|(_, value)| value.as_f64()).collect();
        }
    }

    /// As lines for people; empty when there is nothing to say.
    pub(crate) fn text(&self) -> String {
        let names = [("auc", "AUC"), ("ks", "KS"), ("accuracy", "accuracy")];
        let figures = names.iter().filter_map(|(key, name)| Some(format!("{name} {:.6}", self.figures.get(*key)?)));
        let mut lines = vec![figures.collect::<Vec<_>>().join("   ")];
        if let Some(threshold) = self.accuracy_threshold {
            lines[0].push_str(&format!(" (at threshold {threshold:.3})"));
        }
        if !self.loss.is_empty() {
            let points: Vec<_> = self.loss.iter().map(|loss| format!("{loss:.6}")).collect();
            let lists = points.chunks(8).map(|points| format!("  {}", points.join("  ")));
            lines.push(format!("loss of {} iterations", points.len()));
            lines.extend(lists);
        }
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }
}

fn metric_type(series: &Series) -> &str {
    series.meta.get("metric_type").and_then(Value::as_str).unwrap_or_default()
}

/// The accuracy at the cut whose threshold is nearest to one half, with that threshold.
fn accuracy_at_half(series: &Series) -> Option<(f64, f64)> {
    let thresholds = series.meta.get("thresholds")?.as_array()?;
    let cuts = thresholds.iter().zip(&series.data).filter_map(|(t, (_, value))| Some((t.as_f64()?, value.as_f64()?)));
    cuts.min_by(|a, b| (a.0 - 0.5).abs().total_cmp(&(b.0 - 0.5).abs()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metrics(value: Value) -> Metrics {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn figures_are_found() {
        let mut quality = Quality::default();
        quality.take_evaluation(&metrics(json!({"train": {
            "hetero_lr_0": {"data": [["auc", 0.98375], ["ks", 0.889_29]],
                "meta": {"metric_type": "EVALUATION_SUMMARY"}},
            "hetero_lr_0_accuracy": {"data": [[0.0, 0.4], [0.5, 0.95], [1.0, 0.6]],
                "meta": {"metric_type": "ACCURACY_EVALUATION", "thresholds": [0.9, 0.51, 0.1]}},
            "hetero_lr_0_roc": {"data": [[0.0, 1.0]], "meta": {"metric_type": "ROC_EVALUATION"}}}})));
        let loss = json!({"train": {"loss": {"data": [[0, 0.75], [1, 0.5]], "meta": {"metric_type": "LOSS"}}}});
        quality.take_loss(&metrics(loss));
        assert_eq!(
            quality.text(),
            "AUC 0.983750   KS 0.889290   accuracy 0.950000 (at threshold 0.510)\n\
             loss of 2 iterations\n  0.750000  0.500000"
        );
        assert_eq!(Quality::default().text(), "");
    }
}
