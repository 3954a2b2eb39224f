//! What a component of somebody else costs a node: from its push to the moment when jobs may name it, with nothing
//! compiled before and with compiled code in the cache; starting it; and the size of the smallest one in each language.
//! Not for: calls and pages across the boundary (`sandbox`), whole jobs (`jobs`).
//!
//! Components are those that tests have built before: `cargo test -p parcae-tests --test examples` and `cargo test -p
//! parcae-cli`. What is not there is left out with a word. The reference in the same run is the built-in reader.
//! Images are compiled in this process; `parcae serve` starts another one for that.

mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use parcae_domain::{port::Catalog, tenant::TenantId};
use parcae_runtime::{Images, Settings, start};
use parcae_tests::{Site, http::Served, nothing::start_seconds};
use report::{below, median};

/// How often a component is pushed to a node whose cache has its compiled code.
const WARM: usize = 5;
/// Attempts of which the middle one is the time that a start takes.
const STARTS: usize = 201;
/// A start has to stay below this, in microseconds, in Rust and in C; other languages bring an interpreter.
const START_TARGET: f64 = 1000.0;
/// The reference: name and size are of the catalog.
const READER: &str = "reader";

/// A component that is measured.
struct Case {
    what: &'static str,
    wasm: Vec<u8>,
    /// It is compiled ahead, rather than interpreted.
    is_native: bool,
}

fn main() {
    if !report::is_wanted() {
        return;
    }
    let reader = parcae_catalog::get(READER).expect("the catalog has the reader").to_vec();
    let reader = Case { what: "built-in reader (Rust), the reference", wasm: reader, is_native: true };
    let reference = measure(&reader, None);
    for (what, file, is_native) in [
        ("example in Rust", "examples/examples/components/rust-statistics/dist/label_correlation.wasm", true),
        ("example in C", "examples/examples/components/c-bucketise/dist/bucketise.wasm", true),
        ("example in Python", "examples/examples/components/python-statistics/dist/table_statistics.wasm", false),
        ("example in JavaScript", "examples/examples/components/js-expression/dist/column_expression.wasm", false),
    ] {
        if let Some(wasm) = built(what, file, "cargo test -p parcae-tests --test examples") {
            measure(&Case { what, wasm, is_native }, Some(&reference));
        }
    }
    println!("size of the built-in reader: {} bytes", reference.bytes);
    for (language, file) in [
        ("Rust", "component/row_counts/dist/row_counts.wasm"),
        ("Python", "languages/row_counts_python/dist/row_counts_python.wasm"),
        ("JavaScript", "languages/row_counts_js/dist/row_counts_js.wasm"),
        ("C", "languages/row_counts_c/dist/row_counts_c.wasm"),
    ] {
        let what = format!("project of `parcae component new` in {language}");
        if let Some(wasm) = built(&what, file, "cargo test -p parcae-cli") {
            let ratio = wasm.len() as f64 / reference.bytes as f64;
            println!("size of the {what}: {} bytes ({ratio:.2} times the built-in reader)", wasm.len());
        }
    }
}

/// A component that a test has left below the target folder.
fn built(what: &str, file: &str, test: &str) -> Option<Vec<u8>> {
    let path: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    let wasm = fs::read(path).ok();
    if wasm.is_none() {
        println!("left out: {what}; `{test}` builds it");
    }
    wasm
}

/// What was measured.
struct Figures {
    bytes: usize,
    cold_ms: f64,
    warm_ms: f64,
    start_us: f64,
}

fn measure(case: &Case, reference: Option<&Figures>) -> Figures {
    let cache = tempfile::tempdir().expect("a temporary folder");
    let (cold_ms, images, module) = push(cache.path(), &case.wasm);
    let start_us = start_seconds(&images, &module, STARTS) * 1e6;
    let warm_ms = median((0..WARM).map(|_| push(cache.path(), &case.wasm).0).collect());
    let figures = Figures { bytes: case.wasm.len(), cold_ms, warm_ms, start_us };
    let beside = |of: fn(&Figures) -> f64, unit: &str| match reference {
        Some(reference) => format!("reader {:.1} {unit}", of(reference)),
        None => "bare wasmtime compiles 85 KB in 130 to 250 ms of one core and instantiates in 25 to 30 us".to_owned(),
    };
    let (what, bytes) = (case.what, case.wasm.len());
    println!("push to ready, {what}, {bytes} bytes, cold: {cold_ms:.0} ms ({})", beside(|f| f.cold_ms, "ms"));
    println!(
        "push to ready, {what}, compiled code in the cache: {warm_ms:.1} ms ({}; median of {WARM})",
        beside(|f| f.warm_ms, "ms")
    );
    let target = if case.is_native { format!("; {}", below(start_us, START_TARGET, "us")) } else { String::new() };
    println!(
        "start, {what}, from the cached image (store, instance, first call, end): {start_us:.1} us ({}{target}; median \
         of {STARTS})",
        beside(|f| f.start_us, "us")
    );
    figures
}

/// Pushes a component over HTTP to a node that has none: ms until the answer, after which jobs may name its modules;
/// the node's images; the name of its first module.
fn push(cache: &Path, wasm: &[u8]) -> (f64, Arc<Images>, String) {
    let settings = Settings { cache: Some(cache.to_owned()), ..Settings::default() };
    let images = Arc::new(Images::new(start(settings).expect("the engine starts")));
    let served = Served::of(Site::of(images.clone(), |_| ()));
    let headers = [("Content-Type", "application/wasm")];
    let begun = Instant::now();
    let (_, answer) = served.send("POST", "/v1/components", &headers, wasm).answer();
    let ms = begun.elapsed().as_secs_f64() * 1e3;
    assert_eq!(answer["retcode"], 0, "{answer}");
    let module = answer["data"]["modules"][0]["name"].as_str().expect("a component has modules").to_owned();
    assert!(images.module(&TenantId::default_tenant(), &module, None).is_some(), "{answer}");
    (ms, images, module)
}
