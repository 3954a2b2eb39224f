//! Features of one party in memory. Not for: where they come from ([`crate::rows`]).

/// A matrix, column after column.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Matrix {
    /// From columns of `rows` values each.
    pub fn new(rows: usize, columns: impl IntoIterator<Item = Vec<f64>>) -> Matrix {
        let mut matrix = Matrix { rows, columns: 0, values: Vec::new() };
        for column in columns {
            debug_assert_eq!(column.len(), rows);
            matrix.values.extend(column);
            matrix.columns += 1;
        }
        matrix
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// All values, column after column.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The columns.
    pub fn by_column(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.rows.max(1))
    }

    /// Sum of weight times value over the columns, for each row.
    pub fn scores(&self, weights: &[f64]) -> Vec<f64> {
        let mut scores = vec![0.0; self.rows];
        for (column, weight) in self.by_column().zip(weights) {
            scores.iter_mut().zip(column).for_each(|(score, x)| *score += weight * x);
        }
        scores
    }

    /// Sum of factor times value over the rows, for each column.
    pub fn sums(&self, factors: &[f64]) -> Vec<f64> {
        self.by_column().map(|column| column.iter().zip(factors).map(|(x, factor)| x * factor).sum()).collect()
    }

    /// Some rows, in the order given.
    pub fn gather(&self, rows: &[u32]) -> Matrix {
        let pick = |column: &[f64]| rows.iter().map(|row| column[*row as usize]).collect::<Vec<f64>>();
        Matrix::new(rows.len(), self.by_column().map(pick))
    }

    /// Some columns, in the order given.
    pub fn columns_of(&self, columns: &[usize]) -> Matrix {
        let from = |column: &usize| self.values[column * self.rows..(column + 1) * self.rows].to_vec();
        Matrix::new(self.rows, columns.iter().map(from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_and_picks() {
        let matrix = Matrix::new(3, [vec![1.0, 2.0, 3.0], vec![10.0, 20.0, 30.0]]);
        assert_eq!(matrix.scores(&[2.0, 0.5]), [7.0, 14.0, 21.0]);
        assert_eq!(matrix.sums(&[1.0, 0.0, 1.0]), [4.0, 40.0]);
        assert_eq!(matrix.gather(&[2, 0]), Matrix::new(2, [vec![3.0, 1.0], vec![30.0, 10.0]]));
        assert_eq!(matrix.columns_of(&[1]), Matrix::new(3, [vec![10.0, 20.0, 30.0]]));
        assert_eq!((matrix.rows(), matrix.columns()), (3, 2));
    }
}
