//! Submitting a job from the browser: the editors with what they begin with, checking, and submitting. Not for: files
//! (`uploading`), what the page looks like (`board::submit`).

use axum::{
    Extension,
    extract::RawQuery,
    response::{Html, IntoResponse},
    routing::{get, post},
};
use parcae_board::{
    parts::job_url,
    submit::{self, Draft, Found, Read, Submission, TEMPLATES, Template, Told},
};
use parcae_domain::{descriptor::Module, party::Party};
use parcae_node::{NodeError, Tenant, view::Filter};
use serde_json::{Value, json};

use crate::{
    answer::Refusal,
    audited::{Said, Witness},
    job::refused_text,
    pages::{Form, Oops, Shown, Visit, go},
    router::Route,
};

mod uploading;

/// Most tables that are looked for, and levels of a conf in which they are.
const TABLES: usize = 30;
const LEVELS: usize = 8;
/// Most components whose modules are looked up.
const COMPONENTS: usize = 500;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        ("/submit", get(page).post(take_on)),
        ("/submit/check", post(check)),
        ("/upload", get(uploading::page).post(uploading::upload)),
        ("/upload/preview", post(uploading::preview)),
    ]
}

/// The page: empty, with a template, or with what a job was submitted with.
async fn page(visit: Visit, RawQuery(query): RawQuery) -> Shown {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let named = |name: &str| {
        Template::named(name).ok_or_else(|| Oops::not_found(format!("there is no template {name:?}: see /submit")))
    };
    let template = query.get("template").map(named).transpose()?;
    let from = query.get("from").map(str::to_owned);
    let submission = visit
        .ask(move |node| {
            let draft = match (template, from) {
                (Some(template), _) => template.draft(),
                (None, Some(job)) => of_job(node, &job)?,
                (None, None) => Draft::default(),
            };
            shown(node, draft, false)
        })
        .await?;
    visit.show(&submit::page(&visit.view, &submission))
}

/// Checks what stands in the editors: a part of the page for script, else the page.
async fn check(visit: Visit, form: Form) -> Shown {
    let draft = draft_of(&form);
    let is_part = form.get("part").is_some();
    let submission = visit.ask(move |node| shown(node, draft, true)).await?;
    match &submission.found {
        Some(found) if is_part => Ok(Html(submit::answer(&visit.view, found).into_string()).into_response()),
        _ => visit.show(&submit::page(&visit.view, &submission)),
    }
}

/// Submits, and goes on at the job's page; or shows the page again with all that is wrong, and what was typed.
async fn take_on(visit: Visit, Extension(witness): Extension<Witness>, form: Form) -> Shown {
    let draft = draft_of(&form);
    match visit.ask(move |node| submitted(node, draft)).await? {
        Ok((job, initiator)) => {
            witness.objects(&json!({"job_id": job}));
            go(&job_url(&job, initiator))
        }
        Err(submission) => {
            let faults = submission.found.iter().flat_map(|found| &found.faults);
            let words: Vec<String> = faults.take(20).map(|told| format!("{}: {}", told.key, told.message)).collect();
            let mut response = visit.show_as(400, &submit::page(&visit.view, &submission))?;
            response.extensions_mut().insert(Said::words(400, &words.join("; ")));
            Ok(response)
        }
    }
}

fn draft_of(form: &Form) -> Draft {
    Draft::of(form.get("dsl").unwrap_or_default(), form.get("conf").unwrap_or_default())
}

/// What the page shows of a draft.
fn shown(node: &Tenant<'_>, draft: Draft, is_typed: bool) -> Result<Submission, Oops> {
    let found = if draft.is_empty() { None } else { Some(look(node, &draft)?.0) };
    let is_there = |module: &str| node.offer(module, None).is_some();
    let lacking = TEMPLATES.iter().filter(|template| template.module.is_some_and(|(module, _)| !is_there(module)));
    let lacking = lacking.map(|template| template.name).collect();
    Ok(Submission { draft, found, lacking, is_typed })
}

/// What is found out about a draft, and its documents when they are any.
fn look(node: &Tenant<'_>, draft: &Draft) -> Result<(Found, Option<(Value, Value)>), Oops> {
    let (dsl, conf) = match draft.read() {
        Ok(read) => read,
        Err(faults) => return Ok((Found { faults, ..Found::default() }, None)),
    };
    let checked = node.check(&dsl, &conf)?;
    let read = Read { components: components(node, &dsl), conf: conf.clone() };
    let missing = missing(node, &conf)?;
    let found = Found { faults: draft.placed(&checked.faults), warnings: checked.warnings, missing, read: Some(read) };
    Ok((found, Some((dsl, conf))))
}

/// Submits a draft without faults: the job and who leads it.
fn submitted(node: &Tenant<'_>, draft: Draft) -> Result<Result<(String, Party), Submission>, Oops> {
    let mut submission = shown(node, Draft::default(), true)?;
    let (mut found, documents) = look(node, &draft)?;
    if let Some((dsl, conf)) = documents.filter(|_| found.faults.is_empty()) {
        match node.submit(&dsl, &conf) {
            (job, Ok(taken)) => return Ok(Ok((job.to_string(), taken.initiator))),
            (_, Err(NodeError::Internal(why))) => return Err(Refusal::internal(&why).into()),
            // It has become wrong in between.
            (_, Err(refused)) => found.faults.push(Told::words(refused_text(refused))),
        }
    }
    (submission.draft, submission.found) = (draft, Some(found));
    Ok(Err(submission))
}

/// What a job of the tenant was submitted with.
fn of_job(node: &Tenant<'_>, job: &str) -> Result<Draft, Oops> {
    let id = node.own_job(job)?;
    let rows = node.jobs(&Filter { jobs: Some(vec![id.to_string()]), ..Filter::default() })?;
    let row = rows.iter().find(|row| row.party == row.initiator).or_else(|| rows.first());
    let row = row.ok_or_else(|| Oops::not_found(format!("there is no job {id}")))?;
    let mut conf = row.runtime_conf.clone();
    let common = conf.pointer_mut("/job_parameters/common").and_then(Value::as_object_mut);
    if let Some(common) = common.filter(|common| common.get("job_type").is_none_or(|kind| kind != "predict")) {
        // What a job trains is named by that job.
        common.remove("model_id");
        common.remove("model_version");
    }
    Ok(Draft::of_values(&row.dsl, &conf))
}

/// The components of a DSL with their modules.
fn components(node: &Tenant<'_>, dsl: &Value) -> Vec<(String, Option<Module>)> {
    let all = dsl.get("components").and_then(Value::as_object).into_iter().flatten();
    let module = |spec: &Value| {
        let name = spec.get("module")?.as_str()?;
        let provider = spec.get("provider").or_else(|| dsl.get("provider")).and_then(Value::as_str);
        let meant = provider.and_then(|provider| node.offer(name, Some(provider)));
        Some(meant.or_else(|| node.offer(name, None))?.module)
    };
    all.take(COMPONENTS).map(|(name, spec)| (name.clone(), module(spec))).collect()
}

/// Tables that a conf names and that are not there.
fn missing(node: &Tenant<'_>, conf: &Value) -> Result<Vec<(String, String)>, NodeError> {
    let mut named = Vec::new();
    if let Some(parameters) = conf.get("component_parameters") {
        tables(parameters, LEVELS, &mut named);
    }
    let mut missing = Vec::new();
    for (namespace, name) in named {
        if node.table(&namespace, &name)?.is_none() {
            missing.push((namespace, name));
        }
    }
    Ok(missing)
}

fn tables(value: &Value, levels: usize, named: &mut Vec<(String, String)>) {
    let Some(all) = value.as_object().filter(|_| levels > 0) else { return };
    for (key, inner) in all {
        let text = |key: &str| Some(inner.get(key)?.as_str().filter(|text| !text.is_empty())?.to_owned());
        match (text("namespace"), text("name")) {
            (Some(namespace), Some(name)) if key == "table" => {
                let table = (namespace, name);
                if named.len() < TABLES && !named.contains(&table) {
                    named.push(table);
                }
            }
            _ => tables(inner, levels - 1, named),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    #[test]
    fn tables_of_a_conf_are_found() {
        let conf = json!({"common": {"a_0": {"table": {"namespace": "n", "name": "t"}}},
            "role": {"guest": {"0": {"reader_0": {"table": {"namespace": "n", "name": "t"}}}},
                "host": {"0": {"a": {"table": {"job_id": "1", "name": "t"}}, "w": {"namespace": "x", "name": "y"}}}}});
        let mut named = Vec::new();
        tables(&conf, LEVELS, &mut named);
        assert_eq!(named, [("n".to_owned(), "t".to_owned())]);
        let mut deep = Map::new();
        for _ in 0..100 {
            deep = Map::from_iter([("a".to_owned(), Value::Object(deep))]);
        }
        tables(&Value::Object(deep), LEVELS, &mut named);
    }
}
