//! Some rows and columns of a table, for a page: no more of it is read than is shown. Not for: whole tables (`csv`),
//! what it looks like (`board`).

use parcae_board::data::Look;
use parcae_domain::{
    page::Page,
    port::{PortError, Table},
};
use parcae_tables::text::cell;

use crate::csv::Layout;

/// Columns that are shown at a time, beside the key.
const COLUMNS: usize = 20;
/// Characters of a cell that are shown.
const CELL: usize = 300;

/// Which part of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// The first row, from 0.
    pub(crate) from: u64,
    /// Rows.
    pub(crate) rows: u64,
    /// Which columns, from 1: so many at a time.
    pub(crate) columns: usize,
}

/// A look at a part of a table.
pub(crate) fn look(table: &dyn Table, window: Window) -> Result<Look, PortError> {
    let layout = Layout::of(table)?;
    let all = layout.header.len();
    let column_pages = all.saturating_sub(1).div_ceil(COLUMNS).max(1);
    let column_page = window.columns.clamp(1, column_pages);
    let first_column = 1 + (column_page - 1) * COLUMNS;
    let places: Vec<usize> = std::iter::once(0).chain(first_column..first_column + COLUMNS).collect();
    let places: Vec<usize> = places.into_iter().filter(|place| *place < all).collect();
    let from = if window.from < table.rows() { window.from } else { 0 };
    let mut rows: Vec<Vec<Option<String>>> = Vec::new();
    match layout.raw {
        Some(_) => visit(table, from, window.rows, &[], &mut |page, row| {
            let cells = stored(&layout, page, row);
            rows.push(places.iter().map(|place| cells.get(*place).cloned().flatten()).collect());
        })?,
        None => {
            let read = places.iter().filter_map(|place| layout.columns.get(*place));
            let read: Vec<u32> = read.filter_map(|at| u32::try_from(*at).ok()).collect();
            visit(table, from, window.rows, &read, &mut |page, row| {
                rows.push((0..page.columns.len()).map(|at| text_at(page, at, row)).collect());
            })?;
        }
    }
    Ok(Look {
        names: places.iter().filter_map(|place| layout.header.get(*place).cloned()).collect(),
        first_column,
        column_page,
        column_pages,
        all_columns: all,
        first_row: from,
        rows,
        all_rows: table.rows(),
    })
}

/// Calls `each` for some rows of some columns (none = all).
fn visit(
    table: &dyn Table,
    from: u64,
    count: u64,
    columns: &[u32],
    each: &mut dyn FnMut(&Page, usize),
) -> Result<(), PortError> {
    let (mut skip, mut left) = (from, count);
    for index in 0..table.pages() {
        if left == 0 {
            break;
        }
        let rows = match table.page_rows(index) {
            Some(rows) => u64::from(rows),
            None => u64::from(table.read_page(index, &columns[..columns.len().min(1)])?.rows),
        };
        if skip >= rows {
            skip -= rows;
            continue;
        }
        let page = table.read_page(index, columns)?;
        let end = rows.min(skip.saturating_add(left));
        for row in skip..end {
            each(&page, usize::try_from(row).unwrap_or(usize::MAX));
        }
        left -= end - skip;
        skip = 0;
    }
    Ok(())
}

/// Cells of a row of a table of stored lines, in the order of the file.
fn stored(layout: &Layout, page: &Page, row: usize) -> Vec<Option<String>> {
    let mut cells = Vec::new();
    for at in &layout.columns {
        if layout.raw == Some(*at) {
            let line = page.columns.get(*at).map(|column| cell(column, row)).unwrap_or_default();
            cells.extend(line.split(layout.delimiter.as_str()).map(|text| Some(cut(text))));
        } else {
            cells.push(text_at(page, *at, row));
        }
    }
    cells
}

fn text_at(page: &Page, at: usize, row: usize) -> Option<String> {
    let column = page.columns.get(at)?;
    column.is_valid(row).then(|| cut(&cell(column, row)))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(CELL) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use parcae_domain::{
        page::{Column, Values},
        schema::{ColumnDef, DataType, Meaning, Schema},
    };

    use super::*;

    /// Three pages of two rows; column i of row n holds `n.i`.
    struct Wide(Schema);

    impl Wide {
        fn of(columns: usize) -> Wide {
            let def = |at: usize| ColumnDef {
                name: format!("c{at}"),
                data_type: DataType::Text,
                meaning: if at == 0 { Meaning::Id } else { Meaning::Feature },
            };
            Wide(Schema { columns: (0..columns).map(def).collect(), extra: serde_json::Map::new() })
        }
    }

    impl Table for Wide {
        fn schema(&self) -> &Schema {
            &self.0
        }

        fn rows(&self) -> u64 {
            6
        }

        fn pages(&self) -> u32 {
            3
        }

        fn partitions(&self) -> u32 {
            1
        }

        fn read_page(&self, index: u32, columns: &[u32]) -> Result<Page, PortError> {
            let column = |at: &u32| {
                let texts = [0, 1].map(|row| format!("{}.{at}", index * 2 + row));
                Column { validity: Some(vec![0b01]), values: Values::text(texts.iter().map(String::as_str)) }
            };
            Ok(Page { rows: 2, columns: columns.iter().map(column).collect() })
        }

        fn file(&self) -> &str {
            "wide"
        }
    }

    #[test]
    fn only_the_window_is_read_and_shown() {
        let table = Wide::of(50);
        let seen = look(&table, Window { from: 1, rows: 2, columns: 3 }).unwrap();
        assert_eq!((seen.names.len(), seen.names[0].as_str(), seen.names[1].as_str()), (10, "c0", "c41"));
        assert_eq!((seen.column_page, seen.column_pages, seen.all_columns, seen.all_rows), (3, 3, 50, 6));
        // Every second row has no value.
        assert_eq!((seen.rows.len(), seen.rows[0][0].as_deref(), seen.rows[1][1].as_deref()), (2, None, Some("2.41")));
        let beyond = look(&table, Window { from: u64::MAX, rows: u64::MAX, columns: usize::MAX }).unwrap();
        assert_eq!((beyond.first_row, beyond.rows.len(), beyond.column_page), (0, 6, 3));
        let narrow = look(&Wide::of(1), Window { from: 4, rows: 50, columns: 1 }).unwrap();
        assert_eq!((narrow.names.len(), narrow.rows.len()), (1, 2));
    }

    #[test]
    fn long_cells_are_cut() {
        assert_eq!(cut(&"é".repeat(CELL + 1)).chars().count(), CELL + 1);
        assert!(cut(&"é".repeat(CELL + 1)).ends_with('…') && !cut(&"é".repeat(CELL)).ends_with('…'));
    }
}
