//! Reruns together with restarts of the node, as scripts (`script`). Not for: other decisions (`decisions`).

use expect_test::{Expect, expect};

use crate::script::play;

fn check(script: &str, expected: &Expect) {
    expected.assert_eq(&play(2, script).1);
}

/// So many failed runs of one task, each after the first a rerun; then so many restarts of the node during the last rerun.
fn reruns_and_restarts(runs: u32, restarts: u32) -> String {
    let line = |i: u32| format!("{} end j a {i} g failed\n{} rerun j a\n", 1000 + 10 * i, 1005 + 10 * i);
    let begin = format!("1000 submit j a:g timeout=10000000\n{}", (0..runs).map(line).collect::<String>());
    play(2, &(0..restarts).fold(begin, |script, i| format!("{script}{} restart\n", 100_000 + i))).1
}

#[test]
fn only_restarts_count_as_restarts() {
    let out = reruns_and_restarts(30, 20);
    assert!(out.ends_with("  * start j_a_50_guest_1\n"), "{out}");
    let out = reruns_and_restarts(30, 21);
    assert!(out.contains("attempt j_a_50_guest_1 is canceled") && !out.contains("j_a_51"), "{out}");
    assert!(out.contains("job j is canceled"), "{out}");
}

#[test]
fn a_failure_before_a_rerun_does_not_stop_it_when_the_node_restarts() {
    check(
        "0 submit j a:g b:g
         1 end j a 0 g failed
         2 end j b 0 g success
         3 rerun j b
         4 restart
         5 end j b 2 g success",
        &expect![[r#"
            0 submit j a:g b:g
              task j_a v0 is running
              attempt j_a_0_guest_1 is running
              task j_b v0 is running
              attempt j_b_0_guest_1 is running
              job j is running, 0 %
              * start j_a_0_guest_1
              * start j_b_0_guest_1
              wake at 1000000
            1 end j a 0 g failed
              attempt j_a_0_guest_1 is failed: no luck
              task j_a v0 is failed
              job j is running, 50 %
              * stop j_b_0_guest_1
            2 end j b 0 g success
              attempt j_b_0_guest_1 is success
              task j_b v0 is success
              job j is failed, 100 %
              * finish j: failed
              wake never
            3 rerun j b
              job j is waiting, 0 %
              task j_b gets v1, 0 retries left
              task j_b v1 is running
              attempt j_b_1_guest_1 is running
              job j is running, 50 %
              * start j_b_1_guest_1
              wake at 1000003
            4 restart
              attempt j_b_1_guest_1 is canceled: the node was restarted
              task j_b v1 is canceled
              task j_b gets v2, 0 retries left
              task j_b v2 is running
              attempt j_b_2_guest_1 is running
              * start j_b_2_guest_1
            5 end j b 2 g success
              attempt j_b_2_guest_1 is success
              task j_b v2 is success
              job j is failed, 100 %
              * finish j: failed
              wake never
        "#]],
    );
}
