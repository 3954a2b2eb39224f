//! Pages of models for people who browse: found, sorted and cut by the database, without DSLs and confs. Not for: what
//! is known of one (`models`).

use parcae_domain::id::JobId;
use rusqlite::Row;

use crate::error::StoreError;
use crate::models::{ModelKey, read_key};
use crate::sql::{Conditions, count, json, paging};
use crate::store::Store;

/// What a list says of the model of one party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelLine {
    /// Which one.
    pub key: ModelKey,
    /// The job that trained it; none for one that was deployed or came out of an archive.
    pub job: Option<JobId>,
    /// True for one that predict jobs may use.
    pub deployed: bool,
    /// True when it came out of an archive.
    pub imported: bool,
    /// The version that it was deployed from.
    pub parent_version: Option<String>,
    /// Words that people gave to its version.
    pub tags: Vec<String>,
    /// Bytes of what its components saved.
    pub bytes: u64,
    /// When it was saved first, ms since the epoch.
    pub created_ms: i64,
    /// When it was last changed.
    pub updated_ms: i64,
}

/// Which models of a tenant, and which page of them.
#[derive(Clone, Debug, Default)]
pub struct ModelSearchPage {
    /// Their owner.
    pub tenant: String,
    /// Id, version or a tag has this in it; capitals do not matter.
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
    /// By id rather than by the time at which they were saved.
    pub by_id: bool,
    /// Highest first.
    pub descending: bool,
    /// At most so many.
    pub limit: u32,
    /// Without the first so many.
    pub offset: u32,
}

const COLUMNS: &str = "SELECT m.tenant AS tenant, m.role AS role, m.party_id AS party_id, m.model_id AS model_id, \
    m.model_version AS model_version, m.job AS job, m.created_ms AS created_ms, m.updated_ms AS updated_ms, \
    json_extract(m.info, '$.parent') IS NULL AS deployed, \
    coalesce(json_extract(m.info, '$.imported'), 0) AS imported, \
    CAST(json_extract(m.info, '$.parent_info.parent_model_version') AS TEXT) AS parent_version, \
    (SELECT json_group_array(g.tag) FROM model_tag AS g \
    WHERE g.tenant = m.tenant AND g.model_version = m.model_version) AS tags, \
    (SELECT coalesce(sum(length(CAST(p.json AS BLOB)) + length(p.bytes)), 0) FROM component_model AS c \
    JOIN model_part AS p ON p.model = c.id WHERE c.tenant = m.tenant AND c.role = m.role \
    AND c.party_id = m.party_id AND c.model_id = m.model_id AND c.model_version = m.model_version) AS size \
    FROM model AS m";
const WORDS: &str = "lower(model_id || ' ' || model_version || ' ' || coalesce((SELECT group_concat(g.tag, ' ') \
    FROM model_tag AS g WHERE g.tenant = model.tenant AND g.model_version = model.model_version), ''))";
const PARENT: &str = "CAST(json_extract(info, '$.parent_info.parent_model_version') AS TEXT)";

impl ModelSearchPage {
    fn conditions(&self) -> Conditions {
        let mut c = Conditions::default();
        c.equal("tenant", self.tenant.clone());
        c.one_of("model_id", self.model_id.clone());
        c.one_of("model_version", self.model_version.clone());
        c.one_of("role", self.role.clone());
        match self.trained {
            Some(true) => c.is("job IS NOT NULL"),
            Some(false) => c.is("job IS NULL"),
            None => {}
        }
        c.one_of(PARENT, self.parent_version.clone());
        let part = self.part.as_ref().map(|part| part.to_ascii_lowercase());
        c.contains(WORDS, part.as_deref());
        c
    }

    fn order(&self) -> String {
        let direction = if self.descending { "DESC" } else { "ASC" };
        let first = if self.by_id { "model_id" } else { "created_ms" };
        format!("{first} {direction}, model_version {direction}, role, party_id")
    }
}

impl Store {
    /// A page of models, and how many there are altogether.
    pub fn model_page(&self, search: &ModelSearchPage) -> Result<(u64, Vec<ModelLine>), StoreError> {
        let (c, order) = (search.conditions(), search.order());
        // Sizes and tags are looked up of those alone that are shown.
        let chosen =
            format!("SELECT rowid FROM model{} ORDER BY {order}{}", c.sql(), paging(Some(search.limit), search.offset));
        let sql = format!("{COLUMNS} WHERE m.rowid IN ({chosen}) ORDER BY {order}");
        self.read(|db| {
            let lines = db.rows(None, &sql, c.values(), read_line)?;
            let sql = format!("SELECT count(*) AS count FROM model{}", c.sql());
            let all = db.row(None, &sql, c.values(), |row| count(row, "count"))?.unwrap_or(0);
            Ok((all, lines))
        })
    }
}

fn read_line(row: &Row<'_>) -> rusqlite::Result<ModelLine> {
    Ok(ModelLine {
        key: read_key(row)?,
        job: row.get::<_, Option<String>>("job")?.map(JobId),
        deployed: row.get("deployed")?,
        imported: row.get("imported")?,
        parent_version: row.get("parent_version")?,
        tags: json(row, "tags")?,
        bytes: count(row, "size")?,
        created_ms: row.get("created_ms")?,
        updated_ms: row.get("updated_ms")?,
    })
}
