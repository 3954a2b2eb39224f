//! A conformance suite of attacks: through `probe`, through components by hand where an SDK is too polite, through
//! images and through jobs of users. All are made on one node, on threads and in processes, several at a time, beside a
//! job that behaves well. None escapes, none harms the job, the node answers all the while, and afterwards all is as it
//! was. Not for: single limits and words in detail (the suite's `hostile` and `refused`).

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![cfg(target_os = "linux")]

mod arena;
mod attack;
mod hand;
mod probe;
mod quiet;
mod refused;
mod user;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use arena::{Arena, Beside};
use attack::Tries;
use parcae_domain::attempt::IsolationPolicy;

/// Attacks that there must be, each as an attempt in both isolations.
const ATTACKS: usize = 60;
/// What `version/get` may take, 99 times of 100: ten times what a release build on a machine of its own keeps to.
const ANSWERED_WITHIN: Duration = Duration::from_millis(500);
/// How far an AUC may be from what it was: keys are drawn anew, and sums are rounded.
const AS_BEFORE: f64 = 1e-6;

/// One at a time: each counts the threads and processes of this process, and measures answers.
static TURN: Mutex<()> = Mutex::new(());

/// The time below which so many of 100 stay.
fn percentile(sorted: &[Duration], of_100: usize) -> Duration {
    sorted[(sorted.len() * of_100 / 100).min(sorted.len() - 1)]
}

fn withstands(isolation: IsolationPolicy) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let attacks = attack::all();
    let arena = Arena::new(isolation);
    let auc = arena.train();
    let before = arena.quiet();
    let began = Instant::now();
    let Beside { faults, aucs, mut answers } = arena.beside(&attacks);
    println!("{} attacks, {isolation:?}, took {:.1} s", attacks.len(), began.elapsed().as_secs_f64());
    assert!(answers.len() > 100, "only {} answers", answers.len());
    answers.sort_unstable();
    let [usual, late, latest] = [50, 99, 100].map(|of_100| percentile(&answers, of_100).as_secs_f64() * 1e3);
    println!("{} answers of version/get: p50 {usual:.1} ms, p99 {late:.1} ms, at most {latest:.1} ms", answers.len());
    println!("AUC {auc} before, {aucs:?} beside the attacks");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
    let same = |other: &f64| (other - auc).abs() < AS_BEFORE;
    assert!(!aucs.is_empty() && aucs.iter().all(same), "the AUC was {auc}, and is {aucs:?}");
    assert!(percentile(&answers, 99) < ANSWERED_WITHIN, "p99 of version/get is {late:.1} ms");
    arena.is_as(&before);
    arena.close();
}

#[test]
fn a_node_withstands_them_on_threads() {
    withstands(IsolationPolicy::Thread);
}

#[test]
fn a_node_withstands_them_in_processes() {
    withstands(IsolationPolicy::Process);
}

#[test]
fn there_are_enough_of_them() {
    let attacks = attack::all();
    let names: BTreeSet<&str> = attacks.iter().map(|attack| attack.name.as_str()).collect();
    assert_eq!(names.len(), attacks.len(), "two attacks have one name");
    let runs = |attack: &&attack::Attack| !matches!(attack.tries, Tries::Image(_));
    let different: BTreeSet<&str> = attacks.iter().filter(runs).map(|attack| attack.what).collect();
    println!("{} different attacks run, {} jobs and images in all", different.len(), attacks.len());
    assert!(different.len() >= ATTACKS, "{} different attacks", different.len());
    let by_hand = attacks.iter().filter(|attack| matches!(attack.tries, Tries::Component(_))).count();
    assert!(by_hand >= ATTACKS, "{by_hand} of them by hand");
}
