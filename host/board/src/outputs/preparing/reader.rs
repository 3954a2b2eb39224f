//! Reader: which table, and what is known of its columns. Not for: its rows.

use std::collections::BTreeSet;

use maud::{Markup, html};
use parcae_node::view::Series;
use serde_json::Value;

use super::table;
use crate::format;
use crate::grid::{Cell, Column, Grid, Row, natural};
use crate::outputs::pairs::{self, Pair};
use crate::outputs::{Outputs, json};
use crate::view::View;

/// What a reader put out.
pub(super) fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let series = outputs.metrics.iter().find(|series| series.extra.contains_key("table_name"))?;
    let columns = columns(view, series);
    let unnamed = series.extra.get("attribute_info").is_none_or(|all| json::entries(all).is_empty());
    Some(html! {
        section.card {
            h2 { (view.t("Table", "数据表")) }
            (pairs::shown(&facts(view, series, columns.len())))
        }
        @if !columns.is_empty() {
            section.card {
                h2 { (view.t("Columns", "列")) }
                @if unnamed {
                    p.hint { (view.t(
                        "What the columns mean is not known yet: the table has no meta. DataTransform will say it.",
                        "该表上传时没有 meta，尚不知各列的含义：由 DataTransform 指明。",
                    )) }
                }
                (grid(view, columns).show(view, outputs))
            }
        }
    })
}

fn facts(view: &View, series: &Series, columns: usize) -> Vec<Pair> {
    let count = series.extra.get("count").and_then(json::whole);
    let mut all: Vec<Pair> = Vec::new();
    all.extend(count.map(|rows| (pairs::label(view, "count"), html! { (format::count(rows)) })));
    if columns > 0 {
        all.push((view.t("Columns", "列数").to_owned(), html! { (columns) }));
    }
    let namespace = series.extra.get("namespace").map(json::text).unwrap_or_default();
    for key in ["namespace", "table_name", "partitions", "storage_engine", "file_count", "file_path"] {
        let told = series.extra.get(key).map(json::text).filter(|text| !text.is_empty());
        let shown = |text: String| {
            if key == "table_name" {
                table(&namespace, &text)
            } else {
                html! { (text) }
            }
        };
        all.extend(told.map(|text| (pairs::label(view, key), shown(text))));
    }
    all
}

/// Name, anonymous name, meaning, samples.
type Known = (String, String, String, String);

/// The columns in their order: what is not a feature comes first.
fn columns(view: &View, series: &Series) -> Vec<Known> {
    let told = |key: &str| series.extra.get(key).unwrap_or(&Value::Null);
    let (samples, anonymous, attributes) = (told("table_info"), told("anonymous_info"), told("attribute_info"));
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in json::entries(samples).into_iter().chain(json::entries(attributes)) {
        names.push(name);
    }
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    let of = |all: &Value, name: &str| json::get(all, name).map(json::text).unwrap_or_default();
    let rank = |name: &str| match of(attributes, name).as_str() {
        "match_id" => 0,
        "label" => 1,
        "weight" => 2,
        _ => 3,
    };
    names.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| natural(a, b)));
    let known = |name: &str| {
        let samples = of(samples, name).split(',').collect::<Vec<_>>().join(", ");
        (name.to_owned(), of(anonymous, name), meaning(view, &of(attributes, name)), samples)
    };
    names.into_iter().map(known).collect()
}

fn meaning(view: &View, word: &str) -> String {
    let known = match word {
        "feature" => view.t("feature", "特征"),
        "label" => view.t("label", "标签"),
        "match_id" => view.t("match id", "匹配 ID"),
        "weight" => view.t("weight", "权重"),
        "id" => view.t("key", "键"),
        "raw" => view.t("line", "原始行"),
        other => other,
    };
    known.to_owned()
}

fn grid(view: &View, known: Vec<Known>) -> Grid<'_> {
    let heads = [
        Column::text(view.t("Column", "列名")),
        Column::text(view.t("Name for other parties", "对外匿名名")),
        Column::text(view.t("Meaning", "含义")),
        Column::text(view.t("Sample values", "样例值")),
    ];
    let row = |(name, anonymous, meaning, samples): Known| {
        Row::from(vec![Cell::text(name), Cell::text(anonymous), Cell::text(meaning), Cell::text(samples)])
    };
    let rows = known.into_iter().map(row).collect();
    Grid { name: "columns", label: view.t("Columns", "列"), columns: heads.into(), rows, ..Grid::default() }
}
