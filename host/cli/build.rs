//! Lists the files that the binary carries for `parcae component new`: the templates, the contract (`wit/`), the SDK,
//! and the tool of projects in C, each as it stands in this repository; and writes out the bindings of the SDK. Not
//! for: what becomes of them (`src/component/template.rs`).

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use wit_bindgen_core::{Files, WorldGenerator, wit_parser::Resolve};

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
    let file = out.join("bindings.rs");
    fs::write(&file, bindings(&root.join("wit"))).expect("OUT_DIR can be written");
    let file = file.display().to_string();
    writeln!(text, "pub(super) static BINDINGS: &str = include_str!({file:?});").expect("a string takes everything");
    fs::write(out.join("embedded.rs"), text).expect("OUT_DIR can be written");
}

/// What the macro in `components/sdk/src/lib.rs` makes of the contract, by the same options: a project that holds it
/// compiles without the macro and the crates behind it, which cost more than all else.
fn bindings(wit: &Path) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(wit).expect("wit/ is a package");
    let world = resolve.select_world(&[package], Some("component")).expect("it has the world");
    let options = wit_bindgen_rust::Opts {
        format: true,
        pub_export_macro: true,
        export_macro_name: Some("export_world".into()),
        default_bindings_module: Some("parcae_sdk::bindings".into()),
        additional_derive_attributes: vec!["Clone".into(), "PartialEq".into()],
        ..Default::default()
    };
    let mut files = Files::default();
    options.build().generate(&mut resolve, world, &mut files).expect("the contract has bindings");
    let (_, content) = files.iter().next().expect("they are one file");
    content.to_vec()
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
