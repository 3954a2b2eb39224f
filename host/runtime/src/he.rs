//! Interface `he`: homomorphic encryption by handles. The node computes; keys and ciphertexts never enter the component. Not
//! for: the arithmetic (`crypto`).

use std::sync::Arc;

use parcae_crypto::paillier::{Encrypted, KeyPair, PublicKey};
use parcae_crypto::{CryptoError, Supervisor};
use wasmtime::component::Resource;

use crate::account::Charge;
use crate::generated::parcae::component::{he, types::Error};
use crate::state::{Answer, State};

/// A pair of keys behind a handle.
pub struct Pair {
    pair: KeyPair,
    memory: Arc<Charge>,
}
/// A public key behind a handle. What it is charged for is given back with the last handle that needs it.
pub struct Key {
    pub(crate) key: Arc<PublicKey>,
    pub(crate) memory: Arc<Charge>,
}
/// Ciphertexts behind a handle, with the bytes that they and their key are charged for.
pub struct Vector {
    pub(crate) value: Arc<Encrypted>,
    memory: Arc<Charge>,
    _charge: Charge,
}

/// Bytes of a key: most are its table of powers, 32 residues for each of up to 64 digits.
fn key_bytes(bits: u32) -> u64 {
    u64::from(bits) * 512 + (16 << 10)
}

/// Bytes of a plain number while it is worked with.
const INTEGER_BYTES: u64 = 16;

/// Bytes of one ciphertext of a key.
fn width(key: &PublicKey) -> u64 {
    u64::from(key.bits()) / 4 + 32
}

impl State {
    /// Charges for `len` ciphertexts before they are made.
    pub(crate) fn room(&self, key: &PublicKey, len: u64) -> Result<Charge, Error> {
        self.charge(len.saturating_mul(width(key)))
    }

    /// Puts ciphertexts that are there already behind a handle; `memory` is what their key is charged for.
    pub(crate) fn keep(&mut self, value: Encrypted, memory: Arc<Charge>) -> Answer<Resource<Vector>> {
        match self.room(value.key(), value.len() as u64) {
            Ok(charge) => self.hold(Vector { value: Arc::new(value), memory, _charge: charge }),
            Err(e) => Ok(Err(e)),
        }
    }

    /// Puts a public key behind a handle.
    pub(crate) fn hold_key(&mut self, key: Arc<PublicKey>) -> Answer<Resource<Key>> {
        match self.charge(key_bytes(key.bits())) {
            Ok(charge) => self.hold(Key { key, memory: Arc::new(charge) }),
            Err(e) => Ok(Err(e)),
        }
    }

    /// Makes `len` ciphertexts from a vector and puts them behind a handle.
    fn derive(
        &mut self,
        of: &Resource<Vector>,
        len: impl FnOnce(&Encrypted) -> u64,
        make: impl FnOnce(&Encrypted, &dyn Supervisor) -> Result<Encrypted, CryptoError>,
    ) -> Answer<Resource<Vector>> {
        let of = self.handles.get(of)?;
        let (value, memory) = (of.value.clone(), of.memory.clone());
        let charge = match self.room(value.key(), len(&value)) {
            Ok(charge) => charge,
            Err(e) => return Ok(Err(e)),
        };
        match self.computed(make(&value, &*self.meter))? {
            Ok(made) => self.hold(Vector { value: Arc::new(made), memory, _charge: charge }),
            Err(e) => Ok(Err(e)),
        }
    }
}

fn same_len(v: &Encrypted) -> u64 {
    v.len() as u64
}

impl he::Host for State {}

impl he::HostKeyPair for State {
    fn generate(&mut self, scheme: String, bits: u32) -> Answer<Resource<Pair>> {
        self.world()?;
        if scheme != "paillier" {
            return Ok(Err(Error::Invalid(format!("scheme {scheme:?} is not offered; paillier is"))));
        }
        let pair = match self.computed(KeyPair::generate_for(bits, &*self.meter))? {
            Ok(pair) => pair,
            Err(e) => return Ok(Err(e)),
        };
        match self.charge(key_bytes(bits)) {
            Ok(charge) => self.hold(Pair { pair, memory: Arc::new(charge) }),
            Err(e) => Ok(Err(e)),
        }
    }

    fn public(&mut self, pair: Resource<Pair>) -> wasmtime::Result<Resource<Key>> {
        let pair = self.handles.get(&pair)?;
        let key = Key { key: pair.pair.public(), memory: pair.memory.clone() };
        Ok(self.handles.push(key)?)
    }

    fn decrypt(&mut self, pair: Resource<Pair>, values: Resource<Vector>) -> Answer<Vec<f64>> {
        let values = self.handles.get(&values)?.value.clone();
        let plain = self.handles.get(&pair)?.pair.decrypt(&values, &*self.meter);
        self.computed(plain)
    }

    fn drop(&mut self, pair: Resource<Pair>) -> wasmtime::Result<()> {
        self.handles.delete(pair)?;
        Ok(())
    }
}

impl he::HostPublicKey for State {
    fn bits(&mut self, key: Resource<Key>) -> wasmtime::Result<u32> {
        Ok(self.handles.get(&key)?.key.bits())
    }

    fn encrypt(&mut self, key: Resource<Key>, values: Vec<f64>, scale: u32) -> Answer<Resource<Vector>> {
        let key = self.handles.get(&key)?;
        let (key, memory) = (key.key.clone(), key.memory.clone());
        let charge = match self.room(&key, values.len() as u64) {
            Ok(charge) => charge,
            Err(e) => return Ok(Err(e)),
        };
        match self.computed(key.encrypt(&values, scale, &*self.meter))? {
            Ok(made) => self.hold(Vector { value: Arc::new(made), memory, _charge: charge }),
            Err(e) => Ok(Err(e)),
        }
    }

    fn drop(&mut self, key: Resource<Key>) -> wasmtime::Result<()> {
        self.handles.delete(key)?;
        Ok(())
    }
}

impl he::HostEncrypted for State {
    fn len(&mut self, v: Resource<Vector>) -> wasmtime::Result<u32> {
        Ok(u32::try_from(self.handles.get(&v)?.value.len())?)
    }

    fn scale(&mut self, v: Resource<Vector>) -> wasmtime::Result<u32> {
        Ok(self.handles.get(&v)?.value.scale())
    }

    fn add(&mut self, v: Resource<Vector>, other: Resource<Vector>) -> Answer<Resource<Vector>> {
        let (left, right) = (self.handles.get(&v)?.value.clone(), self.handles.get(&other)?.value.clone());
        // The sum is made from the operand with more bits behind the point, and keeps that one's key alive.
        if left.scale() < right.scale() {
            return self.derive(&other, same_len, |other, stop| other.add(&left, stop));
        }
        self.derive(&v, same_len, |v, stop| v.add(&right, stop))
    }

    fn add_plain(&mut self, v: Resource<Vector>, values: Vec<f64>) -> Answer<Resource<Vector>> {
        self.derive(&v, same_len, |v, stop| v.add_plain(&values, stop))
    }

    fn multiply_plain(&mut self, v: Resource<Vector>, values: Vec<f64>, precision: u32) -> Answer<Resource<Vector>> {
        self.derive(&v, same_len, |v, stop| v.mul_plain(&values, precision, stop))
    }

    fn weighted_sums(
        &mut self,
        v: Resource<Vector>,
        weights: Vec<f64>,
        columns: u32,
        precision: u32,
    ) -> Answer<Resource<Vector>> {
        // What the sums are made in: weights as whole numbers, and two products a column.
        let key = self.handles.get(&v)?.value.key().clone();
        let products = u64::from(columns).saturating_mul(2 * width(&key));
        let _work = match self.charge(products.saturating_add(weights.len() as u64 * INTEGER_BYTES)) {
            Ok(work) => work,
            Err(e) => return Ok(Err(e)),
        };
        self.derive(&v, |_| u64::from(columns), |v, stop| v.weighted_sums(&weights, columns as usize, precision, stop))
    }

    fn sum(&mut self, v: Resource<Vector>) -> Answer<Resource<Vector>> {
        self.derive(&v, |_| 1, Encrypted::sum)
    }

    fn select(&mut self, v: Resource<Vector>, rows: Vec<u32>) -> Answer<Resource<Vector>> {
        self.derive(&v, |_| rows.len() as u64, |v, _| v.select(&rows))
    }

    fn concat(&mut self, v: Resource<Vector>, other: Resource<Vector>) -> Answer<Resource<Vector>> {
        let other = self.handles.get(&other)?.value.clone();
        let len = other.len() as u64;
        self.derive(&v, |v| same_len(v) + len, |v, _| Encrypted::concat(&[v, &other]))
    }

    fn drop(&mut self, v: Resource<Vector>) -> wasmtime::Result<()> {
        self.handles.delete(v)?;
        Ok(())
    }
}
