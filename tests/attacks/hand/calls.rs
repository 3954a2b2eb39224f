//! What is passed to the node in a call: places behind the memory, lengths that wrap around, cases that do not exist.
//! Not for: handles (`handles`), the answer of `run` (`abi`).

use super::Hand;
use super::apis::{CONTEXT, LOG, TABLES};

/// What is said of a list that is not all in the memory.
const NO_LIST: &[&str] = &["list pointer/length out of bounds of memory"];
/// And of a text.
const NO_TEXT: &[&str] = &["string pointer/length out of bounds of memory"];
/// And of a list that begins between two words.
const CROOKED: &[&str] = &["list pointer is not aligned"];

/// Code that begins the table `data`: type and meaning of its one column, where the columns are, how many. The answer
/// is at 80400.
macro_rules! create {
    ($type:literal, $meaning:literal, $columns:literal, $count:literal) => {
        concat!(
            "(i32.store (i32.const 80000) (i32.const 80100)) (i32.store (i32.const 80004) (i32.const 2)) ",
            "(i32.store8 (i32.const 80008) (i32.const ",
            $type,
            ")) (i32.store8 (i32.const 80009) (i32.const ",
            $meaning,
            ")) (i32.store16 (i32.const 80100) (i32.const 0x6469)) (i32.store16 (i32.const 80200) (i32.const 0x7d7b)) ",
            "(i32.store (i32.const 80300) (i32.const 0x61746164)) (call $create (i32.const 80300) (i32.const 4) ",
            "(i32.const ",
            $columns,
            ") (i32.const ",
            $count,
            ") (i32.const 80200) (i32.const 2) (i32.const 1) (i32.const 80400)) "
        )
    };
}

/// Code that begins it rightly and goes on with this.
macro_rules! begun {
    ($($then:tt)*) => {
        concat!(
            create!("0", "0", "80000", "1"),
            "(if (i32.load8_u (i32.const 80400)) (then unreachable)) ",
            $($then)*
        )
    };
}

/// Code that appends a page of one row: whether there is a validity and where its bytes are, which kind of values there
/// are and where, how many. The answer is at 80800.
macro_rules! append {
    ([$valid:literal, $bits:literal, $bytes:literal], [$kind:literal, $values:literal, $count:literal]) => {
        append!([$valid, $bits, $bytes], [$kind, $values, $count], "80600", "1")
    };
    (
        [$valid:literal, $bits:literal, $bytes:literal],
        [$kind:literal, $values:literal, $count:literal],
        $columns:literal,
        $length:literal
    ) => {
        concat!(
            "(i32.store8 (i32.const 80600) (i32.const ",
            $valid,
            ")) (i32.store (i32.const 80604) (i32.const ",
            $bits,
            ")) (i32.store (i32.const 80608) (i32.const ",
            $bytes,
            ")) (i32.store8 (i32.const 80612) (i32.const ",
            $kind,
            ")) (i32.store (i32.const 80616) (i32.const ",
            $values,
            ")) (i32.store (i32.const 80620) (i32.const ",
            $count,
            ")) (i32.store (i32.const 80624) (i32.const 80100)) (i32.store (i32.const 80628) (i32.const 2)) ",
            "(i32.store (i32.const 80640) (i32.const 0)) (i32.store (i32.const 80644) (i32.const 2)) ",
            "(call $append (i32.load (i32.const 80404)) (i32.const 1) (i32.const ",
            $columns,
            ") (i32.const ",
            $length,
            ") (i32.const 80800)) "
        )
    };
}

/// No validity, and the values are the text `id`.
macro_rules! good_row {
    () => {
        append!(["0", "0", "0"], ["0", "80640", "2"])
    };
}

const fn log(name: &'static str, run: &'static str, says: &'static [&'static str]) -> Hand {
    Hand::fails(name, run, says).uses(&[&LOG])
}

const fn table(name: &'static str, run: &'static str, says: &'static [&'static str]) -> Hand {
    Hand::fails(name, run, says).uses(&[&TABLES])
}

/// The attacks.
pub const ATTACKS: &[Hand] = &[
    log("logs_from_behind_its_memory", "(call $write (i32.const 1) (i32.const 262143) (i32.const 2))", NO_TEXT),
    log("logs_a_line_of_a_negative_length", "(call $write (i32.const 1) (i32.const 16) (i32.const -1))", NO_TEXT),
    log("logs_from_an_address_that_wraps", "(call $write (i32.const 1) (i32.const -16) (i32.const 32))", NO_TEXT),
    log(
        "logs_what_is_no_text",
        "(i32.store (i32.const 80000) (i32.const 0xfffefdfc)) (call $write (i32.const 1) (i32.const 80000) \
         (i32.const 4))",
        &["invalid utf-8"],
    ),
    log(
        "logs_half_a_character",
        "(i32.store8 (i32.const 80000) (i32.const 0xc3)) (call $write (i32.const 1) (i32.const 80000) (i32.const 1))",
        &["utf-8"],
    ),
    log(
        "logs_at_no_level",
        "(call $write (i32.const 9) (i32.const 16) (i32.const 4))",
        &["unexpected discriminant: 9"],
    ),
    log(
        "logs_more_than_a_call_may_have",
        "(call $write (i32.const 1) (i32.const 0) (i32.const 200000))",
        &["limit call_bytes reached"],
    )
    .limits(&[("call_bytes", 100_000)]),
    Hand::fails("wants_an_answer_behind_its_memory", "(call $context (i32.const 262136))", &["pointer out of bounds"])
        .uses(&[&CONTEXT]),
    Hand::fails("wants_an_answer_between_two_words", "(call $context (i32.const 80001))", &["pointer not aligned"])
        .uses(&[&CONTEXT]),
    table("begins_a_table_with_columns_behind_its_memory", create!("0", "0", "262140", "1"), NO_LIST),
    table("begins_a_table_with_more_columns_than_bytes", create!("0", "0", "80000", "0x20000000"), NO_LIST),
    table("begins_a_table_with_columns_between_two_words", create!("0", "0", "80001", "1"), CROOKED),
    table(
        "begins_a_table_with_a_type_that_is_none",
        create!("99", "0", "80000", "1"),
        &["unexpected discriminant: 99"],
    ),
    table(
        "begins_a_table_with_a_meaning_that_is_none",
        create!("0", "250", "80000", "1"),
        &["unexpected discriminant: 250"],
    ),
    // The node would have to copy 900 MB.
    table(
        "names_many_columns_by_one_long_text",
        concat!(
            "(local $n i32) (memory.fill (i32.const 0) (i32.const 0x61) (i32.const 60000)) ",
            "(local.set $n (i32.const 80400)) (loop $l (i32.store offset=4 (local.get $n) (i32.const 60000)) ",
            "(br_if $l (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 12))) (i32.const 260400)))) ",
            "(call $create (i32.const 0) (i32.const 4) (i32.const 80400) (i32.const 15000) (i32.const 0) ",
            "(i32.const 2) (i32.const 1) (i32.const 80000))"
        ),
        &["limit call_bytes reached"],
    ),
    table(
        "appends_columns_behind_its_memory",
        begun!(append!(["0", "0", "0"], ["0", "80640", "2"], "262136", "9")),
        NO_LIST,
    ),
    table(
        "appends_four_billion_columns",
        begun!(append!(["0", "0", "0"], ["0", "80640", "2"], "80600", "0xffffffff")),
        NO_LIST,
    ),
    table(
        "appends_values_of_no_kind",
        begun!(append!(["0", "0", "0"], ["9", "80640", "2"])),
        &["unexpected discriminant: 9"],
    ),
    table(
        "appends_a_validity_that_is_neither",
        begun!(append!(["7", "0", "0"], ["0", "80640", "2"])),
        &["invalid option discriminant"],
    ),
    table(
        "appends_a_validity_from_behind_its_memory",
        begun!(append!(["1", "262144", "1"], ["0", "80640", "2"])),
        NO_LIST,
    ),
    table("appends_numbers_between_two_words", begun!(append!(["0", "0", "0"], ["1", "80644", "1"])), CROOKED),
    table(
        "appends_numbers_whose_bytes_wrap_around",
        begun!(append!(["0", "0", "0"], ["1", "80640", "0x20000001"])),
        NO_LIST,
    ),
    table("appends_offsets_from_behind_its_memory", begun!(append!(["0", "0", "0"], ["0", "262140", "2"])), NO_LIST),
    table(
        "appends_to_a_writer_that_it_dropped",
        begun!(concat!("(call $writer-drop (i32.load (i32.const 80404))) ", good_row!())),
        &["unknown handle index"],
    ),
    Hand::well(
        "drops_a_writer_between_two_pages",
        begun!(concat!(
            good_row!(),
            "(if (i32.load8_u (i32.const 80800)) (then unreachable)) (call $writer-drop (i32.load (i32.const 80404)))"
        )),
    )
    .uses(&[&TABLES]),
];
