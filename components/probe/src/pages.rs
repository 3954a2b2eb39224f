//! Pages that are wrong: each has to be refused, and nothing of it may be stored. Not for: schemas (`schemas`).

use parcae_sdk::{
    Error, Result, failed, info,
    tables::{self, Column, ColumnDefinition, DataType, Meaning, Page, Schema, Texts, Values, Writer},
    texts,
};

use crate::{
    Behaviour, Request, behaviour,
    refusal::{refused, until_limit},
};

/// The behaviours.
pub static ALL: [Behaviour; 6] = [
    behaviour("bad_page_offsets", "success: every page is refused, the table has its two good rows", bad_page_offsets),
    behaviour("bad_page_utf8", "success: every page is refused, the table has its two good rows", bad_page_utf8),
    behaviour("bad_page_rows", "success: every page is refused, the table has its two good rows", bad_page_rows),
    behaviour("bad_page_types", "success: every page is refused, the table has its two good rows", bad_page_types),
    behaviour("huge_page", "success after an error: a page of `amount` rows (2^20 + 1) is beyond page_rows", huge_page),
    behaviour("flood_table", "success after error table_bytes; `amount` pages of 672 KiB, endless for 0", flood_table),
];

/// A page and what is wrong with it.
pub type Case = (&'static str, Page);

/// Key, and one column of each other type.
pub fn schema() -> Schema {
    let column = |name: &str, data_type: DataType, meaning: Meaning| ColumnDefinition {
        name: name.to_owned(),
        data_type,
        meaning,
    };
    Schema {
        columns: vec![
            column("id", DataType::Text, Meaning::Id),
            column("x", DataType::Float64, Meaning::Feature),
            column("n", DataType::Int64, Meaning::Feature),
            column("b", DataType::Boolean, Meaning::Other),
        ],
        extra: "{}".to_owned(),
    }
}

fn full(values: Values) -> Column {
    Column { validity: None, values }
}

/// Two rows that are right.
pub fn good() -> Page {
    Page {
        rows: 2,
        columns: vec![
            full(Values::Text(texts(["a", "\u{e4}"]))),
            full(Values::Float64(vec![1.0, 2.0])),
            full(Values::Int64(vec![1, 2])),
            full(Values::Boolean(vec![0, 1])),
        ],
    }
}

/// The good page with another column `at`.
fn with(at: usize, column: Column) -> Page {
    let mut page = good();
    page.columns[at] = column;
    page
}

fn keys(offsets: &[u32], bytes: &[u8]) -> Page {
    with(0, full(Values::Text(Texts { offsets: offsets.to_vec(), bytes: bytes.to_vec() })))
}

/// Pages whose offsets are wrong.
pub fn offsets() -> Vec<Case> {
    vec![
        ("offsets that go back", keys(&[0, 3, 2], b"abc")),
        ("offsets beyond the bytes", keys(&[0, 1, 1000], b"abc")),
        ("offsets that end before the bytes", keys(&[0, 1, 2], b"abc")),
        ("offsets that do not begin at 0", keys(&[1, 2, 3], b"abc")),
        ("one offset too few", keys(&[0, 3], b"abc")),
        ("one offset too many", keys(&[0, 1, 2, 3], b"abc")),
        ("no offsets", keys(&[], b"")),
        ("offsets that wrap around", keys(&[0, u32::MAX, 3], b"abc")),
        ("the greatest offset", keys(&[0, 1, u32::MAX], b"abc")),
    ]
}

/// Pages whose texts are not UTF-8.
pub fn utf8() -> Vec<Case> {
    vec![
        ("bytes that are no text", keys(&[0, 1, 2], &[0xff, 0xfe])),
        ("a text that begins inside a character", keys(&[0, 1, 2], "\u{e4}".as_bytes())),
        ("half a character at the end", keys(&[0, 1, 2], &[b'a', 0xc3])),
        ("a surrogate", keys(&[0, 3, 3], &[0xed, 0xa0, 0x80])),
        ("a character that is too long", keys(&[0, 2, 2], &[0xc0, 0x80])),
    ]
}

/// Pages whose columns do not have the rows that the page has.
pub fn rows() -> Vec<Case> {
    let bits = |bits: &[u8]| Column { validity: Some(bits.to_vec()), values: Values::Float64(vec![1.0, 2.0]) };
    vec![
        ("a value too few", with(1, full(Values::Float64(vec![1.0])))),
        ("a value too many", with(2, full(Values::Int64(vec![1, 2, 3])))),
        ("no values", with(3, full(Values::Boolean(Vec::new())))),
        ("a truth value of 2", with(3, full(Values::Boolean(vec![0, 2])))),
        ("validity without bytes", with(1, bits(&[]))),
        ("validity with a byte too many", with(1, bits(&[3, 0]))),
        ("more rows than the columns have", Page { rows: 3, ..good() }),
        ("no rows where columns have some", Page { rows: 0, ..good() }),
        ("the greatest number of rows", Page { rows: u32::MAX, ..good() }),
    ]
}

/// Pages that do not fit the schema.
pub fn types() -> Vec<Case> {
    let mut more = good();
    more.columns.push(full(Values::Float64(vec![1.0, 2.0])));
    let mut fewer = good();
    fewer.columns.pop();
    let mut swapped = good();
    swapped.columns.swap(1, 2);
    vec![
        ("whole numbers in a column of numbers", with(1, full(Values::Int64(vec![1, 2])))),
        ("numbers in a column of texts", with(0, full(Values::Float64(vec![1.0, 2.0])))),
        ("texts in a column of truth values", with(3, full(Values::Text(texts(["0", "1"]))))),
        ("columns in another order", swapped),
        ("a column too many", more),
        ("a column too few", fewer),
        ("no columns", Page { rows: 2, columns: Vec::new() }),
    ]
}

/// Every case has to be refused; the good page behind them is taken, and it alone is in the table.
fn all_refused(cases: Vec<Case>) -> Result<()> {
    let writer = tables::create("data", &schema(), 1)?;
    for (what, page) in &cases {
        refused(what, writer.append(page))?;
    }
    writer.append(&good())?;
    match writer.finish()? {
        2 => Ok(()),
        rows => Err(failed(format!("{rows} rows were stored where 2 were right"))),
    }
}

fn bad_page_offsets(_: &Request) -> Result<()> {
    all_refused(offsets())
}

fn bad_page_utf8(_: &Request) -> Result<()> {
    all_refused(utf8())
}

fn bad_page_rows(_: &Request) -> Result<()> {
    all_refused(rows())
}

fn bad_page_types(_: &Request) -> Result<()> {
    all_refused(types())
}

/// A table of a key and eight columns of numbers, for floods and benches.
pub fn wide_writer() -> std::result::Result<Writer, Error> {
    let mut schema = schema();
    schema.columns.truncate(1);
    schema.columns.extend((0..8).map(|i| ColumnDefinition {
        name: format!("x{i}"),
        data_type: DataType::Float64,
        meaning: Meaning::Feature,
    }));
    tables::create("data", &schema, 1)
}

/// Rows of a wide page.
pub const WIDE_ROWS: u64 = 8192;

/// Page `number` of a wide table: 8192 rows of nine columns, 672 KiB, with keys of its own.
pub fn wide_page(number: u64) -> Page {
    let mut ids = Texts { offsets: vec![0], bytes: Vec::with_capacity(16 * WIDE_ROWS as usize) };
    for row in 0..WIDE_ROWS {
        ids.bytes.extend_from_slice(format!("{:016x}", number * WIDE_ROWS + row).as_bytes());
        ids.offsets.push(ids.bytes.len() as u32);
    }
    let numbers = || full(Values::Float64((0..WIDE_ROWS).map(|row| 1000.0 * row as f64).collect()));
    let columns = std::iter::once(full(Values::Text(ids))).chain((0..8).map(|_| numbers())).collect();
    Page { rows: WIDE_ROWS as u32, columns }
}

fn huge_page(request: &Request) -> Result<()> {
    let rows = request.amount_or((1 << 20) + 1);
    let mut schema = schema();
    schema.columns.truncate(1);
    let writer = tables::create("data", &schema, 1)?;
    let ids = Texts { offsets: vec![0; rows as usize + 1], bytes: Vec::new() };
    refused(
        "a page with too many rows",
        writer.append(&Page { rows: rows as u32, columns: vec![full(Values::Text(ids))] }),
    )
}

fn flood_table(request: &Request) -> Result<()> {
    let writer = wide_writer()?;
    until_limit("table_bytes", request.amount, |number| writer.append(&wide_page(number)))?;
    info!("the table is left unfinished: nothing of it may stay");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_differs_from_the_good_page() {
        for (what, page) in offsets().into_iter().chain(utf8()).chain(rows()).chain(types()) {
            assert_ne!(page, good(), "{what}");
        }
    }

    #[test]
    fn a_wide_page_has_its_rows() {
        let page = wide_page(3);
        assert_eq!((page.rows, page.columns.len()), (8192, 9));
        let Values::Text(ids) = &page.columns[0].values else { panic!("keys are texts") };
        assert_eq!((ids.offsets.len(), ids.bytes.len()), (8193, 8192 * 16));
        assert_eq!(&ids.bytes[..16], b"0000000000006000");
    }
}
