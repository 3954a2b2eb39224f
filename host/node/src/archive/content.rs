//! What the members of an archive mean: the record of a model, what its components saved, its checkpoints. By the
//! manifest, whose digests must agree; without one by FATE's description of the model. Not for: taking the file apart
//! (`unpack`).

use std::collections::BTreeSet;

use parcae_domain::{
    id::is_component_name,
    party::{Party, Role},
    port::ModelPart,
};
use serde_json::Value;

use crate::archive::layout::{Form, Member, Step};
use crate::archive::manifest::{FORMAT, Manifest, ManifestFormat, Saved, SavedStep};
use crate::archive::unpack::{Members, Refused};
use crate::archive::{pipeline, sha256};
use crate::model_info::ModelInfo;

/// Name of a component's model where its DSL has none.
const ALIAS: &str = "model";

/// What an archive holds.
#[derive(Debug)]
pub(crate) struct Unpacked {
    /// All that is known of the model.
    pub(crate) info: ModelInfo,
    /// Whose it was, where the archive says so.
    pub(crate) role: Option<Role>,
    /// What components saved.
    pub(crate) components: Vec<(Saved, Vec<ModelPart>)>,
    /// What they saved on the way.
    pub(crate) checkpoints: Vec<(SavedStep, Vec<ModelPart>)>,
}

/// Reads the members of an archive. One without a manifest is read only when its digest was `vouched` for.
pub(crate) fn read(mut members: Members, vouched: bool) -> Result<Unpacked, Refused> {
    let description = Member::Pipeline(Form::Bytes);
    if !members.contains_key(&description) {
        let path = description.path();
        return Err(Refused(format!("the archive has no {path}: it is not the archive of a model")));
    }
    let unpacked = match members.remove(&Member::Manifest) {
        Some(manifest) => by_manifest(&mut members, &manifest)?,
        None if vouched => by_description(&mut members, &description)?,
        None => {
            return Err(Refused(
                "the archive has no parcae.json, so that nothing tells whether it is whole; FATE's archives have none: \
                 pass the SHA-256 of the file as hash to import it all the same"
                    .into(),
            ));
        }
    };
    let is_part = |member: &&Member| matches!(member, Member::Part { .. } | Member::CheckpointPart { .. });
    match members.keys().find(is_part) {
        Some(left) => Err(Refused(format!("the member {:?} of the archive belongs to nothing in it", left.path()))),
        None => Ok(unpacked),
    }
}

fn by_manifest(members: &mut Members, bytes: &[u8]) -> Result<Unpacked, Refused> {
    let damaged = |e: serde_json::Error| Refused(format!("parcae.json of the archive cannot be read: {e}"));
    let ManifestFormat { format } = serde_json::from_slice(bytes).map_err(damaged)?;
    if format != FORMAT {
        return Err(Refused(format!(
            "the archive has the format {format}, this version reads {FORMAT}: import it with the version that wrote it"
        )));
    }
    let manifest: Manifest = serde_json::from_slice(bytes).map_err(damaged)?;
    for (member, bytes) in members.iter() {
        let path = member.path();
        match manifest.members.get(&path) {
            Some(digest) if *digest == sha256(bytes) => {}
            Some(_) => return Err(Refused(format!("the member {path:?} was changed after the archive was made"))),
            None => return Err(Refused(format!("the member {path:?} was added after the archive was made"))),
        }
    }
    let is_gone = |path: &&String| Member::parse(path).is_none_or(|member| !members.contains_key(&member));
    if let Some(path) = manifest.members.keys().find(is_gone) {
        return Err(Refused(format!("the member {path:?} was taken out after the archive was made")));
    }
    let mut components = Vec::with_capacity(manifest.components.len());
    for saved in manifest.components {
        let parts = component_parts(members, &saved)?;
        components.push((saved, parts));
    }
    let mut checkpoints = Vec::with_capacity(manifest.checkpoints.len());
    for saved in manifest.checkpoints {
        let parts = checkpoint_parts(members, &saved)?;
        checkpoints.push((saved, parts));
    }
    Ok(Unpacked { info: manifest.info, role: Some(manifest.role), components, checkpoints })
}

fn by_description(members: &mut Members, description: &Member) -> Result<Unpacked, Refused> {
    let bytes = members.get(description).map(Vec::as_slice).unwrap_or_default();
    let info = pipeline::read(bytes).map_err(|e| Refused(format!("{}: {e}", description.path())))?;
    let (mut saved, mut steps) = (BTreeSet::new(), BTreeSet::new());
    for member in members.keys() {
        match member {
            Member::Part { component, alias, .. } => saved.insert((component.clone(), alias.clone())),
            Member::CheckpointPart { step, .. } => steps.insert(step.clone()),
            _ => false,
        };
    }
    let mut components = Vec::with_capacity(saved.len());
    for (component, alias) in saved {
        let names = names(members, |member| match member {
            Member::Part { component: c, alias: a, name, .. } if *c == component && *a == alias => Some(name),
            _ => None,
        });
        let module = module(&info, &component)?;
        let saved = Saved { component, alias, module, version: 0, parts: names };
        let parts = component_parts(members, &saved)?;
        components.push((saved, parts));
    }
    let mut checkpoints = Vec::with_capacity(steps.len());
    for step in steps {
        let names = names(members, |member| match member {
            Member::CheckpointPart { step: s, name, .. } if *s == step => Some(name),
            _ => None,
        });
        let alias = info.train_dsl["components"][step.component.as_str()]["output"]["model"][0].as_str();
        let saved = SavedStep {
            alias: alias.unwrap_or(ALIAS).to_owned(),
            module: module(&info, &step.component)?,
            component: step.component,
            step_index: step.index,
            step_name: step.name,
            parts: names,
        };
        let parts = checkpoint_parts(members, &saved)?;
        checkpoints.push((saved, parts));
    }
    Ok(Unpacked { info, role: None, components, checkpoints })
}

/// Names of parts, each once, in order.
fn names<'a>(members: &'a Members, name: impl Fn(&'a Member) -> Option<&'a String>) -> Vec<String> {
    let found: BTreeSet<&String> = members.keys().filter_map(name).collect();
    found.into_iter().cloned().collect()
}

/// Module of a component; only the DSL of the training knows all.
fn module(info: &ModelInfo, component: &str) -> Result<String, Refused> {
    let of = |dsl: &Value| dsl["components"][component]["module"].as_str().map(str::to_owned);
    of(&info.train_dsl).or_else(|| of(&info.inference_dsl)).ok_or_else(|| {
        Refused(format!("the archive has a model of component {component}, which its train DSL does not have"))
    })
}

fn component_parts(members: &mut Members, saved: &Saved) -> Result<Vec<ModelPart>, Refused> {
    check_words(&saved.component, &saved.alias, &saved.module)?;
    let member = |name: &str, form| Member::Part {
        component: saved.component.clone(),
        alias: saved.alias.clone(),
        name: name.to_owned(),
        form,
    };
    saved.parts.iter().map(|name| take(members, name, &|form| member(name, form))).collect()
}

fn checkpoint_parts(members: &mut Members, saved: &SavedStep) -> Result<Vec<ModelPart>, Refused> {
    check_words(&saved.component, &saved.alias, &saved.module)?;
    let step = Step { component: saved.component.clone(), index: saved.step_index, name: saved.step_name.clone() };
    let about = Member::CheckpointAbout(step.clone());
    if members.remove(&about).is_none() {
        return Err(Refused(format!("the archive has no {:?}", about.path())));
    }
    let member = |name: &str, form| Member::CheckpointPart { step: step.clone(), name: name.to_owned(), form };
    saved.parts.iter().map(|name| take(members, name, &|form| member(name, form))).collect()
}

fn check_words(component: &str, alias: &str, module: &str) -> Result<(), Refused> {
    match [component, alias, module].into_iter().find(|word| !is_component_name(word)) {
        Some(word) => {
            let text = format!("the archive has the name {word:?}, which no component, model or module has");
            Err(Refused(text))
        }
        None => Ok(()),
    }
}

/// Takes both halves of a part out of the members.
fn take(members: &mut Members, name: &str, member: &dyn Fn(Form) -> Member) -> Result<ModelPart, Refused> {
    let mut half = |form| {
        let member = member(form);
        members.remove(&member).ok_or_else(|| Refused(format!("the archive has no {:?}", member.path())))
    };
    let (bytes, json) = (half(Form::Bytes)?, half(Form::Json)?);
    let no_json = |why: &str| {
        let path = member(Form::Json).path();
        Refused(format!("the member {path:?} of the archive is not the JSON object of a model: {why}"))
    };
    let json = String::from_utf8(json).map_err(|e| no_json(&e.to_string()))?;
    match serde_json::from_str::<Value>(&json) {
        Ok(Value::Object(_)) => Ok(ModelPart { name: name.to_owned(), json, bytes }),
        Ok(_) => Err(no_json("it is something else")),
        Err(e) => Err(no_json(&e.to_string())),
    }
}

/// The party whose model an archive may become: one that took part in the training.
pub(crate) fn check_party(info: &ModelInfo, party: Party) -> Result<(), Refused> {
    if info.roles.get(&party.role).is_some_and(|ids| ids.contains(&party.id)) {
        return Ok(());
    }
    let parties: Vec<String> = info.parties().iter().map(|p| format!("{} {}", p.role, p.id)).collect();
    Err(Refused(format!(
        "{} {} did not take part in the training of this model; name one of those that did: {}",
        party.role,
        party.id,
        parties.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_manifest_says_is_quoted_without_what_a_terminal_obeys() {
        let manifest = br#"{"format": 1, "role": "\u0000\u001b[2J\u202eguest"}"#;
        let members =
            Members::from([(Member::Pipeline(Form::Bytes), Vec::new()), (Member::Manifest, manifest.to_vec())]);
        let said = read(members, true).unwrap_err().to_string();
        assert!(said.contains("unknown variant `\u{fffd}\u{fffd}[2J\u{fffd}guest`"), "{said:?}");
        assert!(!said.chars().any(char::is_control), "{said:?}");
    }
}
