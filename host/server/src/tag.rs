//! Tags of models. Not for: the models themselves.

use parcae_api::{
    Envelope,
    loose::{LooseId, LooseInt},
    tag::{ModelTagRequest, Tag, TagListRequest, TagRequest, TaggedModel, TaggedModels, Tags},
};
use parcae_node::NodeError;

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    state::App,
};

/// FATE-Flow answers every fault about tags with retcode 100.
fn refused(error: NodeError) -> Refusal {
    match error {
        NodeError::Invalid(text) => Refusal::exception(&text),
        other => other.into(),
    }
}

fn said(text: &str) -> Handled {
    Ok(Answer(Envelope::success().with_message(text)))
}

fn shown(tag: parcae_node::Tag, with_count: bool) -> Tag {
    Tag {
        name: tag.name,
        description: Some(tag.description).filter(|text| !text.is_empty()),
        model_count: with_count.then_some(tag.versions),
    }
}

fn text(id: Option<&LooseId>) -> &str {
    id.map(LooseId::as_str).unwrap_or_default()
}

/// Makes a tag.
pub(crate) async fn create(app: App, Asked(request): Asked<TagRequest>) -> Handled {
    let name = request.tag_name.0.clone();
    app.ask(move |node| node.create_tag(request.tag_name.as_str(), text(request.tag_desc.as_ref())).map_err(refused))
        .await?;
    said(&format!("'{name}' tag has been created successfully."))
}

/// Tags whose name contains a text, or the models that have one.
pub(crate) async fn retrieve(app: App, Asked(request): Asked<TagRequest>) -> Handled {
    if request.with_model.is_some_and(|LooseInt(wanted)| wanted != 0) {
        return models(&app, request.tag_name.0).await;
    }
    let found = app.ask(move |node| node.tags(Some(request.tag_name.as_str()), None).map_err(refused)).await?;
    if found.is_empty() {
        return Err(Refusal::exception("No tags found."));
    }
    Answer::data(Tags { tags: found.into_iter().map(|tag| shown(tag, false)).collect(), count: None })
}

async fn models(app: &App, name: String) -> Handled {
    let found = app.ask(move |node| node.tagged_models(&name).map_err(refused)).await?;
    let models: Vec<TaggedModel> = found
        .into_iter()
        .map(|model| TaggedModel {
            model_id: model.key.model_id,
            model_version: model.key.model_version,
            model_size: model.bytes.div_ceil(1024),
            role: model.key.party.role.to_string(),
            party_id: model.key.party.id.to_string(),
        })
        .collect();
    let count = models.len() as u64;
    Answer::data(TaggedModels { models, count })
}

/// Renames a tag and replaces its description.
pub(crate) async fn update(app: App, Asked(request): Asked<TagRequest>) -> Handled {
    let name = request.tag_name.0.clone();
    app.ask(move |node| {
        let new_name = request.new_tag_name.as_ref().map(LooseId::as_str).filter(|name| !name.is_empty());
        let description = text(request.new_tag_desc.as_ref());
        node.update_tag(request.tag_name.as_str(), new_name, description).map_err(refused)
    })
    .await?;
    // As FATE-Flow spells it.
    said(&format!("Infomation of '{name}' tag has been updated successfully."))
}

/// Removes a tag.
pub(crate) async fn destroy(app: App, Asked(request): Asked<TagRequest>) -> Handled {
    let name = request.tag_name.0.clone();
    app.ask(move |node| node.delete_tag(request.tag_name.as_str()).map_err(refused)).await?;
    said(&format!("'{name}' tag has been deleted successfully."))
}

/// All tags.
pub(crate) async fn list(app: App, Asked(request): Asked<TagListRequest>) -> Handled {
    let limit = request.limit.and_then(|LooseInt(limit)| u32::try_from(limit).ok());
    let found = app.ask(move |node| node.tags(None, limit).map_err(refused)).await?;
    Answer::data(Tags { tags: found.into_iter().map(|tag| shown(tag, true)).collect(), count: None })
}

/// Gives a tag to a version of a model.
pub(crate) async fn tag_model(app: App, Asked(request): Asked<ModelTagRequest>) -> Handled {
    let done = format!("Adding {} tag for model with job id: {} successfully.", request.tag_name.0, request.job_id.0);
    app.ask(move |node| node.tag_model(request.job_id.as_str(), request.tag_name.as_str()).map_err(refused)).await?;
    said(&done)
}

/// Takes a tag from a version of a model.
pub(crate) async fn untag_model(app: App, Asked(request): Asked<ModelTagRequest>) -> Handled {
    let (version, name) = (request.job_id.0.clone(), request.tag_name.0.clone());
    let model = app
        .ask(move |node| node.untag_model(request.job_id.as_str(), request.tag_name.as_str()).map_err(refused))
        .await?;
    said(&format!("'{name}' tag has been removed from tag list of model {model} {version}."))
}

/// The tags of a version of a model.
pub(crate) async fn of_model(app: App, Asked(request): Asked<ModelTagRequest>) -> Handled {
    let found = app.ask(move |node| node.tags_of_model(request.job_id.as_str()).map_err(refused)).await?;
    let tags: Vec<Tag> = found.into_iter().map(|tag| shown(tag, false)).collect();
    let count = Some(tags.len() as u64);
    Answer::data(Tags { tags, count })
}
