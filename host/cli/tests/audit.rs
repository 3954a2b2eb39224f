//! `parcae audit`: what `parcae tenant` did is in the log of a data folder, and a change to that log is found. Not for:
//! lines of requests (the suite).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{fs, path::Path, process::Command};

/// Runs a command on a data folder: whether it went well, and what it said.
fn parcae(words: &str, data: &Path) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parcae"));
    let output = command.args(words.split(' ')).arg("--data").arg(data).output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    (output.status.success(), said)
}

#[test]
fn what_was_done_to_tenants_is_kept_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    assert!(!parcae("audit verify", data).0, "there is no node yet");
    let quota = "tenant quota bank images=5 weight=none";
    for words in ["tenant create bank", quota, "tenant key bank --scope read", "tenant disable bank"] {
        let (went_well, said) = parcae(words, data);
        assert!(went_well, "{words}: {said}");
    }
    // What only looks leaves no line.
    assert!(parcae("tenant list", data).0);
    let (holds, said) = parcae("audit verify", data);
    assert!(holds && said.starts_with("4 lines hold; the last one is number 4"), "{said}");
    let (_, shown) = parcae("audit show --tenant bank", data);
    let objects = ["images=5 weight=none", "id=", " scope=read"];
    let acts = ["parcae tenant create", "parcae tenant key", "parcae tenant disable", "cli", "allowed"];
    for what in acts.into_iter().chain(objects) {
        assert!(shown.contains(what), "{what:?} is not in:\n{shown}");
    }
    let file = data.join("audit/audit.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("tenant disable", "tenant enable ")).unwrap();
    let (holds, said) = parcae("audit verify", data);
    assert!(!holds && said.contains("line 4 of audit.jsonl") && said.contains("it was changed"), "{said}");
    let cut: Vec<&str> = text.lines().take(1).collect();
    fs::write(&file, cut.join("\n") + "\n").unwrap();
    let (holds, said) = parcae("audit verify", data);
    assert!(!holds && said.contains("audit.jsonl: the log ends after line 1, and line 4 was written"), "{said}");
    let (went_well, said) = parcae("audit show --since yesterday", data);
    assert!(!went_well && said.contains("expected a time in UTC"), "{said}");
}
