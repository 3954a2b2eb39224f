//! Components that say of themselves what no node takes.

use expect_test::expect;
use parcae_tests::made::{Said, SaidModule, SaidPort, holding};

use super::{Case, case};

/// A component with one module that is good but for this.
fn module(change: fn(&mut SaidModule)) -> Vec<u8> {
    Said::but(|said| change(&mut said.modules[0])).build()
}

/// A module whose alias is the name of the first.
fn other_made() -> SaidModule {
    SaidModule { aliases: vec![b"made".to_vec()], ..SaidModule::named("Other") }
}

/// A good description with another number at this place of its record.
fn poked(at: usize, number: u32) -> Vec<u8> {
    let mut memory = Said::default().memory();
    memory[at..at + 4].copy_from_slice(&number.to_le_bytes());
    holding(&memory)
}

/// 64 modules with 64 aliases each, all of which are the same 4096 bytes of a small memory.
fn amplified() -> Vec<u8> {
    let pair = |at: usize, len: usize| [at, len].map(|n| u32::try_from(n).unwrap().to_le_bytes()).concat();
    let (text, aliases, modules) = (40, 40 + 4096, 40 + 4096 + 64 * 8);
    let module = [pair(text, 4096), pair(aliases, 64), pair(text, 4096), pair(0, 0).repeat(6)].concat();
    let said = [pair(text, 1), pair(text, 1), pair(text, 4096), pair(text, 4096), pair(modules, 64)].concat();
    holding(&[said, vec![b'x'; 4096], pair(text, 4096).repeat(64), module.repeat(64)].concat())
}

/// What they say.
pub const CASES: &[Case] = &[
    case(
        "a name that is not UTF-8",
        || Said::but(|said| said.name = b"\xff\xfe".to_vec()).build(),
        expect![[r#"
            describe failed: what it returns cannot be read: invalid utf-8 sequence of 1 bytes from index 0
        "#]],
    ),
    case(
        "a schema that is not UTF-8",
        || module(|module| module.parameters = b"{\"a\":\"\xc3\"}".to_vec()),
        expect![[r#"
            describe failed: what it returns cannot be read: invalid utf-8 sequence of 1 bytes from index 6
        "#]],
    ),
    case(
        "a summary for terminals",
        || Said::but(|said| said.summary = b"\x1b[31mred".to_vec()).build(),
        expect![[r#"
            describe failed: summary holds the control character '\u{1b}'
        "#]],
    ),
    case(
        "a licence that reads backwards",
        || Said::but(|said| said.licence = "\u{202e}TIM".into()).build(),
        expect![[r#"
            describe failed: licence holds the control character '\u{202e}'
        "#]],
    ),
    case(
        "a long licence",
        || Said::but(|said| said.licence = vec![b'x'; 4097]).build(),
        expect![[r#"
            describe failed: licence has 4097 bytes, 4096 are allowed
        "#]],
    ),
    case(
        "no name",
        || Said::but(|said| said.name = vec![]).build(),
        expect![[r#"
            describe failed: component name "": letters, digits, `_` and `-`, at most 100
        "#]],
    ),
    case(
        "a name with a colon",
        || Said::but(|said| said.name = b"acme:k".to_vec()).build(),
        expect![[r#"
            describe failed: component name "acme:k": letters, digits, `_` and `-`, at most 100
        "#]],
    ),
    case(
        "FATE's name",
        || Said::but(|said| said.name = b"fate".to_vec()).build(),
        expect![[r#"
            describe failed: component name "fate" means something else where a job names a provider: take
            another
        "#]],
    ),
    case(
        "a version with a space",
        || Said::but(|said| said.version = b"1 0".to_vec()).build(),
        expect![[r#"
            describe failed: version "1 0": like 0.1.0; letters, digits, `.`, `_`, `+` and `-`, at most 100
        "#]],
    ),
    case(
        "no modules",
        || Said::but(|said| said.modules = vec![]).build(),
        expect![[r#"
            describe failed: no modules; a component offers at least one
        "#]],
    ),
    case(
        "65 modules",
        || Said::but(|said| said.modules = (0..65).map(|i| SaidModule::named(&format!("M{i}"))).collect()).build(),
        expect![[r#"
            describe failed: 65 modules, 64 are allowed
        "#]],
    ),
    case(
        "a module twice",
        || Said::but(|said| said.modules.push(SaidModule::named("MADE"))).build(),
        expect![[r#"
            describe failed: module MADE is there twice
        "#]],
    ),
    case(
        "an alias of another",
        || Said::but(|said| said.modules.push(other_made())).build(),
        expect![[r#"
            describe failed: module Other: its alias made means module Made already
        "#]],
    ),
    case(
        "a module with a space",
        || module(|module| module.name = b"My Module".to_vec()),
        expect![[r#"
            describe failed: module name "My Module": letters, digits, `_` and `-`, at most 100
        "#]],
    ),
    case(
        "a long module name",
        || module(|module| module.name = vec![b'M'; 101]),
        expect![[r#"
            describe failed: module name
            "MMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMMM":
            letters, digits, `_` and `-`, at most 100
        "#]],
    ),
    case(
        "65 aliases",
        || module(|module| module.aliases = (0..65).map(|i| format!("a{i}").into_bytes()).collect()),
        expect![[r#"
            describe failed: module Made: 65 aliases, 64 are allowed
        "#]],
    ),
    case(
        "an alias of two lines",
        || module(|module| module.aliases = vec![b"a\nb".to_vec()]),
        expect![[r#"
            describe failed: module Made: alias "a\nb": letters, digits, `_` and `-`, at most 100
        "#]],
    ),
    case(
        "no roles",
        || module(|module| module.roles = vec![]),
        expect![[r#"
            describe failed: module Made: no roles, so that no party would run it; name guest, host, arbiter or
            local
        "#]],
    ),
    case(
        "65 roles",
        || module(|module| module.roles = vec![0; 65]),
        expect![[r#"
            describe failed: module Made: 65 roles, 64 are allowed
        "#]],
    ),
    case(
        "a role that nobody knows",
        || module(|module| module.roles = vec![9]),
        expect![[r#"
            describe failed: what it returns cannot be read: unexpected discriminant: 9
        "#]],
    ),
    case(
        "a schema that is not JSON",
        || module(|module| module.parameters = b"{type: object}".to_vec()),
        expect![[r#"
            describe failed: module Made: parameters are not JSON: key must be a string at line 1 column 2; a
            schema that takes any parameters is {}
        "#]],
    ),
    case(
        "no schema",
        || module(|module| module.parameters = vec![]),
        expect![[r#"
            describe failed: module Made: parameters are not JSON: EOF while parsing a value at line 1 column 0;
            a schema that takes any parameters is {}
        "#]],
    ),
    case(
        "a schema that is a number",
        || module(|module| module.parameters = b"5".to_vec()),
        expect![[r#"
            describe failed: module Made: parameters are no JSON object; a schema that takes any parameters is
            {}
        "#]],
    ),
    case(
        "a deep schema",
        || module(|module| module.parameters = [br#"{"a":"#.repeat(65), b"1".to_vec(), b"}".repeat(65)].concat()),
        expect![[r#"
            describe failed: module Made: its parameter schema is nested deeper than 64
        "#]],
    ),
    case(
        "a schema too deep to read",
        || module(|module| module.parameters = [b"[".repeat(500), b"]".repeat(500)].concat()),
        expect![[r#"
            describe failed: module Made: parameters are not JSON: recursion limit exceeded at line 1 column
            128; a schema that takes any parameters is {}
        "#]],
    ),
    case(
        "a large schema",
        || module(|module| module.parameters = [vec![b' '; 1 << 20], b"{}".to_vec()].concat()),
        expect![[r#"
            describe failed: module Made: its parameter schema has 1048578 bytes, 1048576 are allowed
        "#]],
    ),
    case(
        "a grant that nobody knows",
        || module(|module| module.grants = vec![b"network".to_vec()]),
        expect![[r#"
            describe failed: module Made: there is no grant "network"; there are uploaded-file, open-table,
            publish-table, export-file, clock, randomness, scratch, message-volume
        "#]],
    ),
    case(
        "65 grants",
        || module(|module| module.grants = vec![b"clock".to_vec(); 65]),
        expect![[r#"
            describe failed: module Made: 65 grants, 64 are allowed
        "#]],
    ),
    case(
        "a port that is a path",
        || module(|module| module.inputs = vec![SaidPort::named("../data")]),
        expect![[r#"
            describe failed: module Made: port name "../data": letters, digits, `_` and `-`, at most 100
        "#]],
    ),
    case(
        "a port twice",
        || module(|module| module.outputs = vec![SaidPort::named("data"); 2]),
        expect![[r#"
            describe failed: module Made: output port data is there twice
        "#]],
    ),
    case(
        "65 ports",
        || module(|module| module.inputs = (0..65).map(|i| SaidPort::named(&format!("p{i}"))).collect()),
        expect![[r#"
            describe failed: module Made: 65 input ports, 64 are allowed
        "#]],
    ),
    case(
        "a kind of port that nobody knows",
        || module(|module| module.inputs = vec![SaidPort { kind: 7, ..SaidPort::named("data") }]),
        expect![[r#"
            describe failed: what it returns cannot be read: unexpected discriminant: 7
        "#]],
    ),
    case(
        "a bell in the help",
        || module(|module| module.outputs = vec![SaidPort { help: vec![7], ..SaidPort::named("data") }]),
        expect![[r#"
            describe failed: module Made: help of port data holds the control character '\u{7}'
        "#]],
    ),
    case(
        "4 billion modules",
        || poked(36, u32::MAX),
        expect![[r#"
            describe failed: what it returns cannot be read: list pointer/length out of bounds of memory
        "#]],
    ),
    case(
        "more modules than memory",
        || poked(36, 1_000_000),
        expect![[r#"
            describe failed: what it returns cannot be read: list pointer/length out of bounds of memory
        "#]],
    ),
    case(
        "modules beyond the memory",
        || poked(32, 0x7fff_fff0),
        expect![[r#"
            describe failed: what it returns cannot be read: list pointer/length out of bounds of memory
        "#]],
    ),
    case(
        "modules between two words",
        || poked(32, 1),
        expect![[r#"
            describe failed: what it returns cannot be read: list pointer is not aligned
        "#]],
    ),
    case(
        "a name of 4 GiB",
        || poked(4, u32::MAX),
        expect![[r#"
            describe failed: what it returns cannot be read: string pointer/length out of bounds of memory
        "#]],
    ),
    case(
        "a name beyond the memory",
        || poked(0, 0xffff_fff0),
        expect![[r#"
            describe failed: what it returns cannot be read: string pointer/length out of bounds of memory
        "#]],
    ),
    case(
        "one text many times over",
        amplified,
        expect![[r#"
            describe failed: what it returns cannot be read: too much data is being copied between the host and
            the guest: fuel allocated for hostcalls has been exhausted
        "#]],
    ),
];
