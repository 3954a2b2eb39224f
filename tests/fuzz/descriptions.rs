//! Descriptions that no tool would make, in memories that were damaged: the checker refuses them with words, or what it
//! takes can be kept.

use parcae_runtime::{Images, Settings, start};
use parcae_tests::made::{Said, SaidModule, SaidPort, holding};

use crate::random::Random;
use crate::{fuzz, loader, mutate};

/// Texts that something may stumble over.
const TEXTS: [&[u8]; 16] = [
    b"",
    b"made",
    b"Made",
    b"a b",
    b"data",
    b"..",
    b"../../etc/passwd",
    b"\0",
    b"\x1b[2J",
    b"\xff",
    b"\xe2\x80\xae",
    b"clock",
    b"fate",
    b"0123456789abcdef",
    b"1.0.0",
    "größe".as_bytes(),
];
/// Schemas that something may stumble over.
const SCHEMAS: [&str; 12] = [
    "{}",
    "null",
    "[]",
    "1e999",
    "-0.0",
    r#"{"a":1,"a":2}"#,
    r##"{"$ref":"#"}"##,
    r#"{"$ref":"http://127.0.0.1/x"}"#,
    r#"{"properties":{"a":{"default":1e308,"type":["integer","null"]}}}"#,
    r#"{"pattern":"(a+)+$"}"#,
    r#"{"x":"\ud800"}"#,
    "{\"a\":18446744073709551616}",
];

fn text(random: &mut Random) -> Vec<u8> {
    match random.below(20) {
        0 => vec![b'x'; random.below(10_000)],
        1 => {
            let len = random.below(32);
            random.bytes(len)
        }
        _ => random.pick(&TEXTS).to_vec(),
    }
}

/// Mostly a text that is good there.
fn text_or(random: &mut Random, good: &str) -> Vec<u8> {
    if random.once_in(8) { text(random) } else { good.as_bytes().to_vec() }
}

fn count(random: &mut Random) -> usize {
    if random.once_in(30) { random.below(100) } else { random.below(3) }
}

fn roles(random: &mut Random) -> Vec<u8> {
    let count = count(random);
    (0..count).map(|_| if random.once_in(30) { random.byte() } else { random.byte() % 4 }).collect()
}

fn schema(random: &mut Random) -> Vec<u8> {
    let deep = random.below(200);
    match random.below(12) {
        0 => [b"{\"a\":".repeat(deep), b"1".to_vec(), b"}".repeat(deep)].concat(),
        1 => [b"[".repeat(deep), b"]".repeat(deep)].concat(),
        2 => text(random),
        _ => random.pick(&SCHEMAS).as_bytes().to_vec(),
    }
}

fn ports(random: &mut Random) -> Vec<SaidPort> {
    let count = count(random);
    let mut port = |i: usize| SaidPort {
        name: text_or(random, &format!("p{i}")),
        kind: if random.once_in(30) { random.byte() } else { random.byte() % 4 },
        help: text_or(random, "what it is for"),
    };
    (0..count).map(&mut port).collect()
}

fn module(random: &mut Random, i: usize) -> SaidModule {
    let (aliases, grants) = (count(random), random.below(3));
    SaidModule {
        name: text_or(random, &format!("M{i}")),
        aliases: (0..aliases).map(|a| text_or(random, &format!("m{i}a{a}"))).collect(),
        summary: text_or(random, "what it does"),
        roles: roles(random),
        needs: roles(random),
        inputs: ports(random),
        outputs: ports(random),
        parameters: schema(random),
        grants: (0..grants).map(|_| text_or(random, "clock")).collect(),
    }
}

fn said(random: &mut Random) -> Said {
    let modules = if random.once_in(20) { random.below(70) } else { 1 + random.below(2) };
    Said {
        name: text_or(random, "made"),
        version: text_or(random, "0.1.0"),
        licence: text_or(random, "Apache-2.0"),
        summary: text_or(random, "a component"),
        modules: (0..modules).map(|i| module(random, i)).collect(),
    }
}

#[test]
fn descriptions() {
    let images = Images::new(start(Settings::default()).unwrap());
    fuzz(
        "descriptions",
        |random| {
            let mut memory = said(random).memory();
            if random.once_in(3) {
                mutate::bytes(random, &mut memory, &[]);
            }
            memory
        },
        |memory| loader::taken(&images, &holding(memory)),
    );
}
