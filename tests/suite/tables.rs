//! Tables over HTTP: bound to files and to other tables, switched off, tracked, looked at. Not for: uploads (`http`,
//! `faults`), jobs that copy tables and put them out (`transfer`).

use std::fs;

use parcae_tests::http::{Served, keys, list};
use serde_json::{Value, json};

const SMALL: &str = "id,y,x0\na,1,0.5\nb,0,1.5\n";

fn table(name: &str) -> Value {
    json!({"namespace": "experiment", "table_name": name})
}

/// Runs a job that reads a table, with what more is to be in its DSL: its id, and its status.
fn read(served: &Served, parameter: Value, more: Value) -> (String, String) {
    let mut dsl = json!({"components": {"reader_0": {"module": "Reader", "output": {"data": ["data"]}}}});
    parcae_tests::merge(&mut dsl["components"], more);
    let conf = json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "component_parameters": {"common": {"reader_0": {"table": parameter}}}});
    let (job, row) = served.run(&dsl, &conf);
    (job, row["f_status"].as_str().unwrap_or_default().to_owned())
}

fn named(name: &str) -> Value {
    json!({"namespace": "experiment", "name": name})
}

/// A served site with a file below `DATA/local`.
fn with_file(name: &str, text: &str) -> Served {
    let served = Served::new();
    fs::create_dir_all(served.site.folder().join("local")).unwrap();
    fs::write(served.site.folder().join("local").join(name), text).unwrap();
    served
}

fn binding(name: &str, path: &str, more: Value) -> Value {
    let mut body = json!({"engine": "PATH", "namespace": "experiment", "name": name, "address": {"path": path}});
    parcae_tests::merge(&mut body, more);
    body
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text:?}");
    }
}

#[test]
fn a_file_of_the_server_is_bound_and_read() {
    let served = with_file("a.csv", SMALL);
    let absolute = served.site.folder().join("local/a.csv").display().to_string();
    // As `flow table bind` sends it; and as pipeline does.
    let body = binding("bound", &absolute, json!({"conf_path": "bind.json", "drop": false}));
    assert_eq!(served.data("table/bind", body.clone()), table("bound"));
    let info = served.data("table/table_info", table("bound"));
    let seen = [&info["exist"], &info["count"], &info["origin"], &info["enable"], &info["schema"]["header"]];
    assert_eq!(seen, [&json!(1), &json!(2), &json!("table_bind"), &json!(true), &json!("y,x0")]);
    assert_eq!(info["address"], json!({"connector_name": null, "path": absolute}));
    let (retcode, retmsg) = served.refused("table/bind", body);
    assert!(retcode == 100 && retmsg.contains("drop"), "{retcode} {retmsg}");
    fs::write(served.site.folder().join("local/a.csv"), "id;x0\nc;1\n").unwrap();
    let again = binding("bound", "a.csv", json!({"drop": true, "id_delimiter": ";", "partitions": 2}));
    assert_eq!(served.data("table/add", again), table("bound"));
    let info = served.data("table/table_info", table("bound"));
    assert_eq!((&info["count"], &info["partition"]), (&json!(1), &json!(2)));
    assert_eq!(read(&served, named("bound"), json!({})).1, "success");
    assert_eq!(served.data("data/upload/history", json!({"limit": 10})), json!([]), "a binding is no upload");
    assert!(served.site.folder().join("local/a.csv").exists(), "the user's file is gone");
}

#[test]
fn names_of_a_bound_files_columns_are_checked_or_given() {
    let served = with_file("a.csv", SMALL);
    fs::write(served.site.folder().join("local/bare.csv"), "a,1,0.5\nb,0,1.5\n").unwrap();
    let names = json!({"head": 0, "id_column": "key", "feature_column": "y,x0"});
    served.data("table/bind", binding("bare", "bare.csv", names));
    let info = served.data("table/table_info", table("bare"));
    assert_eq!((&info["count"], &info["schema"]["sid"]), (&json!(2), &json!("key")));
    assert_eq!(info["schema"]["header"], "y,x0");
    served.data("table/bind", binding("same", "a.csv", json!({"id_column": "id", "feature_column": "y,x0"})));
    let (retcode, retmsg) = served.refused("table/bind", binding("no", "a.csv", json!({"id_column": "y"})));
    assert_eq!(retcode, 100);
    has(&retmsg, &["\"id,y,x0\"", "first column"]);
    assert_eq!(served.data("table/table_info", table("no"))["exist"], 0);
}

#[test]
fn what_cannot_be_bound_is_refused_with_the_cure() {
    let served = with_file("bad.csv", "id,x\na,1\nb,2,3\n");
    let local = served.site.folder().join("local");
    let outside = tempfile::NamedTempFile::new().unwrap();
    let path = outside.path().to_str().unwrap();
    for path in [path, "/etc/passwd", "../parcae.sqlite", "../local/../parcae.sqlite", "/no/such/file"] {
        let (retcode, retmsg) = served.refused("table/bind", binding("t", path, json!({})));
        assert!(retcode == 108 && retmsg.contains("local_uploads"), "{path}: {retcode} {retmsg}");
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(outside.path(), local.join("link.csv")).unwrap();
        assert_eq!(served.refused("table/bind", binding("t", "link.csv", json!({}))).0, 108);
    }
    let refusals = [
        (binding("t", "none.csv", json!({})), "no file"),
        (binding("t", ".", json!({})), "is no file"),
        (binding("t", "bad.csv", json!({})), "line 3 has 3 cells"),
        (binding("t", "bad.csv", json!({"partitions": 5000})), "1 to 1023"),
        (json!({"engine": "PATH", "namespace": "n", "name": "t", "address": {}}), "path is missing"),
    ];
    for (body, part) in refusals {
        let (retcode, retmsg) = served.refused("table/bind", body);
        assert!(retcode == 100 && retmsg.contains(part), "{part}: {retcode} {retmsg}");
    }
    for engine in ["MYSQL", "HIVE", "HDFS", "NOSUCH"] {
        let address = json!({"user": "fate", "passwd": "secret", "host": "db", "name": "t"});
        let body = json!({"engine": engine, "namespace": "n", "name": "t", "address": address});
        let (retcode, retmsg) = served.refused("table/bind", body);
        assert_eq!(retcode, 100);
        has(&retmsg, &[engine, "data/upload"]);
        assert!(!retmsg.contains("secret"));
    }
    let (retcode, retmsg) = served.refused("table/bind", json!({"engine": "PATH"}));
    assert!(retcode == 101 && retmsg.ends_with("address,namespace,name"), "{retcode} {retmsg}");
    let text = json!({"engine": "PATH", "namespace": "n", "name": "t", "address": "a.csv"});
    assert_eq!(served.refused("table/bind", text).0, 101);
    let jobs = fs::read_dir(served.site.folder().join("jobs")).map_or(0, Iterator::count);
    assert_eq!(jobs, 1, "only the file that was read left a job");
}

#[test]
fn a_table_gets_a_second_name_for_the_same_rows() {
    let served = Served::new();
    served.site.upload("first", SMALL);
    let body = |name: &str, of: &str| {
        json!({"engine": "STANDALONE", "namespace": "experiment", "name": name,
            "address": {"namespace": "experiment", "name": of}})
    };
    assert_eq!(served.data("table/bind", body("second", "first")), table("second"));
    let info = served.data("table/table_info", table("second"));
    assert_eq!((&info["count"], &info["origin"]), (&json!(2), &json!("table_bind")));
    assert_eq!(info["address"]["name"], "first");
    assert_eq!(fs::read_dir(served.site.folder().join("tables")).unwrap().count(), 1, "the rows were copied");
    let refusals = [("second", "first", "drop"), ("third", "nosuch", "upload it first"), ("a", "a", "itself")];
    for (name, of, part) in refusals {
        let (retcode, retmsg) = served.refused("table/bind", body(name, of));
        assert!(retcode == 100 && retmsg.contains(part), "{name} of {of}: {retcode} {retmsg}");
    }
    served.data("table/delete", table("first"));
    assert_eq!(read(&served, named("second"), json!({})).1, "success");
}

#[test]
fn a_disabled_table_fails_its_readers() {
    let served = Served::new();
    for name in ["t", "u"] {
        served.site.upload(name, SMALL);
    }
    assert_eq!(served.data("table/disable", table("t")), json!([table("t")]));
    assert_eq!(served.data("table/table_info", table("t"))["enable"], false);
    let (job, status) = read(&served, named("t"), json!({}));
    assert_eq!(status, "failed");
    has(&served.site.errors(&job), &["table t of namespace experiment is disabled: enable it first"]);
    let alias = json!({"engine": "LMDB", "namespace": "n", "name": "v",
        "address": {"namespace": "experiment", "name": "t"}});
    has(&served.refused("table/bind", alias).1, &["is disabled"]);
    assert_eq!(served.data("table/enable", table("t")), json!([table("t")]));
    assert_eq!(read(&served, named("t"), json!({})).1, "success");
    for path in ["table/disable", "table/enable"] {
        assert_eq!(served.refused(path, table("nosuch")), (101, "no find table".to_owned()));
        assert_eq!(served.refused(path, json!({"conf_path": "x"})).0, 101, "{path} of everything");
    }
    assert_eq!(served.refused("table/disable/delete", json!({})).0, 101);
    let all = served.data("table/disable", json!({"namespace": "experiment"}));
    assert_eq!(all, json!([table("t"), table("u")]));
    assert_eq!(served.data("table/disable/delete", json!({})), json!([table("t"), table("u")]));
    assert_eq!(served.data("table/table_info", table("u"))["exist"], 0);
}

#[test]
fn tables_are_tracked_to_where_they_come_from() {
    let served = Served::new();
    served.site.upload("t", SMALL);
    let (first, _) = read(&served, named("t"), json!({}));
    let output = json!({"job_id": first, "component_name": "reader_0", "data_name": "data"});
    let (second, status) = read(&served, output, json!({}));
    assert_eq!(status, "success", "{}", served.site.errors(&second));
    let made = |job: &str| {
        let about = json!({"job_id": job, "role": "guest", "party_id": "9999", "component_name": "reader_0"});
        let found = served.data("tracking/component/output/data/table", about);
        json!({"namespace": found[0]["table_namespace"], "table_name": found[0]["table_name"]})
    };
    let parent = |of: &Value| {
        json!([{"parent_table_name": of["table_name"], "parent_table_namespace": of["namespace"],
            "source_table_name": "t", "source_table_namespace": "experiment"}])
    };
    assert_eq!(served.data("table/tracking/source", table("t")), json!([]));
    assert_eq!(served.data("table/tracking/source", made(&first)), parent(&table("t")));
    assert_eq!(served.data("table/tracking/source", made(&second)), parent(&made(&first)));
    let used = served.data("table/tracking/job", table("t"));
    assert_eq!(used, json!({"count": 2, "job": [first, second]}));
    for path in ["table/tracking/source", "table/tracking/job"] {
        assert_eq!(served.refused(path, table("nosuch")).0, 100, "{path}");
        assert_eq!(served.refused(path, json!({"namespace": "experiment"})).0, 101, "{path}");
    }
    // Another table of that name knows nothing of the first one's jobs, but these are still told of.
    served.data("table/delete", table("t"));
    assert_eq!(served.data("table/tracking/job", table("t"))["count"], 2);
}

#[test]
fn tables_are_looked_at() {
    let served = Served::new();
    served.site.upload("t", SMALL);
    let transform = json!({"data_transform_0": {"module": "DataTransform",
        "input": {"data": {"data": ["reader_0.data"]}}, "output": {"data": ["data"]}}});
    let (job, status) = read(&served, named("t"), transform);
    assert_eq!(status, "success", "{}", served.site.errors(&job));
    let at = |role: &str| json!({"job_id": job, "role": role, "party_id": 9999});
    let found = served.data("table/list", at("guest"));
    assert_eq!(keys(&found), ["data_transform_0", "reader_0"]);
    let output =
        |component: &str| json!({"name": "guest_9999_data", "namespace": format!("output_data_{job}_{component}_0")});
    let reader = json!({"input": {"table": named("t")}, "output": {"data": output("reader_0")}});
    assert_eq!(found["reader_0"], reader);
    let transform = json!({"input": {"data": {"reader_0.data": output("reader_0")}},
        "output": {"data": output("data_transform_0")}});
    assert_eq!(found["data_transform_0"], transform);
    assert_eq!(served.refused("table/list", at("host")).0, 101);
    assert_eq!(served.refused("table/list", json!({"job_id": job})).0, 101);

    let rows = json!({"header": ["id", "y", "x0"], "data": [["a", "1", "0.5"], ["b", "0", "1.5"]]});
    assert_eq!(served.data("table/preview", named("t")), rows);
    let one = served.data("table/preview", json!({"namespace": "experiment", "name": "t", "limit": 1}));
    assert_eq!(list(&one["data"]).len(), 1);
    assert_eq!(served.refused("table/preview", named("nosuch")).0, 101);

    let file = served.get_with_body("table/download", named("t"));
    assert_eq!(file.disposition, "attachment; filename=table_experiment_t.tar.gz");
    let files = file.files();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["table.csv", "table.meta"]);
    assert_eq!(String::from_utf8_lossy(&files["table.csv"]), SMALL);
    assert_eq!(served.get_with_body("table/download", named("nosuch")).answer().0, 210);
    assert_eq!(served.get_with_body("table/download", json!({})).answer().0, 400);
}

#[test]
fn connectors_are_kept_without_their_passwords() {
    let served = Served::new();
    let info = json!({"user": "fate", "passwd": "secret", "host": "db", "port": 3306});
    let body = json!({"connector_name": "c", "engine": "MYSQL", "connector_info": info});
    let (_, answer) = served.post("table/connector/create", body.clone());
    assert_eq!((&answer["retcode"], answer.get("data")), (&json!(0), None), "{answer}");
    let found = served.data("table/connector/query", json!({"connector_name": "c"}));
    assert_eq!(found, json!({"user": "fate", "passwd": "", "host": "db", "port": 3306}));
    assert_eq!(served.data("table/connector/query", json!({"connector_name": "d"})), json!({}));
    assert_eq!(served.refused("table/connector/create", json!({"connector_name": "c"})).0, 101);
    assert_eq!(served.refused("table/connector/query", json!({})).0, 101);
}

#[test]
fn what_tables_cannot_do_is_said() {
    let served = Served::new();
    for path in ["table/schema/update", "table/schema/anonymous/migrate"] {
        let (retcode, retmsg) = served.refused(path, table("t"));
        assert_eq!(retcode, 100);
        has(&retmsg, &["does not change", "upload it again"]);
    }
    has(&served.refused("table/nosuch", table("t")).1, &["404"]);
}
