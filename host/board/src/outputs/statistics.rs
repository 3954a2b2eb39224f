//! DataStatistics: statistics of each column. Not for: correlations.

use maud::{Markup, html};
use serde_json::Value;

use super::{Outputs, json};
use crate::grid::{Cell, Column, Grid, Row};
use crate::view::View;

/// Statistics beside each other on a page.
const COLUMNS: usize = 10;

/// What a task of these modules put out; none when there is nothing of it.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let param = outputs.part("Param")?;
    let name = outputs.party.to_string();
    let own = (name.as_str(), &param["selfValues"]["results"]);
    let hosts = json::entries(&param["hostValues"]).into_iter().map(|(party, all)| (party, &all["results"]));
    let parties: Vec<(&str, &Value)> =
        std::iter::once(own).chain(hosts).filter(|(_, results)| !json::list(results).is_empty()).collect();
    let chosen = parties.iter().find(|(party, _)| outputs.chosen("party") == Some(*party)).or(parties.first())?;
    let words: Vec<&str> = parties.iter().map(|(party, _)| *party).collect();
    let meta = outputs.part("Meta").unwrap_or(&Value::Null);
    let grid = grid(view, json::list(chosen.1), &json::texts(&meta["staticColumns"]));
    Some(html! {
        section.card {
            h2 { (view.t("Statistics by column", "各列统计量")) }
            @if parties.len() > 1 { (outputs.choice(view, "party", view.t("Party", "参与方"), &words)) }
            (grid.show(view, outputs))
        }
    })
}

fn grid<'g>(view: &'g View, results: &[Value], columns: &[String]) -> Grid<'g> {
    let named = results.iter().map(|one| json::texts(&one["colNames"])).find(|names| !names.is_empty());
    let most = results.iter().map(|one| json::list(&one["values"]).len()).max().unwrap_or_default();
    let mut names = named.unwrap_or_else(|| columns.to_vec());
    names.truncate(most);
    names.extend((names.len()..most).map(|at| format!("#{at}")));
    let head = |one: &Value| Column::number(word(view, &json::text(&one["valueName"])));
    let heads = std::iter::once(Column::text(view.t("Column", "列"))).chain(results.iter().map(head)).collect();
    let values: Vec<(bool, Vec<f64>)> = results
        .iter()
        .map(|one| (json::text(&one["valueName"]).ends_with("ratio"), json::numbers(&one["values"])))
        .collect();
    let row = |(at, name): (usize, &String)| {
        let value = |(is_share, all): &(bool, Vec<f64>)| match is_share {
            true => Cell::share(all.get(at).copied()),
            false => Cell::number(all.get(at).copied()),
        };
        Row::from(std::iter::once(Cell::text(name.as_str())).chain(values.iter().map(value)).collect::<Vec<_>>())
    };
    let rows = names.iter().enumerate().map(row).collect();
    let label = view.t("Statistics by column", "各列统计量");
    Grid { name: "statistics", label, columns: heads, rows, total: None, columns_at_once: COLUMNS }
}

fn word(view: &View, name: &str) -> String {
    let known = match name {
        "sum" => view.t("sum", "总和"),
        "count" => view.t("count", "计数"),
        "mean" => view.t("mean", "均值"),
        "stddev" => view.t("standard deviation", "标准差"),
        "variance" => view.t("variance", "方差"),
        "median" => view.t("median", "中位数"),
        "min" => view.t("least", "最小值"),
        "max" => view.t("greatest", "最大值"),
        "missing_ratio" => view.t("missing, share", "缺失比例"),
        "missing_count" => view.t("missing", "缺失数"),
        "skewness" => view.t("skewness", "偏度"),
        "kurtosis" => view.t("kurtosis", "峰度"),
        "coefficient_of_variance" => view.t("coefficient of variation", "变异系数"),
        other => return other.to_owned(),
    };
    known.to_owned()
}
