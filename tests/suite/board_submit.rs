//! Submitting and uploading in the browser: templates, faults that keep what was typed, jobs that run, files with a
//! preview. Not for: the pages that one is led to then.

use parcae_domain::{status::Status, tenant::Scope};
use parcae_node::view::Filter;
use parcae_tests::{
    breast, example,
    http::{Raw, Served, form_type, form_with},
    pages::has,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

const FORM: &str = "application/x-www-form-urlencoded";

#[track_caller]
fn text(raw: &Raw, status: u16) -> String {
    let text = String::from_utf8_lossy(&raw.bytes).into_owned();
    assert_eq!(raw.status, status, "{text}");
    assert!(!text.contains(" style=") && !text.contains(" onclick="), "inline code would be refused: {text}");
    text
}

fn fields(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn post(served: &Served, path: &str, pairs: &[(&str, &str)]) -> Raw {
    served.send("POST", path, &[("Content-Type", FORM)], fields(pairs).as_bytes())
}

fn file(path: &str) -> String {
    std::fs::read_to_string(example(path)).unwrap()
}

fn jobs(served: &Served) -> Vec<String> {
    let jobs = served.site.node.default_tenant().jobs(&Filter::default()).unwrap();
    let own = jobs.into_iter().filter(|row| row.party == row.initiator);
    own.map(|row| row.job.to_string()).collect()
}

#[test]
fn templates_are_right_once_their_tables_and_modules_are_there() {
    let served = Served::new();
    let page = text(&served.get("/submit"), 200);
    let names: Vec<&str> = page.split("/submit?template=").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(names.len() >= 7, "{names:?}");
    has(&page, &["Needs module ", "LabelCorrelation", "id=\"dsl\"", "id=\"conf\""]);
    let shown = |name: &str| text(&served.get(&format!("/submit?template={name}")), 200);
    has(&shown("hetero_lr"), &["There is no table ", "/upload?namespace=experiment&amp;name=breast_hetero_guest"]);
    breast::upload(&served.site);
    let mut good = 0;
    for name in names {
        let page = shown(name);
        if page.contains("unknown module") {
            let strange = ["label_correlation", "table_statistics", "column_expression", "bucketise"];
            assert!(strange.contains(&name), "{page}");
            continue;
        }
        has(&page, &["this job can be submitted"]);
        assert!(!page.contains("There is no table "), "{page}");
        good += 1;
    }
    assert_eq!(good, 3);
    // Parameters have fields, with what the conf says and what the schema allows.
    let page = shown("hetero_lr");
    has(&page, &["data-path=\"[&quot;hetero_lr_0&quot;,&quot;max_iter&quot;]\"", "value=\"30\"", "&quot;L2&quot;"]);
    has(&page, &["guest 0: with_label, label_name, label_type"]);
    text(&served.get("/submit?template=nothing"), 404);
}

#[test]
fn what_is_wrong_is_told_in_its_place_and_nothing_typed_is_lost() {
    let served = Served::new();
    let conf = file("secure_add/job_conf.json");
    let dsl = file("secure_add/job_dsl.json").replace("SecureAddExample", "SecureAdExample");
    for path in ["/submit", "/submit/check"] {
        let raw = post(&served, path, &[("dsl", &dsl), ("conf", &conf)]);
        let page = text(&raw, if path == "/submit" { 400 } else { 200 });
        has(&page, &["DSL 4:7", "components.secure_add_example_0.module", "unknown module", "SecureAdExample&quot;"]);
        has(&page, &["data_num&quot;: 1000", "data-typed"]);
    }
    // Only the part that tells of it, for script.
    let bad = conf.replace("1000 }", "-5 }");
    let dsl = file("secure_add/job_dsl.json");
    let part = text(&post(&served, "/submit/check", &[("dsl", &dsl), ("conf", &bad), ("part", "1")]), 200);
    has(&part, &["id=\"checked\"", "data-document=\"conf\"", "data_num", "id=\"parameters\""]);
    assert!(!part.contains("<textarea"), "{part}");
    // No JSON: where it ends to be one, and what was typed is text.
    let odd = "{\n  \"components\": </textarea><script>alert(1)</script>";
    let page = text(&post(&served, "/submit", &[("dsl", odd), ("conf", "")]), 400);
    has(&page, &["DSL 2:17", "conf 1:1", "&lt;/textarea&gt;&lt;script&gt;alert(1)"]);
    assert!(!page.contains("<script>"), "{page}");
    text(&post(&served, "/submit", &[]), 400);
    assert_eq!(jobs(&served), [""; 0]);
}

#[test]
fn a_job_is_submitted_and_another_one_begins_with_it() {
    let served = Served::new();
    let (dsl, conf) = (file("secure_add/job_dsl.json"), file("secure_add/job_conf.json"));
    // As a browser sends it.
    let raw = post(&served, "/submit", &[("dsl", &dsl.replace('\n', "\r\n")), ("conf", &conf)]);
    let all = jobs(&served);
    assert_eq!(all.len(), 1, "{}", text(&raw, 200));
    let job = all[0].clone();
    has(&text(&raw, 200), &[&job]);
    assert_eq!(served.site.wait(&job).status, Status::Success, "{}", served.site.errors(&job));
    let page = text(&served.get(&format!("/submit?from={job}")), 200);
    has(&page, &["SecureAddExample", "data_num&quot;: 1000", "this job can be submitted"]);
    assert!(!page.contains("model_version"), "the new job names its own model: {page}");
    text(&served.get("/submit?from=202611212240531266170"), 404);
    text(&served.get("/submit?from=%3Cb%3E"), 404);
}

#[test]
fn a_file_becomes_a_table() {
    let served = Served::new();
    let form = [
        ("namespace", "lab"),
        ("name", "7"),
        ("partitions", "3"),
        ("delimiter", "semicolon"),
        ("other", ""),
        ("head", "1"),
        ("label", "y"),
    ];
    let kind = form_type();
    let send = |form: &[(&str, &str)], content: &str| {
        let body = form_with(form, "any name.csv", content.as_bytes());
        served.send("POST", "/upload", &[("Content-Type", kind.as_str())], &body)
    };
    let raw = send(&form, "id;y;x\na;1;2.5\nb;0;3\n");
    let job = jobs(&served).pop().unwrap_or_else(|| panic!("{}", text(&raw, 200)));
    has(&text(&raw, 200), &[&job]);
    assert_eq!(served.site.wait(&job).status, Status::Success, "{}", served.site.errors(&job));
    let tenant = served.site.node.default_tenant();
    let table = tenant.table("lab", "7").unwrap().unwrap();
    assert_eq!((table.rows, table.partitions, table.schema.extra["label_name"].as_str()), (2, 3, Some("y")));
    // The name is taken: what was typed stays.
    let page = text(&send(&form, "id;y\nc;1\n"), 409);
    has(&page, &["is there already", "value=\"lab\"", "<option value=\"semicolon\" selected>", "value=\"y\""]);
    let page = text(&send(&form, ""), 400);
    has(&page, &["no file was chosen"]);
    let odd = [("namespace", "<b>"), ("name", "n"), ("partitions", "x"), ("delimiter", "comma")];
    let page = text(&send(&odd, "a\n"), 400);
    has(&page, &["partition", "&lt;b&gt;"]);
    assert_eq!(tenant.table("lab", "7").unwrap().unwrap().rows, 2);
    let mut again = form.to_vec();
    again.push(("replace", "1"));
    send(&again, "id;y;x\nc;1;2\n");
    served.until("the table was replaced", || tenant.table("lab", "7").unwrap().is_some_and(|table| table.rows == 1));
    // Not a form at all.
    text(&served.send("POST", "/upload", &[("Content-Type", FORM)], b"namespace=a"), 400);
    let page = text(&served.get("/upload?namespace=experiment&name=t%22"), 200);
    has(&page, &["value=\"experiment\"", "value=\"t&quot;\""]);
}

#[test]
fn a_preview_says_what_the_upload_would() {
    let served = Served::new();
    let look = |query: &str, body: &[u8]| {
        let path = format!("/upload/preview?{query}");
        text(&served.send("POST", &path, &[], body), 200)
    };
    let marked = b"\xef\xbb\xbfid;y\n1;<b>\n";
    has(&look("whole=1", marked), &["data-delimiter=\"semicolon\"", "byte order mark", "&lt;b&gt;"]);
    has(&look("whole=1", b"1\t2\n3\t4\n"), &["data-delimiter=\"tab\"", "data-head=\"false\""]);
    let said = look("whole=1&delimiter=other&other=%7C%7C&head=1", b"id||x\na||1\n");
    has(&said, &["data-delimiter=\"other\"", "2 columns"]);
    has(&look("", b""), &["There are no rows"]);
    let quoted = b"id,x\n\"a,b\",1\nc,2\n";
    has(&look("whole=1&delimiter=comma", quoted), &["quotation marks", "Line 2 has 3 cells where 2 are expected"]);
    // It is refused indeed.
    let (job, _) = served.site.begin_upload("quoted", std::str::from_utf8(quoted).unwrap(), json!({}));
    assert_eq!(served.site.wait(&job).status, Status::Failed);
    assert!(served.site.errors(&job).contains("line 2"), "{}", served.site.errors(&job));
    let large = served.send("POST", "/upload/preview", &[], &vec![b'x'; 100 << 10]);
    text(&large, 413);
}

#[test]
fn who_may_only_read_may_check_and_not_submit() {
    let served = Served::new();
    let reader = served.keyed("bank", Scope::Read);
    let owner = served.keyed("lab", Scope::Submit);
    let (dsl, conf) = (file("secure_add/job_dsl.json"), file("secure_add/job_conf.json"));
    let body = fields(&[("dsl", &dsl), ("conf", &conf)]);
    let page = text(&reader.send("POST", "/submit/check", FORM, body.as_bytes()), 200);
    has(&page, &["this job can be submitted", "may look at jobs, but not submit"]);
    text(&reader.send("POST", "/submit", FORM, body.as_bytes()), 403);
    text(&reader.send("POST", "/upload", &form_type(), &form_with(&[("name", "t")], "t.csv", b"a,b\n")), 403);
    has(&text(&reader.send("GET", "/upload", FORM, b""), 200), &["may look at tables, but not upload"]);
    // A job of another tenant is as one that is not there.
    let parse = |text: &str| serde_json::from_str(text).unwrap();
    let job = owner.submit(&parse(&dsl), &parse(&conf));
    let ask = |job: &str| text(&reader.send("GET", &format!("/submit?from={job}"), FORM, b""), 404).replace(job, "");
    assert_eq!(ask(&job), ask("202611212240531266170"));
    assert_eq!(owner.wait(&job, "guest", 9999), "success");
}
