//! A Chromium without a window, driven over its DevTools socket: finds it, starts it, ends it. Not for: what happens on a
//! page (`page`).

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use crate::page::Page;

/// Names under which it is installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// A browser that runs.
pub struct Chromium {
    child: Child,
    socket: String,
    _profile: tempfile::TempDir,
    /// One browser at a time: two cores are few.
    _turn: MutexGuard<'static, ()>,
}

/// Where it is installed; panics where tests must not go without it.
fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name)));
    let found = found.into_iter().find(|file| file.is_file());
    let is_required = std::env::var("PARCAE_BROWSER").is_ok_and(|word| word == "required");
    assert!(found.is_some() || !is_required, "there is no Chromium: apt-get install chromium");
    if found.is_none() {
        eprintln!("SKIPPED: no Chromium is installed (apt-get install chromium), the board was not looked at");
    }
    found
}

impl Chromium {
    /// Starts one; none where it is not installed.
    pub fn start() -> Option<Chromium> {
        static TURN: OnceLock<Mutex<()>> = OnceLock::new();
        let program = installed()?;
        let turn = TURN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        let profile = tempfile::tempdir().expect("a folder for the browser");
        let mut child = Command::new(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio"])
            .args(["--no-first-run", "--disable-extensions", "--disable-background-networking", "--hide-scrollbars"])
            .args(["--disable-component-update", "--disable-default-apps", "--remote-debugging-port=0"])
            .args(["--force-color-profile=srgb", "--lang=en-US", "--window-size=1440,900"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Chromium starts");
        let said = BufReader::new(child.stderr.take().expect("its standard error"));
        let mut lines = said.lines().map_while(Result::ok);
        let socket = lines.find_map(|line| line.split_once("DevTools listening on ").map(|(_, at)| at.to_owned()));
        let socket = socket.expect("Chromium says where it listens");
        // Read on, or it would stand still once the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Chromium { child, socket, _profile: profile, _turn: turn })
    }

    /// Opens an empty page.
    pub fn page(&self) -> Page {
        Page::open(&self.socket)
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
