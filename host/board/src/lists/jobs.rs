//! All jobs: a form of filters, the rows, their order and their pages. Not for: what an address asks for (`query`).

use maud::{Markup, html};
use parcae_domain::{party::Role, status::Status, tenant::Scope};
use parcae_node::{JobLine, JobLines};

use super::query::{Query, SIZES, Sort};
use super::row::{actions, partners, role_word, took, when};
use crate::format::count;
use crate::layout::{Frame, Live};
use crate::parts::{encoded, job_url, nothing, pager, progress, scrolling, status};
use crate::view::View;

/// Letters of a note that a line shows.
const NOTE: usize = 80;
/// Statuses that jobs have.
const STATUSES: [Status; 6] =
    [Status::Running, Status::Waiting, Status::Success, Status::Failed, Status::Canceled, Status::Timeout];

/// A page of jobs.
#[derive(Clone, Debug)]
pub struct Jobs<'j> {
    /// What was asked for.
    pub query: &'j Query,
    /// What was found.
    pub lines: &'j JobLines,
    /// The node's clock.
    pub now_ms: i64,
}

/// The page.
pub fn page(view: &View, jobs: &Jobs<'_>) -> Frame {
    let body = html! {
        div.head data-now=(jobs.now_ms) {
            h1 { (view.t("Jobs", "作业")) }
            div.row {
                form #compare.action method="get" action="/compare" {
                    button { (view.t("Compare ticked jobs", "比较所选作业")) }
                }
                @if view.may(Scope::Submit) {
                    a.button.primary href="/submit" { (view.t("Submit a job", "提交作业")) }
                }
            }
        }
        (filters(view, jobs.query))
        div #jobs data-live { (found(view, jobs)) }
    };
    Frame { live: Live::AnyJob, wide: true, ..Frame::new(view.t("Jobs", "作业"), body) }
}

/// The filters: those that are used most in sight, the others where one opens them.
fn filters(view: &View, query: &Query) -> Markup {
    html! {
        form.card.filters method="get" action="/jobs" role="search" {
            div.row {
                label.unseen for="q" { (view.t("Search job id and note", "搜索作业 ID 与备注")) }
                input #q type="search" name="q" value=(query.text) data-search maxlength="200"
                    placeholder=(view.t("Job id or note", "作业 ID 或备注"));
                button.primary { (view.t("Search", "搜索")) }
                @if query.is_filtered() { a.button href="/jobs" { (view.t("Clear", "清除")) } }
            }
            fieldset.chips {
                legend.unseen { (view.t("Status", "状态")) }
                @for one in STATUSES {
                    label.chip {
                        input type="checkbox" name="status" value=(one.as_str()) checked[query.statuses.contains(&one)];
                        (status(view, one))
                    }
                }
            }
            details #more-filters open[query.has_more_filters()] {
                summary { (view.t("More filters, order, rows", "更多筛选、排序与行数")) }
                (more(view, query))
            }
        }
    }
}

fn more(view: &View, query: &Query) -> Markup {
    let text = |name: &str, words: &str, value: &str, kind: &str| {
        html! {
            div {
                label for={ "by-" (name) } { (words) }
                input id={ "by-" (name) } type=(kind) name=(name) value=(value);
            }
        }
    };
    html! {
        fieldset.chips {
            legend { (view.t("Role", "角色")) }
            @for role in Role::ALL {
                label.chip {
                    input type="checkbox" name="role" value=(role.as_str()) checked[query.roles.contains(&role)];
                    (role_word(view, role))
                }
            }
        }
        div.fields {
            (text("id", view.t("Job id contains", "作业 ID 包含"), &query.id, "text"))
            (text("party", view.t("Party id contains", "参与方 ID 包含"), &query.party, "text"))
            (text("partner", view.t("Partner's id contains", "合作方 ID 包含"), &query.partner, "text"))
            (text("note", view.t("Note contains", "备注包含"), &query.note, "text"))
            (text("from", view.t("Submitted from", "提交日期从"), &query.from, "date"))
            (text("to", view.t("Submitted until", "提交日期至"), &query.to, "date"))
            div {
                label for="by-sort" { (view.t("Order", "排序")) }
                select #by-sort name="sort" { (orders(view, query)) }
            }
            div {
                label for="by-per" { (view.t("Rows on a page", "每页行数")) }
                select #by-per name="per" {
                    @for size in SIZES { option value=(size) selected[query.per == size] { (size) } }
                }
            }
        }
    }
}

fn orders(view: &View, query: &Query) -> Markup {
    let now = query.sort_word();
    let both = Sort::ALL.into_iter().flat_map(|sort| [(sort, true), (sort, false)]);
    html! {
        @for (sort, descending) in both {
            @let word = format!("{}{}", if descending { "-" } else { "" }, sort.as_str());
            option value=(word) selected[word == now] {
                (column(view, sort)) ", "
                @if descending { (view.t("highest first", "降序")) } @else { (view.t("lowest first", "升序")) }
            }
        }
    }
}

fn column(view: &View, sort: Sort) -> &'static str {
    match sort {
        Sort::Id => view.t("Job", "作业"),
        Sort::Submitted => view.t("Submitted", "提交时间"),
        Sort::Start => view.t("Start", "开始时间"),
        Sort::End => view.t("End", "结束时间"),
        Sort::Elapsed => view.t("Duration", "耗时"),
    }
}

/// The rows, how many there are, and the way to others.
fn found(view: &View, jobs: &Jobs<'_>) -> Markup {
    let Jobs { query, lines, .. } = *jobs;
    if lines.rows.is_empty() {
        return none(view, query);
    }
    let pages = query.pages(lines.count);
    let total = count(lines.count);
    html! {
        p.hint #jobs-total {
            @if lines.is_more {
                (view.t("More than ", "超过 ")) (total)
                (view.t(
                    " rows, one for each party of a job; older ones are found by a filter.",
                    " 行，每个作业的每个参与方一行；更早的请用筛选查找。",
                ))
            } @else {
                (total)
                (view.many(
                    lines.count,
                    " row, one for each party of a job.",
                    " rows, one for each party of a job.",
                    " 行，每个作业的每个参与方一行。",
                ))
            }
        }
        (scrolling(view.t("Jobs", "作业"), table(view, jobs)))
        (pager(view, u64::from(query.page), pages, |at| query.at_page(at).url()))
    }
}

fn none(view: &View, query: &Query) -> Markup {
    if query.is_filtered() {
        let cure = html! { p { a.button href="/jobs" { (view.t("Show all jobs", "显示全部作业")) } } };
        return nothing(view.t("No job is as the filters ask.", "没有符合筛选条件的作业。"), cure);
    }
    let cure = html! {
        p { (view.t("Upload data, then submit a job that uses it.", "先上传数据，再提交使用该数据的作业。")) }
        @if view.may(Scope::Submit) {
            p { a.button href="/upload" { (view.t("Upload data", "上传数据")) } " "
                a.button.primary href="/submit" { (view.t("Submit a job", "提交作业")) } }
        }
    };
    nothing(view.t("There is no job yet.", "还没有作业。"), cure)
}

fn table(view: &View, jobs: &Jobs<'_>) -> Markup {
    let Jobs { query, lines, now_ms } = *jobs;
    let plain = |words: &str| html! { th scope="col" { (words) } };
    html! {
        table.jobs {
            thead { tr {
                th scope="col" { span.unseen { (view.t("Compare", "比较")) } }
                (head(view, query, Sort::Id))
                (plain(view.t("Role", "角色")))
                (plain(view.t("Party", "参与方")))
                (plain(view.t("Partners", "合作方")))
                (head(view, query, Sort::Submitted))
                (head(view, query, Sort::Start))
                (head(view, query, Sort::End))
                (head(view, query, Sort::Elapsed))
                (plain(view.t("Status", "状态")))
                (plain(view.t("Note", "备注")))
                th scope="col" { span.unseen { (view.t("Actions", "操作")) } }
            } }
            tbody {
                @for (at, line) in lines.rows.iter().enumerate() {
                    @let is_again = at > 0 && lines.rows[at - 1].job == line.job;
                    (row(view, line, is_again, now_ms))
                }
            }
        }
    }
}

/// Head of a column that jobs can be sorted by.
fn head(view: &View, query: &Query, sort: Sort) -> Markup {
    let order = match (query.sort == sort, query.descending) {
        (false, _) => "none",
        (true, true) => "descending",
        (true, false) => "ascending",
    };
    let sign = match order {
        "descending" => " ▾",
        "ascending" => " ▴",
        _ => "",
    };
    html! {
        th scope="col" aria-sort=(order) {
            a href=(query.sorted_by(sort).url()) { (column(view, sort)) span aria-hidden="true" { (sign) } }
        }
    }
}

/// A job at one of its parties. What belongs to the job as a whole stands in its first row only.
fn row(view: &View, line: &JobLine, is_again: bool, now_ms: i64) -> Markup {
    let job = line.job.as_str();
    html! {
        tr class=[is_again.then_some("again")] {
            td.pick {
                @if !is_again {
                    input type="checkbox" id={ "pick-" (job) } name="job" value=(job) form="compare"
                        aria-label={ (view.t("Compare", "比较")) " " (job) };
                }
            }
            td.mono { a href=(job_url(job, line.party)) data-row { (job) } }
            td data-label=(view.t("Role", "角色")) { (line.party.role.as_str()) }
            td data-label=(view.t("Party", "参与方")) { (line.party.id) }
            td data-label=(view.t("Partners", "合作方")) { (partners(line)) }
            td.when data-label=(column(view, Sort::Submitted)) { (when(Some(line.created_ms), now_ms)) }
            td.when data-label=(column(view, Sort::Start)) { (when(line.start_ms, now_ms)) }
            td.when data-label=(column(view, Sort::End)) { (when(line.end_ms, now_ms)) }
            td.when data-label=(column(view, Sort::Elapsed)) { (took(line, now_ms)) }
            td data-label=(view.t("Status", "状态")) {
                (status(view, line.status))
                @if line.status == Status::Running {
                    div.under {
                        (progress(view.t("Progress", "进度"), line.progress))
                        span.hint { (line.progress) " %" }
                    }
                }
            }
            td.noted { @if !is_again { (note(view, line)) } }
            td.acts { @if !is_again { (actions(view, line)) } }
        }
    }
}

/// What its owner says of a job, which can be changed in place.
fn note(view: &View, line: &JobLine) -> Markup {
    let (job, text) = (line.job.as_str(), line.description.as_str());
    let mut shown: String = text.chars().take(NOTE).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    if !view.may(Scope::Submit) {
        return html! { (shown) };
    }
    html! {
        details.note id={ "note-" (job) } {
            summary {
                @if shown.is_empty() { span.soft { (view.t("add a note", "添加备注")) } } @else { (shown) }
            }
            form method="post" action={ "/jobs/" (encoded(job)) "/notes" } {
                input type="hidden" name="next" value=(view.here);
                label.unseen for={ "notes-" (job) } { (view.t("Note", "备注")) }
                textarea id={ "notes-" (job) } name="notes" rows="3" { (text) }
                button.small { (view.t("Save", "保存")) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::tests::{line, view};
    use super::*;

    fn shown(query: &Query, rows: Vec<JobLine>, scope: Scope) -> String {
        let lines = JobLines { count: rows.len() as u64, rows, is_more: false };
        page(&view(scope), &Jobs { query, lines: &lines, now_ms: 9_000 }).body.into_string()
    }

    #[test]
    fn rows_say_all_that_is_known_and_texts_stay_texts() {
        let rows = vec![line(Status::Running), line(Status::Running)];
        let text = shown(&Query::of([("sort", "end")]), rows, Scope::Submit);
        for part in ["aria-sort=\"ascending\"", "/jobs?sort=-end", "/202611212240531266170/notes", "40 %"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(text.contains("&lt;b&gt;night&lt;/b&gt;") && !text.contains("<b>night"), "{text}");
        assert_eq!(text.matches("name=\"job\"").count(), 1, "a job is ticked once, however many rows it has");
        assert_eq!(text.matches("data-row").count(), 2);
        let read = shown(&Query::default(), vec![line(Status::Running)], Scope::Read);
        assert!(!read.contains("method=\"post\""), "{read}");
    }

    #[test]
    fn where_there_is_nothing_it_says_what_to_do() {
        let text = shown(&Query::default(), Vec::new(), Scope::Submit);
        assert!(text.contains("There is no job yet.") && text.contains("href=\"/upload\""), "{text}");
        let text = shown(&Query::of([("status", "failed")]), Vec::new(), Scope::Submit);
        assert!(text.contains("No job is as the filters ask.") && text.contains(" checked"), "{text}");
    }
}
