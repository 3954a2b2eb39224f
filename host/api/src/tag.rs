//! Arguments and answers about tags of models. Not for: the models that have them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    arguments::Arguments,
    loose::{LooseId, LooseInt},
};

/// Arguments of `model/tag/create`, `update`, `destroy` and `retrieve`; each reads the keys that it has use for.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct TagRequest {
    /// Name of the tag, or, to retrieve, a part of it.
    #[serde(default)]
    #[schema(required = true)]
    pub tag_name: LooseId,
    /// Description of a new tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_desc: Option<LooseId>,
    /// Its new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_tag_name: Option<LooseId>,
    /// Its new description; without one the tag has none afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_tag_desc: Option<LooseId>,
    /// 1: the models that have exactly this tag, rather than tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_model: Option<LooseInt>,
}

impl Arguments for TagRequest {
    const REQUIRED: &'static [&'static str] = &[];
}

/// Arguments of `model/tag/list`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct TagListRequest {
    /// Most tags; all when absent or less than 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<LooseInt>,
}

impl Arguments for TagListRequest {
    const REQUIRED: &'static [&'static str] = &[];
}

/// Arguments of `model/model_tag/create`, `remove` and `retrieve`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ModelTagRequest {
    /// Version of the model: the id of the job that trained it, or what `model/deploy` gave.
    #[serde(default)]
    #[schema(required = true)]
    pub job_id: LooseId,
    /// Name of the tag; not needed to retrieve.
    #[serde(default)]
    pub tag_name: LooseId,
}

impl Arguments for ModelTagRequest {
    const REQUIRED: &'static [&'static str] = &["job_id"];
}

/// Tags that were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tags {
    /// The tags, the oldest first.
    pub tags: Vec<Tag>,
    /// How many there are; only for the tags of a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tag {
    /// Its name.
    pub name: String,
    /// What it stands for, or null.
    pub description: Option<String>,
    /// Versions of models that have it; only in the list of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_count: Option<u64>,
}

/// Models that have a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaggedModels {
    /// One for each party of a model.
    pub models: Vec<TaggedModel>,
    /// How many there are.
    pub count: u64,
}

/// A party's half of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaggedModel {
    /// Id of the model.
    pub model_id: String,
    /// Its version.
    pub model_version: String,
    /// KiB of all its parts.
    pub model_size: u64,
    /// Role of the party.
    pub role: String,
    /// The party.
    pub party_id: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tags_look_as_fates() {
        // Answers of a FATE-Flow 1.11 server.
        let golden = json!({"tags": [{"description": "first tag", "model_count": 0, "name": "tag1"}]});
        let tags: Tags = serde_json::from_value(golden.clone()).unwrap();
        assert_eq!(serde_json::to_value(tags).unwrap(), golden);
        let golden = json!({"count": 1, "tags": [{"description": null, "name": "tag2"}]});
        let tags: Tags = serde_json::from_value(golden.clone()).unwrap();
        assert_eq!(serde_json::to_value(tags).unwrap(), golden);
    }
}
