//! `parcae component pull` and `publish`: components from and to OCI registries, by the conventions of `wkg`; whatever
//! comes is checked against its digest. Not for: bringing a component to a node (`shared`), accepting it (`runtime`).

mod artifact;
mod failure;
mod login;
mod reference;
mod registry;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use serde_json::json;

use super::{accept_bytes, read};
use crate::args::{Publish, Pull, RegistryOptions};
use crate::{Done, UsageError, output::Output};
use artifact::{digest_of, pack, unpack};
use failure::OciError;
use reference::{Reference, SCHEME};
use registry::{Access, Registry};

/// What came from a registry.
struct Fetched {
    /// Digest of the manifest.
    manifest: String,
    /// Digest of the component.
    digest: String,
    wasm: Vec<u8>,
}

/// Fetches a component into a file.
pub(super) fn pull(pull: &Pull, output: Output) -> anyhow::Result<Done> {
    let reference = Reference::parse(&pull.reference)?;
    let Fetched { manifest, digest, wasm } = fetch(&reference, &pull.registry)?;
    let unfit = || format!("{reference}: what lies there is no component for a node, and is not written");
    parcae_runtime::look_at(&wasm).with_context(unfit)?;
    let file = write(pull.file.as_deref(), &reference, &wasm)?;
    let pinned = reference.pinned(&manifest);
    let digest = digest.trim_start_matches("sha256:");
    let json = json!({
        "file": file, "reference": pinned, "manifest": manifest, "digest": digest, "bytes": wasm.len(),
    });
    let size = wasm.len().div_ceil(1024);
    let shown = file.display();
    output.result(&json, || {
        format!("{shown} is {reference}\n  pinned   {pinned}\n  digest   sha256:{digest}\n  size     {size} KiB")
    })?;
    Ok(Done::Well)
}

/// The component that was typed in the place of a file, when that is no file and a name in a registry, with a tag or a
/// digest; why not, when it looks like one.
pub(super) fn typed(wasm: &Path, options: &RegistryOptions) -> Option<anyhow::Result<Vec<u8>>> {
    let text = wasm.to_str().filter(|_| !wasm.exists())?;
    let reference = match Reference::parse(text) {
        Ok(reference) => reference,
        Err(why) if text.starts_with(SCHEME) => return Some(Err(why.into())),
        Err(_) => return None,
    };
    if reference.tag.is_some() || reference.digest.is_some() {
        return Some(fetch(&reference, options).map(|fetched| fetched.wasm));
    }
    let is_path = text.starts_with('.') || text.ends_with(".wasm");
    let lacks = || UsageError(format!("{text}: no such file; in a registry it lacks a tag or a digest: {text}:0.1.0"));
    (!is_path).then(|| Err(lacks().into()))
}

fn fetch(reference: &Reference, options: &RegistryOptions) -> anyhow::Result<Fetched> {
    let mut registry = open(reference, Access::Pull, options)?;
    let (content, kind) = registry.manifest(reference.version()).map_err(|error| match error {
        OciError::Missing { .. } | OciError::Refused { .. } if reference.digest.is_some() => {
            anyhow!("{error}; after @ stands the digest of the manifest, which publish and pull print as pinned")
        }
        other => other.into(),
    })?;
    let manifest = digest_of(&content);
    if let Some(wanted) = reference.digest.clone().filter(|wanted| *wanted != manifest) {
        return Err(OciError::Changed { what: "the manifest", wanted, found: manifest }.into());
    }
    let foreign = |why| OciError::Foreign { reference: reference.to_string(), why };
    let layer = unpack(&content, &kind).map_err(foreign)?;
    let wasm = registry.blob(&layer.digest, layer.bytes)?;
    Ok(Fetched { manifest, digest: layer.digest, wasm })
}

/// Checks a component and puts it into a registry.
pub(super) fn publish(publish: &Publish, output: Output) -> anyhow::Result<Done> {
    let reference = Reference::parse(&publish.reference)?;
    let tag = tag(&reference)?;
    let wasm = read(&publish.wasm)?;
    let image = accept_bytes(&publish.wasm, &wasm)?;
    let world = parcae_runtime::wit_world(&wasm)?;
    let packed = pack(&wasm, &image.descriptor, &world, &jiff::Timestamp::now().to_string());
    let mut registry = open(&reference, Access::Publish, &publish.registry)?;
    registry.put_blob(&wasm)?;
    registry.put_blob(&packed.config)?;
    registry.put_manifest(tag, &packed.manifest)?;
    let manifest = digest_of(&packed.manifest);
    let pinned = reference.pinned(&manifest);
    let (name, version, digest) = (&image.descriptor.name, &image.descriptor.version, &image.digest);
    let json = json!({
        "published": reference.to_string(), "reference": pinned, "manifest": manifest, "digest": digest,
        "bytes": wasm.len(),
    });
    output.result(&json, || {
        format!("{reference} is {name} {version}\n  pinned   {pinned}\n  digest   sha256:{digest}")
    })?;
    Ok(Done::Well)
}

fn open(reference: &Reference, access: Access, options: &RegistryOptions) -> anyhow::Result<Registry> {
    let plain = options.plain_http.unwrap_or(reference.is_loopback());
    let login = login::find(options, &reference.registry)?;
    Ok(Registry::new(reference, plain, access, login))
}

/// The tag to publish under.
fn tag(reference: &Reference) -> Result<&str, UsageError> {
    match (&reference.tag, &reference.digest) {
        (Some(tag), None) => Ok(tag),
        (_, Some(_)) => Err(UsageError(format!("{reference}: the registry finds the digest itself; name a tag only"))),
        (None, None) => {
            let place = format!("{}/{}", reference.registry, reference.name);
            Err(UsageError(format!("{place}: lacks a tag, mostly the version: {place}:0.1.0")))
        }
    }
}

/// Writes what was fetched, whole or not at all. What nobody named is not written over.
fn write(file: Option<&Path>, reference: &Reference, wasm: &[u8]) -> anyhow::Result<PathBuf> {
    let path = file.map_or_else(|| PathBuf::from(reference.file_name()), Path::to_owned);
    if file.is_none() && fs::read(&path).is_ok_and(|there| there != wasm) {
        return Err(UsageError(format!("{}: is there and differs; name a file with -o", path.display())).into());
    }
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let written = fs::write(&part, wasm).and_then(|()| fs::rename(&part, &path));
    if written.is_err() {
        // What failed to be written may not be there.
        let _ = fs::remove_file(&part);
    }
    written.with_context(|| format!("file {}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_published_has_a_tag() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let tagged = |text: &str| tag(&Reference::parse(text).unwrap()).map(str::to_owned).map_err(|e| e.to_string());
        assert_eq!(tagged("a.b/c:1").as_deref(), Ok("1"));
        assert_eq!(tagged("a.b/c").unwrap_err(), "a.b/c: lacks a tag, mostly the version: a.b/c:0.1.0");
        assert!(tagged(&format!("a.b/c:1@{digest}")).unwrap_err().contains("name a tag only"));
    }

    #[test]
    fn files_are_written_over_when_they_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.wasm");
        let reference = Reference::parse("a.b/c").unwrap();
        for content in [b"one".as_slice(), b"two"] {
            assert_eq!(write(Some(&path), &reference, content).unwrap(), path);
            assert_eq!(fs::read(&path).unwrap(), content);
        }
        assert!(write(Some(&folder.path().join("no/x.wasm")), &reference, b"").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
