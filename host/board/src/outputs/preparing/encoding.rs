//! LabelTransform, OneHotEncoder, SampleWeight: what became of labels, values and weights. Not for: the rows.

use maud::{Markup, html};
use parcae_node::view::Series;
use serde_json::Value;

use crate::grid::{self, Cell, Column, Grid, Row, natural};
use crate::outputs::pairs::{self, Pair};
use crate::outputs::{Outputs, first_with, json};
use crate::view::View;

/// Old and new labels.
pub(super) fn labels(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let of_metric = outputs.metrics.iter().find_map(|series| series.extra.get("label_encoder"));
    let of_model = outputs.part("Param").map(|param| &param["labelEncoder"]);
    let encoder = of_metric.filter(|all| all.is_object()).or(of_model)?;
    let mut all = json::entries(encoder);
    all.sort_by(|(a, _), (b, _)| natural(a, b));
    if all.is_empty() {
        return None;
    }
    let rows = all.into_iter().map(|(old, new)| Row::from(vec![Cell::text(old), Cell::text(json::text(new))]));
    let columns = vec![Column::text(view.t("Label before", "原标签")), Column::text(view.t("Label now", "转换后标签"))];
    let label = view.t("Labels", "标签");
    let grid = Grid { name: "labels", label, columns, rows: rows.collect(), ..Grid::default() };
    Some(html! { section.card { h2 { (label) } (grid.show(view, outputs)) } })
}

/// The columns that values became.
pub(super) fn one_hot(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let map = &outputs.part("Param")?["colMap"];
    let mut names: Vec<&str> = json::entries(map).into_iter().map(|(name, _)| name).collect();
    names.sort_by(|a, b| natural(a, b));
    let chosen = outputs.chosen("feature").filter(|name| names.contains(name)).or(names.first().copied())?;
    let values = |name: &str| json::list(&map[name]["values"]).len();
    let row = |name: &&str| {
        let url = grid::url(outputs, &[("feature", *name), ("values.page", "")], "one-hot");
        let new = json::list(&map[*name]["transformedHeaders"]).len();
        Row::from(vec![Cell::link(&url, name), Cell::Number(values(name) as f64), Cell::Number(new as f64)])
    };
    let columns = vec![
        Column::text(view.t("Feature", "特征")),
        Column::number(view.t("Values", "取值数")),
        Column::number(view.t("New columns", "新列数")),
    ];
    let label = view.t("Encoded features", "编码的特征");
    let rows: Vec<Row> = names.iter().map(row).collect();
    let all = Grid { name: "features", label, columns, rows, ..Grid::default() };
    Some(html! {
        section.card {
            h2 { (label) }
            (all.show(view, outputs))
        }
        section.card #one-hot {
            h2 { (view.t("Values of ", "特征取值：")) (chosen) }
            (outputs.choice(view, "feature", view.t("Feature", "特征"), &first_with(&names, chosen)))
            (values_of(view, &map[chosen]).show(view, outputs))
        }
    })
}

fn values_of<'g>(view: &'g View, encoded: &Value) -> Grid<'g> {
    // A longer vector tells nobody anything.
    const LONGEST: usize = 24;
    let (values, headers) = (json::texts(&encoded["values"]), json::texts(&encoded["transformedHeaders"]));
    let vector = |at: usize| {
        let bit = |place: usize| if place == at { "1" } else { "0" };
        (0..headers.len()).map(bit).collect::<Vec<_>>().join(" ")
    };
    let is_short = headers.len() <= LONGEST;
    let mut columns = vec![Column::text(view.t("Value", "取值")), Column::text(view.t("New column", "新列"))];
    if is_short {
        columns.push(Column::text(view.t("Vector", "向量")));
    }
    let row = |(at, value): (usize, &String)| {
        let value = if value.is_empty() { "\"\"".to_owned() } else { value.clone() };
        let mut cells = vec![Cell::text(value), Cell::text(headers.get(at).cloned().unwrap_or_default())];
        if is_short {
            let vector = vector(at);
            cells.push(Cell::Shown(html! { code { (vector) } }, vector));
        }
        Row::from(cells)
    };
    let rows = values.iter().enumerate().map(row).collect();
    Grid { name: "values", label: view.t("Values", "取值"), columns, rows, ..Grid::default() }
}

/// Which rows weigh how much.
pub(super) fn weights(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let has = |series: &&Series| series.extra.contains_key("weight_mode");
    let extra = &outputs.metrics.iter().find(has)?.extra;
    let told = |key: &str| extra.get(key).unwrap_or(&Value::Null);
    let mode = json::text(told("weight_mode"));
    let column = json::text(told("sample_weight_name"));
    let mut weights = json::entries(told("class_weight"));
    if mode.is_empty() && column.is_empty() && weights.is_empty() {
        return None;
    }
    let facts = [(view.t("Weights by", "权重方式"), mode), (view.t("Column", "权重列"), column)];
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    let facts: Vec<Pair> = facts.map(|(label, value)| (label.to_owned(), html! { (value) })).collect();
    weights.sort_by(|(a, _), (b, _)| natural(a, b));
    let rows =
        weights.iter().map(|(label, weight)| Row::from(vec![Cell::text(*label), Cell::number(json::number(weight))]));
    let rows: Vec<Row> = rows.collect();
    let columns = vec![Column::text(view.t("Label", "标签")), Column::number(view.t("Weight", "权重"))];
    let label = view.t("Weights of labels", "各标签权重");
    let has_labels = !rows.is_empty();
    let grid = Grid { name: "weights", label, columns, rows, ..Grid::default() };
    Some(html! {
        section.card {
            h2 { (view.t("Weights of rows", "样本权重")) }
            (pairs::shown(&facts))
            @if has_labels { (grid.show(view, outputs)) }
        }
    })
}
