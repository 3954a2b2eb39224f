//! How the server is set up, as FATE's clients ask for it: defaults of jobs, addresses, switches. Never a secret. Not
//! for: versions (`info`).

use axum::{
    extract::{Path, rejection::PathRejection},
    http::{HeaderMap, header},
};
use parcae_api::{node::version_of, retcode, site::job_default_config};
use serde_json::{Map, Value, json};

use crate::{
    answer::{Answer, Handled, Refusal},
    state::{App, Options},
};

/// A name in a path, which may be no text.
pub(crate) type Named = Result<Path<String>, PathRejection>;

/// The name; one that is no text is nobody's.
pub(crate) fn name_of(path: Named) -> String {
    path.map(|Path(name)| name).unwrap_or_default()
}

/// FATE-Flow reads its files again; a node does that when it starts.
pub(crate) async fn reload() -> Handled {
    let data = json!({"job_default_config": job_default_config(), "server_registry": null});
    let text = "success: nothing was read again, for a node reads its configuration when it starts";
    Answer::data(data).map(|answer| answer.message(text))
}

/// Defaults of jobs.
pub(crate) async fn job_defaults() -> Handled {
    Answer::data(job_default_config())
}

/// All sections.
pub(crate) async fn sections(app: App, headers: HeaderMap) -> Handled {
    Answer::data(sections_of(&app.options, &headers))
}

/// One section; an unknown one is nothing.
pub(crate) async fn section(app: App, name: Named, headers: HeaderMap) -> Handled {
    let mut sections = sections_of(&app.options, &headers);
    Answer::data(sections.remove(&name_of(name).to_uppercase()).unwrap_or(Value::Null))
}

/// Other servers are not called, so that none can be registered.
pub(crate) async fn register() -> Refusal {
    let text = "servers of others cannot be registered with this node: it calls none";
    Refusal::code(retcode::OPERATING_ERROR, text)
}

/// The servers that share the work: this one.
pub(crate) async fn servers(app: App, headers: HeaderMap) -> Handled {
    let (host, port) = address(&app.options, &headers);
    let opened_ms = app.ask(|node| Ok(node.resources()?.opened_ms)).await?;
    let id = format!("{host}:{port}");
    let instance = json!({
        "instance_id": id, "timestamp": opened_ms, "version": flow_version(), "host": host, "http_port": port,
        "grpc_port": null,
    });
    Answer::data(Map::from_iter([(id, instance)]))
}

/// Address and version. A node has no gRPC, and parties belong to jobs, not to it.
pub(crate) async fn common(app: App, headers: HeaderMap) -> Handled {
    let (host, port) = address(&app.options, &headers);
    Answer::data(json!({
        "version": flow_version(), "host": host, "http_port": port, "grpc_port": null, "party_id": null,
    }))
}

/// Where jobs are watched: at the node itself.
pub(crate) async fn board(app: App, headers: HeaderMap) -> Handled {
    let (host, port) = address(&app.options, &headers);
    Answer::data(json!({"host": host, "port": port}))
}

/// As a standalone FATE-Flow says it.
pub(crate) async fn eggroll() -> Refusal {
    Refusal::status(404, "there is no eggroll: this node computes by itself")
}

/// As a standalone FATE-Flow says it.
pub(crate) async fn mysql() -> Refusal {
    Refusal::status(404, "there is no MySQL: this node keeps what it knows in a file of its own")
}

/// All parties of a job are on this node.
pub(crate) async fn party() -> Refusal {
    Refusal::status(404, "there are no routes to other sites: all parties of a job are on this node")
}

fn flow_version() -> String {
    version_of("FATEFlow").and_then(|mut versions| versions.remove("FATEFlow")).unwrap_or_default()
}

/// The sections of FATE's service configuration that mean something here.
fn sections_of(options: &Options, headers: &HeaderMap) -> Map<String, Value> {
    let (host, port) = address(options, headers);
    let has_clients = options.accounts || !options.clients.is_empty();
    let sections = [
        ("FATEFLOW", json!({"host": host, "http_port": port, "grpc_port": null})),
        ("FATEBOARD", json!({"host": host, "port": port})),
        ("AUTHENTICATION", json!({"client": {"switch": has_clients}, "site": {"switch": false}})),
        ("PERMISSION", json!({"switch": false, "component": false, "dataset": false})),
    ];
    sections.into_iter().map(|(name, section)| (name.to_owned(), section)).collect()
}

/// Host and port under which the node is reached: as it is configured, or as the request came.
fn address(options: &Options, headers: &HeaderMap) -> (String, u16) {
    let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let url = options.public_url.as_deref().unwrap_or(asked);
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let authority = rest.split('/').next().unwrap_or_default();
    let default = if scheme == "https" { 443 } else { 80 };
    match authority.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?))) {
        Some((host, port)) => (host.to_owned(), port),
        None => (authority.to_owned(), default),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use parcae_api::signature::Secret;

    use super::*;

    fn of(public_url: Option<&str>, host: &'static str) -> (String, u16) {
        let options = Options { public_url: public_url.map(str::to_owned), ..Options::default() };
        address(&options, &HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]))
    }

    #[test]
    fn addresses_are_taken_apart() {
        assert_eq!(of(None, "127.0.0.1:9380"), ("127.0.0.1".into(), 9380));
        assert_eq!(of(None, "fate"), ("fate".into(), 80));
        assert_eq!(of(None, "[::1]:9380"), ("[::1]".into(), 9380));
        assert_eq!(of(None, "[::1]"), ("[::1]".into(), 80));
        assert_eq!(of(Some("https://fate.example/a"), "127.0.0.1:9380"), ("fate.example".into(), 443));
        assert_eq!(of(Some("http://fate.example:8080"), "x"), ("fate.example".into(), 8080));
    }

    #[test]
    fn sections_have_no_secret() {
        let clients = BTreeMap::from([("app".to_owned(), Secret::new("hush").into())]);
        let options = Options { clients, ..Options::default() };
        let sections = sections_of(&options, &HeaderMap::new());
        assert_eq!(sections["AUTHENTICATION"]["client"], json!({"switch": true}));
        let text = format!("{sections:?} {options:?}");
        assert!(!text.contains("hush"), "{text}");
    }
}
