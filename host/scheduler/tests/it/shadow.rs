//! A stand-in for the node: stores what decisions change, refuses what the transition tables do not allow, and
//! remembers which attempts run. Not for: deciding anything.

use std::collections::{BTreeMap, BTreeSet};

use parcae_domain::{
    attempt::StopReason,
    id::{AttemptId, JobId, TaskId},
    party::Party,
    status::Status,
};
use parcae_scheduler::{Action, Change, Decision, Event, JobChange, JobSpec, JobState, PartyState, TaskState};

/// A job as it is stored.
pub struct Stored {
    pub spec: JobSpec,
    pub state: JobState,
    pub finished: bool,
}

/// The store, and the attempts that run.
#[derive(Default)]
pub struct Shadow {
    pub jobs: BTreeMap<JobId, Stored>,
    /// Attempts that run, and whether they were told to stop.
    pub live: BTreeMap<AttemptId, Option<StopReason>>,
    started: BTreeSet<AttemptId>,
}

fn waiting(parties: &[Party]) -> BTreeMap<Party, PartyState> {
    parties.iter().map(|party| (*party, PartyState { status: Status::Waiting, start_ms: None })).collect()
}

impl Shadow {
    /// Stores a job with all its tasks, waiting.
    pub fn submit(&mut self, spec: &JobSpec) {
        let task = |t: &parcae_scheduler::TaskSpec| {
            let parties = waiting(&t.parties);
            let retries_left = spec.auto_retries;
            let state = TaskState { version: 0, status: Status::Waiting, retries_left, runs: 0, parties };
            (t.component.clone(), state)
        };
        let state = JobState {
            status: Status::Waiting,
            progress: 0,
            queued_ms: spec.created_ms,
            start_ms: None,
            stop: None,
            tasks: spec.tasks.iter().map(task).collect(),
        };
        self.jobs.insert(spec.id.clone(), Stored { spec: spec.clone(), state, finished: false });
    }

    /// What a node that was started again tells its scheduler.
    pub fn restored(&self) -> Vec<Event> {
        let mut unfinished: Vec<_> = self.jobs.values().filter(|job| !job.state.status.is_end()).collect();
        unfinished.sort_by_key(|job| job.state.status != Status::Running);
        unfinished.iter().map(|job| Event::Restored { spec: job.spec.clone(), state: job.state.clone() }).collect()
    }

    /// Stores the changes, then carries out the actions.
    pub fn apply(&mut self, d: &Decision) {
        for change in &d.changes {
            match change {
                Change::Job(c) => self.change_job(c),
                Change::Task(c) => {
                    let task = self.task(&c.task);
                    assert_eq!(task.version, c.version, "{change}");
                    assert!(task.status.task_may_become(c.status), "{change}, but was {}", task.status);
                    task.status = c.status;
                }
                Change::PartyTask(c) => {
                    let task = self.task(&c.attempt.task);
                    assert_eq!(task.version, c.attempt.version, "{change}");
                    // The first party that starts makes a version one that ran.
                    let first = task.parties.values().all(|party| party.start_ms.is_none());
                    task.runs += u32::from(first && c.start_ms.is_some());
                    let party = task.parties.get_mut(&c.attempt.party).expect("the party runs the task");
                    assert!(party.status.task_may_become(c.status), "{change}, but was {}", party.status);
                    *party = PartyState { status: c.status, start_ms: c.start_ms };
                }
                Change::NewVersion { task, version, retries_left } => {
                    let task = self.task(task);
                    assert_eq!(task.version + 1, *version, "{change}");
                    let parties: Vec<Party> = task.parties.keys().copied().collect();
                    let (version, retries_left) = (*version, *retries_left);
                    let (status, runs, parties) = (Status::Waiting, task.runs, waiting(&parties));
                    *task = TaskState { version, status, retries_left, runs, parties };
                }
            }
        }
        d.actions.iter().for_each(|action| self.act(action));
        for attempt in self.live.keys() {
            assert!(!self.jobs[&attempt.task.job].state.status.is_end(), "{attempt} runs after the end of its job");
        }
    }

    fn task(&mut self, id: &TaskId) -> &mut TaskState {
        let job = self.jobs.get_mut(&id.job).expect("the job is stored");
        job.state.tasks.get_mut(&id.component).expect("the task is stored")
    }

    fn change_job(&mut self, c: &JobChange) {
        let job = self.jobs.get_mut(&c.job).expect("the job is stored");
        let old = &job.state;
        assert!(old.status == c.status || old.status.job_may_become(c.status), "{} to {}", old.status, c.status);
        assert!(c.status == Status::Waiting || c.progress >= old.progress, "progress goes back");
        assert_eq!(c.status.is_end(), c.end_ms.is_some(), "an ended job, and no other, has an end");
        job.finished &= c.status.is_end();
        let state = &mut job.state;
        if c.queued_ms != state.queued_ms {
            state.tasks.values_mut().for_each(|task| task.runs = 0);
        }
        (state.status, state.progress, state.queued_ms) = (c.status, c.progress, c.queued_ms);
        (state.start_ms, state.stop) = (c.start_ms, c.stop);
    }

    fn act(&mut self, action: &Action) {
        match action {
            Action::Start(attempt) => {
                assert!(self.started.insert(attempt.clone()), "{attempt} is started twice");
                let Stored { spec, state, .. } = &self.jobs[&attempt.task.job];
                let task = &state.tasks[&attempt.task.component];
                assert_eq!((state.status, task.status), (Status::Running, Status::Running), "{attempt}");
                assert_eq!(task.parties[&attempt.party].status, Status::Running, "{attempt}");
                let spec_of = |name: &str| spec.tasks.iter().find(|t| t.component == name).expect("it is in the job");
                for up in &spec_of(&attempt.task.component).upstream {
                    let name = &spec.tasks[*up].component;
                    assert!(state.tasks[name].status.is_good(), "{attempt} starts before {name} is done");
                }
                self.live.insert(attempt.clone(), None);
            }
            Action::Stop { attempt, reason } => {
                let stop = self.live.get_mut(attempt).expect("only what runs is stopped");
                assert!(stop.replace(*reason).is_none(), "{attempt} is stopped twice");
            }
            Action::FinishJob { job: id, status } => {
                assert!(self.live.keys().all(|attempt| attempt.task.job != *id), "{id} ends and has attempts");
                let job = self.jobs.get_mut(id).expect("the job is stored");
                assert_eq!(job.state.status, *status);
                assert!(status.is_end() && !job.finished, "{id} ends twice");
                job.finished = true;
            }
        }
    }
}
