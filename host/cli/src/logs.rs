//! `parcae logs`: lines of a job's logs, and those that come. Not for: all files at once (`job/log/download` of the
//! API).

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
    let log = request(client, args)?;
    let mut shown = 0;
    loop {
        // Asked before the lines: those that an ending job wrote last are not missed.
        let has_ended = !args.follow || has_ended(client, &args.job)?;
        shown = show_from(client, &log, shown, output)?;
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

fn request(client: &Client, args: &Logs) -> anyhow::Result<LogRequest> {
    let Some(row) = initiator(client.job(&args.job)?) else {
        anyhow::bail!("the node at {} knows no job {}", client.url(), args.job);
    };
    let party = match (&args.role, args.party) {
        (None, _) => None,
        (Some(_), Some(party)) => Some(party),
        (Some(role), None) => {
            let first = row.f_roles.get(role).and_then(|parties| parties.first().copied());
            let roles = || row.f_roles.keys().cloned().collect::<Vec<_>>().join(", ");
            Some(first.ok_or_else(|| UsageError(format!("--role {role}: the job has {}", roles())))?)
        }
    };
    Ok(LogRequest {
        log_type: log_type(args).to_owned(),
        job_id: args.job.as_str().into(),
        role: args.role.clone(),
        party_id: party.map(|party| party.to_string().as_str().into()),
        component_name: args.component.clone(),
        begin: None,
        end: None,
    })
}

fn log_type(args: &Logs) -> &'static str {
    use LogLevel::{Debug, Error, Info, Warning};
    match (&args.role, &args.component, args.level) {
        (None, _, Error) => "jobScheduleError",
        (None, ..) => "jobSchedule",
        (Some(_), None, Debug) => "partyDebug",
        (Some(_), None, Info) => "partyInfo",
        (Some(_), None, Warning) => "partyWarning",
        (Some(_), None, Error) => "partyError",
        (Some(_), Some(_), Debug) => "componentDebug",
        (Some(_), Some(_), Info) => "componentInfo",
        (Some(_), Some(_), Warning) => "componentWarning",
        (Some(_), Some(_), Error) => "componentError",
    }
}
