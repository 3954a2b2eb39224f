//! Components of another world, and of other versions of the contract's.

use expect_test::expect;
use parcae_tests::made::{Parts, wat};

use super::{Case, case};

/// The text of a component that nodes take as far as its description.
fn good_text() -> String {
    Parts::default().text()
}

/// A component whose `run` is not told which module.
fn run_alone() -> Vec<u8> {
    let text = good_text().replace(r#"(param "module" string)"#, "");
    wat(&text.replace(r#"(func (export "run") (param i32 i32)"#, r#"(func (export "run")"#))
}

/// What they export.
pub const EXPORTS: &[Case] = &[
    case(
        "nothing in it",
        || wat("(component)"),
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: it lacks describe and run; it
            exports nothing; build it against the wit/ of parcae:component@0.1.0, which `parcae component new`
            puts into a project
        "#]],
    ),
    case(
        "no describe",
        || {
            wat(r#"(component (core module $m (func (export "f"))) (core instance $i (instantiate $m)) (func $f
            (canon lift (core func $i "f"))) (export "run" (func $f)))"#)
        },
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: it lacks describe; it exports run;
            build it against the wit/ of parcae:component@0.1.0, which `parcae component new` puts into a
            project
        "#]],
    ),
    case(
        "no run",
        || {
            wat(r#"(component (core module $m (func (export "f"))) (core instance $i (instantiate $m)) (func $f
            (canon lift (core func $i "f"))) (export "describe" (func $f)))"#)
        },
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: it lacks run; it exports describe;
            build it against the wit/ of parcae:component@0.1.0, which `parcae component new` puts into a
            project
        "#]],
    ),
    case(
        "no functions",
        || wat(r#"(component (instance $i) (export "describe" (instance $i)) (export "run" (instance $i)))"#),
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: export `describe` is not a function;
            build it against the wit/ of parcae:component@0.1.0, which `parcae component new` puts into a
            project
        "#]],
    ),
    case(
        "wrong functions",
        || {
            wat(r#"(component (core module $m (func (export "f"))) (core instance $i (instantiate $m)) (func $f
            (canon lift (core func $i "f"))) (export "describe" (func $f)) (export "run" (func $f)))"#)
        },
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: type-checking export func
            `describe`: expected 1-tuple, found 0-tuple; build it against the wit/ of parcae:component@0.1.0,
            which `parcae component new` puts into a project
        "#]],
    ),
    case(
        "run without a module",
        run_alone,
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: type-checking export func `run`:
            expected 1-tuple, found 0-tuple; build it against the wit/ of parcae:component@0.1.0, which `parcae
            component new` puts into a project
        "#]],
    ),
    case(
        "a description without needs",
        || wat(&good_text().replace(r#"(field "needs" (list $role))"#, "")),
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: type-checking export func
            `describe`: type mismatch for field modules: expected record of 9 fields, found 8 fields; build it
            against the wit/ of parcae:component@0.1.0, which `parcae component new` puts into a project
        "#]],
    ),
];

/// What they import.
pub const IMPORTS: &[Case] = &[
    case(
        "version 0.2.0",
        || wat(r#"(component (import "parcae:component/log@0.2.0" (instance)))"#),
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: it is made for version 0.2.0 of
            parcae:component, and this node speaks parcae:component@0.1.0; update the node, or build it for the
            older one
        "#]],
    ),
    case(
        "version 1.0.0",
        || wat(r#"(component (import "parcae:component/log@1.0.0" (instance)))"#),
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: it is made for version 1.0.0 of
            parcae:component, and this node speaks parcae:component@0.1.0; update the node, or build it for the
            older one
        "#]],
    ),
    case(
        "version 0.0.9",
        || wat(r#"(component (import "parcae:component/log@0.0.9" (instance)))"#),
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: it is made for version 0.0.9 of
            parcae:component, and this node speaks parcae:component@0.1.0; build it for the version of this node
        "#]],
    ),
    case(
        "version 0.1.7",
        || wat(r#"(component (import "parcae:component/log@0.1.7" (instance)))"#),
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: it is made for version 0.1.7 of
            parcae:component, and this node speaks parcae:component@0.1.0; update the node, or build it for the
            older one
        "#]],
    ),
    case(
        "version 0.1.0-rc.1",
        || wat(r#"(component (import "parcae:component/log@0.1.0-rc.1" (instance)))"#),
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: it is made for version 0.1.0-rc.1 of
            parcae:component, and this node speaks parcae:component@0.1.0; build it for the version of this node
        "#]],
    ),
    case(
        "no version",
        || wat(r#"(component (import "parcae:component/log" (instance)))"#),
        expect![[r#"
            the component does not export the world parcae:component@0.1.0: it is made for no version of
            parcae:component, and this node speaks parcae:component@0.1.0; build it for the version of this node
        "#]],
    ),
    case(
        "an interface that is not there",
        || wat(r#"(component (import "parcae:component/forecast@0.1.0" (instance)))"#),
        expect![[r#"
            the component imports what this node does not offer: parcae:component/forecast@0.1.0; offered are
            parcae:component/{types, descriptor, context, log, tables, federation, he, psi, models, metrics,
            site}@0.1.0 and WASI 0.2 (wasi:cli, wasi:clocks, wasi:filesystem, wasi:io, wasi:random,
            wasi:sockets)
        "#]],
    ),
    case(
        "a function that is not there",
        || {
            Parts {
                imports: r#"(import "parcae:component/models@0.1.0" (instance (export "forecast" (func
                    (param "rows" u32)))))"#,
                ..Parts::default()
            }
            .build()
        },
        expect![[r#"
            the component imports what this node does not offer: models.forecast of parcae:component@0.1.0; it
            needs a newer node, or a build against the wit/ of this one
        "#]],
    ),
    case(
        "a resource that is not there",
        || {
            Parts {
                imports: r#"(import "parcae:component/models@0.1.0" (instance (export "tree" (type (sub resource)))))"#,
                ..Parts::default()
            }
            .build()
        },
        expect![[r#"
            the component imports what this node does not offer: models.tree of parcae:component@0.1.0; it needs
            a newer node, or a build against the wit/ of this one
        "#]],
    ),
    case(
        "a function with other parameters",
        || {
            Parts {
                imports: r#"(import "parcae:component/log@0.1.0" (instance (export "write" (func
                    (param "message" string)))))"#,
                ..Parts::default()
            }
            .build()
        },
        expect![[r#"
            the component imports what this node does not offer: log.write of parcae:component@0.1.0 with
            another type than it has here (expected 2-tuple, found 1-tuple); build it against the wit/ of
            parcae:component@0.1.0, which `parcae component new` puts into a project
        "#]],
    ),
    case(
        "a function with another result",
        || {
            Parts {
                imports: r#"(import "parcae:component/site@0.1.0" (instance (export "uploaded-size" (func
                    (result string)))))"#,
                ..Parts::default()
            }
            .build()
        },
        expect![[r#"
            the component imports what this node does not offer: site.uploaded-size of parcae:component@0.1.0
            with another type than it has here (expected `result` found `string`); build it against the wit/ of
            parcae:component@0.1.0, which `parcae component new` puts into a project
        "#]],
    ),
    case(
        "an interface that is a function",
        || Parts { imports: r#"(import "parcae:component/log@0.1.0" (func))"#, ..Parts::default() }.build(),
        expect![[r#"
            the component imports what this node does not offer: parcae:component/log@0.1.0 with another type
            than it has here (expected function found instance); build it against the wit/ of
            parcae:component@0.1.0, which `parcae component new` puts into a project
        "#]],
    ),
    case(
        "the network",
        || wat(r#"(component (import "wasi:http/outgoing-handler@0.2.0" (instance)))"#),
        expect![[r#"
            the component imports what this node does not offer: wasi:http/outgoing-handler@0.2.0; offered are
            parcae:component/{types, descriptor, context, log, tables, federation, he, psi, models, metrics,
            site}@0.1.0 and WASI 0.2 (wasi:cli, wasi:clocks, wasi:filesystem, wasi:io, wasi:random,
            wasi:sockets)
        "#]],
    ),
    case(
        "somebody else's model",
        || wat(r#"(component (import "wasi:nn/tensor@0.2.0-rc-2024-10-28" (instance)))"#),
        expect![[r#"
            the component imports what this node does not offer: wasi:nn/tensor@0.2.0-rc-2024-10-28; offered are
            parcae:component/{types, descriptor, context, log, tables, federation, he, psi, models, metrics,
            site}@0.1.0 and WASI 0.2 (wasi:cli, wasi:clocks, wasi:filesystem, wasi:io, wasi:random,
            wasi:sockets)
        "#]],
    ),
    case(
        "two doors",
        || wat(r#"(component (import "acme:secret/door@1.0.0" (instance)) (import "env" (func)))"#),
        expect![[r#"
            the component imports what this node does not offer: acme:secret/door@1.0.0, env; offered are
            parcae:component/{types, descriptor, context, log, tables, federation, he, psi, models, metrics,
            site}@0.1.0 and WASI 0.2 (wasi:cli, wasi:clocks, wasi:filesystem, wasi:io, wasi:random,
            wasi:sockets)
        "#]],
    ),
    case(
        "WASI 0.3",
        || wat(r#"(component (import "wasi:cli/environment@0.3.0" (instance)))"#),
        expect![[r#"
            the component imports what this node does not offer: wasi:cli/environment@0.3.0; offered are
            parcae:component/{types, descriptor, context, log, tables, federation, he, psi, models, metrics,
            site}@0.1.0 and WASI 0.2 (wasi:cli, wasi:clocks, wasi:filesystem, wasi:io, wasi:random,
            wasi:sockets)
        "#]],
    ),
    case(
        "a function that WASI lacks",
        || {
            Parts {
                imports: r#"(import "wasi:cli/environment@0.2.0" (instance (export "set-everything" (func))))"#,
                ..Parts::default()
            }
            .build()
        },
        expect![[r#"
            the component imports what this node does not offer: set-everything of wasi:cli/environment@0.2.0;
            WASI 0.2 has nothing of that name here
        "#]],
    ),
    case(
        "an interface that WASI lacks",
        || {
            Parts {
                imports: r#"(import "wasi:cli/nonsense@0.2.0" (instance (export "f" (func))))"#,
                ..Parts::default()
            }
            .build()
        },
        expect![[r#"
            the component imports what this node does not offer: f of wasi:cli/nonsense@0.2.0; WASI 0.2 has
            nothing of that name here
        "#]],
    ),
    case(
        "a module from outside",
        || Parts { imports: r#"(import "wasi:cli/library@0.2.0" (core module))"#, ..Parts::default() }.build(),
        expect![[r#"
            the component imports what this node does not offer: wasi:cli/library@0.2.0; WASI 0.2 has nothing of
            that name here
        "#]],
    ),
];
