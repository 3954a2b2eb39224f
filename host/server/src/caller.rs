//! Who sends a request: found out before any handler runs. Not for: finding it out (`gate`).

use axum::{extract::FromRequestParts, http::request::Parts};
use parcae_domain::tenant::{Scope, TenantId};

use crate::{
    answer::Refusal,
    state::{App, Shared},
};

/// Name of who has no key.
const ANONYMOUS: &str = "anonymous";

/// Who sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// Whose things they are that the request is about.
    pub(crate) tenant: TenantId,
    /// How far the key reaches.
    pub(crate) scope: Scope,
    /// The key's id, or `anonymous`.
    pub(crate) name: String,
}

impl Caller {
    /// Anybody, at a node that asks nobody who they are.
    pub(crate) fn anonymous() -> Caller {
        Caller { tenant: TenantId::default_tenant(), scope: Scope::Admin, name: ANONYMOUS.into() }
    }

    /// Id of the key; none at a node that asks nobody who they are.
    pub(crate) fn key(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|name| *name != ANONYMOUS)
    }
}

impl FromRequestParts<Shared> for App {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<App, Refusal> {
        let caller = parts.extensions.get::<Caller>().cloned();
        let caller = caller.ok_or_else(|| Refusal::internal("nobody asked who sent this request"))?;
        Ok(App { shared: shared.clone(), caller })
    }
}
