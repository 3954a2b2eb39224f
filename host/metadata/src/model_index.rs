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
}
