//! How far from the left each box and bend is: near the middle of what it is connected with, and apart from its
//! neighbours. Not for: who is left of whom (`order`).

use super::{Net, Sizes};

/// Times that all rows are moved.
const ROUNDS: usize = 16;
/// How much more a bend wants to be in line than a box.
const STRAIGHT: f64 = 4.0;

/// Middles of all boxes, which are the first so many, and of the bends.
pub(super) fn place(net: &Net, boxes: usize, sizes: &Sizes) -> Vec<f64> {
    // Least distances from the first of each row.
    let least: Vec<Vec<f64>> = net.rows.iter().map(|row| distances(row, boxes, sizes)).collect();
    let mut x = vec![0.0; net.up.len()];
    for (row, least) in net.rows.iter().zip(&least) {
        let half = least.last().copied().unwrap_or(0.0) / 2.0;
        row.iter().zip(least).for_each(|(vertex, least)| x[*vertex] = least - half);
    }
    let rows = net.rows.len();
    for round in 0..=ROUNDS {
        for step in 0..rows {
            let at = if round % 2 == 0 { step } else { rows - 1 - step };
            let wishes: Vec<f64> = net.rows[at].iter().map(|vertex| wish(net, *vertex, round, &x)).collect();
            settle(&net.rows[at], &least[at], &wishes, boxes, &mut x);
        }
    }
    x
}

/// How far the middles of a row are at least from that of its first.
fn distances(row: &[usize], boxes: usize, sizes: &Sizes) -> Vec<f64> {
    let half = |vertex: usize| if vertex < boxes { sizes.width / 2.0 } else { 0.0 };
    let mut at = 0.0;
    let mut distances = vec![at];
    for pair in row.windows(2) {
        let beside = if pair.iter().all(|vertex| *vertex >= boxes) { sizes.beside / 2.0 } else { sizes.beside };
        at += half(pair[0]) + beside + half(pair[1]);
        distances.push(at);
    }
    distances
}

/// The middle of what is above, or below, or in the end of both; where it is when there is nothing.
fn wish(net: &Net, vertex: usize, round: usize, x: &[f64]) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    let mut add = |ends: &[usize]| {
        sum += ends.iter().map(|end| x[*end]).sum::<f64>();
        count += ends.len() as f64;
    };
    if round == ROUNDS || round.is_multiple_of(2) {
        add(&net.up[vertex]);
    }
    if round == ROUNDS || !round.is_multiple_of(2) {
        add(&net.down[vertex]);
    }
    if count > 0.0 { sum / count } else { x[vertex] }
}

/// Moves a row as near to its wishes as the distances allow: those that would be too near to each other move together.
fn settle(row: &[usize], least: &[f64], wishes: &[f64], boxes: usize, x: &mut [f64]) {
    // Each block: where it begins, its weight, how many are in it.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::with_capacity(row.len());
    for ((vertex, least), wish) in row.iter().zip(least).zip(wishes) {
        let mut block = (wish - least, if *vertex < boxes { 1.0 } else { STRAIGHT }, 1);
        while let Some(before) = blocks.pop_if(|before| before.0 > block.0) {
            let weight = before.1 + block.1;
            block = ((before.0 * before.1 + block.0 * block.1) / weight, weight, before.2 + block.2);
        }
        blocks.push(block);
    }
    let begins = blocks.iter().flat_map(|(begin, _, count)| std::iter::repeat_n(*begin, *count));
    for ((vertex, least), begin) in row.iter().zip(least).zip(begins) {
        x[*vertex] = begin + least;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { width: 10.0, height: 5.0, beside: 2.0, below: 5.0, margin: 0.0 };

    #[test]
    fn wishes_are_met_where_there_is_room() {
        let (row, least) = ([0, 1, 2], distances(&[0, 1, 2], 3, &SIZES));
        assert_eq!(least, [0.0, 12.0, 24.0]);
        let mut x = [0.0; 3];
        settle(&row, &least, &[0.0, 100.0, 200.0], 3, &mut x);
        assert_eq!(x, [0.0, 100.0, 200.0]);
        settle(&row, &least, &[50.0, 50.0, 50.0], 3, &mut x);
        assert_eq!(x, [38.0, 50.0, 62.0]);
        settle(&row, &least, &[0.0, 60.0, 60.0], 3, &mut x);
        assert_eq!(x, [0.0, 54.0, 66.0]);
    }
}
