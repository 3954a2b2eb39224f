//! What runs and what waits now, a card for each job, and what ended last. Not for: all jobs (`jobs`).

use maud::{Markup, html};
use parcae_domain::{status::Status, tenant::Scope};
use parcae_node::JobLine;

use super::row::{actions, clock, parties, took, when};
use crate::format::count;
use crate::layout::{Frame, Live};
use crate::parts::{job_url, nothing, progress, scrolling, status, task_url};
use crate::view::View;

/// Letters of a note that a card shows.
const NOTE: usize = 160;
/// Components that a card names.
const NAMED: usize = 6;

/// A component that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Under {
    /// Its name in the DSL.
    pub component: String,
    /// How far it says it is: done, of, what.
    pub progress: Option<(u64, u64, String)>,
}

/// A job that runs or waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The job at its initiator.
    pub line: JobLine,
    /// What runs of it.
    pub runs: Vec<Under>,
    /// Why it does not go on; empty when nothing is known to keep it.
    pub why: String,
}

/// The page of running jobs.
#[derive(Clone, Debug, Default)]
pub struct Running {
    /// Jobs that run, then jobs that wait.
    pub cards: Vec<Card>,
    /// How many run.
    pub running: u64,
    /// How many wait.
    pub waiting: u64,
    /// Those that ended last.
    pub ended: Vec<JobLine>,
    /// The node's clock.
    pub now_ms: i64,
}

/// The page.
pub fn page(view: &View, running: &Running) -> Frame {
    let title = view.t("Running jobs", "运行中的作业");
    let body = html! {
        div.head data-now=(running.now_ms) {
            h1 { (title) }
            @if view.may(Scope::Submit) {
                a.button.primary href="/submit" { (view.t("Submit a job", "提交作业")) }
            }
        }
        div #running data-live { (now(view, running)) }
        div #ended data-live { (ended(view, running)) }
    };
    Frame { live: Live::AnyJob, ..Frame::new(title, body) }
}

fn now(view: &View, running: &Running) -> Markup {
    let all = running.running + running.waiting;
    if all == 0 {
        return idle(view);
    }
    let rest = all.saturating_sub(running.cards.len() as u64);
    html! {
        p.totals aria-live="polite" {
            strong { (count(running.running)) } " " (view.t("running", "运行中")) span.soft { " · " }
            strong { (count(running.waiting)) } " " (view.t("waiting", "等待中"))
        }
        div.grid.jobs-now { @for card in &running.cards { (job(view, card, running.now_ms)) } }
        @if rest > 0 {
            p { a href="/jobs?status=running&status=waiting" {
                (view.t("and ", "另有 ")) (count(rest)) (view.t(" more", " 个"))
            } }
        }
    }
}

fn idle(view: &View) -> Markup {
    let cure = html! {
        p {
            @if view.may(Scope::Submit) {
                a.button.primary href="/submit" { (view.t("Submit a job", "提交作业")) } " "
            }
            a.button href="/jobs" { (view.t("All jobs", "全部作业")) }
        }
    };
    nothing(view.t("Nothing runs and nothing waits.", "当前没有运行或等待的作业。"), cure)
}

fn job(view: &View, card: &Card, now_ms: i64) -> Markup {
    let line = &card.line;
    let job = line.job.as_str();
    let mut note: String = line.description.chars().take(NOTE).collect();
    if note.len() < line.description.len() {
        note.push('…');
    }
    html! {
        article.card.job-now aria-labelledby={ "job-" (job) } {
            div.row.apart {
                h2.mono id={ "job-" (job) } { a href=(job_url(job, line.party)) data-row { (job) } }
                (status(view, line.status))
            }
            @if !note.is_empty() { p.note-text { (note) } }
            p.hint { (parties(line)) }
            @if line.status == Status::Running {
                div.under { (progress(view.t("Progress", "进度"), line.progress)) span { (line.progress) " %" } }
            }
            (under_way(view, card))
            @if !card.why.is_empty() {
                p.why { span.soft { (view.t("Waits for: ", "等待原因：")) } (card.why) }
            }
            div.row.apart.foot {
                span.hint {
                    @match (line.status, line.start_ms) {
                        (Status::Running, Some(start)) => { (view.t("runs for ", "已运行 ")) (clock(start, now_ms)) }
                        _ => { (view.t("waits for ", "已等待 ")) (clock(line.created_ms, now_ms)) }
                    }
                }
                (actions(view, line))
            }
        }
    }
}

/// The components that run.
fn under_way(view: &View, card: &Card) -> Markup {
    let job = card.line.job.as_str();
    html! {
        @if !card.runs.is_empty() {
            ul.under-way aria-label=(view.t("Running components", "正在运行的组件")) {
                @for under in card.runs.iter().take(NAMED) {
                    li {
                        a href=(task_url(job, card.line.party, &under.component)) { (under.component) }
                        @if let Some((done, of, what)) = &under.progress {
                            span.hint { " " (count(*done)) "/" (count(*of)) " " (what) }
                        }
                    }
                }
                @if card.runs.len() > NAMED { li.soft { "+ " (card.runs.len() - NAMED) } }
            }
        }
    }
}

fn ended(view: &View, running: &Running) -> Markup {
    if running.ended.is_empty() {
        return html! {};
    }
    let table = html! {
        table.jobs {
            thead { tr {
                th scope="col" { (view.t("Job", "作业")) }
                th scope="col" { (view.t("Parties", "参与方")) }
                th scope="col" { (view.t("Status", "状态")) }
                th scope="col" { (view.t("End", "结束时间")) }
                th scope="col" { (view.t("Duration", "耗时")) }
            } }
            tbody { @for line in &running.ended { tr {
                td.mono { a href=(job_url(line.job.as_str(), line.party)) data-row { (line.job.as_str()) } }
                td data-label=(view.t("Parties", "参与方")) { (parties(line)) }
                td data-label=(view.t("Status", "状态")) { (status(view, line.status)) }
                td.when data-label=(view.t("End", "结束时间")) { (when(line.end_ms, running.now_ms)) }
                td.when data-label=(view.t("Duration", "耗时")) { (took(line, running.now_ms)) }
            } } }
        }
    };
    html! {
        div.row.apart {
            h2 { (view.t("Ended last", "最近结束")) }
            a href="/jobs" { (view.t("All jobs", "全部作业")) }
        }
        (scrolling(view.t("Jobs that ended last", "最近结束的作业"), table))
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::tests::{line, view};
    use super::*;

    #[test]
    fn a_card_says_what_runs_or_why_not() {
        let runs = vec![Under { component: "hetero_lr_0".into(), progress: Some((3, 10, "iterations".into())) }];
        let waiting = JobLine { start_ms: None, ..line(Status::Waiting) };
        let cards = vec![
            Card { line: line(Status::Running), runs, why: String::new() },
            Card { line: waiting, runs: Vec::new(), why: "a core <1>".into() },
        ];
        let all = Running { cards, running: 1, waiting: 70, ended: vec![line(Status::Failed)], now_ms: 9_000 };
        let text = page(&view(Scope::Submit), &all).body.into_string();
        for part in ["3/10 iterations", "a core &lt;1&gt;", "/stop", "data-since=\"1000\"", "and 69 more"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        let text = page(&view(Scope::Read), &Running::default()).body.into_string();
        assert!(text.contains("href=\"/jobs\"") && !text.contains("href=\"/submit\""), "{text}");
    }
}
