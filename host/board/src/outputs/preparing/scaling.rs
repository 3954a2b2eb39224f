//! FeatureScale: by what features were scaled. Not for: the scaled rows.

use maud::{Markup, html};
use serde_json::Value;

use crate::grid::{Cell, Column, Grid, Row};
use crate::outputs::pairs::{self, Pair};
use crate::outputs::{Outputs, json};
use crate::view::View;

/// What a scaler put out.
pub(super) fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let scaled = &outputs.part("Param")?["colScaleParam"];
    let param = outputs.part("Param").unwrap_or(&Value::Null);
    let mut names = json::texts(&param["header"]);
    names.retain(|name| scaled.get(name).is_some());
    if names.is_empty() {
        names = json::entries(scaled).into_iter().map(|(name, _)| name.to_owned()).collect();
    }
    if names.is_empty() {
        return None;
    }
    let columns = vec![
        Column::text(view.t("Feature", "特征")),
        Column::number(view.t("Lower bound", "下界")),
        Column::number(view.t("Upper bound", "上界")),
        Column::number(view.t("Mean", "均值")),
        Column::number(view.t("Standard deviation", "标准差")),
    ];
    let row = |name: &String| {
        let of = |key: &str| Cell::number(json::number(&scaled[name.as_str()][key]));
        Row::from(vec![Cell::text(name.as_str()), of("columnLower"), of("columnUpper"), of("mean"), of("std")])
    };
    let rows: Vec<Row> = names.iter().map(row).collect();
    let label = view.t("Scaled features", "缩放的特征");
    let grid = Grid { name: "scale", label, columns, rows, ..Grid::default() };
    Some(html! {
        section.card { h2 { (label) } (pairs::shown(&facts(view, outputs, names.len()))) (grid.show(view, outputs)) }
    })
}

fn facts(view: &View, outputs: &Outputs<'_>, features: usize) -> Vec<Pair> {
    let meta = outputs.part("Meta").unwrap_or(&Value::Null);
    let told = |key: &str| {
        let of_metric = outputs.metrics.iter().find_map(|series| series.extra.get(key));
        json::get(meta, key).or(of_metric).map(json::text).unwrap_or_default()
    };
    let word = told("method");
    let method = match word.as_str() {
        "standard_scale" => view.t("standard: (x − mean) / standard deviation", "标准化：(x − 均值) / 标准差"),
        "min_max_scale" => view.t("min-max: (x − lower) / (upper − lower)", "最小-最大：(x − 下界) / (上界 − 下界)"),
        other => other,
    };
    let method = method.to_owned();
    let all = [
        (view.t("Features", "特征数"), features.to_string()),
        (view.t("Method", "方法"), method),
        (view.t("Mode", "模式"), told("mode")),
    ];
    let all = all.into_iter().filter(|(_, value)| !value.is_empty());
    all.map(|(label, value)| (label.to_owned(), html! { (value) })).collect()
}
