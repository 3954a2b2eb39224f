//! `parcae logs`: lines of a job's logs, and those that come. Not for: all files at once (`job/log/download` of the
//! API).

use std::collections::BTreeMap;
use std::{thread, time::Duration};

use parcae_api::{loose::LooseInt, node::LogRequest};

use crate::{
    Done, UsageError,
    args::{LogLevel, Logs},
    client::Client,
    output::Output,
    watch::{initiator, is_end},
};

/// Lines that are asked for at once.
const LINES: u64 = 2_000;
/// How often new lines are looked for.
const INTERVAL: Duration = Duration::from_millis(500);

/// Shows a log.
pub(crate) fn run(client: &Client, args: &Logs, output: Output) -> anyhow::Result<Done> {
    let mut logs: Vec<(LogRequest, u64)> = requests(client, args)?.into_iter().map(|log| (log, 0)).collect();
    loop {
        // Asked before the lines: those that an ending job wrote last are not missed.
        let has_ended = !args.follow || has_ended(client, &args.job)?;
        for (log, shown) in &mut logs {
            *shown = show_from(client, log, *shown, output)?;
        }
        if has_ended {
            return Ok(Done::Well);
        }
        thread::sleep(INTERVAL);
    }
}

fn has_ended(client: &Client, job: &str) -> anyhow::Result<bool> {
    Ok(initiator(client.job(job)?).is_none_or(|row| is_end(&row.f_status)))
}

/// Shows all lines after the first `shown`; returns how many have been shown then.
fn show_from(client: &Client, log: &LogRequest, mut shown: u64, output: Output) -> anyhow::Result<u64> {
    let int = |number: u64| Some(LooseInt(i64::try_from(number).unwrap_or(i64::MAX)));
    loop {
        let lines = client.log_lines(&LogRequest { begin: int(shown + 1), end: int(shown + LINES), ..log.clone() })?;
        for line in &lines {
            // FATE-Flow ends with an empty line that has no number of its own.
            if line.line_num > shown {
                output.line(&if output.is_json() { serde_json::to_string(line)? } else { line.content.clone() })?;
            }
        }
        let last = lines.iter().map(|line| line.line_num).max().unwrap_or(shown);
        if last <= shown {
            return Ok(shown);
        }
        shown = last;
    }
}

/// The logs to show, the least level first.
fn requests(client: &Client, args: &Logs) -> anyhow::Result<Vec<LogRequest>> {
    let Some(row) = initiator(client.job(&args.job)?) else {
        anyhow::bail!("the node at {} knows no job {}", client.url(), args.job);
    };
    let party = args.role.as_ref().map(|role| party(role, args.party, &row.f_roles)).transpose()?;
    if let Some(component) = &args.component {
        let known = client.components(&args.job)?;
        if !known.contains(component) {
            return Err(UsageError(format!("--component {component}: the job has {}", known.join(", "))).into());
        }
    }
    let request = |log_type: String| LogRequest {
        log_type,
        job_id: args.job.as_str().into(),
        role: args.role.clone(),
        party_id: party.map(|party| party.to_string().as_str().into()),
        component_name: args.component.clone(),
        begin: None,
        end: None,
    };
    Ok(log_types(args).into_iter().map(request).collect())
}

/// The party that is asked for, which must take part: the first of its role when none is named.
fn party(role: &str, party: Option<u64>, roles: &BTreeMap<String, Vec<u64>>) -> Result<u64, UsageError> {
    let known = roles.get(role).cloned().unwrap_or_default();
    let found = known.iter().copied().find(|id| party.is_none_or(|party| party == *id));
    found.ok_or_else(|| {
        let all = roles.iter().flat_map(|(role, ids)| ids.iter().map(move |id| format!("{role} {id}")));
        let asked = party.map_or_else(String::new, |party| format!(" --party {party}"));
        UsageError(format!("--role {role}{asked}: the job has {}", all.collect::<Vec<_>>().join(", ")))
    })
}

/// FATE-Flow's names of the logs from the least level up.
fn log_types(args: &Logs) -> Vec<String> {
    let levels = ["Debug", "Info", "Warning", "Error"];
    let whose = match (&args.role, &args.component, args.level) {
        (None, _, LogLevel::Error) => return vec!["jobScheduleError".to_owned()],
        (None, ..) => return vec!["jobSchedule".to_owned()],
        (Some(_), None, _) => "party",
        (Some(_), Some(_), _) => "component",
    };
    levels[args.level as usize..].iter().map(|level| format!("{whose}{level}")).collect()
}
