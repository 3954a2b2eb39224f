//! `job/list/job` and `job/list/task`: pages of jobs and tasks, for people who browse. Not for: clients that wait for a
//! job (`query`).

use std::cmp::Ordering;

use axum::extract::State;
use parcae_api::{
    job::{JobList, ListRequest, TaskList},
    loose::{AnyOf, LooseInt},
    rows::without_prefix,
};
use parcae_domain::{party::Role, status::Status};
use parcae_node::{
    Node,
    view::{Filter, JobView, TaskView},
};
use serde_json::{Map, Value};

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    query::jobs_of,
    rows::{elapsed, job_row, object, task_row},
    state::App,
};

/// A page of jobs, the newest first.
pub(crate) async fn jobs(State(app): State<App>, Asked(request): Asked<ListRequest>) -> Handled {
    check_words::<Role>(request.role.as_ref(), "role")?;
    check_words::<Status>(request.status.as_ref(), "status")?;
    let list = app.ask(move |node| list_jobs(node, &request)).await?;
    Answer::data(list)
}

/// A page of tasks of all versions, the oldest first.
pub(crate) async fn tasks(State(app): State<App>, Asked(request): Asked<ListRequest>) -> Handled {
    let list = app.ask(move |node| list_tasks(node, &request)).await?;
    Answer::data(list)
}

fn check_words<T: std::str::FromStr<Err: std::fmt::Display>>(words: Option<&AnyOf>, key: &str) -> Result<(), Refusal> {
    let wrong = words.into_iter().flat_map(|words| &words.0).find_map(|word| word.as_str().parse::<T>().err());
    wrong.map_or(Ok(()), |e| Err(Refusal::status(400, &format!("argument {key}: {e}"))))
}

fn list_jobs(node: &Node, request: &ListRequest) -> Result<JobList, Refusal> {
    let texts = |any: &Option<AnyOf>| any.as_ref().map(AnyOf::texts);
    let filter = Filter { roles: texts(&request.role), statuses: texts(&request.status), ..Filter::default() };
    let mut jobs = node.jobs(&filter)?;
    jobs.retain(|job| is_listed(job, request));
    let order_by = request.order_by.as_deref().unwrap_or("create_time");
    jobs.sort_by(|a, b| by_job_column(order_by, a, b));
    let (count, jobs) = page(jobs, request, "desc");
    let rows = jobs.iter().map(|job| {
        let mut row = without_prefix(object(&job_row(job))?);
        row.insert("party_id".into(), job.party.id.into());
        row.insert("partners".into(), partners(job).into());
        Ok(Value::Object(row))
    });
    Ok(JobList { count, jobs: rows.collect::<Result<_, Refusal>>()? })
}

fn is_listed(job: &JobView, request: &ListRequest) -> bool {
    let holds = |text: &str, part: Option<&str>| part.is_none_or(|part| text.contains(part));
    job.tag != "submit_failed"
        && holds(job.job.as_str(), request.job_id.as_ref().map(|id| id.as_str()))
        && holds(&job.description, request.description.as_deref())
        && holds(&job.party.id.to_string(), request.party_id.as_ref().map(|id| id.as_str()))
}

/// Ids of the other parties, as text, sorted.
fn partners(job: &JobView) -> Vec<String> {
    let all = job.roles.iter().flat_map(|(_, ids)| ids);
    let mut others: Vec<String> = all.filter(|id| **id != job.party.id).map(ToString::to_string).collect();
    others.sort();
    others.dedup();
    others
}

fn by_job_column(column: &str, a: &JobView, b: &JobView) -> Ordering {
    let first = match column {
        "job_id" => a.job.cmp(&b.job),
        "start_time" => a.start_ms.cmp(&b.start_ms),
        "end_time" => a.end_ms.cmp(&b.end_ms),
        "elapsed" => elapsed(a.start_ms, a.end_ms).cmp(&elapsed(b.start_ms, b.end_ms)),
        _ => a.created_ms.cmp(&b.created_ms),
    };
    // Pages must not overlap: jobs that are equal so far have a fixed order, too.
    first.then_with(|| a.job.cmp(&b.job)).then_with(|| b.party.cmp(&a.party))
}

fn list_tasks(node: &Node, request: &ListRequest) -> Result<TaskList, Refusal> {
    let one = |id: Option<&str>| id.map(|id| vec![id.to_owned()]);
    let filter = Filter {
        jobs: one(request.job_id.as_ref().map(|id| id.as_str())),
        roles: request.role.as_ref().map(AnyOf::texts),
        parties: one(request.party_id.as_ref().map(|id| id.as_str())),
        components: one(request.component_name.as_ref().map(|name| name.as_str())),
        all_versions: true,
        ..Filter::default()
    };
    let mut tasks = node.tasks(&filter)?;
    let order_by = request.order_by.as_deref().unwrap_or("create_time");
    tasks.sort_by(|a, b| by_task_column(order_by, a, b));
    let (count, tasks) = page(tasks, request, "asc");
    let jobs = jobs_of(node, tasks.iter().map(|task| &task.job))?;
    let row = |task| object(&task_row(task, &jobs)).map(|row: Map<String, Value>| Value::Object(without_prefix(row)));
    Ok(TaskList { count, tasks: tasks.iter().map(row).collect::<Result<_, _>>()? })
}

fn by_task_column(column: &str, a: &TaskView, b: &TaskView) -> Ordering {
    match column {
        "job_id" => a.job.cmp(&b.job),
        "task_version" => a.version.cmp(&b.version),
        "start_time" => a.start_ms.cmp(&b.start_ms),
        "end_time" => a.end_ms.cmp(&b.end_ms),
        "elapsed" => elapsed(a.start_ms, a.end_ms).cmp(&elapsed(b.start_ms, b.end_ms)),
        _ => a.created_ms.cmp(&b.created_ms),
    }
}

/// Number of all, and those of the page that is asked for; what comes in is sorted, smallest first.
fn page<T>(mut all: Vec<T>, request: &ListRequest, order: &str) -> (usize, Vec<T>) {
    if request.order.as_deref().unwrap_or(order).eq_ignore_ascii_case("desc") {
        all.reverse();
    }
    let number = |int: Option<LooseInt>| int.map_or(0, |int| usize::try_from(int.0).unwrap_or(0));
    let (count, limit, page) = (all.len(), number(request.limit), number(request.page).max(1));
    if limit == 0 {
        return (count, all);
    }
    (count, all.into_iter().skip((page - 1).saturating_mul(limit)).take(limit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(limit: i64, page: i64) -> ListRequest {
        ListRequest { limit: Some(LooseInt(limit)), page: Some(LooseInt(page)), ..ListRequest::default() }
    }

    #[test]
    fn pages_are_cut() {
        let cut = |limit, number| page(vec![1, 2, 3, 4, 5], &request(limit, number), "desc");
        assert_eq!(cut(0, 0), (5, vec![5, 4, 3, 2, 1]));
        assert_eq!(cut(2, 0), (5, vec![5, 4]));
        assert_eq!(cut(2, 3), (5, vec![1]));
        assert_eq!(cut(2, 4), (5, vec![]));
        assert_eq!(cut(-1, -1), (5, vec![5, 4, 3, 2, 1]));
        let first_come = ListRequest { order: Some("asc".into()), ..request(2, 1) };
        assert_eq!(page(vec![1, 2, 3], &first_come, "desc"), (3, vec![1, 2]));
    }

    #[test]
    fn words_of_a_filter_are_checked() {
        let any = |text: &str| AnyOf::from(text);
        assert!(check_words::<Status>(Some(&any("success")), "status").is_ok());
        assert!(check_words::<Role>(None, "role").is_ok());
        let refused = check_words::<Role>(Some(&any("boss")), "role").unwrap_err();
        assert!(format!("{refused:?}").contains("unknown role"));
    }
}
