//! The board's lists of jobs as a browser gets them: what runs and why the others wait, filters, order and pages in the
//! address, notes, and that nothing of another tenant is there. Not for: how the store finds them (`parcae-metadata`).

use parcae_domain::tenant::Scope;
use parcae_tests::http::{Raw, Served};
use serde_json::{Value, json};

/// A job of two parties whose component does as it is told.
fn job(served: &Served, behaviour: &str, cores: u64) -> String {
    let (dsl, conf) = described(behaviour, cores);
    served.submit(&dsl, &conf)
}

fn described(behaviour: &str, cores: u64) -> (Value, Value) {
    let dsl = json!({"components": {"probe_0": {"module": "Probe"}}});
    let conf = json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999},
        "role": {"guest": [9999], "host": [10000]}, "job_parameters": {"common": {"task_cores": cores}},
        "component_parameters": {"common": {"probe_0": {"behaviour": behaviour}}}});
    (dsl, conf)
}

#[track_caller]
fn page(served: &Served, path: &str) -> String {
    text(&served.get(path), path)
}

#[track_caller]
fn text(raw: &Raw, path: &str) -> String {
    let text = String::from_utf8_lossy(&raw.bytes).into_owned();
    assert_eq!((raw.status, raw.content_type.as_str()), (200, "text/html; charset=utf-8"), "{path}: {text}");
    text
}

/// How often a job has a row on a page.
fn rows(page: &str, job: &str) -> usize {
    page.matches(&format!("href=\"/jobs/{job}/")).count()
}

fn stop(served: &Served, job: &str) {
    served.data("job/stop", json!({"job_id": job}));
    served.wait(job, "guest", 9999);
}

#[test]
fn what_runs_has_a_card_and_what_waits_says_why() {
    let served = Served::new();
    let empty = page(&served, "/running");
    assert!(empty.contains("Nothing runs and nothing waits.") && empty.contains("href=\"/submit\""), "{empty}");
    let running = job(&served, "spin", 1024);
    served.wait_for(&running, "guest", 9999, |row| row["f_status"] == "running");
    let waiting = job(&served, "none", 1024);
    served.until("its component is on the card", || page(&served, "/running").contains(">probe_0</a>"));
    let both = page(&served, "/running");
    assert!(both.contains("data-live-from=\"/live\"") && both.contains("id=\"running\" data-live"), "{both}");
    assert!(both.contains(&format!("/jobs/{running}/stop")) && both.contains("data-ask="), "{both}");
    assert_eq!((rows(&both, &waiting), both.matches("data-since=").count()), (1, 2), "{both}");
    assert!(both.contains("Waits for: "), "it does not say what {waiting} waits for: {both}");
    assert!(both.contains("<strong>1</strong> running") && both.contains("<strong>1</strong> waiting"), "{both}");
    let site = page(&served, "/site");
    assert_eq!((rows(&site, &waiting), site.contains("Waits for")), (1, true), "{site}");
    stop(&served, &running);
    served.wait(&waiting, "guest", 9999);
    let ended = page(&served, "/running");
    assert!(ended.contains("Nothing runs") && ended.contains("Ended last") && rows(&ended, &running) == 1, "{ended}");
}

#[test]
fn jobs_are_filtered_sorted_and_paged_by_the_address() {
    let served = Served::new();
    let good = job(&served, "none", 1);
    assert_eq!(served.wait(&good, "guest", 9999)["f_status"], "success");
    let bad = job(&served, "fail_input", 1);
    assert_eq!(served.wait(&bad, "guest", 9999)["f_status"], "failed");
    served.data("job/update", json!({"job_id": good, "notes": "Night & <b>day</b>"}));
    let seen = |path: &str| {
        let page = page(&served, path);
        [&good, &bad].map(|job| rows(&page, job))
    };
    // A row for each party.
    assert_eq!(seen("/jobs"), [2, 2]);
    assert_eq!(seen("/jobs?status=failed&status=canceled"), [0, 2]);
    assert_eq!(seen("/jobs?role=host"), [1, 1]);
    assert_eq!(seen("/jobs?party=999"), [1, 1]);
    assert_eq!(seen("/jobs?partner=10000&role=guest&status=success"), [1, 0]);
    assert_eq!(seen("/jobs?partner=77"), [0, 0]);
    assert_eq!(seen("/jobs?note=%3Cb%3E"), [2, 0]);
    assert_eq!(seen("/jobs?q=night"), [2, 0]);
    assert_eq!(seen(&format!("/jobs?id={}", &bad[8..])), [0, 2]);
    assert_eq!(seen("/jobs?from=2999-01-01"), [0, 0]);
    let all = page(&served, "/jobs");
    let place = |page: &str, job: &str| page.find(&format!("href=\"/jobs/{job}/")).unwrap();
    assert!(place(&all, &bad) < place(&all, &good), "the newest is first");
    let first = page(&served, "/jobs?sort=id");
    assert!(place(&first, &good) < place(&first, &bad) && first.contains("aria-sort=\"ascending\""), "{first}");
    assert!(all.contains("Night &amp; &lt;b&gt;day&lt;/b&gt;") && !all.contains("<b>day"), "{all}");
    assert!(all.contains(&format!("action=\"/jobs/{good}/notes\"")), "{all}");
    // A page beyond the last one is the last one.
    assert_eq!(seen("/jobs?page=400&per=20"), [2, 2]);
    assert_eq!(page(&served, "/jobs?page=x&per=7&sort=-colour&role=boss&status=%ff").matches("data-row").count(), 4);
}

#[test]
fn a_whole_id_leads_to_its_job_and_empty_fields_leave_the_address() {
    let served = Served::new();
    let (dsl, conf) = described("none", 1);
    let good = served.site.succeed(&dsl, &conf);
    let led = where_to(&served, &format!("/jobs?q={good}"));
    assert_eq!(led, (303, format!("/jobs/{good}")));
    let unknown = "202611212240531266170";
    assert!(page(&served, &format!("/jobs?q={unknown}")).contains("No job is as the filters ask."));
    let form = "/jobs?q=&status=failed&id=&from=&sort=-submitted&per=50";
    assert_eq!(where_to(&served, form), (303, "/jobs?status=failed&per=50".to_owned()));
    assert_eq!(where_to(&served, "/jobs?q="), (303, "/jobs".to_owned()));
}

/// Status of an answer and where it leads to, which the client of the fixtures would follow.
fn where_to(served: &Served, path: &str) -> (u16, String) {
    use std::io::{Read, Write};
    let mut socket = std::net::TcpStream::connect(served.address()).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", served.address());
    socket.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let location = answer.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default();
    (status, location.to_owned())
}

#[test]
fn nobody_sees_jobs_of_another_tenant() {
    let served = Served::new();
    let (bank, shop) = (served.keyed("bank", Scope::Submit), served.keyed("shop", Scope::Submit));
    let reader = served.keyed("bank", Scope::Read);
    let (dsl, conf) = described("none", 1);
    let job = bank.submit(&dsl, &conf);
    bank.wait(&job, "guest", 9999);
    let path = "/jobs?sort=id";
    assert_eq!(rows(&text(&bank.send("GET", path, "", b""), path), &job), 2);
    for path in [path.to_owned(), format!("/jobs?q={job}"), "/running".to_owned(), "/site".to_owned()] {
        let seen = text(&shop.send("GET", &path, "", b""), &path);
        assert_eq!(rows(&seen, &job), 0, "{path}");
    }
    // Who may only look is offered nothing to do.
    let seen = text(&reader.send("GET", path, "", b""), path);
    assert!(rows(&seen, &job) == 2 && !seen.contains(&format!("/jobs/{job}/notes")), "{seen}");
}
