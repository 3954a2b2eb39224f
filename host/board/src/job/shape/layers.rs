//! In which layer each box of a graph is. Not for: where in it (`order`, `place`).

/// The layer of each: below all that it has lines from, and no layer with many more boxes than others. Lines that
/// close a circle do not count.
pub(super) fn layers(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let depth = depths(count, edges);
    let mut above = vec![Vec::new(); count];
    for (from, to) in edges.iter().filter(|(from, to)| depth[*from] < depth[*to]) {
        above[*to].push(*from);
    }
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|vertex| (depth[*vertex], *vertex));
    let most = widest(count);
    let mut layer = vec![0; count];
    let mut filled: Vec<usize> = Vec::new();
    for vertex in order {
        let mut at = above[vertex].iter().map(|from| layer[*from] + 1).max().unwrap_or(0);
        while filled.get(at).is_some_and(|boxes| *boxes >= most) {
            at += 1;
        }
        if filled.len() <= at {
            filled.resize(at + 1, 0);
        }
        filled[at] += 1;
        layer[vertex] = at;
    }
    layer
}

/// Most boxes of a layer: many that do not depend on each other make a block rather than a line.
fn widest(count: usize) -> usize {
    (1..).find(|side| side * side >= count).unwrap_or(count).max(8)
}

/// Longest way from a box without lines into it.
fn depths(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut below = vec![Vec::new(); count];
    let mut missing = vec![0_usize; count];
    for (from, to) in edges.iter().filter(|(from, to)| from != to) {
        below[*from].push(*to);
        missing[*to] += 1;
    }
    let mut depth = vec![0; count];
    let mut done = vec![false; count];
    let mut ready: Vec<usize> = (0..count).filter(|vertex| missing[*vertex] == 0).collect();
    let mut next = 0;
    loop {
        while let Some(vertex) = ready.pop() {
            if std::mem::replace(&mut done[vertex], true) {
                continue;
            }
            for &after in below[vertex].iter().filter(|after| !done[**after]) {
                depth[after] = depth[after].max(depth[vertex] + 1);
                missing[after] -= 1;
                if missing[after] == 0 {
                    ready.push(after);
                }
            }
        }
        // What is left lies on circles or behind them: one is taken as if nothing led to it.
        while next < count && done[next] {
            next += 1;
        }
        if next == count {
            return depth;
        }
        ready.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_below_what_it_reads() {
        assert_eq!(layers(5, &[(0, 1), (1, 2), (0, 3), (2, 3)]), [0, 1, 2, 3, 0]);
    }

    #[test]
    fn many_beside_each_other_make_a_block() {
        let made = layers(100, &[]);
        assert_eq!(made.iter().max(), Some(&9));
        assert!((0..10).all(|layer| made.iter().filter(|at| **at == layer).count() == 10));
        assert_eq!(layers(8, &[]), [0; 8]);
    }

    #[test]
    fn circles_end() {
        assert_eq!(layers(3, &[(0, 1), (1, 2), (2, 0)]), [0, 1, 2]);
        assert_eq!(layers(1, &[(0, 0)]), [0]);
    }
}
