//! What a component hands back is hostile: the checker of pages refuses everything that does not fit, and never panics.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use parcae_domain::page::{Column, ColumnFault, Page, PageError, Values};
use parcae_domain::schema::{ColumnDef, DataType, Meaning, Schema, SchemaError};

fn schema() -> Schema {
    let column = |name: &str, data_type, meaning| ColumnDef { name: name.into(), data_type, meaning };
    Schema {
        columns: vec![
            column("id", DataType::Text, Meaning::Id),
            column("x", DataType::F64, Meaning::Feature),
            column("n", DataType::I64, Meaning::Label),
            column("b", DataType::Bool, Meaning::Other),
        ],
        extra: serde_json::Map::new(),
    }
}

fn page() -> Page {
    let full = |values| Column { validity: None, values };
    Page {
        rows: 3,
        columns: vec![
            full(Values::text(["a", "bö", "c"])),
            Column { validity: Some(vec![0b101]), values: Values::F64(vec![1.0, 0.0, f64::NAN]) },
            full(Values::I64(vec![1, -2, 3])),
            full(Values::Bool(vec![0, 1, 1])),
        ],
    }
}

#[test]
fn a_good_page_is_taken_and_read() {
    page().check(&schema()).unwrap();
    assert_eq!(page().columns[0].values.text_at(1), Some("bö"));
    assert_eq!([0, 1, 2].map(|row| page().columns[1].is_valid(row)), [true, false, true]);
    assert_eq!(page().columns[0].values.text_at(3), None);
}

#[test]
fn what_does_not_fit_is_refused_by_its_name() {
    use ColumnFault::{Bool, Length, Offset, Type, Utf8};
    let refused = |change: &dyn Fn(&mut Page)| {
        let mut page = page();
        change(&mut page);
        page.check(&schema()).unwrap_err()
    };
    let text = |offsets: &[u32], bytes: &[u8]| Values::Text { offsets: offsets.to_vec(), bytes: bytes.to_vec() };
    let id = |fault: ColumnFault| PageError::Column(0, Some("id".into()), fault);
    let x = |fault: ColumnFault| PageError::Column(1, Some("x".into()), fault);
    let b = |fault: ColumnFault| PageError::Column(3, Some("b".into()), fault);
    assert_eq!(refused(&|p| drop(p.columns.pop())), PageError::Columns { got: 3, want: 4 });
    assert_eq!(refused(&|p| p.columns.swap(1, 2)), x(Type(DataType::I64, DataType::F64)));
    assert_eq!(refused(&|p| p.rows = 4), id(Length("offsets", 4)));
    assert_eq!(refused(&|p| p.columns[1].values = Values::F64(vec![1.0])), x(Length("values", 3)));
    assert_eq!(refused(&|p| p.columns[1].validity = Some(vec![0, 0])), x(Length("validity", 3)));
    assert_eq!(refused(&|p| p.columns[3].values = Values::Bool(vec![0, 2, 1])), b(Bool(1)));
    assert_eq!(refused(&|p| p.columns[0].values = text(&[0, 2, 1, 3], b"abc")), id(Offset(2)));
    assert_eq!(refused(&|p| p.columns[0].values = text(&[0, 1, 2, 9], b"abc")), id(Offset(3)));
    assert_eq!(refused(&|p| p.columns[0].values = text(&[1, 1, 2, 3], b"abc")), id(Length("offsets", 3)));
    assert_eq!(refused(&|p| p.columns[0].values = text(&[0, 1, 2, 3], b"a\xffc")), id(Utf8(1)));
    // A value that begins inside a character.
    assert_eq!(refused(&|p| p.columns[0].values = text(&[0, 1, 2, 2], "ö".as_bytes())), id(Utf8(1)));
}

#[test]
fn a_column_is_named_where_there_is_a_name() {
    let mut page = page();
    page.columns.swap(1, 2);
    let why = page.check(&schema()).unwrap_err().to_string();
    assert_eq!(why, "column 1 \"x\": it holds int64 where the schema says float64");
    page.rows = 4;
    let why = page.check_shape().unwrap_err().to_string();
    assert_eq!(why, "column 0: the length of its offsets does not fit 4 rows");
}

#[test]
fn schemas_are_checked_too() {
    let refused = |change: &dyn Fn(&mut Schema)| {
        let mut schema = schema();
        change(&mut schema);
        schema.check().unwrap_err()
    };
    schema().check().unwrap();
    assert!(matches!(refused(&|s| s.columns.clear()), SchemaError::Key));
    assert!(matches!(refused(&|s| s.columns.swap(0, 1)), SchemaError::Key));
    assert!(matches!(refused(&|s| s.columns[1].meaning = Meaning::Id), SchemaError::Key));
    assert!(matches!(refused(&|s| s.columns[1].name = "n".into()), SchemaError::Duplicate(_)));
    assert!(matches!(refused(&|s| s.columns[1].name = "a\nb".into()), SchemaError::Name(1, _)));
    assert!(matches!(refused(&|s| s.columns[1].name = String::new()), SchemaError::Name(1, _)));
}

/// A seeded row of numbers (xorshift).
fn draw(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 33).unwrap()
}

#[test]
fn random_damage_never_panics_and_what_is_taken_can_be_read() {
    let mut state = 0x2545_f491_4f6c_dd1d;
    let mut taken = 0;
    for _ in 0..20_000 {
        let mut page = page();
        for _ in 0..=draw(&mut state) % 3 {
            let column = draw(&mut state) % 4;
            let at = draw(&mut state);
            match &mut page.columns[column].values {
                Values::Text { offsets, .. } if at.is_multiple_of(2) => offsets[at % 4] = (draw(&mut state) % 6) as u32,
                Values::Text { bytes, .. } => bytes[at % 4] = draw(&mut state) as u8,
                Values::F64(v) => v.truncate(at % 4),
                Values::I64(v) => v.truncate(at % 4),
                Values::Bool(v) => v[at % 3] = (draw(&mut state) % 3) as u8,
            }
        }
        if page.check(&schema()).is_ok() {
            taken += 1;
            (0..3).for_each(|row| assert!(page.columns[0].values.text_at(row).is_some()));
        }
    }
    assert!((100..19_000).contains(&taken), "{taken} of 20000 pages were taken");
}
