//! Scores of two classes in descending order, sorted once: AUC, KS, ROC, and counts of right and wrong predictions at any
//! threshold. A row is predicted positive when its score is greater than the threshold. Not for: curves that FATE cuts from
//! the unique scores (`curve`).

use crate::curve::Curve;

/// Number of cuts of FATE's curves.
pub const CUTS: usize = 100;

/// Right and wrong predictions at a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Positive rows that are predicted positive.
    pub tp: usize,
    /// Negative rows that are predicted positive.
    pub fp: usize,
    /// Positive rows that are predicted negative.
    pub fn_: usize,
    /// Negative rows that are predicted negative.
    pub tn: usize,
}

impl Counts {
    /// tp / (tp + fp); 1 where nothing is predicted positive, as FATE has it, so that curves begin at the top.
    pub fn precision(self) -> f64 {
        if self.tp + self.fp == 0 { 1.0 } else { self.tp as f64 / (self.tp + self.fp) as f64 }
    }

    /// tp / (tp + fn); 0 where nothing is positive.
    pub fn recall(self) -> f64 {
        if self.tp + self.fn_ == 0 { 0.0 } else { self.tp as f64 / (self.tp + self.fn_) as f64 }
    }

    /// Share of right predictions.
    pub fn accuracy(self) -> f64 {
        (self.tp + self.tn) as f64 / self.rows() as f64
    }

    /// Number of rows.
    pub fn rows(self) -> usize {
        self.tp + self.fp + self.fn_ + self.tn
    }
}

/// Scores in descending order, and how many positives stand before each place.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    /// Descending.
    pub scores: Vec<f64>,
    /// Positives among the first i scores; one more entry than scores.
    positives: Vec<usize>,
    /// Where each group of equal scores ends.
    ends: Vec<usize>,
}

impl Ranked {
    /// Sorts. Scores are finite; both lists have an entry a row.
    pub fn new(labels: &[bool], scores: &[f64]) -> Ranked {
        let mut rows: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
        rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut positives = vec![0];
        let mut seen = 0;
        for (_, label) in &rows {
            seen += usize::from(*label);
            positives.push(seen);
        }
        let scores: Vec<f64> = rows.iter().map(|(score, _)| *score).collect();
        let ends = (1..=scores.len()).filter(|end| *end == scores.len() || scores[*end] != scores[end - 1]).collect();
        Ranked { scores, positives, ends }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.scores.len()
    }

    /// Number of positive rows.
    pub fn positive(&self) -> usize {
        self.positives[self.rows()]
    }

    /// Number of negative rows.
    pub fn negative(&self) -> usize {
        self.rows() - self.positive()
    }

    /// Different scores, descending.
    pub fn unique(&self) -> Vec<f64> {
        self.ends.iter().map(|end| self.scores[end - 1]).collect()
    }

    /// Predictions at a threshold.
    pub fn at(&self, threshold: f64) -> Counts {
        self.first(self.scores.partition_point(|score| *score > threshold))
    }

    /// The same where a score equal to the threshold is predicted positive too.
    pub fn at_least(&self, threshold: f64) -> Counts {
        self.first(self.scores.partition_point(|score| *score >= threshold))
    }

    /// Predictions when the first `above` rows are predicted positive.
    fn first(&self, above: usize) -> Counts {
        let tp = self.positives[above];
        let (fp, fn_) = (above - tp, self.positive() - tp);
        Counts { tp, fp, fn_, tn: self.negative() - fp }
    }

    /// Area under the ROC curve, as the share of pairs of a positive and a negative row in which the positive one has the
    /// greater score, ties counting half (Mann and Whitney). Needs both classes.
    pub fn auc(&self) -> f64 {
        let mut twice = 0.0;
        let mut start = 0;
        for end in &self.ends {
            let (before, upto) = (self.positives[start], self.positives[*end]);
            let negatives = (end - start) - (upto - before);
            twice += negatives as f64 * (before + upto) as f64;
            start = *end;
        }
        twice / (2.0 * self.positive() as f64 * self.negative() as f64)
    }

    /// The greatest distance of the two classes' distributions over all thresholds (Kolmogorov and Smirnov). Needs both
    /// classes.
    pub fn ks_exact(&self) -> f64 {
        let distance = |end: &usize| self.rate(self.positives[*end]) - self.false_rate(end - self.positives[*end]);
        self.ends.iter().map(distance).fold(0.0, f64::max)
    }

    fn rate(&self, tp: usize) -> f64 {
        tp as f64 / self.positive() as f64
    }

    fn false_rate(&self, fp: usize) -> f64 {
        fp as f64 / self.negative() as f64
    }

    /// KS as FATE measures it: at the scores of 100 places, which is at most the exact one. Needs both classes.
    pub fn ks(&self) -> Ks {
        let mut ks = Ks { best: 0.0, fpr: Vec::new(), tpr: Vec::new(), thresholds: Vec::new() };
        for cut in (0..CUTS).map(|i| i as f64 / 100.0) {
            let threshold = self.scores[(self.rows() as f64 * cut) as usize];
            let counts = self.at(threshold);
            let (tpr, fpr) = (self.rate(counts.tp), self.false_rate(counts.fp));
            ks.best = ks.best.max(tpr - fpr);
            ks.fpr.push((cut, fpr));
            ks.tpr.push((cut, tpr));
            ks.thresholds.push(threshold);
        }
        ks.fpr.push((1.0, 1.0));
        ks.tpr.push((1.0, 1.0));
        ks
    }

    /// The ROC curve: its corners, thinned to 100 cuts, and the end (1, 1). The first threshold is above all scores. Needs
    /// both classes.
    pub fn roc(&self) -> Curve {
        let mut corners = vec![(0, 0, self.scores[0] + 1.0)];
        corners.extend(self.corners().into_iter().map(|end| {
            let tp = self.positives[end];
            (end - tp, tp, self.scores[end - 1])
        }));
        let mut curve = Curve::default();
        let mut last = None;
        for cut in (0..CUTS).map(|i| i as f64 * 0.01) {
            let at = (corners.len() as f64 * cut) as usize;
            if last != Some(at) {
                let (fp, tp, threshold) = corners[at];
                curve.push(self.false_rate(fp), self.rate(tp), threshold);
            }
            last = Some(at);
        }
        curve.push(1.0, 1.0, 1.0);
        curve
    }

    /// Ends of groups at which the ROC curve changes its direction (second differences that are not 0, as scikit-learn drops
    /// points), and the first and last ones.
    fn corners(&self) -> Vec<usize> {
        let ends = &self.ends;
        if ends.len() <= 2 {
            return ends.clone();
        }
        let tp = |end: usize| self.positives[end];
        let fp = |end: usize| end - self.positives[end];
        let bends =
            |t: &[usize]| tp(t[1]) - tp(t[0]) != tp(t[2]) - tp(t[1]) || fp(t[1]) - fp(t[0]) != fp(t[2]) - fp(t[1]);
        let inner = ends.windows(3).filter(|triple| bends(triple)).map(|triple| triple[1]);
        std::iter::once(ends[0]).chain(inner).chain(ends.last().copied()).collect()
    }
}

/// KS by 100 cuts: x of both curves is the share of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Ks {
    /// The greatest difference of the two curves.
    pub best: f64,
    /// False positive rate at each cut, and (1, 1).
    pub fpr: Vec<(f64, f64)>,
    /// True positive rate at each cut, and (1, 1).
    pub tpr: Vec<(f64, f64)>,
    /// Threshold of each cut.
    pub thresholds: Vec<f64>,
}

#[cfg(test)]
pub mod tests;
