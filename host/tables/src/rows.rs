//! Visits the rows of a table as text, for downloads and previews. Not for: quoting or joining the cells.

use std::borrow::Cow;

use parcae_domain::port::{PortError, Table};

use crate::text;

/// What is done with the cells of each row, the key first.
pub type Visit<'a, E> = dyn FnMut(&[Cow<'_, str>]) -> Result<(), E> + 'a;

/// Calls `each` with every row in order, key first, at most `limit` rows (`None` = all). `text::cell` says how values
/// look. Stops at the first error of the table or of `each`.
pub fn rows_as_text<E: From<PortError>>(
    table: &dyn Table,
    limit: Option<u64>,
    each: &mut Visit<'_, E>,
) -> Result<(), E> {
    let mut left = limit.unwrap_or(u64::MAX);
    for index in 0..table.pages() {
        if left == 0 {
            break;
        }
        let page = table.read_page(index, &[])?;
        let rows = left.min(u64::from(page.rows));
        let mut cells = Vec::with_capacity(page.columns.len());
        for row in 0..rows as usize {
            cells.clear();
            cells.extend(page.columns.iter().map(|column| text::cell(column, row)));
            each(&cells)?;
        }
        left -= rows;
    }
    Ok(())
}
