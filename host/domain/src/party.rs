//! Roles and parties: who takes part in a job. Not for: accounts of a node (tenants).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a party does in a job. The order is the one that jobs and logs list roles in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Owns the label and starts the job.
    Guest,
    /// Brings more features.
    Host,
    /// Holds the private key, sees no data.
    Arbiter,
    /// Works alone on its own site: upload, download.
    Local,
}

impl Role {
    /// All roles, in their order.
    pub const ALL: [Role; 4] = [Role::Guest, Role::Host, Role::Arbiter, Role::Local];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Guest => "guest",
            Role::Host => "host",
            Role::Arbiter => "arbiter",
            Role::Local => "local",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A role that does not exist.
#[derive(Debug, thiserror::Error)]
#[error("unknown role {0:?} (guest, host, arbiter or local)")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Role, UnknownRole> {
        Role::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// Number of an organisation: 9999, 10000; 0 is the node itself (role `local`).
pub type PartyId = u64;

/// One organisation in one role of a job. Displays as `guest/9999`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Party {
    /// What it does.
    pub role: Role,
    /// Who it is.
    pub id: PartyId,
}

impl Party {
    /// A party in a role.
    pub fn new(role: Role, id: PartyId) -> Party {
        Party { role, id }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.role, self.id)
    }
}
