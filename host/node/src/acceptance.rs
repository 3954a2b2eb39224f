//! Whether every party of a job can run, and takes, the images that it names: asked before the job starts, and again when
//! it is taken up or run again. Not for: the rules (`policy`), grants (`given`).

use parcae_domain::{party::Party, tenant::TenantId};
use parcae_dsl::{Fault, Faults, JobPlan};
use parcae_metadata::{Image, StoreError, TaskRow};
use serde_json::Value;

use crate::policy::PartyRules;
use crate::queries::store;
use crate::signing::DetachedSignature;
use crate::site::Site;
use crate::view::NodeError;

/// An image that parties are to run.
struct Use<'a> {
    component: &'a str,
    module: &'a str,
    image: &'a str,
    parties: &'a [Party],
}

/// A plan as it was submitted: why its parties cannot run it, or will not.
pub(crate) fn of_plan(site: &Site, tenant: &TenantId, plan: &JobPlan) -> Result<(), NodeError> {
    let uses = plan.components.iter().map(|component| Use {
        component: &component.name,
        module: &component.module.name,
        image: &component.image,
        parties: &component.parties,
    });
    accepted(site, tenant, uses)
}

/// Tasks of a plan that are to run with the images of their rows.
pub(crate) fn of_tasks(site: &Site, tenant: &TenantId, plan: &JobPlan, tasks: &[TaskRow]) -> Result<(), NodeError> {
    let uses = tasks.iter().filter_map(|task| {
        let parties = &plan.component(&task.component)?.parties;
        Some(Use { component: &task.component, module: &task.module, image: &task.image, parties })
    });
    accepted(site, tenant, uses)
}

fn accepted<'a>(site: &Site, tenant: &TenantId, uses: impl Iterator<Item = Use<'a>>) -> Result<(), NodeError> {
    let mut list = Vec::new();
    for used in uses {
        let key = format!("components.{}.module", used.component);
        let refusals = refusals(site, tenant, &used)?;
        list.extend(refusals.into_iter().map(|why| Fault::new(Some(used.component), &key, why)));
    }
    if list.is_empty() { Ok(()) } else { Err(NodeError::Invalid(Faults { list }.to_string())) }
}

fn refusals(site: &Site, tenant: &TenantId, used: &Use<'_>) -> Result<Vec<String>, NodeError> {
    let Use { module, image, parties, .. } = used;
    match site.catalog.origin(tenant, image) {
        Some(origin) if origin.is_operators() => return Ok(Vec::new()),
        Some(_) => {}
        // What came with an earlier version of the node gives way to what comes with this one.
        None if site.substitute(module).is_some() => return Ok(Vec::new()),
        None => return Ok(vec![gone(module, image, parties)]),
    }
    let policy = &site.options.policy;
    let ruled: Vec<_> = parties.iter().filter_map(|party| Some((party, policy.party(tenant, party.id)?))).collect();
    if ruled.is_empty() {
        return Ok(Vec::new());
    }
    let Some(row) = site.store.image(tenant.as_str(), image).map_err(store)? else {
        return Ok(vec![gone(module, image, parties)]);
    };
    let signature = row.signature.as_deref().map(DetachedSignature::parse).transpose().map_err(NodeError::Internal)?;
    let label = row.descriptor.label();
    let refusal = |(party, rules): (&Party, PartyRules<'_>)| {
        let why = rules.refusal(image, signature.as_ref())?;
        Some(format!("party {party} does not take {label} (sha256:{image}), which serves module {module}: {why}"))
    };
    Ok(ruled.into_iter().filter_map(refusal).collect())
}

/// Adds to faults about modules which images could serve them and are left out, and why.
pub(crate) fn explain(site: &Site, tenant: &TenantId, dsl: &Value, faults: &mut Faults) -> Result<(), StoreError> {
    let mut left_out = None;
    for fault in &mut faults.list {
        let Some(component) = &fault.component else { continue };
        let wanted = dsl["components"][component]["module"].as_str().unwrap_or_default();
        if fault.key != format!("components.{component}.module") && !fault.key.contains("provider") {
            continue;
        }
        let rows = match &left_out {
            Some(rows) => rows,
            None => left_out.insert(rows_left_out(site, tenant)?),
        };
        let names = |row: &&Image| row.descriptor.module(wanted).is_some();
        let words = |row: &Image| {
            let (label, digest) = (row.descriptor.label(), &row.digest);
            format!("{label} (sha256:{digest}) was left out: {}", site.left_out.why(tenant, digest))
        };
        let words: Vec<String> = fault.hint.take().into_iter().chain(rows.iter().filter(names).map(words)).collect();
        fault.hint = (!words.is_empty()).then(|| words.join("; "));
    }
    Ok(())
}

fn rows_left_out(site: &Site, tenant: &TenantId) -> Result<Vec<Image>, StoreError> {
    let mut rows = site.store.images(tenant.as_str())?;
    rows.retain(|row| !site.catalog.has(tenant, &row.digest));
    Ok(rows)
}

fn gone(module: &str, image: &str, parties: &[Party]) -> String {
    let parties: Vec<String> = parties.iter().map(Party::to_string).collect();
    let parties = parties.join(", ");
    format!(
        "image sha256:{image} of module {module} is not there for {parties}: it was removed, or is kept out by \
         components_policy; push it again, or submit the job anew"
    )
}
