//! Lists the files that the binary carries for `parcae component new`: the templates, the contract (`wit/`), the SDK,
//! and the tool of projects in C, each as it stands in this repository. Not for: what becomes of them
//! (`src/component/template.rs`).

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What building a component leaves behind, benches, and the SDK's link to the contract, which is a folder of its own.
const LEFT_OUT: [&str; 7] = ["target", "dist", "node_modules", ".tools", "__pycache__", "benches", "wit"];

fn main() {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let root = here.join("../..").canonicalize().expect("the workspace is two folders up");
    let templates = here.join("templates/component");
    let folders = [
        ("RUST", templates.join("rust")),
        ("PYTHON", templates.join("python")),
        ("JS", templates.join("js")),
        ("C", templates.join("c")),
        ("WIT", root.join("wit")),
        ("SDK", root.join("components/sdk")),
        ("C_TOOL", root.join("examples/components/c-bucketise/tool")),
    ];
    let mut text = String::new();
    for (name, folder) in &folders {
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files = Vec::new();
        collect(folder, "", &mut files);
        files.sort();
        writeln!(text, "pub(super) static {name}: &[Embedded] = &[").expect("a string takes everything");
        for (path, file) in files {
            let file = file.display().to_string();
            writeln!(text, "    Embedded {{ path: {path:?}, content: include_bytes!({file:?}) }},")
                .expect("a string takes everything");
        }
        text += "];\n";
    }
    for (name, file) in [("WORKSPACE", root.join("Cargo.toml")), ("LOCK", root.join("Cargo.lock"))] {
        println!("cargo::rerun-if-changed={}", file.display());
        let file = file.display().to_string();
        writeln!(text, "pub(super) static {name}: &str = include_str!({file:?});").expect("a string takes everything");
    }
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("embedded.rs"), text).expect("OUT_DIR can be written");
}

/// All files below a folder, by their path in it with `/`.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("folder {}: {e}", folder.display()));
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let (path, file) = (format!("{prefix}{name}"), entry.path());
        if file.is_dir() {
            if !LEFT_OUT.contains(&name.as_str()) {
                collect(&file, &format!("{path}/"), files);
            }
        } else {
            files.push((path, file));
        }
    }
}
