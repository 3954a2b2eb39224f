//! Tables switched off and on, where they come from, and connectors. Not for: tables themselves (`tables`).

use parcae_metadata::{Connector, DEFAULT_TENANT, TableFilter, TableId, TableSource};
use serde_json::json;

use crate::world::{job_id, store, table};

fn id(name: &str) -> TableId {
    ("experiment".into(), name.into())
}

#[test]
fn several_tables_are_switched_off_and_go() {
    let (_folder, store) = store();
    let put = [table("first", "f1"), table("second", "f1"), table("third", "f3")];
    store.commit(|tx| put.iter().try_for_each(|table| tx.put_table(table).map(drop))).unwrap();
    let of = |name: Option<&str>| TableFilter { name: name.map(str::to_owned), ..TableFilter::default() };
    let set = |name: Option<&str>, disabled| {
        store.commit(|tx| tx.set_tables_disabled(DEFAULT_TENANT, &of(name), disabled)).unwrap()
    };
    assert_eq!(set(None, true), [id("first"), id("second"), id("third")]);
    assert_eq!(set(Some("third"), false), [id("third")]);
    assert_eq!(set(Some("no"), true), Vec::<TableId>::new());
    let deleted = store.commit(|tx| tx.delete_disabled_tables(DEFAULT_TENANT)).unwrap();
    let seen: Vec<_> = deleted.iter().map(|(id, table)| (id.1.as_str(), table.still_used)).collect();
    assert_eq!(seen, [("first", true), ("second", false)]);
    let third = store.commit(|tx| tx.table(DEFAULT_TENANT, "experiment", "third")).unwrap().unwrap();
    assert!(!third.disabled);
}

#[test]
fn a_table_has_parents_and_a_root() {
    let (_folder, store) = store();
    let put = |name: &str, parent: &str, job| {
        let (parents, job) = ([id(parent)], job_id(job));
        store.commit(|tx| tx.set_table_sources(DEFAULT_TENANT, "experiment", name, &parents, &job)).unwrap();
    };
    put("read", "copy", 2);
    put("copy", "upload", 1);
    put("self", "self", 3);
    let sources = |name: &str| store.table_sources(DEFAULT_TENANT, "experiment", name).unwrap();
    assert_eq!(sources("read"), [TableSource { parent: id("copy"), root: id("upload") }]);
    assert_eq!(sources("upload"), []);
    assert_eq!(sources("self"), [TableSource { parent: id("self"), root: id("self") }]);
    let jobs = |name: &str| store.jobs_of_table(DEFAULT_TENANT, "experiment", name).unwrap();
    assert_eq!(jobs("upload"), [job_id(1), job_id(2)]);
    assert_eq!(jobs("copy"), [job_id(2)]);
    assert_eq!(jobs("self"), [job_id(3)]);
    store.commit(|tx| tx.forget_table_sources(DEFAULT_TENANT, "experiment", "copy")).unwrap();
    assert_eq!((sources("copy"), jobs("upload")), (vec![], vec![]));
}

#[test]
fn a_connector_is_replaced() {
    let (_folder, store) = store();
    let connector = |port: u16| Connector { name: "c".into(), engine: "MYSQL".into(), info: json!({"port": port}) };
    for port in [1, 2] {
        store.commit(|tx| tx.put_connector(DEFAULT_TENANT, &connector(port))).unwrap();
        assert_eq!(store.connector(DEFAULT_TENANT, "c").unwrap(), Some(connector(port)));
    }
    assert_eq!(store.connector(DEFAULT_TENANT, "d").unwrap(), None);
}
