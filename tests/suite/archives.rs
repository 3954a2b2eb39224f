//! Archives of models: what is in them, that another node predicts with them as the first did, and that nothing is
//! stored of one that is not what it should be. Not for: tags and migration (`kept_models`).

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use parcae_tests::{
    Site, breast,
    http::{Raw, Served, form_with, list},
    merge,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

const MODEL: &str = "arbiter-10000#guest-9999#host-10000#model";
const SMALL: &str = "guest-9999#host-10000#model";
const PARTIES: [(&str, &str); 3] = [("guest", "9999"), ("host", "10000"), ("arbiter", "10000")];

type Members = BTreeMap<String, Vec<u8>>;

/// A node with both tables.
fn node() -> Served {
    let site = Site::new();
    breast::upload(&site);
    Served::of(site)
}

fn trained(served: &Served, dsl: &Value, conf: &Value) -> String {
    let (job, row) = served.run(dsl, conf);
    assert_eq!(row["f_status"], "success", "{}", served.site.errors(&job));
    job
}

/// A node that has trained a model without cryptography; its version.
fn small() -> (Served, String) {
    let served = node();
    let (mut dsl, mut conf) = breast::job();
    let kept = ["reader_0", "data_transform_0"];
    dsl["components"].as_object_mut().unwrap().retain(|name, _| kept.contains(&name.as_str()));
    conf["component_parameters"]["common"].as_object_mut().unwrap().retain(|name, _| name == "data_transform_0");
    conf["role"].as_object_mut().unwrap().remove("arbiter");
    let job = trained(&served, &dsl, &conf);
    (served, job)
}

fn key(role: &str, party: &str, model: &str, version: &str) -> Value {
    json!({"role": role, "party_id": party, "model_id": model, "model_version": version})
}

fn exported(served: &Served, role: &str, party: &str, model: &str, version: &str) -> Raw {
    let archive = served.get_with_body("model/export", key(role, party, model, version));
    assert_eq!((archive.status, archive.content_type.as_str()), (200, "application/zip"));
    // FATE's client takes all that follows `filename=` as the name.
    assert_eq!(archive.disposition, format!("attachment; filename={role}#{party}#{model}_{version}.zip"));
    archive
}

/// Sends what FATE's command line sends, with the path of the file as a field `file` beside the file.
fn import(served: &Served, about: &Value, archive: &[u8]) -> (u16, Value) {
    let mut fields = vec![("conf_path", "import_model.json"), ("file", "/data/model.zip"), ("force_update", "0")];
    let given: Vec<(&str, &str)> =
        about.as_object().unwrap().iter().map(|(key, text)| (key.as_str(), text.as_str().unwrap())).collect();
    fields.retain(|(key, _)| given.iter().all(|(other, _)| key != other));
    fields.extend(given);
    served.post_form("model/import", form_with(&fields, "model.zip", archive))
}

fn unpacked(archive: &[u8]) -> Members {
    let mut zip = ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut members = Members::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        members.insert(name, bytes);
    }
    members
}

fn packed(members: &Members) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        if name.ends_with('/') {
            zip.add_directory(name.as_str(), SimpleFileOptions::default()).unwrap();
        } else {
            zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
    }
    zip.finish().unwrap().into_inner()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn text(members: &Members, name: &str) -> String {
    let bytes = members.get(name).unwrap_or_else(|| panic!("no {name} among {:?}", members.keys()));
    String::from_utf8(bytes.clone()).unwrap()
}

/// The example with two epochs, and a checkpoint of each.
fn training() -> (Value, Value) {
    let (dsl, mut conf) = breast::job();
    let quick = json!({"max_iter": 2, "callback_param": {"callbacks": ["ModelCheckpoint"], "save_freq": 1}});
    merge(&mut conf["component_parameters"]["common"]["hetero_lr_0"], quick);
    (dsl, conf)
}

/// The guest's predictions of a predict job with a deployed model.
fn predictions(served: &Served, version: &str) -> String {
    let cpn_list = ["reader_0", "data_transform_0", "intersection_0", "hetero_lr_0"];
    let deploy = json!({"model_id": MODEL, "model_version": version, "cpn_list": cpn_list});
    let deployed = served.data("model/deploy", deploy)["model_version"].clone();
    let (_, mut conf) = breast::job();
    conf["job_parameters"] = json!({"common": {"job_type": "predict", "model_id": MODEL, "model_version": deployed}});
    conf["component_parameters"]["common"] = json!({});
    let job = trained(served, &json!({}), &conf);
    let body = json!({"job_id": job, "role": "guest", "party_id": 9999, "component_name": "hetero_lr_0", "limit": -1});
    let files = served.get_with_body("tracking/component/output/data/download", body).files();
    let csv = text(&files, "data.csv");
    let mut lines: Vec<&str> = csv.lines().collect();
    assert!(lines.len() > 500, "{} lines", lines.len());
    lines.sort_unstable();
    lines.join("\n")
}

#[test]
fn another_node_predicts_with_an_archive() {
    let first = node();
    let (dsl, conf) = training();
    let job = trained(&first, &dsl, &conf);
    let second = node();
    for (role, party) in PARTIES {
        let archive = exported(&first, role, party, MODEL, &job);
        let members = unpacked(&archive.bytes);
        looks_as_fates(&members, role, party, &job);
        let about = key(role, party, MODEL, &job);
        let (status, answer) = import(&second, &about, &archive.bytes);
        assert_eq!((status, &answer["retcode"]), (200, &json!(0)), "{answer}");
        let mut want = about.clone();
        want["job_id"] = answer["data"]["job_id"].clone();
        assert!(want["job_id"].as_str().is_some_and(|id| id.len() >= 21), "{answer}");
        assert_eq!(answer["data"], want);
        let row = &second.data("model/query", about.clone())[0];
        let seen = (&row["f_parent"], &row["f_archive_sha256"], &row["f_role"]);
        assert_eq!(seen, (&json!(true), &json!(sha256(&archive.bytes)), &json!(role)), "{row}");
        let rows = [&first, &second].map(|served| {
            let row = served.data("model/query", about.clone())[0].clone();
            ["f_size", "f_inference_dsl", "f_train_dsl", "f_train_runtime_conf", "f_roles"].map(|key| row[key].clone())
        });
        assert_eq!(rows[0], rows[1]);
    }
    checkpoints_travel(&first, &second, &job);
    assert_eq!(predictions(&first, &job), predictions(&second, &job));
}

fn looks_as_fates(members: &Members, role: &str, party: &str, version: &str) {
    let define = text(members, "define/define_meta.yaml");
    assert!(define.contains("\"hetero_lr_0\":\n    module_name: \"HeteroLR\""), "{define}");
    for name in ["Pipeline", "Pipeline.json"] {
        assert!(members.contains_key(&format!("variables/data/pipeline/pipeline/{name}")), "{name}");
    }
    let json = |name: &str| -> Value { serde_json::from_str(&text(members, name)).unwrap() };
    let pipeline = json("variables/data/pipeline/pipeline/Pipeline.json");
    assert_eq!((&pipeline["modelId"], &pipeline["modelVersion"]), (&json!(MODEL), &json!(version)));
    let part = "variables/data/hetero_lr_0/model/HeteroLogisticRegressionParam";
    assert!(members.contains_key(part));
    assert!(json(&format!("{part}.json")).is_object());
    assert_eq!(json("run_parameters/hetero_lr_0/run_parameters.json")["max_iter"], 2);
    let conf = json("import_model.json");
    let want = json!({"role": role, "party_id": party.parse::<u64>().unwrap(), "model_id": MODEL,
        "model_version": version, "file": format!("{role}#{party}#{MODEL}_{version}.zip"), "force_update": false});
    assert_eq!(conf, want);
    let manifest = json("parcae.json");
    let digests = manifest["members"].as_object().unwrap();
    assert_eq!(digests.len(), members.len() - 1);
    assert!(digests.iter().all(|(name, digest)| *digest == sha256(&members[name]).as_str()));
}

fn checkpoints_travel(first: &Served, second: &Served, version: &str) {
    let mut about = key("guest", "9999", MODEL, version);
    about["component_name"] = "hetero_lr_0".into();
    let [here, there] = [first, second].map(|served| served.data("checkpoint/list", about.clone()));
    assert_eq!(list(&here).len(), list(&there).len());
    assert!(list(&here).len() >= 2, "{here}");
    for (one, other) in list(&here).iter().zip(list(&there)) {
        for key in ["step_index", "step_name", "models"] {
            assert_eq!(one[key], other[key]);
        }
        assert!(one["create_time"].as_str().is_some_and(|time| time.contains('T')), "{one}");
        let mut asked = about.clone();
        asked["step_index"] = one["step_index"].clone();
        let by_index = first.data("checkpoint/get", asked);
        let mut asked = about.clone();
        asked["step_name"] = one["step_name"].clone();
        assert_eq!(by_index, first.data("checkpoint/get", asked));
        let models = by_index["models"].as_object().unwrap();
        assert!(models.values().all(Value::is_string) && models.len() == one["models"].as_object().unwrap().len());
    }
    about["step_index"] = json!(999);
    assert_eq!(first.post("checkpoint/get", about.clone()).0, 404);
    about.as_object_mut().unwrap().remove("step_index");
    assert_eq!(first.post("checkpoint/get", about.clone()).0, 400);
    about["model_version"] = "1".into();
    assert_eq!(first.data("checkpoint/list", about), json!([]));
    assert_eq!(first.post("checkpoint/list", json!({})).0, 400);
    assert_eq!(first.post_nothing("checkpoint/get").0, 400);
}

/// An import that must be refused with a status; its words. Nothing of it is stored.
#[track_caller]
fn refused(served: &Served, about: &Value, archive: &[u8], status: u16) -> String {
    let (got, answer) = import(served, about, archive);
    assert_eq!(got, status, "{answer}");
    let (_, found) = served.post("model/query", json!({"model_version": about["model_version"]}));
    assert_eq!(found["data"], json!([]), "{answer}");
    answer["retmsg"].as_str().unwrap().to_owned()
}

#[test]
fn archives_that_are_not_whole_are_refused() {
    let (first, job) = small();
    let archive = exported(&first, "guest", "9999", SMALL, &job).bytes;
    let (second, about) = (Served::new(), key("guest", "9999", SMALL, &job));
    let whole = archive.len();
    for length in [0, 1, 21, 22, 100, whole / 4, whole / 2, whole - 300, whole - 22, whole - 1] {
        assert!(refused(&second, &about, &archive[..length], 400).contains("whole"), "{length} of {whole}");
    }
    assert!(refused(&second, &about, b"id,y\n1,2\n", 400).contains("zip"));
    let longer = [archive.as_slice(), b"x".as_slice()].concat();
    assert!(refused(&second, &about, &longer, 400).contains("whole"));
    let before = [b"x".as_slice(), archive.as_slice()].concat();
    refused(&second, &about, &before, 400);
    for at in data_of_members(&archive) {
        let mut flipped = archive.clone();
        flipped[at] ^= 0x10;
        refused(&second, &about, &flipped, 400);
    }
    let mut with_hash = about.clone();
    with_hash["hash"] = "0".repeat(64).into();
    assert!(refused(&second, &with_hash, &archive, 400).contains("SHA-256"));
    with_hash["hash"] = sha256(&archive).to_uppercase().into();
    assert_eq!(import(&second, &with_hash, &archive).0, 200);
}

/// A place in the middle of the content of each member, found by the headers before them.
fn data_of_members(archive: &[u8]) -> Vec<usize> {
    let mut zip = ZipArchive::new(Cursor::new(archive)).unwrap();
    let number = |at: usize| usize::from(u16::from_le_bytes([archive[at], archive[at + 1]]));
    let mut places = Vec::new();
    for index in 0..zip.len() {
        let entry = zip.by_index(index).unwrap();
        let header = usize::try_from(entry.header_start()).unwrap();
        let data = header + 30 + number(header + 26) + number(header + 28);
        let bytes = usize::try_from(entry.compressed_size()).unwrap();
        if entry.size() > 0 {
            places.push(data + bytes / 2);
        }
    }
    assert!(places.len() > 5, "{places:?}");
    places
}

#[test]
fn archives_that_were_made_up_are_refused() {
    let (first, job) = small();
    let archive = exported(&first, "guest", "9999", SMALL, &job).bytes;
    let members = unpacked(&archive);
    let second = Served::of(Site::with(|options| options.limits.model_bytes = 1 << 20));
    let about = key("guest", "9999", SMALL, &job);
    let told = |change: &dyn Fn(&mut Members)| {
        let mut changed = members.clone();
        change(&mut changed);
        refused(&second, &about, &packed(&changed), 400)
    };
    let part = members.keys().find(|name| name.ends_with("Param.json")).unwrap().clone();
    assert!(told(&|all| all.get_mut(&part).unwrap().push(b' ')).contains("was changed"));
    assert!(told(&|all| drop(all.remove(&part))).contains("taken out"));
    assert!(told(&|all| drop(all.insert("variables/data/a/b/C".into(), vec![]))).contains("was added"));
    for name in ["../evil", "/etc/evil", "a\\..\\evil", "variables/data/../../evil", "evil.sh", "variables/../x/"] {
        assert!(told(&|all| drop(all.insert(name.into(), vec![]))).contains("does not belong"), "{name}");
    }
    let bomb = |all: &mut Members| drop(all.insert("import_model.json".into(), vec![0; 2 << 20]));
    assert!(told(&bomb).contains("limit model_bytes"));
    assert!(told(&|all| drop(all.insert("parcae.json".into(), b"{}".into()))).contains("parcae.json"));
    let later = |all: &mut Members| drop(all.insert("parcae.json".into(), b"{\"format\": 2}".into()));
    assert!(told(&later).contains("format 2"));
    assert!(told(&|all| all.clear()).contains("not the archive of a model"));
    assert!(told(&|all| all.retain(|name, _| name == "import_model.json")).contains("not the archive of a model"));
    let many = |all: &mut Members| all.extend((0..10_001).map(|i| (format!("variables/data/a/b/c{i}"), vec![])));
    assert!(told(&many).contains("10000 members"));
}

#[test]
fn archives_as_fate_writes_them_need_their_digest() {
    let (first, job) = small();
    let archive = exported(&first, "host", "10000", SMALL, &job).bytes;
    let mut members = unpacked(&archive);
    members.remove("parcae.json");
    members.insert("define/".into(), vec![]);
    members.insert("variables/".into(), vec![]);
    members.insert(".lock".into(), vec![]);
    let foreign = packed(&members);
    let (second, mut about) = (Served::new(), key("host", "10000", SMALL, &job));
    assert!(refused(&second, &about, &foreign, 400).contains("hash"));
    about["hash"] = sha256(&foreign).into();
    let (status, answer) = import(&second, &about, &foreign);
    assert_eq!(status, 200, "{answer}");
    let again = exported(&second, "host", "10000", SMALL, &job).bytes;
    let again = unpacked(&again);
    for (name, bytes) in members.iter().filter(|(name, _)| name.starts_with("variables/data/data_transform_0")) {
        assert_eq!(again.get(name), Some(bytes), "{name}");
    }
    about["model_version"] = "another".into();
    let pipeline = "variables/data/pipeline/pipeline/Pipeline";
    members.insert(pipeline.into(), vec![0xff; 9]);
    let broken = packed(&members);
    about["hash"] = sha256(&broken).into();
    assert!(refused(&second, &about, &broken, 400).contains("Pipeline"));
}

#[test]
fn the_name_that_was_asked_for_is_the_one_it_gets() {
    let (served, job) = small();
    let archive = exported(&served, "guest", "9999", SMALL, &job).bytes;
    let (status, answer) = import(&served, &key("guest", "9999", SMALL, &job), &archive);
    assert_eq!(status, 409, "{answer}");
    assert!(answer["retmsg"].as_str().unwrap().contains("force_update"), "{answer}");
    let mut again = key("guest", "9999", SMALL, &job);
    again["force_update"] = "1".into();
    assert_eq!(import(&served, &again, &archive).0, 200);
    let (status, answer) = import(&served, &key("guest", "10000", SMALL, "other"), &archive);
    assert_eq!(status, 400);
    assert!(answer["retmsg"].as_str().unwrap().contains("guest 9999, host 10000"), "{answer}");
    let elsewhere = "guest-1#host-2#model";
    assert_eq!(import(&served, &key("guest", "9999", elsewhere, "renamed_1"), &archive).0, 200);
    let row = &served.data("model/query", json!({"model_version": "renamed_1"}))[0];
    let common = &row["f_train_runtime_conf"]["job_parameters"]["common"];
    assert_eq!((&common["model_id"], &common["model_version"]), (&json!(elsewhere), &json!("renamed_1")));
    let again = exported(&served, "guest", "9999", elsewhere, "renamed_1");
    let (before, after) = (unpacked(&archive), unpacked(&again.bytes));
    let part = before.keys().find(|name| name.ends_with("Param.json")).unwrap();
    assert_eq!(before[part], after[part]);
    for (model, version) in [("a b", "1"), ("../x", "1"), (SMALL, "../1"), (SMALL, "")] {
        assert_eq!(import(&served, &key("guest", "9999", model, version), &archive).0, 400, "{model} {version}");
    }
}

#[test]
fn forms_and_requests_without_what_is_needed_are_refused() {
    let served = Served::new();
    assert_eq!(served.post("model/import", key("guest", "9999", SMALL, "1")).0, 400);
    assert_eq!(served.post_nothing("model/import").0, 400);
    let fields = [("role", "guest"), ("party_id", "9999"), ("model_id", SMALL)];
    let (status, answer) = served.post_form("model/import", form_with(&fields, "model.zip", b""));
    assert_eq!((status, answer["retmsg"].as_str()), (400, Some("required arguments are missing: model_version")));
    let missing = served.get_with_body("model/export", key("guest", "9999", SMALL, "1"));
    assert_eq!((missing.status, missing.json()["retcode"].as_i64()), (404, Some(404)));
    assert_eq!(served.get_with_body("model/export", json!({"role": "guest"})).status, 400);
    assert_eq!(served.download("model/export", key("boss", "9999", SMALL, "1")).status, 400);
}
