//! Bits behind the point of everything that is encrypted, in one place. Not for: the ciphertexts themselves.
//!
//! Every number that this component encrypts has the same scale, so that a ciphertext says nothing about its size and a
//! decoy looks like a row (FATE's ciphertexts carry an exponent in the clear that separates them).
//!
//! The budget, in bits:
//! - 40 for rows ([`SCALE`]): an error of 2^-41 a row, four orders below the 1e-8 that gradients may be off, and room for
//!   numbers up to 2^86 (the node encrypts integers below 2^126).
//! - 23 to 53 for features ([`feature_bits`]): 23 is FATE's default and costs half of what 53 does.
//! - 40 + 53 = 93 after a weighted sum, and 40 + 30 + 23 = 93 with sample weights: plain numbers up to 2^33 can still be
//!   added, such as batch size times alpha times a weight.
//! - a sum over 2^30 rows of products of 126 and 80 bits has 236 bits; a key of 1024 bits holds 1022.

/// Bits behind the point of forwards, half gradients, decoys and loss terms.
pub const SCALE: u32 = 40;

/// Bits behind the point of sample weights, which multiply the fore gradient.
pub const WEIGHT_BITS: u32 = 30;

/// Fewest bits that a weighted sum works with; coarser features are rounded before.
const LEAST: u32 = 23;

/// Most bits: a double of magnitude 1 holds no more.
const MOST: u32 = 53;

/// Bits behind the point of features in weighted sums, for a `floating_point_precision`.
pub fn feature_bits(precision: u32) -> u32 {
    precision.clamp(LEAST, MOST)
}

/// The same at a host party that multiplies a fore gradient whose scale grew by [`WEIGHT_BITS`]: more bits would leave no
/// room for the plain numbers that are added.
pub const WEIGHTED_FEATURE_BITS: u32 = LEAST;

/// `value` rounded to `bits` behind the point.
pub fn grid(value: f64, bits: u32) -> f64 {
    let unit = f64::from(bits).exp2();
    (value * unit).round() / unit
}

/// A feature as it enters a weighted sum: rounded when fewer bits are asked for than the sum works with.
pub fn feature(value: f64, precision: u32) -> f64 {
    if precision < LEAST { grid(value, precision) } else { value }
}

/// Columns of weights that together hold `values` to at least 46 bits behind the point when each is rounded to `bits`:
/// limb k counts 2^(-k bits). So the loss needs no finer weighted sum than the gradient.
pub fn limbs(values: &[f64], bits: u32) -> Vec<Vec<f64>> {
    if bits >= 2 * LEAST {
        return vec![values.to_vec()];
    }
    let unit = f64::from(bits).exp2();
    let high: Vec<f64> = values.iter().map(|v| grid(*v, bits)).collect();
    let low = values.iter().zip(&high).map(|(v, h)| (v - h) * unit).collect();
    vec![high, low]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_limbs_hold_what_one_cannot() {
        let values = [0.1, -31.4159265358979, 1e-7];
        let limbs = limbs(&values, 23);
        assert_eq!(limbs.len(), 2);
        for (i, value) in values.iter().enumerate() {
            let held = grid(limbs[0][i], 23) + grid(limbs[1][i], 23) * (-23f64).exp2();
            assert!((held - value).abs() < 1e-13, "{held} for {value}");
        }
        assert_eq!(super::limbs(&values, 53), vec![values.to_vec()]);
    }

    #[test]
    fn bits_are_bounded() {
        assert_eq!((feature_bits(0), feature_bits(23), feature_bits(64)), (23, 23, 53));
        assert_eq!(feature(0.3, 1), 0.5);
        assert_eq!(feature(0.3, 23), 0.3);
    }
}
