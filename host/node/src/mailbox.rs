//! The loop: it alone owns the scheduler. It takes an event, asks what follows, commits, and only then acts. Not for:
//! anything that takes long; attempts run on threads of their own and report here.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, atomic::Ordering};
use std::time::{Duration, Instant};

use parcae_domain::{
    attempt::StopReason,
    id::{AttemptId, JobId},
    outcome::{FailureKind, Outcome},
    port::Level,
};
use parcae_metadata::AttemptUsage;
use parcae_scheduler::{Action, Change, Core, Decision, Event, JobChange};

use crate::attempts::Attempts;
use crate::keeper::{Keeper, LOOK};
use crate::site::{Site, now_ms};
use crate::world::Outputs;
use crate::{audit, commit};

/// What reaches the loop.
pub(crate) enum Mail {
    /// Something happened.
    Event(Event),
    /// Something happened, and somebody waits until what follows is stored: what changed of jobs.
    Awaited(Event, Sender<Vec<JobChange>>),
    /// An attempt ended.
    Ended(Box<Ended>),
    /// Somebody wants to know why a job does not go on.
    Why(JobId, Sender<Option<String>>),
    /// The node is being closed.
    Close,
}

/// How an attempt ended, with what it made.
pub(crate) struct Ended {
    pub(crate) attempt: AttemptId,
    pub(crate) outcome: Outcome,
    /// Last lines of its log, for an error report.
    pub(crate) last_lines: Vec<String>,
    pub(crate) outputs: Outputs,
    /// What it used; none when it never began.
    pub(crate) used: Option<AttemptUsage>,
}

/// Pause before a commit that failed is tried again.
const COMMIT_AGAIN: Duration = Duration::from_secs(1);

/// Runs until it is closed; on a thread of its own.
pub(crate) fn run(site: &Arc<Site>, mailbox: &Receiver<Mail>, to_self: Sender<Mail>) {
    let mut core = Core::new(site.options.cores);
    let mut attempts = Attempts::new(site.clone(), to_self);
    let (mut keeper, mut wake_at_ms): (Keeper, Option<i64>) = Default::default();
    loop {
        let quotas = keeper.due(site);
        for attempt in keeper.take_overdue() {
            attempts.act(&Action::Stop { attempt, reason: StopReason::TenantCpu });
        }
        let mail = match quotas.map_or_else(|| next_mail(mailbox, wake_at_ms), |event| Some(Mail::Event(event))) {
            Some(Mail::Close) => return attempts.stop_all(),
            Some(Mail::Why(job, answer)) => {
                // Who asked may have given up.
                let _ = answer.send(core.waiting_reason(&job));
                continue;
            }
            Some(mail) => mail,
            None => continue,
        };
        let (mail, waits) = match mail {
            Mail::Awaited(event, waits) => (Mail::Event(event), Some(waits)),
            other => (other, None),
        };
        let naming = site.naming();
        let (event, ended) = event_of(site, mail);
        let decision = core.on(event, now_ms());
        wake_at_ms = decision.wake_at_ms;
        if !write_down(site, &decision, ended.as_deref()) {
            return attempts.stop_all();
        }
        drop(naming);
        if let Some(waits) = waits {
            // Who asked may have given up.
            let _ = waits.send(of_jobs(&decision));
        }
        if let Some(ended) = ended {
            attempts.ended(&ended);
        }
        for action in &decision.actions {
            audit::action(site, action);
            attempts.act(action);
        }
        site.bell.ring_for(decision.changes.iter().map(Change::job));
    }
}

/// What comes next; none when it is only time to look around.
fn next_mail(mailbox: &Receiver<Mail>, wake_at_ms: Option<i64>) -> Option<Mail> {
    let due = |now_ms: i64| wake_at_ms.map(|at| Duration::from_millis(u64::try_from(at - now_ms).unwrap_or(0)));
    match mailbox.recv_timeout(due(now_ms()).unwrap_or(LOOK).min(LOOK)) {
        Ok(mail) => Some(mail),
        Err(RecvTimeoutError::Disconnected) => Some(Mail::Close),
        Err(RecvTimeoutError::Timeout) => due(now_ms()).filter(Duration::is_zero).map(|_| Mail::Event(Event::Tick)),
    }
}

/// What a decision changes of jobs.
fn of_jobs(decision: &Decision) -> Vec<JobChange> {
    let of_job = |change: &Change| if let Change::Job(job) = change { Some(job.clone()) } else { None };
    decision.changes.iter().filter_map(of_job).collect()
}

/// The scheduler's event, and the end of the attempt that caused it.
fn event_of(site: &Site, mail: Mail) -> (Event, Option<Box<Ended>>) {
    match mail {
        Mail::Event(event) | Mail::Awaited(event, _) => (event, None),
        Mail::Close | Mail::Why(..) => (Event::Tick, None),
        Mail::Ended(mut ended) => {
            if let Some(taken) = commit::name_taken(site, &ended) {
                ended.outcome = taken;
            }
            let event = Event::PartyEnded {
                attempt: ended.attempt.clone(),
                status: ended.outcome.status(),
                retryable: retryable(&ended.outcome),
                // A line end would let a component write a line of its own into the schedule log.
                message: ended.outcome.message().replace('\n', " | "),
            };
            (event, Some(ended))
        }
    }
}

/// False when another try would end the same.
fn retryable(outcome: &Outcome) -> bool {
    match outcome {
        // Others used it up.
        Outcome::Limit { limit, .. } => matches!(limit.as_str(), "memory_pool_bytes" | "memory_bytes of the tenant"),
        Outcome::Failed { kind: FailureKind::Input, .. } | Outcome::Denied { .. } | Outcome::Canceled => false,
        _ => true,
    }
}

/// Commits what was decided, and writes it to the logs. The scheduler has moved on already: a commit that fails (disk full)
/// is tried until it succeeds, and nothing is acted on before. False when the node is closed meanwhile: as after a crash, the
/// next start goes on.
fn write_down(site: &Site, decision: &Decision, ended: Option<&Ended>) -> bool {
    let began = Instant::now();
    while let Err(error) = commit::decision(site, decision, ended) {
        if site.closing.load(Ordering::Acquire) {
            return false;
        }
        tracing::error!(target: "parcae::database", "a decision could not be committed and is tried again: {error}");
        if let Some(line) = decision.log.first() {
            site.schedule(&line.job, Level::Error, &format!("commit failed, trying again: {error}"));
        }
        std::thread::sleep(COMMIT_AGAIN);
    }
    if !decision.changes.is_empty() || ended.is_some() {
        site.meters.commit.observe(began.elapsed());
    }
    for line in &decision.log {
        site.job_log(&line.job, |log| log.schedule(line.level, &line.place, &line.text));
    }
    for change in &decision.changes {
        audit::change(site, change);
        if let Change::Job(job) = change {
            site.meters.job(job);
        }
    }
    true
}
