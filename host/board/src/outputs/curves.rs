//! The curves of binary predictions: ROC, K-S, lift, gain, precision and recall, accuracy, of one model or of several
//! over each other. Not for: drawing (`chart`), single values (`scores`).

use parcae_domain::port::Scalar;
use parcae_node::view::Series;
use serde_json::Value;

use super::{json, scores::Scores};
use crate::chart::{Axis, Curve, Lines, Mark};
use crate::format::number;
use crate::view::View;

/// What a curve is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Roc,
    Ks,
    Lift,
    Gain,
    PrecisionRecall,
    Accuracy,
}

/// Which of the two curves of a pair: K-S has true and false positive rates, the other precision and recall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    One,
    Other,
}

/// Points, and the threshold of each; NaN where none is told.
#[derive(Clone, Debug, Default, PartialEq)]
struct Points {
    points: Vec<(f64, f64)>,
    thresholds: Vec<f64>,
}

/// One kind of curve of one model on one data set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    pub(crate) kind: Kind,
    /// The component that made the predictions.
    pub(crate) model: String,
    /// `train`, `validate`, `predict`.
    pub(crate) dataset: String,
    one: Points,
    other: Points,
    auc: Option<f64>,
}

impl Kind {
    /// All, in the order of their tabs.
    pub(crate) const ALL: [Kind; 6] =
        [Kind::Roc, Kind::Ks, Kind::Lift, Kind::Gain, Kind::PrecisionRecall, Kind::Accuracy];

    /// As it stands in an address.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Roc => "roc",
            Kind::Ks => "ks",
            Kind::Lift => "lift",
            Kind::Gain => "gain",
            Kind::PrecisionRecall => "pr",
            Kind::Accuracy => "accuracy",
        }
    }

    /// As people call it.
    pub(crate) fn title(self, view: &View) -> &'static str {
        match self {
            Kind::Roc => "ROC",
            Kind::Ks => "K-S",
            Kind::Lift => view.t("Lift", "提升 Lift"),
            Kind::Gain => view.t("Gain", "增益 Gain"),
            Kind::PrecisionRecall => view.t("Precision and recall", "精确率-召回率"),
            Kind::Accuracy => view.t("Accuracy", "准确率"),
        }
    }
}

/// Kind and side of a series, and the model that it is of.
fn what(series: &Series) -> Option<(Kind, Side, &str)> {
    let kind = series.metric_type.to_ascii_uppercase();
    let (kind, side, endings): (Kind, Side, &[&str]) = match kind.as_str() {
        "ROC_EVALUATION" => (Kind::Roc, Side::One, &["_roc"]),
        "KS_EVALUATION" if series.name.ends_with("fpr") => (Kind::Ks, Side::Other, &["_ks_fpr", "_fpr"]),
        "KS_EVALUATION" => (Kind::Ks, Side::One, &["_ks_tpr", "_tpr"]),
        "LIFT_EVALUATION" => (Kind::Lift, Side::One, &["_lift"]),
        "GAIN_EVALUATION" => (Kind::Gain, Side::One, &["_gain"]),
        "ACCURACY_EVALUATION" => (Kind::Accuracy, Side::One, &["_accuracy"]),
        "PRECISION_BINARY_EVALUATION" | "PRECISION_EVALUATION" => {
            (Kind::PrecisionRecall, Side::One, &["_precision_binary", "_precision"])
        }
        "RECALL_BINARY_EVALUATION" | "RECALL_EVALUATION" => {
            (Kind::PrecisionRecall, Side::Other, &["_recall_binary", "_recall"])
        }
        _ => return None,
    };
    let model = endings.iter().find_map(|ending| series.name.strip_suffix(*ending));
    Some((kind, side, model.unwrap_or(&series.name)))
}

/// Whether a series is one of these curves, with numbers.
pub(crate) fn is_curve(series: &Series) -> bool {
    what(series).is_some() && !points(series).points.is_empty()
}

/// Points that are numbers.
fn points(series: &Series) -> Points {
    let thresholds = json::numbers(series.extra.get("thresholds").unwrap_or(&Value::Null));
    let mut found = Points::default();
    for (at, point) in series.points.iter().enumerate() {
        if let (Scalar::Number(x), Scalar::Number(y)) = point {
            found.points.push((*x, *y));
            found.thresholds.push(thresholds.get(at).copied().unwrap_or(f64::NAN));
        }
    }
    found
}

/// All curves among series. Scores tell the AUC.
pub(crate) fn gather(series: &[Series], scores: &Scores) -> Vec<Sample> {
    let mut samples: Vec<Sample> = Vec::new();
    for series in series {
        let Some((kind, side, model)) = what(series) else { continue };
        let found = points(series);
        if found.points.is_empty() {
            continue;
        }
        let is_same =
            |sample: &Sample| sample.kind == kind && sample.model == model && sample.dataset == series.namespace;
        let at = samples.iter().position(is_same).unwrap_or_else(|| {
            samples.push(Sample {
                kind,
                model: model.to_owned(),
                dataset: series.namespace.clone(),
                one: Points::default(),
                other: Points::default(),
                auc: scores.value(model, &series.namespace, "auc"),
            });
            samples.len() - 1
        });
        match side {
            Side::One => samples[at].one = found,
            Side::Other => samples[at].other = found,
        }
    }
    samples
}

/// A chart of some curves of one kind, each with what it is called.
pub(crate) fn chart(view: &View, id: &str, kind: Kind, shown: &[(String, &Sample)]) -> Lines {
    let (x, y) = axes(view, kind);
    let is_alone = shown.len() == 1;
    let mut chart = Lines { id: id.to_owned(), title: kind.title(view).to_owned(), x, y, ..Lines::default() };
    for (label, sample) in shown {
        match kind {
            Kind::Roc => {
                let auc = sample.auc.map_or_else(String::new, |auc| format!(" (AUC {})", number(auc)));
                let curve = curve(view, format!("{label}{auc}"), &sample.one);
                chart.curves.push(Curve { filled: is_alone, ..curve });
            }
            Kind::Ks => {
                chart.curves.push(curve(view, format!("{label} TPR"), &sample.one));
                chart.curves.push(curve(view, format!("{label} FPR"), &sample.other));
                chart.marks.extend(gap(view, label, is_alone, sample));
            }
            Kind::PrecisionRecall => chart.curves.push(curve(view, label.clone(), &paired(sample))),
            Kind::Lift | Kind::Gain | Kind::Accuracy => {
                chart.curves.push(curve(view, label.clone(), &sample.one));
            }
        }
    }
    chart.curves.extend(chance(view, kind));
    chart
}

fn axes(view: &View, kind: Kind) -> (Axis, Axis) {
    let unit = Some((0.0, 1.0));
    let axis = |label: &str, range| Axis { label: label.to_owned(), range };
    match kind {
        Kind::Roc => (
            axis(view.t("False positive rate", "假正率 FPR"), unit),
            axis(view.t("True positive rate", "真正率 TPR"), unit),
        ),
        Kind::Ks => (
            axis(view.t("Share of rows, highest scores first", "样本比例（得分由高到低）"), unit),
            axis(view.t("Rate", "比率"), unit),
        ),
        Kind::Lift => (
            axis(view.t("Share of rows predicted positive", "预测为正的样本比例"), unit),
            axis(view.t("Lift", "提升"), None),
        ),
        Kind::Gain => (
            axis(view.t("Share of rows predicted positive", "预测为正的样本比例"), unit),
            axis(view.t("Share of positives found", "找到的正例比例"), unit),
        ),
        Kind::PrecisionRecall => {
            (axis(view.t("Recall", "召回率"), unit), axis(view.t("Precision", "精确率"), Some((0.0, 1.0))))
        }
        Kind::Accuracy => (
            axis(view.t("Cut of the different scores, highest first", "不同得分的切分位置（由高到低）"), unit),
            axis(view.t("Accuracy", "准确率"), None),
        ),
    }
}

fn curve(view: &View, name: String, of: &Points) -> Curve {
    let word = view.t("threshold", "阈值");
    let note = |threshold: &f64| match threshold.is_nan() {
        true => String::new(),
        false => format!("{word} {}", number(*threshold)),
    };
    let has_notes = of.thresholds.iter().any(|threshold| !threshold.is_nan());
    let notes = if has_notes { of.thresholds.iter().map(note).collect() } else { Vec::new() };
    Curve { name: name.trim().to_owned(), points: of.points.clone(), notes, ..Curve::default() }
}

/// Recall and precision at the same cuts.
fn paired(sample: &Sample) -> Points {
    let both = sample.one.points.iter().zip(&sample.other.points);
    Points { points: both.map(|((_, precision), (_, recall))| (*recall, *precision)).collect(), ..sample.one.clone() }
}

/// Where the rates of positive and negative rows are farthest from each other.
fn gap(view: &View, label: &str, is_alone: bool, sample: &Sample) -> Option<Mark> {
    let both = sample.one.points.iter().zip(&sample.other.points).zip(&sample.one.thresholds);
    let both = both.filter(|((tpr, fpr), _)| (tpr.1 - fpr.1).is_finite());
    let ((tpr, fpr), threshold) = both.max_by(|(a, _), (b, _)| (a.0.1 - a.1.1).total_cmp(&(b.0.1 - b.1.1)))?;
    let whose = if is_alone || label.is_empty() { String::new() } else { format!(" {label}") };
    let at = if threshold.is_nan() {
        String::new()
    } else {
        format!(" · {} {}", view.t("threshold", "阈值"), number(*threshold))
    };
    Some(Mark { from: *fpr, to: *tpr, words: format!("K-S {}{whose}{at}", number(tpr.1 - fpr.1)) })
}

/// What predictions by chance would give.
fn chance(view: &View, kind: Kind) -> Option<Curve> {
    let points = match kind {
        Kind::Roc | Kind::Gain => vec![(0.0, 0.0), (1.0, 1.0)],
        Kind::Lift => vec![(0.0, 1.0), (1.0, 1.0)],
        _ => return None,
    };
    Some(Curve { name: view.t("by chance", "随机").to_owned(), points, dashed: true, ..Curve::default() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn series(name: &str, metric_type: &str, points: &[(f64, f64)], thresholds: Value) -> Series {
        let extra = json!({ "thresholds": thresholds }).as_object().cloned().unwrap_or_default();
        let points = points.iter().map(|(x, y)| (Scalar::Number(*x), Scalar::Number(*y))).collect();
        Series { namespace: "train".into(), name: name.into(), metric_type: metric_type.into(), extra, points }
    }

    #[test]
    fn both_curves_of_a_pair_are_one_sample() {
        let all = [
            series("lr_0_ks_fpr", "KS_EVALUATION", &[(0.0, 0.0), (0.5, 0.1), (1.0, 1.0)], json!([0.9, 0.4])),
            series("lr_0_ks_tpr", "KS_EVALUATION", &[(0.0, 0.0), (0.5, 0.8), (1.0, 1.0)], json!([0.9, 0.4])),
            series("lr_0_precision", "PRECISION_BINARY_EVALUATION", &[(0.0, 1.0), (0.5, 0.75)], json!("odd")),
            series("lr_0_recall", "RECALL_BINARY_EVALUATION", &[(0.0, 0.25), (0.5, 0.5)], json!(null)),
        ];
        let samples = gather(&all, &Scores::default());
        assert_eq!(
            samples.iter().map(|s| (s.kind, s.model.as_str())).collect::<Vec<_>>(),
            [(Kind::Ks, "lr_0"), (Kind::PrecisionRecall, "lr_0")]
        );
        let ks = chart(&View::default(), "ks", Kind::Ks, &[("train".into(), &samples[0])]);
        assert_eq!(ks.marks[0].words, "K-S 0.7 · threshold 0.4");
        assert_eq!((ks.marks[0].from, ks.marks[0].to), ((0.5, 0.1), (0.5, 0.8)));
        assert_eq!((ks.curves[0].name.as_str(), ks.curves[0].points[1]), ("train TPR", (0.5, 0.8)));
        let pr = chart(&View::default(), "pr", Kind::PrecisionRecall, &[("train".into(), &samples[1])]);
        assert_eq!(pr.curves[0].points, [(0.25, 1.0), (0.5, 0.75)]);
        assert!(pr.curves[0].notes.is_empty());
    }

    #[test]
    fn roc_has_the_auc_and_chance() {
        let mut all = vec![series("lr_0_roc", "ROC_EVALUATION", &[(0.0, 0.0), (1.0, 1.0)], json!([1.5, 1.0]))];
        let mut scores = series("lr_0", "EVALUATION_SUMMARY", &[], json!([]));
        scores.points.push((Scalar::Text("auc".into()), Scalar::Number(0.975)));
        all.push(scores);
        let samples = gather(&all, &Scores::of(&all));
        let roc = chart(&View::default(), "roc", Kind::Roc, &[("train".into(), &samples[0])]);
        assert_eq!((roc.curves[0].name.as_str(), roc.curves[0].filled), ("train (AUC 0.975)", true));
        assert_eq!(roc.curves[0].notes, ["threshold 1.5", "threshold 1"]);
        assert!(roc.curves[1].dashed && roc.curves.len() == 2);
    }
}
