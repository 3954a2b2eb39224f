//! Builds the example components, each with its one command, in a copy of its sources below the target folder: the
//! repository stays clean, and what was built once is there the next time. Not for: what the components do (`main`).

use std::{
    collections::BTreeMap,
    env,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use sha2::{Digest, Sha256};

/// Says that the tests must not be skipped; so does `CI`.
const SWITCH: &str = "PARCAE_EXAMPLES";
/// Tools that a build fetches into its project, which are worth keeping.
const TOOLS: [&str; 2] = [".tools", "node_modules"];
/// What building leaves behind, and what is no source.
const LEFT_OUT: [&str; 5] = [".tools", "node_modules", "target", "dist", "__pycache__"];
/// Variables of this build that are not for another one.
const OURS: [&str; 6] =
    ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET", "PYTHONPATH", "PYTHONHOME"];
/// Names npm's tools and their versions.
const NPM: &str = "package.json";
/// Where the contract stands: every example is built from it.
const CONTRACT: &str = "wit";

/// A component of `examples/components`.
pub struct Example {
    /// Its folder there.
    pub folder: &'static str,
    /// The file that it builds, in `dist`.
    pub wasm: &'static str,
    /// Its one command.
    pub build: &'static [&'static str],
    /// A command for bash that succeeds when the tools of the build are there.
    pub tools: &'static str,
    /// What else of the repository it needs.
    pub needs: &'static [&'static str],
}

/// Holds what one test at a time may do: builds share a folder, and figures are worth nothing side by side.
pub struct Turn {
    _lock: File,
}

/// Waits until it is our turn; also among processes.
pub fn turn() -> Turn {
    let home = home();
    fs::create_dir_all(&home).expect("the target folder can be written");
    let lock = File::create(home.join("lock")).expect("a file for the lock");
    lock.lock().expect("the file can be locked");
    Turn { _lock: lock }
}

/// Says something that is shown even when the test succeeds.
pub fn say(words: &str) {
    // Not by a macro: what those print is hidden unless the test fails.
    let _ = writeln!(io::stderr(), "{words}");
}

fn home() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples")
}

impl Example {
    /// The component; built when its sources have changed. None when its tools cannot be had and that is not required.
    pub fn built(&self, _turn: &Turn) -> Option<Vec<u8>> {
        let project = home().join(self.path());
        let (wasm, stamp) = (project.join("dist").join(self.wasm), project.join("dist/.sources"));
        let sources = self.sources().expect("the sources of the example can be read");
        let digest = digest(&sources).expect("the sources of the example can be read");
        if fs::read_to_string(&stamp).is_ok_and(|built| built == digest)
            && let Ok(bytes) = fs::read(&wasm)
        {
            return Some(bytes);
        }
        self.bring(&sources).expect("the sources of the example can be copied");
        let begun = Instant::now();
        if let Err(why) = run(&project, self.build) {
            return self.skip(&project, &why);
        }
        let bytes = fs::read(&wasm).unwrap_or_else(|e| panic!("{} left no {}: {e}", self.build.join(" "), self.wasm));
        fs::write(&stamp, digest).expect("the target folder can be written");
        let (seconds, command) = (begun.elapsed().as_secs_f64(), self.build.join(" "));
        say(&format!("{}: `{command}` took {seconds:.0} s, fetching its tools included", self.folder));
        Some(bytes)
    }

    /// Says that a build failed for want of its tools; one that failed with them there is a fault.
    fn skip(&self, project: &Path, why: &str) -> Option<Vec<u8>> {
        let Err(lack) = run(project, &["bash", "-c", self.tools]) else {
            panic!("{} does not build: {why}", self.folder);
        };
        let required = env::var(SWITCH).is_ok_and(|value| value == "required") || env::var_os("CI").is_some();
        let what = format!("the tools of {} cannot be had: {why}\n{lack}", self.folder);
        assert!(!required, "{what}\n{SWITCH}=required or CI is set");
        say(&format!("\n*** SKIPPED: {what}\n"));
        None
    }

    fn path(&self) -> String {
        format!("examples/components/{}", self.folder)
    }

    /// Files that the build is made of: path in the repository, and where that is.
    fn sources(&self) -> io::Result<BTreeMap<String, PathBuf>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let (path, mut found) = (self.path(), BTreeMap::new());
        for part in [CONTRACT, path.as_str()].iter().chain(self.needs) {
            collect(&root.join(part), part, &mut found)?;
        }
        Ok(found)
    }

    /// Copies the sources; what stood there before goes, but for the tools.
    fn bring(&self, sources: &BTreeMap<String, PathBuf>) -> io::Result<()> {
        let home = home();
        let project = home.join(self.path());
        fs::create_dir_all(&project)?;
        // npm's tools are fetched once; other versions of them are others.
        let wanted = sources.get(&format!("{}/{NPM}", self.path())).and_then(|path| fs::read(path).ok());
        if fs::read(project.join(NPM)).ok() != wanted {
            remove(&project.join("node_modules"))?;
        }
        for entry in fs::read_dir(&project)? {
            let entry = entry?;
            if !TOOLS.iter().any(|kept| entry.file_name() == *kept) {
                remove(&entry.path())?;
            }
        }
        for part in [CONTRACT].iter().chain(self.needs) {
            remove(&home.join(part))?;
        }
        for (name, from) in sources {
            let to = home.join(name);
            fs::create_dir_all(to.parent().unwrap_or(&home))?;
            fs::copy(from, to)?;
        }
        Ok(())
    }
}

fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    removed.or_else(|e| if e.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(e) })
}

/// All files at or below a path.
fn collect(path: &Path, name: &str, found: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        found.insert(name.to_owned(), path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let file = entry.file_name().to_string_lossy().into_owned();
        if !LEFT_OUT.contains(&file.as_str()) {
            collect(&entry.path(), &format!("{name}/{file}"), found)?;
        }
    }
    Ok(())
}

/// A digest of names and contents.
fn digest(sources: &BTreeMap<String, PathBuf>) -> io::Result<String> {
    let mut hash = Sha256::new();
    for (name, path) in sources {
        let content = fs::read(path)?;
        hash.update(format!("{name}\n{}\n", content.len()));
        hash.update(&content);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Runs a command in a folder; the end of what it says when it fails.
fn run(folder: &Path, command: &[&str]) -> Result<(), String> {
    let (Some(program), arguments) = (command.first(), command.iter().skip(1)) else { return Ok(()) };
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments).stdin(Stdio::null()).env("XDG_CACHE_HOME", home().join("cache"));
    for name in OURS {
        command.env_remove(name);
    }
    let output = command.output().map_err(|e| format!("{program} does not start: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let words = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = words.lines().collect();
    let last = lines.len().saturating_sub(15);
    Err(format!("{program} fails ({}):\n{}", output.status, lines[last..].join("\n")))
}
