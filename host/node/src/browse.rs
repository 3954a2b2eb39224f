//! Lists of tables and models for people who browse, cut by the store, and what is in one model. Not for: clients that
//! name what they want (`model_query`, `products`).

use parcae_domain::party::Party;
use parcae_metadata::{
    ModelEntry, ModelFilter, ModelLine, ModelSearchPage, TableLine, TableOrder, TableOrigin, TableSearch,
};

use crate::archive::model_key;
use crate::listing::Page;
use crate::products::seen_parts;
use crate::queries::store;
use crate::saved;
use crate::tenant::Tenant;
use crate::view::{ModelPartView, NodeError};

/// Most rows of a page.
const MOST: u32 = 200;

/// Which tables.
#[derive(Clone, Debug, Default)]
pub struct TableList {
    /// Namespace, name or job has this in it.
    pub part: Option<String>,
    /// `upload`, `reader`, `output`, `table_bind`, `writer`.
    pub origin: Option<String>,
}

/// Which models.
#[derive(Clone, Debug, Default)]
pub struct ModelList {
    /// Id, version or a tag has this in it.
    pub part: Option<String>,
    /// Those that a job here trained, or the others; both otherwise.
    pub trained: Option<bool>,
    /// Halves of parties with this role.
    pub role: Option<String>,
    /// Of this id.
    pub model_id: Option<String>,
    /// Of this version.
    pub model_version: Option<String>,
    /// Deployed from this version.
    pub parent_version: Option<String>,
}

impl Tenant<'_> {
    /// A page of tables, and how many there are altogether. Ordered by `name`, `rows` or `bytes`, by creation
    /// otherwise; at most 200.
    pub fn table_page(&self, list: &TableList, page: &Page) -> Result<(u64, Vec<TableLine>), NodeError> {
        let origin = match list.origin.as_deref().map(str::parse::<TableOrigin>).transpose() {
            Ok(origin) => origin,
            // No table has an origin that does not exist.
            Err(_) => return Ok((0, Vec::new())),
        };
        let order = match page.order_by.as_deref() {
            Some("name") => TableOrder::Name,
            Some("rows") => TableOrder::Rows,
            Some("bytes") => TableOrder::Bytes,
            _ => TableOrder::Created,
        };
        let search = TableSearch {
            tenant: self.name().to_owned(),
            part: list.part.clone(),
            origin,
            order,
            descending: page.descending,
            limit: page.limit.unwrap_or(MOST).min(MOST),
            offset: page.offset,
        };
        self.site.store.table_page(&search).map_err(store)
    }

    /// A page of models, one row for each of their parties, and how many there are altogether. Ordered by `model_id`,
    /// by creation otherwise; at most 200.
    pub fn model_page(&self, list: &ModelList, page: &Page) -> Result<(u64, Vec<ModelLine>), NodeError> {
        let search = ModelSearchPage {
            tenant: self.name().to_owned(),
            part: list.part.clone(),
            trained: list.trained,
            role: list.role.clone(),
            model_id: list.model_id.clone(),
            model_version: list.model_version.clone(),
            parent_version: list.parent_version.clone(),
            by_id: page.order_by.as_deref() == Some("model_id"),
            descending: page.descending,
            limit: page.limit.unwrap_or(MOST).min(MOST),
            offset: page.offset,
        };
        self.site.store.model_page(&search).map_err(store)
    }

    /// What the components of a party's model saved, without the parts themselves.
    pub fn model_contents(&self, party: Party, id: &str, version: &str) -> Result<Vec<ModelEntry>, NodeError> {
        saved::settle(&self.site, self.id(), version).map_err(store)?;
        let filter = ModelFilter::of(&model_key(self.id(), party, id, version));
        self.site.store.model_entries(&filter).map_err(store)
    }

    /// Parts that one component of a party's model saved; JSON that is too large for a page is null.
    pub fn model_parts(
        &self,
        party: Party,
        id: &str,
        version: &str,
        component: &str,
    ) -> Result<Vec<ModelPartView>, NodeError> {
        let of_model = ModelFilter::of(&model_key(self.id(), party, id, version));
        let filter = ModelFilter { component: Some(component.to_owned()), ..of_model };
        seen_parts(&self.site.store, &filter).map_err(store)
    }
}
