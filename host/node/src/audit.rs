//! The audit log: every call between the parties of a job, also where both are on this node. Not for: users' calls (the
//! access log).

use parcae_domain::{
    attempt::StopReason,
    id::{AttemptId, JobId},
    party::Party,
    status::Status,
};
use parcae_scheduler::{Action, Change};

use crate::site::Site;

/// A call to a party of a job: `/v1/party/<job>/<role>/<party>/create`.
pub(crate) fn party_call(site: &Site, job: &JobId, from: Party, to: Party, verb: &str) {
    let text = format!("{from} -> {to} POST /v1/party/{job}/{}/{}/{verb} 0 success", to.role, to.id);
    site.audit(job, &text);
}

/// What a committed change tells the parties.
pub(crate) fn change(site: &Site, change: &Change) {
    match change {
        Change::Job(job) => {
            let Ok(plan) = site.plan(&job.job) else { return };
            // A job starts once; later news of it while it runs are its progress.
            let verb = match job.status {
                Status::Running if job.progress == 0 => "start".to_owned(),
                Status::Running => "update".to_owned(),
                status => format!("status/{status}"),
            };
            for party in plan.parties() {
                party_call(site, &job.job, plan.initiator, party, &verb);
            }
        }
        Change::PartyTask(task) if task.status.is_end() => {
            let id = &task.attempt;
            let Ok(plan) = site.plan(&id.task.job) else { return };
            let text = format!(
                "{} -> {} POST /v1/initiator/{}/{}/{}/{}/{}/{}/report {}",
                id.party,
                plan.initiator,
                id.task.job,
                id.task.component,
                id.task,
                id.version,
                id.party.role,
                id.party.id,
                task.status
            );
            site.audit(&id.task.job, &text);
        }
        Change::NewVersion { task, version, .. } => {
            let Ok(plan) = site.plan(&task.job) else { return };
            let parties = plan.component(&task.component).map(|c| c.parties.clone()).unwrap_or_default();
            for party in parties {
                task_call(site, plan.initiator, &AttemptId { task: task.clone(), version: *version, party }, "create");
            }
        }
        Change::Task(_) | Change::PartyTask(_) => {}
    }
}

/// What an action asks a party to do.
pub(crate) fn action(site: &Site, action: &Action) {
    match action {
        Action::Start(id) => attempt_call(site, id, "start"),
        Action::Stop { attempt, reason: StopReason::Canceled } => attempt_call(site, attempt, "stop/canceled"),
        Action::Stop { attempt, .. } => attempt_call(site, attempt, "stop/timeout"),
        Action::FinishJob { job, status } => {
            let Ok(plan) = site.plan(job) else { return };
            for party in plan.parties() {
                for verb in ["model".to_owned(), format!("stop/{status}"), "clean".to_owned()] {
                    party_call(site, job, plan.initiator, party, &verb);
                }
            }
        }
    }
}

fn attempt_call(site: &Site, id: &AttemptId, verb: &str) {
    if let Ok(plan) = site.plan(&id.task.job) {
        task_call(site, plan.initiator, id, verb);
    }
}

fn task_call(site: &Site, from: Party, id: &AttemptId, verb: &str) {
    let text = format!(
        "{from} -> {} POST /v1/party/{}/{}/{}/{}/{}/{}/{verb} 0 success",
        id.party, id.task.job, id.task.component, id.task, id.version, id.party.role, id.party.id
    );
    site.audit(&id.task.job, &text);
}
