//! What was written is what is read.

use std::sync::Arc;

use parcae_domain::{
    page::{Column, Page, Values},
    port::PortError,
    schema::{DataType, Meaning, Schema},
};

use super::{Folder, column, page, read_all, schema};
use crate::rows_as_text;

#[test]
fn all_types_with_missing_and_empty_values() {
    let folder = Folder::new();
    let pages = [page(17, 1), page(0, 3), page(1, 2), page(8, 5), page(1_000, 7)];
    let written = folder.write(&schema(), 4, &pages);
    assert_eq!((written.rows, written.pages, written.partitions), (1_026, 5, 4));
    assert_eq!(written.schema, schema());
    assert_eq!(written.bytes, std::fs::metadata(folder.path(&written.file)).unwrap().len());

    let table = folder.tables.open_table(&written.file).unwrap();
    assert_eq!((table.rows(), table.pages(), table.partitions()), (1_026, 5, 4));
    assert_eq!(table.schema(), &schema());
    assert_eq!(table.file(), written.file);
    assert_eq!(read_all(&table).unwrap(), pages);
}

#[test]
fn bits_of_floats_stay() {
    let bits = [0x7ff8_0000_dead_beef, 0xfff0_0000_0000_0001, 0x8000_0000_0000_0000, 1, 0x7ff0_0000_0000_0000];
    let schema = Schema {
        columns: vec![column("", DataType::Text, Meaning::Id), column("x", DataType::F64, Meaning::Feature)],
        extra: serde_json::Map::new(),
    };
    let values = Values::F64(bits.iter().map(|b| f64::from_bits(*b)).collect());
    let key = Column { validity: None, values: Values::text(["a", "b", "c", "d", "e"]) };
    let folder = Folder::new();
    let file =
        folder.write(&schema, 1, &[Page { rows: 5, columns: vec![key, Column { validity: None, values }] }]).file;
    let page = folder.tables.open_table(&file).unwrap().read_page(0, &[1]).unwrap();
    let Values::F64(values) = &page.columns[0].values else { panic!("{page:?}") };
    assert_eq!(values.iter().map(|v| v.to_bits()).collect::<Vec<u64>>(), bits);
}

#[test]
fn no_pages_at_all() {
    let folder = Folder::new();
    let file = folder.write(&schema(), 1, &[]).file;
    let table = folder.tables.open_table(&file).unwrap();
    assert_eq!((table.rows(), table.pages()), (0, 0));
    assert!(matches!(table.read_page(0, &[]), Err(PortError::NotFound(_))));
}

#[test]
fn chunks_larger_than_a_block() {
    let folder = Folder::new();
    let pages = [page(200_000, 1), page(3, 2), page(100_000, 4)];
    let file = folder.write(&schema(), 2, &pages).file;
    let table = folder.tables.open_table(&file).unwrap();
    assert!(read_all(&table).unwrap() == pages, "pages differ");
}

#[test]
fn some_columns_in_any_order() {
    let folder = Folder::new();
    let pages = [page(20, 1), page(30, 2)];
    let file = folder.write(&schema(), 1, &pages).file;
    let table = folder.tables.open_table(&file).unwrap();
    for selection in [&[1u32][..], &[4, 0], &[1, 2, 3], &[0, 1, 3, 4], &[4, 3, 2, 1, 0], &[2, 3, 0, 1]] {
        for (index, page) in pages.iter().enumerate() {
            let columns = selection.iter().map(|column| page.columns[*column as usize].clone()).collect();
            let want = Page { rows: page.rows, columns };
            assert_eq!(table.read_page(index as u32, selection).unwrap(), want, "{selection:?}");
        }
    }
    for selection in [&[5u32][..], &[0, u32::MAX], &[0, 0], &[1, 2, 1]] {
        assert!(matches!(table.read_page(0, selection), Err(PortError::Invalid(_))), "{selection:?}");
    }
}

#[test]
fn only_the_chosen_columns_are_read() {
    let folder = Folder::new();
    let file = folder.write(&schema(), 1, &[page(50, 2)]).file;
    let mut bytes = std::fs::read(folder.path(&file)).unwrap();
    // The first chunk, the key's, begins right after the header.
    bytes[20] ^= 1;
    std::fs::write(folder.path(&file), bytes).unwrap();
    let table = folder.tables.open_table(&file).unwrap();
    assert_eq!(table.read_page(0, &[1, 2]).unwrap().columns[..], page(50, 2).columns[1..3]);
    let error = table.read_page(0, &[]).unwrap_err();
    assert!(matches!(&error, PortError::Node(text) if text.contains("column 0")), "{error}");
}

#[test]
fn many_threads_read_at_once() {
    let folder = Folder::new();
    let pages: Vec<Page> = (0..40).map(|seed| page(100 + seed, seed)).collect();
    let file = folder.write(&schema(), 8, &pages).file;
    let table = folder.tables.open_table(&file).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8usize {
            let (table, pages) = (Arc::clone(&table), &pages);
            scope.spawn(move || {
                for step in 0..200 {
                    let index = (step * 7 + thread * 13) % pages.len();
                    assert_eq!(table.read_page(index as u32, &[]).unwrap(), pages[index]);
                }
            });
        }
    });
}

#[test]
fn pages_that_do_not_fit_are_refused_and_change_nothing() {
    let folder = Folder::new();
    let mut writer = folder.tables.create(&schema(), 1).unwrap();
    writer.append(&page(3, 1)).unwrap();
    let mut narrow = page(3, 1);
    narrow.columns.pop();
    let mut short = page(3, 1);
    short.columns[1].values = Values::F64(vec![1.0]);
    let mut other = page(3, 1);
    other.columns[1].values = Values::I64(vec![1, 2, 3]);
    for bad in [narrow, short, other] {
        assert!(matches!(writer.append(&bad), Err(PortError::Invalid(_))), "{bad:?}");
    }
    writer.append(&page(2, 2)).unwrap();
    let file = writer.finish().unwrap().file;
    let table = folder.tables.open_table(&file).unwrap();
    assert_eq!(read_all(&table).unwrap(), [page(3, 1), page(2, 2)]);
}

#[test]
fn schemas_that_do_not_hold_are_refused() {
    let folder = Folder::new();
    let mut keyless = schema();
    keyless.columns.remove(0);
    let mut deep = schema();
    let nested = (0..200).fold(serde_json::Value::Null, |value, _| serde_json::Value::Array(vec![value]));
    deep.extra.insert("deep".into(), nested);
    for (schema, partitions) in [(keyless, 1), (deep, 1), (schema(), 0)] {
        assert!(matches!(folder.tables.create(&schema, partitions).err(), Some(PortError::Invalid(_))));
    }
    assert!(folder.names().is_empty());
}

#[test]
fn rows_come_as_text_up_to_the_limit() {
    let folder = Folder::new();
    let file = folder.write(&schema(), 1, &[page(2, 2), page(0, 2), page(3, 2)]).file;
    let table = folder.tables.open_table(&file).unwrap();
    let rows = |limit| {
        let mut rows: Vec<String> = Vec::new();
        rows_as_text::<PortError>(&*table, limit, &mut |cells| {
            rows.push(cells.join("|"));
            Ok(())
        })
        .unwrap();
        rows
    };
    assert_eq!(rows(None).len(), 5);
    assert_eq!(
        rows(Some(3)),
        ["k2-0|-3.0|-1099511627776|1|", "k2-1|-2.857142857142857|-1099511627775|0|ä€𝄞", "k2-0|-3.0|-1099511627776|1|"]
    );
    assert!(rows(Some(0)).is_empty());

    let mut seen = 0;
    let stopped = rows_as_text::<PortError>(&*table, None, &mut |_| {
        seen += 1;
        Err(PortError::Canceled)
    });
    assert_eq!((stopped, seen), (Err(PortError::Canceled), 1));
}
