//! Single numbers that say how good predictions are: for validation while training and for cross-validation. Not for: curves
//! and tables (module Evaluation).

/// A metric of binary predictions; more is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Area under the ROC curve.
    Auc,
    /// Largest distance of true and false positive rate over 100 cuts.
    Ks,
    /// Share of right predictions.
    Accuracy,
    /// Share of positives among rows predicted positive.
    Precision,
    /// Share of positives that are predicted positive.
    Recall,
}

const ALL: [Metric; 5] = [Metric::Auc, Metric::Ks, Metric::Accuracy, Metric::Precision, Metric::Recall];

impl Metric {
    /// FATE's name.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Auc => "auc",
            Metric::Ks => "ks",
            Metric::Accuracy => "accuracy",
            Metric::Precision => "precision",
            Metric::Recall => "recall",
        }
    }

    /// By name, in any case; `acc` is accuracy.
    pub fn parse(name: &str) -> Option<Metric> {
        let name = name.to_ascii_lowercase();
        let name = if name == "acc" { "accuracy" } else { name.as_str() };
        ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// All names, for errors.
    pub fn known() -> String {
        ALL.map(Metric::name).join(", ")
    }

    /// Of probabilities `scores` against `positive`; `threshold` is that of predictions.
    pub fn of(self, positive: &[bool], scores: &[f64], threshold: f64) -> f64 {
        let hits = |wanted: bool| {
            let rows = positive.iter().zip(scores);
            rows.filter(|(label, score)| **label == wanted && **score > threshold).count() as f64
        };
        let positives = positive.iter().filter(|label| **label).count() as f64;
        let share = |part: f64, of: f64| if of > 0.0 { part / of } else { 0.0 };
        match self {
            Metric::Auc => auc(positive, scores),
            Metric::Ks => ks(positive, scores),
            Metric::Accuracy => {
                let negatives = positive.len() as f64 - positives;
                share(hits(true) + negatives - hits(false), positive.len() as f64)
            }
            Metric::Precision => share(hits(true), hits(true) + hits(false)),
            Metric::Recall => share(hits(true), positives),
        }
    }
}

/// Area under the ROC curve as the rank statistic of H. Mann and D. Whitney (1947), ties counting one half; equals
/// scikit-learn's. Without both classes it is 0.5.
pub fn auc(positive: &[bool], scores: &[f64]) -> f64 {
    let order = descending(scores);
    let positives = positive.iter().filter(|p| **p).count() as f64;
    let negatives = positive.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return 0.5;
    }
    let (mut above, mut area, mut from) = (0.0, 0.0, 0);
    while from < order.len() {
        let tied = order[from..].iter().take_while(|row| scores[**row] == scores[order[from]]).count();
        let (mut up, mut down) = (0.0, 0.0);
        order[from..from + tied].iter().for_each(|row| if positive[*row] { up += 1.0 } else { down += 1.0 });
        area += down * (above + 0.5 * up);
        above += up;
        from += tied;
    }
    area / (positives * negatives)
}

/// Kolmogorov-Smirnov distance as FATE computes it: only at 100 scores, those at positions `n c / 100` in descending order, a
/// row being positive when its score is greater. At most the exact distance.
pub fn ks(positive: &[bool], scores: &[f64]) -> f64 {
    let order = descending(scores);
    let positives = positive.iter().filter(|p| **p).count() as f64;
    let negatives = positive.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return 0.0;
    }
    let (mut best, mut seen) = (0f64, 0);
    let (mut up, mut down) = (0.0, 0.0);
    for cut in 0..100 {
        let threshold = scores[order[order.len() * cut / 100]];
        while seen < order.len() && scores[order[seen]] > threshold {
            if positive[order[seen]] {
                up += 1.0
            } else {
                down += 1.0
            }
            seen += 1;
        }
        best = best.max(up / positives - down / negatives);
    }
    best
}

fn descending(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    order
}

/// Accuracy, and precision and recall as means over the classes, of predicted classes.
pub fn multi(labels: &[i64], predicted: &[i64]) -> [(&'static str, f64); 3] {
    let pairs = || labels.iter().zip(predicted);
    let right = pairs().filter(|(label, predicted)| label == predicted).count() as f64;
    let mut classes = labels.to_vec();
    classes.sort_unstable();
    classes.dedup();
    let (mut precision, mut recall) = (0.0, 0.0);
    for class in &classes {
        let hits = pairs().filter(|(label, predicted)| *label == class && *predicted == class).count() as f64;
        let said = predicted.iter().filter(|p| *p == class).count() as f64;
        let are = labels.iter().filter(|l| *l == class).count() as f64;
        precision += if said > 0.0 { hits / said } else { 0.0 };
        recall += hits / are;
    }
    let count = classes.len().max(1) as f64;
    let rows = labels.len().max(1) as f64;
    [("accuracy", right / rows), ("precision", precision / count), ("recall", recall / count)]
}

/// Rounded to six decimals, as FATE publishes metrics.
pub fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `sklearn.metrics.roc_auc_score` of the same gives 0.625.
    #[test]
    fn auc_with_ties() {
        let positive = [true, false, true, false, true, false, true, false];
        let scores = [0.9, 0.8, 0.7, 0.7, 0.7, 0.3, 0.2, 0.1];
        assert!((auc(&positive, &scores) - 0.625).abs() < 1e-15);
        assert_eq!(auc(&[true, true], &[0.1, 0.2]), 0.5);
    }

    #[test]
    fn thresholds_are_strict() {
        let (positive, scores) = ([true, true, false, false], [0.9, 0.5, 0.6, 0.1]);
        assert_eq!(Metric::Accuracy.of(&positive, &scores, 0.5), 0.5);
        assert_eq!(Metric::Precision.of(&positive, &scores, 0.5), 0.5);
        assert_eq!(Metric::Recall.of(&positive, &scores, 0.4), 1.0);
    }

    #[test]
    fn ks_of_perfect_scores_misses_only_the_cut() {
        let positive: Vec<bool> = (0..200).map(|i| i < 100).collect();
        let scores: Vec<f64> = (0..200).map(|i| 1.0 - f64::from(i) / 200.0).collect();
        assert_eq!(ks(&positive, &scores), 1.0);
    }

    #[test]
    fn means_over_classes() {
        let found = multi(&[0, 0, 1, 2], &[0, 1, 1, 1]);
        assert_eq!(found[0], ("accuracy", 0.5));
        assert!((found[1].1 - (1.0 + 1.0 / 3.0) / 3.0).abs() < 1e-15);
        assert!((found[2].1 - 0.5).abs() < 1e-15);
    }

    #[test]
    fn names() {
        assert_eq!(Metric::parse("ACC"), Some(Metric::Accuracy));
        assert_eq!(Metric::parse("lift"), None);
        assert_eq!(Metric::known(), "auc, ks, accuracy, precision, recall");
        assert_eq!(rounded(0.97518634), 0.975186);
    }
}
