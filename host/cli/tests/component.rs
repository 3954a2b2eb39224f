//! What an author of a component types, from an idea to a run: `parcae component new`, `build`, `check` and `run`, with
//! the binary as they have it. Not for: the parts behind it (their own tests), components in other languages than Rust
//! (`languages`).
//!
//! The project in Rust is built with the versions of this repository's lock file, without the network.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Runs the command line in a folder.
fn parcae(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parcae"));
    command.current_dir(folder).args(arguments);
    // What is built once is there the next time.
    command.env("CARGO_TARGET_DIR", kept().join("project")).env("CARGO_NET_OFFLINE", "true");
    command.env("XDG_CACHE_HOME", kept().join("cache"));
    command.output().unwrap()
}

/// A folder below the target folder, for what is worth keeping from one run of the tests to the next.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("component")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a command says that must end with a code, as JSON.
fn said(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{}\n{}", stdout(output), stderr(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn a_project_is_written_in_every_language() {
    let home = TempDir::new().unwrap();
    let sources = [("rust", "src/lib.rs"), ("python", "src/app.py"), ("js", "src/app.js"), ("c", "src/app.c")];
    for (language, file) in sources {
        let name = format!("row_counts_{language}");
        let made = said(&parcae(home.path(), &["component", "new", &name, "--lang", language, "--json"]), 0);
        let folder = home.path().join(&name);
        for wanted in [file, "case.json", "guest.csv", "host.csv", "README.md", ".gitignore", "wit/component.wit"] {
            assert!(folder.join(wanted).is_file(), "{language} lacks {wanted}: {made}");
        }
        for path in files(&folder) {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            for placeholder in ["{{name}}", "{{Module}}", "{{sdk}}", "{{version}}"] {
                assert!(!text.contains(placeholder), "{} holds {placeholder}", path.display());
            }
            let path = path.strip_prefix(&folder).unwrap().display().to_string();
            assert!(!path.split('/').any(|part| part.starts_with('_')), "{path}");
        }
        let case: Value = serde_json::from_slice(&fs::read(folder.join("case.json")).unwrap()).unwrap();
        assert_eq!(case["module"], made["module"]);
        assert!(fs::read_to_string(folder.join(file)).unwrap().contains(&name));
        let commands = made["next"].as_array().unwrap();
        assert!(commands.iter().any(|command| command == "parcae component build"), "{made}");
    }
}

#[test]
fn nothing_is_written_over_and_names_are_checked() {
    let home = TempDir::new().unwrap();
    fs::create_dir(home.path().join("full")).unwrap();
    fs::write(home.path().join("full/mine.txt"), "mine").unwrap();
    let cases: [(&[&str], &str); 7] = [
        (&["full", "--lang", "c"], "is not empty; name a folder that is new or empty"),
        (&["score", "--lang", "c", "--dir", "full/mine.txt"], "full/mine.txt"),
        (&["Credit-Score", "--lang", "js"], "lower case letters"),
        (&["../score", "--lang", "js"], "lower case letters"),
        (&["reader", "--lang", "rust"], "every node has a component of that name"),
        (&["score", "--lang", "cobol"], "rust, python, js, c"),
        (&["score"], "--lang"),
    ];
    for (arguments, why) in cases {
        let typed: Vec<&str> = ["component", "new"].iter().chain(arguments).copied().collect();
        let output = parcae(home.path(), &typed);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(why), "{arguments:?}: {}", stderr(&output));
    }
    assert_eq!(files(home.path()).len(), 1);
}

#[test]
fn what_is_no_component_is_refused_in_the_words_of_a_node() {
    let home = TempDir::new().unwrap();
    let core = b"\0asm\x01\0\0\0".as_slice();
    let component = b"\0asm\x0d\0\x01\0".as_slice();
    let truncated = &parcae_catalog::get("reader").unwrap()[..5000];
    let mut broken = parcae_catalog::get("reader").unwrap().to_vec();
    let middle = broken.len() / 2;
    broken[middle..middle + 64].fill(0xff);
    let wat = b"(module)".as_slice();
    let cases: [(&str, &[u8], &str); 10] = [
        ("empty", b"", "does not begin as WebAssembly does"),
        ("text", b"hello", "does not begin as WebAssembly does"),
        ("wat", wat, "give the .wasm file that the build made"),
        ("elf", b"\x7fELF\x02\x01", "does not begin as WebAssembly does"),
        ("core", core, "it is a core module"),
        ("nothing", component, "it lacks describe and run; it exports nothing"),
        ("truncated", truncated, "not a WebAssembly component that this node can run"),
        ("broken", &broken, "not a WebAssembly component that this node can run"),
        ("version", b"\0asm\x63\0\x63\0", "not a WebAssembly component that this node can run"),
        ("half", b"\0asm\x0d", "not a WebAssembly component that this node can run"),
    ];
    for (name, bytes, why) in cases {
        let file = home.path().join(name);
        fs::write(&file, bytes).unwrap();
        let output = parcae(home.path(), &["component", "check", name]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", stdout(&output));
        assert!(stderr(&output).contains(why), "{name}: {}", stderr(&output));
    }
    let output = parcae(home.path(), &["component", "check", "no.wasm"]);
    assert!(stderr(&output).contains("component no.wasm"), "{}", stderr(&output));
    // Reading them would never end, or need as much memory as there is.
    fs::create_dir(home.path().join("folder")).unwrap();
    let large = fs::File::create(home.path().join("large")).unwrap();
    large.set_len((64 << 20) + 1).unwrap();
    let mut cases = vec![("folder", "component folder: it is no file"), ("large", "67108865 bytes, 67108864 are")];
    if cfg!(unix) {
        cases.push(("/dev/zero", "component /dev/zero: it is no file; give the .wasm file that the build made"));
    }
    for (name, why) in cases {
        let output = parcae(home.path(), &["component", "check", name]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", stdout(&output));
        assert!(stderr(&output).contains(why), "{name}: {}", stderr(&output));
    }
}

#[test]
fn compiled_code_is_kept_for_the_next_command() {
    let home = TempDir::new().unwrap();
    let reader = home.path().join("reader.wasm");
    fs::write(&reader, parcae_catalog::get("reader").unwrap()).unwrap();
    let docs = |cache: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parcae"));
        command.args(["component", "docs"]).arg(&reader).env("XDG_CACHE_HOME", cache);
        let output = command.output().unwrap();
        assert!(stdout(&output).starts_with("# reader "), "{}{}", stdout(&output), stderr(&output));
    };
    let kept = || {
        let age = |path: PathBuf| (fs::metadata(&path).unwrap().modified().unwrap(), path);
        files(&home.path().join("cache/parcae")).into_iter().map(age).collect::<BTreeSet<_>>()
    };
    docs(&home.path().join("cache"));
    let first = kept();
    assert_eq!(first.len(), 2, "the code and a key: {first:?}");
    docs(&home.path().join("cache"));
    assert_eq!(kept(), first);
    // No folder can be made in a file: all is compiled anew.
    docs(&reader);
}

#[test]
fn a_folder_without_a_project_is_told_so() {
    let home = TempDir::new().unwrap();
    let output = parcae(home.path(), &["component", "build"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("`parcae component new` makes one"), "{}", stderr(&output));
    fs::write(home.path().join("Cargo.toml"), "[package]\nname = \"x\"\n[workspace]\n").unwrap();
    let output = parcae(home.path(), &["component", "build"]);
    assert_eq!(output.status.code(), Some(1));
    let all = stderr(&output);
    let (cargo, ours) = all.split_once("cargo build --release --target wasm32-wasip2 failed").expect(&all);
    // What cargo says is shown as it comes, and not again.
    assert!(cargo.contains("no targets specified") && !ours.contains("no targets specified"), "{all}");
    // A machine gets it all in one piece.
    let all = stderr(&parcae(home.path(), &["--json", "component", "build"]));
    let error: Value = serde_json::from_str(&all).expect(&all);
    assert!(error["error"].as_str().unwrap().contains("no targets specified"), "{all}");
}

#[test]
fn what_a_build_script_says_is_shown_as_it_comes() {
    let home = TempDir::new().unwrap();
    fs::create_dir(home.path().join("src")).unwrap();
    fs::write(home.path().join("src/app.c"), "").unwrap();
    fs::write(home.path().join("build.sh"), "echo fetching; echo a warning >&2\n").unwrap();
    let output = parcae(home.path(), &["component", "build"]);
    assert_eq!(output.status.code(), Some(1));
    // Nothing failed, and yet it is there; results only go to the standard output.
    assert!(output.stdout.is_empty(), "{output:?}");
    let all = stderr(&output);
    let (script, ours) = all.split_once("parcae: ").expect(&all);
    assert!(script.ends_with("fetching\na warning\n") && ours.contains("left no .wasm in"), "{all}");
    // A machine gets one piece of JSON.
    let all = stderr(&parcae(home.path(), &["--json", "component", "build"]));
    let error: Value = serde_json::from_str(&all).expect(&all);
    assert!(error["error"].as_str().unwrap().contains("left no .wasm in"), "{all}");
}

/// A project in Rust that has been built, always in the same place: cargo tells projects apart by their folders.
struct Project {
    folder: PathBuf,
}

impl Project {
    fn built() -> Project {
        let folder = kept().join("row_counts");
        // There is none the first time.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(kept()).unwrap();
        said(&parcae(&kept(), &["component", "new", "row_counts", "--lang", "rust", "--json"]), 0);
        let built = said(&parcae(&folder, &["component", "build", "--json"]), 0);
        assert_eq!(built["wasm"], "./dist/row_counts.wasm");
        assert_eq!(built["descriptor"]["modules"][0]["name"], "RowCounts");
        Project { folder }
    }

    /// Writes the case with changes.
    fn case(&self, name: &str, changes: Value) {
        let text = fs::read(self.folder.join("case.json")).unwrap();
        let mut case: Value = serde_json::from_slice(&text).unwrap();
        for (key, value) in changes.as_object().unwrap() {
            case[key] = value.clone();
        }
        fs::write(self.folder.join(name), case.to_string()).unwrap();
    }

    fn run(&self, case: &str, more: &[&str]) -> Output {
        let cache = kept().join("compiled").display().to_string();
        let run = ["component", "run", "dist/row_counts.wasm", "--case", case, "--cache", &cache];
        parcae(&self.folder, &run.iter().chain(more).copied().collect::<Vec<_>>())
    }
}

/// The module at one party.
fn at<'a>(account: &'a Value, party: &str) -> &'a Value {
    account["parties"].as_array().unwrap().iter().find(|one| one["party"] == party).unwrap()
}

#[test]
fn from_nothing_to_a_job_with_and_without_faults() {
    let project = Project::built();
    check_a_good_run(&project);
    check_the_text(&project);
    check_bad_cases(&project);
    check_faults(&project);
}

fn check_a_good_run(project: &Project) {
    let account = said(&project.run("case.json", &["--json"]), 0);
    assert_eq!(account["status"], "success", "{account}");
    let guest = at(&account, "guest/9999");
    assert_eq!(guest["summary"], json!({"rows": {"guest_9999": 5, "host_10000": 4}}), "{account}");
    assert_eq!(guest["metrics"][0]["points"], json!([["guest_9999", 5.0], ["host_10000", 4.0]]));
    assert_eq!((&guest["outputs"][0]["name"], &guest["outputs"][0]["rows"]), (&json!("data"), &json!(5)));
    assert_eq!(guest["outputs"][0]["first_rows"].as_array().unwrap().len(), 5);
    let lines = guest["log"].as_array().unwrap();
    assert!(lines.iter().any(|line| line["text"].as_str().unwrap().starts_with("rows: ")), "{account}");
    assert!(!lines.iter().any(|line| line["text"].as_str().unwrap().contains("attempt ended")), "{account}");
    for party in ["guest/9999", "host/10000"] {
        let one = at(&account, party);
        assert_eq!(one["status"], "success");
        assert!(one["peak_memory_bytes"].as_u64().unwrap() >= 65_536, "{account}");
        assert!(one["time_ms"].is_u64() && one["waited_ms"].is_u64(), "{account}");
    }
    let edges = account["edges"].as_array().unwrap();
    assert_eq!(edges.len(), 2, "{account}");
    for edge in edges {
        assert_eq!((&edge["messages"], &edge["bytes"]), (&json!(1), &json!(8)), "{account}");
    }
}

fn check_the_text(project: &Project) {
    let output = project.run("case.json", &[]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}\n{}", stderr(&output));
    for part in [
        "RowCounts of row_counts 0.1.0",
        "guest/9999 -> host/10000  1 message",
        "info     rows: ",
        "metric   row_counts.rows (ROWS): guest_9999 = 5.0, host_10000 = 4.0",
        "output   data: 5 rows",
        "waiting for messages",
        "of memory",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
    assert!(!project.run("case.json", &["--level", "error"]).stdout.windows(6).any(|part| part == b"info  "));
}

fn check_bad_cases(project: &Project) {
    project.case("raw.json", json!({"transform": false}));
    let account = said(&project.run("raw.json", &["--json"]), 0);
    let columns = at(&account, "guest/9999")["outputs"][0]["columns"].as_array().unwrap().len();
    assert_eq!(columns, 2, "a key and a line: {account}");
    project.case("strict.json", json!({"parameters": {"minimum": 5}}));
    let account = said(&project.run("strict.json", &["--json"]), 1);
    assert_eq!(account["status"], "failed");
    let failures = account["failures"].to_string();
    assert!(failures.contains("host_10000 has 4 rows, parameter minimum asks for 5"), "{failures}");
    for (name, changes, code, why) in [
        ("a.json", json!({"module": "Other"}), 2, "which offers RowCounts"),
        ("b.json", json!({"inputs": {"guest": {"data": "guest.csv"}}}), 2, "host/10000 has no file for port data"),
        ("c.json", json!({"inputs": {"guest": {"dat": "guest.csv"}, "host": {"dat": "host.csv"}}}), 2, "mean data?"),
        ("d.json", json!({"parameters": {"minimun": 5}}), 2, "minimun"),
        ("e.json", json!({"parameter": {}}), 2, "did you mean parameters?"),
        ("f.json", json!({"roles": {"guest": [9999]}}), 2, "no party in this role"),
        ("g.json", json!({"inputs": {"guest": {"data": "no.csv"}, "host": {"data": "host.csv"}}}), 2, "no file"),
    ] {
        project.case(name, changes);
        let output = project.run(name, &[]);
        assert_eq!(output.status.code(), Some(code), "{name}: {}", stderr(&output));
        assert!(stderr(&output).contains(why), "{name}: {}", stderr(&output));
    }
}

fn check_faults(project: &Project) {
    let with = |fault: &str, code: i32| said(&project.run("case.json", &["--json", "--fault", fault]), code);
    let dropped = with("drop:1", 1);
    assert_eq!(dropped["status"], "failed", "{dropped}");
    assert!(dropped["fault"]["hit"].as_str().unwrap().contains("\"rows\""), "{dropped}");
    let failures = dropped["failures"].to_string();
    let words = ["ended without sending", "peer deadline of 5 s passed"];
    assert!(words.iter().any(|words| failures.contains(words)), "{failures}");
    let twice = with("duplicate", 0);
    assert!(twice["status"] == "success" && twice["fault"]["hit"].is_string(), "{twice}");
    let late = with("delay:300", 0);
    let waited = |party: &str| at(&late, party)["waited_ms"].as_u64().unwrap();
    assert!(waited("guest/9999").max(waited("host/10000")) >= 200, "{late}");
    let stopped = with("stop:1", 1);
    assert_eq!(stopped["status"], "canceled", "{stopped}");
    let endless = project.run("case.json", &["--json", "--fault", "delay:60000", "--run-seconds", "5"]);
    let endless = said(&endless, 1);
    assert!(endless["failures"].to_string().contains("run deadline of 5 s"), "{endless}");
    let beyond = with("drop:99", 0);
    assert_eq!(beyond["fault"], json!({"fault": "drop:99", "hit": null}), "{beyond}");
}
