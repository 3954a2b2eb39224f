//! Images that a node refuses, each with everything that is said of it. The words are the product: who reads them knows
//! what is wrong and what to do. After a change of the words `UPDATE_EXPECT=1` writes them anew; read them before they
//! are kept. Not for: what else a component does while it runs (`hostile`), images that take a while to be refused
//! (`hostile_raw`).

mod bytes;
mod cache;
mod describing;
mod descriptions;
mod features;
mod running;
mod schemas;
mod worlds;

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use expect_test::Expect;
use parcae_runtime::{Images, Settings, start};
use parcae_tests::made::{Parts, Said};

/// Longest line of a refusal as it stands here, characters.
const WIDTH: usize = 100;

/// A component, and what is said of it.
pub struct Case {
    what: &'static str,
    made: fn() -> Vec<u8>,
    says: Expect,
}

/// A component, and what is said of it.
const fn case(what: &'static str, made: fn() -> Vec<u8>, says: Expect) -> Case {
    Case { what, made, says }
}

/// All tables.
const TABLES: [&[Case]; 8] = [
    bytes::CASES,
    worlds::EXPORTS,
    worlds::IMPORTS,
    features::FEATURES,
    features::COUNTS,
    describing::CASES,
    descriptions::CASES,
    schemas::CASES,
];

/// What images are offered to; none of them stays.
static IMAGES: LazyLock<Images> = LazyLock::new(|| Images::new(start(Settings::default()).unwrap()));

/// Why an image is refused.
fn refusal(images: &Images, bytes: &[u8]) -> String {
    match images.add(bytes) {
        Ok(image) => panic!("{} was accepted", image.descriptor.name),
        Err(error) => error.to_string(),
    }
}

/// In lines, and without the places in a file that depend on the tool that wrote it.
fn settled(text: &str) -> String {
    let mut lines = String::new();
    for line in text.lines() {
        let mut width = 0;
        for word in line.split_whitespace() {
            let word = without_place(word);
            let len = word.chars().count();
            if width > 0 && width + 1 + len > WIDTH {
                lines.push('\n');
                width = 0;
            }
            if width > 0 {
                lines.push(' ');
                width += 1;
            }
            lines.push_str(&word);
            width += len;
        }
        lines.push('\n');
    }
    lines
}

fn without_place(word: &str) -> String {
    match word.strip_prefix("0x") {
        Some(rest) => format!("0x_{}", rest.trim_start_matches(|c: char| c.is_ascii_hexdigit())),
        None => word.to_owned(),
    }
}

fn check(cases: &[Case]) {
    for case in cases {
        println!("{}", case.what);
        case.says.assert_eq(&settled(&refusal(&IMAGES, &(case.made)())));
    }
}

#[test]
fn what_is_refused_is_good_but_for_one_thing() {
    assert!(refusal(&IMAGES, &Parts::default().build()).contains("no modules"));
    let images = Images::new(start(Settings::default()).unwrap());
    let image = images.add(&Said::default().build()).unwrap();
    assert_eq!((image.descriptor.name.as_str(), image.descriptor.modules.len()), ("made", 1));
}

#[test]
fn there_are_enough_of_them() {
    let names: Vec<&str> = TABLES.iter().flat_map(|cases| cases.iter().map(|case| case.what)).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "two cases have one name");
    assert!(names.len() > 100, "{} cases", names.len());
}

#[test]
fn bytes_that_are_no_component() {
    check(bytes::CASES);
}

#[test]
fn components_of_another_world() {
    check(worlds::EXPORTS);
}

#[test]
fn components_that_ask_for_what_is_not_offered() {
    check(worlds::IMPORTS);
}

#[test]
fn features_of_webassembly_that_are_left_out() {
    check(features::FEATURES);
}

#[test]
fn more_than_is_allowed() {
    check(features::COUNTS);
}

#[test]
fn components_that_misbehave_before_they_say_anything() {
    check(describing::CASES);
}

#[test]
fn descriptions_that_nobody_could_use() {
    check(descriptions::CASES);
}

#[test]
fn schemas_that_nobody_checks_with() {
    check(schemas::CASES);
}

#[test]
fn images_beyond_the_limit() {
    let images = Images::new(start(Settings { image_bytes: 1000, ..Settings::default() }).unwrap());
    let words = "image has 1001 bytes, 1000 are allowed (image_bytes); `wasm-tools strip` takes out what is there for \
                 debuggers";
    assert_eq!(refusal(&images, &[0; 1001]), words);
}

/// The name of a C++ function in which a type stands in another twice, and this again in another: written out it has
/// more than 2^35 words.
fn unfolding_name() -> String {
    let digit = |i: usize| char::from(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i]);
    (0..35).fold("_Z1f1aIiiE".to_owned(), |name, i| name + &format!("S_IS{0}_S{0}_E", digit(i)))
}

#[test]
fn a_name_in_a_trace_does_not_unfold() {
    let name = unfolding_name();
    let fields = format!(r#"(memory (export "memory") 2) (func ${name} unreachable) (start ${name})"#);
    let began = Instant::now();
    let said = refusal(&IMAGES, &Parts { fields: &fields, ..Parts::default() }.build());
    assert!(said.contains(&name) && said.len() < 1000, "{} bytes: {said:.300}", said.len());
    assert!(began.elapsed() < Duration::from_secs(20), "it took {:?}", began.elapsed());
}

#[test]
fn a_long_refusal_is_cut() {
    let name = "n".repeat(50_000);
    let fields = format!(r#"(memory (export "memory") 2) (func ${name} unreachable) (start ${name})"#);
    let said = refusal(&IMAGES, &Parts { fields: &fields, ..Parts::default() }.build());
    assert!(said.starts_with("describe failed: ") && said.len() < 5_000, "{} bytes", said.len());
}
