//! Waits for a job and shows how it goes: a bar on a terminal, a line for each change elsewhere, nothing for machines.
//! Not for: what came of it (`report`).

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use parcae_api::rows::{JobRow, TaskRow};

use crate::{
    client::{Client, ClientError},
    output::Output,
};

/// How often the node is asked.
const INTERVAL: Duration = Duration::from_millis(250);
/// How often a node that does not answer is asked again before giving up.
const PATIENCE: u32 = 20;

/// How a job ended.
pub(crate) struct Ended {
    /// The initiator's row.
    pub(crate) job: JobRow,
    /// Rows of its tasks, one for each party.
    pub(crate) tasks: Vec<TaskRow>,
}

impl Ended {
    /// True when it ended well.
    pub(crate) fn is_success(&self) -> bool {
        self.job.f_status == "success"
    }

    /// Why it did not, by component and party.
    pub(crate) fn failures(&self) -> Vec<String> {
        let failed = self.tasks.iter().filter(|task| !task.f_error_report.is_empty());
        let reports = failed.map(|task| {
            let party = format!("{}/{}", task.f_role, task.f_party_id);
            (task.f_component_name.as_str(), party, said(&task.f_error_report))
        });
        failures(reports)
    }
}

/// What a party reports that was only stopped, because of another.
const STOPPED: &str = "canceled";

/// Where a report goes on with the last lines of a log, which `parcae logs` shows.
const LOG: &str = "\nlast lines of its log:\n";
/// What is shown below a job stands below its name.
const INDENT: &str = "           ";

/// What a party reports, without the last lines of its log: no two parties have the same.
fn said(report: &str) -> &str {
    report.split(LOG).next().unwrap_or(report)
}

/// Component, party and report of each failure as lines: what several parties say alike once, and those that were only
/// stopped after all others.
fn failures<'a>(reports: impl Iterator<Item = (&'a str, String, &'a str)>) -> Vec<String> {
    let mut found: Vec<(&str, &str, Vec<String>)> = Vec::new();
    for (component, party, report) in reports {
        match found.iter_mut().find(|(other, said, _)| (*other, *said) == (component, report)) {
            Some((_, _, parties)) => parties.push(party),
            None => found.push((component, report, vec![party])),
        }
    }
    // Equal ones stay in their order.
    found.sort_by_key(|(_, report, _)| *report == STOPPED);
    let line = |(component, report, parties): (&str, &str, Vec<String>)| {
        format!("{component} at {}: {report}", parties.join(", "))
    };
    found.into_iter().map(line).collect()
}

/// True for a status after which nothing more happens.
pub(crate) fn is_end(status: &str) -> bool {
    status.parse::<parcae_domain::status::Status>().is_ok_and(parcae_domain::status::Status::is_end)
}

/// The row of the party that leads a job.
pub(crate) fn initiator(rows: Vec<JobRow>) -> Option<JobRow> {
    let at = rows.iter().position(|row| row.f_is_initiator).unwrap_or(0);
    rows.into_iter().nth(at)
}

/// Waits until a job has ended.
pub(crate) fn wait(client: &Client, job: &str, what: &str, output: Output) -> anyhow::Result<Ended> {
    let mut show = Show::new(what, output);
    let mut silent = 0;
    loop {
        match look(client, job) {
            Ok(Some(ended)) => {
                show.update(&ended);
                if is_end(&ended.job.f_status) {
                    show.end(&ended);
                    return Ok(ended);
                }
                silent = 0;
            }
            Ok(None) => anyhow::bail!("the node at {} knows no job {job}", client.url()),
            // A node may be away for a moment, as when it is started anew; the job goes on then.
            Err(ClientError::Unreachable { .. } | ClientError::Broken { .. }) if silent < PATIENCE => silent += 1,
            Err(error) => return Err(error.into()),
        }
        thread::sleep(INTERVAL);
    }
}

fn look(client: &Client, job: &str) -> Result<Option<Ended>, ClientError> {
    let Some(row) = initiator(client.job(job)?) else { return Ok(None) };
    Ok(Some(Ended { job: row, tasks: client.tasks(job)? }))
}

/// What is shown while waiting.
struct Show {
    begun: Instant,
    output: Output,
    bar: Option<ProgressBar>,
    /// Last status of each component.
    seen: BTreeMap<String, String>,
}

impl Show {
    fn new(what: &str, output: Output) -> Show {
        let bar = output.has_bar().then(|| bar(what));
        if bar.is_none() {
            output.say(what);
        }
        Show { begun: Instant::now(), output, bar, seen: BTreeMap::new() }
    }

    fn update(&mut self, now: &Ended) {
        for task in &now.tasks {
            let (name, status) = (&task.f_component_name, &task.f_status);
            let last = self.seen.insert(name.clone(), status.clone());
            if last.as_ref() != Some(status) && status != "waiting" {
                self.line(&format!("{:>7.1} s  {name}  {status}", self.begun.elapsed().as_secs_f64()));
            }
        }
        if let Some(bar) = &self.bar {
            bar.set_position(u64::from(now.job.f_progress));
            let running = self.seen.iter().filter(|(_, status)| status.as_str() == "running");
            let running = running.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            bar.set_message(if running.is_empty() { now.job.f_status.clone() } else { running });
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => self.output.say(text),
        }
    }

    fn end(&self, ended: &Ended) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let seconds = self.begun.elapsed().as_secs_f64();
        self.output.say(&format!("{seconds:>7.1} s  job {}  {}", ended.job.f_job_id, ended.job.f_status));
        for failure in ended.failures() {
            self.output.say(&format!("{INDENT}{}", failure.replace('\n', &format!("\n{INDENT}"))));
        }
        let is_cause = |task: &&TaskRow| !["", STOPPED].contains(&said(&task.f_error_report));
        if let Some(task) = ended.tasks.iter().find(is_cause) {
            let (job, name) = (&task.f_job_id, &task.f_component_name);
            let (role, party) = (&task.f_role, &task.f_party_id);
            let logs = format!("parcae logs {job} --role {role} --party {party} --component {name}");
            self.output.say(&format!("{INDENT}more: {logs}"));
        }
    }
}

fn bar(what: &str) -> ProgressBar {
    let bar = ProgressBar::new(100);
    let style = ProgressStyle::with_template("{prefix} [{bar:30}] {pos:>3}% {elapsed} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    bar.set_prefix(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_come_first_and_once() {
        let reports = [
            ("lr_0", "guest/1", "canceled\nlast lines of its log:\nx"),
            ("lr_0", "host/2", "no such column\nlast lines of its log:\nx"),
            ("lr_0", "arbiter/2", "canceled"),
            ("lr_0", "host/3", "no such column\nlast lines of its log:\ny"),
            ("lr_1", "host/3", "no such column\nor row"),
        ];
        let reports = reports.iter().map(|(component, party, report)| (*component, (*party).into(), said(report)));
        let lines = failures(reports);
        let expected = [
            "lr_0 at host/2, host/3: no such column",
            "lr_1 at host/3: no such column\nor row",
            "lr_0 at guest/1, arbiter/2: canceled",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn ends_are_known() {
        let end: Vec<&str> = ["waiting", "running", "success", "failed", "canceled", "timeout"]
            .into_iter()
            .filter(|s| is_end(s))
            .collect();
        assert_eq!(end, ["success", "failed", "canceled", "timeout"]);
    }
}
