//! `/running` and `/jobs`: what runs and waits, and all jobs. Not for: one job (`job`), what the pages look like
//! (`board::lists`).

use axum::{extract::RawQuery, routing::get};
use parcae_board::lists::{
    jobs::{self, Jobs},
    query::{MOST, Query},
    running::{self, Card, Running, Under},
};
use parcae_domain::status::Status;
use parcae_node::{JobLine, JobLines, Tenant, view::Filter};

use crate::{
    lookup::now_ms,
    pages::{Form, Oops, Shown, Visit, go},
    router::Route,
};

/// Jobs that run or wait that have a card.
const CARDS: u32 = 60;
/// Jobs that have ended that are shown beside them.
const ENDED: u32 = 5;
/// Jobs of which the loop is asked what they wait for.
const ASKED: usize = 20;
/// Running attempts that are looked at for those cards.
const TASKS: u32 = 1_000;

pub(crate) fn routes() -> Vec<Route> {
    vec![("/running", get(running)), ("/jobs", get(all))]
}

async fn running(visit: Visit) -> Shown {
    let seen = visit.ask(look).await?;
    visit.show(&running::page(&visit.view, &seen))
}

fn look(node: &Tenant<'_>) -> Result<Running, Oops> {
    let active = node.active_jobs(CARDS)?;
    let mut runs = under_way(node, &active.jobs)?;
    let runs: Vec<Vec<Under>> = active.jobs.iter().map(|line| runs.take(line)).collect();
    let held = active.jobs.iter().zip(&runs).map(|(line, runs)| runs.is_empty().then_some(line));
    let whys = whys(node, held);
    let cards = active.jobs.into_iter().zip(runs).zip(whys).map(|((line, runs), why)| Card { line, runs, why });
    Ok(Running {
        cards: cards.collect(),
        running: active.running,
        waiting: active.waiting,
        ended: node.ended_jobs(ENDED)?,
        now_ms: now_ms(),
    })
}

/// What runs of some jobs, until it is taken.
struct UnderWay(Vec<(String, Under)>);

impl UnderWay {
    /// What runs of a job, each component once.
    fn take(&mut self, line: &JobLine) -> Vec<Under> {
        let all = std::mem::take(&mut self.0).into_iter();
        let (own, rest): (Vec<_>, Vec<_>) = all.partition(|(job, _)| *job == line.job.0);
        self.0 = rest;
        let mut runs: Vec<Under> = Vec::new();
        for (_, under) in own {
            match runs.iter_mut().find(|other| other.component == under.component) {
                // Of its parties, one that says how far it is.
                Some(other) => other.progress = other.progress.take().or(under.progress),
                None => runs.push(under),
            }
        }
        runs
    }
}

/// The components of jobs that run now, in one question.
fn under_way(node: &Tenant<'_>, lines: &[JobLine]) -> Result<UnderWay, Oops> {
    let running = lines.iter().filter(|line| line.status == Status::Running);
    let jobs: Vec<String> = running.map(|line| line.job.to_string()).collect();
    if jobs.is_empty() {
        return Ok(UnderWay(Vec::new()));
    }
    let statuses = Some(vec![Status::Running.to_string()]);
    let filter = Filter { jobs: Some(jobs), statuses, limit: Some(TASKS), ..Filter::default() };
    let tasks = node.tasks(&filter)?.into_iter().filter(|task| task.party_status == Status::Running);
    let runs = tasks.map(|task| (task.job.0, Under { component: task.component, progress: task.progress }));
    Ok(UnderWay(runs.collect()))
}

/// Why jobs do not go on, each of them as it is asked for; empty for those that are not asked about, or not known.
pub(super) fn whys<'l>(node: &Tenant<'_>, lines: impl Iterator<Item = Option<&'l JobLine>>) -> Vec<String> {
    // A loop that does not answer at all is asked once.
    let mut left = ASKED;
    let mut why = |line: Option<&JobLine>| {
        let line = line.filter(|_| left > 0)?;
        left -= 1;
        match node.waiting_for(line.job.as_str()) {
            Ok((_, why)) => Some(why),
            Err(_) => {
                left = 0;
                None
            }
        }
    };
    lines.map(|line| why(line).unwrap_or_default()).collect()
}

async fn all(visit: Visit, RawQuery(raw): RawQuery) -> Shown {
    let raw = raw.unwrap_or_default();
    let query = Query::of(Form::of(&raw).fields());
    if let Some(id) = query.whole_id() {
        let job = id.to_owned();
        if visit.ask(move |node| Ok(node.own_job(&job).is_ok())).await? {
            return go(&format!("/jobs/{id}"));
        }
    }
    // A form sends what was left empty, too: without it the address can be read, and sent to others.
    if raw.split('&').any(|pair| pair.ends_with('=')) {
        return go(&query.url());
    }
    let (query, lines) = visit.ask(move |node| find(node, query)).await?;
    visit.show(&jobs::page(&visit.view, &Jobs { query: &query, lines: &lines, now_ms: now_ms() }))
}

/// The page that is asked for, or the last one when there are not so many.
fn find(node: &Tenant<'_>, query: Query) -> Result<(Query, JobLines), Oops> {
    let lines = node.job_lines(&query.search(), &query.paging(), MOST)?;
    if !lines.rows.is_empty() || query.page == 1 {
        return Ok((query, lines));
    }
    let last = query.at_page(query.pages(lines.count));
    let lines = node.job_lines(&last.search(), &last.paging(), MOST)?;
    Ok((last, lines))
}
