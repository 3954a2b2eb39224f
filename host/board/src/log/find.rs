//! Searching a log: the form, the way to a line and to the first error, and what a search came to. Not for: searching
//! (`logs`).

use maud::{Markup, html};

use super::{LogView, Outcome};
use crate::format::count;
use crate::view::View;

/// The form to search with.
pub(super) fn form(view: &View, log: &LogView) -> Markup {
    let find = &log.find;
    html! {
        form.log-find method="get" role="search" {
            input type="hidden" name="level" value=(log.level);
            @if let Some(line) = log.focus { input type="hidden" name="from" value=(line); }
            label.unseen for="log-q" { (view.t("Search in this log", "搜索此日志")) }
            input #log-q type="search" name="q" value=(find.text) maxlength="1000" data-search autocomplete="off"
                spellcheck="false" placeholder=(view.t("Search in this log", "搜索此日志"));
            button.small name="dir" value="next" { (view.t("Next", "下一个")) }
            button.small name="dir" value="prev" { (view.t("Previous", "上一个")) }
            label.check { input type="checkbox" name="case" value="1" checked[find.with_case]; " "
                (view.t("Match case", "区分大小写")) }
            label.check { input type="checkbox" name="re" value="1" checked[find.is_regex]; " "
                (view.t("Regular expression", "正则表达式")) }
            output #log-count.soft for="log-q" {}
        }
    }
}

/// The ways to a line.
pub(super) fn jump(view: &View, log: &LogView) -> Markup {
    html! {
        form.log-jump method="get" {
            input type="hidden" name="level" value=(log.level);
            label for="log-line" { (view.t("Line", "行")) }
            input #log-line type="number" name="line" min="1" max=(log.total.max(1)) value=[log.focus] required;
            button.small { (view.t("Go", "转到")) }
            @if let Some(word) = errors(log) {
                a.button.small href={ "?level=" (word) "&first=error" (log.find.query()) } {
                    (view.t("First error", "首个错误"))
                }
            }
        }
    }
}

/// The log in which the first error is to be seen among other lines; none when there is no error.
fn errors(log: &LogView) -> Option<&'static str> {
    let has = |word: &str| log.logs.iter().any(|tab| tab.word == word && tab.bytes > 0);
    let of_job = log.logs.iter().any(|tab| tab.word == log.level && tab.of_job);
    match log.component {
        Some(_) => has("error").then_some("stat"),
        None if of_job => has("schedule_error").then_some("schedule"),
        None => has("error").then_some("error"),
    }
}

/// What the search came to, and how to go on.
pub(super) fn outcome(view: &View, log: &LogView) -> Markup {
    let again = |forward: bool, from: u64| {
        let dir = if forward { "next" } else { "prev" };
        format!("{}{}&from={from}&dir={dir}", log.query(), log.find.query())
    };
    html! {
        @match &log.outcome {
            Outcome::Quiet => {}
            Outcome::Refused(words) => { p.error role="alert" { (words) } }
            Outcome::NoError => { p.log-outcome role="status" { (view.t("This log has no error.", "此日志没有错误。")) } }
            Outcome::Nowhere { forward: true } => {
                p.log-outcome role="status" { (view.t("Not found up to the end of the log.", "至日志末尾未找到。")) " "
                    a href=(again(true, 0)) { (view.t("Search from the beginning", "从头搜索")) } }
            }
            Outcome::Nowhere { forward: false } => {
                p.log-outcome role="status" { (view.t("Not found up to the beginning of the log.", "至日志开头未找到。")) " "
                    a href=(again(false, log.total + 1)) { (view.t("Search from the end", "从末尾搜索")) } }
            }
            Outcome::NotYet { forward, line } => {
                @let from = if *forward { line.saturating_sub(1) } else { line.saturating_add(1) };
                p.log-outcome role="status" { (view.t("Not found up to line ", "未找到，已搜索至第 ")) (count(*line))
                    (view.t(". ", " 行。"))
                    a href=(again(*forward, from)) { (view.t("Go on", "继续搜索")) } }
            }
        }
    }
}
