//! Who is left of whom in a layer, so that few lines cross. Not for: how far from each other (`place`).

use super::Net;

/// Times that all layers are put in order.
const ROUNDS: usize = 12;
/// Most boxes and bends of which neighbours are tried in each other's place.
const MOST_EXCHANGED: usize = 1_200;

/// Orders the rows: each by the middle of what it is connected with, downwards and upwards in turn. The best of all
/// rounds counts.
pub(super) fn untangle(net: &mut Net) {
    let mut at = vec![0; net.up.len()];
    number(&net.rows, &mut at);
    let mut best = (crossings(net, &at), net.rows.clone());
    for round in 0..ROUNDS {
        if best.0 == 0 {
            break;
        }
        let downwards = round % 2 == 0;
        for step in 1..net.rows.len() {
            let row = if downwards { step } else { net.rows.len() - 1 - step };
            sort(net, row, downwards, &mut at);
        }
        if net.up.len() <= MOST_EXCHANGED {
            exchange(net, &mut at);
        }
        let found = crossings(net, &at);
        if found < best.0 {
            best = (found, net.rows.clone());
        }
    }
    net.rows = best.1;
}

fn number(rows: &[Vec<usize>], at: &mut [usize]) {
    for row in rows {
        for (place, vertex) in row.iter().enumerate() {
            at[*vertex] = place;
        }
    }
}

/// Sorts a row by the middle of what each is connected with above or below; who is not connected stays about where it
/// is.
fn sort(net: &mut Net, row: usize, downwards: bool, at: &mut [usize]) {
    let ends = if downwards { &net.up } else { &net.down };
    let middle = |vertex: usize| {
        let ends = &ends[vertex];
        if ends.is_empty() {
            return at[vertex] as f64;
        }
        ends.iter().map(|end| at[*end] as f64).sum::<f64>() / ends.len() as f64
    };
    let mut sorted: Vec<(f64, usize)> = net.rows[row].iter().map(|vertex| (middle(*vertex), *vertex)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (place, (_, vertex)) in sorted.iter().enumerate() {
        net.rows[row][place] = *vertex;
        at[*vertex] = place;
    }
}

/// Exchanges neighbours as long as that saves crossings.
fn exchange(net: &mut Net, at: &mut [usize]) {
    for row in 0..net.rows.len() {
        for left in 0..net.rows[row].len().saturating_sub(1) {
            let (one, other) = (net.rows[row][left], net.rows[row][left + 1]);
            let now = between(&net.up[one], &net.up[other], at) + between(&net.down[one], &net.down[other], at);
            let then = between(&net.up[other], &net.up[one], at) + between(&net.down[other], &net.down[one], at);
            if then < now {
                net.rows[row].swap(left, left + 1);
                at[one] = left + 1;
                at[other] = left;
            }
        }
    }
}

/// Crossings of the lines of two neighbours, given the other ends of the left one and of the right one.
fn between(left: &[usize], right: &[usize], at: &[usize]) -> usize {
    left.iter().map(|end| right.iter().filter(|other| at[**other] < at[*end]).count()).sum()
}

/// Crossings of all lines.
fn crossings(net: &Net, at: &[usize]) -> usize {
    let pairs = net.rows.windows(2);
    pairs.map(|pair| crossings_of(&pair[0], pair[1].len(), net, at)).sum()
}

/// Crossings between a row and the one below it: pairs of lines whose ends are the other way round, counted in a tree
/// of sums.
fn crossings_of(upper: &[usize], lower: usize, net: &Net, at: &[usize]) -> usize {
    let mut sums = vec![0_usize; lower + 1];
    let (mut lines, mut found) = (0, 0);
    for vertex in upper {
        let mut ends: Vec<usize> = net.down[*vertex].iter().map(|end| at[*end]).collect();
        ends.sort_unstable();
        for end in &ends {
            // Lines so far that end no further right.
            let (mut place, mut before) = (end + 1, 0);
            while place > 0 {
                before += sums[place];
                place &= place - 1;
            }
            found += lines - before;
        }
        for end in ends {
            let mut place = end + 1;
            while place <= lower {
                sums[place] += 1;
                place += place & place.wrapping_neg();
            }
            lines += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(layer: &[usize], edges: &[(usize, usize)]) -> Net {
        let mut net = Net::new(layer);
        edges.iter().for_each(|(from, to)| net.connect(*from, *to));
        net
    }

    fn count(net: &Net) -> usize {
        let mut at = vec![0; net.up.len()];
        number(&net.rows, &mut at);
        crossings(net, &at)
    }

    #[test]
    fn crossings_are_counted() {
        let crossed = net(&[0, 0, 0, 1, 1, 1], &[(0, 5), (1, 4), (2, 3)]);
        assert_eq!(count(&crossed), 3);
        assert_eq!(count(&net(&[0, 0, 1, 1], &[(0, 2), (0, 3), (1, 2), (1, 3)])), 1);
        assert_eq!(count(&net(&[0, 1, 1], &[(0, 1), (0, 2)])), 0);
    }

    #[test]
    fn what_can_be_untangled_is() {
        let mut crossed = net(&[0, 0, 0, 1, 1, 1, 2, 2, 2], &[(0, 5), (1, 4), (2, 3), (3, 8), (4, 7), (5, 6)]);
        untangle(&mut crossed);
        assert_eq!(count(&crossed), 0);
        let mut tree = net(&[0, 1, 1, 2, 2, 2, 2], &[(0, 1), (0, 2), (1, 4), (1, 6), (2, 3), (2, 5)]);
        untangle(&mut tree);
        assert_eq!(count(&tree), 0);
    }
}
