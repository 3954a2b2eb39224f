//! `parcae tenant` with the binary as operators have it: the first key before any node has run, what is shown once,
//! what is refused, and that a node asks for the key. Not for: keys over HTTP (`tests/suite/accounts`).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Runs `parcae tenant` on a data folder; nothing of the environment says who one is.
fn tenant(data: &Path, typed: &[&str]) -> Output {
    let mut command = parcae();
    command.arg("tenant").args(typed).arg("--data").arg(data).output().unwrap()
}

fn parcae() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parcae"));
    for name in ["PARCAE_API_KEY", "PARCAE_APP_KEY", "PARCAE_SECRET_KEY"] {
        command.env_remove(name);
    }
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a command prints as JSON that must succeed.
#[track_caller]
fn said(output: &Output) -> Value {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Words of a refusal that is the typist's fault.
#[track_caller]
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stderr)
}

#[test]
fn tenants_and_keys_are_made_without_a_node() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("data");
    let words = refused(&tenant(&data, &["list"]));
    assert!(words.contains("is no data folder of a node: name it with --data"), "{words}");
    assert!(!data.exists(), "looking makes nothing");
    assert_eq!(said(&tenant(&data, &["create", "bank", "--json"]))["name"], "bank");
    assert!(refused(&tenant(&data, &["create", "bank"])).contains("is there already"));
    let typed = ["key", "bank", "--scope", "read", "--label", "nightly", "--expires", "90d", "--json"];
    let made = said(&tenant(&data, &typed));
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert!(secret.starts_with(&format!("parcae_{id}_")) && made["expires"].is_i64(), "{made}");
    let shown = tenant(&data, &["key", "bank"]);
    let shown = text(&shown.stdout);
    assert!(shown.contains("Authorization: Bearer parcae_") && shown.contains("scope submit"), "{shown}");
    let signing = text(&tenant(&data, &["key", "default", "--signing", "--scope", "admin"]).stdout);
    assert!(signing.contains("flow init") && signing.contains("--app-key") && signing.contains("PARCAE_SECRET_KEY"));
    let keys = said(&tenant(&data, &["keys", "bank", "--json"]));
    assert_eq!(keys.as_array().unwrap().len(), 2);
    assert!(keys[0]["label"] == "nightly" && !keys.to_string().contains(&secret[20..]), "{keys}");
    assert_eq!(said(&tenant(&data, &["revoke", id, "--json"]))["id"], id);
    assert!(refused(&tenant(&data, &["revoke", id])).contains("was revoked before"));
    assert!(refused(&tenant(&data, &["revoke", "nobody"])).contains("there is no key"));
    assert!(text(&tenant(&data, &["keys", "bank"]).stdout).contains("revoked"));
}

#[test]
fn numbers_of_a_tenant_are_changed_and_shown() {
    let home = TempDir::new().unwrap();
    let data = home.path();
    said(&tenant(data, &["create", "bank", "--json"]));
    let quota = |typed: &[&str]| tenant(data, &[&["quota", "bank"][..], typed].concat());
    let both = said(&quota(&["queued_jobs=5", "images=2", "--json"]));
    assert_eq!(both["quotas"], json!({"queued_jobs": 5, "images": 2}));
    assert_eq!(said(&quota(&["images=none", "--json"]))["quotas"], json!({"queued_jobs": 5}));
    assert!(text(&quota(&[]).stdout).contains("quotas of tenant bank: queued_jobs=5"));
    let words = refused(&quota(&["queud_jobs=5"]));
    assert!(words.contains("no such quota; did you mean queued_jobs?"), "{words}");
    assert!(refused(&quota(&["images"])).contains("NAME=NUMBER"));
    let limits = said(&tenant(data, &["limit", "bank", "memory_bytes=1000000", "--json"]));
    assert_eq!(limits["limits"], json!({"memory_bytes": 1_000_000}));
    assert!(refused(&tenant(data, &["limit", "bank", "memory_byte=1"])).contains("did you mean memory_bytes?"));
    assert_eq!(said(&tenant(data, &["disable", "bank", "--json"]))["disabled"], true);
    assert!(text(&tenant(data, &["list"]).stdout).contains("disabled"));
    assert_eq!(said(&tenant(data, &["enable", "bank", "--json"]))["disabled"], false);
    for wrong in [["disable", "shop"], ["keys", "shop"], ["key", "shop"], ["create", "Big Bank"]] {
        refused(&tenant(data, &wrong));
    }
}

/// A node that is killed when this is dropped.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start(data: &Path) -> Served {
        let mut command = parcae();
        command.args(["serve", "--listen", "127.0.0.1:0", "--json", "--data"]).arg(data);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        // The answer is one JSON object over several lines.
        while serde_json::from_str::<Value>(&printed).is_err() {
            assert!(lines.read_line(&mut printed).unwrap() > 0, "the node ended: {printed}");
        }
        let url = serde_json::from_str::<Value>(&printed).unwrap()["url"].as_str().unwrap().to_owned();
        std::thread::spawn(move || lines.read_to_string(&mut String::new()));
        Served { child, url }
    }

    fn ask(&self, key: Option<&str>) -> Output {
        let mut command = parcae();
        command.args(["component", "list", "--json", "--server", &self.url]);
        command.envs(key.map(|key| ("PARCAE_API_KEY", key))).output().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_node_that_runs_hears_of_keys_at_once() {
    let home = TempDir::new().unwrap();
    let served = Served::start(home.path());
    assert!(said(&served.ask(None)).is_array());
    let made = said(&tenant(home.path(), &["key", "default", "--scope", "read", "--json"]));
    let key = made["secret"].as_str().unwrap();
    let stranger = served.ask(None);
    assert!(!stranger.status.success() && text(&stranger.stderr).contains("retcode 109"), "{}", text(&stranger.stderr));
    assert!(said(&served.ask(Some(key))).is_array());
    said(&tenant(home.path(), &["revoke", made["id"].as_str().unwrap(), "--json"]));
    assert!(text(&served.ask(Some(key)).stderr).contains("the key was revoked"));
}

#[test]
fn a_node_that_others_reach_has_keys_first() {
    let home = TempDir::new().unwrap();
    let serve = || parcae().args(["serve", "--listen", "0.0.0.0:0", "--data"]).arg(home.path()).output().unwrap();
    let words = refused(&serve());
    assert!(words.contains("parcae tenant key") && words.contains("allow_open"), "{words}");
}
