//! Tags: words that people give to versions of models, to find them again. Not for: the models themselves (`models`).

use rusqlite::{Row, params};

use crate::error::StoreError;
use crate::models::{ModelKey, read_key};
use crate::sql::{Conditions, count, paging};
use crate::store::{Store, Tx};

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// The word; every tenant has it once.
    pub name: String,
    /// What it stands for; empty for nothing.
    pub description: String,
    /// How many versions of models have it.
    pub versions: u64,
}

/// A party's half of a model whose version has a tag.
#[derive(Clone, Debug, PartialEq)]
pub struct TaggedModel {
    /// Which one.
    pub key: ModelKey,
    /// Bytes of all its parts.
    pub bytes: u64,
}

const SELECT: &str = "SELECT name, description, (SELECT count(*) FROM model_tag \
    WHERE model_tag.tenant = tag.tenant AND model_tag.tag = tag.name) AS versions FROM tag";
const SELECT_MODELS: &str = "SELECT m.tenant AS tenant, m.role AS role, m.party_id AS party_id, \
    m.model_id AS model_id, m.model_version AS model_version, \
    (SELECT coalesce(sum(length(CAST(p.json AS BLOB)) + length(p.bytes)), 0) FROM component_model c \
    JOIN model_part p ON p.model = c.id WHERE c.tenant = m.tenant AND c.role = m.role AND c.party_id = m.party_id \
    AND c.model_id = m.model_id AND c.model_version = m.model_version) AS bytes \
    FROM model m JOIN model_tag t ON t.tenant = m.tenant AND t.model_version = m.model_version \
    WHERE t.tenant = ?1 AND t.tag = ?2 ORDER BY m.created_ms, m.model_version, m.role, m.party_id";

impl Store {
    /// Tags whose name contains a text, the oldest first.
    pub fn tags(&self, tenant: &str, part: Option<&str>, limit: Option<u32>) -> Result<Vec<Tag>, StoreError> {
        let mut c = Conditions::default();
        c.equal("tenant", tenant.to_owned());
        c.contains("name", part);
        let sql = format!("{SELECT}{} ORDER BY created_ms, rowid{}", c.sql(), paging(limit, 0));
        self.read(|db| db.rows(None, &sql, c.values(), read_tag))
    }

    /// The tag of that name.
    pub fn tag(&self, tenant: &str, name: &str) -> Result<Option<Tag>, StoreError> {
        let sql = format!("{SELECT} WHERE tenant = ?1 AND name = ?2");
        self.read(|db| db.row(None, &sql, params![tenant, name], read_tag))
    }

    /// The tags of a version of a model, in the order in which it got them.
    pub fn tags_of(&self, tenant: &str, model_version: &str) -> Result<Vec<Tag>, StoreError> {
        let sql = "SELECT name, description, 1 AS versions FROM tag JOIN model_tag \
             ON model_tag.tenant = tag.tenant AND model_tag.tag = tag.name \
             WHERE model_tag.tenant = ?1 AND model_tag.model_version = ?2 ORDER BY model_tag.rowid";
        self.read(|db| db.rows(None, sql, params![tenant, model_version], read_tag))
    }

    /// The models whose versions have a tag: one for each of their parties.
    pub fn tagged_models(&self, tenant: &str, tag: &str) -> Result<Vec<TaggedModel>, StoreError> {
        self.read(|db| db.rows(None, SELECT_MODELS, params![tenant, tag], read_tagged))
    }
}

impl Tx<'_> {
    /// Makes a tag.
    pub fn create_tag(&self, tenant: &str, name: &str, description: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO tag (tenant, name, description, created_ms, updated_ms) VALUES (?1, ?2, ?3, ?4, ?4) \
             ON CONFLICT DO NOTHING";
        match self.db.execute(None, sql, params![tenant, name, description, self.now_ms])? {
            0 => Err(StoreError::Exists(format!("tag {name:?}"))),
            _ => Ok(()),
        }
    }

    /// Gives a tag another name, which must be free, and another description. What has the tag keeps it.
    pub fn update_tag(&self, tenant: &str, name: &str, new_name: &str, description: &str) -> Result<(), StoreError> {
        if name != new_name {
            let sql = "SELECT 1 FROM tag WHERE tenant = ?1 AND name = ?2";
            if self.db.row(None, sql, params![tenant, new_name], |_| Ok(()))?.is_some() {
                return Err(StoreError::Exists(format!("tag {new_name:?}")));
            }
        }
        let sql = "UPDATE tag SET name = ?3, description = ?4, updated_ms = ?5 WHERE tenant = ?1 AND name = ?2";
        match self.db.execute(None, sql, params![tenant, name, new_name, description, self.now_ms])? {
            0 => Err(StoreError::NotFound(format!("tag {name:?}"))),
            _ => Ok(()),
        }
    }

    /// Removes a tag from everything that has it; false when there is none of that name.
    pub fn delete_tag(&self, tenant: &str, name: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM tag WHERE tenant = ?1 AND name = ?2";
        Ok(self.db.execute(None, sql, params![tenant, name])? > 0)
    }

    /// Gives a tag to a version of a model, and makes the tag when there is none; false when the version has it
    /// already.
    pub fn tag_model(&self, tenant: &str, model_version: &str, tag: &str) -> Result<bool, StoreError> {
        let sql = "INSERT INTO tag (tenant, name, description, created_ms, updated_ms) VALUES (?1, ?2, '', ?3, ?3) \
             ON CONFLICT DO NOTHING";
        self.db.execute(None, sql, params![tenant, tag, self.now_ms])?;
        let sql = "INSERT INTO model_tag (tenant, model_version, tag, created_ms) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT DO NOTHING";
        Ok(self.db.execute(None, sql, params![tenant, model_version, tag, self.now_ms])? > 0)
    }

    /// Takes a tag from a version of a model; false when the version does not have it.
    pub fn untag_model(&self, tenant: &str, model_version: &str, tag: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM model_tag WHERE tenant = ?1 AND model_version = ?2 AND tag = ?3";
        Ok(self.db.execute(None, sql, params![tenant, model_version, tag])? > 0)
    }
}

fn read_tag(row: &Row<'_>) -> rusqlite::Result<Tag> {
    Ok(Tag { name: row.get("name")?, description: row.get("description")?, versions: count(row, "versions")? })
}

fn read_tagged(row: &Row<'_>) -> rusqlite::Result<TaggedModel> {
    Ok(TaggedModel { key: read_key(row)?, bytes: count(row, "bytes")? })
}
