//! What a module put out that nothing is known of, by the types and the shapes of its metrics: single values, curves,
//! bars, facts, tables, its summary as a tree, and which parts its model has. Not for: modules with a form of their own.

use maud::{Markup, html};
use parcae_domain::port::Scalar;
use parcae_node::view::{ModelPartView, Series};
use serde_json::Value;

use super::{
    Outputs,
    curves::{self, Kind, Sample},
    extra, pairs,
    scores::{self, Scores},
    tree,
};
use crate::chart::{self, Axis, Bars, Curve, Lines, Values};
use crate::format::{bytes, number};
use crate::parts::{facts, nothing, scrolling};
use crate::view::View;

/// Charts of a page at most.
const MOST_CHARTS: usize = 60;
/// Curves of one type over each other.
const MOST_TOGETHER: usize = 8;
/// Single values that are facts; more are bars.
const MOST_FACTS: usize = 12;

/// What any task put out.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Markup {
    let metrics = metrics(view, outputs, |_| true);
    let model = model(view, outputs.model);
    let summary = summary(view, outputs.summary);
    if metrics.is_none() && model.is_none() && summary.is_none() {
        return nothing(
            view.t("This task has put out nothing to look at.", "该任务没有可显示的输出。"),
            html! { p.hint { (view.t("Its data and its log may tell more.", "可查看其数据和日志。")) } },
        );
    }
    html! {
        @for part in [metrics, summary, model].into_iter().flatten() { (part) }
    }
}

/// Metrics that are wanted, by their types; none when there are none.
pub(crate) fn metrics(view: &View, outputs: &Outputs<'_>, wanted: impl Fn(&Series) -> bool) -> Option<Markup> {
    let all: Vec<Series> = outputs.metrics.iter().filter(|series| wanted(series)).cloned().collect();
    let scores = Scores::of(&all);
    let samples = curves::gather(&all, &scores);
    let others: Vec<&Series> =
        all.iter().filter(|series| !scores::is_scores(series) && !curves::is_curve(series)).collect();
    let charts: Vec<Markup> = [known_curves(view, &samples), courses(view, &others), by_name(view, &others)].concat();
    let rest: Vec<Markup> = others.iter().filter_map(|series| told(view, series)).collect();
    let is_there = !scores.rows.is_empty() || !charts.is_empty() || !rest.is_empty();
    is_there.then(|| {
        html! {
            @if !scores.rows.is_empty() {
                section.card { h2 { (view.t("Scores", "评分")) } (scores::table(view, &scores)) }
            }
            @if !charts.is_empty() {
                section.card {
                    h2 { (view.t("Charts", "图表")) }
                    div.charts { @for chart in charts.iter().take(MOST_CHARTS) { (chart) } }
                    @if charts.len() > MOST_CHARTS {
                        p.hint { (view.t("Charts that are not shown: ", "未显示的图表：")) (charts.len() - MOST_CHARTS) }
                    }
                }
            }
            @for part in &rest { (part) }
        }
    })
}

/// ROC, K-S and so on, over each other.
fn known_curves(view: &View, samples: &[Sample]) -> Vec<Markup> {
    let chart = |kind: Kind| {
        let own = samples.iter().filter(|sample| sample.kind == kind).take(MOST_TOGETHER);
        let shown: Vec<(String, &Sample)> =
            own.map(|sample| (format!("{} · {}", sample.model, sample.dataset), sample)).collect();
        let id = format!("any-{}", kind.word());
        (!shown.is_empty()).then(|| chart::lines(view, &curves::chart(view, &id, kind, &shown)))
    };
    Kind::ALL.into_iter().filter_map(chart).collect()
}

/// The points of a series if all are numbers over numbers.
pub(crate) fn course(series: &Series) -> Option<Vec<(f64, f64)>> {
    let pair = |point: &(Scalar, Scalar)| match point {
        (Scalar::Number(x), Scalar::Number(y)) => Some((*x, *y)),
        _ => None,
    };
    let points: Option<Vec<(f64, f64)>> = series.points.iter().map(pair).collect();
    points.filter(|points| !points.is_empty())
}

fn word<'s>(series: &'s Series, key: &str) -> &'s str {
    series.extra.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Name of an axis as FATE's components say it.
fn unit(view: &View, unit: &str) -> String {
    match unit {
        "iters" | "iterations" | "epochs" => view.t("Iteration", "迭代").to_owned(),
        other => other.replace('_', " "),
    }
}

/// Numbers over numbers, such as the loss: series of one type and data set over each other.
pub(crate) fn courses(view: &View, all: &[&Series]) -> Vec<Markup> {
    let mut charts: Vec<(String, Lines)> = Vec::new();
    for series in all {
        let Some(points) = course(series) else { continue };
        let curve = Curve { name: series.name.clone(), points, ..Curve::default() };
        let kind = if series.metric_type.is_empty() { &series.name } else { &series.metric_type };
        let group = format!("{}/{kind}", series.namespace);
        let open = charts.iter_mut().find(|(its, chart)| *its == group && chart.curves.len() < MOST_TOGETHER);
        if let Some((_, chart)) = open {
            chart.curves.push(curve);
            chart.title = format!("{} · {}", pairs::label(view, &kind.to_lowercase()), series.namespace);
            continue;
        }
        let label = |text: &str| Axis { label: unit(view, text), range: None };
        let title = format!("{} · {}", pairs::label(view, &series.name), series.namespace);
        let (x, y) = (label(word(series, "unit_name")), label(word(series, "ordinate_name")));
        let id = format!("course-{}", charts.len());
        charts.push((group, Lines { id, title, x, y, curves: vec![curve], ..Lines::default() }));
    }
    charts.iter().map(|(_, chart)| chart::lines(view, chart)).collect()
}

/// Numbers by name, where they are one thing of many: bars.
fn by_name(view: &View, all: &[&Series]) -> Vec<Markup> {
    let own = all.iter().enumerate().filter(|(_, series)| is_by_name(series));
    let chart = |(at, series): (usize, &&Series)| {
        let (categories, values): (Vec<String>, Vec<f64>) = series
            .points
            .iter()
            .map(|(key, value)| (pairs::scalar(key), pairs::value(value).unwrap_or(f64::NAN)))
            .unzip();
        let bars = Bars {
            id: format!("names-{at}"),
            title: format!("{} · {}", pairs::label(view, &series.name), series.namespace),
            categories,
            x: unit(view, word(series, "unit_name")),
            y: Axis { label: unit(view, word(series, "curve_name")), range: None },
            bars: vec![Values { name: series.name.clone(), values }],
            ..Bars::default()
        };
        chart::bars(view, &bars)
    };
    own.map(chart).collect()
}

fn is_by_name(series: &Series) -> bool {
    let is_pair =
        |(key, value): &(Scalar, Scalar)| matches!(key, Scalar::Text(_)) && matches!(value, Scalar::Number(_));
    let is_drawn = !word(series, "unit_name").is_empty() || series.points.len() > MOST_FACTS;
    is_drawn && series.points.len() > 1 && series.points.iter().all(is_pair)
}

/// Points that no chart has, and what stands beside points.
fn told(view: &View, series: &Series) -> Option<Markup> {
    let is_drawn = course(series).is_some() || is_by_name(series);
    let points = if is_drawn { Vec::new() } else { pairs::points(view, series, &[]) };
    let beside = extra::show(view, &series.extra);
    (!points.is_empty() || beside.is_some()).then(|| {
        html! {
            section.card {
                h2 { (pairs::label(view, &series.name)) " " span.soft { (series.namespace) } }
                @if series.metric_type == "init_iter" {
                    p.hint { (view.t("Training went on from an earlier model.", "训练从已有模型继续。")) }
                }
                @if !points.is_empty() { (facts(points.iter().map(|(name, value)| (name.as_str(), value.clone())))) }
                @if let Some(beside) = &beside { (beside) }
            }
        }
    })
}

/// The summary as a tree.
pub(crate) fn summary(view: &View, summary: Option<&Value>) -> Option<Markup> {
    let says_something = |summary: &&Value| !summary.is_null() && summary.as_object().is_none_or(|all| !all.is_empty());
    let summary = summary.filter(says_something)?;
    Some(html! {
        section.card { h2 { (view.t("Summary", "摘要")) } (tree::show(view, summary)) }
    })
}

/// Which parts the model has.
pub(crate) fn model(view: &View, parts: &[ModelPartView]) -> Option<Markup> {
    (!parts.is_empty()).then(|| {
        html! {
            section.card {
                h2 { (view.t("Model", "模型")) }
                (scrolling(view.t("Parts of the model", "模型的组成部分"), html! {
                    table {
                        thead { tr {
                            th scope="col" { (view.t("Part", "部分")) }
                            th scope="col" { (view.t("Alias", "别名")) }
                            th.num scope="col" { (view.t("Size", "大小")) }
                        } }
                        tbody {
                            @for part in parts {
                                tr {
                                    th scope="row" { (part.name) }
                                    td { (part.alias) }
                                    td.num title=(number(part.bytes as f64)) { (bytes(part.bytes)) }
                                }
                            }
                        }
                    }
                }))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use parcae_domain::party::{Party, Role};
    use serde_json::json;

    use super::*;

    fn text(text: &str) -> Scalar {
        Scalar::Text(text.to_owned())
    }

    fn series(name: &str, metric_type: &str, extra: &Value, points: Vec<(Scalar, Scalar)>) -> Series {
        let (namespace, name, metric_type) = ("train".to_owned(), name.to_owned(), metric_type.to_owned());
        Series { namespace, name, metric_type, extra: extra.as_object().cloned().unwrap_or_default(), points }
    }

    fn shown(metrics: &[Series], summary: Option<&Value>) -> String {
        let party = Party::new(Role::Guest, 9999);
        let model = [ModelPartView { alias: "m".into(), name: "<Param>".into(), json: json!({}), bytes: 2_048 }];
        let model = if summary.is_some() { &model[..] } else { &[] };
        show(&View::default(), &Outputs { module: "X", party, metrics, model, summary, path: "/p", chosen: &[] })
            .into_string()
    }

    #[test]
    fn metrics_are_shown_by_their_shapes() {
        let course = vec![(Scalar::Number(0.0), Scalar::Number(0.7)), (Scalar::Number(1.0), Scalar::Number(0.5))];
        let named = vec![(text("x0"), Scalar::Number(0.25)), (text("<x1>"), Scalar::Number(-0.75))];
        let all = [
            series("auc_of", "EVALUATION_SUMMARY", &json!({}), vec![(text("auc"), Scalar::Number(0.875))]),
            series("loss_0", "LOSS", &json!({"unit_name": "iters"}), course.clone()),
            series("loss_1", "LOSS", &json!({"unit_name": "iters"}), course),
            series("label", "CORRELATION", &json!({"unit_name": "column"}), named),
            series("facts", "", &json!({"method": "rsa"}), vec![(text("intersect_count"), Scalar::Number(1234.0))]),
        ];
        let shown = shown(&all, Some(&json!({"rows": 569})));
        assert!(shown.contains(">0.875<") && shown.contains("id=\"course-0\"") && !shown.contains("id=\"course-1\""));
        assert!(shown.contains("data-name=\"loss_1\"") && shown.contains("id=\"names-2\""), "{shown}");
        assert!(shown.contains("&lt;x1&gt;\nlabel: -0.75") && !shown.contains("<x1>"), "{shown}");
        assert!(shown.contains("1\u{2009}234") && shown.contains("rsa") && shown.contains("569"), "{shown}");
        assert!(shown.contains("&lt;Param&gt;") && shown.contains("2.0 KiB"), "{shown}");
    }

    #[test]
    fn nothing_says_so() {
        assert!(shown(&[], None).contains("nothing to look at"));
        assert!(shown(&[series("empty", "X", &json!({}), vec![])], None).contains("nothing to look at"));
    }
}
