//! Bytes that are no component, or only a part of one.

use expect_test::expect;
use parcae_tests::made::{Parts, wat};

use super::{Case, case};

/// A component that nodes take as far as its description.
fn good() -> Vec<u8> {
    Parts::default().build()
}

/// Bytes, and what is said of them.
pub const CASES: &[Case] = &[
    case(
        "nothing",
        Vec::new,
        expect![[r#"
            not a WebAssembly component that this node can run: it does not begin as WebAssembly does; give the
            .wasm file that the build made
        "#]],
    ),
    case(
        "a script",
        || b"#!/bin/sh\necho hello\n".to_vec(),
        expect![[r#"
            not a WebAssembly component that this node can run: it does not begin as WebAssembly does; give the
            .wasm file that the build made
        "#]],
    ),
    case(
        "a program of this system",
        || b"\x7fELF\x02\x01\x01\0".to_vec(),
        expect![[r#"
            not a WebAssembly component that this node can run: it does not begin as WebAssembly does; give the
            .wasm file that the build made
        "#]],
    ),
    case(
        "an archive",
        || b"PK\x03\x04\x14\0\0\0".to_vec(),
        expect![[r#"
            not a WebAssembly component that this node can run: it does not begin as WebAssembly does; give the
            .wasm file that the build made
        "#]],
    ),
    case(
        "a picture",
        || b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(),
        expect![[r#"
            not a WebAssembly component that this node can run: it does not begin as WebAssembly does; give the
            .wasm file that the build made
        "#]],
    ),
    case(
        "the text format",
        || b"(component)".to_vec(),
        expect![[r#"
            not a WebAssembly component that this node can run: it does not begin as WebAssembly does; give the
            .wasm file that the build made
        "#]],
    ),
    case(
        "half of the magic bytes",
        || b"\0as".to_vec(),
        expect![[r#"
            not a WebAssembly component that this node can run: it does not begin as WebAssembly does; give the
            .wasm file that the build made
        "#]],
    ),
    case(
        "the magic bytes",
        || b"\0asm".to_vec(),
        expect![[r#"
            not a WebAssembly component that this node can run: unexpected end-of-file (at offset 0x_); it ends
            too early; copy or build it again
        "#]],
    ),
    case(
        "half a version",
        || b"\0asm\x0d\0".to_vec(),
        expect![[r#"
            not a WebAssembly component that this node can run: unexpected end-of-file (at offset 0x_); it ends
            too early; copy or build it again
        "#]],
    ),
    case(
        "a header",
        || b"\0asm\x0d\0\x01\0".to_vec(),
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: it lacks describe and run; it
            exports nothing; build it against the wit/ of parcae:component@0.1.0, which `parcae component new`
            puts into a project
        "#]],
    ),
    case(
        "a core module of version 2",
        || b"\0asm\x02\0\0\0".to_vec(),
        expect![[r#"
            not a WebAssembly component that this node can run: unknown binary version: 0x_ (at offset 0x_); it
            is WebAssembly of another version; build it with tools for WASI 0.2
        "#]],
    ),
    case(
        "a component of version 14",
        || b"\0asm\x0e\0\x01\0".to_vec(),
        expect![[r#"
            not a WebAssembly component that this node can run: unknown binary version: 0x_ (at offset 0x_); it
            is WebAssembly of another version; build it with tools for WASI 0.2
        "#]],
    ),
    case(
        "cut behind the header",
        || good()[..9].to_vec(),
        expect![[r#"
            not a WebAssembly component that this node can run: unexpected end-of-file (at offset 0x_); it ends
            too early; copy or build it again
        "#]],
    ),
    case(
        "cut in a section",
        || good()[..good().len() / 2].to_vec(),
        expect![[r#"
            not a WebAssembly component that this node can run: unexpected end-of-file (at offset 0x_); it ends
            too early; copy or build it again
        "#]],
    ),
    case(
        "without its last byte",
        || good()[..good().len() - 1].to_vec(),
        expect![[r#"
            not a WebAssembly component that this node can run: unexpected end-of-file (at offset 0x_); it ends
            too early; copy or build it again
        "#]],
    ),
    case(
        "with a byte too many",
        || [&good()[..], b"\0"].concat(),
        expect![[r#"
            not a WebAssembly component that this node can run: unexpected end-of-file (at offset 0x_); it ends
            too early; copy or build it again
        "#]],
    ),
    case(
        "an endless length",
        || [&good()[..], b"\0\xff\xff\xff\xff\xff\xff"].concat(),
        expect![[r#"
            not a WebAssembly component that this node can run: invalid var_u32: integer representation too long
            (at offset 0x_); it is damaged, or the tool that made it has a fault; build it again
        "#]],
    ),
    case(
        "a section that nobody knows",
        || [&good()[..], b"\x20\x01\0"].concat(),
        expect![[r#"
            not a WebAssembly component that this node can run: malformed section id: 32 (at offset 0x_); it is
            damaged, or the tool that made it has a fault; build it again
        "#]],
    ),
    case(
        "a core module",
        || wat("(module)"),
        expect![[r#"
            not a WebAssembly component that this node can run: it is a core module; `wasm-tools component new`
            makes a component of one, and so do the build commands of `parcae component build`
        "#]],
    ),
    case(
        "a core module for WASI preview 1",
        || wat(r#"(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32))))"#),
        expect![[r#"
            not a WebAssembly component that this node can run: it is a core module; `wasm-tools component new`
            makes a component of one, and so do the build commands of `parcae component build`
        "#]],
    ),
    case(
        "code that is not valid",
        || wat("(component (core module (func (result i32))))"),
        expect![[r#"
            not a WebAssembly component that this node can run: type mismatch: expected i32 but nothing on stack
            (at offset 0x_); it is damaged, or the tool that made it has a fault; build it again
        "#]],
    ),
];
