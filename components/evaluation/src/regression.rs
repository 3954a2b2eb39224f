//! Metrics of predicted numbers, as scikit-learn defines them. Not for: choosing which.

use crate::metric::Metric;

/// Measures predictions; an entry a row, at least one. `None` for a metric that is not of regression, and for the squared
/// log error where a number is below 0.
pub fn measure(metric: Metric, labels: &[f64], predicted: &[f64]) -> Option<f64> {
    let errors = || labels.iter().zip(predicted).map(|(label, prediction)| label - prediction);
    Some(match metric {
        Metric::ExplainedVariance => explained(variance(errors()), variance(labels.iter().copied())),
        Metric::MeanAbsoluteError => mean(errors().map(f64::abs)),
        Metric::MeanSquaredError => mean(errors().map(|e| e * e)),
        Metric::RootMeanSquaredError => mean(errors().map(|e| e * e)).sqrt(),
        Metric::MedianAbsoluteError => median(errors().map(f64::abs).collect()),
        Metric::R2Score => explained(mean(errors().map(|e| e * e)), variance(labels.iter().copied())),
        Metric::MeanSquaredLogError => return squared_log_error(labels, predicted),
        _ => return None,
    })
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0u64);
    for value in values {
        sum += value;
        count += 1;
    }
    sum / count as f64
}

fn variance(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let centre = mean(values.clone());
    mean(values.map(|value| (value - centre) * (value - centre)))
}

/// 1 - left / whole; where labels are all the same 1 for perfect predictions and 0 for others.
fn explained(left: f64, whole: f64) -> f64 {
    match (left == 0.0, whole == 0.0) {
        (true, _) => 1.0,
        (false, true) => 0.0,
        (false, false) => 1.0 - left / whole,
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 { values[half] } else { (values[half - 1] + values[half]) / 2.0 }
}

fn squared_log_error(labels: &[f64], predicted: &[f64]) -> Option<f64> {
    if labels.iter().chain(predicted).any(|value| *value < 0.0) {
        return None;
    }
    let errors = labels.iter().zip(predicted).map(|(label, prediction)| label.ln_1p() - prediction.ln_1p());
    Some(mean(errors.map(|e| e * e)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranked::tests::near;

    fn rows() -> (Vec<f64>, Vec<f64>) {
        let label = |i: i32| f64::from((i * 37 + 11) % 101) / 10.0;
        let shift = |i: i32| f64::from((i * 53 + 7) % 97 - 48) / 40.0;
        ((0..60).map(label).collect(), (0..60).map(|i| (label(i) + shift(i)).max(0.0)).collect())
    }

    #[test]
    fn metrics_are_scikit_learns() {
        let (labels, predicted) = rows();
        let got = |metric| measure(metric, &labels, &predicted).unwrap();
        near(got(Metric::ExplainedVariance), 0.942906);
        near(got(Metric::MeanAbsoluteError), 0.609583);
        near(got(Metric::MeanSquaredError), 0.48726);
        near(got(Metric::MeanSquaredLogError), 0.043509);
        near(got(Metric::MedianAbsoluteError), 0.5875);
        near(got(Metric::R2Score), 0.942606);
        near(got(Metric::RootMeanSquaredError), 0.69804);
        assert_eq!(measure(Metric::Auc, &labels, &predicted), None);
    }

    #[test]
    fn labels_that_are_all_the_same() {
        assert_eq!(measure(Metric::R2Score, &[1.0, 1.0], &[1.0, 1.0]), Some(1.0));
        assert_eq!(measure(Metric::R2Score, &[1.0, 1.0], &[1.0, 2.0]), Some(0.0));
        assert_eq!(measure(Metric::ExplainedVariance, &[1.0, 1.0], &[0.0, 2.0]), Some(0.0));
    }

    #[test]
    fn the_log_error_has_no_value_below_0() {
        assert_eq!(measure(Metric::MeanSquaredLogError, &[-0.5], &[1.0]), None);
    }

    #[test]
    fn the_median_of_an_odd_number_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
    }
}
