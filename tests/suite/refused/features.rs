//! Components with features of WebAssembly that nodes leave out, and with more of something than is allowed.

use expect_test::expect;
use parcae_tests::made::{Parts, wat};

use super::{Case, case};

/// A component whose module has a field so many times, beside its memory.
fn repeated(field: &str, count: usize) -> Vec<u8> {
    let fields = format!(r#"(memory (export "memory") 2){}"#, field.repeat(count));
    Parts { fields: &fields, ..Parts::default() }.build()
}

/// A component of so many core instances beside its own.
fn instances(count: usize) -> Vec<u8> {
    let more = format!("(core module $e) {} (core instance $i", "(core instance (instantiate $e)) ".repeat(count));
    wat(&Parts::default().text().replace("(core instance $i", &more))
}

/// Features that are left out.
pub const FEATURES: &[Case] = &[
    case(
        "shared memory",
        || wat("(component (core module (memory 1 2 shared)))"),
        expect![[r#"
            not a WebAssembly component that this node can run: threads must be enabled for shared memories (at
            offset 0x_); no node has this feature of WebAssembly; build it without threads, 64-bit memories,
            exceptions, garbage collection, relaxed SIMD and async
        "#]],
    ),
    case(
        "a memory of 64 bits",
        || wat("(component (core module (memory i64 1)))"),
        expect![[r#"
            not a WebAssembly component that this node can run: memory64 must be enabled for 64-bit memories (at
            offset 0x_); no node has this feature of WebAssembly; build it without threads, 64-bit memories,
            exceptions, garbage collection, relaxed SIMD and async
        "#]],
    ),
    case(
        "threads",
        || wat("(component (core module (memory 1) (func (drop (i32.atomic.load (i32.const 0))))))"),
        expect![[r#"
            not a WebAssembly component that this node can run: threads support is not enabled (at offset 0x_);
            no node has this feature of WebAssembly; build it without threads, 64-bit memories, exceptions,
            garbage collection, relaxed SIMD and async
        "#]],
    ),
    case(
        "relaxed SIMD",
        || {
            wat(r#"(component (core module (func (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0)
            (local.get 1)))))"#)
        },
        expect![[r#"
            not a WebAssembly component that this node can run: relaxed SIMD support is not enabled (at offset
            0x_); no node has this feature of WebAssembly; build it without threads, 64-bit memories,
            exceptions, garbage collection, relaxed SIMD and async
        "#]],
    ),
    case(
        "exceptions",
        || wat("(component (core module (tag $t) (func (throw $t))))"),
        expect![[r#"
            not a WebAssembly component that this node can run: exceptions proposal not enabled (at offset 0x_);
            no node has this feature of WebAssembly; build it without threads, 64-bit memories, exceptions,
            garbage collection, relaxed SIMD and async
        "#]],
    ),
    case(
        "garbage collection",
        || wat("(component (core module (type (struct (field i32)))))"),
        expect![[r#"
            not a WebAssembly component that this node can run: struct indexed types not supported without the
            gc feature (at offset 0x_); no node has this feature of WebAssembly; build it without threads,
            64-bit memories, exceptions, garbage collection, relaxed SIMD and async
        "#]],
    ),
    case(
        "stack switching",
        || wat("(component (core module (type $f (func)) (type $c (cont $f))))"),
        expect![[r#"
            not a WebAssembly component that this node can run: cannot define continuation types when stack
            switching is disabled (at offset 0x_); no node has this feature of WebAssembly; build it without
            threads, 64-bit memories, exceptions, garbage collection, relaxed SIMD and async
        "#]],
    ),
    case(
        "pages of one byte",
        || wat("(component (core module (memory 1 (pagesize 1))))"),
        expect![[r#"
            not a WebAssembly component that this node can run: the custom page sizes proposal must be enabled
            to customize a memory's page size (at offset 0x_); no node has this feature of WebAssembly; build it
            without threads, 64-bit memories, exceptions, garbage collection, relaxed SIMD and async
        "#]],
    ),
    case(
        "wide arithmetic",
        || {
            wat(r#"(component (core module (func (param i64 i64) (result i64 i64) (i64.mul_wide_s (local.get 0)
            (local.get 1)))))"#)
        },
        expect![[r#"
            not a WebAssembly component that this node can run: wide arithmetic support is not enabled (at
            offset 0x_); no node has this feature of WebAssembly; build it without threads, 64-bit memories,
            exceptions, garbage collection, relaxed SIMD and async
        "#]],
    ),
    case(
        "async functions",
        || wat("(component (core func (canon task.return)))"),
        expect![[r#"
            not a WebAssembly component that this node can run: `task.return` requires the component model async
            feature (at offset 0x_); no node has this feature of WebAssembly; build it without threads, 64-bit
            memories, exceptions, garbage collection, relaxed SIMD and async
        "#]],
    ),
    case(
        "streams",
        || wat(r#"(component (type $s (stream u8)) (export "s" (type $s)))"#),
        expect![[r#"
            not a WebAssembly component that this node can run: `stream` requires the component model async
            feature (at offset 0x_); no node has this feature of WebAssembly; build it without threads, 64-bit
            memories, exceptions, garbage collection, relaxed SIMD and async
        "#]],
    ),
    case(
        "a memory beyond the limit",
        || Parts { fields: r#"(memory (export "memory") 1025)"#, ..Parts::default() }.build(),
        expect![[r#"
            describe failed: limit describe_memory_bytes reached: the component asked for 67174400 bytes of
            memory, 67108864 are allowed
        "#]],
    ),
    case(
        "two memories beyond the limit",
        || Parts { fields: r#"(memory (export "memory") 2) (memory 600) (memory 600)"#, ..Parts::default() }.build(),
        expect![[r#"
            describe failed: limit describe_memory_bytes reached: the component asked for 78774272 bytes of
            memory, 67108864 are allowed
        "#]],
    ),
    case(
        "a table beyond the limit",
        || Parts { fields: r#"(memory (export "memory") 2) (table 200000 funcref)"#, ..Parts::default() }.build(),
        expect![[r#"
            describe failed: limit table_elements reached: 200000 elements of wasm tables, 100000 are allowed
        "#]],
    ),
];

/// A component with so many types, each made of the one before it.
fn types(piece: fn(usize) -> String, count: usize) -> Vec<u8> {
    let more: String = (1..count).map(|at| format!("(type $t{at} {})", piece(at - 1))).collect();
    Parts { imports: &format!("(type $t0 (list u8)) {more}"), ..Parts::default() }.build()
}

/// Too much of something.
pub const COUNTS: &[Case] = &[
    case(
        "types that double",
        || types(|at| format!("(tuple $t{at} $t{at})"), 40),
        expect![[r#"
            this node does not take it: effective type size exceeds the limit of 1000000 (at offset 0x_); no
            node takes that many
        "#]],
    ),
    case(
        "lists of lists of lists",
        || types(|at| format!("(list $t{at})"), 2000),
        expect![[r#"
            this node does not take it: type nesting is too deep (at offset 0x_); no node takes it that deep
        "#]],
    ),
    case(
        "65 memories",
        || repeated(" (memory 0)", 64),
        expect![[r#"
            describe failed: resource limit exceeded: memory count too high at 65, 8 are allowed
        "#]],
    ),
    case(
        "101 memories",
        || repeated(" (memory 0)", 100),
        expect![[r#"
            this node does not take it: memories count exceeds limit of 100 (at offset 0x_); no node takes that
            many
        "#]],
    ),
    case(
        "65 tables",
        || repeated(" (table 1 funcref)", 65),
        expect![[r#"
            describe failed: resource limit exceeded: table count too high at 65, 64 are allowed
        "#]],
    ),
    case(
        "101 tables",
        || repeated(" (table 1 funcref)", 101),
        expect![[r#"
            this node does not take it: tables count exceeds limit of 100 (at offset 0x_); no node takes that
            many
        "#]],
    ),
    case(
        "65 instances",
        || instances(65),
        expect![[r#"
            describe failed: resource limit exceeded: instance count too high at 65, 64 are allowed
        "#]],
    ),
    case(
        "1001 instances",
        || instances(1001),
        expect![[r#"
            this node does not take it: instances count exceeds limit of 1000 (at offset 0x_); no node takes
            that many
        "#]],
    ),
];
