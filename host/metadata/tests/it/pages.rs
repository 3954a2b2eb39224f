//! Pages of tables and models: searched, sorted, cut, counted, and of one tenant. Not for: single ones (`tables`,
//! `results`).

use parcae_metadata::{DEFAULT_TENANT, ModelKey, ModelSearchPage, TableOrder, TableOrigin, TableSearch};
use serde_json::json;

use crate::world::{GUEST, HOST, job_id, store, table};

#[test]
fn tables_are_searched_sorted_and_cut() {
    let (_folder, store) = store();
    let mut all: Vec<_> = ["breast_a", "breast_b", "Other"].iter().map(|name| table(name, name)).collect();
    for (rows, table) in [3, 1, 2].into_iter().zip(&mut all) {
        table.file.rows = rows;
    }
    all[2].origin = TableOrigin::Output;
    let mut foreign = table("breast_c", "f9");
    foreign.tenant = "other".into();
    store.commit(|tx| all.iter().chain([&foreign]).try_for_each(|table| tx.put_table(table).map(drop))).unwrap();
    let names = |search: TableSearch| {
        let search = TableSearch { tenant: DEFAULT_TENANT.into(), ..search };
        let (count, lines) = store.table_page(&search).unwrap();
        (count, lines.into_iter().map(|line| line.name).collect::<Vec<_>>())
    };
    let all = |order, descending| TableSearch { order, descending, limit: 10, ..TableSearch::default() };
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(names(all(TableOrder::Rows, true)), (3, named(&["breast_a", "Other", "breast_b"])));
    assert_eq!(names(all(TableOrder::Name, false)), (3, named(&["Other", "breast_a", "breast_b"])));
    let part = TableSearch { part: Some("T_B".into()), limit: 10, ..TableSearch::default() };
    assert_eq!(names(part), (1, named(&["breast_b"])));
    let quote = TableSearch { part: Some("'; DROP".into()), limit: 10, ..TableSearch::default() };
    assert_eq!(names(quote), (0, Vec::new()));
    let output = TableSearch { origin: Some(TableOrigin::Output), limit: 10, ..TableSearch::default() };
    assert_eq!(names(output), (1, named(&["Other"])));
    let cut = TableSearch { limit: 1, offset: 1, ..all(TableOrder::Rows, false) };
    assert_eq!(names(cut), (3, named(&["Other"])));
    let search = TableSearch { tenant: "other".into(), limit: 10, ..TableSearch::default() };
    let (count, lines) = store.table_page(&search).unwrap();
    assert_eq!((count, lines[0].name.as_str(), lines[0].columns), (1, "breast_c", 1));
}

#[test]
fn models_are_searched_with_their_tags_and_origins() {
    let (_folder, store) = store();
    let key = |tenant: &str, party, version: &str| ModelKey {
        tenant: tenant.into(),
        party,
        model_id: "guest-9999#model".into(),
        model_version: version.into(),
    };
    let deployed = json!({"parent": null, "parent_info": {"parent_model_version": "v1"}, "imported": true});
    store
        .commit(|tx| {
            tx.put_model(&key(DEFAULT_TENANT, GUEST, "v1"), Some(&job_id(1)), &json!({"parent": true}))?;
            tx.put_model(&key(DEFAULT_TENANT, HOST, "v1"), Some(&job_id(1)), &json!({"parent": true}))?;
            tx.put_model(&key(DEFAULT_TENANT, GUEST, "v2"), None, &deployed)?;
            tx.put_model(&key("other", GUEST, "v1"), None, &json!({}))?;
            tx.tag_model(DEFAULT_TENANT, "v1", "Best, so far")
        })
        .unwrap();
    let found = |search: ModelSearchPage| {
        let search = ModelSearchPage { tenant: DEFAULT_TENANT.into(), limit: 10, ..search };
        store.model_page(&search).unwrap()
    };
    let all = found(ModelSearchPage::default());
    assert_eq!((all.0, all.1.len()), (3, 3));
    let tagged = found(ModelSearchPage { part: Some("best".into()), ..ModelSearchPage::default() });
    assert_eq!((tagged.0, &tagged.1[0].tags, tagged.1[0].deployed), (2, &vec!["Best, so far".to_owned()], false));
    let children = found(ModelSearchPage { parent_version: Some("v1".into()), ..ModelSearchPage::default() });
    let child = &children.1[0];
    assert_eq!((children.0, child.deployed, child.imported), (1, true, true));
    assert_eq!((child.key.model_version.as_str(), child.parent_version.as_deref()), ("v2", Some("v1")));
    assert_eq!(found(ModelSearchPage { trained: Some(true), ..ModelSearchPage::default() }).0, 2);
    assert_eq!(found(ModelSearchPage { trained: Some(false), ..ModelSearchPage::default() }).0, 1);
    assert_eq!(found(ModelSearchPage { role: Some("host".into()), ..ModelSearchPage::default() }).0, 1);
}
