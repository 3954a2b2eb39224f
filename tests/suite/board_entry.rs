//! The way into the board: logging in and out, how long a session lasts and how far it reaches, and links of FATE's
//! clients. Not for: what holds for every page, the walls between tenants (`board_walls`), FATE-Board's own way
//! (`board_old_login`).

use std::time::{SystemTime, UNIX_EPOCH};

use parcae_api::{
    pages::pages,
    scopes::{Access, Denial},
};
use parcae_domain::tenant::Scope;
use parcae_node::accounts::KeyKind;
use parcae_server::Options;
use parcae_tests::{Site, breast, http::Served, visitor::Seen};
use serde_json::json;

fn now_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// The page to log in at, with why one is not let in.
#[track_caller]
fn not_let_in(seen: &Seen) {
    assert_eq!((seen.status, seen.header("set-cookie")), (401, ""), "{}", seen.text());
    let page = seen.text();
    assert!(page.contains("role=\"alert\"") && page.contains("name=\"key\""), "{page}");
}

#[test]
fn a_right_key_begins_a_session() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Submit);
    let mut visitor = served.visitor();
    let led = visitor.get("/jobs?status=failed&page=2");
    assert_eq!((led.status, led.location()), (303, "/login?next=%2Fjobs%3Fstatus%3Dfailed%26page%3D2"));
    let page = visitor.get(led.location());
    assert!(page.status == 200 && page.text().contains("value=\"/jobs?status=failed&amp;page=2\""), "{}", page.text());
    let wrong = format!("parcae_{}_{}", bank.id, "A".repeat(43));
    for key in ["", "nonsense", &wrong] {
        not_let_in(&visitor.log_in(key, "/jobs"));
    }
    assert!(!visitor.log_in(&wrong, "").text().contains(&wrong), "a key is not shown");

    let seen = visitor.log_in(&format!("  {}\n", bank.token), "/jobs?page=2");
    assert_eq!((seen.status, seen.location()), (303, "/jobs?page=2"));
    let cookie = seen.header("set-cookie").to_owned();
    for part in ["parcae_session=", "; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age="] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "this node speaks plain HTTP: {cookie}");
    assert!(!cookie.contains(&bank.token) && !cookie.contains(&bank.id), "the cookie means nothing by itself");
    let page = visitor.get("/jobs");
    assert!(page.status == 200 && page.text().contains("bank"), "{}", page.text());
    // A session is one of the board: the API takes it, too, as its scripts need it.
    let first = visitor.session.clone();
    assert_eq!(visitor.log_in(&bank.token, "").location(), "/");
    assert_ne!(visitor.session, first, "it is another one each time");
    let second = std::mem::replace(&mut visitor.session, first);
    assert_eq!(visitor.get("/jobs").status, 303, "and the one before has ended");
    visitor.session = second;

    let old = visitor.session.clone();
    let seen = visitor.post("/logout", &[]);
    assert_eq!((seen.status, seen.location()), (303, "/login"));
    visitor.keep(&seen);
    assert_eq!(visitor.session, None);
    visitor.session = old;
    assert_eq!(visitor.get("/jobs").status, 303, "it has ended, whatever the browser keeps");
}

#[test]
fn one_is_led_on_within_the_node_only() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Read);
    for next in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y", ""] {
        let seen = served.visitor().log_in(&bank.token, next);
        assert_eq!((seen.status, seen.location()), (303, "/"), "{next}");
        let page = served.visitor().get(&format!("/login?{}", parcae_tests::visitor::form(&[("next", next)])));
        assert!(page.text().contains("name=\"next\" value=\"/\""), "{next}: {}", page.text());
        let seen = served.visitor().post("/preferences", &[("theme", "dark"), ("next", next)]);
        assert_eq!(seen.location(), "/", "{next}");
    }
}

#[test]
fn a_session_lasts_as_long_as_its_key() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Read);
    let accounts = served.site.node.accounts();
    let end = now_ms() + 4_000;
    let short = served.make_key("bank", KeyKind::Bearer, Scope::Read, Some(end)).secret;
    let (visitor, hurried) = (served.logged_in(&bank.token), served.logged_in(&short));
    assert_eq!(visitor.get("/jobs").status, 200);
    served.until("the key has expired", || hurried.get("/jobs").status == 303);
    assert!(now_ms() >= end);
    not_let_in(&served.visitor().log_in(&short, ""));

    accounts.set_disabled(&bank.tenant, true).unwrap();
    assert_eq!(visitor.get("/jobs").status, 303);
    not_let_in(&served.visitor().log_in(&bank.token, ""));
    accounts.set_disabled(&bank.tenant, false).unwrap();
    assert_eq!(visitor.get("/jobs").status, 200);
    accounts.revoke(&bank.tenant, &bank.id).unwrap();
    assert_eq!(visitor.get("/jobs").status, 303);
    not_let_in(&served.visitor().log_in(&bank.token, ""));
    // Keys that sign are for programs.
    let signing = served.make_key("bank", KeyKind::Signing, Scope::Read, None);
    not_let_in(&served.visitor().log_in(&format!("parcae_{}_{}", signing.id, signing.secret), ""));
}

#[test]
fn a_node_without_keys_asks_nobody() {
    let served = Served::new();
    let visitor = served.visitor();
    let page = visitor.get("/jobs");
    assert!(page.status == 200 && !page.text().contains("action=\"/logout\""), "there is nothing to log out of");
    served.keyed("bank", Scope::Read);
    assert_eq!(visitor.get("/jobs").status, 303, "now there is a key");
    // Who came in without one has to say who they are.
    let early = Served::new();
    let mut visitor = early.visitor();
    assert_eq!(visitor.log_in("anything", "").status, 303);
    assert!(visitor.session.is_some() && visitor.get("/jobs").status == 200);
    early.keyed("bank", Scope::Read);
    assert_eq!(visitor.get("/jobs").status, 303);
}

#[test]
fn a_key_reaches_as_far_as_its_scope() {
    let served = Served::new();
    let job = "202611220000000000000";
    let of = |scope| served.logged_in(&served.keyed("bank", scope).token);
    let (read, submit, operate, admin) = (of(Scope::Read), of(Scope::Submit), of(Scope::Operate), of(Scope::Admin));
    assert!(!read.get("/jobs").text().contains("href=\"/submit\""));
    assert!(submit.get("/jobs").text().contains("href=\"/submit\""));
    assert!(!submit.get("/jobs").text().contains("href=\"/tokens\""));
    assert!(operate.get("/jobs").text().contains("href=\"/tokens\""));
    for page in pages().filter(|page| page.denial == Denial::Page) {
        let Access::Needs(needed) = page.access else { continue };
        let target = page.path.replace("{job}", job).replace("{name}", "x").replace("{id}", "x");
        for (scope, visitor) in [(Scope::Read, &read), (Scope::Submit, &submit), (Scope::Operate, &operate)] {
            if scope < needed {
                let seen = if page.method == "GET" { visitor.get(&target) } else { visitor.post(&target, &[]) };
                assert_eq!(seen.status, 403, "{} {target} with scope {scope}", page.method);
                assert!(seen.text().contains(&format!("needs scope {needed}")), "{}", seen.text());
            }
        }
    }
    assert_eq!(admin.get("/tenants").status, 200);
    // It is let in, and hears that there is no such job.
    assert_eq!(submit.post(&format!("/jobs/{job}/stop"), &[]).status, 404);
}

#[test]
fn forms_of_other_sites_are_turned_away() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Operate);
    let upload = bank.upload("n", "t", "id,x\n1,2\n");
    let mut visitor = served.logged_in(&bank.token);
    visitor.headers.push(("Origin".into(), "http://evil.example".into()));
    for page in pages().filter(|page| page.method != "GET") {
        let target = page.path.replace("{job}", &upload).replace("{name}", "x").replace("{id}", &bank.id);
        let seen = if page.method == "PUT" {
            visitor.json("PUT", &target, &json!({"job_id": upload, "notes": "evil"}))
        } else {
            visitor.post(&target, &[("key", bank.token.as_str()), ("notes", "evil")])
        };
        assert_eq!(seen.header("set-cookie"), "", "{target}");
        let answer = seen.json();
        assert_eq!(answer["retcode"], 108, "{target}: {answer}");
    }
    let row = bank.data("job/query", json!({"job_id": upload}));
    assert_eq!(row[0]["f_description"], "");
    // The same from a page of the node.
    visitor.headers = vec![("Origin".into(), format!("http://{}", served.address()))];
    assert_eq!(visitor.post(&format!("/jobs/{upload}/notes"), &[("notes", "mine")]).status, 303);
}

#[test]
fn who_has_to_log_in_again_comes_back_to_the_page_that_was_left() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Submit);
    let mut visitor = served.visitor();
    visitor.headers.push(("Referer".into(), format!("http://{}/jobs?page=2", served.address())));
    let seen = visitor.post("/jobs/1/notes", &[("notes", "mine")]);
    assert!(seen.status == 401 && seen.text().contains("href=\"/login?next=%2Fjobs%3Fpage%3D2\""), "{}", seen.text());
    // A wrong key, and then another language: both go on to where one wanted to be.
    let wrong = visitor.log_in("wrong", "/jobs?page=3").text();
    let kept = ["name=\"next\" value=\"/jobs?page=3\"", "name=\"next\" value=\"/login?next=%2Fjobs%3Fpage%3D3\""];
    assert!(kept.iter().all(|field| wrong.contains(*field)), "{wrong}");
    assert_eq!(visitor.log_in(&bank.token, "/jobs?page=3").location(), "/jobs?page=3");
}

#[test]
fn links_of_clients_lead_to_pages() {
    let public = "https://board.example/fate/".to_owned();
    for (public_url, base) in [(None, None), (Some(public), Some("https://board.example/fate"))] {
        let served = Served::with(Site::new(), Options { public_url, ..Options::default() });
        breast::upload(&served.site);
        let (dsl, conf) = breast::quick_job();
        let (_, answer) = served.post("job/submit", json!({"job_dsl": dsl, "job_runtime_conf": conf}));
        let (job, url) = (answer["jobId"].as_str().unwrap(), answer["data"]["board_url"].as_str().unwrap());
        let base = base.map_or_else(|| format!("http://{}", served.address()), str::to_owned);
        assert_eq!(url, format!("{base}/index.html#/dashboard?job_id={job}&role=guest&party_id=9999"));
        let visitor = served.visitor();
        let page = visitor.get("/index.html");
        assert!(page.status == 200 && page.text().contains("/assets/entry.js"), "{}", page.text());
        let script = page.text();
        let script = script.split('"').find(|part| part.starts_with("/assets/entry.js")).unwrap().to_owned();
        assert_eq!(visitor.get(&script).status, 200);
        // Where that script leads.
        assert_eq!(visitor.get(&format!("/jobs/{job}/guest/9999")).status, 200);
        served.wait(job, "guest", 9999);
    }
}

#[test]
fn where_forms_are_sent_there_is_a_page_too() {
    let served = Served::new();
    let reader = served.keyed("bank", Scope::Read);
    let admin = served.keyed("other", Scope::Admin);
    for key in [&reader, &admin] {
        let visitor = served.logged_in(&key.token);
        for path in ["/jobs/1/stop", "/model/deploy", "/tokens/x/revoke", "/submit/check"] {
            let seen = visitor.get(path);
            assert!(seen.status == 405 && seen.text().contains("<h1>"), "{path}: {} {}", seen.status, seen.text());
        }
    }
    assert_eq!(served.visitor().get("/jobs/1/stop").location(), "/login?next=%2Fjobs%2F1%2Fstop");
}
