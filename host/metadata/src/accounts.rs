//! Tenants: whether they may use the node, and what each may use of it. The tenant `default` is there without a row.
//! Not for: their keys (`api_keys`), what quotas and limits mean (`node`).

use parcae_domain::tenant::DEFAULT_TENANT;
use rusqlite::{Row, params};
use serde_json::{Value, json};

use crate::error::StoreError;
use crate::sql::{Db, json as read_json, to_json};
use crate::store::{Store, Tx};

/// A tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantAccount {
    /// Its name.
    pub name: String,
    /// Its keys are refused.
    pub disabled: bool,
    /// What it may use of the node, a JSON object; what is not in it has no quota of its own.
    pub quotas: Value,
    /// Limits of its attempts, a JSON object, by name.
    pub limits: Value,
    /// When it was made, ms since the epoch; 0 for the tenant that is always there.
    pub created_ms: i64,
}

impl TenantAccount {
    /// A tenant that nobody changed yet.
    pub fn new(name: impl Into<String>) -> TenantAccount {
        TenantAccount { name: name.into(), disabled: false, quotas: json!({}), limits: json!({}), created_ms: 0 }
    }
}

const SELECT: &str = "SELECT name, disabled, quotas, limits, created_ms FROM tenant";

impl Store {
    /// All tenants by name.
    pub fn tenant_accounts(&self) -> Result<Vec<TenantAccount>, StoreError> {
        let mut all = self.read(|db| db.rows(None, SELECT, [], read_tenant))?;
        if !all.iter().any(|tenant| tenant.name == DEFAULT_TENANT) {
            all.push(TenantAccount::new(DEFAULT_TENANT));
        }
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// The tenant of that name.
    pub fn tenant_account(&self, name: &str) -> Result<Option<TenantAccount>, StoreError> {
        self.read(|db| find(db, name))
    }
}

impl Tx<'_> {
    /// The tenant of that name, within this transaction.
    pub fn tenant_account(&self, name: &str) -> Result<Option<TenantAccount>, StoreError> {
        find(&self.db, name)
    }

    /// Stores a tenant; one of that name is replaced, and keeps its time.
    pub fn put_tenant_account(&self, tenant: &TenantAccount) -> Result<(), StoreError> {
        let TenantAccount { name, disabled, quotas, limits, .. } = tenant;
        let sql = "INSERT INTO tenant (name, disabled, quotas, limits, created_ms, updated_ms) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT DO UPDATE SET disabled = excluded.disabled, \
            quotas = excluded.quotas, limits = excluded.limits, updated_ms = excluded.updated_ms";
        let values = params![name, disabled, to_json(quotas), to_json(limits), self.now_ms];
        self.db.execute(None, sql, values)?;
        Ok(())
    }
}

fn find(db: &Db<'_>, name: &str) -> Result<Option<TenantAccount>, StoreError> {
    let found = db.row(None, &format!("{SELECT} WHERE name = ?1"), params![name], read_tenant)?;
    Ok(found.or_else(|| (name == DEFAULT_TENANT).then(|| TenantAccount::new(name))))
}

fn read_tenant(row: &Row<'_>) -> rusqlite::Result<TenantAccount> {
    Ok(TenantAccount {
        name: row.get("name")?,
        disabled: row.get("disabled")?,
        quotas: read_json(row, "quotas")?,
        limits: read_json(row, "limits")?,
        created_ms: row.get("created_ms")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_kept_and_changed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("x.sqlite")).unwrap();
        let names = || store.tenant_accounts().unwrap().into_iter().map(|tenant| tenant.name).collect::<Vec<_>>();
        assert_eq!(names(), ["default"]);
        assert_eq!(store.tenant_account("bank").unwrap(), None);
        store.commit(|tx| tx.put_tenant_account(&TenantAccount::new("bank"))).unwrap();
        let made = store.tenant_account("bank").unwrap().unwrap();
        let changed = TenantAccount { disabled: true, quotas: json!({"images": 2}), ..made.clone() };
        store.commit(|tx| tx.put_tenant_account(&changed)).unwrap();
        assert_eq!(store.tenant_account("bank").unwrap().unwrap(), changed);
        assert!(made.created_ms > 0);
        let closed = TenantAccount { disabled: true, ..TenantAccount::new("default") };
        store.commit(|tx| tx.put_tenant_account(&closed)).unwrap();
        assert_eq!(names(), ["bank", "default"]);
        assert!(store.tenant_account("default").unwrap().unwrap().disabled);
    }
}
