//! Every operation of the OpenAPI document with no key, a wrong key, a key that does not reach so far, the right key,
//! and the key of another tenant, to whom what belongs to the first must look like what does not exist. Not for: what
//! the operations do.

use parcae_domain::tenant::Scope;
use parcae_tests::{
    Site,
    accounts::Keyed,
    breast,
    http::{Raw, Served},
    made::{Said, SaidModule},
    own_images,
};
use serde_json::{Map, Value, json};

const JSON: &str = "application/json";
/// Public key of a site, in form only.
const PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
                   MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
                   -----END PUBLIC KEY-----\n";

/// A method at a path, as the document describes it.
struct Operation {
    method: String,
    path: String,
    keys: Vec<String>,
    /// Arguments in the query.
    queried: Vec<String>,
    scope: Scope,
    /// Refusals have an HTTP status.
    has_status: bool,
}

/// What a tenant owns, or nobody.
pub(crate) struct World {
    pub(crate) word: &'static str,
    pub(crate) job: String,
    pub(crate) digest: String,
    pub(crate) key: String,
    party: u64,
}

/// All operations that ask for a key; what takes away comes last.
fn operations(served: &Served) -> Vec<Operation> {
    let document = served.get("/openapi.json").json();
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, about) in item.as_object().unwrap() {
            let Some(scope) = about["x-scope"].as_str() else { continue };
            let mut shape = &about["requestBody"]["content"][JSON]["schema"];
            if let Some(reference) = shape["$ref"].as_str() {
                shape = document.pointer(reference.trim_start_matches('#')).unwrap();
            }
            all.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                keys: shape["properties"].as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default(),
                queried: queried(about),
                scope: scope.parse().unwrap(),
                has_status: about["responses"]["401"].is_object(),
            });
        }
    }
    assert!(all.len() > 130, "{} operations", all.len());
    let words = ["delete", "clean", "destroy", "disable", "rerun"];
    all.sort_by_key(|it| it.method == "DELETE" || words.iter().any(|word| it.path.contains(word)));
    all
}

/// Arguments in the query of an operation.
fn queried(about: &Value) -> Vec<String> {
    let all = about["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["in"] == "query");
    all.filter_map(|parameter| parameter["name"].as_str().map(str::to_owned)).collect()
}

impl World {
    pub(crate) fn namespace(&self) -> String {
        format!("space-{}", self.word)
    }

    pub(crate) fn module(&self) -> String {
        let (first, rest) = self.word.split_at(1);
        format!("{}{rest}Mill", first.to_uppercase())
    }

    /// An image that is this tenant's alone.
    fn image(&self) -> Vec<u8> {
        let said = Said::but(|said| {
            said.name = format!("{}_mill", self.word).into_bytes();
            said.modules = vec![SaidModule::named(&self.module())];
        });
        said.build()
    }

    /// Has a tenant own one of each.
    pub(crate) fn make(served: &Served, keyed: &Keyed<'_>, word: &'static str, party: u64) -> World {
        let mut world = World { word, job: String::new(), digest: String::new(), key: String::new(), party };
        for name in ["breast_hetero_guest", "breast_hetero_host"] {
            keyed.upload("experiment", name, &breast::file(&format!("{name}.csv")));
        }
        let (dsl, conf) = breast::quick_job();
        world.job = keyed.submit(&dsl, &conf);
        assert_eq!(keyed.wait(&world.job, "guest", 9999), "success", "{}", served.site.errors(&world.job));
        keyed.upload(&world.namespace(), &format!("table-{word}"), "id,x\n1,2\n");
        let tag = format!("tag-{word}");
        keyed.data("model/tag/create", json!({"tag_name": tag, "tag_desc": word}));
        keyed.data("model/model_tag/create", json!({"job_id": world.job, "tag_name": tag}));
        let name = format!("store-{word}");
        let store = json!({"connector_name": name, "engine": "MYSQL", "connector_info": {"host": word}});
        keyed.data("table/connector/create", store);
        keyed.data("key/public/save", json!({"party_id": party, "key": PEM}));
        let pushed = keyed.send("POST", "/v1/components", "application/wasm", &world.image()).answer().1;
        world.digest = pushed["data"]["digest"].as_str().unwrap_or_else(|| panic!("{pushed}")).to_owned();
        world.key = keyed.data("keys", json!({"scope": "read"}))["id"].as_str().unwrap().to_owned();
        world
    }

    /// What nobody owns.
    pub(crate) fn nowhere(like: &World) -> World {
        let job = format!("2020{}", &like.job[4..]);
        World { word: "qxenon", job, digest: "5".repeat(64), key: "x".repeat(12), party: 77_777 }
    }

    /// A right value of an argument; none where it is better left out.
    fn argument(&self, path: &str, key: &str) -> Option<Value> {
        let parties = json!({"guest": [9999], "host": [10000]});
        Some(match key {
            "role" if path.ends_with("/migrate") => parties,
            "execute_party" => parties,
            "migrate_role" => json!({"guest": [99], "host": [100]}),
            "migrate_initiator" => json!({"role": "guest", "party_id": 99}),
            "unify_model_version" => json!("moved"),
            "job_parameters" | "component_parameters" | "quotas" | "limits" => json!({}),
            "connector_info" => json!({"host": "other"}),
            "role" => json!("guest"),
            "party_id" if path.contains("/key/") => json!(self.party),
            "party_id" => json!(9999),
            "job_id" | "model_version" => json!(self.job),
            "model_id" => json!(breast::QUICK_MODEL),
            "component" | "component_name" | "cpn_str" => json!("data_transform_0"),
            "component_module_name" => json!(self.module()),
            "namespace" => json!(self.namespace()),
            "table_name" => json!(format!("table-{}", self.word)),
            "name" if path.contains("/table/") || path.ends_with("/data/writer") => {
                json!(format!("table-{}", self.word))
            }
            "tag_name" => json!(format!("tag-{}", self.word)),
            "connector_name" => json!(format!("store-{}", self.word)),
            "name" | "output_name" | "service_name" => json!("other"),
            "output_namespace" => json!("others"),
            "engine" if path.contains("/connector/") => json!("MYSQL"),
            "engine" => json!("STANDALONE"),
            "address" => json!({"namespace": self.namespace(), "name": format!("table-{}", self.word)}),
            "file" | "path" => json!("/no/such/file"),
            "log_type" => json!("partyInfo"),
            "metric_namespace" => json!("train"),
            "metric_name" => json!("loss"),
            "module" => json!(self.module()),
            "version" => json!("2"),
            "grants" => json!([]),
            // A key would have a secret that no other has.
            "scope" => json!("none"),
            "train_dsl" => breast::quick_job().0,
            "key" => json!(PEM),
            "head" | "partition" | "limit" | "page" | "step_index" => json!(1),
            "use_local_data" => json!(0),
            "job_dsl" => json!({"components": {"mill_0": {"module": self.module()}}}),
            "job_runtime_conf" => json!({"dsl_version": 2, "initiator": {"role": "local", "party_id": 0},
                "role": {"local": [0]}, "job_parameters": {"common": {}}, "component_parameters": {}}),
            _ => return None,
        })
    }

    /// Target and body of a request about what is here.
    fn request(&self, operation: &Operation) -> (String, Vec<u8>) {
        let path = operation.path.as_str();
        let name = match path {
            _ if path.starts_with("/v1/components/") => self.digest.clone(),
            _ if path.starts_with("/v1/component/") => self.module(),
            _ if path.starts_with("/v1/tenants/") => "spare".to_owned(),
            _ => format!("{}_mill", self.word),
        };
        let part = |part: &str| match part {
            "{job}" | "{job_id}" => self.job.clone(),
            "{id}" if path.contains("/keys/") => self.key.clone(),
            "{name}" => name.clone(),
            _ if part.starts_with('{') => "1".to_owned(),
            _ => part.to_owned(),
        };
        let target = path.split('/').map(part).collect::<Vec<_>>().join("/");
        let plain = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pair = |key: &String| Some(format!("{key}={}", plain(self.argument(path, key)?)));
        let query = operation.queried.iter().filter_map(pair).collect::<Vec<_>>().join("&");
        let target = if query.is_empty() { target } else { format!("{target}?{query}") };
        let value = |key: &String| Some((key.clone(), self.argument(path, key)?));
        let arguments: Map<String, Value> = operation.keys.iter().filter_map(value).collect();
        (target, Value::Object(arguments).to_string().into_bytes())
    }

    /// An answer without the names of what is here, and without times.
    pub(crate) fn without_names(&self, text: &str) -> String {
        let names = [
            (self.job.clone(), "JOB"),
            (self.digest.clone(), "DIGEST"),
            (self.digest[..12].to_owned(), "DIGEST"),
            (self.key.clone(), "KEY"),
            (self.module(), "MODULE"),
            (self.party.to_string(), "PARTY"),
            (self.word.to_owned(), "WORD"),
        ];
        let text = names.iter().fold(text.to_owned(), |text, (name, instead)| text.replace(name, instead));
        without_times(&text)
    }
}

/// Ids of new jobs and times are numbers of many digits, or dates: all digits of a text that has so many in a row go.
fn without_times(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive([' ', '"', ',', '/']) {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let is_time = digits >= 13 || (digits >= 6 && (word.contains(':') || word.matches('-').count() == 2));
        out.extend(word.chars().filter(|c| !is_time || !c.is_ascii_digit()));
    }
    out
}

fn ask(keyed: &Keyed<'_>, operation: &Operation, world: &World) -> Raw {
    let (target, body) = world.request(operation);
    keyed.send(&operation.method, &target, JSON, &body)
}

/// Status and what an answer says, as far as it is text.
fn said(raw: &Raw, world: &World) -> (u16, String, String) {
    let text = if raw.content_type == JSON { String::from_utf8_lossy(&raw.bytes).into_owned() } else { String::new() };
    (raw.status, raw.content_type.clone(), world.without_names(&text))
}

#[track_caller]
fn refused(operation: &Operation, raw: &Raw, retcode: i64, status: u16) {
    let (wanted, code) = if operation.has_status { (status, i64::from(status)) } else { (200, retcode) };
    let (found, answer) = raw.answer();
    let Operation { method, path, .. } = operation;
    assert_eq!((found, answer["retcode"].as_i64()), (wanted, Some(code)), "{method} {path}: {answer}");
    assert!(answer.get("data").is_none(), "{method} {path}: {answer}");
}

/// All that a tenant sees of what it owns.
pub(crate) fn owned(keyed: &Keyed<'_>, world: &World) -> Vec<Value> {
    let (word, table) = (world.word, format!("table-{}", world.word));
    vec![
        keyed.post("job/query", json!({"job_id": world.job})),
        keyed.post("job/task/query", json!({"job_id": world.job})),
        keyed.post("table/table_info", json!({"namespace": world.namespace(), "table_name": table})),
        keyed.post("model/query", json!({"model_version": world.job})),
        keyed.post("model/tag/retrieve", json!({"tag_name": format!("tag-{word}"), "with_model": true})),
        keyed.post("table/connector/query", json!({"connector_name": format!("store-{word}")})),
        keyed.post("key/query", json!({"party_id": world.party})),
        keyed.get(&format!("components/{}", world.digest)),
    ]
}

/// Nobody without a right key gets anything.
fn strangers(served: &Served, reader: &Keyed<'_>, all: &[Operation], world: &World) {
    let wrong = served.with_token(&format!("parcae_{}_{}", reader.id, "A".repeat(43)));
    for operation in all {
        let (target, body) = world.request(operation);
        let nobody = served.send(&operation.method, &target, &[("Content-Type", JSON)], &body);
        refused(operation, &nobody, 109, 401);
        refused(operation, &ask(&wrong, operation, world), 109, 401);
        if operation.scope > Scope::Read {
            refused(operation, &ask(reader, operation, world), 108, 403);
        }
    }
}

/// What belongs to another looks to this one like what does not exist.
fn others(stranger: &Keyed<'_>, all: &[Operation], world: &World) {
    let nowhere = World::nowhere(world);
    let mut compared = 0;
    for operation in all {
        if operation.scope == Scope::Admin {
            refused(operation, &ask(stranger, operation, world), 108, 403);
            continue;
        }
        if world.request(operation) == nowhere.request(operation) {
            continue;
        }
        let theirs = said(&ask(stranger, operation, world), world);
        let nobodys = said(&ask(stranger, operation, &nowhere), &nowhere);
        assert_eq!(theirs, nobodys, "{} {}", operation.method, operation.path);
        compared += 1;
    }
    assert!(compared > 60, "only {compared} operations name something");
}

#[test]
fn every_operation_with_every_key() {
    let served = Served::of(Site::of(own_images(&[]), |_| ()));
    let admin = served.keyed("default", Scope::Admin);
    served.keyed("spare", Scope::Read);
    let (alpha, bravo) = (served.keyed("alpha", Scope::Operate), served.keyed("bravo", Scope::Operate));
    let reader = served.keyed("alpha", Scope::Read);
    let world = World::make(&served, &alpha, "qalpha", 12_345);
    let own = World::make(&served, &bravo, "qbravo", 54_321);
    let all = operations(&served);
    let before = owned(&alpha, &world);
    assert!(before.iter().all(|answer| answer["retcode"] == 0), "{before:?}");

    strangers(&served, &reader, &all, &world);
    others(&bravo, &all, &world);
    assert_eq!(owned(&alpha, &world), before, "another tenant changed what it does not own");

    for operation in &all {
        let right = if operation.scope == Scope::Admin { &admin } else { &alpha };
        let raw = ask(right, operation, &world);
        let Operation { method, path, .. } = operation;
        assert!(![401, 403].contains(&raw.status), "{method} {path}: HTTP {}", raw.status);
        if raw.content_type == JSON && raw.disposition.is_empty() {
            let answer = raw.json();
            let words = answer["retmsg"].as_str().unwrap_or_default();
            assert!(answer["retcode"] != 109 && !words.contains("needs scope"), "{method} {path}: {answer}");
        }
    }
    let left = owned(&bravo, &own);
    assert!(left.iter().all(|answer| answer["retcode"] == 0), "what this tenant owns went with another's: {left:?}");
}

#[test]
fn names_and_times_are_left_out() {
    let (digest, key) = ("6".repeat(64), "k".repeat(12));
    let world = World { word: "qalpha", job: "202611220000000000001".into(), digest, key, party: 12_345 };
    let nowhere = World::nowhere(&world);
    let text = |job: &str, word: &str, at: &str| {
        format!("{{\"job\":\"{job}\",\"at\":\"2026-11-22 07:26:{at}\",\"t\":\"table-{word}\",\"rows\":3}}")
    };
    let (one, other) = (text(&world.job, "qalpha", "04"), text(&nowhere.job, "qxenon", "59"));
    assert_eq!(world.without_names(&one), nowhere.without_names(&other));
    assert!(world.without_names(&one).contains("\"rows\":3"), "counts stay: {}", world.without_names(&one));
}
