//! A component as it lies in a registry, by the conventions for WebAssembly that `wkg` follows, too: a manifest with a
//! small configuration and one layer, the component. Not for: speaking to a registry (`registry`).

use parcae_domain::descriptor::Descriptor;
use parcae_domain::limit::IMAGE_BYTES;
use parcae_runtime::WitWorld;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::reference::is_digest;

/// What a manifest is.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// What a client must be ready to get; all but the first are refused, in better words than `not found`.
pub(super) const ACCEPTED: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";
/// What the configuration and the layer are.
const CONFIG: &str = "application/vnd.wasm.config.v0+json";
const LAYER: &str = "application/wasm";
/// Begins the names of annotations that everybody knows.
const ANNOTATION: &str = "org.opencontainers.image";

/// What is put into a registry beside the component.
#[derive(Debug)]
pub(super) struct Artifact {
    pub(super) config: Vec<u8>,
    pub(super) manifest: Vec<u8>,
}

/// Where the component of a manifest is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layer {
    /// `sha256:` and the hash of the component.
    pub(super) digest: String,
    pub(super) bytes: usize,
}

/// `sha256:` and the hash of bytes.
pub(super) fn digest_of(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Packs a component. `created` is a time as RFC 3339 has it.
pub(super) fn pack(wasm: &[u8], said: &Descriptor, world: &WitWorld, created: &str) -> Artifact {
    let config = json!({
        "created": created,
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [digest_of(wasm)],
        "component": { "exports": world.exports, "imports": world.imports, "target": world.target() },
    });
    let config = config.to_string().into_bytes();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": { "mediaType": CONFIG, "digest": digest_of(&config), "size": config.len() },
        "layers": [{ "mediaType": LAYER, "digest": digest_of(wasm), "size": wasm.len() }],
        "annotations": annotations(said, created),
    });
    Artifact { config, manifest: manifest.to_string().into_bytes() }
}

fn annotations(said: &Descriptor, created: &str) -> Value {
    let about: [(&str, &str); 5] = [
        ("title", &said.name),
        ("version", &said.version),
        ("licenses", &said.licence),
        ("description", &said.summary),
        ("created", created),
    ];
    let about = about.into_iter().filter(|(_, text)| !text.is_empty());
    let about: Map<String, Value> = about.map(|(name, text)| (format!("{ANNOTATION}.{name}"), text.into())).collect();
    Value::Object(about)
}

/// The component of a manifest, or why there is none. `served_as` is what the registry says that the manifest is.
pub(super) fn unpack(manifest: &[u8], served_as: &str) -> Result<Layer, String> {
    let read: Value = serde_json::from_slice(manifest).map_err(|e| format!("its manifest is no JSON: {e}"))?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let kind = match text(&read, "mediaType") {
        unsaid if unsaid.is_empty() => served_as.to_owned(),
        kind => kind,
    };
    if kind != MANIFEST {
        return Err(match read.get("manifests") {
            Some(_) => format!("it is a list of several things ({kind:?}); name one by its digest"),
            None => format!("its manifest is of type {kind:?}, not {MANIFEST}"),
        });
    }
    let config = read.get("config").map(|config| text(config, "mediaType")).unwrap_or_default();
    if config != CONFIG {
        return Err(format!("its configuration is of type {config:?}, not {CONFIG}"));
    }
    let layers = read.get("layers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let [layer] = layers else { return Err(format!("it has {} layers instead of one", layers.len())) };
    let kind = text(layer, "mediaType");
    if kind != LAYER {
        return Err(format!("its layer is of type {kind:?}, not {LAYER}"));
    }
    let digest = text(layer, "digest");
    if !is_digest(&digest) {
        return Err(format!("the digest of its layer is {digest:?}, not sha256: and 64 hex digits"));
    }
    let bytes = layer.get("size").and_then(Value::as_u64).ok_or("its layer does not say how large it is")?;
    match usize::try_from(bytes) {
        Ok(bytes) if bytes <= IMAGE_BYTES => Ok(Layer { digest, bytes }),
        _ => Err(format!(
            "the component has {bytes} bytes, {IMAGE_BYTES} are allowed (image_bytes); publish it again after \
             `wasm-tools strip`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed() -> Artifact {
        let said = Descriptor {
            name: "score".into(),
            version: "0.1.0".into(),
            licence: "Apache-2.0".into(),
            summary: String::new(),
            modules: vec![],
        };
        let world = parcae_runtime::wit_world(b"\0asm\x0d\0\x01\0").unwrap();
        pack(b"wasm", &said, &world, "2026-01-02T03:04:05Z")
    }

    #[test]
    fn what_is_packed_follows_the_conventions() {
        let Artifact { config, manifest } = packed();
        let config: Value = serde_json::from_slice(&config).unwrap();
        let layer = digest_of(b"wasm");
        let want = json!({
            "created": "2026-01-02T03:04:05Z", "architecture": "wasm", "os": "wasip2", "layerDigests": [layer],
            "component": {"exports": [], "imports": [], "target": "parcae:component/component@0.1.0"},
        });
        assert_eq!(config, want);
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let want = json!({
            "org.opencontainers.image.title": "score", "org.opencontainers.image.version": "0.1.0",
            "org.opencontainers.image.licenses": "Apache-2.0",
            "org.opencontainers.image.created": "2026-01-02T03:04:05Z",
        });
        assert_eq!(manifest["annotations"], want);
        assert_eq!(manifest["layers"], json!([{"mediaType": "application/wasm", "digest": layer, "size": 4}]));
    }

    #[test]
    fn what_is_packed_is_unpacked_and_nothing_else_is() {
        let manifest = packed().manifest;
        let layer = Layer { digest: digest_of(b"wasm"), bytes: 4 };
        assert_eq!(unpack(&manifest, ""), Ok(layer));
        let good: Value = serde_json::from_slice(&manifest).unwrap();
        let without = |change: &dyn Fn(&mut Value)| {
            let mut changed = good.clone();
            change(&mut changed);
            unpack(changed.to_string().as_bytes(), "text/plain").unwrap_err()
        };
        let (image, index) = ("application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.index.v1+json");
        type Case<'a> = (&'a dyn Fn(&mut Value), &'a str);
        let cases: [Case<'_>; 9] = [
            (&|m| m["mediaType"] = json!("application/vnd.docker.distribution.manifest.v2+json"), "docker"),
            (&|m| *m = json!({"mediaType": index, "manifests": []}), "by its digest"),
            (&|m| m["mediaType"] = Value::Null, "text/plain"),
            (&|m| m["config"]["mediaType"] = json!(image), "its configuration is of type"),
            (&|m| m["layers"] = json!([]), "0 layers"),
            (&|m| m["layers"][0]["mediaType"] = json!("application/gzip"), "application/gzip"),
            (&|m| m["layers"][0]["digest"] = json!("sha256:../.."), "the digest of its layer"),
            (&|m| m["layers"][0]["size"] = json!(-1), "how large"),
            (&|m| m["layers"][0]["size"] = json!(1u64 << 40), "bytes, 67108864 are allowed"),
        ];
        for (change, why) in cases {
            let said = without(change);
            assert!(said.contains(why), "{said} does not say {why}");
        }
        assert!(unpack(b"[", MANIFEST).is_err() && unpack(b"3", "").is_err());
    }
}
