//! What a job used: by party, by component, between its parties, and of its limits. Not for: what tenants use (`site`).

use std::collections::BTreeMap;
use std::time::Duration;

use maud::{Markup, html};
use parcae_domain::{limit::Per, limit_sources::Source, party::Party, usage::Usage};
use parcae_node::{AttemptUse, LimitView};

use super::{Scene, party_words};
use crate::format;
use crate::parts;
use crate::site::words;

/// Who can say something of a limit.
const SOURCES: [Source; 4] = [Source::Node, Source::Tenant, Source::Component, Source::Job];

/// What some attempts used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    attempts: u64,
    cpu: Duration,
    crypto: Duration,
    peak_memory: u64,
    bytes_in: u64,
    bytes_out: u64,
    messages: u64,
}

impl Sum {
    fn add(&mut self, usage: &Usage) {
        self.attempts += 1;
        self.cpu = self.cpu.saturating_add(usage.cpu);
        self.crypto = self.crypto.saturating_add(usage.crypto);
        self.peak_memory = self.peak_memory.max(usage.peak_memory_bytes);
        self.bytes_in = self.bytes_in.saturating_add(usage.bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(usage.bytes_out);
        self.messages = self.messages.saturating_add(usage.messages);
    }
}

/// What was used, in sums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sums<'u> {
    by_party: BTreeMap<Party, Sum>,
    by_component: BTreeMap<&'u str, Sum>,
    /// Bytes and messages from one party to another one.
    between: BTreeMap<(Party, Party), (u64, u64)>,
}

impl<'u> Sums<'u> {
    fn of(uses: &'u [AttemptUse]) -> Sums<'u> {
        let mut sums = Sums::default();
        for AttemptUse { attempt, usage, .. } in uses {
            sums.by_party.entry(attempt.party).or_default().add(usage);
            sums.by_component.entry(attempt.task.component.as_str()).or_default().add(usage);
            for edge in usage.edges.iter().filter(|edge| edge.messages_out > 0) {
                let (bytes, messages) = sums.between.entry((attempt.party, edge.party)).or_default();
                *bytes = bytes.saturating_add(edge.bytes_out);
                *messages = messages.saturating_add(edge.messages_out);
            }
        }
        sums
    }
}

/// What was used, once something has run.
pub(super) fn show(scene: &Scene<'_>) -> Markup {
    let sums = Sums::of(scene.page.uses);
    html! {
        section.card #job-used data-live aria-labelledby="used-title" {
            h2 #used-title { (scene.t("Resources and traffic", "资源与通信")) }
            @if sums.by_party.is_empty() {
                p.soft { (scene.t("Nothing has run yet.", "尚无任务运行。")) }
            } @else {
                div.job-pair {
                    div {
                        h3 { (scene.t("By party", "按参与方")) }
                        @let parties = sums.by_party.iter().map(|(party, sum)| (party_words(*party), sum));
                        (table(scene, scene.t("Party", "参与方"), parties))
                    }
                    div {
                        h3 { (scene.t("Between the parties", "各方之间")) }
                        (between(scene, &sums))
                    }
                }
                details #used-components {
                    summary { (scene.t("By component", "按组件")) }
                    @let components = scene.components.iter().filter_map(|component| {
                        Some((component.name.to_owned(), sums.by_component.get(component.name)?))
                    });
                    (table(scene, scene.t("Component", "组件"), components))
                }
            }
            details #used-limits {
                summary { (scene.t("Limits", "限制")) }
                (limits(scene))
            }
        }
    }
}

fn table<'s>(scene: &Scene<'_>, first: &str, rows: impl Iterator<Item = (String, &'s Sum)>) -> Markup {
    let time = |time: Duration| format::duration(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
    parts::scrolling(
        first,
        html! {
            table.dense {
                thead { tr {
                    th scope="col" { (first) }
                    th.num scope="col" { (scene.t("Attempts", "运行次数")) }
                    th.num scope="col" { (scene.t("CPU time", "CPU 时间")) }
                    th.num scope="col" { (scene.t("of which cryptography", "其中密码运算")) }
                    th.num scope="col" { (scene.t("Peak memory", "内存峰值")) }
                    th.num scope="col" { (scene.t("Received", "接收")) }
                    th.num scope="col" { (scene.t("Sent", "发送")) }
                    th.num scope="col" { (scene.t("Messages", "消息数")) }
                } }
                tbody { @for (name, sum) in rows { tr {
                    th scope="row" { (name) }
                    td.num { (sum.attempts) }
                    td.num { (time(sum.cpu)) }
                    td.num { (time(sum.crypto)) }
                    td.num { (format::bytes(sum.peak_memory)) }
                    td.num { (format::bytes(sum.bytes_in)) }
                    td.num { (format::bytes(sum.bytes_out)) }
                    td.num { (format::count(sum.messages)) }
                } } }
            }
        },
    )
}

fn between(scene: &Scene<'_>, sums: &Sums<'_>) -> Markup {
    if sums.between.is_empty() {
        return html! { p.soft { (scene.t("They have sent nothing to each other.", "各方之间没有发送消息。")) } };
    }
    let most = sums.between.values().map(|(bytes, _)| *bytes).max().unwrap_or(0).max(1);
    parts::scrolling(
        scene.t("Between the parties", "各方之间"),
        html! {
            table.dense {
                thead { tr {
                    th scope="col" { (scene.t("From", "发送方")) }
                    th scope="col" { (scene.t("To", "接收方")) }
                    th.num scope="col" { (scene.t("Bytes", "字节")) }
                    th scope="col" { span.unseen { (scene.t("Share of the largest", "与最大值之比")) } }
                    th.num scope="col" { (scene.t("Messages", "消息数")) }
                } }
                tbody { @for ((from, to), (bytes, messages)) in &sums.between { tr {
                    th scope="row" { (party_words(*from)) }
                    td { (party_words(*to)) }
                    td.num { (format::bytes(*bytes)) }
                    td {
                        svg.job-share viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                            rect width=((*bytes as f64 / most as f64 * 100.0).max(1.0)) height="8" rx="2" {}
                        }
                    }
                    td.num { (format::count(*messages)) }
                } } }
            }
        },
    )
}

fn limits(scene: &Scene<'_>) -> Markup {
    let own = scene.page.limits.iter().filter(|limit| limit.info.per != Per::Node);
    parts::scrolling(
        scene.t("Limits", "限制"),
        html! {
            table.dense {
                caption { (scene.t("Used is the most that one attempt of the job has used.", "“已用”为该作业单次运行的最大用量。")) }
                thead { tr {
                    th scope="col" { (scene.t("Limit", "限制")) }
                    th scope="col" { (scene.t("For each", "范围")) }
                    th scope="col" { (scene.t("Configured", "配置值")) }
                    th.num scope="col" { (scene.t("In force", "生效值")) }
                    th.num scope="col" { (scene.t("Used", "已用")) }
                    th scope="col" { (scene.t("Set by", "来源")) }
                } }
                tbody { @for limit in own { tr {
                    th scope="row" {
                        code { (limit.info.name) } br;
                        span.hint { (words::limit(scene.view, &limit.info)) }
                    }
                    td { (per_word(scene, limit.info.per)) }
                    td { (configured(scene, limit)) }
                    td.num { (words::amount(limit.info.unit, limit.effective)) }
                    td.num { @if let Some(used) = limit.used { (words::amount(limit.info.unit, used)) } @else { "–" } }
                    td { (words::source(scene.view, limit.source)) }
                } } }
            }
        },
    )
}

/// What each says of a limit who says something.
fn configured(scene: &Scene<'_>, limit: &LimitView) -> Markup {
    let said = SOURCES.iter().filter_map(|who| Some((*who, *limit.configured.get(who.as_str())?)));
    html! {
        @for (who, amount) in said {
            div { span.soft { (words::source(scene.view, who)) } " " (words::amount(limit.info.unit, amount)) }
        }
    }
}

fn per_word(scene: &Scene<'_>, per: Per) -> &'static str {
    match per {
        Per::Attempt => scene.view.t("attempt", "单次运行"),
        Per::Job => scene.view.t("job", "作业"),
        Per::Node => scene.view.t("node", "节点"),
    }
}

#[cfg(test)]
mod tests {
    use parcae_domain::{
        id::{AttemptId, JobId, TaskId},
        limit_sources::Effective,
        party::Role,
        usage::EdgeUse,
    };

    use super::*;

    #[test]
    fn attempts_are_summed_up() {
        let (guest, host) = (Party::new(Role::Guest, 1), Party::new(Role::Host, 2));
        let used = |party, other, component: &str, version, bytes_out| AttemptUse {
            attempt: AttemptId {
                task: TaskId { job: JobId("202611221051274455660".into()), component: component.into() },
                version,
                party,
            },
            isolation: "thread".into(),
            usage: Usage {
                peak_memory_bytes: bytes_out,
                bytes_out,
                messages: 1,
                edges: vec![EdgeUse { party: other, bytes_in: 9, messages_in: 1, bytes_out, messages_out: 1 }],
                ..Usage::default()
            },
            limits: Effective::default(),
            ended_ms: Some(1),
        };
        let uses = [used(guest, host, "a", 0, 10), used(guest, host, "a", 1, 5), used(host, guest, "b", 0, 1)];
        let sums = Sums::of(&uses);
        let at_guest = sums.by_party[&guest];
        assert_eq!((at_guest.attempts, at_guest.bytes_out, at_guest.peak_memory), (2, 15, 10));
        assert_eq!(sums.by_component["b"].bytes_out, 1);
        assert_eq!(sums.between, BTreeMap::from([((guest, host), (15, 2)), ((host, guest), (1, 1))]));
    }
}
