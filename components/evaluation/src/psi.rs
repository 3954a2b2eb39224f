//! The population stability index: how far the scores of validate data have moved from those of train data. Not for:
//! private set intersection, which is called PSI too.

use crate::{grid::quantiles, ranked::Ranked};

/// Stands for the count of an empty bin.
const EMPTY: f64 = 1e-6;

/// One bin of scores.
#[derive(Clone, Debug, PartialEq)]
pub struct Bin {
    /// Least score.
    pub from: f64,
    /// Greatest score; in the last bin only it belongs to the bin.
    pub to: f64,
    /// Train rows.
    pub expected: usize,
    /// Validate rows.
    pub actual: usize,
    /// Share of all train rows, of an empty bin nearly 0.
    pub expected_share: f64,
    /// Share of all validate rows, of an empty bin nearly 0.
    pub actual_share: f64,
    /// Share of positive rows among the train rows of the bin.
    pub train_positive: f64,
    /// Share of positive rows among the validate rows of the bin.
    pub validate_positive: f64,
}

impl Bin {
    /// (a - e) ln(a / e) of the shares.
    pub fn score(&self) -> f64 {
        (self.actual_share - self.expected_share) * (self.actual_share / self.expected_share).ln()
    }
}

/// Bins between the different ones of the 21 quantiles of the train scores. Validate rows with scores beyond those of train
/// are in no bin, as in FATE. Both sets have rows.
pub fn bins(train: &Ranked, validate: &Ranked) -> Vec<Bin> {
    let ascending: Vec<f64> = train.scores.iter().rev().copied().collect();
    let mut edges = quantiles(&ascending);
    edges.dedup();
    if edges.len() == 1 {
        edges.push(edges[0]);
    }
    let last = edges.len() - 2;
    let bin = |(i, pair): (usize, &[f64])| {
        let (from, to) = (pair[0], pair[1]);
        let (expected, train_hits) = count(train, from, to, i == last);
        let (actual, validate_hits) = count(validate, from, to, i == last);
        Bin {
            from,
            to,
            expected,
            actual,
            expected_share: share(expected, train.rows()),
            actual_share: share(actual, validate.rows()),
            train_positive: ratio(train_hits, expected),
            validate_positive: ratio(validate_hits, actual),
        }
    };
    edges.windows(2).enumerate().map(bin).collect()
}

fn share(count: usize, rows: usize) -> f64 {
    let count = if count == 0 { EMPTY } else { count as f64 };
    count / rows as f64
}

fn ratio(hits: usize, count: usize) -> f64 {
    if count == 0 { 0.0 } else { hits as f64 / count as f64 }
}

/// Rows and positive rows with from <= score < to, or <= to.
fn count(ranked: &Ranked, from: f64, to: f64, closed: bool) -> (usize, usize) {
    let upper = if closed { ranked.at(to) } else { ranked.at_least(to) };
    let lower = ranked.at_least(from);
    let positive = lower.tp - upper.tp;
    (positive + lower.fp - upper.fp, positive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranked::tests::{near, rows};

    fn ranked(n: u64, a: u64, b: u64, m: u64, k: u64) -> Ranked {
        let (labels, scores) = rows(n, a, b, m, k);
        Ranked::new(&labels, &scores)
    }

    #[test]
    fn bins_and_index_are_fates() {
        let bins = bins(&ranked(250, 37, 53, 101, 97), &ranked(120, 41, 29, 89, 83));
        let expected: Vec<usize> = bins.iter().map(|bin| bin.expected).collect();
        assert_eq!(expected, [10, 14, 11, 14, 11, 14, 11, 14, 13, 12, 13, 12, 13, 12, 12, 12, 12, 13, 12, 15]);
        let actual: Vec<usize> = bins.iter().map(|bin| bin.actual).collect();
        assert_eq!(actual, [6, 6, 7, 7, 4, 7, 3, 8, 6, 7, 5, 7, 6, 5, 7, 4, 6, 7, 4, 8]);
        near(bins.iter().map(Bin::score).sum(), 0.0443);
        near(bins[0].score(), 0.002231);
        near(bins[0].expected_share, 0.04);
        near(bins[1].train_positive, 0.142857);
        near(bins[2].validate_positive, 0.142857);
        near(bins[2].from, 0.09901);
    }

    #[test]
    fn the_same_rows_have_not_moved() {
        let same = ranked(250, 37, 53, 101, 97);
        near(bins(&same, &same).iter().map(Bin::score).sum(), 0.0);
    }

    #[test]
    fn equal_scores_are_one_bin() {
        let one = Ranked::new(&[true, false, true], &[0.5, 0.5, 0.5]);
        let other = Ranked::new(&[true, false], &[0.25, 0.5]);
        let bins = bins(&one, &other);
        assert_eq!((bins.len(), bins[0].expected, bins[0].actual), (1, 3, 1));
        near(bins[0].train_positive, 2.0 / 3.0);
    }

    #[test]
    fn an_empty_bin_has_a_finite_score() {
        let train = Ranked::new(&[true, false], &[0.25, 0.75]);
        let validate = Ranked::new(&[true], &[0.5]);
        assert!(bins(&train, &validate).iter().map(Bin::score).sum::<f64>().is_finite());
        let beyond = Ranked::new(&[true], &[0.9]);
        let bins = bins(&train, &beyond);
        assert_eq!((bins[0].actual, bins[0].expected), (0, 2));
        assert!(bins[0].score().is_finite());
    }
}
