//! `parcae component build`: the one build command of a project, by its language, and then the check of a node. Not
//! for: what a build script does (the project's own).

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, anyhow, bail};
use serde_json::{Value, json};

use super::{check, kept, new::word};
use crate::{Done, UsageError, args::Language, output::Output};

/// What components in Rust are compiled for.
const TARGET: &str = "wasm32-wasip2";
/// Where a project keeps what it builds.
const DIST: &str = "dist";
/// Where scripts keep the tools that they fetched.
const TOOLS: [&str; 2] = [".tools", "node_modules"];
/// Vector instructions are off by default for the target, and worth a factor of three to four.
const RUST_FLAGS: (&str, &str) = ("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", "-C target-feature=+simd128");

/// How a project is built.
#[derive(Debug, PartialEq)]
struct Plan {
    language: Language,
    program: &'static str,
    arguments: &'static [&'static str],
}

impl Plan {
    /// As it is typed.
    fn text(&self) -> String {
        std::iter::once(self.program).chain(self.arguments.iter().copied()).collect::<Vec<_>>().join(" ")
    }

    /// What has to be there for it.
    fn needs(&self) -> &'static str {
        match self.language {
            Language::Rust => "it needs Rust with cargo: https://rustup.rs",
            Language::Python => {
                "it needs bash, python3 (3.10 or later) with venv and pip, and PyPI for componentize-py"
            }
            Language::Js => "it needs node (20.11 or later) with npm, and the npm registry for componentize-js",
            Language::C => {
                "it needs bash, python3 with venv and pip, PyPI for clang (ziglang), and cargo: https://rustup.rs"
            }
        }
    }
}

/// Builds a project and checks what came of it.
pub(crate) fn run(dir: Option<&Path>, output: Output) -> anyhow::Result<Done> {
    let folder = dir.unwrap_or(Path::new("."));
    let plan = recognise(folder)?;
    let is_ready = plan.language == Language::Rust || has_tools(folder);
    let fetches = if is_ready { "" } else { "; it fetches its tools first" };
    output.say(&format!("{}: {}{fetches}", word(plan.language), plan.text()));
    let wasm = match plan.language {
        Language::Rust => cargo(folder, &plan, output)?,
        _ => script(folder, &plan, output)?,
    };
    let (mut json, text) = check::report(&wasm, &kept::kept_images()?, output)?;
    if let Value::Object(json) = &mut json {
        json.insert("wasm".into(), json!(wasm));
        json.insert("language".into(), word(plan.language).into());
    }
    output.result(&json, || format!("{text}\n  file     {}", wasm.display()))?;
    Ok(Done::Well)
}

/// The language of a project, by its files.
fn recognise(folder: &Path) -> Result<Plan, UsageError> {
    let has = |name: &str| folder.join(name).is_file();
    let holds = |extension: &str| {
        let mut files = fs::read_dir(folder.join("src")).into_iter().flatten().flatten();
        files.any(|file| file.path().extension().is_some_and(|e| e == extension))
    };
    let cargo: &[&str] = &["build", "--release", "--target", TARGET];
    if has("Cargo.toml") {
        Ok(Plan { language: Language::Rust, program: "cargo", arguments: cargo })
    } else if has("build.mjs") {
        Ok(Plan { language: Language::Js, program: "node", arguments: &["build.mjs"] })
    } else if has("build.py") {
        Ok(Plan { language: Language::Python, program: "python3", arguments: &["build.py"] })
    } else if has("build.sh") && holds("py") {
        Ok(Plan { language: Language::Python, program: "bash", arguments: &["build.sh"] })
    } else if has("build.sh") && holds("c") {
        Ok(Plan { language: Language::C, program: "bash", arguments: &["build.sh"] })
    } else {
        Err(UsageError(format!(
            "{}: no project of a component: it has neither Cargo.toml (Rust), build.mjs (JavaScript), build.py \
             (Python) nor build.sh with sources in Python or C in src; `parcae component new` makes one",
            folder.display()
        )))
    }
}

/// True when a script has fetched its tools: what fails now is the project.
fn has_tools(folder: &Path) -> bool {
    TOOLS.iter().any(|tools| folder.join(tools).exists())
}

/// Runs a script of the project, which leaves one component in `dist`.
fn script(folder: &Path, plan: &Plan, output: Output) -> anyhow::Result<PathBuf> {
    let mut command = Command::new(plan.program);
    command.args(plan.arguments);
    if !output.is_json() {
        // Fetching tools takes minutes, and compilers warn of what is no error.
        command.stdout(std::io::stderr()).stderr(Stdio::inherit());
    }
    finish(&mut command, folder, plan)?;
    let dist = folder.join(DIST);
    let made = fs::read_dir(&dist).into_iter().flatten().flatten().filter_map(|file| {
        let path = file.path();
        let is_wasm = path.extension().is_some_and(|extension| extension == "wasm");
        let changed = file.metadata().and_then(|about| about.modified()).ok()?;
        is_wasm.then_some((changed, path))
    });
    let newest = made.max().map(|(_, path)| path);
    newest.ok_or_else(|| anyhow!("{} went well and left no .wasm in {}", plan.text(), dist.display()))
}

/// Runs cargo, and copies what it made to `dist`.
fn cargo(folder: &Path, plan: &Plan, output: Output) -> anyhow::Result<PathBuf> {
    ensure_target(folder, plan)?;
    let mut command = Command::new(plan.program);
    command.args(plan.arguments).arg("--message-format=json-render-diagnostics");
    // What is meant for this machine's programs does not fit the sandbox.
    command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").env(RUST_FLAGS.0, RUST_FLAGS.1);
    if !output.is_json() {
        // It takes minutes the first time, and warns of what is no error.
        command.stderr(Stdio::inherit());
    }
    let said = finish(&mut command, folder, plan)?;
    let built = artifact(&said).ok_or_else(|| {
        anyhow!("{} made no component: Cargo.toml needs [lib] with crate-type = [\"cdylib\"]", plan.text())
    })?;
    let dist = folder.join(DIST);
    fs::create_dir_all(&dist).with_context(|| format!("folder {}", dist.display()))?;
    let wasm = dist.join(built.file_name().unwrap_or_default());
    fs::copy(&built, &wasm).with_context(|| format!("copying {} to {}", built.display(), wasm.display()))?;
    Ok(wasm)
}

/// The component among what cargo says that it made: the last one, as dependencies come first.
fn artifact(said: &str) -> Option<PathBuf> {
    let messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let made = messages.filter(|message| message["reason"] == "compiler-artifact");
    let files = made.filter_map(|message| message["filenames"].as_array().cloned()).flatten();
    let mut wasm = files.filter_map(|file| file.as_str().map(PathBuf::from));
    wasm.rfind(|file| file.extension().is_some_and(|extension| extension == "wasm"))
}

/// Fetches the target when this Rust lacks it.
fn ensure_target(folder: &Path, plan: &Plan) -> anyhow::Result<()> {
    let mut ask = Command::new("rustc");
    ask.args(["--print", "target-libdir", "--target", TARGET]);
    let said = finish(&mut ask, folder, plan)?;
    if Path::new(said.trim()).exists() {
        return Ok(());
    }
    let mut fetch = Command::new("rustup");
    fetch.args(["target", "add", TARGET]);
    let lacking = || format!("this Rust cannot compile for {TARGET}: type `rustup target add {TARGET}`");
    finish(&mut fetch, folder, plan).map(|_| ()).with_context(lacking)
}

/// Runs a command to its end; what it said, or why it failed and what it needs.
fn finish(command: &mut Command, folder: &Path, plan: &Plan) -> anyhow::Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let ran = command.current_dir(folder).stdin(Stdio::null()).output();
    let ran = match ran {
        Err(e) if e.kind() == ErrorKind::NotFound => bail!("{program} is not there; {}", plan.needs()),
        other => other.with_context(|| format!("starting {program}"))?,
    };
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    if ran.status.success() {
        return Ok(said);
    }
    // Scripts fetch tools. What cargo says on its standard output is for machines, and on the other one what is wrong.
    let (said, cure) = match plan.language {
        Language::Rust => (String::new(), String::new()),
        _ if has_tools(folder) => (said, String::new()),
        _ => (said, format!("; {}", plan.needs())),
    };
    let words = format!("{said}{}", String::from_utf8_lossy(&ran.stderr));
    let shown = if program == plan.program { plan.text() } else { program };
    bail!("{}", format!("{shown} failed ({}){cure}\n{words}", ran.status).trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_known_by_their_files() {
        let of = |files: &[&str]| {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("src")).unwrap();
            files.iter().for_each(|file| fs::write(folder.path().join(file), "").unwrap());
            recognise(folder.path()).map(|plan| (plan.language, plan.text()))
        };
        let good = |files: &[&str]| of(files).unwrap();
        let rust = "cargo build --release --target wasm32-wasip2";
        assert_eq!(good(&["Cargo.toml", "build.sh", "src/lib.rs"]), (Language::Rust, rust.to_owned()));
        assert_eq!(good(&["build.mjs", "src/app.js"]), (Language::Js, "node build.mjs".to_owned()));
        assert_eq!(good(&["build.sh", "src/app.py"]), (Language::Python, "bash build.sh".to_owned()));
        assert_eq!(good(&["build.py"]), (Language::Python, "python3 build.py".to_owned()));
        assert_eq!(good(&["build.sh", "src/app.c"]), (Language::C, "bash build.sh".to_owned()));
        let said = of(&["build.sh"]).unwrap_err().to_string();
        assert!(said.contains("parcae component new"), "{said}");
    }

    #[test]
    fn the_component_is_the_last_that_cargo_made() {
        let said = "{\"reason\":\"compiler-artifact\",\"filenames\":[\"/t/libserde.rlib\"]}\n\
                    {\"reason\":\"compiler-artifact\",\"filenames\":[\"/t/app.wasm\",\"/t/libapp.rlib\"]}\n\
                    {\"reason\":\"build-finished\",\"success\":true}\nnot JSON\n";
        assert_eq!(artifact(said), Some(PathBuf::from("/t/app.wasm")));
        assert_eq!(artifact("{\"reason\":\"build-finished\"}"), None);
    }
}
