//! Writes an archive. Not for: what was saved under which name (`Node::export_model`).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::Path;

use parcae_domain::port::ModelPart;
use parcae_metadata::{Checkpoint, ComponentModel, ModelKey};
use prost::Message;
use serde::Serialize;
use serde_json::{Map, Value, json};
use zip::{CompressionMethod, ZipWriter, result::ZipError, write::SimpleFileOptions};

use crate::archive::layout::{Form, Member, PIPELINE, Step};
use crate::archive::manifest::{FORMAT, Manifest, Saved, SavedStep};
use crate::archive::pipeline::Pipeline;
use crate::archive::sha256;
use crate::checkpoints::{iso_utc, sha1};
use crate::model_info::ModelInfo;

/// How hard to compress: zlib's default.
const LEVEL: i64 = 6;

/// What goes into an archive.
pub(crate) struct Content {
    /// Whose model it is.
    pub(crate) key: ModelKey,
    /// All that is known of it.
    pub(crate) info: Value,
    /// What components saved.
    pub(crate) components: Vec<ComponentModel>,
    /// What they saved on the way.
    pub(crate) checkpoints: Vec<Checkpoint>,
}

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackError {
    /// The disk is full.
    #[error("write the archive: {0}")]
    Write(#[from] io::Error),
    /// The zip file could not be written.
    #[error("write the archive: {0}")]
    Zip(#[from] ZipError),
    /// A part has a name that the layout has no place for.
    #[error("{0:?} cannot be a member of an archive")]
    Name(String),
    /// What is known of the model is damaged.
    #[error("what is known of the model cannot be read or written: {0}")]
    Info(#[from] serde_json::Error),
}

impl Content {
    /// What FATE calls the archive.
    pub(crate) fn archive_name(&self) -> String {
        let ModelKey { party, model_id, model_version, .. } = &self.key;
        format!("{}#{}#{model_id}_{model_version}.zip", party.role, party.id)
    }
}

/// Packs a model into a file of a folder that vanishes when it is closed; the file at its beginning, and its bytes.
pub(crate) fn pack(content: &Content, folder: &Path) -> Result<(File, u64), PackError> {
    let info: ModelInfo = serde_json::from_value(content.info.clone())?;
    let file = tempfile::tempfile_in(folder)?;
    let mut packer = Packer { zip: ZipWriter::new(file), members: BTreeMap::new() };
    packer.put(&Member::DefineMeta, define_meta(&content.components).as_bytes())?;
    packer.pipeline(content, &info)?;
    let mut components = Vec::with_capacity(content.components.len());
    for model in &content.components {
        components.push(packer.component(content, &info, model)?);
    }
    let mut checkpoints = Vec::with_capacity(content.checkpoints.len());
    for checkpoint in &content.checkpoints {
        checkpoints.push(packer.checkpoint(checkpoint)?);
    }
    packer.json(&Member::ImportConf, &import_conf(content))?;
    let ModelKey { party, model_id, model_version, .. } = content.key.clone();
    let manifest = Manifest {
        format: FORMAT,
        role: party.role,
        party_id: party.id,
        model_id,
        model_version,
        info,
        components,
        checkpoints,
        members: packer.members.clone(),
    };
    packer.json(&Member::Manifest, &manifest)?;
    let mut file = packer.zip.finish()?;
    let bytes = file.seek(io::SeekFrom::End(0))?;
    file.rewind()?;
    Ok((file, bytes))
}

struct Packer {
    zip: ZipWriter<File>,
    /// Digest of every member so far.
    members: BTreeMap<String, String>,
}

impl Packer {
    fn put(&mut self, member: &Member, bytes: &[u8]) -> Result<(), PackError> {
        let path = member.path();
        if Member::parse(&path).as_ref() != Some(member) || self.members.contains_key(&path) {
            return Err(PackError::Name(path));
        }
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .unix_permissions(0o644);
        self.zip.start_file(path.as_str(), options)?;
        self.zip.write_all(bytes)?;
        self.members.insert(path, sha256(bytes));
        Ok(())
    }

    fn json(&mut self, member: &Member, value: &impl Serialize) -> Result<(), PackError> {
        self.put(member, &serde_json::to_vec_pretty(value)?)
    }

    fn pipeline(&mut self, content: &Content, info: &ModelInfo) -> Result<(), PackError> {
        let pipeline = Pipeline::of(info, &content.key.model_id, &content.key.model_version);
        self.put(&Member::Pipeline(Form::Bytes), &pipeline.encode_to_vec())?;
        self.json(&Member::Pipeline(Form::Json), &pipeline.to_json())
    }

    fn component(&mut self, content: &Content, info: &ModelInfo, model: &ComponentModel) -> Result<Saved, PackError> {
        for part in &model.parts {
            let member = |form| Member::Part {
                component: model.component.clone(),
                alias: model.alias.clone(),
                name: part.name.clone(),
                form,
            };
            self.put(&member(Form::Bytes), &part.bytes)?;
            self.put(&member(Form::Json), part.json.as_bytes())?;
        }
        let parameters = Member::RunParameters { component: model.component.clone() };
        if !self.members.contains_key(&parameters.path()) {
            self.json(&parameters, &run_parameters(content, info, &model.component))?;
        }
        Ok(Saved {
            component: model.component.clone(),
            alias: model.alias.clone(),
            module: model.module.clone(),
            version: model.version,
            parts: names(&model.parts),
        })
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<SavedStep, PackError> {
        let step = Step {
            component: checkpoint.component.clone(),
            index: checkpoint.step_index,
            name: checkpoint.step_name.clone(),
        };
        for part in &checkpoint.parts {
            let member = |form| Member::CheckpointPart { step: step.clone(), name: part.name.clone(), form };
            self.put(&member(Form::Bytes), &part.bytes)?;
            self.put(&member(Form::Json), part.json.as_bytes())?;
        }
        self.put(&Member::CheckpointAbout(step), database(checkpoint).as_bytes())?;
        Ok(SavedStep {
            component: checkpoint.component.clone(),
            alias: checkpoint.alias.clone(),
            module: checkpoint.module.clone(),
            step_index: checkpoint.step_index,
            step_name: checkpoint.step_name.clone(),
            parts: names(&checkpoint.parts),
        })
    }
}

fn names(parts: &[ModelPart]) -> Vec<String> {
    parts.iter().map(|part| part.name.clone()).collect()
}

/// A text in YAML: JSON's quotes are among those that it knows.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Modules and parts by component.
fn define_meta(components: &[ComponentModel]) -> String {
    let mut modules = BTreeMap::from([(PIPELINE, "Pipeline")]);
    let mut parts: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> =
        BTreeMap::from([(PIPELINE, BTreeMap::from([(PIPELINE, vec!["Pipeline"])]))]);
    for model in components {
        modules.insert(&model.component, &model.module);
        let names = model.parts.iter().map(|part| part.name.as_str()).collect();
        parts.entry(&model.component).or_default().insert(&model.alias, names);
    }
    let mut text = String::from("component_define:\n");
    for (component, module) in modules {
        text += &format!("  {}:\n    module_name: {}\n", quoted(component), quoted(module));
    }
    text += "model_proto:\n";
    for (component, aliases) in parts {
        text += &format!("  {}:\n", quoted(component));
        for (alias, names) in aliases {
            let pairs: Vec<String> = names.iter().map(|name| format!("{0}: {0}", quoted(name))).collect();
            text += &format!("    {}: {{{}}}\n", quoted(alias), pairs.join(", "));
        }
    }
    text
}

/// What a checkpoint consists of.
fn database(checkpoint: &Checkpoint) -> String {
    let mut text = format!(
        "step_index: {}\nstep_name: {}\ncreate_time: {}\nmodels:\n",
        checkpoint.step_index,
        quoted(&checkpoint.step_name),
        quoted(&iso_utc(checkpoint.created_ms))
    );
    for part in &checkpoint.parts {
        let name = quoted(&part.name);
        text += &format!("  {name}:\n    buffer_name: {name}\n    sha1: {}\n", quoted(&sha1(&part.bytes)));
    }
    text
}

/// A conf that imports the archive as it is; the client wants an absolute path instead of the name.
fn import_conf(content: &Content) -> Value {
    json!({
        "role": content.key.party.role.as_str(),
        "party_id": content.key.party.id,
        "model_id": content.key.model_id,
        "model_version": content.key.model_version,
        "file": content.archive_name(),
        "force_update": false,
    })
}

/// Parameters that the conf gives to a component at the party of the model.
fn run_parameters(content: &Content, info: &ModelInfo, component: &str) -> Value {
    let party = content.key.party;
    let all = &info.train_runtime_conf["component_parameters"];
    let mut found = Map::new();
    let mut add = |more: Option<&Value>| found.extend(more.and_then(Value::as_object).cloned().unwrap_or_default());
    add(all["common"].get(component));
    let place = info.roles.get(&party.role).and_then(|ids| ids.iter().position(|id| *id == party.id));
    let is_meant = |index: &str| {
        let one = |word: &str| place.is_some_and(|place| word.trim() == place.to_string());
        index == "all" || index.split('|').any(one)
    };
    let of_role = all["role"][party.role.as_str()].as_object().into_iter().flatten();
    of_role.filter(|(index, _)| is_meant(index)).for_each(|(_, of)| add(of.get(component)));
    Value::Object(found)
}

#[cfg(test)]
mod tests {
    use parcae_domain::party::{Party, Role};

    use super::*;
    use crate::archive::model_key;

    #[test]
    fn yaml_is_what_fate_reads() {
        let key = model_key(
            &parcae_domain::tenant::TenantId::default_tenant(),
            Party::new(Role::Guest, 9999),
            "guest-9999#model",
            "1",
        );
        let part = ModelPart { name: "LRMeta".into(), json: "{}".into(), bytes: vec![] };
        let model = ComponentModel {
            key,
            component: "lr_0".into(),
            alias: "model".into(),
            module: "HeteroLR".into(),
            version: 0,
            parts: vec![part.clone(), ModelPart { name: "LRParam".into(), ..part }],
            created_ms: 0,
        };
        let want = "component_define:\n  \"lr_0\":\n    module_name: \"HeteroLR\"\n  \"pipeline\":\n    module_name: \
                    \"Pipeline\"\nmodel_proto:\n  \"lr_0\":\n    \"model\": {\"LRMeta\": \"LRMeta\", \"LRParam\": \
                    \"LRParam\"}\n  \"pipeline\":\n    \"pipeline\": {\"Pipeline\": \"Pipeline\"}\n";
        assert_eq!(define_meta(&[model]), want);
    }

    #[test]
    fn parameters_are_those_of_the_party() {
        let conf = json!({"component_parameters": {
            "common": {"lr": {"max_iter": 3, "tol": 1}},
            "role": {"host": {"0": {"lr": {"tol": 2}}, "0|1": {"lr": {"alpha": 4}}, "all": {"lr": {"x": 5}}}}}});
        let info = ModelInfo {
            roles: BTreeMap::from([(Role::Host, vec![10000, 10001])]),
            train_runtime_conf: conf,
            ..ModelInfo::default()
        };
        let key =
            model_key(&parcae_domain::tenant::TenantId::default_tenant(), Party::new(Role::Host, 10001), "m", "1");
        let content = Content { key, info: Value::Null, components: vec![], checkpoints: vec![] };
        let want = json!({"max_iter": 3, "tol": 1, "alpha": 4, "x": 5});
        assert_eq!(run_parameters(&content, &info, "lr"), want);
    }
}
