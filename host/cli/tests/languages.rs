//! What an author types who writes in Python, JavaScript or C: `parcae component new`, the project's own tests, `build`
//! and `run`, with the binary as they have it. Not for: Rust, and what is refused (`component`); real algorithms
//! (`tests/examples`).
//!
//! What cannot be built for want of a tool is skipped with a word, unless `CI` is set or `PARCAE_EXAMPLES=required`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// Says that the tests must not be skipped; so does `CI`.
const SWITCH: &str = "PARCAE_EXAMPLES";

/// A language and what it needs.
struct Language {
    /// As it is typed.
    name: &'static str,
    /// Folder of the tools that a build fetches, which is kept from one run of the tests to the next.
    tools: &'static str,
    /// A command for bash that succeeds when the tools are there.
    has_tools: &'static str,
    /// The component says how many rows there are in a summary, too.
    has_summary: bool,
}

const PYTHON: Language =
    Language { name: "python", tools: ".tools", has_tools: ".tools/bin/componentize-py --version", has_summary: true };
const JS: Language = Language {
    name: "js",
    tools: "node_modules",
    has_tools: "node --version && [ -e node_modules/.package-lock.json ]",
    has_summary: true,
};
const C: Language = Language {
    name: "c",
    tools: ".tools",
    has_tools: ".tools/bin/python -m ziglang version && cargo fetch --quiet --locked --manifest-path tool/Cargo.toml",
    has_summary: false,
};

#[test]
fn a_project_in_python_goes_from_nothing_to_a_job() {
    let Some(project) = check(&PYTHON) else { return };
    let _turn = turn();
    project.check_an_exception_while_python_is_built();
}

#[test]
fn a_project_in_javascript_goes_from_nothing_to_a_job() {
    drop(check(&JS));
}

#[test]
fn a_project_in_c_goes_from_nothing_to_a_job() {
    let Some(project) = check(&C) else { return };
    let _turn = turn();
    project.check_a_crash_in_c();
}

/// The project, which is sound. None when its tools cannot be had and that is not required.
fn check(language: &Language) -> Option<Project> {
    let turn = turn();
    let project = Project::built(language)?;
    drop(turn);
    project.check_a_good_run(language);
    project.check_bad_runs();
    Some(project)
}

/// A folder below the target folder, for what is worth keeping.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("languages")
}

/// Builds take turns, also among processes: they use the same folders, and all cores.
fn turn() -> File {
    fs::create_dir_all(kept()).unwrap();
    let file = File::create(kept().join("lock")).unwrap();
    file.lock().unwrap();
    file
}

/// Runs a program in a folder, without what is meant for the build of this test.
fn typed(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "PYTHONPATH", "PYTHONHOME"] {
        command.env_remove(name);
    }
    command.env("XDG_CACHE_HOME", kept().join("cache"));
    command.output().unwrap_or_else(|e| panic!("{program} does not start: {e}"))
}

fn parcae(folder: &Path, arguments: &[&str]) -> Output {
    typed(folder, env!("CARGO_BIN_EXE_parcae"), arguments)
}

/// What a program printed.
fn words(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What a command says that must end with a code, as JSON.
fn said(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{}", words(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A project that has been built.
struct Project {
    name: String,
    folder: PathBuf,
}

impl Project {
    /// None when the tools cannot be had and that is not required.
    fn built(language: &Language) -> Option<Project> {
        let name = format!("row_counts_{}", language.name);
        let (folder, aside) = (kept().join(&name), kept().join(format!("tools_{}", language.name)));
        let tools = folder.join(language.tools);
        if tools.is_dir() {
            // A run that broke off may have left both.
            let _ = fs::remove_dir_all(&aside);
            fs::rename(&tools, &aside).unwrap();
        }
        let npm = || fs::read(folder.join("package.json")).ok();
        let before = npm();
        // There is none the first time.
        let _ = fs::remove_dir_all(&folder);
        let made = said(&parcae(&kept(), &["component", "new", &name, "--lang", language.name, "--json"]), 0);
        // npm's tools are fetched once; other versions of them are others. The others know their versions.
        if aside.is_dir() && npm() == before {
            fs::rename(&aside, &tools).unwrap();
        }
        let project = Project { name, folder };
        let build = parcae(&project.folder, &["component", "build", "--json"]);
        if !build.status.success() {
            project.skip(language, &words(&build));
            return None;
        }
        let built = said(&build, 0);
        assert_eq!(built["wasm"], json!(project.wasm()));
        assert_eq!(built["descriptor"]["modules"][0]["name"], made["module"]);
        let own = made["next"][1].as_str().unwrap();
        let tested = typed(&project.folder, "bash", &["-c", own]);
        assert!(tested.status.success(), "{own}: {}", words(&tested));
        let (bytes, ms) = (&built["bytes"], &built["compile_ms"]);
        let _ = writeln!(std::io::stderr(), "{}: {bytes} bytes, compiled in {ms} ms", project.name);
        Some(project)
    }

    /// Says that a build failed for want of its tools; one that failed with them there is a fault.
    fn skip(&self, language: &Language, why: &str) {
        let tools = typed(&self.folder, "bash", &["-c", language.has_tools]);
        assert!(!tools.status.success(), "the project in {} does not build: {why}", language.name);
        let required = env::var(SWITCH).is_ok_and(|value| value == "required") || env::var_os("CI").is_some();
        let what = format!("the tools for {} cannot be had: {why}\n{}", language.name, words(&tools));
        assert!(!required, "{what}\n{SWITCH}=required or CI is set");
        // Not by a macro: what those print is hidden unless the test fails.
        let _ = writeln!(std::io::stderr(), "\n*** SKIPPED: {what}\n");
    }

    fn wasm(&self) -> String {
        format!("./dist/{}.wasm", self.name)
    }

    fn run(&self, case: &str, more: &[&str]) -> Output {
        let (wasm, cache) = (self.wasm(), kept().join("compiled").display().to_string());
        let run = ["component", "run", wasm.as_str(), "--case", case, "--cache", cache.as_str(), "--json"];
        parcae(&self.folder, &run.iter().chain(more).copied().collect::<Vec<_>>())
    }

    fn check_a_good_run(&self, language: &Language) {
        let account = said(&self.run("case.json", &[]), 0);
        assert_eq!(account["status"], "success", "{account}");
        let parties = account["parties"].as_array().unwrap();
        let guest = parties.iter().find(|one| one["party"] == "guest/9999").unwrap();
        assert_eq!(guest["metrics"][0]["points"], json!([["guest_9999", 5.0], ["host_10000", 4.0]]), "{account}");
        assert_eq!((&guest["outputs"][0]["name"], &guest["outputs"][0]["rows"]), (&json!("data"), &json!(5)));
        if language.has_summary {
            assert_eq!(guest["summary"], json!({"rows": {"guest_9999": 5, "host_10000": 4}}), "{account}");
        }
        let edges = account["edges"].as_array().unwrap();
        assert_eq!(edges.iter().map(|edge| edge["messages"].as_u64()).collect::<Vec<_>>(), [Some(1), Some(1)]);
    }

    fn check_bad_runs(&self) {
        let text = fs::read(self.folder.join("case.json")).unwrap();
        let mut case: Value = serde_json::from_slice(&text).unwrap();
        case["parameters"] = json!({"minimum": 5});
        fs::write(self.folder.join("strict.json"), case.to_string()).unwrap();
        let failures = said(&self.run("strict.json", &[]), 1)["failures"].to_string();
        assert!(failures.contains("host_10000 has 4 rows, parameter minimum asks for 5"), "{failures}");
        let dropped = said(&self.run("case.json", &["--fault", "drop:1", "--peer-seconds", "2"]), 1);
        assert_eq!(dropped["status"], "failed", "{dropped}");
        assert!(dropped["fault"]["hit"].as_str().unwrap().contains("\"rows\""), "{dropped}");
    }

    /// File and line are named, and nothing of the tool that met it.
    fn check_an_exception_while_python_is_built(&self) {
        let app = self.folder.join("src/app.py");
        let broken = fs::read_to_string(&app).unwrap() + "\n{}[\"boom\"]\n";
        fs::write(&app, &broken).unwrap();
        let built = typed(&self.folder, "bash", &["-c", "RUST_BACKTRACE=1 bash build.sh"]);
        let said = words(&built);
        let place = format!("File \"/0/app.py\", line {}, in <module>", broken.lines().count());
        assert!(!built.status.success() && said.contains(&place) && said.contains("KeyError: 'boom'"), "{said}");
        assert!(!said.contains("Stack backtrace"), "{said}");
    }

    /// Its names survive the build, and so do its assertions.
    fn check_a_crash_in_c(&self) {
        let app = self.folder.join("src/app.c");
        let sound = fs::read_to_string(&app).unwrap();
        let (run, first) = ("    (void)module;\n", "#include <stdarg.h>\n");
        assert!(sound.contains(run) && sound.contains(first), "{sound}");
        let broken = sound.replace(run, "    assert(module->len == 0);\n");
        fs::write(&app, broken.replace(first, &format!("#include <assert.h>\n{first}"))).unwrap();
        said(&parcae(&self.folder, &["component", "build", "--json"]), 0);
        let failures = said(&self.run("case.json", &[]), 1)["failures"].to_string();
        assert!(failures.contains("module->len == 0 (src/app.c: "), "{failures}");
        assert!(failures.contains("!exports_component_run"), "{failures}");
    }
}
