//! FATE's curves over cuts of the different scores: lift, gain, accuracy, precision and recall. Not for: ROC and KS
//! (`ranked`), tables at fixed thresholds (`grid`).

use crate::ranked::{CUTS, Counts, Ranked};

/// Distance of the last cut of precision and recall below the least score of the cuts.
const BELOW: f64 = 0.001;

/// A curve, and the threshold of each point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// x and y.
    pub points: Vec<(f64, f64)>,
    /// Thresholds, descending.
    pub thresholds: Vec<f64>,
}

impl Curve {
    /// Adds a point.
    pub fn push(&mut self, x: f64, y: f64, threshold: f64) {
        self.points.push((x, y));
        self.thresholds.push(threshold);
    }

    /// Adds a point; of several with one x the greatest y stays. Points come in the order of x.
    fn push_greatest(&mut self, x: f64, y: f64, threshold: f64) {
        match (self.points.last_mut(), self.thresholds.last_mut()) {
            (Some(last), Some(last_threshold)) if last.0 == x => {
                if y > last.1 {
                    *last = (x, y);
                    *last_threshold = threshold;
                }
            }
            _ => self.push(x, y, threshold),
        }
    }
}

/// 100 of the different scores, descending: those at the places size * 0.00, size * 0.01, ... size * 0.99.
fn cuts(ranked: &Ranked) -> Vec<(f64, f64)> {
    let unique = ranked.unique();
    let cut = |i: usize| i as f64 * 0.01;
    (0..CUTS).map(|i| (cut(i), unique[(unique.len() as f64 * cut(i)) as usize])).collect()
}

/// Lift: precision over the share of positive rows, by the share of rows that are predicted positive; then FATE's end
/// (1, 1) with threshold 0. Needs a positive row.
pub fn lift(ranked: &Ranked) -> Curve {
    let share = ranked.positive() as f64 / ranked.rows() as f64;
    by_share(ranked, |counts| counts.precision() / share)
}

/// Gain: the share of positive rows that are found, by the share of rows that are predicted positive; then FATE's end
/// (1, 1) with threshold 0. Needs a positive row.
pub fn gain(ranked: &Ranked) -> Curve {
    by_share(ranked, Counts::recall)
}

fn by_share(ranked: &Ranked, y: impl Fn(Counts) -> f64) -> Curve {
    let mut curve = Curve::default();
    for (_, threshold) in cuts(ranked) {
        let counts = ranked.at(threshold);
        curve.push_greatest((counts.tp + counts.fp) as f64 / ranked.rows() as f64, y(counts), threshold);
    }
    curve.push(1.0, 1.0, 0.0);
    curve
}

/// Accuracy by cut.
pub fn accuracy(ranked: &Ranked) -> Curve {
    let mut curve = Curve::default();
    for (cut, threshold) in cuts(ranked) {
        curve.push(cut, ranked.at(threshold).accuracy(), threshold);
    }
    curve
}

/// Precision and recall by cut. One more cut lies below the least score, and of several cuts with one recall the one with
/// the greatest precision stays.
pub struct PrecisionRecall {
    /// Precision by cut.
    pub precision: Vec<(f64, f64)>,
    /// Recall by cut.
    pub recall: Vec<(f64, f64)>,
    /// Thresholds of the cuts; the one below the least score is left out.
    pub thresholds: Vec<f64>,
}

/// Measures them. Needs a positive row.
pub fn precision_recall(ranked: &Ranked) -> PrecisionRecall {
    let mut all = cuts(ranked);
    let least = all.iter().map(|(_, threshold)| *threshold).fold(f64::INFINITY, f64::min);
    let edge = least - BELOW;
    all.push((1.0, edge));
    let mut kept: Vec<(f64, f64, f64, f64)> = Vec::new();
    for (cut, threshold) in all {
        let counts = ranked.at(threshold);
        let here = (cut, counts.precision(), counts.recall(), threshold);
        match kept.last_mut() {
            Some(last) if last.2 == here.2 => {
                if here.1 > last.1 {
                    *last = here;
                }
            }
            _ => kept.push(here),
        }
    }
    let mut thresholds: Vec<f64> = kept.iter().map(|(_, _, _, threshold)| *threshold).collect();
    if thresholds.last() == Some(&edge) {
        thresholds.pop();
    }
    PrecisionRecall {
        precision: kept.iter().map(|(cut, precision, _, _)| (*cut, *precision)).collect(),
        recall: kept.iter().map(|(cut, _, recall, _)| (*cut, *recall)).collect(),
        thresholds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranked::tests::{large, near, small, sums, tiny};

    #[track_caller]
    fn curve_near(curve: &Curve, points: usize, x: f64, y: f64) {
        assert_eq!((curve.points.len(), curve.thresholds.len()), (points, points));
        let [got_x, got_y, _] = sums(curve);
        near(got_x, x);
        near(got_y, y);
    }

    #[test]
    fn lift_and_gain_are_fates() {
        curve_near(&lift(&small()), 101, 49.888, 145.306313);
        curve_near(&lift(&tiny()), 8, 4.0, 11.2375);
        curve_near(&lift(&large()), 101, 50.5, 151.593865);
        curve_near(&gain(&small()), 101, 49.888, 64.02381);
        curve_near(&gain(&tiny()), 8, 4.0, 4.75);
        curve_near(&gain(&large()), 101, 50.5, 67.152617);
        let lift = lift(&small());
        near(lift.points[0].1, 1.984127);
        assert_eq!((lift.points[100], lift.thresholds[100]), ((1.0, 1.0), 0.0));
    }

    #[test]
    fn accuracy_is_fates() {
        let curve = accuracy(&small());
        assert_eq!(curve.points.len(), 100);
        near(curve.points[50].1, 0.708);
        near(curve.points.iter().map(|(_, y)| y).sum(), 64.24);
        near(accuracy(&large()).points.iter().map(|(_, y)| y).sum(), 66.672);
    }

    #[track_caller]
    fn precision_recall_near(ranked: &Ranked, points: usize, thresholds: usize, expected: [f64; 4]) {
        let got = precision_recall(ranked);
        assert_eq!((got.precision.len(), got.recall.len(), got.thresholds.len()), (points, points, thresholds));
        near(got.precision.iter().map(|(cut, _)| cut).sum(), expected[0]);
        near(got.precision.iter().map(|(_, y)| y).sum(), expected[1]);
        near(got.recall.iter().map(|(_, y)| y).sum(), expected[2]);
        near(got.thresholds.iter().sum(), expected[3]);
    }

    #[test]
    fn precision_and_recall_are_fates() {
        precision_recall_near(&small(), 77, 77, [32.96, 58.381183, 43.52381, 43.60396]);
        precision_recall_near(&tiny(), 5, 4, [1.87, 4.571429, 2.5, 2.831683]);
        precision_recall_near(&large(), 99, 99, [48.52, 74.876881, 65.153416, 50.477589]);
    }
}
