//! A folder in which the command line is run, out of reach of the logins of whoever runs the tests. Not for:
//! registries.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// A folder with a component to publish: `reader.wasm`.
pub struct Desk {
    folder: TempDir,
}

impl Desk {
    /// A new one.
    pub fn new() -> Desk {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("reader.wasm"), wasm()).unwrap();
        Desk { folder }
    }

    /// A file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `docker login` would leave.
    pub fn docker_login(&self, config: &Value) {
        fs::create_dir_all(self.path("docker")).unwrap();
        fs::write(self.path("docker/config.json"), config.to_string()).unwrap();
    }

    /// Runs `parcae component` with what is typed, with spaces between.
    pub fn component(&self, typed: &str) -> Output {
        self.component_with(typed, "", &[])
    }

    /// The same, with a standard input and with variables.
    pub fn component_with(&self, typed: &str, input: &str, variables: &[(&str, &Path)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parcae"));
        command.current_dir(self.folder.path()).arg("component").args(typed.split_whitespace());
        command.env("HOME", self.folder.path()).env("DOCKER_CONFIG", self.path("docker"));
        command.env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("oci/cache"));
        command.envs(variables.iter().copied());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Who asks for no password does not read it.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// What a command says that ends well, as JSON.
    pub fn said(&self, typed: &str) -> Value {
        said(&self.component(&format!("{typed} --json")))
    }

    /// Why a command fails. Nothing may be left behind.
    pub fn refused(&self, typed: &str) -> String {
        let output = self.component(typed);
        let left = fs::read_dir(self.folder.path()).unwrap().flatten().map(|file| file.file_name());
        let left: Vec<_> = left.filter(|name| name != "reader.wasm" && name != "docker").collect();
        assert!(left.is_empty(), "{typed} leaves {left:?}");
        why(&output)
    }
}

/// What a command says that has ended well, as JSON.
pub fn said(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Why a command has failed.
pub fn why(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{}\n{text}", String::from_utf8_lossy(&output.stdout));
    text
}

/// The component that is published.
pub fn wasm() -> &'static [u8] {
    parcae_catalog::get("reader").unwrap()
}

/// `sha256:` and the hash of bytes.
pub fn digest_of(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}
