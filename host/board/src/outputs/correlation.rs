//! Pearson: how features go together, within a party and across parties, and how far each can be told from the others
//! (VIF). Not for: dropping features (`selection`).

use maud::{Markup, html};
use serde_json::Value;

use super::{Outputs, json};
use crate::chart::{self, Heat};
use crate::grid::{self, Cell, Column, Grid, Row};
use crate::parts::tabs;
use crate::view::View;
use matrix::{Matrix, Pair};

mod matrix;

/// Names of what can be wished of the matrix.
const WISHES: [&str; 3] = ["by", "like", "least"];
/// From here on a feature is nearly told by the others.
const HIGH_VIF: f64 = 10.0;

/// What a task of these modules put out; none when there is nothing of it.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let param = outputs.part("Param")?;
    let own = Matrix::own(param, outputs.party);
    let across = Matrix::across(param);
    let is_across = match outputs.chosen("between") {
        Some("across") => across.is_some(),
        Some(_) => own.is_none(),
        None => own.is_none() && across.is_some(),
    };
    let matrix = if is_across { across.as_ref() } else { own.as_ref() };
    let vif = json::numbers(&param["localVif"]);
    if matrix.is_none() && vif.is_empty() {
        return None;
    }
    Some(html! {
        @if let Some(matrix) = matrix {
            section.card #correlations {
                h2 { (view.t("Correlations", "相关系数")) }
                @if own.is_some() && across.is_some() { (sides(view, outputs, is_across)) }
                (heat(view, outputs, matrix))
            }
            section.card {
                h2 { (view.t("Features that go together most", "相关性最强的特征对")) }
                (pairs(view, matrix.strongest()).show(view, outputs))
            }
        }
        @if !vif.is_empty() { (inflation(view, outputs, param, &vif)) }
    })
}

fn sides(view: &View, outputs: &Outputs<'_>, is_across: bool) -> Markup {
    let link = |side: &str| grid::url(outputs, &[("between", side), ("by", "")], "correlations");
    let links = [
        (link("own"), view.t("Own features", "本方特征"), !is_across),
        (link("across"), view.t("Across parties", "跨参与方"), is_across),
    ];
    tabs(view.t("Features", "特征"), links)
}

/// The matrix in colours, as it is asked for.
fn heat(view: &View, outputs: &Outputs<'_>, matrix: &Matrix) -> Markup {
    let least = outputs.chosen("least").and_then(|least| least.trim().parse::<f64>().ok());
    let least = least.filter(|least| least.is_finite()).unwrap_or_default().clamp(0.0, 1.0);
    let find = outputs.chosen("like").unwrap_or_default().trim().to_lowercase();
    let by = outputs.chosen("by").unwrap_or_default();
    let shown = matrix.shown(by, &find, least);
    let values = |row: usize| shown.columns.iter().map(|at| matrix.kept(row, *at, least)).collect::<Vec<f64>>();
    let chart = Heat {
        id: "heat".into(),
        title: view.t("Correlation coefficients", "相关系数矩阵").into(),
        rows: shown.rows.iter().map(|at| matrix.rows[*at].clone()).collect(),
        columns: shown.columns.iter().map(|at| matrix.columns[*at].clone()).collect(),
        values: shown.rows.iter().map(|row| values(*row)).collect(),
        range: Some((-1.0, 1.0)),
        with_numbers: shown.rows.len() <= 14 && shown.columns.len() <= 14,
    };
    html! {
        (wishes(view, outputs, matrix, least))
        @if shown.is_cut {
            p.hint { (view.t(
                "There are more features: these are the ones with the strongest correlations. Search to see others.",
                "特征较多：此处仅显示相关性最强的部分，可搜索其他特征。",
            )) }
        }
        @if chart.rows.is_empty() || chart.columns.is_empty() {
            p.hint { (view.t("No correlation is that strong.", "没有达到该强度的相关系数。")) }
        } @else { (chart::heat(view, &chart)) }
    }
}

/// A form for what is wanted of the matrix.
fn wishes(view: &View, outputs: &Outputs<'_>, matrix: &Matrix, least: f64) -> Markup {
    let by = outputs.chosen("by").unwrap_or_default();
    let like = outputs.chosen("like").unwrap_or_default();
    let names = matrix.names_to_sort_by();
    html! {
        form.wishes method="get" action={ (outputs.path) "#correlations" } {
            @for (name, value) in outputs.chosen.iter().filter(|(n, _)| !WISHES.contains(&n.as_str())) {
                input type="hidden" name=(name) value=(value);
            }
            label { (view.t("Ordered by", "排序依据")) " "
                select name="by" {
                    option value="" { (view.t("as they are", "原顺序")) }
                    @for name in names { option value=(name) selected[name == by] { (name) } }
                }
            }
            label { (view.t("At least", "最小绝对值")) " "
                input type="number" name="least" min="0" max="1" step="0.05" value=(least);
            }
            label { (view.t("Name has", "名称包含")) " " input type="search" name="like" value=(like); }
            button.small { (view.t("Show", "显示")) }
        }
    }
}

fn pairs(view: &View, pairs: Vec<Pair>) -> Grid<'_> {
    let columns = vec![
        Column::text(view.t("Feature", "特征")),
        Column::text(view.t("Goes with", "相关特征")),
        Column::number(view.t("Correlation", "相关系数")),
        Column::number(view.t("Strength", "绝对值")),
    ];
    let row = |pair: Pair| {
        let Pair { one, other, value } = pair;
        Row::from(vec![Cell::text(one), Cell::text(other), Cell::Number(value), Cell::Number(value.abs())])
    };
    let label = view.t("Pairs of features", "特征对");
    Grid { name: "pairs", label, columns, rows: pairs.into_iter().map(row).collect(), ..Grid::default() }
}

/// The variance inflation factors.
fn inflation(view: &View, outputs: &Outputs<'_>, param: &Value, vif: &[f64]) -> Markup {
    let names = matrix::own_names(param, outputs.party, vif.len());
    let anonymous = |name: &str| {
        let found = json::list(&param["anonymousMap"]).iter().find(|one| one["name"] == name);
        found.map(|one| json::text(&one["anonymous"])).unwrap_or_default()
    };
    let row = |(name, vif): (&String, &f64)| {
        // What is wholly told by the others has none.
        let value = if vif.is_nan() { Cell::Empty } else { Cell::Number(*vif) };
        let words =
            if *vif >= HIGH_VIF { view.t("nearly told by the others", "几乎可由其他特征表示") } else { "" };
        Row::from(vec![Cell::text(name.as_str()), Cell::text(anonymous(name)), value, Cell::text(words)])
    };
    let columns = vec![
        Column::text(view.t("Feature", "特征")),
        Column::text(view.t("Name for other parties", "对外匿名名")),
        Column::number("VIF"),
        Column::text(view.t("Finding", "判断")),
    ];
    let label = view.t("Variance inflation", "方差膨胀因子");
    let grid = Grid { name: "vif", label, columns, rows: names.iter().zip(vif).map(row).collect(), ..Grid::default() };
    html! { section.card { h2 { (label) " (VIF)" } (grid.show(view, outputs)) } }
}
