//! Images that attack a node before it has taken them: when they are read, compiled, and asked what they are. Not for:
//! everything that can be wrong with an image (the suite's `refused`).

use parcae_domain::status::Status;
use parcae_tests::made::{Parts, Said, SaidModule, wat};

use crate::attack::{Attack, STRANGERS, Tries};

/// What is wrong, the image, and what is said of it.
type Row = (&'static str, fn() -> Vec<u8>, &'static [&'static str]);

/// No node has some features of WebAssembly.
const NO_FEATURE: &[&str] = &["no node has this feature of WebAssembly"];
/// Its second is over.
const TOO_LONG: &[&str] = &["it took more than 1 s"];

const IMAGES: &[Row] = &[
    ("is_no_webassembly", || b"#!/bin/sh\nrm -rf /\n".to_vec(), &["it does not begin as WebAssembly does"]),
    ("is_cut_in_half", || good()[..good().len() / 2].to_vec(), &["not a WebAssembly component"]),
    ("has_a_section_of_endless_length", || [&good()[..], b"\0\xff\xff\xff\xff\xff\xff"].concat(), &["damaged"]),
    ("wants_threads", || wat("(component (core module (memory 1 2 shared)))"), NO_FEATURE),
    ("wants_a_memory_of_64_bits", || wat("(component (core module (memory i64 1)))"), NO_FEATURE),
    ("wants_garbage_collection", || wat("(component (core module (type (struct (field i32)))))"), NO_FEATURE),
    (
        "wants_the_network",
        || wat(r#"(component (import "wasi:http/outgoing-handler@0.2.0" (instance)))"#),
        &["imports what this node does not offer"],
    ),
    ("has_types_that_unfold", unfolding, &["type size exceeds the limit"]),
    ("has_a_million_functions", a_million_functions, &["compiling it takes more than"]),
    ("has_65_memories", || with_fields(&" (memory 0)".repeat(64)), &["memory count too high at 65"]),
    ("has_a_large_memory", || with_fields("(memory 65000)"), &["limit describe_memory_bytes reached"]),
    ("begins_without_end", || with_fields("(func $s (loop $l (br $l))) (start $s)"), TOO_LONG),
    ("begins_with_a_crash", || with_fields("(func $s unreachable) (start $s)"), &["unreachable"]),
    ("describes_itself_without_end", || describing("(loop $l (br $l)) unreachable"), TOO_LONG),
    ("describes_itself_in_ever_deeper_calls", || describing("(call 1)"), &["call stack exhausted"]),
    (
        "describes_itself_in_all_memory_that_there_is",
        || describing("(loop $l (drop (memory.grow (i32.const 100))) (br $l)) unreachable"),
        &["67108864 are allowed"],
    ),
    ("describes_itself_behind_its_memory", || describing("(i32.const -4)"), &["pointer out of bounds of memory"]),
    (
        "describes_itself_in_a_megabyte",
        || Said::but(|said| said.summary = vec![b'x'; 1 << 20]).build(),
        &["4096 are allowed"],
    ),
    ("has_a_name_that_is_no_text", || Said::but(|said| said.name = vec![0xff, 0xfe]).build(), &["utf-8"]),
    (
        "has_a_summary_that_terminals_obey",
        || Said::but(|said| said.summary = b"\x1b[2J".to_vec()).build(),
        &["control character"],
    ),
    ("has_deep_parameters", deep, &["nested deeper than"]),
];

/// All of them.
pub fn all() -> Vec<Attack> {
    let of = |(row, &by): (&Row, &&'static str)| {
        let &(what, image, says) = row;
        Attack { name: what.to_owned(), what, by, tries: Tries::Image(image), status: Status::Failed, says }
    };
    IMAGES.iter().zip(STRANGERS.iter().cycle()).map(of).collect()
}

fn good() -> Vec<u8> {
    Said::default().build()
}

fn with_fields(more: &str) -> Vec<u8> {
    let fields = format!(r#"(memory (export "memory") 2) {more}"#);
    Parts { fields: &fields, ..Parts::default() }.build()
}

fn describing(describe: &str) -> Vec<u8> {
    Parts { describe, ..Parts::default() }.build()
}

/// A type that holds another twice, sixty times over.
fn unfolding() -> Vec<u8> {
    let types: String = (1..60).map(|i| format!("(type $t{i} (tuple $t{0} $t{0}))", i - 1)).collect();
    wat(&format!("(component (type $t0 (tuple u8 u8)) {types})"))
}

/// Parameters in parameters, deeper than anybody reads.
fn deep() -> Vec<u8> {
    let parameters = format!("{}{{}}{}", r#"{"properties":{"a":"#.repeat(40), "}}".repeat(40));
    let module = SaidModule { parameters: parameters.into_bytes(), ..SaidModule::named("Deep") };
    Said::but(|said| said.modules = vec![module]).build()
}

/// About as many functions as a module may have, each with something to compile, behind a component that is good.
fn a_million_functions() -> Vec<u8> {
    const COUNT: usize = 999_000;
    // No locals; the parameter, eight times multiplied by 7; the end.
    let mut body = vec![0, 0x20, 0];
    body.extend([0x41, 7, 0x6c].repeat(8));
    body.push(0x0b);
    let function = [number(body.len()), body].concat();
    let types = [1, 0x60, 1, 0x7f, 1, 0x7f];
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &types),
        section(3, &[number(COUNT), vec![0; COUNT]].concat()),
        section(10, &[number(COUNT), function.repeat(COUNT)].concat()),
    ];
    [good(), section(1, &module.concat())].concat()
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [vec![id], number(content.len()), content.to_vec()].concat()
}

/// A length as WebAssembly has it: seven bits a byte, the lowest first.
fn number(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number % 0x80) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
