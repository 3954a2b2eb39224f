//! K-means: clusters, centroids, the Davies–Bouldin index. Not for: which row is in which cluster (the data put out).

use maud::{Markup, html};
use parcae_domain::port::Scalar;
use parcae_node::view::Series;
use serde_json::Value;

use super::pairs::{self, Pair};
use super::{Outputs, json, metrics_only};
use crate::chart::{self, Axis, Curve, Heat, Lines};
use crate::format;
use crate::grid::{Cell, Column, Grid, Row};
use crate::view::View;

/// Clusters beside each other on a page.
const COLUMNS: usize = 10;
/// Most features and clusters in colours.
const HEAT: usize = 60;

/// What a task of these modules put out; none when there is nothing of it.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let param = outputs.part("Param")?;
    let clusters = json::list(&param["clusterDetail"]);
    let centroids: Vec<Vec<f64>> =
        json::list(&param["centroidDetail"]).iter().map(|one| json::numbers(&one["centroid"])).collect();
    let facts = facts(view, param);
    if clusters.is_empty() && centroids.is_empty() && facts.is_empty() {
        return None;
    }
    let others: Vec<_> = outputs.metrics.iter().filter(|series| !is_index(series)).cloned().collect();
    Some(html! {
        section.card {
            h2 { (view.t("Clusters", "簇")) }
            (pairs::shown(&facts))
            @if !clusters.is_empty() { (sizes(view, clusters).show(view, outputs)) }
        }
        (index(view, outputs))
        @if !centroids.is_empty() { (middles(view, outputs, &json::texts(&param["header"]), &centroids)) }
        (metrics_only(view, &Outputs { metrics: &others, ..outputs.clone() }))
    })
}

fn facts(view: &View, param: &Value) -> Vec<Pair> {
    let mut all: Vec<Pair> = Vec::new();
    if let Some(count) = json::whole(&param["countOfClusters"]) {
        all.push((view.t("Clusters", "簇数").to_owned(), html! { (format::count(count)) }));
    }
    // FATE's name of the field is spelled so.
    let most = json::get(param, "maxInteration").or(json::get(param, "maxIteration")).and_then(json::whole);
    if let Some(most) = most {
        all.push((view.t("Iterations", "迭代次数").to_owned(), html! { (format::count(most)) }));
    }
    if let Some(is_converged) = json::truth(&param["converged"]) {
        let words = if is_converged { view.t("yes", "是") } else { view.t("no", "否") };
        all.push((view.t("Converged", "已收敛").to_owned(), html! { (words) }));
    }
    all
}

fn sizes<'g>(view: &'g View, clusters: &[Value]) -> Grid<'g> {
    let of = |one: &Value, at: usize| json::list(&one["cluster"]).get(at).and_then(json::number);
    let name = |number: &str| format!("{} {number}", view.t("Cluster", "簇"));
    let row = |one: &Value| {
        let number = json::list(&one["cluster"]).first().map(json::text).unwrap_or_default();
        Row::from(vec![Cell::text(name(&number)), Cell::number(of(one, 1)), Cell::share(of(one, 2))])
    };
    let sum = |at: usize| clusters.iter().filter_map(|one| of(one, at)).sum::<f64>();
    let total = vec![Cell::text(view.t("Total", "合计")), Cell::Number(sum(1)), Cell::Share(sum(2))];
    let columns = vec![
        Column::text(view.t("Cluster", "簇")),
        Column::number(view.t("Rows", "行数")),
        Column::number(view.t("Share", "占比")),
    ];
    let rows = clusters.iter().map(row).collect();
    let total = Some(Row { cells: total, class: "sum" });
    Grid { name: "clusters", label: view.t("Clusters", "簇"), columns, rows, total, columns_at_once: 0 }
}

/// Whether a series has the index by iteration.
fn is_index(series: &Series) -> bool {
    series.metric_type.eq_ignore_ascii_case("DBI") || series.name.eq_ignore_ascii_case("DBI")
}

/// The index by iteration.
fn index(view: &View, outputs: &Outputs<'_>) -> Markup {
    let point = |(key, value): &(Scalar, Scalar)| Some((pairs::value(key)?, pairs::value(value)?));
    let mut points: Vec<(f64, f64)> =
        outputs.metrics.iter().filter(|s| is_index(s)).flat_map(|s| s.points.iter()).filter_map(point).collect();
    points.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    if points.is_empty() {
        return html! {};
    }
    let title = view.t("Davies–Bouldin index: the lower, the better apart", "Davies–Bouldin 指数：越低，簇分得越开");
    let chart = Lines {
        id: "dbi".into(),
        title: title.into(),
        x: Axis { label: view.t("iteration", "迭代").into(), range: None },
        y: Axis { label: "DBI".into(), range: None },
        curves: vec![Curve { name: "DBI".into(), points, ..Curve::default() }],
        marks: Vec::new(),
    };
    html! { section.card { h2 { "DBI" } (chart::lines(view, &chart)) } }
}

/// Centroids, as a table and in colours.
fn middles(view: &View, outputs: &Outputs<'_>, header: &[String], centroids: &[Vec<f64>]) -> Markup {
    let count = centroids.iter().map(Vec::len).max().unwrap_or_default();
    let name = |at: usize| header.get(at).cloned().unwrap_or_else(|| format!("#{at}"));
    let clusters: Vec<String> = (0..centroids.len()).map(|at| format!("{} {at}", view.t("Cluster", "簇"))).collect();
    let value = |one: &Vec<f64>, at: usize| one.get(at).copied().unwrap_or(f64::NAN);
    let row = |at: usize| {
        let values = centroids.iter().map(|one| Cell::number(Some(value(one, at))));
        Row::from(std::iter::once(Cell::text(name(at))).chain(values).collect::<Vec<_>>())
    };
    let label = view.t("Centroids", "簇中心");
    let feature = Column::text(view.t("Feature", "特征"));
    let columns = std::iter::once(feature).chain(clusters.iter().map(Column::number)).collect();
    let rows = (0..count).map(row).collect();
    let grid = Grid { name: "centroids", label, columns, rows, total: None, columns_at_once: COLUMNS };
    let (features, shown) = (count.min(HEAT), clusters.len().min(HEAT));
    let colours = |at: usize| centroids[..shown].iter().map(|one| value(one, at)).collect::<Vec<f64>>();
    let heat = Heat {
        id: "centroids".into(),
        title: label.into(),
        rows: (0..features).map(name).collect(),
        columns: clusters[..shown].to_vec(),
        values: (0..features).map(colours).collect(),
        range: None,
        with_numbers: shown <= 8 && features <= 30,
    };
    html! { section.card { h2 { (label) } (chart::heat(view, &heat)) (grid.show(view, outputs)) } }
}
