//! `parcae component push`, `list`, `grant` and `remove`: the components of a node. Not for: signing (`signed`), OCI
//! registries (`oci`).

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use parcae_api::component::{ComponentModule, ComponentRow, GrantRequest};
use parcae_domain::descriptor::Descriptor;

use super::{oci, read};
use crate::{
    Done,
    args::{Give, ModuleGrant, Push},
    client::{Client, ClientError},
    output::{Output, columns},
};

/// Hex digits of a digest that are shown.
const SHOWN: usize = 12;

/// Pushes a component, with what its modules are granted.
pub(super) fn push(client: &Client, args: &Push, output: Output) -> anyhow::Result<Done> {
    let signature = signature(args)?;
    let image = oci::typed(&args.wasm, &args.registry).unwrap_or_else(|| read(&args.wasm))?;
    output.say(&format!("pushing {}: the node compiles and checks it", args.wasm.display()));
    let pushed = client.push_component(&image, signature.as_deref())?;
    let mut row = pushed.row;
    let there = || format!("{}:{} is there now, but --grant failed", row.name, row.version);
    if let Some(given) = give(client, &row.digest, &args.grants).with_context(there)? {
        row = given;
    }
    output.result(&row, || {
        let compiled = format!("is there, compiled in {} ms", pushed.compile_ms);
        let how = if pushed.new { compiled } else { "was there".to_owned() };
        format!("{} {} {how}\n{}", row.name, row.version, about(&row))
    })?;
    Ok(Done::Well)
}

/// The signature that was named, or that stands beside the component.
fn signature(args: &Push) -> anyhow::Result<Option<String>> {
    let beside = || Some(beside(&args.wasm)).filter(|file| file.is_file());
    let Some(file) = args.signature.clone().or_else(beside) else { return Ok(None) };
    fs::read_to_string(&file).map(Some).with_context(|| format!("signature {}", file.display()))
}

/// File of the signature of a component.
pub(super) fn beside(wasm: &Path) -> PathBuf {
    let mut name = wasm.as_os_str().to_owned();
    name.push(".sig");
    PathBuf::from(name)
}

/// Gives modules of a component what was typed, each of them all of it at once. What the node would refuse goes first,
/// so that nothing is given when something is refused.
fn give(client: &Client, component: &str, grants: &[ModuleGrant]) -> Result<Option<ComponentRow>, ClientError> {
    let mut requests: Vec<GrantRequest> = Vec::new();
    for ModuleGrant { module, grants } in grants {
        match requests.iter_mut().find(|request| request.module == *module) {
            Some(request) => request.grants.extend_from_slice(grants),
            None => requests.push(GrantRequest { module: module.clone(), grants: grants.clone() }),
        }
    }
    if requests.len() > 1
        && let Ok(said) = serde_json::from_value::<Descriptor>(client.component(component)?.description)
    {
        requests.sort_by_key(|request| is_asked(&said, request));
    }
    let rows = requests.iter().map(|request| client.grant_component(component, request));
    Ok(rows.collect::<Result<Vec<_>, _>>()?.pop())
}

/// True when the module is there and asks for all of this.
fn is_asked(said: &Descriptor, request: &GrantRequest) -> bool {
    let Some(module) = said.module(&request.module) else { return false };
    request.grants.iter().all(|name| module.grants.iter().any(|grant| grant.as_str() == name))
}

/// What there is to know of a component that is new, or that was granted something.
fn about(row: &ComponentRow) -> String {
    let (digest, name, version) = (&row.digest, &row.name, &row.version);
    let mut lines = vec![format!("  digest   sha256:{digest}"), format!("  provider {name}:{version}")];
    lines.extend(row.signed_by.iter().map(|name| format!("  signed   by {name}")));
    lines.extend(row.refused_by.iter().map(|(party, why)| format!("  not taken by party {party}: {why}")));
    for module in &row.modules {
        let default = if module.default { "" } else { "; a job must name the provider, as another one serves it" };
        lines.push(format!("  module   {}{default}", module.name));
        if !module.granted.is_empty() {
            lines.push(format!("           granted {}", module.granted.join(", ")));
        }
        if !module.missing.is_empty() {
            let (missing, cure) = (module.missing.join(", "), module.cure.as_deref().unwrap_or_default());
            lines.push(format!("           asks for {missing}; {cure}"));
        }
    }
    lines.join("\n")
}

/// Lists the components of a node.
pub(super) fn list(client: &Client, output: Output) -> anyhow::Result<Done> {
    let rows = client.component_list()?;
    output.result(&rows, || {
        let head = ["NAME", "VERSION", "DIGEST", "FROM", "KIB", "MODULES", "GRANTED", "MISSING"].map(str::to_owned);
        let mut table = vec![head.to_vec()];
        table.extend(rows.iter().map(line));
        let notes = rows.iter().flat_map(notes).map(|note| format!("\n{note}"));
        columns(&table) + &notes.collect::<String>()
    })?;
    Ok(Done::Well)
}

/// Why a component serves nothing, and which parties do not take it.
fn notes(row: &ComponentRow) -> Vec<String> {
    let label = format!("{}:{}", row.name, row.version);
    let left_out = row.left_out.iter().map(|why| format!("{label} is not loaded: {why}"));
    let refused = row.refused_by.iter().map(|(party, why)| format!("{label} is not taken by party {party}: {why}"));
    left_out.chain(refused).collect()
}

fn line(row: &ComponentRow) -> Vec<String> {
    let star = |module: &ComponentModule| format!("{}{}", module.name, if module.default { "" } else { "*" });
    let modules: Vec<String> = row.modules.iter().map(star).collect();
    let by_module = |grants: fn(&ComponentModule) -> &[String]| {
        let some = row.modules.iter().filter(|module| !grants(module).is_empty());
        let some = some.map(|module| format!("{}={}", module.name, grants(module).join(",")));
        some.collect::<Vec<_>>().join(" ")
    };
    let (granted, missing) = (by_module(|module| &module.granted), by_module(|module| &module.missing));
    let origin = if row.loaded { row.origin.clone() } else { format!("{}, not loaded", row.origin) };
    let digest = row.digest.chars().take(SHOWN).collect();
    let kib = row.bytes.div_ceil(1024).to_string();
    vec![row.name.clone(), row.version.clone(), digest, origin, kib, modules.join(","), granted, missing]
}

/// Gives modules of a component what they ask for.
pub(super) fn grant(client: &Client, args: &Give, output: Output) -> anyhow::Result<Done> {
    if let Some(row) = give(client, &args.component, &args.grants)? {
        output.result(&row, || about(&row))?;
    }
    Ok(Done::Well)
}

/// Removes a component.
pub(super) fn remove(client: &Client, component: &str, output: Output) -> anyhow::Result<Done> {
    let row = client.remove_component(component)?;
    output.result(&row, || format!("{} {} is removed", row.name, row.version))?;
    Ok(Done::Well)
}
