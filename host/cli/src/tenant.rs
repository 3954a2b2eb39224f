//! `parcae tenant`: tenants and their keys, in the data folder itself, so that the first key needs no node that runs
//! and nobody's permission. Not for: what accounts are (`node`), the same over HTTP (`server`).

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::anyhow;
use jiff::Timestamp;
use parcae_domain::{
    limit::set_elsewhere,
    limit_sources::LimitSet,
    quota::Quotas,
    tenant::{Scope, TenantId},
};
use parcae_node::{
    NodeError,
    accounts::{Accounts, KeyKind, KeyView, MadeKey, NewKey, TenantAccount},
};
use serde_json::{Map, Value, json};

use crate::{
    Done, UsageError, args,
    args::{DataFolder, OneTenant, Settings, Tenant},
    audit::AboutKey,
    config::no_such,
    output::{Output, columns},
};

/// Carries out what was typed.
pub(crate) fn run(command: &Tenant, output: Output, about: &mut AboutKey) -> anyhow::Result<Done> {
    match command {
        Tenant::Create(one) => create(one, output),
        Tenant::List(folder) => list(folder, output),
        Tenant::Key(new) => key(new, output, about),
        Tenant::Keys(one) => keys(one, output),
        Tenant::Revoke { key, folder } => revoke(key, folder, output, about),
        Tenant::Quota(settings) => quota(settings, output),
        Tenant::Limit(settings) => limit(settings, output),
        Tenant::Disable(one) => set_disabled(one, true, output),
        Tenant::Enable(one) => set_disabled(one, false, output),
    }
}

/// What the node failed at itself is no fault of who typed.
pub(crate) fn told(error: NodeError) -> anyhow::Error {
    match error {
        NodeError::Internal(text) => anyhow!(text),
        other => UsageError(other.to_string()).into(),
    }
}

/// Accounts of a folder that a node has used.
fn open(folder: &DataFolder) -> anyhow::Result<Accounts> {
    Accounts::open(&folder.data, false).map_err(told)
}

fn create(one: &OneTenant, output: Output) -> anyhow::Result<Done> {
    let made = Accounts::open(&one.folder.data, true).and_then(|accounts| accounts.create(&one.name)).map_err(told)?;
    output.result(&shown(&made), || {
        format!("tenant {} is there; `parcae tenant key {}` makes a key for it", one.name, one.name)
    })?;
    Ok(Done::Well)
}

fn list(folder: &DataFolder, output: Output) -> anyhow::Result<Done> {
    let accounts = open(folder)?;
    let tenants = accounts.tenants().map_err(told)?;
    let json: Vec<Value> = tenants.iter().map(shown).collect();
    output.result(&json, || {
        let head = ["NAME", "STATE", "QUOTAS", "LIMITS"].map(str::to_owned).to_vec();
        let line = |tenant: &TenantAccount| {
            let state = if tenant.disabled { "disabled" } else { "enabled" };
            vec![tenant.name.clone(), state.to_owned(), pairs(&tenant.quotas), pairs(&tenant.limits)]
        };
        columns(&std::iter::once(head).chain(tenants.iter().map(line)).collect::<Vec<_>>())
    })?;
    Ok(Done::Well)
}

fn key(typed: &args::NewKey, output: Output, about: &mut AboutKey) -> anyhow::Result<Done> {
    let accounts = Accounts::open(&typed.folder.data, true).map_err(told)?;
    let new = NewKey {
        kind: if typed.signing { KeyKind::Signing } else { KeyKind::Bearer },
        label: typed.label.clone(),
        scope: typed.scope,
        expires_ms: typed.expires.map(|lifetime| now_ms().saturating_add(lifetime.0)),
    };
    let made = accounts.make_key(&typed.name, &new).map_err(told)?;
    about.id.clone_from(&made.id);
    let json = json!({
        "id": made.id, "tenant": typed.name, "kind": new.kind.as_str(), "scope": new.scope, "expires": new.expires_ms,
        "secret": made.secret,
    });
    output.result(&json, || how_to_use(&made, &typed.name, new.scope, new.kind))?;
    output.say("the secret is shown this once; from now on the node lets nobody in without a key");
    Ok(Done::Well)
}

fn how_to_use(made: &MadeKey, tenant: &TenantId, scope: Scope, kind: KeyKind) -> String {
    let MadeKey { id, secret } = made;
    let head = format!("key {id} of tenant {tenant}, scope {scope}");
    match kind {
        KeyKind::Bearer => format!(
            "{head}\n\n  {secret}\n\nfor parcae:  export PARCAE_API_KEY={secret}\nfor curl:    curl -H \
             'Authorization: Bearer {secret}' http://127.0.0.1:9380/v1/whoami"
        ),
        KeyKind::Signing => format!(
            "{head}\n\n  app key     {id}\n  secret key  {secret}\n\nfor FATE's client:  flow init --ip 127.0.0.1 \
             --port 9380 --app-key {id} --secret-key {secret}\nfor parcae:         export PARCAE_APP_KEY={id} \
             PARCAE_SECRET_KEY={secret}"
        ),
    }
}

fn keys(one: &OneTenant, output: Output) -> anyhow::Result<Done> {
    let keys = open(&one.folder)?.keys(&one.name).map_err(told)?;
    let json: Vec<Value> = keys.iter().map(shown_key).collect();
    output.result(&json, || {
        let head = ["ID", "KIND", "SCOPE", "STATE", "EXPIRES", "LAST USED", "LABEL"].map(str::to_owned).to_vec();
        let line = |key: &KeyView| {
            let state = match (key.revoked_ms, key.expires_ms) {
                (Some(_), _) => "revoked",
                (None, Some(end)) if end <= now_ms() => "expired",
                (None, _) => "valid",
            };
            let (kind, scope) = (key.kind.as_str().to_owned(), key.scope.to_string());
            let label = key.label.clone();
            let (expires, used) = (time(key.expires_ms), time(key.last_used_ms));
            vec![key.id.clone(), kind, scope, state.to_owned(), expires, used, label]
        };
        columns(&std::iter::once(head).chain(keys.iter().map(line)).collect::<Vec<_>>())
    })?;
    Ok(Done::Well)
}

fn revoke(id: &str, folder: &DataFolder, output: Output, about: &mut AboutKey) -> anyhow::Result<Done> {
    let accounts = open(folder)?;
    let Some(found) = accounts.key(id).map_err(told)? else {
        return Err(UsageError(format!("there is no key {id:?}: `parcae tenant keys TENANT` lists them")).into());
    };
    about.tenant = found.view.tenant.to_string();
    let revoked = accounts.revoke(&found.view.tenant, id).map_err(told)?;
    output.result(&shown_key(&revoked), || format!("key {id} of tenant {} is revoked", revoked.tenant))?;
    Ok(Done::Well)
}

/// What was typed as an object; unknown names are told with the nearest one.
fn changes(
    settings: &Settings,
    what: &str,
    known: impl Iterator<Item = &'static str>,
) -> Result<Map<String, Value>, UsageError> {
    let known: Vec<&str> = known.collect();
    let mut changes = Map::new();
    for setting in &settings.changes {
        if !known.contains(&setting.name.as_str()) {
            let place = set_elsewhere(&setting.name).filter(|_| what == "limit");
            let text = match place {
                Some(place) => format!("{}: no limit of a tenant; {place}", setting.name),
                None => no_such(&setting.name, what, known.iter().copied()),
            };
            return Err(UsageError(text));
        }
        changes.insert(setting.name.clone(), setting.number.map_or(Value::Null, Value::from));
    }
    Ok(changes)
}

fn quota(settings: &Settings, output: Output) -> anyhow::Result<Done> {
    let changes = changes(settings, "quota", Quotas::ALL.iter().map(|info| info.name))?;
    let accounts = open(&settings.folder)?;
    let tenant = if changes.is_empty() {
        accounts.tenant(&settings.name)
    } else {
        accounts.set_quotas(&settings.name, &changes)
    };
    let tenant = tenant.map_err(told)?;
    output.result(&shown(&tenant), || format!("quotas of tenant {}: {}", tenant.name, pairs(&tenant.quotas)))?;
    Ok(Done::Well)
}

fn limit(settings: &Settings, output: Output) -> anyhow::Result<Done> {
    let changes = changes(settings, "limit", LimitSet::names())?;
    let accounts = open(&settings.folder)?;
    let tenant = if changes.is_empty() {
        accounts.tenant(&settings.name)
    } else {
        accounts.set_limits(&settings.name, &changes)
    };
    let tenant = tenant.map_err(told)?;
    output.result(&shown(&tenant), || format!("limits of tenant {}: {}", tenant.name, pairs(&tenant.limits)))?;
    Ok(Done::Well)
}

fn set_disabled(one: &OneTenant, disabled: bool, output: Output) -> anyhow::Result<Done> {
    let tenant = open(&one.folder)?.set_disabled(&one.name, disabled).map_err(told)?;
    let state = if disabled { "disabled: its keys are refused" } else { "enabled: its keys are taken" };
    output.result(&shown(&tenant), || format!("tenant {} is {state}", tenant.name))?;
    Ok(Done::Well)
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// `a=1 b=2`.
fn pairs(object: &Value) -> String {
    let pairs = object.as_object().into_iter().flatten().map(|(name, number)| format!("{name}={number}"));
    let pairs = pairs.collect::<Vec<_>>().join(" ");
    if pairs.is_empty() { "-".to_owned() } else { pairs }
}

fn time(ms: Option<i64>) -> String {
    let time = ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    time.map_or_else(|| "-".to_owned(), |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn shown(tenant: &TenantAccount) -> Value {
    let TenantAccount { name, disabled, quotas, limits, created_ms } = tenant;
    json!({"name": name, "disabled": disabled, "quotas": quotas, "limits": limits, "created": created_ms})
}

fn shown_key(key: &KeyView) -> Value {
    json!({
        "id": key.id, "tenant": key.tenant, "kind": key.kind.as_str(), "label": key.label, "scope": key.scope,
        "created": key.created_ms, "expires": key.expires_ms, "last_used": key.last_used_ms, "revoked": key.revoked_ms,
    })
}
