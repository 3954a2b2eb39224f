//! Binning: how each feature was cut into bins, and what the bins tell of the label. Not for: which features were
//! selected.

use maud::{Markup, html};
use serde_json::Value;

use super::{Outputs, first_with, json};
use crate::format;
use crate::grid::{self, Cell, Column, Grid, Row, natural};
use crate::parts::tabs;
use crate::view::View;
use result::Results;

mod feature;
mod result;

/// What a task of these modules put out; none when there is nothing of it.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let param = outputs.part("Param")?;
    let stages: Vec<(&str, Results<'_>)> = [("train", ""), ("predict", "transform")]
        .into_iter()
        .map(|(stage, prefix)| (stage, Results::of(param, prefix, outputs)))
        .filter(|(_, results)| !results.parties(None).is_empty())
        .collect();
    let asked = outputs.chosen("stage");
    let (stage, results) = stages.iter().find(|(stage, _)| asked == Some(*stage)).or(stages.first())?;
    let class = results.class(outputs.chosen("class"));
    let parties = results.parties(class);
    let names: Vec<String> = parties.iter().map(|one| one.name.clone()).collect();
    let asked = outputs.chosen("party");
    let party = parties.iter().find(|one| asked == Some(one.name.as_str())).or(parties.first())?;
    let features = Features::of(view, param, party);
    Some(html! {
        section.card {
            h2 { (view.t("Bins of all features", "全部特征的分箱")) }
            @if stages.len() > 1 { (stage_tabs(view, outputs, stage)) }
            div.row.choices {
                @if names.len() > 1 {
                    (outputs.choice(view, "party", view.t("Party", "参与方"), &refs(&names)))
                }
                @if !results.labels().is_empty() {
                    @let words = view.t("Label against the rest", "标签（对其余）");
                    (outputs.choice(view, "class", words, &refs(results.labels())))
                }
            }
            (features.show(view, outputs))
        }
        (detail(view, outputs, &features))
    })
}

fn refs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn stage_tabs(view: &View, outputs: &Outputs<'_>, here: &str) -> Markup {
    let stages = [("train", view.t("Training", "训练")), ("predict", view.t("Later data", "预测数据"))];
    let links = stages.map(|(stage, words)| (grid::url(outputs, &[("stage", stage)], ""), words, stage == here));
    tabs(view.t("Data", "数据"), links)
}

/// The feature that is chosen, or the best.
fn detail(view: &View, outputs: &Outputs<'_>, features: &Features<'_>) -> Markup {
    let names = features.by_value();
    let asked = outputs.chosen("feature").filter(|name| names.contains(name));
    let Some(name) = asked.or(names.first().copied()) else { return html! {} };
    let Some((_, bins)) = features.all.iter().find(|(its_name, _)| *its_name == name) else { return html! {} };
    html! {
        section.card #feature {
            h2 { (view.t("Bins of ", "特征分箱：")) (name) }
            (outputs.choice(view, "feature", view.t("Feature", "特征"), &first_with(&names, name)))
            (feature::show(view, outputs, name, bins))
        }
    }
}

/// The features of a party.
struct Features<'f> {
    all: Vec<(&'f str, &'f Value)>,
    anonymous: Vec<(String, String)>,
    has_values: bool,
    label: &'static str,
}

impl<'f> Features<'f> {
    fn of(view: &View, param: &Value, party: &result::PartyBins<'f>) -> Features<'f> {
        let mut all = json::entries(party.features);
        all.sort_by(|(a, _), (b, _)| natural(a, b));
        let names = json::texts(&param["header"]).into_iter();
        let anonymous = if party.is_own {
            names.zip(json::texts(&param["headerAnonymous"])).filter(|(_, name)| !name.is_empty()).collect()
        } else {
            Vec::new()
        };
        let has_values = all.iter().any(|(_, bins)| !json::list(&bins["woeArray"]).is_empty());
        Features { all, anonymous, has_values, label: view.t("Bins of all features", "全部特征的分箱") }
    }

    /// Names, those with most value first.
    fn by_value(&self) -> Vec<&'f str> {
        let value = |bins: &Value| json::number(&bins["iv"]).unwrap_or_default();
        let mut all = self.all.clone();
        if self.has_values {
            all.sort_by(|(_, a), (_, b)| value(b).total_cmp(&value(a)));
        }
        all.into_iter().map(|(name, _)| name).collect()
    }

    fn show(&self, view: &View, outputs: &Outputs<'_>) -> Markup {
        let mut columns = vec![Column::text(view.t("Feature", "特征"))];
        if !self.anonymous.is_empty() {
            columns.push(Column::text(view.t("Name for other parties", "对外匿名名")));
        }
        columns.push(Column::number(view.t("Bins", "分箱数")));
        if self.has_values {
            columns.push(Column::number(view.t("Information value", "信息值 IV")));
            columns.push(Column::text(view.t("WOE monotonic", "WOE 单调")));
        }
        let rows = self.all.iter().map(|(name, bins)| self.row(view, outputs, name, bins)).collect();
        Grid { name: "bins", label: self.label, columns, rows, ..Grid::default() }.show(view, outputs)
    }

    fn row(&self, view: &View, outputs: &Outputs<'_>, name: &str, bins: &Value) -> Row {
        let url = grid::url(outputs, &[("feature", name), ("bin.page", "")], "feature");
        let mut cells = vec![Cell::link(&url, name)];
        if !self.anonymous.is_empty() {
            let known = self.anonymous.iter().find(|(its_name, _)| its_name == name);
            cells.push(Cell::text(known.map(|(_, anonymous)| anonymous.clone()).unwrap_or_default()));
        }
        cells.push(Cell::Number(feature::count(bins) as f64));
        if self.has_values {
            let words = match json::truth(&bins["isWoeMonotonic"]) {
                Some(true) => view.t("yes", "是"),
                Some(false) => view.t("no", "否"),
                None => "",
            };
            cells.extend([Cell::number(json::number(&bins["iv"])), Cell::text(words)]);
        }
        Row::from(cells)
    }
}

/// Words on how telling an information value is.
fn strength(view: &View, iv: f64) -> &'static str {
    match iv {
        iv if iv >= 0.5 => view.t("very strong, look twice", "极强，请核查"),
        iv if iv >= 0.3 => view.t("strong", "强"),
        iv if iv >= 0.1 => view.t("medium", "中等"),
        iv if iv >= 0.02 => view.t("weak", "弱"),
        _ => view.t("tells nothing", "无区分度"),
    }
}

/// An information value with its words.
fn valued(view: &View, iv: f64) -> Markup {
    html! { "IV " strong { (format::number(iv)) } " · " (strength(view, iv)) }
}
