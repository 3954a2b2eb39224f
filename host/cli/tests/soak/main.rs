//! The soak: three tenants submit up to 2,000 jobs to the binary, which is killed with SIGKILL every minute and started
//! again. Every job comes to its end, none is lost or done twice, and neither disk nor memory creeps. Not for: kills at
//! chosen moments of one job (`kill`).
//!
//! ```text
//! PARCAE_SOAK_MINUTES=20 cargo test -p parcae-cli --test soak -- --ignored --nocapture
//! ```
//!
//! `PARCAE_SOAK_MINUTES` (20), `PARCAE_SOAK_JOBS` (100 a minute) and `PARCAE_SOAK_KILL_SECONDS` (60) say how long, how
//! many and how often. The probe runs in processes of its own, what came with the node on threads.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod checks;
mod desk;
mod drive;
mod jobs;
mod node;

use std::{
    collections::BTreeSet,
    thread::{scope, sleep},
    time::{Duration, Instant},
};

use checks::Sample;
use desk::{Desk, Place};
use drive::{Share, Tally, drive};
use node::{Folders, Node};

/// Who submits.
const TENANTS: [&str; 3] = ["bank", "shop", "clinic"];

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|e| panic!("{name}={text}: {e}")))
}

/// A node that is killed again and again, and what was measured before each kill.
struct Life<'f> {
    folders: &'f Folders,
    place: Place,
    node: Node,
    since: Instant,
    began: Instant,
    samples: Vec<Sample>,
    longest_start: Duration,
}

impl Life<'_> {
    fn sample(&mut self) {
        let (jobs, disk) = (self.folders.jobs().len() as u64, self.folders.bytes());
        self.samples.push(Sample { jobs, disk, memory: self.node.memory() });
    }

    /// Kills the node and starts it again.
    fn again(mut self) -> Self {
        self.sample();
        self.node.kill();
        self.node = Node::start(self.folders, &self.place);
        self.longest_start = self.longest_start.max(self.node.started);
        self.since = Instant::now();
        self
    }
}

/// Drives all tenants while the node is killed.
fn soak<'f>(mut life: Life<'f>, desks: &[Desk], share: Share, every: Duration) -> (Life<'f>, Vec<Tally>) {
    scope(|scope| {
        let drivers: Vec<_> = desks.iter().map(|desk| scope.spawn(move || drive(desk, share))).collect();
        while !drivers.iter().all(|driver| driver.is_finished()) {
            sleep(Duration::from_millis(100));
            if life.since.elapsed() >= every {
                life = life.again();
                let (at, started) = (life.began.elapsed().as_secs(), life.node.started);
                println!("{at:4} s: killed, and started again within {started:?}");
            }
        }
        let tallies = drivers.into_iter().map(|driver| driver.join().unwrap()).collect();
        (life, tallies)
    })
}

#[test]
#[ignore = "takes PARCAE_SOAK_MINUTES"]
fn jobs_of_three_tenants_survive_a_node_that_is_killed_every_minute() {
    let minutes = number("PARCAE_SOAK_MINUTES", 20);
    let every = Duration::from_secs(number("PARCAE_SOAK_KILL_SECONDS", 60));
    let jobs = number("PARCAE_SOAK_JOBS", minutes * 100);
    let share = Share { jobs: (jobs / TENANTS.len() as u64).max(1), within: Duration::from_secs(minutes * 60) };
    let folders = Folders::new();
    let place = Place::default();
    let desks = TENANTS.map(|name| Desk::new(name, folders.tenant(name), place.clone()));
    let node = Node::start(&folders, &place);
    let uploads: Vec<Vec<String>> =
        desks.iter().map(|desk| jobs::tables().iter().map(|(name, csv)| desk.upload(name, csv)).collect()).collect();
    let (now, longest_start) = (Instant::now(), node.started);
    let life = Life { folders: &folders, place, node, since: now, began: now, samples: Vec::new(), longest_start };
    let (life, tallies) = soak(life, &desks, share, every);
    // Once while the node runs that saw the last of them, and once as it is found on the disk.
    let seen = look(&desks, &tallies, &uploads);
    assert_eq!(folders.leftovers(), Vec::<String>::new(), "nothing runs");
    let tables = folders.tables();
    let life = life.again();
    assert_eq!(look(&desks, &tallies, &uploads), seen);
    assert_eq!(folders.tables(), tables, "tables of nobody stayed until the node was started again");
    let strange = &folders.jobs() - &seen;
    assert!(strange.is_empty(), "folders of jobs that nobody has: {strange:?}");
    report(&life, &tallies, &desks);
}

/// All checks of what tenants see; all jobs.
fn look(desks: &[Desk], tallies: &[Tally], uploads: &[Vec<String>]) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for ((desk, tally), uploads) in desks.iter().zip(tallies).zip(uploads) {
        let own = checks::own(desk, tally, uploads);
        assert!(seen.is_disjoint(&own), "{} sees jobs of others", desk.tenant);
        seen.extend(own);
        let others = desks.iter().zip(tallies).filter(|(other, _)| other.tenant != desk.tenant);
        let others: Vec<&String> = others.flat_map(|(_, tally)| tally.acknowledged.keys().take(100)).collect();
        checks::foreign(desk, &others);
        checks::once(desk, tally);
    }
    seen
}

fn report(life: &Life<'_>, tallies: &[Tally], desks: &[Desk]) {
    let acknowledged: usize = tallies.iter().map(|tally| tally.acknowledged.len()).sum();
    let unanswered: u64 = tallies.iter().map(|tally| tally.unanswered).sum();
    println!(
        "{acknowledged} jobs of {} tenants ended as they must, {unanswered} submissions had no answer; {} kills, the \
         longest start took {:?}",
        desks.len(),
        life.samples.len(),
        life.longest_start,
    );
    for (desk, tally) in desks.iter().zip(tallies) {
        let ran = checks::isolations(desk, tally);
        println!("attempts of {}, among its first jobs: {ran:?}", desk.tenant);
        assert!(ran.contains_key("process"), "the probe did not come with the node: {ran:?}");
        let intersects = tally.acknowledged.values().any(|kind| *kind == jobs::Kind::Intersects);
        assert!(!intersects || ran.contains_key("thread"), "what came with the node runs on threads: {ran:?}");
    }
    checks::creep(&life.samples);
}
