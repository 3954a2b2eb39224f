//! Components that misbehave before they have said what they are. More of them, with longer waits: `hostile_raw`.

use expect_test::expect;
use parcae_tests::made::Parts;

use super::{Case, case};

/// What they do.
pub const CASES: &[Case] = &[
    case(
        "a start function that traps",
        || {
            Parts { fields: r#"(memory (export "memory") 2) (func $s unreachable) (start $s)"#, ..Parts::default() }
                .build()
        },
        expect![[r#"
            describe failed: error while executing at wasm backtrace:
            0: 0x_ - m!s: wasm trap: wasm `unreachable` instruction executed
        "#]],
    ),
    case(
        "a start function that never ends",
        || {
            Parts {
                fields: r#"(memory (export "memory") 2) (func $s (loop $l (br $l))) (start $s)"#,
                ..Parts::default()
            }
            .build()
        },
        expect![[r#"
            describe failed: limit describe_seconds reached: it took more than 1 s
            error while executing at wasm backtrace:
            0: 0x_ - m!s
        "#]],
    ),
    case(
        "a start function that takes all memory",
        || {
            Parts {
                fields: r#"(memory (export "memory") 2) (func $s (loop $l (br_if $l (i32.ne (memory.grow
                    (i32.const 100)) (i32.const -1))))) (start $s)"#,
                ..Parts::default()
            }
            .build()
        },
        expect![[r#"
            describe failed: limit describe_memory_bytes reached: the component asked for 72220672 bytes of
            memory, 67108864 are allowed
            error while executing at wasm backtrace:
            0: 0x_ - m!s
        "#]],
    ),
    case(
        "data beyond the memory",
        || {
            Parts { fields: r#"(memory (export "memory") 2) (data (i32.const 131072) "x")"#, ..Parts::default() }
                .build()
        },
        expect![[r#"
            describe failed: wasm trap: out of bounds memory access
        "#]],
    ),
    case(
        "a name for terminals",
        || {
            Parts {
                fields: r#"(memory (export "memory") 2) (func $"\1b[31mred" unreachable) (start $"\1b[31mred")"#,
                ..Parts::default()
            }
            .build()
        },
        expect![[r#"
            describe failed: error while executing at wasm backtrace:
            0: 0x_ - m!�[31mred: wasm trap: wasm `unreachable` instruction executed
        "#]],
    ),
    case(
        "describe that takes all of a table",
        || {
            Parts {
                fields: r#"(memory (export "memory") 2) (table $t 1 funcref)"#,
                describe: "(loop $l (br_if $l (i32.ne (table.grow $t (ref.null func) (i32.const 10000))
                    (i32.const -1)))) (i32.const 0)",
                ..Parts::default()
            }
            .build()
        },
        expect![[r#"
            describe failed: limit table_elements reached: 100001 elements of wasm tables, 100000 are allowed
            error while executing at wasm backtrace:
            0: 0x_ - m!<wasm function 1>
        "#]],
    ),
    case(
        "a description beyond the memory",
        || Parts { describe: "(i32.const -4)", ..Parts::default() }.build(),
        expect![[r#"
            describe failed: what it returns cannot be read: pointer out of bounds of memory
        "#]],
    ),
    case(
        "a description between two words",
        || Parts { describe: "(i32.const 1)", ..Parts::default() }.build(),
        expect![[r#"
            describe failed: what it returns cannot be read: return pointer not aligned
        "#]],
    ),
];
