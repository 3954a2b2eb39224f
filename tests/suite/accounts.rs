//! Accounts over HTTP: the life of a key, how far it reaches, FATE's signatures for a tenant, and that a secret is
//! nowhere to be found. Not for: every operation with every key (`tenancy_matrix`), signatures themselves (`auth`).

use std::{
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use parcae_api::signature::Pieces;
use parcae_domain::tenant::Scope;
use parcae_node::accounts::KeyKind;
use parcae_server::{Client, Options, Secret};
use parcae_tests::{
    Site,
    accounts::Keyed,
    http::{Raw, Served, form, form_type, list, upload_path},
};
use serde_json::{Value, json};

fn now_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

#[track_caller]
fn refused(answer: &Value, retcode: i64, words: &str) {
    assert_eq!(answer["retcode"], retcode, "{answer}");
    let text = answer["retmsg"].as_str().unwrap();
    assert!(text.contains(words) && answer.get("data").is_none(), "{words:?} is not in {text:?}");
}

fn whoami(keyed: &Keyed<'_>) -> Value {
    keyed.get("whoami")
}

/// Sends a request that is signed as FATE's clients do.
fn signed(served: &Served, (key, secret): (&str, &str), target: &str, kind: &str, signed: &[u8], sent: &[u8]) -> Raw {
    let timestamp = now_ms().to_string();
    let nonce = format!("{:?}", SystemTime::now());
    let nonce: String = nonce.chars().filter(char::is_ascii_digit).collect();
    let pieces = Pieces { timestamp: &timestamp, nonce: &nonce, app_key: key, target, body: signed, form: "" };
    let signature = pieces.sign(&Secret::new(secret));
    let headers = [
        ("TIMESTAMP", timestamp.as_str()),
        ("NONCE", nonce.as_str()),
        ("APP_KEY", key),
        ("SIGNATURE", signature.as_str()),
        ("Content-Type", kind),
    ];
    served.send("POST", target, &headers, sent)
}

#[test]
fn a_node_is_open_until_there_is_a_key() {
    let served = Served::new();
    let (_, me) = served.get_json("/v1/whoami");
    assert_eq!(me["data"], json!({"tenant": "default", "scope": "admin", "name": "anonymous"}));
    // A token of another node does no harm.
    assert_eq!(whoami(&served.with_token("parcae_abcdefghijkm_x"))["data"]["name"], "anonymous");
    assert_eq!(served.data("tenants", json!({"name": "bank"}))["disabled"], false);
    let (retcode, words) = served.refused("tenants", json!({"name": "bank"}));
    assert!(retcode == 103 && words.contains("there already"), "{words}");
    for wrong in ["", "Bank", "a/b", "..", &"a".repeat(65)] {
        assert_eq!(served.refused("tenants", json!({"name": wrong})).0, 101, "{wrong}");
    }
    let admin = served.keyed("default", Scope::Admin);
    let (status, answer) = served.get_json("/v1/whoami");
    assert_eq!(status, 200);
    refused(&answer, 109, "headers are missing");
    assert_eq!(whoami(&admin)["data"], json!({"tenant": "default", "scope": "admin", "name": admin.id}));
    // When the last key is revoked nobody is let in, rather than everybody.
    assert_eq!(admin.delete(&format!("keys/{}", admin.id))["retcode"], 0);
    refused(&whoami(&admin), 109, "the key was revoked");
    refused(&served.get_json("/v1/whoami").1, 109, "headers are missing");
}

#[test]
fn a_node_may_ask_before_there_is_a_key() {
    let served = Served::with(Site::new(), Options { accounts: true, ..Options::default() });
    refused(&served.get_json("/v1/limits").1, 109, "headers are missing");
    assert_eq!(served.get("/healthz").status, 200);
    assert_eq!(whoami(&served.keyed("bank", Scope::Read))["data"]["tenant"], "bank");
}

#[test]
fn the_life_of_a_key() {
    let served = Served::new();
    let admin = served.keyed("default", Scope::Admin);
    admin.data("tenants", json!({"name": "bank"}));
    let made = admin.data("tenants/bank/keys", json!({"scope": "submit", "label": "nightly"}));
    assert_eq!((&made["tenant"], &made["kind"], &made["label"]), (&json!("bank"), &json!("bearer"), &json!("nightly")));
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    let bank = served.with_token(secret);
    assert_eq!(whoami(&bank)["data"], json!({"tenant": "bank", "scope": "submit", "name": id}));
    // Shown once.
    let keys = admin.get("tenants/bank/keys");
    assert_eq!(list(&keys["data"]).len(), 1);
    assert!(keys["data"][0]["id"] == id && !keys.to_string().contains(secret) && !keys.to_string().contains("argon2"));
    served.until("the use of the key is noted", || admin.get("tenants/bank/keys")["data"][0]["last_used"].is_i64());
    // Another tenant's keys are none.
    refused(&admin.delete(&format!("keys/{id}")), 102, "there is no key");
    refused(&admin.delete("tenants/bank/keys/abcdefghijkm"), 102, "there is no key");
    refused(&admin.delete("tenants/shop/keys/abcdefghijkm"), 102, "there is no tenant shop");
    let revoked = admin.delete(&format!("tenants/bank/keys/{id}"));
    assert!(revoked["data"]["revoked"].is_i64(), "{revoked}");
    refused(&whoami(&bank), 109, "the key was revoked");
    refused(&admin.delete(&format!("tenants/bank/keys/{id}")), 101, "was revoked before");
}

#[test]
fn a_key_ends_and_an_account_is_disabled_at_once() {
    let served = Served::new();
    let end = now_ms() + 1_500;
    let short = served.make_key("bank", KeyKind::Bearer, Scope::Read, Some(end));
    let short = served.with_token(&short.secret);
    let (admin, bank) = (served.keyed("default", Scope::Admin), served.keyed("bank", Scope::Operate));
    served.until("the key has expired", || whoami(&short)["retmsg"].to_string().contains("has expired"));
    assert!(now_ms() >= end);
    refused(&admin.post("keys", json!({"scope": "read", "expires": now_ms() - 1})), 101, "in the future");
    assert_eq!(whoami(&bank)["retcode"], 0);
    assert_eq!(admin.data("tenants/bank/disable", json!({}))["disabled"], true);
    refused(&whoami(&bank), 109, "the account is disabled");
    assert_eq!(admin.data("tenants/bank/enable", json!({}))["disabled"], false);
    assert_eq!(whoami(&bank)["retcode"], 0);
    refused(&admin.post("tenants/default/disable", json!({})), 103, "the account whose key asks");
    refused(&admin.post("tenants/nobody/disable", json!({})), 102, "there is no tenant nobody");
}

#[test]
fn a_key_that_ends_makes_none_that_lasts_longer() {
    let served = Served::new();
    let end = now_ms() + 3_600_000;
    let made = served.make_key("bank", KeyKind::Bearer, Scope::Operate, Some(end));
    let keyed = served.with_token(&made.secret);
    refused(&keyed.post("keys", json!({"scope": "read"})), 101, "makes none that lasts longer");
    refused(&keyed.post("keys", json!({"scope": "read", "expires": end + 1})), 101, "makes none that lasts longer");
    assert_eq!(keyed.data("keys", json!({"scope": "read", "expires": end}))["expires"], end);
}

#[test]
fn a_key_reaches_as_far_as_its_scope() {
    let served = Served::new();
    let of = |scope| served.keyed("bank", scope);
    let (read, submit, operate) = (of(Scope::Read), of(Scope::Submit), of(Scope::Operate));
    assert_eq!(read.post("job/query", json!({}))["retcode"], 0);
    refused(&read.post("job/submit", json!({})), 108, "this needs scope submit, the key has read");
    refused(&read.post("data/upload", json!({})), 108, "scope submit");
    assert_eq!(submit.post("job/submit", json!({}))["retcode"], 101, "it is let in, and refused for its arguments");
    refused(&submit.get("keys"), 108, "needs scope operate, the key has submit");
    refused(&submit.post("components/toy/grants", json!({})), 108, "scope operate");
    refused(&operate.get("tenants"), 108, "scope admin");
    assert_eq!(list(&operate.get("keys")["data"]).len(), 3);
    // A key makes no key that reaches further, and shuts none out that does.
    refused(&operate.post("keys", json!({"scope": "admin"})), 108, "scope admin");
    refused(&operate.post("keys", json!({"scope": "root"})), 101, "no scope");
    refused(&operate.post("keys", json!({"scope": "read", "kind": "cookie"})), 101, "no kind of key");
    let made = operate.data("keys", json!({"scope": "operate", "kind": "signing"}));
    assert_eq!(made["kind"], "signing");
    let boss = served.keyed("bank", Scope::Admin);
    refused(&operate.delete(&format!("keys/{}", boss.id)), 108, "scope admin");
    assert_eq!(operate.delete(&format!("keys/{}", read.id))["retcode"], 0);
    // A method or a path that there is not.
    let answer = submit.get("job/submit");
    refused(&answer, 100, "405");
    refused(&submit.post("nope", json!({})), 100, "404");
    // What is no envelope has a status.
    let strange = served.get("/v1/components/toy/wasm");
    assert_eq!((strange.status, &strange.answer().1["retcode"]), (401, &json!(401)));
    assert_eq!(submit.send("GET", "/v1/components/toy/wasm", "", b"").status, 404);
}

#[test]
fn keys_that_are_wrong_look_the_same() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Read);
    let signing = served.make_key("bank", KeyKind::Signing, Scope::Read, None);
    let other = format!("parcae_{}_{}", bank.id, "A".repeat(43));
    let nobody = format!("parcae_{}_{}", "a".repeat(12), "A".repeat(43));
    let kind = format!("parcae_{}_{}", signing.id, signing.secret);
    let long = "x".repeat(5000);
    let answers = [other.as_str(), &nobody, &kind, "parcae", "parcae_x_y", &long].map(|token| {
        let answer = whoami(&served.with_token(token));
        refused(&answer, 109, "the API key is unknown to this node, or not right");
        answer
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(whoami(&bank)["retcode"], 0, "the right one is still taken");
}

#[test]
fn fates_signatures_are_a_tenants() {
    let client = Client { tenant: "shop".parse().unwrap(), scope: Scope::Read, ..Secret::new("hush").into() };
    let clients = [("shop-key".to_owned(), client), ("lab".to_owned(), Secret::new("hush hush").into())].into();
    let served = Served::with(Site::new(), Options { clients, ..Options::default() });
    let key = served.make_key("bank", KeyKind::Signing, Scope::Submit, None);
    let bank = (key.id.as_str(), key.secret.as_str());
    let conf = json!({"file": "t.csv", "head": 1, "partition": 1, "namespace": "n", "table_name": "t"});
    let target = format!("/v1/{}", upload_path(&conf));
    let file = form("t.csv", b"id,x\n1,2\n3,4\n");
    let (_, taken) = signed(&served, bank, &target, &form_type(), b"", &file).answer();
    let job = taken["jobId"].as_str().unwrap_or_else(|| panic!("{taken}"));
    let reader = served.keyed("bank", Scope::Read);
    assert_eq!(reader.wait(job, "local", 0), "success");
    let json = "application/json";
    let info = |keys: (&str, &str)| {
        let body = json!({"namespace": "n", "table_name": "t"}).to_string();
        signed(&served, keys, "/v1/table/table_info", json, body.as_bytes(), body.as_bytes()).answer().1
    };
    assert_eq!(info(bank)["data"]["exist"], 1);
    assert_eq!(info(("lab", "hush hush"))["data"]["exist"], 0, "the table of another tenant is not there");
    assert_eq!(info(("shop-key", "hush"))["data"]["exist"], 0);
    let submitted = signed(&served, ("shop-key", "hush"), "/v1/job/submit", json, b"{}", b"{}").answer().1;
    refused(&submitted, 108, "needs scope submit, the key has read");
    refused(&signed(&served, (&key.id, "guessed"), "/v1/job/query", json, b"", b"{}").answer().1, 109, "is not right");
    // Disabled and revoked at once.
    let accounts = served.site.node.accounts();
    accounts.set_disabled(&"bank".parse().unwrap(), true).unwrap();
    refused(&info(bank), 109, "the account is disabled");
    accounts.set_disabled(&"bank".parse().unwrap(), false).unwrap();
    accounts.revoke(&"bank".parse().unwrap(), &key.id).unwrap();
    refused(&info(bank), 109, "the key was revoked");
}

/// Files below a folder that hold some bytes.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, bytes));
        } else if std::fs::read(&path).unwrap().windows(bytes.len()).any(|part| part == bytes) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn secrets_are_nowhere_to_be_found() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Submit);
    let signing = served.make_key("bank", KeyKind::Signing, Scope::Submit, None);
    bank.upload("n", "t", "id,x\n1,2\n");
    let query = signed(&served, (&signing.id, &signing.secret), "/v1/job/query", "application/json", b"{}", b"{}");
    assert_eq!(query.answer().1["retcode"], 0);
    let secret = bank.token.rsplit_once(&format!("{}_", bank.id)).unwrap().1;
    for secret in [secret, &signing.secret] {
        assert_eq!(holding(served.site.folder(), secret.as_bytes()), Vec::<String>::new());
    }
    // The test can fail: ids are no secret, and are kept.
    assert!(!holding(served.site.folder(), bank.id.as_bytes()).is_empty());
    // Keys outlive a restart.
    let token = bank.token.clone();
    let served = served.reopened();
    assert_eq!(whoami(&served.with_token(&token))["data"]["tenant"], "bank");
    let query = signed(&served, (&signing.id, &signing.secret), "/v1/job/query", "application/json", b"{}", b"{}");
    assert_eq!(query.answer().1["retcode"], 0);
}

#[test]
fn quotas_and_limits_of_a_tenant_are_kept() {
    let served = Served::new();
    let admin = served.keyed("default", Scope::Admin);
    admin.data("tenants", json!({"name": "bank"}));
    let row = admin.data("tenants/bank/quotas", json!({"quotas": {"queued_jobs": 5, "weight": 2}}));
    assert_eq!(row["quotas"], json!({"queued_jobs": 5, "weight": 2}));
    let row = admin.data("tenants/bank/quotas", json!({"quotas": {"queued_jobs": null}}));
    assert_eq!(row["quotas"], json!({"weight": 2}));
    refused(&admin.post("tenants/bank/quotas", json!({"quotas": {"jobs": 5}})), 101, "there is no quota");
    let row = admin.data("tenants/bank/limits", json!({"limits": {"memory_bytes": 1_000_000}}));
    assert_eq!(row["limits"], json!({"memory_bytes": 1_000_000}));
    refused(&admin.post("tenants/bank/limits", json!({"limits": {"memory": 5}})), 101, "there is no limit");
    // What is not understood might have been the end of the key.
    refused(&admin.post("tenants/bank/keys", json!({"scope": "read", "expire": 5})), 101, "unknown field `expire`");
    assert_eq!(admin.get("tenants/bank")["data"]["quotas"], json!({"weight": 2}));
    let names: Vec<Value> = list(&admin.get("tenants")["data"]).iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, ["bank", "default"]);
}
