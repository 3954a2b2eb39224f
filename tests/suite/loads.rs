//! What would keep a node from answering others: many at once, much at once, and pages that lead to it under names that
//! are not its own. Not for: single wrong requests (`wrong_requests`), signatures (`auth`).

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
};

use parcae_tests::http::{Served, form, form_type, form_with, upload_path};
use serde_json::{Value, json};

/// More than the threads on which a node answers.
const MANY: usize = 80;
/// Images of one tenant that a node receives at once.
const RECEIVED: usize = 8;

#[test]
fn many_bindings_at_once_do_not_stop_the_node() {
    let served = Served::new();
    let folder = served.site.folder().join("local");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("a.csv"), "id,y,x0\na,1,0.5\nb,0,1.5\n").unwrap();
    let bind = |at: usize| {
        let name = format!("t{at}");
        let body = json!({"engine": "PATH", "address": {"path": "a.csv"}, "namespace": "many", "name": name});
        let bound = served.data("table/bind", body);
        assert_eq!(bound, json!({"namespace": "many", "table_name": name}));
    };
    let bind = &bind;
    std::thread::scope(|scope| {
        (0..MANY).for_each(|at| drop(scope.spawn(move || bind(at))));
        assert_eq!(served.data("version/get", json!({}))["API"], "v1");
    });
    let info = served.data("table/table_info", json!({"namespace": "many", "table_name": "t79"}));
    assert_eq!((&info["exist"], &info["count"]), (&json!(1), &json!(2)));
}

/// The answer to a request under a name.
fn asked_as(served: &Served, host: &str) -> String {
    let mut stream = TcpStream::connect(served.address()).unwrap();
    let body = "{}";
    write!(
        stream,
        "POST /v1/version/get HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_local_node_does_not_answer_under_names_of_others() {
    let served = Served::new();
    for host in ["localhost", "127.0.0.1:1", "[::1]"] {
        let answer = asked_as(&served, host);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"retcode\":0"), "{host}: {answer}");
    }
    for host in ["evil.example", "127.0.0.1.evil.example:80"] {
        let answer = asked_as(&served, host);
        assert!(answer.contains("\"retcode\":108") && answer.contains("public_url"), "{host}: {answer}");
    }
    let options = parcae_server::Options {
        public_url: Some("https://fate.example/flow".into()),
        ..parcae_server::Options::default()
    };
    let served = Served::with(parcae_tests::Site::new(), options);
    assert!(asked_as(&served, "fate.example").contains("\"retcode\":0"));
}

fn upload(served: &Served, form: &[u8]) -> Value {
    let conf = json!({"file": "t.csv", "head": 1, "partition": 2, "namespace": "n", "table_name": "t"});
    let kind = form_type();
    let target = format!("/v1/{}", upload_path(&conf));
    let (status, answer) = served.send("POST", &target, &[("Content-Type", kind.as_str())], form).answer();
    assert_eq!(status, 200, "{answer}");
    answer
}

#[test]
fn an_upload_has_one_file_and_few_fields() {
    let served = Served::new();
    let csv = b"id,x\n1,2\n3,4\n";
    let refused = |form: &[u8], words: &str| {
        let answer = upload(&served, form);
        let retmsg = answer["retmsg"].as_str().unwrap();
        assert!(answer["retcode"] == 100 && retmsg.contains(words), "{words}: {answer}");
    };
    let one = form("t.csv", csv);
    let end = one.windows(4).rposition(|bytes| bytes == b"\r\n--").unwrap();
    let two = [&one[..end], &b"\r\n"[..], &one[..]].concat();
    refused(&two, "two files");
    let names: Vec<String> = (0..101).map(|at| format!("field_{at}")).collect();
    let fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    refused(&form_with(&fields, "t.csv", csv), "more than 100 fields");
    let large = "x".repeat(600 << 10);
    refused(&form_with(&[("a", large.as_str()), ("b", large.as_str())], "t.csv", csv), "larger than 1 MiB");
    let left = fs::read_dir(served.site.node.upload_folder()).unwrap().count();
    assert_eq!(left, 0, "files of forms that were refused");
    let answer = upload(&served, &form_with(&fields[..100], "t.csv", csv));
    let row = served.wait(answer["jobId"].as_str().unwrap_or_else(|| panic!("{answer}")), "local", 0);
    assert_eq!(row["f_status"], "success");
}

#[test]
fn images_that_come_slowly_leave_the_disk_to_others() {
    let served = Served::new();
    let begin = || {
        let mut stream = TcpStream::connect(served.address()).unwrap();
        write!(stream, "POST /v1/components HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx").unwrap();
        stream
    };
    let slow: Vec<TcpStream> = (0..RECEIVED).map(|_| begin()).collect();
    let push = || served.send("POST", "/v1/components", &[], b"no image").answer().1["retmsg"].to_string();
    // Until the node has seen all of them.
    let refused = (0..20).map(|_| push()).find(|why| why.contains("receives too many images at once"));
    assert!(refused.is_some_and(|why| why.contains("push this one again")));
    drop(slow);
    assert!(push().contains("not a WebAssembly component"));
}

#[test]
fn what_is_quoted_is_cut() {
    let served = Served::new();
    let long = "7".repeat(5 << 20);
    for (path, body) in [
        ("job/stop", json!({"job_id": long})),
        ("job/submit", json!({"job_dsl": {}, "job_runtime_conf": {"role": {(long.clone()): [1]}}})),
        ("tracking/component/list", json!({"job_id": long})),
        ("table/bind", json!({"engine": long, "address": {}, "namespace": "n", "name": "t"})),
    ] {
        let (_, answer) = served.post(path, body);
        let retmsg = answer["retmsg"].as_str().unwrap();
        assert!(answer["retcode"] != 0 && retmsg.len() < 17_000, "{path}: {} bytes", retmsg.len());
    }
}

#[test]
fn lists_without_a_limit_are_whole() {
    let served = Served::new();
    let answer = upload(&served, &form("t.csv", b"id,x\n1,2\n"));
    served.wait(answer["jobId"].as_str().unwrap(), "local", 0);
    for (path, rows) in [("job/list/job", "jobs"), ("job/list/task", "tasks")] {
        let all = served.data(path, json!({}));
        assert_eq!((&all["count"], all[rows].as_array().map(Vec::len)), (&json!(1), Some(1)), "{all}");
    }
}
