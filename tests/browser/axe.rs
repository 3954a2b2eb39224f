//! axe-core looks at pages: it comes from npm, for the tests alone. Not for: driving the browser.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::page::Page;

/// Its version.
const PACKAGE: &str = "axe-core@4.14.1";

/// The script; none where npm is not there or the registry is out of reach, which is an error where it is required.
pub fn script() -> Option<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
    let file: PathBuf = folder.join("node_modules/axe-core/axe.min.js");
    if !file.is_file() {
        std::fs::create_dir_all(&folder).expect("a folder for axe-core");
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&folder).arg(PACKAGE);
        let _ = npm.output();
    }
    let script = std::fs::read_to_string(&file).ok();
    let is_required = std::env::var("PARCAE_BROWSER").is_ok_and(|word| word == "required");
    assert!(script.is_some() || !is_required, "npm does not get {PACKAGE}");
    if script.is_none() {
        eprintln!("SKIPPED: npm does not get {PACKAGE}, nobody looked for faults of accessibility");
    }
    script
}

/// Faults of the page that keep somebody from using it: one line each.
pub fn faults(page: &mut Page, script: &str) -> Vec<String> {
    page.eval(&format!("{script};0"));
    let found = page.eval(
        "axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations.filter((v) => \
         v.impact === 'serious' || v.impact === 'critical').map((v) => [v.id, v.help, v.nodes.slice(0, 4).map((n) => \
         n.target.join(' ') + ' ' + (n.any[0]?.message || '')).join(' | ')]))",
    );
    let line = |fault: &Value| format!("{} ({}): {}", fault[0], fault[1], fault[2]);
    found.as_array().map(|all| all.iter().map(line).collect()).unwrap_or_default()
}
