//! What parties compare: one unit a key, or one a match id with all the rows that carry it. Not for: comparing.

use parcae_sdk::{Column, Frame, Text, tables::Meaning, tables::Texts, tables::Values, texts};

/// Units in the order of their names as text, each with its rows in the order of their keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Units {
    /// What is compared; no name twice.
    pub names: Texts,
    /// Rows of unit u: `members[starts[u] .. starts[u + 1]]`.
    starts: Vec<usize>,
    members: Vec<usize>,
}

/// The column of match ids, if the table has one; the first of several.
pub fn match_id(frame: &Frame) -> Option<&Column> {
    frame.of(Meaning::MatchId).find(|column| matches!(column.values, Values::Text(_)))
}

impl Units {
    /// Units of a table. Rows without a match id belong to none.
    pub fn of(frame: &Frame) -> Units {
        let by_key = frame.sorted_rows();
        match match_id(frame).map(|column| (column, &column.values)) {
            Some((column, Values::Text(ids))) => Units::by_match_id(column, ids, by_key),
            _ => {
                let names = texts(by_key.iter().map(|row| frame.ids().at(*row)));
                Units { names, starts: (0..=by_key.len()).collect(), members: by_key }
            }
        }
    }

    fn by_match_id(column: &Column, ids: &Texts, by_key: Vec<usize>) -> Units {
        let mut members: Vec<usize> = by_key.into_iter().filter(|row| column.is_valid(*row)).collect();
        // Stable: rows of one match id stay in the order of their keys.
        members.sort_by(|a, b| ids.at(*a).cmp(ids.at(*b)));
        let mut starts = Vec::new();
        for (at, row) in members.iter().enumerate() {
            if at == 0 || ids.at(members[at - 1]) != ids.at(*row) {
                starts.push(at);
            }
        }
        let names = texts(starts.iter().map(|at| ids.at(members[*at])));
        starts.push(members.len());
        Units { names, starts, members }
    }

    /// Number of units.
    pub fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Rows of a unit, in the order of their keys.
    pub fn rows(&self, unit: usize) -> &[usize] {
        &self.members[self.starts[unit]..self.starts[unit + 1]]
    }

    /// Units that have several rows.
    pub fn repeated(&self) -> usize {
        self.starts.windows(2).filter(|pair| pair[1] - pair[0] > 1).count()
    }
}

/// Texts `from` to `to` of a column.
pub fn part(all: &Texts, from: usize, to: usize) -> Texts {
    texts((from..to).map(|row| all.at(row)))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A table with a key, match ids where given, and the feature `x` = number of the row.
    pub fn table(keys: &[&str], match_ids: Option<&[Option<&str>]>) -> Frame {
        let mut columns = vec![Column::new("id", Meaning::Id, Values::Text(texts(keys.iter().copied())))];
        if let Some(ids) = match_ids {
            let all = texts(ids.iter().map(|id| id.unwrap_or("")));
            let mut column = Column::new("phone", Meaning::MatchId, Values::Text(all));
            column.valid = Some(ids.iter().map(Option::is_some).collect());
            columns.push(column);
        }
        let numbers = (0..keys.len()).map(|row| row as f64).collect();
        columns.push(Column::new("x", Meaning::Feature, Values::Float64(numbers)));
        Frame::new(columns)
    }

    #[test]
    fn keys_are_units_in_the_order_of_their_text() {
        let units = Units::of(&table(&["2", "10", "1"], None));
        assert_eq!(units.names, texts(["1", "10", "2"]));
        assert_eq!((units.rows(0), units.rows(1), units.rows(2)), (&[2][..], &[1][..], &[0][..]));
        assert_eq!(units.repeated(), 0);
    }

    #[test]
    fn rows_of_one_match_id_are_one_unit() {
        let ids = [Some("b"), Some("a"), None, Some("b")];
        let units = Units::of(&table(&["k3", "k1", "k2", "k0"], Some(&ids)));
        assert_eq!(units.names, texts(["a", "b"]));
        assert_eq!((units.rows(0), units.rows(1)), (&[1][..], &[3, 0][..]));
        assert_eq!((units.count(), units.repeated()), (2, 1));
    }

    #[test]
    fn no_match_id_at_all_is_no_unit() {
        let units = Units::of(&table(&["a"], Some(&[None])));
        assert_eq!(units.count(), 0);
        assert_eq!(units.names.count(), 0);
    }
}
