//! Handles that were forged, dropped, mixed up, and heaped up. Not for: what stands behind them.

use super::Hand;
use super::apis::{BLINDER, CLOCK, CRASHING};

/// The attacks.
pub const ATTACKS: &[Hand] = &[
    Hand::fails("drops_a_forged_handle", "(call $blinder-drop (i32.const 12345))", &["unknown handle index 12345"])
        .uses(&[&BLINDER]),
    Hand::fails("drops_handle_nought", "(call $blinder-drop (i32.const 0))", &["unknown handle index 0"])
        .uses(&[&BLINDER]),
    Hand::fails("drops_the_greatest_handle", "(call $blinder-drop (i32.const -1))", &["unknown handle index"])
        .uses(&[&BLINDER]),
    Hand::fails(
        "drops_a_handle_twice",
        "(local $h i32) (call $blinder-drop (local.tee $h (call $blinder (i32.const 0)))) (call $blinder-drop \
         (local.get $h))",
        &["unknown handle index"],
    )
    .uses(&[&BLINDER]),
    Hand::fails(
        "drops_a_handle_of_another_kind",
        "(call $blinder-drop (call $alarm (i64.const 1)))",
        &["used with the wrong type"],
    )
    .uses(&[&BLINDER, &CLOCK]),
    Hand::fails(
        "waits_for_a_handle_of_another_kind",
        "(call $block (call $blinder (i32.const 0)))",
        &["used with the wrong type"],
    )
    .uses(&[&BLINDER, &CLOCK]),
    Hand::fails(
        "waits_for_a_handle_that_it_dropped",
        "(local $h i32) (call $alarm-drop (local.tee $h (call $alarm (i64.const 1)))) (call $block (local.get \
         $h))",
        &["unknown handle index"],
    )
    .uses(&[&CLOCK]),
    Hand::fails(
        "passes_its_own_thing_for_the_nodes",
        "(call $blinder-drop (call $new (i32.const 1)))",
        &["used with the wrong type"],
    )
    .uses(&[&BLINDER, &CRASHING]),
    Hand::fails(
        "makes_a_secret_of_no_group",
        "(drop (call $blinder (i32.const 77)))",
        &["unexpected discriminant: 77"],
    )
    .uses(&[&BLINDER]),
    Hand::fails(
        "tries_all_handles_in_a_row",
        "(local $h i32) (loop $l (call $blinder-drop (local.tee $h (i32.add (local.get $h) (i32.const 1)))) (br \
         $l))",
        &["unknown handle index"],
    )
    .uses(&[&BLINDER]),
    Hand::fails(
        "makes_handles_without_end",
        "(loop $l (drop (call $blinder (i32.const 0))) (br $l))",
        &["limit handles reached"],
    )
    .uses(&[&BLINDER])
    .limits(&[("handles", 500)]),
    Hand::late(
        "makes_and_drops_handles_for_a_second",
        "(loop $l (call $blinder-drop (call $blinder (i32.const 0))) (br $l))",
    )
    .uses(&[&BLINDER]),
    Hand::fails(
        "subscribes_without_end",
        "(loop $l (drop (call $alarm (i64.const -1))) (br $l))",
        &["limit handles reached"],
    )
    .uses(&[&CLOCK])
    .limits(&[("handles", 500)]),
    Hand::fails(
        "makes_things_of_its_own_without_end",
        "(loop $l (drop (call $new (i32.const 7))) (br $l))",
        &["handle limit exceeded"],
    )
    .uses(&[&CRASHING]),
];
