//! Code that traps, never ends, or takes all that it can. Not for: what it passes to the node (`calls`).

use super::Hand;

/// The attacks.
pub const ATTACKS: &[Hand] = &[
    Hand::fails(
        "divides_by_zero",
        "(drop (i32.div_u (i32.const 1) (local.get 0))) (drop (i32.div_u (i32.const 1) (i32.const 0)))",
        &["integer divide by zero"],
    ),
    Hand::fails(
        "overflows_a_division",
        "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))",
        &["integer overflow"],
    ),
    Hand::fails(
        "converts_what_is_no_number",
        "(drop (i32.trunc_f64_s (f64.const nan)))",
        &["invalid conversion to integer"],
    ),
    Hand::fails(
        "reads_behind_its_memory",
        "(drop (i64.load offset=0xfffffff0 (i32.const -1)))",
        &["out of bounds memory access"],
    ),
    Hand::fails(
        "writes_behind_its_memory",
        "(i64.store (i32.const 262141) (i64.const -1))",
        &["out of bounds memory access"],
    ),
    Hand::fails(
        "copies_across_the_end",
        "(memory.copy (i32.const 262000) (i32.const 0) (i32.const 1000))",
        &["out of bounds memory access"],
    ),
    Hand::fails("calls_no_function", "(call_indirect (type $f) (i32.const 2))", &["uninitialized element"])
        .fields("(type $f (func)) (table 4 funcref)"),
    Hand::fails("calls_behind_its_table", "(call_indirect (type $f) (i32.const 4))", &["undefined element"])
        .fields("(type $f (func)) (table 4 funcref)"),
    Hand::fails(
        "calls_by_another_type",
        "(call_indirect (type $f) (i64.const 1) (i32.const 0))",
        &["indirect call type mismatch"],
    )
    .fields("(type $f (func (param i64))) (table 1 funcref) (func $g) (elem (i32.const 0) $g)"),
    Hand::fails(
        "calls_itself_through_a_table",
        "(call_indirect (type $f) (i32.const 0) (i32.const 0))",
        &["limit stack_bytes reached"],
    )
    .fields(
        "(type $f (func (param i32))) (table 1 funcref) (func $g (type $f) (call_indirect (type $f) \
                 (i32.add (local.get 0) (i32.const 1)) (i32.const 0)) (global.set $n (local.get 0))) (elem \
                 (i32.const 0) $g) (global $n (mut i32) (i32.const 0))",
    ),
    Hand::fails(
        "takes_four_gigabytes_at_once",
        "(drop (memory.grow (i32.const 65000)))",
        &["limit memory_bytes reached"],
    )
    .limits(&[("memory_bytes", 16 << 20)]),
    Hand::fails(
        "grows_eight_memories_by_turns",
        "(loop $l (drop (memory.grow $a (i32.const 8))) (drop (memory.grow $b (i32.const 8))) (drop (memory.grow \
         $c (i32.const 8))) (drop (memory.grow $d (i32.const 8))) (drop (memory.grow $e (i32.const 8))) (drop \
         (memory.grow $f (i32.const 8))) (br $l))",
        &["limit memory_bytes reached", "16777216 are allowed"],
    )
    .fields("(memory $a 0) (memory $b 0) (memory $c 0) (memory $d 0) (memory $e 0) (memory $f 0)")
    .limits(&[("memory_bytes", 16 << 20)]),
    Hand::well(
        "grows_a_memory_in_secret",
        "(local $n i32) (loop $l (drop (memory.grow $a (i32.const 1))) (br_if $l (i32.lt_u (local.tee $n (i32.add \
         (local.get $n) (i32.const 1))) (i32.const 1000000)))) (if (i32.ne (memory.size $a) (i32.const 3)) (then \
         unreachable))",
    )
    .fields("(memory $a 0 3)"),
    Hand::fails(
        "grows_a_table_without_end",
        "(loop $l (drop (table.grow $t (ref.null func) (i32.const 1000))) (br $l))",
        &["limit table_elements reached"],
    )
    .fields("(table $t 0 funcref)"),
    Hand::late(
        "fills_its_memory_without_end",
        "(drop (memory.grow (i32.const 400))) (loop $l (memory.fill (i32.const 262144) (i32.const 7) (i32.const \
         26000000)) (memory.copy (i32.const 262144) (i32.const 300000) (i32.const 26000000)) (br $l))",
    )
    .limits(&[("memory_bytes", 32 << 20)]),
    Hand::late(
        "fills_its_table_without_end",
        "(loop $l (table.fill $t (i32.const 0) (ref.null func) (i32.const 90000)) (br $l))",
    )
    .fields("(table $t 90000 funcref)"),
    Hand::late("spins_in_one_instruction", "(loop $l (br $l))"),
    Hand::late("spins_through_calls", "(loop $l (call $nothing) (br $l))").fields("(func $nothing)"),
    Hand::fails("spins_until_its_processor_time_is_up", "(loop $l (br $l))", &["limit cpu_seconds reached"])
        .limits(&[("cpu_seconds", 1)]),
    Hand::late("returns_by_tail_calls_for_ever", "")
        .fields("(func $g (param i32) (result i32) (return_call $g (i32.add (local.get 0) (i32.const 1))))")
        .returns("(call $g (i32.const 0))"),
];
