//! What a registry may do that the one of Debian does not: tokens, storage elsewhere, lies. Not for: the way that it
//! should be (`round_trip`).

use std::fs;

use serde_json::json;

use crate::by_hand::{Asked, Reply, Server};
use crate::desk::{Desk, digest_of, said, wasm, why};

/// The manifest of the component.
fn manifest() -> Vec<u8> {
    let config = json!({"mediaType": "application/vnd.wasm.config.v0+json", "digest": digest_of(b"{}"), "size": 2});
    let layer = json!({"mediaType": "application/wasm", "digest": digest_of(wasm()), "size": wasm().len()});
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config,
        "layers": [layer],
    });
    manifest.to_string().into_bytes()
}

fn size_of(content: &[u8]) -> String {
    format!("\"size\":{}", content.len())
}

/// What a registry without a login answers.
fn answer(asked: &Asked) -> Reply {
    match asked.target.as_str() {
        target if target.starts_with("/v2/lab/score/manifests/") => Reply::ok(manifest()),
        target if target == format!("/v2/lab/score/blobs/{}", digest_of(wasm())) => Reply::ok(wasm()),
        _ => Reply { status: 404, ..Reply::default() },
    }
}

/// A registry that wants a token, of which anybody gets one; its content is stored elsewhere.
fn with_tokens(storage: &str) -> Server {
    let storage = storage.to_owned();
    Server::start(move |asked, address| match asked.target.split_once('?').map_or(&*asked.target, |(path, _)| path) {
        "/token" => Reply::ok(r#"{"token":"open-sesame","expires_in":300}"#),
        _ if asked.authorization.as_deref() != Some("Bearer open-sesame") => {
            let challenge = format!("Bearer realm=\"http://{address}/token\",service=\"lab\",scope=\"none\"");
            Reply::with(401, "WWW-Authenticate", challenge)
        }
        path if path.contains("/blobs/") => Reply::with(307, "Location", format!("http://{storage}{path}")),
        _ => answer(asked),
    })
}

#[test]
fn tokens_are_fetched_and_stay_with_the_registry() {
    let desk = Desk::new();
    let storage = Server::start(|asked, _| answer(asked));
    let registry = with_tokens(&storage.address);
    let pull = format!("pull {}/lab/score:1 -o x.wasm", registry.address);
    assert_eq!(desk.said(&pull)["digest"], digest_of(wasm()).trim_start_matches("sha256:"));
    assert_eq!(fs::read(desk.path("x.wasm")).unwrap(), wasm());
    let tokens = |asked: Vec<Asked>| asked.into_iter().find(|asked| asked.target.starts_with("/token")).unwrap();
    let token = tokens(registry.asked());
    assert_eq!(token.authorization, None);
    let query = token.target.replace("%3A", ":").replace("%2F", "/");
    assert!(query.contains("scope=repository:lab/score:pull") && query.contains("service=lab"), "{query}");
    assert!(storage.asked().iter().all(|asked| asked.authorization.is_none()), "{:?}", storage.asked());
    // The password goes where tokens are, and nowhere else.
    let registry = with_tokens(&storage.address);
    let pull = format!("pull {}/lab/score:1 -o x.wasm --username lab --password-stdin --json", registry.address);
    said(&desk.component_with(&pull, "secret", &[]));
    assert_eq!(tokens(registry.asked()).authorization.as_deref(), Some("Basic bGFiOnNlY3JldA=="));
    let basic = |asked: &Asked| asked.authorization.as_ref().is_some_and(|text| text.starts_with("Basic"));
    assert_eq!(registry.asked().iter().filter(|asked| basic(asked)).count(), 1);
    assert!(storage.asked().iter().all(|asked| asked.authorization.is_none()), "{:?}", storage.asked());
}

#[test]
fn storage_elsewhere_gets_no_login() {
    let desk = Desk::new();
    let storage = Server::start(|_, _| Reply::with(401, "WWW-Authenticate", "Basic realm=\"yours\"".into()));
    let registry = with_tokens(&storage.address);
    let pull = format!("pull {}/lab/score:1 -o x.wasm --username lab --password-stdin", registry.address);
    let why = why(&desk.component_with(&pull, "secret", &[]));
    assert!(why.contains("does not let lab fetch lab/score"), "{why}");
    assert!(!storage.asked().is_empty());
    assert!(storage.asked().iter().all(|asked| asked.authorization.is_none()), "{:?}", storage.asked());
}

#[test]
fn a_digest_that_was_typed_is_kept_to() {
    let desk = Desk::new();
    let registry = Server::start(|asked, _| answer(asked));
    let pull = |digest: &str| format!("pull {}/lab/score:1@{digest} -o x.wasm", registry.address);
    let why = desk.refused(&pull(&digest_of(b"another")));
    assert!(why.contains(&format!("the manifest that came has digest {}", digest_of(&manifest()))), "{why}");
    assert!(why.contains(&format!("and {} was due", digest_of(b"another"))), "{why}");
    desk.said(&pull(&digest_of(&manifest())));
    assert!(registry.asked().iter().all(|asked| !asked.target.ends_with("/1")), "{:?}", registry.asked());
}

#[test]
fn lies_are_told() {
    let text = |text: &str| Reply::ok(text);
    let good = String::from_utf8(manifest()).unwrap();
    let sized = |bytes: u64| text(&good.replace(&size_of(wasm()), &format!("\"size\":{bytes}")));
    let cases: [(Reply, &str); 8] = [
        (text("<html>"), "is no component: its manifest is no JSON"),
        (text("{}"), "is no component: its manifest is of type"),
        (text(r#"{"manifests":[]}"#), "name one by its digest"),
        (sized(20), "it sends more than the 20 bytes that were due"),
        (sized(1 << 40), "67108864 are allowed"),
        (Reply { status: 500, ..text(r#"{"errors":[{"message":"no\u001b[31m"}]}"#) }, "with HTTP status 500 (no[31m)"),
        (Reply { status: 403, ..text("") }, "does not let everybody fetch lab/score"),
        (Reply::with(401, "WWW-Authenticate", "Negotiate".into()), "does not let everybody fetch lab/score"),
    ];
    for (reply, what) in cases {
        let desk = Desk::new();
        let registry = Server::start(
            move |asked, _| {
                if asked.target.contains("/manifests/") { reply.clone() } else { answer(asked) }
            },
        );
        let why = desk.refused(&format!("pull {}/lab/score:1 -o x.wasm", registry.address));
        assert!(why.contains(what), "{why} does not say {what}");
    }
}

#[test]
fn what_is_no_component_is_not_written() {
    let (desk, other) = (Desk::new(), b"no component");
    let manifest = String::from_utf8(manifest()).unwrap();
    let manifest = manifest.replace(&digest_of(wasm()), &digest_of(other)).replace(&size_of(wasm()), &size_of(other));
    let registry = Server::start(move |asked, _| {
        if asked.target.contains("/manifests/") { Reply::ok(manifest.as_str()) } else { Reply::ok(other) }
    });
    let why = desk.refused(&format!("pull {}/lab/score:1 -o x.wasm", registry.address));
    assert!(why.contains("/lab/score:1: what lies there is no component for a node, and is not written: "), "{why}");
    assert!(why.contains("it does not begin as WebAssembly does"), "{why}");
}

#[test]
fn nobody_there_and_nonsense_are_told_with_the_cure() {
    let desk = Desk::new();
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let why = desk.refused(&format!("pull 127.0.0.1:{port}/lab/score:1 -o x.wasm"));
    assert!(why.contains(&format!("no registry can be reached at http://127.0.0.1:{port} (")), "{why}");
    for (typed, words) in [
        ("pull score:1", "it lacks the registry or the name"),
        ("publish reader.wasm a.b/score", "lacks a tag, mostly the version: a.b/score:0.1.0"),
        ("pull a.b/score:1 --username lab", "--password-stdin"),
        ("push a.b/score", "a.b/score: no such file; in a registry it lacks a tag or a digest: a.b/score:0.1.0"),
        ("push oci://a.b/Score:1", "a name is of small letters"),
    ] {
        let output = desk.component(typed);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{typed}: {text}");
        assert!(text.contains(words), "{typed}: {text}");
    }
    fs::write(desk.path("reader.wasm"), "no component").unwrap();
    let why = desk.refused(&format!("publish reader.wasm 127.0.0.1:{port}/lab/score:1"));
    assert!(why.contains("does not begin as WebAssembly does"), "{why}");
}
