//! Who owns jobs, tables, models and images, and how far a key of an owner reaches. Not for: keys themselves (`metadata`),
//! who sent a request (`server`).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The account that owns something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantId(String);

/// The tenant of a node that knows no other.
pub const DEFAULT_TENANT: &str = "default";

/// Longest name of a tenant.
const LONGEST: usize = 64;

impl TenantId {
    /// The tenant of a node that knows no other.
    pub fn default_tenant() -> TenantId {
        TenantId(DEFAULT_TENANT.to_owned())
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TenantId {
    fn default() -> TenantId {
        TenantId::default_tenant()
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name that no tenant can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no name of a tenant: 1 to 64 small letters, digits, `-` and `_`, the first one a letter or a digit")]
pub struct NoTenant(String);

impl FromStr for TenantId {
    type Err = NoTenant;

    fn from_str(name: &str) -> Result<TenantId, NoTenant> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let first = name.chars().next().is_some_and(fits);
        if first && name.len() <= LONGEST && name.chars().all(|c| fits(c) || matches!(c, '-' | '_')) {
            Ok(TenantId(name.to_owned()))
        } else {
            Err(NoTenant(name.chars().take(LONGEST + 1).collect()))
        }
    }
}

/// How far a key reaches; each one includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Look at what belongs to the tenant.
    Read,
    /// Run jobs, upload and delete tables and models, push components.
    Submit,
    /// Grant, and change how the site is set up.
    Operate,
    /// Tenants, their keys and quotas.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Scope; 4] = [Scope::Read, Scope::Submit, Scope::Operate, Scope::Admin];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Submit => "submit",
            Scope::Operate => "operate",
            Scope::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no scope: there are read, submit, operate, admin")]
pub struct NoScope(String);

impl FromStr for Scope {
    type Err = NoScope;

    fn from_str(word: &str) -> Result<Scope, NoScope> {
        let found = Scope::ALL.into_iter().find(|scope| scope.as_str() == word);
        found.ok_or_else(|| NoScope(word.chars().take(LONGEST).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tenants_can_stand_in_paths() {
        assert!("bank-1".parse::<TenantId>().is_ok());
        for wrong in ["", "Bank", "a/b", "..", "-a", "a b", &"a".repeat(65)] {
            assert!(wrong.parse::<TenantId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn scopes_include_those_before_them() {
        assert!(Scope::Admin > Scope::Operate && Scope::Operate > Scope::Submit && Scope::Submit > Scope::Read);
        assert_eq!("operate".parse::<Scope>().unwrap(), Scope::Operate);
        assert!("root".parse::<Scope>().is_err());
    }
}
