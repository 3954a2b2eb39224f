//! Order, depth and cycles of a graph of components, given as the upstream of each. Not for: what the components are.

use std::collections::{BTreeSet, VecDeque};

/// A graph in which every component comes after its upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// The components; among those that are ready, the first of the DSL comes first.
    pub(crate) order: Vec<usize>,
    /// Longest way from a source, of each component.
    pub(crate) depth: Vec<usize>,
}

/// Orders a graph (Kahn), or names its cycles: each as the components on the way, the first not repeated at the end.
/// Every component that lies on a cycle is in at least one of them.
pub(crate) fn order(upstream: &[Vec<usize>]) -> Result<Order, Vec<Vec<usize>>> {
    let downstream = reverse(upstream);
    let mut missing: Vec<usize> = upstream.iter().map(Vec::len).collect();
    let mut ready: BTreeSet<usize> = (0..upstream.len()).filter(|i| missing[*i] == 0).collect();
    let mut order = Vec::with_capacity(upstream.len());
    let mut depth = vec![0; upstream.len()];
    while let Some(next) = ready.pop_first() {
        order.push(next);
        for &after in &downstream[next] {
            depth[after] = depth[after].max(depth[next] + 1);
            missing[after] -= 1;
            if missing[after] == 0 {
                ready.insert(after);
            }
        }
    }
    if order.len() == upstream.len() {
        return Ok(Order { order, depth });
    }
    let left: Vec<bool> = missing.iter().map(|count| *count > 0).collect();
    Err(cycles(&downstream, &left))
}

/// The upstream as downstream, and the other way round.
fn reverse(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut reversed = vec![Vec::new(); edges.len()];
    for (to, sources) in edges.iter().enumerate() {
        for &from in sources {
            reversed[from].push(to);
        }
    }
    reversed
}

/// A shortest cycle through each component that lies on one and is not on a cycle found before.
fn cycles(downstream: &[Vec<usize>], left: &[bool]) -> Vec<Vec<usize>> {
    let mut covered = vec![false; left.len()];
    let mut found = Vec::new();
    for start in (0..left.len()).filter(|i| left[*i]) {
        if covered[start] {
            continue;
        }
        if let Some(cycle) = shortest_cycle(start, downstream, left) {
            for &member in &cycle {
                covered[member] = true;
            }
            found.push(cycle);
        }
    }
    found
}

/// Breadth first from `start` back to it.
fn shortest_cycle(start: usize, downstream: &[Vec<usize>], left: &[bool]) -> Option<Vec<usize>> {
    let mut before: Vec<Option<usize>> = vec![None; left.len()];
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for &next in downstream[at].iter().filter(|next| left[**next]) {
            if next == start {
                return Some(way(start, at, &before));
            }
            if before[next].is_none() {
                before[next] = Some(at);
                queue.push_back(next);
            }
        }
    }
    None
}

fn way(start: usize, end: usize, before: &[Option<usize>]) -> Vec<usize> {
    let mut way = vec![end];
    let mut at = end;
    while at != start {
        match before[at] {
            Some(previous) => at = previous,
            None => break,
        }
        way.push(at);
    }
    way.reverse();
    way
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn sources_first_and_the_dsl_decides_among_equals() {
        let made = order(&[vec![2], vec![], vec![], vec![0, 1]]).unwrap();
        assert_eq!(made.order, [1, 2, 0, 3]);
        assert_eq!(made.depth, [1, 0, 0, 2]);
        assert_eq!(order(&[]).unwrap().order, Vec::<usize>::new());
    }

    #[test]
    fn cycles_are_named_in_their_order() {
        // 0 -> 1 -> 2 -> 0, and 3 behind it.
        assert_eq!(order(&[vec![2], vec![0], vec![1], vec![2]]), Err(vec![vec![0, 1, 2]]));
        assert_eq!(order(&[vec![0]]), Err(vec![vec![0]]));
    }

    #[test]
    fn every_component_on_a_cycle_is_named() {
        // Two that share component 0, one apart, and 5 between two cycles.
        let upstream = [vec![1, 2], vec![0], vec![0], vec![4, 5], vec![3], vec![0]];
        assert_eq!(order(&upstream), Err(vec![vec![0, 1], vec![2, 0], vec![3, 4]]));
    }
}
