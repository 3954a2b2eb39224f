//! What the examples compute, computed once more: plainly, by other means than theirs. Not for: comparing.

use std::collections::BTreeMap;

/// Pearson's correlation of two columns over the keys that both have.
pub fn correlation(a: &BTreeMap<&str, f64>, b: &BTreeMap<&str, f64>) -> f64 {
    let pairs: Vec<(f64, f64)> = a.iter().filter_map(|(key, x)| Some((*x, *b.get(key)?))).collect();
    let count = pairs.len() as f64;
    let sum = |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|(x, y)| of(*x, *y)).sum::<f64>();
    let (x, y) = (sum(&|x, _| x) / count, sum(&|_, y| y) / count);
    let product = sum(&|a, b| (a - x) * (b - y));
    product / (sum(&|a, _| (a - x).powi(2)) * sum(&|_, b| (b - y).powi(2))).sqrt()
}

/// Mean, and standard deviation of a sample.
pub fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt())
}

/// A quantile, linear between neighbours.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = share * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    low * (1.0 - place.fract()) + high * place.fract()
}

/// `if(x0 > 0, log(1 + x0), 0) * max(x1, x2) / 2`.
pub fn size(x0: f64, x1: f64, x2: f64) -> f64 {
    let grown = if x0 > 0.0 { x0.ln_1p() } else { 0.0 };
    grown * x1.max(x2) * 0.5
}

/// The bucket of a text: FNV-1a with 64 bits over salt, a byte 255 and text, then the last steps of MurmurHash3.
pub fn bucket(salt: &str, text: &str, buckets: u64) -> u64 {
    let hash = fnv(salt.bytes().chain([0xff]).chain(text.bytes()));
    let mixed = [0xff51_afd7_ed55_8ccd_u64, 0xc4ce_b9fe_1a85_ec53].iter().fold(hash, |hash, factor| {
        let folded = hash ^ (hash >> 33);
        folded.wrapping_mul(*factor)
    });
    (mixed ^ (mixed >> 33)) % buckets
}

fn fnv(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn plain_numbers_are_right() {
    // Published vectors of FNV-1a.
    assert_eq!(fnv("".bytes()), 0xcbf2_9ce4_8422_2325);
    assert_eq!(fnv("a".bytes()), 0xaf63_dc4c_8601_ec8c);
    assert_eq!(fnv("foobar".bytes()), 0x8594_4171_f739_67e8);
    assert_eq!(quantile(&[3.0, 1.0, 2.0, 4.0], 0.5), 2.5);
    assert_eq!(quantile(&[3.0, 1.0], 1.0), 3.0);
    let a = BTreeMap::from([("a", 1.0), ("b", 2.0), ("c", 3.0), ("d", 5.0), ("e", 9.0)]);
    let b = BTreeMap::from([("a", 2.0), ("b", 1.0), ("c", 4.0), ("d", 4.0)]);
    assert!((correlation(&a, &b) - 5.75 / 59.0625_f64.sqrt()).abs() < 1e-12);
    let (mean, deviation) = mean_and_deviation(&[2.0, 4.0, 6.0]);
    assert_eq!((mean, deviation), (4.0, 2.0));
}
