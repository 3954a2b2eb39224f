//! The board's page of a job: what it shows at each party, its files, and what can be done there. Not for: other pages.

use parcae_domain::tenant::Scope;
use parcae_tests::{
    breast,
    http::{Raw, Served},
    pages::has,
};
use serde_json::{Value, json};

const UNKNOWN: &str = "202611212240531266170";
const FORM: &str = "application/x-www-form-urlencoded";

#[track_caller]
fn text(raw: &Raw, status: u16) -> String {
    let text = String::from_utf8_lossy(&raw.bytes).into_owned();
    assert_eq!(raw.status, status, "{text}");
    text
}

/// A page that must be there.
#[track_caller]
fn page(served: &Served, path: &str) -> String {
    let raw = served.get(path);
    assert!(raw.content_type.starts_with("text/html"), "{path} is {}", raw.content_type);
    let page = text(&raw, 200);
    assert!(!page.contains(" style=") && !page.contains(" onclick="), "inline code of {path} would be refused");
    page
}

/// Posts a form, and goes where its answer leads.
fn post(served: &Served, path: &str, fields: &str) -> Raw {
    served.send("POST", path, &[("Content-Type", FORM)], fields.as_bytes())
}

/// How often something stands in a page.
fn count(page: &str, words: &str) -> usize {
    page.matches(words).count()
}

/// One probe, and its conf.
fn probe(behaviour: &str) -> (Value, Value) {
    let dsl = json!({"components": {"probe_0": {"module": "Probe"}}});
    let components = json!({"probe_0": {"behaviour": behaviour, "amount": 2, "text": "no <such> column"}});
    let conf = json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "job_parameters": {"common": {}}, "component_parameters": {"common": components}});
    (dsl, conf)
}

#[test]
fn a_job_is_shown_at_each_of_its_parties() {
    let served = Served::new();
    breast::upload(&served.site);
    let (dsl, conf) = breast::quick_job();
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    let (at_guest, at_host) = (format!("/jobs/{job}/guest/9999"), format!("/jobs/{job}/host/10000"));

    let guest = page(&served, &at_guest);
    has(&guest, &[&job, "Rerun all", &format!("href=\"/compare?job={job}\""), &format!("/live?job={job}")]);
    assert!(!guest.contains(&format!("/jobs/{job}/stop")), "it has ended");
    for name in ["reader_0", "data_transform_0"] {
        let task = format!("{at_guest}/tasks/{name}");
        has(&guest, &[&format!("href=\"{task}\" data-row"), &format!("data-node=\"{name}\"")]);
        has(&guest, &[&format!("{at_guest}/logs/{name}"), &format!("{at_host}/tasks/{name}")]);
    }
    has(&guest, &["data-from=\"reader_0\" data-to=\"data_transform_0\""]);
    has(&guest, &["class=\"node success\"", "class=\"bar success\""]);
    assert_eq!(count(&guest, "<h1"), 1);
    has(&guest, &["/table?namespace=experiment&amp;name=breast_hetero_guest", "&amp;name=breast_hetero_host"]);
    has(
        &guest,
        &["/model?id=guest-9999%23host-10000%23model&amp;version=", "memory_bytes", "<span class=\"soft\">node</span>"],
    );
    has(&page(&served, &format!("/jobs/{job}")), &[&format!("value=\"{at_guest}\""), "guest 9999"]);

    let host = page(&served, &at_host);
    has(&host, &["host 10000", &format!("href=\"{at_guest}\""), "name=breast_hetero_host"]);
    assert!(!host.contains("breast_hetero_guest"), "another party's table is named");

    assert_eq!(served.get(&format!("{at_guest}/dsl.json")).json(), dsl);
    let own = |path: &str| served.get(&format!("{path}/conf.json")).json()["component_parameters"]["role"].clone();
    assert_eq!(own(&at_guest), conf["component_parameters"]["role"]);
    assert_eq!(own(&at_host), json!({"host": conf["component_parameters"]["role"]["host"]}));
    let file = served.get(&format!("{at_host}/dsl.json"));
    assert!(file.disposition.starts_with(&format!("attachment; filename=\"job_dsl_{job}.json\"")), "{file:?}");
}

#[test]
fn a_job_is_kept_as_one_file() {
    let served = Served::new();
    breast::upload(&served.site);
    let (dsl, conf) = breast::quick_job();
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    let [guest, host] = ["guest/9999", "host/10000"].map(|at| served.get(&format!("/jobs/{job}/{at}/report.html")));
    assert!(guest.disposition.starts_with(&format!("attachment; filename=\"job_{job}_guest_9999.html\"")), "{guest:?}");
    assert_eq!(guest.content_type, "application/octet-stream", "no page of the node has a style sheet in it");
    let (guest, host) = (text(&guest, 200), text(&host, 200));
    let task = format!("href=\"http://{}/jobs/{job}/guest/9999/tasks/reader_0\"", served.address());
    has(&guest, &["<style>", "<h2>data_transform_0</h2>", "breast_hetero_guest", "class=\"node success\"", &task]);
    assert!(!guest.contains(" href=\"/") && !guest.contains("<script") && !guest.contains("/rerun"), "{guest}");
    assert!(!host.contains("breast_hetero_guest"), "another party's table is named");
    assert_eq!(served.get(&format!("/jobs/{job}/guest/1/report.html")).status, 404);
}

#[test]
fn a_job_is_stopped_described_and_run_again() {
    let served = Served::new();
    let (dsl, conf) = probe("spin");
    let job = served.submit(&dsl, &conf);
    served.until("it runs", || served.tasks(&job)[0]["f_status"] == "running");
    let at = format!("/jobs/{job}/guest/9999");
    let running = page(&served, &at);
    has(&running, &["class=\"node running\"", "data-since=", &format!("action=\"/jobs/{job}/stop\"")]);
    assert!(!running.contains(&format!("action=\"/jobs/{job}/rerun\"")), "it has not ended");
    text(&post(&served, &format!("/jobs/{job}/rerun"), ""), 409);

    let next = format!("next={}", at.replace('/', "%2F"));
    let stopped = text(&post(&served, &format!("/jobs/{job}/stop"), &next), 200);
    has(&stopped, &["id=\"job-graph\"", &job]);
    assert_eq!(served.wait(&job, "guest", 9999)["f_status"], "canceled");

    let noted = text(&post(&served, &format!("/jobs/{job}/notes"), &format!("notes=%3Cb%3E+it%0D%0Aspun&{next}")), 200);
    has(&noted, &["&lt;b&gt; it\nspun"]);
    let noted = &served.data("job/query", json!({"job_id": job}))[0]["f_description"];
    assert_eq!(noted, "<b> it\nspun");
    let long = format!("notes={}", "x".repeat(1 << 17));
    has(&text(&post(&served, &format!("/jobs/{job}/notes"), &long), 400), &["argument notes"]);
    text(&post(&served, &format!("/jobs/{job}/notes"), "notes="), 200);
    assert_eq!(served.data("job/query", json!({"job_id": job}))[0]["f_description"], "");

    let mended = json!({"common": {"probe_0": {"behaviour": "none"}}});
    served.data("job/parameter/update", json!({"job_id": job, "component_parameters": mended}));
    text(&post(&served, &format!("/jobs/{job}/rerun"), &format!("component=probe_0&{next}")), 200);
    assert_eq!(served.wait(&job, "guest", 9999)["f_status"], "success", "{}", served.site.errors(&job));
    assert_eq!(count(&page(&served, &at), "class=\"bar "), 2, "both attempts are on the timeline");
    has(&text(&post(&served, &format!("/jobs/{job}/rerun"), &next), 409), &["no component has to run again"]);
    text(&post(&served, &format!("/jobs/{job}/rerun"), &format!("force=1&{next}")), 200);
    assert_eq!(served.wait(&job, "guest", 9999)["f_status"], "success");
    assert_eq!(served.tasks(&job)[0]["f_task_version"], 2);
    text(&post(&served, &format!("/jobs/{job}/rerun"), "component=nosuch"), 409);
}

#[test]
fn what_failed_is_said_with_the_way_to_its_log() {
    let served = Served::new();
    let (dsl, conf) = probe("fail_input");
    let (job, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "failed");
    let at = format!("/jobs/{job}/guest/9999");
    let failed = page(&served, &at);
    has(&failed, &["What went wrong", "no &lt;such&gt; column", &format!("{at}/logs/probe_0?level=error")]);
    has(&failed, &["class=\"node failed\"", "url(#gantt-failed)", "name=\"component\" value=\"probe_0\""]);
    assert!(!failed.contains("no <such> column"));
    let chinese = served.send("GET", &at, &[("Accept-Language", "zh-CN")], b"");
    has(&text(&chinese, 200), &["lang=\"zh\"", "失败原因", "时间线"]);
}

#[test]
fn what_is_not_there_has_no_page() {
    let served = Served::new();
    let (dsl, conf) = probe("none");
    let (job, _) = served.run(&dsl, &conf);
    for path in ["host/9999", "guest/1", "boss/9999", "guest/x", "guest/99999999999999999999999"] {
        for file in ["", "/dsl.json", "/conf.json"] {
            text(&served.get(&format!("/jobs/{job}/{path}{file}")), 404);
        }
    }
    for path in ["/jobs/x", "/jobs/%00", "/jobs/..%2F..", "/jobs/x/guest/9999", "/jobs/%ff%fe/guest/9999"] {
        let status = served.get(path).status;
        assert!([400, 404].contains(&status), "{path}: {status}");
    }
    for act in ["stop", "rerun", "notes"] {
        text(&post(&served, &format!("/jobs/{UNKNOWN}/{act}"), "notes=x"), 404);
    }
}

#[test]
fn another_tenants_job_is_one_that_does_not_exist() {
    let served = Served::new();
    let (alpha, bravo) = (served.keyed("alpha", Scope::Submit), served.keyed("bravo", Scope::Submit));
    let (dsl, conf) = probe("none");
    let job = alpha.submit(&dsl, &conf);
    assert_eq!(alpha.wait(&job, "guest", 9999), "success", "{}", served.site.errors(&job));
    text(&alpha.send("GET", &format!("/jobs/{job}/guest/9999"), FORM, b""), 200);
    let paths = ["", "/guest/9999", "/guest/9999/dsl.json", "/guest/9999/conf.json"].map(|path| ("GET", path));
    let acts = ["/stop", "/rerun", "/notes"].map(|path| ("POST", path));
    for (method, path) in paths.into_iter().chain(acts) {
        let answer = |id: &str| {
            let body: &[u8] = if method == "GET" { b"" } else { b"notes=x" };
            let raw = bravo.send(method, &format!("/jobs/{id}{path}"), FORM, body);
            text(&raw, 404).replace(id, "ID")
        };
        assert_eq!(answer(&job), answer(UNKNOWN), "{method} {path}");
    }
}

#[test]
fn who_may_only_read_is_offered_nothing_else() {
    let served = Served::new();
    let (submitter, reader) = (served.keyed("alpha", Scope::Submit), served.keyed("alpha", Scope::Read));
    let (dsl, conf) = probe("none");
    let job = submitter.submit(&dsl, &conf);
    submitter.wait(&job, "guest", 9999);
    let at = format!("/jobs/{job}/guest/9999");
    let read = text(&reader.send("GET", &at, FORM, b""), 200);
    assert!(!read.contains(&format!("action=\"/jobs/{job}")), "{read}");
    has(&text(&submitter.send("GET", &at, FORM, b""), 200), &[&format!("action=\"/jobs/{job}/rerun\"")]);
    text(&reader.send("POST", &format!("/jobs/{job}/rerun"), FORM, b"force=1"), 403);
}
