//! Parts on their way to the other party: their number, then pages of one column. Not for: what they mean (`shares`).

use parcae_sdk::{
    Failure, FailureKind, Party, Result, federation, input_error,
    tables::{Column, Page, Values},
};

/// Most rows of a page.
const PAGE_ROWS: usize = 65_536;

/// What the other party sent is not what was asked for.
fn peer_error(message: String) -> Failure {
    Failure { kind: FailureKind::Peer, message }
}

/// Rows of each page but the last.
fn page_rows(count: usize, partitions: usize) -> usize {
    count.div_ceil(partitions.max(1)).clamp(1, PAGE_ROWS)
}

/// Sends parts in at least so many pages, when there are so many parts.
pub fn push(to: Party, tag: &str, parts: &[u64], partitions: usize) -> Result<()> {
    federation::push(to, tag, &(parts.len() as u64).to_le_bytes())?;
    for rows in parts.chunks(page_rows(parts.len(), partitions)) {
        let values = Values::Int64(rows.iter().map(|part| *part as i64).collect());
        let page = Page { rows: rows.len() as u32, columns: vec![Column { validity: None, values }] };
        federation::push_page(to, tag, &page)?;
    }
    Ok(())
}

/// Waits for `count` parts.
pub fn pull(from: Party, tag: &str, count: usize) -> Result<Vec<u64>> {
    let sent = element(&federation::pull(from, tag)?, tag)?;
    if sent != count as u64 {
        return Err(input_error(format!("data_num is {count} here and {sent} at the other party; give both the same")));
    }
    let mut all = Vec::with_capacity(count);
    while all.len() < count {
        let more = column(federation::pull_page(from, tag)?, tag)?;
        if more.is_empty() || more.len() > count - all.len() {
            let (more, left) = (more.len(), count - all.len());
            return Err(peer_error(format!("{tag}: a page of {more} parts came where {left} were left")));
        }
        all.extend(more.into_iter().map(|part| part as u64));
    }
    Ok(all)
}

fn column(mut page: Page, tag: &str) -> Result<Vec<i64>> {
    match (page.columns.pop(), page.columns.len()) {
        (Some(Column { validity: None, values: Values::Int64(parts) }), 0) => Ok(parts),
        _ => Err(peer_error(format!("{tag}: one full column of whole numbers was expected"))),
    }
}

/// One element of the ring, or a count.
pub fn element(bytes: &[u8], tag: &str) -> Result<u64> {
    let bytes = <[u8; 8]>::try_from(bytes);
    bytes.map(u64::from_le_bytes).map_err(|_| peer_error(format!("{tag}: eight bytes were expected")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_hold_all_parts() {
        assert_eq!(page_rows(1000, 4), 250);
        assert_eq!(page_rows(10, 4), 3);
        assert_eq!(page_rows(3, 100), 1);
        assert_eq!(page_rows(10_000_000, 1), PAGE_ROWS);
    }

    #[test]
    fn what_is_no_column_of_parts_is_refused() {
        let page = |columns| Page { rows: 1, columns };
        let good = Column { validity: None, values: Values::Int64(vec![-1]) };
        assert_eq!(column(page(vec![good.clone()]), "t").unwrap(), [-1]);
        assert!(column(page(vec![good.clone(), good]), "t").is_err());
        assert!(column(page(vec![Column { validity: None, values: Values::Float64(vec![1.0]) }]), "t").is_err());
        assert!(column(page(vec![]), "t").is_err());
        assert!(element(&[1, 2], "t").is_err());
    }
}
