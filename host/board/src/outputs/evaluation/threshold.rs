//! What predictions come to at a threshold: the confusion matrix with what follows from it, and precision and recall at
//! quantiles of the scores. Not for: curves.

use maud::{Markup, html};
use serde_json::Value;

use super::{Told, one_of, told};
use crate::format::{count, number};
use crate::grid::percent;
use crate::outputs::{Outputs, json, slider::Slider};
use crate::parts::{facts, scrolling};
use crate::view::View;

/// Thresholds at most.
const MOST: usize = 1_000;

/// Predictions at one threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Counts {
    tp: f64,
    fp: f64,
    fn_: f64,
    tn: f64,
}

impl Counts {
    fn all(&self) -> f64 {
        self.tp + self.fp + self.fn_ + self.tn
    }
}

fn share(part: f64, of: f64) -> f64 {
    if of > 0.0 { part / of } else { 0.0 }
}

fn list(told: &Told<'_>, key: &str) -> Vec<f64> {
    json::numbers(told.series.extra.get(key).unwrap_or(&Value::Null))
}

/// Counts by threshold.
fn counts(told: &Told<'_>) -> Vec<(f64, Counts)> {
    let [tp, fp, fn_, tn] = ["tp", "fp", "fn", "tn"].map(|key| list(told, key));
    let thresholds = list(told, "thresholds");
    let count = [tp.len(), fp.len(), fn_.len(), tn.len(), thresholds.len(), MOST].into_iter().min().unwrap_or(0);
    let all = (0..count).map(|at| (thresholds[at], Counts { tp: tp[at], fp: fp[at], fn_: fn_[at], tn: tn[at] }));
    all.filter(|(threshold, counts)| threshold.is_finite() && counts.all().is_finite()).collect()
}

/// F1 at a threshold as it was told, else as it follows from the counts.
fn f1(told: Option<&Told<'_>>, threshold: f64, counts: Counts) -> f64 {
    let found = told.and_then(|f1| {
        let at = list(f1, "thresholds").iter().position(|other| *other == threshold)?;
        list(f1, "f1_scores").get(at).copied().filter(|f1| f1.is_finite())
    });
    found.unwrap_or_else(|| share(2.0 * counts.tp, 2.0 * counts.tp + counts.fp + counts.fn_))
}

/// How deep the colour of a cell is: a class.
fn shade(part: f64, of: f64) -> String {
    format!("shade s{}", (share(part, of) * 10.0).round().clamp(0.0, 10.0))
}

/// The confusion matrix, with a slider over thresholds.
pub(super) fn confusion(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let all: Vec<Told<'_>> =
        told(outputs, "CONFUSION_MAT").into_iter().filter(|told| !counts(told).is_empty()).collect();
    let (one, choice) = one_of(view, outputs, "matrix", &all)?;
    let rows = counts(one);
    let scores = told(outputs, "F1_SCORE");
    let scores = scores.iter().find(|other| other.model == one.model && other.dataset == one.dataset);
    let slider = slider(view, &rows, scores);
    let usual = rows.iter().position(|(threshold, _)| *threshold >= 0.5).unwrap_or(rows.len() / 2);
    let slider = slider.placed(outputs, usual);
    let body = matrix(view, &slider);
    Some(html! {
        section.card #confusion {
            h2 { (view.t("Confusion matrix", "混淆矩阵")) }
            (choice)
            p.hint { (one.label()) }
            (slider.show(view, outputs, &body))
        }
    })
}

fn slider(view: &View, rows: &[(f64, Counts)], scores: Option<&Told<'_>>) -> Slider<'static> {
    let of = |cell: &dyn Fn(f64, Counts) -> String| -> Vec<String> { rows.iter().map(|(t, c)| cell(*t, *c)).collect() };
    let whole = |value: f64| count(value.max(0.0) as u64);
    let cells = vec![
        ("tp", of(&|_, c| whole(c.tp))),
        ("fp", of(&|_, c| whole(c.fp))),
        ("fn", of(&|_, c| whole(c.fn_))),
        ("tn", of(&|_, c| whole(c.tn))),
        ("tp-share", of(&|_, c| percent(share(c.tp, c.tp + c.fn_)))),
        ("fn-share", of(&|_, c| percent(share(c.fn_, c.tp + c.fn_)))),
        ("fp-share", of(&|_, c| percent(share(c.fp, c.fp + c.tn)))),
        ("tn-share", of(&|_, c| percent(share(c.tn, c.fp + c.tn)))),
        ("tp-shade", of(&|_, c| shade(c.tp, c.tp + c.fn_))),
        ("fn-shade", of(&|_, c| shade(c.fn_, c.tp + c.fn_))),
        ("fp-shade", of(&|_, c| shade(c.fp, c.fp + c.tn))),
        ("tn-shade", of(&|_, c| shade(c.tn, c.fp + c.tn))),
        ("precision", of(&|_, c| number(share(c.tp, c.tp + c.fp)))),
        ("recall", of(&|_, c| number(share(c.tp, c.tp + c.fn_)))),
        ("accuracy", of(&|_, c| number(share(c.tp + c.tn, c.all())))),
        ("f1", of(&|t, c| number(f1(scores, t, c)))),
    ];
    let stops = rows.iter().map(|(threshold, _)| number(*threshold)).collect();
    Slider { id: "threshold", label: view.t("Threshold", "阈值"), stops, at: 0, cells }
}

fn matrix(view: &View, slider: &Slider<'_>) -> Markup {
    let cell = |name: &str| {
        let (share, shade) = (format!("{name}-share"), format!("{name}-shade"));
        html! {
            td class=(slider.value(&shade)) data-cell-class=(shade) {
                strong { (slider.cell(name)) } " " span.soft { (slider.cell(&share)) }
            }
        }
    };
    let label = view.t("Confusion matrix", "混淆矩阵");
    html! {
        div.result {
            (scrolling(label, html! {
                table.confusion {
                    thead { tr {
                        th scope="col" { (view.t("In truth", "实际")) }
                        th scope="col" { (view.t("Predicted positive", "预测为正")) }
                        th scope="col" { (view.t("Predicted negative", "预测为负")) }
                    } }
                    tbody {
                        tr { th scope="row" { (view.t("Positive", "正例")) } (cell("tp")) (cell("fn")) }
                        tr { th scope="row" { (view.t("Negative", "负例")) } (cell("fp")) (cell("tn")) }
                    }
                }
            }))
            (facts([
                (view.t("Precision", "精确率"), slider.cell("precision")),
                (view.t("Recall", "召回率"), slider.cell("recall")),
                ("F1", slider.cell("f1")),
                (view.t("Accuracy", "准确率"), slider.cell("accuracy")),
            ]))
        }
    }
}

/// One quantile of the scores.
struct Quantile {
    name: String,
    threshold: f64,
    precision: f64,
    recall: f64,
}

/// The last of each pair: FATE pairs figures with the place of the negative class.
fn lasts(told: &Told<'_>, key: &str) -> Vec<f64> {
    let items = json::list(told.series.extra.get(key).unwrap_or(&Value::Null));
    let last = |item: &Value| match item {
        Value::Array(pair) => pair.last().and_then(json::number),
        one => json::number(one),
    };
    items.iter().map(|item| last(item).unwrap_or(f64::NAN)).collect()
}

fn quantiles_of(told: &Told<'_>) -> Vec<Quantile> {
    let (thresholds, p, r) = (list(told, "thresholds"), lasts(told, "p_scores"), lasts(told, "r_scores"));
    let count = thresholds.len().min(p.len()).min(r.len()).min(MOST);
    let name = |at: usize| percent(at as f64 / (count.max(2) - 1) as f64);
    let quantile = |at: usize| Quantile { name: name(at), threshold: thresholds[at], precision: p[at], recall: r[at] };
    (0..count).map(quantile).collect()
}

/// Precision and recall where a share of the rows is predicted negative.
pub(super) fn quantiles(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let all: Vec<Told<'_>> =
        told(outputs, "QUANTILE_PR").into_iter().filter(|told| !quantiles_of(told).is_empty()).collect();
    let (one, choice) = one_of(view, outputs, "quantiles", &all)?;
    let rows = quantiles_of(one);
    let of = |cell: fn(&Quantile) -> f64| -> Vec<String> { rows.iter().map(|row| number(cell(row))).collect() };
    let slider = Slider {
        id: "quantile",
        label: view.t("Quantile of the scores", "得分分位数"),
        stops: rows.iter().map(|row| row.name.clone()).collect(),
        at: 0,
        cells: vec![
            ("threshold", of(|row| row.threshold)),
            ("precision", of(|row| row.precision)),
            ("recall", of(|row| row.recall)),
        ],
    };
    let slider = slider.placed(outputs, rows.len() / 2);
    let body = facts([
        (view.t("Threshold", "阈值"), slider.cell("threshold")),
        (view.t("Precision", "精确率"), slider.cell("precision")),
        (view.t("Recall", "召回率"), slider.cell("recall")),
    ]);
    let table = scrolling(view.t("Quantiles", "分位数"), quantile_table(view, &rows));
    Some(html! {
        section.card #quantiles {
            h2 { (view.t("Precision and recall by quantile", "各分位数的精确率与召回率")) }
            (choice)
            p.hint { (one.label()) }
            (slider.show(view, outputs, &body))
            details #quantile-table { summary { (view.t("All quantiles", "全部分位数")) } (table) }
        }
    })
}

fn quantile_table(view: &View, rows: &[Quantile]) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { (view.t("Quantile", "分位数")) }
                th.num scope="col" { (view.t("Threshold", "阈值")) }
                th.num scope="col" { (view.t("Precision", "精确率")) }
                th.num scope="col" { (view.t("Recall", "召回率")) }
            } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { (row.name) }
                        td.num { (number(row.threshold)) }
                        td.num { (number(row.precision)) }
                        td.num { (number(row.recall)) }
                    }
                }
            }
        }
    }
}
