//! The binary as a child: made, started, killed and measured from outside. Not for: what is asked of it (`desk`).

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::PoisonError,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::desk::Place;

/// How long processes of attempts may outlive their node.
const ORPHANS: Duration = Duration::from_secs(10);
/// What is no business of jobs: logs have limits of their own, the log of the database is cut now and then, and
/// compiled components are made once.
const NOT_COUNTED: [&str; 4] = ["logs", "compiled", "parcae.sqlite-wal", "parcae.sqlite-shm"];

/// Folders of the soak.
pub struct Folders {
    root: tempfile::TempDir,
}

impl Folders {
    /// With the component for tests in one of them.
    pub fn new() -> Folders {
        let folders = Folders { root: tempfile::tempdir().unwrap() };
        fs::create_dir(folders.components()).unwrap();
        let probe = parcae_catalog::TEST_IMAGES.iter().find(|image| image.name == "probe").unwrap();
        fs::write(folders.components().join("probe.wasm"), probe.wasm).unwrap();
        folders
    }

    /// The node's.
    pub fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    fn components(&self) -> PathBuf {
        self.root.path().join("components")
    }

    /// Makes a tenant as an operator does; its key.
    pub fn tenant(&self, name: &str) -> String {
        let run = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_parcae"));
            command.args(["--json", "tenant"]).args(arguments).arg("--data").arg(self.data());
            let output = command.output().unwrap();
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice::<Value>(&output.stdout).unwrap()
        };
        run(&["create", name]);
        run(&["key", name, "--scope", "submit"])["secret"].as_str().unwrap().to_owned()
    }

    /// Files of tables.
    pub fn tables(&self) -> BTreeSet<String> {
        names(&self.data().join("tables"))
    }

    /// What should be empty when nothing runs, and is not.
    pub fn leftovers(&self) -> Vec<String> {
        let within = |folder: &str| {
            let found = names(&self.data().join(folder)).into_iter();
            found.map(|name| format!("{folder}/{name}")).collect::<Vec<_>>()
        };
        let unfinished = within("tables").into_iter().filter(|name| name.ends_with(".tmp"));
        within("uploads").into_iter().chain(within("scratch")).chain(unfinished).collect()
    }

    /// Folders of jobs.
    pub fn jobs(&self) -> BTreeSet<String> {
        names(&self.data().join("jobs"))
    }

    /// Bytes on the disk that jobs are to blame for.
    pub fn bytes(&self) -> u64 {
        let top = fs::read_dir(self.data()).into_iter().flatten().flatten();
        let counted = top.filter(|entry| !NOT_COUNTED.iter().any(|name| entry.file_name() == *name));
        counted.map(|entry| size(&entry.path())).sum()
    }
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Bytes of a file, or of all files below a folder. What vanishes meanwhile has none.
fn size(path: &Path) -> u64 {
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_dir() => {
            fs::read_dir(path).into_iter().flatten().flatten().map(|entry| size(&entry.path())).sum()
        }
        Ok(about) => about.len(),
        Err(_) => 0,
    }
}

/// A node in a process of its own.
pub struct Node {
    child: Child,
    /// How long it took until it answered.
    pub started: Duration,
}

impl Node {
    /// Starts it, and tells where it is.
    pub fn start(folders: &Folders, place: &Place) -> Node {
        let began = Instant::now();
        let errors = File::options().create(true).append(true).open(folders.root.path().join("stderr")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_parcae"))
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(folders.data())
            .arg("--components")
            .arg(folders.components())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(errors))
            .spawn()
            .unwrap();
        let said = serde_json::Deserializer::from_reader(child.stdout.take().unwrap()).into_iter::<Value>().next();
        let said = said.and_then(Result::ok).unwrap_or_else(|| {
            let text = fs::read_to_string(folders.root.path().join("stderr")).unwrap_or_default();
            panic!("the node does not start: {}", text.lines().last().unwrap_or_default())
        });
        *place.write().unwrap_or_else(PoisonError::into_inner) = said["url"].as_str().unwrap().to_owned();
        Node { child, started: began.elapsed() }
    }

    /// Memory that it has now, bytes.
    pub fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
        kib.unwrap_or(0) << 10
    }

    /// Kills it, and waits until no process of its attempts is left.
    pub fn kill(mut self) {
        let workers = children(self.child.id());
        // On Unix this is SIGKILL.
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let end = Instant::now() + ORPHANS;
        while workers.iter().any(|pid| parent(*pid).is_some()) {
            assert!(Instant::now() < end, "processes of attempts outlive their node: {workers:?}");
            sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Both fail only when it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The parent of a process that lives; none when it is gone, or has ended and nobody has waited for it.
fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is a name in parentheses, in which anything may stand.
    let mut fields = stat.rsplit(')').next()?.split_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(parent)
}

fn children(of: u32) -> Vec<u32> {
    let pids = names(Path::new("/proc")).into_iter().filter_map(|name| name.parse::<u32>().ok());
    pids.filter(|pid| parent(*pid) == Some(of)).collect()
}
