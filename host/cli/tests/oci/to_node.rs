//! A component goes from a registry to a node in one command. Not for: pushing files (`component_site`), fetching into a
//! file (`round_trip`).

use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::debian::{Registry, Wish};
use crate::desk::{Desk, digest_of, wasm, why};

/// A node in a process of its own.
struct Node {
    child: Child,
    url: String,
    _data: TempDir,
}

impl Node {
    fn start() -> Node {
        let data = TempDir::new().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_parcae"));
        command.args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"]).arg(data.path());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = serde_json::Deserializer::from_reader(child.stdout.take().unwrap()).into_iter::<Value>();
        let url = said.next().unwrap().unwrap()["url"].as_str().unwrap().to_owned();
        Node { child, url, _data: data }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // One that has ended already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_lies_in_a_registry_is_pushed_to_a_node() {
    let desk = Desk::new();
    let Some(registry) = Registry::start(Wish::default()) else { return };
    let name = format!("{}/lab/reader", registry.address);
    let published = desk.said(&format!("publish reader.wasm {name}:0.1.0"));
    let (node, digest) = (Node::start(), digest_of(wasm()));
    for reference in [format!("{name}:0.1.0"), published["reference"].as_str().unwrap().to_owned()] {
        let pushed = desk.said(&format!("push {reference} --server {}", node.url));
        assert_eq!(pushed["digest"], digest.trim_start_matches("sha256:"), "{reference}: {pushed}");
    }
    let refused = |reference: &str| why(&desk.component(&format!("push {reference} --server {}", node.url)));
    let text = refused(&format!("{name}:9"));
    assert!(text.contains("has no manifest 9 of lab/reader"), "{text}");
    // A path is no reference, and a digest is the manifest's.
    let text = refused("./gone/reader.wasm");
    assert!(text.contains("component ./gone/reader.wasm: No such file"), "{text}");
    let text = refused(&format!("{name}@{digest}"));
    assert!(text.contains("after @ stands the digest of the manifest"), "{text}");
}
