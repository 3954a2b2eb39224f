//! Components by hand that grow what no SDK lets them grow: memory in several memories, tables, instances; and the memory
//! that all attempts share. Not for: what the probe can do (`hostile`).

use std::fmt::Write;
use std::sync::Arc;

use parcae_domain::limit::Limits;
use parcae_domain::status::Status;
use parcae_runtime::{Images, Settings, start};
use parcae_tests::Site;
use parcae_tests::made::{Parts, Said, wat};
use serde_json::json;

/// A result that says that all is well stands here, in memory that nobody writes.
const DONE: &str = "(i32.const 70000)";
/// Memory of one attempt in these tests, bytes.
const MEMORY: u64 = 16 << 20;

/// The fields of a core module whose memory holds a description, and more fields; and what it does.
struct Made<'a> {
    fields: &'a str,
    run: &'a str,
}

impl Made<'_> {
    fn text(&self) -> String {
        let mut data = String::new();
        for byte in Said::default().memory() {
            // Writing to a string never fails.
            let _ = write!(data, "\\{byte:02x}");
        }
        let (fields, run) = (self.fields, format!("{} {DONE}", self.run));
        let fields = format!(r#"(memory (export "memory") 2) (data (i32.const 0) "{data}") {fields}"#);
        Parts { fields: &fields, run: &run, ..Parts::default() }.text()
    }
}

/// A node with little memory for each attempt, and an image that serves module `Made`.
fn site(image: &[u8], pool: u64, change: impl FnOnce(&mut Limits)) -> (Site, Arc<Images>) {
    let images = Arc::new(Images::new(start(Settings { memory_pool_bytes: pool, ..Settings::default() }).unwrap()));
    images.add(image).unwrap();
    let site = Site::of(images.clone(), |options| {
        options.limits.memory_bytes = MEMORY;
        change(&mut options.limits);
    });
    (site, images)
}

/// How a job with the module ends, and what its task reports. Whatever it is, the node has its memory back.
fn run_in(image: &[u8], pool: u64, change: impl FnOnce(&mut Limits)) -> (Status, String) {
    let (site, images) = site(image, pool, change);
    let dsl = json!({"components": {"made_0": {"module": "Made"}}});
    let conf = json!({
        "dsl_version": 2, "initiator": {"role": "local", "party_id": 0}, "role": {"local": [0]},
        "component_parameters": {"common": {}}
    });
    let view = site.run(&dsl, &conf);
    assert_eq!(images.memory().used(), 0, "memory was not given back");
    (view.status, site.errors(&view.job.0))
}

fn run(made: &Made<'_>) -> (Status, String) {
    run_in(&wat(&made.text()), u64::MAX, |_| ())
}

#[test]
fn memory_is_summed_over_all_memories() {
    for count in [1, 2, 8] {
        // The one that is exported counts, too.
        let more: String = (1..count).map(|i| format!("(memory $m{i} 0) ")).collect();
        let names = std::iter::once("0".to_owned()).chain((1..count).map(|i| format!("$m{i}")));
        // Each grows by two megabytes again and again.
        let grow: String = names.map(|name| format!("(drop (memory.grow {name} (i32.const 32))) ")).collect();
        let (status, said) = run(&Made { fields: &more, run: &format!("(loop $l {grow} (br $l))") });
        assert_eq!(status, Status::Failed, "{count} memories: {said}");
        assert!(said.contains("limit memory_bytes reached") && said.contains("16777216 are allowed"), "{said}");
    }
}

#[test]
fn memory_that_an_image_declares_is_admitted_before_it_exists() {
    let (status, said) = run(&Made { fields: "(memory 200) (memory 100)", run: "" });
    assert_eq!(status, Status::Failed, "{said}");
    assert!(said.contains("limit memory_bytes reached"), "{said}");
}

#[test]
fn a_memory_cannot_grow_beyond_what_it_declares_and_is_not_charged_for_it() {
    let grow = "(if (i32.ne (memory.grow $small (i32.const 100)) (i32.const -1)) (then unreachable))";
    let (status, said) = run(&Made { fields: "(memory $small 1 2)", run: &grow.repeat(5) });
    assert_eq!(status, Status::Success, "{said}");
}

#[test]
fn too_many_memories_tables_and_instances_are_refused() {
    let memories = |count| Made { fields: &"(memory 0) ".repeat(count), run: "" }.text();
    let tables = |count| Made { fields: &"(table 0 funcref) ".repeat(count), run: "" }.text();
    // Instances of an empty module beside the one that does the work.
    let instances = |count| {
        let more = format!("(component (core module $e) {}", "(core instance (instantiate $e)) ".repeat(count));
        Made { fields: "", run: "" }.text().replacen("(component", &more, 1)
    };
    // More than `describe` may have.
    for (text, words) in [
        (memories(8), "memory count too high at 9, 8 are allowed"),
        (tables(65), "table count too high at 65, 64 are allowed"),
        (instances(100), "instance count too high at 65, 64 are allowed"),
    ] {
        let images = Images::new(start(Settings::default()).unwrap());
        let refused = images.add(&wat(&text)).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(refused.contains(words), "{refused:?} does not say {words:?}");
    }
    // As many as that, and more than this node gives to an attempt.
    for (text, words, most) in [
        (memories(5), "limit memories reached", "4 are allowed"),
        (tables(20), "limit tables reached", "10 are allowed"),
        (instances(30), "limit instances reached", "20 are allowed"),
    ] {
        let (status, said) = run_in(&wat(&text), u64::MAX, |limits| {
            (limits.memories, limits.tables, limits.instances) = (4, 10, 20);
        });
        assert_eq!(status, Status::Failed, "{said}");
        assert!(said.contains(words) && said.contains(most), "{said}");
    }
}

#[test]
fn tables_grow_to_their_limit_and_count_as_memory() {
    let grow = "(loop $l (drop (table.grow 0 (ref.null func) (i32.const 50000))) (br $l))";
    let table = Made { fields: "(table 0 funcref)", run: grow };
    let (status, said) = run(&table);
    assert_eq!(status, Status::Failed, "{said}");
    assert!(said.contains("limit table_elements reached") && said.contains("100000 are allowed"), "{said}");
    let (status, said) = run_in(&wat(&table.text()), u64::MAX, |limits| limits.table_elements = u64::MAX);
    assert_eq!(status, Status::Failed, "{said}");
    assert!(said.contains("limit memory_bytes reached"), "{said}");
}

#[test]
fn attempts_share_the_memory_of_the_node() {
    let grow = Made { fields: "", run: "(loop $l (drop (memory.grow 0 (i32.const 16))) (br $l))" };
    let (status, said) = run_in(&wat(&grow.text()), 4 << 20, |_| ());
    assert_eq!(status, Status::Failed, "{said}");
    assert!(said.contains("limit memory_pool_bytes reached") && said.contains("4194304 bytes of memory"), "{said}");
}

#[test]
fn a_crash_names_its_functions_and_no_more_than_32_of_them() {
    let fields = "(func $innermost unreachable) (func $middle (call $innermost))
        (func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))
            (else (call $middle))))";
    let (status, said) = run(&Made { fields, run: "(call $deep (i32.const 200))" });
    assert_eq!(status, Status::Failed, "{said}");
    for words in ["the component crashed", "innermost", "middle", "deep", "unreachable"] {
        assert!(said.contains(words), "does not say {words:?}: {said}");
    }
    // Once as the outcome, and once as the last line of the log.
    let frames = said.matches("deep").count();
    assert!((1..=64).contains(&frames), "{frames} frames: {said}");
}
