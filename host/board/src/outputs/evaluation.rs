//! What module Evaluation put out: scores, curves, what predictions at a threshold come to, and how far scores have
//! moved. Not for: reckoning any of it (the component does), drawing (`chart`).

use maud::{Markup, html};
use parcae_node::view::Series;

use super::{
    Outputs,
    curves::{self, Kind, Sample},
    scores::{self, Scores},
};
use crate::{chart, view::View};

mod classes;
mod grouping;
mod moved;
mod threshold;

/// Curves over each other at most.
const MOST_CURVES: usize = 12;
/// What a model of one class against the rest has in its name.
const ONE_CLASS: &str = "_class_";

/// Series of a type, with model and data set.
struct Told<'s> {
    model: &'s str,
    dataset: &'s str,
    series: &'s Series,
}

impl Told<'_> {
    fn label(&self) -> String {
        format!("{} · {}", self.model, self.dataset)
    }
}

/// What a task of this module put out; none when there is nothing of it.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let all = Scores::of(outputs.metrics);
    let whole = all.only(|row| !row.model.contains(ONE_CLASS));
    let samples = curves::gather(outputs.metrics, &all);
    let parts = [
        summary(view, &whole),
        curve_tabs(view, outputs, &samples),
        threshold::confusion(view, outputs),
        threshold::quantiles(view, outputs),
        classes::bars(view, outputs),
        classes::one_against_rest(view, outputs, &all, &samples),
        moved::show(view, outputs),
        grouping::show(view, outputs),
    ];
    let parts: Vec<Markup> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| html! { @for part in &parts { (part) } })
}

/// Series of a type: `CONFUSION_MAT` of `hetero_lr_0_confusion_mat`.
fn told<'s>(outputs: &'s Outputs<'_>, metric_type: &str) -> Vec<Told<'s>> {
    let ending = format!("_{}", metric_type.to_ascii_lowercase());
    let all = outputs.metrics.iter().filter(|series| series.metric_type.eq_ignore_ascii_case(metric_type));
    let of = |series: &'s Series| Told {
        model: series.name.strip_suffix(ending.as_str()).unwrap_or(&series.name),
        dataset: &series.namespace,
        series,
    };
    all.map(of).collect()
}

/// The one among several that is chosen, and what one chooses it by.
fn one_of<'t, 's>(
    view: &View,
    outputs: &Outputs<'_>,
    name: &str,
    all: &'t [Told<'s>],
) -> Option<(&'t Told<'s>, Markup)> {
    let labels: Vec<String> = all.iter().map(Told::label).collect();
    let at = outputs.chosen(name).and_then(|asked| labels.iter().position(|label| label == asked));
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let choice = html! {
        @if all.len() > 1 { (outputs.choice(view, name, view.t("Model and data", "模型与数据集"), &labels)) }
    };
    all.get(at.unwrap_or(0)).map(|one| (one, choice))
}

fn summary(view: &View, all: &Scores) -> Option<Markup> {
    (!all.rows.is_empty()).then(|| {
        html! {
            section.card {
                h2 { (view.t("Scores", "评分")) }
                (scores::large(view, all))
                (scores::table(view, all))
            }
        }
    })
}

/// What a curve is called: its data set, and its model if there are several.
fn label(samples: &[&Sample], sample: &Sample) -> String {
    let has_models = samples.iter().any(|other| other.model != sample.model);
    if has_models { format!("{} · {}", sample.model, sample.dataset) } else { sample.dataset.clone() }
}

/// A chart of all curves of a kind.
fn chart_of(view: &View, samples: &[&Sample], kind: Kind) -> Markup {
    let own: Vec<&Sample> = samples.iter().copied().filter(|sample| sample.kind == kind).collect();
    let shown: Vec<(String, &Sample)> =
        own.iter().take(MOST_CURVES).map(|sample| (label(&own, sample), *sample)).collect();
    html! {
        (chart::lines(view, &curves::chart(view, &format!("curve-{}", kind.word()), kind, &shown)))
        @if own.len() > MOST_CURVES {
            p.hint { (view.t("Curves that are not shown: ", "未显示的曲线：")) (own.len() - MOST_CURVES) }
        }
    }
}

/// One kind of curve at a time, or all.
fn curve_tabs(view: &View, outputs: &Outputs<'_>, samples: &[Sample]) -> Option<Markup> {
    let whole: Vec<&Sample> = samples.iter().filter(|sample| !sample.model.contains(ONE_CLASS)).collect();
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| whole.iter().any(|s| s.kind == *kind)).collect();
    let first = *kinds.first()?;
    let asked = outputs.chosen("curve");
    let shows_all = asked == Some("all");
    let kind = kinds.iter().copied().find(|kind| asked == Some(kind.word())).unwrap_or(first);
    let url = |word: &str| format!("{}#curves", outputs.url("curve", word));
    let tab = |one: &Kind| (url(one.word()), one.title(view), !shows_all && *one == kind);
    let all = (url("all"), view.t("All", "全部"), shows_all);
    let tabs = crate::parts::tabs(view.t("Curves", "曲线"), kinds.iter().map(tab).chain([all]));
    Some(html! {
        section.card #curves {
            h2 { (view.t("Curves", "曲线")) }
            (tabs)
            @if shows_all {
                div.charts { @for kind in &kinds { (chart_of(view, &whole, *kind)) } }
            } @else {
                (chart_of(view, &whole, kind))
            }
        }
    })
}

#[cfg(test)]
mod tests;
