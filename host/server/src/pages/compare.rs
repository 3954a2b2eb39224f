//! The page that compares jobs: what of each job is asked of the node. Not for: what it looks like (`board::compare`).

use std::time::Duration;

use axum::{extract::RawQuery, routing::get};
use parcae_board::compare::{self, Compare, Dataset, Found, MOST, Side, Used};
use parcae_domain::party::{Party, PartyId, Role};
use parcae_node::{
    NodeError, Tenant,
    view::{Filter, JobView, Series, TaskView},
};

use crate::{
    pages::{Form, Oops, Shown, Visit},
    router::Route,
};

/// Tasks of a job that are looked at, at all its parties.
const MOST_TASKS: u32 = 400;
/// Series of a job that are compared.
const MOST_SERIES: usize = 400;
/// Points of a job that are compared; series beyond them are left out.
const MOST_POINTS: usize = 100_000;

pub(crate) fn routes() -> Vec<Route> {
    vec![("/compare", get(page))]
}

async fn page(visit: Visit, RawQuery(query): RawQuery) -> Shown {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let (mut ids, mut left_out): (Vec<String>, usize) = (Vec::new(), 0);
    for id in query.all("job").into_iter().map(str::trim).filter(|id| !id.is_empty()) {
        if ids.iter().any(|known| known == id) {
            continue;
        }
        if ids.len() < MOST {
            ids.push(id.to_owned());
        } else {
            left_out += 1;
        }
    }
    let party = party(&query);
    let view = visit.view.clone();
    let frame = visit.ask_large(move |node| {
        let found = ids.into_iter().map(|id| found(node, id, party)).collect::<Result<Vec<Found>, Oops>>()?;
        let compare = Compare {
            found: &found,
            party,
            shows_all: query.get("all").is_some(),
            dataset: query.get("dataset"),
            left_out,
        };
        Ok(compare::page(&view, &compare))
    });
    visit.show(&frame.await?)
}

/// Whose view is asked for.
fn party(query: &Form) -> Option<Party> {
    let role = query.get("role")?.parse::<Role>().ok()?;
    Some(Party::new(role, query.get("party")?.parse::<PartyId>().ok()?))
}

/// A job, or why it cannot be compared; only when the node itself fails there is no page.
fn found(node: &Tenant<'_>, id: String, party: Option<Party>) -> Result<Found, Oops> {
    match side(node, &id, party) {
        Ok(side) => Ok(Found { id, side: Ok(Box::new(side)) }),
        Err(NodeError::Internal(why)) => Err(NodeError::Internal(why).into()),
        Err(why) => Ok(Found { id, side: Err(why.to_string()) }),
    }
}

fn side(node: &Tenant<'_>, id: &str, party: Option<Party>) -> Result<Side, NodeError> {
    let id = node.own_job(id)?.to_string();
    let jobs = vec![id.clone()];
    let rows = node.jobs(&Filter { jobs: Some(jobs.clone()), ..Filter::default() })?;
    let is_wanted = |row: &JobView| row.party == party.unwrap_or(row.initiator);
    let absent = || match party {
        Some(party) => NodeError::NotFound(format!("job {id} has no party {party}")),
        None => NodeError::NotFound(format!("there is no job {id}")),
    };
    let job = rows.into_iter().find(is_wanted).ok_or_else(absent)?;
    let all = node.tasks(&Filter { jobs: Some(jobs), limit: Some(MOST_TASKS), ..Filter::default() })?;
    let series = series(node, &id, job.party, &all)?;
    let order = node.components(&id)?;
    let mut tasks: Vec<TaskView> = all.into_iter().filter(|task| task.party == job.party).collect();
    tasks.sort_by_key(|task| order.iter().position(|name| *name == task.component));
    let data = data(node, &tasks)?;
    Ok(Side { job, tasks, data, used: used(node, &id)?, series })
}

/// Series of the party's own tasks, and losses from where they are known: at the arbiter.
fn series(node: &Tenant<'_>, id: &str, own: Party, tasks: &[TaskView]) -> Result<Vec<(String, Series)>, NodeError> {
    let mut found: Vec<(String, Series)> = Vec::new();
    let mut points = 0;
    for task in tasks.iter().filter(|task| task.party == own || task.party.role == Role::Arbiter) {
        for series in node.metrics(id, &task.component, task.party)? {
            let is_told = task.party == own || series.metric_type == "LOSS";
            let is_known = found.iter().any(|(component, other)| {
                *component == task.component && other.namespace == series.namespace && other.name == series.name
            });
            let has_room = points + series.points.len() <= MOST_POINTS && found.len() < MOST_SERIES;
            if is_told && !is_known && has_room {
                points += series.points.len();
                found.push((task.component.clone(), series));
            }
        }
    }
    Ok(found)
}

/// Tables that its readers name.
fn data(node: &Tenant<'_>, tasks: &[TaskView]) -> Result<Vec<Dataset>, NodeError> {
    let mut found = Vec::new();
    for task in tasks.iter().filter(|task| task.module == "Reader") {
        let text = |key: &str| task.parameters.pointer(&format!("/table/{key}")).and_then(|value| value.as_str());
        if let Some((namespace, name)) = text("namespace").zip(text("name")) {
            let rows = node.table(namespace, name)?.map(|table| table.rows);
            found.push(Dataset { namespace: namespace.to_owned(), name: name.to_owned(), rows });
        }
    }
    Ok(found)
}

/// What all attempts of the job used.
fn used(node: &Tenant<'_>, id: &str) -> Result<Used, NodeError> {
    let ms = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let mut used = Used::default();
    for attempt in node.job_usage(id)? {
        used.cpu_ms = used.cpu_ms.saturating_add(ms(attempt.usage.cpu));
        used.crypto_ms = used.crypto_ms.saturating_add(ms(attempt.usage.crypto));
        used.bytes_out = used.bytes_out.saturating_add(attempt.usage.bytes_out);
        used.peak_memory_bytes = used.peak_memory_bytes.max(attempt.usage.peak_memory_bytes);
    }
    Ok(used)
}
