//! Evaluation of several classes: precision and recall of each, and each against the rest. Not for: two classes.

use maud::{Markup, html};
use parcae_node::view::Series;

use super::{ONE_CLASS, Outputs};
use crate::chart::{self, Axis, Bars, Values};
use crate::outputs::{
    curves::{self, Kind, Sample},
    pairs,
    scores::{self, Scores},
};
use crate::view::View;

/// Types of the bars, and the endings of their names.
const TYPES: [(&str, &str); 2] = [("PRECISION_MULTI_EVALUATION", "_precision"), ("RECALL_MULTI_EVALUATION", "_recall")];
/// Charts at most.
const MOST_CHARTS: usize = 8;

fn model(series: &Series) -> Option<&str> {
    let (_, ending) = TYPES.iter().find(|(kind, _)| series.metric_type.eq_ignore_ascii_case(kind))?;
    let name = series.name.as_str();
    Some(name.strip_suffix("_multi").unwrap_or(name).strip_suffix(*ending).unwrap_or(name))
}

/// Precision and recall of each class, a chart for each model and data set.
pub(super) fn bars(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let mut places: Vec<(&str, &str)> = Vec::new();
    for series in outputs.metrics {
        if let Some(model) = model(series).filter(|_| !series.points.is_empty()) {
            let place = (model, series.namespace.as_str());
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    (!places.is_empty()).then(|| {
        html! {
            section.card #classes {
                h2 { (view.t("By class", "各类别")) }
                div.charts {
                    @for (at, place) in places.iter().take(MOST_CHARTS).enumerate() {
                        (chart::bars(view, &chart_of(view, outputs, at, *place)))
                    }
                }
                @if places.len() > MOST_CHARTS {
                    p.hint { (view.t("Charts that are not shown: ", "未显示的图表：")) (places.len() - MOST_CHARTS) }
                }
            }
        }
    })
}

fn chart_of(view: &View, outputs: &Outputs<'_>, at: usize, place: (&str, &str)) -> Bars {
    let here = |series: &&Series| model(series).map(|model| (model, series.namespace.as_str())) == Some(place);
    let own: Vec<&Series> = outputs.metrics.iter().filter(here).collect();
    let mut categories: Vec<String> = Vec::new();
    for (key, _) in own.iter().flat_map(|series| &series.points) {
        let name = pairs::scalar(key);
        if !categories.contains(&name) && categories.len() < 1_000 {
            categories.push(name);
        }
    }
    let value = |series: &Series, category: &String| {
        let point = series.points.iter().find(|(key, _)| pairs::scalar(key) == *category);
        point.and_then(|(_, value)| pairs::value(value)).unwrap_or(f64::NAN)
    };
    let name = |series: &Series| {
        if series.metric_type.to_ascii_uppercase().starts_with("PRECISION") {
            view.t("Precision", "精确率").to_owned()
        } else {
            view.t("Recall", "召回率").to_owned()
        }
    };
    let bar = |series: &&Series| Values {
        name: name(series),
        values: categories.iter().map(|category| value(series, category)).collect(),
    };
    let bars: Vec<Values> = own.iter().map(bar).collect();
    Bars {
        id: format!("classes-{at}"),
        title: format!("{} · {}", place.0, place.1),
        x: view.t("Class", "类别").to_owned(),
        y: Axis { label: view.t("Precision, recall", "精确率、召回率").to_owned(), range: Some((0.0, 1.0)) },
        bars,
        categories,
        ..Bars::default()
    }
}

/// Each class against the rest: its scores, and the curves of the class that is chosen.
pub(super) fn one_against_rest(view: &View, outputs: &Outputs<'_>, all: &Scores, samples: &[Sample]) -> Option<Markup> {
    let own = all.only(|row| row.model.contains(ONE_CLASS));
    let mut models: Vec<&str> = Vec::new();
    for row in &own.rows {
        if !models.contains(&row.model.as_str()) && models.len() < 500 {
            models.push(&row.model);
        }
    }
    let chosen = outputs.chosen("class").filter(|chosen| models.contains(chosen)).or(models.first().copied())?;
    let charts = Kind::ALL.into_iter().map(|kind| {
        let of = samples.iter().filter(|sample| sample.kind == kind && sample.model == chosen);
        let of: Vec<(String, &Sample)> = of.map(|sample| (sample.dataset.clone(), sample)).collect();
        (kind, of)
    });
    let charts: Vec<(Kind, Vec<(String, &Sample)>)> = charts.filter(|(_, of)| !of.is_empty()).collect();
    Some(html! {
        section.card #one-against-rest {
            h2 { (view.t("Each class against the rest", "各类别与其余类别")) }
            (scores::table(view, &own))
            @if !charts.is_empty() {
                (outputs.choice(view, "class", view.t("Class", "类别"), &models))
                div.charts {
                    @for (kind, of) in &charts {
                        (chart::lines(view, &curves::chart(view, &format!("class-{}", kind.word()), *kind, of)))
                    }
                }
            }
        }
    })
}
