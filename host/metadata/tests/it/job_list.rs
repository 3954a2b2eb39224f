//! Lists of jobs: filters, order, pages, counts. Not for: whole rows (`jobs`).

use parcae_domain::{
    party::{Party, Role},
    status::Status,
};
use parcae_metadata::{DEFAULT_TENANT, JobFilter, JobLineRow, JobOrder, JobUpdate, NewJobParty, Store};
use serde_json::json;

use crate::world::{GUEST, HOST, job_id, new_job, store};

fn ended(n: u32, status: Status, elapsed: i64) -> JobUpdate {
    let start = 2000 + i64::from(n);
    JobUpdate {
        status,
        progress: 100,
        queued_ms: 1001,
        start_ms: Some(start),
        end_ms: Some(start + elapsed),
        elapsed_ms: Some(elapsed),
        stop_status: None,
    }
}

/// Six jobs of guest and host, and one of another tenant: 1 succeeded, 2 failed, 3 runs, 4 never began, 5 and 6 wait.
fn filled(store: &Store) {
    for n in 1..=6 {
        store.create_job(&new_job(n)).unwrap();
    }
    let mut other = new_job(7);
    other.tenant = "other".into();
    store.create_job(&other).unwrap();
    let running = JobUpdate { end_ms: None, elapsed_ms: None, progress: 40, ..ended(3, Status::Running, 0) };
    store
        .commit(|tx| {
            tx.update_job(&job_id(1), &ended(1, Status::Success, 900))?;
            tx.update_job(&job_id(2), &ended(2, Status::Failed, 100))?;
            tx.update_job(&job_id(3), &running)?;
            tx.set_job_tag(&job_id(4), "submit_failed")?;
            tx.set_job_description(&job_id(5), "Night run")
        })
        .unwrap();
}

fn all() -> JobFilter {
    JobFilter {
        tenant: Some(DEFAULT_TENANT.into()),
        without_failed_submits: true,
        limit: Some(100),
        ..JobFilter::default()
    }
}

fn number(row: &JobLineRow) -> i64 {
    row.created_ms - 1000
}

#[test]
fn rows_are_those_of_the_whole_query() {
    let (_folder, store) = store();
    filled(&store);
    let orders = [JobOrder::Created, JobOrder::Id, JobOrder::Start, JobOrder::End, JobOrder::Elapsed];
    for (order, descending) in orders.into_iter().flat_map(|order| [(order, false), (order, true)]) {
        for offset in [0, 1, 4] {
            let filter = JobFilter { order, descending, offset, limit: Some(3), ..all() };
            let (lines, page) = (store.job_lines(&filter, 1000).unwrap(), store.jobs(&filter).unwrap());
            let of_lines: Vec<_> = lines.rows.iter().map(|row| (row.id.clone(), row.party)).collect();
            let of_page: Vec<_> = page.rows.iter().map(|row| (row.id.clone(), row.party)).collect();
            assert_eq!((of_lines, lines.count), (of_page, page.count), "{filter:?}");
        }
    }
    let line = store.job_lines(&JobFilter { ids: vec![job_id(2)], ..all() }, 9).unwrap().rows.remove(1);
    assert_eq!((line.party, line.initiator, line.status), (HOST, GUEST, Status::Failed));
    assert_eq!((line.start_ms, line.end_ms, line.elapsed_ms), (Some(2002), Some(2102), Some(100)));
    assert_eq!(line.roles, json!({"guest": [9999], "host": [10000]}));
}

#[test]
fn every_filter_lets_through_what_it_says() {
    let (_folder, store) = store();
    filled(&store);
    let numbers =
        |filter: JobFilter| -> Vec<i64> { store.job_lines(&filter, 1000).unwrap().rows.iter().map(number).collect() };
    let guests = JobFilter { roles: vec![Role::Guest], ..all() };
    assert_eq!(numbers(guests.clone()), [1, 2, 3, 5, 6]);
    let text = |text: &str| JobFilter { text: Some(text.into()), ..guests.clone() };
    assert_eq!((numbers(text("NIGHT")), numbers(text("ight r"))), (vec![5], vec![5]));
    assert_eq!((numbers(text("490006")), numbers(text("nosuch"))), (vec![6], vec![]));
    let statuses = vec![Status::Failed, Status::Running];
    assert_eq!(numbers(JobFilter { statuses, ..guests.clone() }), [2, 3]);
    assert_eq!(numbers(JobFilter { created_ms: (Some(1002), Some(1003)), ..guests.clone() }), [2, 3]);
    // Each party's partner is the other one.
    let partner = |part: &str| JobFilter { partner_part: Some(part.into()), ids: vec![job_id(1)], ..all() };
    let parties = |filter: JobFilter| -> Vec<Party> {
        store.job_lines(&filter, 9).unwrap().rows.iter().map(|row| row.party).collect()
    };
    assert_eq!((parties(partner("999")), parties(partner("1000"))), (vec![HOST], vec![GUEST]));
    assert!(parties(partner("77")).is_empty());
    assert_eq!(parties(JobFilter { party_id_part: Some("000".into()), ids: vec![job_id(1)], ..all() }), [HOST]);
    assert_eq!(store.jobs(&partner("1000")).unwrap().rows[0].party, GUEST);
}

#[test]
fn counting_ends_where_it_is_told_to() {
    let (_folder, store) = store();
    filled(&store);
    let page = |limit, offset| JobFilter { limit: Some(limit), offset, ..all() };
    let counted = |filter: &JobFilter, most| {
        let lines = store.job_lines(filter, most).unwrap();
        (lines.rows.len(), lines.count, lines.is_more)
    };
    assert_eq!(counted(&page(4, 0), 1000), (4, 10, false));
    assert_eq!(counted(&page(4, 8), 1000), (2, 10, false));
    assert_eq!(counted(&page(4, 40), 1000), (0, 10, false));
    assert_eq!(counted(&page(4, 0), 10), (4, 10, false));
    assert_eq!(counted(&page(4, 0), 9), (4, 9, true));
}

#[test]
fn who_runs_waits_and_has_ended() {
    let (_folder, store) = store();
    filled(&store);
    let active = store.active_jobs(DEFAULT_TENANT, 9).unwrap();
    let seen: Vec<(i64, Party)> = active.iter().map(|row| (number(row), row.party)).collect();
    assert_eq!(seen, [(3, GUEST), (4, GUEST), (5, GUEST), (6, GUEST)]);
    assert_eq!(store.active_jobs(DEFAULT_TENANT, 1).unwrap().len(), 1);
    assert_eq!(store.active_counts(DEFAULT_TENANT).unwrap(), (1, 3));
    assert_eq!(store.active_counts("nobody").unwrap(), (0, 0));
    let ended: Vec<i64> = store.ended_jobs(DEFAULT_TENANT, 5).unwrap().iter().map(number).collect();
    assert_eq!(ended, [1, 2]);
    assert!(store.ended_jobs("other", 5).unwrap().is_empty());
    // A job of one party has one row.
    let mut alone = new_job(8);
    alone.parties = vec![NewJobParty { party: GUEST, conf: json!({}) }];
    store.create_job(&alone).unwrap();
    assert_eq!(store.job_lines(&JobFilter { ids: vec![job_id(8)], ..all() }, 9).unwrap().count, 1);
}
