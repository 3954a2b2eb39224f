//! Descriptions of stores outside the node, by name. Kept and shown as FATE does; nothing connects to them. Not for: tables.

use rusqlite::params;
use serde_json::Value;

use crate::error::StoreError;
use crate::sql::{json, to_json};
use crate::store::{Store, Tx};

/// A description of a store.
#[derive(Clone, Debug, PartialEq)]
pub struct Connector {
    /// Its name.
    pub name: String,
    /// What it is: `MYSQL`.
    pub engine: String,
    /// How to reach it, a JSON object.
    pub info: Value,
}

impl Store {
    /// The connector of that name.
    pub fn connector(&self, tenant: &str, name: &str) -> Result<Option<Connector>, StoreError> {
        let sql = "SELECT name, engine, info FROM connector WHERE tenant = ?1 AND name = ?2";
        self.read(|db| {
            db.row(None, sql, params![tenant, name], |row| {
                Ok(Connector { name: row.get("name")?, engine: row.get("engine")?, info: json(row, "info")? })
            })
        })
    }
}

impl Tx<'_> {
    /// Stores a connector; one of that name is replaced.
    pub fn put_connector(&self, tenant: &str, connector: &Connector) -> Result<(), StoreError> {
        let Connector { name, engine, info } = connector;
        self.db.execute(
            None,
            "INSERT OR REPLACE INTO connector (tenant, name, engine, info, updated_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![tenant, name, engine, to_json(info), self.now_ms],
        )?;
        Ok(())
    }
}
