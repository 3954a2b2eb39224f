//! Boosted trees: the trees one by one, what each feature is worth, the loss; and what a transformer makes of the
//! leaves. Not for: scores of predictions (`evaluation`).

use maud::{Markup, html};
use serde_json::Value;

use super::pairs::{self, Pair};
use super::{Outputs, json, metrics_only};
use crate::chart::{self, Axis, Curve, Lines};
use crate::format;
use crate::view::View;
use model::Forest;

mod diagram;
mod importance;
mod layout;
mod leaves;
mod model;
mod picker;

/// What a task of these modules put out; none when there is nothing of it.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    if outputs.module == "SBTFeatureTransformer" {
        return leaves::show(view, outputs);
    }
    let param = outputs.part("Param").filter(|param| param.is_object())?;
    let meta = outputs.part("Meta").unwrap_or(&Value::Null);
    let forest = Forest::of(param, meta, outputs);
    let facts = facts(view, param, meta, &forest);
    if forest.trees().is_empty() && facts.is_empty() {
        return None;
    }
    Some(html! {
        @if !facts.is_empty() {
            section.card { h2 { (view.t("Model", "模型")) } (pairs::shown(&facts)) }
        }
        (loss(view, outputs, param))
        (picker::show(view, outputs, &forest))
        (importance::show(view, outputs, param, &forest))
        (importance::names(view, outputs, param, &forest))
        (metrics_only(view, outputs))
    })
}

fn facts(view: &View, param: &Value, meta: &Value, forest: &Forest<'_>) -> Vec<Pair> {
    let mut all: Vec<Pair> = Vec::new();
    let mut tell = |label: &str, value: String| {
        if !value.is_empty() {
            all.push((label.to_owned(), html! { (value) }));
        }
    };
    let count = json::whole(&param["treeNum"]).or((!forest.trees().is_empty()).then_some(forest.trees().len() as u64));
    tell(view.t("Trees", "树的数量"), count.map(format::count).unwrap_or_default());
    let best = json::number(&param["bestIteration"]).filter(|best| *best >= 0.0);
    tell(view.t("Best iteration", "最佳迭代"), best.map(format::number).unwrap_or_default());
    tell(view.t("Depth at most", "最大深度"), json::text(&meta["treeMeta"]["maxDepth"]));
    tell(view.t("Learning rate", "学习率"), json::text(&meta["learningRate"]));
    tell(view.t("Objective", "目标函数"), json::text(&meta["objectiveMeta"]["objective"]));
    let strategy = json::get(meta, "boostingStrategy").or(json::get(meta, "workMode"));
    tell(view.t("Strategy", "建树策略"), strategy.map(json::text).unwrap_or_default());
    tell(view.t("Classes", "类别"), json::texts(&param["classes"]).join(", "));
    let start = json::numbers(&param["initScore"]);
    let start: Vec<String> = start.iter().take(8).map(|score| format::number(*score)).collect();
    tell(view.t("Scores begin at", "初始分数"), start.join(", "));
    all
}

/// The loss by tree, unless a metric has it.
fn loss(view: &View, outputs: &Outputs<'_>, param: &Value) -> Markup {
    let losses = json::numbers(&param["losses"]);
    if losses.is_empty() || outputs.of_type("LOSS").next().is_some() {
        return html! {};
    }
    let points = losses.iter().enumerate().map(|(at, loss)| (at as f64, *loss)).collect();
    let title = view.t("Loss by iteration", "损失曲线");
    let chart = Lines {
        id: "tree-loss".into(),
        title: title.into(),
        x: Axis { label: view.t("iteration", "迭代").into(), range: None },
        y: Axis { label: view.t("loss", "损失").into(), range: None },
        curves: vec![Curve { name: view.t("loss", "损失").into(), points, ..Curve::default() }],
        marks: Vec::new(),
    };
    html! { section.card { h2 { (title) } (chart::lines(view, &chart)) } }
}
