//! Speed of encrypted vectors, on one core and on all, with what others reach beside it. Not for: correctness, and not a
//! comparison under equal conditions: references were measured by others or earlier, on other machines.
//!
//! References: SecretFlow HEU (Paillier, one core) encrypts in 161 us at 1024 bits and 861 us at 2048, decrypts in 0.8 and
//! 4.8 ms, adds in 6 and 10 us. One exponentiation with modulus and exponent of 2048 bits: AWS-LC 2.9 ms in variable and
//! 3.1 ms in constant time, GMP 5.3 ms, crypto-bigint 7.7 ms, num-bigint 11.2 ms.

use std::hint::black_box;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048};
use parcae_crypto::bn::{Modulus, Number, Scratch};
use parcae_crypto::{Encrypted, KeyPair};

/// Bits after the point of what is encrypted.
const SCALE: u32 = 40;
/// Bits after the point of weights.
const PRECISION: u32 = 23;
/// How long a measurement runs at least.
const LONG_ENOUGH: Duration = Duration::from_millis(400);

static GO: AtomicBool = AtomicBool::new(false);

/// What others take, in seconds.
struct Reference {
    bits: u32,
    encrypt: f64,
    decrypt: f64,
    add: f64,
}

const REFERENCES: [Reference; 2] = [
    Reference { bits: 1024, encrypt: 161e-6, decrypt: 0.8e-3, add: 6e-6 },
    Reference { bits: 2048, encrypt: 861e-6, decrypt: 4.8e-3, add: 10e-6 },
];

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("nothing measured: run with cargo bench");
        return;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    exponentiation();
    for reference in &REFERENCES {
        let pair = KeyPair::generate(reference.bits).expect("the length is offered");
        for threads in [1, cores] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can be started");
            pool.install(|| vectors(&pair, reference, threads));
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be started");
        for rows in [569, 3200] {
            pool.install(|| sums(&pair, rows, 1));
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(cores).build().expect("threads can be started");
        pool.install(|| sums(&pair, 3200, cores));
    }
}

/// Encryption, decryption and addition of entries.
fn vectors(pair: &KeyPair, reference: &Reference, threads: usize) {
    let (public, bits) = (pair.public(), reference.bits);
    let values = floats(512 * threads, 100.0);
    let count = values.len() as f64;
    let encrypt = || public.encrypt(&values, SCALE, &GO).expect("finite values fit");
    let left = encrypt();
    let right = encrypt();
    let few = left.select(&(0..64 * threads as u32).collect::<Vec<u32>>()).expect("the rows exist");
    let each = seconds(encrypt) / count;
    line(&format!("encrypt, {bits} bits"), threads, each, reference.encrypt);
    let each = seconds(|| pair.decrypt(&few, &GO).expect("own ciphertexts")) / few.len() as f64;
    line(&format!("decrypt, {bits} bits"), threads, each, reference.decrypt);
    let each = seconds(|| left.add(&right, &GO).expect("same key and length")) / count;
    line(&format!("add, {bits} bits"), threads, each, reference.add);
    let each = seconds(|| left.rerandomise(&GO).expect("randomness")) / count;
    line(&format!("rerandomise, {bits} bits"), threads, each, reference.encrypt);
}

/// Weighted sums of four columns against a product for every cell.
fn sums(pair: &KeyPair, rows: usize, threads: usize) {
    let columns = 4;
    let encrypted = pair.public().encrypt(&floats(rows, 1.0), SCALE, &GO).expect("finite values fit");
    let weights = floats(rows * columns, 4.0);
    let buckets = || encrypted.weighted_sums(&weights, columns, PRECISION, &GO).expect("weights fit");
    let naive = || {
        let column = |weights: &[f64]| cell_by_cell(&encrypted, weights);
        weights.chunks(rows).map(column).collect::<Vec<Encrypted>>()
    };
    let (fast, slow) = (seconds(buckets) / columns as f64, seconds(naive) / columns as f64);
    println!(
        "weighted sum, {} bits, {rows} rows, {threads} core(s): {:.2} ms a column, {:.0} columns/s; a product for every \
         cell in the same run: {:.2} ms, {:.1} times as long (target: 6)",
        pair.public().bits(),
        fast * 1e3,
        1.0 / fast,
        slow * 1e3,
        slow / fast,
    );
}

/// One exponentiation for every cell, then the sum.
fn cell_by_cell(encrypted: &Encrypted, weights: &[f64]) -> Encrypted {
    let products = encrypted.mul_plain(weights, PRECISION, &GO).expect("weights fit");
    products.sum(&GO).expect("nobody stops it")
}

/// Exponentiation with modulus and exponent of 2048 bits.
fn exponentiation() {
    let top = Number::power_of_two(2047);
    let random = || Number::random_below(&top).plus(&top);
    let drawn = random();
    let drawn = if drawn.is_odd() { drawn } else { drawn.plus(&Number::from_u64(1)) };
    let (modulus, modulus_bytes) = (Modulus::new(&drawn), drawn.to_be_bytes());
    let modulus = modulus.expect("odd and of 2048 bits");
    let (base, exponent, mut scratch) = (Number::random_below(&top), random(), Scratch::new());
    let public = seconds(|| modulus.power_public(&base, &exponent, &mut scratch)) * 1e3;
    let secret = seconds(|| modulus.power_secret(&base, &exponent, &mut scratch)) * 1e3;
    let (rust, constant) = others(&base.to_be_bytes(), &exponent.to_be_bytes(), &modulus_bytes);
    println!(
        "exponentiation, 2048 bits: aws-lc {public:.2} ms in variable time, {secret:.2} ms in constant time; in the same run \
         num-bigint {rust:.2} ms, crypto-bigint {constant:.2} ms in constant time (GMP, earlier: 5.3 ms)"
    );
}

/// The same exponentiation by num-bigint and by crypto-bigint, ms.
fn others(base: &[u8], exponent: &[u8], modulus: &[u8]) -> (f64, f64) {
    let [b, e, m] = [base, exponent, modulus].map(num_bigint::BigUint::from_bytes_be);
    let rust = seconds(|| b.modpow(&e, &m)) * 1e3;
    let wide = |bytes: &[u8]| {
        let mut all = [0u8; 256];
        all[256 - bytes.len()..].copy_from_slice(bytes);
        U2048::from_be_slice(&all)
    };
    let odd = Odd::new(wide(modulus)).expect("the modulus is odd");
    let form = FixedMontyForm::new(&wide(base), &FixedMontyParams::new(odd));
    let exponent = wide(exponent);
    (rust, seconds(|| form.pow(&exponent)) * 1e3)
}

/// One measurement beside its reference, which is for one core.
fn line(what: &str, threads: usize, each: f64, reference: f64) {
    println!(
        "{what}, {threads} core(s): {:.1} us each, {:.0}/s (SecretFlow HEU, one core: {:.0} us, {:.0}/s; ratio {:.1})",
        each * 1e6,
        1.0 / each,
        reference * 1e6,
        1.0 / reference,
        reference / each,
    );
}

/// The shortest of several runs in seconds, after one that does not count.
fn seconds<T>(mut work: impl FnMut() -> T) -> f64 {
    black_box(work());
    let (start, mut best) = (Instant::now(), Duration::MAX);
    while start.elapsed() < LONG_ENOUGH || best == Duration::MAX {
        let run = Instant::now();
        black_box(work());
        best = best.min(run.elapsed());
    }
    best.as_secs_f64()
}

/// `count` values from about -`reach` to `reach`, the same in every run.
fn floats(count: usize, reach: f64) -> Vec<f64> {
    let mut seed = 1u64;
    let draw = |_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 11) as f64 / (1u64 << 52) as f64 - 1.0) * reach
    };
    (0..count).map(draw).collect()
}
