//! PSI: how far the values of each feature have moved between two tables. Not for: the PSI of scores (`evaluation`).

use maud::{Markup, html};
use serde_json::Value;

use super::{Outputs, first_with, json};
use crate::chart::{self, Axis, Bars, Values};
use crate::format;
use crate::grid::{self, Cell, Column, Grid, Row};
use crate::view::View;

/// From here on a feature has moved a little, and from here on much.
const MOVED: (f64, f64) = (0.1, 0.25);

/// What a task of these modules put out; none when there is nothing of it.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let param = outputs.part("Param")?;
    let features: Vec<(String, &Value)> =
        json::list(&param["featurePsi"]).iter().map(|one| (json::text(&one["featureName"]), one)).collect();
    let mut totals: Vec<(&str, f64)> = json::entries(&param["totalScore"])
        .into_iter()
        .filter_map(|(name, score)| Some((name, json::number(score)?)))
        .collect();
    if totals.is_empty() {
        let sum = |one: &Value| json::numbers(&one["psi"]).iter().filter(|psi| psi.is_finite()).sum::<f64>();
        totals = features.iter().map(|(name, one)| (name.as_str(), sum(one))).collect();
    }
    totals.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let names: Vec<&str> = totals.iter().map(|(name, _)| *name).collect();
    let chosen = outputs.chosen("feature").filter(|name| names.contains(name)).or(names.first().copied())?;
    let detail = features.iter().find(|(name, _)| name == chosen).map(|(_, one)| *one);
    let label = view.t("Stability of features", "特征稳定性");
    Some(html! {
        section.card {
            h2 { (label) }
            p.hint { (view.t(
                "Below 0.1 a feature is as it was; from 0.25 on it has moved much.",
                "低于 0.1 表示稳定；0.25 及以上表示显著偏移。",
            )) }
            (summary(view, outputs, &totals, label).show(view, outputs))
        }
        section.card #feature {
            h2 { (view.t("Bins of ", "特征分箱：")) (chosen) }
            (outputs.choice(view, "feature", view.t("Feature", "特征"), &first_with(&names, chosen)))
            @match detail {
                Some(detail) => { (bins(view, outputs, chosen, detail)) }
                None => { p.hint { (view.t("The model does not have its bins.", "模型中没有该特征的分箱。")) } }
            }
        }
    })
}

fn summary<'g>(view: &'g View, outputs: &Outputs<'_>, totals: &[(&str, f64)], label: &'g str) -> Grid<'g> {
    let word = |psi: f64| match psi {
        psi if psi >= MOVED.1 => view.t("moved much", "显著偏移"),
        psi if psi >= MOVED.0 => view.t("moved a little", "轻微偏移"),
        _ => view.t("stable", "稳定"),
    };
    let row = |(name, psi): &(&str, f64)| {
        let url = grid::url(outputs, &[("feature", *name), ("bins.page", "")], "feature");
        Row::from(vec![Cell::link(&url, name), Cell::Number(*psi), Cell::text(word(*psi))])
    };
    let columns =
        vec![Column::text(view.t("Feature", "特征")), Column::number("PSI"), Column::text(view.t("Finding", "判断"))];
    Grid { name: "psi", label, columns, rows: totals.iter().map(row).collect(), ..Grid::default() }
}

fn bins(view: &View, outputs: &Outputs<'_>, feature: &str, detail: &Value) -> Markup {
    let intervals = json::texts(&detail["interval"]);
    let of = |key: &str| json::numbers(&detail[key]);
    let (psi, expected, actual) = (of("psi"), of("expectPerc"), of("actualPerc"));
    let count = intervals.len().max(psi.len()).max(expected.len()).max(actual.len());
    let names: Vec<String> =
        (0..count).map(|at| intervals.get(at).cloned().unwrap_or_else(|| format!("#{at}"))).collect();
    let value = |all: &[f64], at: usize| all.get(at).copied();
    let row = |(at, name): (usize, &String)| {
        Row::from(vec![
            Cell::text(name.as_str()),
            Cell::share(value(&expected, at)),
            Cell::share(value(&actual, at)),
            Cell::number(value(&psi, at)),
        ])
    };
    let (expected_word, actual_word) = (view.t("expected", "期望占比"), view.t("actual", "实际占比"));
    let heads = vec![
        Column::text(view.t("Bin", "分箱")),
        Column::number(expected_word),
        Column::number(actual_word),
        Column::number("PSI"),
    ];
    let label = view.t("Bins", "分箱");
    let rows: Vec<Row> = names.iter().enumerate().map(row).collect();
    let sum: f64 = psi.iter().filter(|psi| psi.is_finite()).sum();
    let total = Row { cells: vec![Cell::text("PSI"), Cell::Empty, Cell::Empty, Cell::Number(sum)], class: "sum" };
    let grid = Grid { name: "bins", label, columns: heads, rows, total: Some(total), columns_at_once: 0 };
    let full = |all: &[f64]| (0..count).map(|at| value(all, at).unwrap_or(f64::NAN)).collect::<Vec<f64>>();
    let chart = Bars {
        id: "psi-bins".into(),
        title: format!("{feature}: PSI {}", format::number(sum)),
        categories: names.clone(),
        x: view.t("bin", "分箱").into(),
        y: Axis { label: view.t("share of rows", "行占比").into(), range: None },
        bars: vec![
            Values { name: expected_word.into(), values: full(&expected) },
            Values { name: actual_word.into(), values: full(&actual) },
        ],
        stacked: false,
        lines: vec![Values { name: "PSI".into(), values: full(&psi) }],
        y_right: "PSI".into(),
    };
    html! { (chart::bars(view, &chart)) (grid.show(view, outputs)) }
}
