//! Lists of jobs, one of them, and what is done to it, as FATE-Board's front end asks. Not for: what a job looks like
//! (`row`), watching it (`progress`).

use axum::{
    body::Body,
    extract::{Path, rejection::PathRejection},
    http::{HeaderValue, header},
    response::Response,
};
use parcae_api::{
    change::RerunRequest,
    fate_board::{CommandRequest, FileRequest, PageRequest, code},
    loose::{AnyOf, LooseId, LooseInt},
};
use parcae_domain::status::Status;
use parcae_node::{
    JobSearch, Page, Tenant,
    view::{Filter, JobView, TaskView},
};
use serde_json::{Value, json};

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    pages::{
        fate_board::{entry::Sent, row},
        job::conf,
    },
    rerun::run_again,
    state::App,
    tracking::indented,
};

/// Jobs that are shown as under way.
const MOST_ACTIVE: u32 = 500;
/// Rows of a page, when none are asked for and at most.
const ROWS: (u32, u32) = (20, 100);
/// What the front end calls all components of a job.
const WHOLE_JOB: &str = "pipeline";

/// Job, role and party in a path, which may be no text.
pub(super) type At = Result<Path<(String, String, String)>, PathRejection>;

/// Jobs that wait or run.
pub(super) async fn active(app: App) -> Handled {
    let statuses = [Status::Waiting, Status::Running].map(|status| status.to_string()).to_vec();
    let filter = Filter { statuses: Some(statuses), ..Filter::default() };
    let page = Page { limit: Some(MOST_ACTIVE), descending: true, ..Page::default() };
    let found = app.ask(move |node| Ok(node.job_page(&JobSearch { filter, ..JobSearch::default() }, &page)?));
    let (_, jobs) = found.await?;
    Answer::data(jobs.iter().map(|job| row::job(job, None)).collect::<Vec<_>>())
}

/// A page of all jobs.
pub(super) async fn page(app: App, Asked(request): Asked<PageRequest>) -> Handled {
    let shown = app.ask(move |node| listed(node, &request)).await?;
    Answer::data(shown)
}

fn listed(node: &Tenant<'_>, request: &PageRequest) -> Result<Value, Refusal> {
    let number = |int: Option<LooseInt>| int.and_then(|int| u32::try_from(int.0).ok()).filter(|number| *number > 0);
    let size = number(request.page_size).unwrap_or(ROWS.0).min(ROWS.1);
    let at = number(request.page_num).unwrap_or(1);
    let begin = (at - 1).saturating_mul(size);
    let page = Page {
        order_by: request.order_field.as_deref().map(|field| field.trim_start_matches("f_").to_owned()),
        descending: !request.order_rule.as_deref().unwrap_or_default().eq_ignore_ascii_case("asc"),
        limit: Some(size),
        offset: begin,
    };
    let (count, jobs) = node.job_page(&search(request), &page)?;
    let ids: Vec<String> = jobs.iter().map(|job| job.job.to_string()).collect();
    let tasks = node.tasks(&Filter { jobs: Some(ids), ..Filter::default() })?;
    let tasks = row::by_job(tasks);
    let entry = |job: &JobView| {
        let own = tasks.get(job.job.as_str()).map(Vec::as_slice).unwrap_or_default();
        json!({"job": row::job(job, Some(row::partners(job))), "dataset": row::dataset(job, own)})
    };
    let list: Vec<Value> = jobs.iter().map(entry).collect();
    let pages = count.div_ceil(size.into());
    let (start, end) = window(at.into(), pages);
    Ok(json!({
        "pageNum": at, "pageSize": size, "totalRecord": count, "totalPage": pages, "startIndex": begin,
        "start": start, "end": end, "list": list,
    }))
}

fn search(request: &PageRequest) -> JobSearch {
    let part = |one: &Option<LooseId>, other: &Option<LooseId>| {
        let given = [one, other].into_iter().flatten().map(|id| id.as_str().trim());
        given.filter(|text| !text.is_empty()).map(str::to_owned).next()
    };
    let words = |any: &Option<AnyOf>| {
        let words = any.iter().flat_map(AnyOf::texts).filter(|word| !word.is_empty()).collect::<Vec<_>>();
        (!words.is_empty()).then_some(words)
    };
    let mut statuses = words(&request.status);
    if let Some(statuses) = statuses.as_mut().filter(|all| all.iter().any(|word| word == Status::Failed.as_str())) {
        // They are shown as failed.
        statuses.push(Status::Timeout.to_string());
    }
    JobSearch {
        id_part: part(&request.job, &request.job_id),
        party_part: part(&request.party, &request.party_id),
        description_part: part(&request.description, &request.note),
        partner_part: part(&request.partner, &None),
        filter: Filter { roles: words(&request.role), statuses, ..Filter::default() },
        ..JobSearch::default()
    }
}

/// The five numbers of pages around one that the front end offers: first and last of them.
fn window(at: u64, pages: u64) -> (u64, u64) {
    if pages <= 5 {
        return (1, pages);
    }
    let start = at.saturating_sub(2).clamp(1, pages - 4);
    (start, start + 4)
}

/// What there is to filter by.
pub(super) async fn fields() -> Handled {
    Answer::data(json!({
        "status": ["success", "running", "waiting", "failed", "canceled"],
        "role": ["guest", "host", "arbiter", "local"],
    }))
}

/// A job at a party.
pub(super) async fn one(app: App, at: At) -> Handled {
    let Path((job, role, party)) = at.map_err(|_| no_job())?;
    let found = app.ask(move |node| find(node, &job, &role, &party)?.ok_or_else(no_job));
    let (job, tasks) = found.await?;
    Answer::data(json!({"job": row::job(&job, None), "dataset": row::dataset(&job, &tasks)}))
}

/// The row of a job at a party, and all tasks of the job.
pub(super) fn find(
    node: &Tenant<'_>,
    job: &str,
    role: &str,
    party: &str,
) -> Result<Option<(JobView, Vec<TaskView>)>, Refusal> {
    let jobs = Some(vec![job.to_owned()]);
    let filter = Filter {
        jobs: jobs.clone(),
        roles: Some(vec![role.to_owned()]),
        parties: Some(vec![party.to_owned()]),
        ..Filter::default()
    };
    let Some(job) = node.jobs(&filter)?.into_iter().next() else { return Ok(None) };
    let tasks = node.tasks(&Filter { jobs, ..Filter::default() })?;
    Ok(Some((job, tasks)))
}

pub(super) fn no_job() -> Refusal {
    Refusal::code(code::NO_JOB, "there is no such job at that party")
}

/// Runs a job again: what did not end well of it, or one component and what reads from it.
pub(super) async fn rerun(app: App, Asked(request): Asked<RerunRequest>) -> Handled {
    let is_whole = |names: &AnyOf| names.0.iter().any(|name| name.as_str() == WHOLE_JOB);
    let component_name = request.component_name.filter(|names| !is_whole(names));
    let done = run_again(&app, RerunRequest { component_name, ..request }).await;
    done.map_err(|refusal| Refusal::code(code::RERUN, &refusal.said().1))
}

/// The command that fetches what a component put out.
pub(super) async fn command(Asked(request): Asked<CommandRequest>) -> Handled {
    let CommandRequest { job_id, role, party_id, component_name } = &request;
    let is_name = |id: &&LooseId| {
        let text = id.as_str();
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    if ![job_id, role, party_id, component_name].iter().all(is_name) {
        return Err(Refusal::code(code::PARAMETER, "names are made of letters, digits, dots, dashes and underscores"));
    }
    let [job, role, party, component] = [job_id, role, party_id, component_name].map(LooseId::as_str);
    Answer::data(format!("flow component output-data -j {job} -r {role} -p {party} -cpn {component} --output-path ./"))
}

/// What a job was submitted with, as a file.
pub(super) async fn download(app: App, Sent(fields): Sent) -> Result<Response, Refusal> {
    let request: FileRequest = parcae_api::arguments::read(Value::Object(fields))?;
    let name = match request.kind.as_str() {
        "dsl" => "job_dsl",
        "runtime" => "runtime_config",
        _ => return Err(Refusal::code(code::PARAMETER, "argument type: expected dsl or runtime")),
    };
    let job = app.ask(move |node| {
        let filter = Filter {
            jobs: Some(vec![request.job.0]),
            roles: request.role.filter(|role| !role.is_empty()).map(|role| vec![role]),
            parties: request.party.filter(|id| !id.0.is_empty()).map(|id| vec![id.0]),
            ..Filter::default()
        };
        let jobs = node.jobs(&filter)?;
        let job = jobs.iter().find(|job| job.party == job.initiator).or_else(|| jobs.first()).cloned();
        job.ok_or_else(|| Refusal::code(code::DOWNLOAD, "there is no such job at that party"))
    });
    let job = job.await?;
    let content = if name == "job_dsl" { job.dsl.clone() } else { conf::seen(&job) };
    let mut response = Response::new(Body::from(indented(&content)?));
    let disposition = format!("attachment;fileName={name}_{}.json", job.job);
    let disposition = HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_around_are_offered() {
        let offered = [(1, 0), (1, 3), (1, 9), (5, 9), (9, 9), (400, 9)].map(|(at, pages)| window(at, pages));
        assert_eq!(offered, [(1, 0), (1, 3), (1, 5), (3, 7), (5, 9), (5, 9)]);
    }

    #[test]
    fn failed_jobs_are_those_out_of_time_too() {
        let request = |status: AnyOf| {
            let job_id = Some("2026".into());
            PageRequest { status: Some(status), job_id, ..PageRequest::default() }
        };
        let failed = search(&request("failed".into()));
        assert_eq!(failed.filter.statuses.unwrap(), ["failed", "timeout"]);
        assert_eq!(failed.id_part.as_deref(), Some("2026"));
        assert_eq!(search(&request(AnyOf::default())).filter.statuses, None);
    }
}
