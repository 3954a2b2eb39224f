//! Transactions, files and threads. Not for: single nouns.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};
use std::time::Duration;

use parcae_domain::{id::JobId, status::Status};
use parcae_metadata::{JobFilter, JobUpdate, Store, StoreError};

use crate::world::{job_id, new_job, store, table};

fn count(store: &Store) -> u64 {
    store.jobs(&JobFilter::default()).expect("readable").count / 2
}

#[test]
fn a_transaction_that_fails_leaves_nothing() {
    let (_folder, store) = store();
    let failed = store.commit(|tx| {
        tx.create_job(&new_job(1))?;
        tx.put_table(&table("first", "f1"))?;
        tx.set_job_tag(&job_id(2), "no such job")
    });
    assert!(matches!(failed, Err(StoreError::NotFound(_))));
    assert_eq!(count(&store), 0);
    assert!(store.files_in_use().unwrap().is_empty());
    store.create_job(&new_job(1)).unwrap();
    assert_eq!(count(&store), 1);
}

#[test]
fn a_panic_in_a_transaction_leaves_nothing_and_the_store_goes_on() {
    let (_folder, store) = store();
    let store = Arc::new(store);
    let other = Arc::clone(&store);
    let died = std::thread::spawn(move || {
        other.commit(|tx| {
            tx.create_job(&new_job(1))?;
            if tx.set_job_tag(&job_id(1), "x").is_ok() {
                panic!("on purpose");
            }
            Ok(())
        })
    });
    assert!(died.join().is_err());
    assert_eq!(count(&store), 0);
    store.create_job(&new_job(1)).unwrap();
    assert_eq!(count(&store), 1);
}

#[test]
fn everything_is_there_after_a_restart() {
    let (folder, store) = store();
    store.create_job(&new_job(1)).unwrap();
    store.commit(|tx| tx.put_table(&table("first", "f1"))).unwrap();
    let before = store.jobs(&JobFilter::default()).unwrap();
    drop(store);
    let store = Store::open(folder.path().join("meta.db")).unwrap();
    assert_eq!(store.jobs(&JobFilter::default()).unwrap(), before);
    assert!(store.files_in_use().unwrap().contains("f1"));
}

#[test]
fn what_was_committed_survives_the_process() {
    let (folder, store) = store();
    for n in 1..=20 {
        store.create_job(&new_job(n)).unwrap();
        // What is on the disk at this moment is what a process that dies now leaves behind.
        let dead = tempfile::tempdir().unwrap();
        for name in ["meta.db", "meta.db-wal"] {
            std::fs::copy(folder.path().join(name), dead.path().join(name)).unwrap();
        }
        assert_eq!(count(&Store::open(dead.path().join("meta.db")).unwrap()), u64::from(n));
    }
}

#[test]
fn readers_see_whole_transactions_while_a_writer_writes() {
    let (_folder, store) = store();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut last = 0;
                    while !done.load(Ordering::Acquire) {
                        let page = store.jobs(&JobFilter::default()).expect("readable");
                        assert!(page.count >= last && page.count.is_multiple_of(4), "{} after {last}", page.count);
                        assert!(page.rows.iter().all(|row| row.status == Status::Running));
                        last = page.count;
                    }
                })
            })
            .collect();
        for n in 0..50 {
            let written = store.commit(|tx| {
                for n in [2 * n + 1, 2 * n + 2] {
                    tx.create_job(&new_job(n))?;
                    tx.update_job(&job_id(n), &running())?;
                }
                Ok(())
            });
            written.expect("writable");
        }
        done.store(true, Ordering::Release);
        for reader in readers {
            reader.join().expect("a reader that saw nothing wrong");
        }
    });
    assert_eq!(count(&store), 100);
}

fn running() -> JobUpdate {
    JobUpdate {
        status: Status::Running,
        progress: 0,
        queued_ms: 0,
        start_ms: None,
        end_ms: None,
        elapsed_ms: None,
        stop_status: None,
    }
}

#[test]
fn statements_are_reported_with_their_job() {
    let (_folder, store) = store();
    type Seen = Vec<(Option<JobId>, String)>;
    let seen: Arc<Mutex<Seen>> = Arc::default();
    let list = Arc::clone(&seen);
    store.on_statement(Arc::new(move |job: Option<&JobId>, sql: &str, _: Duration| {
        list.lock().expect("not poisoned").push((job.cloned(), sql.to_owned()));
    }));
    store.create_job(&new_job(1)).unwrap();
    store.job(&job_id(1)).unwrap();
    store.files_in_use().unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen[0].1.starts_with("INSERT INTO job "));
    assert!(seen.iter().all(|(job, _)| *job == Some(job_id(1))));
    assert!(!seen.iter().any(|(_, sql)| sql.starts_with("SELECT")), "questions of users are not the job's life");
}

#[test]
fn a_file_that_is_no_store_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("meta.db");
    std::fs::write(&path, "this is not a database, though it is long enough to look at it".repeat(20)).unwrap();
    assert!(Store::open(&path).is_err());
    assert!(matches!(Store::open(folder.path().join("no/meta.db")), Err(StoreError::Open { .. })));
}
