//! Random jobs of several tenants with failing parties, stops, reruns, other quotas, restarts of the node, late and
//! repeated reports; the same for a
//! seed every time. Every job has to end, and `Shadow` refuses what must not happen.
//! Not for: exact decisions (`decisions`).

use std::collections::BTreeSet;

use parcae_domain::{
    attempt::StopReason,
    id::{AttemptId, JobId},
    party::{Party, Role},
    status::Status,
    tenant::TenantId,
};
use parcae_scheduler::{Action, Change, Core, Event, JobSpec, Shares, TaskSpec, TenantShare};

use crate::shadow::Shadow;

const PARTIES: [Party; 3] =
    [Party { role: Role::Guest, id: 1 }, Party { role: Role::Host, id: 2 }, Party { role: Role::Arbiter, id: 3 }];

const TENANTS: [&str; 3] = ["bank", "lab", "shop"];

fn tenant(name: &str) -> TenantId {
    name.parse().expect("a tenant")
}

/// Xorshift: small, and the same everywhere.
struct Random(u64);

impl Random {
    /// A number below `n`.
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }

    fn small(&mut self, n: u32) -> u32 {
        u32::try_from(self.below(n.into())).expect("it is below a u32")
    }

    /// True in so many of a hundred cases.
    fn percent(&mut self, n: u64) -> bool {
        self.below(100) < n
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let n = u64::try_from(items.len()).expect("a short list");
        if n == 0 { None } else { items.get(usize::try_from(self.below(n)).expect("an index")) }
    }
}

struct World {
    random: Random,
    cores: u32,
    core: Core,
    shares: Shares,
    shadow: Shadow,
    now_ms: i64,
    wake_at_ms: Option<i64>,
    jobs: u32,
    past: Vec<Event>,
}

impl World {
    fn new(seed: u64) -> World {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let cores = 1 + random.small(8);
        World {
            random,
            cores,
            core: Core::new(cores),
            shares: Shares::default(),
            shadow: Shadow::default(),
            now_ms: 1_000_000,
            wake_at_ms: None,
            jobs: 0,
            past: Vec::new(),
        }
    }

    fn send(&mut self, event: Event) -> Vec<Change> {
        let decision = self.core.on(event, self.now_ms);
        self.core.sanity_check();
        self.shadow.apply(&decision);
        decision.actions.iter().for_each(|action| self.check_room(action));
        self.wake_at_ms = decision.wake_at_ms;
        assert!(self.wake_at_ms.is_none_or(|at| at > self.now_ms), "a wake that is due already");
        decision.changes
    }

    /// Who starts an attempt, and the node, run no more than they may; what ran before quotas were lowered goes on.
    fn check_room(&self, action: &Action) {
        let Action::Start(started) = action else { return };
        let owner = |attempt: &AttemptId| &self.shadow.jobs[&attempt.task.job].spec.tenant;
        let live = |of: &TenantId| self.shadow.live.keys().filter(|attempt| owner(attempt) == of).count() as u64;
        let tenant = owner(started);
        assert!(self.shares.of(tenant).attempts.is_none_or(|most| live(tenant) <= most), "{tenant} runs too many");
        assert!(self.shares.attempts.is_none_or(|most| self.shadow.live.len() as u64 <= most), "too many run");
    }

    fn quotas(&mut self) {
        let share = |random: &mut Random| TenantShare {
            weight: 1 + random.below(4),
            attempts: random.percent(60).then(|| 3 + random.below(4)),
        };
        let tenants = TENANTS.map(|name| (tenant(name), share(&mut self.random))).into();
        let attempts = self.random.percent(50).then(|| 3 + self.random.below(8));
        self.shares = Shares { attempts, everybody: TenantShare::default(), tenants };
        self.send(Event::Quotas(self.shares.clone()));
    }

    fn random_task(&mut self, index: usize) -> TaskSpec {
        let mut parties: Vec<Party> = PARTIES.into_iter().filter(|_| self.random.percent(60)).collect();
        if parties.is_empty() && !self.random.percent(10) {
            parties.push(PARTIES[0]);
        }
        TaskSpec {
            component: format!("c{index}"),
            upstream: (0..index).filter(|_| self.random.percent(35)).collect(),
            need_run: parties.iter().map(|_| self.random.percent(90)).collect(),
            parties,
        }
    }

    fn submit(&mut self) {
        self.jobs += 1;
        let tasks = self.random.small(7) as usize;
        let spec = JobSpec {
            id: JobId(format!("j{:04}", self.jobs)),
            tenant: tenant(self.random.pick(&TENANTS).expect("a tenant")),
            created_ms: self.now_ms,
            initiator: PARTIES[0],
            tasks: (0..tasks).map(|i| self.random_task(i)).collect(),
            task_parallelism: self.random.small(4).checked_sub(1).map(|n| n + 1),
            task_cores: 1 + self.random.small(6),
            auto_retries: self.random.small(3),
            auto_retry_delay_s: self.random.small(4),
            timeout_s: if self.random.percent(20) { 30 } else { 100_000 },
            queued_s: if self.random.percent(10) { 20 } else { 100_000 },
        };
        self.shadow.submit(&spec);
        self.send(Event::Submitted(spec));
    }

    fn random_end(&mut self, stopped: Option<StopReason>) -> Status {
        let dice = self.random.below(100);
        match (stopped, dice) {
            (Some(StopReason::Canceled), 0..70) => Status::Canceled,
            (Some(StopReason::JobDeadline), 0..70) => Status::Timeout,
            (Some(_), 70..85) | (None, 0..84) => Status::Success,
            (_, 99) => Status::Running,
            (None, 94..97) => Status::Timeout,
            (None, 97..99) => Status::Canceled,
            _ => Status::Failed,
        }
    }

    fn end_attempt(&mut self) {
        let live: Vec<AttemptId> = self.shadow.live.keys().cloned().collect();
        let Some(attempt) = self.random.pick(&live).cloned() else { return };
        let stopped = self.shadow.live.remove(&attempt).expect("it runs");
        let status = self.random_end(stopped);
        let retryable = self.random.percent(80);
        let event = Event::PartyEnded { attempt, status, retryable, message: String::new() };
        self.past.push(event.clone());
        self.send(event);
    }

    /// Reports an end that was reported already, or that belongs to a node which is no more.
    fn repeat_end(&mut self) {
        let Some(event) = self.random.pick(&self.past).cloned() else { return };
        let Event::PartyEnded { attempt: late, .. } = &event else { return };
        let late = late.clone();
        let changes = self.send(event);
        let touches = |c: &Change| matches!(c, Change::PartyTask(p) if p.attempt == late);
        assert!(!changes.iter().any(touches), "the end of {late} counts twice");
    }

    fn random_job(&mut self) -> Option<JobId> {
        let ids: Vec<JobId> = self.shadow.jobs.keys().cloned().collect();
        self.random.pick(&ids).cloned()
    }

    fn stop(&mut self) {
        let Some(job) = self.random_job() else { return };
        let status = if self.random.percent(90) { Status::Canceled } else { Status::Failed };
        self.send(Event::StopRequested { job: job.clone(), status });
        let goes_on = self.shadow.live.iter().any(|(attempt, stop)| attempt.task.job == job && stop.is_none());
        assert!(!goes_on, "{job} goes on after a stop");
    }

    fn rerun(&mut self) {
        let Some(id) = self.random_job() else { return };
        let job = &self.shadow.jobs[&id];
        let (spec, state) = (job.spec.clone(), job.state.clone());
        let name = self.random.pick(&spec.tasks).map(|task| vec![task.component.clone()]);
        let components = name.filter(|_| self.random.percent(50));
        let force = self.random.percent(50);
        self.send(Event::Rerun { spec, state, components, force });
    }

    fn restart(&mut self) {
        for attempt in std::mem::take(&mut self.shadow.live).into_keys() {
            let message = String::new();
            self.past.push(Event::PartyEnded { attempt, status: Status::Success, retryable: true, message });
        }
        self.core = Core::new(self.cores);
        self.wake_at_ms = None;
        self.send(Event::Quotas(self.shares.clone()));
        for event in self.shadow.restored() {
            self.send(event);
        }
    }

    fn step(&mut self) {
        self.now_ms += i64::from(self.random.small(2_000));
        match self.random.below(100) {
            0..12 => self.submit(),
            12..15 => self.stop(),
            15..18 => self.rerun(),
            18..20 => self.restart(),
            20..22 => self.quotas(),
            22..30 => self.repeat_end(),
            30..40 => {
                self.send(Event::Tick);
            }
            _ => self.end_attempt(),
        }
    }

    /// Lets everything come to its end.
    fn drain(&mut self) {
        for _ in 0..100_000 {
            if !self.shadow.live.is_empty() {
                self.end_attempt();
            } else if let Some(at_ms) = self.wake_at_ms {
                self.now_ms = self.now_ms.max(at_ms);
                self.send(Event::Tick);
            } else {
                break;
            }
        }
        assert_eq!((self.core.waiting().count(), self.core.running().count()), (0, 0));
        for (id, job) in &self.shadow.jobs {
            let (status, mut tasks) = (job.state.status, job.state.tasks.values());
            assert!(status.is_end() && job.finished, "{id} is {status}");
            match (status, job.state.stop) {
                (Status::Success, _) => assert!(tasks.all(|t| t.status.is_good()), "{id}"),
                (Status::Failed, None) => assert!(tasks.any(|t| t.status == Status::Failed), "{id}"),
                _ => {}
            }
            assert!(status != Status::Success || job.state.progress == 100, "{id}");
        }
    }
}

#[test]
fn every_job_ends() {
    let (mut ends, mut jobs) = (BTreeSet::new(), 0);
    for seed in 1..=40 {
        let mut world = World::new(seed);
        for _ in 0..400 {
            world.step();
        }
        world.drain();
        jobs += world.jobs;
        ends.extend(world.shadow.jobs.values().map(|job| job.state.status));
    }
    assert!(jobs > 500, "only {jobs} jobs");
    let all = [Status::Canceled, Status::Timeout, Status::Failed, Status::Success];
    assert_eq!(ends, BTreeSet::from(all), "the simulation misses an end");
}
