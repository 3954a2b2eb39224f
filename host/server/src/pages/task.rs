//! The page of a task: what each of its tabs asks the node. Not for: what it looks like (`board::task`), files to keep
//! (`outputs`).

use axum::{
    extract::{Path, RawQuery},
    routing::get,
};
use jiff::Timestamp;
use parcae_board::{
    Frame, Markup, View,
    data::{self, Look, Output},
    outputs::{self, Outputs},
    parts::task_url,
    task::{
        self, Tab, TaskPage,
        attempts::{self, Attempts},
    },
};
use parcae_domain::{
    party::{Party, PartyId, Role},
    port::PortError,
    status::Status,
};
use parcae_logs::{LogError, LogKey, LogQuery, mask_addresses};
use parcae_node::{
    LimitsOf, Page, Tenant,
    view::{Filter, JobView, TaskView},
};
use serde_json::Value;

use crate::{
    answer::Refusal,
    look::{Window, look},
    pages::{Form, Oops, Shown, Visit},
    router::Route,
};

/// Rows of a table that are shown beside what a task put out.
const ROWS: u64 = 100;
/// Lines of a log that are.
const LINES: u64 = 64;
/// Runs of a task that are.
const RUNS: u32 = 50;

pub(crate) fn routes() -> Vec<Route> {
    vec![("/jobs/{job}/{role}/{party}/tasks/{component}", get(page))]
}

/// Job, role, party and component, as they stand in a path.
pub(super) type Names = (String, String, String, String);

/// Which task, at which party.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) job: String,
    pub(super) party: Party,
    pub(super) component: String,
}

impl Place {
    /// The one that a path names.
    pub(super) fn of((job, role, party, component): Names) -> Result<Place, Oops> {
        let (role, id) = (role.parse::<Role>().ok(), party.parse::<PartyId>().ok());
        let (Some(role), Some(id)) = (role, id) else { return Err(Oops::no_page()) };
        Ok(Place { job, party: Party::new(role, id), component })
    }

    fn filter(&self) -> Filter {
        Filter {
            jobs: Some(vec![self.job.clone()]),
            roles: Some(vec![self.party.role.to_string()]),
            parties: Some(vec![self.party.id.to_string()]),
            components: Some(vec![self.component.clone()]),
            ..Filter::default()
        }
    }

    /// The task there, and the same at the other parties.
    fn tasks(&self, node: &Tenant<'_>) -> Result<(TaskView, Vec<TaskView>), Oops> {
        let all = node.tasks(&Filter { roles: None, parties: None, ..self.filter() })?;
        let (mut here, elsewhere): (Vec<_>, Vec<_>) = all.into_iter().partition(|task| task.party == self.party);
        let Place { job, party, component } = self;
        let absent = || Oops::not_found(format!("there is no task {component} of job {job} at {party}"));
        Ok((here.pop().ok_or_else(absent)?, elsewhere))
    }

    /// Path of its page.
    fn path(&self) -> String {
        task_url(&self.job, self.party, &self.component)
    }
}

async fn page(visit: Visit, Path(names): Path<Names>, RawQuery(query): RawQuery) -> Shown {
    let place = Place::of(names)?;
    let query = Form::of(query.as_deref().unwrap_or_default());
    let view = visit.view.clone();
    let frame = visit.ask_large(move |node| show(node, &view, &place, &query)).await?;
    visit.show(&frame)
}

fn show(node: &Tenant<'_>, view: &View, place: &Place, query: &Form) -> Result<Frame, Oops> {
    let (own, elsewhere) = place.tasks(node)?;
    let jobs = node.jobs(&Filter { components: None, ..place.filter() })?;
    let job = jobs.into_iter().next().ok_or_else(Oops::no_page)?;
    let (tab, now_ms) = (Tab::of(query.get("tab")), Timestamp::now().as_millisecond());
    let before = if own.party_status == Status::Waiting { before(node, place, &job)? } else { Vec::new() };
    let waits = own.party_status == Status::Waiting && (before.is_empty() || job.status == Status::Waiting);
    let waiting_for = if waits { node.waiting_for(&place.job)?.1 } else { String::new() };
    let content = match tab {
        Tab::Output => output(node, view, place, (&job, &own), query)?,
        Tab::Parameters => task::parameters::show(view, &job, &own),
        Tab::Data => tables(node, view, place, query)?,
        Tab::Model => {
            let parts = node.model_seen(&place.job, &place.component, place.party)?;
            task::model::show(view, &parts, &format!("{}/model.json", place.path()))
        }
        Tab::Log => task::log::show(view, &own, &last_lines(node, place)?),
        Tab::Attempts => runs(node, view, place, &own, query, now_ms)?,
    };
    Ok(task::page(
        view,
        &TaskPage {
            components: &node.components(&place.job)?,
            tabs: &tabs(node, place, &job, tab)?,
            job: &job,
            task: &own,
            elsewhere: &elsewhere,
            before: &before,
            waiting_for: &waiting_for,
            now_ms,
            tab,
            content,
        },
    ))
}

/// Tasks that this one reads from and that are not done.
fn before(node: &Tenant<'_>, place: &Place, job: &JobView) -> Result<Vec<TaskView>, Oops> {
    let names = task::upstream(&job.dsl, &place.component);
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter { jobs: Some(vec![place.job.clone()]), components: Some(names), ..Filter::default() };
    let mut tasks = node.tasks(&filter)?;
    tasks.retain(|task| !task.party_status.is_good());
    Ok(tasks)
}

/// Tabs that make sense for the task, and the one that was asked for.
fn tabs(node: &Tenant<'_>, place: &Place, job: &JobView, asked: Tab) -> Result<Vec<Tab>, Oops> {
    let declares = |side: &str, kind: &str| {
        let all = job.dsl.get("components").and_then(|all| all.get(&place.component));
        let listed = all.and_then(|component| component.get(side)).and_then(|side| side.get(kind));
        listed.is_some_and(|listed| match listed {
            Value::Array(items) => !items.is_empty(),
            other => !other.is_null(),
        })
    };
    let has_data = declares("output", "data") || !node.data_views(&place.filter())?.is_empty();
    let has_model = declares("output", "model") || declares("input", "model") || declares("input", "isometric_model");
    let makes_sense = |tab: &Tab| match tab {
        Tab::Data => has_data || asked == Tab::Data,
        Tab::Model => has_model || asked == Tab::Model,
        _ => true,
    };
    Ok(Tab::ALL.into_iter().filter(makes_sense).collect())
}

/// What its module put out.
pub(super) fn output(
    node: &Tenant<'_>,
    view: &View,
    place: &Place,
    (of, task): (&JobView, &TaskView),
    query: &Form,
) -> Result<Markup, Oops> {
    let Place { job, party, component } = place;
    let metrics = node.metrics(job, component, *party)?;
    let model = node.model_seen(job, component, *party)?;
    let summary = node.summary(job, component, *party)?;
    if metrics.is_empty() && model.is_empty() && summary.is_none() {
        return Ok(task::no_output(view, task, of.status.is_end()));
    }
    let chosen: Vec<(String, String)> =
        query.fields().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let outputs = Outputs {
        module: &task.module,
        party: *party,
        metrics: &metrics,
        model: &model,
        summary: summary.as_ref(),
        path: &place.path(),
        chosen: &chosen,
    };
    Ok(outputs::show(view, &outputs))
}

/// First rows of one of its tables.
fn tables(node: &Tenant<'_>, view: &View, place: &Place, query: &Form) -> Result<Markup, Oops> {
    let found = node.outputs(&place.job, &place.component, place.party)?;
    let shown = query.get("table").and_then(|name| found.iter().position(|output| output.data_name == name));
    let shown = shown.unwrap_or(0);
    let columns = query.get("columns").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1);
    let seen = match found.get(shown) {
        Some(output) => look(&*output.table, Window { from: 0, rows: ROWS, columns }).map_err(unreadable)?,
        None => Look::default(),
    };
    let outputs = found.into_iter().map(|output| Output {
        data_name: output.data_name,
        namespace: output.namespace,
        name: output.name,
    });
    Ok(data::of_task(view, &place.path(), &outputs.collect::<Vec<_>>(), shown, &seen))
}

/// The node cannot read a table of its own.
pub(super) fn unreadable(error: PortError) -> Oops {
    Refusal::internal(&format!("a table cannot be shown: {error}")).into()
}

fn last_lines(node: &Tenant<'_>, place: &Place) -> Result<Vec<(u64, String)>, Oops> {
    let Some(logs) = node.logs_of(&place.job) else { return Ok(Vec::new()) };
    let id = place.party.id.to_string();
    let query = LogQuery {
        log_type: "componentInfo",
        job_id: Some(&place.job),
        role: Some(place.party.role.as_str()),
        party_id: Some(&id),
        component: Some(&place.component),
    };
    let key = LogKey::parse(&query).map_err(|e| Oops::not_found(e.to_string()))?;
    let failed = |e: LogError| Oops::from(Refusal::internal(&e.to_string()));
    let size = logs.size(&key).map_err(failed)?;
    let lines = logs.cat(&key, size.saturating_sub(LINES - 1).max(1), size).map_err(failed)?;
    Ok(lines.into_iter().map(|(number, line)| (number, mask_addresses(&line).into_owned())).collect())
}

/// Its runs with what they used.
fn runs(
    node: &Tenant<'_>,
    view: &View,
    place: &Place,
    task: &TaskView,
    query: &Form,
    now_ms: i64,
) -> Result<Markup, Oops> {
    let filter = Filter { all_versions: true, ..place.filter() };
    let latest = Page { order_by: Some("task_version".into()), descending: true, limit: Some(RUNS), ..Page::default() };
    let (all, runs) = node.task_page(&filter, &latest)?;
    let asked = query.get("version").and_then(|text| text.parse::<u32>().ok());
    let version = asked.filter(|version| runs.iter().any(|run| run.version == *version)).unwrap_or(task.version);
    let mut uses = node.job_usage(&place.job)?;
    uses.retain(|used| used.attempt.task.component == place.component && used.attempt.party == place.party);
    uses.sort_by_key(|used| std::cmp::Reverse(used.attempt.version));
    uses.truncate(RUNS as usize);
    let of = LimitsOf {
        job: Some(place.job.clone()),
        component: Some(place.component.clone()),
        role: Some(place.party.role.to_string()),
        party: Some(place.party.id.to_string()),
        version: Some(version),
    };
    // Nothing is known of them when the image is gone.
    let limits = node.limits_of(&of, false).unwrap_or_default();
    let path = place.path();
    let shown = Attempts { runs: &runs, all, uses: &uses, version, limits: &limits, path: &path, now_ms };
    Ok(attempts::show(view, &shown))
}
