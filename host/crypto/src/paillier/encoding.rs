//! Floats to fixed-point integers and back, both rounded to the nearest, ties to even. Not for: signs modulo n.

use crate::CryptoError;
use crate::bn::Number;

/// Integers of plain values are below 2^126 in magnitude, so that they fit an `i128` with room for a carry.
const MAX_BITS: i32 = 126;

/// round(value * 2^scale) for every value.
///
/// # Errors
/// `NotFinite` or `TooLarge`, naming the first value that does not fit.
pub(super) fn encode_all(values: &[f64], scale: u32) -> Result<Vec<i128>, CryptoError> {
    let encode_at = |(index, &value): (usize, &f64)| {
        if !value.is_finite() {
            return Err(CryptoError::NotFinite { value, index });
        }
        encode(value, scale).ok_or(CryptoError::TooLarge { value, index, scale })
    };
    values.iter().enumerate().map(encode_at).collect()
}

/// round(value * 2^scale) for a finite value and a scale of at most 2048, or nothing when that needs more than 126 bits.
fn encode(value: f64, scale: u32) -> Option<i128> {
    let (mantissa, exponent) = parts(value);
    let shift = exponent + scale as i32;
    let magnitude = if mantissa == 0 || shift < -60 {
        // Below a half: the mantissa has at most 53 bits.
        0
    } else if shift < 0 {
        let (shift, mantissa) = (shift.unsigned_abs(), i128::from(mantissa));
        round_even(mantissa >> shift, mantissa & ((1 << shift) - 1), 1 << (shift - 1))
    } else if shift + (64 - mantissa.leading_zeros() as i32) > MAX_BITS {
        return None;
    } else {
        i128::from(mantissa) << shift
    };
    Some(if value.is_sign_negative() { -magnitude } else { magnitude })
}

/// A finite |value| as mantissa * 2^exponent (IEEE 754-2019, 3.4).
fn parts(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let (biased, fraction) = ((bits >> 52) & 0x7ff, bits & ((1 << 52) - 1));
    if biased == 0 { (fraction, -1074) } else { (fraction | (1 << 52), biased as i32 - 1075) }
}

/// `whole` + `rest` / (2 `half`), rounded.
fn round_even(whole: i128, rest: i128, half: i128) -> i128 {
    if rest > half || (rest == half && whole & 1 == 1) { whole + 1 } else { whole }
}

/// The float nearest to magnitude / 2^scale, or nothing when it is beyond the largest float. The scale is at most 2048.
///
/// The last place of the result is 2^(bits - 53 - scale), but never below 2^-1074; everything beneath is rounded away at
/// once, so that there is a single rounding however long the integer is.
pub(super) fn decode(magnitude: &Number, scale: u32) -> Option<f64> {
    let (bits, scale) = (magnitude.bits() as i32, scale as i32);
    let cut = (bits - 53).max(scale - 1074).max(0);
    if cut - scale > 971 {
        return None;
    }
    let mut bytes = magnitude.to_be_bytes();
    bytes.reverse();
    let mut mantissa = window(&bytes, cut as usize);
    if cut > 0 && rounds_up(&bytes, cut as usize, mantissa) {
        mantissa += 1;
    }
    let value = mantissa as f64 * power_of_two(cut - scale);
    value.is_finite().then_some(value)
}

/// The 64 bits of a little-endian number from bit `start`.
fn window(bytes: &[u8], start: usize) -> u64 {
    let mut wide = 0u128;
    for (place, byte) in bytes.iter().skip(start / 8).take(9).enumerate() {
        wide |= u128::from(*byte) << (8 * place);
    }
    (wide >> (start % 8)) as u64
}

/// Whether a little-endian number cut above its lowest `cut` bits, leaving `mantissa`, is rounded up.
fn rounds_up(bytes: &[u8], cut: usize, mantissa: u64) -> bool {
    let half = cut - 1;
    if window(bytes, half) & 1 == 0 {
        return false;
    }
    let below = bytes.iter().take(half / 8).any(|&byte| byte != 0)
        || bytes.get(half / 8).is_some_and(|&byte| byte & ((1 << (half % 8)) - 1) != 0);
    below || mantissa & 1 == 1
}

/// 2^exponent for an exponent from -1074 to 1023.
fn power_of_two(exponent: i32) -> f64 {
    if exponent >= -1022 {
        f64::from_bits(((exponent + 1023) as u64) << 52)
    } else {
        f64::from_bits(1 << (exponent + 1074))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: u128) -> Number {
        Number::from_be_bytes(&value.to_be_bytes())
    }

    #[test]
    fn encodes_to_the_nearest() {
        assert_eq!(encode(0.0, 40), Some(0));
        assert_eq!(encode(-0.0, 40), Some(0));
        assert_eq!(encode(1.5, 40), Some(3 << 39));
        assert_eq!(encode(-1.5, 0), Some(-2));
        assert_eq!(encode(2.5, 0), Some(2));
        assert_eq!(encode(0.5, 0), Some(0));
        assert_eq!(encode(0.500_000_1, 0), Some(1));
        assert_eq!(encode(1e-300, 100), Some(0));
        assert_eq!(encode(f64::from_bits(1), 1074), Some(1));
        assert_eq!(encode(1.0, 125), Some(1 << 125));
        assert_eq!(encode(1.0, 126), None);
        assert_eq!(encode(-1.0, 126), None);
        assert_eq!(encode(f64::MAX, 2048), None);
        assert_eq!(encode(0.1, 60), Some(0x0199_9999_9999_99A0));
    }

    #[test]
    fn names_the_value_that_does_not_fit() {
        let values = [1.0, 1e30, f64::NAN];
        let error = encode_all(&values, 52).unwrap_err();
        assert_eq!(error, CryptoError::TooLarge { value: 1e30, index: 1, scale: 52 });
        assert!(error.to_string().contains("1000000000000000000000000000000 at index 1"));
        let error = encode_all(&[0.0, f64::INFINITY], 0).unwrap_err();
        assert_eq!(error, CryptoError::NotFinite { value: f64::INFINITY, index: 1 });
    }

    #[test]
    fn every_float_returns_from_its_integer() {
        let mut seed = 1u64;
        for _ in 0..2000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let value = (seed as i64) as f64 / 2f64.powi((seed % 80) as i32);
            let Some(integer) = encode(value, 60) else { continue };
            let back = decode(&number(integer.unsigned_abs()), 60).unwrap();
            assert!((back - value.abs()).abs() <= value.abs() * 2f64.powi(-53) + 2f64.powi(-61), "{value}");
        }
    }

    #[test]
    fn long_integers_are_rounded_once() {
        let mut scratch = crate::bn::Scratch::new();
        let far = Number::power_of_two(700);
        assert_eq!(decode(&far, 700), Some(1.0));
        assert_eq!(decode(&far, 0), Some(2f64.powi(700)));
        // 2^53 + 1 is a tie and goes to the even 2^53; the least bit below it decides otherwise.
        let tie = far.times(&number((1 << 53) + 1), &mut scratch);
        assert_eq!(decode(&tie, 700), Some(9_007_199_254_740_992.0));
        let above = tie.plus(&Number::from_u64(1));
        assert_eq!(decode(&above, 700), Some(9_007_199_254_740_994.0));
        let odd = far.times(&number((1 << 53) + 3), &mut scratch);
        assert_eq!(decode(&odd, 700), Some(9_007_199_254_740_996.0));
    }

    #[test]
    fn the_ends_of_the_floats() {
        assert_eq!(decode(&Number::zero(), 40), Some(0.0));
        assert_eq!(decode(&Number::from_u64(1), 1074), Some(f64::from_bits(1)));
        assert_eq!(decode(&Number::from_u64(1), 1075), Some(0.0));
        assert_eq!(decode(&Number::from_u64(3), 1075), Some(f64::from_bits(2)));
        assert_eq!(decode(&Number::from_u64(1), 2000), Some(0.0));
        let largest = Number::power_of_two(1024).minus(&Number::power_of_two(971));
        assert_eq!(decode(&largest, 0), Some(f64::MAX));
        assert_eq!(decode(&Number::power_of_two(1024), 0), None);
        assert_eq!(decode(&Number::power_of_two(1024), 1), Some(2f64.powi(1023)));
        assert_eq!(decode(&Number::power_of_two(2000), 20), None);
    }
}
