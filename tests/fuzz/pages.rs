//! Pages as a component or another party may hand them over: what the checker takes can be read to its last value, and
//! comes back from a table as it was; a table file that was damaged is refused, or read as a page that holds.

use std::fs;
use std::path::Path;

use parcae_domain::{
    page::{Column, Page, Values},
    port::{PortError, Table},
    schema::{ColumnDef, DataType, Meaning, Schema},
};
use parcae_tables::TableDir;

use crate::fuzz;

/// Bytes that are read as one page: every choice takes what it needs, and zeros when there are no more.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().map_or((0, self.0), |(first, rest)| (*first, rest));
        self.0 = rest;
        first
    }

    fn word(&mut self) -> u32 {
        u32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()])
    }

    /// True once in so many times.
    fn once_in(&mut self, times: u8) -> bool {
        self.byte() % times == 1
    }

    /// Nearly always this length.
    fn length(&mut self, len: usize) -> usize {
        if self.once_in(40) { usize::from(self.byte() % 32) } else { len }
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        let len = self.length(len);
        (0..len).map(|_| self.byte()).collect()
    }

    fn eights(&mut self, len: usize) -> Vec<[u8; 8]> {
        let len = self.length(len);
        (0..len).map(|_| std::array::from_fn(|_| self.byte())).collect()
    }
}

const TYPES: [DataType; 4] = [DataType::Text, DataType::F64, DataType::I64, DataType::Bool];

fn data_type(choices: &mut Choices) -> DataType {
    TYPES[usize::from(choices.byte() % 4)]
}

fn schema(choices: &mut Choices) -> Schema {
    let columns = (0..1 + choices.byte() % 4).map(|i| ColumnDef {
        name: format!("c{i}"),
        data_type: if i == 0 { DataType::Text } else { data_type(choices) },
        meaning: if i == 0 { Meaning::Id } else { Meaning::Feature },
    });
    Schema { columns: columns.collect(), extra: serde_json::Map::new() }
}

fn texts(choices: &mut Choices, rows: usize) -> Values {
    let mut offsets = vec![0];
    let mut bytes: Vec<u8> = Vec::new();
    for _ in 0..choices.length(rows) {
        match choices.byte() % 8 {
            0 => {}
            1 => bytes.extend("größe".bytes()),
            // Mostly no text at all, or the half of a character.
            2 if choices.once_in(4) => bytes.push(choices.byte()),
            _ => bytes.push(b'a' + choices.byte() % 26),
        }
        let end = u32::try_from(bytes.len()).unwrap();
        offsets.push(if choices.once_in(60) { choices.word() } else { end });
    }
    if choices.once_in(30) {
        offsets[0] = choices.word();
    }
    Values::Text { offsets, bytes }
}

fn values(choices: &mut Choices, data_type: DataType, rows: usize) -> Values {
    match data_type {
        DataType::Text => texts(choices, rows),
        DataType::F64 => Values::F64(choices.eights(rows).into_iter().map(f64::from_le_bytes).collect()),
        DataType::I64 => Values::I64(choices.eights(rows).into_iter().map(i64::from_le_bytes).collect()),
        DataType::Bool => {
            let odd = choices.once_in(8);
            Values::Bool(choices.bytes(rows).into_iter().map(|b| if odd { b } else { b & 1 }).collect())
        }
    }
}

fn page(choices: &mut Choices, schema: &Schema) -> Page {
    let rows = usize::from(choices.byte() % 20);
    let mut columns: Vec<Column> = Vec::new();
    for column in &schema.columns {
        let data_type = if choices.once_in(60) { data_type(choices) } else { column.data_type };
        let validity = choices.once_in(2).then(|| choices.bytes(rows.div_ceil(8)));
        columns.push(Column { validity, values: values(choices, data_type, rows) });
    }
    if choices.once_in(60) {
        columns.pop();
    }
    let rows = u32::try_from(rows).unwrap();
    Page { rows: if choices.once_in(60) { choices.word() } else { rows }, columns }
}

/// Reads every value of a page that was taken.
fn read(page: &Page) {
    for column in &page.columns {
        for row in 0..page.rows as usize {
            let text = column.values.text_at(row).is_some();
            assert_eq!(text, column.values.data_type() == DataType::Text, "row {row} of {page:?}");
            let _ = column.is_valid(row);
        }
        assert!(column.values.text_at(page.rows as usize).is_none());
    }
}

/// All pages of a table, each checked.
fn pages(table: &dyn Table) -> Result<Vec<Page>, PortError> {
    let read = |index: u32| -> Result<Page, PortError> {
        let page = table.read_page(index, &[])?;
        page.check(table.schema()).unwrap();
        Ok(page)
    };
    (0..table.pages()).map(read).collect()
}

/// Writes a page to a table and reads it; then damages the file as the choices say, and reads it again.
fn store(folder: &Path, choices: &mut Choices, schema: &Schema, page: &Page) {
    let tables = TableDir::open(folder).unwrap();
    let mut writer = tables.create(schema, 1 + u32::from(choices.byte())).unwrap();
    writer.append(page).unwrap();
    writer.append(page).unwrap();
    let written = writer.finish().unwrap();
    let read = pages(tables.open_table(&written.file).unwrap().as_ref()).unwrap();
    // NaN is no NaN's equal, but looks like one.
    assert_eq!(format!("{read:?}"), format!("{:?}", [page, page]));
    let path = folder.join(&written.file);
    let mut bytes = fs::read(&path).unwrap();
    let at = choices.word() as usize % bytes.len();
    match choices.byte() % 3 {
        0 => bytes.truncate(at),
        1 => bytes[at] ^= 1 << (choices.byte() % 8),
        _ => bytes[at] = choices.byte(),
    }
    fs::write(&path, &bytes).unwrap();
    if let Ok(table) = tables.open_table(&written.file) {
        // Either way is good, as long as it ends.
        let _ = pages(table.as_ref());
    }
    tables.remove(&written.file).unwrap();
}

#[test]
fn pages_and_tables() {
    let folder = tempfile::tempdir().unwrap();
    fuzz(
        "pages",
        |random| {
            let len = random.below(1_500);
            random.bytes(len)
        },
        |bytes| {
            let mut choices = Choices(bytes);
            let schema = schema(&mut choices);
            let page = page(&mut choices, &schema);
            let taken = page.check(&schema).is_ok();
            assert!(!taken || page.check_shape().is_ok(), "{page:?}");
            if taken {
                read(&page);
                if choices.once_in(16) {
                    store(folder.path(), &mut choices, &schema, &page);
                }
            }
            taken
        },
    );
}
