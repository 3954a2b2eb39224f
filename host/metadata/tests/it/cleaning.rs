//! Pages of party tasks, what is removed of jobs, what waiting tasks are told, and what is copied between jobs. Not
//! for: whole jobs (`jobs`), what attempts make (`results`).

use parcae_domain::{descriptor::PortKind, port::Scalar, status::Status};
use parcae_metadata::{
    AttemptFilter, DEFAULT_TENANT, DataTable, JobUpdate, OutputData, Store, TableOrigin, TaskFilter, TaskOrder,
    TaskPaging,
};
use serde_json::json;

use crate::world::{GUEST, HOST, attempt, job_id, new_job, store, table, task_id};

#[test]
fn party_tasks_are_paged_as_they_are_ordered() {
    let (_folder, store) = store();
    for n in 1..=3 {
        store.create_job(&new_job(n)).unwrap();
    }
    let page = |filter: &TaskFilter, paging: &TaskPaging| {
        let page = store.party_task_page(filter, paging).unwrap();
        let name = |row: &parcae_metadata::PartyTaskRow| row.attempt.to_string();
        (page.rows.iter().map(name).collect::<Vec<_>>(), page.count)
    };
    for filter in [TaskFilter { all_versions: true, ..TaskFilter::default() }, TaskFilter::default()] {
        let (all, count) = page(&filter, &TaskPaging::default());
        assert_eq!((all.len(), count), (9, 9));
        assert!(all[0].ends_with("reader_0_0_guest_9999") && all[8].ends_with("evaluation_0_0_guest_9999"), "{all:?}");
        let second = TaskPaging { limit: Some(4), offset: 4, ..TaskPaging::default() };
        assert_eq!(page(&filter, &second), (all[4..8].to_vec(), 9));
        let newest = TaskPaging { limit: Some(2), descending: true, ..TaskPaging::default() };
        assert_eq!(page(&filter, &newest), (vec![all[8].clone(), all[7].clone()], 9));
        let by_job = TaskPaging { order: TaskOrder::Job, limit: Some(9), ..TaskPaging::default() };
        assert_eq!(page(&filter, &by_job), (all.clone(), 9));
    }
    let guests = TaskFilter { jobs: vec![job_id(2)], roles: vec![GUEST.role], ..TaskFilter::default() };
    let one = TaskPaging { limit: Some(1), order: TaskOrder::Elapsed, ..TaskPaging::default() };
    assert_eq!(page(&guests, &one).1, 2);
    let success = TaskFilter { statuses: vec![Status::Success], ..guests };
    assert_eq!(page(&success, &one), (vec![], 0));
}

/// An output of `reader_0` at the guest, with a point of a series.
fn put_output(store: &Store, version: u32, file: &str) {
    let id = attempt(&job_id(1), "reader_0", version, GUEST);
    let namespace = format!("output_data_{}_{version}", id.task);
    let made = table("guest_9999_data", file);
    let made = DataTable { namespace: namespace.clone(), origin: TableOrigin::Output, ..made };
    let output = OutputData {
        attempt: id.clone(),
        kind: PortKind::Data,
        data_name: "data".into(),
        position: 0,
        namespace,
        name: "guest_9999_data".into(),
    };
    store
        .commit(|tx| {
            tx.put_table(&made)?;
            tx.put_output(&output)?;
            tx.add_metric_points(&id, "train", "loss", &[(Scalar::Number(0.0), Scalar::Number(0.5))])?;
            tx.set_summary(&id, &json!({"v": version}))
        })
        .unwrap();
}

#[test]
fn outputs_go_with_their_tables() {
    let (_folder, store) = store();
    store.create_job(&new_job(1)).unwrap();
    put_output(&store, 0, "a.table");
    let reader = task_id(&job_id(1), "reader_0");
    store.commit(|tx| tx.new_task_version(&reader, 1, 0)).unwrap();
    put_output(&store, 1, "b.table");
    let delete = |filter: &AttemptFilter| {
        let deleted = store.commit(|tx| tx.delete_outputs(DEFAULT_TENANT, &job_id(1), filter)).unwrap();
        deleted.into_iter().map(|output| output.table.unwrap().file).collect::<Vec<_>>()
    };
    let earlier = AttemptFilter { before_version: Some(1), ..AttemptFilter::default() };
    assert_eq!(delete(&AttemptFilter { before_version: Some(0), ..AttemptFilter::default() }), Vec::<String>::new());
    assert_eq!(delete(&AttemptFilter { role: Some(HOST.role), ..earlier.clone() }), Vec::<String>::new());
    assert_eq!(delete(&earlier), ["a.table"]);
    assert_eq!(store.outputs(&job_id(1), None, None).unwrap().len(), 1);
    let wanted = AttemptFilter { component: Some("reader_0".into()), party_id: Some(9999), ..AttemptFilter::default() };
    assert_eq!(delete(&wanted), ["b.table"]);
    assert_eq!(store.files_in_use().unwrap().len(), 0);
    let series = store.commit(|tx| tx.delete_series(&job_id(1), &wanted)).unwrap();
    assert_eq!((series.len(), series[0].party, series[0].name.as_str()), (2, GUEST, "loss"));
    assert!(store.metrics(&reader, GUEST).unwrap().is_empty());
}

#[test]
fn metrics_are_copied_to_another_job() {
    let (_folder, store) = store();
    store.create_job(&new_job(1)).unwrap();
    store.create_job(&new_job(2)).unwrap();
    put_output(&store, 0, "a.table");
    let (from, to) = (attempt(&job_id(1), "reader_0", 0, GUEST), attempt(&job_id(2), "reader_0", 0, GUEST));
    store.commit(|tx| tx.copy_metrics(&from, &to)).unwrap();
    assert_eq!(store.metrics(&to.task, GUEST).unwrap(), store.metrics(&from.task, GUEST).unwrap());
    assert_eq!(store.summary(&to.task, GUEST).unwrap(), Some(json!({"v": 0})));
    assert!(store.commit(|tx| tx.file_is_used("a.table")).unwrap());
}

#[test]
fn only_what_waits_is_told_of_new_parameters() {
    let (_folder, store) = store();
    let new = new_job(1);
    store.create_job(&new).unwrap();
    let reader = task_id(&new.id, "reader_0");
    let set = || store.commit(|tx| tx.set_waiting_parameters(&reader, HOST, &json!({"x": 1}))).unwrap();
    assert!(set());
    assert_eq!(store.party_task(&reader, HOST).unwrap().unwrap().parameters, json!({"x": 1}));
    store.commit(|tx| tx.set_waiting_retries(&new.id, 7)).unwrap();
    assert_eq!(store.task(&reader).unwrap().unwrap().retries_left, 7);
    let running = parcae_metadata::PartyTaskUpdate {
        status: Status::Running,
        message: String::new(),
        start_ms: Some(1),
        end_ms: None,
        elapsed_ms: None,
    };
    store.commit(|tx| tx.update_party_task(&attempt(&new.id, "reader_0", 0, HOST), &running)).unwrap();
    assert!(!set());
}

#[test]
fn a_job_that_waits_again_has_no_tag() {
    let (_folder, store) = store();
    let new = new_job(1);
    store.create_job(&new).unwrap();
    let update = |status: Status| JobUpdate {
        status,
        progress: 0,
        queued_ms: 5,
        start_ms: None,
        end_ms: None,
        elapsed_ms: None,
        stop_status: None,
    };
    let tag = || store.job(&new.id).unwrap().unwrap().tag;
    store.commit(|tx| tx.update_job(&new.id, &update(Status::Failed))).unwrap();
    store.commit(|tx| tx.set_job_tag(&new.id, "job_end")).unwrap();
    store.commit(|tx| tx.update_job(&new.id, &update(Status::Failed))).unwrap();
    assert_eq!(tag(), "job_end");
    store.commit(|tx| tx.update_job(&new.id, &update(Status::Waiting))).unwrap();
    assert_eq!(tag(), "");
}
