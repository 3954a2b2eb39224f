//! Interface `he`: homomorphic encryption by handles. The node computes; keys and ciphertexts never enter the component. Not
//! for: the arithmetic (`crypto`).

use std::sync::Arc;

use parcae_crypto::CryptoError;
use parcae_crypto::paillier::{Encrypted, KeyPair, PublicKey};
use wasmtime::component::Resource;

use crate::generated::parcae::component::{he, types::Error};
use crate::state::{Answer, Charge, State};

/// A pair of keys behind a handle.
pub struct Pair(KeyPair);
/// A public key behind a handle.
pub struct Key(pub(crate) Arc<PublicKey>);
/// Ciphertexts behind a handle, with the bytes that they are charged for.
pub struct Vector {
    pub(crate) value: Arc<Encrypted>,
    _charge: Charge,
}

/// Bytes of one ciphertext of a key.
fn width(key: &PublicKey) -> u64 {
    u64::from(key.bits()) / 4 + 32
}

impl State {
    /// Charges for `len` ciphertexts before they are made.
    fn room(&self, key: &PublicKey, len: u64) -> Result<Charge, Error> {
        self.charge(len.saturating_mul(width(key)))
    }

    /// Puts ciphertexts that are there already behind a handle.
    pub(crate) fn keep(&mut self, value: Result<Encrypted, CryptoError>) -> Answer<Resource<Vector>> {
        let value = match self.computed(value)? {
            Ok(value) => value,
            Err(e) => return Ok(Err(e)),
        };
        match self.room(value.key(), value.len() as u64) {
            Ok(charge) => Ok(Ok(self.handles.push(Vector { value: Arc::new(value), _charge: charge })?)),
            Err(e) => Ok(Err(e)),
        }
    }

    /// Makes `len` ciphertexts from a vector and puts them behind a handle.
    fn derive(
        &mut self,
        of: &Resource<Vector>,
        len: impl FnOnce(&Encrypted) -> u64,
        make: impl FnOnce(&Encrypted, &std::sync::atomic::AtomicBool) -> Result<Encrypted, CryptoError>,
    ) -> Answer<Resource<Vector>> {
        let value = self.handles.get(of)?.value.clone();
        let charge = match self.room(value.key(), len(&value)) {
            Ok(charge) => charge,
            Err(e) => return Ok(Err(e)),
        };
        match self.computed(make(&value, self.stop.flag()))? {
            Ok(made) => Ok(Ok(self.handles.push(Vector { value: Arc::new(made), _charge: charge })?)),
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
        match self.computed(KeyPair::generate(bits))? {
            Ok(pair) => Ok(Ok(self.handles.push(Pair(pair))?)),
            Err(e) => Ok(Err(e)),
        }
    }

    fn public(&mut self, pair: Resource<Pair>) -> wasmtime::Result<Resource<Key>> {
        let key = self.handles.get(&pair)?.0.public();
        Ok(self.handles.push(Key(key))?)
    }

    fn decrypt(&mut self, pair: Resource<Pair>, values: Resource<Vector>) -> Answer<Vec<f64>> {
        let values = self.handles.get(&values)?.value.clone();
        let plain = self.handles.get(&pair)?.0.decrypt(&values, self.stop.flag());
        self.computed(plain)
    }

    fn drop(&mut self, pair: Resource<Pair>) -> wasmtime::Result<()> {
        self.handles.delete(pair)?;
        Ok(())
    }
}

impl he::HostPublicKey for State {
    fn bits(&mut self, key: Resource<Key>) -> wasmtime::Result<u32> {
        Ok(self.handles.get(&key)?.0.bits())
    }

    fn encrypt(&mut self, key: Resource<Key>, values: Vec<f64>, scale: u32) -> Answer<Resource<Vector>> {
        let key = self.handles.get(&key)?.0.clone();
        let charge = match self.room(&key, values.len() as u64) {
            Ok(charge) => charge,
            Err(e) => return Ok(Err(e)),
        };
        match self.computed(key.encrypt(&values, scale, self.stop.flag()))? {
            Ok(made) => Ok(Ok(self.handles.push(Vector { value: Arc::new(made), _charge: charge })?)),
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
        let other = self.handles.get(&other)?.value.clone();
        self.derive(&v, same_len, |v, stop| v.add(&other, stop))
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
