//! Where the nodes of a tree stand: leaves side by side, each node in the middle above those below it. Not for: how
//! they look.

use std::collections::HashSet;

use super::model::{Node, by_id};

/// Nodes that are drawn; what is deeper is left out.
pub const MOST: usize = 255;

/// A node in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Index among the nodes.
    pub node: usize,
    /// Steps from the left: a leaf is one wide.
    pub x: f64,
    /// Steps from the root.
    pub depth: usize,
    /// Place of the node above, and whether this is its left one.
    pub above: Option<(usize, bool)>,
    /// There are nodes below that are not drawn.
    pub is_cut: bool,
}

/// A drawn tree: its nodes, the root first, and how wide and deep it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    /// The nodes.
    pub nodes: Vec<Placed>,
    /// Leaves side by side.
    pub width: usize,
    /// Nodes above each other.
    pub depth: usize,
}

/// Gives the nodes their places. What the root does not lead to is not there.
pub fn place(nodes: &[Node]) -> Drawn {
    let mut drawn = Drawn { nodes: spread(nodes), ..Drawn::default() };
    let count = drawn.nodes.len();
    let mut children: Vec<[Option<usize>; 2]> = vec![[None; 2]; count];
    for at in 0..count {
        if let Some((above, is_left)) = drawn.nodes[at].above {
            children[above][usize::from(!is_left)] = Some(at);
        }
        drawn.depth = drawn.depth.max(drawn.nodes[at].depth + 1);
    }
    // From left to right, each node behind those below it: a stack of nodes that waits for them.
    let mut stack: Vec<(usize, bool)> = if count == 0 { Vec::new() } else { vec![(0, false)] };
    while let Some((at, is_ready)) = stack.pop() {
        let below: Vec<usize> = children[at].iter().flatten().copied().collect();
        if below.is_empty() {
            drawn.nodes[at].x = drawn.width as f64;
            drawn.width += 1;
        } else if is_ready {
            let sum: f64 = below.iter().map(|below| drawn.nodes[*below].x).sum();
            drawn.nodes[at].x = sum / below.len() as f64;
        } else {
            stack.push((at, true));
            stack.extend(below.iter().rev().map(|below| (*below, false)));
        }
    }
    drawn
}

/// The nodes by depth from the root on, until there are too many.
fn spread(nodes: &[Node]) -> Vec<Placed> {
    let places = by_id(nodes);
    let mut seen: HashSet<usize> = HashSet::new();
    let mut spread: Vec<Placed> = Vec::new();
    if nodes.is_empty() {
        return spread;
    }
    seen.insert(0);
    spread.push(Placed { node: 0, x: 0.0, depth: 0, above: None, is_cut: false });
    let mut next = 0;
    while next < spread.len() {
        let (node, depth) = (spread[next].node, spread[next].depth);
        let below = nodes[node].below.map(|(left, right)| [(left, true), (right, false)]);
        for (id, is_left) in below.into_iter().flatten() {
            let Some(place) = places.get(&id).copied() else { continue };
            if spread.len() >= MOST {
                spread[next].is_cut = true;
            } else if seen.insert(place) {
                let above = Some((next, is_left));
                spread.push(Placed { node: place, x: 0.0, depth: depth + 1, above, is_cut: false });
            }
        }
        next += 1;
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::super::model::Kind;
    use super::*;

    fn node(id: u64, below: Option<(u64, u64)>) -> Node {
        let kind = if below.is_some() { Kind::Foreign } else { Kind::Leaf(vec![]) };
        Node { id, owner: String::new(), kind, below }
    }

    #[test]
    fn a_node_stands_in_the_middle_above_those_below_it() {
        let nodes = [node(0, Some((1, 2))), node(1, None), node(2, Some((3, 4))), node(3, None), node(4, None)];
        let drawn = place(&nodes);
        let at: Vec<(usize, f64, usize)> = drawn.nodes.iter().map(|one| (one.node, one.x, one.depth)).collect();
        assert_eq!(at, [(0, 0.75, 0), (1, 0.0, 1), (2, 1.5, 1), (3, 1.0, 2), (4, 2.0, 2)]);
        assert_eq!((drawn.width, drawn.depth), (3, 3));
    }

    #[test]
    fn odd_trees_end() {
        assert_eq!(place(&[]), Drawn::default());
        // Each points at the other, and at nodes that are not there.
        let round = [node(0, Some((1, 9))), node(1, Some((0, 1)))];
        assert_eq!(place(&round).nodes.len(), 2);
        let deep: Vec<Node> = (0..4000).map(|id| node(id, Some((2 * id + 1, 2 * id + 2)))).collect();
        let drawn = place(&deep);
        assert_eq!(drawn.nodes.len(), MOST);
        assert!(drawn.nodes.iter().any(|one| one.is_cut));
    }
}
