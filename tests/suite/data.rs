//! Upload and Reader through the node and the sandbox.

use parcae_domain::{
    party::{Party, Role},
    status::Status,
};
use parcae_node::view::Filter;
use parcae_tests::Site;
use serde_json::json;

#[test]
fn a_table_is_uploaded_and_read() {
    let site = Site::new();
    let csv: String = std::iter::once("id,y,x0\n".to_owned())
        .chain((0..20_000).map(|i| format!("u{i},{},{}.5\n", i % 2, i)))
        .collect();
    let view = site.upload("t", &csv);
    assert_eq!(view.status, Status::Success, "{}", site.errors(&view.job.0));
    let table = site.node.default_tenant().table("experiment", "t").unwrap().unwrap();
    assert_eq!((table.rows, table.partitions, table.origin.as_str()), (20_000, 4, "upload"));
    let jobs = Filter { jobs: Some(vec![view.job.0.clone()]), ..Filter::default() };
    let tasks = site.node.default_tenant().tasks(&jobs).unwrap();
    let (_, of, what) = tasks[0].progress.clone().expect("how far it came is kept when it has ended");
    assert_eq!((of, what.as_str()), (csv.len() as u64, "bytes"));
    let dsl = json!({"components": {"reader_0": {"module": "Reader", "output": {"data": ["data"]}}}});
    let conf = json!({
        "dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "component_parameters": {"common": {"reader_0": {"table": {"namespace": "experiment", "name": "t"}}}}
    });
    let job = site.succeed(&dsl, &conf);
    let outputs = site.node.default_tenant().outputs(&job, "reader_0", Party::new(Role::Guest, 9999)).unwrap();
    assert_eq!(outputs[0].table.rows(), 20_000);
    // And what that job made is read by another.
    let mut again = conf.clone();
    again["component_parameters"]["common"]["reader_0"]["table"] =
        json!({"job_id": job, "component_name": "reader_0", "data_name": "data"});
    let second = site.succeed(&dsl, &again);
    assert_eq!(
        site.node.default_tenant().outputs(&second, "reader_0", Party::new(Role::Guest, 9999)).unwrap()[0].table.rows(),
        20_000
    );
}

#[test]
fn a_data_folder_has_one_node() {
    let site = Site::new();
    let options = parcae_node::Options::new(site.folder());
    let refused = parcae_tests::try_open(options).err().unwrap();
    assert!(refused.contains("another node"), "{refused}");
}

#[test]
fn of_two_uploads_to_one_name_one_is_refused_and_nothing_is_overwritten() {
    let site = Site::new();
    let rows =
        |n: usize| std::iter::once("id,x\n".to_owned()).chain((0..n).map(|i| format!("u{i},1\n"))).collect::<String>();
    let (first, taken) = site.begin_upload("t", &rows(50_000), json!({}));
    taken.unwrap();
    // Taken on while the first one is under way; or refused at once, when that has ended already.
    let (second, taken) = site.begin_upload("t", &rows(3), json!({}));
    let ended = [Some(first), taken.is_ok().then_some(second)].into_iter().flatten();
    let good = ended.filter(|job| site.wait(job).status == Status::Success).count();
    assert_eq!(good, 1, "one name was given to two uploads");
    assert!([50_000, 3].contains(&site.node.default_tenant().table("experiment", "t").unwrap().unwrap().rows));
}

#[test]
fn a_table_that_is_deleted_while_a_job_reads_it_stays_until_nobody_needs_it() {
    let site = Site::new();
    site.upload("t", "id,y,x0\na,1,2\nb,0,3\n");
    let dsl = json!({"components": {
        "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
        "data_transform_0": {"module": "DataTransform", "input": {"data": {"data": ["reader_0.data"]}}, "output": {"data": ["data"]}}
    }});
    let conf = json!({
        "dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "component_parameters": {"common": {"reader_0": {"table": {"namespace": "experiment", "name": "t"}}}}
    });
    let job = site.submit(&dsl, &conf);
    let party = Party::new(Role::Guest, 9999);
    // From the moment that the job has read it, the rows belong to its output, too.
    site.wait_for(&job, |view| view.status.is_end() || view.progress >= 50);
    site.node.default_tenant().delete_table("experiment", "t").unwrap();
    assert_eq!(site.wait(&job).status, Status::Success, "{}", site.errors(&job));
    assert_eq!(site.node.default_tenant().outputs(&job, "reader_0", party).unwrap()[0].table.rows(), 2);
}
