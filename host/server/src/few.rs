//! Answers of many rows have a bound: they are put together in memory, and a node lives for years. Not for: which rows
//! they are (`query`, `list`, `model`).

use crate::answer::Refusal;

/// Most rows of an answer.
pub(crate) const MOST_ROWS: u32 = 10_000;
/// Rows to ask the node for: one more tells that there are too many.
pub(crate) const ROWS_TO_SEE: u32 = MOST_ROWS + 1;

/// Refuses more rows than an answer may have; the cure says what makes them fewer.
pub(crate) fn check_rows(rows: usize, cure: &str) -> Result<(), Refusal> {
    if rows > MOST_ROWS as usize {
        return Err(Refusal::exception(&format!("more than {MOST_ROWS} rows: {cure}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_rows_are_refused_with_a_cure() {
        assert!(check_rows(10_000, "").is_ok());
        let refused = format!("{:?}", check_rows(ROWS_TO_SEE as usize, "name job_id").unwrap_err());
        assert!(refused.contains("retcode: 100") && refused.contains("more than 10000 rows: name job_id"), "{refused}");
    }
}
