//! Clients that the node's configuration names: secrets that sign, and whose account each stands for. Not for: keys
//! that are made while the node runs (`parcae_node::accounts`).

use parcae_api::signature::Secret;
use parcae_domain::tenant::{Scope, TenantId};

/// A client of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// What it signs with.
    pub secret: Secret,
    /// Whose requests they are.
    pub tenant: TenantId,
    /// How far it reaches.
    pub scope: Scope,
}

/// One who may do everything but make tenants.
impl From<Secret> for Client {
    fn from(secret: Secret) -> Client {
        Client { secret, tenant: TenantId::default_tenant(), scope: Scope::Operate }
    }
}
