//! Union, FederatedSample, DataSplit: how many rows there were, and how many came out where. Not for: the rows.

use maud::{Markup, html};
use parcae_node::view::Series;
use serde_json::Value;

use crate::chart::{self, Axis, Bars, Values};
use crate::grid::{Cell, Column, Grid, Row, natural};
use crate::outputs::pairs::{self, Pair};
use crate::outputs::{Outputs, json};
use crate::view::View;

/// Rows of each table and of all together.
pub(super) fn union(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let series = outputs.metrics.iter().find(|series| !series.points.is_empty())?;
    let rows = series.points.iter().map(|(key, value)| (pairs::scalar(key), pairs::value(value)));
    let (total, tables): (Vec<_>, Vec<_>) = rows.partition(|(name, _)| name == "Total");
    let row = |name: String, rows: Option<f64>| Row::from(vec![Cell::text(name), Cell::number(rows)]);
    let sum = tables.iter().filter_map(|(_, rows)| *rows).sum::<f64>();
    let put_out = total.first().and_then(|(_, rows)| *rows);
    let total = put_out.map(|rows| Row { class: "sum", ..row(view.t("Put out", "输出").to_owned(), Some(rows)) });
    let columns = vec![Column::text(view.t("Table", "数据表")), Column::number(view.t("Rows", "行数"))];
    let label = view.t("Tables put together", "合并的数据表");
    let rows = tables.into_iter().map(|(name, rows)| row(name, rows)).collect();
    let grid = Grid { name: "union", label, columns, rows, total, columns_at_once: 0 };
    Some(html! {
        section.card {
            h2 { (label) }
            (grid.show(view, outputs))
            @if let Some(put_out) = put_out.filter(|rows| *rows < sum) {
                p.hint { (crate::format::number(sum - put_out)) " "
                    (view.t("rows had an id that was there before.", "行的 ID 已存在，未重复输出。")) }
            }
        }
    })
}

/// Rows that were there, and those that were drawn.
pub(super) fn sample(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let tables: Vec<&Series> = outputs.of_type("SAMPLE_TABLE").filter(|series| !series.points.is_empty()).collect();
    let texts = outputs.metrics.iter().filter(|series| series.metric_type != "SAMPLE_TABLE");
    let texts: Vec<Pair> = texts.flat_map(|series| named_points(view, series)).collect();
    if tables.is_empty() && texts.is_empty() {
        return None;
    }
    let labels = {
        let all = tables.iter().flat_map(|series| series.points.iter().map(|(key, _)| pairs::scalar(key)));
        let mut all: Vec<String> = all.collect();
        all.sort_by(|a, b| natural(a, b));
        all.dedup();
        all
    };
    let mut columns = vec![Column::text(view.t("Label", "标签"))];
    columns.extend(tables.iter().map(|series| Column::number(counted(view, series))));
    let row = |label: &String| {
        let count = |series: &&&Series| {
            let found = series.points.iter().find(|(key, _)| pairs::scalar(key) == *label);
            found.and_then(|(_, value)| pairs::value(value))
        };
        let counts = tables.iter().map(|series| Cell::number(count(&series)));
        Row::from(std::iter::once(Cell::text(label.as_str())).chain(counts).collect::<Vec<_>>())
    };
    let rows: Vec<Row> = labels.iter().map(row).collect();
    let label = view.t("Rows drawn by label", "按标签抽样的行数");
    let grid = Grid { name: "sample", label, columns, rows, ..Grid::default() };
    Some(html! {
        section.card {
            h2 { (view.t("Sample", "抽样")) }
            (pairs::shown(&texts))
            @if !tables.is_empty() { (grid.show(view, outputs)) }
        }
    })
}

/// The points of a series; one without a name of its own has that of the series.
fn named_points(view: &View, series: &Series) -> Vec<Pair> {
    match series.points.as_slice() {
        [(_, value)] => vec![(counted(view, series), html! { (pairs::scalar(value)) })],
        _ => pairs::points(view, series, &[]),
    }
}

fn counted(view: &View, series: &Series) -> String {
    match series.namespace.as_str() {
        "sample_count" => view.t("Rows drawn", "抽取行数").to_owned(),
        "original_count" => view.t("Rows there were", "原有行数").to_owned(),
        other => pairs::label(view, other),
    }
}

/// The parts of a split: their word, in the order in which they are shown.
fn parts(view: &View) -> [(&'static str, &'static str); 4] {
    [
        ("train", view.t("train", "训练")),
        ("validate", view.t("validate", "验证")),
        ("test", view.t("test", "测试")),
        ("original", view.t("all", "全部")),
    ]
}

/// Rows of each part of a split, and of each label in it.
pub(super) fn split(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let has = |series: &&Series| series.extra.contains_key("data_split_count_info");
    let extra = &outputs.metrics.iter().find(has)?.extra;
    let told = |key: &str| extra.get(key).unwrap_or(&Value::Null);
    let (counts, ratios) = (told("data_split_count_info"), told("data_split_ratio_info"));
    if json::entries(counts).is_empty() {
        return None;
    }
    let row = |(key, word): (&str, &'static str)| {
        let ratio = if key == "original" { Some(1.0) } else { json::number(&ratios[key]) };
        let class = if key == "original" { "sum" } else { "" };
        Row { cells: vec![Cell::text(word), Cell::number(json::number(&counts[key])), Cell::share(ratio)], class }
    };
    let columns = vec![
        Column::text(view.t("Part", "部分")),
        Column::number(view.t("Rows", "行数")),
        Column::number(view.t("Share", "占比")),
    ];
    let label = view.t("Rows by part", "各部分行数");
    let [train, validate, test, all] = parts(view).map(row);
    let rows = vec![train, validate, test];
    let grid = Grid { name: "split", label, columns, rows, total: Some(all), columns_at_once: 0 };
    let is_stratified = json::truth(told("stratified"));
    Some(html! {
        section.card {
            h2 { (label) }
            @if is_stratified == Some(true) {
                p.hint {
                    (view.t("Stratified: each part has the labels in the same shares.", "分层切分：各部分标签比例一致。"))
                }
            }
            (grid.show(view, outputs))
        }
        (labels(view, outputs, told("data_split_label_info")))
    })
}

fn labels(view: &View, outputs: &Outputs<'_>, info: &Value) -> Markup {
    let all = json::entries(&info["original"]).into_iter();
    let mut names: Vec<String> = all.map(|(name, _)| name.to_owned()).collect();
    names.sort_by(|a, b| natural(a, b));
    if names.is_empty() {
        return html! {};
    }
    let count = |part: &str, name: &str| json::number(&info[part][name]);
    let mut columns = vec![Column::text(view.t("Label", "标签"))];
    columns.extend(parts(view).map(|(_, word)| Column::number(word)));
    let row = |name: &String| {
        let counts = parts(view).map(|(part, _)| Cell::number(count(part, name)));
        Row::from(std::iter::once(Cell::text(name.as_str())).chain(counts).collect::<Vec<_>>())
    };
    let sum = |part: &str| names.iter().filter_map(|name| count(part, name)).sum::<f64>();
    let sums = parts(view).map(|(part, _)| Cell::Number(sum(part)));
    let total = std::iter::once(Cell::text(view.t("Total", "合计"))).chain(sums).collect();
    let label = view.t("Labels by part", "各部分标签");
    let rows: Vec<Row> = names.iter().map(row).collect();
    let total = Some(Row { cells: total, class: "sum" });
    let grid = Grid { name: "labels", label, columns, rows, total, columns_at_once: 0 };
    let shown = names.iter().take(40);
    let bars = parts(view).into_iter().take(3).map(|(part, word)| Values {
        name: word.to_owned(),
        values: shown.clone().map(|name| count(part, name).unwrap_or(f64::NAN)).collect(),
    });
    let chart = Bars {
        id: "split-labels".into(),
        title: label.into(),
        categories: shown.clone().cloned().collect(),
        x: view.t("label", "标签").into(),
        y: Axis { label: view.t("rows", "行数").into(), range: None },
        bars: bars.collect(),
        stacked: true,
        ..Bars::default()
    };
    html! { section.card { h2 { (label) } (grid.show(view, outputs)) (chart::bars(view, &chart)) } }
}
