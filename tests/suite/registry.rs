//! Components that are pushed while a node runs: their modules serve jobs at once, outlive a restart, and go again; what
//! is refused, and why. Not for: images that no node takes (`hostile_raw`).

mod again;
mod made;
mod parties;
mod policy;

use std::collections::BTreeMap;

use made::{TOY, Toy};
use parcae_domain::grant::Grant;
use parcae_node::{
    ComponentsPolicy, Rules,
    signing::{SecretKey, digest},
};
use parcae_runtime::{Images, Settings, start};
use parcae_tests::{
    Site,
    http::{Raw, Served, form_type, keys, list},
    own_images,
};
use serde_json::{Value, json};

const WASM: (&str, &str) = ("Content-Type", "application/wasm");

fn node() -> Served {
    Served::of(Site::of(own_images(&[]), |_| ()))
}

fn with_policy(policy: ComponentsPolicy) -> Served {
    Served::of(Site::of(own_images(&[]), |options| options.policy = policy))
}

fn send(served: &Served, image: &[u8], signature: Option<&str>) -> Value {
    let signature = signature.map(|text| ("X-Parcae-Signature", text));
    let headers: Vec<(&str, &str)> = std::iter::once(WASM).chain(signature).collect();
    let (status, answer) = served.send("POST", "/v1/components", &headers, image).answer();
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Pushes an image that must be taken; what the node says of it.
#[track_caller]
fn push(served: &Served, image: &[u8]) -> Value {
    let answer = send(served, image, None);
    assert_eq!(answer["retcode"], 0, "{answer}");
    answer["data"].clone()
}

/// Return code and words of a refusal.
#[track_caller]
fn refused(answer: &Value) -> (i64, String) {
    assert!(answer["retcode"] != 0 && answer.get("data").is_none(), "{answer}");
    (answer["retcode"].as_i64().unwrap(), answer["retmsg"].as_str().unwrap().to_owned())
}

fn ask(served: &Served, method: &str, path: &str) -> Raw {
    served.send(method, &format!("/v1/components{path}"), &[], b"")
}

fn grant(served: &Served, component: &str, module: &str, grants: &Value) -> Value {
    served.post(&format!("components/{component}/grants"), json!({"module": module, "grants": grants})).1
}

fn job(module: &str, provider: &Value) -> (Value, Value) {
    let dsl = json!({"components": {"toy_0": {"module": module, "provider": provider}}});
    let conf = json!({
        "dsl_version": 2, "initiator": {"role": "guest", "party_id": 9999}, "role": {"guest": [9999]},
        "job_parameters": {"common": {"task_cores": 1}}
    });
    (dsl, conf)
}

/// Runs a job of one component; what its task says of the image that ran.
#[track_caller]
fn run(served: &Served, module: &str, provider: Value) -> Value {
    let (dsl, conf) = job(module, &provider);
    let (id, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&id));
    served.tasks(&id)[0]["f_provider_info"].clone()
}

/// Submits a job that must be refused; why.
#[track_caller]
fn no_job(served: &Served, module: &str, provider: Value) -> String {
    let (dsl, conf) = job(module, &provider);
    let (_, answer) = served.post("job/submit", json!({"job_dsl": dsl, "job_runtime_conf": conf}));
    assert_ne!(answer["retcode"], 0, "{answer}");
    answer.to_string()
}

fn names(rows: &Value) -> Vec<String> {
    let pushed = list(rows).iter().filter(|row| row["origin"] == "pushed");
    pushed.map(|row| format!("{}:{}", row["name"].as_str().unwrap(), row["version"].as_str().unwrap())).collect()
}

#[test]
fn toys_are_components() {
    let images = Images::new(start(Settings::default()).unwrap());
    let toy = Toy { grants: &["clock", "open-table"], ..TOY };
    let image = images.add(&toy.image()).unwrap();
    let said = &image.descriptor;
    assert_eq!((said.name.as_str(), said.version.as_str(), said.modules.len()), ("toy", "0.1.0", 1));
    assert_eq!(said.modules[0].grants, [Grant::Clock, Grant::OpenTable]);
    assert_eq!(image.digest, digest(&toy.image()));
}

#[test]
fn what_is_pushed_runs_at_once_and_versions_stand_side_by_side() {
    let served = node();
    assert!(no_job(&served, "Toy", Value::Null).contains("unknown module"));
    let first = push(&served, &TOY.image());
    let old = first["digest"].as_str().unwrap();
    let seen = [&first["new"], &first["origin"], &first["loaded"]];
    assert_eq!(seen, [&json!(true), &json!("pushed"), &json!(true)]);
    assert_eq!((old, first["bytes"].as_u64()), (digest(&TOY.image()).as_str(), Some(TOY.image().len() as u64)));
    assert_eq!(first["modules"][0]["default"], true);
    let info = run(&served, "Toy", Value::Null);
    let seen = [&info["name"], &info["version"], &info["image"], &info["grants"]];
    assert_eq!(seen, [&json!("toy"), &json!("0.1.0"), &json!(old), &json!([])]);
    let (job_dsl, conf) = job("Toy", &Value::Null);
    let (earlier, _) = served.run(&job_dsl, &conf);

    let newer = Toy { version: "0.2.0", ..TOY };
    let second = push(&served, &newer.image());
    let new = second["digest"].as_str().unwrap();
    assert_eq!(run(&served, "Toy", Value::Null)["image"], new);
    for provider in ["toy:0.1.0", "toy@0.1.0", old, &format!("sha256:{old}"), &old[..12]] {
        assert_eq!(run(&served, "Toy", json!(provider))["image"], old, "{provider}");
    }
    assert_eq!(run(&served, "Toy", json!("toy"))["image"], new);
    assert_eq!(run(&served, "toy", json!("fate"))["image"], new);
    let why = no_job(&served, "Toy", json!("toy:0.3.0"));
    assert!(why.contains("has no provider") && why.contains("toy:0.1.0 (sha256:"), "{why}");
    // What was submitted is what runs again.
    served.data("job/rerun", json!({"job_id": earlier, "force": true}));
    served.wait(&earlier, "guest", 9999);
    assert_eq!(served.tasks(&earlier)[0]["f_provider_info"]["image"], old);
    assert_eq!(served.tasks(&earlier)[0]["f_task_version"], 1);

    let rows = ask(&served, "GET", "").json()["data"].clone();
    assert_eq!(names(&rows), ["toy:0.1.0", "toy:0.2.0"]);
    assert!(list(&rows).iter().any(|row| row["name"] == "hetero_lr" && row["origin"] == "builtin"), "{rows}");
    let one = ask(&served, "GET", "/toy:0.2.0").json()["data"].clone();
    assert_eq!((&one["digest"], &one["description"]["modules"][0]["name"]), (&json!(new), &json!("Toy")));
    let (code, why) = refused(&ask(&served, "GET", "/toy").json());
    assert!(code == 101 && why.contains("toy:0.1.0 (") && why.contains("toy:0.2.0 ("), "{why}");
    fates_clients_see_them(&served, old, new);
}

fn fates_clients_see_them(served: &Served, old: &str, new: &str) {
    let providers = served.data("provider/get", json!({}));
    assert_eq!(keys(&providers), ["fate", "fate_flow", "toy"]);
    let toy = &providers["toy"];
    assert_eq!(toy["default"], json!({"version": "0.2.0"}));
    let digests = ["0.1.0", "0.2.0"].map(|version| &toy[version]["images"]["Toy"]["digest"]);
    assert_eq!(digests, [&json!(old), &json!(new)]);
    let info = served.data("component/Toy/get", json!({}));
    assert_eq!(info, json!({"alias": ["Toy"], "default_provider": "toy", "support_provider": ["toy"]}));
    let folder = served.site.folder().join("local");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("third.wasm"), Toy { version: "0.3.0", ..TOY }.image()).unwrap();
    let path = folder.join("third.wasm").display().to_string();
    let (_, answer) = served.post("provider/register", json!({"name": "other", "version": "1", "path": path}));
    let words = answer["retmsg"].as_str().unwrap();
    assert!(answer["retcode"] == 0 && words.contains("as provider toy of version 0.3.0"), "{answer}");
    let registered = served.data("provider/register", json!({"name": "toy", "version": "0.3.0", "path": path}));
    assert_eq!(registered["flow-server"]["digest"], digest(&Toy { version: "0.3.0", ..TOY }.image()));
    assert_eq!(served.data("provider/toy/get", json!({}))["default"], json!({"version": "0.3.0"}));
}

#[test]
fn a_restart_keeps_what_was_pushed() {
    let served = node();
    let toy = Toy { grants: &["clock"], ..TOY };
    let pushed = push(&served, &toy.image());
    grant(&served, "toy:0.1.0", "Toy", &json!(["clock"]));
    let before = ask(&served, "GET", "/toy").json();
    // A file that no row names is nobody's.
    let folder = served.site.folder().join("images");
    std::fs::write(folder.join("left.wasm"), b"x").unwrap();
    let served = served.reopened_of(own_images(&[]), |_| ());
    assert_eq!(ask(&served, "GET", "/toy").json(), before);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    let info = run(&served, "Toy", Value::Null);
    assert_eq!((&info["image"], &info["grants"]), (&pushed["digest"], &json!(["clock"])));
    let file = ask(&served, "GET", "/toy/wasm");
    assert_eq!((file.status, file.content_type.as_str(), &file.bytes), (200, "application/wasm", &toy.image()));
    assert_eq!(file.disposition, "attachment; filename=toy-0.1.0.wasm");
    // One that was changed behind the node's back is not taken up.
    let damaged = folder.join(format!("{}.wasm", pushed["digest"].as_str().unwrap()));
    std::fs::write(&damaged, Toy { version: "0.1.1", ..TOY }.image()).unwrap();
    let served = served.reopened_of(own_images(&[]), |_| ());
    assert_eq!(ask(&served, "GET", "/toy").json()["data"]["loaded"], false);
    assert!(no_job(&served, "Toy", Value::Null).contains("unknown module"));
    push(&served, &toy.image());
    assert_eq!(run(&served, "Toy", Value::Null)["image"], pushed["digest"]);
}

#[test]
fn nothing_that_is_pushed_takes_a_place_that_is_filled() {
    let served = node();
    let builtin = ask(&served, "GET", "/reader").json()["data"]["digest"].clone();
    let reader = Toy { name: "reader", version: "9.0.0", module: "Reader", grants: &["open-table"], ..TOY };
    let pushed = push(&served, &reader.image());
    assert_eq!(pushed["modules"][0]["default"], false);
    // The configuration gives `Reader` this grant, but means another image by it.
    assert_eq!(pushed["modules"][0]["missing"], json!(["open-table"]));
    assert!(no_job(&served, "Reader", json!("reader:9.0.0")).contains("was not granted"));
    let (dsl, mut conf) = job("Reader", &Value::Null);
    conf["component_parameters"] = json!({"common": {"toy_0": {"table": {"namespace": "a", "name": "b"}}}});
    let (id, row) = served.run(&dsl, &conf);
    assert_eq!(row["f_status"], "failed");
    assert_eq!(served.tasks(&id)[0]["f_provider_info"]["image"], builtin);

    push(&served, &TOY.image());
    assert_eq!(send(&served, &TOY.image(), None)["data"]["new"], false);
    // The same component in another file: a custom section of 5 bytes at its end, whose name has 4.
    let other = [TOY.image().as_slice(), b"\0\x05\x04swap"].concat();
    let (code, why) = refused(&send(&served, &other, None));
    let words = "version 0.1.0 of toy is there with another digest";
    assert!(code == 103 && why.contains(words) && why.contains("raise the version"), "{why}");
    let own = Toy { name: "reader", module: "Reader", ..TOY };
    let (code, why) = refused(&send(&served, &own.image(), None));
    assert!(code == 103 && why.contains("(builtin)"), "{why}");
    let same = push(&served, parcae_catalog::get("reader").unwrap());
    assert_eq!((&same["digest"], &same["origin"], &same["new"]), (&builtin, &json!("builtin"), &json!(false)));
}

#[test]
fn the_configuration_chooses_among_versions() {
    let images = own_images(&[("toy", "toy:0.1.0"), ("Other", "toy:7")]);
    let served = Served::of(Site::of(images, |_| ()));
    let first = push(&served, &TOY.image());
    push(&served, &Toy { version: "0.2.0", ..TOY }.image());
    assert_eq!(run(&served, "Toy", Value::Null)["image"], first["digest"]);
    push(&served, &Toy { version: "0.3.0", module: "Other", ..TOY }.image());
    let why = no_job(&served, "Other", Value::Null);
    assert!(why.contains("no default provider") && why.contains("toy:0.3.0"), "{why}");
    assert_eq!(run(&served, "Other", json!("toy:0.3.0"))["version"], "0.3.0");
}

#[test]
fn images_that_are_no_components_are_refused_in_the_words_of_the_check() {
    let served = node();
    let part = TOY.image()[..200].to_vec();
    let cases: [(&[u8], &str); 4] = [
        (b"", "no image came with the request"),
        (b"hello", "not a WebAssembly component that this node can run"),
        (b"\0asm\x01\0\0\0", "it is a core module"),
        (&part, "not a WebAssembly component"),
    ];
    for (image, words) in cases {
        let (code, why) = refused(&send(&served, image, None));
        assert!(code == 101 && why.contains(words), "{why}");
    }
    for name in ["fate", "a b", "0123456789ab"] {
        let (code, why) = refused(&send(&served, &Toy { name, ..TOY }.image(), None));
        assert!(code == 101 && why.contains("component name"), "{why}");
    }
    let (code, why) = refused(&send(&served, &vec![0; (64 << 20) + 1], None));
    assert!(code == 101 && why.contains("67108865 bytes, 67108864 are allowed"), "{why}");
    assert!(names(&ask(&served, "GET", "").json()["data"]).is_empty());
    assert_eq!(std::fs::read_dir(served.site.folder().join("images")).unwrap().count(), 0);
    assert_eq!(refused(&ask(&served, "GET", "/nobody:1").json()).0, 102);
    assert_eq!(ask(&served, "GET", "/nobody/wasm").status, 404);
    assert_eq!(ask(&served, "GET", "/reader/wasm").status, 404);
}

#[test]
fn grants_are_given_to_an_image_and_to_no_other() {
    let given = |options: &mut parcae_node::Options| drop(options.grants.insert("Toy".into(), vec![Grant::Clock]));
    let served = Served::of(Site::of(own_images(&[]), given));
    let toy = Toy { grants: &["clock", "open-table"], ..TOY };
    let pushed = push(&served, &toy.image());
    let digest = pushed["digest"].as_str().unwrap();
    let module = &pushed["modules"][0];
    let seen = [&module["asked"], &module["granted"], &module["missing"]];
    assert_eq!(seen, [&json!(["clock", "open-table"]), &json!([]), &json!(["clock", "open-table"])]);
    let call = format!("POST /v1/components/{digest}/grants");
    assert!(module["cure"].as_str().unwrap().contains(&call), "{module}");
    assert!(no_job(&served, "Toy", Value::Null).contains(&call));
    for (module, grants, code, words) in [
        ("Toy", json!(["fly"]), 101, "there is no grant"),
        ("Toy", json!(["randomness"]), 101, "does not ask for randomness; it asks for clock, open-table"),
        ("Joy", json!(["clock"]), 102, "has no module"),
        ("Toy", json!("clock"), 101, "argument grants"),
    ] {
        let (got, why) = refused(&grant(&served, digest, module, &grants));
        assert!(got == code && why.contains(words), "{why}");
    }
    let some = grant(&served, digest, "Toy", &json!(["clock"]));
    assert_eq!(some["data"]["modules"][0]["missing"], json!(["open-table"]), "{some}");
    assert!(no_job(&served, "Toy", Value::Null).contains("asks for open-table"));
    grant(&served, &digest[..16], "toy", &json!(["open-table", "clock"]));
    assert_eq!(run(&served, "Toy", Value::Null)["grants"], json!(["clock", "open-table"]));
    // Another version is another image.
    push(&served, &Toy { version: "0.2.0", ..toy }.image());
    assert!(no_job(&served, "Toy", Value::Null).contains("was not granted"));
    assert_eq!(run(&served, "Toy", json!("toy:0.1.0"))["image"], digest);
    grant(&served, digest, "Toy", &json!([]));
    assert!(no_job(&served, "Toy", json!("toy:0.1.0")).contains(&call));
    let (code, why) = refused(&grant(&served, "reader", "Reader", &json!(["open-table"])));
    assert!(code == 101 && why.contains("[grants] of the configuration"), "{why}");
}

#[test]
fn an_image_goes_when_no_job_runs_it() {
    let served = node();
    let pushed = push(&served, &Toy { spins: true, ..TOY }.image());
    let digest = pushed["digest"].as_str().unwrap();
    let (dsl, conf) = job("Toy", &Value::Null);
    let id = served.submit(&dsl, &conf);
    served.wait_for(&id, "guest", 9999, |row| row["f_status"] == "running");
    let path = format!("/{digest}");
    let (code, why) = refused(&ask(&served, "DELETE", &path).json());
    assert!(code == 103 && why.contains(&id), "{why}");
    served.data("job/stop", json!({"job_id": id}));
    served.wait(&id, "guest", 9999);
    let gone = ask(&served, "DELETE", &path).json();
    assert_eq!((&gone["retcode"], &gone["data"]["digest"]), (&json!(0), &json!(digest)));
    assert_eq!(refused(&ask(&served, "DELETE", &path).json()).0, 102);
    assert!(names(&ask(&served, "GET", "").json()["data"]).is_empty());
    assert_eq!(std::fs::read_dir(served.site.folder().join("images")).unwrap().count(), 0);
    assert!(no_job(&served, "Toy", Value::Null).contains("unknown module"));
    let (code, why) = refused(&ask(&served, "DELETE", "/reader").json());
    assert!(code == 101 && why.contains("built-in components cannot be removed"), "{why}");
    // The job still says what ran.
    assert_eq!(served.tasks(&id)[0]["f_provider_info"]["image"], digest);
}
