//! What jobs came to, beside each other: scores with the best one marked, and curves over each other. Not for:
//! parameters.

use maud::{Markup, html};
use parcae_node::view::Series;

use super::{Compare, Lettered};
use crate::chart::{self, Axis, Curve, Lines};
use crate::format::number;
use crate::outputs::{
    any,
    curves::{self, Kind, Sample},
    scores::{self, Scores},
};
use crate::parts::{scrolling, tabs};
use crate::view::View;

/// Rows of scores at most.
const MOST_ROWS: usize = 300;
/// Charts of losses and the like at most.
const MOST_CHARTS: usize = 12;
/// Curves of one job in a chart.
const MOST_OF_ONE: usize = 4;

/// A score in all jobs.
struct Score {
    model: String,
    dataset: String,
    measure: String,
    values: Vec<Option<f64>>,
}

impl Score {
    /// The best value, where it is known which one that is and they are not all the same.
    fn best(&self) -> Option<f64> {
        let there: Vec<f64> = self.values.iter().flatten().copied().filter(|value| value.is_finite()).collect();
        let (first, others) = there.split_first()?;
        let more = scores::more_is_better(&self.measure)?;
        let best = others.iter().fold(*first, |best, value| if more { best.max(*value) } else { best.min(*value) });
        others.iter().any(|value| value != first).then_some(best)
    }
}

fn scores_of(one: &Lettered<'_>) -> Scores {
    Scores::of(one.side.series.iter().map(|(_, series)| series))
}

fn all_scores(sides: &[Lettered<'_>]) -> Vec<Score> {
    let each: Vec<Scores> = sides.iter().map(scores_of).collect();
    let mut keys: Vec<(&str, &str, &str)> = Vec::new();
    for scores in &each {
        for row in &scores.rows {
            for measure in scores.measures.iter().filter(|measure| row.values.contains_key(*measure)) {
                let key = (row.model.as_str(), row.dataset.as_str(), measure.as_str());
                if keys.len() < MOST_ROWS && !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
    }
    let score = |(model, dataset, measure): &(&str, &str, &str)| Score {
        model: (*model).to_owned(),
        dataset: (*dataset).to_owned(),
        measure: (*measure).to_owned(),
        values: each.iter().map(|scores| scores.value(model, dataset, measure)).collect(),
    };
    keys.iter().map(score).collect()
}

/// Scores by measure and job.
pub(super) fn scores(view: &View, sides: &[Lettered<'_>]) -> Markup {
    let all = all_scores(sides);
    let label = view.t("Scores", "评分");
    html! {
        section.card #scores {
            h2 { (label) }
            @if all.is_empty() {
                p.hint { (view.t("None of the jobs has scores that this party sees.", "本视角下没有任何评分。")) }
            } @else {
                (scrolling(label, html! {
                    table.compared {
                        thead {
                            tr {
                                th scope="col" { (view.t("Measure", "指标")) }
                                th scope="col" { (view.t("Model", "模型")) }
                                th scope="col" { (view.t("Data", "数据集")) }
                                @for one in sides { th.num scope="col" { span.letter { (one.letter) } } }
                            }
                        }
                        tbody { @for score in &all { (score_row(view, score)) } }
                    }
                }))
            }
        }
    }
}

fn score_row(view: &View, score: &Score) -> Markup {
    let best = score.best();
    html! {
        tr {
            th scope="row" { (scores::name(view, &score.measure)) }
            td { (score.model) }
            td { (scores::dataset(view, &score.dataset)) }
            @for value in &score.values {
                td.num { @match value {
                    Some(value) => {
                        @if best == Some(*value) {
                            span.best { "★ " (view.t("best", "最优")) } " " strong { (number(*value)) }
                        } @else { (number(*value)) }
                    }
                    None => { span.soft { "–" } }
                } }
            }
        }
    }
}

/// Curves that jobs have in common, over each other.
pub(super) fn curves(view: &View, compare: &Compare<'_>, sides: &[Lettered<'_>]) -> Markup {
    let samples: Vec<Vec<Sample>> = sides.iter().map(samples_of).collect();
    let mut datasets: Vec<&str> = Vec::new();
    for sample in samples.iter().flatten() {
        if !datasets.contains(&sample.dataset.as_str()) {
            datasets.push(&sample.dataset);
        }
    }
    let chosen = compare.dataset.filter(|chosen| datasets.contains(chosen)).or(datasets.last().copied());
    let least = sides.len().min(2);
    let known = Kind::ALL.into_iter().filter_map(|kind| of_kind(view, kind, chosen?, sides, &samples, least));
    let known: Vec<Markup> = known.collect();
    let courses = courses(view, sides, least);
    let url = |dataset: &str| format!("{}#curves", compare.url(compare.ids(), &[("dataset", dataset)]));
    let data_tabs = datasets.iter().map(|dataset| (url(dataset), *dataset, chosen == Some(*dataset)));
    html! {
        @if !known.is_empty() || !courses.is_empty() {
            section.card #curves {
                h2 { (view.t("Curves", "曲线")) }
                @if datasets.len() > 1 { (tabs(view.t("Data", "数据集"), data_tabs)) }
                div.charts { @for chart in known.iter().chain(&courses) { (chart) } }
            }
        }
    }
}

fn samples_of(one: &Lettered<'_>) -> Vec<Sample> {
    let series: Vec<Series> = one.side.series.iter().map(|(_, series)| series.clone()).collect();
    curves::gather(&series, &scores_of(one))
}

/// A chart of a kind on a data set, if as many jobs as needed have it.
fn of_kind(
    view: &View,
    kind: Kind,
    dataset: &str,
    sides: &[Lettered<'_>],
    samples: &[Vec<Sample>],
    least: usize,
) -> Option<Markup> {
    let mut shown: Vec<(String, &Sample)> = Vec::new();
    let mut jobs = 0;
    for (one, samples) in sides.iter().zip(samples) {
        let own = samples.iter().filter(|sample| sample.kind == kind && sample.dataset == dataset);
        let own: Vec<&Sample> = own.take(MOST_OF_ONE).collect();
        jobs += usize::from(!own.is_empty());
        let label = |sample: &Sample| match own.len() {
            1 => one.letter.to_owned(),
            _ => format!("{} · {}", one.letter, sample.model),
        };
        shown.extend(own.iter().map(|sample| (label(sample), *sample)));
    }
    let id = format!("compared-{}", kind.word());
    (jobs >= least && jobs > 0).then(|| chart::lines(view, &curves::chart(view, &id, kind, &shown)))
}

/// Losses, and whatever else goes over numbers, by name.
fn courses(view: &View, sides: &[Lettered<'_>], least: usize) -> Vec<Markup> {
    let mut groups: Vec<(String, Lines, Vec<&str>)> = Vec::new();
    for one in sides {
        for (component, series) in one.side.series.iter().filter(|(_, series)| !curves::is_curve(series)) {
            let Some(points) = any::course(series) else { continue };
            let title = format!("{} · {}", series.name, series.namespace);
            let at = groups.iter().position(|(its, ..)| *its == title).unwrap_or_else(|| {
                let name = scores::name(view, &series.name).to_owned();
                let x = Axis { label: view.t("Iteration", "迭代").to_owned(), range: None };
                let y = Axis { label: name, range: None };
                let id = format!("compared-course-{}", groups.len());
                groups.push((title.clone(), Lines { id, title, x, y, ..Lines::default() }, Vec::new()));
                groups.len() - 1
            });
            let (_, chart, letters) = &mut groups[at];
            if letters.iter().filter(|letter| **letter == one.letter).count() < MOST_OF_ONE {
                letters.push(one.letter);
                let name = format!("{} · {component}", one.letter);
                chart.curves.push(Curve { name, points, ..Curve::default() });
            }
        }
    }
    let is_shared = |letters: &[&str]| {
        let mut letters = letters.to_vec();
        letters.dedup();
        letters.len() >= least
    };
    let shared = groups.iter().filter(|(_, _, letters)| is_shared(letters)).take(MOST_CHARTS);
    shared.map(|(_, chart, _)| chart::lines(view, chart)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_is_known_for_known_measures() {
        let best = |measure: &str, values: &[Option<f64>]| {
            let (model, dataset) = (String::new(), String::new());
            Score { model, dataset, measure: measure.to_owned(), values: values.to_vec() }.best()
        };
        assert_eq!(best("auc", &[Some(0.9), None, Some(0.95)]), Some(0.95));
        assert_eq!(best("loss", &[Some(0.9), Some(f64::NAN), Some(0.95)]), Some(0.9));
        assert_eq!(best("auc", &[Some(0.9), Some(0.9)]), None);
        assert_eq!(best("zeta", &[Some(0.9), Some(0.8)]), None);
        assert_eq!(best("auc", &[Some(0.9), None]), None);
    }
}
