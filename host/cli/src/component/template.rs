//! What the binary carries of a new component: the template of each language, the contract, the SDK for Rust and the
//! tool for C; and how they become the files of a project. Not for: choosing names and folders (`new`), what is in a
//! template.

use toml::{Table, Value};

use crate::args::Language;

/// A file as it stands in the repository of Parcae.
pub(super) struct Embedded {
    /// Its path in its folder, with `/`.
    pub(super) path: &'static str,
    /// What it holds.
    pub(super) content: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Where the SDK stands in a project in Rust.
const SDK_FOLDER: &str = "sdk";
/// Where the tool stands in a project in C that makes bindings, and a component of what clang made.
const TOOL_FOLDER: &str = "tool";
/// Where the contract stands in a project.
const WIT_FOLDER: &str = "wit";
/// Where the copy of the SDK has its bindings, made (`BINDINGS`): the macro that makes them in the repository would cost
/// a new project most of the time of its first build.
const BINDINGS_FILE: &str = "src/bindings.rs";
/// The module that holds the macro, from its first line to its last.
const MACRO: (&str, &str) = ("pub mod bindings {\n    wit_bindgen::generate!", "\n}\n");
/// What bindings that are made need of the macro's crate.
const RUNTIME: (&str, &str) = (
    "wit-bindgen = { workspace = true }",
    "wit-bindgen = { workspace = true, default-features = false, features = [\"realloc\", \"std\"] }",
);
const SDK_NOTE: &str = "# The SDK of Parcae, a copy

These are the sources of `parcae-sdk` {{version}}, as `parcae component new` of that version carries them: the
project builds without a registry that would have the crate. `src/bindings.rs` is what wit-bindgen makes of `wit`, and
stands there made, so that nobody waits for it. Nothing of yours belongs in here. To go to another version, take the
folders `sdk` and `wit` of a project that the newer `parcae` makes.
";

/// A file of a project.
#[derive(Debug)]
pub(super) struct Made {
    /// Its path in the project, with `/`.
    pub(super) path: String,
    /// What it holds.
    pub(super) content: Vec<u8>,
}

impl Made {
    /// True for what a shell can run as it is.
    pub(super) fn is_program(&self) -> bool {
        self.content.starts_with(b"#!")
    }
}

/// All files of a new project.
pub(super) fn project(language: Language, name: &str) -> anyhow::Result<Vec<Made>> {
    let mut made: Vec<Made> = template(language).iter().map(|file| filled(file, name)).collect();
    let copy = |folder: &str, file: &Embedded| Made {
        path: format!("{folder}/{}", file.path),
        content: file.content.to_vec(),
    };
    made.extend(WIT.iter().map(|file| copy(WIT_FOLDER, file)));
    if language == Language::Rust {
        for file in SDK {
            made.push(Made { content: of_sdk(file)?, ..copy(SDK_FOLDER, file) });
        }
        made.push(Made { path: format!("{SDK_FOLDER}/{BINDINGS_FILE}"), content: BINDINGS.as_bytes().to_vec() });
        made.push(Made {
            path: format!("{SDK_FOLDER}/COPY.md"),
            content: SDK_NOTE.replace("{{version}}", env!("CARGO_PKG_VERSION")).into_bytes(),
        });
        if !made.iter().any(|file| file.path == "Cargo.lock") {
            // The versions that this repository is tested with; cargo drops from it what the project does not use.
            made.push(Made { path: "Cargo.lock".into(), content: LOCK.as_bytes().to_vec() });
        }
    }
    if language == Language::C && !made.iter().any(|file| file.path.starts_with("tool/")) {
        made.extend(C_TOOL.iter().map(|file| copy(TOOL_FOLDER, file)));
    }
    Ok(made)
}

fn template(language: Language) -> &'static [Embedded] {
    match language {
        Language::Rust => RUST,
        Language::Python => PYTHON,
        Language::Js => JS,
        Language::C => C,
    }
}

/// The name of a module, for the name of its component: `credit_score` becomes `CreditScore`.
pub(super) fn module_name(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    name.split('_').map(word).collect()
}

fn filled(file: &Embedded, name: &str) -> Made {
    let fill = |text: &str| {
        text.replace("{{name}}", name)
            .replace("{{Module}}", &module_name(name))
            .replace("{{sdk}}", SDK_FOLDER)
            .replace("{{version}}", env!("CARGO_PKG_VERSION"))
    };
    let content = match std::str::from_utf8(file.content) {
        Ok(text) => fill(text).into_bytes(),
        Err(_) => file.content.to_vec(),
    };
    let path: Vec<String> = file.path.split('/').map(hidden).collect();
    Made { path: fill(&path.join("/")), content }
}

/// `_gitignore` in the repository is `.gitignore` in a project; there it would be one of the repository's own.
fn hidden(segment: &str) -> String {
    match segment.strip_prefix('_') {
        Some(rest) if !rest.starts_with('_') => format!(".{rest}"),
        _ => segment.to_owned(),
    }
}

fn of_sdk(file: &Embedded) -> anyhow::Result<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(file.content) else { return Ok(file.content.to_vec()) };
    match file.path {
        "Cargo.toml" => Ok(standalone(&text.replace(RUNTIME.0, RUNTIME.1), WORKSPACE)?.into_bytes()),
        "src/lib.rs" => {
            let parts = text.split_once(MACRO.0).and_then(|(head, rest)| Some((head, rest.split_once(MACRO.1)?.1)));
            let (head, tail) = parts.ok_or_else(|| anyhow::anyhow!("the SDK has no macro for its bindings"))?;
            Ok(format!("{head}pub mod bindings;\n{tail}").into_bytes())
        }
        _ => Ok(text.as_bytes().to_vec()),
    }
}

/// A manifest of this workspace as one that stands by itself: what it inherits is written out, lints and tests are left
/// out.
fn standalone(manifest: &str, workspace: &str) -> anyhow::Result<String> {
    let mut manifest: Table = toml::from_str(manifest)?;
    let workspace: Table = toml::from_str(workspace)?;
    let shared = |table: &str, key: &str| workspace.get("workspace")?.get(table)?.get(key).cloned();
    for key in ["lints", "dev-dependencies", "bench", "test"] {
        manifest.remove(key);
    }
    if let Some(package) = manifest.get_mut("package").and_then(Value::as_table_mut) {
        for (key, value) in package.iter_mut() {
            if inherits(value) {
                let shared = shared("package", key);
                *value = shared.ok_or_else(|| anyhow::anyhow!("the workspace has no package.{key}"))?;
            }
        }
    }
    if let Some(dependencies) = manifest.get_mut("dependencies").and_then(Value::as_table_mut) {
        for (key, value) in dependencies.iter_mut() {
            if inherits(value) {
                let shared = shared("dependencies", key);
                let shared = shared.ok_or_else(|| anyhow::anyhow!("the workspace has no dependency {key}"))?;
                *value = merged(shared, value);
            }
        }
    }
    Ok(toml::to_string(&manifest)?)
}

fn inherits(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// A dependency of the workspace with what a manifest says beside `workspace = true`.
fn merged(shared: Value, own: &Value) -> Value {
    let mut all = match shared {
        Value::Table(table) => table,
        version => Table::from_iter([("version".to_owned(), version)]),
    };
    for (key, value) in own.as_table().into_iter().flatten().filter(|(key, _)| *key != "workspace") {
        match (all.get_mut(key), value) {
            (Some(Value::Array(there)), Value::Array(more)) => there.extend(more.iter().cloned()),
            _ => drop(all.insert(key.clone(), value.clone())),
        }
    }
    Value::Table(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<'a>(made: &'a [Made], path: &str) -> &'a str {
        let file = made.iter().find(|file| file.path == path).unwrap_or_else(|| panic!("there is no {path}"));
        std::str::from_utf8(&file.content).unwrap()
    }

    #[test]
    fn a_project_in_rust_stands_by_itself() {
        let made = project(Language::Rust, "credit_score").unwrap();
        let sdk: Table = toml::from_str(text(&made, "sdk/Cargo.toml")).unwrap();
        assert!(!inherits(&sdk["package"]["version"]) && sdk["package"]["version"].is_str(), "{sdk}");
        for (name, value) in sdk["dependencies"].as_table().unwrap() {
            assert!(value.get("workspace").is_none() && value.get("version").is_some(), "{name} = {value}");
        }
        assert!(!sdk.contains_key("lints"));
        let runtime = &sdk["dependencies"]["wit-bindgen"];
        assert_eq!(runtime["default-features"].as_bool(), Some(false), "the macro comes along: {runtime}");
        let lib = text(&made, "sdk/src/lib.rs");
        assert!(lib.contains("\npub mod bindings;\n\nmod checkpoints;") && !lib.contains("generate!"), "{lib}");
        let bindings = text(&made, "sdk/src/bindings.rs");
        assert!(bindings.contains("macro_rules! __export_world_component_cabi"), "{bindings}");
        assert!(!made.iter().any(|file| file.path.starts_with("sdk/wit/")), "the contract is there twice");
        assert!(text(&made, "Cargo.toml").contains("path = \"sdk\""));
        assert!(text(&made, "sdk/COPY.md").contains(env!("CARGO_PKG_VERSION")));
        assert!(text(&made, "wit/component.wit").starts_with("/// The contract"));
    }

    #[test]
    fn names_of_modules_and_of_hidden_files() {
        assert_eq!(module_name("credit_score2"), "CreditScore2");
        assert_eq!(module_name("k"), "K");
        assert_eq!([hidden("_gitignore"), hidden("__init__.py"), hidden("a_b")], [".gitignore", "__init__.py", "a_b"]);
    }

    #[test]
    fn a_dependency_keeps_what_its_manifest_adds() {
        let workspace = "[workspace.package]\nversion = \"1.2.3\"\n[workspace.dependencies]\n\
                         a = \"1\"\nb = { version = \"2\", features = [\"x\"] }\n";
        let manifest = "[package]\nname = \"n\"\nversion.workspace = true\n[dependencies]\na.workspace = true\n\
                        b = { workspace = true, optional = true, features = [\"y\"] }\n[lints]\nworkspace = true\n";
        let made: Table = toml::from_str(&standalone(manifest, workspace).unwrap()).unwrap();
        assert_eq!(made["package"]["version"].as_str(), Some("1.2.3"));
        assert_eq!(made["dependencies"]["a"]["version"].as_str(), Some("1"));
        assert_eq!(made["dependencies"]["b"]["optional"].as_bool(), Some(true));
        assert_eq!(made["dependencies"]["b"]["features"].as_array().map(Vec::len), Some(2));
        assert!(standalone("[dependencies]\nc.workspace = true\n", workspace).is_err());
    }
}
