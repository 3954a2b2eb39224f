//! Archives of models that were damaged, or taken apart and put together with other things in them: a node refuses them
//! with words, or has a model that it can export again.

use std::fs::File;
use std::io::{Cursor, Read, Seek, Write};

use parcae_domain::party::{Party, Role};
use parcae_node::{ImportRequest, NodeError};
use parcae_tests::{Site, breast};
use serde_json::{Value, json};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::random::Random;
use crate::{check_words, fuzz, mutate};

const MODEL: &str = "guest-9999#host-10000#model";

/// Names of members that no archive has.
const NAMES: [&str; 8] = [
    "../../etc/passwd",
    "/etc/passwd",
    "variables/data/../../../x",
    "variables/data/data_transform_0/model/",
    "define\\define_meta.yaml",
    "parcae.json",
    "checkpoint/data_transform_0/0#x",
    "",
];
/// Values that no archive has where they stand.
const VALUES: [&str; 10] = ["null", "0", "-1", "1e300", "\"\"", "[]", "{}", "\"\\u0000\"", "[[[[]]]]", "\"9999\""];

type Members = Vec<(String, Vec<u8>)>;

fn guest() -> Party {
    Party::new(Role::Guest, 9999)
}

/// A model of the guest without cryptography, as an archive.
fn archive() -> (Vec<u8>, String) {
    let site = Site::new();
    breast::upload(&site);
    let (mut dsl, mut conf) = breast::job();
    let kept = ["reader_0", "data_transform_0"];
    dsl["components"].as_object_mut().unwrap().retain(|name, _| kept.contains(&name.as_str()));
    conf["component_parameters"]["common"].as_object_mut().unwrap().retain(|name, _| name == "data_transform_0");
    conf["role"].as_object_mut().unwrap().remove("arbiter");
    let version = site.succeed(&dsl, &conf);
    let mut bytes = Vec::new();
    site.node.default_tenant().export_model(guest(), MODEL, &version).unwrap().file.read_to_end(&mut bytes).unwrap();
    (bytes, version)
}

fn unpacked(archive: &[u8]) -> Members {
    let mut zip = ZipArchive::new(Cursor::new(archive)).unwrap();
    let mut members = Members::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        members.push((name, bytes));
    }
    members
}

/// An archive of whatever members; none when the writer refuses them.
fn packed(random: &mut Random, members: &Members) -> Option<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = random.once_in(2);
    for (name, bytes) in members {
        let method = if stored { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default().compression_method(method);
        if name.ends_with('/') {
            zip.add_directory(name.as_str(), options).ok()?;
        } else {
            zip.start_file(name.as_str(), options).ok()?;
            zip.write_all(bytes).ok()?;
        }
    }
    Some(zip.finish().ok()?.into_inner())
}

/// Another value at one place of a JSON text, or somewhere in it.
fn wrong_json(random: &mut Random, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut json: Value = serde_json::from_slice(bytes).ok()?;
    let mut at = &mut json;
    for _ in 0..random.below(5) {
        let inside = at.as_object().map_or(0, |fields| fields.len()).max(at.as_array().map_or(0, Vec::len));
        if inside == 0 {
            break;
        }
        let place = random.below(inside);
        at = match at {
            Value::Object(fields) => fields.values_mut().nth(place)?,
            other => other.get_mut(place)?,
        };
    }
    *at = serde_json::from_str::<Value>(random.pick::<&str>(&VALUES)).unwrap_or(json!(null));
    serde_json::to_vec(&json).ok()
}

fn damaged(random: &mut Random, members: &mut Members) {
    let at = random.below(members.len());
    match random.below(8) {
        0 => {
            members.remove(at);
        }
        1 => members.push(members[at].clone()),
        2 => members[at].0 = (*random.pick(&NAMES)).to_owned(),
        3 => {
            let other = random.below(members.len());
            members[at].1 = members[other].1.clone();
        }
        4 => {
            let other = members[random.below(members.len())].1.clone();
            mutate::bytes(random, &mut members[at].1, &other);
        }
        5 => members[at].1 = vec![b'['; random.below(100_000)],
        _ => {
            if let Some(json) = wrong_json(random, &members[at].1) {
                members[at].1 = json;
            }
        }
    }
}

/// What is thrown away of the manifest, so that a changed archive gets beyond it.
fn without_manifest(members: &mut Members) {
    members.retain(|(name, _)| name != "parcae.json");
}

fn invented(random: &mut Random, whole: &[u8], members: &Members) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    if random.once_in(3) {
        mutate::bytes(random, &mut bytes, whole);
        return bytes;
    }
    let mut members = members.clone();
    if random.once_in(2) {
        without_manifest(&mut members);
    }
    for _ in 0..=random.below(2) {
        if !members.is_empty() {
            damaged(random, &mut members);
        }
    }
    packed(random, &members).unwrap_or(bytes)
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

#[test]
fn archives_of_models() {
    let (whole, version) = archive();
    let members = unpacked(&whole);
    let site = Site::new();
    let request = ImportRequest {
        party: guest(),
        model_id: MODEL.to_owned(),
        model_version: version.clone(),
        force: true,
        hash: None,
    };
    site.node.default_tenant().import_model(&request, &file(&whole)).unwrap();
    fuzz(
        "archives",
        |random| invented(random, &whole, &members),
        |bytes| match site.node.default_tenant().import_model(&request, &file(bytes)) {
            Ok(_) => {
                let again = site.node.default_tenant().export_model(guest(), MODEL, &version).unwrap();
                assert!(again.bytes > 0);
                true
            }
            Err(NodeError::Internal(said)) => panic!("the node fails: {said}"),
            Err(refused) => {
                check_words(&refused.to_string());
                false
            }
        },
    );
}
