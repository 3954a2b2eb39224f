//! Neural networks: at which iteration the model was taken, and the curves of their training. Not for: their weights,
//! which no metric has.

use maud::{Markup, html};

use super::pairs::{self, Pair};
use super::{Outputs, json, metrics_only};
use crate::format;
use crate::view::View;

/// What a task of these modules put out; none when its model says nothing of the training.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let param = outputs.part("Param")?;
    let mut facts: Vec<Pair> = Vec::new();
    if let Some(best) = json::number(&param["bestIteration"]).filter(|best| *best >= 0.0) {
        facts.push((view.t("Final model: iteration", "最终模型：迭代").to_owned(), html! { (format::number(best)) }));
    }
    if let Some(done) = param.get("iterNum").or_else(|| param.get("iters")).and_then(json::whole) {
        facts.push((view.t("Iterations done", "已迭代次数").to_owned(), html! { (format::count(done)) }));
    }
    if let Some(is_converged) = json::truth(&param["isConverged"]) {
        let words = if is_converged { view.t("yes", "是") } else { view.t("no", "否") };
        facts.push((view.t("Converged", "已收敛").to_owned(), html! { (words) }));
    }
    (!facts.is_empty()).then(|| {
        html! {
            section.card { h2 { (view.t("Training", "训练")) } (pairs::shown(&facts)) }
            (metrics_only(view, outputs))
        }
    })
}
