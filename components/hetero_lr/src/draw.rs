//! What is made of uniform random numbers: standard normal ones. Not for: where they come from ([`crate::secret`],
//! [`crate::mersenne`]).

/// A source of uniform random numbers.
pub trait Draw {
    /// A number in [0, 1) with 53 random bits.
    fn unit(&mut self) -> f64;
}

/// `count` standard normal numbers by the polar method (G. Marsaglia, T. Bray, 1964), in the order in which numpy's
/// `RandomState.randn` gives them.
pub fn normals(source: &mut dyn Draw, count: usize) -> Vec<f64> {
    let mut all = Vec::with_capacity(count + 1);
    while all.len() < count {
        let (a, b) = (2.0 * source.unit() - 1.0, 2.0 * source.unit() - 1.0);
        let square = a * a + b * b;
        if square > 0.0 && square < 1.0 {
            let factor = (-2.0 * square.ln() / square).sqrt();
            all.extend([factor * b, factor * a]);
        }
    }
    all.truncate(count);
    all
}
