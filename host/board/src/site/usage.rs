//! What a tenant used: today, day by day, and what runs now. Not for: quotas (`quotas`).

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};
use maud::{Markup, html};
use parcae_node::{AttemptUse, DAY_MS, DayUsage, TenantUsage};

use crate::chart::{Axis, Bars, Values, bars};
use crate::format::{bytes, count, duration};
use crate::parts::{facts, job_url, nothing, scrolling, task_url};
use crate::view::View;

/// Days that are drawn.
pub const DAYS: i64 = 14;
/// Attempts that are listed.
const LISTED: usize = 200;

fn ms(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn time(ms: u64) -> String {
    duration(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// Attempts that run now.
pub(super) fn running(view: &View, attempts: &[AttemptUse]) -> Markup {
    if attempts.is_empty() {
        return nothing(view.t("Nothing runs now.", "当前没有正在运行的执行。"), html! {});
    }
    let plain = |words: &str| html! { th scope="col" { (words) } };
    let number = |words: &str| html! { th.num scope="col" { (words) } };
    let table = html! {
        table {
            thead { tr {
                (plain(view.t("Job", "作业")))
                (plain(view.t("Component", "组件")))
                (plain(view.t("Party", "参与方")))
                (plain(view.t("Isolation", "隔离方式")))
                (number(view.t("Memory", "内存")))
                (number(view.t("Limit", "上限")))
                (number(view.t("Processor", "处理器时间")))
                (number(view.t("Cryptography", "密码运算")))
                (number(view.t("Sent", "发送")))
                (number(view.t("Received", "接收")))
                (number(view.t("Runs for", "已运行")))
            } }
            tbody { @for attempt in attempts.iter().take(LISTED) { (row(view, attempt)) } }
        }
    };
    html! {
        (scrolling(view.t("Attempts that run now", "正在运行的执行"), table))
        @if attempts.len() > LISTED { p.hint { "+ " (attempts.len() - LISTED) } }
    }
}

fn row(view: &View, of: &AttemptUse) -> Markup {
    let (id, used) = (&of.attempt, &of.usage);
    let isolation = match of.isolation.as_str() {
        "thread" => view.t("thread", "线程"),
        "process" => view.t("process", "进程"),
        other => other,
    };
    let job = id.task.job.as_str();
    html! {
        tr {
            td.mono { a href=(job_url(job, id.party)) { (job) } }
            td { a href=(task_url(job, id.party, &id.task.component)) { (id.task.component) } }
            td { (id.party.role.as_str()) " " (id.party.id) }
            td { (isolation) }
            td.num { (bytes(used.peak_memory_bytes)) }
            td.num { (bytes(of.limits.limits.memory_bytes)) }
            td.num { (duration(ms(used.cpu))) }
            td.num { (duration(ms(used.crypto))) }
            td.num { (bytes(used.bytes_out)) }
            td.num { (bytes(used.bytes_in)) }
            td.num { (duration(ms(used.wall))) }
        }
    }
}

/// What was used today, and on the days before it.
pub(super) fn days(view: &View, usage: &TenantUsage, now_ms: i64) -> Markup {
    let today = now_ms.div_euclid(DAY_MS);
    let used = usage.days.iter().find(|day| day.day == today).copied().unwrap_or_default();
    html! {
        (facts([
            (view.t("Jobs", "作业"), html! { (count(used.jobs)) }),
            (view.t("Attempts that ended", "已结束的执行"), html! { (count(used.attempts)) }),
            (view.t("Processor time", "处理器时间"), html! { (time(used.cpu_ms)) }),
            (view.t("of which cryptography", "其中密码运算"), html! { (time(used.crypto_ms)) }),
            (view.t("Sent to other parties", "发往其他参与方"), html! { (bytes(used.bytes_out)) }),
            (view.t("Written to tables", "写入数据表"), html! { (bytes(used.table_bytes)) }),
        ]))
        (bars(view, &chart(view, &usage.days, today)))
    }
}

/// The last days, also those on which nothing was used.
fn chart(view: &View, days: &[DayUsage], today: i64) -> Bars {
    let shown: Vec<DayUsage> = (today + 1 - DAYS..=today)
        .map(|day| days.iter().find(|used| used.day == day).copied().unwrap_or(DayUsage { day, ..DayUsage::default() }))
        .collect();
    let values =
        |name: &str, of: fn(&DayUsage) -> f64| Values { name: name.to_owned(), values: shown.iter().map(of).collect() };
    Bars {
        id: "usage-by-day".into(),
        title: view.t("Use by day (UTC)", "每日用量（UTC）").into(),
        categories: shown.iter().map(|used| date(used.day)).collect(),
        x: view.t("Day", "日期").into(),
        y: Axis { label: view.t("Processor time, s", "处理器时间（秒）").into(), range: None },
        bars: vec![
            values(view.t("Cryptography", "密码运算"), |used| used.crypto_ms as f64 / 1e3),
            values(view.t("Other processor time", "其他处理器时间"), |used| {
                used.cpu_ms.saturating_sub(used.crypto_ms) as f64 / 1e3
            }),
        ],
        stacked: true,
        lines: vec![values(view.t("Sent, MiB", "发送（MiB）"), |used| used.bytes_out as f64 / f64::from(1 << 20))],
        y_right: view.t("Sent, MiB", "发送（MiB）").into(),
    }
}

/// A day that is counted from the epoch.
fn date(day: i64) -> String {
    let begin = Timestamp::from_millisecond(day.saturating_mul(DAY_MS)).unwrap_or_default();
    begin.to_zoned(TimeZone::UTC).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_without_use_are_drawn_too() {
        let today = 20_000;
        let used = DayUsage { day: today - 1, cpu_ms: 3_000, crypto_ms: 1_000, ..DayUsage::default() };
        let old = DayUsage { day: today - 100, cpu_ms: 9_000, ..DayUsage::default() };
        let drawn = chart(&View::default(), &[old, used], today);
        assert_eq!((drawn.categories.len(), drawn.categories[13].as_str()), (14, "2024-10-04"));
        assert_eq!((drawn.bars[0].values[12], drawn.bars[1].values[12]), (1.0, 2.0));
        assert!(drawn.bars[1].values.iter().sum::<f64>() < 2.5);
    }
}
