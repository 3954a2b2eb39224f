//! Builds every sibling of this crate to a WebAssembly component, in one nested cargo whose target folder is shared by all
//! profiles, and writes the list of images. Fetches the target with rustup when it is missing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What components are compiled for.
const TARGET: &str = "wasm32-wasip2";
/// Siblings that are no components.
const LIBRARIES: [&str; 2] = ["catalog", "sdk"];
/// Components for tests only: a node does not offer them by itself.
const FOR_TESTS: [&str; 1] = ["probe"];

fn main() {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let components = here.parent().expect("the catalog has siblings").to_owned();
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed={}", components.join("../wit").display());
    println!("cargo::rerun-if-changed={}", components.join("../Cargo.lock").display());
    let names = siblings(&components);
    for name in &names {
        println!("cargo::rerun-if-changed={}", components.join(name).display());
    }
    println!("cargo::rerun-if-changed={}", components.join("sdk").display());
    ensure_target();
    let target = target_folder(&out);
    build(&components, &names, &target);
    let list = |wanted: &dyn Fn(&str) -> bool| {
        let rows = names.iter().filter(|n| wanted(n)).map(|n| {
            let wasm = target.join(TARGET).join("component").join(format!("parcae_{n}.wasm"));
            println!("cargo::rerun-if-changed={}", wasm.display());
            format!("    Built {{ name: {n:?}, wasm: include_bytes!({:?}) }},\n", wasm.display().to_string())
        });
        rows.collect::<String>()
    };
    let test = |n: &str| FOR_TESTS.contains(&n);
    let text = format!(
        "/// The components that every node offers.\npub static IMAGES: &[Built] = &[\n{}];\n\
         /// Components that only tests use.\npub static TEST_IMAGES: &[Built] = &[\n{}];\n",
        list(&|n| !test(n)),
        list(&|n| test(n)),
    );
    fs::write(out.join("images.rs"), text).expect("OUT_DIR can be written");
}

/// Folders beside this one that hold components, sorted.
fn siblings(components: &Path) -> Vec<String> {
    let folders = fs::read_dir(components).expect("the components folder can be read").flatten();
    let names =
        folders.filter(|f| f.path().join("Cargo.toml").exists()).map(|f| f.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|n| !LIBRARIES.contains(&n.as_str())).collect();
    names.sort();
    names
}

/// Beside the profiles of the outer build (`target/components`), so that debug and release share what is built.
fn target_folder(out: &Path) -> PathBuf {
    // OUT_DIR is <target>/<profile>/build/<crate>/out.
    out.ancestors().nth(4).expect("OUT_DIR is that deep").join("components")
}

fn ensure_target() {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let libs = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output();
    let there = libs.is_ok_and(|o| Path::new(String::from_utf8_lossy(&o.stdout).trim()).exists());
    if there {
        return;
    }
    println!("cargo::warning=fetching the Rust target {TARGET} with rustup");
    let added = Command::new("rustup").args(["target", "add", TARGET]).status();
    assert!(
        added.is_ok_and(|s| s.success()),
        "components are built for {TARGET}, which this Rust lacks and rustup could not add: type `rustup target add {TARGET}`"
    );
}

fn build(components: &Path, names: &[String], target: &Path) {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(components).args(["build", "--profile", "component", "--target", TARGET]);
    for name in names {
        command.args(["-p", &format!("parcae-{}", name.replace('_', "-"))]);
    }
    // What the outer cargo tells its rustc is not for the components.
    for (key, _) in env::vars() {
        let outer = key.starts_with("CARGO_") || key.starts_with("RUSTC") || key == "RUSTFLAGS" || key == "CLIPPY_ARGS";
        if outer && key != "CARGO_HOME" && key != "CARGO_NET_OFFLINE" {
            command.env_remove(key);
        }
    }
    // Vector instructions are off by default for this target, and worth a factor of three to four.
    command.env("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", "-C target-feature=+simd128");
    command.env("CARGO_TARGET_DIR", target);
    let built = command.status();
    assert!(built.is_ok_and(|s| s.success()), "the components could not be built; what cargo said is above");
}
