//! Tests of the crate through what it exports, and of its reading of damaged and hostile files. Not for: single
//! functions (beside them).

mod damage;
mod folder;
mod round_trip;

use std::{path::PathBuf, sync::Arc};

use parcae_domain::{
    page::{Column, Page, Values},
    port::{PortError, Table, TableFile},
    schema::{ColumnDef, DataType, Meaning, Schema},
};

use crate::TableDir;

/// A folder of tables that vanishes with it.
struct Folder {
    temp: tempfile::TempDir,
    tables: TableDir,
}

impl Folder {
    fn new() -> Folder {
        let temp = tempfile::tempdir().unwrap();
        let tables = TableDir::open(temp.path()).unwrap();
        Folder { temp, tables }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.temp.path().join(file)
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.temp.path()).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn write(&self, schema: &Schema, partitions: u32, pages: &[Page]) -> TableFile {
        let mut writer = self.tables.create(schema, partitions).unwrap();
        for page in pages {
            writer.append(page).unwrap();
        }
        writer.finish().unwrap()
    }
}

fn column(name: &str, data_type: DataType, meaning: Meaning) -> ColumnDef {
    ColumnDef { name: name.into(), data_type, meaning }
}

/// One column of every type, and something beside them.
fn schema() -> Schema {
    let mut extra = serde_json::Map::new();
    extra.insert("header".into(), "x0,x1".into());
    extra.insert("meta".into(), serde_json::json!({"with_label": true, "scale": 0.1}));
    Schema {
        columns: vec![
            column("id", DataType::Text, Meaning::Id),
            column("x0", DataType::F64, Meaning::Feature),
            column("x1", DataType::I64, Meaning::Feature),
            column("flag", DataType::Bool, Meaning::Other),
            column("note", DataType::Text, Meaning::Other),
        ],
        extra,
    }
}

/// A page of `schema` whose values follow from `seed`; odd seeds have missing values.
fn page(rows: u32, seed: u32) -> Page {
    let keys: Vec<String> = (0..rows).map(|row| format!("k{seed}-{row}")).collect();
    let notes: Vec<String> = (0..rows).map(|row| "ä€𝄞".repeat((row % 3) as usize)).collect();
    let bits = |salt: u32| {
        let byte = |at: u32| (at.wrapping_mul(37) ^ seed ^ salt).to_le_bytes()[0];
        (seed % 2 == 1).then(|| (0..rows.div_ceil(8)).map(byte).collect::<Vec<u8>>())
    };
    Page {
        rows,
        columns: vec![
            Column { validity: None, values: Values::text(keys.iter().map(String::as_str)) },
            Column { validity: bits(1), values: Values::F64((0..rows).map(|i| f64::from(i) / 7.0 - 3.0).collect()) },
            Column { validity: bits(2), values: Values::I64((0..rows).map(|i| i64::from(i) - (1 << 40)).collect()) },
            Column { validity: bits(3), values: Values::Bool((0..rows).map(|i| u8::from(i % 3 == 0)).collect()) },
            Column { validity: bits(4), values: Values::text(notes.iter().map(String::as_str)) },
        ],
    }
}

fn read_all(table: &Arc<dyn Table>) -> Result<Vec<Page>, PortError> {
    (0..table.pages()).map(|index| table.read_page(index, &[])).collect()
}
