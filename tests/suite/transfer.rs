//! Jobs that put tables out as files of the server, and that copy them, over HTTP. Not for: downloads to the client
//! (`http`), a component that misuses the files (`hostile_exports`).

use std::fs;
use std::path::Path;

use parcae_tests::{
    Site,
    http::{Served, golden, keys},
    merge,
};
use serde_json::{Value, json};

const SMALL: &str = "id,y,x0\na,1,0.5\nb,0,1.5\n";

fn table(name: &str) -> Value {
    json!({"namespace": "experiment", "table_name": name})
}

/// A site with a table `t`.
fn served() -> Served {
    let served = Served::new();
    served.site.upload("t", SMALL);
    served
}

fn download(path: &str, more: Value) -> Value {
    let mut body = json!({"namespace": "experiment", "table_name": "t", "output_path": path, "conf_path": "down.json"});
    merge(&mut body, more);
    body
}

fn copy(name: &str, more: Value) -> Value {
    let mut body = json!({"namespace": "experiment", "table_name": "t", "output_namespace": "copies",
        "output_name": name, "conf_path": "writer.json"});
    merge(&mut body, more);
    body
}

/// Submits; the job's id and how it ended.
fn run(served: &Served, path: &str, body: Value) -> (String, String) {
    let (status, answer) = served.post(path, body);
    let data = &answer["data"];
    assert_eq!((status, &answer["retcode"], &data["code"]), (200, &json!(0), &json!(0)), "{answer}");
    assert_eq!(keys(data), golden::SUBMITTED.split_whitespace().collect::<Vec<_>>());
    assert_eq!(data["job_id"], answer["jobId"]);
    let job = answer["jobId"].as_str().expect("the id of the job").to_owned();
    let row = served.wait(&job, "local", 0);
    (job, row["f_status"].as_str().unwrap_or_default().to_owned())
}

/// Names in a folder, hidden ones, too.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_downloaded_table_is_what_was_uploaded() {
    let served = served();
    let local = served.site.folder().join("local");
    let path = local.join("deep/t.csv").display().to_string();
    let (job, status) = run(&served, "data/download", download(&path, json!({})));
    assert_eq!(status, "success", "{}", served.site.errors(&job));
    assert_eq!(fs::read_to_string(&path).unwrap(), SMALL);
    assert_eq!(names(&local.join("deep")), ["t.csv"]);
    let task = &served.tasks(&job)[0];
    assert_eq!((&task["f_component_name"], &task["f_component_module"]), (&json!("download_0"), &json!("Download")));
    // A path of its own, relative to the folder for files of users; with another delimiter.
    let (job, status) = run(&served, "data/download", download("other.txt", json!({"delimiter": "|", "party_id": 0})));
    assert_eq!(status, "success", "{}", served.site.errors(&job));
    assert_eq!(fs::read_to_string(local.join("other.txt")).unwrap(), SMALL.replace(',', "|"));
    // What is there stays.
    let (retcode, retmsg) = served.refused("data/download", download(&path, json!({})));
    assert!(retcode == 100 && retmsg.contains("exists"), "{retcode} {retmsg}");
    assert_eq!(fs::read_to_string(&path).unwrap(), SMALL);
}

#[test]
fn tables_of_many_pages_and_of_every_type_are_put_out() {
    let served = Served::new();
    let rows: String = (0..30_000).map(|i| format!("u{i},{},{}.25\n", i % 2, i)).collect();
    served.site.upload("t", &format!("id,y,x0\n{rows}"));
    let dsl = json!({"components": {
        "reader_0": {"module": "Reader", "output": {"data": ["data"]}},
        "data_transform_0": {"module": "DataTransform", "input": {"data": {"data": ["reader_0.data"]}},
            "output": {"data": ["data"]}}
    }});
    let conf = json!({
        "dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "component_parameters": {"common": {
            "reader_0": {"table": {"namespace": "experiment", "name": "t"}},
            "data_transform_0": {"with_label": true, "label_name": "y", "label_type": "int", "output_format": "dense"}
        }}
    });
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    let about = json!({"job_id": job, "role": "guest", "party_id": "9999", "component_name": "data_transform_0"});
    let client = served.get_with_body("tracking/component/output/data/download", about.clone()).files();
    let made = served.data("tracking/component/output/data/table", about)[0].clone();
    let body = json!({"namespace": made["table_namespace"], "name": made["table_name"], "output_path": "parsed.csv"});
    let (job, status) = run(&served, "data/download", body);
    assert_eq!(status, "success", "{}", served.site.errors(&job));
    let file = fs::read(served.site.folder().join("local/parsed.csv")).unwrap();
    assert!(file == client["data.csv"], "the file differs from what the client downloads");
    assert_eq!(file.iter().filter(|byte| **byte == b'\n').count(), 30_001);
}

#[test]
fn files_are_put_out_below_allowed_folders_only() {
    let outside = tempfile::tempdir().unwrap();
    let served = served();
    let local = served.site.folder().join("local");
    fs::create_dir_all(&local).unwrap();
    let far = outside.path().join("x.csv").display().to_string();
    let up = format!("{}/../parcae.sqlite", local.display());
    let mut paths = vec![far.as_str(), up.as_str(), "../x.csv", "a/../../x.csv", "/etc/x.csv"];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outside.path(), local.join("way")).unwrap();
        paths.push("way/x.csv");
    }
    for path in paths {
        let (retcode, retmsg) = served.refused("data/download", download(path, json!({})));
        assert_eq!(retcode, 108, "{path}: {retmsg}");
        assert!(retmsg.contains("flow component output-data"), "{path}: {retmsg}");
        assert!(retmsg.contains("export_folder") || path.starts_with("way"), "{path}: {retmsg}");
    }
    assert_eq!(names(outside.path()), Vec::<String>::new());
    // A job of the user's own gets no further.
    let dsl = json!({"components": {"download_0": {"module": "Download"}}});
    let parameters = json!({"namespace": "experiment", "name": "t", "output_path": far});
    let conf = json!({"dsl_version": 2, "initiator": {"role": "local", "party_id": 0}, "role": {"local": [0]},
        "component_parameters": {"common": {"download_0": parameters}}});
    let job = served.submit(&dsl, &conf);
    assert_eq!(served.wait(&job, "local", 0)["f_status"], "failed");
    assert!(served.site.errors(&job).contains("export_folder"), "{}", served.site.errors(&job));
    assert_eq!(names(outside.path()), Vec::<String>::new());

    let folder = outside.path().to_owned();
    let allowed = Served::of(Site::with(|options| options.export_folder = Some(folder)));
    allowed.site.upload("t", SMALL);
    let (job, status) = run(&allowed, "data/download", download(&far, json!({})));
    assert_eq!(status, "success", "{}", allowed.site.errors(&job));
    assert_eq!(fs::read_to_string(&far).unwrap(), SMALL);
    assert_eq!(names(outside.path()), ["x.csv"]);
}

#[test]
fn downloads_that_cannot_be_leave_no_file() {
    let served = served();
    for (body, missing) in [
        (json!({}), "namespace,output_path,table_name"),
        (json!({"namespace": "n", "name": "t"}), "output_path"),
        (json!({"table_name": "t", "output_path": "x.csv", "namespace": null}), "namespace"),
    ] {
        let (retcode, retmsg) = served.refused("data/download", body);
        assert!(retcode == 100 && retmsg.ends_with(&format!(": {missing}")), "{retcode} {retmsg}");
    }
    let (job, status) = run(&served, "data/download", download("x.csv", json!({"table_name": "nosuch"})));
    assert_eq!(status, "failed");
    assert!(served.site.errors(&job).contains("table nosuch of namespace experiment does not exist"));
    let (job, status) = run(&served, "data/download", download("x.csv", json!({"delimiter": "."})));
    assert_eq!(status, "failed", "a delimiter that stands in the data");
    assert!(served.site.errors(&job).contains("choose another one"), "{}", served.site.errors(&job));
    assert_eq!(names(&served.site.folder().join("local")), Vec::<String>::new());
    // What is of the wrong kind is told in the data, as FATE does.
    let (_, answer) = served.post("data/download", download("x.csv", json!({"delimiter": 7})));
    assert_eq!((&answer["retcode"], &answer["data"]["code"]), (&json!(0), &json!(103)), "{answer}");
    assert!(answer["data"]["message"].as_str().unwrap().contains("delimiter"), "{answer}");
}

#[test]
fn a_copied_table_is_the_same_under_another_name() {
    let served = served();
    let (job, status) = run(&served, "data/writer", copy("u", json!({})));
    assert_eq!(status, "success", "{}", served.site.errors(&job));
    let of_copy = json!({"namespace": "copies", "table_name": "u"});
    let info = |body: Value| served.data("table/table_info", body);
    let (first, second) = (info(table("t")), info(of_copy.clone()));
    for key in ["count", "partition", "schema", "exist"] {
        assert_eq!(first[key], second[key], "{key}");
    }
    assert_eq!(second["origin"], "writer");
    let rows = |body: &Value| served.get_with_body("table/download", body.clone()).files();
    assert_eq!(rows(&of_copy), rows(&table("t")));
    let source = json!([{"parent_table_name": "t", "parent_table_namespace": "experiment", "source_table_name": "t",
        "source_table_namespace": "experiment"}]);
    assert_eq!(served.data("table/tracking/source", of_copy), source);
    assert_eq!(served.data("table/tracking/job", table("t")), json!({"count": 1, "job": [job]}));

    let (job, status) = run(&served, "data/writer", copy("u", json!({})));
    assert_eq!(status, "failed", "a copy replaces nothing unasked");
    assert!(served.site.errors(&job).contains("drop"), "{}", served.site.errors(&job));
    assert_eq!(run(&served, "data/writer", copy("u", json!({"drop": 1}))).1, "success");
    assert_eq!(fs::read_dir(served.site.folder().join("tables")).unwrap().count(), 2, "what was replaced is gone");
}

#[test]
fn copies_out_of_the_node_are_refused() {
    let served = served();
    let mut outside = table("t");
    merge(&mut outside, json!({"storage_engine": "MYSQL", "address": {"db": "x"}}));
    let (retcode, retmsg) = served.refused("data/writer", outside);
    assert!(retcode == 100 && retmsg.contains("MYSQL") && retmsg.contains("output_name"), "{retcode} {retmsg}");
    let (retcode, retmsg) = served.refused("data/writer", table("t"));
    assert!(retcode == 100 && retmsg.ends_with("output_namespace,output_name"), "{retcode} {retmsg}");
    assert_eq!(served.refused("data/writer", json!({})).0, 100);
    assert_eq!(served.post("data/nosuch", json!({})).0, 400);
}
