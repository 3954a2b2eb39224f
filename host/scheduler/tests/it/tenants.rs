//! Tenants beside each other: whose turn it is, what they may run at a time, and that nobody waits for ever. Not for:
//! what a decision changes (`decisions`), everything at once (`simulation`).

use std::collections::BTreeMap;

use expect_test::expect;
use parcae_domain::{
    id::{AttemptId, JobId},
    party::{Party, Role},
    status::Status,
};
use parcae_scheduler::{Action, Core, Event, JobSpec, Shares, TaskSpec, TenantShare};

use crate::script::play;

/// `running | waiting`.
fn jobs(core: &Core) -> String {
    let list = |ids: &mut dyn Iterator<Item = &JobId>| ids.map(|id| id.as_str()).collect::<Vec<_>>().join(" ");
    format!("{} | {}", list(&mut core.running()), list(&mut core.waiting()))
}

fn why(core: &Core, job: &str) -> String {
    core.waiting_reason(&JobId(job.to_owned())).unwrap_or_else(|| "nothing".to_owned())
}

#[test]
fn hundreds_of_jobs_of_one_delay_anothers_first_by_one() {
    let mut script = String::new();
    for n in 0..300 {
        script += &format!("{n} submit a{n:03} t:g cores=1 tenant=a\n");
    }
    script += "2000 submit b0 t:g cores=1 tenant=b\n2001 submit b1 t:g cores=1 tenant=b\n";
    let (core, _) = play(1, &script);
    assert_eq!(why(&core, "a299"), "298 jobs of this tenant before it");
    assert_eq!(why(&core, "b0"), "it takes 1 of 1 cores, and too few are free");
    let (core, _) = play(1, &format!("{script}5000 end a000 t 0 g success"));
    assert_eq!(core.running().map(JobId::as_str).collect::<Vec<_>>(), ["b0"]);
    // The two take turns as long as their jobs take the same time.
    let (core, _) = play(1, &format!("{script}5000 end a000 t 0 g success\n10000 end b0 t 0 g success"));
    assert_eq!(core.running().map(JobId::as_str).collect::<Vec<_>>(), ["a001"]);
}

#[test]
fn who_may_run_no_more_stands_in_nobodys_way() {
    let script = "0 quotas a=1,2
        1 submit a1 t:gh cores=1 tenant=a
        2 submit a2 t:g cores=1 tenant=a
        3 submit b1 t:g cores=1 tenant=b
        4 submit b2 t:gha cores=1 tenant=b";
    let (core, _) = play(4, script);
    assert_eq!(jobs(&core), "a1 b1 b2 | a2");
    assert_eq!(why(&core, "a2"), "too few of the tenant's 2 attempts are free");
    let (core, _) = play(4, &format!("{script}\n5 end a1 t 0 g success\n6 end a1 t 0 h success"));
    assert_eq!(jobs(&core), "a2 b1 b2 | ");
    // A larger quota counts at once.
    let (core, _) = play(4, &format!("{script}\n5 quotas a=1,3"));
    assert_eq!(jobs(&core), "a1 a2 b1 b2 | ");
}

#[test]
fn a_large_job_is_waited_for_unless_its_own_tenant_is_in_its_way() {
    let script = "0 submit b1 t:g cores=1 tenant=b
        1 submit a1 t:g cores=4 tenant=a
        2 submit c1 t:g cores=1 tenant=c";
    let (core, _) = play(4, script);
    assert_eq!(jobs(&core), "b1 | a1 c1");
    assert_eq!(why(&core, "a1"), "it takes 4 of 4 cores, and too few are free");
    assert_eq!(why(&core, "c1"), "it is another tenant's turn");
    let (core, _) = play(4, &format!("{script}\n3 end b1 t 0 g success"));
    assert_eq!(jobs(&core), "a1 | c1");
    let script = "0 submit a0 t:g cores=1 tenant=a
        1 submit a1 t:g cores=4 tenant=a
        2 submit c1 t:g cores=1 tenant=c";
    let (core, _) = play(4, script);
    assert_eq!(jobs(&core), "a0 c1 | a1");
    assert_eq!(why(&core, "a1"), "it takes 4 of 4 cores, and jobs of this tenant have 1");
}

#[test]
fn uploads_take_turns_too() {
    let mut script = String::new();
    for n in 0..20 {
        script += &format!("{n} submit a{n:02} t:l tenant=a\n");
    }
    script += "30 submit b00 t:l tenant=b\n40 end a03 t 0 l success\n";
    let (core, _) = play(1, &script);
    assert_eq!(jobs(&core), "a00 a01 a02 a04 a05 a06 a07 b00 | a08 a09 a10 a11 a12 a13 a14 a15 a16 a17 a18 a19");
    assert_eq!(why(&core, "a08"), "8 jobs of their own sites run, more do not at a time");
}

#[test]
fn all_parties_of_a_task_start_together_or_none_does() {
    let (core, out) = play(
        4,
        "0 quotas node=3
         1 submit j a:gh b:gh cores=1
         2 end j a 0 g success
         3 end j a 0 h success",
    );
    expect![[r#"
        0 quotas node=3
        1 submit j a:gh b:gh cores=1
          task j_a v0 is running
          attempt j_a_0_guest_1 is running
          attempt j_a_0_host_2 is running
          job j is running, 0 %
          * start j_a_0_guest_1
          * start j_a_0_host_2
          wake at 1000001
        2 end j a 0 g success
          attempt j_a_0_guest_1 is success
          task j_b v0 is running
          attempt j_b_0_guest_1 is running
          attempt j_b_0_host_2 is running
          * start j_b_0_guest_1
          * start j_b_0_host_2
        3 end j a 0 h success
          attempt j_a_0_host_2 is success
          task j_a v0 is success
          job j is running, 50 %
    "#]]
    .assert_eq(&out);
    assert_eq!(why(&core, "j"), "nothing");
    let (core, _) = play(4, "0 quotas node=3\n1 submit j a:gh b:gh cores=1");
    assert_eq!(why(&core, "j"), "a task of it waits: too few of the node's 3 attempts are free");
}

#[test]
fn what_can_never_run_says_so_and_blocks_nobody() {
    let script = "0 quotas default=1,2
        1 submit j a:gha cores=1
        2 submit k a:g cores=1 tenant=b";
    let (core, _) = play(4, script);
    assert_eq!(jobs(&core), "k | j");
    assert_eq!(why(&core, "j"), "3 parties have to run at once, and the tenant may run 2 attempts");
}

/// Tenants whose queues are never empty; each job has one task at one party.
struct Busy {
    core: Core,
    now_ms: i64,
    made: u32,
    /// Jobs that run: when they end, whose they are, and how many cores they take.
    running: BTreeMap<JobId, (i64, &'static str, u32)>,
    waiting: BTreeMap<JobId, (&'static str, u32, i64)>,
    /// Milliseconds of cores that each has had.
    had: BTreeMap<&'static str, i64>,
    /// In which order jobs were started.
    order: Vec<&'static str>,
}

impl Busy {
    fn new(cores: u32, weights: &[(&'static str, u64)]) -> Busy {
        let mut core = Core::new(cores);
        let share = |(name, weight): &(&str, u64)| {
            (name.parse().expect("a tenant"), TenantShare { weight: *weight, attempts: None })
        };
        let shares = Shares { tenants: weights.iter().map(share).collect(), ..Shares::default() };
        let _ = core.on(Event::Quotas(shares), 0);
        let (running, waiting, had) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Busy { core, now_ms: 0, made: 0, running, waiting, had, order: Vec::new() }
    }

    fn submit(&mut self, tenant: &'static str, cores: u32, ms: i64) {
        self.made += 1;
        let party = Party::new(Role::Guest, 1);
        let task = TaskSpec { component: "t".into(), parties: vec![party], upstream: Vec::new(), need_run: vec![true] };
        let spec = JobSpec {
            id: JobId(format!("j{:06}", self.made)),
            tenant: tenant.parse().expect("a tenant"),
            created_ms: self.now_ms,
            initiator: party,
            tasks: vec![task],
            task_parallelism: None,
            task_cores: cores,
            auto_retries: 0,
            auto_retry_delay_s: 0,
            timeout_s: 1_000_000_000,
            queued_s: 1_000_000_000,
        };
        self.waiting.insert(spec.id.clone(), (tenant, cores, ms));
        self.send(Event::Submitted(spec));
    }

    fn send(&mut self, event: Event) {
        let decision = self.core.on(event, self.now_ms);
        self.core.sanity_check();
        for action in decision.actions {
            let Action::Start(AttemptId { task, .. }) = action else { continue };
            let (tenant, cores, ms) = self.waiting.remove(&task.job).expect("it waited");
            self.order.push(tenant);
            self.running.insert(task.job, (self.now_ms + ms, tenant, cores));
        }
        let used: u32 = self.running.values().map(|(_, _, cores)| cores).sum();
        assert!(used <= 8, "{used} cores");
    }

    /// Ends the job that ends next, in whose place its tenant submits one like it.
    fn step(&mut self) {
        let next = self.running.iter().min_by_key(|(id, (at_ms, ..))| (*at_ms, (*id).clone()));
        let (id, (at_ms, tenant, cores)) = next.map(|(id, job)| (id.clone(), *job)).expect("one runs");
        for (_, tenant, cores) in self.running.values() {
            *self.had.entry(*tenant).or_default() += i64::from(*cores) * (at_ms - self.now_ms);
        }
        self.now_ms = at_ms;
        self.running.remove(&id);
        let ms = 1_000 + i64::from(self.made % 7) * 500;
        self.submit(tenant, cores, ms);
        let task = parcae_domain::id::TaskId { job: id, component: "t".into() };
        let attempt = AttemptId { task, version: 0, party: Party::new(Role::Guest, 1) };
        let (status, message) = (Status::Success, String::new());
        self.send(Event::PartyEnded { attempt, status, retryable: false, message });
    }
}

#[test]
fn shares_under_load_follow_the_weights() {
    for (cores, size) in [(1, 1), (4, 1), (8, 3)] {
        let mut busy = Busy::new(cores, &[("a", 1), ("b", 3)]);
        for _ in 0..20 {
            busy.submit("a", size, 1_000);
            busy.submit("b", size, 1_000);
        }
        for _ in 0..1_500 {
            busy.step();
        }
        let ratio = busy.had["b"] * 100 / busy.had["a"];
        assert!((240..=360).contains(&ratio), "{cores} cores: b has had {ratio} % of what a has had");
    }
}

#[test]
fn nobody_is_overtaken_for_ever() {
    let mut busy = Busy::new(8, &[("large", 1), ("small", 1), ("tiny", 1)]);
    for _ in 0..20 {
        busy.submit("tiny", 1, 3_000);
        busy.submit("small", 2, 2_000);
        busy.submit("large", 8, 4_000);
    }
    for _ in 0..2_500 {
        busy.step();
    }
    for tenant in ["large", "small", "tiny"] {
        let turns: Vec<usize> = (0..busy.order.len()).filter(|at| busy.order[*at] == tenant).collect();
        let longest = turns.windows(2).map(|pair| pair[1] - pair[0]).max().expect("it had turns");
        assert!(longest <= 200, "{tenant} was overtaken {longest} times in a row");
    }
    let had: i64 = busy.had.values().sum();
    for (tenant, part) in &busy.had {
        let percent = part * 100 / had;
        assert!((25..=42).contains(&percent), "{tenant} has had {percent} %");
    }
}
