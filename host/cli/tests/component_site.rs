//! What is typed about the components of a node: `parcae component push`, `list`, `grant` and `remove`, with the binary
//! against a node in a process of its own. Not for: components on one's own machine (`component`), registries (`oci`).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A node in a process of its own, with its folder.
struct Node {
    child: Child,
    url: String,
    folder: TempDir,
}

impl Drop for Node {
    fn drop(&mut self) {
        // One that has ended already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Node {
    fn start() -> Node {
        Node::with("")
    }

    fn with(config: &str) -> Node {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("node.toml");
        fs::write(&file, config).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_parcae"))
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("data"))
            .arg("--config")
            .arg(file)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = serde_json::Deserializer::from_reader(child.stdout.take().unwrap()).into_iter::<Value>();
        let url = said.next().unwrap().unwrap()["url"].as_str().unwrap().to_owned();
        fs::write(folder.path().join("probe.wasm"), parcae_catalog::get("probe").unwrap()).unwrap();
        Node { child, url, folder }
    }

    fn type_in(&self, arguments: &[&str]) -> Output {
        typed(self.folder.path(), &self.url, arguments)
    }

    /// What a command says to machines that must end well.
    #[track_caller]
    fn said(&self, arguments: &[&str]) -> Value {
        let output = self.type_in(&[arguments, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What a command says to people that must end well.
    #[track_caller]
    fn shown(&self, arguments: &[&str]) -> String {
        let output = self.type_in(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Why a command does not do what it is asked.
    #[track_caller]
    fn refused(&self, arguments: &[&str], code: i32) -> String {
        let output = self.type_in(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{arguments:?}");
        stderr(&output)
    }
}

fn typed(folder: &Path, url: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parcae"));
    command.current_dir(folder).arg("component").args(arguments).args(["--server", url]);
    for name in ["PARCAE_APP_KEY", "PARCAE_SECRET_KEY", "PARCAE_API_KEY"] {
        command.env_remove(name);
    }
    command.output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A module of a component that was told of.
fn module<'a>(row: &'a Value, name: &str) -> &'a Value {
    row["modules"].as_array().unwrap().iter().find(|module| module["name"] == name).unwrap()
}

/// The line of a component among those that are listed.
fn line(listed: &str, name: &str) -> Option<String> {
    let mut lines = listed.lines().filter(|line| line.split_whitespace().next() == Some(name));
    lines.next().map(str::to_owned)
}

#[test]
fn a_component_is_pushed_granted_listed_and_removed() {
    let node = Node::start();
    let built_in = node.shown(&["list"]);
    let head: Vec<&str> = built_in.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["NAME", "VERSION", "DIGEST", "FROM", "KIB", "MODULES", "GRANTED", "MISSING"]);
    let reader = line(&built_in, "reader").unwrap();
    assert!(reader.contains("builtin") && reader.ends_with("Reader=open-table"), "{reader}");
    assert_eq!(line(&built_in, "probe"), None);

    let shown = node.shown(&["push", "probe.wasm", "--grant", "ProbeExport=export-file"]);
    assert!(shown.starts_with("probe 0.1.0 is there, compiled in "), "{shown}");
    for words in ["granted export-file", "asks for scratch, message-volume; ", "`parcae component grant "] {
        assert!(shown.contains(words), "{words:?}: {shown}");
    }
    let again = node.said(&["push", "probe.wasm"]);
    assert_eq!((&again["name"], &again["origin"]), (&json!("probe"), &json!("pushed")));
    assert_eq!(module(&again, "ProbeExport")["granted"], json!(["export-file"]), "a second push takes nothing back");
    assert!(node.shown(&["push", "probe.wasm"]).starts_with("probe 0.1.0 was there"));

    let digest = again["digest"].as_str().unwrap();
    let some = node.said(&["grant", &digest[..12], "ProbeScratch=scratch"]);
    let scratch = module(&some, "ProbeScratch");
    assert_eq!((&scratch["granted"], &scratch["missing"]), (&json!(["scratch"]), &json!(["message-volume"])));
    let listed = line(&node.shown(&["list"]), "probe").unwrap();
    let listed = listed.split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted = "ProbeExport=export-file ProbeScratch=scratch ProbeScratch=message-volume";
    assert!(listed.contains("pushed") && listed.ends_with(wanted), "{listed}");
    let all = ["grant", "probe:0.1.0", "ProbeScratch=scratch", "ProbeScratch=message-volume", "ProbeExport="];
    let all = node.said(&all);
    assert_eq!(module(&all, "ProbeScratch")["missing"], json!([]));
    assert_eq!(module(&all, "ProbeExport")["missing"], json!(["export-file"]), "nothing after the = takes it back");

    assert_eq!(node.shown(&["remove", "probe:0.1.0"]), "probe 0.1.0 is removed\n");
    assert_eq!(line(&node.shown(&["list"]), "probe"), None);
    assert!(node.refused(&["remove", "probe:0.1.0"], 1).contains("there is no component \"probe:0.1.0\""));
}

#[test]
fn parties_that_do_not_take_a_component_are_told() {
    let node = Node::with("[components_policy.parties.10000]\nunsigned = false");
    let wanted = "not taken by party 10000: components_policy.parties.10000, rule unsigned";
    let pushed = node.shown(&["push", "probe.wasm"]);
    assert!(pushed.contains(wanted), "{pushed}");
    let listed = node.shown(&["list"]);
    assert!(listed.contains("probe:0.1.0 is not taken by party 10000: components_policy"), "{listed}");
    let rows = node.said(&["list"]);
    let probe = rows.as_array().unwrap().iter().find(|row| row["name"] == "probe").unwrap();
    assert!(probe["refused_by"]["10000"].as_str().unwrap().contains("rule unsigned"), "{probe}");
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let node = Node::start();
    fs::write(node.folder.path().join("text.wasm"), "(component)").unwrap();
    node.said(&["push", "probe.wasm"]);
    let cases: [(&[&str], i32, &str); 15] = [
        (&["push", "gone.wasm"], 1, "component gone.wasm: No such file"),
        (&["push", "text.wasm"], 1, "it does not begin as WebAssembly does"),
        (&["push", "probe.wasm", "--signature", "gone.sig"], 1, "signature gone.sig"),
        (&["push", "probe.wasm", "--grant", "Probe"], 2, "expected MODULE=GRANT"),
        (&["push", "probe.wasm", "--grant", "ProbeExport=network"], 1, "there is no grant \"network\"; there are"),
        (&["push", "probe.wasm", "--grant", "ProbeExport=clock"], 1, "is there now, but --grant failed: "),
        (&["grant", "score:0.1.0", "Score=clock"], 1, "there is no component \"score:0.1.0\""),
        (&["grant", "probe:0.1.0", "Score=clock"], 1, "probe:0.1.0 has no module \"Score\"; it has Probe, "),
        (&["grant", "probe:0.1.0", "Probe=clock"], 1, "module Probe does not ask for clock; it asks for nothing"),
        (&["grant", "reader:0.1.0", "Reader=open-table"], 1, "stand under [grants] of the configuration"),
        // What could be given is not given, either.
        (&["grant", "probe:0.1.0", "ProbeScratch=scratch", "Probe=clock"], 1, "Probe does not ask for clock"),
        (&["grant", "probe:0.1.0", "ProbeScratch=scratch", "Score=clock"], 1, "has no module \"Score\""),
        (&["push", "probe.wasm", "--grant", "ProbeScratch=scratch", "--grant", "Probe=fly"], 1, "there is no grant"),
        (&["grant", "probe:0.1.0"], 2, "MODULE=GRANT"),
        (&["remove", "reader"], 1, "built-in components cannot be removed"),
    ];
    for (arguments, code, words) in cases {
        let said = node.refused(arguments, code);
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
    let json = node.refused(&["remove", "score", "--json"], 1);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert!(json["error"].as_str().unwrap().contains("name one by digest, 12 or more digits"), "{json}");
    let probe = line(&node.shown(&["list"]), "probe").unwrap();
    let missing = "ProbeExport=export-file ProbeScratch=scratch,message-volume";
    assert!(probe.ends_with(missing) && probe.matches('=').count() == 2, "nothing was granted: {probe}");
}

#[test]
fn a_node_that_is_not_there_is_told_of() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("x.wasm"), "x").unwrap();
    // Nobody listens there any more.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let commands: [&[&str]; 4] = [&["list"], &["push", "x.wasm"], &["grant", "a:1", "A=clock"], &["remove", "a:1"]];
    for command in commands {
        let output = typed(folder.path(), &format!("http://{free}"), command);
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        let said = stderr(&output);
        assert!(said.contains("no node answers at") && said.contains("start one with `parcae serve`"), "{said}");
        let output = typed(folder.path(), "ftp://127.0.0.1:1", command);
        assert_eq!(output.status.code(), Some(2), "{command:?}");
        assert!(stderr(&output).contains("must begin with http:// or https://"), "{}", stderr(&output));
    }
}
