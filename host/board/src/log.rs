//! The page of a log: which logs there are, some lines of one, what was searched for in it. Script makes a viewer of any
//! length of it, which follows. Not for: reading logs, searching them (`logs`, by way of `server`).

mod find;
mod lines;

use maud::{Markup, html};
use parcae_domain::{party::Party, port::Level};

use crate::format::{bytes, count};
use crate::layout::Frame;
use crate::parts::{encoded, job_url, log_url, party_words, task_url};
use crate::view::View;

/// A log, some of its lines, and what stands beside it.
#[derive(Clone, Debug)]
pub struct LogView {
    /// The job.
    pub job: String,
    /// The party whose logs these are.
    pub party: Party,
    /// The component; none for the logs of the job, and of the party as a whole.
    pub component: Option<String>,
    /// All components of the job, in the order of its DSL.
    pub components: Vec<String>,
    /// All parties of the job.
    pub parties: Vec<Party>,
    /// The logs that there are.
    pub logs: Vec<LogTab>,
    /// Word of the one that is shown.
    pub level: &'static str,
    /// Some lines of it.
    pub lines: Vec<Line>,
    /// How many it has.
    pub total: u64,
    /// Lines on a page.
    pub count: u64,
    /// The line that is looked at; none for the end of the log.
    pub focus: Option<u64>,
    /// What was searched for.
    pub find: Find,
    /// What the search came to.
    pub outcome: Outcome,
    /// More lines may come.
    pub is_running: bool,
}

/// A log of several.
#[derive(Clone, Copy, Debug)]
pub struct LogTab {
    /// Its word in addresses: `stat`, `schedule_error`.
    pub word: &'static str,
    /// It is of the job, not of the party or the component.
    pub of_job: bool,
    /// Its bytes.
    pub bytes: u64,
    /// Its lines; none where nobody counted them.
    pub lines: Option<u64>,
}

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number, from 1.
    pub number: u64,
    /// How bad it is; none where lines do not say it.
    pub level: Option<Level>,
    /// It, or its beginning.
    pub text: String,
    /// Bytes that were left out.
    pub more: u64,
    /// Where that is which was searched for: ranges of bytes, one after the other.
    pub marks: Vec<std::ops::Range<usize>>,
}

/// What is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Find {
    /// A text or an expression; empty for nothing.
    pub text: String,
    /// Letters are to be large or small as they are written.
    pub with_case: bool,
    /// It is a regular expression.
    pub is_regex: bool,
}

/// What a search came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Nobody searched, or it was found.
    #[default]
    Quiet,
    /// It is not there between the line and the end of the log, or its beginning.
    Nowhere {
        /// Searched towards the end.
        forward: bool,
    },
    /// It was not found up to a line, and the search is to go on there.
    NotYet {
        /// Searched towards the end.
        forward: bool,
        /// The line.
        line: u64,
    },
    /// It cannot be searched for.
    Refused(String),
    /// There is no line with an error.
    NoError,
}

impl Find {
    /// Fields of a query, each with a `&` before it; nothing when nothing is searched for.
    pub fn query(&self) -> String {
        if self.text.is_empty() {
            return String::new();
        }
        let flag = |name: &str, is_set: bool| if is_set { format!("&{name}=1") } else { String::new() };
        format!("&q={}{}{}", encoded(&self.text), flag("case", self.with_case), flag("re", self.is_regex))
    }
}

impl LogView {
    /// Page of the log that is shown, or of another one of the same component.
    fn url(&self) -> String {
        log_url(&self.job, self.party, self.component.as_deref().unwrap_or("-"))
    }

    /// The beginning of a query: which log, how many lines.
    fn query(&self) -> String {
        let lines = if self.count == PAGE { String::new() } else { format!("&lines={}", self.count) };
        format!("?level={}{lines}", self.level)
    }

    /// Address of a line.
    fn line_url(&self, number: u64) -> String {
        format!("?level={}&line={number}{}#L{number}", self.level, self.find.query())
    }
}

/// Lines on a page unless somebody wants another number.
pub const PAGE: u64 = 200;

/// Title of a log.
pub fn title(view: &View, word: &str) -> &'static str {
    match word {
        "schedule" => view.t("Schedule", "调度"),
        "schedule_error" => view.t("Schedule errors", "调度错误"),
        "detect" => view.t("Found amiss", "异常检测"),
        "audit" => view.t("Requests", "请求"),
        "sql" => "SQL",
        "stat" => view.t("All levels", "全部级别"),
        "error" => view.t("Errors", "错误"),
        "warning" => view.t("Warnings", "警告"),
        "info" => view.t("Information", "信息"),
        "debug" => view.t("Debug", "调试"),
        "stdout" => view.t("Standard output", "标准输出"),
        _ => view.t("Standard error", "标准错误"),
    }
}

/// The page.
pub fn page(view: &View, log: &LogView) -> Frame {
    let heading = match &log.component {
        Some(component) => format!("{component}: {}", view.t("log", "日志")),
        None => view.t("Log of the job", "作业日志").to_owned(),
    };
    let body = html! {
        (crumbs(view, log))
        div.head {
            h1 { (heading) }
            div.row {
                @if log.is_running { span.soft { (view.t("The job is running.", "作业正在运行。")) } }
                a.button href={ (log.url()) "/file?level=" (log.level) } { (view.t("Download", "下载")) }
            }
        }
        (beside(view, log))
        (tabs(view, log))
        (lines::viewer(view, log))
    };
    let title = format!("{heading} · {}", title(view, log.level));
    Frame { scripts: &["log.js"], wide: true, ..Frame::new(title, body) }
}

fn crumbs(view: &View, log: &LogView) -> Markup {
    html! {
        p.crumbs {
            a href="/jobs" { (view.t("Jobs", "作业")) } " › "
            a href=(job_url(&log.job, log.party)) { (log.job) " · " (party_words(log.party)) } " › "
            @if let Some(component) = &log.component {
                a href=(task_url(&log.job, log.party, component)) { (component) } " › "
            }
            (view.t("Log", "日志"))
        }
    }
}

/// Logs of the other components and parties.
fn beside(view: &View, log: &LogView) -> Markup {
    let at = log.component.as_ref().and_then(|own| log.components.iter().position(|name| name == own));
    let relation = |place: usize| match at {
        Some(at) if place + 1 == at => Some("prev"),
        Some(at) if place == at + 1 => Some("next"),
        None if place == 0 => Some("next"),
        _ => None,
    };
    let of_party = |party: Party| log_url(&log.job, party, log.component.as_deref().unwrap_or("-"));
    let here = |is_here: bool| is_here.then_some("page");
    html! {
        nav.log-beside aria-label=(view.t("Logs of components and parties", "各组件与参与方的日志")) {
            a href=(log_url(&log.job, log.party, "-")) aria-current=[here(log.component.is_none())]
                rel=[(at == Some(0)).then_some("prev")] { (view.t("Job", "作业")) }
            @for (place, name) in log.components.iter().enumerate() {
                a href=(log_url(&log.job, log.party, name)) aria-current=[here(at == Some(place))]
                    rel=[relation(place)] { (name) }
            }
            @if log.parties.len() > 1 {
                span.parties {
                    @for party in &log.parties {
                        a href=(of_party(*party)) aria-current=[here(*party == log.party)] { (party_words(*party)) }
                    }
                }
            }
        }
    }
}

/// The logs of the component, or of job and party.
fn tabs(view: &View, log: &LogView) -> Markup {
    let size = |tab: &LogTab| tab.lines.map_or_else(|| bytes(tab.bytes), count);
    html! {
        nav.tabs.log-tabs aria-label=(view.t("Kinds of logs", "日志种类")) {
            @for (at, tab) in log.logs.iter().enumerate() {
                @if at > 0 && log.logs[at - 1].of_job && !tab.of_job {
                    span.soft { (view.t("All components:", "全部组件：")) }
                }
                a href={ "?level=" (tab.word) (log.find.query()) } class={ "kind-" (tab.word) }
                    aria-current=[(tab.word == log.level).then_some("page")] title=(bytes(tab.bytes)) {
                    (title(view, tab.word)) " "
                    span.amount.none[tab.bytes == 0] data-count=(tab.word) { (size(tab)) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use parcae_domain::party::Role;

    use super::*;

    /// Lines 11 to 13 of 40 of the log of a component.
    fn some() -> LogView {
        let party = Party::new(Role::Guest, 9999);
        let tab = |word, lines| LogTab { word, of_job: false, bytes: 5 << 20, lines };
        let line = |number, level, text: &str| Line { number, level, text: text.into(), more: 0, marks: Vec::new() };
        LogView {
            job: "202611220820310140001".into(),
            party,
            component: Some("a".into()),
            components: vec!["reader_0".into(), "a".into(), "b".into()],
            parties: vec![party],
            logs: vec![tab("stat", Some(40)), tab("error", Some(1)), tab("debug", None)],
            level: "stat",
            lines: vec![
                line(11, Some(Level::Info), "</pre><script>alert(1)</script>"),
                Line { marks: vec![4..7, 8..11], more: 90, ..line(12, Some(Level::Error), "one two six") },
                line(13, None, ""),
            ],
            total: 40,
            count: 3,
            focus: Some(12),
            find: Find { text: "a b&\"c".into(), with_case: true, is_regex: false },
            outcome: Outcome::NotYet { forward: true, line: 30 },
            is_running: true,
        }
    }

    fn shown(log: &LogView) -> String {
        page(&View::default(), log).body.into_string()
    }

    #[test]
    fn lines_are_text_with_addresses_and_marks() {
        let text = shown(&some());
        assert!(!text.contains("<script>") && text.contains("&lt;/pre&gt;&lt;script&gt;"), "{text}");
        assert!(text.contains("one <mark>two</mark> <mark>six</mark>"), "{text}");
        assert!(text.contains("id=\"L12\" class=\"line level-error here\""), "{text}");
        assert!(text.contains("href=\"?level=stat&amp;line=13&amp;q=a%20b%26%22c&amp;case=1#L13\""), "{text}");
        assert!(text.contains("lines=1"), "the rest of a line that was cut has an address: {text}");
    }

    #[test]
    fn pages_before_and_behind_are_linked() {
        let text = shown(&some());
        assert!(text.contains("?level=stat&amp;lines=3&amp;top=8") && text.contains("&amp;top=14"), "{text}");
        let all = shown(&LogView { total: 13, ..some() });
        assert!(!all.contains("&amp;top=14") && all.contains("&amp;top=8"), "{all}");
        assert!(text.contains("from=29") && text.contains("dir=next"), "a search goes on at line 30: {text}");
    }

    #[test]
    fn an_empty_log_says_what_to_do() {
        let text = shown(&LogView { lines: Vec::new(), total: 0, outcome: Outcome::Quiet, ..some() });
        assert!(text.contains("class=\"nothing\"") && !text.contains("log-pages"), "{text}");
    }
}
