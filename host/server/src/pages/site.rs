//! `/site` and `/tenants`: how the node is, what the tenant uses of it, and all tenants for who administers it. Not
//! for: the audit log (`site::audit`), keys (`site::tokens`).

use axum::{
    extract::RawQuery,
    routing::{get, post},
};
use parcae_board::site::{
    overview::{self, DAYS, Health, Site},
    tenants::{self, ON_A_PAGE, Tenants},
};
use parcae_domain::{status::Status, tenant::Scope};
use parcae_node::{DAY_MS, LimitsOf, Tenant};

use crate::{
    lookup::now_ms,
    pages::{Form, Oops, Shown, Visit, jobs::whys},
    ready,
    router::Route,
};

mod audit;
mod tokens;

/// Jobs in the queue that are shown.
const QUEUE: u32 = 100;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        ("/site", get(site)),
        ("/audit", get(audit::lines)),
        ("/tokens", get(tokens::keys).post(tokens::make)),
        ("/tokens/{id}/revoke", post(tokens::revoke)),
        ("/tenants", get(all_tenants)),
    ]
}

async fn site(visit: Visit) -> Shown {
    let unready = ready::why_not(visit.app.shared.clone()).await;
    let asks = visit.app.gate.asks().await?;
    // What all tenants use together tells each of the others.
    let whole = visit.view.may(Scope::Admin);
    let site = visit.ask(move |node| look(node, whole, unready, asks)).await?;
    visit.show(&overview::page(&visit.view, &site))
}

fn look(node: &Tenant<'_>, whole: bool, unready: Option<String>, asks: bool) -> Result<Site, Oops> {
    let now_ms = now_ms();
    let active = node.active_jobs(QUEUE)?;
    let waiting = active.jobs.iter().map(|line| (line.status == Status::Waiting).then_some(line));
    let first_day = (now_ms.div_euclid(DAY_MS) + 1 - DAYS).saturating_mul(DAY_MS);
    Ok(Site {
        health: Health { version: env!("CARGO_PKG_VERSION"), opened_ms: node.opened_ms(), unready, asks },
        whys: whys(node, waiting),
        resources: node.resources()?,
        quotas: node.quota_use()?,
        limits: node.limits_of(&LimitsOf::default(), whole)?,
        usage: node.usage(Some(first_day), None)?,
        now_ms,
        active,
    })
}

async fn all_tenants(visit: Visit, RawQuery(raw): RawQuery) -> Shown {
    let asked = Form::of(raw.as_deref().unwrap_or_default());
    let page = asked.get("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1);
    let (all, keys) = visit
        .ask(|node| {
            let accounts = node.accounts();
            Ok((accounts.tenants()?, accounts.key_counts()?))
        })
        .await?;
    let page = page.clamp(1, all.len().div_ceil(ON_A_PAGE).max(1));
    let shown: Vec<_> = all.iter().skip((page - 1) * ON_A_PAGE).take(ON_A_PAGE).cloned().collect();
    let tenants = Tenants { tenants: &shown, all: all.len(), page, keys: &keys };
    visit.show(&tenants::page(&visit.view, &tenants))
}
