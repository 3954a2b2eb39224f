//! Limits and usage: what is in force, who decided, and what attempts used of it. Not for: quotas of tenants.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use parcae_api::usage::{
    AttemptUsage, EdgeUsage, Limit, LimitInForce, Limits, LimitsRequest, TenantUsage, UsageDay, UsageRequest, UsageSums,
};
use parcae_domain::{limit::Per, tenant::Scope, usage::EdgeUse};
use parcae_node::{AttemptUse, DAY_MS, DayUsage, LimitView, LimitsOf};

use crate::{
    answer::{Answer, Handled, Refusal},
    queried::Queried,
    settings::{Named, name_of},
    state::App,
};

/// Limits by name, with what is said and used of them.
pub(crate) async fn limits(app: App, Queried(request): Queried<LimitsRequest>) -> Handled {
    let of = wanted(request)?;
    // What all tenants use together tells each of the others.
    let whole = app.caller.scope >= Scope::Admin;
    let views = app.ask(move |node| Ok(node.limits_of(&of, whole)?)).await?;
    Answer::data(shown(views))
}

fn wanted(request: LimitsRequest) -> Result<LimitsOf, Refusal> {
    let version = request.version.map(|version| u32::try_from(version.0)).transpose();
    let refused = |_| Refusal::code(parcae_api::retcode::ARGUMENT_ERROR, "argument version: must be a number from 0");
    Ok(LimitsOf {
        job: request.job_id.map(|id| id.0),
        component: request.component,
        role: request.role,
        party: request.party_id.map(|id| id.0),
        version: version.map_err(refused)?,
    })
}

/// Limits as they are sent.
pub(crate) fn shown(views: Vec<LimitView>) -> Limits {
    let limit = |view: LimitView| Limit {
        unit: view.info.unit.to_owned(),
        what: view.info.what.to_owned(),
        per: match view.info.per {
            Per::Attempt => "attempt",
            Per::Job => "job",
            Per::Node => "node",
        }
        .to_owned(),
        configured: view.configured.into_iter().map(|(who, number)| (who.to_owned(), number)).collect(),
        effective: view.effective,
        used: view.used,
        source: view.source.as_str().to_owned(),
    };
    views.into_iter().map(|view| (view.info.name.to_owned(), limit(view))).collect()
}

/// What the tenant used.
pub(crate) async fn of_tenant(app: App, Queried(request): Queried<UsageRequest>) -> Handled {
    let from = request.from.map(|text| at("from", text.as_str(), false)).transpose()?;
    let to = request.to.map(|text| at("to", text.as_str(), true)).transpose()?;
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(Refusal::code(parcae_api::retcode::ARGUMENT_ERROR, "argument from: is after `to`"));
    }
    let tenant = app.caller.tenant.to_string();
    let found = app.ask(move |node| Ok(node.usage(from, to)?)).await?;
    Answer::data(TenantUsage {
        tenant,
        total: sums(&found.total),
        days: found.days.iter().map(|day| UsageDay { day: date(day.day), used: sums(day) }).collect(),
        running: found.running.into_iter().map(attempt).collect(),
    })
}

/// What the attempts of a job used.
pub(crate) async fn of_job(app: App, job: Named) -> Handled {
    let job = name_of(job);
    let found = app.ask(move |node| Ok(node.job_usage(&job)?)).await?;
    Answer::data(found.into_iter().map(attempt).collect::<Vec<_>>())
}

/// A day or a time as ms since the epoch; `end` means the last moment of a day.
fn at(argument: &str, text: &str, end: bool) -> Result<i64, Refusal> {
    if let Ok(ms) = text.parse::<i64>() {
        return Ok(ms);
    }
    let begins = |day: Date| day.to_zoned(TimeZone::UTC).map(|begin| begin.timestamp().as_millisecond());
    match text.parse::<Date>().and_then(begins) {
        Ok(begin) if end => Ok(begin + DAY_MS - 1),
        Ok(begin) => Ok(begin),
        Err(_) => {
            let text = format!("argument {argument}: must be a day such as 2026-11-21, or ms since the epoch");
            Err(Refusal::code(parcae_api::retcode::ARGUMENT_ERROR, &text))
        }
    }
}

/// A day that is counted from the epoch.
fn date(day: i64) -> String {
    let begin = Timestamp::from_millisecond(day.saturating_mul(DAY_MS)).unwrap_or_default();
    begin.to_zoned(TimeZone::UTC).date().to_string()
}

fn sums(used: &DayUsage) -> UsageSums {
    UsageSums {
        jobs: used.jobs,
        attempts: used.attempts,
        cpu_ms: used.cpu_ms,
        crypto_ms: used.crypto_ms,
        wall_ms: used.wall_ms,
        peak_memory_bytes: used.peak_memory_bytes,
        bytes_in: used.bytes_in,
        bytes_out: used.bytes_out,
        messages: used.messages,
        log_bytes: used.log_bytes,
        table_bytes: used.table_bytes,
    }
}

fn attempt(of: AttemptUse) -> AttemptUsage {
    let AttemptUse { attempt: id, isolation, usage, limits, ended_ms } = of;
    let in_force = parcae_domain::limit::Limits::ALL.iter().map(|info| {
        let limit = LimitInForce {
            effective: limits.limits.get(info.name).unwrap_or(0),
            source: limits.decided(info.name).as_str().to_owned(),
            used: usage.of_limit(info.name),
        };
        (info.name.to_owned(), limit)
    });
    AttemptUsage {
        job_id: id.task.job.to_string(),
        component: id.task.component,
        version: id.version,
        role: id.party.role.to_string(),
        party_id: id.party.id.to_string(),
        isolation,
        ended: ended_ms,
        cpu_ms: ms(usage.cpu),
        crypto_ms: ms(usage.crypto),
        wall_ms: ms(usage.wall),
        peak_memory_bytes: usage.peak_memory_bytes,
        peak_handle_bytes: usage.peak_handle_bytes,
        bytes_in: usage.bytes_in,
        bytes_out: usage.bytes_out,
        messages: usage.messages,
        log_bytes: usage.log_bytes,
        table_bytes: usage.table_bytes,
        table_rows: usage.table_rows,
        random_bytes: usage.random_bytes,
        edges: usage.edges.iter().map(edge).collect(),
        limits: in_force.collect(),
    }
}

fn edge(of: &EdgeUse) -> EdgeUsage {
    EdgeUsage {
        role: of.party.role.to_string(),
        party_id: of.party.id.to_string(),
        bytes_in: of.bytes_in,
        messages_in: of.messages_in,
        bytes_out: of.bytes_out,
        messages_out: of.messages_out,
    }
}

fn ms(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read() {
        assert_eq!(at("from", "1970-01-02", false).unwrap(), DAY_MS);
        assert_eq!(at("to", "1970-01-02", true).unwrap(), 2 * DAY_MS - 1);
        assert_eq!(at("to", "12", true).unwrap(), 12);
        assert!(format!("{:?}", at("to", "yesterday", true).unwrap_err()).contains("argument to: must be a day"));
        assert_eq!(date(1), "1970-01-02");
    }
}
