//! Tags of models: made, renamed, removed, given to versions of models and taken from them. Not for: the models
//! themselves.

use parcae_metadata::{ModelFilter, StoreError, Tag, TaggedModel};

use crate::queries::store;
use crate::saved;
use crate::tenant::Tenant;
use crate::view::NodeError;

/// Longest name of a tag, characters.
const NAME: usize = 100;
/// Longest description of a tag, characters.
const DESCRIPTION: usize = 10_000;

impl Tenant<'_> {
    /// Makes a tag.
    pub fn create_tag(&self, name: &str, description: &str) -> Result<(), NodeError> {
        check(name, description)?;
        self.site.store.commit(|tx| tx.create_tag(self.name(), name, description)).map_err(|e| told(e, name))
    }

    /// Tags whose name contains a text, the oldest first; at most so many.
    pub fn tags(&self, part: Option<&str>, limit: Option<u32>) -> Result<Vec<Tag>, NodeError> {
        self.site.store.tags(self.name(), part, limit).map_err(store)
    }

    /// The models whose versions have a tag.
    pub fn tagged_models(&self, name: &str) -> Result<Vec<TaggedModel>, NodeError> {
        self.tag(name)?;
        self.site.store.tagged_models(self.name(), name).map_err(store)
    }

    /// Gives a tag another name and another description; without a name it keeps its own.
    pub fn update_tag(&self, name: &str, new_name: Option<&str>, description: &str) -> Result<(), NodeError> {
        let tag = self.tag(name)?;
        let new_name = new_name.unwrap_or(name);
        check(new_name, description)?;
        if tag.name == new_name && tag.description == description {
            return Err(NodeError::Invalid(format!(
                "tag {name:?} has that name and that description already: nothing to be updated"
            )));
        }
        let update = self.site.store.commit(|tx| tx.update_tag(self.name(), name, new_name, description));
        update.map_err(|e| told(e, new_name))
    }

    /// Removes a tag; the models that have it stay.
    pub fn delete_tag(&self, name: &str) -> Result<(), NodeError> {
        match self.site.store.commit(|tx| tx.delete_tag(self.name(), name)).map_err(store)? {
            true => Ok(()),
            false => Err(no_tag(name)),
        }
    }

    /// Gives a tag to a version of a model; a tag that is not there is made.
    pub fn tag_model(&self, model_version: &str, name: &str) -> Result<(), NodeError> {
        check(name, "")?;
        self.model_of_version(model_version)?;
        match self.site.store.commit(|tx| tx.tag_model(self.name(), model_version, name)).map_err(store)? {
            true => Ok(()),
            false => Err(NodeError::Exists(format!("model version {model_version} has the tag {name:?} already"))),
        }
    }

    /// Takes a tag from a version of a model; the id of the model.
    pub fn untag_model(&self, model_version: &str, name: &str) -> Result<String, NodeError> {
        let model_id = self.model_of_version(model_version)?;
        self.tag(name)?;
        match self.site.store.commit(|tx| tx.untag_model(self.name(), model_version, name)).map_err(store)? {
            true => Ok(model_id),
            false => Err(NodeError::NotFound(format!("model version {model_version} does not have the tag {name:?}"))),
        }
    }

    /// The tags of a version of a model.
    pub fn tags_of_model(&self, model_version: &str) -> Result<Vec<Tag>, NodeError> {
        self.model_of_version(model_version)?;
        self.site.store.tags_of(self.name(), model_version).map_err(store)
    }

    fn tag(&self, name: &str) -> Result<Tag, NodeError> {
        self.site.store.tag(self.name(), name).map_err(store)?.ok_or_else(|| no_tag(name))
    }

    /// The id of the model of that version.
    fn model_of_version(&self, model_version: &str) -> Result<String, NodeError> {
        saved::settle(&self.site, self.id(), model_version).map_err(store)?;
        let filter = ModelFilter {
            tenant: Some(self.name().to_owned()),
            model_version: Some(model_version.to_owned()),
            ..ModelFilter::default()
        };
        let found = self.site.store.models(&filter).map_err(store)?.into_iter().next();
        found.map(|model| model.key.model_id).ok_or_else(|| {
            NodeError::NotFound(format!(
                "there is no model of version {model_version:?}: it is the id of a job that has ended, or what \
                 model/deploy gave"
            ))
        })
    }
}

fn no_tag(name: &str) -> NodeError {
    NodeError::NotFound(format!("there is no tag {name:?}"))
}

fn told(error: StoreError, name: &str) -> NodeError {
    match error {
        StoreError::Exists(_) => NodeError::Exists(format!("tag {name:?} exists already")),
        StoreError::NotFound(_) => no_tag(name),
        other => store(other),
    }
}

fn check(name: &str, description: &str) -> Result<(), NodeError> {
    let fault = if name.trim().is_empty() {
        "tag_name is empty: give the tag a name"
    } else if name.chars().count() > NAME {
        "tag_name is longer than 100 characters: give the tag a shorter name"
    } else if description.chars().count() > DESCRIPTION {
        "the description of the tag is longer than 10000 characters: give it a shorter one"
    } else {
        return Ok(());
    };
    Err(NodeError::Invalid(fault.to_owned()))
}
