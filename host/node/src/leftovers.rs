//! Notes of the files that attempts put out on the site's disk, kept with their job: by them the job's end finds what a node
//! that was killed left of these files. Not for: writing and publishing a file (`export`).

use std::fs;
use std::io;
use std::path::Path;

use parcae_domain::{id::AttemptId, port::PortError};
use parcae_metadata::{Store, TaskFilter};

use crate::export::{self, Folders};

/// Notes in a folder that an attempt is about to begin a file.
pub(crate) fn note(folders: &Folders, notes: &Path, by: &AttemptId, path: &str) -> Result<(), PortError> {
    export::place(folders, path)?;
    let failed = |e: io::Error| PortError::Node(format!("note of file {path:?}: {e}"));
    let text = serde_json::to_vec(&(by, path)).map_err(|e| failed(e.into()))?;
    fs::create_dir_all(notes).map_err(failed)?;
    fs::write(notes.join(export::unfinished(by, by.version)), text).map_err(failed)
}

/// Removes what the attempts that are noted in a folder left, and the folder. To be called when none of them runs.
pub(crate) fn clear(folders: &Folders, notes: &Path, succeeded: impl Fn(&AttemptId) -> bool) {
    for note in fs::read_dir(notes).into_iter().flatten().flatten() {
        let text = fs::read(note.path()).unwrap_or_default();
        // A note that was cut off is of a file that was never begun.
        if let Ok((by, path)) = serde_json::from_slice::<(AttemptId, String)>(&text) {
            export::withdraw(folders, &path, &by, || succeeded(&by));
        }
    }
    let _ = fs::remove_dir_all(notes);
}

/// Whether an attempt ended well. When the store cannot tell it did, so that nothing of it is removed.
pub(crate) fn succeeded(store: &Store, attempt: &AttemptId) -> bool {
    let filter = TaskFilter {
        jobs: vec![attempt.task.job.clone()],
        components: vec![attempt.task.component.clone()],
        roles: vec![attempt.party.role],
        party_ids: vec![attempt.party.id],
        version: Some(attempt.version),
        ..TaskFilter::default()
    };
    match store.party_tasks(&filter) {
        Ok(rows) => rows.iter().any(|row| row.status.is_good()),
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use parcae_domain::{
        id::{JobId, TaskId},
        outcome::Outcome,
        party::{Party, Role},
    };

    use super::*;
    use crate::export::Export;

    fn by(component: &str) -> AttemptId {
        let task = TaskId { job: JobId("202611211245592490001".into()), component: component.into() };
        AttemptId { task, version: 0, party: Party::new(Role::Local, 0) }
    }

    #[test]
    fn the_end_of_a_job_removes_what_a_killed_node_left() {
        let data = tempfile::tempdir().unwrap();
        let folders = Folders::of(&crate::options::Options::new(data.path()), &Default::default());
        let notes = data.path().join("notes");
        let local = data.path().join("local");
        for component in ["good_0", "bad_0"] {
            let path = format!("{component}.csv");
            note(&folders, &notes, &by(component), &path).unwrap();
            let mut export = Export::begin(&folders, &path, &by(component), |_| false).unwrap();
            export.write(b"one").unwrap();
            let (published, _) = export::settle(Some(export), Outcome::Success);
            // The node is killed before the end is stored, or just after.
            drop(published);
        }
        note(&folders, &notes, &by("begun_0"), "begun_0.csv").unwrap();
        fs::write(local.join(export::unfinished(&by("begun_0"), 0)), "half").unwrap();
        fs::write(notes.join("cut off"), "[{").unwrap();
        assert!(note(&folders, &notes, &by("x_0"), "../x.csv").is_err());
        assert_eq!(fs::read_dir(&local).unwrap().count(), 5);
        clear(&folders, &notes, |by| by.task.component == "good_0");
        let left: Vec<_> = fs::read_dir(&local).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left, ["good_0.csv"]);
        assert!(!notes.exists());
    }
}
