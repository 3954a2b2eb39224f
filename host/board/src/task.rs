//! The page of a task at a party: what it is and how it went, and a tab for each thing that it has. Not for: what its
//! module put out (`outputs`), its whole log (`log`).

use maud::{Markup, html};
use parcae_domain::{party::Party, status::Status};
use parcae_node::view::{JobView, TaskView};

use crate::format;
use crate::layout::{Frame, Live};
use crate::parts::{encoded, facts, job_url, log_url, nothing, party_words, status, tabs, task_status, task_url};
use crate::view::View;

pub mod attempts;
pub mod log;
pub mod model;
pub mod parameters;
mod why;

pub use why::upstream;

/// Hexadecimal digits of a digest that are shown.
const DIGEST: usize = 12;

/// What a page of a task shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// What its module put out.
    Output,
    /// Its parameters.
    Parameters,
    /// First rows of its tables.
    Data,
    /// Its model, as JSON.
    Model,
    /// The end of its log.
    Log,
    /// Its runs.
    Attempts,
}

impl Tab {
    /// All of them, in their order.
    pub const ALL: [Tab; 6] = [Tab::Output, Tab::Parameters, Tab::Data, Tab::Model, Tab::Log, Tab::Attempts];

    /// As queries have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Tab::Output => "output",
            Tab::Parameters => "parameters",
            Tab::Data => "data",
            Tab::Model => "model",
            Tab::Log => "log",
            Tab::Attempts => "attempts",
        }
    }

    /// The one of a query; the first of all otherwise.
    pub fn of(word: Option<&str>) -> Tab {
        Tab::ALL.into_iter().find(|tab| Some(tab.as_str()) == word).unwrap_or(Tab::Output)
    }

    fn words(self, view: &View) -> &'static str {
        match self {
            Tab::Output => view.t("Output", "输出"),
            Tab::Parameters => view.t("Parameters", "参数"),
            Tab::Data => view.t("Data", "数据"),
            Tab::Model => view.t("Model", "模型"),
            Tab::Log => view.t("Log", "日志"),
            Tab::Attempts => view.t("Attempts", "运行记录"),
        }
    }
}

/// What the page is made of.
#[derive(Clone, Debug)]
pub struct TaskPage<'p> {
    /// The job at the party.
    pub job: &'p JobView,
    /// The task at the party, its latest run.
    pub task: &'p TaskView,
    /// Names of all components, in the order of the DSL.
    pub components: &'p [String],
    /// The same component at the other parties.
    pub elsewhere: &'p [TaskView],
    /// Tasks before this one that are not done; only while it waits.
    pub before: &'p [TaskView],
    /// Why the job waits; empty when it does not.
    pub waiting_for: &'p str,
    /// The node's clock, ms since the epoch.
    pub now_ms: i64,
    /// Tabs that make sense.
    pub tabs: &'p [Tab],
    /// The one that is shown.
    pub tab: Tab,
    /// What is in it.
    pub content: Markup,
}

/// The page.
pub fn page(view: &View, page: &TaskPage<'_>) -> Frame {
    let task = page.task;
    let live = !page.job.status.is_end();
    let body = html! {
        (crumbs(view, task))
        (head(view, page))
        (why::show(view, page))
        (tabs(view.t("About this task", "任务内容"), page.tabs.iter().map(|tab| {
            let url = format!("{}?tab={}", own_url(task), tab.as_str());
            (url, tab.words(view), *tab == page.tab)
        })))
        // What stays as it is keeps what the reader opened.
        section #task-content data-live[page.tab != Tab::Parameters] { (page.content) }
    };
    let title = format!("{} · {}", task.component, task.job);
    Frame {
        scripts: &["task.js", "chart.js"],
        live: if live { Live::Job(task.job.to_string()) } else { Live::Never },
        wide: page.tab == Tab::Data,
        ..Frame::new(title, body)
    }
}

/// Path of the task's own page.
fn own_url(task: &TaskView) -> String {
    task_url(task.job.as_str(), task.party, &task.component)
}

fn crumbs(view: &View, task: &TaskView) -> Markup {
    html! {
        nav.crumbs aria-label=(view.t("Where this is", "位置")) {
            a href="/jobs" { (view.t("Jobs", "作业")) } " › "
            a.mono href=(job_url(task.job.as_str(), task.party)) { (task.job) } " › "
            (party_words(task.party)) " › " (task.component)
        }
    }
}

/// Name, state, neighbours, and what it runs.
fn head(view: &View, page: &TaskPage<'_>) -> Markup {
    let task = page.task;
    html! {
        div.head {
            h1 { (task.component) }
            (neighbours(view, page))
        }
        section #task-head.card data-live data-now=(page.now_ms) {
            div.row.task-state {
                (task_status(view, task.party_status, page.job.status.is_end()))
                strong { (task.module) }
                (clock(task, page.now_ms))
                @if let Some((done, of, what)) = &task.progress {
                    @if task.party_status == Status::Running { (progress(view, *done, *of, what)) }
                }
            }
            (facts(what_it_is(view, task)))
            @if !page.elsewhere.is_empty() {
                div.row {
                    span.hint { (view.t("At other parties:", "其他参与方：")) }
                    @for other in page.elsewhere {
                        span { a href=(own_url(other)) { (party_words(other.party)) } " "
                            (task_status(view, other.party_status, page.job.status.is_end())) }
                    }
                }
            }
        }
    }
}

/// Components before and after this one, in the order of the DSL.
fn neighbours(view: &View, page: &TaskPage<'_>) -> Markup {
    let at = page.components.iter().position(|name| *name == page.task.component);
    let url = |name: &str| {
        let tab = if page.tab == Tab::Output { String::new() } else { format!("?tab={}", page.tab.as_str()) };
        format!("{}{tab}", task_url(page.task.job.as_str(), page.task.party, name))
    };
    let before = at.and_then(|at| page.components.get(at.checked_sub(1)?));
    let after = at.and_then(|at| page.components.get(at + 1));
    html! {
        nav.row aria-label=(view.t("Components", "组件")) {
            @if let Some(name) = before {
                a.button.small rel="prev" href=(url(name)) {
                    "‹ " span.unseen { (view.t("previous: ", "上一个：")) } (name)
                }
            }
            @if let Some(name) = after {
                a.button.small rel="next" href=(url(name)) {
                    span.unseen { (view.t("next: ", "下一个：")) } (name) " ›"
                }
            }
        }
    }
}

/// How long it has run, or ran.
fn clock(task: &TaskView, now_ms: i64) -> Markup {
    html! {
        @match (task.start_ms, task.end_ms) {
            (Some(start), Some(end)) => span.num { (format::duration(end - start)) },
            (Some(start), None) => span.num data-since=(start) { (format::duration(now_ms - start)) },
            _ => {}
        }
    }
}

fn progress(view: &View, done: u64, of: u64, what: &str) -> Markup {
    let percent = u8::try_from(100_u128 * u128::from(done.min(of)) / u128::from(of.max(1))).unwrap_or(100);
    html! {
        span.task-progress { (crate::parts::progress(view.t("Progress", "进度"), percent)) }
        span.hint { (done) " / " (of) " " (what) }
    }
}

fn what_it_is(view: &View, task: &TaskView) -> Vec<(&'static str, Markup)> {
    let (name, version) = &task.provider;
    let short: String = task.image.chars().take(DIGEST).collect();
    let grants: Vec<&str> = task.grants.iter().map(|grant| grant.as_str()).collect();
    let mut rows = vec![
        (view.t("Party", "参与方"), html! { (party_words(task.party)) }),
        (
            view.t("Component image", "组件镜像"),
            html! {
                (name) " " (version)
                @if !task.image.is_empty() {
                    " " a.mono href={ "/components/" (encoded(&task.image)) } title=(task.image) { (short) }
                }
            },
        ),
        (
            view.t("Grants", "授权"),
            html! { @if grants.is_empty() { (view.t("none", "无")) } @else { (grants.join(", ")) } },
        ),
        (view.t("Attempt", "运行次数"), attempt(view, task)),
        (view.t("Started", "开始"), format::time_or_none(task.start_ms)),
        (view.t("Ended", "结束"), format::time_or_none(task.end_ms)),
    ];
    if task.status != task.party_status {
        rows.push((view.t("Over all parties", "所有参与方"), status(view, task.status)));
    }
    rows
}

fn attempt(view: &View, task: &TaskView) -> Markup {
    html! {
        (u64::from(task.version) + 1)
        @if task.auto_retries > 0 && !task.party_status.is_end() {
            " " span.hint {
                (view.t("(more after a failure: ", "（失败后还可重试：")) (task.auto_retries) (view.t(")", "）"))
            }
        }
    }
}

fn log_of(task: &TaskView) -> String {
    log_url(task.job.as_str(), task.party, &task.component)
}

/// Said where a task put nothing out.
pub fn no_output(view: &View, task: &TaskView, has_ended: bool) -> Markup {
    let words = match task.party_status {
        Status::Waiting if has_ended => view.t("It did not run, so there is nothing.", "未运行，因此没有输出。"),
        Status::Waiting | Status::Running => {
            view.t("Nothing was put out yet. It appears here as it comes.", "暂无输出，产生后会自动显示。")
        }
        _ => view.t("This task put out no metrics, no summary and no model.", "该任务没有输出指标、摘要或模型。"),
    };
    nothing(words, html! { p { a href={ (own_url(task)) "?tab=log" } { (view.t("Look at its log", "查看日志")) } } })
}

/// Place of a party among those of its role, as keys of a conf count.
pub(crate) fn place_of(job: &JobView, party: Party) -> Option<usize> {
    let (_, ids) = job.roles.iter().find(|(role, _)| *role == party.role)?;
    ids.iter().position(|id| *id == party.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_have_names() {
        assert_eq!(Tab::of(Some("attempts")), Tab::Attempts);
        assert_eq!((Tab::of(Some("../x")), Tab::of(None)), (Tab::Output, Tab::Output));
    }
}
