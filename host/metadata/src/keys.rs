//! Public keys of other sites, by party. Not for: what makes a text a key (`node`).

use parcae_domain::party::PartyId;
use rusqlite::params;

use crate::error::StoreError;
use crate::store::{Store, Tx};

impl Store {
    /// A key of a party.
    pub fn site_key(&self, tenant: &str, party: PartyId, name: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT key FROM site_key WHERE tenant = ?1 AND party_id = ?2 AND key_name = ?3";
        self.read(|db| db.row(None, sql, params![tenant, party.to_string(), name], |row| row.get("key")))
    }
}

impl Tx<'_> {
    /// Keeps a key of a party; true when it replaces one.
    pub fn put_site_key(&self, tenant: &str, party: PartyId, name: &str, key: &str) -> Result<bool, StoreError> {
        let there = self.delete_site_key(tenant, party, name)?;
        self.db.execute(
            None,
            "INSERT INTO site_key (tenant, party_id, key_name, key, updated_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![tenant, party.to_string(), name, key, self.now_ms],
        )?;
        Ok(there)
    }

    /// Removes a key of a party; false when there is none.
    pub fn delete_site_key(&self, tenant: &str, party: PartyId, name: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM site_key WHERE tenant = ?1 AND party_id = ?2 AND key_name = ?3";
        Ok(self.db.execute(None, sql, params![tenant, party.to_string(), name])? > 0)
    }
}
