//! Names, removal, and what a crash leaves.

use std::collections::HashSet;

use parcae_domain::port::{PortError, Table, TableWriter};

use super::{Folder, page, read_all, schema};
use crate::{Removed, TableDir};

#[test]
fn unfinished_tables_vanish() {
    let folder = Folder::new();
    let mut writer = folder.tables.create(&schema(), 1).unwrap();
    writer.append(&page(1_000, 1)).unwrap();
    let names = folder.names();
    assert!(names.len() == 1 && names[0].ends_with(".tmp"), "{names:?}");
    drop(writer);
    assert!(folder.names().is_empty());
}

#[test]
fn an_unfinished_file_cannot_be_opened() {
    let folder = Folder::new();
    let _writer = folder.tables.create(&schema(), 1).unwrap();
    let name = folder.names().remove(0);
    for name in [name.clone(), name.replace(".tmp", ".table")] {
        assert!(matches!(folder.tables.open_table(&name).err(), Some(PortError::NotFound(_))), "{name}");
    }
}

#[test]
fn what_a_crash_left_goes_and_what_is_kept_stays() {
    let folder = Folder::new();
    let kept = folder.write(&schema(), 1, &[page(10, 1)]);
    let lost = folder.write(&schema(), 1, &[page(20, 1)]);
    // A process that dies runs no destructor.
    std::mem::forget(folder.tables.create(&schema(), 1).unwrap());
    std::fs::write(folder.path("README"), "not ours").unwrap();
    let unfinished: u64 = folder
        .names()
        .iter()
        .filter(|name| name.ends_with(".tmp"))
        .map(|name| std::fs::metadata(folder.path(name)).unwrap().len())
        .sum();

    let keep = HashSet::from([kept.file.clone(), "0".repeat(32) + ".table"]);
    let removed = folder.tables.retain(&keep).unwrap();
    assert_eq!(removed, Removed { files: 2, bytes: lost.bytes + unfinished });
    let mut left = vec!["README".to_owned(), kept.file.clone()];
    left.sort();
    assert_eq!(folder.names(), left);
    assert_eq!(folder.tables.retain(&keep).unwrap(), Removed::default());

    let again = TableDir::open(folder.temp.path()).unwrap();
    assert_eq!(read_all(&again.open_table(&kept.file).unwrap()).unwrap(), [page(10, 1)]);
}

#[test]
fn removed_tables_are_gone_but_readers_end_in_peace() {
    let folder = Folder::new();
    let file = folder.write(&schema(), 1, &[page(10, 1)]).file;
    let table = folder.tables.open_table(&file).unwrap();
    folder.tables.remove(&file).unwrap();
    assert_eq!(read_all(&table).unwrap(), [page(10, 1)]);
    assert!(matches!(folder.tables.remove(&file), Err(PortError::NotFound(_))));
    assert!(matches!(folder.tables.open_table(&file).err(), Some(PortError::NotFound(_))));
}

#[test]
fn names_never_leave_the_folder() {
    let folder = Folder::new();
    let tables = TableDir::open(&folder.path("inner")).unwrap();
    let file = folder.write(&schema(), 1, &[page(1, 1)]).file;
    let names = [
        String::new(),
        "..".into(),
        "../x".into(),
        "/etc/passwd".into(),
        format!("../{file}"),
        format!("./{file}"),
        format!("{}/{file}", folder.temp.path().display()),
        format!("{file}\0"),
        file.to_uppercase(),
        file.replace(".table", ""),
        file.replace(".table", ".tmp"),
        "é".repeat(16) + ".table",
        "0".repeat(32) + ".table",
        "a".repeat(100_000),
    ];
    for name in &names {
        assert!(matches!(tables.open_table(name).err(), Some(PortError::NotFound(_))), "{name:?}");
        assert!(matches!(tables.remove(name), Err(PortError::NotFound(_))), "{name:?}");
    }
    assert!(folder.path(&file).exists());
}

#[test]
fn a_link_does_not_lead_out() {
    let folder = Folder::new();
    let tables = TableDir::open(&folder.path("inner")).unwrap();
    let file = folder.write(&schema(), 1, &[page(1, 1)]).file;
    std::os::unix::fs::symlink(folder.path(&file), folder.path("inner").join(&file)).unwrap();
    assert!(tables.open_table(&file).is_err());
}

#[test]
fn a_folder_in_place_of_a_table_is_damage() {
    let folder = Folder::new();
    let name = "0".repeat(32) + ".table";
    std::fs::create_dir(folder.path(&name)).unwrap();
    assert!(matches!(folder.tables.open_table(&name).err(), Some(PortError::Node(_))));
    assert_eq!(folder.tables.retain(&HashSet::new()).unwrap(), Removed::default());
}

#[test]
fn what_is_handed_out_can_cross_threads() {
    fn crosses<T: Send + ?Sized>() {}
    fn shared<T: Send + Sync + ?Sized>() {}
    crosses::<dyn TableWriter>();
    shared::<dyn Table>();
    shared::<TableDir>();
}
