//! Do the defaults of a parameter schema fit the schema themselves? A job that leaves such a parameter out would be
//! refused for what nobody wrote. Not for: what a schema may be (`parameter_schema`), filling defaults in
//! (`domain::defaults`).

use jsonschema::{PatternOptions, Registry, Validator};
use parcae_domain::{
    defaults::{Preset, presets},
    price::price,
};
use serde_json::{Map, Value, json};

use crate::parameter_schema::{PATTERN_BYTES, cut, refused, shortened};

/// Steps that checking all defaults of a schema may take.
const STEPS: u64 = 1_000_000;
/// What the schema is called while its pieces are checked with.
const ADDRESS: &str = "urn:parameters";

/// Checks the defaults of a schema that is good otherwise.
pub(crate) fn check(schema: &Value) -> Result<(), String> {
    let presets = presets(schema);
    let mut left = STEPS;
    for preset in &presets {
        let piece = schema.pointer(&preset.pointer).unwrap_or(&Value::Null);
        let steps = price(schema, piece, &preset.filled, left).ok_or_else(|| {
            let place = named(preset);
            format!("its defaults are too much to check with its parameter schema, up to {place}: make them shorter")
        })?;
        left -= steps;
    }
    let registry = Registry::new().add(ADDRESS, schema).and_then(|it| it.prepare()).map_err(|e| e.to_string())?;
    let validator = all(schema, &presets, &registry)?;
    let whole = presets.iter().enumerate().map(|(at, preset)| (at.to_string(), preset.filled.clone()));
    if validator.is_valid(&Value::Object(whole.collect())) {
        return Ok(());
    }
    presets.iter().enumerate().try_for_each(|(at, preset)| {
        let alone = json!({(at.to_string()): preset.filled});
        validator.validate(&alone).map_err(|error| {
            let within = error.instance_path().as_str().splitn(3, '/').nth(2).unwrap_or_default();
            let within = if within.is_empty() { String::new() } else { format!("at {:?}, ", cut(within)) };
            format!(
                "{} has the default {}, which its own schema refuses: {within}{}; a job that leaves it out would be \
                 refused: give it a default that fits, or none",
                named(preset),
                cut(&preset.said.to_string()),
                shortened(&error)
            )
        })
    })
}

/// Checks an object of all filled in defaults, each by its place in the list.
fn all(schema: &Value, presets: &[Preset<'_>], registry: &Registry<'_>) -> Result<Validator, String> {
    let piece = |preset: &Preset<'_>| json!({"$ref": format!("{ADDRESS}#{}", encoded(&preset.pointer))});
    let pieces: Map<String, Value> = presets.iter().enumerate().map(|(at, p)| (at.to_string(), piece(p))).collect();
    let mut whole = json!({"properties": pieces});
    if let Some(draft) = schema.get("$schema") {
        whole["$schema"] = draft.clone();
    }
    let patterns = PatternOptions::regex().size_limit(PATTERN_BYTES);
    let options = jsonschema::options().with_pattern_options(patterns).with_registry(registry);
    options.build(&whole).map_err(|e| refused(&e))
}

fn named(preset: &Preset<'_>) -> String {
    format!("parameter {}", cut(&preset.path.join(".")))
}

/// A JSON pointer as an address has it.
fn encoded(pointer: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/~-_.".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    pointer.bytes().map(one).collect()
}
