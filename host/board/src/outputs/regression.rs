//! What linear models put out (logistic, linear, Poisson): how training went, weights, loss, validation while training.
//! Not for: predictions (`evaluation`), the mathematics.

use maud::{Markup, html};
use parcae_domain::party::Role;
use parcae_node::view::Series;
use serde_json::{Map, Value};

use super::{Outputs, any, extra, json};
use crate::chart::{self, Axis, Curve, Lines};
use crate::format::{count, number};
use crate::grid::{Cell, Column, Grid, Row};
use crate::parts::facts;
use crate::view::View;

/// Charts of validation at most.
const MOST_CHARTS: usize = 12;

/// One model: the only one, or that of one class.
struct Single<'m> {
    param: &'m Value,
    /// What the summary says of it.
    summary: Option<&'m Value>,
}

/// What a task of these modules put out; none when there is nothing of it.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let (single, choice) = chosen(view, outputs);
    let course = single.as_ref().and_then(|single| course(view, outputs, single));
    let weights = single.as_ref().and_then(|single| weights(view, outputs, single));
    let losses = losses(view, outputs, single.as_ref());
    let validation = single.as_ref().map(|single| validation(view, single)).unwrap_or_default();
    let rest = any::metrics(view, outputs, |series| !is_loss(series) && !is_step(series));
    let steps = steps(view, outputs);
    let settings = settings(view, outputs);
    let has_charts = !losses.is_empty() || !validation.is_empty();
    if course.is_none() && !has_charts && rest.is_none() && steps.is_none() {
        return None;
    }
    Some(html! {
        @if course.is_some() || settings.is_some() {
            section.card {
                h2 { (view.t("Training", "训练")) }
                (choice)
                @if let Some(course) = &course { (course) }
                @if let Some(settings) = &settings { (settings) }
                @if losses.is_empty() && is_led_by_arbiter(outputs) {
                    p.hint { (view.t(
                        "The arbiter knows the loss: this task's page at the arbiter has its course.",
                        "损失由仲裁方掌握：其变化过程见该任务在仲裁方的页面。",
                    )) }
                }
            }
        }
        @if has_charts {
            section.card {
                h2 { (view.t("Course of the training", "训练过程")) }
                div.charts { @for chart in losses.iter().chain(&validation) { (chart) } }
            }
        }
        @if let Some(weights) = &weights { (weights) }
        @if let Some(steps) = &steps { (steps) }
        @if let Some(rest) = &rest { (rest) }
    })
}

/// Whether somebody else is told how training goes.
fn is_led_by_arbiter(outputs: &Outputs<'_>) -> bool {
    matches!(outputs.module, "HeteroLR" | "HeteroLinR" | "HeteroPoisson") && outputs.party.role != Role::Arbiter
}

/// The model that is shown, and what one chooses it by where there is one for each class.
fn chosen<'m>(view: &View, outputs: &'m Outputs<'_>) -> (Option<Single<'m>>, Markup) {
    let Some(param) = outputs.part("Param") else { return (None, html! {}) };
    let several = param.get("oneVsRestResult").filter(|several| several.is_object()).unwrap_or(&Value::Null);
    let models = json::list(several.get("completedModels").unwrap_or(&Value::Null));
    let classes = json::texts(several.get("oneVsRestClasses").unwrap_or(&Value::Null));
    if models.is_empty() {
        return (Some(Single { param, summary: outputs.summary }), html! {});
    }
    let name = |at: usize| classes.get(at).cloned().unwrap_or_else(|| at.to_string());
    let names: Vec<String> = (0..models.len()).map(name).collect();
    let at = outputs.chosen("class").and_then(|asked| names.iter().position(|name| name == asked)).unwrap_or(0);
    let words: Vec<&str> = names.iter().map(String::as_str).collect();
    let choice = outputs.choice(view, "class", view.t("Model of class", "类别模型"), &words);
    let summary = outputs.summary.and_then(|summary| summary.get(&names[at]));
    (models.get(at).map(|param| Single { param, summary }), choice)
}

fn yes_or_no(view: &View, value: bool) -> &'static str {
    if value { view.t("yes", "是") } else { view.t("no", "否") }
}

/// How training ended.
fn course(view: &View, outputs: &Outputs<'_>, single: &Single<'_>) -> Option<Markup> {
    let get = |key: &str| single.param.get(key);
    let mut rows: Vec<(&str, Markup)> = Vec::new();
    if let Some(iterations) = get("iters").and_then(json::whole) {
        rows.push((view.t("Iterations", "迭代次数"), html! { (count(iterations)) }));
    }
    if let Some(converged) = get("isConverged").and_then(json::truth) {
        rows.push((view.t("Converged", "已收敛"), html! { (yes_or_no(view, converged)) }));
    }
    if let Some(best) = get("bestIteration").and_then(json::whole) {
        rows.push((view.t("Final model: iteration", "最终模型：迭代"), html! { (count(best)) }));
    }
    let columns = get("weight").and_then(Value::as_object).map_or(0, Map::len);
    if columns > 0 {
        rows.push((view.t("Weights of this party", "本方权重数"), html! { (count(columns as u64)) }));
    }
    let hidden = get("encryptedWeight").and_then(Value::as_object).map_or(0, Map::len);
    if hidden > 0 {
        rows.push((view.t("Weights that are encrypted", "加密的权重数"), html! { (count(hidden as u64)) }));
    }
    if let Some(loss) = json::numbers(get("lossHistory").unwrap_or(&Value::Null)).last() {
        rows.push((view.t("Last loss", "最后的损失"), html! { (number(*loss)) }));
    }
    let start = outputs.metrics.iter().find(|series| series.metric_type == "init_iter");
    if let Some(start) = start.and_then(|series| super::pairs::point(series, "init_iter")) {
        rows.push((view.t("Went on from iteration", "从迭代继续"), html! { (number(start)) }));
    }
    (!rows.is_empty()).then(|| facts(rows))
}

/// Parameters that the model was trained with.
fn settings(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let meta = outputs.part("Meta")?.as_object()?;
    let single = |value: &Value| !value.is_array() && !value.is_object() && !json::text(value).is_empty();
    let single: Vec<(&String, &Value)> = meta.iter().filter(|(_, value)| single(value)).collect();
    (!single.is_empty()).then(|| {
        html! {
            details #settings {
                summary { (view.t("Settings of the training", "训练参数")) }
                (facts(single.iter().map(|(name, value)| (name.as_str(), html! { (json::text(value)) }))))
            }
        }
    })
}

fn is_loss(series: &Series) -> bool {
    series.metric_type.eq_ignore_ascii_case("LOSS") || series.metric_type == "init_iter"
}

fn is_step(series: &Series) -> bool {
    let has = |text: &str| text.to_ascii_lowercase().contains("stepwise");
    has(&series.metric_type) || has(&series.name) || has(&series.namespace)
}

/// Loss by iteration, as it was told, else as the model has it.
fn losses(view: &View, outputs: &Outputs<'_>, single: Option<&Single<'_>>) -> Vec<Markup> {
    let told: Vec<&Series> = outputs.metrics.iter().filter(|series| is_loss(series)).collect();
    let charts = any::courses(view, &told);
    if !charts.is_empty() {
        return charts;
    }
    let history = single.and_then(|single| single.param.get("lossHistory")).map(json::numbers).unwrap_or_default();
    if history.is_empty() {
        return Vec::new();
    }
    let word = view.t("Loss", "损失");
    let points = history.into_iter().enumerate().map(|(at, loss)| (at as f64, loss)).collect();
    let axis = |label: &str| Axis { label: label.to_owned(), range: None };
    let chart = Lines {
        id: "loss-history".to_owned(),
        title: word.to_owned(),
        x: axis(view.t("Iteration", "迭代")),
        y: axis(word),
        curves: vec![Curve { name: word.to_owned(), points, ..Curve::default() }],
        ..Lines::default()
    };
    vec![chart::lines(view, &chart)]
}

/// Measures by validation, data sets over each other.
fn validation(view: &View, single: &Single<'_>) -> Vec<Markup> {
    let told = single.summary.and_then(|summary| summary.get("validation_metrics")).unwrap_or(&Value::Null);
    let mut measures: Vec<&str> = Vec::new();
    for (measure, _) in json::entries(told).into_iter().flat_map(|(_, of)| json::entries(of)) {
        if !measures.contains(&measure) {
            measures.push(measure);
        }
    }
    let curve = |(dataset, of): (&str, &Value), measure: &str| {
        let values = json::numbers(of.get(measure)?);
        let points = values.into_iter().enumerate().map(|(at, value)| (at as f64 + 1.0, value)).collect();
        Some(Curve { name: dataset.to_owned(), points, ..Curve::default() })
    };
    let chart = |measure: &&str| {
        let name = super::scores::name(view, measure).to_owned();
        let chart = Lines {
            id: format!("validation-{measure}"),
            title: name.clone(),
            x: Axis { label: view.t("Validation", "验证次序").to_owned(), range: None },
            y: Axis { label: name, range: None },
            curves: json::entries(told).into_iter().filter_map(|entry| curve(entry, measure)).collect(),
            ..Lines::default()
        };
        chart::lines(view, &chart)
    };
    measures.iter().take(MOST_CHARTS).map(chart).collect()
}

/// Weights with their bars, and the intercept where this party has it.
fn weights(view: &View, outputs: &Outputs<'_>, single: &Single<'_>) -> Option<Markup> {
    let weights = single.param.get("weight").and_then(Value::as_object).filter(|weights| !weights.is_empty())?;
    let header = json::texts(single.param.get("header").unwrap_or(&Value::Null));
    let in_order = header.iter().filter_map(|name| weights.get_key_value(name));
    let others = weights.iter().filter(|(name, _)| !header.contains(name));
    let all: Vec<(&str, f64)> = in_order
        .chain(others)
        .map(|(name, weight)| (name.as_str(), json::number(weight).unwrap_or(f64::NAN)))
        .collect();
    let intercept = single.param.get("intercept").and_then(json::number);
    let intercept = intercept.filter(|value| *value != 0.0 || outputs.party.role == Role::Guest);
    let sizes = all.iter().map(|(_, weight)| weight.abs()).chain(intercept.map(f64::abs));
    let greatest = sizes.filter(|size| size.is_finite()).fold(0.0, f64::max);
    let row = |name: &str, weight: f64| {
        let bar = Cell::Shown(bar(weight, greatest), String::new());
        vec![Cell::text(name), Cell::number(Some(weight)), bar, Cell::number(Some(weight.abs()))]
    };
    let grid = Grid {
        name: "weights",
        label: view.t("Weights", "权重"),
        columns: vec![
            Column::text(view.t("Variable", "变量")),
            Column::number(view.t("Weight", "权重")),
            Column::text(view.t("Sign and size", "方向与大小")),
            Column::number(view.t("Absolute", "绝对值")),
        ],
        rows: all.iter().map(|(name, weight)| Row::from(row(name, *weight))).collect(),
        total: intercept.map(|value| Row::from(row(view.t("Intercept", "截距"), value))),
        ..Grid::default()
    };
    Some(html! {
        section.card {
            h2 { (view.t("Weights", "权重")) }
            (grid.show(view, outputs))
        }
    })
}

/// A weight as a bar, to the right above 0 and to the left below.
fn bar(weight: f64, greatest: f64) -> Markup {
    let share = if greatest > 0.0 && weight.is_finite() { weight.abs() / greatest } else { 0.0 };
    let long = (share * 490.0).round() / 10.0;
    let (class, from) = if weight < 0.0 { ("below", 50.0 - long) } else { ("above", 50.0) };
    html! {
        svg.weight-bar viewBox="0 0 100 10" aria-hidden="true" focusable="false" {
            rect.(class) x=(from) y="1.5" width=(long) height="7" {}
            line x1="50" x2="50" y1="0" y2="10" {}
        }
    }
}

/// Tables of a stepwise selection, one step at a time.
fn steps(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let all: Vec<&Series> = outputs.metrics.iter().filter(|series| is_step(series)).collect();
    let names: Vec<&str> = all.iter().map(|series| series.name.as_str()).collect();
    let at = outputs.chosen("step").and_then(|asked| names.iter().position(|name| *name == asked)).unwrap_or(0);
    let step = all.get(at)?;
    let beside = extra::show(view, &step.extra);
    let points = super::pairs::points(view, step, &[]);
    Some(html! {
        section.card #steps {
            h2 { (view.t("Stepwise selection", "逐步回归")) }
            (outputs.choice(view, "step", view.t("Step", "步骤"), &names))
            @if !points.is_empty() { (super::pairs::shown(&points)) }
            @if let Some(beside) = &beside { (beside) }
        }
    })
}

#[cfg(test)]
mod tests;
