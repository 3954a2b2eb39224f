//! Data tables, outputs and images there and back. Not for: jobs (`jobs`).

use parcae_domain::{
    descriptor::{Descriptor, PortKind},
    grant::Grant,
};
use parcae_metadata::{DEFAULT_TENANT, DeletedTable, Image, OutputData, TableFilter, TableOrigin};

use crate::world::{GUEST, HOST, attempt, job_id, new_job, store, table, task_id};

#[test]
fn tables_share_files_and_a_file_goes_with_its_last_table() {
    let (_folder, store) = store();
    let (first, second) = (table("first", "f1"), table("second", "f1"));
    store
        .commit(|tx| {
            assert_eq!(tx.put_table(&first)?, None);
            tx.put_table(&second)
        })
        .unwrap();
    let found = store.table(DEFAULT_TENANT, "experiment", "first").unwrap().unwrap();
    assert_eq!((&found.file, found.origin, &found.extra), (&first.file, TableOrigin::Upload, &first.extra));
    assert!(found.created_ms > 0);
    assert_eq!(store.table("other", "experiment", "first").unwrap(), None);
    assert_eq!(store.files_in_use().unwrap().into_iter().collect::<Vec<_>>(), ["f1"]);

    let replaced = store.commit(|tx| tx.put_table(&table("first", "f2"))).unwrap();
    assert_eq!(replaced, Some(DeletedTable { file: "f1".into(), still_used: true }));
    let deleted = store.commit(|tx| tx.delete_table(DEFAULT_TENANT, "experiment", "second")).unwrap();
    assert_eq!(deleted, Some(DeletedTable { file: "f1".into(), still_used: false }));
    assert_eq!(store.commit(|tx| tx.delete_table(DEFAULT_TENANT, "experiment", "second")).unwrap(), None);
    assert_eq!(store.files_in_use().unwrap().into_iter().collect::<Vec<_>>(), ["f2"]);
    let same = store.commit(|tx| tx.put_table(&table("first", "f2"))).unwrap();
    assert_eq!(same, Some(DeletedTable { file: "f2".into(), still_used: true }));
}

#[test]
fn tables_are_found_and_disabled() {
    let (_folder, store) = store();
    let mut output = table("third", "f3");
    (output.origin, output.job) = (TableOrigin::Output, Some(job_id(2)));
    let put = [table("first", "f1"), table("second", "f2"), output];
    store.commit(|tx| put.iter().try_for_each(|table| tx.put_table(table).map(drop))).unwrap();
    let names = |filter: &TableFilter| {
        let tables = store.tables(filter).unwrap();
        tables.into_iter().map(|table| table.name).collect::<Vec<_>>()
    };
    let uploads = TableFilter { origins: vec![TableOrigin::Upload], ..TableFilter::default() };
    assert_eq!(names(&uploads), ["first", "second"]);
    assert_eq!(names(&TableFilter { job: Some(job_id(2)), ..TableFilter::default() }), ["third"]);
    assert_eq!(names(&TableFilter { name: Some("second".into()), ..TableFilter::default() }), ["second"]);
    assert_eq!(names(&TableFilter { limit: Some(1), offset: 1, ..uploads }), ["second"]);

    store.commit(|tx| tx.set_table_disabled(DEFAULT_TENANT, "experiment", "first", true)).unwrap();
    assert!(store.table(DEFAULT_TENANT, "experiment", "first").unwrap().unwrap().disabled);
    assert!(store.commit(|tx| tx.set_table_disabled(DEFAULT_TENANT, "experiment", "no", true)).is_err());
}

#[test]
fn outputs_are_those_of_the_latest_version() {
    let (_folder, store) = store();
    let new = new_job(1);
    store.create_job(&new).unwrap();
    let output = |version, party, data_name: &str, position| OutputData {
        attempt: attempt(&new.id, "reader_0", version, party),
        kind: PortKind::Data,
        data_name: data_name.into(),
        position,
        namespace: format!("output_data_{version}"),
        name: data_name.into(),
    };
    let (test, train, host) = (output(0, GUEST, "test", 1), output(0, GUEST, "train", 0), output(0, HOST, "data", 0));
    store
        .commit(|tx| {
            tx.put_output(&test)?;
            tx.put_output(&train)?;
            tx.put_output(&train)?;
            tx.put_output(&host)
        })
        .unwrap();
    assert_eq!(store.outputs(&new.id, None, None).unwrap(), [train.clone(), test.clone(), host.clone()]);
    assert_eq!(store.outputs(&new.id, Some("reader_0"), Some(GUEST)).unwrap(), [train, test]);
    assert!(store.outputs(&new.id, Some("evaluation_0"), None).unwrap().is_empty());
    store.commit(|tx| tx.new_task_version(&task_id(&new.id, "reader_0"), 1, 0)).unwrap();
    assert!(store.outputs(&new.id, None, None).unwrap().is_empty());
    assert!(store.commit(|tx| tx.put_output(&output(2, GUEST, "data", 0))).is_err(), "there is no such attempt");
}

#[test]
fn images_are_stored_by_digest() {
    let (_folder, store) = store();
    let descriptor = Descriptor {
        name: "reader".into(),
        version: "1.0.0".into(),
        licence: "Apache-2.0".into(),
        summary: "Reads.".into(),
        modules: Vec::new(),
    };
    let image = Image {
        tenant: DEFAULT_TENANT.into(),
        digest: "ab".into(),
        descriptor: descriptor.clone(),
        origin: "builtin".into(),
        bytes: 7,
        signature: None,
        signed_by: Some("lab".into()),
        pushed_by: String::new(),
        created_ms: 0,
    };
    store.commit(|tx| tx.put_image(&image)).unwrap();
    store.commit(|tx| tx.put_image_grants(DEFAULT_TENANT, "ab", "Reader", &[Grant::Clock])).unwrap();
    store.commit(|tx| tx.put_image(&Image { origin: "file".into(), ..image.clone() })).unwrap();
    let granted = store.image_grants(DEFAULT_TENANT, "ab").unwrap();
    assert_eq!(granted.into_iter().collect::<Vec<_>>(), [("Reader".to_owned(), vec![Grant::Clock])]);
    assert!(store.commit(|tx| tx.put_image_grants(DEFAULT_TENANT, "cd", "Reader", &[])).is_err(), "no such image");
    let images = store.images(DEFAULT_TENANT).unwrap();
    assert_eq!((images.len(), &images[0].descriptor, images[0].origin.as_str()), (1, &descriptor, "file"));
    assert_eq!(store.image(DEFAULT_TENANT, "ab").unwrap().as_ref(), images.first());
    let jobs = store.commit(|tx| tx.jobs_with_image(DEFAULT_TENANT, "ab")).unwrap();
    assert!(jobs.is_empty(), "{jobs:?}");
    assert!(store.commit(|tx| tx.delete_image(DEFAULT_TENANT, "ab")).unwrap());
    assert!(store.image_grants(DEFAULT_TENANT, "ab").unwrap().is_empty());
    assert!(!store.commit(|tx| tx.delete_image(DEFAULT_TENANT, "ab")).unwrap());
}
