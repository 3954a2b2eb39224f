//! Jobs beside each other: what they are, in which parameters they differ, which scores they came to, and their curves
//! over each other. Not for: asking the node (`server`), drawing (`chart`).

use maud::{Markup, html};
use parcae_domain::party::Party;
use parcae_node::view::{JobView, Series, TaskView};

use crate::format::{bytes, count, duration, time};
use crate::layout::Frame;
use crate::parts::{encoded, job_url, nothing, party_words, scrolling, status};
use crate::view::View;

mod parameters;
mod results;

/// Jobs that are compared at most.
pub const MOST: usize = 8;
/// What jobs are called where there is little room.
const LETTERS: [&str; MOST] = ["A", "B", "C", "D", "E", "F", "G", "H"];

/// A table that a job reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Rows that it has today; none when it is gone.
    pub rows: Option<u64>,
}

/// What a job used at all parties of this node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Processor time, ms.
    pub cpu_ms: i64,
    /// That of cryptography, ms.
    pub crypto_ms: i64,
    /// Bytes of messages to other parties.
    pub bytes_out: u64,
    /// Most memory of an attempt.
    pub peak_memory_bytes: u64,
}

/// A job with all that is compared.
#[derive(Clone, Debug)]
pub struct Side {
    /// The job as the party sees it.
    pub job: JobView,
    /// Its tasks there.
    pub tasks: Vec<TaskView>,
    /// Tables that it reads.
    pub data: Vec<Dataset>,
    /// What it used.
    pub used: Used,
    /// Series of its tasks, by component.
    pub series: Vec<(String, Series)>,
}

/// A job that was asked for.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its id, as it was asked for.
    pub id: String,
    /// The job, or why there is none.
    pub side: Result<Box<Side>, String>,
}

/// What is compared, and how it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Compare<'c> {
    /// Jobs, in the order in which they were asked for.
    pub found: &'c [Found],
    /// Whose view; else that of each job's initiator.
    pub party: Option<Party>,
    /// Parameters in which they do not differ are shown, too.
    pub shows_all: bool,
    /// Data set whose curves are shown.
    pub dataset: Option<&'c str>,
    /// Jobs that were asked for beyond the most.
    pub left_out: usize,
}

/// A job and its letter.
struct Lettered<'c> {
    letter: &'static str,
    side: &'c Side,
}

impl<'c> Compare<'c> {
    fn sides(&self) -> Vec<Lettered<'c>> {
        let all = self.found.iter().zip(LETTERS);
        all.filter_map(|(found, letter)| Some(Lettered { letter, side: found.side.as_deref().ok()? })).collect()
    }

    /// The page with these jobs and choices.
    fn url(&self, jobs: impl Iterator<Item = &'c str>, choices: &[(&str, &str)]) -> String {
        let jobs = jobs.map(|job| format!("job={}", encoded(job)));
        let party = self.party.map(|party| format!("role={}&party={}", party.role, party.id));
        let choices = choices.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        format!("/compare?{}", jobs.chain(party).chain(choices).collect::<Vec<String>>().join("&"))
    }

    fn ids(&self) -> impl Iterator<Item = &'c str> + use<'c> {
        self.found.iter().map(|found| found.id.as_str())
    }
}

/// The page.
pub fn page(view: &View, compare: &Compare<'_>) -> Frame {
    let title = view.t("Compare jobs", "对比作业");
    let sides = compare.sides();
    let body = html! {
        div.head { h1 { (title) } (adding(view, compare)) }
        @if compare.left_out > 0 {
            p.warning {
                (view.t("At most 8 jobs are compared; left out: ", "最多对比 8 个作业；已忽略：")) (compare.left_out)
            }
        }
        @if compare.found.is_empty() {
            (nothing(
                view.t("No job is chosen yet.", "尚未选择作业。"),
                html! { p { a.button href="/jobs" { (view.t("Choose from all jobs", "从作业列表选择")) } } },
            ))
        } @else {
            (overview(view, compare, &sides))
            @if sides.len() > 1 {
                (parameters::show(view, compare, &sides))
                (results::scores(view, &sides))
            } @else {
                p.hint { (view.t("Add another job to compare it with.", "请再添加一个作业进行对比。")) }
            }
            (results::curves(view, compare, &sides))
        }
    };
    Frame { scripts: &["chart.js"], wide: true, ..Frame::new(title, body) }
}

/// A form for one more job.
fn adding(view: &View, compare: &Compare<'_>) -> Markup {
    html! {
        @if compare.found.len() < MOST {
            form.row method="get" action="/compare" {
                @for id in compare.ids() { input type="hidden" name="job" value=(id); }
                @if let Some(party) = compare.party {
                    input type="hidden" name="role" value=(party.role.as_str());
                    input type="hidden" name="party" value=(party.id);
                }
                label.unseen for="another" { (view.t("Id of another job", "其他作业的 ID")) }
                input #another type="search" name="job" required data-search
                    placeholder=(view.t("Id of another job", "其他作业的 ID"));
                button.primary { (view.t("Add", "添加")) }
            }
        }
    }
}

/// A row of the table of facts.
struct Fact<'v> {
    name: &'v str,
    cell: Box<dyn Fn(&Side) -> Markup + 'v>,
}

fn overview(view: &View, compare: &Compare<'_>, sides: &[Lettered<'_>]) -> Markup {
    let label = view.t("Jobs", "作业");
    let facts = facts(view);
    html! {
        section.card {
            h2 { (label) }
            (scrolling(label, html! {
                table.compared {
                    thead {
                        tr {
                            th scope="col" { (view.t("Job", "作业")) }
                            @for (found, letter) in compare.found.iter().zip(LETTERS) {
                                th scope="col" { (heading(view, compare, found, letter)) }
                            }
                        }
                    }
                    tbody {
                        @if !sides.is_empty() {
                            @for fact in &facts {
                                tr {
                                    th scope="row" { (fact.name) }
                                    @for found in compare.found {
                                        td { @if let Ok(side) = &found.side { ((fact.cell)(side)) } @else { "–" } }
                                    }
                                }
                            }
                        }
                    }
                }
            }))
        }
    }
}

/// Letter, id, why it is not there, and a link that takes it away.
fn heading(view: &View, compare: &Compare<'_>, found: &Found, letter: &str) -> Markup {
    let others = compare.found.iter().filter(|other| other.id != found.id).map(|other| other.id.as_str());
    html! {
        span.letter { (letter) } " "
        @match &found.side {
            Ok(side) => { a.mono href=(job_url(&found.id, side.job.party)) { (found.id) } }
            Err(words) => { span.mono { (found.id) } p.error role="alert" { (words) } }
        }
        " " a.soft href=(compare.url(others, &[])) aria-label={ (view.t("Take away", "移除")) " " (found.id) } { "✕" }
    }
}

fn facts<'v>(view: &'v View) -> Vec<Fact<'v>> {
    fn fact<'v>(name: &'v str, cell: impl Fn(&Side) -> Markup + 'v) -> Fact<'v> {
        Fact { name, cell: Box::new(cell) }
    }
    let none = || html! { span.soft { "–" } };
    vec![
        fact(view.t("Status", "状态"), move |side| status(view, side.job.status)),
        fact(view.t("Notes", "备注"), |side| html! { (side.job.description) }),
        fact(view.t("Seen by", "视角"), |side| html! { (party_words(side.job.party)) }),
        fact(view.t("Submitted", "提交时间"), |side| time(side.job.created_ms)),
        fact(view.t("Duration", "时长"), move |side| match side.job.start_ms.zip(side.job.end_ms) {
            Some((start, end)) => html! { (duration(end - start)) },
            None => none(),
        }),
        fact(view.t("Components", "组件数"), |side| html! { (count(side.tasks.len() as u64)) }),
        fact(view.t("Data", "数据"), move |side| data(view, &side.data)),
        fact(view.t("Processor time", "CPU 时间"), |side| html! { (duration(side.used.cpu_ms)) }),
        fact(view.t("of which cryptography", "其中密码运算"), |side| html! { (duration(side.used.crypto_ms)) }),
        fact(view.t("Bytes between parties", "参与方间流量"), |side| html! { (bytes(side.used.bytes_out)) }),
        fact(view.t("Most memory of a task", "任务内存峰值"), |side| html! { (bytes(side.used.peak_memory_bytes)) }),
    ]
}

fn data(view: &View, all: &[Dataset]) -> Markup {
    html! {
        @if all.is_empty() { span.soft { "–" } }
        @for one in all {
            div {
                (one.namespace) " / " (one.name) " "
                span.soft { @match one.rows {
                    Some(rows) => { (count(rows)) " " (view.many(rows, "row", "rows", "行")) }
                    None => { (view.t("gone", "已删除")) }
                } }
            }
        }
    }
}

#[cfg(test)]
mod tests;
