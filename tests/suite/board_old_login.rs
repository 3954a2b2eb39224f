//! Logging in as FATE-Board's front end does it, with the session that follows, and the addresses that FATE-Flow has,
//! too. Not for: what else it calls (`board_old`), the page to log in at (`board_entry`).

use parcae_domain::tenant::Scope;
use parcae_tests::{http::Served, visitor::form};
use serde_json::json;

use crate::board_old::{code, data, encrypted, log_in, logged_in};

#[test]
fn one_logs_in_with_an_api_key() {
    let served = Served::new();
    let (bank, shop) = (served.keyed("bank", Scope::Read), served.keyed("shop", Scope::Read));
    let mut visitor = served.visitor();
    assert_eq!(code(&visitor.get("/job/query/status")), 10015);
    let (own, other) = (bank.token.as_str(), shop.token.as_str());
    for (name, key) in [("bank", "nonsense"), ("bank", other), ("nobody", own), ("shop", own)] {
        let seen = log_in(&mut visitor, name, key);
        assert_eq!((data(&seen), seen.header("set-cookie")), (json!(false), ""), "{name}");
    }
    let seen = log_in(&mut visitor, "bank", &bank.token);
    assert_eq!(data(&seen), true);
    let cookie = seen.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    assert_eq!(data(&visitor.get("/job/query/status")), json!([]));
    // The session is one of the board's own pages, too.
    assert_eq!(visitor.get("/").status, 303);
    assert!(visitor.get("/").location().starts_with('/') && !visitor.get("/").location().starts_with("/login"));

    let old = visitor.session.clone();
    let seen = visitor.json("POST", "/user/logout", &json!({}));
    assert!(data(&seen).is_null());
    visitor.keep(&seen);
    assert_eq!(visitor.session, None);
    visitor.session = old;
    assert_eq!(code(&visitor.get("/job/query/status")), 10015, "the session has ended, whatever the browser keeps");
}

#[test]
fn passwords_come_in_forms_and_unencrypted_ones_are_wrong() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Read);
    let visitor = served.visitor();
    let public = data(&visitor.post("/user/getKey", &[]));
    assert_eq!(data(&visitor.post("/user/getKey", &[])), public, "it is renewed after minutes");
    let password = encrypted(public.as_str().unwrap(), &bank.token);
    let fields = [("username", bank.id.as_str()), ("password", password.as_str())];
    assert_eq!(data(&visitor.post("/user/login", &fields)), true);
    // What a client makes of a plus sign that it did not encode.
    let bare = format!("username=bank&password={password}");
    let seen = visitor.send("POST", "/user/login", "application/x-www-form-urlencoded", bare.as_bytes());
    assert_eq!(data(&seen), true);
    let plain = form(&[("username", "bank"), ("password", bank.token.as_str())]);
    let strange = ["", "username=bank", "{}", "[1]", "{\"username\":7,\"password\":{}}", "\u{0}", plain.as_str()];
    for body in strange {
        assert_eq!(data(&visitor.send("POST", "/user/login", "", body.as_bytes())), false, "{body}");
    }
    let admin = served.keyed("default", Scope::Admin);
    let lines = || admin.get("audit")["data"].to_string();
    served.until("refusals are in the audit log", || lines().contains("POST /user/login"));
    assert!(!lines().contains(&bank.token) && !lines().contains(&password));
}

#[test]
fn a_node_without_keys_lets_everybody_in() {
    let served = Served::new();
    let mut visitor = served.visitor();
    assert_eq!(data(&visitor.get("/job/query/status")), json!([]));
    assert_eq!(data(&log_in(&mut visitor, "admin", "admin")), true);
    assert!(visitor.session.is_some(), "or the addresses that FATE-Flow has, too, would answer as FATE-Flow does");
    let info = data(&visitor.json("POST", "/v1/server/fateflow/info", &json!({})));
    assert_eq!(info.as_object().map(serde_json::Map::len), Some(1), "{info}");
}

#[test]
fn clients_of_fate_flow_are_answered_as_ever() {
    let served = Served::new();
    let bank = served.keyed("bank", Scope::Submit);
    let upload = bank.upload("n", "t", "id,x\n1,2\n");
    let body = json!({"job_id": upload, "role": "local", "party_id": 0, "component_name": "upload_0"});
    let path = "/v1/tracking/component/parameters";
    let mut visitor = logged_in(&served, &bank);
    assert!(visitor.json("POST", path, &body).json()["data"].is_string());
    assert!(bank.data("tracking/component/parameters", body.clone())["ComponentParam"].is_object());
    // A key beside the cookie: a script that somebody runs in a browser.
    visitor.headers.push(("Authorization".into(), format!("Bearer {}", bank.token)));
    assert_eq!(visitor.json("POST", path, &body).json()["retcode"], 0);
    visitor.headers.clear();
    // Addresses that are FATE-Flow's alone stay as they are, and a session that has ended is told in the board's way.
    assert_eq!(visitor.json("POST", "/v1/job/query", &body).json()["retcode"], 0);
    visitor.session = Some("0".repeat(64));
    assert_eq!(code(&visitor.json("POST", path, &body)), 10015);
    assert_eq!(visitor.json("POST", "/v1/job/query", &body).json()["retcode"], 109);
    visitor.session = None;
    assert_eq!(visitor.json("POST", path, &body).json()["retcode"], 109);
}
