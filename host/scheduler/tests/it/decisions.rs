//! Scripts of events, and the decisions that follow from them. `UPDATE_EXPECT=1 cargo test` writes the snapshots anew.
//! Not for: random jobs (`simulation`).

use expect_test::{Expect, expect};
use parcae_domain::id::JobId;
use parcae_scheduler::Core;

use crate::script::play;

fn check(script: &str, expected: &Expect) {
    expected.assert_eq(&play(2, script).1);
}

#[test]
fn tasks_run_after_their_inputs() {
    check(
        "0 submit j a:gh b:g<a
         5 end j a 0 g success
         6 end j a 0 h success
         9 end j b 0 g success
         9 end j b 0 g success",
        &expect![[r#"
            0 submit j a:gh b:g<a
              task j_a v0 is running
              attempt j_a_0_guest_1 is running
              attempt j_a_0_host_2 is running
              job j is running, 0 %
              * start j_a_0_guest_1
              * start j_a_0_host_2
              wake at 1000000
            5 end j a 0 g success
              attempt j_a_0_guest_1 is success
            6 end j a 0 h success
              attempt j_a_0_host_2 is success
              task j_a v0 is success
              task j_b v0 is running
              attempt j_b_0_guest_1 is running
              job j is running, 50 %
              * start j_b_0_guest_1
            9 end j b 0 g success
              attempt j_b_0_guest_1 is success
              task j_b v0 is success
              job j is success, 100 %
              * finish j: success
              wake never
            9 end j b 0 g success
        "#]],
    );
}

#[test]
fn a_failure_is_tried_again_at_all_parties_after_a_delay() {
    check(
        "0 submit j a:gh retries=1 delay=5
         10 end j a 0 g failed
         11 end j a 0 h canceled
         12 tick
         5011 tick
         5020 end j a 1 h timeout
         5021 end j a 0 g success
         5022 end j a 1 g success",
        &expect![[r#"
            0 submit j a:gh retries=1 delay=5
              task j_a v0 is running
              attempt j_a_0_guest_1 is running
              attempt j_a_0_host_2 is running
              job j is running, 0 %
              * start j_a_0_guest_1
              * start j_a_0_host_2
              wake at 1000000
            10 end j a 0 g failed
              attempt j_a_0_guest_1 is failed: no luck
              * stop j_a_0_host_2
            11 end j a 0 h canceled
              attempt j_a_0_host_2 is canceled
              task j_a v0 is failed
              task j_a gets v1, 0 retries left
              wake at 5011
            12 tick
            5011 tick
              task j_a v1 is running
              attempt j_a_1_guest_1 is running
              attempt j_a_1_host_2 is running
              * start j_a_1_guest_1
              * start j_a_1_host_2
              wake at 1000000
            5020 end j a 1 h timeout
              attempt j_a_1_host_2 is timeout
              * stop j_a_1_guest_1
            5021 end j a 0 g success
            5022 end j a 1 g success
              attempt j_a_1_guest_1 is success
              task j_a v1 is timeout
              job j is timeout, 100 %
              * finish j: timeout
              wake never
        "#]],
    );
}

#[test]
fn what_would_fail_again_is_not_tried_again() {
    check(
        "0 submit j a:g retries=3
         1 end j a 0 g failed final",
        &expect![[r#"
            0 submit j a:g retries=3
              task j_a v0 is running
              attempt j_a_0_guest_1 is running
              job j is running, 0 %
              * start j_a_0_guest_1
              wake at 1000000
            1 end j a 0 g failed final
              attempt j_a_0_guest_1 is failed: no luck
              task j_a v0 is failed
              job j is failed, 100 %
              * finish j: failed
              wake never
        "#]],
    );
}

#[test]
fn a_failed_task_stops_the_others_and_leaves_the_rest_waiting() {
    check(
        "0 submit j a:g b:g c:g<a,b
         1 end j a 0 g failed
         2 end j b 0 g failed",
        &expect![[r#"
            0 submit j a:g b:g c:g<a,b
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
              job j is running, 33 %
              * stop j_b_0_guest_1
            2 end j b 0 g failed
              attempt j_b_0_guest_1 is canceled: no luck
              task j_b v0 is canceled
              job j is failed, 66 %
              * finish j: failed
              wake never
        "#]],
    );
}

#[test]
fn a_stop_cancels_what_waits_and_stops_what_runs() {
    check(
        "0 submit j a:g b:g<a
         1 submit k a:g
         2 stop k canceled
         3 stop j canceled
         4 stop j canceled
         5 end j a 0 g canceled",
        &expect![[r#"
            0 submit j a:g b:g<a
              task j_a v0 is running
              attempt j_a_0_guest_1 is running
              job j is running, 0 %
              * start j_a_0_guest_1
              wake at 1000000
            1 submit k a:g
            2 stop k canceled
              task k_a v0 is canceled
              attempt k_a_0_guest_1 is canceled
              job k is canceled, 100 %
              * finish k: canceled
            3 stop j canceled
              task j_b v0 is canceled
              attempt j_b_0_guest_1 is canceled
              job j is running, 50 %
              * stop j_a_0_guest_1
              wake never
            4 stop j canceled
            5 end j a 0 g canceled
              attempt j_a_0_guest_1 is canceled
              task j_a v0 is canceled
              job j is canceled, 100 %
              * finish j: canceled
        "#]],
    );
}

#[test]
fn a_job_out_of_time_is_stopped_and_need_run_false_passes() {
    check(
        "0 submit j a:G b:g<a timeout=10
         1 end j a 0 g success
         10000 tick
         10001 end j b 0 g failed",
        &expect![[r#"
            0 submit j a:G b:g<a timeout=10
              task j_a v0 is running
              attempt j_a_0_guest_1 is running
              job j is running, 0 %
              * start j_a_0_guest_1
              wake at 10000
            1 end j a 0 g success
              attempt j_a_0_guest_1 is pass
              task j_a v0 is success
              task j_b v0 is running
              attempt j_b_0_guest_1 is running
              job j is running, 50 %
              * start j_b_0_guest_1
            10000 tick
              * stop j_b_0_guest_1: out of time
              wake never
            10001 end j b 0 g failed
              attempt j_b_0_guest_1 is timeout: no luck
              task j_b v0 is timeout
              job j is timeout, 100 %
              * finish j: timeout
        "#]],
    );
}

#[test]
fn a_restart_gives_new_versions_to_what_ran() {
    check(
        "0 submit j a:g b:gh<a
         1 end j a 0 g success
         2 end j b 0 g success
         3 restart
         4 end j b 0 h success
         5 end j b 1 g success
         6 end j b 1 h success",
        &expect![[r#"
            0 submit j a:g b:gh<a
              task j_a v0 is running
              attempt j_a_0_guest_1 is running
              job j is running, 0 %
              * start j_a_0_guest_1
              wake at 1000000
            1 end j a 0 g success
              attempt j_a_0_guest_1 is success
              task j_a v0 is success
              task j_b v0 is running
              attempt j_b_0_guest_1 is running
              attempt j_b_0_host_2 is running
              job j is running, 50 %
              * start j_b_0_guest_1
              * start j_b_0_host_2
            2 end j b 0 g success
              attempt j_b_0_guest_1 is success
            3 restart
              attempt j_b_0_host_2 is canceled: the node was restarted
              task j_b v0 is canceled
              task j_b gets v1, 0 retries left
              task j_b v1 is running
              attempt j_b_1_guest_1 is running
              attempt j_b_1_host_2 is running
              * start j_b_1_guest_1
              * start j_b_1_host_2
            4 end j b 0 h success
            5 end j b 1 g success
              attempt j_b_1_guest_1 is success
            6 end j b 1 h success
              attempt j_b_1_host_2 is success
              task j_b v1 is success
              job j is success, 100 %
              * finish j: success
              wake never
        "#]],
    );
}

#[test]
fn a_rerun_goes_on_behind_what_ended_well() {
    check(
        "0 submit j a:g b:g c:g<a,b
         1 end j a 0 g failed
         2 end j b 0 g success
         3 rerun j
         4 end j a 1 g success
         5 end j c 0 g success
         6 rerun j
         7 rerun j b",
        &expect![[r#"
            0 submit j a:g b:g c:g<a,b
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
              job j is running, 33 %
              * stop j_b_0_guest_1
            2 end j b 0 g success
              attempt j_b_0_guest_1 is success
              task j_b v0 is success
              job j is failed, 66 %
              * finish j: failed
              wake never
            3 rerun j
              job j is waiting, 0 %
              task j_a gets v1, 0 retries left
              task j_a v1 is running
              attempt j_a_1_guest_1 is running
              job j is running, 33 %
              * start j_a_1_guest_1
              wake at 1000003
            4 end j a 1 g success
              attempt j_a_1_guest_1 is success
              task j_a v1 is success
              task j_c v0 is running
              attempt j_c_0_guest_1 is running
              job j is running, 66 %
              * start j_c_0_guest_1
            5 end j c 0 g success
              attempt j_c_0_guest_1 is success
              task j_c v0 is success
              job j is success, 100 %
              * finish j: success
              wake never
            6 rerun j
            7 rerun j b
              job j is waiting, 0 %
              task j_b gets v1, 0 retries left
              task j_c gets v1, 0 retries left
              task j_b v1 is running
              attempt j_b_1_guest_1 is running
              job j is running, 33 %
              * start j_b_1_guest_1
              wake at 1000007
        "#]],
    );
}

#[test]
fn the_first_job_of_the_queue_blocks_the_others() {
    let names = |core: &Core| {
        let list = |ids: Vec<&JobId>| ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" ");
        format!("{} | {}", list(core.running().collect()), list(core.waiting().collect()))
    };
    let script = "0 submit j a:g cores=2\n1 submit k a:g cores=9\n2 submit l a:g cores=1";
    assert_eq!(names(&play(4, script).0), "j | k l");
    let script = format!("{script}\n3 end j a 0 g success");
    assert_eq!(names(&play(4, &script).0), "k | l");
    let script = format!("{script}\n4 end k a 0 g success\n5 submit m a:g cores=3\n6 submit n a:g cores=1");
    assert_eq!(names(&play(4, &script).0), "l m | n");
}

#[test]
fn local_jobs_run_at_once_up_to_a_bound() {
    let ids = |ids: &mut dyn Iterator<Item = &JobId>| ids.map(|id| id.as_str()).collect::<Vec<_>>().join(" ");
    let names = |core: &Core| format!("{} | {}", ids(&mut core.running()), ids(&mut core.waiting()));
    let uploads: Vec<String> = (0..11).map(|at| format!("{at} submit u{at:02} t:l")).collect();
    let script = uploads.join("\n");
    assert_eq!(names(&play(2, &script).0), "u00 u01 u02 u03 u04 u05 u06 u07 | u08 u09 u10");
    // They stand in nobody's way, and nobody stands in theirs.
    let script = format!("{script}\n20 submit j a:g\n21 submit k a:g\n22 end u03 t 0 l success\n23 stop u09 canceled");
    assert_eq!(names(&play(2, &script).0), "j u00 u01 u02 u04 u05 u06 u07 u08 | u10 k");
    let cores = 5;
    assert_eq!(names(&play(cores, &uploads.join("\n")).0), "u00 u01 u02 u03 u04 u05 u06 u07 u08 u09 | u10");
}
