//! WASI without any SDK in between: clocks, polls, standard output, randomness, the end of the process. Not for: files
//! (`probe`).

use parcae_domain::grant::Grant;

use super::Hand;
use super::apis::{CLOCK, EXIT, RANDOM, STDOUT};

/// The attacks.
pub const ATTACKS: &[Hand] = &[
    Hand::fails("ends_its_process_well", "(call $exit (i32.const 0))", &["it called exit(0)"]).uses(&[&EXIT]),
    Hand::fails("ends_its_process_badly", "(call $exit (i32.const 1))", &["it called exit(1)"]).uses(&[&EXIT]),
    Hand::fails("ends_its_process_in_no_way", "(call $exit (i32.const 5))", &["invalid expected discriminant"])
        .uses(&[&EXIT]),
    Hand::well("waits_for_a_clock_that_stands_still", "(call $block (call $alarm (i64.const 1000000000000000000)))")
        .uses(&[&CLOCK]),
    Hand::late("waits_for_a_real_clock_for_ever", "(call $block (call $alarm (i64.const -1)))")
        .uses(&[&CLOCK])
        .grants(&[Grant::Clock]),
    Hand::fails(
        "polls_nothing",
        "(call $poll (i32.const 80000) (i32.const 0) (i32.const 70000))",
        &["empty poll list"],
    )
    .uses(&[&CLOCK]),
    Hand::well(
        "polls_one_thing_forty_thousand_times",
        "(local $h i32) (local $n i32) (local.set $h (call $alarm (i64.const 0))) (local.set $n (i32.const \
         100000)) (loop $l (i32.store (local.get $n) (local.get $h)) (br_if $l (i32.lt_u (local.tee $n (i32.add \
         (local.get $n) (i32.const 4))) (i32.const 260000)))) (call $poll (i32.const 100000) (i32.const 40000) \
         (i32.const 80000)) (if (i32.ne (i32.load (i32.const 80004)) (i32.const 40000)) (then unreachable))",
    )
    .uses(&[&CLOCK])
    .room("(i32.const 100000)"),
    Hand::fails(
        "polls_forged_handles",
        "(memory.fill (i32.const 100000) (i32.const 0x11) (i32.const 400)) (call $poll (i32.const 100000) \
         (i32.const 100) (i32.const 80000))",
        &["unknown handle index"],
    )
    .uses(&[&CLOCK]),
    Hand::fails(
        "polls_more_than_its_memory_holds",
        "(call $poll (i32.const 100000) (i32.const 1000000) (i32.const 80000))",
        &["list pointer/length out of bounds of memory"],
    )
    .uses(&[&CLOCK]),
    Hand::fails(
        "prints_more_than_it_may",
        "(call $print (call $stdout) (i32.const 0) (i32.const 65537) (i32.const 80000))",
        &["more bytes were written than check-write allows"],
    )
    .uses(&[&STDOUT]),
    Hand::fails(
        "prints_noughts_without_end",
        "(call $zeroes (call $stdout) (i64.const -1) (i32.const 80000))",
        &["cannot write more zeroes than"],
    )
    .uses(&[&STDOUT]),
    Hand::late(
        "prints_one_line_that_never_ends",
        "(local $h i32) (local.set $h (call $stdout)) (memory.fill (i32.const 90000) (i32.const 0x1b) (i32.const \
         65536)) (loop $l (call $print (local.get $h) (i32.const 90000) (i32.const 65536) (i32.const 80000)) (br \
         $l))",
    )
    .uses(&[&STDOUT])
    .limits(&[("log_bytes", 65_536)]),
    Hand::fails(
        "opens_standard_output_without_end",
        "(loop $l (drop (call $stdout)) (br $l))",
        &["limit handles reached"],
    )
    .uses(&[&STDOUT])
    .limits(&[("handles", 500)]),
    Hand::fails(
        "draws_more_than_there_is",
        "(call $random (i64.const -1) (i32.const 80000))",
        &["limit random_bytes reached"],
    )
    .uses(&[&RANDOM]),
    Hand::fails(
        "draws_all_that_it_may",
        "(loop $l (call $random (i64.const 60000) (i32.const 80000)) (br $l))",
        &["limit random_total_bytes reached"],
    )
    .uses(&[&RANDOM])
    .room("(i32.const 100000)")
    .limits(&[("random_total_bytes", 1 << 20)]),
];
