//! Models: the list of all, each with what is in it, its archive, and deploying one. Not for: models of single tasks
//! (`task`).

use axum::{
    extract::RawQuery,
    routing::{get, post},
};
use parcae_board::{
    Frame, View,
    models::{list, model_url, one},
};
use parcae_domain::party::{Party, PartyId, Role};
use parcae_node::{ModelLine, ModelList, Page, Tenant, deploy::DeployRequest, model_query::ModelSearch};

use super::{data::Listing, outputs::stream};
use crate::{
    pages::{Form, Oops, Shown, Visit, go},
    router::Route,
};

/// What the list may be sorted by.
const ORDERS: [&str; 2] = ["created", "model_id"];
/// Other halves, and deployed versions, that a page of a model names.
const OTHERS: u32 = 100;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        ("/models", get(models)),
        ("/model", get(model)),
        ("/model/archive.zip", get(archive)),
        ("/model/deploy", post(deploy)),
    ]
}

async fn models(visit: Visit, RawQuery(query): RawQuery) -> Shown {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let view = visit.view.clone();
    let frame = visit.ask(move |node| listed(node, &view, &query)).await?;
    visit.show(&frame)
}

fn listed(node: &Tenant<'_>, view: &View, query: &Form) -> Result<Frame, Oops> {
    let word = |name: &str| query.get(name).map(str::trim).filter(|text| !text.is_empty());
    let (search, role) = (word("q"), word("role"));
    let kind = word("kind").filter(|kind| ["trained", "deployed"].contains(kind));
    let wanted = ModelList {
        part: search.map(str::to_owned),
        trained: kind.map(|kind| kind == "trained"),
        role: role.map(str::to_owned),
        ..ModelList::default()
    };
    let mut listing = Listing::of(query, &ORDERS);
    let (all, lines) = listing.find(|page| node.model_page(&wanted, page))?;
    let shown = list::Models {
        lines: &lines,
        all,
        search: search.unwrap_or_default(),
        kind: kind.unwrap_or_default(),
        role: role.unwrap_or_default(),
        sort: &listing.sort,
        page: listing.page,
        pages: listing.pages,
    };
    Ok(list::page(view, &shown))
}

/// Id and version of the model that a query or a form names.
fn named(query: &Form) -> Result<(String, String), Oops> {
    let part = |name: &str| query.get(name).map(str::to_owned);
    let absent = || Oops::not_found("an address of a model has its id and its version");
    part("id").zip(part("version")).ok_or_else(absent)
}

/// The party that it names.
fn party(query: &Form) -> Option<Party> {
    let role: Role = query.get("role")?.parse().ok()?;
    let id: PartyId = query.get("party")?.parse().ok()?;
    Some(Party::new(role, id))
}

async fn model(visit: Visit, RawQuery(query): RawQuery) -> Shown {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let view = visit.view.clone();
    let frame = visit.ask_large(move |node| show(node, &view, &query)).await?;
    visit.show(&frame)
}

fn show(node: &Tenant<'_>, view: &View, query: &Form) -> Result<Frame, Oops> {
    let (id, version) = named(query)?;
    let any = |name: &str| query.get(name).map(|text| vec![text.to_owned()]);
    let search = ModelSearch {
        roles: any("role"),
        party_ids: any("party"),
        model_ids: Some(vec![id.clone()]),
        model_versions: Some(vec![version.clone()]),
        limit: Some(1),
    };
    let absent = || Oops::not_found(format!("there is no model {id} of version {version} at that party"));
    let model = node.models(&search)?.into_iter().next().ok_or_else(absent)?;
    let at = model.key.party;
    let elsewhere = ModelList { model_version: Some(version.clone()), ..of(&id) };
    let elsewhere = others(node, &elsewhere, |line| line.key.party != at)?;
    let deployed = ModelList { parent_version: Some(version.clone()), trained: Some(false), ..of(&id) };
    let deployed = others(node, &deployed, |line| line.key.party == at)?;
    let tags: Vec<String> = node.tags_of_model(&version)?.into_iter().map(|tag| tag.name).collect();
    let contents = node.model_contents(at, &id, &version)?;
    let component = query.get("component");
    let parts = match component {
        Some(component) => node.model_parts(at, &id, &version, component)?,
        None => Vec::new(),
    };
    let shown = one::ModelPage {
        model: &model,
        tags: &tags,
        contents: &contents,
        parts: component.map(|component| (component, parts.as_slice())),
        elsewhere: &elsewhere,
        deployed: &deployed,
        has_job: node.own_job(&model.job).is_ok(),
    };
    Ok(one::page(view, &shown))
}

fn of(id: &str) -> ModelList {
    ModelList { model_id: Some(id.to_owned()), ..ModelList::default() }
}

/// Models that have to do with another one, the latest first.
fn others(node: &Tenant<'_>, wanted: &ModelList, fits: impl Fn(&ModelLine) -> bool) -> Result<Vec<ModelLine>, Oops> {
    let page = Page { descending: true, limit: Some(OTHERS), ..Page::default() };
    let (_, mut lines) = node.model_page(wanted, &page)?;
    lines.retain(fits);
    Ok(lines)
}

async fn archive(visit: Visit, RawQuery(query): RawQuery) -> Shown {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let (id, version) = named(&query)?;
    let party = party(&query).ok_or_else(|| Oops::not_found("an address of an archive has role and party"))?;
    let pack = move |node: &Tenant<'_>| -> Result<_, Oops> { Ok(node.export_model(party, &id, &version)?) };
    let archive = visit.app.ask_long(move |node| Ok(pack(node))).await??;
    Ok(stream(&archive.name, "application/zip", archive.bytes, archive.file))
}

/// Deploys a model at all its parties, and goes to the new version.
async fn deploy(visit: Visit, form: Form) -> Shown {
    let (model_id, model_version) = named(&form)?;
    let at = party(&form);
    let wanted = DeployRequest { model_id, model_version, ..DeployRequest::default() };
    let deployed = visit.ask(move |node| Ok(node.deploy(&wanted)?)).await?;
    let failed =
        |(party, result): &(Party, Result<(), String>)| result.as_ref().err().map(|why| format!("at {party}: {why}"));
    let failures: Vec<String> = deployed.parties.iter().filter_map(failed).collect();
    if !failures.is_empty() {
        return Err(Oops::new(409, format!("the model was not deployed\n{}", failures.join("\n"))));
    }
    let at = at.or_else(|| deployed.parties.first().map(|(party, _)| *party));
    match at {
        Some(at) => go(&model_url(&deployed.model_id, &deployed.model_version, at)),
        None => go("/models"),
    }
}
