//! Federated gradients against plaintext ones, on the breast cancer data with real keys.

use std::sync::atomic::AtomicBool;

use parcae_crypto::KeyPair;
use parcae_tests::breast;

/// Rows of a CSV of the example: cells behind the key as numbers.
fn rows(name: &str) -> Vec<Vec<f64>> {
    let text = breast::file(name);
    let cells = |line: &str| line.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect();
    text.lines().skip(1).map(cells).collect()
}

#[test]
fn encrypted_column_sums_equal_plain_ones_within_1e_8() {
    let (guest, host) = (rows("breast_hetero_guest.csv"), rows("breast_hetero_host.csv"));
    // Half of the fore gradient, as the guest sends it with some weights: 0.25 (w x + b) - 0.5 y.
    let half: Vec<f64> = guest
        .iter()
        .map(|row| {
            let z: f64 = row[1..].iter().enumerate().map(|(i, x)| x * (0.3 - 0.07 * i as f64)).sum();
            0.25 * z - 0.5 * (2.0 * row[0] - 1.0)
        })
        .collect();
    let columns = host[0].len();
    let weights: Vec<f64> = (0..columns).flat_map(|c| host.iter().map(move |row| row[c])).collect();
    let stop = AtomicBool::new(false);
    for bits in [1024, 2048] {
        let keys = KeyPair::generate(bits).unwrap();
        let encrypted = keys.public().encrypt(&half, 40, &stop).unwrap();
        let sums = encrypted.weighted_sums(&weights, columns, 23, &stop).unwrap();
        let sums = keys.decrypt(&sums, &stop).unwrap();
        for (c, sum) in sums.iter().enumerate() {
            let plain: f64 = host.iter().zip(&half).map(|(row, d)| row[c] * d).sum();
            let difference = (sum - plain).abs() / host.len() as f64;
            assert!(difference < 1e-8, "column {c} at {bits} bits differs by {difference:e}");
        }
    }
}
