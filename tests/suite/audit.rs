//! The audit log over HTTP: who did what to which object, from where, allowed or refused; and what becomes of one that
//! was changed. Not for: the chain itself (`parcae-logs`), the command line.

use std::fs;

use parcae_domain::tenant::Scope;
use parcae_logs::AuditEntry;
use parcae_node::{audit_act, audit_verify};
use parcae_tests::{
    accounts::Keyed,
    http::{Served, list},
};
use serde_json::{Value, json};

const NO_JOB: &str = "202601010000000000000";

/// Lines that one with a key sees.
fn lines(of: &Keyed<'_>, query: &str) -> Vec<Value> {
    let answer = of.get(&format!("audit?{query}"));
    assert_eq!(answer["retcode"], 0, "{answer}");
    list(&answer["data"]).to_vec()
}

/// The last line about something, once it is there: lines of refusals come on their own.
fn line(served: &Served, of: &Keyed<'_>, what: &str, verdict: &str) -> Value {
    let find = || lines(of, "limit=1000").into_iter().rfind(|line| line["what"] == what && line["verdict"] == verdict);
    served.until(&format!("a line says that {what} was {verdict}"), || find().is_some());
    find().unwrap()
}

#[test]
fn who_did_what_is_in_the_log_before_the_answer() {
    let served = Served::new();
    let (admin, bank) = (served.keyed("root", Scope::Admin), served.keyed("bank", Scope::Submit));
    let begun = lines(&admin, "limit=1");
    assert!(begun[0]["seq"].as_u64() >= Some(1), "{begun:?}");
    let tag = bank.post("model/tag/create", json!({"tag_name": "good", "tag_desc": "all of them"}));
    assert_eq!(tag["retcode"], 0, "{tag}");
    // No waiting: whoever has the answer finds the line.
    let last = lines(&admin, "limit=1").remove(0);
    assert_eq!((&last["what"], &last["verdict"]), (&json!("POST /v1/model/tag/create"), &json!("allowed")), "{last}");
    assert_eq!((&last["tenant"], &last["who"]), (&json!("bank"), &json!(bank.id)), "{last}");
    assert!(last["object"].as_str().unwrap().contains("tag_name=good"), "{last}");
    assert!(last["peer"].as_str().unwrap().starts_with("127.0.0.1:"), "{last}");
    bank.post("job/stop", json!({"job_id": NO_JOB}));
    let stop = lines(&admin, "limit=1").remove(0);
    assert_eq!((&stop["what"], &stop["verdict"]), (&json!("POST /v1/job/stop"), &json!("failed")), "{stop}");
    assert!(stop["object"].as_str().unwrap().contains(NO_JOB) && stop["code"] != 0, "{stop}");
    // What only looks leaves no line.
    bank.post("job/query", json!({}));
    assert_eq!(lines(&admin, "limit=1").remove(0)["seq"], stop["seq"]);
}

#[test]
fn refusals_are_in_the_log_and_secrets_are_not() {
    let served = Served::new();
    let (admin, bank) = (served.keyed("root", Scope::Admin), served.keyed("bank", Scope::Read));
    bank.post("job/submit", json!({}));
    let little = line(&served, &admin, "POST /v1/job/submit", "refused");
    assert_eq!((&little["code"], &little["who"]), (&json!(108), &json!(bank.id)), "{little}");
    let wrong = format!("parcae_{}_{}", bank.id, "A".repeat(43));
    let refused = served.with_token(&wrong).post("job/query", json!({}));
    assert_eq!(refused["retcode"], 109, "{refused}");
    let stranger = line(&served, &admin, "POST /v1/job/query", "refused");
    assert_eq!(stranger["who"], format!("unchecked:{}", bank.id), "{stranger}");
    let nobody = served.send("GET", "/v1/limits", &[], b"");
    assert_eq!(nobody.json()["retcode"], 109);
    line(&served, &admin, "GET /v1/limits", "refused");
    let text = fs::read_to_string(served.site.folder().join("audit/audit.jsonl")).unwrap();
    assert!(!text.contains(&"A".repeat(43)) && !text.contains(&bank.token) && !text.contains(&admin.token));
}

#[test]
fn a_tenant_sees_its_own_lines() {
    let served = Served::new();
    let (admin, bank) = (served.keyed("root", Scope::Admin), served.keyed("bank", Scope::Operate));
    let shop = served.keyed("shop", Scope::Submit);
    for one in [&bank, &shop] {
        one.post("model/tag/create", json!({"tag_name": "good"}));
    }
    let own = lines(&bank, "limit=1000");
    assert!(!own.is_empty() && own.iter().all(|line| line["tenant"] == "bank"), "{own:?}");
    assert_eq!(lines(&admin, "limit=1000&tenant=shop").len(), 1);
    let first = own[0]["seq"].as_u64().unwrap();
    assert!(lines(&bank, &format!("from={}", first + 1)).iter().all(|line| line["seq"].as_u64() > Some(first)));
    assert!(lines(&admin, "since=2999-01-01").is_empty());
    assert_eq!(bank.get("audit?tenant=shop")["retcode"], 108);
    assert_eq!(shop.get("audit")["retcode"], 108);
}

#[test]
fn what_was_changed_is_found_out() {
    let served = Served::new();
    let file = served.site.folder().join("audit/audit.jsonl");
    let verify = || audit_verify(served.site.folder()).unwrap();
    for name in ["a", "b", "c"] {
        served.data("model/tag/create", json!({"tag_name": name}));
    }
    // Another process adds to the same chain.
    let entry = AuditEntry { who: "cli".into(), what: "test".into(), ..AuditEntry::default() };
    audit_act(served.site.folder(), entry).unwrap();
    served.data("model/tag/create", json!({"tag_name": "d"}));
    let whole = verify();
    assert_eq!((whole.lines, &whole.fault), (6, &None), "the start of the node, four tags, and one line of a command");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.lines().next().unwrap().contains("\"what\":\"node start\""), "{text}");
    let spoilt = |how: &str, seq: u64| {
        fs::write(&file, how).unwrap();
        // What was written last is stored apart a moment later.
        served.until("the change is found", || verify().fault.is_some_and(|fault| fault.seq == seq));
        fs::write(&file, &text).unwrap();
        assert_eq!(verify().fault, None);
    };
    spoilt(&text.replace("tag_name=b", "tag_name=x"), 3);
    let lines: Vec<&str> = text.lines().collect();
    spoilt(&(lines[..5].join("\n") + "\n"), 6);
    spoilt(&(lines[1..].join("\n") + "\n"), 1);
}
