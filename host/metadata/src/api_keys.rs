//! Keys of tenants: who may send requests, and how far each reaches. Secrets never stand here: of some their hash,
//! others sealed by a key of the node's. Not for: drawing, checking and sealing secrets (`node`).

use std::str::FromStr;

use parcae_domain::tenant::Scope;
use rusqlite::{Row, params};

use crate::error::StoreError;
use crate::sql::{count, word};
use crate::store::{Store, Tx};

/// What a key is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Sent with each request; its hash is kept.
    Bearer,
    /// Signs requests as FATE's clients do; kept sealed, for the node computes signatures with it.
    Signing,
}

impl KeyKind {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyKind::Bearer => "bearer",
            KeyKind::Signing => "signing",
        }
    }
}

/// A word that is no kind of key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no kind of key: there are bearer, signing")]
pub struct NoKeyKind(String);

impl FromStr for KeyKind {
    type Err = NoKeyKind;

    fn from_str(word: &str) -> Result<KeyKind, NoKeyKind> {
        let found = [KeyKind::Bearer, KeyKind::Signing].into_iter().find(|kind| kind.as_str() == word);
        found.ok_or_else(|| NoKeyKind(word.to_owned()))
    }
}

/// A key.
#[derive(Clone)]
pub struct ApiKey {
    /// Its id, which is no secret.
    pub id: String,
    /// Whose it is.
    pub tenant: String,
    /// What it is used for.
    pub kind: KeyKind,
    /// What its owner calls it.
    pub label: String,
    /// How far it reaches.
    pub scope: Scope,
    /// Hash of a bearer's secret.
    pub hash: Option<String>,
    /// The secret that signs, sealed.
    pub sealed: Option<Vec<u8>>,
    /// When it was made, ms since the epoch. Ignored by `create_api_key`.
    pub created_ms: i64,
    /// When it ends, ms since the epoch.
    pub expires_ms: Option<i64>,
    /// When it was used last, about a minute exact.
    pub last_used_ms: Option<i64>,
    /// When it was revoked.
    pub revoked_ms: Option<i64>,
    /// Its tenant is disabled. Ignored by `create_api_key`.
    pub tenant_disabled: bool,
}

const SELECT: &str = "SELECT k.id, k.tenant, k.kind, k.label, k.scope, k.hash, k.sealed, k.created_ms, k.expires_ms, \
    k.last_used_ms, k.revoked_ms, COALESCE(t.disabled, 0) AS tenant_disabled \
    FROM api_key AS k LEFT JOIN tenant AS t ON t.name = k.tenant";

impl Store {
    /// The key of that id.
    pub fn api_key(&self, id: &str) -> Result<Option<ApiKey>, StoreError> {
        self.read(|db| db.row(None, &format!("{SELECT} WHERE k.id = ?1"), params![id], read_key))
    }

    /// All keys of a tenant, the oldest first; those that were revoked, too.
    pub fn api_keys(&self, tenant: &str) -> Result<Vec<ApiKey>, StoreError> {
        let sql = format!("{SELECT} WHERE k.tenant = ?1 ORDER BY k.created_ms, k.id");
        self.read(|db| db.rows(None, &sql, params![tenant], read_key))
    }

    /// How many keys each tenant has that work at a time, ms since the epoch; those who have none are left out.
    pub fn api_key_counts(&self, now_ms: i64) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = "SELECT tenant, count(*) AS keys FROM api_key \
            WHERE revoked_ms IS NULL AND (expires_ms IS NULL OR expires_ms > ?1) GROUP BY tenant";
        self.read(|db| db.rows(None, sql, params![now_ms], |row| Ok((row.get("tenant")?, count(row, "keys")?))))
    }

    /// True when a key was ever made.
    pub fn has_api_keys(&self) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM api_key) AS found";
        let found = self.read(|db| db.row(None, sql, [], |row| row.get::<_, bool>("found")))?;
        Ok(found.unwrap_or(false))
    }
}

impl Tx<'_> {
    /// Stores a new key.
    pub fn create_api_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        let ApiKey { id, tenant, kind, label, scope, hash, sealed, expires_ms, .. } = key;
        let sql = "INSERT INTO api_key (id, tenant, kind, label, scope, hash, sealed, created_ms, expires_ms) \
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let (kind, scope) = (kind.as_str(), scope.as_str());
        self.db.execute(None, sql, params![id, tenant, kind, label, scope, hash, sealed, self.now_ms, expires_ms])?;
        Ok(())
    }

    /// Revokes a key of a tenant; false when there is none, or it was revoked before.
    pub fn revoke_api_key(&self, tenant: &str, id: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE api_key SET revoked_ms = ?3 WHERE id = ?2 AND tenant = ?1 AND revoked_ms IS NULL";
        Ok(self.db.execute(None, sql, params![tenant, id, self.now_ms])? > 0)
    }

    /// Notes that a key was used.
    pub fn touch_api_key(&self, id: &str) -> Result<(), StoreError> {
        let sql = "UPDATE api_key SET last_used_ms = ?2 WHERE id = ?1";
        self.db.execute(None, sql, params![id, self.now_ms])?;
        Ok(())
    }
}

fn read_key(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        id: row.get("id")?,
        tenant: row.get("tenant")?,
        kind: word(row, "kind")?,
        label: row.get("label")?,
        scope: word(row, "scope")?,
        hash: row.get("hash")?,
        sealed: row.get("sealed")?,
        created_ms: row.get("created_ms")?,
        expires_ms: row.get("expires_ms")?,
        last_used_ms: row.get("last_used_ms")?,
        revoked_ms: row.get("revoked_ms")?,
        tenant_disabled: row.get("tenant_disabled")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::TenantAccount;

    fn key(id: &str, tenant: &str) -> ApiKey {
        ApiKey {
            id: id.into(),
            tenant: tenant.into(),
            kind: KeyKind::Signing,
            label: "lab".into(),
            scope: Scope::Submit,
            hash: None,
            sealed: Some(vec![1, 2, 3]),
            created_ms: 0,
            expires_ms: Some(7),
            last_used_ms: None,
            revoked_ms: None,
            tenant_disabled: false,
        }
    }

    #[test]
    fn a_key_lives_and_is_revoked_by_its_tenant() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("x.sqlite")).unwrap();
        assert!(!store.has_api_keys().unwrap() && store.api_key("a").unwrap().is_none());
        store.commit(|tx| tx.create_api_key(&key("a", "bank"))).unwrap();
        assert!(store.commit(|tx| tx.create_api_key(&key("a", "shop"))).is_err(), "ids are given once");
        store.commit(|tx| tx.touch_api_key("a")).unwrap();
        let found = store.api_key("a").unwrap().unwrap();
        assert_eq!((found.kind, found.scope), (KeyKind::Signing, Scope::Submit));
        assert_eq!(found.sealed.as_deref(), Some(&[1, 2, 3][..]));
        assert!(found.created_ms > 0 && found.last_used_ms.is_some() && !found.tenant_disabled);
        assert_eq!(store.api_key_counts(6).unwrap(), [("bank".to_owned(), 1)]);
        assert!(store.api_key_counts(7).unwrap().is_empty(), "it has ended");
        let closed = TenantAccount { disabled: true, ..TenantAccount::new("bank") };
        store.commit(|tx| tx.put_tenant_account(&closed)).unwrap();
        assert!(store.api_key("a").unwrap().unwrap().tenant_disabled);
        assert!(!store.commit(|tx| tx.revoke_api_key("shop", "a")).unwrap(), "another tenant's");
        assert!(store.commit(|tx| tx.revoke_api_key("bank", "a")).unwrap());
        assert!(!store.commit(|tx| tx.revoke_api_key("bank", "a")).unwrap());
        assert!(store.api_keys("bank").unwrap()[0].revoked_ms.is_some() && store.api_keys("shop").unwrap().is_empty());
        assert!(store.has_api_keys().unwrap(), "a node that has had keys goes on asking for them");
    }
}
