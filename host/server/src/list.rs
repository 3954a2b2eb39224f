//! `job/list/job` and `job/list/task`: pages of jobs and tasks, for people who browse. Not for: clients that wait for a
//! job (`query`).

use parcae_api::{
    job::{JobList, ListRequest, TaskList},
    loose::{AnyOf, LooseId, LooseInt},
    rows::without_prefix,
};
use parcae_domain::{party::Role, status::Status};
use parcae_node::{
    JobSearch, Page, Tenant,
    view::{Filter, JobView},
};
use serde_json::{Map, Value};

use crate::{
    answer::{Answer, Handled, Refusal},
    body::Asked,
    few::{ROWS_TO_SEE, check_rows},
    query::jobs_of,
    rows::{job_row, object, task_row},
    state::App,
};

/// What to do about too many rows.
const CURE: &str = "name job_id, role or party_id, or ask for pages with limit and page";

/// A page of jobs, the newest first.
pub(crate) async fn jobs(app: App, Asked(request): Asked<ListRequest>) -> Handled {
    check_words::<Role>(request.role.as_ref(), "role")?;
    check_words::<Status>(request.status.as_ref(), "status")?;
    let list = app.ask(move |node| list_jobs(node, &request)).await?;
    Answer::data(list)
}

/// A page of tasks of all versions, the oldest first.
pub(crate) async fn tasks(app: App, Asked(request): Asked<ListRequest>) -> Handled {
    let list = app.ask(move |node| list_tasks(node, &request)).await?;
    Answer::data(list)
}

fn check_words<T: std::str::FromStr<Err: std::fmt::Display>>(words: Option<&AnyOf>, key: &str) -> Result<(), Refusal> {
    let wrong = words.into_iter().flat_map(|words| &words.0).find_map(|word| word.as_str().parse::<T>().err());
    wrong.map_or(Ok(()), |e| Err(Refusal::status(400, &format!("argument {key}: {e}"))))
}

fn list_jobs(node: &Tenant<'_>, request: &ListRequest) -> Result<JobList, Refusal> {
    let texts = |any: &Option<AnyOf>| any.as_ref().map(AnyOf::texts);
    let part = |id: &Option<LooseId>| id.as_ref().map(|id| id.0.clone());
    let search = JobSearch {
        id_part: part(&request.job_id),
        party_part: part(&request.party_id),
        description_part: request.description.clone(),
        filter: Filter { roles: texts(&request.role), statuses: texts(&request.status), ..Filter::default() },
        ..JobSearch::default()
    };
    let (count, jobs) = node.job_page(&search, &bounded(page(request, "desc")))?;
    check_rows(jobs.len(), CURE)?;
    let rows = jobs.iter().map(|job| {
        let mut row = without_prefix(object(&job_row(job))?);
        row.insert("party_id".into(), job.party.id.into());
        row.insert("partners".into(), partners(job).into());
        Ok(Value::Object(row))
    });
    Ok(JobList { count: whole(count), jobs: rows.collect::<Result<_, Refusal>>()? })
}

fn whole(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Ids of the other parties, as text, sorted.
fn partners(job: &JobView) -> Vec<String> {
    let all = job.roles.iter().flat_map(|(_, ids)| ids);
    let mut others: Vec<String> = all.filter(|id| **id != job.party.id).map(ToString::to_string).collect();
    others.sort();
    others.dedup();
    others
}

fn list_tasks(node: &Tenant<'_>, request: &ListRequest) -> Result<TaskList, Refusal> {
    let one = |id: Option<&str>| id.map(|id| vec![id.to_owned()]);
    let filter = Filter {
        jobs: one(request.job_id.as_ref().map(|id| id.as_str())),
        roles: request.role.as_ref().map(AnyOf::texts),
        parties: one(request.party_id.as_ref().map(|id| id.as_str())),
        components: one(request.component_name.as_ref().map(|name| name.as_str())),
        all_versions: true,
        ..Filter::default()
    };
    let (count, tasks) = node.task_page(&filter, &bounded(page(request, "asc")))?;
    check_rows(tasks.len(), CURE)?;
    let jobs = jobs_of(node, tasks.iter().map(|task| &task.job))?;
    let row = |task| object(&task_row(task, &jobs)).map(|row: Map<String, Value>| Value::Object(without_prefix(row)));
    Ok(TaskList { count: whole(count), tasks: tasks.iter().map(row).collect::<Result<_, _>>()? })
}

/// The page that is asked for; without words about the order, in this one.
fn page(request: &ListRequest, order: &str) -> Page {
    let number = |int: Option<LooseInt>| {
        let least = int.map_or(0, |int| int.0.clamp(0, u32::MAX.into()));
        u32::try_from(least).unwrap_or(u32::MAX)
    };
    let (limit, page) = (number(request.limit), number(request.page).max(1));
    Page {
        order_by: request.order_by.clone(),
        descending: request.order.as_deref().unwrap_or(order).eq_ignore_ascii_case("desc"),
        limit: (limit > 0).then_some(limit),
        offset: (page - 1).saturating_mul(limit),
    }
}

/// A page with as many rows as it takes to see that there are too many.
fn bounded(page: Page) -> Page {
    Page { limit: Some(page.limit.unwrap_or(u32::MAX).min(ROWS_TO_SEE)), ..page }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(limit: i64, page: i64) -> ListRequest {
        ListRequest { limit: Some(LooseInt(limit)), page: Some(LooseInt(page)), ..ListRequest::default() }
    }

    #[test]
    fn pages_are_cut() {
        let cut = |limit, number| {
            let page = page(&request(limit, number), "desc");
            assert!(page.descending);
            (page.limit, page.offset)
        };
        assert_eq!(cut(0, 0), (None, 0));
        assert_eq!(cut(2, 0), (Some(2), 0));
        assert_eq!(cut(2, 3), (Some(2), 4));
        assert_eq!(cut(0, 3), (None, 0));
        assert_eq!(cut(-1, -1), (None, 0));
        assert_eq!(cut(i64::MAX, i64::MAX), (Some(u32::MAX), u32::MAX));
        let most = |limit| bounded(page(&request(limit, 1), "desc")).limit;
        assert_eq!([most(0), most(7), most(20_000)], [Some(10_001), Some(7), Some(10_001)]);
        let first_come = ListRequest { order: Some("asc".into()), ..request(2, 1) };
        assert!(!page(&first_come, "desc").descending);
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
