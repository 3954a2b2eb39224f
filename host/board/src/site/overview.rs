//! The site at a glance: how the node is, who waits for what, cores, quotas, limits, use. Not for: who did what
//! (`audit`), keys (`tokens`).

use maud::{Markup, html};
use parcae_domain::{quota::QuotaUse, status::Status};
use parcae_node::{Active, JobLine, LimitView, TenantUsage, about::Resources};

use super::{limits, quotas, usage};
use crate::format::{count, time};
use crate::layout::{Frame, Live};
use crate::lists::row::{actions, clock, parties};
use crate::parts::{facts, job_url, nothing, progress, scrolling, status, status_sign};
use crate::view::View;

pub use super::usage::DAYS;

/// How the node is.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Its version.
    pub version: &'static str,
    /// When it was opened, ms since the epoch.
    pub opened_ms: i64,
    /// Why it cannot take work on.
    pub unready: Option<String>,
    /// It asks everybody for a key.
    pub asks: bool,
}

/// Everything on the page.
#[derive(Clone, Debug)]
pub struct Site {
    /// The node.
    pub health: Health,
    /// Jobs that run or wait.
    pub active: Active,
    /// Why jobs of them do not go on, in their order; empty when nothing is known.
    pub whys: Vec<String>,
    /// Cores.
    pub resources: Resources,
    /// Quotas.
    pub quotas: Vec<QuotaUse>,
    /// Limits.
    pub limits: Vec<LimitView>,
    /// Use of the last days.
    pub usage: TenantUsage,
    /// The node's clock.
    pub now_ms: i64,
}

/// The page.
pub fn page(view: &View, site: &Site) -> Frame {
    let title = view.t("Site", "站点");
    let part = |id: &str, words: &str, body: Markup| html! { section.card id=(id) data-live { h2 { (words) } (body) } };
    let body = html! {
        (super::pages(view))
        h1 data-now=(site.now_ms) { (title) }
        div.grid {
            (part("health", view.t("Node", "节点"), health(view, site)))
            (part("cores", view.t("Cores", "核心"), cores(view, &site.resources)))
        }
        (part("queue", view.t("Queue", "队列"), queue(view, site)))
        (part("attempts", view.t("Running attempts", "正在运行的执行"), usage::running(view, &site.usage.running)))
        (part("quotas", view.t("Quotas", "配额"), quotas::table(view, &site.quotas)))
        (part("used", view.t("Used today", "今日用量"), usage::days(view, &site.usage, site.now_ms)))
        section.card {
            details #limits {
                summary { strong { (view.t("Limits of attempts, jobs and the node", "执行、作业与节点的限制")) } }
                div #limits-now data-live { (limits::table(view, &site.limits)) }
            }
        }
    };
    Frame { live: Live::AnyJob, ..Frame::new(title, body) }
}

fn health(view: &View, site: &Site) -> Markup {
    let Health { version, opened_ms, unready, asks } = &site.health;
    html! {
        @match unready {
            None => {
                p { span.status.success { (status_sign(Status::Success)) " " (view.t("takes work on", "可接受作业")) } }
            }
            Some(why) => {
                p { span.status.failed { (status_sign(Status::Failed)) " " (view.t("takes no work on", "无法接受作业")) } }
                p.error role="alert" { (why) }
            }
        }
        (facts([
            (view.t("Version", "版本"), html! { (version) }),
            (view.t("Up for", "已运行"), clock(*opened_ms, site.now_ms)),
            (view.t("Since", "启动时间"), time(*opened_ms)),
            (view.t("Keys", "密钥"), html! {
                @if *asks { (view.t("everybody needs one", "所有人都需要")) }
                @else { (view.t("nobody needs one", "无需密钥")) }
            }),
            (view.t("API", "接口文档"), html! { a href="/openapi.json" { "/openapi.json" } }),
        ]))
    }
}

fn cores(view: &View, of: &Resources) -> Markup {
    let taken = of.cores.saturating_sub(of.free);
    let percent = u8::try_from(u64::from(taken) * 100 / u64::from(of.cores.max(1))).unwrap_or(100).min(100);
    html! {
        p.said { strong { (taken) } " / " (of.cores) " " (view.t("cores held by your jobs", "个核心由您的作业占用")) }
        p { (progress(view.t("Cores in use", "核心使用率"), percent)) }
        @let held = of.jobs.iter().filter(|held| held.cores > 0);
        ul.under-way {
            @for held in held.take(30) {
                li { a.mono href=(job_url(held.job.as_str(), held.party)) { (held.job.as_str()) } " · " (held.cores) }
            }
        }
    }
}

/// Jobs that run or wait, and why they do.
fn queue(view: &View, site: &Site) -> Markup {
    let Active { jobs, running, waiting } = &site.active;
    if jobs.is_empty() {
        let cure = html! { p { a.button href="/jobs" { (view.t("All jobs", "全部作业")) } } };
        return nothing(view.t("Nothing runs and nothing waits.", "当前没有运行或等待的作业。"), cure);
    }
    let table = html! {
        table.jobs {
            thead { tr {
                th scope="col" { (view.t("Job", "作业")) }
                th scope="col" { (view.t("Status", "状态")) }
                th scope="col" { (view.t("Parties", "参与方")) }
                th scope="col" { (view.t("For", "已持续")) }
                th scope="col" { (view.t("Waits for", "等待原因")) }
                th scope="col" { span.unseen { (view.t("Actions", "操作")) } }
            } }
            tbody { @for (at, line) in jobs.iter().enumerate() {
                (queued(view, line, site.whys.get(at).map_or("", String::as_str), site.now_ms))
            } }
        }
    };
    html! {
        p { strong { (count(*running)) } " " (view.t("running", "运行中")) span.soft { " · " }
            strong { (count(*waiting)) } " " (view.t("waiting", "等待中")) }
        (scrolling(view.t("Queue", "队列"), table))
        @if running + waiting > jobs.len() as u64 {
            p { a href="/jobs?status=running&status=waiting" { (view.t("All of them", "查看全部")) } }
        }
    }
}

fn queued(view: &View, line: &JobLine, why: &str, now_ms: i64) -> Markup {
    let since = line.start_ms.filter(|_| line.status == Status::Running).unwrap_or(line.created_ms);
    html! {
        tr {
            td.mono { a href=(job_url(line.job.as_str(), line.party)) data-row { (line.job.as_str()) } }
            td data-label=(view.t("Status", "状态")) { (status(view, line.status)) }
            td data-label=(view.t("Parties", "参与方")) { (parties(line)) }
            td.when data-label=(view.t("For", "已持续")) { (clock(since, now_ms)) }
            td.wrap { (why) }
            td.acts { (actions(view, line)) }
        }
    }
}
