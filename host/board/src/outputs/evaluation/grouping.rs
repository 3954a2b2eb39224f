//! Evaluation of clusters: which labels fell into which cluster, and how far clusters are from each other. Not for: the
//! indices, which are scores.

use maud::{Markup, html};
use parcae_node::view::Series;
use serde_json::Value;

use super::{Outputs, told};
use crate::chart::{self, Heat};
use crate::outputs::{extra, json};
use crate::view::View;

/// Contingency matrices and distances.
pub(super) fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let matrices = told(outputs, "CONTINGENCY_MATRIX");
    let matrices: Vec<Heat> =
        matrices.iter().enumerate().filter_map(|(at, told)| heat(view, at, &told.label(), told.series)).collect();
    let distances = told(outputs, "DISTANCE_MEASURE");
    let distances: Vec<(String, Markup)> =
        distances.iter().filter_map(|told| Some((told.label(), extra::table(view, &told.series.extra)?))).collect();
    let is_there = !matrices.is_empty() || !distances.is_empty();
    is_there.then(|| {
        html! {
            section.card #clusters {
                h2 { (view.t("Clusters", "聚类")) }
                @for matrix in &matrices { (chart::heat(view, matrix)) }
                @for (label, table) in &distances {
                    h3 { (view.t("Distances", "距离")) " · " (label) }
                    (table)
                }
            }
        }
    })
}

fn heat(view: &View, at: usize, label: &str, series: &Series) -> Option<Heat> {
    let get = |keys: [&str; 2]| keys.iter().find_map(|key| series.extra.get(*key)).unwrap_or(&Value::Null);
    let rows = json::list(get(["result_table", "contingency_matrix"]));
    let values: Vec<Vec<f64>> = rows.iter().map(json::numbers).collect();
    let names = |keys: [&str; 2], count: usize, word: &str| {
        let found = json::texts(get(keys));
        if found.len() == count { found } else { (0..count).map(|at| format!("{word} {at}")).collect() }
    };
    let columns = values.iter().map(Vec::len).max().filter(|columns| *columns > 0)?;
    Some(Heat {
        id: format!("contingency-{at}"),
        title: format!("{} · {label}", view.t("Labels by cluster", "标签与簇")),
        rows: names(["true_labels", "true_label"], values.len(), view.t("label", "标签")),
        columns: names(["predicted_labels", "predicted_label"], columns, view.t("cluster", "簇")),
        values,
        range: None,
        with_numbers: true,
    })
}
