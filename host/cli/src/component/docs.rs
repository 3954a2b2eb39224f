//! `parcae component docs`: a component's description of itself as a page of Markdown. Not for: checking it (`check`).

use std::path::Path;

use parcae_domain::descriptor::{Descriptor, Module, Port};
use serde_json::Value;

use super::{accept_bytes, read};
use crate::{Done, output::Output};

/// How a schema says a bound, and its sign.
const BOUNDS: [(&str, &str); 4] =
    [("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<")];

/// Prints the page.
pub(crate) fn run(wasm: &Path, output: Output) -> anyhow::Result<Done> {
    let image = accept_bytes(wasm, &read(wasm)?)?;
    output.result(&image.descriptor, || page(&image.descriptor))?;
    Ok(Done::Well)
}

fn page(said: &Descriptor) -> String {
    let mut text = format!("# {} {}\n\n{}\n\nLicence: {}\n", said.name, said.version, said.summary, said.licence);
    for module in &said.modules {
        text += &section(module);
    }
    text
}

fn section(module: &Module) -> String {
    let list =
        |roles: &[parcae_domain::party::Role]| roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
    let mut text = format!("\n## {}\n\n{}\n\nRuns at: {}", module.name, module.summary, list(&module.roles));
    if !module.needs.is_empty() {
        text += &format!("; a job needs: {}", list(&module.needs));
    }
    text += "\n";
    if !module.aliases.is_empty() {
        text += &format!("Also called: {}\n", module.aliases.join(", "));
    }
    if !module.grants.is_empty() {
        let grants: Vec<String> = module.grants.iter().map(ToString::to_string).collect();
        text += &format!("Asks for: {}\n", grants.join(", "));
    }
    text += &ports("Inputs", &module.inputs);
    text += &ports("Outputs", &module.outputs);
    text + &parameters(&module.parameters)
}

fn ports(title: &str, ports: &[Port]) -> String {
    if ports.is_empty() {
        return String::new();
    }
    let mut text = format!("\n### {title}\n\n| name | kind | | |\n|---|---|---|---|\n");
    for port in ports {
        let how = [(port.optional, "optional"), (port.many, "several")].into_iter().filter(|(is, _)| *is);
        let how: Vec<&str> = how.map(|(_, word)| word).collect();
        text += &format!("| `{}` | {} | {} | {} |\n", port.name, port.kind.as_str(), how.join(", "), cell(&port.help));
    }
    text
}

fn parameters(schema: &Value) -> String {
    let rows = rows("", schema, schema);
    if rows.is_empty() {
        return rows;
    }
    format!("\n### Parameters\n\n| name | type | default | allowed | |\n|---|---|---|---|---|\n{rows}")
}

/// A row for each parameter; those of a group stand below it as `group.name`, those of a list's items as `list[].name`.
fn rows(group: &str, schema: &Value, root: &Value) -> String {
    let mut text = String::new();
    for (name, about) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let about = &written_out(about, root);
        let name = format!("{group}{name}");
        let default = about.get("default").map(|v| format!("`{v}`")).unwrap_or_default();
        let help = about.get("description").and_then(Value::as_str).unwrap_or_default();
        let (kind, allowed, default) = (kind(about), allowed(about), cell(&default));
        text += &format!("| `{name}` | {} | {default} | {} | {} |\n", cell(&kind), cell(&allowed), cell(help));
        text += &rows(&format!("{name}."), about, root);
        let items = about.get("items").map(|each| written_out(each, root));
        text += &items.map(|each| rows(&format!("{name}[]."), &each, root)).unwrap_or_default();
    }
    text
}

/// A piece of a schema with what it refers to; what it says itself counts. No schema that is taken refers in a circle.
fn written_out(about: &Value, root: &Value) -> Value {
    let pointer = about.get("$ref").and_then(Value::as_str).and_then(|said| said.strip_prefix('#'));
    let Some(piece) = pointer.and_then(|pointer| root.pointer(pointer)) else { return about.clone() };
    let mut all = written_out(piece, root);
    if let (Value::Object(all), Value::Object(own)) = (&mut all, about) {
        all.extend(own.clone());
    }
    all
}

/// Types that a parameter may have.
fn kind(about: &Value) -> String {
    let kinds: Vec<String> = choices(about).filter_map(|about| about.get("type").map(plain)).collect();
    kinds.join(" or ")
}

/// A schema, and those of which it takes any.
fn choices(about: &Value) -> impl Iterator<Item = &Value> {
    let any = ["anyOf", "oneOf"].into_iter().filter_map(move |word| about.get(word)?.as_array());
    std::iter::once(about).chain(any.flatten())
}

/// Bounds and allowed values in words.
fn allowed(about: &Value) -> String {
    let mut words = Vec::new();
    for about in choices(about) {
        for (key, sign) in BOUNDS {
            words.extend(about.get(key).map(|bound| format!("{sign} {bound}")));
        }
        if let Some(values) = about.get("enum").and_then(Value::as_array) {
            words.push(values.iter().map(plain).collect::<Vec<_>>().join(", "));
        }
    }
    words.join(", ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" or "),
        other => other.to_string(),
    }
}

/// A text as one cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_become_a_table() {
        let schema = json!({"properties": {
            "rules": {"type": "array", "items": {"properties": {"points": {"type": "number", "maximum": 5}}}},
            "alpha": {"type": "number", "default": 1.0, "minimum": 0, "description": "How much | of it."},
            "mode": {"type": ["string", "null"], "enum": ["a", "b", null]},
            "folds": {"$ref": "#/$defs/count", "default": 5},
            "depth": {"anyOf": [{"type": "integer", "maximum": 9}, {"type": "null"}], "default": null},
            "stop": {"type": "object", "default": {}, "properties": {"rounds": {"type": "integer", "default": 3}}},
        }, "$defs": {"count": {"type": "integer", "minimum": 2, "default": 3}}});
        let text = parameters(&schema);
        assert!(text.contains("| `rules` | array |  |  |  |\n| `rules[].points` | number |  | ≤ 5 |  |"), "{text}");
        assert!(text.contains("| `alpha` | number | `1.0` | ≥ 0 | How much \\| of it. |"), "{text}");
        assert!(text.contains("| `mode` | string or null |  | a, b, null |  |"), "{text}");
        assert!(text.contains("| `folds` | integer | `5` | ≥ 2 |  |"), "{text}");
        assert!(text.contains("| `depth` | integer or null | `null` | ≤ 9 |  |"), "{text}");
        assert!(text.contains("| `stop` | object | `{}` |  |  |\n| `stop.rounds` | integer | `3` |  |  |"), "{text}");
        assert_eq!(parameters(&json!({})), "");
    }
}
