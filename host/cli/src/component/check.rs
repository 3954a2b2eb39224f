//! `parcae component check`: would a node take this image? Not for: what it does in a job (`run`).

use std::path::Path;

use anyhow::Context;
use parcae_domain::descriptor::Module;
use parcae_runtime::Images;
use serde_json::{Value, json};

use super::{kept, read};
use crate::{Done, output::Output};

/// Checks an image as a node does that has never seen it.
pub(crate) fn run(wasm: &Path, output: Output) -> anyhow::Result<Done> {
    let (json, text) = report(wasm, &kept::images(None)?, output)?;
    output.result(&json, || text)?;
    Ok(Done::Well)
}

/// What a node says of an image that it takes, for machines and for people; an error when it does not take it.
pub(super) fn report(wasm: &Path, images: &Images, output: Output) -> anyhow::Result<(Value, String)> {
    output.say(&format!("checking {}", wasm.display()));
    let content = read(wasm)?;
    let image = images.add(&content).with_context(|| format!("component {}", wasm.display()))?;
    let bytes = content.len();
    let said = &image.descriptor;
    let json = json!({
        "digest": image.digest, "bytes": bytes, "compile_ms": image.compile_time.as_millis() as u64, "descriptor": said,
    });
    let modules: Vec<String> = said.modules.iter().map(module).collect();
    let text = format!(
        "{} {} is a component that a node takes\n  digest   sha256:{}\n  size     {} KiB, compiled in {} ms\n{}",
        said.name,
        said.version,
        image.digest,
        bytes.div_ceil(1024),
        image.compile_time.as_millis(),
        modules.join("\n")
    );
    Ok((json, text))
}

fn module(module: &Module) -> String {
    let roles: Vec<&str> = module.roles.iter().map(|role| role.as_str()).collect();
    let mut text = format!("  module   {} at {}", module.name, roles.join(", "));
    if !module.grants.is_empty() {
        let grants: Vec<String> = module.grants.iter().map(ToString::to_string).collect();
        text += &format!("; asks for {}", grants.join(", "));
    }
    text
}
