//! What a task put out, as its module is best shown: models, summaries and metrics. A module that is not known is shown
//! by the types of its metrics. Not for: tables of data (`data`), fetching any of it (`server`).

use maud::{Markup, html};
use parcae_domain::party::Party;
use parcae_node::view::{ModelPartView, Series};
use serde_json::Value;

use crate::parts::encoded;
use crate::view::View;

pub mod any;
pub mod binning;
pub mod clusters;
pub mod correlation;
pub(crate) mod curves;
pub mod evaluation;
pub(crate) mod extra;
#[cfg(test)]
mod fixtures;
pub mod json;
pub mod networks;
pub mod pairs;
pub mod preparing;
pub mod regression;
pub(crate) mod scores;
pub mod selection;
pub(crate) mod slider;
pub mod stability;
pub mod statistics;
pub(crate) mod tree;
pub mod trees;

/// What a task put out at a party.
#[derive(Clone, Debug)]
pub struct Outputs<'o> {
    /// Module in the DSL: `HeteroLR`.
    pub module: &'o str,
    /// At which party.
    pub party: Party,
    /// Its series.
    pub metrics: &'o [Series],
    /// Parts of its model: their names end in `Param` and `Meta` as FATE's do.
    pub model: &'o [ModelPartView],
    /// Its summary.
    pub summary: Option<&'o Value>,
    /// Path of the page, without a query.
    pub path: &'o str,
    /// What is chosen on the page: names and values of its query.
    pub chosen: &'o [(String, String)],
}

impl Outputs<'_> {
    /// What is chosen of a name: `feature`, `class`, `tree`.
    pub fn chosen(&self, name: &str) -> Option<&str> {
        self.chosen.iter().find(|(its_name, _)| its_name == name).map(|(_, value)| value.as_str())
    }

    /// The page with something else chosen.
    pub fn url(&self, name: &str, value: &str) -> String {
        let others = self.chosen.iter().filter(|(its_name, _)| its_name != name);
        let pairs = others.map(|(name, value)| (name.as_str(), value.as_str())).chain([(name, value)]);
        let query: Vec<String> = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        format!("{}?{}", self.path, query.join("&"))
    }

    /// The part of the model whose name ends so: `Param`, `Meta`.
    pub fn part(&self, ending: &str) -> Option<&Value> {
        self.model.iter().find(|part| part.name.ends_with(ending)).map(|part| &part.json)
    }

    /// Series of a type.
    pub fn of_type<'s>(&'s self, metric_type: &'s str) -> impl Iterator<Item = &'s Series> {
        self.metrics.iter().filter(move |series| series.metric_type == metric_type)
    }

    /// A choice among values, which works without script: a form that asks for the page with it.
    pub fn choice(&self, view: &View, name: &str, label: &str, values: &[&str]) -> Markup {
        let chosen = self.chosen(name).or(values.first().copied());
        html! {
            form.choice method="get" action=(self.path) data-choice {
                @for (other, value) in self.chosen.iter().filter(|(other, _)| other != name) {
                    input type="hidden" name=(other) value=(value);
                }
                label { (label) " "
                    select name=(name) {
                        @for value in values { option value=(value) selected[chosen == Some(*value)] { (value) } }
                    }
                }
                button.small { (view.t("Show", "显示")) }
            }
        }
    }
}

/// What a task put out.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Markup {
    let own = match outputs.module {
        "Evaluation" | "Scorecard" => evaluation::show(view, outputs),
        "HeteroLR" | "HomoLR" | "HeteroSSHELR" | "HeteroLinR" | "HeteroSSHELinR" | "HeteroPoisson"
        | "LocalBaseline" => regression::show(view, outputs),
        "HeteroFeatureBinning" | "HomoFeatureBinning" => binning::show(view, outputs),
        "HeteroFeatureSelection" => selection::show(view, outputs),
        "PSI" => stability::show(view, outputs),
        "HeteroPearson" | "HomoPearson" => correlation::show(view, outputs),
        "DataStatistics" => statistics::show(view, outputs),
        "HeteroKmeans" => clusters::show(view, outputs),
        "HeteroSecureBoost"
        | "HomoSecureBoost"
        | "HeteroFastSecureBoost"
        | "HomoSecureboost"
        | "SBTFeatureTransformer" => trees::show(view, outputs),
        "HeteroNN" | "HomoNN" | "FTL" => networks::show(view, outputs),
        _ => preparing::show(view, outputs),
    };
    html! {
        @for part in outputs.model.iter().filter(|part| part.json.is_null()) {
            p.hint { (part.name) (view.t(
                ": this part of the model is too large to be drawn. The tab of the model has it as a file.",
                "：模型的这一部分过大，无法绘制。可在“模型”标签页下载文件。",
            )) }
        }
        (own.unwrap_or_else(|| any::show(view, outputs)))
    }
}

/// What the metrics of a module draw, without its model: curves, scores.
pub(crate) fn metrics_only(view: &View, outputs: &Outputs<'_>) -> Markup {
    any::metrics(view, outputs, |_| true).unwrap_or_else(|| html! {})
}

/// The first names for a choice, and the chosen one even if it is not among them.
pub(crate) fn first_with<'n>(names: &[&'n str], chosen: &'n str) -> Vec<&'n str> {
    const MOST: usize = 500;
    let mut first: Vec<&str> = names.iter().take(MOST).copied().collect();
    if !first.contains(&chosen) {
        first.push(chosen);
    }
    first
}
