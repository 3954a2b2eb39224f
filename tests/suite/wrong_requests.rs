//! Wrong requests to every operation of the OpenAPI document: an answer comes, it is one that the document knows, it
//! says in words what is wrong, and the node goes on. Not for: what single endpoints refuse, and why (tests of each).

mod operations;

use parcae_server::{Options, Secret};
use parcae_tests::{
    Site, breast,
    http::{Raw, Served, form, form_type, form_with, upload_path},
};
use serde_json::{Map, Value, json};

use crate::wrong_requests::operations::{Operation, is_refusal, operations};

const JSON: (&str, &str) = ("Content-Type", "application/json");
/// Arguments that may be missing although the document asks for them.
const MAY_BE_MISSING: [(&str, &str); 1] = [("/v1/model/tag/retrieve", "tag_name")];

/// What requests can name.
pub struct World {
    /// A job, whose model is kept.
    job: String,
    /// Name of the model.
    model: String,
    /// Its DSL.
    dsl: Value,
}

/// A node with tables, and a job that has trained a model without cryptography.
fn node() -> (Served, World) {
    let site = Site::new();
    breast::upload(&site);
    let served = Served::of(site);
    let (dsl, conf) = breast::quick_job();
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    (served, World { job, model: breast::QUICK_MODEL.into(), dsl })
}

/// The node answers, and runs a job.
fn goes_on(served: &Served) {
    let health = served.get("/healthz");
    assert_eq!((health.status, &health.json()["status"]), (200, &json!("ok")));
    let conf = json!({"file": "after.csv", "head": 1, "partition": 2, "namespace": "after", "table_name": "t"});
    let (_, answer) = served.upload(&conf, b"id,x\n1,2\n3,4\n");
    let job = answer["jobId"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let row = served.wait(job, "local", 0);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(job));
}

fn bytes(arguments: &Map<String, Value>) -> Vec<u8> {
    serde_json::to_vec(arguments).unwrap()
}

/// Every operation on one of three threads; those that take away what others need come at the end, one by one.
fn each(served: &Served, test: impl Fn(&Operation) + Sync) {
    let all = operations(served);
    let (calm, rest): (Vec<&Operation>, Vec<&Operation>) = all.iter().partition(|operation| !operation.takes_away());
    let test = &test;
    std::thread::scope(|scope| {
        for part in calm.chunks(calm.len().div_ceil(3)) {
            scope.spawn(move || part.iter().for_each(|operation| test(operation)));
        }
    });
    rest.into_iter().for_each(test);
}

#[test]
fn bodies_that_are_no_arguments() {
    let (served, _) = node();
    let deep = "[".repeat(200_000);
    let bodies: [&[u8]; 16] = [
        b"",
        b" \r\n",
        b"no JSON",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf{}",
        b"null",
        b"true",
        b"[]",
        b"[{\"job_id\": 1}]",
        b"7",
        b"\"text\"",
        b"{}",
        b"{\"job_id\": ",
        b"{} {}",
        b"\x00",
        deep.as_bytes(),
    ];
    each(&served, |operation| {
        for body in bodies {
            let raw = operation.send(&served, body);
            let is_object = matches!(body, b"" | b" \r\n" | b"{}");
            if operation.is_json && !operation.keys.is_empty() && !is_object {
                // FATE's client takes whatever comes for the archive, so that this one is never refused.
                let refused = is_refusal(&raw) || operation.path == "/v1/template/download";
                assert!(refused, "{} took {:?}: {raw:?}", operation.path, &body[..body.len().min(40)]);
            }
        }
    });
    goes_on(&served);
}

/// Names in paths that nobody has.
const WORDS: [&str; 7] = ["%00", "%FF", "%2F", "..%2F..%2Fetc%2Fpasswd", "%20", "%C3%A4%F0%9F%8C%8D", "%7Bname%7D"];

/// Status, and return code of an envelope.
fn retcode(raw: &Raw) -> (u16, Option<Value>) {
    (raw.status, (raw.content_type == JSON.1).then(|| raw.json()["retcode"].clone()))
}

#[test]
fn methods_slashes_and_names_in_paths() {
    let (served, _) = node();
    let long = "y".repeat(10_000);
    each(&served, |operation| {
        let path = operation.path_of("x");
        let plain = operation.send(&served, b"");
        let slash = served.send(&operation.method, &format!("{path}/"), &[JSON], b"");
        assert_eq!(retcode(&plain), retcode(&slash), "{path}/");
        for word in WORDS.into_iter().chain([long.as_str()]).filter(|_| path != operation.path) {
            let raw = served.send(&operation.method, &operation.path_of(word), &[JSON], b"{}");
            operation.judge(&served, word.as_bytes(), &raw);
        }
        for query in ["?", "?a=b&a", "?%FF=%00", "?job_id[]=1"] {
            let raw = served.send(&operation.method, &format!("{path}{query}"), &[JSON], b"");
            operation.judge(&served, query.as_bytes(), &raw);
        }
    });
    let all = operations(&served);
    for operation in &all {
        let method = if operation.method == "GET" { "POST" } else { "GET" };
        if all.iter().any(|other| other.path == operation.path && other.method == method) {
            continue;
        }
        let (status, answer) = served.send(method, &operation.path_of("x"), &[JSON], b"{}").answer();
        assert_eq!((status, &answer["retcode"]), (200, &json!(100)), "{method} {}: {answer}", operation.path);
    }
    for path in
        ["/", "/v1", "/v1/", "/v1/nosuch", "/v2/job/query", "//v1/job/query", "/v1/job/query/x", "/V1/job/query"]
    {
        let (status, answer) = served.send("POST", path, &[JSON], b"{}").answer();
        assert_eq!((status, &answer["retcode"]), (200, &json!(100)), "{path}: {answer}");
    }
    goes_on(&served);
}

#[test]
fn arguments_that_are_missing() {
    let (served, world) = node();
    each(&served, |operation| {
        let right = operation.arguments(&world);
        for key in &operation.required {
            assert!(right.contains_key(key), "{}: no right value of {key}", operation.path);
            let (mut absent, mut null) = (right.clone(), right.clone());
            absent.remove(key);
            null.insert(key.clone(), Value::Null);
            for arguments in [absent, null] {
                let raw = operation.send(&served, &bytes(&arguments));
                let may_be = MAY_BE_MISSING.contains(&(operation.path.as_str(), key.as_str()));
                assert!(may_be || is_refusal(&raw), "{} without {key}: {raw:?}", operation.path);
            }
        }
    });
    goes_on(&served);
}

/// Values that no argument should have, or not all of them.
fn odd_values() -> Vec<Value> {
    let huge: Value = serde_json::from_str("202611212240531266170202611212240531266170").unwrap();
    let mut values = vec![json!([[1], {"a": 1}]), json!({"a": {"b": [1]}}), json!([null]), json!([]), json!({}), huge];
    values.extend([true, false].map(Value::from));
    values.extend([json!(-1), json!(1.5), json!(1e300), json!(i64::MIN), json!(u64::MAX)]);
    let texts = ["", "\u{0}", "größe 漢字 🌍 \u{202e}\r\n", "../../etc/passwd", "x' OR '1'='1", "%00%s{}"];
    values.extend(texts.map(Value::from));
    values.extend([json!("9".repeat(40)), json!("x".repeat(100_000))]);
    values
}

#[test]
fn arguments_of_another_kind() {
    let (served, world) = node();
    let values = odd_values();
    each(&served, |operation| {
        let right = operation.arguments(&world);
        for key in &operation.keys {
            for value in &values {
                let mut arguments = right.clone();
                arguments.insert(key.clone(), value.clone());
                operation.send(&served, &bytes(&arguments));
            }
        }
    });
    goes_on(&served);
}

#[test]
fn unknown_ids_and_unknown_keys() {
    let (served, world) = node();
    let nowhere = World { job: "202001010000000000000".into(), model: "nobody-1#model".into(), dsl: json!({}) };
    each(&served, |operation| {
        operation.send(&served, &bytes(&operation.arguments(&nowhere)));
        let mut more = operation.arguments(&world);
        let extra = json!({"conf_path": "x.json", "local": {"role": "guest"}, "__class__": [], "": 1, "größe": null});
        more.extend(extra.as_object().cloned().unwrap_or_default());
        more.extend((0..200).map(|number| (format!("key_{number}"), json!(number))));
        operation.send(&served, &bytes(&more));
    });
    goes_on(&served);
}

/// Types of bodies that are no form, or that lack its boundary.
const KINDS: [&str; 6] = [
    "",
    "text/plain",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=\"x",
    "multipart/form-data; boundary=other",
];

#[test]
fn forms_that_are_none() {
    let (served, world) = node();
    let all = operations(&served);
    let conf = json!({"file": "t.csv", "head": 1, "partition": 2, "namespace": "n"});
    let whole = form("t.csv", b"id,x\n1,2\n");
    let fields = [("role", "guest"), ("party_id", "9999"), ("model_id", world.model.as_str()), ("model_version", "7")];
    let model = form_with(&fields, "model.zip", b"no archive");
    let kind = form_type();
    let cut = &whole[..whole.len() - 9];
    let bodies: [&[u8]; 9] = [b"", b"{}", b"--", &whole, &model, &whole[..40], cut, &model[..200], &[0; 5000]];
    let refused = |target: &str, kind: &str, body: &[u8]| {
        let path = target.split('?').next().unwrap();
        let operation = all.iter().find(|operation| operation.path == path).unwrap();
        let raw = served.send("POST", target, &[("Content-Type", kind)], body);
        operation.judge(&served, body, &raw);
        assert!(is_refusal(&raw), "{target} as {kind} took {:?}: {raw:?}", String::from_utf8_lossy(body));
    };
    let without_name = format!("/v1/{}", upload_path(&conf));
    for target in ["/v1/data/upload", without_name.as_str(), "/v1/model/import"] {
        for kind in KINDS.into_iter().chain([kind.as_str()]) {
            bodies.iter().for_each(|body| refused(target, kind, body));
        }
    }
    for query in ["%7B", "%7B%22head%22", "[]", "%FF%00", "{}{}", "namespace=n&head=x&partition=-1&table_name=t"] {
        refused(&format!("/v1/data/upload?{query}"), &kind, &whole);
    }
    goes_on(&served);
}

/// One for each way in which a body is read.
#[test]
fn a_hundred_megabytes() {
    let clients = [("lab".to_owned(), Secret::new("hush").into())].into();
    let (open, guarded) = (Served::new(), Served::with(Site::new(), Options { clients, ..Options::default() }));
    let size = 100 << 20;
    let kind = form_type();
    let (json, form_kind) = ([JSON], [("Content-Type", kind.as_str())]);
    let text = vec![b' '; size];
    let (status, answer) = open.send("POST", "/v1/job/query", &json, &text).answer();
    assert!(status == 200 && answer["retmsg"].as_str().unwrap().contains("larger than 32 MiB"), "{answer}");
    let file = form("t.csv", &text);
    let conf = json!({"file": "t.csv", "head": 1, "partition": 2, "namespace": "n"});
    let (status, answer) = open.send("POST", &format!("/v1/{}", upload_path(&conf)), &form_kind, &file).answer();
    assert_eq!((status, &answer["retmsg"]), (200, &json!("required arguments are missing: table_name")));
    let fields = [("role", "guest"), ("party_id", "9999"), ("model_id", "m"), ("model_version", "7")];
    let model = form_with(&fields, "model.zip", &text);
    let (status, answer) = open.send("POST", "/v1/model/import", &form_kind, &model).answer();
    assert_eq!((status, &answer["retcode"]), (400, &json!(400)), "{answer}");
    let (status, answer) = open.send("POST", "/v1/components", &json, &text).answer();
    assert_eq!((status, &answer["retcode"]), (200, &json!(101)), "{answer}");
    // Nobody is interested in these bodies.
    for (path, retcode) in [("/v1/nosuch", 100), ("/v1/job/query/x", 100), ("/v1/server/reload", 0)] {
        let (status, answer) = open.send("POST", path, &json, &text).answer();
        assert_eq!((status, &answer["retcode"]), (200, &json!(retcode)), "{path}: {answer}");
    }
    goes_on(&open);
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis().to_string();
    let claim = [("TIMESTAMP", now.as_str()), ("NONCE", "n"), ("APP_KEY", "lab"), ("SIGNATURE", "bm9uZQ==")];
    for (path, headers, body) in [
        ("/v1/job/query", &json, &text),
        ("/v1/data/upload", &form_kind, &file),
        ("/v1/model/import", &form_kind, &model),
    ] {
        // Not signed at all, and signed by somebody who does not know the secret.
        let signed: Vec<_> = headers.iter().chain(&claim).copied().collect();
        for headers in [headers.as_slice(), signed.as_slice()] {
            let (status, answer) = guarded.send("POST", path, headers, body).answer();
            let is_too_large = answer["retmsg"].as_str().unwrap().contains("larger than 64 MiB");
            assert!(status == 200 && (answer["retcode"] == 109 || is_too_large), "{path}: {answer}");
        }
    }
    assert_eq!(guarded.get("/healthz").status, 200);
    for served in [&open, &guarded] {
        let left = std::fs::read_dir(served.site.node.upload_folder()).unwrap().count();
        assert_eq!(left, 0, "files of requests that were refused");
    }
}
