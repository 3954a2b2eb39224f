//! Pieces that pages share: states, tables, facts, forms that act, links to pages. Not for: what stands around a page
//! (`layout`).

use maud::{Markup, html};
use parcae_domain::{party::Party, status::Status};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::view::View;

/// What stays as it is in a path or a query.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text as it stands in a path or a query.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// A party as people read it: `guest 9999`.
pub fn party_words(party: Party) -> String {
    format!("{} {}", party.role, party.id)
}

/// Page of a job at a party.
pub fn job_url(job: &str, party: Party) -> String {
    format!("/jobs/{}/{}/{}", encoded(job), party.role, party.id)
}

/// Page of a task at a party.
pub fn task_url(job: &str, party: Party, component: &str) -> String {
    format!("{}/tasks/{}", job_url(job, party), encoded(component))
}

/// Page of a log; component `-` is the job's own.
pub fn log_url(job: &str, party: Party, component: &str) -> String {
    format!("{}/logs/{}", job_url(job, party), encoded(component))
}

/// Word of a status.
pub fn status_word(view: &View, status: Status) -> &'static str {
    match status {
        Status::Waiting => view.t("waiting", "等待中"),
        Status::Running => view.t("running", "运行中"),
        Status::Success => view.t("success", "成功"),
        Status::Failed => view.t("failed", "失败"),
        Status::Canceled => view.t("canceled", "已取消"),
        Status::Timeout => view.t("timeout", "超时"),
        Status::Pass => view.t("passed over", "已跳过"),
    }
}

/// Path of the sign of a status, in a box of 16 by 16: each differs in shape, not in colour alone.
pub fn status_path(status: Status) -> &'static str {
    match status {
        Status::Waiting => "M8 3.5v4.5l3 2M8 1.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13",
        Status::Running => "M5.5 3.5v9l7-4.5z",
        Status::Success => "M2.5 8.5l3.5 3.5l7.5-8",
        Status::Failed => "M3.5 3.5l9 9M12.5 3.5l-9 9",
        Status::Canceled => "M4 4h8v8h-8z",
        Status::Timeout => "M4 2h8M4 14h8M5 2c0 4 6 8 6 12M11 2c0 4-6 8-6 12",
        Status::Pass => "M2.5 4.5l4 3.5l-4 3.5M8.5 4.5l4 3.5l-4 3.5",
    }
}

/// Sign of a status.
pub fn status_sign(status: Status) -> Markup {
    html! {
        svg.sign viewBox="0 0 16 16" aria-hidden="true" focusable="false" { path d=(status_path(status)) {} }
    }
}

/// A status: sign, word, colour.
pub fn status(view: &View, status: Status) -> Markup {
    html! {
        span class={ "status " (status.as_str()) } { (status_sign(status)) " " (status_word(view, status)) }
    }
}

/// Whether a task did not run: it waits in a job that has ended.
fn is_unrun(of: Status, has_ended: bool) -> bool {
    of == Status::Waiting && has_ended
}

/// Word of a task's status, in a job that goes on or has ended.
pub fn task_word(view: &View, of: Status, has_ended: bool) -> &'static str {
    if is_unrun(of, has_ended) { view.t("not run", "未运行") } else { status_word(view, of) }
}

/// Path of its sign.
pub fn task_path(of: Status, has_ended: bool) -> &'static str {
    if is_unrun(of, has_ended) { "M3.5 8h9" } else { status_path(of) }
}

/// A task's status: sign, word, colour.
pub fn task_status(view: &View, of: Status, has_ended: bool) -> Markup {
    let class = if is_unrun(of, has_ended) { "unrun" } else { of.as_str() };
    html! {
        span class={ "status " (class) } {
            svg.sign viewBox="0 0 16 16" aria-hidden="true" focusable="false" { path d=(task_path(of, has_ended)) {} }
            " " (task_word(view, of, has_ended))
        }
    }
}

/// How far something is, of 100, with words for who does not see the bar.
pub fn progress(label: &str, percent: u8) -> Markup {
    html! { progress max="100" value=(percent) aria-label=(label) { (percent) "%" } }
}

/// Names with what belongs to them.
pub fn facts<'f>(rows: impl IntoIterator<Item = (&'f str, Markup)>) -> Markup {
    html! {
        dl.facts { @for (name, value) in rows { div { dt { (name) } dd { (value) } } } }
    }
}

/// What is said where there is nothing to see, and what to do about it.
pub fn nothing(words: &str, cure: Markup) -> Markup {
    html! { div.nothing { p { (words) } (cure) } }
}

/// A button that posts to a path; with a question, script asks it first.
pub fn action(path: &str, fields: &[(&str, &str)], class: &str, words: &str, question: Option<&str>) -> Markup {
    html! {
        form.action method="post" action=(path) data-ask=[question] {
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button type="submit" class=(class) { (words) }
        }
    }
}

/// A table that scrolls sideways on its own, and can be reached by keyboard for that.
pub fn scrolling(label: &str, table: Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(label) { (table) } }
}

/// Links to the pages of a list: which one this is, how many there are, and the address of one.
pub fn pager(view: &View, page: u64, pages: u64, url: impl Fn(u64) -> String) -> Markup {
    let near = |at: u64| at == 1 || at == pages || at.abs_diff(page) <= 2;
    html! {
        @if pages > 1 {
            nav.pager aria-label=(view.t("Pages", "分页")) {
                @if page > 1 { a href=(url(page - 1)) rel="prev" { "‹ " (view.t("previous", "上一页")) } }
                @for at in (1..=pages).filter(|at| near(*at)) {
                    @if at == page { span aria-current="page" { (at) } } @else { a href=(url(at)) { (at) } }
                }
                @if page < pages { a href=(url(page + 1)) rel="next" { (view.t("next", "下一页")) " ›" } }
            }
        }
    }
}

/// Tabs that are links: address, words, whether it is the one that is shown.
pub fn tabs<'t>(label: &str, tabs: impl IntoIterator<Item = (String, &'t str, bool)>) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            @for (url, words, is_here) in tabs {
                a href=(url) aria-current=[is_here.then_some("page")] { (words) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use parcae_domain::party::Role;

    use super::*;

    #[test]
    fn texts_of_users_stay_texts() {
        let party = Party::new(Role::Guest, 9999);
        assert_eq!(task_url("1", party, "a/b?c"), "/jobs/1/guest/9999/tasks/a%2Fb%3Fc");
        let shown = action("/x", &[("a", "\"><script>")], "", "<b>", None).into_string();
        assert!(!shown.contains("<script>") && !shown.contains("<b>"), "{shown}");
    }

    #[test]
    fn what_waits_when_all_is_over_did_not_run() {
        let view = View::default();
        let words = |of, has_ended| task_word(&view, of, has_ended);
        assert_eq!([words(Status::Waiting, false), words(Status::Waiting, true)], ["waiting", "not run"]);
        assert_eq!(words(Status::Failed, true), "failed");
        let shown = |has_ended| task_status(&view, Status::Waiting, has_ended).into_string();
        assert_eq!(shown(false), status(&view, Status::Waiting).into_string());
        assert!(shown(true).contains("not run") && shown(true) != shown(false), "{}", shown(true));
    }

    #[test]
    fn pages_near_by_are_linked() {
        let shown = pager(&View::default(), 5, 90, |at| format!("?page={at}")).into_string();
        assert!(shown.contains("\"?page=1\"") && shown.contains("\"?page=90\"") && shown.contains("\"?page=7\""));
        assert!(!shown.contains("\"?page=8\"") && shown.contains("aria-current"), "{shown}");
        assert_eq!(pager(&View::default(), 1, 1, |_| String::new()).into_string(), "");
    }
}
