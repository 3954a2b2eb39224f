//! What is published comes back, from a real registry, with and without a login, over https, and not when it was
//! changed. Not for: what a good registry never does (`odd`).

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::debian::{Registry, Wish, certify};
use crate::desk::{Desk, digest_of, said, wasm, why};

/// A registry in which the component is, and what publishing it said.
fn published(desk: &Desk) -> Option<(Registry, Value)> {
    let registry = Registry::start(Wish::default())?;
    let said = desk.said(&format!("publish reader.wasm {}/lab/reader:0.1.0", registry.address));
    Some((registry, said))
}

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn what_is_published_comes_back() {
    let desk = Desk::new();
    let Some((registry, published)) = published(&desk) else { return };
    let name = format!("{}/lab/reader", registry.address);
    let pinned = published["reference"].as_str().unwrap();
    assert_eq!(pinned, format!("{name}@{}", published["manifest"].as_str().unwrap()));
    assert_eq!(published["published"], format!("{name}:0.1.0"));
    for (reference, file) in [(format!("{name}:0.1.0"), "by_tag.wasm"), (pinned.to_owned(), "by_digest.wasm")] {
        let pulled = desk.said(&format!("pull {reference} -o {file}"));
        let digest = digest_of(wasm()).trim_start_matches("sha256:").to_owned();
        let want = json!({
            "file": file, "reference": pinned, "manifest": published["manifest"], "digest": digest,
            "bytes": wasm().len(),
        });
        assert_eq!(pulled, want);
        assert!(fs::read(desk.path(file)).unwrap() == wasm(), "{file} differs");
    }
    check_what_lies_there(&registry, &published);
    // Again under another name, where its bytes are not yet; and without a tag.
    let typed = format!("publish reader.wasm {}/latest/reader:latest", registry.address);
    assert_eq!(desk.said(&typed)["digest"], published["digest"]);
    let pull = format!("pull {}/latest/reader", registry.address);
    assert_eq!(desk.said(&pull)["file"], "reader.wasm");
    fs::write(desk.path("reader.wasm"), "mine").unwrap();
    let output = desk.component(&pull);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && text.contains("name a file with -o"), "{text}");
    assert_eq!(fs::read(desk.path("reader.wasm")).unwrap(), b"mine");
}

/// What other tools for components expect.
fn check_what_lies_there(registry: &Registry, published: &Value) {
    let manifest = json_of(&registry.file_of(published["manifest"].as_str().unwrap()));
    assert_eq!(manifest["schemaVersion"], 2);
    assert_eq!(manifest["mediaType"], "application/vnd.oci.image.manifest.v1+json");
    let layer = json!({"mediaType": "application/wasm", "digest": digest_of(wasm()), "size": wasm().len()});
    assert_eq!(manifest["layers"], json!([layer]));
    let annotation = |name: &str| manifest["annotations"][format!("org.opencontainers.image.{name}")].clone();
    assert_eq!(annotation("title"), "reader");
    for name in ["version", "licenses", "description", "created"] {
        assert!(annotation(name).as_str().is_some_and(|text| !text.is_empty()), "{name}: {manifest}");
    }
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.wasm.config.v0+json");
    let file = registry.file_of(manifest["config"]["digest"].as_str().unwrap());
    assert_eq!(manifest["config"]["size"], fs::metadata(&file).unwrap().len());
    let config = json_of(&file);
    assert_eq!((&config["architecture"], &config["os"]), (&json!("wasm"), &json!("wasip2")));
    assert_eq!(config["created"], annotation("created"));
    assert_eq!(config["layerDigests"], json!([digest_of(wasm())]));
    let component = &config["component"];
    assert_eq!(component["target"], "parcae:component/component@0.1.0");
    let has = |list: &str, name: &str| component[list].as_array().unwrap().iter().any(|one| one == name);
    assert!(has("exports", "run") && has("exports", "describe"), "{component}");
    assert!(has("imports", "parcae:component/tables@0.1.0"), "{component}");
}

#[test]
fn what_is_not_there_is_told() {
    let desk = Desk::new();
    let Some((registry, _)) = published(&desk) else { return };
    for reference in ["lab/reader:9".to_owned(), "lab/none:1".to_owned(), format!("lab/reader@{}", digest_of(b""))] {
        let why = desk.refused(&format!("pull {}/{reference} -o x.wasm", registry.address));
        assert!(why.contains("has no manifest") && why.contains("look at the name and the tag"), "{reference}: {why}");
    }
}

#[test]
fn what_was_changed_in_the_registry_is_refused() {
    let desk = Desk::new();
    let Some((registry, published)) = published(&desk) else { return };
    let pull = format!("pull {}/lab/reader:0.1.0 -o x.wasm", registry.address);
    let file = registry.file_of(&digest_of(wasm()));
    let mut changed = wasm().to_vec();
    *changed.last_mut().unwrap() ^= 1;
    fs::write(&file, &changed).unwrap();
    let why = desk.refused(&pull);
    assert!(why.contains(&format!("the component that came has digest {}", digest_of(&changed))), "{why}");
    fs::write(&file, [wasm(), b"more"].concat()).unwrap();
    assert!(desk.refused(&pull).contains("more than the"));
    fs::write(&file, &wasm()[..100]).unwrap();
    assert!(desk.refused(&pull).contains("the component that came has digest"));
    fs::write(&file, wasm()).unwrap();
    let manifest = registry.file_of(published["manifest"].as_str().unwrap());
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"reader\"", "\"Reader\"")).unwrap();
    let pinned = format!("pull {} -o x.wasm", published["reference"].as_str().unwrap());
    for pull in [pull, pinned] {
        let why = desk.refused(&pull);
        assert!(why.contains("the manifest that came has digest"), "{pull}: {why}");
    }
}

#[test]
fn what_is_no_component_is_not_fetched() {
    let desk = Desk::new();
    let Some((registry, published)) = published(&desk) else { return };
    let good = fs::read_to_string(registry.file_of(published["manifest"].as_str().unwrap())).unwrap();
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let (wasm, image) = ("application/vnd.wasm.config.v0+json", "application/vnd.oci.image.config.v1+json");
    let layer = ("\"application/wasm\"", "\"application/vnd.oci.image.layer.v1.tar+gzip\"");
    for (tag, (this, that)) in [("image", (wasm, image)), ("layer", layer)] {
        let url = format!("http://{}/v2/lab/reader/manifests/{tag}", registry.address);
        let put = agent.put(&url).content_type("application/vnd.oci.image.manifest.v1+json");
        assert_eq!(put.send(good.replace(this, that)).unwrap().status(), 201);
        let why = desk.refused(&format!("pull {}/lab/reader:{tag} -o x.wasm", registry.address));
        assert!(why.contains(&format!("lab/reader:{tag} is no component: its ")), "{why}");
        assert!(why.contains(that.trim_matches('"')), "{why}");
    }
}

#[test]
fn a_login_is_typed_or_left_by_docker() {
    let desk = Desk::new();
    let Some(registry) = Registry::start(Wish { login: true, ..Wish::default() }) else { return };
    let name = format!("{}/lab/reader:0.1.0", registry.address);
    let publish = format!("publish reader.wasm {name}");
    let why_not = desk.refused(&publish);
    assert!(why_not.contains("does not let everybody publish lab/reader"), "{why_not}");
    assert!(why_not.contains(&format!("--password-stdin, or with `docker login {}`", registry.address)), "{why_not}");
    let typed = format!("{publish} --username lab --password-stdin --json");
    let wrong = why(&desk.component_with(&typed, "wrong\n", &[]));
    assert!(wrong.contains("does not let lab publish lab/reader") && !wrong.contains("wrong"), "{wrong}");
    let published = said(&desk.component_with(&typed, "secret\n", &[]));
    let pull = format!("pull {name} -o x.wasm");
    assert!(desk.refused(&pull).contains("does not let everybody fetch lab/reader (authentication required)"));
    let mut auths = serde_json::Map::new();
    // `lab:secret`
    auths.insert(registry.address.clone(), json!({"auth": "bGFiOnNlY3JldA=="}));
    desk.docker_login(&json!({"auths": auths}));
    assert_eq!(desk.said(&pull)["manifest"], published["manifest"]);
}

#[test]
fn certificates_are_checked() {
    let desk = Desk::new();
    let Some(registry) = Registry::start(Wish { tls: true, ..Wish::default() }) else { return };
    let Some(plain) = Registry::start(Wish::default()) else { return };
    let trusting = |certificate: &Path, registry: &Registry| {
        let typed = format!("publish reader.wasm {}/lab/reader:1 --plain-http=false --json", registry.address);
        desk.component_with(&typed, "", &[("SSL_CERT_FILE", certificate)])
    };
    let published = said(&trusting(&registry.certificate(), &registry));
    assert_eq!(published["digest"], digest_of(wasm()).trim_start_matches("sha256:"));
    let in_the_clear = why(&trusting(&registry.certificate(), &plain));
    assert!(in_the_clear.contains("speak http: --plain-http"), "{in_the_clear}");
    // One that looks the same, of somebody else.
    let other = tempfile::tempdir().unwrap();
    if certify(other.path()).is_some() {
        let why = why(&trusting(&other.path().join("certificate.pem"), &registry));
        assert!(why.contains("name the file with that in SSL_CERT_FILE"), "{why}");
    }
}
