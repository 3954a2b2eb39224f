//! A component that misuses checkpoints and files of the site, through whole nodes: what is not right is refused, and
//! of a file there is either all under its name or nothing. Not for: other misbehaviour (`hostile`).

use std::fs;
use std::path::{Path, PathBuf};

use parcae_domain::{grant::Grant, status::Status};
use parcae_tests::Site;
use serde_json::{Value, json};

/// A site that gives the probe its grant, with little room.
fn site(export_folder: Option<PathBuf>) -> Site {
    Site::with(|options| {
        options.cores = 96;
        options.grants.insert("ProbeExport".to_owned(), vec![Grant::ExportFile]);
        options.export_folder = export_folder;
        options.limits.run_seconds = 100;
        options.limits.model_bytes = 1 << 20;
        options.limits.checkpoints = 50;
        options.limits.export_bytes = 1 << 20;
    })
}

fn job(behaviour: &str, text: &str, amount: u64) -> (Value, Value) {
    let dsl = json!({"components": {"probe_0":
        {"module": "ProbeExport", "output": {"data": ["data"], "model": ["model"]}}}});
    let conf = json!({
        "dsl_version": 2,
        "initiator": {"role": "local", "party_id": 0},
        "role": {"local": [0]},
        "component_parameters": {"common": {"probe_0": {"behaviour": behaviour, "text": text, "amount": amount}}}
    });
    (dsl, conf)
}

/// Runs a behaviour that ends so; its errors and its log.
fn run(site: &Site, behaviour: &str, text: &str, amount: u64, status: Status) -> String {
    let (dsl, conf) = job(behaviour, text, amount);
    let view = site.run(&dsl, &conf);
    let log = site.folder().join("logs").join(&view.job.0).join("local/0/probe_0/stat.log");
    let said = format!("{}\n{}", site.errors(&view.job.0), fs::read_to_string(log).unwrap_or_default());
    assert_eq!(view.status, status, "{behaviour} {text:?}: {said}");
    said
}

/// Paths of all files below a folder, hidden ones too.
fn files(folder: &Path) -> Vec<String> {
    let (mut found, mut open) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(relative) = open.pop() {
        for entry in fs::read_dir(folder.join(&relative)).into_iter().flatten().flatten() {
            let path = relative.join(entry.file_name());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(path);
            } else {
                found.push(path.display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn wrong_checkpoints_are_refused_and_leave_the_right_ones_alone() {
    let site = site(None);
    let said = run(&site, "wrong_checkpoint", "", 0, Status::Success);
    for words in ["has no output data for models", "name of a checkpoint's step", "a model of 1001 parts"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(run(&site, "flood_checkpoints", "", 0, Status::Success).contains("limit checkpoints after 50 calls"));
    let said = run(&site, "huge_checkpoint", "", 0, Status::Success);
    assert!(said.contains("1048576 bytes of checkpoints are allowed"), "{said}");
}

#[test]
fn a_file_is_there_whole_or_not_at_all() {
    let other = tempfile::tempdir().unwrap();
    let site = site(Some(other.path().to_path_buf()));
    let local = site.folder().join("local");
    run(&site, "export", "a.csv", 2, Status::Success);
    run(&site, "export", "deep/er/a.csv", 0, Status::Success);
    let absolute = local.join("b.csv").display().to_string();
    run(&site, "export", &absolute, 0, Status::Success);
    let elsewhere = other.path().join("new/c.csv").display().to_string();
    run(&site, "export_twice", &elsewhere, 2, Status::Success);
    for (behaviour, status) in [("export_fails", Status::Failed), ("export_crashes", Status::Failed)] {
        run(&site, behaviour, "never.csv", 0, status);
    }
    assert_eq!(files(&local), ["a.csv", "b.csv", "deep/er/a.csv"]);
    assert_eq!(fs::read_to_string(local.join("a.csv")).unwrap(), "line 0\nline 1\n");
    assert_eq!(files(other.path()), ["new/c.csv"]);
    let said = run(&site, "export", "a.csv", 9, Status::Failed);
    assert!(said.contains("files are not replaced"), "{said}");
    assert_eq!(fs::read_to_string(local.join("a.csv")).unwrap(), "line 0\nline 1\n");
    assert!(run(&site, "flood_export", "big", 0, Status::Success).contains("limit export_bytes after 16 calls"));
    assert_eq!(fs::metadata(local.join("big")).unwrap().len(), 1 << 20);
}

#[test]
fn no_file_is_written_outside_the_allowed_folders() {
    let outside = tempfile::tempdir().unwrap();
    let site = site(None);
    let local = site.folder().join("local");
    fs::create_dir_all(&local).unwrap();
    std::os::unix::fs::symlink(outside.path(), local.join("way")).unwrap();
    let said = run(&site, "export_escape", "", 0, Status::Success);
    assert!(said.contains("export_folder") && said.contains("names a folder"), "{said}");
    let absolute = outside.path().join("x.csv").display().to_string();
    let said = run(&site, "export", &absolute, 0, Status::Failed);
    assert!(said.contains("`export_folder`"), "{said}");
    assert!(files(outside.path()).is_empty());
    assert_eq!(files(&local), ["way"]);
    let said = run(&site, "export_unbegun", "", 0, Status::Success);
    assert!(said.contains("call export-begin first"), "{said}");
}

#[test]
fn without_the_grant_the_job_is_refused() {
    let site = Site::new();
    let (dsl, conf) = job("export", "a.csv", 0);
    let (_, taken) = site.node.default_tenant().submit(&dsl, &conf);
    let refusal = taken.err().map(|e| e.to_string()).unwrap_or_default();
    assert!(refusal.contains("module ProbeExport asks for export-file"), "{refusal}");
}
