//! What holds for keys and encrypted vectors together. Not for: parts that a single file can test.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::{Encrypted, KeyPair, PublicKey, Randomness};
use crate::CryptoError;
use crate::bn::Number;

static GO: AtomicBool = AtomicBool::new(false);

fn pair() -> &'static KeyPair {
    static PAIR: OnceLock<KeyPair> = OnceLock::new();
    PAIR.get_or_init(|| KeyPair::generate(1024).unwrap())
}

fn encrypt(values: &[f64], scale: u32) -> Encrypted {
    pair().public().encrypt(values, scale, &GO).unwrap()
}

fn decrypt(encrypted: &Encrypted) -> Vec<f64> {
    pair().decrypt(encrypted, &GO).unwrap()
}

/// Draws that are the same in every run: a multiplier of Steele and Vigna, the high bits kept.
struct Draws(u64);

impl Draws {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(0xD134_2543_DE82_EF95).wrapping_add(0x9E37_79B9);
        self.0 >> 16
    }

    /// About -`reach` to `reach`.
    fn float(&mut self, reach: f64) -> f64 {
        (self.draw() as f64 / (1u64 << 47) as f64 - 1.0) * reach
    }

    fn floats(&mut self, count: usize, reach: f64) -> Vec<f64> {
        (0..count).map(|_| self.float(reach)).collect()
    }
}

fn assert_close(left: &[f64], right: &[f64], tolerance: f64) {
    assert_eq!(left.len(), right.len());
    for (index, (a, b)) in left.iter().zip(right).enumerate() {
        assert!((a - b).abs() <= tolerance, "entry {index}: {a} against {b}");
    }
}

#[test]
fn values_return() {
    let values = [0.0, 1.0, -1.0, 0.1, -1234.567, 1e-9, 3e10, -3e10];
    let encrypted = encrypt(&values, 60);
    assert_eq!((encrypted.len(), encrypted.scale(), encrypted.is_fresh()), (8, 60, true));
    assert_close(&decrypt(&encrypted), &values, 2f64.powi(-61) + 1e-16 * 3e10);
    assert_eq!(decrypt(&encrypt(&[1.5, -2.25], 10)), [1.5, -2.25]);
    assert!(decrypt(&encrypt(&[], 10)).is_empty());
}

#[test]
fn full_randomness_decrypts_alike() {
    let public = pair().public();
    let encrypted = public.encrypt_with(&[2.5, -7.0], 8, Randomness::Full, &GO).unwrap();
    assert_eq!(decrypt(&encrypted), [2.5, -7.0]);
    let again = encrypted.rerandomise_with(Randomness::Full, &GO).unwrap();
    assert_ne!(again.to_bytes(), encrypted.to_bytes());
    assert_eq!(decrypt(&again), [2.5, -7.0]);
}

#[test]
fn equal_values_encrypt_differently() {
    let encrypted = encrypt(&[1.0, 1.0], 20);
    assert_ne!(encrypted.cell(0), encrypted.cell(1));
    let again = encrypted.rerandomise(&GO).unwrap();
    assert!(again.is_fresh());
    assert_ne!(again.cell(0), encrypted.cell(0));
    assert_eq!(decrypt(&again), [1.0, 1.0]);
}

#[test]
fn sums_follow_floats() {
    let mut draws = Draws(1);
    let (a, b) = (draws.floats(40, 1000.0), draws.floats(40, 1000.0));
    let wanted: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
    let sum = encrypt(&a, 50).add(&encrypt(&b, 40), &GO).unwrap();
    assert_eq!(sum.scale(), 50);
    assert!(!sum.is_fresh());
    assert_close(&decrypt(&sum), &wanted, 1e-11);
    let plain = encrypt(&a, 40).add_plain(&b, &GO).unwrap();
    assert_close(&decrypt(&plain), &wanted, 1e-11);
    let total = encrypt(&a, 40).sum(&GO).unwrap();
    assert_close(&decrypt(&total), &[a.iter().sum::<f64>()], 1e-9);
    assert_eq!(decrypt(&encrypt(&[], 40).sum(&GO).unwrap()), [0.0]);
}

#[test]
fn products_follow_floats() {
    let mut draws = Draws(2);
    let (a, b) = (draws.floats(150, 50.0), draws.floats(150, 9.0));
    let product = encrypt(&a, 40).mul_plain(&b, 53, &GO).unwrap();
    assert_eq!(product.scale(), 93);
    let wanted: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a * b).collect();
    assert_close(&decrypt(&product), &wanted, 1e-10);
    let scaled = encrypt(&a, 40).mul_plain(&[-0.5], 1, &GO).unwrap();
    let wanted: Vec<f64> = a.iter().map(|a| a * -0.5).collect();
    assert_close(&decrypt(&scaled), &wanted, 1e-11);
    assert_eq!(decrypt(&encrypt(&[3.0], 4).mul_plain(&[0.0], 30, &GO).unwrap()), [0.0]);
}

/// The sum of one column with a product for every row.
fn naive(encrypted: &Encrypted, weights: &[f64], precision: u32) -> Vec<f64> {
    decrypt(&encrypted.mul_plain(weights, precision, &GO).unwrap().sum(&GO).unwrap())
}

#[test]
fn weighted_sums_equal_the_naive_loop() {
    let mut draws = Draws(3);
    for (rows, columns, precision) in [(1, 1, 23), (7, 3, 53), (64, 2, 0), (600, 1, 23), (33, 5, 40)] {
        let encrypted = encrypt(&draws.floats(rows, 100.0), 30);
        let mut weights = draws.floats(rows * columns, 8.0);
        weights.iter_mut().step_by(4).for_each(|weight| *weight = 0.0);
        let sums = encrypted.weighted_sums(&weights, columns, precision, &GO).unwrap();
        assert_eq!((sums.len(), sums.scale()), (columns, 30 + precision));
        let wanted: Vec<f64> = weights.chunks(rows).flat_map(|column| naive(&encrypted, column, precision)).collect();
        assert_eq!(decrypt(&sums), wanted, "{rows} rows, {columns} columns, {precision} bits");
    }
}

#[test]
fn weighted_sums_of_special_shapes() {
    let encrypted = encrypt(&[1.0, 2.0, 4.0], 10);
    let sums = |weights: &[f64], columns| encrypted.weighted_sums(weights, columns, 20, &GO);
    assert_eq!(decrypt(&sums(&[0.0, 0.0, 0.0], 1).unwrap()), [0.0]);
    assert_eq!(decrypt(&sums(&[-1.0, -1.0, -1.0, 1.0, -1.0, 0.5], 2).unwrap()), [-7.0, 1.0]);
    assert!(sums(&[], 0).unwrap().is_empty());
    assert_eq!(sums(&[1.0], 1).unwrap_err(), CryptoError::Length { left: 1, right: 3 });
    let none = encrypt(&[], 10);
    assert!(none.weighted_sums(&[], 0, 20, &GO).unwrap().is_empty());
    assert!(matches!(none.weighted_sums(&[], usize::MAX, 20, &GO), Err(CryptoError::Encrypted(_))));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut draws = Draws(4);
    let encrypted = encrypt(&draws.floats(600, 1.0), 30);
    let weights = draws.floats(600, 1.0);
    let sums_on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| encrypted.weighted_sums(&weights, 1, 23, &GO).unwrap().to_bytes())
    };
    assert_eq!(sums_on(1), sums_on(4));
}

#[test]
fn rows_are_selected_and_parts_put_together() {
    let encrypted = encrypt(&[1.0, 2.0, 3.0], 10);
    let selected = encrypted.select(&[2, 0, 2]).unwrap();
    assert_eq!(decrypt(&selected), [3.0, 1.0, 3.0]);
    assert!(!selected.is_fresh());
    assert_eq!(encrypted.select(&[0, 3]).unwrap_err(), CryptoError::Row { row: 3, len: 3 });
    let both = Encrypted::concat(&[&selected, &encrypted]).unwrap();
    assert_eq!(decrypt(&both), [3.0, 1.0, 3.0, 1.0, 2.0, 3.0]);
    assert!(Encrypted::concat(&[]).is_err());
    assert!(Encrypted::concat(&[&encrypted, &encrypt(&[1.0], 11)]).is_err());
}

#[test]
fn another_key_is_refused() {
    let other = KeyPair::generate(1024).unwrap();
    let (own, foreign) = (encrypt(&[1.0], 10), other.public().encrypt(&[1.0], 10, &GO).unwrap());
    assert_eq!(own.add(&foreign, &GO).unwrap_err(), CryptoError::OtherKey);
    assert_eq!(Encrypted::concat(&[&own, &foreign]).unwrap_err(), CryptoError::OtherKey);
    assert_eq!(pair().decrypt(&foreign, &GO).unwrap_err(), CryptoError::OtherKey);
    let bytes = foreign.to_bytes();
    assert_eq!(Encrypted::from_bytes(&pair().public(), &bytes).unwrap_err(), CryptoError::OtherKey);
}

#[test]
fn overflow_is_noticed() {
    // With two bits set in both primes n / 3 is below 0.334 * 2^1024 and 2 n / 3 above 0.375 * 2^1024 = 24 * 2^1018.
    let mut grown = encrypt(&[2f64.powi(100)], 0);
    for _ in 0..9 {
        grown = grown.mul_plain(&[2f64.powi(102)], 0, &GO).unwrap();
    }
    let middle = grown.mul_plain(&[24.0], 0, &GO).unwrap();
    assert_eq!(pair().decrypt(&middle, &GO).unwrap_err(), CryptoError::Overflow(0));
    let error = encrypt(&[0.0], 500).mul_plain(&[1.0], 13, &GO).unwrap_err();
    assert_eq!(error, CryptoError::Scale { scale: 513, limit: 512 });
    let error = pair().public().encrypt(&[1.0], 513, &GO).unwrap_err();
    assert_eq!(error, CryptoError::Scale { scale: 513, limit: 512 });
}

#[test]
fn a_raised_flag_stops_everything() {
    let stop = AtomicBool::new(false);
    let encrypted = encrypt(&[1.0, 2.0], 10);
    stop.store(true, Ordering::Relaxed);
    let results = [
        pair().public().encrypt(&[1.0], 10, &stop),
        encrypted.add(&encrypted, &stop),
        encrypted.add_plain(&[1.0, 2.0], &stop),
        encrypted.mul_plain(&[1.0], 10, &stop),
        encrypted.weighted_sums(&[1.0, 2.0], 1, 10, &stop),
        encrypted.sum(&stop),
        encrypted.rerandomise(&stop),
    ];
    for result in results {
        assert_eq!(result.unwrap_err(), CryptoError::Stopped);
    }
    assert_eq!(pair().decrypt(&encrypted, &stop).unwrap_err(), CryptoError::Stopped);
}

#[test]
fn keys_and_vectors_return_from_bytes() {
    let public = PublicKey::from_bytes(&pair().public().to_bytes()).unwrap();
    assert_eq!(public, pair().public());
    let encrypted = public.encrypt(&[1.0, -2.0], 10, &GO).unwrap();
    let back = Encrypted::from_bytes(&public, &encrypted.to_bytes()).unwrap();
    assert_eq!((back.scale(), back.is_fresh()), (10, false));
    assert_eq!(back.to_bytes().len(), 32 + 2 * 256);
    assert_eq!(decrypt(&back), [1.0, -2.0]);
    let empty = encrypt(&[], 3);
    assert!(Encrypted::from_bytes(&public, &empty.to_bytes()).unwrap().is_empty());
}

#[test]
fn unfit_keys_are_refused() {
    let good = pair().public().to_bytes();
    let refused = |digits: &[u8]| {
        let bytes = [b"PPK1".as_slice(), digits].concat();
        matches!(PublicKey::from_bytes(&bytes), Err(CryptoError::PublicKey(_)))
    };
    assert!(!refused(&good[4..]));
    assert!(refused(&[]) && refused(&good[5..]) && refused(&[1; 2000]));
    assert!(refused(&[[0; 32].as_slice(), &good[4..]].concat()));
    let mut even = good[4..].to_vec();
    even[127] &= 0xFE;
    assert!(refused(&even));
    // A square of 1024 bits, and 641 times something.
    let mut scratch = crate::bn::Scratch::new();
    let root = crate::bn::random_prime(512, |_| true);
    assert!(refused(&root.times(&root, &mut scratch).to_be_bytes()));
    let multiple = Number::from_be_bytes(&good[4..]).div_rem_small(641).0.times(&Number::from_u64(641), &mut scratch);
    assert!(refused(&multiple.to_be_bytes()));
    assert!(PublicKey::from_bytes(b"").is_err());
}

#[test]
fn hostile_entries_are_refused() {
    let public = pair().public();
    let square = public.square().value();
    let with_entry = |entry: &Number| {
        let mut bytes = encrypt(&[1.0], 10).to_bytes();
        entry.write_be(&mut bytes[32..]);
        Encrypted::from_bytes(&public, &bytes)
    };
    let n = public.n();
    for entry in [&Number::zero(), square, &square.plus(&Number::from_u64(1)), n] {
        assert!(matches!(with_entry(entry), Err(CryptoError::Encrypted(_))));
    }
    assert!(with_entry(&Number::from_u64(1)).is_ok());
}

#[test]
fn mutated_bytes_never_panic() {
    let (key, vector) = (pair().public().to_bytes(), encrypt(&[1.0, 2.0], 10).to_bytes());
    let public: Arc<PublicKey> = pair().public();
    let mut draws = Draws(5);
    for _ in 0..300 {
        for original in [&key, &vector] {
            let mut bytes = original.clone();
            match draws.draw() % 4 {
                0 => bytes.truncate(draws.draw() as usize % (bytes.len() + 1)),
                1 => bytes.extend((0..draws.draw() % 40).map(|byte| byte as u8)),
                _ => {}
            }
            for _ in 0..draws.draw() % 4 {
                let len = bytes.len().max(1) as u64;
                let place = (draws.draw() % len.min(1 + draws.draw() % len)) as usize;
                if let Some(byte) = bytes.get_mut(place) {
                    *byte = draws.draw() as u8;
                }
            }
            let _ = PublicKey::from_bytes(&bytes);
            if let Ok(read) = Encrypted::from_bytes(&public, &bytes) {
                let _ = pair().decrypt(&read, &GO);
            }
        }
    }
}
