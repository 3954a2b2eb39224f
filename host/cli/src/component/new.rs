//! `parcae component new`: writes a project that builds, tests and runs at once. Not for: the files (`template`).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use parcae_domain::image::is_taken;
use serde_json::json;

use super::template::{Made, module_name, project};
use crate::{
    Done, UsageError,
    args::{Language, New},
    output::Output,
};

/// Longest name of a component.
const NAME_LEN: usize = 60;
/// Names that the files of a template, or their languages, have already.
const TAKEN: [&str; 33] = [
    "alloc",
    "column",
    "component",
    "core",
    "description",
    "err",
    "frame",
    "job",
    "meaning",
    "module",
    "none",
    "ok",
    "option",
    "parameters",
    "parcae_sdk",
    "party",
    "point",
    "port",
    "port_kind",
    "result",
    "role",
    "scalar",
    "sdk",
    "serde",
    "serde_json",
    "some",
    "std",
    "string",
    "task",
    "test",
    "tests",
    "values",
    "vec",
];
/// Modules that built-in components offer under another name than their own.
const BUILT_IN: [&str; 4] = ["data_io", "download", "secure_add_example", "writer"];
/// Words of Rust, which cannot name a package.
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Makes the project.
pub(crate) fn run(args: &New, output: Output) -> anyhow::Result<Done> {
    check_name(&args.name)?;
    let folder = args.dir.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    check_folder(&folder)?;
    let files = project(args.lang, &args.name)?;
    for file in &files {
        write(&folder, file)?;
    }
    let next = next(args, &folder);
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let json = json!({
        "name": args.name, "module": module_name(&args.name), "folder": folder, "files": paths, "next": next,
    });
    output.result(&json, || {
        format!(
            "{}: a component in {}, in {}; next:\n  {}",
            args.name,
            word(args.lang),
            folder.display(),
            next.join("\n  ")
        )
    })?;
    Ok(Done::Well)
}

fn check_name(name: &str) -> Result<(), UsageError> {
    let is_letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let shaped = (1..=NAME_LEN).contains(&name.len())
        && name.bytes().all(is_letter)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('_')
        && !name.contains("__");
    if !shaped {
        return Err(UsageError(format!(
            "NAME {name:?}: must be lower case letters, digits and single `_`, begin with a letter, and have at most \
             {NAME_LEN}: credit_score"
        )));
    }
    if TAKEN.contains(&name) || KEYWORDS.contains(&name) {
        return Err(UsageError(format!("NAME {name:?}: a word that Rust or the SDK has already; say more: my_{name}")));
    }
    if BUILT_IN.contains(&name) || parcae_catalog::IMAGES.iter().any(|built| built.name == name) {
        return Err(UsageError(format!("NAME {name:?}: every node has a component of that name; take another")));
    }
    if is_taken(name) {
        let why = "means something else where a job names a provider; take another";
        return Err(UsageError(format!("NAME {name:?}: {why}")));
    }
    Ok(())
}

/// Nothing that is there already may be written over.
fn check_folder(folder: &Path) -> Result<(), UsageError> {
    let cure = "name a folder that is new or empty with --dir";
    let refused = |why: &str| UsageError(format!("folder {}: {why}; {cure}", folder.display()));
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(refused("is not empty")),
        },
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(refused(&e.to_string())),
    }
}

fn write(folder: &Path, file: &Made) -> anyhow::Result<()> {
    let path = folder.join(&file.path);
    let failed = || format!("writing {}", path.display());
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(failed)?;
    }
    fs::write(&path, &file.content).with_context(failed)?;
    if file.is_program() {
        make_runnable(&path).with_context(failed)?;
    }
    Ok(())
}

#[cfg(unix)]
fn make_runnable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = fs::metadata(path)?.permissions();
    permissions.set_mode(permissions.mode() | 0o111);
    fs::set_permissions(path, permissions)
}

#[cfg(not(unix))]
fn make_runnable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// The language for people.
pub(super) fn word(language: Language) -> &'static str {
    match language {
        Language::Rust => "Rust",
        Language::Python => "Python",
        Language::Js => "JavaScript",
        Language::C => "C",
    }
}

/// What to type next.
fn next(args: &New, folder: &Path) -> Vec<String> {
    let test = match args.lang {
        Language::Rust => "cargo test",
        Language::Python => "python3 -m unittest discover tests",
        Language::Js => "node --test tests/",
        Language::C => "./build.sh test",
    };
    vec![
        format!("cd {}", quoted(folder)),
        test.to_owned(),
        "parcae component build".to_owned(),
        format!("parcae component run dist/{}.wasm --case case.json", args.name),
    ]
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    if path.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c)) {
        return path;
    }
    format!("'{}'", path.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_for_a_shell() {
        let said = ["credit_score", "../größe", "my project", "it's"].map(|path| quoted(Path::new(path)));
        assert_eq!(said, ["credit_score", "../größe", "'my project'", "'it'\\''s'"]);
    }

    #[test]
    fn names_are_checked() {
        for good in ["credit_score", "k", "sum2"] {
            assert_eq!(check_name(good).map_err(|e| e.to_string()), Ok(()));
        }
        let long = "x".repeat(NAME_LEN + 1);
        for (bad, why) in [
            ("", "lower case"),
            ("CreditScore", "lower case"),
            ("2nd", "begin with a letter"),
            ("a-b", "lower case"),
            ("_a", "begin with"),
            ("a_", "single `_`"),
            ("a__b", "single `_`"),
            (&long, "at most 60"),
            ("../x", "lower case"),
            ("match", "my_match"),
            ("task", "my_task"),
            ("hetero_lr", "every node has"),
            ("fate", "means something else"),
            ("abcdefabcdef", "means something else"),
        ] {
            let said = check_name(bad).unwrap_err().to_string();
            assert!(said.contains(why), "{bad}: {said}");
        }
    }
}
