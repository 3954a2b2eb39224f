//! The logistic loss as its second-order Taylor polynomial at 0, which additively homomorphic encryption can evaluate (S. Hardy
//! and others, Private federated learning on vertically partitioned data, 2017): loss(z, y) = ln 2 - y z / 2 + z^2 / 8 with
//! labels y of +1 and -1, and d = z / 4 - y / 2 for its derivative. Not for: encryption.
//!
//! With z = z_g + z_h and the host's forward f = z_h / 4 (one host), the batch's sum splits into what the guest knows, what
//! the host knows, and one weighted sum of f, whose weights the guest knows:
//!
//! sum s loss = sum s (ln 2 - y z_g / 2 + z_g^2 / 8) + sum s z_h^2 / 8 + sum s (z_g - 2 y) f.

/// Probability of the positive class.
pub fn sigmoid(z: f64) -> f64 {
    if z >= 0.0 {
        1.0 / (1.0 + (-z).exp())
    } else {
        let e = z.exp();
        e / (1.0 + e)
    }
}

/// The guest's part of d: z_g / 4 - y / 2.
pub fn half_gradient(z: &[f64], y: &[f64]) -> Vec<f64> {
    z.iter().zip(y).map(|(z, y)| 0.25 * z - 0.5 * y).collect()
}

/// A host's part of d: z_h / 4.
pub fn forward(z: &[f64]) -> Vec<f64> {
    z.iter().map(|z| 0.25 * z).collect()
}

/// Weights of f in the loss: s (z_g - 2 y).
pub fn cross_weights(z: &[f64], y: &[f64], s: &[f64]) -> Vec<f64> {
    z.iter().zip(y).zip(s).map(|((z, y), s)| s * (z - 2.0 * y)).collect()
}

/// The guest's part of the sum: s (ln 2 - y z_g / 2 + z_g^2 / 8).
pub fn own_loss(z: &[f64], y: &[f64], s: &[f64]) -> f64 {
    let each = |((z, y), s): ((&f64, &f64), &f64)| s * (std::f64::consts::LN_2 - 0.5 * y * z + 0.125 * z * z);
    z.iter().zip(y).zip(s).map(each).sum()
}

/// A host's part, row by row: z_h^2 / 8.
pub fn squares(z: &[f64]) -> Vec<f64> {
    z.iter().map(|z| 0.125 * z * z).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up() {
        let (g, h) = ([0.3, -1.2, 2.0], [0.7, 0.1, -0.4]);
        let (y, s) = ([1.0, -1.0, 1.0], [1.0, 0.5, 1.5]);
        let f = forward(&h);
        let mut split = own_loss(&g, &y, &s);
        split += squares(&h).iter().zip(s).map(|(q, s)| s * q).sum::<f64>();
        split += cross_weights(&g, &y, &s).iter().zip(&f).map(|(u, f)| u * f).sum::<f64>();
        let z: Vec<f64> = g.iter().zip(h).map(|(g, h)| g + h).collect();
        assert!((split - own_loss(&z, &y, &s)).abs() < 1e-14);
        let d: Vec<f64> = half_gradient(&g, &y).iter().zip(&f).map(|(a, b)| a + b).collect();
        assert!(d.iter().zip(half_gradient(&z, &y)).all(|(a, b)| (a - b).abs() < 1e-15));
    }

    #[test]
    fn sigmoid_is_stable() {
        assert_eq!(sigmoid(0.0), 0.5);
        assert_eq!((sigmoid(-1000.0), sigmoid(1000.0)), (0.0, 1.0));
        assert!((sigmoid(2.0) + sigmoid(-2.0) - 1.0).abs() < 1e-15);
    }
}
