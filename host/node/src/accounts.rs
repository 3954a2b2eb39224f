//! Tenants and their keys: made, listed, revoked, disabled, and looked up for who sends a request. Works on the data
//! folder of a node whether that runs or not. Not for: what a request needs (`server`), what belongs to a tenant
//! (`tenant`).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parcae_domain::tenant::{Scope, TenantId};
use parcae_metadata::{ApiKey, Store, StoreError};

use crate::files::make_data_folder;
use crate::node::Node;
use crate::queries::store;
use crate::site::now_ms;
use crate::view::NodeError;

mod seal;
mod secret;
mod settings;

pub use parcae_metadata::{KeyKind, TenantAccount};
pub use secret::{fingerprint, parse_token};

use seal::NodeKey;

/// Longest label of a key, characters.
const LABEL: usize = 100;
/// Most keys of a tenant that are not revoked.
const KEYS: usize = 1_000;

/// Tenants and keys of a node.
#[derive(Clone)]
pub struct Accounts {
    store: Arc<Store>,
    data: PathBuf,
}

/// What a new key is to be.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What it is used for.
    pub kind: KeyKind,
    /// What its owner calls it.
    pub label: String,
    /// How far it reaches.
    pub scope: Scope,
    /// When it ends, ms since the epoch.
    pub expires_ms: Option<i64>,
}

/// A new key with its secret, which nobody can ask for again.
#[derive(Clone)]
pub struct MadeKey {
    /// Its id; that of a signing key is the app key of FATE's clients.
    pub id: String,
    /// What is sent with each request, or what signs.
    pub secret: String,
}

/// Why keys of a disabled tenant are refused.
pub const DISABLED: &str = "the account is disabled; whoever runs the node can enable it";

/// A key as those see it who may look at it.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyView {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub tenant: TenantId,
    /// What it is used for.
    pub kind: KeyKind,
    /// What its owner calls it.
    pub label: String,
    /// How far it reaches.
    pub scope: Scope,
    /// When it was made, ms since the epoch.
    pub created_ms: i64,
    /// When it ends.
    pub expires_ms: Option<i64>,
    /// When it was used last, about a minute exact.
    pub last_used_ms: Option<i64>,
    /// When it was revoked.
    pub revoked_ms: Option<i64>,
}

/// A key that a request names.
pub struct FoundKey {
    /// What there is to see of it.
    pub view: KeyView,
    row: ApiKey,
}

impl FoundKey {
    /// Why a right secret does not help: words for who has it.
    pub fn refusal(&self, now_ms: i64) -> Option<&'static str> {
        if self.row.revoked_ms.is_some() {
            Some("the key was revoked; ask for a new one")
        } else if self.row.expires_ms.is_some_and(|end| end <= now_ms) {
            Some("the key has expired; ask for a new one")
        } else if self.row.tenant_disabled {
            Some(DISABLED)
        } else {
            None
        }
    }

    /// Whether a bearer's secret is that of the key. Takes tens of milliseconds and 19 MiB, on purpose.
    pub fn is_secret(&self, secret: &str) -> bool {
        self.row.hash.as_deref().is_some_and(|hash| secret::is_hash_of(hash, secret))
    }
}

impl Node {
    /// Tenants and keys.
    pub fn accounts(&self) -> Accounts {
        Accounts { store: self.site.store.clone(), data: self.site.options.data.clone() }
    }
}

fn purpose(id: &str) -> String {
    format!("parcae api key {id}")
}

fn no_tenant(tenant: &TenantId) -> NodeError {
    NodeError::NotFound(format!("there is no tenant {tenant}: `parcae tenant create {tenant}` makes it"))
}

impl Accounts {
    /// Those of a data folder, which a node may have open; `make` for one that no node has had yet.
    pub fn open(data: &Path, make: bool) -> Result<Accounts, NodeError> {
        let file = data.join("parcae.sqlite");
        if !make && !file.is_file() {
            let text = format!("{} is no data folder of a node: name it with --data", data.display());
            return Err(NodeError::NotFound(text));
        }
        let failed = |e: String| NodeError::Internal(format!("data folder {}: {e}", data.display()));
        make_data_folder(data).map_err(|e| failed(e.to_string()))?;
        let store = Store::open(file).map_err(|e| failed(e.to_string()))?;
        Ok(Accounts { store: Arc::new(store), data: data.to_owned() })
    }

    /// All tenants by name.
    pub fn tenants(&self) -> Result<Vec<TenantAccount>, NodeError> {
        self.store.tenant_accounts().map_err(store)
    }

    /// One tenant.
    pub fn tenant(&self, tenant: &TenantId) -> Result<TenantAccount, NodeError> {
        self.store.tenant_account(tenant.as_str()).map_err(store)?.ok_or_else(|| no_tenant(tenant))
    }

    /// Makes a tenant.
    pub fn create(&self, tenant: &TenantId) -> Result<TenantAccount, NodeError> {
        let made = self.store.commit(|tx| {
            if tx.tenant_account(tenant.as_str())?.is_some() {
                return Err(StoreError::Exists(tenant.to_string()));
            }
            tx.put_tenant_account(&TenantAccount::new(tenant.as_str()))
        });
        match made {
            Ok(()) => self.tenant(tenant),
            Err(StoreError::Exists(_)) => Err(NodeError::Exists(format!("tenant {tenant} is there already"))),
            Err(other) => Err(store(other)),
        }
    }

    /// Disables a tenant: its keys are refused at once, what it has stays and what runs goes on. Or enables it again.
    pub fn set_disabled(&self, tenant: &TenantId, disabled: bool) -> Result<TenantAccount, NodeError> {
        self.change(tenant, |account| {
            account.disabled = disabled;
            Ok(())
        })
    }

    /// Changes a tenant in one transaction.
    fn change(
        &self,
        tenant: &TenantId,
        change: impl FnOnce(&mut TenantAccount) -> Result<(), NodeError>,
    ) -> Result<TenantAccount, NodeError> {
        let mut refused = None;
        let changed = self.store.commit(|tx| {
            let Some(mut account) = tx.tenant_account(tenant.as_str())? else {
                refused = Some(no_tenant(tenant));
                return Ok(());
            };
            match change(&mut account) {
                Ok(()) => tx.put_tenant_account(&account),
                Err(error) => {
                    refused = Some(error);
                    Ok(())
                }
            }
        });
        changed.map_err(store)?;
        match refused {
            Some(error) => Err(error),
            None => self.tenant(tenant),
        }
    }

    /// True when a key was ever made: from then on nobody is let in without one.
    pub fn has_keys(&self) -> Result<bool, NodeError> {
        self.store.has_api_keys().map_err(store)
    }

    /// Makes a key. Its secret is in the answer, and nowhere else.
    pub fn make_key(&self, tenant: &TenantId, new: &NewKey) -> Result<MadeKey, NodeError> {
        self.tenant(tenant)?;
        if new.label.chars().count() > LABEL || new.label.chars().any(char::is_control) {
            return Err(NodeError::Invalid(format!("label: must be one line of at most {LABEL} characters")));
        }
        if new.expires_ms.is_some_and(|end| end <= now_ms()) {
            return Err(NodeError::Invalid("expires: must be in the future".into()));
        }
        let alive = self.keys(tenant)?.iter().filter(|key| key.revoked_ms.is_none()).count();
        if alive >= KEYS {
            return Err(NodeError::Invalid(format!("tenant {tenant} has {KEYS} keys: revoke some first")));
        }
        let id = secret::draw_id().map_err(NodeError::Internal)?;
        let secret = secret::draw_secret().map_err(NodeError::Internal)?;
        let (hash, sealed, shown) = match new.kind {
            KeyKind::Bearer => {
                let hash = secret::hash(&secret).map_err(NodeError::Internal)?;
                (Some(hash), None, secret::token(&id, &secret))
            }
            KeyKind::Signing => {
                let key = NodeKey::read_or_make(&self.data).map_err(NodeError::Internal)?;
                (None, Some(key.seal(&purpose(&id), &secret).map_err(NodeError::Internal)?), secret)
            }
        };
        let row = ApiKey {
            id: id.clone(),
            tenant: tenant.as_str().to_owned(),
            kind: new.kind,
            label: new.label.clone(),
            scope: new.scope,
            hash,
            sealed,
            created_ms: 0,
            expires_ms: new.expires_ms,
            last_used_ms: None,
            revoked_ms: None,
            tenant_disabled: false,
        };
        self.store.commit(|tx| tx.create_api_key(&row)).map_err(store)?;
        Ok(MadeKey { id, secret: shown })
    }

    /// All keys of a tenant, the oldest first; those that were revoked, too.
    pub fn keys(&self, tenant: &TenantId) -> Result<Vec<KeyView>, NodeError> {
        self.tenant(tenant)?;
        let rows = self.store.api_keys(tenant.as_str()).map_err(store)?;
        rows.iter().map(view).collect()
    }

    /// How many keys each tenant has that work now; those who have none are left out.
    pub fn key_counts(&self) -> Result<std::collections::BTreeMap<String, u64>, NodeError> {
        Ok(self.store.api_key_counts(now_ms()).map_err(store)?.into_iter().collect())
    }

    /// Revokes a key of a tenant: from now on it is refused.
    pub fn revoke(&self, tenant: &TenantId, id: &str) -> Result<KeyView, NodeError> {
        let none = || NodeError::NotFound(format!("there is no key {id:?} of tenant {tenant}"));
        self.tenant(tenant)?;
        let revoked = self.store.commit(|tx| tx.revoke_api_key(tenant.as_str(), id)).map_err(store)?;
        let found = self.key(id)?.map(|found| found.view).filter(|view| view.tenant == *tenant).ok_or_else(none)?;
        if revoked { Ok(found) } else { Err(NodeError::Invalid(format!("key {id} was revoked before"))) }
    }

    /// The key of an id, whosever it is.
    pub fn key(&self, id: &str) -> Result<Option<FoundKey>, NodeError> {
        let row = self.store.api_key(id).map_err(store)?;
        row.map(|row| Ok(FoundKey { view: view(&row)?, row })).transpose()
    }

    /// The secret of a signing key; none when the node's own key is not the one that sealed it.
    pub fn signing_secret(&self, key: &FoundKey) -> Result<Option<String>, NodeError> {
        let Some(sealed) = &key.row.sealed else { return Ok(None) };
        let node = NodeKey::read(&self.data).map_err(NodeError::Internal)?;
        Ok(node.open(&purpose(&key.row.id), sealed))
    }

    /// Notes that a key was used.
    pub fn touch(&self, id: &str) -> Result<(), NodeError> {
        self.store.commit(|tx| tx.touch_api_key(id)).map_err(store)
    }
}

fn view(row: &ApiKey) -> Result<KeyView, NodeError> {
    Ok(KeyView {
        id: row.id.clone(),
        tenant: row.tenant.parse::<TenantId>().map_err(|e| NodeError::Internal(format!("key {}: {e}", row.id)))?,
        kind: row.kind,
        label: row.label.clone(),
        scope: row.scope,
        created_ms: row.created_ms,
        expires_ms: row.expires_ms,
        last_used_ms: row.last_used_ms,
        revoked_ms: row.revoked_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts() -> (tempfile::TempDir, Accounts) {
        let folder = tempfile::tempdir().unwrap();
        let accounts = Accounts::open(folder.path(), true).unwrap();
        (folder, accounts)
    }

    fn new(kind: KeyKind) -> NewKey {
        NewKey { kind, label: "lab".into(), scope: Scope::Submit, expires_ms: None }
    }

    #[test]
    fn a_bearers_secret_is_checked_and_nowhere_kept() {
        let (folder, accounts) = accounts();
        let bank: TenantId = "bank".parse().unwrap();
        let refused = accounts.make_key(&bank, &new(KeyKind::Bearer)).err().map(|e| e.to_string()).unwrap();
        assert!(refused.contains("parcae tenant create bank"), "{refused}");
        accounts.create(&bank).unwrap();
        assert!(matches!(accounts.create(&bank), Err(NodeError::Exists(_))));
        let made = accounts.make_key(&bank, &new(KeyKind::Bearer)).unwrap();
        let (id, secret) = parse_token(&made.secret).unwrap();
        let found = accounts.key(id).unwrap().unwrap();
        assert!(found.is_secret(secret) && !found.is_secret("other") && found.refusal(now_ms()).is_none());
        assert_eq!(accounts.signing_secret(&found).unwrap(), None);
        for entry in std::fs::read_dir(folder.path()).unwrap().flatten() {
            let bytes = std::fs::read(entry.path()).unwrap();
            let shown = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!shown, "{} has the secret", entry.path().display());
        }
        accounts.set_disabled(&bank, true).unwrap();
        assert_eq!(accounts.key(id).unwrap().unwrap().refusal(now_ms()), Some(DISABLED));
        accounts.set_disabled(&bank, false).unwrap();
        let other = TenantId::default_tenant();
        assert!(matches!(accounts.revoke(&other, id), Err(NodeError::NotFound(_))));
        accounts.revoke(&bank, id).unwrap();
        assert!(accounts.key(id).unwrap().unwrap().refusal(now_ms()).unwrap().contains("revoked"));
    }

    #[test]
    fn a_signing_key_is_read_again_with_the_nodes_key_only() {
        let (folder, accounts) = accounts();
        let made = accounts.make_key(&TenantId::default_tenant(), &new(KeyKind::Signing)).unwrap();
        let found = accounts.key(&made.id).unwrap().unwrap();
        assert!(!found.is_secret(&made.secret));
        assert_eq!(accounts.signing_secret(&found).unwrap().as_deref(), Some(made.secret.as_str()));
        std::fs::write(folder.path().join("node.key"), [7; 32]).unwrap();
        assert_eq!(accounts.signing_secret(&found).unwrap(), None);
        std::fs::remove_file(folder.path().join("node.key")).unwrap();
        assert!(accounts.signing_secret(&found).is_err());
    }

    #[test]
    fn a_key_ends_when_it_was_said_to() {
        let (_folder, accounts) = accounts();
        let tenant = TenantId::default_tenant();
        let ends = |expires_ms| NewKey { expires_ms: Some(expires_ms), ..new(KeyKind::Bearer) };
        assert!(accounts.make_key(&tenant, &ends(now_ms())).is_err());
        let end = now_ms() + 1_000_000;
        let made = accounts.make_key(&tenant, &ends(end)).unwrap();
        let found = accounts.key(&made.id).unwrap().unwrap();
        assert!(found.refusal(end - 1).is_none() && found.refusal(end).unwrap().contains("expired"));
    }
}
