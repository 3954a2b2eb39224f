//! Jobs that wait too long for their start. Not for: the time that a job has to its end (`decisions`).

use crate::script::play;

/// `k` waits behind `j`, which takes both cores, and may do so for five seconds.
const WAITS: &str = "0 submit j a:g cores=2 timeout=100\n1 submit k a:g b:g<a cores=2 queued=5 timeout=100";

#[test]
fn a_job_that_waits_too_long_is_out_of_time() {
    let (_, early) = play(2, &format!("{WAITS}\n5000 tick"));
    assert!(!early.contains("job k is timeout"), "{early}");
    let (core, said) = play(2, &format!("{WAITS}\n5001 tick"));
    assert!(said.contains("wake at 5001"), "{said}");
    assert!(said.contains("job k is timeout"), "{said}");
    assert!(said.contains("attempt k_a_0_guest_1 is canceled: out of time: queued deadline of 5 s"), "{said}");
    assert!(said.contains("attempt k_b_0_guest_1 is canceled: out of time: queued deadline of 5 s"), "{said}");
    assert_eq!(core.running().map(|job| job.as_str()).collect::<Vec<_>>(), ["j"]);
}

#[test]
fn a_job_that_has_started_is_not() {
    let (core, said) = play(2, &format!("{WAITS}\n3 end j a 0 g success\n5002 tick"));
    assert!(said.contains("job k is running") && !said.contains("job k is timeout"), "{said}");
    assert_eq!(core.running().map(|job| job.as_str()).collect::<Vec<_>>(), ["k"]);
    let (_, said) = play(2, &format!("{WAITS}\n3 end j a 0 g success\n100001 tick"));
    assert!(said.contains("* stop k_a_0_guest_1: out of time"), "{said}");
}
