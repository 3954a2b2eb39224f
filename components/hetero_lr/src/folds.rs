//! Folds of a cross-validation as scikit-learn's `KFold` cuts them. Not for: running them ([`crate::cross`]).

/// Puts positions in random order.
pub type Shuffle<'a> = dyn FnMut(&mut [u32]) + 'a;

/// For each of `count` folds the positions of `rows` rows that validate, ascending; `shuffle` puts positions in random order
/// before they are cut. The first `rows % count` folds have one row more.
pub fn split(rows: usize, count: usize, shuffle: Option<&mut Shuffle<'_>>) -> Vec<Vec<u32>> {
    let mut order: Vec<u32> = (0..rows as u32).collect();
    if let Some(shuffle) = shuffle {
        shuffle(&mut order);
    }
    let mut from = 0;
    let mut folds = Vec::with_capacity(count);
    for fold in 0..count {
        let until = from + rows / count + usize::from(fold < rows % count);
        let mut part = order[from..until].to_vec();
        part.sort_unstable();
        folds.push(part);
        from = until;
    }
    folds
}

/// The positions below `rows` that are not in `part`, which ascends.
pub fn others(rows: usize, part: &[u32]) -> Vec<u32> {
    let mut skip = part.iter().peekable();
    (0..rows as u32).filter(|row| skip.next_if_eq(&row).is_none()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mersenne::Mersenne;

    /// `KFold(3).split(range(10))`, scikit-learn 1.9.
    #[test]
    fn blocks_without_shuffle() {
        assert_eq!(split(10, 3, None), [vec![0, 1, 2, 3], vec![4, 5, 6], vec![7, 8, 9]]);
    }

    /// `KFold(3, shuffle=True, random_state=1).split(range(10))`, scikit-learn 1.9.
    #[test]
    fn seeded_shuffle_is_scikit_learns() {
        let mut source = Mersenne::new(1);
        let folds = split(10, 3, Some(&mut |order: &mut [u32]| source.shuffle(order)));
        assert_eq!(folds, [vec![2, 4, 6, 9], vec![0, 1, 3], vec![5, 7, 8]]);
    }

    #[test]
    fn the_rest_of_a_fold() {
        assert_eq!(others(6, &[0, 3, 5]), [1, 2, 4]);
        assert_eq!(others(2, &[]), [0, 1]);
    }
}
