//! A Python with FATE's client from PyPI, made once below the target folder. Not for: the client's settings (`desk`).

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

/// The folder's name; another version of the client takes another one.
const FOLDER: &str = "fate-client-1.11.3.post1";
/// What pip installs: the client, and what it needs without saying so.
const PACKAGES: [&str; 3] = ["fate-client==1.11.3.post1", "requests_toolbelt", "click<8"];
/// What has to be there for the scripts to run.
const IMPORTS: &str = "import flow_client.flow, flow_sdk.client, pipeline.backend.pipeline, pandas";
/// Says that the tests must not be skipped; so does `CI`.
const SWITCH: &str = "PARCAE_CLIENT";

/// A Python that has the client.
pub struct Venv {
    folder: PathBuf,
}

/// The venv, made when it is not there yet. None when it cannot be made and that is not required.
pub fn venv() -> Option<&'static Venv> {
    static VENV: OnceLock<Result<Venv, String>> = OnceLock::new();
    match VENV.get_or_init(made) {
        Ok(venv) => Some(venv),
        Err(why) => {
            let required = env::var(SWITCH).is_ok_and(|value| value == "required") || env::var_os("CI").is_some();
            assert!(!required, "FATE's client cannot be had, and {SWITCH}=required or CI is set: {why}");
            // Not by a macro: what those print is hidden unless the test fails.
            let _ = writeln!(std::io::stderr(), "\n*** SKIPPED: FATE's client cannot be had: {why}\n");
            None
        }
    }
}

impl Venv {
    /// Its interpreter.
    pub fn python(&self) -> PathBuf {
        self.folder.join("bin/python")
    }

    /// A script that pip has made, such as `flow`.
    pub fn script(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// Where the packages are.
    pub fn packages(&self) -> PathBuf {
        let libraries = fs::read_dir(self.folder.join("lib")).into_iter().flatten().flatten();
        let mut packages = libraries.map(|library| library.path().join("site-packages"));
        packages.find(|path| path.is_dir()).unwrap_or_else(|| self.folder.clone())
    }

    /// What is missing, if anything.
    fn check(&self) -> Result<(), String> {
        said(Command::new(self.python()).args(["-c", IMPORTS])).map(drop)
    }
}

/// The venv that is there, or a new one.
fn made() -> Result<Venv, String> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let venv = Venv { folder: home.join(FOLDER) };
    if venv.check().is_ok() {
        return Ok(venv);
    }
    // Under a name of its own at first: another process may be at it, too.
    let fresh = Venv { folder: home.join(format!("{FOLDER}.{}", std::process::id())) };
    let result = install(&fresh).and_then(|()| put_in_place(&fresh, &venv));
    let _ = fs::remove_dir_all(&fresh.folder);
    result.map(|()| venv)
}

/// Installs the client for the first Python with which that works.
fn install(venv: &Venv) -> Result<(), String> {
    let mut faults = Vec::new();
    for python in pythons() {
        let _ = fs::remove_dir_all(&venv.folder);
        let folder = venv.folder.display().to_string();
        if let Err(why) = said(Command::new(&python).args(["-m", "venv", &folder])) {
            faults.push(format!("{}: {why}", python.display()));
            continue;
        }
        let options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "2"];
        // What pip cannot fetch for one Python it cannot fetch for another.
        said(Command::new(venv.python()).args(options).args(PACKAGES))?;
        match venv.check() {
            Ok(()) => return Ok(()),
            Err(why) => faults.push(format!("{}: {why}", python.display())),
        }
    }
    Err(format!("no Python serves:\n{}", faults.join("\n")))
}

/// Gives a venv its name, unless another process was faster. A venv may be moved as long as nobody runs its scripts
/// without naming the interpreter.
fn put_in_place(fresh: &Venv, venv: &Venv) -> Result<(), String> {
    if venv.check().is_err() {
        let _ = fs::remove_dir_all(&venv.folder);
        let moved = fs::rename(&fresh.folder, &venv.folder);
        moved.map_err(|e| format!("{} cannot be put in place: {e}", venv.folder.display()))?;
    }
    venv.check()
}

/// Pythons to try: 3.8, which FATE 1.11 runs on, wherever it is, then others.
fn pythons() -> Vec<PathBuf> {
    let mut found = Vec::new();
    if let Ok(root) = said(Command::new("pyenv").arg("root")) {
        let versions = fs::read_dir(Path::new(root.trim()).join("versions")).into_iter().flatten().flatten();
        let old = versions.filter(|version| version.file_name().to_string_lossy().starts_with("3.8."));
        found.extend(old.map(|version| version.path().join("bin/python3")));
    }
    found.extend(["python3.8", "python3.9", "python3.10", "python3.11", "python3"].map(PathBuf::from));
    found
}

/// What a program prints; the end of what it says when it fails.
fn said(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.env_remove("PYTHONPATH").env_remove("PYTHONHOME").stdin(Stdio::null()).output();
    let output = output.map_err(|e| format!("{name} does not start: {e}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = words.lines().collect();
    let last = lines.len().saturating_sub(8);
    Err(format!("{name} fails ({}): {}", output.status, lines[last..].join("\n")))
}
