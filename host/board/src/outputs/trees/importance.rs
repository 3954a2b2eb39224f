//! What each feature is worth to the trees, and under which names other parties know the features. Not for: the trees.

use maud::{Markup, html};
use serde_json::Value;

use super::model::Forest;
use crate::chart::{self, Axis, Bars, Values};
use crate::grid::{self, Cell, Column, Grid, Row};
use crate::outputs::{Outputs, json};
use crate::parts::tabs;
use crate::view::View;

/// Features with a bar.
const BARS: usize = 30;

/// What a feature is worth.
struct Worth {
    feature: String,
    party: String,
    split: Option<f64>,
    gain: Option<f64>,
}

impl Worth {
    fn of(one: &Value, forest: &Forest<'_>) -> Worth {
        let party = json::text(&one["sitename"]);
        let number = json::text(&one["fid"]);
        let full = json::text(&one["fullname"]);
        let feature = match forest.is_own(&party) {
            true => forest.feature(&number),
            false if full.is_empty() => format!("{}_{number}", party.replace(':', "_")),
            false => full,
        };
        let (main, other) = (json::number(&one["importance"]), json::number(&one["importance2"]));
        let (split, gain) = if json::text(&one["main"]) == "gain" { (other, main) } else { (main, other) };
        Worth { feature, party: party.replace(':', " "), split, gain }
    }

    fn by(&self, is_gain: bool) -> f64 {
        let worth = if is_gain { self.gain } else { self.split };
        worth.filter(|worth| worth.is_finite()).unwrap_or_default()
    }
}

/// What each feature is worth; nothing if the model does not say.
pub fn show(view: &View, outputs: &Outputs<'_>, param: &Value, forest: &Forest<'_>) -> Markup {
    let told = json::list(&param["featureImportances"]);
    let mut all: Vec<Worth> = told.iter().map(|one| Worth::of(one, forest)).collect();
    if all.is_empty() {
        return html! {};
    }
    let main = told.first().map(|one| json::text(&one["main"])).unwrap_or_default();
    let is_gain = outputs.chosen("importance").unwrap_or(&main) == "gain";
    all.sort_by(|a, b| b.by(is_gain).total_cmp(&a.by(is_gain)));
    let label = view.t("Importance of features", "特征重要性");
    html! {
        section.card #importance {
            h2 { (label) }
            (measures(view, outputs, &main, is_gain))
            (bars(view, &all, is_gain))
            (table(view, &all, label).show(view, outputs))
        }
    }
}

fn measures(view: &View, outputs: &Outputs<'_>, main: &str, is_gain: bool) -> Markup {
    let words = |measure: &str, en: &'static str, zh: &'static str| {
        let used = if main == measure { view.t(" (the one that was asked for)", "（所选度量）") } else { "" };
        format!("{}{used}", view.t(en, zh))
    };
    let (split, gain) = (words("split", "By splits", "按分裂次数"), words("gain", "By gain", "按增益"));
    let url = |measure: &str| grid::url(outputs, &[("importance", measure)], "importance");
    let links = [(url("split"), split.as_str(), !is_gain), (url("gain"), gain.as_str(), is_gain)];
    tabs(view.t("Measure", "度量"), links)
}

fn bars(view: &View, all: &[Worth], is_gain: bool) -> Markup {
    let shown = &all[..all.len().min(BARS)];
    let name = if is_gain { view.t("gain", "增益") } else { view.t("splits", "分裂次数") };
    let chart = Bars {
        id: "importances".into(),
        title: view.t("The most important features", "最重要的特征").into(),
        categories: shown.iter().map(|one| one.feature.clone()).collect(),
        x: view.t("feature", "特征").into(),
        y: Axis { label: name.into(), range: None },
        bars: vec![Values { name: name.into(), values: shown.iter().map(|one| one.by(is_gain)).collect() }],
        ..Bars::default()
    };
    chart::bars(view, &chart)
}

fn table<'g>(view: &'g View, all: &[Worth], label: &'g str) -> Grid<'g> {
    let columns = vec![
        Column::text(view.t("Feature", "特征")),
        Column::text(view.t("Party", "参与方")),
        Column::number(view.t("Splits", "分裂次数")),
        Column::number(view.t("Gain", "增益")),
    ];
    let row = |one: &Worth| {
        let cells = vec![
            Cell::text(one.feature.as_str()),
            Cell::text(one.party.as_str()),
            Cell::number(one.split),
            Cell::number(one.gain),
        ];
        Row::from(cells)
    };
    Grid { name: "importance", label, columns, rows: all.iter().map(row).collect(), ..Grid::default() }
}

/// Under which names other parties know the features.
pub fn names(view: &View, outputs: &Outputs<'_>, param: &Value, forest: &Forest<'_>) -> Markup {
    let told = json::entries(&param["anonymousNameMapping"]);
    let own = format!("{}_{}", outputs.party.role, outputs.party.id);
    let pairs: Vec<(String, String)> = match told.is_empty() {
        false => told.into_iter().map(|(anonymous, name)| (json::text(name), anonymous.to_owned())).collect(),
        true if outputs.module.starts_with("Homo") => Vec::new(),
        true => forest.features().into_iter().map(|(at, name)| (name, format!("{own}_{at}"))).collect(),
    };
    if pairs.is_empty() {
        return html! {};
    }
    let label = view.t("Names for other parties", "对外匿名名");
    let columns = vec![Column::text(view.t("Feature", "特征")), Column::text(label)];
    let row = |(name, anonymous)| Row::from(vec![Cell::Text(name), Cell::Text(anonymous)]);
    let grid = Grid { name: "names", label, columns, rows: pairs.into_iter().map(row).collect(), ..Grid::default() };
    html! { section.card { h2 { (label) } (grid.show(view, outputs)) } }
}
