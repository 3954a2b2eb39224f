//! Schemas of parameters that no author would write, in descriptions that are good otherwise: a node refuses them with
//! words, or checks any parameters with them, in bounded time, and fills in the same defaults each time. Not for: other
//! pieces of descriptions (`descriptions`), other pieces of submissions (`submissions`).

use parcae_domain::{descriptor::Module, image::Origin, port::Catalog, port::Offer, tenant::TenantId};
use parcae_dsl::{Modules, Submission};
use parcae_runtime::{Images, Settings, start};
use parcae_tests::made::Said;
use serde_json::{Map, Value, json};

use crate::random::Random;
use crate::{check_words, fuzz};

/// Words to pick from: names of parameters and of definitions, values, and so on.
const NAMES: &str = "a b c a/b~ größe";
const VALUES: &str =
    r#"null true 0 -1 1 2.5 1e308 -0.0 18446744073709551616 "" "a" "\u202e" [] [1,1] {} {"a":{"b":1}}"#;
const TYPES: &str =
    r#""object" "array" "string" "integer" "number" "boolean" "null" ["object","null"] ["integer","null"]"#;
const REFERENCES: &str = r##"#/$defs/a #/$defs/b #/$defs/b #/properties/a # #a x http://127.0.0.1/x"##;
const PATTERNS: &str = "^a a|b (a+)+$ ^[a-z]{1,64}$ . ( (?=a) ^([ab]{9}){9}$";
const FORMATS: &str = "date email uri regex none";
const ONE: &str = "additionalItems additionalProperties additionalProperties contains contentSchema else if \
    items items not propertyNames then unevaluatedItems unevaluatedProperties";
const SOME: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
const NAMED: &str = "properties properties dependentSchemas dependencies";
const BOUNDS: &str = "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf";
const COUNTS: &str = "minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains";
const RENAMING: &str = "$id $anchor $dynamicAnchor $dynamicRef $recursiveRef $schema";
/// How deep schemas and parameters are invented.
const DEPTH: usize = 4;
/// Parameters for each schema.
const TRIES: usize = 4;
/// Characters of a name that is long.
const LONG: usize = 500;

/// One of some words.
fn pick(random: &mut Random, words: &'static str) -> &'static str {
    let words: Vec<&str> = words.split(' ').collect();
    words[random.below(words.len())]
}

fn quoted(text: impl AsRef<str>) -> String {
    Value::from(text.as_ref()).to_string()
}

fn name(random: &mut Random) -> String {
    if random.once_in(60) { "n".repeat(LONG) } else { pick(random, NAMES).to_owned() }
}

fn list(random: &mut Random, most: usize, mut one: impl FnMut(&mut Random) -> String) -> String {
    let count = random.below(most + 1);
    (0..count).map(|_| one(random)).collect::<Vec<_>>().join(",")
}

/// A piece of a schema, as text: a name may be there twice.
fn piece(random: &mut Random, depth: usize) -> String {
    if depth == 0 || random.once_in(12) {
        return (*random.pick(&["true", "false", "{}", "{\"type\":\"integer\",\"default\":1}"])).to_owned();
    }
    format!("{{{}}}", list(random, 4, |random| word(random, depth - 1)))
}

fn named(random: &mut Random, depth: usize) -> String {
    list(random, 3, |random| format!("{}:{}", quoted(name(random)), piece(random, depth)))
}

fn word(random: &mut Random, depth: usize) -> String {
    let value = pick(random, VALUES);
    match random.below(40) {
        0..8 => format!("{}:{{{}}}", quoted(pick(random, NAMED)), named(random, depth)),
        8..12 => format!("{}:[{}]", quoted(random.pick(&SOME)), list(random, 3, |random| piece(random, depth))),
        12..16 => format!("{}:{}", quoted(pick(random, ONE)), piece(random, depth)),
        16..20 => format!("\"type\":{}", pick(random, TYPES)),
        20..24 => format!("\"default\":{value}"),
        24 => format!("\"const\":{value}"),
        25 => format!("\"enum\":[{}]", list(random, 5, |random| pick(random, VALUES).to_owned())),
        26 | 27 => format!("{}:{}", quoted(pick(random, BOUNDS)), random.pick(&["0", "1", "-1.5", "0.1", "1e308"])),
        28 | 29 => format!("{}:{}", quoted(pick(random, COUNTS)), random.pick(&["0", "1", "2", "1.0", "1e19"])),
        30 => format!("\"pattern\":{}", quoted(pick(random, PATTERNS))),
        31 => format!("\"patternProperties\":{{{}:{}}}", quoted(pick(random, PATTERNS)), piece(random, depth)),
        32 => format!("\"required\":[{}]", list(random, 2, |random| quoted(name(random)))),
        33 => format!("\"dependentRequired\":{{{}:[{}]}}", quoted(name(random)), quoted(name(random))),
        34 => format!("\"format\":{}", quoted(pick(random, FORMATS))),
        35 => "\"uniqueItems\":true".to_owned(),
        36 if random.once_in(8) => format!("{}:{}", quoted(pick(random, RENAMING)), quoted(name(random))),
        // Whatever it is a name of, this is seldom what is expected there.
        37 if random.once_in(8) => format!("{}:{value}", quoted(pick(random, ONE))),
        36..38 => format!("{}:{value}", quoted(name(random))),
        _ => format!("\"$ref\":{}", quoted(pick(random, REFERENCES))),
    }
}

fn schema(random: &mut Random) -> String {
    let (a, b, more) = (piece(random, DEPTH - 1), piece(random, 1), word(random, DEPTH));
    let properties = named(random, DEPTH);
    format!(r#"{{"$defs":{{"a":{a},"b":{b}}},"properties":{{"a":{{"default":{{}}}},{properties}}},{more}}}"#)
        .replace(",}", "}")
}

/// A value near to what a piece of a schema wants.
fn near(random: &mut Random, root: &Value, said: &Value, depth: usize) -> Value {
    let chosen = [said.get("enum").and_then(|list| list.get(0)), said.get("const"), said.get("default")];
    if let Some(value) = chosen.into_iter().flatten().next().filter(|_| random.once_in(2)) {
        return value.clone();
    }
    let pointer = said.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
    let referred = pointer.and_then(|pointer| root.pointer(pointer));
    let branch = SOME.iter().find_map(|word| said.get(word)?.get(0));
    if let Some(piece) = referred.or(branch)
        && depth > 0
        && random.once_in(2)
    {
        return near(random, root, piece, depth - 1);
    }
    let of_type = said.get("type").and_then(|text| text.as_str().or_else(|| text.get(0)?.as_str()));
    let fields = said.get("properties").and_then(Value::as_object);
    match of_type {
        _ if depth == 0 || random.once_in(10) => serde_json::from_str(pick(random, VALUES)).unwrap_or_default(),
        Some("array") => {
            let item = said.get("items").unwrap_or(&Value::Null);
            (0..random.below(4)).map(|_| near(random, root, item, depth - 1)).collect()
        }
        Some("string") => json!(random.pick(&["", "a", "abab", "2026-01-01"])),
        Some("integer" | "number") => json!(random.below(3)),
        Some("boolean") => json!(random.once_in(2)),
        _ => {
            let mut object = Map::new();
            for (name, piece) in fields.into_iter().flatten() {
                if !random.once_in(3) {
                    object.insert(name.clone(), near(random, root, piece, depth - 1));
                }
            }
            if random.once_in(4) {
                object.insert(name(random), json!(random.below(3)));
            }
            Value::Object(object)
        }
    }
}

/// A schema, and parameters: each on a line of its own.
fn invented(random: &mut Random) -> Vec<u8> {
    let mut text = schema(random);
    let root: Value = serde_json::from_str(&text).unwrap_or_default();
    for _ in 0..TRIES {
        text += &format!("\n{}", near(random, &root, &root, DEPTH));
    }
    text.into_bytes()
}

/// Parameters as a job gets them; none when they are refused.
fn checked(module: &Module, parameters: &Value) -> Option<Value> {
    let (image, component, version) = ("image".to_owned(), "made".to_owned(), "0.1.0".to_owned());
    let offer = Offer { module: module.clone(), image, component, version, origin: Origin::Pushed };
    let find = |_: &str, _: Option<&str>| Some(offer.clone());
    let modules = Modules { find: &find, names: &[], providers: &|_| Vec::new() };
    let dsl = json!({"components": {"made_0": {"module": "Made"}}});
    let conf = json!({"dsl_version": 2, "initiator": {"role": "local", "party_id": 0}, "role": {"local": [0]},
        "component_parameters": {"common": {"made_0": parameters}}});
    match parcae_dsl::check(&Submission { dsl: &dsl, conf: &conf }, &modules) {
        Ok(plan) => plan.components[0].parameters.values().next().cloned(),
        Err(faults) => {
            faults.list.iter().for_each(|fault| check_words(&fault.to_string()));
            None
        }
    }
}

/// Offers a schema, and checks parameters with it; true when it was taken.
fn taken(images: &Images, input: &[u8]) -> bool {
    let mut lines = input.split(|byte| *byte == b'\n');
    let schema = lines.next().unwrap_or_default().to_vec();
    let tenant = TenantId::default_tenant();
    let accepted = match images.accept(&tenant, &Said::but(|said| said.modules[0].parameters = schema).build()) {
        Ok(accepted) => accepted,
        Err(said) => {
            check_words(&said);
            return false;
        }
    };
    images.forget(&tenant, &accepted.digest);
    let module = &accepted.descriptor.modules[0];
    for given in lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok()) {
        let filled = checked(module, &given);
        assert_eq!(checked(module, &given), filled, "{given} is checked twice");
        if let Some(filled) = filled {
            assert_eq!(checked(module, &filled).as_ref(), Some(&filled), "{given} is filled in, and again");
        }
    }
    true
}

#[test]
fn schemas() {
    let images = Images::new(start(Settings::default()).unwrap());
    fuzz("schemas", invented, |input| taken(&images, input));
}
