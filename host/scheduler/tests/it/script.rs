//! Plays scripts of events and prints what is decided. A line is a time in ms and `submit JOB TASK:PARTIES<UPSTREAM..
//! [key=value]`, `end JOB TASK VERSION PARTY STATUS [final]`, `stop JOB STATUS`, `rerun JOB [force] [TASK..]`,
//! `quotas [node=ATTEMPTS] [TENANT=WEIGHT[,ATTEMPTS]..]`, `restart` or `tick`. Parties are g, h, a and l, which makes
//! a job local; a capital means `need_run: false`. Not for: the scripts (`decisions`).

use std::fmt::Write as _;

use parcae_domain::{
    id::{AttemptId, JobId, TaskId},
    party::{Party, Role},
    status::Status,
};
use parcae_scheduler::{Core, Event, JobSpec, Shares, TaskSpec, TenantShare};

use crate::shadow::Shadow;

fn job_id(text: &str) -> JobId {
    JobId(text.to_owned())
}

fn party(letter: char) -> Party {
    match letter.to_ascii_lowercase() {
        'g' => Party::new(Role::Guest, 1),
        'h' => Party::new(Role::Host, 2),
        'l' => Party::new(Role::Local, 0),
        _ => Party::new(Role::Arbiter, 3),
    }
}

fn status(word: &str) -> Status {
    word.parse().expect("a status")
}

fn submit(words: &[&str], now_ms: i64) -> JobSpec {
    let mut spec = JobSpec {
        id: job_id(words[0]),
        tenant: parcae_domain::tenant::TenantId::default(),
        created_ms: now_ms,
        initiator: party('g'),
        tasks: Vec::new(),
        task_parallelism: None,
        task_cores: 4,
        auto_retries: 0,
        auto_retry_delay_s: 1,
        timeout_s: 1000,
        queued_s: 1000,
    };
    for word in &words[1..] {
        if let Some((key, value)) = word.split_once('=') {
            if key == "tenant" {
                spec.tenant = value.parse().expect("a tenant");
                continue;
            }
            let value: u32 = value.parse().expect("a number");
            match key {
                "cores" => spec.task_cores = value,
                "retries" => spec.auto_retries = value,
                "delay" => spec.auto_retry_delay_s = value,
                "timeout" => spec.timeout_s = value.into(),
                "queued" => spec.queued_s = value.into(),
                _ => panic!("unknown key {key}"),
            }
            continue;
        }
        let (component, rest) = word.split_once(':').expect("a task");
        let (parties, upstream) = rest.split_once('<').unwrap_or((rest, ""));
        if parties == "l" {
            spec.initiator = party('l');
        }
        let index = |name: &str| spec.tasks.iter().position(|t| t.component == name).expect("an earlier task");
        let task = TaskSpec {
            component: component.to_owned(),
            parties: parties.chars().map(party).collect(),
            upstream: upstream.split(',').filter(|name| !name.is_empty()).map(index).collect(),
            need_run: parties.chars().map(|letter| letter.is_ascii_lowercase()).collect(),
        };
        spec.tasks.push(task);
    }
    spec
}

fn shares(words: &[&str]) -> Shares {
    let mut shares = Shares::default();
    for word in words {
        let (key, value) = word.split_once('=').expect("a quota");
        let number = |text: &str| text.parse::<u64>().expect("a number");
        if key == "node" {
            shares.attempts = Some(number(value));
            continue;
        }
        let (weight, attempts) = value.split_once(',').map_or((value, None), |(weight, most)| (weight, Some(most)));
        let share = TenantShare { weight: number(weight), attempts: attempts.map(number) };
        shares.tenants.insert(key.parse().expect("a tenant"), share);
    }
    shares
}

fn ended(words: &[&str]) -> Event {
    let task = TaskId { job: job_id(words[0]), component: words[1].to_owned() };
    let letter = words[3].chars().next().expect("a party");
    let status = status(words[4]);
    Event::PartyEnded {
        attempt: AttemptId { task, version: words[2].parse().expect("a version"), party: party(letter) },
        status,
        retryable: !words.contains(&"final"),
        message: if status == Status::Failed { "no luck".into() } else { String::new() },
    }
}

fn events(words: &[&str], now_ms: i64, shadow: &mut Shadow) -> Vec<Event> {
    match words[0] {
        "submit" => {
            let spec = submit(&words[1..], now_ms);
            shadow.submit(&spec);
            vec![Event::Submitted(spec)]
        }
        "end" => {
            let event = ended(&words[1..]);
            if let Event::PartyEnded { attempt, .. } = &event {
                shadow.live.remove(attempt);
            }
            vec![event]
        }
        "stop" => vec![Event::StopRequested { job: job_id(words[1]), status: status(words[2]) }],
        "rerun" => {
            let job = &shadow.jobs[&job_id(words[1])];
            let names: Vec<String> = words[2..].iter().filter(|w| **w != "force").map(|w| (*w).to_owned()).collect();
            vec![Event::Rerun {
                spec: job.spec.clone(),
                state: job.state.clone(),
                components: Some(names).filter(|names| !names.is_empty()),
                force: words.contains(&"force"),
            }]
        }
        "quotas" => vec![Event::Quotas(shares(&words[1..]))],
        "restart" => shadow.restored(),
        _ => vec![Event::Tick],
    }
}

/// Plays a script on a node with so many cores. Prints after each line the changes, the actions (with a star) and, when
/// it is another than before, the time to wake at.
pub fn play(cores: u32, script: &str) -> (Core, String) {
    let (mut core, mut shadow) = (Core::new(cores), Shadow::default());
    let (mut out, mut wake) = (String::new(), None);
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        writeln!(out, "{line}").expect("memory");
        let words: Vec<&str> = line.split_whitespace().collect();
        let now_ms: i64 = words[0].parse().expect("a time");
        if words[1] == "restart" {
            core = Core::new(cores);
            shadow.live.clear();
        }
        for event in events(&words[1..], now_ms, &mut shadow) {
            let decision = core.on(event, now_ms);
            core.sanity_check();
            shadow.apply(&decision);
            for change in &decision.changes {
                writeln!(out, "  {change}").expect("memory");
            }
            for action in &decision.actions {
                writeln!(out, "  * {action}").expect("memory");
            }
            if decision.wake_at_ms != wake {
                wake = decision.wake_at_ms;
                writeln!(out, "  wake {}", wake.map_or("never".into(), |ms| format!("at {ms}"))).expect("memory");
            }
        }
    }
    (core, out)
}
