//! The audit log: who did what to which object, and whether that was allowed. Not for: writing it (`server`).

use maud::{Markup, html};
use parcae_domain::{status::Status, tenant::Scope};

use crate::layout::Frame;
use crate::parts::{encoded, nothing, scrolling, status_sign};
use crate::view::View;

/// How something ended, as the log has it.
pub const VERDICTS: [&str; 3] = ["allowed", "refused", "failed"];

/// A line of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub seq: u64,
    /// When, in UTC.
    pub time: String,
    /// For which tenant.
    pub tenant: String,
    /// Who.
    pub who: String,
    /// From where.
    pub peer: String,
    /// What.
    pub what: String,
    /// To which objects.
    pub object: String,
    /// One of `VERDICTS`.
    pub verdict: &'static str,
    /// Code of the answer.
    pub code: i64,
    /// Its words.
    pub words: String,
}

/// What is asked for; empty texts let everything through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// A time in UTC, or the beginning of one.
    pub since: String,
    /// A tenant.
    pub tenant: String,
    /// One of `VERDICTS`.
    pub verdict: String,
}

/// A page of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// What was asked for.
    pub asked: Asked,
    /// The newest first.
    pub lines: Vec<Line>,
    /// There are older ones.
    pub is_older: bool,
    /// There are newer ones.
    pub is_newer: bool,
    /// What is wrong with what was asked for.
    pub wrong: Option<String>,
}

impl Asked {
    /// The address of a page of it; `more` is `before=7`, or nothing.
    fn url(&self, more: &str) -> String {
        let texts = [("since", &self.since), ("tenant", &self.tenant), ("verdict", &self.verdict)];
        let texts = texts.iter().filter(|(_, text)| !text.is_empty());
        let mut pairs: Vec<String> = texts.map(|(name, text)| format!("{name}={}", encoded(text))).collect();
        pairs.extend((!more.is_empty()).then(|| more.to_owned()));
        if pairs.is_empty() { "/audit".into() } else { format!("/audit?{}", pairs.join("&")) }
    }
}

/// The page.
pub fn page(view: &View, log: &Log) -> Frame {
    let title = view.t("Audit log", "审计日志");
    let body = html! {
        (super::pages(view))
        h1 { (title) }
        p.hint { (view.t(
            "Every act that may change something, and every one that was refused. Times are in UTC.",
            "记录每个可能产生变更的操作，以及每个被拒绝的操作。时间为 UTC。",
        )) }
        (filters(view, log))
        @if let Some(wrong) = &log.wrong { p.error role="alert" { (wrong) } }
        @if log.lines.is_empty() {
            (nothing(view.t("No line is as the filters ask.", "没有符合条件的记录。"), html! {
                p { a.button href="/audit" { (view.t("Show the newest lines", "显示最新记录")) } }
            }))
        } @else {
            (scrolling(title, table(view, &log.lines)))
            (others(view, log))
        }
    };
    Frame { wide: true, ..Frame::new(title, body) }
}

fn filters(view: &View, log: &Log) -> Markup {
    let asked = &log.asked;
    html! {
        form.card.filters method="get" action="/audit" {
            div.fields {
                div {
                    label for="by-since" { (view.t("Since (UTC)", "起始时间（UTC）")) }
                    input #by-since type="text" name="since" value=(asked.since) placeholder="2026-11-22T12:00"
                        maxlength="24" data-search;
                }
                @if view.may(Scope::Admin) {
                    div {
                        label for="by-tenant" { (view.t("Tenant", "租户")) }
                        input #by-tenant type="text" name="tenant" value=(asked.tenant) maxlength="64";
                    }
                }
                div {
                    label for="by-verdict" { (view.t("Ended", "结果")) }
                    select #by-verdict name="verdict" {
                        option value="" { (view.t("any way", "全部")) }
                        @for one in VERDICTS {
                            option value=(one) selected[asked.verdict == one] { (verdict_word(view, one)) }
                        }
                    }
                }
                div { button.primary { (view.t("Show", "显示")) } }
            }
        }
    }
}

fn verdict_word(view: &View, verdict: &str) -> &'static str {
    match verdict {
        "allowed" => view.t("allowed", "允许"),
        "refused" => view.t("refused", "拒绝"),
        _ => view.t("failed", "失败"),
    }
}

fn verdict(view: &View, line: &Line) -> Markup {
    let like = match line.verdict {
        "allowed" => Status::Success,
        "refused" => Status::Canceled,
        _ => Status::Failed,
    };
    html! {
        span class={ "status " (like.as_str()) } { (status_sign(like)) " " (verdict_word(view, line.verdict)) }
        @if line.code != 0 { " " span.hint { (line.code) } }
        @if !line.words.is_empty() { div.hint { (line.words) } }
    }
}

fn table(view: &View, lines: &[Line]) -> Markup {
    let head = |words: &str| html! { th scope="col" { (words) } };
    html! {
        table {
            thead { tr {
                th.num scope="col" { (view.t("Number", "编号")) }
                (head(view.t("Time", "时间")))
                @if view.may(Scope::Admin) { (head(view.t("Tenant", "租户"))) }
                (head(view.t("Who", "操作者")))
                (head(view.t("From", "来源")))
                (head(view.t("What", "操作")))
                (head(view.t("Object", "对象")))
                (head(view.t("Ended", "结果")))
            } }
            tbody { @for line in lines { tr id={ "line-" (line.seq) } {
                td.num { (line.seq) }
                td.mono { (line.time) }
                @if view.may(Scope::Admin) { td { (line.tenant) } }
                td.mono { (line.who) }
                td.mono { (line.peer) }
                td.mono { (line.what) }
                td.wrap { (line.object) }
                td.wrap { (verdict(view, line)) }
            } } }
        }
    }
}

fn others(view: &View, log: &Log) -> Markup {
    let (newest, oldest) = (log.lines.first().map_or(0, |line| line.seq), log.lines.last().map_or(0, |line| line.seq));
    html! {
        nav.older aria-label=(view.t("Pages", "分页")) {
            @if log.is_newer {
                a.button rel="prev" href=(log.asked.url(&format!("after={newest}"))) { "‹ " (view.t("newer", "更新")) }
            }
            @if log.is_older {
                a.button rel="next" href=(log.asked.url(&format!("before={oldest}"))) { (view.t("older", "更早")) " ›" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::row::tests::view;

    #[test]
    fn lines_are_texts_and_pages_keep_their_filters() {
        let line = Line { seq: 7, what: "POST <x>".into(), verdict: "refused", code: 108, ..Line::default() };
        let asked = Asked { verdict: "refused".into(), tenant: "a&b".into(), ..Asked::default() };
        let log = Log { asked, lines: vec![line], is_older: true, is_newer: false, wrong: None };
        let text = page(&view(Scope::Operate), &log).body.into_string();
        assert!(text.contains("POST &lt;x&gt;") && !text.contains("by-tenant"), "{text}");
        assert!(text.contains("/audit?tenant=a%26b&amp;verdict=refused&amp;before=7"), "{text}");
        assert!(!text.contains("after="), "{text}");
    }
}
