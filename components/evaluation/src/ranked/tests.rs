//! Against scikit-learn 1.9.1 and against FATE's rules written out with numpy 2.4.6, on rows that a formula makes. Sums
//! stand for whole curves.

use super::*;

/// Rows that both sides can make: scores with ties, labels that follow them.
pub fn rows(n: u64, a: u64, b: u64, m: u64, k: u64) -> (Vec<bool>, Vec<f64>) {
    let scores: Vec<f64> = (0..n).map(|i| ((i * a + 11) % m) as f64 / m as f64).collect();
    let labels = (0..n).zip(&scores).map(|(i, score)| (((i * b + 7) % k) as f64 / k as f64) < *score).collect();
    (labels, scores)
}

/// 250 rows with 101 different scores.
pub fn small() -> Ranked {
    let (labels, scores) = rows(250, 37, 53, 101, 97);
    Ranked::new(&labels, &scores)
}

/// Seven rows.
pub fn tiny() -> Ranked {
    let (labels, scores) = rows(7, 37, 53, 101, 97);
    Ranked::new(&labels, &scores)
}

/// 5000 rows with scores that are all different.
pub fn large() -> Ranked {
    let (labels, scores) = rows(5000, 7919, 104_729, 9973, 9967);
    Ranked::new(&labels, &scores)
}

/// Equal to six decimals, as figures are told.
#[track_caller]
pub fn near(got: f64, expected: f64) {
    assert!((got - expected).abs() < 1e-6, "{got} is not {expected}");
}

/// Sums of x, of y and of thresholds.
pub fn sums(curve: &Curve) -> [f64; 3] {
    let x = curve.points.iter().map(|(x, _)| x).sum();
    let y = curve.points.iter().map(|(_, y)| y).sum();
    [x, y, curve.thresholds.iter().sum()]
}

#[track_caller]
fn sums_near(curve: &Curve, expected: [f64; 3]) {
    sums(curve).into_iter().zip(expected).for_each(|(got, expected)| near(got, expected));
}

#[test]
fn rows_are_those_of_the_oracle() {
    assert_eq!((small().rows(), small().positive(), small().unique().len()), (250, 126, 101));
    assert_eq!((tiny().positive(), large().positive()), (4, 2503));
}

#[test]
fn auc_is_scikit_learns() {
    near(small().auc(), 0.782258);
    near(tiny().auc(), 0.75);
    near(large().auc(), 0.833486);
    assert_eq!(Ranked::new(&[true, false, false], &[0.5, 0.5, 0.5]).auc(), 0.5);
}

#[test]
fn ks_by_cuts_is_at_most_the_exact_one() {
    near(small().ks().best, 0.447005);
    near(small().ks_exact(), 0.447005);
    near(tiny().ks().best, 0.75);
    near(large().ks().best, 0.499649);
    near(large().ks_exact(), 0.500463);
    assert!(large().ks().best <= large().ks_exact());
}

#[test]
fn ks_curves_are_fates() {
    let ks = small().ks();
    assert_eq!((ks.fpr.len(), ks.tpr.len(), ks.thresholds.len()), (101, 101, 100));
    near(ks.tpr[10].1, 0.18254);
    near(ks.fpr[50].1, 0.282258);
    near(ks.thresholds[50], 0.49505);
    // The oracle's sums are without the end (1, 1).
    near(ks.tpr.iter().map(|p| p.1).sum::<f64>() - 1.0, 63.103175);
    near(ks.fpr.iter().map(|p| p.1).sum::<f64>() - 1.0, 34.814516);
}

#[test]
fn roc_is_scikit_learns_thinned_to_100_cuts() {
    let curve = small().roc();
    assert_eq!(curve.points.len(), 98);
    near(curve.thresholds[0], 1.990099);
    assert_eq!(curve.points[0], (0.0, 0.0));
    near(curve.points[49].1, 0.722222);
    sums_near(&curve, [35.185484, 62.769841, 50.782178]);
    assert_eq!(tiny().roc().points.len(), 6);
    sums_near(&tiny().roc(), [3.0, 3.75, 4.772277]);
    assert_eq!(large().roc().points.len(), 101);
    sums_near(&large().roc(), [30.454145, 70.587295, 52.476286]);
}

#[test]
fn predictions_at_a_threshold() {
    let counts = small().at(0.5);
    assert_eq!(counts, Counts { tp: 88, fp: 35, fn_: 38, tn: 89 });
    near(counts.precision(), 0.715447);
    near(counts.recall(), 0.698413);
    near(counts.accuracy(), 0.708);
}

#[test]
fn a_score_equal_to_the_threshold_is_negative() {
    let ranked = Ranked::new(&[true, false], &[0.5, 0.25]);
    assert_eq!(ranked.at(0.5), Counts { tp: 0, fp: 0, fn_: 1, tn: 1 });
    assert_eq!(ranked.at(0.25), Counts { tp: 1, fp: 0, fn_: 0, tn: 1 });
}

#[test]
fn a_hundred_thousand_rows_take_no_time() {
    let (labels, scores) = rows(100_000, 7919, 104_729, 999_983, 99_991);
    let ranked = Ranked::new(&labels, &scores);
    assert!(ranked.auc() > 0.5 && ranked.roc().points.len() <= 101);
}
