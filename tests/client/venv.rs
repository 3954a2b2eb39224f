//! Pythons with packages from PyPI, made once below the target folder: FATE's client, schemathesis. Not for: the
//! client's settings (`desk`).

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

/// Says that the tests must not be skipped; so does `CI`.
const SWITCH: &str = "PARCAE_CLIENT";

/// What a venv is made of.
pub struct Recipe {
    /// What it is for, in words.
    pub what: &'static str,
    /// Its folder's name; other versions take another one.
    pub folder: &'static str,
    /// What pip installs, and what that needs without saying so.
    pub packages: &'static [&'static str],
    /// What has to be there for the tests to run.
    pub imports: &'static str,
    /// Versions of Python that serve, the best first.
    pub pythons: &'static [&'static str],
}

/// FATE's client; 3.8 is what FATE 1.11 runs on.
static CLIENT: Recipe = Recipe {
    what: "FATE's client",
    folder: "fate-client-1.11.3.post1",
    packages: &["fate-client==1.11.3.post1", "requests_toolbelt", "click<8"],
    imports: "import flow_client.flow, flow_sdk.client, pipeline.backend.pipeline, pandas",
    pythons: &["3.8", "3.9", "3.10", "3.11"],
};

/// A Python that has the packages.
pub struct Venv {
    folder: PathBuf,
    recipe: &'static Recipe,
}

/// The venv with FATE's client.
pub fn venv() -> Option<&'static Venv> {
    static VENV: OnceLock<Result<Venv, String>> = OnceLock::new();
    CLIENT.kept(&VENV)
}

impl Recipe {
    /// The venv, made when it is not there yet. None when it cannot be made and that is not required.
    pub fn kept(&'static self, kept: &'static OnceLock<Result<Venv, String>>) -> Option<&'static Venv> {
        match kept.get_or_init(|| self.made()) {
            Ok(venv) => Some(venv),
            Err(why) => {
                let required = env::var(SWITCH).is_ok_and(|value| value == "required") || env::var_os("CI").is_some();
                let Recipe { what, .. } = self;
                assert!(!required, "{what} cannot be had, and {SWITCH}=required or CI is set: {why}");
                // Not by a macro: what those print is hidden unless the test fails.
                let _ = writeln!(std::io::stderr(), "\n*** SKIPPED: {what} cannot be had: {why}\n");
                None
            }
        }
    }

    /// The venv that is there, or a new one.
    fn made(&'static self) -> Result<Venv, String> {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let named = |name: String| Venv { folder: home.join(name), recipe: self };
        let venv = named(self.folder.to_owned());
        if venv.check().is_ok() {
            return Ok(venv);
        }
        // Under a name of its own at first: another process may be at it, too.
        let fresh = named(format!("{}.{}", self.folder, std::process::id()));
        let result = install(&fresh).and_then(|()| put_in_place(&fresh, &venv));
        let _ = fs::remove_dir_all(&fresh.folder);
        result.map(|()| venv)
    }

    /// Pythons to try: those of pyenv, wherever they are, then what is on the path.
    fn interpreters(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        if let Ok(root) = said(Command::new("pyenv").arg("root")) {
            let versions = fs::read_dir(Path::new(root.trim()).join("versions")).into_iter().flatten().flatten();
            let names: Vec<PathBuf> = versions.map(|version| version.path()).collect();
            for python in self.pythons {
                let is_it = |path: &&PathBuf| {
                    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    name.strip_prefix(python).is_some_and(|rest| rest.starts_with('.'))
                };
                found.extend(names.iter().filter(is_it).map(|path| path.join("bin/python3")));
            }
        }
        found.extend(self.pythons.iter().map(|python| PathBuf::from(format!("python{python}"))));
        found.push("python3".into());
        found
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
        said(Command::new(self.python()).args(["-c", self.recipe.imports])).map(drop)
    }
}

/// Installs the packages for the first Python with which that works.
fn install(venv: &Venv) -> Result<(), String> {
    let mut faults = Vec::new();
    for python in venv.recipe.interpreters() {
        let _ = fs::remove_dir_all(&venv.folder);
        let folder = venv.folder.display().to_string();
        if let Err(why) = said(Command::new(&python).args(["-m", "venv", &folder])) {
            faults.push(format!("{}: {why}", python.display()));
            continue;
        }
        let options = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "2"];
        // What pip cannot fetch for one Python it cannot fetch for another.
        said(Command::new(venv.python()).args(options).args(venv.recipe.packages))?;
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
