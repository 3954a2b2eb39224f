//! Checkpoints of models. Not for: deploying them.

use base64::{Engine, engine::general_purpose::STANDARD};
use parcae_api::{
    arguments::party,
    loose::{LooseId, LooseInt},
    model_archive::{Checkpoint, CheckpointEntry, CheckpointPart, CheckpointRequest},
};
use parcae_node::CheckpointView;

use crate::{
    answer::{Answer, Handled, Refusal},
    state::App,
    strict::{Strict, wrong},
};

/// Checkpoints of a component, in the order of their steps.
pub(crate) async fn list(app: App, Strict(request): Strict<CheckpointRequest>) -> Handled {
    let found = find(&app, request).await?;
    Answer::data(found.into_iter().map(entry).collect::<Vec<CheckpointEntry>>())
}

/// One of them, with what it holds.
pub(crate) async fn get(app: App, Strict(request): Strict<CheckpointRequest>) -> Handled {
    let (index, name) = (request.step_index, request.step_name.clone());
    let is_meant = |checkpoint: &CheckpointView| match (&index, &name) {
        (Some(LooseInt(index)), _) => i64::from(checkpoint.step_index) == *index,
        (None, Some(LooseId(name))) => checkpoint.step_name == *name,
        (None, None) => false,
    };
    if index.is_none() && name.is_none() {
        return Err(Refusal::status(400, "required arguments are missing: step_index or step_name"));
    }
    let component = request.component_name.clone();
    let found = find(&app, request).await?.into_iter().find(is_meant);
    let found = found.ok_or_else(|| {
        let text = format!("{component} has no such checkpoint: flow checkpoint list names those that it has");
        Refusal::status(404, &text)
    })?;
    Answer::data(Checkpoint {
        step_index: found.step_index,
        step_name: found.step_name,
        create_time: found.created,
        models: found.parts.into_iter().map(|part| (part.name, STANDARD.encode(part.content))).collect(),
    })
}

async fn find(app: &App, request: CheckpointRequest) -> Result<Vec<CheckpointView>, Refusal> {
    let party = party(&request.role, &request.party_id).map_err(wrong)?;
    app.ask(move |node| {
        let (id, version) = (request.model_id.as_str(), request.model_version.as_str());
        Ok(node.checkpoints(party, id, version, &request.component_name)?)
    })
    .await
}

fn entry(checkpoint: CheckpointView) -> CheckpointEntry {
    let parts = checkpoint.parts.into_iter();
    CheckpointEntry {
        step_index: checkpoint.step_index,
        step_name: checkpoint.step_name,
        create_time: checkpoint.created,
        models: parts
            .map(|part| (part.name.clone(), CheckpointPart { sha1: part.sha1, buffer_name: part.name }))
            .collect(),
    }
}
