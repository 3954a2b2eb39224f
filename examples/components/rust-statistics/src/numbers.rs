//! The arithmetic of correlations: standard scores, and a check that two parties hold the same rows. Plain Rust,
//! tested on any machine. Not for: messages and encryption (`protocol`).

/// A column in standard scores: mean 0, standard deviation 1. A missing value (NaN) counts as the mean, which is 0.
/// `None` when all values are alike: such a column correlates with nothing.
pub fn standardise(values: &[f64]) -> Option<Vec<f64>> {
    let there = || values.iter().copied().filter(|v| v.is_finite());
    let count = there().count() as f64;
    let mean = there().sum::<f64>() / count;
    // Over all rows, so that the dot product of two columns of scores, divided by the rows, stays within -1 and 1.
    let deviation = (there().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt();
    let usable = deviation.is_finite() && deviation > 1e-12 * mean.abs().max(f64::MIN_POSITIVE);
    usable.then(|| values.iter().map(|v| if v.is_finite() { (v - mean) / deviation } else { 0.0 }).collect())
}

/// Pearson's correlation of two columns of scores.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>() / a.len() as f64
}

/// A number that two parties have in common when they hold the same keys in the same order. Only a check against
/// mistakes: it hides nothing from somebody who guesses keys, and so is sent only to parties that found their common
/// keys before.
pub fn check_sum<'a>(keys: impl IntoIterator<Item = &'a str>) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    keys.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, key| key.as_bytes().iter().chain(&[0xff]).fold(hash, step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_have_mean_zero_and_deviation_one() {
        let scores = standardise(&[1.0, 2.0, f64::NAN, 3.0]).unwrap();
        assert_eq!(scores[1], 0.0);
        assert_eq!(scores[2], 0.0);
        assert!((correlation(&scores, &scores) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn columns_without_spread_have_no_scores() {
        assert_eq!(standardise(&[5.0; 4]), None);
        assert_eq!(standardise(&[f64::NAN; 4]), None);
        assert_eq!(standardise(&[]), None);
    }

    #[test]
    fn correlations_are_pearsons() {
        let a = standardise(&[1.0, 2.0, 3.0, 5.0]).unwrap();
        let b = standardise(&[2.0, 1.0, 4.0, 4.0]).unwrap();
        assert!((correlation(&a, &b) - 5.75 / 59.0625_f64.sqrt()).abs() < 1e-12);
        let minus: Vec<f64> = a.iter().map(|v| -v).collect();
        assert!((correlation(&a, &minus) + 1.0).abs() < 1e-12);
    }

    #[test]
    fn other_keys_and_other_orders_have_other_sums() {
        let sum = check_sum(["a", "b"]);
        assert_eq!(sum, check_sum(["a", "b"]));
        assert_ne!(sum, check_sum(["b", "a"]));
        assert_ne!(sum, check_sum(["ab"]));
    }
}
