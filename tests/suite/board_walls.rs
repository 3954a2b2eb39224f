//! Every page, call and socket of the board, out of the one table that there is of them: who has no key is led to the
//! page to log in at, what belongs to another tenant looks like what does not exist, and no page loads anything from
//! elsewhere. Not for: what is on the pages (`board_*`), operations of the document (`tenancy_matrix`).

use std::collections::BTreeSet;

use parcae_api::{
    pages::pages,
    scopes::{Access, Denial, Operation},
};
use parcae_domain::tenant::Scope;
use parcae_tests::{
    Site,
    accounts::Keyed,
    breast,
    http::Served,
    own_images,
    visitor::{Seen, Visitor, form},
};
use serde_json::{Value, json};

use crate::tenancy_matrix::{World, owned};

/// Addresses that name nothing that belongs to anybody.
const NAMELESS: [&str; 13] = [
    "GET /",
    "GET /running",
    "GET /upload",
    "GET /site",
    "GET /audit",
    "GET /tokens",
    "GET /tenants",
    "POST /components",
    "POST /upload",
    "POST /upload/preview",
    "POST /tokens",
    "GET /job/query/status",
    "POST /job/query/fields",
];

/// Those whose answer to the owner does not end.
fn is_endless(path: &str) -> bool {
    path == "/live" || path.ends_with("/stream")
}

fn is_socket(path: &str) -> bool {
    path.starts_with("/websocket/") || path.starts_with("/log/")
}

/// What needs a key.
fn closed() -> impl Iterator<Item = (Operation, Scope)> {
    pages().filter_map(|page| match page.access {
        Access::Needs(scope) => Some((page, scope)),
        Access::Open => None,
    })
}

/// All that a query, a form or JSON may say of what is here.
fn fields(world: &World) -> Vec<(&'static str, String)> {
    let dsl = json!({"components": {"mill_0": {"module": world.module()}}});
    let conf = json!({"dsl_version": 2, "initiator": {"role": "local", "party_id": 0}, "role": {"local": [0]},
        "job_parameters": {"common": {}}, "component_parameters": {}});
    let texts = [
        ("role", "guest"),
        ("party", "9999"),
        ("party_id", "9999"),
        ("partyId", "9999"),
        ("component", "data_transform_0"),
        ("component_name", "data_transform_0"),
        ("type", "dsl"),
        ("table", "data"),
        ("id", breast::QUICK_MODEL),
        ("model_id", breast::QUICK_MODEL),
        ("components", "data_transform_0"),
    ];
    let jobs = ["job", "job_id", "jobId", "from", "version", "model_version"].map(|name| (name, world.job.clone()));
    let table = format!("table-{}", world.word);
    let others = [
        ("namespace", world.namespace()),
        ("name", table.clone()),
        ("table_name", table),
        ("module", world.module()),
        ("tag", format!("tag-{}", world.word)),
        ("dsl", dsl.to_string()),
        ("conf", conf.to_string()),
        ("notes", "mine now".to_owned()),
    ];
    texts.map(|(name, text)| (name, text.to_owned())).into_iter().chain(jobs).chain(others).collect()
}

/// Addresses of a page about what is here: a component has two names.
fn targets(page: &Operation, world: &World) -> Vec<String> {
    let names = if page.path.contains("{name}") {
        vec![world.digest.clone(), format!("{}_mill", world.word)]
    } else {
        vec![String::new()]
    };
    let target = |name: String| {
        let parts = [
            ("{job}", world.job.as_str()),
            ("{role}", "guest"),
            ("{party}", "9999"),
            ("{component}", "data_transform_0"),
            ("{name}", name.as_str()),
            ("{id}", world.key.as_str()),
        ];
        let path = parts.iter().fold(page.path.to_owned(), |path, (part, text)| path.replace(part, text));
        if page.path.contains("/logs/") {
            return format!("{path}?q=rows&from=1");
        }
        if page.method != "GET" || page.path.contains('{') {
            return path;
        }
        // Lists are looked through for a word; jobs are known by their id alone.
        let word = if page.path == "/jobs" { world.job.as_str() } else { world.word };
        let fields = fields(world);
        let fields = fields.iter().map(|(name, text)| (*name, text.as_str()));
        let fields: Vec<(&str, &str)> = fields.chain([("q", word)]).collect();
        format!("{path}?{}", form(&fields))
    };
    names.into_iter().map(target).collect()
}

/// Asks for it, as its front end does.
fn ask(visitor: &Visitor<'_>, page: &Operation, target: &str, world: &World) -> Seen {
    let fields = fields(world);
    match (page.method, page.denial) {
        ("GET", _) => visitor.get(target),
        (method, Denial::Board) => {
            let mut body: Value = fields.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
            body["metrics"] = json!({"train": ["loss"]});
            visitor.json(method, target, &body)
        }
        _ => {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (*name, text.as_str())).collect();
            visitor.post(target, &fields)
        }
    }
}

/// All that an answer says, without the names of what is here.
fn said(seen: &Seen, world: &World) -> (u16, String, String) {
    let heads = ["content-type", "location", "content-disposition"].map(|name| seen.header(name)).join(" ");
    (seen.status, world.without_names(&heads), world.without_names(&seen.text()))
}

/// With a key in every request, so that no session gets in the way.
fn visitor<'s>(served: &'s Served, keyed: &Keyed<'_>) -> Visitor<'s> {
    let mut visitor = served.visitor();
    visitor.headers.push(("Authorization".into(), format!("Bearer {}", keyed.token)));
    visitor
}

/// Nobody gets anything without a key, and hears where to get in.
fn strangers(served: &Served, reader: &Keyed<'_>, world: &World) {
    let (nobody, mut wrong) = (served.visitor(), served.visitor());
    wrong.session = Some("0".repeat(64));
    let reader = visitor(served, reader);
    for (page, scope) in closed() {
        for target in targets(&page, world) {
            for visitor in [&nobody, &wrong] {
                let seen = ask(visitor, &page, &target, world);
                not_let_in(&page, &target, &seen);
            }
            if is_socket(page.path) {
                assert_eq!(nobody.socket(&target).err().map(|(status, _)| status), Some(200), "{target}");
            }
            if scope > Scope::Read {
                let seen = ask(&reader, &page, &target, world);
                match page.denial {
                    Denial::Board => assert_eq!((seen.status, &seen.json()["code"]), (200, &json!(108)), "{target}"),
                    _ => assert_eq!(seen.status, 403, "{} {target}", page.method),
                }
            }
        }
    }
}

#[track_caller]
fn not_let_in(page: &Operation, target: &str, seen: &Seen) {
    let Operation { method, .. } = page;
    match (page.denial, *method) {
        (Denial::Board, _) => {
            let answer = seen.json();
            assert_eq!((seen.status, &answer["code"], &answer["data"]), (200, &json!(10015), &Value::Null), "{target}");
        }
        (_, "GET") => {
            let led = format!("/login?next={}", form(&[(target, "")]).trim_end_matches('='));
            let plain = |text: &str| text.replace("%2D", "-").replace("%5F", "_").replace("%2E", ".");
            assert_eq!((seen.status, plain(seen.location())), (303, plain(&led)), "{target}");
        }
        _ => assert_eq!(seen.status, 401, "{method} {target}"),
    }
}

/// What belongs to another looks to this one like what does not exist. Says about what it was asked.
fn others(served: &Served, stranger: &Keyed<'_>, world: &World) -> BTreeSet<String> {
    let (stranger, nowhere) = (visitor(served, stranger), World::nowhere(world));
    let mut compared = BTreeSet::new();
    for (page, scope) in closed().filter(|(page, _)| !NAMELESS.contains(&key(page).as_str())) {
        for (target, other) in targets(&page, world).iter().zip(targets(&page, &nowhere)) {
            let theirs = said(&ask(&stranger, &page, target, world), world);
            let nobodys = said(&ask(&stranger, &page, &other, &nowhere), &nowhere);
            assert_eq!(theirs, nobodys, "{} {target}", page.method);
            assert!(scope == Scope::Admin || theirs.0 != 403, "{} {target} is not even looked at", page.method);
            if is_socket(page.path) {
                let told = |target: &str| stranger.socket(target).unwrap_or_else(|e| panic!("{target}: {e:?}")).all();
                assert_eq!(told(target), told(&other), "{target}");
            }
        }
        compared.insert(key(&page));
    }
    compared
}

fn key(page: &Operation) -> String {
    format!("{} {}", page.method, page.path)
}

/// What the owner gets is something else, or the comparison would be of nothing.
fn owners(served: &Served, owner: &Keyed<'_>, stranger: &Keyed<'_>, world: &World) {
    let (owner, stranger) = (visitor(served, owner), visitor(served, stranger));
    let mut same = Vec::new();
    for (page, scope) in closed().filter(|(page, _)| page.method == "GET" && !is_endless(page.path)) {
        if scope > Scope::Operate || NAMELESS.contains(&key(&page).as_str()) {
            continue;
        }
        for target in targets(&page, world) {
            let seen = ask(&owner, &page, &target, world);
            is_safe(&target, &seen);
            if is_socket(page.path) {
                continue;
            }
            assert!(matches!(seen.status, 200 | 302 | 303), "{target}: HTTP {}: {}", seen.status, seen.text());
            if said(&seen, world) == said(&ask(&stranger, &page, &target, world), world) {
                same.push(target);
            }
        }
    }
    assert!(same.is_empty(), "the owner sees no more than a stranger: {same:?}");
}

/// What holds for every answer, and for every page.
#[track_caller]
fn is_safe(target: &str, seen: &Seen) {
    assert_eq!(seen.header("x-content-type-options"), "nosniff", "{target}");
    let is_asset = target.starts_with("/assets/") && seen.status == 200;
    assert!(is_asset || seen.header("cache-control") == "no-store", "{target} is kept by the browser");
    if !seen.header("content-type").starts_with("text/html") {
        return;
    }
    let policy = seen.header("content-security-policy");
    for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(part) && !policy.contains("unsafe"), "{target}: {policy}");
    }
    let page = seen.text();
    assert_eq!(page.matches("<h1").count(), 1, "{target} has one heading above all");
    for odd in [" style=\"", " onclick=\"", " onload=\"", "\"javascript:", "src=\"http", "href=\"http", "href=\"//"] {
        assert!(!page.contains(odd), "{target} has {odd}: {page}");
    }
    for script in page.split("<script").skip(1) {
        let (tag, rest) = script.split_once('>').expect("a whole page");
        assert!(tag.contains("src=\"/assets/") && rest.starts_with("</script>"), "{target}: {tag}");
    }
    assert!(page.contains("<html lang=\"") && page.contains("<title>"), "{target}");
    let mut ids = BTreeSet::new();
    for id in page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(ids.insert(id.to_owned()), "{target} has two elements of the id {id}");
    }
}

#[test]
fn every_page_with_every_key() {
    let served = Served::of(Site::of(own_images(&[]), |_| ()));
    let (alpha, bravo) = (served.keyed("alpha", Scope::Operate), served.keyed("bravo", Scope::Operate));
    let reader = served.keyed("alpha", Scope::Read);
    let world = World::make(&served, &alpha, "qalpha", 12_345);
    let own = World::make(&served, &bravo, "qbravo", 54_321);
    let before = owned(&alpha, &world);
    assert!(before.iter().all(|answer| answer["retcode"] == 0), "{before:?}");

    strangers(&served, &reader, &world);
    let compared = others(&served, &bravo, &world);
    assert_eq!(owned(&alpha, &world), before, "another tenant changed what it does not own");
    let named: BTreeSet<String> = NAMELESS.iter().map(|key| (*key).to_owned()).collect();
    let all: BTreeSet<String> = closed().map(|(page, _)| key(&page)).collect();
    let missing: Vec<&String> = all.iter().filter(|key| !compared.contains(*key) && !named.contains(*key)).collect();
    assert!(missing.is_empty() && compared.len() > 40, "{missing:?} were not looked at");
    owners(&served, &alpha, &bravo, &world);
    let left = owned(&bravo, &own);
    assert!(left.iter().all(|answer| answer["retcode"] == 0), "what this tenant owns went with another's: {left:?}");
}

#[test]
fn pages_that_name_nothing_are_safe_too() {
    let served = Served::new();
    let visitor = served.visitor();
    for page in pages().filter(|page| page.method == "GET" && !page.path.contains('{') && !is_endless(page.path)) {
        let seen = visitor.get(page.path);
        assert!(!seen.text().contains("there is no page at this address"), "{}", page.path);
        is_safe(page.path, &seen);
    }
    for path in ["/no/such/page", "/jobs/x", "/jobs/x/guest/9999/logs/-", "/components/x", "/assets/x"] {
        let seen = visitor.get(path);
        assert_eq!(seen.status, 404, "{path}");
        is_safe(path, &seen);
    }
}
