//! Runs of a task at a party: how each went, what it used, and the limits that were in force. Not for: runs of other
//! tasks.

use std::time::Duration;

use maud::{Markup, html};
use parcae_domain::limit::Per;
use parcae_node::{AttemptUse, LimitView, view::TaskView};

use crate::format;
use crate::parts::{nothing, party_words, scrolling, status};
use crate::site::words;
use crate::view::View;

/// What is shown of the runs.
#[derive(Clone, Copy, Debug)]
pub struct Attempts<'a> {
    /// The runs, the latest first.
    pub runs: &'a [TaskView],
    /// How many there are altogether.
    pub all: u64,
    /// What they used.
    pub uses: &'a [AttemptUse],
    /// The run whose limits are shown.
    pub version: u32,
    /// Limits of that run.
    pub limits: &'a [LimitView],
    /// Path of the task's page.
    pub path: &'a str,
    /// The node's clock, ms since the epoch.
    pub now_ms: i64,
}

/// The tab.
pub fn show(view: &View, attempts: &Attempts<'_>) -> Markup {
    html! {
        h2 { (view.t("Runs", "运行记录")) }
        (runs(view, attempts))
        h2 { (view.t("What they used", "资源用量")) }
        @if attempts.uses.is_empty() {
            (nothing(view.t("No run has begun yet.", "尚未开始运行。"), html! {}))
        } @else {
            (scrolling(view.t("What the runs used", "各次运行的资源用量"), uses(view, attempts.uses)))
            @for used in attempts.uses { (edges(view, used)) }
        }
        (limits(view, attempts))
    }
}

fn runs(view: &View, attempts: &Attempts<'_>) -> Markup {
    let duration = |run: &TaskView| match (run.start_ms, run.end_ms) {
        (Some(start), Some(end)) => format::duration(end - start),
        (Some(start), None) => format::duration(attempts.now_ms - start),
        _ => "–".to_owned(),
    };
    let table = html! {
        table {
            thead { tr {
                th scope="col" { (view.t("Attempt", "次数")) }
                th scope="col" { (view.t("Status", "状态")) }
                th scope="col" { (view.t("Started", "开始")) }
                th scope="col" { (view.t("Ended", "结束")) }
                th.num scope="col" { (view.t("Duration", "耗时")) }
                th scope="col" { (view.t("What it reported", "错误报告")) }
            } }
            tbody {
                @for run in attempts.runs {
                    tr {
                        th scope="row" { (number(run.version)) }
                        td { (status(view, run.party_status)) }
                        td { (format::time_or_none(run.start_ms)) }
                        td { (format::time_or_none(run.end_ms)) }
                        td.num { (duration(run)) }
                        td { (report(view, run)) }
                    }
                }
            }
        }
    };
    html! {
        (scrolling(view.t("Runs", "运行记录"), table))
        @if attempts.all > attempts.runs.len() as u64 {
            p.hint { (view.t("The latest of ", "仅显示最近的记录，共 ")) (attempts.all) (view.t(" runs.", " 次。")) }
        }
    }
}

/// People count from 1.
fn number(version: u32) -> u64 {
    u64::from(version) + 1
}

fn report(view: &View, run: &TaskView) -> Markup {
    let text = run.error_report.trim();
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    html! {
        @if text.is_empty() { "–" } @else if rest.is_empty() { (first) } @else {
            details id={ "report-" (run.version) } {
                summary { (first) }
                pre aria-label=(view.t("Everything that it reports", "完整错误报告")) { (rest) }
            }
        }
    }
}

fn ms(duration: Duration) -> String {
    format::duration(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX))
}

fn uses(view: &View, uses: &[AttemptUse]) -> Markup {
    html! {
        table.used {
            thead { tr {
                th scope="col" { (view.t("Attempt", "次数")) }
                @for AttemptUse { attempt, ended_ms, .. } in uses {
                    th.num scope="col" {
                        (number(attempt.version))
                        @if ended_ms.is_none() { " " (view.t("so far", "至今")) }
                    }
                }
            } }
            tbody {
                @for (name, amount) in measures(view) {
                    tr {
                        th scope="row" { (name) }
                        @for used in uses { td.num { (amount(view, used)) } }
                    }
                }
            }
        }
    }
}

/// How a measure of an attempt is written.
type Amount = fn(&View, &AttemptUse) -> String;

/// What is measured of an attempt: a row each, so that attempts stand beside each other.
fn measures(view: &View) -> [(&'static str, Amount); 12] {
    [
        (view.t("Ran in", "运行方式"), |view, used| isolated(view, &used.isolation).to_owned()),
        (view.t("Time", "总时间"), |_, used| ms(used.usage.wall)),
        (view.t("Processor time", "处理器时间"), |_, used| ms(used.usage.cpu)),
        (view.t("Of which cryptography", "其中密码运算"), |_, used| ms(used.usage.crypto)),
        (view.t("Peak memory", "内存峰值"), |_, used| format::bytes(used.usage.peak_memory_bytes)),
        (view.t("Peak held by the node for it", "节点代管内存峰值"), |_, used| {
            format::bytes(used.usage.peak_handle_bytes)
        }),
        (view.t("Received", "接收"), |_, used| format::bytes(used.usage.bytes_in)),
        (view.t("Sent", "发送"), |_, used| format::bytes(used.usage.bytes_out)),
        (view.t("Messages", "消息数"), |_, used| format::count(used.usage.messages)),
        (view.t("Rows written", "写入行数"), |_, used| format::count(used.usage.table_rows)),
        (view.t("Bytes of tables written", "写入表字节"), |_, used| format::bytes(used.usage.table_bytes)),
        (view.t("Bytes of log written", "写入日志字节"), |_, used| format::bytes(used.usage.log_bytes)),
    ]
}

fn isolated<'w>(view: &View, isolation: &'w str) -> &'w str {
    match isolation {
        "thread" => view.t("a thread of the node", "节点线程"),
        "process" => view.t("a process of its own", "独立进程"),
        other => other,
    }
}

/// Messages with each other party.
fn edges(view: &View, used: &AttemptUse) -> Markup {
    html! {
        @if !used.usage.edges.is_empty() {
            details id={ "edges-" (used.attempt.version) } {
                summary { (view.t("Messages of attempt ", "消息明细，第 ")) (number(used.attempt.version))
                    (view.t(" by party", " 次运行")) }
                (scrolling(view.t("Messages by party", "各参与方消息"), html! {
                    table {
                        thead { tr {
                            th scope="col" { (view.t("Other party", "对方")) }
                            th.num scope="col" { (view.t("Messages from it", "接收消息")) }
                            th.num scope="col" { (view.t("Bytes from it", "接收字节")) }
                            th.num scope="col" { (view.t("Messages to it", "发送消息")) }
                            th.num scope="col" { (view.t("Bytes to it", "发送字节")) }
                        } }
                        tbody {
                            @for edge in &used.usage.edges {
                                tr {
                                    th scope="row" { (party_words(edge.party)) }
                                    td.num { (format::count(edge.messages_in)) }
                                    td.num { (format::bytes(edge.bytes_in)) }
                                    td.num { (format::count(edge.messages_out)) }
                                    td.num { (format::bytes(edge.bytes_out)) }
                                }
                            }
                        }
                    }
                }))
            }
        }
    }
}

/// Limits in force for a run, what it used of them, and who said so.
fn limits(view: &View, attempts: &Attempts<'_>) -> Markup {
    let shown = || attempts.limits.iter().filter(|limit| limit.info.per != Per::Node);
    html! {
        @if shown().next().is_some() {
            h2 { (view.t("Limits of attempt ", "限额，第 ")) (number(attempts.version)) (view.t("", " 次运行")) }
            @if attempts.runs.len() > 1 {
                p.row {
                    @for run in attempts.runs {
                        a.button.small href={ (attempts.path) "?tab=attempts&version=" (run.version) }
                            aria-current=[(run.version == attempts.version).then_some("true")] {
                            (number(run.version))
                        }
                    }
                }
            }
            (scrolling(view.t("Limits", "限额"), html! {
                table {
                    thead { tr {
                        th scope="col" { (view.t("Limit", "限额")) }
                        th.num scope="col" { (view.t("In force", "生效值")) }
                        th.num scope="col" { (view.t("Used", "已用")) }
                        th scope="col" { (view.t("Said by", "来源")) }
                        th scope="col" { (view.t("What it bounds", "说明")) }
                    } }
                    tbody { @for limit in shown() { (limit_row(view, limit)) } }
                }
            }))
        }
    }
}

fn limit_row(view: &View, limit: &LimitView) -> Markup {
    let amount = |number| words::amount(limit.info.unit, number);
    html! {
        tr {
            th scope="row" { code { (limit.info.name) } }
            td.num { (amount(limit.effective)) }
            td.num { @match limit.used { Some(used) => { (amount(used)) } None => { "–" } } }
            td.party { (words::source(view, limit.source)) }
            td { (words::limit(view, &limit.info)) }
        }
    }
}
