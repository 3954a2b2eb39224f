//! FATE's tables at fixed thresholds: confusion matrix and F1 at 0, 0.01, ... 0.99, precision and recall at quantiles of
//! the scores. Not for: curves (`curve`).

use crate::ranked::{CUTS, Counts, Ranked};

/// Thresholds 0, 0.01, ... 0.99.
pub fn thresholds() -> Vec<f64> {
    (0..CUTS).map(|i| i as f64 * 0.01).collect()
}

/// Right and wrong predictions at each threshold.
pub fn confusion(ranked: &Ranked) -> Vec<Counts> {
    thresholds().into_iter().map(|threshold| ranked.at(threshold)).collect()
}

/// F1 at each threshold: 2 p r / (p + r). Needs a positive row.
pub fn f1(ranked: &Ranked) -> Vec<f64> {
    let f1 = |counts: Counts| {
        let (p, r) = (counts.precision(), counts.recall());
        let sum = if p + r == 0.0 { 1e-6 } else { p + r };
        2.0 * p * r / sum
    };
    confusion(ranked).into_iter().map(f1).collect()
}

/// Scores at 0 %, 5 %, ... 100 %, each a score that is there (the nearest one, the even place where two are as near).
/// `ascending`: scores in ascending order, at least one.
pub fn quantiles(ascending: &[f64]) -> Vec<f64> {
    let last = (ascending.len() - 1) as f64;
    (0..=20).map(|i| ascending[(f64::from(i * 5) / 100.0 * last).round_ties_even() as usize]).collect()
}

/// Thresholds, precision and recall at quantiles of the scores, ascending. Needs a positive row.
pub fn quantile_pr(ranked: &Ranked) -> (Vec<f64>, Vec<Counts>) {
    let ascending: Vec<f64> = ranked.scores.iter().rev().copied().collect();
    let thresholds = quantiles(&ascending);
    let counts = thresholds.iter().map(|threshold| ranked.at(*threshold)).collect();
    (thresholds, counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranked::tests::{large, near, small, tiny};

    #[test]
    fn the_confusion_matrix_is_counted_at_100_thresholds() {
        let all = confusion(&small());
        assert_eq!((all.len(), all[50]), (100, Counts { tp: 88, fp: 35, fn_: 38, tn: 89 }));
        let sums = |all: &[Counts]| (all.iter().map(|c| c.tp).sum::<usize>(), all.iter().map(|c| c.fp).sum::<usize>());
        assert_eq!(sums(&all), (8067, 4402));
        assert_eq!(sums(&confusion(&large())), (168_104, 84_434));
    }

    #[test]
    fn f1_is_scikit_learns() {
        let all = f1(&small());
        near(all[0], 0.675603);
        near(all[50], 0.706827);
        near(all[99], 0.03125);
        near(all.iter().sum(), 60.363852);
        near(f1(&large()).iter().sum(), 63.043663);
        near(f1(&tiny())[99], 0.0);
    }

    #[track_caller]
    fn quantiles_near(ranked: &Ranked, p: f64, r: f64, t: f64) {
        let (thresholds, counts) = quantile_pr(ranked);
        assert_eq!((thresholds.len(), counts.len()), (21, 21));
        near(counts.iter().map(|c| c.precision()).sum(), p);
        near(counts.iter().map(|c| c.recall()).sum(), r);
        near(thresholds.iter().sum(), t);
    }

    #[test]
    fn precision_and_recall_at_quantiles_are_numpys() {
        quantiles_near(&small(), 15.252387, 13.222222, 10.356436);
        quantiles_near(&tiny(), 17.8, 11.75, 10.19802);
        quantiles_near(&large(), 15.776169, 13.821814, 10.501354);
    }
}
