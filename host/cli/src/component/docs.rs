//! `parcae component docs`: a component's description of itself as a page of Markdown. Not for: checking it (`check`).

use std::path::Path;

use parcae_domain::descriptor::{Descriptor, Module, Port};
use serde_json::Value;

use super::accept;
use crate::{Done, output::Output};

/// Prints the page.
pub(crate) fn run(wasm: &Path, output: Output) -> anyhow::Result<Done> {
    let (image, _) = accept(wasm)?;
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
    let Some(properties) = schema.get("properties").and_then(Value::as_object).filter(|all| !all.is_empty()) else {
        return String::new();
    };
    let mut text = "\n### Parameters\n\n| name | type | default | allowed | |\n|---|---|---|---|---|\n".to_owned();
    for (name, about) in properties {
        let kind = about.get("type").map(plain).unwrap_or_default();
        let default = about.get("default").map(|v| format!("`{v}`")).unwrap_or_default();
        let help = about.get("description").and_then(Value::as_str).unwrap_or_default();
        text += &format!("| `{name}` | {kind} | {default} | {} | {} |\n", cell(&allowed(about)), cell(help));
    }
    text
}

/// Bounds and allowed values in words.
fn allowed(about: &Value) -> String {
    let mut words = Vec::new();
    for (key, sign) in [("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<")] {
        if let Some(bound) = about.get(key) {
            words.push(format!("{sign} {bound}"));
        }
    }
    if let Some(values) = about.get("enum").and_then(Value::as_array) {
        words.push(values.iter().map(plain).collect::<Vec<_>>().join(", "));
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
            "alpha": {"type": "number", "default": 1.0, "minimum": 0, "description": "How much | of it."},
            "mode": {"type": ["string", "null"], "enum": ["a", "b", null]},
        }});
        let text = parameters(&schema);
        assert!(text.contains("| `alpha` | number | `1.0` | ≥ 0 | How much \\| of it. |"), "{text}");
        assert!(text.contains("| `mode` | string or null |  | a, b, null |  |"), "{text}");
        assert_eq!(parameters(&json!({})), "");
    }
}
