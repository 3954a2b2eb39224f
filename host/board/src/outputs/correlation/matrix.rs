//! Matrices of correlations in a model, and which rows and columns of them are worth a look. Not for: drawing them.

use parcae_domain::party::Party;
use serde_json::Value;

use crate::outputs::json;

/// Rows and columns that are drawn.
pub const MOST: usize = 80;
/// Pairs that are listed.
const PAIRS: usize = 500;
/// Features that are looked at: the pairs of more would take too long.
const LOOKED_AT: usize = 2_000;

/// A matrix with the names of its features.
pub struct Matrix {
    /// Names of the rows.
    pub rows: Vec<String>,
    /// Names of the columns.
    pub columns: Vec<String>,
    values: Vec<f64>,
    is_own: bool,
}

/// Two features that go together.
pub struct Pair {
    /// One of them.
    pub one: String,
    /// The other.
    pub other: String,
    /// Their correlation.
    pub value: f64,
}

/// What of a matrix is shown: indexes.
pub struct Shown {
    /// Rows, in their order.
    pub rows: Vec<usize>,
    /// Columns, in their order.
    pub columns: Vec<usize>,
    /// There were more.
    pub is_cut: bool,
}

/// Names of a party's features, as many as are asked for.
pub fn own_names(param: &Value, party: Party, count: usize) -> Vec<String> {
    let text = format!("({},{})", party.role, party.id);
    let parties = json::texts(&param["parties"]);
    let all: Vec<Vec<String>> = json::list(&param["allNames"]).iter().map(|one| json::texts(&one["names"])).collect();
    let at = parties.iter().position(|one| one.replace(' ', "") == text);
    // A model that does not name its parties has the guest's first.
    let named = at.and_then(|at| all.get(at)).or_else(|| all.iter().find(|names| names.len() == count)).cloned();
    let mut names = named.unwrap_or_else(|| json::texts(&param["names"]));
    names.truncate(count);
    names.extend((names.len()..count).map(|at| format!("#{at}")));
    names
}

/// Side of a square matrix with so many values.
fn side(values: usize) -> Option<usize> {
    let side = values.isqrt();
    (side > 0 && side * side == values).then_some(side)
}

impl Matrix {
    /// Correlations of a party's own features.
    pub fn own(param: &Value, party: Party) -> Option<Matrix> {
        let mut values = json::numbers(&param["localCorr"]);
        // Homogeneous parties have the same features: there is one matrix.
        if values.is_empty() && json::list(&param["allNames"]).len() < 2 {
            values = json::numbers(&param["corr"]);
        }
        let side = side(values.len())?;
        let names = own_names(param, party, side);
        Some(Matrix { rows: names.clone(), columns: names, values, is_own: true })
    }

    /// Correlations of one party's features with another's.
    pub fn across(param: &Value) -> Option<Matrix> {
        let [first, second, ..] = json::list(&param["allNames"]) else { return None };
        let (rows, columns) = (json::texts(&first["names"]), json::texts(&second["names"]));
        let values = json::numbers(&param["corr"]);
        let fits = !values.is_empty() && rows.len().checked_mul(columns.len()) == Some(values.len());
        fits.then_some(Matrix { rows, columns, values, is_own: false })
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        self.values.get(row * self.columns.len() + column).copied().unwrap_or(f64::NAN)
    }

    /// A value, unless it is weaker than asked for.
    pub fn kept(&self, row: usize, column: usize, least: f64) -> f64 {
        let value = self.at(row, column);
        if value.abs() >= least { value } else { f64::NAN }
    }

    /// Names that rows or columns may be ordered by: those that the other side does not have, too, if the sides differ.
    pub fn names_to_sort_by(&self) -> Vec<&str> {
        let others = if self.is_own { &[][..] } else { &self.columns[..] };
        self.rows.iter().chain(others).map(String::as_str).take(LOOKED_AT).collect()
    }

    /// Whether a cell says something: that a feature goes with itself does not.
    fn tells(&self, row: usize, column: usize) -> bool {
        !(self.is_own && row == column) && self.at(row, column).is_finite()
    }

    fn strength(&self, row: usize, column: usize) -> f64 {
        if self.tells(row, column) { self.at(row, column).abs() } else { 0.0 }
    }

    /// Rows and columns with these letters in their names (on one side at least) and something that is strong enough,
    /// the strongest if there are too many; ordered by a feature, if it is there.
    pub fn shown(&self, by: &str, like: &str, least: f64) -> Shown {
        let (rows, columns) = (self.rows.len().min(LOOKED_AT), self.columns.len().min(LOOKED_AT));
        let is_like = |name: &String| like.is_empty() || name.to_lowercase().contains(like);
        let row_best = |row: usize| (0..columns).map(|at| self.strength(row, at)).fold(0.0, f64::max);
        let column_best = |column: usize| (0..rows).map(|at| self.strength(at, column)).fold(0.0, f64::max);
        let any_row_like = self.rows.iter().take(rows).any(is_like);
        let row_fits = |row: &usize| !any_row_like || is_like(&self.rows[*row]);
        let column_fits = |at: &usize| self.is_own || any_row_like || is_like(&self.columns[*at]);
        let nothing = !like.is_empty() && !any_row_like && !self.columns.iter().take(columns).any(is_like);
        if nothing {
            return Shown { rows: Vec::new(), columns: Vec::new(), is_cut: false };
        }
        let (row_all, row_cut) = strongest((0..rows).filter(row_fits), row_best, least);
        let (column_all, column_cut) = strongest((0..columns).filter(column_fits), column_best, least);
        let mut shown = Shown { rows: row_all, columns: column_all, is_cut: row_cut || column_cut };
        shown.is_cut |= self.rows.len() > rows || self.columns.len() > columns;
        self.order(by, &mut shown);
        shown
    }

    /// Those that go with a feature most come first.
    fn order(&self, by: &str, shown: &mut Shown) {
        let down = |a: f64, b: f64| b.total_cmp(&a);
        if let Some(at) = self.columns.iter().position(|name| name == by) {
            shown.rows.sort_by(|a, b| down(self.at(*a, at), self.at(*b, at)));
        }
        if let Some(at) = self.rows.iter().position(|name| name == by) {
            shown.columns.sort_by(|a, b| down(self.at(at, *a), self.at(at, *b)));
        }
    }

    /// The strongest pairs, the strongest first.
    pub fn strongest(&self) -> Vec<Pair> {
        let (rows, columns) = (self.rows.len().min(LOOKED_AT), self.columns.len().min(LOOKED_AT));
        let cells = (0..rows).flat_map(|row| {
            let from = if self.is_own { row + 1 } else { 0 };
            (from..columns).map(move |column| (row, column))
        });
        let mut cells: Vec<(usize, usize)> = cells.filter(|(row, column)| self.tells(*row, *column)).collect();
        let strength = |cell: &(usize, usize)| self.strength(cell.0, cell.1);
        let weaker = |a: &(usize, usize), b: &(usize, usize)| strength(b).total_cmp(&strength(a));
        if cells.len() > PAIRS {
            cells.select_nth_unstable_by(PAIRS, weaker);
            cells.truncate(PAIRS);
        }
        cells.sort_by(|a, b| weaker(a, b).then_with(|| a.cmp(b)));
        let pair = |(row, column): (usize, usize)| Pair {
            one: self.rows[row].clone(),
            other: self.columns[column].clone(),
            value: self.at(row, column),
        };
        cells.into_iter().map(pair).collect()
    }
}

/// Those with something strong enough, in their order; the strongest of them if there are too many.
fn strongest(all: impl Iterator<Item = usize>, best: impl Fn(usize) -> f64, least: f64) -> (Vec<usize>, bool) {
    let mut all: Vec<(usize, f64)> = all.map(|at| (at, best(at))).filter(|(_, best)| *best >= least).collect();
    let is_cut = all.len() > MOST;
    if is_cut {
        all.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        all.truncate(MOST);
        all.sort_by_key(|(at, _)| *at);
    }
    (all.into_iter().map(|(at, _)| at).collect(), is_cut)
}

#[cfg(test)]
mod tests {
    use parcae_domain::party::Role;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_strongest_of_many_are_shown() {
        let count = 100;
        let value = |row: usize, column: usize| match (row, column) {
            (a, b) if a == b => 1.0,
            (7, 93) | (93, 7) => -0.9,
            (a, b) => ((a * 31 + b * 31) % 100) as f64 / 1000.0,
        };
        let cells: Vec<f64> = (0..count).flat_map(|row| (0..count).map(move |column| value(row, column))).collect();
        let names: Vec<String> = (0..count).map(|at| format!("x{at}")).collect();
        let param = json!({ "localCorr": cells, "parties": ["(guest,9)"], "allNames": [{ "names": names }] });
        let matrix = Matrix::own(&param, Party::new(Role::Guest, 9)).unwrap();
        let shown = matrix.shown("", "", 0.0);
        assert_eq!((shown.rows.len(), shown.columns.len(), shown.is_cut), (MOST, MOST, true));
        assert!(shown.rows.contains(&93) && shown.rows.windows(2).all(|pair| pair[0] < pair[1]));
        let strong = matrix.shown("", "", 0.5);
        assert_eq!((strong.rows, strong.columns, strong.is_cut), (vec![7, 93], vec![7, 93], false));
        let first = &matrix.strongest()[0];
        assert_eq!((first.one.as_str(), first.other.as_str(), first.value), ("x7", "x93", -0.9));
        assert_eq!(matrix.strongest().len(), PAIRS);
        assert_eq!(matrix.shown("x93", "", 0.5).rows, [93, 7]);
        assert_eq!(matrix.shown("", "x9", 0.0).rows.len(), 11);
    }

    #[test]
    fn what_does_not_fit_is_no_matrix() {
        assert!(Matrix::own(&json!({ "localCorr": [1.0, 0.5] }), Party::new(Role::Guest, 9)).is_none());
        let odd = json!({ "corr": [1.0], "allNames": [{ "names": ["a", "b"] }, { "names": ["c"] }] });
        assert!(Matrix::across(&odd).is_none());
    }
}
