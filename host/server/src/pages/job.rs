//! The page of a job, its DSL and conf as files, and what can be done with it: stop, run again, describe. Not for:
//! lists of jobs (`jobs`), one task (`task`).

use axum::{
    extract::Path,
    response::Response,
    routing::{get, post},
};
use parcae_board::{
    Frame, View,
    job::{self, Page},
    parts::{encoded, job_url},
};
use parcae_domain::{
    party::{Party, PartyId, Role},
    status::Status,
};
use parcae_node::{
    AttemptUse, LimitView, LimitsOf, NodeError, Rerun, Tenant,
    model_query::ModelSearch,
    view::{Filter, JobView, TaskView},
};
use serde_json::Value;

use crate::{
    lookup::now_ms,
    pages::{Form, Oops, Shown, Visit, download, go, home::inner},
    rerun::check_notes,
    router::Route,
};

pub(crate) mod conf;

/// Most attempts at a party that the timeline shows.
const MOST_ATTEMPTS: u32 = 3_000;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        ("/jobs/{job}", get(first)),
        ("/jobs/{job}/{role}/{party}", get(page)),
        ("/jobs/{job}/{role}/{party}/dsl.json", get(dsl)),
        ("/jobs/{job}/{role}/{party}/conf.json", get(conf_file)),
        ("/jobs/{job}/stop", post(stop)),
        ("/jobs/{job}/rerun", post(rerun)),
        ("/jobs/{job}/notes", post(notes)),
    ]
}

/// Job, role and party, as the address has them.
type At = Path<(String, String, String)>;

/// The job at all its parties; one of another tenant's is not there.
fn rows(node: &Tenant<'_>, job: &str) -> Result<Vec<JobView>, Oops> {
    let job = node.own_job(job)?;
    let rows = node.jobs(&Filter { jobs: Some(vec![job.to_string()]), ..Filter::default() })?;
    if rows.is_empty() { Err(Oops::not_found(format!("there is no job {job}"))) } else { Ok(rows) }
}

/// The row of a party among them.
fn row_at<'r>(rows: &'r [JobView], role: &str, party: &str) -> Result<&'r JobView, Oops> {
    let at = role.parse::<Role>().ok().zip(party.parse::<PartyId>().ok()).map(|(role, id)| Party::new(role, id));
    let found = rows.iter().find(|row| Some(row.party) == at);
    found.ok_or_else(|| Oops::not_found("the job has no such party here"))
}

/// The page of the job at its initiator, or at any other party that is here.
async fn first(visit: Visit, Path(job): Path<String>) -> Shown {
    let rows = visit.ask(move |node| rows(node, &job)).await?;
    let row = rows.iter().find(|row| row.party == row.initiator).or_else(|| rows.first());
    let row = row.ok_or_else(Oops::no_page)?;
    go(&job_url(row.job.as_str(), row.party))
}

/// What the page is made of.
pub(super) struct Found {
    pub(super) job: JobView,
    rows: Vec<JobView>,
    order: Vec<String>,
    tasks: Vec<TaskView>,
    attempts: Vec<TaskView>,
    waiting: String,
    uses: Vec<AttemptUse>,
    limits: Vec<LimitView>,
    conf: Value,
    has_model: bool,
}

/// Finds that out.
pub(super) fn find(node: &Tenant<'_>, job: &str, role: &str, party: &str) -> Result<Found, Oops> {
    let rows = rows(node, job)?;
    let job = row_at(&rows, role, party)?.clone();
    let id = job.job.as_str();
    let all = Filter { jobs: Some(vec![id.to_owned()]), ..Filter::default() };
    let here = Filter {
        roles: Some(vec![job.party.role.to_string()]),
        parties: Some(vec![job.party.id.to_string()]),
        all_versions: true,
        limit: Some(MOST_ATTEMPTS),
        ..all.clone()
    };
    let tasks = node.tasks(&all)?;
    let idle = !job.status.is_end() && !tasks.iter().any(|task| task.party_status == Status::Running);
    // What is asked beside the job itself is left out rather than that the page fails.
    let waiting = if idle { node.waiting_for(id).map(|(_, why)| why).unwrap_or_default() } else { String::new() };
    let of_job = LimitsOf { job: Some(id.to_owned()), ..LimitsOf::default() };
    Ok(Found {
        order: node.components(id).unwrap_or_default(),
        attempts: node.tasks(&here)?,
        uses: node.job_usage(id)?,
        limits: node.limits_of(&of_job, false).unwrap_or_default(),
        conf: conf::seen(&job),
        has_model: has_model(node, &job),
        waiting,
        tasks,
        rows,
        job,
    })
}

/// Whether the model that the job trains or uses is kept at the party.
fn has_model(node: &Tenant<'_>, job: &JobView) -> bool {
    let common = |key: &str| job.runtime_conf.pointer(&format!("/job_parameters/common/{key}")).and_then(Value::as_str);
    let Some(id) = common("model_id").filter(|_| job.status == Status::Success) else { return false };
    let search = ModelSearch {
        roles: Some(vec![job.party.role.to_string()]),
        party_ids: Some(vec![job.party.id.to_string()]),
        model_ids: Some(vec![id.to_owned()]),
        model_versions: Some(vec![common("model_version").unwrap_or(job.job.as_str()).to_owned()]),
        limit: Some(1),
    };
    node.models(&search).is_ok_and(|models| !models.is_empty())
}

async fn page(visit: Visit, Path((job, role, party)): At) -> Shown {
    let view = visit.view.clone();
    // Drawing a job of hundreds of components takes a while, too.
    let frame = visit.ask(move |node| Ok(find(node, &job, &role, &party)?.frame(&view))).await?;
    visit.show(&frame)
}

impl Found {
    /// The tasks at the party, in the order of the DSL.
    pub(super) fn own_tasks(&self) -> Vec<&TaskView> {
        let mut own: Vec<&TaskView> = self.tasks.iter().filter(|task| task.party == self.job.party).collect();
        own.sort_by_key(|task| self.order.iter().position(|name| *name == task.component));
        own
    }

    /// The page.
    pub(super) fn frame(&self, view: &View) -> Frame {
        let page = Page {
            job: &self.job,
            rows: &self.rows,
            order: &self.order,
            tasks: &self.tasks,
            attempts: &self.attempts,
            waiting: &self.waiting,
            uses: &self.uses,
            limits: &self.limits,
            conf: &self.conf,
            has_model: self.has_model,
            now_ms: now_ms(),
        };
        job::page(view, &page)
    }
}

/// A file with JSON in it, as people read it.
fn file(name: &str, content: &Value) -> Response {
    let text = serde_json::to_string_pretty(content).unwrap_or_else(|_| content.to_string());
    download(name, "application/json", text)
}

async fn dsl(visit: Visit, Path((job, role, party)): At) -> Shown {
    let job = visit.ask(move |node| Ok(row_at(&rows(node, &job)?, &role, &party)?.clone())).await?;
    Ok(file(&format!("job_dsl_{}.json", job.job), &job.dsl))
}

async fn conf_file(visit: Visit, Path((job, role, party)): At) -> Shown {
    let job = visit.ask(move |node| Ok(row_at(&rows(node, &job)?, &role, &party)?.clone())).await?;
    Ok(file(&format!("job_runtime_conf_{}_{}_{}.json", job.job, job.party.role, job.party.id), &conf::seen(&job)))
}

/// Goes on where the form says, or else at the job.
fn go_on(job: &str, form: &Form) -> Shown {
    match form.get("next") {
        Some(next) => go(inner(Some(next))),
        None => go(&format!("/jobs/{}", encoded(job))),
    }
}

async fn stop(visit: Visit, Path(job): Path<String>, form: Form) -> Shown {
    let stopped = job.clone();
    visit.ask(move |node| Ok(node.stop(&stopped, Status::Canceled)?)).await?;
    go_on(&job, &form)
}

async fn rerun(visit: Visit, Path(job): Path<String>, form: Form) -> Shown {
    let names: Vec<String> =
        form.all("component").into_iter().filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let force = form.get("force").is_some_and(|force| force != "0");
    let again = job.clone();
    let done = visit.ask(move |node| {
        let names = (!names.is_empty()).then_some(names.as_slice());
        // It cannot be done now, which is no fault of the request.
        let refused = |error| match error {
            NodeError::Invalid(words) => Oops::new(409, words),
            other => other.into(),
        };
        node.rerun(&again, names, force).map_err(refused)
    });
    match done.await? {
        Rerun::Queued(_) => go_on(&job, &form),
        Rerun::Nothing => Err(Oops::new(409, "no component has to run again, as all of them ended well")),
    }
}

async fn notes(visit: Visit, Path(job): Path<String>, form: Form) -> Shown {
    // An empty text is a text, too; browsers send line ends as mails do.
    let notes = form.get("notes").unwrap_or_default().replace("\r\n", "\n");
    check_notes(&notes)?;
    let described = job.clone();
    visit.ask(move |node| Ok(node.describe(&described, &notes)?)).await?;
    go_on(&job, &form)
}
