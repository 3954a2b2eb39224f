//! What components saved, without the parts themselves: which models there are, and how large. Not for: the parts, and what
//! is known of a model as a whole (`models`).

use crate::error::StoreError;
use crate::models::{ModelFilter, ModelKey, read_key};
use crate::sql::count;
use crate::store::Store;

/// What one component saved, but for its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelEntry {
    /// The model that it belongs to.
    pub key: ModelKey,
    /// Name of the component in the DSL.
    pub component: String,
    /// Name of its output in the DSL: `model`.
    pub alias: String,
    /// Its module.
    pub module: String,
    /// Bytes of its parts, with their JSON.
    pub bytes: u64,
}

/// A part of what a component saved, as somebody looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartEntry {
    /// Name of the output in the DSL: `model`.
    pub alias: String,
    /// `HeteroLogisticRegressionParam`.
    pub name: String,
    /// Its JSON; none when that is longer than was asked for.
    pub json: Option<String>,
    /// Bytes of its JSON, and of what it holds for machines.
    pub bytes: u64,
}

const SELECT: &str = "SELECT tenant, role, party_id, model_id, model_version, component, alias, module, \
    (SELECT coalesce(sum(length(CAST(json AS BLOB)) + length(bytes)), 0) FROM model_part \
    WHERE model = component_model.id) AS size FROM component_model";

impl Store {
    /// What components saved, in the order in which they did.
    pub fn model_entries(&self, filter: &ModelFilter) -> Result<Vec<ModelEntry>, StoreError> {
        let mut c = filter.conditions();
        c.one_of("component", filter.component.clone());
        c.one_of("alias", filter.alias.clone());
        let sql = format!("{SELECT}{} ORDER BY id", c.sql());
        self.read(|db| {
            db.rows(None, &sql, c.values(), |row| {
                Ok(ModelEntry {
                    key: read_key(row)?,
                    component: row.get("component")?,
                    alias: row.get("alias")?,
                    module: row.get("module")?,
                    bytes: count(row, "size")?,
                })
            })
        })
    }

    /// Parts of what components saved, in the order in which they did: JSON of at most so many bytes each. What a part
    /// holds for machines stays on the disk.
    pub fn part_entries(&self, filter: &ModelFilter, longest: u64) -> Result<Vec<PartEntry>, StoreError> {
        let mut c = filter.conditions();
        c.one_of("component", filter.component.clone());
        c.one_of("alias", filter.alias.clone());
        let sql = format!(
            "SELECT alias, model_part.name AS name, octet_length(json) + length(bytes) AS size, \
             CASE WHEN octet_length(json) <= {longest} THEN json END AS shown \
             FROM component_model JOIN model_part ON model_part.model = component_model.id{} \
             ORDER BY component_model.id, model_part.position",
            c.sql()
        );
        self.read(|db| {
            db.rows(None, &sql, c.values(), |row| {
                Ok(PartEntry {
                    alias: row.get("alias")?,
                    name: row.get("name")?,
                    json: row.get("shown")?,
                    bytes: count(row, "size")?,
                })
            })
        })
    }
}
