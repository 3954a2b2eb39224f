//! What a component hands to the node beside its calls: where results are, where room is, what runs when all seems
//! done. Not for: handles (`handles`).

use super::Hand;
use super::apis::{BLINDER, CONTEXT, CRASHING, ENDLESS};

/// The attacks.
pub const ATTACKS: &[Hand] = &[
    Hand::fails("returns_a_place_behind_its_memory", "", &["pointer out of bounds of memory"])
        .returns("(i32.const -4)"),
    Hand::fails("returns_a_place_between_two_words", "", &["return pointer not aligned"]).returns("(i32.const 70001)"),
    Hand::fails(
        "returns_a_result_of_no_kind",
        "(i32.store8 (i32.const 70000) (i32.const 9))",
        &["invalid expected discriminant"],
    ),
    Hand::fails(
        "fails_of_no_kind",
        "(i32.store8 (i32.const 70000) (i32.const 1)) (i32.store8 (i32.const 70004) (i32.const 200))",
        &["unexpected discriminant: 200"],
    ),
    Hand::fails(
        "fails_with_words_from_behind_its_memory",
        "(i32.store8 (i32.const 70000) (i32.const 1)) (i32.store (i32.const 70008) (i32.const 262140)) (i32.store \
         (i32.const 70012) (i32.const 5))",
        &["string pointer/length out of bounds of memory"],
    ),
    Hand::fails(
        "fails_with_words_of_a_negative_length",
        "(i32.store8 (i32.const 70000) (i32.const 1)) (i32.store (i32.const 70008) (i32.const 16)) (i32.store \
         (i32.const 70012) (i32.const -1))",
        &["string pointer/length out of bounds of memory"],
    ),
    Hand::fails(
        "fails_with_words_that_are_no_text",
        "(i32.store8 (i32.const 70000) (i32.const 1)) (i32.store8 (i32.const 80000) (i32.const 0xff)) (i32.store \
         (i32.const 70008) (i32.const 80000)) (i32.store (i32.const 70012) (i32.const 1))",
        &["invalid utf-8"],
    ),
    Hand::fails(
        "fails_with_words_for_terminals",
        "(i32.store8 (i32.const 70000) (i32.const 1)) (memory.fill (i32.const 80000) (i32.const 0x1b) (i32.const \
         100000)) (i32.store (i32.const 70008) (i32.const 80000)) (i32.store (i32.const 70012) (i32.const \
         100000))",
        &["\u{fffd}\u{fffd}\u{fffd}"],
    ),
    Hand::fails(
        "fails_with_more_words_than_a_call_may_have",
        "(i32.store8 (i32.const 70000) (i32.const 1)) (i32.store (i32.const 70008) (i32.const 16)) (i32.store \
         (i32.const 70012) (i32.const 200000))",
        &["limit call_bytes reached"],
    )
    .limits(&[("call_bytes", 100_000)]),
    Hand::fails("has_room_behind_its_memory", "", &["realloc return: beyond end of memory"]).realloc("(i32.const -1)"),
    Hand::late("has_room_that_never_comes", "").realloc("(loop $l (br $l)) unreachable"),
    Hand::fails("has_room_only_in_a_crash", "", &["unreachable"]).realloc("unreachable"),
    Hand::fails("has_room_in_ever_deeper_calls", "", &["limit stack_bytes reached"])
        .realloc("(call 0 (local.get 0) (local.get 1) (local.get 2) (local.get 3)) (i32.add (i32.const 1))"),
    Hand::fails("has_room_in_all_memory_that_there_is", "", &["limit memory_bytes reached"])
        .realloc("(loop $l (drop (memory.grow (i32.const 64))) (br $l)) unreachable")
        .limits(&[("memory_bytes", 16 << 20)]),
    Hand::fails("calls_the_node_while_it_looks_for_room", "", &["cannot leave component instance"])
        .uses(&[&BLINDER])
        .realloc("(drop (call $blinder (i32.const 0))) (i32.const 65536)"),
    Hand::fails(
        "has_room_between_two_words",
        "(call $context (i32.const 80000))",
        &["realloc return: result not aligned"],
    )
    .uses(&[&CONTEXT])
    .room("(i32.const 131073)"),
    Hand::fails(
        "has_no_room_for_an_answer",
        "(call $context (i32.const 80000))",
        &["realloc return: beyond end of memory"],
    )
    .uses(&[&CONTEXT])
    .room("(i32.const 262143)"),
    Hand::well("has_one_room_for_everything", "(call $context (i32.const 80000))")
        .uses(&[&CONTEXT])
        .room("(i32.const 80000)"),
    Hand::well("has_room_at_nought", "(call $context (i32.const 80000))").uses(&[&CONTEXT]).room("(i32.const 0)"),
    Hand::fails("crashes_when_it_is_done", "", &["unreachable"]).post("unreachable"),
    Hand::late("never_ends_when_it_is_done", "").post("(loop $l (br $l))"),
    Hand::fails("calls_the_node_when_it_is_done", "", &["cannot leave component instance"])
        .uses(&[&BLINDER])
        .post("(drop (call $blinder (i32.const 0)))"),
    Hand::fails("crashes_in_a_destructor", "(call $end (call $new (i32.const 7)))", &["unreachable"])
        .uses(&[&CRASHING]),
    Hand::late("never_leaves_a_destructor", "(call $end (call $new (i32.const 7)))").uses(&[&ENDLESS]),
    Hand::well(
        "leaves_things_with_destructors_behind",
        "(local $n i32) (loop $l (drop (call $new (i32.const 7))) (br_if $l (i32.lt_u (local.tee $n (i32.add \
         (local.get $n) (i32.const 1))) (i32.const 50000))))",
    )
    .uses(&[&CRASHING]),
];
