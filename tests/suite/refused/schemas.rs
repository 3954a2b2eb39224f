//! Components whose modules come with a schema that no node checks parameters with: wrong, or a trap for who does.

use expect_test::expect;
use parcae_tests::made::Said;

use super::{Case, case};

/// A component with one module that is good but for its schema.
fn schema(text: &str) -> Vec<u8> {
    Said::but(|said| said.modules[0].parameters = text.as_bytes().to_vec()).build()
}

/// Pieces of a schema, each of which is made of the next.
fn chained(piece: impl Fn(&str) -> String, count: usize) -> String {
    let defs = (0..count).map(|at| format!(r#""a{at}": {}"#, piece(&format!("#/$defs/a{}", at + 1))));
    let defs: Vec<String> = defs.collect();
    format!(r##"{{"$ref": "#/$defs/a0", "$defs": {{{}, "a{count}": {{}}}}}}"##, defs.join(", "))
}

/// A schema that refers to one piece so many times.
fn multiplied(piece: &str, count: usize) -> String {
    let named: Vec<String> = (0..count).map(|at| format!(r##""p{at}": {{"$ref": "#/$defs/a"}}"##)).collect();
    format!(r#"{{"properties": {{{}}}, "$defs": {{"a": {piece}}}}}"#, named.join(", "))
}

/// What they say.
pub const CASES: &[Case] = &[
    case(
        "a schema with a type that there is not",
        || schema(r#"{"properties": {"n": {"type": "integr"}}}"#),
        expect![[r##"
            describe failed: module Made: its parameter schema at "/properties/n/type" is no JSON Schema:
            "integr" is not valid under any of the schemas listed in the 'anyOf' keyword; a schema that takes
            any parameters is {}
        "##]],
    ),
    case(
        "a schema whose bound is a text",
        || schema(r#"{"properties": {"n": {"minimum": "1"}}}"#),
        expect![[r##"
            describe failed: module Made: its parameter schema at "/properties/n/minimum" is no JSON Schema: "1"
            is not of type "number"; a schema that takes any parameters is {}
        "##]],
    ),
    case(
        "a schema of nobody's draft",
        || schema(r#"{"$schema": "https://lab.example/schema"}"#),
        expect![[r##"
            describe failed: module Made: its parameter schema has $schema "https://lab.example/schema", which
            no node knows; leave it out, or write "https://json-schema.org/draft/2020-12/schema"
        "##]],
    ),
    case(
        "a schema that leads to another machine",
        || schema(r#"{"properties": {"n": {"$ref": "http://127.0.0.1/n.json"}}}"#),
        expect![[r##"
            describe failed: module Made: its parameter schema at "/properties/n/$ref":
            "http://127.0.0.1/n.json" leads out of the schema, and nothing is fetched; put what it means under
            $defs, and refer to it as #/$defs/NAME
        "##]],
    ),
    case(
        "a schema that leads to a file",
        || schema(r#"{"$ref": "file:///etc/passwd"}"#),
        expect![[r##"
            describe failed: module Made: its parameter schema at "/$ref": "file:///etc/passwd" leads out of the
            schema, and nothing is fetched; put what it means under $defs, and refer to it as #/$defs/NAME
        "##]],
    ),
    case(
        "a schema that leads nowhere",
        || schema(r##"{"properties": {"n": {"$ref": "#/$defs/n"}}}"##),
        expect![[r##"
            describe failed: module Made: its parameter schema at "/properties/n/$ref": nothing in the schema is
            at "#/$defs/n"
        "##]],
    ),
    case(
        "a schema with an address inside",
        || schema(r#"{"$defs": {"n": {"$id": "http://127.0.0.1/n"}}}"#),
        expect![[r##"
            describe failed: module Made: its parameter schema has $id, which is not offered; put what is used
            again under $defs, and refer to it as "$ref": "#/$defs/NAME"
        "##]],
    ),
    case(
        "a schema of itself",
        || schema(r##"{"properties": {"n": {"$ref": "#"}}}"##),
        expect![[r##"
            describe failed: module Made: its parameter schema at "/properties/n/$ref": a schema may not refer
            to itself; write out as many levels as are needed
        "##]],
    ),
    case(
        "a pattern that looks ahead",
        || schema(r#"{"properties": {"n": {"pattern": "^(?!x)"}}}"#),
        expect![[r##"
            describe failed: module Made: its parameter schema at "/properties/n/pattern": "^(?!x)" is no
            regular expression that matches in linear time; write it without look-around and back-references,
            and with small numbers of repetitions
        "##]],
    ),
    case(
        "a pattern that looks back",
        || schema(r#"{"properties": {"n": {"pattern": "^(a+)\\1$"}}}"#),
        expect![[r##"
            describe failed: module Made: its parameter schema at "/properties/n/pattern": "^(a+)\\1$" is no
            regular expression that matches in linear time; write it without look-around and back-references,
            and with small numbers of repetitions
        "##]],
    ),
    case(
        "a pattern of a million letters",
        || schema(r#"{"properties": {"n": {"pattern": "^(a{999}){999}$"}}}"#),
        expect![[r##"
            describe failed: module Made: its parameter schema at "/properties/n/pattern": "^(a{999}){999}$" is
            no regular expression that matches in linear time; write it without look-around and back-references,
            and with small numbers of repetitions
        "##]],
    ),
    case(
        "a pattern that is not closed",
        || schema(r#"{"patternProperties": {"(": {"type": "integer"}}}"#),
        expect![[r##"
            describe failed: module Made: its parameter schema at "/patternProperties/(": "(" is no regular
            expression that matches in linear time; write it without look-around and back-references, and with
            small numbers of repetitions
        "##]],
    ),
    case(
        "a schema that unfolds",
        || schema(&chained(|next| format!(r#"{{"allOf": [{{"$ref": "{next}"}}, {{"$ref": "{next}"}}]}}"#), 28)),
        expect![[r##"
            describe failed: module Made: its parameter schema at
            "/$ref/allOf/0/$ref/allOf/0/$ref/allOf/0/$ref/allOf/0/$ref/allOf/0/$ref/allOf/0/$": it has more than
            20000 pieces; values and long texts count, what is referred to counts each time, and all below
            unevaluatedProperties fourfold
        "##]],
    ),
    case(
        "a default that multiplies",
        || schema(&multiplied(&format!(r#"{{"default": "{}"}}"#, "x".repeat(100_000)), 100)),
        expect![[r##"
            describe failed: module Made: its parameter schema at "/properties/p12": it has more than 20000
            pieces; values and long texts count, what is referred to counts each time, and all below
            unevaluatedProperties fourfold
        "##]],
    ),
    case(
        "a name that multiplies",
        || {
            let name = "x".repeat(100_000);
            schema(&multiplied(&format!(r#"{{"type": "object", "properties": {{"{name}": {{"default": 1}}}}}}"#), 100))
        },
        expect![[r##"
            describe failed: module Made: its parameter schema at "/properties/p12": it has more than 20000
            pieces; values and long texts count, what is referred to counts each time, and all below
            unevaluatedProperties fourfold
        "##]],
    ),
    case(
        "a default below its bound",
        || schema(r#"{"properties": {"n": {"type": "integer", "minimum": 5, "default": 1}}}"#),
        expect![[r##"
            describe failed: module Made: parameter n has the default 1, which its own schema refuses: 1 is less
            than the minimum of 5; a job that leaves it out would be refused: give it a default that fits, or
            none
        "##]],
    ),
    case(
        "a default of another type, in a group that is null otherwise",
        || {
            let group =
                r##"{"type": ["object", "null"], "default": null, "properties": {"n": {"$ref": "#/$defs/n"}}}"##;
            schema(&format!(
                r#"{{"$defs": {{"n": {{"type": "integer", "default": "x"}}}}, "properties": {{"g": {group}}}}}"#
            ))
        },
        expect![[r##"
            describe failed: module Made: parameter g.n has the default "x", which its own schema refuses: "x"
            is not of type "integer"; a job that leaves it out would be refused: give it a default that fits, or
            none
        "##]],
    ),
    case(
        "a default with a field that does not fit",
        || schema(r#"{"properties": {"g": {"default": {"n": 1.5}, "properties": {"n": {"type": "integer"}}}}}"#),
        expect![[r##"
            describe failed: module Made: parameter g has the default {"n":1.5}, which its own schema refuses:
            at "n", 1.5 is not of type "integer"; a job that leaves it out would be refused: give it a default
            that fits, or none
        "##]],
    ),
    case(
        "a default without a field that is required",
        || schema(r#"{"properties": {"g": {"default": {}, "required": ["n"], "properties": {"n": {}}}}}"#),
        expect![[r##"
            describe failed: module Made: parameter g has the default {}, which its own schema refuses: "n" is a
            required property; a job that leaves it out would be refused: give it a default that fits, or none
        "##]],
    ),
    case(
        "a default that takes long to check",
        || {
            let (many, rules) = (["1"; 2_000].join(","), [r#"{"minimum":0}"#; 1_000].join(","));
            schema(&format!(r#"{{"properties": {{"l": {{"default": [{many}], "items": {{"allOf": [{rules}]}}}}}}}}"#))
        },
        expect![[r##"
            describe failed: module Made: its defaults are too much to check with its parameter schema, up to
            parameter l: make them shorter
        "##]],
    ),
    case(
        "a schema of many steps",
        || schema(&chained(|next| format!(r#"{{"$ref": "{next}"}}"#), 5000)),
        expect![[r##"
            describe failed: module Made: its parameter schema at
            "/$ref/$ref/$ref/$ref/$ref/$ref/$ref/$ref/$ref/$ref/$ref/$ref/$ref/$ref/$ref/$ref": it is nested
            deeper than 64 pieces with what it refers to; make it flatter
        "##]],
    ),
];
