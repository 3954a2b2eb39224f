//! A registry on this machine: the package `docker-registry` of Debian, with its storage in a folder of its own. Not
//! for: what is asked of it.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// Says that the tests must not be skipped; so does `CI`.
const SWITCH: &str = "PARCAE_REGISTRY";
/// What stands before the address in the registry's log.
const LISTENS: &str = "listening on ";
/// The password is `secret`.
const PASSWORDS: &str = "lab:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";
/// A certificate for this machine that vouches for itself.
const CERTIFICATE: &str = "[req]\ndistinguished_name = name\nx509_extensions = use\nprompt = no\n\
    [name]\nCN = a registry of a test\n[use]\nbasicConstraints = critical, CA:FALSE\nsubjectAltName = IP:127.0.0.1\n";

/// A registry that runs until this is dropped.
pub struct Registry {
    child: Child,
    folder: TempDir,
    /// Where it listens.
    pub address: String,
}

/// What a registry is to be like.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// It asks for a name and a password.
    pub login: bool,
    /// It speaks https.
    pub tls: bool,
}

impl Registry {
    /// Starts one. None when the package is not there and that is not required.
    pub fn start(wish: Wish) -> Option<Registry> {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let mut config = format!(
            "version: 0.1\nlog: {{level: info}}\nstorage: {{filesystem: {{rootdirectory: {:?}}}}}\n",
            path("storage")
        );
        if wish.login {
            fs::write(path("passwords"), PASSWORDS).unwrap();
            config += &format!("auth: {{htpasswd: {{realm: test, path: {:?}}}}}\n", path("passwords"));
        }
        config += "http:\n  addr: 127.0.0.1:0\n  secret: of a test\n";
        if wish.tls {
            certify(folder.path())?;
            config += &format!("  tls: {{certificate: {:?}, key: {:?}}}\n", path("certificate.pem"), path("key.pem"));
        }
        fs::write(path("config.yml"), config).unwrap();
        let mut command = Command::new("docker-registry");
        command.args(["serve", &path("config.yml")]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let child = match command.spawn() {
            Err(e) if e.kind() == ErrorKind::NotFound => return skip("docker-registry"),
            child => child.unwrap(),
        };
        let mut registry = Registry { child, folder, address: String::new() };
        registry.address = registry.listens();
        Some(registry)
    }

    /// Waits until it listens; it takes a port that is free.
    fn listens(&mut self) -> String {
        let mut lines = BufReader::new(self.child.stderr.take().unwrap()).lines();
        let mut seen = String::new();
        let address = lines.by_ref().map_while(Result::ok).find_map(|line| {
            seen += &format!("{line}\n");
            let address = line.split_once(LISTENS)?.1;
            Some(address.split([',', '"', ' ']).next()?.to_owned())
        });
        // What nobody reads would stop it some time.
        std::thread::spawn(move || lines.for_each(drop));
        address.unwrap_or_else(|| panic!("the registry does not start:\n{seen}"))
    }

    /// The certificate that clients must trust.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// The file in which it keeps content with a digest.
    pub fn file_of(&self, digest: &str) -> PathBuf {
        let hex = digest.trim_start_matches("sha256:");
        self.folder.path().join(format!("storage/docker/registry/v2/blobs/sha256/{}/{hex}/data", &hex[..2]))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes `certificate.pem` and `key.pem`. None when there is no openssl and that is not required.
pub fn certify(folder: &Path) -> Option<()> {
    fs::write(folder.join("openssl.conf"), CERTIFICATE).unwrap();
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]);
    command.args(["-nodes", "-days", "2", "-config", "openssl.conf", "-keyout", "key.pem", "-out", "certificate.pem"]);
    match command.stdin(Stdio::null()).output() {
        Err(e) if e.kind() == ErrorKind::NotFound => skip("openssl"),
        made => {
            let made = made.unwrap();
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
            Some(())
        }
    }
}

fn skip<T>(program: &str) -> Option<T> {
    let required = env::var(SWITCH).is_ok_and(|value| value == "required") || env::var_os("CI").is_some();
    assert!(!required, "{program} is not installed, and {SWITCH}=required or CI is set");
    // Not by a macro: what those print is hidden unless the test fails.
    let _ = writeln!(std::io::stderr(), "\n*** SKIPPED: {program} is not installed (a package of that name)\n");
    None
}
