//! `parcae component keygen` and `sign`: signatures by which a node knows who answers for a component. Not for: checking
//! them (`node`).

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use anyhow::{Context, anyhow};
use parcae_node::signing::SecretKey;
use serde_json::json;

use super::{accept_bytes, read, shared::beside};
use crate::{
    Done, UsageError,
    args::{Keygen, Sign},
    output::Output,
};

/// Draws a key, and keeps it in a file that only its owner can read.
pub(super) fn keygen(args: &Keygen, output: Output) -> anyhow::Result<Done> {
    let key = SecretKey::draw().map_err(|e| anyhow!(e))?;
    let shown = args.file.display();
    let mut file = new_file(&args.file).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => UsageError(format!("{shown} is there already: name another file with -o")),
        _ => UsageError(format!("{shown}: {e}")),
    })?;
    writeln!(file, "{}", key.to_text()).and_then(|()| file.sync_all()).with_context(|| shown.to_string())?;
    let (id, public) = (key.id(), key.public());
    let json = json!({"file": args.file, "key": id, "public": public});
    output.result(&json, || {
        format!(
            "secret key in {shown}: keep it to yourself\nkey id {id}\nfor the configuration of a node:\n\n\
             [components_policy.keys]\nNAME = \"{public}\""
        )
    })?;
    Ok(Done::Well)
}

fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Checks a component as a node does, and writes the signature beside it.
pub(super) fn sign(args: &Sign, output: Output) -> anyhow::Result<Done> {
    let text = fs::read_to_string(&args.key).map_err(|e| UsageError(format!("--key {}: {e}", args.key.display())))?;
    let key = SecretKey::parse(&text).map_err(|e| UsageError(format!("--key {}: {e}", args.key.display())))?;
    let bytes = read(&args.wasm)?;
    let image = accept_bytes(&args.wasm, &bytes)?;
    let signature = key.sign(&image.digest, &image.descriptor);
    let file = beside(&args.wasm);
    fs::write(&file, signature.to_text() + "\n").with_context(|| format!("signature {}", file.display()))?;
    output.result(&json!({"file": file, "signature": signature}), || {
        format!("{} is the signature of sha256:{} by key {}", file.display(), image.digest, signature.key)
    })?;
    Ok(Done::Well)
}
