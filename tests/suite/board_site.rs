//! The board's pages of the site: the node and what is used of it, the audit log, keys, tenants. Not for: the same over
//! the API (`accounts`, `audit`, `quotas`).

use parcae_domain::tenant::Scope;
use parcae_tests::{
    accounts::Keyed,
    http::{Raw, Served},
};
use serde_json::json;

const FORM: &str = "application/x-www-form-urlencoded";

#[track_caller]
fn text(raw: &Raw, status: u16) -> String {
    let text = String::from_utf8_lossy(&raw.bytes).into_owned();
    assert_eq!((raw.status, raw.content_type.as_str()), (status, "text/html; charset=utf-8"), "{text}");
    text
}

#[track_caller]
fn page(of: &Keyed<'_>, path: &str) -> String {
    text(&of.send("GET", path, "", b""), 200)
}

/// Posts a form as a browser does.
fn post(of: &Keyed<'_>, path: &str, fields: &str) -> Raw {
    of.send("POST", path, FORM, fields.as_bytes())
}

/// What stands between two texts.
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    text.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map_or("", |(found, _)| found)
}

#[test]
fn the_site_says_how_it_is_and_what_is_used() {
    let served = Served::new();
    let (admin, bank) = (served.keyed("root", Scope::Admin), served.keyed("bank", Scope::Read));
    admin.data("tenants/bank/quotas", json!({"quotas": {"queued_jobs": 5}}));
    admin.data("tenants/bank/limits", json!({"limits": {"memory_bytes": 3 << 20}}));
    let site = page(&bank, "/site");
    for part in ["takes work on", env!("CARGO_PKG_VERSION"), "/openapi.json", "queued_jobs", "3.0 MiB", "Used today"] {
        assert!(site.contains(part), "{part} is not in {site}");
    }
    assert!(!site.contains("href=\"/tokens\"") && !site.contains("href=\"/tenants\""), "{site}");
    assert!(page(&admin, "/site").contains("href=\"/tenants\""));
    let bearer = format!("Bearer {}", bank.token);
    let headers = [("Authorization", bearer.as_str()), ("Accept-Language", "zh-CN,zh;q=0.9")];
    let chinese = text(&served.send("GET", "/site", &headers, b""), 200);
    assert!(chinese.contains("lang=\"zh\"") && chinese.contains("配额") && !chinese.contains("Quotas"), "{chinese}");
}

#[test]
fn a_key_is_made_shown_once_and_revoked() {
    let served = Served::new();
    let operate = served.keyed("bank", Scope::Operate);
    let shown = page(&operate, "/tokens");
    assert!(shown.contains("(this one)") && !shown.contains("value=\"admin\""), "{shown}");
    let made = text(&post(&operate, "/tokens", "label=night+%3Cjobs%3E&scope=submit&kind=bearer&days=2"), 200);
    let secret = between(&made, "data-copy=\"", "\"");
    assert!(secret.starts_with("parcae_") && made.contains("night &lt;jobs&gt;"), "{made}");
    let new = served.with_token(secret);
    let me = new.get("whoami")["data"].clone();
    assert_eq!((&me["tenant"], &me["scope"]), (&json!("bank"), &json!("submit")));
    let id = me["name"].as_str().unwrap();
    let keys = page(&operate, "/tokens");
    assert!(keys.contains(id) && !keys.contains(secret), "{keys}");
    // What the API refuses, the page refuses, with what was filled in.
    let further = text(&post(&operate, "/tokens", "label=boss&scope=admin"), 403);
    assert!(further.contains("needs scope admin") && further.contains("value=\"boss\""), "{further}");
    assert!(text(&post(&operate, "/tokens", "scope=read&days=0"), 400).contains("days: must be a whole number"));
    assert!(text(&post(&operate, "/tokens", "scope=root"), 400).contains("scope: "));
    text(&post(&new, "/tokens", "scope=read"), 403);
    text(&new.send("GET", "/tokens", "", b""), 403);
    // Another tenant's key is none, and who may do less shuts out nobody who may do more.
    let (shop, boss) = (served.keyed("shop", Scope::Operate), served.keyed("bank", Scope::Admin));
    text(&post(&shop, &format!("/tokens/{id}/revoke"), ""), 404);
    text(&post(&operate, &format!("/tokens/{}/revoke", boss.id), ""), 403);
    assert!(!page(&operate, "/tokens").contains("revoked "));
    // It leads back to the keys; the client of the fixtures goes there without its own.
    post(&operate, &format!("/tokens/{id}/revoke"), "");
    assert!(page(&operate, "/tokens").contains("revoked "));
    assert_eq!(new.get("whoami")["retcode"], 109);
    let log = page(&operate, "/audit");
    assert!(log.contains("POST /tokens/{id}/revoke") && log.contains("POST /tokens") && !log.contains(secret), "{log}");
}

#[test]
fn the_audit_log_is_read_page_by_page() {
    let served = Served::new();
    let (admin, bank) = (served.keyed("root", Scope::Admin), served.keyed("bank", Scope::Operate));
    let shop = served.keyed("shop", Scope::Submit);
    for n in 0..60 {
        assert_eq!(bank.post("model/tag/create", json!({"tag_name": format!("t{n}")}))["retcode"], 0);
    }
    shop.post("model/tag/create", json!({"tag_name": "<secret>"}));
    let newest = page(&bank, "/audit");
    assert_eq!(newest.matches("id=\"line-").count(), 50);
    assert!(newest.contains("tag_name=t59") && !newest.contains("secret") && !newest.contains("after="), "{newest}");
    let older = between(&newest, "rel=\"next\" href=\"", "\"");
    assert!(older.starts_with("/audit?before="), "{older}");
    let older = page(&bank, older);
    assert!(older.contains("tag_name=t0 ") || older.contains("tag_name=t0<"), "{older}");
    assert!(!older.contains("rel=\"next\""), "there is nothing before: {older}");
    let newer = page(&bank, between(&older, "rel=\"prev\" href=\"", "\""));
    assert!(newer.contains("tag_name=t59") && newer.matches("id=\"line-").count() == 50, "{newer}");
    // Others' lines are for who administers the node; the question of who does not is passed over.
    assert!(page(&admin, "/audit?tenant=shop").contains("tag_name=&lt;secret&gt;"));
    assert!(!page(&bank, "/audit?tenant=shop").contains("secret"));
    bank.post("job/stop", json!({"job_id": "202601010000000000000"}));
    let failed = page(&bank, "/audit?verdict=failed");
    assert_eq!(failed.matches("id=\"line-").count(), 1, "{failed}");
    assert!(page(&bank, "/audit?since=2999-01-01").contains("No line is as the filters ask."));
    let wrong = text(&bank.send("GET", "/audit?since=yesterday", "", b""), 400);
    assert!(wrong.contains("expected a time in UTC") && wrong.contains("value=\"yesterday\""), "{wrong}");
    assert_eq!(page(&bank, "/audit?before=0&after=x").matches("id=\"line-").count(), 0);
    text(&shop.send("GET", "/audit", "", b""), 403);
}

#[test]
fn tenants_are_for_who_administers_the_node() {
    let served = Served::new();
    let (admin, bank) = (served.keyed("root", Scope::Admin), served.keyed("bank", Scope::Operate));
    admin.data("tenants/bank/quotas", json!({"quotas": {"images": 7}}));
    admin.data("tenants", json!({"name": "closed"}));
    admin.data("tenants/closed/disable", json!({}));
    let seen = page(&admin, "/tenants?page=99");
    assert!(seen.contains(">bank</td>") && seen.contains("<code>images</code> 7"), "{seen}");
    assert!(seen.contains("disabled") && seen.contains("parcae tenant create"), "{seen}");
    text(&bank.send("GET", "/tenants", "", b""), 403);
}

#[test]
fn a_node_without_keys_says_what_the_first_one_does() {
    let served = Served::new();
    let open = text(&served.get("/tokens"), 200);
    assert!(open.contains("lets everybody in") && open.contains("data-ask="), "{open}");
    assert!(text(&served.get("/site"), 200).contains("nobody needs one"));
}
