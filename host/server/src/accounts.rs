//! `tenants`, `keys` and `whoami`: accounts, for administrators; keys of one's own tenant, for who may operate it.
//! Not for: who sends a request (`gate`), how keys are kept (`node`).

use axum::extract::{Path, rejection::PathRejection};
use parcae_api::{
    account::{KeyRequest, KeyRow, LimitRequest, MadeKey, QuotaRequest, TenantRequest, TenantRow, WhoAmI, object},
    retcode,
};
use parcae_domain::tenant::{Scope, TenantId};
use parcae_node::{
    NodeError,
    accounts::{Accounts, KeyKind, KeyView, NewKey, TenantAccount},
};

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    gate::too_little,
    settings::{Named, name_of},
    state::App,
};

/// Two names in a path, which may be no text.
type TwoNamed = Result<Path<(String, String)>, PathRejection>;

/// Refusals of what is asked about accounts.
fn refused(error: NodeError) -> Refusal {
    match error {
        NodeError::NotFound(text) => Refusal::code(retcode::DATA_ERROR, &text),
        NodeError::Exists(text) => Refusal::code(retcode::OPERATING_ERROR, &text),
        other => other.into(),
    }
}

fn wrong(key: &str, fault: impl std::fmt::Display) -> Refusal {
    Refusal::code(retcode::ARGUMENT_ERROR, &format!("argument {key}: {fault}"))
}

fn tenant_of(name: &str) -> Result<TenantId, Refusal> {
    name.parse::<TenantId>().map_err(|e| Refusal::code(retcode::DATA_ERROR, &format!("there is no such tenant: {e}")))
}

/// Asks the accounts.
async fn ask<T, F>(app: &App, question: F) -> Result<T, Refusal>
where
    T: Send + 'static,
    F: FnOnce(&Accounts) -> Result<T, NodeError> + Send + 'static,
{
    app.ask(move |node| question(&node.accounts()).map_err(refused)).await
}

/// All tenants.
pub(crate) async fn tenants(app: App) -> Handled {
    let rows = ask(&app, |accounts| accounts.tenants()).await?;
    Answer::data(rows.into_iter().map(row).collect::<Vec<_>>())
}

/// Makes a tenant.
pub(crate) async fn create(app: App, Asked(request): Asked<TenantRequest>) -> Handled {
    let tenant = request.name.parse::<TenantId>().map_err(|e| wrong("name", e))?;
    Answer::data(row(ask(&app, move |accounts| accounts.create(&tenant)).await?))
}

/// One tenant.
pub(crate) async fn tenant(app: App, name: Named) -> Handled {
    let tenant = tenant_of(&name_of(name))?;
    Answer::data(row(ask(&app, move |accounts| accounts.tenant(&tenant)).await?))
}

/// Changes quotas.
pub(crate) async fn quotas(app: App, name: Named, Asked(request): Asked<QuotaRequest>) -> Handled {
    let (tenant, changes) = (tenant_of(&name_of(name))?, object(request.quotas));
    Answer::data(row(ask(&app, move |accounts| accounts.set_quotas(&tenant, &changes)).await?))
}

/// Changes limits.
pub(crate) async fn limits(app: App, name: Named, Asked(request): Asked<LimitRequest>) -> Handled {
    let (tenant, changes) = (tenant_of(&name_of(name))?, object(request.limits));
    Answer::data(row(ask(&app, move |accounts| accounts.set_limits(&tenant, &changes)).await?))
}

/// Refuses a tenant's keys.
pub(crate) async fn disable(app: App, name: Named) -> Handled {
    set_disabled(&app, name, true).await
}

/// Takes them again.
pub(crate) async fn enable(app: App, name: Named) -> Handled {
    set_disabled(&app, name, false).await
}

async fn set_disabled(app: &App, name: Named, disabled: bool) -> Handled {
    let tenant = tenant_of(&name_of(name))?;
    if disabled && tenant == app.caller.tenant && app.caller.key().is_some() {
        let text = "this would disable the account whose key asks for it: use a key of another tenant, or `parcae \
                    tenant disable`";
        return Err(Refusal::code(retcode::OPERATING_ERROR, text));
    }
    Answer::data(row(ask(app, move |accounts| accounts.set_disabled(&tenant, disabled)).await?))
}

/// Keys of a tenant.
pub(crate) async fn keys(app: App, name: Named) -> Handled {
    keys_of(&app, tenant_of(&name_of(name))?).await
}

/// Keys of one's own tenant.
pub(crate) async fn own_keys(app: App) -> Handled {
    let tenant = app.caller.tenant.clone();
    keys_of(&app, tenant).await
}

async fn keys_of(app: &App, tenant: TenantId) -> Handled {
    let keys = all_keys(app, tenant).await?;
    Answer::data(keys.into_iter().map(key_row).collect::<Vec<_>>())
}

/// All keys of a tenant, the oldest first; those that were revoked, too.
pub(crate) async fn all_keys(app: &App, tenant: TenantId) -> Result<Vec<KeyView>, Refusal> {
    ask(app, move |accounts| accounts.keys(&tenant)).await
}

/// Makes a key of a tenant.
pub(crate) async fn make_key(app: App, name: Named, Asked(request): Asked<KeyRequest>) -> Handled {
    make(&app, tenant_of(&name_of(name))?, request).await
}

/// Makes a key of one's own tenant.
pub(crate) async fn make_own_key(app: App, Asked(request): Asked<KeyRequest>) -> Handled {
    let tenant = app.caller.tenant.clone();
    make(&app, tenant, request).await
}

async fn make(app: &App, tenant: TenantId, request: KeyRequest) -> Handled {
    let (key, secret) = made_key(app, tenant, new_key(&request)?).await?;
    Answer::data(MadeKey { row: key_row(key), secret })
}

/// Makes a key that reaches no further and lasts no longer than the one that asks for it; its secret.
pub(crate) async fn made_key(app: &App, tenant: TenantId, new: NewKey) -> Result<(KeyView, String), Refusal> {
    if new.scope > app.caller.scope {
        return Err(too_little(new.scope, app.caller.scope));
    }
    let by = app.caller.key().map(str::to_owned);
    ask(app, move |accounts| {
        let asking = by.map(|id| accounts.key(&id)).transpose()?.flatten();
        if asking.and_then(|key| key.view.expires_ms).is_some_and(|end| new.expires_ms.is_none_or(|at| at > end)) {
            let text = "expires: the key that asks for this one ends before, and makes none that lasts longer";
            return Err(NodeError::Invalid(text.into()));
        }
        let made = accounts.make_key(&tenant, &new)?;
        let gone = || NodeError::Internal(format!("key {} was made and is not there", made.id));
        let found = accounts.key(&made.id)?.ok_or_else(gone)?;
        Ok((found.view, made.secret))
    })
    .await
}

fn new_key(request: &KeyRequest) -> Result<NewKey, Refusal> {
    let scope = request.scope.parse::<Scope>().map_err(|e| wrong("scope", e))?;
    let kind = request.kind.as_deref().unwrap_or("bearer").parse::<KeyKind>().map_err(|e| wrong("kind", e))?;
    let expires_ms = request.expires.map(|expires| expires.0);
    Ok(NewKey { kind, label: request.label.clone().unwrap_or_default(), scope, expires_ms })
}

/// Revokes a key of a tenant.
pub(crate) async fn revoke(app: App, names: TwoNamed) -> Handled {
    let (name, id) = names.map(|Path(names)| names).unwrap_or_default();
    revoke_of(&app, tenant_of(&name)?, id).await
}

/// Revokes a key of one's own tenant.
pub(crate) async fn revoke_own(app: App, id: Named) -> Handled {
    let tenant = app.caller.tenant.clone();
    revoke_of(&app, tenant, name_of(id)).await
}

async fn revoke_of(app: &App, tenant: TenantId, id: String) -> Handled {
    Answer::data(key_row(revoked_key(app, tenant, id).await?))
}

/// Revokes a key of a tenant, unless it reaches further than the one that asks.
pub(crate) async fn revoked_key(app: &App, tenant: TenantId, id: String) -> Result<KeyView, Refusal> {
    let scope = app.caller.scope;
    let revoked = ask(app, move |accounts| {
        let found = accounts.key(&id)?.filter(|key| key.view.tenant == tenant);
        // Who may do less does not shut out who may do more.
        if let Some(key) = found.filter(|key| key.view.scope > scope) {
            return Ok(Err(key.view.scope));
        }
        accounts.revoke(&tenant, &id).map(Ok)
    });
    revoked.await?.map_err(|needed| too_little(needed, scope))
}

/// Whose key the request came with.
pub(crate) async fn whoami(app: App) -> Handled {
    let (tenant, scope) = (app.caller.tenant.to_string(), app.caller.scope.to_string());
    Answer::data(WhoAmI { tenant, scope, name: app.caller.name.clone() })
}

fn row(account: TenantAccount) -> TenantRow {
    let TenantAccount { name, disabled, quotas, limits, created_ms } = account;
    TenantRow { name, disabled, quotas, limits, created: Some(created_ms).filter(|created| *created > 0) }
}

fn key_row(key: KeyView) -> KeyRow {
    KeyRow {
        id: key.id,
        tenant: key.tenant.to_string(),
        kind: key.kind.as_str().to_owned(),
        label: key.label,
        scope: key.scope.to_string(),
        created: key.created_ms,
        expires: key.expires_ms,
        last_used: key.last_used_ms,
        revoked: key.revoked_ms,
    }
}
