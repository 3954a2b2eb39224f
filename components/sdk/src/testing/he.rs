//! Interface `he` in native tests: plain numbers behind the handles, rounded as real ciphertexts are. A stand-in:
//! nothing is encrypted, and sums of more than 53 bits lose the last of them, which real ones keep. Not for: anything
//! but tests.

use super::world::draw;
use crate::Error;

/// Bits of a number as an integer.
const INTEGER_BITS: i32 = 126;

/// What tells keys apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    number: u64,
    /// Length of the modulus that a real one would have.
    pub(super) bits: u32,
}

/// A pair of keys. Only who made it can decrypt.
#[derive(Debug)]
pub struct KeyPair {
    key: Key,
}

impl KeyPair {
    /// Makes a pair. `scheme`: `paillier`. `bits`: length of the modulus, 1024 to 4096, a multiple of 256.
    pub fn generate(scheme: &str, bits: u32) -> Result<KeyPair, Error> {
        if scheme != "paillier" {
            return Err(Error::Invalid(format!("scheme {scheme:?} is not offered; paillier is")));
        }
        if !(1024..=4096).contains(&bits) || !bits.is_multiple_of(256) {
            let message = format!("key length of {bits} bits: a multiple of 256 from 1024 to 4096 is needed");
            return Err(Error::Invalid(message));
        }
        Ok(KeyPair { key: Key { number: draw(), bits } })
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey { key: self.key }
    }

    /// Decrypts. An error when the ciphertexts are of another key, or when a sum has outgrown the modulus.
    pub fn decrypt(&self, values: &Encrypted) -> Result<Vec<f64>, Error> {
        same_key(self.key, values.key)?;
        let most = f64::from(self.key.bits) - 2.0 - f64::from(values.scale);
        let outgrown = |value: &f64| !value.is_finite() || value.abs().log2() >= most;
        match values.values.iter().position(outgrown) {
            Some(index) => Err(Error::Invalid(format!("decrypted value at index {index}: overflow"))),
            None => Ok(values.values.clone()),
        }
    }
}

/// A public key. Send it with `federation::push_key`.
#[derive(Debug)]
pub struct PublicKey {
    key: Key,
}

impl PublicKey {
    /// From what was sent.
    pub(super) fn of(key: Key) -> PublicKey {
        PublicKey { key }
    }

    /// What is sent.
    pub(super) fn key(&self) -> Key {
        self.key
    }

    /// Length of the modulus, bits.
    pub fn bits(&self) -> u32 {
        self.key.bits
    }

    /// Encrypts each number at `scale` bits behind the point. Numbers must be finite and below 2^126 / 2^scale.
    pub fn encrypt(&self, values: &[f64], scale: u32) -> Result<Encrypted, Error> {
        check_scale(self.key, scale)?;
        Ok(Encrypted { key: self.key, scale, values: rounded(values, scale)? })
    }
}

/// A vector of ciphertexts of one key at one scale. All operations make a new one.
#[derive(Debug)]
pub struct Encrypted {
    key: Key,
    scale: u32,
    values: Vec<f64>,
}

impl Encrypted {
    /// One more handle.
    pub(super) fn copy(&self) -> Encrypted {
        self.with(self.scale, self.values.clone())
    }

    /// True when it was encrypted under this key.
    pub(super) fn is_under(&self, key: &PublicKey) -> bool {
        self.key == key.key
    }

    /// Length of the key's modulus.
    pub(super) fn bits(&self) -> u32 {
        self.key.bits
    }

    fn with(&self, scale: u32, values: Vec<f64>) -> Encrypted {
        Encrypted { key: self.key, scale, values }
    }

    /// Number of ciphertexts.
    #[allow(clippy::len_without_is_empty, reason = "the contract has no is-empty")]
    pub fn len(&self) -> u32 {
        self.values.len() as u32
    }

    /// Bits behind the point.
    pub fn scale(&self) -> u32 {
        self.scale
    }

    /// Entry by entry; same length and key.
    pub fn add(&self, other: &Encrypted) -> Result<Encrypted, Error> {
        same_key(self.key, other.key)?;
        same_len(other.values.len(), self.values.len())?;
        let sums = self.values.iter().zip(&other.values).map(|(a, b)| a + b).collect();
        Ok(self.with(self.scale.max(other.scale), sums))
    }

    /// Adds a plain number to each entry.
    pub fn add_plain(&self, values: &[f64]) -> Result<Encrypted, Error> {
        same_len(values.len(), self.values.len())?;
        let plain = rounded(values, self.scale)?;
        Ok(self.with(self.scale, self.values.iter().zip(plain).map(|(a, b)| a + b).collect()))
    }

    /// Multiplies each entry by round(v * 2^precision); the scale grows by `precision`. One value serves all entries.
    pub fn multiply_plain(&self, values: &[f64], precision: u32) -> Result<Encrypted, Error> {
        if values.len() != 1 {
            same_len(values.len(), self.values.len())?;
        }
        let scale = self.grown(precision)?;
        let factors = rounded(values, precision)?;
        let factor = |i: usize| if factors.len() == 1 { factors[0] } else { factors[i] };
        Ok(self.with(scale, self.values.iter().enumerate().map(|(i, value)| value * factor(i)).collect()))
    }

    /// For each column c of plain weights (`weights[c * len + i]`, that is column after column) the sum over i of
    /// entry i times round(weights * 2^precision). The result has one entry a column. Much faster than one
    /// multiplication a cell.
    pub fn weighted_sums(&self, weights: &[f64], columns: u32, precision: u32) -> Result<Encrypted, Error> {
        let rows = self.values.len();
        let needed = (columns as usize).saturating_mul(rows);
        same_len(weights.len(), needed)?;
        if rows == 0 && columns > 0 {
            return Err(Error::Invalid("encrypted values: no rows to sum".into()));
        }
        let scale = self.grown(precision)?;
        let weights = rounded(weights, precision)?;
        let sum = |column: &[f64]| column.iter().zip(&self.values).map(|(w, v)| w * v).sum::<f64>();
        Ok(self.with(scale, weights.chunks_exact(rows.max(1)).map(sum).collect()))
    }

    /// The sum of all entries, as a vector of one.
    pub fn sum(&self) -> Result<Encrypted, Error> {
        Ok(self.with(self.scale, vec![self.values.iter().sum()]))
    }

    /// Some entries, in the order given, repeats allowed.
    pub fn select(&self, rows: &[u32]) -> Result<Encrypted, Error> {
        let len = self.values.len();
        let entry = |row: &u32| {
            let value = self.values.get(*row as usize).copied();
            value.ok_or_else(|| Error::Invalid(format!("row {row} of {len} encrypted values")))
        };
        Ok(self.with(self.scale, rows.iter().map(entry).collect::<Result<_, Error>>()?))
    }

    /// This vector followed by another at the same scale and key.
    pub fn concat(&self, other: &Encrypted) -> Result<Encrypted, Error> {
        same_key(self.key, other.key)?;
        if self.scale != other.scale {
            return Err(Error::Invalid("encrypted values: parts of different scales".into()));
        }
        Ok(self.with(self.scale, self.values.iter().chain(&other.values).copied().collect()))
    }

    fn grown(&self, precision: u32) -> Result<u32, Error> {
        let scale = self.scale.saturating_add(precision);
        check_scale(self.key, scale)?;
        Ok(scale)
    }
}

fn same_key(one: Key, other: Key) -> Result<(), Error> {
    if one == other { Ok(()) } else { Err(Error::Invalid("encrypted values of another key".into())) }
}

fn same_len(left: usize, right: usize) -> Result<(), Error> {
    if left == right { Ok(()) } else { Err(Error::Invalid(format!("lengths: {left} against {right}"))) }
}

fn check_scale(key: Key, scale: u32) -> Result<(), Error> {
    let limit = key.bits / 2;
    if scale <= limit {
        return Ok(());
    }
    Err(Error::Invalid(format!("scale of {scale} bits: at most {limit} bits fit this key")))
}

/// Numbers with `scale` bits behind the point; what is not finite or too large is refused.
fn rounded(values: &[f64], scale: u32) -> Result<Vec<f64>, Error> {
    let bound = power_of_two(INTEGER_BITS - scale as i32);
    let round = |(index, value): (usize, &f64)| {
        if !value.is_finite() {
            return Err(Error::Invalid(format!("value {value} at index {index}: a finite number is needed")));
        }
        if *value != 0.0 && value.abs() >= bound {
            let message = format!("value {value} at index {index} is too large for a scale of {scale} bits");
            return Err(Error::Invalid(message));
        }
        Ok(grid(*value, scale))
    };
    values.iter().enumerate().map(round).collect()
}

fn power_of_two(exponent: i32) -> f64 {
    2f64.powi(exponent)
}

/// The nearest number with `scale` bits behind the point.
fn grid(value: f64, scale: u32) -> f64 {
    let unit = power_of_two(scale as i32);
    let whole = value * unit;
    // What is that large in units, or too small for a unit, has no bits that far behind the point.
    if unit.is_finite() && whole.is_finite() { whole.round_ties_even() / unit } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_as_ciphertexts_are() {
        assert_eq!([grid(0.3, 2), grid(-0.3, 2), grid(0.125, 2), grid(5.0, 0)], [0.25, -0.25, 0.0, 5.0]);
        assert_eq!(grid(0.1, 60), 0.1);
        assert!(rounded(&[1.0], 125).is_ok() && rounded(&[1.0], 126).is_err() && rounded(&[0.0], 126).is_ok());
    }

    #[test]
    fn sums_and_products_decrypt() {
        let pair = KeyPair::generate("paillier", 1024).unwrap();
        let values = pair.public().encrypt(&[1.5, -2.0], 20).unwrap();
        let sums = values.weighted_sums(&[2.0, 1.0, 0.0, -1.0], 2, 10).unwrap();
        assert_eq!((sums.len(), sums.scale()), (2, 30));
        assert_eq!(pair.decrypt(&sums).unwrap(), [1.0, 2.0]);
        let other = KeyPair::generate("paillier", 1024).unwrap();
        assert!(other.decrypt(&sums).is_err());
        assert_eq!(pair.decrypt(&values.sum().unwrap()).unwrap(), [-0.5]);
    }
}
