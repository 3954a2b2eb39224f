//! The rules of the house, as ARCHITECTURE.md states them: who may import whom, how long a file may be, and that each says
//! what it is for.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use parcae_domain::grant::Grant;

/// Crate -> the crates of ours that it may import. What is missing may import anything.
const IMPORTS: [(&str, &[&str]); 15] = [
    ("host/domain", &[]),
    ("host/dsl", &["domain"]),
    ("host/scheduler", &["domain"]),
    ("host/metadata", &["domain"]),
    ("host/tables", &["domain"]),
    ("host/logs", &["domain"]),
    ("host/crypto", &[]),
    ("host/federation", &["domain"]),
    ("host/runtime", &["domain", "crypto"]),
    ("host/node", &["domain", "dsl", "scheduler", "metadata", "tables", "logs"]),
    ("host/api", &["domain"]),
    ("host/board", &["domain", "node"]),
    ("host/server", &["domain", "api", "board", "node", "tables", "logs"]),
    ("components/sdk", &[]),
    ("components/catalog", &[]),
];

/// Crates of others that stand in one manifest under `host/` only, and where.
const FENCED: [(&str, &str); 8] = [
    ("rusqlite", "host/metadata"),
    ("wasmtime", "host/runtime"),
    ("wasmtime-wasi", "host/runtime"),
    ("axum", "host/server"),
    ("maud", "host/board"),
    ("clap", "host/cli"),
    ("rustls", "host/cli"),
    ("aws-lc-sys", "host/crypto"),
];

/// Lines of a file of code, its tests apart.
const LONGEST: usize = 400;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Names of the dependencies in a manifest's `[dependencies]`.
fn dependencies(manifest: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(manifest).unwrap();
    let section = text.split("\n[").find(|s| s.starts_with("dependencies]")).unwrap_or_default();
    let names = section.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name.trim().to_owned());
    names.collect()
}

fn crates(folder: &str) -> Vec<String> {
    let found = fs::read_dir(root().join(folder)).unwrap().flatten();
    let found = found.filter(|f| f.path().join("Cargo.toml").exists());
    found.map(|f| format!("{folder}/{}", f.file_name().to_string_lossy())).collect()
}

#[test]
fn crates_import_only_what_they_may() {
    for (krate, allowed) in IMPORTS {
        for name in dependencies(&root().join(krate).join("Cargo.toml")) {
            let Some(ours) = name.strip_prefix("parcae-") else { continue };
            assert!(allowed.contains(&ours), "{krate} imports {ours}; ARCHITECTURE.md allows it {allowed:?}");
        }
    }
    for krate in crates("components") {
        for name in dependencies(&root().join(&krate).join("Cargo.toml")) {
            let Some(ours) = name.strip_prefix("parcae-") else { continue };
            assert_eq!(ours, "sdk", "{krate} may import only the SDK");
        }
    }
}

#[test]
fn heavy_dependencies_stand_in_one_crate() {
    for (dependency, home) in FENCED {
        for krate in crates("host") {
            let has = dependencies(&root().join(&krate).join("Cargo.toml")).contains(dependency);
            assert_eq!(has, krate == home, "{dependency} belongs into {home}; look at {krate}");
        }
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut files = Vec::new();
    for folder in ["host", "components", "tests"] {
        sources(&root().join(folder), &mut files);
    }
    assert!(files.len() > 100, "only {} files found", files.len());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.display();
        assert!(text.starts_with("//!"), "{name} does not open with `//!`: what it is for, and what it is not");
        let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines = code.lines().count();
        assert!(lines <= LONGEST, "{name} has {lines} lines: more than {LONGEST} hold two nouns");
    }
}

/// The version in the line `package parcae:component@...;` of a file of the contract.
fn contract_version(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("package parcae:component@"));
    let version = line.and_then(|rest| rest.strip_suffix(';'));
    version.unwrap_or_else(|| panic!("{} does not name its package", file.display())).to_owned()
}

/// `0.1` of `0.1.7`.
fn line_of(version: &str) -> &str {
    version.rsplit_once('.').map_or(version, |(line, _)| line)
}

#[test]
fn the_sdk_and_the_contract_are_of_one_version() {
    let manifest = fs::read_to_string(root().join("components/sdk/Cargo.toml")).unwrap();
    assert!(manifest.contains("version.workspace = true"), "the SDK has the version of the workspace");
    let sdk = env!("CARGO_PKG_VERSION");
    let mut files = 0;
    for entry in fs::read_dir(root().join("wit")).unwrap().flatten() {
        let file = entry.path();
        if file.extension().is_none_or(|extension| extension != "wit") {
            continue;
        }
        files += 1;
        let contract = contract_version(&file);
        assert_eq!(line_of(sdk), line_of(&contract), "SDK {sdk}, contract {contract} in {}", file.display());
        assert!(contract.ends_with(".0"), "within {} the contract only grows: it stays {0}.0", line_of(&contract));
        let name = file.file_name().unwrap();
        let packaged = fs::read(root().join("components/sdk/wit").join(name)).unwrap();
        assert_eq!(packaged, fs::read(&file).unwrap(), "components/sdk/wit is a link to the contract");
    }
    assert!(files >= 12, "only {files} files of the contract found");
    let readme = fs::read_to_string(root().join("components/sdk/README.md")).unwrap();
    let said = format!("Version {}.x of this crate speaks version {}.0", line_of(sdk), line_of(sdk));
    assert!(readme.contains(&said), "the SDK's README does not say: {said}");
}

#[test]
fn the_contract_and_the_sdk_name_the_grants_that_there_are() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let (contract, sdk) = (read("wit/descriptor.wit"), read("components/sdk/src/grant.rs"));
    let listed = contract.lines().filter_map(|line| line.trim().strip_prefix("/// - `")?.split('`').next());
    let named = sdk.lines().filter_map(|line| line.trim().strip_suffix("\",")?.split('"').nth(1));
    for names in [listed.collect::<Vec<_>>(), named.collect()] {
        assert_eq!(names, Grant::ALL.map(Grant::as_str));
    }
}

#[test]
fn the_sdk_is_a_crate_that_others_can_depend_on() {
    let list = ["package", "--list", "--allow-dirty", "--offline", "-p", "parcae-sdk"];
    let output = Command::new(env!("CARGO")).args(list).current_dir(root()).output().unwrap();
    let files = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for file in ["Cargo.toml", "src/lib.rs", "wit/component.wit", "wit/types.wit", "README.md", "LICENSE"] {
        assert!(files.lines().any(|line| line == file), "the packaged SDK lacks {file}:\n{files}");
    }
    let manifest = fs::read_to_string(root().join("components/sdk/Cargo.toml")).unwrap();
    assert!(!manifest.contains("publish"), "nothing keeps the SDK from being published");
}
