//! Jobs, tasks and party tasks there and back. Not for: what attempts make (`results`).

use parcae_domain::{outcome::Outcome, status::Status};
use parcae_metadata::{JobFilter, JobOrder, JobUpdate, PartyTaskUpdate, Progress, StoreError, TaskFilter};
use serde_json::json;

use crate::world::{GUEST, HOST, attempt, job_id, new_job, store, task_id};

fn running(progress: u8) -> JobUpdate {
    JobUpdate {
        status: Status::Running,
        progress,
        queued_ms: 1001,
        start_ms: Some(2000),
        end_ms: None,
        elapsed_ms: None,
        stop_status: None,
    }
}

#[test]
fn a_job_is_stored_with_everything_that_belongs_to_it() {
    let (_folder, store) = store();
    let new = new_job(1);
    store.create_job(&new).unwrap();

    let page = store.jobs(&JobFilter { ids: vec![new.id.clone()], ..JobFilter::default() }).unwrap();
    assert_eq!(page.count, 2);
    assert_eq!(page.rows.iter().map(|row| row.party).collect::<Vec<_>>(), [GUEST, HOST]);
    assert_eq!(page.rows.iter().map(parcae_metadata::JobRow::is_initiator).collect::<Vec<_>>(), [true, false]);
    let row = store.job(&new.id).unwrap().unwrap();
    assert_eq!(row, page.rows[0]);
    assert_eq!((row.status, row.progress, row.start_ms, row.cancel_signal()), (Status::Waiting, 0, None, false));
    assert_eq!((&row.dsl, &row.conf, &row.conf_on_party), (&new.dsl, &new.conf, &json!({"of": 9999})));
    assert_eq!((row.created_ms, row.queued_ms), (1001, 1001));
    assert_eq!(store.job_at(&new.id, HOST).unwrap().unwrap().conf_on_party, json!({"of": 10000}));

    let tasks = store.tasks(&new.id).unwrap();
    assert_eq!(tasks.iter().map(|t| t.component.as_str()).collect::<Vec<_>>(), ["reader_0", "evaluation_0"]);
    let rows = store.party_tasks(&TaskFilter { jobs: vec![new.id.clone()], ..TaskFilter::default() }).unwrap();
    let names: Vec<String> = rows.iter().map(|row| format!("{} {}", row.task.component, row.attempt.party)).collect();
    assert_eq!(names, ["reader_0 guest/9999", "reader_0 host/10000", "evaluation_0 guest/9999"]);
    assert_eq!(rows[1].parameters, json!({"at": 10000, "float": 0.1}));
    assert_eq!((rows[0].initiator, rows[0].status, rows[0].task.retries_left), (GUEST, Status::Waiting, 2));
    assert!(matches!(store.create_job(&new), Err(StoreError::Exists(_))));
    assert_eq!(store.job(&job_id(2)).unwrap(), None);
}

#[test]
fn jobs_are_found_ordered_and_paged() {
    let (_folder, store) = store();
    for n in 1..=5 {
        store.create_job(&new_job(n)).unwrap();
    }
    let ids = |filter: &JobFilter| {
        let page = store.jobs(filter).unwrap();
        let ids: Vec<u32> = page.rows.iter().map(|row| u32::try_from(row.created_ms - 1000).unwrap()).collect();
        (ids, page.count)
    };
    let guests = JobFilter { roles: vec![GUEST.role], ..JobFilter::default() };
    assert_eq!(ids(&guests), (vec![1, 2, 3, 4, 5], 5));
    let page = JobFilter { descending: true, limit: Some(2), offset: 1, ..guests.clone() };
    assert_eq!(ids(&page), (vec![4, 3], 5));
    let some = JobFilter { ids: vec![job_id(2), job_id(4), job_id(9)], order: JobOrder::Id, ..guests.clone() };
    assert_eq!(ids(&some), (vec![2, 4], 2));
    assert_eq!(ids(&JobFilter { description_part: Some("number 3".into()), ..guests.clone() }), (vec![3], 1));
    assert_eq!(ids(&JobFilter { created_ms: (Some(1002), Some(1003)), ..guests.clone() }), (vec![2, 3], 2));
    assert_eq!(ids(&JobFilter { party_id_part: Some("999".into()), limit: Some(1), ..JobFilter::default() }).1, 5);
    assert_eq!(ids(&JobFilter { tenant: Some("other".into()), ..guests.clone() }), (vec![], 0));

    store.commit(|tx| tx.update_job(&job_id(3), &running(0))).unwrap();
    store.commit(|tx| tx.set_job_tag(&job_id(4), "submit_failed")).unwrap();
    assert_eq!(ids(&JobFilter { statuses: vec![Status::Running], ..guests.clone() }), (vec![3], 1));
    assert_eq!(ids(&JobFilter { without_failed_submits: true, ..guests.clone() }), (vec![1, 2, 3, 5], 4));
    assert_eq!(ids(&JobFilter { tags: vec![String::new()], ..guests }), (vec![1, 2, 3, 5], 4));
}

#[test]
fn a_job_changes() {
    let (_folder, store) = store();
    let new = new_job(1);
    store.create_job(&new).unwrap();
    store
        .commit(|tx| {
            tx.update_job(&new.id, &running(10))?;
            tx.raise_job_progress(&new.id, 40)?;
            tx.raise_job_progress(&new.id, 30)?;
            tx.set_job_description(&new.id, "said")?;
            tx.set_job_conf(&new.id, &json!({"changed": true}), &json!({"plan": 2}))?;
            tx.set_job_party_conf(&new.id, HOST, &json!({"host": true}))
        })
        .unwrap();
    let row = store.job(&new.id).unwrap().unwrap();
    assert_eq!((row.status, row.progress, row.start_ms), (Status::Running, 40, Some(2000)));
    assert_eq!((row.description.as_str(), &row.conf), ("said", &json!({"changed": true})));
    assert_eq!(store.job_at(&new.id, HOST).unwrap().unwrap().conf_on_party, json!({"host": true}));
    assert!(matches!(store.commit(|tx| tx.update_job(&job_id(7), &running(0))), Err(StoreError::NotFound(_))));
}

#[test]
fn a_new_version_hides_the_earlier_one() {
    let (_folder, store) = store();
    let new = new_job(1);
    store.create_job(&new).unwrap();
    let task = task_id(&new.id, "reader_0");
    let first = attempt(&new.id, "reader_0", 0, HOST);
    let outcome = Outcome::Trapped { message: "oops".into() };
    store
        .commit(|tx| {
            let update = PartyTaskUpdate {
                status: Status::Failed,
                message: "it broke".into(),
                start_ms: Some(1),
                end_ms: Some(3),
                elapsed_ms: Some(2),
            };
            tx.update_party_task(&first, &update)?;
            tx.set_outcome(&first, &outcome)?;
            tx.set_progress(&first, 3, 10, "rounds")?;
            tx.set_parameters(&first, &json!({"new": 1}))?;
            tx.update_task(&task, 0, Status::Failed)
        })
        .unwrap();
    let row = store.party_task(&task, HOST).unwrap().unwrap();
    assert_eq!((row.status, row.message.as_str(), row.elapsed_ms), (Status::Failed, "it broke", Some(2)));
    assert_eq!((row.task.status, &row.outcome), (Status::Failed, &Some(outcome)));
    assert_eq!(row.progress, Some(Progress { done: 3, of: 10, what: "rounds".into() }));

    store.commit(|tx| tx.new_task_version(&task, 1, 1)).unwrap();
    let row = store.party_task(&task, HOST).unwrap().unwrap();
    assert_eq!((row.attempt.version, row.status, row.task.retries_left), (1, Status::Waiting, 1));
    assert_eq!((row.outcome, row.progress, row.start_ms), (None, None, None));
    assert_eq!(row.parameters, json!({"new": 1}));
    assert_eq!(store.task(&task).unwrap().unwrap().version, 1);

    let of_job = TaskFilter { jobs: vec![new.id.clone()], ..TaskFilter::default() };
    assert_eq!(store.party_tasks(&of_job).unwrap().len(), 3);
    assert_eq!(store.party_tasks(&TaskFilter { all_versions: true, ..of_job.clone() }).unwrap().len(), 5);
    let failed = TaskFilter { party_statuses: vec![Status::Failed], version: Some(0), ..of_job };
    assert_eq!(store.party_tasks(&failed).unwrap()[0].attempt, first);
    assert!(store.commit(|tx| tx.new_task_version(&task, 1, 1)).is_err());
    assert!(store.commit(|tx| tx.new_task_version(&task_id(&new.id, "no_0"), 1, 1)).is_err());
    assert_eq!(store.task(&task).unwrap().unwrap().version, 1);
}

#[test]
fn unfinished_jobs_are_taken_up_again() {
    let (folder, store) = store();
    for n in 1..=3 {
        store.create_job(&new_job(n)).unwrap();
    }
    let ended = JobUpdate { status: Status::Success, end_ms: Some(5), ..running(100) };
    let start = PartyTaskUpdate {
        status: Status::Running,
        message: String::new(),
        start_ms: Some(2000),
        end_ms: None,
        elapsed_ms: None,
    };
    store
        .commit(|tx| {
            tx.update_job(&job_id(1), &ended)?;
            tx.update_job(&job_id(3), &JobUpdate { stop_status: Some(Status::Canceled), ..running(0) })?;
            tx.new_task_version(&task_id(&job_id(3), "reader_0"), 1, 1)?;
            tx.update_party_task(&attempt(&job_id(3), "reader_0", 1, HOST), &start)
        })
        .unwrap();
    drop(store);

    let store = parcae_metadata::Store::open(folder.path().join("meta.db")).unwrap();
    let jobs = store.jobs_to_restore().unwrap();
    assert_eq!(jobs.iter().map(|job| job.id.clone()).collect::<Vec<_>>(), [job_id(3), job_id(2)]);
    assert_eq!(jobs[0].plan.to_string(), r#"{"b":1,"a":2}"#);
    assert_eq!((jobs[0].stop_status, jobs[0].start_ms), (Some(Status::Canceled), Some(2000)));
    let task = &jobs[0].tasks[0];
    assert_eq!((task.component.as_str(), task.version, task.retries_left), ("reader_0", 1, 1));
    assert_eq!((task.parties[1].party, task.parties[1].status), (HOST, Status::Running));
    assert_eq!((task.parties[0].status, task.parties[1].start_ms), (Status::Waiting, Some(2000)));
    assert_eq!((task.runs, jobs[0].tasks[1].runs), (1, 0));
    let queued_again = JobUpdate { queued_ms: 2001, ..running(0) };
    store.commit(|tx| tx.update_job(&job_id(3), &queued_again)).unwrap();
    assert_eq!(store.stored_job(&job_id(3)).unwrap().unwrap().tasks[0].runs, 0, "it was started before");

    assert_eq!(store.stored_job(&job_id(1)).unwrap().unwrap().status, Status::Success);
    assert_eq!(store.stored_job(&job_id(9)).unwrap(), None);
    assert_eq!(store.jobs_to_finish().unwrap(), [(job_id(1), Status::Success)]);
    store.commit(|tx| tx.set_job_tag(&job_id(1), "job_end")).unwrap();
    assert!(store.jobs_to_finish().unwrap().is_empty());
}
