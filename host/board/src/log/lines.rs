//! Lines of a log: each with its number, which is a link to it, its level, and marks where that is which was searched for.
//! Not for: the search itself (`find`).

use maud::{Markup, html};
use parcae_domain::port::Level;
use serde_json::json;

use super::{Line, LogView, find};
use crate::format::{bytes, count};
use crate::parts::nothing;
use crate::view::View;

/// Everything that script makes a viewer of.
pub(super) fn viewer(view: &View, log: &LogView) -> Markup {
    html! {
        section #log.log data-url=(log.url()) data-level=(log.level) data-total=(log.total) data-focus=[log.focus]
            data-running=[log.is_running.then_some("")] data-words=(words(view)) aria-label=(view.t("Log", "日志")) {
            div.log-bar {
                (find::form(view, log))
                (find::jump(view, log))
                (switches(view))
            }
            (find::outcome(view, log))
            @if log.total == 0 { (nothing_yet(view, log)) }
            @if log.total > 0 { (pages(view, log, view.t("Parts of the log", "日志分段"))) }
            @if log.total > 0 || log.is_running {
                // Scrolls by keyboard, too.
                div.log-box tabindex="0" role="region" aria-label=(view.t("Lines of the log", "日志内容")) {
                    ol.log-lines { @for line in &log.lines { (one(view, log, line)) } }
                }
            }
            @if log.total > 0 { (pages(view, log, view.t("Parts of the log, below", "日志分段（下方）"))) }
        }
    }
}

/// What works with script only.
fn switches(view: &View) -> Markup {
    let levels = [
        ("", view.t("every line", "全部行")),
        ("info", view.t("from information", "信息及以上")),
        ("warning", view.t("from warnings", "警告及以上")),
        ("error", view.t("errors only", "仅错误")),
    ];
    html! {
        div.row.log-switches data-scripted hidden {
            label for="log-least" { (view.t("Show", "显示")) }
            select #log-least { @for (value, words) in levels { option value=(value) { (words) } } }
            button #log-wrap.small type="button" aria-pressed="false" { (view.t("Wrap lines", "自动换行")) }
            button #log-follow.small type="button" aria-pressed="false" { (view.t("Follow", "跟随")) }
        }
    }
}

/// Texts that script shows.
fn words(view: &View) -> String {
    let words = json!({
        "copied": view.t("The link to the line is copied", "已复制该行链接"),
        "matches": view.t("matches", "处匹配"),
        "of": view.t("of", "/"),
        "none": view.t("no match", "无匹配"),
        "searching": view.t("searching…", "搜索中…"),
        "upTo": view.t("up to line", "已搜索至第"),
        "ended": view.t("The job has ended: all lines are here", "作业已结束，日志已完整"),
        "away": view.t("The node does not answer; it is asked again", "节点无响应，正在重试"),
        "more": view.t("more", "更多"),
        "refused": view.t("This cannot be searched for", "无法搜索该内容"),
        "hidden": view.t(
            "No line near this place is as bad as that. The tabs above have the errors and warnings of the whole log.",
            "此处附近没有该级别的行。上方标签列出整个日志的错误和警告。",
        ),
    });
    words.to_string()
}

fn nothing_yet(view: &View, log: &LogView) -> Markup {
    let said = if log.is_running {
        view.t("Nothing was written to this log yet.", "此日志暂无内容。")
    } else {
        view.t("Nothing was written to this log.", "此日志没有内容。")
    };
    let other = log.logs.iter().find(|tab| tab.bytes > 0);
    let cure = html! {
        @if let Some(other) = other {
            p { a href={ "?level=" (other.word) } { (super::title(view, other.word)) " · " (bytes(other.bytes)) } }
        }
    };
    nothing(said, cure)
}

/// Which lines these are, and links to those before and behind them.
fn pages(view: &View, log: &LogView, label: &str) -> Markup {
    let (first, last) =
        (log.lines.first().map_or(1, |line| line.number), log.lines.last().map_or(0, |line| line.number));
    let top = |line: u64| format!("{}&top={line}{}", log.query(), log.find.query());
    html! {
        nav.log-pages aria-label=(label) data-unscripted {
            @if first > 1 {
                a href=(top(1)) { "⇤ " (view.t("first", "最前")) }
                a href=(top(first.saturating_sub(log.count).max(1))) { "‹ " (view.t("older", "较早")) }
            }
            span.soft { (count(first)) "–" (count(last)) " " (view.t("of", "/")) " " (count(log.total)) }
            @if last < log.total {
                a href=(top(last + 1)) { (view.t("newer", "较新")) " ›" }
                a href={ (log.query()) (log.find.query()) } { (view.t("last", "最后")) " ⇥" }
            }
        }
    }
}

fn one(view: &View, log: &LogView, line: &Line) -> Markup {
    let here = if log.focus == Some(line.number) { " here" } else { "" };
    let (word, sign) = level(line.level);
    html! {
        li id={ "L" (line.number) } class={ "line level-" (word) (here) } {
            a.number href=(log.line_url(line.number)) { (line.number) }
            span.level aria-hidden="true" { (sign) }
            span.text { (marked(line)) }
            @if line.more > 0 {
                " " a.more href={ "?level=" (log.level) "&lines=1&line=" (line.number) } {
                    "… " (bytes(line.more)) " " (view.t("more", "更多"))
                }
            }
        }
    }
}

/// Class and sign of a level.
fn level(level: Option<Level>) -> (&'static str, &'static str) {
    match level {
        None => ("plain", ""),
        Some(Level::Debug) => ("debug", "·"),
        Some(Level::Info) => ("info", "i"),
        Some(Level::Warning) => ("warning", "!"),
        Some(Level::Error) => ("error", "✕"),
    }
}

fn marked(line: &Line) -> Markup {
    let mut at = 0;
    let mut parts = Vec::new();
    for mark in &line.marks {
        if let (Some(before), Some(hit)) = (line.text.get(at..mark.start), line.text.get(mark.clone())) {
            parts.push((before, hit));
            at = mark.end;
        }
    }
    let rest = line.text.get(at..).unwrap_or_default();
    html! { @for (before, hit) in parts { (before) mark { (hit) } } (rest) }
}
