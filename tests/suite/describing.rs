//! What a component may do to a node while it is asked what it is: nothing that lasts. Each of these would go on for
//! ever, some in calls that look at no clock, and each is refused a second after it began; meanwhile the node does
//! everything else. Before that an image is looked at, and that has an end, too. Not for: what is said of it (`refused`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parcae_domain::{grant::Grant, port::Catalog, tenant::TenantId};
use parcae_node::Push;
use parcae_runtime::{Images, Settings, start};
use parcae_tests::{
    Site,
    made::{EXPORTS, Parts, Said, wat},
};

/// Time that `describe` has.
const TIME: Duration = Duration::from_secs(1);
/// Beyond it, on a machine that does many other things.
const SLACK: Duration = Duration::from_secs(4);

/// A memory that grows to what `describe` may have.
const MEMORY: &str = r#"(memory (export "memory") 1 1024)"#;

fn spinning(fields: &str, code: &str) -> Vec<u8> {
    Parts { fields, describe: code, ..Parts::default() }.build()
}

/// Components that never end, and how.
fn endless() -> Vec<(&'static str, Vec<u8>)> {
    let grown = |call: &str| format!("(drop (memory.grow (i32.const 1000))) (loop $l {call} (br $l)) unreachable");
    let half = 30 << 20;
    let fill = grown("(memory.fill (i32.const 0) (i32.const 7) (i32.const 65601536))");
    let copy = grown(&format!("(memory.copy (i32.const 0) (i32.const {half}) (i32.const {half}))"));
    let tables = r#"(memory (export "memory") 1) (table $t 90000 funcref)"#;
    let table = "(loop $l (table.fill $t (i32.const 0) (ref.null func) (i32.const 90000)) (br $l)) unreachable";
    let calls = r#"(memory (export "memory") 1) (func $f (param i32) (if (local.get 0)
        (then (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 1))))))"#;
    vec![
        ("an empty loop", spinning(MEMORY, "(loop $l (br $l)) unreachable")),
        ("filling all of the memory", spinning(MEMORY, &fill)),
        ("copying half of the memory", spinning(MEMORY, &copy)),
        ("filling a table", spinning(tables, table)),
        ("calls upon calls", spinning(calls, "(call $f (i32.const 200)) (i32.const 0)")),
        ("growing in vain", spinning(MEMORY, "(loop $l (drop (memory.grow (i32.const 0))) (br $l)) unreachable")),
        ("after it has said everything", after_returning()),
    ]
}

/// A component that gives a description, and does not give back control when that has been read.
fn after_returning() -> Vec<u8> {
    let fields = r#"(memory (export "memory") 2) (func (export "post") (param i32) (loop $l (br $l)))"#;
    let text = Parts { fields, ..Parts::default() }.text();
    let lifted = "(canon lift (core func $describe) (memory $memory))";
    assert!(EXPORTS.contains(lifted));
    let with_post = "(canon lift (core func $describe) (memory $memory) (post-return (core func $post)))";
    let alias = r#"(alias core export $i "post" (core func $post))"#;
    let exports = EXPORTS.replace(lifted, with_post);
    wat(&text.replace(EXPORTS, &format!("{alias}{exports}")))
}

#[test]
fn a_describe_that_never_ends_is_ended() {
    let images = Images::new(start(Settings::default()).unwrap());
    for (what, bytes) in endless() {
        let began = Instant::now();
        let said = images.add(&bytes).err().unwrap_or_else(|| panic!("{what} was accepted")).to_string();
        let took = began.elapsed();
        println!("{what}: refused after {} ms", took.as_millis());
        assert!(said.contains("it took more than 1 s"), "{what}: {said}");
        assert!(took >= TIME && took < TIME + SLACK, "{what}: refused after {took:?}");
    }
}

/// A component whose instances are of a type with so many functions; the validator compares them one by one.
fn slow_to_look_at(functions: usize, instances: usize) -> Vec<u8> {
    let all: String = (0..functions).map(|at| format!(r#"(export "f{at}" (func))"#)).collect();
    let made = r#"(instance (instantiate $c (with "i" (instance $i))))"#.repeat(instances);
    wat(&format!(
        r#"(component (type $t (instance {all})) (component (import "i" (instance $i (type $t)))
        (component $c (import "i" (instance (type $t)))) {made}))"#
    ))
}

#[test]
fn an_image_that_takes_for_ever_to_be_looked_at_is_given_up() {
    let program = parcae_tests::program();
    assert!(program.is_some(), "the program attempt-worker is not there");
    let images = Images::new(start(Settings { program, compile_seconds: 2, ..Settings::default() }).unwrap());
    let tenant = TenantId::default_tenant();
    let began = Instant::now();
    let said = images.accept(&tenant, &slow_to_look_at(40_000, 900)).unwrap_err();
    assert!(said.contains("takes more than 2 s (compile_seconds)"), "{said}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let said = images.accept(&tenant, &slow_to_look_at(20, 9)).unwrap_err();
    assert!(said.contains("it lacks describe and run"), "{said}");
    assert!(images.accept(&tenant, &Said::default().build()).is_ok());
}

#[test]
fn a_node_goes_on_while_a_component_is_looked_at() {
    let images = Arc::new(Images::new(start(Settings::default()).unwrap()));
    let site = Site::of(images, |_| ());
    let good = Said::but(|said| said.modules[0].grants = vec![b"clock".to_vec()]);
    let tenant = site.node.default_tenant();
    tenant.push_component(&good.build(), &Push::default()).unwrap();
    let ended = AtomicBool::new(false);
    let hostile = spinning(MEMORY, "(loop $l (br $l)) unreachable");
    let mut rounds = 0;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let refused = site.node.default_tenant().push_component(&hostile, &Push::default());
            ended.store(true, Ordering::Release);
            assert!(refused.unwrap_err().to_string().contains("it took more than 1 s"));
        });
        // Each round changes images, reads them and takes a job on; a round that waited for the push would be the last.
        while !ended.load(Ordering::Acquire) {
            tenant.grant_component("made", "Made", &[Grant::Clock]).unwrap();
            assert_eq!(tenant.component_images().unwrap().len(), 1);
            rounds += 1;
        }
    });
    assert!(rounds > 5, "{rounds} rounds while a component was looked at");
}
