//! Models: what each component saved, part by part, and for each party what is known of the whole. Not for: their use.

use parcae_domain::{
    id::JobId,
    party::{Party, PartyId, Role},
    port::ModelPart,
};
use rusqlite::{Row, params};
use serde_json::Value;

use crate::error::StoreError;
use crate::sql::{Conditions, json, paging, party, to_json};
use crate::store::{Store, Tx};

/// Names the model of one party. All models of a job have its id as their version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelKey {
    /// Who owns it.
    pub tenant: String,
    /// Whose half it is.
    pub party: Party,
    /// `guest-9999#host-10000#model`.
    pub model_id: String,
    /// Id of the job that made it, or an id made by a deployment.
    pub model_version: String,
}

/// What one component saved.
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentModel {
    /// The model that it belongs to.
    pub key: ModelKey,
    /// Name of the component in the DSL.
    pub component: String,
    /// Name of its output in the DSL: `model`.
    pub alias: String,
    /// Its module.
    pub module: String,
    /// Version of the task that made it.
    pub version: u32,
    /// Its parts, in the order in which they were saved.
    pub parts: Vec<ModelPart>,
    /// When it was saved, ms since the epoch. Ignored by `put_component_model`.
    pub created_ms: i64,
}

/// What is known of the model of one party, in the node's own form: DSLs, configurations, where it was deployed from.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedModel {
    /// Which one.
    pub key: ModelKey,
    /// The job that made it; none for a deployed or imported one.
    pub job: Option<JobId>,
    /// All the rest.
    pub info: Value,
    /// When it was saved first, ms since the epoch.
    pub created_ms: i64,
    /// When it was last changed.
    pub updated_ms: i64,
}

/// Which models; `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct ModelFilter {
    /// Their owner.
    pub tenant: Option<String>,
    /// Whose half.
    pub party: Option<Party>,
    /// Of this id.
    pub model_id: Option<String>,
    /// Of this version: for a trained model the id of its job.
    pub model_version: Option<String>,
    /// What this component saved; only for `component_models`.
    pub component: Option<String>,
    /// Under this name; only for `component_models`.
    pub alias: Option<String>,
    /// One of these roles; any when there are none, as for all lists.
    pub roles: Vec<Role>,
    /// One of these parties.
    pub party_ids: Vec<PartyId>,
    /// One of these ids.
    pub model_ids: Vec<String>,
    /// One of these versions.
    pub model_versions: Vec<String>,
    /// At most so many; only for `models`.
    pub limit: Option<u32>,
}

impl ModelFilter {
    /// The model of this key.
    pub fn of(key: &ModelKey) -> ModelFilter {
        ModelFilter {
            tenant: Some(key.tenant.clone()),
            party: Some(key.party),
            model_id: Some(key.model_id.clone()),
            model_version: Some(key.model_version.clone()),
            ..ModelFilter::default()
        }
    }

    pub(crate) fn conditions(&self) -> Conditions {
        let mut c = Conditions::default();
        c.one_of("tenant", self.tenant.clone());
        c.one_of("role", self.party.map(|party| party.role.to_string()));
        c.one_of("party_id", self.party.map(|party| party.id.to_string()));
        c.one_of("model_id", self.model_id.clone());
        c.one_of("model_version", self.model_version.clone());
        c.one_of("role", self.roles.iter().map(Role::to_string));
        c.one_of("party_id", self.party_ids.iter().map(PartyId::to_string));
        c.one_of("model_id", self.model_ids.iter().cloned());
        c.one_of("model_version", self.model_versions.iter().cloned());
        c
    }
}

const SELECT_COMPONENT: &str = "SELECT id, tenant, role, party_id, model_id, model_version, component, alias, module, \
    version, created_ms FROM component_model";
const SELECT_MODEL: &str = "SELECT tenant, role, party_id, model_id, model_version, job, info, created_ms, updated_ms \
    FROM model";
const COPY_COMPONENT: &str = "INSERT INTO component_model (tenant, role, party_id, model_id, model_version, component, \
    alias, module, version, created_ms) SELECT ?1, ?2, ?3, ?4, ?5, component, alias, module, version, ?6 \
    FROM component_model WHERE id = ?7 RETURNING id";
const COPY_PARTS: &str = "INSERT INTO model_part (model, position, name, json, bytes) \
    SELECT ?1, position, name, json, bytes FROM model_part WHERE model = ?2";

impl Store {
    /// What components saved, in the order in which they did.
    pub fn component_models(&self, filter: &ModelFilter) -> Result<Vec<ComponentModel>, StoreError> {
        let mut c = filter.conditions();
        c.one_of("component", filter.component.clone());
        c.one_of("alias", filter.alias.clone());
        let sql = format!("{SELECT_COMPONENT}{} ORDER BY id", c.sql());
        self.read(|db| {
            let rows = db.rows(None, &sql, c.values(), |row| Ok((row.get::<_, i64>("id")?, read_component(row)?)))?;
            let mut models = Vec::with_capacity(rows.len());
            for (id, mut model) in rows {
                let sql = "SELECT name, json, bytes FROM model_part WHERE model = ?1 ORDER BY position";
                model.parts = db.rows(None, sql, params![id], |row| {
                    Ok(ModelPart { name: row.get("name")?, json: row.get("json")?, bytes: row.get("bytes")? })
                })?;
                models.push(model);
            }
            Ok(models)
        })
    }

    /// What is known of models, the oldest first.
    pub fn models(&self, filter: &ModelFilter) -> Result<Vec<SavedModel>, StoreError> {
        let c = filter.conditions();
        let order = " ORDER BY created_ms, model_version, role, party_id";
        let sql = format!("{SELECT_MODEL}{}{order}{}", c.sql(), paging(filter.limit, 0));
        self.read(|db| db.rows(None, &sql, c.values(), read_model))
    }
}

impl Tx<'_> {
    /// The job that made a model, to whose log go the statements about it. Versions of imported models may be anything,
    /// also ids of jobs of others.
    pub(crate) fn job_of(&self, key: &ModelKey) -> Result<Option<JobId>, StoreError> {
        let job = JobId(key.model_version.clone());
        let sql = "SELECT 1 FROM job WHERE id = ?1 AND tenant = ?2";
        let found = self.db.row(None, sql, params![job.as_str(), key.tenant], |_| Ok(()))?;
        Ok(found.map(|()| job))
    }

    /// Stores what a component saved, in place of what was there.
    pub fn put_component_model(&self, model: &ComponentModel) -> Result<(), StoreError> {
        let ModelKey { tenant, party, model_id, model_version } = &model.key;
        let (role, id) = (party.role.as_str(), party.id.to_string());
        let job = self.job_of(&model.key)?;
        let job = job.as_ref();
        self.db.execute(
            job,
            "DELETE FROM component_model WHERE tenant = ?1 AND role = ?2 AND party_id = ?3 AND model_id = ?4 \
             AND model_version = ?5 AND component = ?6 AND alias = ?7",
            params![tenant, role, id, model_id, model_version, model.component, model.alias],
        )?;
        let new = self.db.row(
            job,
            "INSERT INTO component_model (tenant, role, party_id, model_id, model_version, component, alias, module, \
             version, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id",
            params![
                tenant,
                role,
                id,
                model_id,
                model_version,
                model.component,
                model.alias,
                model.module,
                model.version,
                self.now_ms,
            ],
            |row| row.get::<_, i64>("id"),
        )?;
        for (position, ModelPart { name, json, bytes }) in (0u32..).zip(&model.parts) {
            let sql = "INSERT INTO model_part (model, position, name, json, bytes) VALUES (?1, ?2, ?3, ?4, ?5)";
            self.db.execute(job, sql, params![new, position, name, json, bytes])?;
        }
        Ok(())
    }

    /// Copies what the named components saved to another model; how many were copied.
    pub fn copy_component_models(
        &self,
        from: &ModelKey,
        to: &ModelKey,
        components: &[String],
    ) -> Result<u32, StoreError> {
        let mut c = ModelFilter::of(from).conditions();
        c.one_of("component", components.iter().cloned());
        let sql = format!("SELECT id FROM component_model{} ORDER BY id", c.sql());
        let ids = if components.is_empty() {
            Vec::new()
        } else {
            self.db.rows(None, &sql, c.values(), |row| row.get::<_, i64>("id"))?
        };
        let mut copied = 0;
        for id in ids {
            let ModelKey { tenant, party, model_id, model_version } = to;
            let (role, party_id) = (party.role.as_str(), party.id.to_string());
            let values = params![tenant, role, party_id, model_id, model_version, self.now_ms, id];
            let new = self.db.row(None, COPY_COMPONENT, values, |row| row.get::<_, i64>("id"))?;
            self.db.execute(None, COPY_PARTS, params![new, id])?;
            copied += 1;
        }
        Ok(copied)
    }

    /// Removes what one component saved of a model.
    pub fn delete_component_models(&self, key: &ModelKey, component: &str) -> Result<(), StoreError> {
        let mut c = ModelFilter::of(key).conditions();
        c.equal("component", component.to_owned());
        self.db.execute(None, &format!("DELETE FROM component_model{}", c.sql()), c.values())?;
        Ok(())
    }

    /// Stores what is known of the model of one party, in place of what was there.
    pub fn put_model(&self, key: &ModelKey, job: Option<&JobId>, info: &Value) -> Result<(), StoreError> {
        let ModelKey { tenant, party, model_id, model_version } = key;
        let (role, id) = (party.role.as_str(), party.id.to_string());
        self.db.execute(
            job,
            "INSERT INTO model (tenant, role, party_id, model_id, model_version, job, info, created_ms, updated_ms) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) ON CONFLICT DO UPDATE \
             SET job = excluded.job, info = excluded.info, updated_ms = excluded.updated_ms",
            params![tenant, role, id, model_id, model_version, job.map(JobId::as_str), to_json(info), self.now_ms],
        )?;
        Ok(())
    }

    /// Removes the model of one party with everything that its components saved.
    pub fn delete_model(&self, key: &ModelKey) -> Result<(), StoreError> {
        let c = ModelFilter::of(key).conditions();
        self.db.execute(None, &format!("DELETE FROM component_model{}", c.sql()), c.values())?;
        self.db.execute(None, &format!("DELETE FROM model{}", c.sql()), c.values())?;
        Ok(())
    }
}

pub(crate) fn read_key(row: &Row<'_>) -> rusqlite::Result<ModelKey> {
    Ok(ModelKey {
        tenant: row.get("tenant")?,
        party: party(row)?,
        model_id: row.get("model_id")?,
        model_version: row.get("model_version")?,
    })
}

fn read_component(row: &Row<'_>) -> rusqlite::Result<ComponentModel> {
    Ok(ComponentModel {
        key: read_key(row)?,
        component: row.get("component")?,
        alias: row.get("alias")?,
        module: row.get("module")?,
        version: row.get("version")?,
        parts: Vec::new(),
        created_ms: row.get("created_ms")?,
    })
}

fn read_model(row: &Row<'_>) -> rusqlite::Result<SavedModel> {
    Ok(SavedModel {
        key: read_key(row)?,
        job: row.get::<_, Option<String>>("job")?.map(JobId),
        info: json(row, "info")?,
        created_ms: row.get("created_ms")?,
        updated_ms: row.get("updated_ms")?,
    })
}
