//! Checkpoints: what a component's model was after a step of its training, part by part. They go with the model of
//! their party and version. Not for: the model that training ended with (`models`).

use parcae_domain::port::ModelPart;
use rusqlite::{Row, params};

use crate::error::StoreError;
use crate::models::{ComponentModel, ModelKey};
use crate::sql::{Conditions, party};
use crate::store::{Store, Tx};

/// The model of a component after a step of its training.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The model that it belongs to.
    pub key: ModelKey,
    /// Name of the component in the DSL.
    pub component: String,
    /// Name of its output in the DSL: `model`.
    pub alias: String,
    /// Its module.
    pub module: String,
    /// Which step: an epoch, counted from 0.
    pub step_index: u32,
    /// Its name: `epoch_0`.
    pub step_name: String,
    /// Its parts, in the order in which they were saved.
    pub parts: Vec<ModelPart>,
    /// When it was saved, ms since the epoch. Ignored by `put_checkpoint`.
    pub created_ms: i64,
}

const SELECT: &str = "SELECT id, tenant, role, party_id, model_id, model_version, component, alias, module, step_index, \
    step_name, created_ms FROM checkpoint";

/// The condition that names the checkpoints of a model, of all components or of one.
fn of(key: &ModelKey, component: Option<&str>) -> Conditions {
    let mut c = Conditions::default();
    c.equal("tenant", key.tenant.clone());
    c.equal("model_version", key.model_version.clone());
    c.equal("model_id", key.model_id.clone());
    c.equal("role", key.party.role.to_string());
    c.equal("party_id", key.party.id.to_string());
    c.one_of("component", component.map(str::to_owned));
    c
}

impl Store {
    /// The checkpoints of a model, of all components or of one: by component, then by step.
    pub fn checkpoints(&self, key: &ModelKey, component: Option<&str>) -> Result<Vec<Checkpoint>, StoreError> {
        let c = of(key, component);
        let sql = format!("{SELECT}{} ORDER BY component, step_index", c.sql());
        self.read(|db| {
            let rows = db.rows(None, &sql, c.values(), |row| Ok((row.get::<_, i64>("id")?, read(row)?)))?;
            let mut checkpoints = Vec::with_capacity(rows.len());
            for (id, mut checkpoint) in rows {
                let sql = "SELECT name, json, bytes FROM checkpoint_part WHERE checkpoint = ?1 ORDER BY position";
                checkpoint.parts = db.rows(None, sql, params![id], |row| {
                    Ok(ModelPart { name: row.get("name")?, json: row.get("json")?, bytes: row.get("bytes")? })
                })?;
                checkpoints.push(checkpoint);
            }
            Ok(checkpoints)
        })
    }
}

impl Tx<'_> {
    /// Stores a checkpoint, in place of one of the same component and step.
    pub fn put_checkpoint(&self, checkpoint: &Checkpoint) -> Result<(), StoreError> {
        let ModelKey { tenant, party, model_id, model_version } = &checkpoint.key;
        let job = self.job_of(&checkpoint.key)?;
        let job = job.as_ref();
        let mut same = of(&checkpoint.key, Some(&checkpoint.component));
        same.equal("step_index", i64::from(checkpoint.step_index));
        self.db.execute(job, &format!("DELETE FROM checkpoint{}", same.sql()), same.values())?;
        let new = self.db.row(
            job,
            "INSERT INTO checkpoint (tenant, role, party_id, model_id, model_version, component, alias, module, \
             step_index, step_name, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) RETURNING id",
            params![
                tenant,
                party.role.as_str(),
                party.id.to_string(),
                model_id,
                model_version,
                checkpoint.component,
                checkpoint.alias,
                checkpoint.module,
                checkpoint.step_index,
                checkpoint.step_name,
                self.now_ms,
            ],
            |row| row.get::<_, i64>("id"),
        )?;
        for (position, ModelPart { name, json, bytes }) in (0u32..).zip(&checkpoint.parts) {
            let sql = "INSERT INTO checkpoint_part (checkpoint, position, name, json, bytes) \
                VALUES (?1, ?2, ?3, ?4, ?5)";
            self.db.execute(job, sql, params![new, position, name, json, bytes])?;
        }
        Ok(())
    }

    /// Removes all checkpoints of a model.
    pub fn delete_checkpoints(&self, key: &ModelKey) -> Result<(), StoreError> {
        let c = of(key, None);
        self.db.execute(None, &format!("DELETE FROM checkpoint{}", c.sql()), c.values())?;
        Ok(())
    }

    /// Removes the checkpoints of one component of a model.
    pub fn delete_component_checkpoints(&self, key: &ModelKey, component: &str) -> Result<(), StoreError> {
        let mut c = of(key, None);
        c.equal("component", component.to_owned());
        self.db.execute(None, &format!("DELETE FROM checkpoint{}", c.sql()), c.values())?;
        Ok(())
    }

    /// Makes a checkpoint what its component saved, in another model: in place of what that has of the component.
    pub fn copy_checkpoint_to_model(&self, from: &Checkpoint, to: &ModelKey) -> Result<(), StoreError> {
        self.delete_component_models(to, &from.component)?;
        self.put_component_model(&ComponentModel {
            key: to.clone(),
            component: from.component.clone(),
            alias: from.alias.clone(),
            module: from.module.clone(),
            version: 0,
            parts: from.parts.clone(),
            created_ms: from.created_ms,
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Checkpoint> {
    Ok(Checkpoint {
        key: ModelKey {
            tenant: row.get("tenant")?,
            party: party(row)?,
            model_id: row.get("model_id")?,
            model_version: row.get("model_version")?,
        },
        component: row.get("component")?,
        alias: row.get("alias")?,
        module: row.get("module")?,
        step_index: row.get("step_index")?,
        step_name: row.get("step_name")?,
        parts: Vec::new(),
        created_ms: row.get("created_ms")?,
    })
}
