//! Checks and bounds everything that a component says of itself. Not for: asking it (`image`), names of images that jobs
//! use (`domain::image`).

use std::collections::HashMap;

use parcae_domain::{
    descriptor::{Descriptor, Module, Port, PortKind},
    grant::Grant,
    id::is_component_name,
    image::check_names,
    text::turns,
};
use serde_json::Value;

use crate::convert::role_in;
use crate::generated::parcae::component::descriptor;
use crate::json;
use crate::{parameter_defaults, parameter_schema};

/// Longest text of a description, bytes; a parameter schema may be 256 times longer.
const TEXT_BYTES: usize = 4096;
/// Longest parameter schema, bytes.
const SCHEMA_BYTES: usize = TEXT_BYTES * 256;
/// Most memory that it may take once it is read, bytes: the node keeps it.
const SCHEMA_MEMORY: u64 = 24 << 20;
/// Most modules of an image, ports of a module, aliases of a module.
const LIST_LEN: usize = 64;
/// Deepest parameter schema: it is stored inside the plan of a job, and JSON deeper than 128 is not read back.
const SCHEMA_DEPTH: usize = 64;
/// How modules, ports and aliases may be named.
const NAMES: &str = "letters, digits, `_` and `-`, at most 100";

/// Checks a description.
pub(crate) fn checked(said: descriptor::Description) -> Result<Descriptor, String> {
    let modules = few("modules", said.modules)?;
    if modules.is_empty() {
        return Err("no modules; a component offers at least one".into());
    }
    let modules = modules.into_iter().map(module).collect::<Result<Vec<_>, _>>()?;
    check_distinct(&modules)?;
    let descriptor = Descriptor {
        name: text("name", said.name)?,
        version: text("version", said.version)?,
        licence: text("licence", said.licence)?,
        summary: text("summary", said.summary)?,
        modules,
    };
    check_names(&descriptor)?;
    Ok(descriptor)
}

/// A name in a DSL means one module, whatever its case: no name or alias of one is another's.
fn check_distinct(modules: &[Module]) -> Result<(), String> {
    let mut owners = HashMap::new();
    for (at, module) in modules.iter().enumerate() {
        if owners.insert(module.name.to_ascii_lowercase(), at).is_some() {
            return Err(format!("module {} is there twice", module.name));
        }
    }
    for (at, module) in modules.iter().enumerate() {
        for alias in &module.aliases {
            let owner = *owners.entry(alias.to_ascii_lowercase()).or_insert(at);
            if owner != at {
                let (one, other) = (&module.name, &modules[owner].name);
                return Err(format!("module {one}: its alias {alias} means module {other} already"));
            }
        }
    }
    Ok(())
}

fn module(said: descriptor::Module) -> Result<Module, String> {
    if !is_component_name(&said.name) {
        return Err(format!("module name {:?}: {NAMES}", cut(&said.name)));
    }
    let name = said.name.clone();
    parts(said).map_err(|e| format!("module {name}: {e}"))
}

fn parts(said: descriptor::Module) -> Result<Module, String> {
    let parameters = schema(&said.parameters)?;
    let grants = few("grants", said.grants)?.into_iter().map(|grant| grant.parse::<Grant>().map_err(|e| e.to_string()));
    let roles = few("roles", said.roles)?;
    if roles.is_empty() {
        return Err("no roles, so that no party would run it; name guest, host, arbiter or local".into());
    }
    Ok(Module {
        grants: grants.collect::<Result<_, _>>()?,
        aliases: few("aliases", said.aliases)?.into_iter().map(alias).collect::<Result<_, _>>()?,
        summary: text("summary", said.summary)?,
        roles: roles.into_iter().map(role_in).collect(),
        needs: few("needed roles", said.needs)?.into_iter().map(role_in).collect(),
        inputs: ports("input", said.inputs)?,
        outputs: ports("output", said.outputs)?,
        parameters,
        name: said.name,
    })
}

fn alias(said: String) -> Result<String, String> {
    if is_component_name(&said) { Ok(said) } else { Err(format!("alias {:?}: {NAMES}", cut(&said))) }
}

fn schema(said: &str) -> Result<Value, String> {
    if said.len() > SCHEMA_BYTES {
        return Err(format!("its parameter schema has {} bytes, {SCHEMA_BYTES} are allowed", said.len()));
    }
    if json::weigh(said).is_some_and(|bytes| bytes > SCHEMA_MEMORY) {
        return Err(format!("its parameter schema takes more than {SCHEMA_MEMORY} bytes of memory once it is read"));
    }
    let schema: Value = serde_json::from_str(said)
        .map_err(|e| format!("parameters are not JSON: {e}; a schema that takes any parameters is {{}}"))?;
    if !schema.is_object() {
        return Err("parameters are no JSON object; a schema that takes any parameters is {}".into());
    }
    if depth(&schema) > SCHEMA_DEPTH {
        return Err(format!("its parameter schema is nested deeper than {SCHEMA_DEPTH}"));
    }
    parameter_schema::check(&schema)?;
    parameter_defaults::check(&schema)?;
    Ok(schema)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fn ports(side: &str, said: Vec<descriptor::Port>) -> Result<Vec<Port>, String> {
    let mut ports: Vec<Port> = Vec::new();
    for port in few(&format!("{side} ports"), said)?.into_iter().map(port) {
        let port = port?;
        if ports.iter().any(|other| (&other.name, other.kind) == (&port.name, port.kind)) {
            return Err(format!("{side} port {} is there twice", port.name));
        }
        ports.push(port);
    }
    Ok(ports)
}

fn port(said: descriptor::Port) -> Result<Port, String> {
    if !is_component_name(&said.name) {
        return Err(format!("port name {:?}: {NAMES}", cut(&said.name)));
    }
    let kind = match said.kind {
        descriptor::PortKind::Data => PortKind::Data,
        descriptor::PortKind::Model => PortKind::Model,
        descriptor::PortKind::IsometricModel => PortKind::IsometricModel,
        descriptor::PortKind::Cache => PortKind::Cache,
    };
    let help = text(&format!("help of port {}", said.name), said.help)?;
    Ok(Port { name: said.name, kind, optional: said.optional, many: said.many, help })
}

fn text(what: &str, text: String) -> Result<String, String> {
    if text.len() > TEXT_BYTES {
        return Err(format!("{what} has {} bytes, {TEXT_BYTES} are allowed", text.len()));
    }
    match text.chars().find(|c| (c.is_control() && *c != '\n') || turns(*c)) {
        Some(odd) => Err(format!("{what} holds the control character {odd:?}")),
        None => Ok(text),
    }
}

fn few<T>(what: &str, list: Vec<T>) -> Result<Vec<T>, String> {
    if list.len() > LIST_LEN { Err(format!("{} {what}, {LIST_LEN} are allowed", list.len())) } else { Ok(list) }
}

/// The beginning of a name that may have any length.
fn cut(name: &str) -> String {
    name.chars().take(120).collect()
}
