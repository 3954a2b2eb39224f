//! Where the boxes and lines of a graph go: layers from top to bottom, few crossings, lines that go round boxes. The
//! same graph always has the same shape. Not for: drawing it (`graph`).

mod layers;
mod order;
mod place;

/// Most points at which lines go round boxes; lines beyond that go straight through.
const MOST_BENDS: usize = 6_000;

/// Sizes of what is laid out, in units of the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Width of a box.
    pub(super) width: f64,
    /// Height of a box.
    pub(super) height: f64,
    /// Between two boxes beside each other.
    pub(super) beside: f64,
    /// Between two layers.
    pub(super) below: f64,
    /// Around all.
    pub(super) margin: f64,
}

/// Where everything is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shape {
    /// Width of the whole.
    pub(super) width: f64,
    /// Height of the whole.
    pub(super) height: f64,
    /// Upper left corners of the boxes.
    pub(super) corners: Vec<(f64, f64)>,
    /// Points of the lines, in the order of the edges: a curve from the first to the second, a straight line to the
    /// third, a curve to the fourth and so on.
    pub(super) ways: Vec<Vec<(f64, f64)>>,
}

/// Lays a graph out that has so many boxes, and lines from a box to another one below it.
pub(super) fn shape(count: usize, edges: &[(usize, usize)], sizes: &Sizes) -> Shape {
    if count == 0 {
        return Shape::default();
    }
    let layer = layers::layers(count, edges);
    let mut net = Net::new(&layer);
    let bends = bend(&mut net, &layer, edges);
    order::untangle(&mut net);
    let x = place::place(&net, count, sizes);
    let left = (0..count).map(|vertex| x[vertex] - sizes.width / 2.0);
    let left = left.chain(x.iter().skip(count).copied()).fold(f64::INFINITY, f64::min);
    let x: Vec<f64> = x.iter().map(|x| (x - left + sizes.margin).round()).collect();
    let top = |layer: usize| sizes.margin + layer as f64 * (sizes.height + sizes.below);
    let way = |(&(from, to), bends): (&(usize, usize), &Vec<usize>)| {
        let mut way = vec![(x[from], top(layer[from]) + sizes.height)];
        for (step, bend) in bends.iter().enumerate() {
            let y = top(layer[from] + 1 + step);
            way.extend([(x[*bend], y), (x[*bend], y + sizes.height)]);
        }
        way.push((x[to], top(layer[to])));
        way
    };
    let right = (0..count).map(|vertex| x[vertex] + sizes.width / 2.0);
    let right = right.chain(x.iter().skip(count).copied()).fold(0.0, f64::max);
    Shape {
        width: right + sizes.margin,
        height: top(net.rows.len() - 1) + sizes.height + sizes.margin,
        corners: (0..count).map(|vertex| (x[vertex] - sizes.width / 2.0, top(layer[vertex]))).collect(),
        ways: edges.iter().zip(&bends).map(way).collect(),
    }
}

/// Boxes and bends in rows, with connections between neighbouring rows only.
#[derive(Clone, Debug, Default)]
struct Net {
    /// Boxes and bends from left to right, from top to bottom.
    rows: Vec<Vec<usize>>,
    /// Of each, those above it that it is connected with.
    up: Vec<Vec<usize>>,
    /// Of each, those below it.
    down: Vec<Vec<usize>>,
}

impl Net {
    fn new(layer: &[usize]) -> Net {
        let mut rows: Vec<Vec<usize>> = vec![Vec::new(); layer.iter().max().map_or(0, |last| last + 1)];
        for (vertex, layer) in layer.iter().enumerate() {
            rows[*layer].push(vertex);
        }
        Net { rows, up: vec![Vec::new(); layer.len()], down: vec![Vec::new(); layer.len()] }
    }

    fn connect(&mut self, upper: usize, lower: usize) {
        self.down[upper].push(lower);
        self.up[lower].push(upper);
    }

    fn add_bend(&mut self, row: usize) -> usize {
        let bend = self.up.len();
        self.up.push(Vec::new());
        self.down.push(Vec::new());
        self.rows[row].push(bend);
        bend
    }
}

/// Connects the boxes, with a bend in every row that a line passes; the bends of each line. Short lines come first,
/// should there be too many bends.
fn bend(net: &mut Net, layer: &[usize], edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut bends = vec![Vec::new(); edges.len()];
    let mut by_length: Vec<usize> = (0..edges.len()).filter(|at| layer[edges[*at].0] < layer[edges[*at].1]).collect();
    by_length.sort_by_key(|at| layer[edges[*at].1] - layer[edges[*at].0]);
    let mut made = 0;
    for at in by_length {
        let (from, to) = edges[at];
        made += layer[to] - layer[from] - 1;
        if made > MOST_BENDS {
            break;
        }
        let mut above = from;
        for row in layer[from] + 1..layer[to] {
            let bend = net.add_bend(row);
            net.connect(above, bend);
            bends[at].push(bend);
            above = bend;
        }
        net.connect(above, to);
    }
    bends
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes { width: 100.0, height: 40.0, beside: 20.0, below: 30.0, margin: 10.0 };

    #[test]
    fn a_diamond_is_one() {
        let made = shape(4, &[(0, 1), (0, 2), (1, 3), (2, 3)], &SIZES);
        assert_eq!(made.corners, [(70.0, 10.0), (10.0, 80.0), (130.0, 80.0), (70.0, 150.0)]);
        assert_eq!((made.width, made.height), (240.0, 200.0));
        assert_eq!(made.ways[0], [(120.0, 50.0), (60.0, 80.0)]);
    }

    #[test]
    fn a_long_line_goes_round_the_boxes() {
        let made = shape(3, &[(0, 1), (1, 2), (0, 2)], &SIZES);
        let way = &made.ways[2];
        assert_eq!(way.len(), 4);
        let (left, _) = made.corners[1];
        assert!(way[1].0 < left || way[1].0 > left + SIZES.width, "{made:?}");
    }

    #[test]
    fn a_box_alone_and_nothing_at_all_have_a_shape() {
        let alone = shape(1, &[], &SIZES);
        assert_eq!((alone.width, alone.height, alone.corners), (120.0, 60.0, vec![(10.0, 10.0)]));
        assert_eq!(shape(0, &[], &SIZES), Shape::default());
    }

    #[test]
    fn five_hundred_boxes_stay_within_bounds_and_apart() {
        let edges: Vec<(usize, usize)> =
            (1..500).flat_map(|to| [(to * 7 % to, to), (to / 2, to), (to / 3, to)]).filter(|(a, b)| a < b).collect();
        let made = shape(500, &edges, &SIZES);
        assert_eq!(made, shape(500, &edges, &SIZES), "it is always the same");
        for (at, (x, y)) in made.corners.iter().enumerate() {
            let inside = *x >= 0.0 && x + SIZES.width <= made.width && *y >= 0.0 && y + SIZES.height <= made.height;
            assert!(inside, "{at} at {x}, {y} of {} x {}", made.width, made.height);
            let overlap = |(ox, oy): &(f64, f64)| (ox - x).abs() < SIZES.width && (oy - y).abs() < SIZES.height;
            assert!(!made.corners[at + 1..].iter().any(overlap), "{at} covers another one");
        }
    }

    #[test]
    fn whoever_reads_from_all_before_it_does_not_make_it_endless() {
        let edges: Vec<(usize, usize)> = (0..300).flat_map(|to| (0..to).map(move |from| (from, to))).collect();
        let made = shape(300, &edges, &SIZES);
        assert_eq!((made.corners.len(), made.ways.len()), (300, edges.len()));
    }

    #[test]
    fn circles_do_no_harm() {
        let made = shape(3, &[(0, 1), (1, 0), (1, 2), (2, 2)], &SIZES);
        assert_eq!(made.ways.len(), 4);
    }
}
