//! FATE-Board's sockets: a job under way is told as it changes, logs are told as they are asked for; and how both end.
//! Not for: its other calls (`board_old`).

use parcae_domain::tenant::Scope;
use parcae_server::{ConnectionLimits, Options};
use parcae_tests::{
    Site,
    accounts::Keyed,
    http::{Served, keys, list},
    visitor::Visitor,
};
use serde_json::{Value, json};

use crate::board_old::{is_graph, logged_in, ran};

/// A job of one probe.
fn probe(behaviour: &str) -> (Value, Value) {
    let dsl = json!({"components": {"probe_0": {"module": "Probe"}}});
    let conf = json!({"dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "component_parameters": {"common": {"probe_0": {"behaviour": behaviour}}}});
    (dsl, conf)
}

fn running(served: &Served, keyed: &Keyed<'_>) -> String {
    let (dsl, conf) = probe("spin");
    let job = keyed.submit(&dsl, &conf);
    served.until("the job runs", || {
        let rows = keyed.data("job/query", json!({"job_id": job}));
        rows[0]["f_status"] == "running"
    });
    job
}

fn stop(keyed: &Keyed<'_>, job: &str) {
    let answer = keyed.post("job/stop", json!({"job_id": job}));
    assert_eq!(answer["retcode"], 0, "{answer}");
}

fn progress(job: &str) -> String {
    format!("/websocket/progress/{job}/guest/9999")
}

/// What a frame has at its top.
#[track_caller]
fn is_frame(frame: &Value) {
    assert_eq!(keys(frame), ["dependency_data", "duration", "process", "status", "summary_date"]);
    assert!(frame["process"].is_i64() && frame["duration"].is_i64() && frame["status"].is_string(), "{frame}");
    assert!(frame["summary_date"]["job"]["fJobId"].is_string(), "{frame}");
}

#[test]
fn a_job_that_has_ended_is_told_at_once() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Submit);
    let (job, _) = ran(&served, &bank);
    let visitor = logged_in(&served, &bank);
    let frames = visitor.socket(&progress(&job)).unwrap_or_else(|e| panic!("{e:?}")).all();
    assert_eq!(frames.len(), 1, "one frame, and the end: {frames:?}");
    let frame: Value = serde_json::from_str(&frames[0]).unwrap();
    is_frame(&frame);
    assert_eq!((&frame["process"], &frame["status"]), (&json!(100), &json!("success")));
    is_graph(&frame["dependency_data"]);
    let summary = &frame["summary_date"];
    assert_eq!(keys(summary), ["dataset", "job"]);
    assert_eq!(frame["duration"], summary["job"]["fElapsed"]);
    assert!(!frames[0].contains("null"), "keys without a value are left out: {frame}");
    logs(&visitor, &job);
    odd_wishes(&visitor, &job);
}

fn logs(visitor: &Visitor<'_>, job: &str) {
    let mut socket = visitor.socket(&format!("/log/new/{job}/guest/9999/default")).unwrap_or_else(|e| panic!("{e:?}"));
    socket.say("{\"type\":\"logSize\",\"instanceId\":\"127.0.0.1:9380\"}");
    let sizes = socket.hear_json();
    let kinds = ["jobError", "jobSchedule", "partyDebug", "partyError", "partyInfo", "partyWarning"];
    assert_eq!(keys(&sizes), kinds);
    assert!(sizes.as_object().unwrap().values().all(Value::is_u64), "{sizes}");
    assert_eq!((&sizes["jobError"], &sizes["partyError"]), (&json!(0), &json!(0)), "told although there is none");
    let size = sizes["partyInfo"].as_u64().filter(|size| *size > 2).expect("a log of some lines");
    socket.say(&json!({"type": "partyInfo", "begin": size - 1, "end": size + 50}).to_string());
    let lines = socket.hear_json();
    assert_eq!((keys(&lines), &lines["type"]), (vec!["data", "type"], &json!("partyInfo")));
    let numbers: Vec<&Value> = list(&lines["data"]).iter().map(|line| &line["lineNum"]).collect();
    assert_eq!(numbers, [&json!(size - 1), &json!(size)], "numbers, and no line beyond the last");
    assert!(list(&lines["data"]).iter().all(|line| keys(line) == ["content", "lineNum"]), "{lines}");
    assert!(lines["data"][0]["content"].as_str().is_some_and(|text| text.starts_with("[INFO] [20")), "{lines}");

    let mut socket = visitor.socket(&format!("/log/new/{job}/guest/9999/reader_0")).unwrap_or_else(|e| panic!("{e:?}"));
    socket.say("{\"type\":\"logSize\"}");
    let sizes = socket.hear_json();
    assert_eq!(keys(&sizes), ["componentInfo"], "the front end takes the first key for the kind");
    socket.say("{\"type\":\"componentInfo\",\"begin\":1,\"end\":1}");
    assert_eq!(socket.hear_json()["data"][0]["lineNum"], 1);
}

/// What is no wish is not answered, and breaks nothing.
fn odd_wishes(visitor: &Visitor<'_>, job: &str) {
    let mut socket = visitor.socket(&format!("/log/new/{job}/guest/9999/default")).unwrap_or_else(|e| panic!("{e:?}"));
    let odd = [
        "\"\"",
        "",
        "no JSON",
        "[]",
        "{\"type\":7}",
        "{\"type\":\"passwd\",\"begin\":1,\"end\":9}",
        "{\"type\":\"partyInfo\",\"begin\":9,\"end\":3}",
        "{\"type\":\"partyInfo\",\"begin\":900000000000,\"end\":9000000000000}",
        "{\"type\":\"partyError\",\"begin\":1,\"end\":50}",
        "{\"type\":\"componentInfo\",\"begin\":1,\"end\":50}",
    ];
    for wish in odd {
        socket.say(wish);
    }
    socket.say("{\"type\":\"partyInfo\",\"begin\":-5,\"end\":9223372036854775807}");
    let lines = socket.hear_json();
    assert_eq!((&lines["type"], &lines["data"][0]["lineNum"]), (&json!("partyInfo"), &json!(1)));
    socket.say(&format!("{{\"type\":\"{}\"}}", "x".repeat(70_000)));
    assert_eq!(socket.hear(), None, "too long a message ends it");
}

#[test]
fn a_job_under_way_is_told_as_it_changes() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Submit);
    let visitor = logged_in(&served, &bank);
    let job = running(&served, &bank);
    let mut socket = visitor.socket(&progress(&job)).unwrap_or_else(|e| panic!("{e:?}"));
    let first = socket.hear_json();
    is_frame(&first);
    assert_eq!(keys(&first["dependency_data"]).len(), 4);
    assert_eq!(first["status"], "running");
    let (mut last, mut short) = (first.clone(), 0);
    socket.say("\"\"");
    while last["duration"].as_i64() < first["duration"].as_i64().map(|ms| ms + 500) {
        last = socket.hear_json();
        short += 1;
        is_frame(&last);
        assert_eq!(keys(&last["dependency_data"]), ["component_list"], "later frames are short");
        assert_eq!(keys(&last["summary_date"]), ["job"]);
    }
    assert!(short < 100, "{short} frames in half a second");
    stop(&bank, &job);
    let rest = socket.all();
    let end: Value = serde_json::from_str(rest.last().expect("the end is told")).unwrap();
    assert_eq!(end["status"], "canceled");
    assert_eq!(bank.wait(&job, "guest", 9999), "canceled");
}

#[test]
fn what_is_not_there_is_told_in_a_sentence() {
    let served = Served::new();
    let (bank, shop) = (served.keyed("bank", Scope::Submit), served.keyed("shop", Scope::Submit));
    let upload = bank.upload("n", "t", "id,x\n1,2\n");
    let visitor = logged_in(&served, &shop);
    let told = |path: &str| visitor.socket(path).unwrap_or_else(|e| panic!("{e:?}")).all();
    let other = format!("2020{}", &upload[4..]);
    for job in [upload.as_str(), other.as_str(), "x", "%FF", ".."] {
        let at = format!("{job}/local/0");
        for all in [told(&format!("/websocket/progress/{at}")), told(&format!("/log/new/{at}/default"))] {
            assert_eq!(all.len(), 1, "{all:?}");
            assert!(all[0].starts_with("there is no such job") && serde_json::from_str::<Value>(&all[0]).is_err());
        }
    }
    let own = logged_in(&served, &bank);
    assert_eq!(own.socket(&format!("/websocket/progress/{upload}/guest/0")).map(|s| s.all().len()), Ok(1));
}

#[test]
fn sockets_are_for_those_who_have_logged_in() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Submit);
    let job = running(&served, &bank);
    let stranger = served.visitor();
    let refused = |visitor: &Visitor<'_>, path: &str| visitor.socket(path).err().unwrap_or_else(|| panic!("{path}"));
    for path in [progress(&job), format!("/log/new/{job}/guest/9999/default")] {
        assert_eq!(refused(&stranger, &path).0, 200, "the upgrade simply fails");
        let mut foreign = logged_in(&served, &bank);
        foreign.headers.push(("Origin".into(), "http://evil.example".into()));
        assert_eq!(refused(&foreign, &path).0, 200);
        foreign.headers = vec![("Origin".into(), format!("http://{}", served.address()))];
        assert!(foreign.socket(&path).is_ok(), "a page of the node itself");
        // Something else than a socket.
        let plain = logged_in(&served, &bank).get(&path).json();
        assert_eq!(plain["code"], 10000, "{plain}");
        assert_eq!(stranger.get(&path).json()["code"], 10015);
    }
    // With a key beside, as scripts have it.
    let mut script = served.visitor();
    script.headers.push(("Authorization".into(), format!("Bearer {}", bank.token)));
    assert!(script.socket(&progress(&job)).is_ok());
    stop(&bank, &job);
    assert_eq!(bank.wait(&job, "guest", 9999), "canceled");
}

#[test]
fn sockets_end_with_the_session_and_with_the_server() {
    let served = Served::new();
    let (bank, shop) = (served.keyed("bank", Scope::Submit), served.keyed("shop", Scope::Submit));
    let (upload, other) = (bank.upload("n", "t", "id,x\n1,2\n"), shop.upload("n", "t", "id,x\n1,2\n"));
    let path = |job: &str| format!("/log/new/{job}/local/0/default");
    let visitor = logged_in(&served, &bank);
    let mut socket = visitor.socket(&path(&upload)).unwrap_or_else(|e| panic!("{e:?}"));
    socket.say("{\"type\":\"logSize\"}");
    assert!(socket.hear().is_some());
    let accounts = served.site.node.accounts();
    accounts.revoke(&bank.tenant, &bank.id).unwrap();
    // It is looked at again with a message, once a second at most.
    served.until("the socket has ended", || visitor.get("/job/query/status").json()["code"] == 10015);
    let begun = std::time::Instant::now();
    while socket.try_say("{\"type\":\"logSize\"}") && socket.hear().is_some() {
        assert!(begun.elapsed().as_secs() < 60, "the key is revoked, and the socket is open");
    }

    let visitor = logged_in(&served, &shop);
    let mut socket = visitor.socket(&path(&other)).unwrap_or_else(|e| panic!("{e:?}"));
    drop(visitor);
    drop(served);
    assert_eq!(socket.hear(), None, "the server has stopped, and did not wait for it");
}

#[test]
fn there_are_so_many_sockets_and_no_more() {
    // Room for connections, so that it is the sockets that there are too many of.
    let connections = ConnectionLimits { all: 2_000, per_address: 2_000 };
    let served = Served::with(Site::new(), Options { connections, ..Options::default() });
    let (bank, shop) = (served.keyed("bank", Scope::Submit), served.keyed("shop", Scope::Submit));
    let (upload, other) = (bank.upload("n", "t", "id,x\n1,2\n"), shop.upload("n", "t", "id,x\n1,2\n"));
    let path = |job: &str| format!("/log/new/{job}/local/0/default");
    let visitor = logged_in(&served, &bank);
    let mut open = Vec::new();
    let refused = loop {
        match visitor.socket(&path(&upload)) {
            Ok(socket) => open.push(socket),
            Err(refused) => break refused,
        }
        assert!(open.len() < 1_000, "there is no end to it");
    };
    assert!(refused.0 == 200 && open.len() >= 64, "{refused:?} after {}", open.len());
    assert!(logged_in(&served, &shop).socket(&path(&other)).is_ok(), "another tenant has its own");
    drop(open);
    served.until("there is room again", || visitor.socket(&path(&upload)).is_ok());
}
