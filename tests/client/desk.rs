//! A desk: copies of the client's packages with settings for one node, and a folder to work in. The settings are files
//! inside the packages; so every test has copies of its own, and tests may run side by side. Not for: installing the
//! client (`venv`), what is tested (the scripts).

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use parcae_tests::{example, http::Served};
use tempfile::TempDir;

use crate::venv::{Venv, venv};

/// Packages with settings, or that read those of another.
const PACKAGES: [&str; 3] = ["flow_client", "flow_sdk", "pipeline"];
/// Proxies are not for requests to this machine.
pub const PROXIES: [&str; 6] = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/// The client, set up for one node.
pub struct Desk {
    folder: TempDir,
    venv: &'static Venv,
    port: String,
    data: PathBuf,
    keys: Option<(&'static str, &'static str)>,
}

impl Desk {
    /// Sets the client up as its user does, with `flow init` and `pipeline init`; with a key and its secret when given.
    /// None when there is no client.
    pub fn new(served: &Served, keys: Option<(&'static str, &'static str)>) -> Option<Desk> {
        let venv = venv()?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        for package in PACKAGES {
            let to = folder.path().join("packages").join(package);
            copy(&venv.packages().join(package), &to).expect("the client's packages can be copied");
        }
        fs::create_dir(folder.path().join("work")).expect("a folder to work in");
        let (port, data) = (served.address().port().to_string(), served.site.folder().to_owned());
        let desk = Desk { folder, venv, port, data, keys };
        let scripts = [("flow", "has been initialized successfully"), ("pipeline", "configuration succeeded")];
        for (script, words) in scripts {
            let mut command = desk.python();
            command.arg(desk.venv.script(script)).args(["init", "--ip", "127.0.0.1", "--port", &desk.port]);
            if let Some((key, secret)) = keys {
                command.args(["--app-key", key, "--secret-key", secret]);
            }
            let printed = succeeded(&mut command);
            assert!(printed.contains(words), "{script} init: {printed}");
        }
        Some(desk)
    }

    /// Runs a script of this folder, which must end well.
    pub fn run(&self, script: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("client").join(script);
        succeeded(self.python().arg(path));
    }

    /// A Python that finds the packages of this desk before those of the venv.
    fn python(&self) -> Command {
        let mut command = Command::new(self.venv.python());
        command.current_dir(self.folder.path().join("work"));
        command.env("PYTHONPATH", self.folder.path().join("packages")).env_remove("PYTHONHOME");
        command.env("HOME", self.folder.path()).env("PYTHONIOENCODING", "utf-8").env("PYTHONUNBUFFERED", "1");
        // click refuses to run without a locale that has UTF-8.
        command.env("LC_ALL", "C.UTF-8").env("LANG", "C.UTF-8").env("NO_PROXY", "*");
        for name in PROXIES {
            command.env_remove(name);
        }
        command.env("PARCAE_FLOW", self.venv.script("flow")).env("PARCAE_PORT", &self.port);
        command.env("PARCAE_DATA", &self.data).env("PARCAE_EXAMPLE", example("hetero_lr"));
        if let Some((key, secret)) = self.keys {
            command.env("PARCAE_APP_KEY", key).env("PARCAE_SECRET_KEY", secret);
        }
        command
    }
}

/// What a program prints; it must end well.
fn succeeded(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?} does not start: {e}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n--- output\n{out}\n--- errors\n{err}", output.status);
    out.into_owned()
}

/// Copies a folder with the times of its files: what Python has compiled stays good.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (entry, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
        let Some(name) = entry.file_name() else { continue };
        if kind.is_dir() {
            copy(&entry, &to.join(name))?;
        } else {
            fs::copy(&entry, to.join(name))?;
            let changed = fs::metadata(&entry)?.modified()?;
            fs::File::options().write(true).open(to.join(name))?.set_modified(changed)?;
        }
    }
    Ok(())
}
