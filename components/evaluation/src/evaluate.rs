//! Which metrics are measured on which rows of a prediction table, and how they are told. Not for: the mathematics.

use parcae_sdk::{Frame, Result, input_error};
use serde_json::json;

use crate::{
    curve,
    grid::{confusion, f1, quantile_pr, thresholds},
    metric::{EvalType, Metric},
    multi,
    params::Settings,
    predictions::Predictions,
    psi,
    ranked::Ranked,
    regression,
    report::{Place, Points, Report, all_rounded, rounded},
};

/// Classes whose KS curves are told with `unfold_multi_result`; of more classes only the values are.
const MOST_UNFOLDED: usize = 50;

/// Evaluates a table.
pub fn table(report: &mut Report, settings: &Settings, producer: &str, frame: &Frame) -> Result<()> {
    let predictions = Predictions::new(frame, producer)?;
    let parts = predictions.parts();
    if parts.is_empty() {
        report.warnings.push(format!("the table of {producer} has no rows"));
    }
    let mut sets: Vec<(String, Ranked)> = Vec::new();
    for (namespace, rows) in &parts {
        let place = Place { producer: producer.to_owned(), namespace: namespace.clone() };
        match settings.eval_type {
            EvalType::Binary => {
                let (labels, scores) = predictions.positives(rows, &settings.positive)?;
                let ranked = Ranked::new(&labels, &scores);
                binary(report, &place, &settings.metrics, &ranked);
                sets.push((namespace.clone(), ranked));
            }
            EvalType::Multi => {
                let (labels, predicted) = predictions.classes(rows)?;
                several(report, &place, &settings.metrics, &multi::measure(&labels, &predicted));
                if settings.unfold {
                    unfold(report, &place, &predictions, rows)?;
                }
            }
            EvalType::Regression => {
                let (labels, predicted) = predictions.numbers(rows)?;
                numbers(report, &place, &settings.metrics, &labels, &predicted)?;
            }
        }
    }
    if settings.metrics.contains(&Metric::Psi) {
        stability(report, producer, &sets);
    }
    Ok(())
}

/// Metrics that have a value when all rows are of one class.
fn defined_for_one_class(metric: Metric) -> bool {
    matches!(metric, Metric::Accuracy | Metric::ConfusionMat | Metric::Psi)
}

fn binary(report: &mut Report, place: &Place, metrics: &[Metric], ranked: &Ranked) {
    let one_class = ranked.positive() == 0 || ranked.negative() == 0;
    if one_class {
        let text = format!(
            "{} positive and {} negative rows: only accuracy and confusion_mat have a value (is pos_label right?)",
            ranked.positive(),
            ranked.negative()
        );
        report.warn(place, &text);
    }
    for metric in metrics.iter().filter(|metric| !one_class || defined_for_one_class(**metric)) {
        match metric {
            Metric::Auc => report.single(place, "auc", ranked.auc()),
            Metric::Ks => ks(report, place, ranked, true),
            Metric::Roc => {
                let words = [("unit_name", "fpr"), ("ordinate_name", "tpr"), ("curve_name", place.producer.as_str())];
                let roc = ranked.roc();
                report.curve(place, "roc", "ROC_EVALUATION", &words, Points::new(&roc.points, &roc.thresholds));
            }
            Metric::Lift => plain(report, place, "lift", &curve::lift(ranked)),
            Metric::Gain => plain(report, place, "gain", &curve::gain(ranked)),
            Metric::Accuracy => plain(report, place, "accuracy", &curve::accuracy(ranked)),
            // The two come together, see `metric::select`.
            Metric::Precision => precision_recall(report, place, ranked),
            Metric::ConfusionMat => confusion_table(report, place, ranked),
            Metric::F1Score => {
                let extra = json!({ "f1_scores": all_rounded(&f1(ranked)), "thresholds": all_rounded(&thresholds()) });
                report.table(place, "f1_score", extra);
            }
            Metric::QuantilePr => quantile_table(report, place, ranked),
            _ => {}
        }
    }
}

/// KS by 100 cuts and exact; the curves only where asked for.
fn ks(report: &mut Report, place: &Place, ranked: &Ranked, curves: bool) {
    let ks = ranked.ks();
    report.single(place, "ks", ks.best);
    report.single(place, "ks_exact", ranked.ks_exact());
    if !curves {
        return;
    }
    for (kind, points) in [("fpr", &ks.fpr), ("tpr", &ks.tpr)] {
        let curve_name = format!("{}_{kind}", place.producer);
        let words = [("curve_name", curve_name.as_str()), ("pair_type", place.producer.as_str())];
        report.curve(place, &format!("ks_{kind}"), "KS_EVALUATION", &words, Points::new(points, &ks.thresholds));
    }
}

fn plain(report: &mut Report, place: &Place, metric: &str, curve: &curve::Curve) {
    let words = [("curve_name", place.producer.as_str())];
    let metric_type = format!("{}_EVALUATION", metric.to_uppercase());
    report.curve(place, metric, &metric_type, &words, Points::new(&curve.points, &curve.thresholds));
}

fn pair_words<'a>(place: &'a Place, ordinate: &'a str) -> [(&'a str, &'a str); 3] {
    let producer = place.producer.as_str();
    [("ordinate_name", ordinate), ("curve_name", producer), ("pair_type", producer)]
}

fn precision_recall(report: &mut Report, place: &Place, ranked: &Ranked) {
    let both = curve::precision_recall(ranked);
    let precision = Points::new(&both.precision, &both.thresholds);
    report.curve(place, "precision", "PRECISION_BINARY_EVALUATION", &pair_words(place, "Precision"), precision);
    let recall = Points::new(&both.recall, &both.thresholds);
    report.curve(place, "recall", "RECALL_BINARY_EVALUATION", &pair_words(place, "Recall"), recall);
}

fn confusion_table(report: &mut Report, place: &Place, ranked: &Ranked) {
    let all = confusion(ranked);
    let extra = json!({
        "tp": all.iter().map(|c| c.tp).collect::<Vec<_>>(),
        "tn": all.iter().map(|c| c.tn).collect::<Vec<_>>(),
        "fp": all.iter().map(|c| c.fp).collect::<Vec<_>>(),
        "fn": all.iter().map(|c| c.fn_).collect::<Vec<_>>(),
        "thresholds": all_rounded(&thresholds()),
    });
    report.table(place, "confusion_mat", extra);
}

fn quantile_table(report: &mut Report, place: &Place, ranked: &Ranked) {
    let (thresholds, counts) = quantile_pr(ranked);
    // FATE pairs each figure with 0, the place of the negative class.
    let extra = json!({
        "p_scores": counts.iter().map(|c| [0.0, rounded(c.precision())]).collect::<Vec<_>>(),
        "r_scores": counts.iter().map(|c| [0.0, rounded(c.recall())]).collect::<Vec<_>>(),
        "thresholds": all_rounded(&thresholds),
    });
    report.table(place, "quantile_pr", extra);
}

/// PSI of validate against train rows of one table; nothing where one of them is missing.
fn stability(report: &mut Report, producer: &str, sets: &[(String, Ranked)]) {
    let named = |name: &str| sets.iter().find(|(namespace, _)| namespace == name).map(|(_, ranked)| ranked);
    let (Some(train), Some(validate)) = (named("train"), named("validate")) else { return };
    let bins = psi::bins(train, validate);
    let figures = |of: fn(&psi::Bin) -> f64| all_rounded(&bins.iter().map(of).collect::<Vec<_>>());
    let interval = |(i, bin): (usize, &psi::Bin)| {
        let close = if i + 1 == bins.len() { ']' } else { ')' };
        format!("[{:?}, {:?}{close}", rounded(bin.from), rounded(bin.to))
    };
    let extra = json!({
        "psi_scores": figures(psi::Bin::score),
        "total_psi": rounded(bins.iter().map(psi::Bin::score).sum()),
        "expected_interval": bins.iter().map(|bin| bin.expected).collect::<Vec<_>>(),
        "expected_percentage": figures(|bin| bin.expected_share),
        "actual_interval": bins.iter().map(|bin| bin.actual).collect::<Vec<_>>(),
        "actual_percentage": figures(|bin| bin.actual_share),
        "train_pos_perc": figures(|bin| bin.train_positive),
        "validate_pos_perc": figures(|bin| bin.validate_positive),
        "intervals": bins.iter().enumerate().map(interval).collect::<Vec<String>>(),
    });
    report.table(&Place { producer: producer.to_owned(), namespace: "validate".to_owned() }, "psi", extra);
}

fn several(report: &mut Report, place: &Place, metrics: &[Metric], classes: &multi::Classes) {
    for metric in metrics {
        match metric {
            Metric::Accuracy => report.single(place, "accuracy", classes.accuracy),
            Metric::Precision => {
                report.single(place, "precision", classes.mean(|class| class.precision));
                let bars = Points::bars(classes.bars(|class| class.precision));
                report.curve(place, "precision", "PRECISION_MULTI_EVALUATION", &pair_words(place, "Precision"), bars);
            }
            Metric::Recall => {
                report.single(place, "recall", classes.mean(|class| class.recall));
                let bars = Points::bars(classes.bars(|class| class.recall));
                report.curve(place, "recall", "RECALL_MULTI_EVALUATION", &pair_words(place, "Recall"), bars);
            }
            _ => {}
        }
    }
}

/// AUC and KS of each class against the rest, told as of a producer `<producer>_class_<class>`.
fn unfold(report: &mut Report, place: &Place, predictions: &Predictions, rows: &[usize]) -> Result<()> {
    let classes = predictions.one_vs_rest(rows)?;
    let curves = classes.len() <= MOST_UNFOLDED;
    for one in &classes {
        let producer = format!("{}_class_{}", place.producer, one.class);
        let place = Place { producer, namespace: place.namespace.clone() };
        let ranked = Ranked::new(&one.labels, &one.scores);
        if ranked.positive() == 0 || ranked.negative() == 0 {
            report.warn(&place, "all rows or none are of the class: auc and ks have no value");
            continue;
        }
        report.single(&place, "auc", ranked.auc());
        ks(report, &place, &ranked, curves);
    }
    Ok(())
}

fn numbers(report: &mut Report, place: &Place, metrics: &[Metric], labels: &[f64], predicted: &[f64]) -> Result<()> {
    for metric in metrics {
        let Some(value) = regression::measure(*metric, labels, predicted) else {
            let (name, producer) = (metric.name(), &place.producer);
            return Err(input_error(format!(
                "Evaluation: {name} has no value for {} rows of {producer}: a label or prediction is below 0; leave it out of \
                 metrics",
                place.namespace
            )));
        };
        report.single(place, metric.name(), value);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
